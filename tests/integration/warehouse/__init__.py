"""An app whose models have a field of each kind, for exports and bulk loads."""
