"""Where Django calls the cache: before queries, around writes, at the end of transactions."""
