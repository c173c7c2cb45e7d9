"""Serializers: what an API asks the database for, row by row."""
