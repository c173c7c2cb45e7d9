"""A result of any work, kept as text."""

from dataclasses import dataclass

from praxis.cache.results.kept import Found, Terms, look

TERMS = Terms(ttl_s=60, wait_s=0)


@dataclass
class Answer:
    text: str
    is_kept: bool  # it was, or is now
    was_computed: bool
    reason: str = ""
    is_stale: bool = False


def computed(name, work, terms=TERMS):
    """What *work* answers, from the cache or else by doing it."""
    found = look(name.encode(), terms)
    if isinstance(found, Found):
        return Answer(found.payload.decode(), True, False, is_stale=found.is_stale)
    try:
        with found.collecting():
            text = repr(work())
    except BaseException:
        found.abandon()
        raise
    is_kept = found.keep(text.encode())
    return Answer(text, is_kept, True, found.reason)
