"""What tests of a Django site need: a pytest plugin with real servers as fixtures."""
