import pytest

from praxis.conf import ChannelConfig
from praxis.errors import ChannelError
from praxis.realtime.channels import Channels

DECLARED = {
    "orders": ChannelConfig(history=1),
    "user:{pk}": ChannelConfig(history=2),
    "room:{building}:{door}": ChannelConfig(history=3),
    "user:all": ChannelConfig(history=4),
}


@pytest.mark.parametrize(
    ("name", "history", "params"),
    [
        ("orders", 1, {}),
        ("user:5", 2, {"pk": "5"}),
        ("user:all", 4, {}),
        ("room:A-1:x.y", 3, {"building": "A-1", "door": "x.y"}),
    ],
)
def test_finds_the_one_that_a_name_fits(name, history, params):
    found = Channels(DECLARED).find(name)
    assert (found.name, found.config.history, dict(found.params)) == (name, history, params)


@pytest.mark.parametrize(
    "name",
    ["", "order", "orders2", "user:", "user:5:6", "user:5 ", "user:ü", "user:5\n", "user:{pk}",
     "praxis.ready", "x" * 201, "user:" + "5" * 200, "orders\r\ndata: x"],
)  # fmt: skip
def test_finds_nothing_for_other_names(name):
    channels = Channels(DECLARED)
    assert channels.find(name) is None
    with pytest.raises(ChannelError, match="No channel is declared"):
        channels.demand(name)


@pytest.mark.parametrize("name", [None, 5, ["orders"]])
def test_what_is_no_text_is_no_channel(name):
    with pytest.raises(ChannelError):
        Channels(DECLARED).demand(name)


@pytest.mark.parametrize(
    "pattern", ["", "a b", "user:{}", "user:{PK}", "{a}{a}", "praxis.x", "praxis.{a}", "a,b", "{a"]
)
def test_a_pattern_that_means_nothing_is_named(pattern):
    with pytest.raises(ChannelError, match="is no name of a channel"):
        Channels({pattern: ChannelConfig()})
