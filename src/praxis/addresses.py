"""
Where a request comes from, as far as it can be trusted. No I/O.

Anybody can write anything into ``X-Forwarded-For``; each proxy adds the address that it was
connected from at the end. So the header is read from its end for as long as the one that spoke is
a proxy of ours, and the first other address is the client's.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from praxis.errors import SettingsError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
#: The name of who connects by a socket that has no addresses.
UNIX = "unix"
#: More entries than these were made up.
MAX_HOPS = 32


class Networks:
    """
    Addresses and networks by their names.

    Raises:
        SettingsError: if one of them is none.
    """

    __slots__ = ("_has_unix", "_networks")

    def __init__(self, names: Iterable[str], where: str) -> None:
        self._has_unix = False
        self._networks: list[Network] = []
        for name in names:
            if name == UNIX:
                self._has_unix = True
                continue
            try:
                self._networks.append(ip_network(name))
            except ValueError as error:
                raise SettingsError(
                    f"{where}: {error}. Write an address, or a network such as '10.0.0.0/8'."
                ) from error

    def __bool__(self) -> bool:
        return self._has_unix or bool(self._networks)

    def __contains__(self, address: Address | None) -> bool:
        """Whether *address* is one of them; None is who has none."""
        if address is None:
            return self._has_unix
        return any(address in network for network in self._networks)


def client_address(remote: str, forwarded: str, proxies: Networks) -> Address | None:
    """
    The address that a request comes from.

    Args:
        remote: Who is connected: ``REMOTE_ADDR``.
        forwarded: ``X-Forwarded-For``.
        proxies: Those whose word counts.

    Returns:
        The last address that is no proxy's; that of the last proxy, if the header ends there or
        goes on with what is no address; None for a socket without addresses.
    """
    spoke = read_address(remote)
    if not proxies or spoke not in proxies:
        return spoke
    for name in reversed(forwarded.split(",")[-MAX_HOPS:]):
        found = read_address(name)
        if found is None:
            return spoke
        spoke = found
        if spoke not in proxies:
            break
    return spoke


@lru_cache(maxsize=4096)
def read_address(text: str) -> Address | None:
    """The address that is written there, also with a port or in brackets; None if there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def counted_as(address: Address | None, ipv6_prefix: int) -> str:
    """
    The name under which an address counts.

    Whoever has one address of IPv6 has a whole network of them: 64 bits at least.
    """
    if address is None:
        return UNIX
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), ipv6_prefix), strict=False))
