"""What rules need to speak of an event: where rows go, who reads them, what mends it."""
