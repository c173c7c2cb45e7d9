import pytest

from praxis.conf import Secret
from praxis.errors import RedisRefusedError, RedisReplyError
from praxis.redis.handshake import Handshake
from praxis.redis.replies import Refusal
from praxis.redis.targets import Address, Login

HERE = Address("h", 1)
INFO = b"# Server\r\nredis_version:7.2.4\r\nrun_id:abc\r\n"


def test_says_everything_at_once_and_learns_who_answers():
    handshake = Handshake(Login("me", Secret("word")), database=3, demands_master=True)
    assert handshake.packed.count(b"*") == handshake.count == 5
    assert b"$2\r\nme\r\n$4\r\nword\r\n" in handshake.packed
    identity = handshake.check([b"OK", b"OK", b"OK", [b"master", 0, []], INFO], "x", HERE)
    assert (identity.run_id, identity.version) == ("abc", "7.2.4")


def test_does_without_a_name_where_it_is_forbidden_or_unknown():
    for text in ("NOPERM no", "ERR unknown command"):
        assert Handshake(None).check([Refusal(text), INFO], "x", HERE).run_id == "abc"


def test_turns_away_what_is_no_master_where_one_is_demanded():
    handshake = Handshake(None, demands_master=True)
    with pytest.raises(RedisRefusedError, match="is a slave") as caught:
        handshake.check([b"OK", [b"slave", b"h", 1], INFO], "x", HERE)
    assert caught.value.code == "READONLY"


@pytest.mark.parametrize("answer", [Refusal("NOPERM this user has no permissions"), b"# Server"])
def test_uses_no_server_that_does_not_tell_its_run_id(answer):
    with pytest.raises(RedisReplyError):
        Handshake(None).check([b"OK", answer], "x", HERE)
