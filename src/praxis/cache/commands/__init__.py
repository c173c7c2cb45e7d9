"""What ``manage.py praxis_cache`` can do: one file a verb."""
