"""PostgreSQL: one file a check."""
