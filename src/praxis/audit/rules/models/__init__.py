"""Models and indexes: what a table holds, how it is found, and what hangs on it."""
