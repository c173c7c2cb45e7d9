"""Rules about what is kept in a cache: for whom, for how long, and at what cost."""
