"""Transactions: what runs inside of one, and what a block does besides its queries."""
