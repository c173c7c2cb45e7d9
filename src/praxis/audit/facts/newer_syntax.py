"""Reading syntax that is newer than the running interpreter."""


def lower_to_running_interpreter(text: str) -> str | None:
    """Rewrite newer constructs as older ones of the same length; None where that fails."""
    del text
    return None
