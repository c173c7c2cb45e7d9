"""The same events over WebSocket."""

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from praxis.realtime import publish

pytestmark = pytest.mark.redis


def open_socket(site, query="channel=orders", origin=None, user=""):
    return connect(
        f"ws://{site.host}:{site.port}/events/?{query}",
        origin=origin,
        additional_headers={"X-User": user},
        max_size=None,
    )


def read(socket, kind=None):
    while True:
        found = json.loads(socket.recv(timeout=20))
        if kind is None or found.get("type") == kind:
            return found


def test_hears_and_resumes(site):
    with open_socket(site) as socket:
        ready = read(socket, "praxis.ready")
        published = publish("orders", {"n": 1})
        assert read(socket) == {"channel": "orders", "id": published, "data": {"n": 1}}
    publish("orders", {"n": 2})
    with open_socket(site, f"channel=orders&last={ready['at']['orders']}") as socket:
        read(socket, "praxis.ready")
        assert [read(socket)["data"]["n"] for _ in range(2)] == [1, 2]


def test_subscribes_while_it_is_open(site):
    with open_socket(site, "", user="5") as socket:
        assert read(socket)["at"] == {}
        last = publish("user:5", "before")
        publish("user:5", "missed")
        wanted = {"user:5": last, "orders": None, "user:6": None, "nope": "x"}
        socket.send(json.dumps({"type": "subscribe", "channels": wanted}))
        refused = read(socket, "praxis.refused")
        assert refused == {
            "type": "praxis.refused",
            "channels": ["nope", "user:6"],
            "reason": "forbidden",
        }
        found = [read(socket), read(socket)]
        assert [each["data"] for each in found if "data" in each] == ["missed"]
        publish("orders", "new")
        assert read(socket)["data"] == "new"
        socket.send(json.dumps({"type": "unsubscribe", "channels": ["orders"]}))
        socket.send('{"type": "ping"}')
        assert list(read(socket, "praxis.beat")["at"]) == ["user:5"]
        publish("orders", "unheard")
        publish("user:5", "heard")
        assert read(socket)["data"] == "heard"


def test_an_unknown_id_is_told(site):
    with open_socket(site, "") as socket:
        read(socket, "praxis.ready")
        socket.send(json.dumps({"type": "subscribe", "channels": {"orders": "nonsense"}}))
        assert read(socket, "praxis.reset")["reason"] == "unknown"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 1007),
        ("[1]", 1007),
        ("[" * 10_000, 1007),
        (b"bytes", 1007),
        ("x" * 16_385, 1009),
        ("{}", 1008),
        ('{"type": "subscribe"}', 1008),
        ('{"type": "subscribe", "channels": ["orders"]}', 1008),
        ('{"type": "publish", "channel": "orders", "data": 1}', 1008),
    ],
)
def test_a_message_that_means_nothing_ends_it_with_a_reason(site, message, code):
    with open_socket(site) as socket:
        read(socket, "praxis.ready")
        socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            read(socket, "never")
    assert closed.value.rcvd.code == code
    assert closed.value.rcvd.reason


def test_too_many_channels_are_refused(site):
    with open_socket(site) as socket:
        read(socket, "praxis.ready")
        wanted = {f"task:{number}": None for number in range(20)}
        socket.send(json.dumps({"type": "subscribe", "channels": wanted}))
        assert read(socket, "praxis.refused")["reason"] == "too many"


@pytest.mark.parametrize(
    ("origin", "is_let_in"),
    [
        (None, True),
        ("http://127.0.0.1:{port}", True),
        ("https://shop.example", True),
        ("https://a.trusted.example", True),
        ("http://127.0.0.1:1", False),
        ("https://127.0.0.1:{port}", False),
        ("https://evil.example", False),
        ("http://shop.example", False),
        ("https://trusted.example.evil", False),
        ("null", False),
    ],
)
def test_pages_of_other_sites_are_not_let_in(site, origin, is_let_in):
    origin = origin and origin.format(port=site.port)
    if is_let_in:
        with open_socket(site, origin=origin) as socket:
            read(socket, "praxis.ready")
    else:
        with pytest.raises(InvalidStatus) as refused:
            open_socket(site, origin=origin)
        assert refused.value.response.status_code == 403


@pytest.mark.parametrize(("query", "status"), [("channel=staff", 403), ("channel=nope", 403)])
def test_what_is_not_allowed_is_not_opened(site, query, status):
    with pytest.raises(InvalidStatus) as refused:
        open_socket(site, query)
    assert refused.value.response.status_code == status


def test_a_redirect_of_the_sites_middleware_is_no_way_in(site):
    with pytest.raises(InvalidStatus):
        open_socket(site, user="13")
