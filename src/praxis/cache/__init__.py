"""A cache of query results that never serves stale data."""
