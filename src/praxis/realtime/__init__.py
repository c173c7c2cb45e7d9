"""
Events that are pushed to browsers, in order and once, also to who was away for a moment.

    from praxis.realtime import publish

    publish("orders", {"id": order.pk, "state": "paid"}, on_commit=True)

``praxis.realtime.asgi`` mounts where browsers subscribe; `event_stream` is a plain async view.
"""

from typing import TYPE_CHECKING, Any

from praxis.errors import ChannelError, EventValueError, RealtimeSetupError
from praxis.realtime.progress import aprogress, progress, track
from praxis.realtime.publishing import apublish, publish, publish_on_commit
from praxis.realtime.roll import apresence, presence
from praxis.realtime.whereabouts import aposition, position

if TYPE_CHECKING:
    from praxis.realtime.model_feeds import publish_changes
    from praxis.realtime.mounting import asgi
    from praxis.realtime.views import event_stream

__all__ = [
    "ChannelError",
    "EventValueError",
    "RealtimeSetupError",
    "aposition",
    "apresence",
    "aprogress",
    "apublish",
    "asgi",
    "event_stream",
    "position",
    "presence",
    "progress",
    "publish",
    "publish_changes",
    "publish_on_commit",
    "track",
]


def __getattr__(name: str) -> Any:
    # whoever only publishes loads nothing of what serves
    if name == "asgi":
        from praxis.realtime.mounting import asgi

        return asgi
    if name == "event_stream":
        from praxis.realtime.views import event_stream

        return event_stream
    if name == "publish_changes":
        from praxis.realtime.model_feeds import publish_changes

        return publish_changes
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
