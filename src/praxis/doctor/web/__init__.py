"""A running site as a browser meets it: one file a check."""
