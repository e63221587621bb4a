"""How alembic reaches the database: one connection, one transaction, nothing logged.

Several servers may open a new record at once; the first makes the tables, the others wait and find them.
"""

from alembic import context
from sqlalchemy import create_engine, pool

from bedside.record.schema import metadata

url = context.config.get_main_option("sqlalchemy.url")
assert url is not None
connect = context.config.attributes.get("connect")
if url.startswith("sqlite"):
    # The driver is to begin nothing by itself, so that we can begin with the lock.
    engine = create_engine(url, poolclass=pool.NullPool, connect_args={"isolation_level": None, "timeout": 60})
else:
    engine = create_engine(url, poolclass=pool.NullPool, **({"creator": connect} if connect else {}))
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(4711, 1)")
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
