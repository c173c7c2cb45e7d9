"""What changes in a model, published after each commit."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model

from praxis.committed import Change, watch
from praxis.errors import PraxisError
from praxis.realtime.publishing import publish

logger = logging.getLogger("praxis.realtime")

#: Of more rows in one transaction only that the model has changed is published.
MAX_ROWS = 200


def publish_changes(
    model: type[Model],
    channel: str | Callable[[Change], str | None],
    *,
    fields: Sequence[str] | None = None,
    data: Callable[[Change], Any] | None = None,
) -> Callable[[], None]:
    """
    Publish which rows of a model have changed, once their transaction has committed.

        publish_changes(Order, "orders", fields=["state"])

    An event is ``{"kind": "updated", "pk": 5}``: which row, and not what is in it, since whoever
    may subscribe need not be allowed to see it all. Where more than 200 rows changed at once,
    or it is not known which, it is ``{"kind": "updated", "pk": null}``: any of them may have.

    What Redis does not take is dropped or logged; the transaction is committed by then. See
    `praxis.committed` for what is seen of the database, and what is not.

    Args:
        model: The model.
        channel: The channel's name, or what gives it for a change; None then publishes nothing.
        fields: Updates that set none of these are not published; None for all fields.
        data: Gives the event for a change, in the place of the above; it may ask the database.

    Returns:
        What ends it.

    Raises:
        ValueError: as `praxis.committed.watch`.
    """

    def receive(changes: Sequence[Change]) -> None:
        for change in _bounded(changes):
            name = channel(change) if callable(channel) else channel
            if name is None:
                continue
            event = {"kind": change.kind, "pk": change.pk} if data is None else data(change)
            try:
                publish(name, event)
            except PraxisError as error:
                logger.warning("A change of %s was not published: %s", model.__name__, error)

    return watch(model, receive, fields=fields)


def _bounded(changes: Sequence[Change]) -> Sequence[Change]:
    if len(changes) <= MAX_ROWS:
        return changes
    first = changes[0]
    kinds = {change.kind for change in changes}
    kind = first.kind if len(kinds) == 1 else "updated"
    return [Change(first.model, None, kind, first.using)]
