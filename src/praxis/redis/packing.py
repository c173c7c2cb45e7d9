"""Commands as bytes, and what many answers at once mean. No I/O."""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

import hiredis

from praxis.errors import RedisRefusedError, TooFewReplicasError
from praxis.redis.replies import Refusal
from praxis.redis.script import Script

Word = str | bytes | int | float
#: One call of a script: the script, its keys, its arguments.
Call = tuple[Script, Sequence[str | bytes], Sequence[Word]]

#: What hiredis says of its types is narrower than what it takes.
pack_command: Final[Callable[[tuple[Word, ...]], bytes]] = cast("Any", hiredis).pack_command
ASKING: Final = pack_command(("ASKING",))


def pack_words(words: Sequence[Word]) -> bytes:
    """Return one command."""
    return pack_command(tuple(words))


def pack_script(
    script: Script,
    keys: Sequence[str | bytes],
    args: Sequence[Word],
    *,
    as_text: bool = False,
) -> bytes:
    """Return the call of a script, by its hash or with its whole text."""
    name, what = (b"EVAL", script.text) if as_text else (b"EVALSHA", script.sha)
    return pack_command((name, what, len(keys), *keys, *args))


def pack_calls(calls: Sequence[Call], *, as_text: bool = False) -> bytes:
    """Return several of them, to be sent at once."""
    return b"".join(pack_script(*call, as_text=as_text) for call in calls)


def routing_key(words: Sequence[Word]) -> str | bytes:
    """Return what most commands have their key in: the first argument; empty if there is none."""
    if len(words) < 2:
        return b""
    word = words[1]
    return word if isinstance(word, str | bytes) else str(word)


def has_lost_script(answer: Any) -> bool:
    """Whether the server does not know a script any more; it ran nothing then."""
    return type(answer) is Refusal and answer.code == "NOSCRIPT"


def has_moved(answer: Any) -> bool:
    """Whether a cluster's node did nothing because the key is, or is about to be, elsewhere."""
    return type(answer) is Refusal and answer.code in {"MOVED", "ASK", "TRYAGAIN"}


def raise_first(answers: Sequence[Any], refuse: Callable[[Refusal], Any]) -> None:
    """
    Raise what the first error among the answers means; nothing if there is none.

    Raises:
        RedisRefusedError: with ``may_have_run`` if others of them ran.
        RedisReplyError: if the first error will not pass.
    """
    refusals = [answer for answer in answers if type(answer) is Refusal]
    if not refusals:
        return
    try:
        refuse(refusals[0])
    except RedisRefusedError as error:
        error.may_have_run = len(refusals) < len(answers)
        raise


def pack_wait(replicas: int, timeout_s: float) -> bytes:
    """Return what makes a server say how many replicas have all that this connection wrote."""
    # half of the time, so that the answer comes before the connection is given up
    return pack_words(("WAIT", replicas, max(1, round(timeout_s * 500))))


def demand_copies(count: int, replicas: int, alias: str) -> None:
    """
    Return if enough replicas have a write.

    Raises:
        TooFewReplicasError: if not; the write has been made all the same.
    """
    if count < replicas:
        raise TooFewReplicasError(
            f"{count} replicas of Redis {alias!r} have what was written, of {replicas} that have "
            "to: a fail-over may lose it. See whether they are connected and keep up.",
            may_have_run=True,
            alias=alias,
        )
