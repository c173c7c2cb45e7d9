"""What names hold at a line: which queryset of which model, with what loaded."""
