"""Tables for the concepts of code systems that are loaded from their own files."""

from alembic import op

from bedside.record import schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = [
    schema.code_system,
    schema.concept,
    schema.concept_below,
    schema.concept_word,
    schema.concept_column,
]


def upgrade() -> None:
    # A new record has them already: the first revision makes the whole schema as it is today.
    schema.metadata.create_all(op.get_bind(), tables=_TABLES, checkfirst=True)


def downgrade() -> None:
    schema.metadata.drop_all(op.get_bind(), tables=_TABLES)
