"""Rows of which there are few, as far as names tell."""

import re

from praxis.audit.flow.events import RelationsRead

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: What one thing or person has one, two or three of, by the last word of the model's name.
_FEW = frozenset({
    "address", "addresses", "alias", "attachment", "choice", "domain", "email", "guardian",
    "image", "interface", "ip", "language", "nic", "option", "parameter", "parent", "phone",
    "photo", "picture", "preference", "role", "setting", "settings", "translation", "variant",
    "website",
})  # fmt: skip


def is_handful(event: RelationsRead) -> bool:
    """Whether the rows are those of one other row, say, and their name tells that they are few."""
    words = _WORDS.findall(event.model[1])
    return event.few and bool(words) and words[-1].lower() in _FEW
