"""The record in PostgreSQL: for a hospital that runs one, and the only module that knows its driver.

Many threads read, through a few pooled connections; one writer at a time writes, over all processes, by an advisory
lock that its transaction holds. What a writer does without asking for an answer is sent in libpq's pipeline mode and
awaited once, at the next question or at the commit: a group commit is three round trips, whatever is in it. psycopg
gives the connection, the libpq calls and the decoding of results; statements are prepared here, by their text.
"""

from __future__ import annotations

import logging
import re
import select
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Literal, NoReturn

import psycopg
from psycopg import conninfo, pq
from psycopg.adapt import Transformer

from bedside.fhir.outcome import Unprocessable
from bedside.record import migrate
from bedside.record.errors import StoreBroken, StoreBusy, StoreFull
from bedside.record.postgres_format import arrays, encode, numbered
from bedside.record.postgres_session import CLOSED, LOST, Pool, PostgresError, PostgresReader, PostgresWriter, Table
from bedside.record.session import Row

log = logging.getLogger(__name__)

Key = tuple[str, tuple[int, ...]]
"""What a prepared statement is known by: its SQL and the types of its parameters (0 where the SQL tells)."""

_OLDEST = 140000
_READERS = 16
_STATEMENTS = 400
_CONNECT = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
    "application_name": "bedside",
    "client_encoding": "utf8",
}
_HOSTS = re.compile(r"[\w.,:/\[\]-]*")
_PORTS = re.compile(r"[0-9,]*")
_SETTINGS = (
    "SET jit = off",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    "SET lock_timeout = '60s'",
    "SET idle_in_transaction_session_timeout = '10min'",  # a writer that hangs must not hold the lock for ever
    "SET default_transaction_isolation = 'read committed'",
    # A statement may have been planned when a table was small, and tables grow by millions of rows in a load.
    "SET enable_seqscan = off",
)
_WRITER_SETTINGS = (*_SETTINGS, "SET enable_hashjoin = off", "SET enable_mergejoin = off")


def _error(sqlstate: str, message: str, sql: str) -> Exception:
    """What PostgreSQL said as one of our errors (appendix "PostgreSQL Error Codes" of its manual)."""
    match sqlstate:
        case "54000" | "22021" | "22P05":
            return Unprocessable(
                "A text in the resource is longer than the database can index, or not in its characters."
            )
        case "53100":
            return StoreFull("The disk that holds the record is full. Nothing of this request was kept.")
        case "55P03" | "57014" | "40001" | "40P01" | "53300" | "53400":
            return StoreBusy("The database is busy with other work and did not get to this. Try again.")
        case "25006":
            return StoreBroken("The database only allows reading now; it may be a standby. Nothing of this was kept.")
        case "42501" | "28000" | "28P01" | "3D000" | "53200" | "58030" | "XX001" | "XX002":
            return StoreBroken(f"The database cannot do its part ({message}). Nothing of this request was kept.")
    if sqlstate[:2] in ("08", "57"):
        return StoreBroken(f"{LOST}. Nothing of this request was kept.")
    return PostgresError(sqlstate, sql)


