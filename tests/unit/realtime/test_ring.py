from praxis.realtime import ring as ring_module
from praxis.realtime.frames import Event
from praxis.realtime.positions import Position
from praxis.realtime.ring import Ring


def filled(first, last, size=1):
    ring = Ring(Position(1, first - 1))
    for seq in range(first, last + 1):
        position = Position(1, seq)
        assert ring.follows(position)
        ring.push(Event("c", position, b"x" * size))
    return ring


def seqs(events):
    return None if events is None else [event.position.seq for event in events]


def test_gives_what_comes_after():
    ring = filled(5, 9)
    assert seqs(ring.after(Position(1, 6), 10)) == [7, 8, 9]
    assert seqs(ring.after(Position(1, 4), 2)) == [5, 6]
    assert seqs(ring.after(Position(1, 9), 10)) == []
    assert seqs(ring.after(Position(1, 12), 10)) == []


def test_knows_nothing_before_its_start():
    ring = filled(5, 9)
    assert ring.after(Position(1, 3), 10) is None
    assert ring.after(Position(0, 7), 10) is None


def test_only_the_next_event_follows():
    ring = filled(5, 9)
    assert [ring.follows(Position(1, seq)) for seq in (9, 10, 11)] == [False, True, False]
    assert not ring.follows(Position(2, 10))


def test_forgets_the_oldest_ones():
    ring = filled(1, 2000)
    assert ring.start.seq >= 2000 - 2 * ring_module.MAX_EVENTS
    assert seqs(ring.after(ring.start, 2000)) == list(range(ring.start.seq + 1, 2001))
    assert ring.after(Position(1, ring.start.seq - 1), 10) is None


def test_forgets_by_bytes():
    ring = filled(1, 100, size=100_000)
    kept = ring.after(ring.start, 1000)
    assert sum(len(event.payload) for event in kept) <= 2 * ring_module.MAX_BYTES + 100_000
    assert seqs(kept)[-1] == 100


def test_a_new_beginning_has_nothing_before_it():
    ring = filled(1, 5)
    ring.begin(Position(2, 3))
    assert ring.after(Position(1, 5), 10) is None
    assert seqs(ring.after(Position(2, 3), 10)) == []
