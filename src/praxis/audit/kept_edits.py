"""
Edits kept between runs: where the text is the same, so is what is to be written into it.

To lay out a chain of calls its function is parsed and the chain written in several ways. That
costs more than everything else about a finding, and an unchanged file has the same ones each run.
"""

from collections.abc import Callable, Sequence

import msgspec

from praxis.audit.cache import Cache
from praxis.audit.findings import Edit

#: What is to be changed in a file for each request, by what was asked for; None: it cannot be.
_Known = dict[str, list[Edit] | None]
_KIND = "edits"


class KeptEdits:
    """What to edit in a file, by path and request; holds as long as the file's digest does."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._entries = cache.load(_KIND)
        self._decoder = msgspec.msgpack.Decoder(_Known)
        self._known: dict[str, tuple[str, _Known]] = {}
        self._changed: set[str] = set()

    def of(
        self, path: str, digest: str, asked: str, make: Callable[[], Sequence[Edit] | None]
    ) -> list[Edit] | None:
        """
        What *make* says, asked the first time only.

        Args:
            path: The one file that the edits are for, and that *make* looks into.
            digest: Of its content.
            asked: Everything else that *make* goes by.
            make: Works them out; None if it cannot be done.
        """
        known = self._of_file(path, digest)
        if asked not in known:
            made = make()
            known[asked] = None if made is None else [*made]
            self._changed.add(path)
        return known[asked]

    def store(self, paths: Sequence[str]) -> None:
        """Keep what is new for the next run, and nothing of files that are not in *paths*."""
        encode = msgspec.msgpack.encode
        changed = {
            path: (digest, encode(known))
            for path, (digest, known) in self._known.items()
            if path in self._changed
        }
        self._cache.store(_KIND, changed, self._entries.keys() - set(paths))

    def _of_file(self, path: str, digest: str) -> _Known:
        if path not in self._known:
            kept_digest, value = self._entries.get(path, ("", b""))
            known = self._decoder.decode(value) if kept_digest == digest else {}
            self._known[path] = digest, known
        return self._known[path][1]
