"""What is computed from queries, kept until something that it read is written."""
