"""What was found, for people, programs and browsers."""
