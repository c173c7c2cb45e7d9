"""How every TCP connection to a server is set up."""

import socket
from typing import Final

#: A firewall that forgets an idle connection tells nobody, and the next call would wait in vain.
#: The kernel asks the other side after so many seconds of silence, so often, so many times.
IDLE_S, INTERVAL_S, TIMES = 30, 5, 3
#: macOS calls the first of them otherwise; Windows before 10 has none.
_OPTIONS: Final = [
    (getattr(socket, name), value)
    for name, value in (
        ("TCP_KEEPIDLE", IDLE_S),
        ("TCP_KEEPALIVE", IDLE_S),
        ("TCP_KEEPINTVL", INTERVAL_S),
        ("TCP_KEEPCNT", TIMES),
    )
    if hasattr(socket, name)
]


def set_up(sock: socket.socket) -> None:
    """Send each command at once, and notice a connection that died while it was idle."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _OPTIONS:
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
