"""Reading: queries that ask more often, or for more, than the code needs."""
