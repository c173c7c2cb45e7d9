"""Lua scripts by their hash, so that a call sends 40 bytes instead of the text."""

import hashlib
from typing import Final


class Script:
    """
    A Lua script that any server can be asked to run.

    Servers keep a script until they restart or are told to flush. One that has lost it says so
    before it runs anything; the text is then sent, which also teaches it anew.

    Args:
        text: The source, with ``KEYS`` and ``ARGV``. Give names in ``KEYS``, never in ``ARGV``:
            a cluster finds the node by them.
    """

    __slots__ = ("sha", "text")

    def __init__(self, text: str) -> None:
        self.text: Final = text.encode()
        self.sha: Final = hashlib.sha1(self.text, usedforsecurity=False).hexdigest().encode()

    def __repr__(self) -> str:
        return f"<Script {self.sha.decode()[:10]}>"
