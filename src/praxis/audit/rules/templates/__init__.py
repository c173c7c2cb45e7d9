"""Templates: what they ask the database for while they are rendered."""
