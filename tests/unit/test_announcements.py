from praxis.announcements import ServerBack, ServerDown, announce, listen


def test_tells_those_who_listen_to_the_kind():
    told = []
    stop = listen(ServerDown, told.append)
    try:
        announce(ServerDown("default", "h:1"))
        announce(ServerBack("default", "h:1"))
    finally:
        stop()
    announce(ServerDown("default", "h:1"))
    assert told == [ServerDown("default", "h:1")]


def test_a_listener_that_fails_stops_nobody(caplog):
    told = []
    stops = [listen(ServerDown, lambda event: 1 / 0), listen(ServerDown, told.append)]
    announce(ServerDown("default", "h:1"))
    for stop in stops:
        stop()
    assert len(told) == 1
    assert "ZeroDivisionError" in caplog.text
