"""What a server's error means for whoever asked. No I/O."""

import re
from typing import NoReturn

from praxis.errors import RedisRefusedError, RedisReplyError, RedisUnavailableError
from praxis.redis.targets import Address

#: Redis 6 wraps what stopped a script: "ERR Error running script (…): @user_script:1: -OOM …".
WRAPPED = re.compile(r"ERR Error (?:running|compiling) script.*?: -?([A-Z]{3,}) ")
CODE = re.compile(r"-?([A-Z][A-Z0-9_]*)(?: |$)")

#: What may pass, with the next step. The server says all of these before it writes anything: of a
#: script, at its first write at the latest.
PASSING = {
    "LOADING": "It reads its data from disk; wait until it is done.",
    "BUSY": "A script runs for too long; end it with SCRIPT KILL.",
    "MASTERDOWN": "It is a replica that lost its master; repair the replication.",
    "READONLY": "It is a replica. After a fail-over this passes; else name the master.",
    "OOM": "Its memory is full: raise maxmemory, or choose a maxmemory-policy that evicts.",
    "MISCONF": "It cannot write to its disk; read its log.",
    "NOREPLICAS": "Too few replicas are connected for min-replicas-to-write; repair them.",
    "CLUSTERDOWN": "Nobody serves the slot of this key; look at CLUSTER INFO.",
    "TRYAGAIN": "The slot of this key is moving; try again.",
    "UNKILLABLE": "A script that wrote does not end; only SHUTDOWN NOSAVE ends it.",
    "WRONGPASS": "Correct the user and the password of the address.",
    "NOAUTH": "Write the password into the address: redis://:password@host.",
    "MAXCLIENTS": "Raise its maxclients, or use fewer processes and threads.",
    "MOVED": "Another node has this key. Reach a cluster by redis+cluster://.",
    "ASK": "Another node is taking over this key. Reach a cluster by redis+cluster://.",
}


class Refusal(Exception):  # noqa: N818 - an answer; what is raised is made of it
    """An error as the server sent it. hiredis hands it out as a value, also inside of lists."""

    @property
    def text(self) -> str:
        return str(self.args[0])

    @property
    def code(self) -> str:
        """The first word, also where Redis 6 hides it; ``ERR`` if there is none."""
        found = WRAPPED.match(self.text) or CODE.match(self.text)
        if found is None:
            return "ERR"
        if "max number of clients" in self.text:
            return "MAXCLIENTS"
        return found[1]


class RedirectedError(RedisRefusedError):
    """
    A cluster's node names the one that has the key.

    Attributes:
        to: That node.
        slot: The slot of the key.
        is_asking: Whether it is meant for this one call.
    """

    def __init__(self, message: str, *, code: str, alias: str, to: Address, slot: int) -> None:
        super().__init__(message, code=code, alias=alias, address=str(to))
        self.to = to
        self.slot = slot

    @property
    def is_asking(self) -> bool:
        return self.code == "ASK"


def raise_refusal(refusal: Refusal, alias: str, address: Address) -> NoReturn:
    """
    Raise what a server's error means.

    Raises:
        RedisRefusedError: it may pass, and the server did nothing.
        RedisReplyError: it will not pass by itself.
    """
    code = refusal.code
    if code not in PASSING:
        raise RedisReplyError(f"Redis {alias!r} at {address}: {refusal.text}", code=code)
    message = f"Redis {alias!r} at {address} refused: {refusal.text} {PASSING[code]}"
    if code in {"MOVED", "ASK"}:
        _, slot, to = refusal.text.split(" ")[:3]
        host, _, port = to.rpartition(":")
        if host in {"", "?"}:  # a node that does not know its name
            host = address.host
        place = Address(host.strip("[]"), int(port))
        raise RedirectedError(message, code=code, alias=alias, to=place, slot=int(slot))
    raise RedisRefusedError(message, code=code, alias=alias, address=str(address))


def broken(
    alias: str, address: Address | str, error: BaseException, *, may_have_run: bool, doing: str
) -> RedisUnavailableError:
    """Return what a failing connection means."""
    reason = str(error) or type(error).__name__
    fate = "It may have done what it was asked." if may_have_run else "It did nothing."
    return RedisUnavailableError(
        f"Redis {alias!r} at {address} failed {doing}: {reason}. {fate} "
        "See whether it runs and can be reached from here.",
        may_have_run=may_have_run,
        alias=alias,
        address=str(address),
        timed_out=isinstance(error, TimeoutError),
    )
