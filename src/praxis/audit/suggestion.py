"""What somebody may have meant who named a rule that does not exist."""

from difflib import get_close_matches

from praxis.audit.registry import rules


def did_you_mean(name: str) -> str:
    """The rules that *name* may stand for, as the end of a message."""
    known = [rule.name for rule in rules()] + [rule.code.lower() for rule in rules()]
    close = get_close_matches(name.replace("-", "_").lower(), known, n=3)
    return f"; did you mean {' or '.join(close)}?" if close else "; `praxis rules` lists them"
