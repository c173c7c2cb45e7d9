"""Templates: their tokens, names, tags and links, and what every one of them is given."""
