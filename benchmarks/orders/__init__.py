"""A table of orders on PostgreSQL: what exports and bulk loads are measured with."""
