"""The books that are cached."""
