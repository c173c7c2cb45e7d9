"""What is noted of queries and rows while code is interpreted, for events to be made of."""
