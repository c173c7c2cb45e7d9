"""What tasks wait in: one file a check."""
