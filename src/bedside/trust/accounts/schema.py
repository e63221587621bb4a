"""The tables of the trust store: one text for SQLite and PostgreSQL. Nothing in them is a FHIR resource.

Times are whole seconds since 1970 in UTC. A column called `digest` keeps the SHA-256 of a secret, never the secret: who
reads a backup cannot sign in with it. `detail` is JSON.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE account (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, display TEXT NOT NULL, password TEXT,
            administrator BIGINT NOT NULL, created BIGINT NOT NULL, disabled BIGINT)""",
        """CREATE TABLE account_link (
            account TEXT NOT NULL REFERENCES account(id), reference TEXT NOT NULL, position BIGINT NOT NULL,
            PRIMARY KEY (account, reference))""",
        "CREATE INDEX account_link_reference ON account_link (reference)",
        """CREATE TABLE passkey (
            id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), public_key TEXT NOT NULL,
            counter BIGINT NOT NULL, label TEXT NOT NULL, created BIGINT NOT NULL, used BIGINT, suspended BIGINT)""",
        "CREATE INDEX passkey_account ON passkey (account)",
        # Challenges of passkeys and links that are sent to people: used once, soon, for one purpose.
        """CREATE TABLE once (
            digest TEXT PRIMARY KEY, purpose TEXT NOT NULL, detail TEXT NOT NULL, expires BIGINT NOT NULL)""",
        """CREATE TABLE attempt (
            subject TEXT PRIMARY KEY, failures BIGINT NOT NULL, began BIGINT NOT NULL, closed_until BIGINT NOT NULL)""",
        """CREATE TABLE session (
            id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), digest TEXT NOT NULL UNIQUE,
            previous TEXT UNIQUE, rotated BIGINT NOT NULL, seen BIGINT NOT NULL, began BIGINT NOT NULL,
            expires BIGINT NOT NULL, methods TEXT NOT NULL, ended BIGINT)""",
        "CREATE INDEX session_account ON session (account)",
    ),
    (
        """CREATE TABLE client (
            id TEXT PRIMARY KEY, status TEXT NOT NULL, secret_digest TEXT, detail TEXT NOT NULL,
            created BIGINT NOT NULL, decided BIGINT, decided_by TEXT)""",
        """CREATE TABLE client_assertion (
            client TEXT NOT NULL, jti TEXT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (client, jti))""",
        """CREATE TABLE launch (
            digest TEXT PRIMARY KEY, account TEXT NOT NULL, client TEXT NOT NULL, detail TEXT NOT NULL,
            expires BIGINT NOT NULL)""",
        # A request of an app that waits for a person to sign in and decide.
        """CREATE TABLE asking (
            digest TEXT PRIMARY KEY, detail TEXT NOT NULL, expires BIGINT NOT NULL, session TEXT,
            decision_digest TEXT)""",
        # What a person (or an approval, for a backend service) gave an app. Codes and tokens die with it.
        """CREATE TABLE authorization_given (
            id TEXT PRIMARY KEY, client TEXT NOT NULL, account TEXT, session TEXT, detail TEXT NOT NULL,
            created BIGINT NOT NULL, expires BIGINT NOT NULL, revoked BIGINT, revoked_why TEXT)""",
        "CREATE INDEX authorization_account ON authorization_given (account)",
        "CREATE INDEX authorization_client ON authorization_given (client)",
        """CREATE TABLE code (
            digest TEXT PRIMARY KEY, authorization_id TEXT NOT NULL, client TEXT NOT NULL, redirect_uri TEXT NOT NULL,
            challenge TEXT NOT NULL, expires BIGINT NOT NULL, used BIGINT)""",
        """CREATE TABLE token (
            digest TEXT PRIMARY KEY, kind TEXT NOT NULL, authorization_id TEXT NOT NULL, scope TEXT NOT NULL,
            issued BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT, revoked BIGINT)""",
        "CREATE INDEX token_authorization ON token (authorization_id)",
    ),
)
"""Each step is applied once and in order; steps are added, never changed."""

# What may be thrown away once it is past its time, and how long after (seconds). A used code is kept for a day more, so
# that its replay is still recognized.
KEPT = {
    "once": 0,
    "client_assertion": 0,
    "launch": 0,
    "asking": 0,
    "code": 86_400,
    "token": 86_400,
    "session": 86_400,
}
