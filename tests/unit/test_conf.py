from dataclasses import fields, is_dataclass

import pytest
from django.test import override_settings

from praxis import conf
from praxis.conf import Config, RedisConfig, Secret, config, defaults, find_mistakes
from praxis.errors import SettingsError


@pytest.fixture(autouse=True)
def _forget_between_tests():
    config.cache_clear()
    yield
    config.cache_clear()


def test_an_empty_dict_gives_the_defaults():
    with override_settings(PRAXIS={}):
        assert config() == Config()


def test_values_are_taken_over_and_frozen():
    with override_settings(PRAXIS={"redis": {"url": "redis://localhost", "timeout_s": 1}}):
        server = config().redis["default"]
        assert server == RedisConfig(url=Secret("redis://localhost"), timeout_s=1.0)
        with pytest.raises(AttributeError):
            server.timeout_s = 2.0
        with pytest.raises(TypeError):
            config().redis["other"] = server


def test_several_servers_are_named():
    raw = {"default": {"url": "redis://a"}, "sessions": {"url": "redis://b", "timeout_s": 1}}
    with override_settings(PRAXIS={"redis": raw}):
        assert config().redis == {
            "default": RedisConfig(url=Secret("redis://a")),
            "sessions": RedisConfig(url=Secret("redis://b"), timeout_s=1.0),
        }


def test_a_changed_setting_is_seen():
    with override_settings(PRAXIS={"redis": {"timeout_s": 1.0}}):
        assert config().redis["default"].timeout_s == 1.0
    with override_settings(PRAXIS={"redis": {"timeout_s": 2.0}}):
        assert config().redis["default"].timeout_s == 2.0


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        ([], "E001", ["PRAXIS must be a dict, not list"]),
        ({"redis": "redis://x"}, "E001", ["PRAXIS['redis'] must be a dict, not str"]),
        ({"reddis": {}}, "E002", ["PRAXIS['reddis']", "Did you mean 'redis'?", "Known here"]),
        ({7: {}}, "E002", ["PRAXIS[7]", "'redis'"]),
        ({"redis": {"uri": ""}}, "E002", ["'failures', 'probe_s', 'timeout_s', 'url'"]),
        ({"redis": {"timeout_s": "1"}}, "E003", ["must be float, not str"]),
        ({"redis": {"timeout_s": True}}, "E003", ["must be float, not bool"]),
        ({"redis": {"url": b"x"}}, "E003", ["must be str or None, not bytes"]),
        ({"redis": {"timeout_s": 0}}, "E004", ["greater than 0"]),
        ({"redis": {"failures": 0}}, "E004", ["greater than 0"]),
        ({"redis": {"a": {"timeout_s": 0}}}, "E004", ["PRAXIS['redis']['a']['timeout_s']"]),
        ({"redis": {"a": {"ulr": ""}}}, "E002", ["PRAXIS['redis']['a']['ulr']", "'url'"]),
        ({"redis": {"url": {}}}, "E003", ["PRAXIS['redis']['url']"]),
        ({"redis": {"url": "redis://a", "b": {}}}, "E002", ["PRAXIS['redis']['b']"]),
        ({"cache": {"when_unreachable": "ignore"}}, "E004", ["'refuse', 'bypass', not 'ignore'"]),
        ({"cache": {"when_unreachable": True}}, "E003", ["must be str, not bool"]),
        ({"cache": {"look_every_ms": 0}}, "E004", ["greater than 0"]),
        ({"ratelimit": {"on_error": "local"}}, "E004", ["'fallback', 'open', 'closed'"]),
        ({"ratelimit": {"paths": {"/a": {"rate": "1/m"}}}}, "E002", ["'rates'"]),
        ({"trusted_proxies": "10.0.0.1"}, "E003", ["list of str"]),
        ({"cache": {"look_every_ms": 0.5}}, "E003", ["must be int, not float"]),
    ],
)
def test_each_mistake_is_named_with_what_is_known(raw, code, words):
    with override_settings(PRAXIS=raw):
        (mistake,) = find_mistakes()
    assert mistake.code == code
    for word in words:
        assert word in f"{mistake.message} {mistake.hint}"


def test_every_mistake_is_told_at_once():
    raw = {"nope": 1, "redis": {"timeout_s": "x", "what": 2}}
    with override_settings(PRAXIS=raw):
        assert [mistake.code for mistake in find_mistakes()] == ["E002", "E003", "E002"]
        with pytest.raises(SettingsError, match=r"nope.*what"):
            config()


