"""The sites of tests/trust/accounts."""

from tests.trust.accounts.conftest import any_site, key_folder, site

__all__ = ["any_site", "key_folder", "site"]
