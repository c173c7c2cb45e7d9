"""Views, fragments and functions: kept until something is written that they read."""
