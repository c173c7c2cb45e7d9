"""The commands of ``manage.py``; what they do is in the components."""
