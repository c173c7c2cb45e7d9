"""Databases: what a site wants of them beyond single queries."""
