"""The rules, a folder a subject, a file a rule; importing a module registers its rule."""
