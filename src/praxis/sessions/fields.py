"""A session as the fields of a hash, and which of them have changed. No I/O."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from praxis.conf import SessionsConfig
from praxis.errors import SessionValueError
from praxis.redis import Script
from praxis.sessions.values import CorruptValueError, packed, text_of, unpacked, value_of

logger = logging.getLogger("praxis.sessions")

SEE, SAVE, CHANGE, SNAPSHOT, LEAVE, MARK = (
    Script(files(__package__).joinpath(f"{name}.lua").read_text("utf-8"))
    for name in ("see", "save", "change", "snapshot", "leave", "mark")
)
#: What stands before a key of the session; other fields are ours.
DATA = b"="
#: When the session was made, by the server's clock; `save.lua` writes it.
MADE = b"#made"
#: The number of its last copy in the database; `snapshot.lua` writes it.
COPY = b"#copy"
#: When the device was seen the last time, likewise; `see.lua` writes it.
SEEN = "#seen"
#: The rights of the user at the login; that they have changed since; that it has another key now.
RIGHTS, ROTATE, LEFT = "#rights", "#rotate", "#left"
#: So long requests that are under way may still read a session that has another key now.
LEFT_MS = 10_000
#: So often it is noted that a device was seen.
SEEN_EVERY_S = 300
_DIGEST_BYTES = 16
#: By key what is stored; and what that means, before it is compressed.
Raw = dict[str, bytes]
Texts = dict[str, bytes]
#: Whose text stays what it is.
_IMMUTABLE = frozenset({str, int, float, bool, type(None)})


def key_of(session_key: str) -> bytes:
    """What a session is called in Redis: a digest, with which nobody can log in."""
    digest = blake2b(session_key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES)
    return b"praxis:s:" + digest.hexdigest().encode()


def read_fields(answer: Sequence[bytes]) -> tuple[Raw, dict[str, str]]:
    """The fields of the session's own, and ours, from the answer to ``HGETALL``."""
    own, ours = Raw(), dict[str, str]()
    for name, value in zip(answer[::2], answer[1::2], strict=True):
        if name[:1] == DATA:
            own[name[1:].decode("utf-8", "surrogatepass")] = value
        elif name not in {MADE, COPY}:
            ours[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    return own, ours


def is_seen_again(ours: Mapping[str, str], now_s: float) -> bool:
    """Whether it is time to note that the device was seen; the server looks at its own clock."""
    seen = ours.get(SEEN)
    return seen is not None and not now_s - _number(seen) < SEEN_EVERY_S


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def values_of(raw: Raw, settings: SessionsConfig) -> tuple[dict[str, Any], Texts]:
    """The values and their texts; a field that is none is left out, and told of."""
    values, texts = dict[str, Any](), Texts()
    for name, data in raw.items():
        try:
            text = unpacked(data, most_bytes=settings.max_bytes)
            values[name], texts[name] = value_of(text), text
        except CorruptValueError as error:
            logger.warning("A session has lost its %r, which is no value: %s", name, error)
            texts[name] = b""  # which no value has, so that it goes or is written anew
    return values, texts


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be stored, what is to go, and what all texts are then."""

    written: Raw
    gone: tuple[str, ...]
    texts: Texts

    @property
    def is_empty(self) -> bool:
        return not self.written and not self.gone

    def words(self, mode: str, ttl_ms: int, ours: Mapping[str, str]) -> list[bytes | int | str]:
        """The arguments of ``save.lua``."""
        words: list[bytes | int | str] = [mode, ttl_ms, len(self.written) + len(ours)]
        for name, data in self.written.items():
            words += (field_of(name), data)
        for name, text in ours.items():
            words += (name, text)
        return [*words, *map(field_of, self.gone)]


def changes(
    before: Texts,
    values: Mapping[Any, Any],
    settings: SessionsConfig,
    known: Mapping[str, Any] | None = None,
) -> Changes:
    """
    What has changed since the texts were *before*.

    A value that was changed inside counts as well.

    Args:
        before: By key what is stored.
        values: What is to be.
        settings: How long it may be, and what is compressed.
        known: The values that the texts were read as: the same text is not made of one again.

    Raises:
        SessionValueError: if a value cannot be kept, or all are too long together.
    """
    known = known or {}
    texts = {
        str(key): before[key]
        if type(one) in _IMMUTABLE and key in before and known.get(key, before) is one
        else text_of(one)
        for key, one in values.items()
    }
    size = sum(len(name) + len(text) for name, text in texts.items())
    if size > settings.max_bytes:
        longest = max(texts, key=lambda name: len(texts[name]))
        raise SessionValueError(
            f"A session of {size:,} bytes is longer than PRAXIS['sessions']['max_bytes'], "
            f"{settings.max_bytes:,}: {longest!r} alone has {len(texts[longest]):,}. Keep a key of "
            "it, and the rest in the database."
        )
    written = {
        name: packed(text, pack_above=settings.pack_above)
        for name, text in texts.items()
        if before.get(name) != text
    }
    return Changes(written, tuple(name for name in before if name not in texts), texts)


def field_of(name: str) -> bytes:
    """What a key of the session is called in its hash."""
    return DATA + name.encode("utf-8", "surrogatepass")
