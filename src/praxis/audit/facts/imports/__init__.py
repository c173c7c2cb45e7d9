"""What modules import, which file a dotted name means, and what goes round in circles."""
