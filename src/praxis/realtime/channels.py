"""What channels there are, and what they are called. No I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.core.signals import setting_changed

from praxis.conf import ChannelConfig, config
from praxis.errors import ChannelError

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,199}", re.ASCII)
#: What events of our own are called, so that no channel is.
RESERVED: Final = "praxis."
_PART: Final = re.compile(r"\{([a-z_][a-z0-9_]*)\}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Channel:
    """
    A channel by its name, with what the settings say of it.

    Attributes:
        name: As published and subscribed.
        params: The parts of the name that stand in the braces of the pattern.
        config: What the settings say.
    """

    name: str
    params: Mapping[str, str]
    config: ChannelConfig


class Channels:
    """
    The channels of a site.

    Args:
        declared: By name or pattern what the settings say of them.

    Raises:
        ChannelError: naming a pattern that means nothing.
    """

    def __init__(self, declared: Mapping[str, ChannelConfig]) -> None:
        self._plain: dict[str, ChannelConfig] = {}
        self._patterns: list[tuple[re.Pattern[str], ChannelConfig]] = []
        for pattern, settings in declared.items():
            if _PART.search(pattern):
                self._patterns.append((_compile(pattern), settings))
            elif not NAME.fullmatch(pattern) or pattern.startswith(RESERVED):
                raise ChannelError(_mistake(pattern))
            else:
                self._plain[pattern] = settings

    def find(self, name: str) -> Channel | None:
        """Return a channel; None if none is declared that the name fits."""
        if (settings := self._plain.get(name)) is not None:
            return Channel(name, {}, settings)
        if not NAME.fullmatch(name) or name.startswith(RESERVED):
            return None
        for pattern, settings in self._patterns:
            if match := pattern.fullmatch(name):
                return Channel(name, match.groupdict(), settings)
        return None

    def demand(self, name: object) -> Channel:
        """
        Return a channel.

        Raises:
            ChannelError: if none is declared that the name fits.
        """
        found = self.find(name) if isinstance(name, str) else None
        if found is None:
            raise ChannelError(
                f"No channel is declared that {name!r} fits. Declare it: "
                'PRAXIS["realtime"]["channels"]["orders"] = {"authorise": …}, or with a part that '
                'varies as "user:{pk}".'
            )
        return found


@lru_cache(maxsize=1)
def channels() -> Channels:
    """
    Return the channels of the settings.

    Raises:
        ChannelError, SettingsError: if the settings are wrong.
    """
    return Channels(config().realtime.channels)


def _compile(pattern: str) -> re.Pattern[str]:
    plain = _PART.sub("x", pattern)
    names = _PART.findall(pattern)
    if not NAME.fullmatch(plain) or plain.startswith(RESERVED) or len(set(names)) < len(names):
        raise ChannelError(_mistake(pattern))
    pieces = _PART.split(pattern)  # text, name, text, name, …, text
    for index, piece in enumerate(pieces):
        pieces[index] = rf"(?P<{piece}>[A-Za-z0-9_.-]+)" if index % 2 else re.escape(piece)
    return re.compile("".join(pieces), re.ASCII)


def _mistake(pattern: str) -> str:
    return (
        f"{pattern!r} is no name of a channel: letters, digits, '_', '.', ':' and '-', at most 200 "
        f"of them, not beginning with {RESERVED!r}; parts that vary are {{name}}, each another one."
    )


def _forget(*, setting: str, **_: object) -> None:
    if setting == "PRAXIS":
        channels.cache_clear()


setting_changed.connect(_forget, dispatch_uid="praxis.realtime.channels")
