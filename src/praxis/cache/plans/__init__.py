"""What a text of SQL depends on and what it changes, worked out once for each text."""
