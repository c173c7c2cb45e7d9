"""Libraries of template tags."""
