"""Which app a file belongs to: the first folder, below whatever folder holds nearly everything."""

from collections import Counter
from collections.abc import Mapping

TOP = "top level"
#: A folder with more than this part of the lines is the project itself (``src``), not an app.
_NEARLY_ALL = 0.8


class Apps:
    """
    The apps of a project.

    Args:
        line_counts: The lines of each file by path.
    """

    def __init__(self, line_counts: Mapping[str, int]) -> None:
        self._wrapper = ""
        inside = {path: count for path, count in line_counts.items() if count}
        total = sum(inside.values())
        while total:
            counts: Counter[str] = Counter()
            for path, count in inside.items():
                folder, slash, _ = path.removeprefix(self._wrapper).partition("/")
                if slash:
                    counts[folder] += count
            largest = counts.most_common(1)
            if not largest or largest[0][1] <= _NEARLY_ALL * total or len(inside) < 2:
                return
            self._wrapper += f"{largest[0][0]}/"
            inside = {path: n for path, n in inside.items() if path.startswith(self._wrapper)}

    def of(self, path: str) -> str:
        """The app's folder, relative to the project; `TOP` for files that are in none."""
        prefix = self._wrapper if path.startswith(self._wrapper) else ""
        folder, slash, _ = path.removeprefix(prefix).partition("/")
        return f"{prefix}{folder}" if slash else prefix.rstrip("/") or TOP