def test_secrets_are_never_shown():
    with override_settings(PRAXIS={"redis": {"url": "redis://:hunter2@host"}}):
        assert "hunter2" not in repr(config())
        assert config().redis["default"].url.reveal() == "redis://:hunter2@host"
    with override_settings(PRAXIS={"redis": {"url": ["redis://:hunter2@host"]}}):
        (mistake,) = find_mistakes()
    assert "hunter2" not in mistake.message + mistake.hint


def test_the_reference_lists_every_setting():
    listed = list(defaults())
    written = [
        field.name
        for name, kind in vars(conf).items()
        if name.endswith("Config") and is_dataclass(kind)
        for field in fields(kind)
        if not {"section", "named", "each"}.intersection(field.metadata)
    ]
    assert sorted(name.rpartition(".")[2] for name, _, _ in listed) == sorted(written)
    for row in [
        ("cache.models.NAME.ttl_s", "float", 3600.0),
        ("cache.views.NAME.vary", "list of str", []),
        ("cache.dimensions", "dict of str", {}),
        ("cache.version", "str", ""),
        ("databases.replicas", "dict of str", {}),
        ("databases.balanced", "list of str", []),
        ("databases.max_lag_s", "float", 30.0),
        ("databases.poll_s", "float", 0.2),
        ("databases.timeout_s", "float", 0.5),
        ("databases.cookie", "str", "praxis_seen"),
        ("databases.header", "str", "X-Praxis-Seen"),
        ("databases.token_age_s", "int", 3600),
        ("locks.redis", "str", "default"),
        ("ratelimit.redis", "str", "default"),
        ("ratelimit.on_error", "str", "fallback"),
        ("ratelimit.processes", "int", 1),
        ("ratelimit.keys_in_memory", "int", 10000),
        ("ratelimit.follow_s", "float", 5.0),
        ("ratelimit.ipv6_prefix", "int", 64),
        ("ratelimit.allow", "list of str", []),
        ("ratelimit.deny", "list of str", []),
        ("ratelimit.paths.NAME.rates", "str", "100/m"),
        ("ratelimit.paths.NAME.key", "str", "address"),
        ("ratelimit.paths.NAME.methods", "list of str", []),
        ("ratelimit.paths.NAME.algorithm", "str", "window"),
        ("ratelimit.paths.NAME.burst", "int", 0),
        ("ratelimit.paths.NAME.dry_run", "bool", False),
        ("ratelimit.login.known_days", "int", 90),
        ("realtime.channels.NAME.authorise", "str", "nobody"),
        ("redis.url", "str or None", None),
        ("sessions.adopt_from", "str", ""),
        ("trusted_proxies", "list of str", []),
    ]:
        assert row in listed


@pytest.mark.parametrize("share", [-0.1, 1.1, 2])
def test_a_share_is_from_0_to_1(share):
    with override_settings(PRAXIS={"cache": {"verify_share": share}}):
        (mistake,) = find_mistakes()
    assert mistake.code == "E004"
    assert "from 0 to 1" in mistake.message


def test_a_share_may_be_either_end():
    for share in (0, 1, 0.5):
        with override_settings(PRAXIS={"cache": {"verify_share": share}}):
            assert config().cache.verify_share == share


def test_lists_and_dicts_of_texts_are_frozen():
    praxis = {
        "cache": {"views": {"/shop/*": {"vary": ["user"]}}, "dimensions": {"region": "header:X"}}
    }
    with override_settings(PRAXIS=praxis):
        assert config().cache.views["/shop/*"].vary == ("user",)
        assert config().cache.dimensions == {"region": "header:X"}
        with pytest.raises(TypeError):
            config().cache.dimensions["region"] = "header:Y"


@pytest.mark.parametrize(
    ("cache", "where"),
    [
        ({"views": {"/": {"vary": "user"}}}, "PRAXIS['cache']['views']['/']['vary']"),
        ({"views": {"/": {"vary": [1]}}}, "PRAXIS['cache']['views']['/']['vary']"),
        ({"dimensions": {"region": len}}, "PRAXIS['cache']['dimensions']"),
        ({"dimensions": ["region"]}, "PRAXIS['cache']['dimensions']"),
    ],
)
def test_lists_and_dicts_of_texts_hold_nothing_else(cache, where):
    with override_settings(PRAXIS={"cache": cache}):
        (mistake,) = find_mistakes()
    assert mistake.code == "E003"
    assert mistake.message.startswith(where + " must be")


def test_a_time_of_being_stale_is_not_negative():
    with override_settings(PRAXIS={"cache": {"views": {"/": {"stale_s": -1}}}}):
        (mistake,) = find_mistakes()
    assert mistake.code == "E004"
    assert "at least 0" in mistake.message
