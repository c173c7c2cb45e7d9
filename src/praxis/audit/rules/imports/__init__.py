"""Rules about what modules import, and when."""
