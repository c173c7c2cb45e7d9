"""Writing: rows saved one by one, or with more than has changed."""
