"""How a `praxis.audit.outcome.Outcome` is told: one file a format."""
