"""A new key for who has other rights than at the login, so that the old one is worth nothing."""

import logging
from functools import partial
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import m2m_changed
from django.db.transaction import on_commit
from django.http import HttpRequest

from praxis.conf import config
from praxis.redis import FAILURES, link
from praxis.sessions.devices import keys_of
from praxis.sessions.fields import MARK, RIGHTS, ROTATE
from praxis.sessions.store import SessionStore

logger = logging.getLogger("praxis.sessions")

_RELATIONS = ("groups", "user_permissions")


def rights_of(user: Any) -> str:
    """What of a user's rights is told without a query."""
    flags = (getattr(user, name, False) for name in ("is_staff", "is_superuser"))
    return "".join("1" if flag else "0" for flag in flags)


def rotate_if_due(request: HttpRequest) -> bool:
    """
    Give a session a new key if its user has got other rights.

    That is noticed by ``is_staff`` and ``is_superuser`` of whoever was asked for in this request,
    and by groups and permissions of a user that were changed through their relation.

    Returns:
        Whether the session may be saved, and its cookie set: not the one under a key that another
        request has replaced.

    Raises:
        RedisUnavailableError, RedisReplyError: if Redis does not answer.
    """
    session = request.session
    if not isinstance(session, SessionStore):
        return True
    ours = session.noted_so_far
    if RIGHTS not in ours or not config().sessions.rotate:
        return not session.has_left
    user = request.__dict__.get("_cached_user") or request.__dict__.get("_acached_user")
    rights = ours[RIGHTS] if user is None or not user.is_authenticated else rights_of(user)
    if session.has_left or (rights == ours[RIGHTS] and ROTATE not in ours):
        return not session.has_left
    return session.rotate({RIGHTS: rights})


def rotate_sessions(user: Any) -> None:
    """Let all sessions of a user go on under other keys, each from its next request on."""
    way = link(config().sessions.redis)
    for key in keys_of(user):
        way.run(MARK, [key], retry="idempotent")


def _note(sender: object, request: HttpRequest | None, user: Any, **_: object) -> None:
    del sender
    session = getattr(request, "session", None)
    if isinstance(session, SessionStore):
        session.note({RIGHTS: rights_of(user)})


def _changed(sender: Any, instance: Any, action: str, reverse: bool, **given: Any) -> None:
    """Groups or permissions of users have changed."""
    try:
        model = get_user_model()
    except ImproperlyConfigured:  # there are no users
        return
    relations = [getattr(model, name, None) for name in _RELATIONS]
    if sender not in [one.through for one in relations if one is not None]:
        return
    if action not in {"post_add", "post_remove", "pre_clear"} or not config().sessions.rotate:
        return
    using = given["using"]
    users = [instance]
    if reverse:
        everybody = model._default_manager.using(using)  # noqa: SLF001 - public since ever
        those = everybody.filter(pk__in=given["pk_set"] or ())
        users = list(instance.user_set.using(using) if action == "pre_clear" else those)
    for user in users:
        on_commit(partial(_rotate, user), using=using)


def _rotate(user: Any) -> None:
    try:
        rotate_sessions(user)
    except FAILURES as error:  # the rights themselves are changed, and count at once
        logger.error("The sessions of user %s keep their keys: %s", user.pk, error)  # noqa: TRY400 - it says all


user_logged_in.connect(_note, dispatch_uid="praxis.sessions.rotation")
m2m_changed.connect(_changed, dispatch_uid="praxis.sessions.rotation.groups")
