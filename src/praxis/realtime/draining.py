"""Send clients away when the server is told to end, which is before it tells us."""

import asyncio
import signal
import threading
from types import FrameType
from typing import Any, Final

from praxis.realtime.hub import Hub

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class _Hubs:
    """Whom the signals are passed on to: they belong to the process, and hubs come and go."""

    installed: Final[dict[int, Any]] = {}
    current: "tuple[asyncio.AbstractEventLoop, Hub] | None" = None


def drain_on_signals(hub: Hub) -> None:
    """
    Drain a hub when the process is told to end, besides what the server does about that.

    Servers wait for open connections before they end the application's lifespan, and those of
    clients that listen do not end by themselves. Nothing is done outside of the main thread, and
    where the server handles no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    _Hubs.current = (asyncio.get_running_loop(), hub)
    for number in _SIGNALS:
        handler = signal.getsignal(number)
        if callable(handler) and handler not in (_drain, signal.default_int_handler):
            _Hubs.installed[number] = handler
            signal.signal(number, _drain)


def _drain(number: int, frame: FrameType | None) -> None:
    if _Hubs.current is not None:
        loop, hub = _Hubs.current
        if not loop.is_closed():
            loop.call_soon_threadsafe(hub.drain)
    _Hubs.installed[number](number, frame)
