import logging

import pytest
from django.core import signing
from django.test.utils import override_settings
from django.utils.crypto import get_random_string

from praxis.databases.positions import UNKNOWN, Position
from praxis.databases.tokens import MAX_CHARS, read_token, write_token

CLUSTER = 7404583213209841923
POSITIONS = {CLUSTER: Position(3, 0x16B374D848), 5: UNKNOWN}


def read(token, **options):
    return read_token(token, **{"max_age_s": 3600, **options})


def test_what_is_written_is_read():
    assert read(write_token(POSITIONS)) == POSITIONS


def test_a_token_fits_into_a_cookie_and_a_header_as_it_is():
    token = write_token(POSITIONS)
    assert all(char.isalnum() or char in ".-_:" for char in token)
    assert len(write_token({n + 2**63: UNKNOWN for n in range(16)})) <= MAX_CHARS


def test_no_token_is_nothing_to_tell_of(caplog):
    caplog.set_level(logging.INFO)
    assert read("") == {}
    assert caplog.text == ""


def tampered():
    token = write_token(POSITIONS)
    yield token.replace("16b374d848", "16b374d849")
    yield token[:-1]
    yield token.partition(":")[0]
    yield "x" * (MAX_CHARS + 1)
    yield "\x00é٣:"
    yield signing.Signer(salt="another").sign("0")
    for body in ("", "zz", "1_2", "1_2.3", "1_2.3.4.5", "1_a.b.g", "1__"):
        yield signing.Signer(salt="praxis.databases.token").sign(body)
    with override_settings(SECRET_KEY=get_random_string(50)):
        yield write_token(POSITIONS)


TAMPERED = list(tampered())


# by their numbers: the tokens themselves are others each second, and each worker collects them
@pytest.mark.parametrize("token", TAMPERED, ids=[str(each) for each in range(len(TAMPERED))])
def test_what_this_site_did_not_write_is_refused_and_told(token, caplog):
    caplog.set_level(logging.INFO, logger="praxis.databases")
    assert read(token) == {}
    assert "refused" in caplog.text


def test_an_ancient_token_is_refused_and_told(caplog):
    caplog.set_level(logging.INFO, logger="praxis.databases")
    token = write_token(POSITIONS, now=lambda: 1000.0)
    assert read(token, now=lambda: 4600.0) == POSITIONS
    assert read(token, now=lambda: 4601.0) == {}
    assert "3601 s old" in caplog.text


def test_a_clock_that_was_set_back_takes_nothing_away():
    token = write_token(POSITIONS, now=lambda: 5000.0)
    assert read(token, now=lambda: 0.0) == POSITIONS


def test_a_key_that_was_replaced_still_counts_while_it_is_a_fallback():
    token = write_token(POSITIONS)
    with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["tests-only"]):
        assert read(token) == POSITIONS
