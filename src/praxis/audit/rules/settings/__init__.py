"""Mistakes in the settings that a site runs with."""
