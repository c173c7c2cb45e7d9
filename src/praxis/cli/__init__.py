"""The command ``praxis``: one file a verb."""
