import socket

import pytest

from praxis.embedded import ports
from praxis.embedded.ports import PortTakenError, choose_port, is_free, start_on_port
from praxis.errors import ServerError


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_knows_a_taken_port(taken):
    assert not is_free(taken)


def test_chooses_ports_below_those_of_outgoing_connections():
    port = choose_port(with_cluster_bus=True)
    assert 10_000 <= port < 20_000
    assert is_free(port)
    assert is_free(port + ports.CLUSTER_BUS_OFFSET)


def test_says_when_no_port_is_free(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(ServerError, match="No free TCP port"):
        choose_port()


def test_tries_another_port_when_one_was_taken_before_the_bind():
    tried = []

    def start(port):
        tried.append(port)
        if len(tried) < 3:
            raise PortTakenError("taken")
        return "started"

    assert start_on_port(start, port=None) == "started"
    assert len(tried) == 3


def test_gives_up_after_twenty_ports():
    tried = []

    def start(port):
        tried.append(port)
        raise PortTakenError("taken")

    with pytest.raises(PortTakenError):
        start_on_port(start, port=None)
    assert len(tried) == 20


def test_tries_a_port_that_was_asked_for_once():
    tried = []

    def start(port):
        tried.append(port)
        raise PortTakenError("taken")

    with pytest.raises(PortTakenError):
        start_on_port(start, port=7000)
    assert tried == [7000]
