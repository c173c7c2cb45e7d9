"""What ``manage.py praxis_ratelimit`` does, a module for each word."""
