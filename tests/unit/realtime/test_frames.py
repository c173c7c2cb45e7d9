import json

from praxis.realtime.frames import RESET, Event, notice_lines, notice_text
from praxis.realtime.positions import Position

EVENT = Event("user:5", Position(7, 3), b'{"a":"\xc3\xa9"}')


def test_an_event_as_lines():
    assert EVENT.lines().decode() == 'id: 7-3\nevent: user:5\ndata: {"a":"é"}\n\n'
    assert EVENT.lines("1-1.7-3").startswith(b"id: 1-1.7-3\n")
    assert EVENT.lines().startswith(b"id: 7-3\n")


def test_an_event_as_a_text():
    assert json.loads(EVENT.text()) == {"channel": "user:5", "id": "7-3", "data": {"a": "é"}}


def test_a_notice():
    assert notice_lines(RESET, {"channel": "c"}, "7-3", 250).decode() == (
        'retry: 250\nid: 7-3\nevent: praxis.reset\ndata: {"channel":"c"}\n\n'
    )
    assert notice_lines(RESET, {}, "").startswith(b"event: ")
    assert json.loads(notice_text(RESET, {"a": 1})) == {"type": "praxis.reset", "a": 1}
