"""What can be said of a function once all of it was interpreted."""
