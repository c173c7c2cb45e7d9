import pytest

from praxis.errors import RedisRefusedError, RedisReplyError
from praxis.redis.replies import PASSING, RedirectedError, Refusal, raise_refusal
from praxis.redis.targets import Address

HERE = Address("h", 1)


IN_SCRIPT = "ERR Error running script (call to f_1a): @user_script:1: "


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("OOM command not allowed when used memory > 'maxmemory'.", "OOM"),
        ("READONLY You can't write against a read only replica. script: 1a2b, on @1.", "READONLY"),
        (f"{IN_SCRIPT}@user_script: 1: -OOM command not allowed when used memory", "OOM"),
        (f"{IN_SCRIPT}WRONGTYPE Operation against", "WRONGTYPE"),
        ("ERR max number of clients reached", "MAXCLIENTS"),
        ("LOADING Redis is loading the dataset in memory", "LOADING"),
        ("ERR unknown command", "ERR"),
        ("what a script returned as its error", "ERR"),
        ("", "ERR"),
    ],
)
def test_finds_the_code(text, code):
    assert Refusal(text).code == code


@pytest.mark.parametrize("code", sorted(PASSING.keys() - {"MOVED", "ASK", "MAXCLIENTS"}))
def test_what_may_pass_did_nothing_and_has_a_next_step(code):
    with pytest.raises(RedisRefusedError) as caught:
        raise_refusal(Refusal(f"{code} something"), "limits", HERE)
    error = caught.value
    assert (error.code, error.may_have_run) == (code, False)
    assert (error.alias, error.address) == ("limits", "h:1")
    assert PASSING[code] in str(error)


@pytest.mark.parametrize("text", ["WRONGTYPE x", "NOPERM x", "ERR x", "EXECABORT x"])
def test_mistakes_stay_mistakes(text):
    with pytest.raises(RedisReplyError) as caught:
        raise_refusal(Refusal(text), "default", HERE)
    assert caught.value.code == text.split()[0]


@pytest.mark.parametrize(
    ("text", "to", "is_asking"),
    [
        ("MOVED 3999 10.0.0.1:6381", ("10.0.0.1", 6381), False),
        ("ASK 3999 10.0.0.1:6381", ("10.0.0.1", 6381), True),
        ("MOVED 3999 :6381", ("h", 6381), False),
        ("MOVED 3999 ?:6381", ("h", 6381), False),
        ("MOVED 3999 ::1:6381", ("::1", 6381), False),
    ],
)
def test_redirections_name_the_node(text, to, is_asking):
    with pytest.raises(RedirectedError) as caught:
        raise_refusal(Refusal(text), "default", HERE)
    assert (caught.value.to, caught.value.slot, caught.value.is_asking) == (to, 3999, is_asking)
