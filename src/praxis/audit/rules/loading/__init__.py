"""Loading: relations and columns fetched ahead that do not arrive, or that nothing reads."""
