"""Redis and Valkey: one file a check."""
