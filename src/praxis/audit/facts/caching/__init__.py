"""Caches: keys, servers, and what is kept in them for whom."""
