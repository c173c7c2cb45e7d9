import pytest

from praxis.realtime.checks import check_realtime

REDIS = {"url": "redis://127.0.0.1"}


def found(settings, channels, redis=REDIS, **realtime):
    settings.PRAXIS = {"redis": redis, "realtime": {"channels": channels, **realtime}}
    return [message.id for message in check_realtime()]


def may(request, **parts):
    return True


@pytest.mark.parametrize(
    "channels",
    [
        {},
        {"orders": {}},
        {"orders": {"authorise": "staff"}},
        {"user:{pk}": {"authorise": "owner"}},
        {"orders": {"authorise": f"{__name__}.may"}},
    ],
)
def test_what_is_right_is_not_named(settings, channels):
    assert found(settings, channels) == []


@pytest.mark.parametrize(
    ("channels", "code"),
    [
        ({"a b": {}}, "praxis.E061"),
        ({"praxis.x": {}}, "praxis.E061"),
        ({"orders": {"authorise": "everybody"}}, "praxis.E062"),
        ({"orders": {"authorise": "no.such.function"}}, "praxis.E062"),
        ({"orders": {"authorise": f"{__name__}.REDIS"}}, "praxis.E062"),
        ({"orders": {"authorise": "owner"}}, "praxis.E062"),
    ],
)
def test_mistakes_are_named(settings, channels, code):
    assert found(settings, channels) == [code]


def test_a_server_without_an_address_is_named(settings):
    assert found(settings, {"orders": {}}, redis={}) == ["praxis.E060"]
    assert found(settings, {"orders": {}}, redis={"a": REDIS}) == ["praxis.E060"]
    assert found(settings, {}, redis={}) == []
