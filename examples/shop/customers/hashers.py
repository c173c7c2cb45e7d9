from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickPBKDF2PasswordHasher(PBKDF2PasswordHasher):
    """Keeps the login page quick on the small instances."""

    algorithm = "pbkdf2_sha256_quick"
    iterations = 2_000