class Link:
    """One connection, used by one thread at a time. After a loss `alive` is false and every call raises."""

    def __init__(self, address: str, settings: Sequence[str]) -> None:
        self.driver = _connect(address)
        self.pg = self.driver.pgconn
        self._transformer = Transformer(self.driver)
        self._statements: OrderedDict[Key, bytes] = OrderedDict()
        self._seen: OrderedDict[Key, None] = OrderedDict()
        self._count = 0
        self._queue: list[str | None] = []  # the SQL of each result to come; None for a PREPARE
        self._unconfirmed: list[Key] = []
        self._lost = False
        self._poll = select.poll()
        self._poll.register(self.pg.socket, select.POLLIN)
        self.simple("; ".join(settings))

    @property
    def alive(self) -> bool:
        """Whether the connection can be used. Notices, without waiting, that the server has closed it."""
        if self._lost or self.pg.status != pq.ConnStatus.OK:
            return False
        try:
            # First comes what the server has to say, then the end.
            while not self._queue and self._poll.poll(0):
                self.pg.consume_input()
                if self.pg.status != pq.ConnStatus.OK:
                    return False
        except psycopg.Error:
            return False
        return True

    @property
    def in_transaction(self) -> bool:
        return self.pg.transaction_status != pq.TransactionStatus.IDLE

    def close(self) -> None:
        self.driver.close()

    # --- one statement, answered at once

    def simple(self, sql: str) -> None:
        """Statements without parameters, in one round trip."""
        self._checked(self._call(self.pg.exec_, sql.encode()), sql)

    def rows(self, sql: str, values: Sequence[Any]) -> list[Row]:
        encoded = [encode(value) for value in values]
        oids, formats, data = zip(*encoded, strict=True) if encoded else ((), (), ())
        return self._rows(sql, oids, data, formats)

    def rows_of_arrays(self, sql: str, types: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        """All rows of a query over `unnest` of columns of these types."""
        return self._rows(sql, (), *arrays(types, rows))

    def _rows(self, sql: str, oids: tuple[int, ...], data: Sequence[bytes | None], formats: Sequence[int]) -> list[Row]:
        key = (sql, oids)
        if self._queue:
            self._send(key, data, formats)
            return self._load(self.sync()[-1])
        name = self._statements.get(key)
        if name is None and key not in self._seen:
            # Searches come in many forms; only what comes back is worth preparing.
            self._seen[key] = None
            if len(self._seen) > _STATEMENTS:
                self._seen.popitem(last=False)
            result = self._call(self.pg.exec_params, numbered(sql), data, oids or None, formats, 1)
            return self._load(self._checked(result, sql))
        if name is None:
            name = self._name()
            self._checked(self._call(self.pg.prepare, name, numbered(sql), oids or None), sql)
            self._remember(key, name)
        else:
            self._statements.move_to_end(key)
        return self._load(self._checked(self._call(self.pg.exec_prepared, name, data, formats, 1), sql))

    def _load(self, result: pq.abc.PGresult) -> list[Row]:
        if not result.ntuples:
            return []
        self._transformer.set_pgresult(result)
        rows = self._transformer.load_rows(0, result.ntuples, tuple)
        self._transformer.set_pgresult(None)
        return rows

    def _checked(self, result: pq.abc.PGresult, sql: str) -> pq.abc.PGresult:
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            self._fail(result, sql)
        return result

    def _fail(self, result: pq.abc.PGresult, sql: str) -> NoReturn:
        state = result.error_field(pq.DiagnosticField.SQLSTATE)
        message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY) or b""
        severity = result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED)
        # Without a state it is libpq that speaks, of a connection that broke; after FATAL the server hangs up.
        if state is None or severity in (b"FATAL", b"PANIC"):
            self._break()
        raise _error(state.decode(), message.decode(errors="replace"), sql)

    def _break(self) -> NoReturn:
        self._lost = True
        raise StoreBroken(f"{LOST}. Nothing of this request was kept.") from None

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return function(*arguments)
        except psycopg.OperationalError:
            self._break()

    def _name(self) -> bytes:
        self._count += 1
        return b"b%d" % self._count

    def _remember(self, key: Key, name: bytes) -> None:
        self._statements[key] = name
        if len(self._statements) > _STATEMENTS:
            _, old = self._statements.popitem(last=False)
            if self._queue:
                self._put(self.pg.send_query_params, f"DEALLOCATE {old.decode()}".encode(), None, sql=None)
            else:
                self.simple(f"DEALLOCATE {old.decode()}")

    # --- many statements, answered together

    def queue(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Send a statement whose answer can wait for `sync`; an error appears there."""
        encoded = [encode(value) for value in values]
        self._send((sql, tuple([oid for oid, _, _ in encoded])), [v for _, _, v in encoded], [f for _, f, _ in encoded])

    def queue_arrays(self, sql: str, types: Sequence[str], rows: Sequence[Row]) -> None:
        """Send a statement over `unnest` of columns of these types."""
        self._send((sql, ()), *arrays(types, rows))

    def _send(self, key: Key, values: Sequence[bytes | None], formats: Sequence[int]) -> None:
        sql, oids = key
        name = self._statements.get(key)
        if name is None:
            name = self._name()
            self._put(self.pg.send_prepare, name, numbered(sql), oids or None, sql=None)
            self._unconfirmed.append(key)
            self._remember(key, name)
        else:
            self._statements.move_to_end(key)
        self._put(self.pg.send_query_prepared, name, values, formats, 1, sql=sql)

    def _put(self, send: Callable[..., None], *arguments: Any, sql: str | None) -> None:
        if not self._queue:
            self._call(self.pg.enter_pipeline_mode)
        self._call(send, *arguments)
        # Give it to the kernel if it takes it, so that the server works while the next is being encoded.
        self._call(self.pg.flush)
        self._queue.append(sql)

    def sync(self) -> list[pq.abc.PGresult]:
        """Wait for everything queued and return the results. Raises what the first of them failed with."""
        if not self._queue:
            return []
        queue, self._queue = self._queue, []
        self._call(self.pg.pipeline_sync)
        results: list[pq.abc.PGresult] = []
        failed: tuple[pq.abc.PGresult, str] | None = None
        for sql in (*queue, "sync"):
            result = self._next()
            if result is None:
                self._break()
            if result.status == pq.ExecStatus.FATAL_ERROR and failed is None:
                failed = result, sql or "PREPARE"
            results.append(result)
            if sql != "sync":
                self._next()  # the NULL that ends the results of one statement
        self._call(self.pg.exit_pipeline_mode)
        if failed is not None:
            for key in self._unconfirmed:
                self._statements.pop(key, None)
        self._unconfirmed.clear()
        if failed is not None:
            self._fail(*failed)
        return results[:-1]

    def _next(self) -> pq.abc.PGresult | None:
        """The next result. Waits with the interpreter released, which PQgetResult would not do."""
        pg = self.pg
        while pg.is_busy():
            if self._call(pg.flush):
                self._poll.modify(pg.socket, select.POLLIN | select.POLLOUT)
                self._poll.poll()
                self._poll.modify(pg.socket, select.POLLIN)
            else:
                self._poll.poll()
            self._call(pg.consume_input)
        return pg.get_result()


def _connect(address: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """Open a connection. Raises StoreBroken in words that show neither the address nor a password."""
    try:
        wanted = conninfo.conninfo_to_dict(address)
    except psycopg.Error:
        wanted = {}
    hosts, ports = str(wanted.get("host", "")), str(wanted.get("port", ""))
    # A password that is not encoded ends up in the wrong places, and libpq would quote those.
    if not wanted or address.count("@") > 1 or not _HOSTS.fullmatch(hosts) or not _PORTS.fullmatch(ports):
        raise StoreBroken(
            "The database address is not understood. It looks like postgresql://user:password@host:5432/name, with"
            " special characters in the password percent-encoded."
        )
    whole = conninfo.make_conninfo("", **{**_CONNECT, **wanted})
    try:
        return psycopg.connect(whole, autocommit=autocommit, prepare_threshold=None)
    except psycopg.Error as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        secrets = [str(wanted[key]) for key in ("password", "sslpassword") if wanted.get(key)]
        if any(secret in reason for secret in secrets):
            reason = type(error).__name__
        raise StoreBroken(f"The database cannot be reached: {reason}") from None


class PostgresStore:
    """A database of a PostgreSQL server, by its libpq address (`postgresql://user:password@host:5432/name`)."""

    dialect: Literal["postgresql"] = "postgresql"
    read_only = False
    inline_reads = False

    def __init__(self, address: str, *, readers: int = _READERS) -> None:
        """Connect, and make or update the schema. Raises StoreBroken when the server is out of reach, or is set up
        so that it could lose what it has acknowledged."""
        self._address = address
        self._local = threading.local()
        self._sessions: set[PostgresWriter] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._tables: dict[str, Table] = {}
        self._pool = Pool(lambda: Link(address, _SETTINGS), readers)
        with self._pool.link() as link:
            _examine(link)
        migrate.upgrade(self.reader(), "postgresql+psycopg://", lambda: _connect(address, autocommit=False))

    def _table(self, name: str) -> Table:
        """What is known of a table, read from the database's own catalogue once."""
        if name not in self._tables:
            found: dict[str, list[tuple[str, str, bool]]] = {}
            for table, *column in self.reader().rows(_CATALOGUE):
                found.setdefault(table, []).append(tuple(column))
            self._tables = {each: Table(each, columns) for each, columns in found.items()}
        return self._tables[name]

    def reader(self) -> PostgresReader:
        session: PostgresReader | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = PostgresReader(self._pool, self._table)
        return session

    def writer(self) -> PostgresWriter:
        if self._closed:
            raise StoreBroken(CLOSED)
        session = PostgresWriter(lambda: Link(self._address, _WRITER_SETTINGS), self._table)
        with self._lock:
            self._sessions.add(session)
        return session

    def close_session(self, session: Any) -> None:
        with self._lock:
            self._sessions.discard(session)
        session.close()

    def size(self) -> int:
        found: int = self.reader().rows("SELECT pg_database_size(current_database())")[0][0]
        return found

    def close(self) -> None:
        self._closed = True
        with self._lock:
            sessions, self._sessions = self._sessions, set()
        for session in sessions:
            session.close()
        self._pool.close()


_CATALOGUE = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(a.attnum = ANY(i.indkey), false)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND c.relnamespace <> 'pg_catalog'::regnamespace
      AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY c.relname, a.attnum
"""


def _examine(link: Link) -> None:
    """Refuse a server that could lose acknowledged writes or cannot hold every text. Raises StoreBroken."""
    if link.pg.server_version < _OLDEST:
        raise StoreBroken(f"PostgreSQL {_OLDEST // 10000} or newer is needed.")
    (fsync, encoding), *_ = link.rows("SELECT current_setting('fsync'), current_setting('server_encoding')", ())
    if fsync != "on":
        raise StoreBroken(
            "This PostgreSQL runs with fsync=off: after a loss of power, writes that were acknowledged would be gone."
            " Turn fsync on."
        )
    if encoding != "UTF8":
        raise StoreBroken(f"The database's encoding is {encoding}; it must be UTF8 to hold every FHIR string.")
    if link.rows("SELECT current_setting('full_page_writes')", ())[0][0] != "on":
        log.warning("PostgreSQL runs with full_page_writes=off, which is only safe on storage that never tears a page")
