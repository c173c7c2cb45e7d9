"""
Words of writes that Redis was not told of, in a table of the database: an app of its own.

    INSTALLED_APPS = [..., "praxis", "praxis.cache.changes"]

Whoever writes while Redis is away leaves word of it in the same transaction, and so do triggers for
programs that know nothing of the cache. Readers look for words before they trust the cache.
"""
