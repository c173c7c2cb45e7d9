"""The servers of one alias, each made when it is first needed."""

import ssl
from functools import partial
from typing import Final

from praxis.conf import RedisConfig
from praxis.errors import RedisUnavailableError, SettingsError
from praxis.redis.django_caches import read_cache
from praxis.redis.handshake import Handshake
from praxis.redis.node import Node
from praxis.redis.routes import Question, make_route, note_failure
from praxis.redis.targets import Address, Target, Topology, read_url


class Nodes:
    """
    Servers by their addresses.

    Attributes:
        target: What the settings say.
        route: Which of them has a key; they tell it of their failures.

    Raises:
        SettingsError: if they say nothing that can be used.
    """

    def __init__(self, config: RedisConfig, alias: str) -> None:
        self.target: Final = read_target(config, alias)
        self.route: Final = make_route(alias, self.target)
        self._config: Final = config
        self._alias: Final = alias
        self._tls: Final = _context(self.target, alias)
        self._known: dict[tuple[Address, bool], Node] = {}
        is_watched = self.target.topology is Topology.SENTINEL
        self._data = Handshake(
            self.target.login, database=self.target.database, demands_master=is_watched
        )
        self._sentinel = Handshake(self.target.sentinel_login, is_sentinel=True)

    def at(self, address: Address) -> Node:
        """Return a server that holds data."""
        return self._node(address, is_sentinel=False)

    def asked(self, question: Question) -> Node:
        """Return a server that is asked for the way."""
        return self._node(question.address, is_sentinel=question.is_sentinel)

    def _node(self, address: Address, *, is_sentinel: bool) -> Node:
        node = self._known.get((address, is_sentinel))
        if node is None:
            handshake = self._sentinel if is_sentinel else self._data
            note = _ignore if is_sentinel else partial(note_failure, self.route)
            node = Node(self._alias, address, self._config, handshake, self._tls, note)
            # Two threads may make one; all use the first.
            node = self._known.setdefault((address, is_sentinel), node)
        return node


def _ignore(_: RedisUnavailableError) -> None:
    """A Sentinel that fails says nothing of the master."""


def read_target(config: RedisConfig, alias: str) -> Target:
    """
    Return where the server of an alias is.

    Raises:
        SettingsError: naming the alias; never the address, which may hold a password.
    """
    if config.url is None:
        raise SettingsError(
            f"Redis {alias!r} has no address. "
            f"Write PRAXIS = {{'redis': {{{alias!r}: {{'url': 'redis://…'}}}}}}."
        )
    url = config.url.reveal()
    try:
        if url.startswith("cache:"):
            return read_cache(url.removeprefix("cache:"))
        return read_url(url)
    except SettingsError as error:
        raise SettingsError(f"Redis {alias!r}: {error}") from None


def _context(target: Target, alias: str) -> ssl.SSLContext | None:
    if target.tls is None:
        return None
    try:
        return target.tls.context()
    except OSError as error:
        raise SettingsError(
            f"Redis {alias!r}: the certificates of its address cannot be used: {error}."
        ) from error
