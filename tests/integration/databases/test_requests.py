"""What a visitor wrote is what this visitor reads, wherever the request goes."""

import asyncio
import logging

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.core.signing import Signer
from django.db import connections
from django.test import AsyncClient, Client

from praxis.databases import current_token, read_session, replica_status
from praxis.databases.tokens import read_token, write_token
from praxis.databases.topology import forget_topology
from praxis.databases.watching import Watch, stop_watching
from tests.integration.databases.conftest import all_up
from tests.integration.databases.points import go_on, stop_replay, until

pytestmark = pytest.mark.postgres


@pytest.fixture
def behind(routed):
    """One group that everybody shows, and replicas that show nothing new."""
    Group.objects.all().delete()
    pk = Group.objects.create(name="old").pk
    routed.wait_until_replayed()
    for replica in routed.replicas:
        stop_replay(replica)
    yield pk
    for replica in routed.replicas:
        go_on(replica)


def get(client, url):
    return client.get(url).json()


def test_who_has_written_nothing_reads_replicas(behind):
    assert get(Client(), f"/group/{behind}")["read"].startswith("replica")


@pytest.mark.parametrize("way", ["group", "raw", "loaded"])
def test_a_write_is_seen_by_its_request_and_by_those_that_follow(behind, way):
    client = Client()
    assert get(client, f"/{way}/{behind}?name=new") == {"name": "new", "read": "default"}
    assert get(client, f"/group/{behind}") == {"name": "new", "read": "default"}
    assert get(Client(), f"/group/{behind}")["name"] == "old"  # as anybody else


def test_replicas_are_read_again_once_they_show_it(behind, routed):
    client = Client()
    get(client, f"/group/{behind}?name=new")
    for replica in routed.replicas:
        go_on(replica)
    routed.wait_until_replayed()
    until(lambda: get(client, f"/group/{behind}")["read"] != "default")
    assert get(client, f"/group/{behind}")["name"] == "new"


def test_a_client_without_cookies_brings_the_header(behind):
    response = Client().get(f"/group/{behind}?name=new")
    token = response["X-Praxis-Seen"]
    answer = Client().get(f"/group/{behind}", headers={"X-Praxis-Seen": token}).json()
    assert answer == {"name": "new", "read": "default"}


def test_a_write_in_a_request_that_fails_is_seen(behind):
    client = Client(raise_request_exception=False)
    assert client.get(f"/failing/{behind}?name=new").status_code == 500
    assert get(client, f"/group/{behind}")["name"] == "new"


def test_who_only_reads_gets_no_cookie(behind):
    response = Client().get(f"/group/{behind}")
    assert not response.cookies
    assert "X-Praxis-Seen" not in response


def test_the_cookie_is_for_the_server_alone(behind):
    cookie = Client().get(f"/group/{behind}?name=new", secure=True).cookies["praxis_seen"]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 3600


def test_what_is_made_while_it_is_sent_is_read_from_a_replica(behind):
    client = Client()
    body = b"".join(client.get(f"/streamed/{behind}").streaming_content).decode()
    assert body.startswith("old replica")
    get(client, f"/group/{behind}?name=new")
    assert b"".join(client.get(f"/streamed/{behind}").streaming_content) == b"new default"


async def sent(client, url):
    return (await client.get(url)).json()


@pytest.mark.parametrize("way", ["agroup", "group"])
def test_the_same_in_coroutines(behind, way):
    async def visit():
        client, other = AsyncClient(), AsyncClient()
        wrote, _ = await asyncio.gather(
            sent(client, f"/{way}/{behind}?name=new"), sent(other, f"/{way}/{behind}")
        )
        assert wrote == {"name": "new", "read": "default"}
        assert (await sent(client, f"/{way}/{behind}")) == {"name": "new", "read": "default"}
        untouched = await sent(AsyncClient(), f"/{way}/{behind}")
        assert untouched["name"] == "old"
        assert untouched["read"].startswith("replica")
        await sync_to_async(connections.close_all)()

    asyncio.run(visit())


FORGED = {
    "nonsense": lambda token: "nonsense",
    "forged": lambda token: token[:-3] + "abc",
    "signed with another salt": lambda token: Signer(salt="x").sign(token.rpartition(":")[0]),
    "ancient": lambda token: write_token(read_token(token, max_age_s=99), now=lambda: 1e9),
    "of another cluster": lambda token: write_token(
        {7: next(iter(read_token(token, max_age_s=99).values()))}
    ),
}


