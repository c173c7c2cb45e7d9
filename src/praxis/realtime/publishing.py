"""Publish an event from anywhere."""

import json
import logging
from functools import partial
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from praxis.announcements import EventDropped, announce
from praxis.conf import config
from praxis.errors import EventValueError, RedisUnavailableError
from praxis.realtime.channels import channels
from praxis.realtime.log import Log, where
from praxis.redis import FAILURES, async_link, link

logger = logging.getLogger("praxis.realtime")


class _Word:
    """Whether the log has been told that events are dropped, so that it is told once."""

    is_given = False


_told: Final = _Word()


def publish(channel: str, data: Any, *, on_commit: bool = False, using: str = "default") -> str:
    """
    Publish an event; one trip to Redis.

        publish("orders", {"id": order.pk, "state": "paid"}, on_commit=True)

    Who subscribes the channel gets the events in the order in which Redis got them.

    Args:
        channel: One that ``PRAXIS["realtime"]["channels"]`` declares.
        data: What JSON can say, with dates, UUIDs and decimals as Django writes them.
        on_commit: Whether to wait for the transaction's commit, as with `publish_on_commit`.
        using: The alias of the transaction's database.

    Returns:
        The id of the event; empty if it is published later, or was dropped.

    Raises:
        ChannelError: if the channel is not declared.
        EventValueError: if the data is no JSON, or too long.
        RedisUnavailableError: with ``on_error`` ``closed``, if Redis did not answer; see its
            ``may_have_run``. With ``open`` the event is dropped, which is announced.
    """
    log, payload = _log(channel), encode(channel, data)
    if not on_commit:
        return _send(log, payload)
    transaction.on_commit(partial(_send, log, payload), using=using)
    return ""


async def apublish(channel: str, data: Any) -> str:
    """
    Publish an event, from a coroutine; see `publish`.

    Raises:
        ChannelError, EventValueError, RedisUnavailableError: as there.
    """
    log, payload = _log(channel), encode(channel, data)
    way = async_link(config().realtime.redis)
    try:
        try:
            session = await way.session(log.head_key)
            answer = await session.run(*log.publish(payload, session.incarnation))
        except RedisUnavailableError as error:
            if error.may_have_run:
                raise
            # it was not done: whoever is the right server now tells its own run id
            answer = await way.run(*log.publish(payload))
    except FAILURES as error:
        return _lost(channel, error)
    return _done(answer)


def publish_on_commit(channel: str, data: Any, *, using: str = "default") -> None:
    """
    Publish an event once the transaction has committed; at once where there is none.

    What is wrong with the channel or the data is told now. With ``on_error`` ``closed`` a Redis
    that does not answer raises where the transaction's block ends, after the commit.

    Raises:
        ChannelError, EventValueError: as `publish`.
    """
    publish(channel, data, on_commit=True, using=using)


def encode(channel: str, data: Any) -> bytes:
    """
    Return an event as JSON.

    Raises:
        EventValueError: if it cannot be written, or is longer than ``max_bytes``.
    """
    try:
        text = json.dumps(
            data,
            cls=DjangoJSONEncoder,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        payload = text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise EventValueError(
            f"An event for {channel!r} cannot be written as JSON: {error}. Publish dicts, lists, "
            "texts, numbers, dates, UUIDs and decimals."
        ) from error
    most = config().realtime.max_bytes
    if len(payload) > most:
        raise EventValueError(
            f"An event for {channel!r} is {len(payload)} bytes long; PRAXIS['realtime']"
            f"['max_bytes'] is {most}. Publish a key, and let clients fetch the rest."
        )
    return payload


def _log(channel: str) -> Log:
    found = channels().demand(channel)
    return Log(found.name, found.config)


def _send(log: Log, payload: bytes) -> str:
    way = link(config().realtime.redis)
    try:
        try:
            session = way.session(log.head_key)
            answer = session.run(*log.publish(payload, session.incarnation))
        except RedisUnavailableError as error:
            if error.may_have_run:
                raise
            # it was not done: whoever is the right server now tells its own run id
            answer = way.run(*log.publish(payload))
    except FAILURES as error:
        return _lost(log.name, error)
    return _done(answer)


def _done(answer: Any) -> str:
    if _told.is_given:
        _told.is_given = False
        logger.warning("Events are published again.")
    return str(where(answer))


def _lost(channel: str, error: Exception) -> str:
    """
    Do what the settings say about an event that Redis did not take.

    Raises:
        RedisUnavailableError: what it was given, unless such events are dropped.
    """
    if not isinstance(error, RedisUnavailableError) or config().realtime.on_error == "closed":
        raise error
    announce(EventDropped(channel, error.may_have_run))
    if not _told.is_given:
        _told.is_given = True
        logger.warning("An event for %r was dropped, and others will be: %s", channel, error)
    return ""
