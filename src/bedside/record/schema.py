"""The tables of the record, once for both databases.

Only integers link the tables. `rid` numbers a resource for life, `seq` numbers every version in commit order, `tp` a
search parameter of one resource type (see parameters.py), `clock` is the instant of the type's main clinical date, and
`name` ids stand for system URIs, canonical units and display texts. The index tables hold nothing but their key, so
in SQLite they are WITHOUT ROWID and in PostgreSQL they are read by index-only scans.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

metadata = sa.MetaData()

Integer = sa.Integer()
Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real = sa.Float(53)
# Byte order everywhere: prefix searches are range scans and both databases sort alike.
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def _index_table(name: str, *columns: sa.Column[object]) -> sa.Table:
    """A table that is its own primary key: (leading columns..., rid)."""
    for column in columns:
        column.primary_key = True
        column.nullable = False
        column.autoincrement = False
    return sa.Table(name, metadata, *columns, sqlite_with_rowid=False)


resource = sa.Table(
    "resource",
    metadata,
    sa.Column("rid", Big, primary_key=True, autoincrement=False),
    sa.Column("type", Integer, nullable=False),
    sa.Column("id", Text, nullable=False),
    # The current version; NULL while the resource is only known because something refers to it.
    sa.Column("seq", Big),
    sa.Column("version", Integer, nullable=False),
    # NULL when there is nothing to find: deleted, or never written.
    sa.Column("clock", Big),
    sa.UniqueConstraint("type", "id", name="resource_by_id"),
)
sa.Index(
    "resource_by_clock",
    resource.c.type,
    resource.c.clock,
    resource.c.rid,
    sqlite_where=resource.c.clock.is_not(None),
    postgresql_where=resource.c.clock.is_not(None),
)

version = sa.Table(
    "version",
    metadata,
    sa.Column("seq", Big, primary_key=True, autoincrement=False),
    sa.Column("rid", Big, nullable=False),
    sa.Column("version", Integer, nullable=False),
    sa.Column("type", Integer, nullable=False),
    sa.Column("updated", Big, nullable=False),
    sa.Column("method", Integer, nullable=False),
    sa.Column(
        "body",
        sa.LargeBinary().with_variant(sqlite.BLOB(), "sqlite").with_variant(postgresql.BYTEA(), "postgresql"),
    ),
)
sa.Index("version_of_resource", version.c.rid, version.c.version, unique=True)
sa.Index("version_of_type", version.c.type, version.c.seq)

token = _index_table(
    "token",
    sa.Column("tp", Integer),
    sa.Column("code", Text),
    sa.Column("sys", Integer),  # name id of the system; 0 when there is none
    sa.Column("clock", Big),
    sa.Column("rid", Big),
)
sa.Index("token_of_resource", token.c.rid, token.c.tp)

label = _index_table(
    "label",
    sa.Column("tp", Integer),
    sa.Column("name", Integer),  # name id of the normalised display or text
    sa.Column("rid", Big),
)

ref = _index_table(
    "ref",
    sa.Column("target", Big),
    sa.Column("tp", Integer),
    sa.Column("clock", Big),
    sa.Column("rid", Big),
)
# From a resource to what it refers to: chains and _has that start from many sources.
sa.Index("ref_of_resource", ref.c.rid, ref.c.tp)

uri = _index_table(
    "uri",
    sa.Column("tp", Integer),
    sa.Column("value", Text),
    sa.Column("clock", Big),
    sa.Column("rid", Big),
)
sa.Index("uri_of_resource", uri.c.rid, uri.c.tp)

string = _index_table(
    "string",
    sa.Column("tp", Integer),
    sa.Column("norm", Text),
    sa.Column("rid", Big),
    sa.Column("exact", Text),  # empty when it equals norm
)
sa.Index("string_of_resource", string.c.rid, string.c.tp)

date = _index_table(
    "date",
    sa.Column("tp", Integer),
    sa.Column("low", Big),
    sa.Column("high", Big),  # exclusive
    sa.Column("rid", Big),
)
sa.Index("date_of_resource", date.c.rid, date.c.tp)
# The few intervals longer than a day: a walk through all others in order of `low` can stop a day too far.
_long = sa.text("high - low > 86400000000")
sa.Index("date_long", date.c.tp, date.c.high, date.c.low, sqlite_where=_long, postgresql_where=_long)

number = _index_table(
    "number",
    sa.Column("tp", Integer),
    sa.Column("low", Real),
    sa.Column("high", Real),  # equals low but for a Range
    sa.Column("rid", Big),
)
sa.Index("number_of_resource", number.c.rid, number.c.tp)

quantity = _index_table(
    "quantity",
    sa.Column("tp", Integer),
    sa.Column("dim", Integer),  # name id of the canonical UCUM unit; 0 in the row that holds the value as written
    sa.Column("low", Real),
    sa.Column("high", Real),
    sa.Column("rid", Big),
    sa.Column("sys", Integer),
    sa.Column("code", Text),
    sa.Column("unit", Text),
)
sa.Index("quantity_of_resource", quantity.c.rid, quantity.c.tp)

composite = _index_table(
    "composite",
    sa.Column("tp", Integer),
    sa.Column("code", Text),  # first component: token code, or reference as text
    sa.Column("sys", Integer),
    sa.Column("part", Integer),  # 2 or 3: which further component this row pairs with the first
    sa.Column("dim", Integer),
    sa.Column("low", Real),
    sa.Column("high", Real),
    sa.Column("code2", Text),
    sa.Column("sys2", Integer),
    sa.Column("element", Integer),  # which repetition of the element the pair came from
    sa.Column("rid", Big),
)

position = _index_table(
    "position",
    sa.Column("tp", Integer),
    sa.Column("latitude", Real),
    sa.Column("longitude", Real),
    sa.Column("rid", Big),
)

name = sa.Table(
    "name",
    metadata,
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    sa.Column("text", Text, nullable=False, unique=True),
)

# Custom search parameters: number, the SearchParameter they came from, and whether their index is complete.
parameter = sa.Table(
    "parameter",
    metadata,
    sa.Column("number", Integer, primary_key=True, autoincrement=False),
    sa.Column("url", Text, nullable=False),
    sa.Column("type", Text, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("definition", Text, nullable=False),
    sa.Column("state", Text, nullable=False),  # indexing, ready, retired
)

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("key", Text, primary_key=True),
    sa.Column("value", Text, nullable=False),
)

# How far each follower of the change feed has come (full text, jobs, later the columns).
follower = sa.Table(
    "follower",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("seq", Big, nullable=False),
)

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("kind", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("created", Big, nullable=False),
    sa.Column("detail", Text, nullable=False),
)

# What `bedside load` has committed of each source, so that a killed load resumes.
loaded = sa.Table(
    "loaded",
    metadata,
    sa.Column("source", Text, primary_key=True),
    sa.Column("part", Big, primary_key=True, autoincrement=False),
    sa.Column("resources", Big, nullable=False),
    sqlite_with_rowid=False,
)

# --- Terminology that a loader brought (docs/terminology.md). Within one system concepts are numbered from 0 so that
# what is below a concept is mostly one run of numbers; `id` is (number of the system << 24) + number of the concept.

Bytes = sa.LargeBinary().with_variant(sqlite.BLOB(), "sqlite").with_variant(postgresql.BYTEA(), "postgresql")

code_system = sa.Table(
    "code_system",
    metadata,
    sa.Column("id", Integer, primary_key=True, autoincrement=False),
    sa.Column("url", Text, nullable=False),
    sa.Column("version", Text, nullable=False),  # empty when it has none
    sa.Column("kind", Text, nullable=False),  # snomed, loinc, icd10, atc, rxnorm
    sa.Column("state", Text, nullable=False),  # loading, ready, retired
    sa.Column("source", Text, nullable=False),  # names, sizes and times of the files
    sa.Column("detail", Text, nullable=False),  # JSON: names, languages, properties, how many
)

concept = sa.Table(
    "concept",
    metadata,
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    sa.Column("system", Integer, nullable=False),
    sa.Column("code", Text, nullable=False),
    sa.Column("flags", Integer, nullable=False),
    sa.Column("display", Text, nullable=False),
    sa.Column("body", Bytes, nullable=False),  # parents, designations, properties; see record/terminology/tables
)
sa.Index("concept_by_code", concept.c.system, concept.c.code, unique=True)

# Only of concepts that have any: the numbers of the children, and of everything below as runs.
concept_below = sa.Table(
    "concept_below",
    metadata,
    sa.Column("id", Big, primary_key=True, autoincrement=False),
    sa.Column("children", Bytes, nullable=False),
    sa.Column("below", Bytes, nullable=False),
)

# The concepts that have a word, for text filters.
concept_word = sa.Table(
    "concept_word",
    metadata,
    sa.Column("system", Integer, primary_key=True, autoincrement=False),
    sa.Column("word", Text, primary_key=True),
    sa.Column("numbers", Bytes, nullable=False),
    sqlite_with_rowid=False,
)

# One property (or attribute relationship, or list of members) of all concepts that have it, as columns of numbers.
concept_column = sa.Table(
    "concept_column",
    metadata,
    sa.Column("system", Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", Text, primary_key=True),  # property, members, or what holds for the whole system
    sa.Column("code", Text, primary_key=True),
    sa.Column("content", Bytes, nullable=False),
    sqlite_with_rowid=False,
)