@pytest.mark.parametrize("kind", FORGED)
def test_a_token_that_cannot_be_trusted_is_told_and_counts_for_nothing(behind, kind, caplog):
    caplog.set_level(logging.INFO, logger="praxis.databases")
    token = Client().get(f"/group/{behind}?name=new")["X-Praxis-Seen"]
    response = Client().get(f"/group/{behind}", headers={"X-Praxis-Seen": FORGED[kind](token)})
    assert response.status_code == 200
    assert response.json()["name"] == "old"
    assert "refused" in caplog.text


def test_a_token_above_the_primary_is_replaced(behind, caplog):
    token = Client().get(f"/group/{behind}?name=new")["X-Praxis-Seen"]
    ((identifier, position),) = read_token(token, max_age_s=99).items()
    above = write_token({identifier: type(position)(position.timeline, position.lsn + 10**9)})
    response = Client().get(f"/group/{behind}", headers={"X-Praxis-Seen": above})
    assert response.json() == {"name": "new", "read": "default"}
    assert "lost" in caplog.text
    (replaced,) = read_token(response["X-Praxis-Seen"], max_age_s=99).values()
    assert position <= replaced < type(position)(position.timeline, position.lsn + 10**9)


def test_where_the_position_is_not_known_the_primary_is_read_until_it_is(behind, monkeypatch):
    from praxis.databases import scopes

    client = Client()
    with monkeypatch.context() as patch:
        patch.setattr(scopes, "ask", lambda connection: (_ for _ in ()).throw(ValueError))
        get(client, f"/group/{behind}?name=new")
    assert get(client, f"/group/{behind}") == {"name": "new", "read": "default"}
    (position,) = read_token(client.cookies["praxis_seen"].value, max_age_s=99).values()
    assert position.timeline == 1


def test_a_write_before_the_servers_were_looked_at_is_seen(behind, monkeypatch):
    # as in a process that has just begun, or that its first request finds too early
    client = Client()
    with monkeypatch.context() as patch:
        patch.setattr(Watch, "start", lambda _: None)
        stop_watching()
        forget_topology()
        assert get(client, f"/group/{behind}?name=new") == {"name": "new", "read": "default"}
    stop_watching()
    forget_topology()
    replica_status()
    until(all_up)
    assert get(client, f"/group/{behind}") == {"name": "new", "read": "default"}
    assert get(Client(), f"/group/{behind}")["name"] == "old"


def test_what_was_seen_on_the_primary_is_not_unseen(behind):
    writer, reader = Client(), Client()
    token = writer.get(f"/group/{behind}?name=new")["X-Praxis-Seen"]
    headers = {"X-Praxis-Seen": token}
    assert reader.get(f"/group/{behind}", headers=headers).json()["name"] == "new"
    get(writer, f"/group/{behind}?name=newer")
    seen = reader.get(f"/group/{behind}", headers=headers)
    assert seen.json()["name"] == "newer"  # of somebody else, and seen
    assert get(reader, f"/group/{behind}")["name"] == "newer"


def test_a_session_stays_with_its_replica(routed):
    pk = Group.objects.create(name="stays").pk
    routed.wait_until_replayed()
    homes = set()
    for number in range(20):
        client = Client(headers={"Authorization": f"Token {number}"})
        seen = {get(client, f"/group/{pk}")["read"] for _ in range(3)}
        assert len(seen) == 1
        homes |= seen
    assert homes == {"replica1", "replica2"}


def test_a_token_is_handed_on_by_hand(behind):
    with read_session():
        assert current_token() == ""
        Group.objects.filter(pk=behind).update(name="new")
        token = current_token()
    with read_session(token):
        assert Group.objects.get(pk=behind).name == "new"
    with read_session():
        assert Group.objects.get(pk=behind).name == "old"


def test_outside_of_requests_a_write_is_handed_on_too(behind):
    connections["default"].__dict__.pop("_praxis_databases_wrote", None)
    assert current_token() == ""
    Group.objects.filter(pk=behind).update(name="new")
    with read_session(current_token()):
        assert Group.objects.get(pk=behind).name == "new"
    assert current_token() == ""


def test_the_status_names_each_replica(routed):
    assert [(one.alias, one.primary, one.is_up) for one in replica_status()] == [
        ("replica1", "default", True),
        ("replica2", "default", True),
    ]
