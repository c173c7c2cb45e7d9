"""Tests that cannot pass with the cache, or our sessions, and why; each was read by a person."""

_UPDATE = (
    "It demands that the text of an UPDATE does not name a column. With the cache an UPDATE also "
    "asks for the old values of columns that readers have named."
)

_WRAPPERS = (
    "It demands that a connection has the execute wrappers of the test alone. With the cache it "
    "has that of the cache, too."
)

_METHODS = (
    "It lists every method that managers and querysets have. The cache adds those by which a "
    "query asks to be cached, or not to be."
)

_TABLE = "It looks for the session in Django's table. With ours it is in Redis."

EXPECTED = {
    "sessions_tests.tests.SessionMiddlewareTests.test_empty_session_saved": _TABLE,
    "basic.tests.ManagerTest.test_manager_methods": _METHODS,
    "backends.base.test_base.ExecuteWrapperTests.test_wrapper_connection_specific": _WRAPPERS,
    "get_or_create.tests.UpdateOrCreateTests."
    "test_update_only_defaults_and_pre_save_fields_when_local_fields": _UPDATE,
}
