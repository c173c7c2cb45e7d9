"""What is said first on a new connection, and what the answers must be. No I/O."""

from dataclasses import dataclass
from typing import Any, Final

from praxis.errors import RedisRefusedError, RedisReplyError
from praxis.redis.packing import pack_command
from praxis.redis.replies import Refusal, raise_refusal
from praxis.redis.targets import Address, Login

#: What ``CLIENT LIST`` shows; a server that does not know it or forbids it is used all the same.
NAME: Final = ("CLIENT", "SETNAME", "praxis")


@dataclass(frozen=True, slots=True)
class Identity:
    """
    What a server says of itself.

    Attributes:
        run_id: Another one after each start: whoever was promoted or restarted has another.
        version: Of Redis, or the one that Valkey is compatible with.
    """

    run_id: str
    version: str


class Handshake:
    """
    The commands that open a connection, sent at once, and the check of their answers.

    Args:
        login: Who connects.
        database: What to select.
        demands_master: Whether a replica is turned away: what Sentinels name may be out of date.
        is_sentinel: Whether it is a Sentinel, which has no databases and no data.
    """

    __slots__ = ("_demands_master", "_name_at", "count", "packed")

    def __init__(
        self,
        login: Login | None,
        *,
        database: int = 0,
        demands_master: bool = False,
        is_sentinel: bool = False,
    ) -> None:
        words: list[tuple[str, ...]] = []
        if login:
            user = (login.user,) if login.user else ()
            words.append(("AUTH", *user, login.password.reveal()))
        if database:
            words.append(("SELECT", str(database)))
        if not is_sentinel:
            words.append(NAME)
        if demands_master:
            words.append(("ROLE",))
        words.append(("INFO", "server"))
        self._demands_master: Final = demands_master
        self._name_at: Final = words.index(NAME) if NAME in words else None
        self.count: Final = len(words)
        self.packed: Final = b"".join(pack_command(each) for each in words)

    def check(self, answers: list[Any], alias: str, address: Address) -> Identity:
        """
        Return who answered.

        Raises:
            RedisRefusedError: if it cannot be used now.
            RedisReplyError: if it can never be used so.
        """
        for index, answer in enumerate(answers):
            if type(answer) is Refusal and index != self._name_at:
                raise_refusal(answer, alias, address)
        if self._demands_master and (role := _role(answers[-2])) != "master":
            raise RedisRefusedError(
                f"Redis {alias!r} at {address} is a {role}, not the master that the Sentinels "
                "call it. During a fail-over this passes.",
                code="READONLY",
                alias=alias,
                address=str(address),
            )
        return read_identity(answers[-1], alias, address)


def _role(answer: Any) -> str:
    return bytes(answer[0]).decode()


def read_identity(answer: Any, alias: str, address: Address) -> Identity:
    """Read ``INFO server``."""
    lines = bytes(answer).decode("utf-8", "replace").splitlines()
    values = dict(line.split(":", 1) for line in lines if ":" in line)
    if not (run_id := values.get("run_id")):
        raise RedisReplyError(
            f"Redis {alias!r} at {address} tells no run_id in INFO server, and nothing else tells "
            "a restarted server from the one before. Use a server that does.",
            code="ERR",
        )
    return Identity(run_id, values.get("redis_version", ""))
