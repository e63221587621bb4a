"""Who is who: accounts, passwords, passkeys, sessions and signing keys, in a store beside the record."""
