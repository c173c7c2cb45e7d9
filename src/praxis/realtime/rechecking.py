"""Whether a client still may, as the site says when its opening request is made again."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from praxis.realtime.answers import Scope
from praxis.realtime.authorising import ask
from praxis.realtime.channels import channels

if TYPE_CHECKING:
    from praxis.realtime.client import Client

logger = logging.getLogger("praxis.realtime")


class Recheck:
    """
    The question, for one client.

    Args:
        scope: Of its opening request: with the cookies that it had then, a user who has logged out
            since is not logged in.
        client: Whose channels are asked about.
    """

    __slots__ = ("_client", "_scope")

    def __init__(self, scope: Scope, client: "Client[Any]") -> None:
        self._scope: Final = scope
        self._client: Final = client

    async def __call__(self) -> list[str]:
        """Return the channels that it may not hear any more; none if the site fails to say."""
        names = list(self._client.channels)
        found = {name: channels().find(name) for name in names}
        known = [each for each in found.values() if each]
        answer = await asyncio.create_task(ask(self._scope, known))
        gone = [name for name in names if found[name] is None]
        if answer.response is None:
            return gone + answer.refused
        status = answer.response.status_code
        if status >= 500 or status == 429:  # it says nothing about the user
            logger.warning("Whether clients may still listen was answered %s.", status)
            return gone
        return names
