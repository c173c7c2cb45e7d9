"""The admin: which models it shows, and what its pages show of related rows."""
