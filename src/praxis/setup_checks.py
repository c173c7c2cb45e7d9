"""What the checks of the components have in common: whether their Redis has an address."""

from collections.abc import Iterator

from django.core.checks import CheckMessage, Error

from praxis.conf import Config

TAG = "praxis"


def without_address(
    whole: Config, alias: str, *, what: str, check_id: str, is_used: bool = True
) -> Iterator[CheckMessage]:
    """
    Name the server that a component is to use and that has no address.

    Args:
        whole: The settings.
        alias: The name of the server.
        what: How the message begins: what is done in it, up to "in the Redis".
        check_id: Of the message.
        is_used: Whether something needs the address; an alias that is not there is told anyway.
    """
    server = whole.redis.get(alias)
    if server is None or (is_used and server.url is None):
        yield Error(
            f"{what} the Redis {alias!r}, of which PRAXIS['redis'] has no address.",
            hint="Write PRAXIS['redis'] = {'url': …}. For development: praxis serve-redis",
            id=check_id,
        )
