"""Django's best practices, made executable: find, mend, run, measure."""

__version__ = "0.1.0"
