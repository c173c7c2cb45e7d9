"""What code does: what names hold, what calls return, which rows are read where."""
