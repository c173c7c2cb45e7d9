"""Transactions: what they hold open, what they lose, where they are missing."""
