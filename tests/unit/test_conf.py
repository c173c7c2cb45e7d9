import pytest
from django.test import override_settings

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
        assert config().redis == RedisConfig(url=Secret("redis://localhost"), timeout_s=1.0)
        with pytest.raises(AttributeError):
            config().redis.timeout_s = 2.0


def test_a_changed_setting_is_seen():
    with override_settings(PRAXIS={"redis": {"timeout_s": 1.0}}):
        assert config().redis.timeout_s == 1.0
    with override_settings(PRAXIS={"redis": {"timeout_s": 2.0}}):
        assert config().redis.timeout_s == 2.0


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        ([], "E001", ["PRAXIS must be a dict, not list"]),
        ({"redis": "redis://x"}, "E001", ["PRAXIS['redis'] must be a dict, not str"]),
        ({"reddis": {}}, "E002", ["PRAXIS['reddis']", "Did you mean 'redis'?", "Known here"]),
        ({7: {}}, "E002", ["PRAXIS[7]", "'redis'"]),
        ({"redis": {"uri": ""}}, "E002", ["'timeout_s', 'url'"]),
        ({"redis": {"timeout_s": "1"}}, "E003", ["must be float, not str"]),
        ({"redis": {"timeout_s": True}}, "E003", ["must be float, not bool"]),
        ({"redis": {"url": b"x"}}, "E003", ["must be str or None, not bytes"]),
        ({"redis": {"timeout_s": 0}}, "E004", ["greater than 0"]),
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
        assert config().redis.url.reveal() == "redis://:hunter2@host"
    with override_settings(PRAXIS={"redis": {"url": ["redis://:hunter2@host"]}}):
        (mistake,) = find_mistakes()
    assert "hunter2" not in mistake.message + mistake.hint


def test_the_reference_lists_every_setting():
    assert list(defaults()) == [
        ("redis.url", "str or None", None),
        ("redis.timeout_s", "float", 0.25),
    ]
