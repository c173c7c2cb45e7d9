"""What Django and its companions do with the classes of a project."""
