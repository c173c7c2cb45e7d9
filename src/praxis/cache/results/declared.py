"""What was said to vary on dimensions, so that ``manage.py check`` can look at it."""

from collections.abc import Iterator

from praxis.cache.dimensions import dimension
from praxis.conf import config
from praxis.errors import DimensionError

#: Where, and on which dimensions.
_declared: dict[str, tuple[str, ...]] = {}


def declare(where: str, vary: tuple[str, ...]) -> None:
    """Note that what is kept *where* varies on these dimensions."""
    if vary:
        _declared[where] = vary


def mistaken_dimensions() -> Iterator[tuple[str, str]]:
    """Where a dimension is meant that there is not, or not as it is declared; and what is wrong."""
    said = dict(_declared)
    for pattern, view in config().cache.views.items():
        said[f"PRAXIS['cache']['views'][{pattern!r}]"] = view.vary
    for name in config().cache.dimensions:
        said[f"PRAXIS['cache']['dimensions'][{name!r}]"] = (name,)
    for where, names in said.items():
        for name in names:
            try:
                dimension(name)
            except DimensionError as error:
                yield where, str(error)
