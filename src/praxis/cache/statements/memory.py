"""What was found out about a text, remembered for the next time: within bounds."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

# At most MAX_REMEMBERED texts of at most MAX_REMEMBERED_CHARS are kept: 16 million characters in
# the worst case, and with the statements of a usual site one or two million.
MAX_REMEMBERED = 2048
MAX_REMEMBERED_CHARS = 8192

# Django names every savepoint anew: these texts would push out those that come again.
_UNIQUE = ("SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT ")

P = ParamSpec("P")
T = TypeVar("T")


def remembered(of: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """Ask *of* about a text once, unless it is long or does not come again."""
    known = lru_cache(MAX_REMEMBERED)(of)

    @wraps(of)
    def ask(text: str, /, *args: P.args, **options: P.kwargs) -> T:
        if len(text) > MAX_REMEMBERED_CHARS or text.startswith(_UNIQUE):
            return of(text, *args, **options)
        return known(text, *args, **options)  # type: ignore[arg-type]  # they are hashable

    ask.known = known  # type: ignore[attr-defined]  # for who asks how much there is
    return ask
