"""How alembic reaches the database: one connection, one transaction, nothing logged."""

from alembic import context
from sqlalchemy import create_engine, pool

from bedside.record.schema import metadata

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None
connect = context.config.attributes.get("connect")
engine = create_engine(url, poolclass=pool.NullPool, **({"creator": connect} if connect else {}))
with engine.connect() as connection:
    if engine.dialect.name == "postgresql":
        # Two servers that start together must not both create the tables.
        connection.exec_driver_sql("SELECT pg_advisory_lock(4711, 1)")
        connection.commit()
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
