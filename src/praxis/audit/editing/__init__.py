"""Edits of one file in its own layout: applied, or made for calls and loggers."""
