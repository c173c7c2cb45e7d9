"""What runs within the process of Django's tests."""
