"""The admin: what its lists and forms ask the database for, row by row."""
