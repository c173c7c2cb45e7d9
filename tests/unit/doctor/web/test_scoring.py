import pytest

from praxis.doctor.web.answers import Answer
from praxis.doctor.web.scoring import grade_of, lacks, parse_policy

GOOD = {
    "content-security-policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=63072000; includeSubDomains; preload",
    "x-content-type-options": "nosniff",
}


def points(headers, *, is_encrypted=True):
    answer = Answer("https://x/", 200, tuple(headers.items()))
    return {lack.header: lack.points for lack in lacks(answer, is_encrypted=is_encrypted)}


def test_takes_nothing_where_nothing_lacks():
    assert points(GOOD) == {}


@pytest.mark.parametrize(
    ("policy", "taken"),
    [
        ("script-src 'self'", 0),
        ("default-src 'self'", 0),
        ("default-src 'self' 'unsafe-inline'", 20),
        ("script-src 'unsafe-inline' 'nonce-abc'", 0),
        ("script-src 'unsafe-inline' 'strict-dynamic'", 0),
        ("script-src 'self' 'unsafe-eval'", 10),
        ("script-src *", 20),
        ("script-src data:", 20),
        ("script-src http://cdn.example", 20),
        ("img-src 'self'", 20),
        ("script-src 'self'; script-src *", 0),
        ("default-src 'self' 'unsafe-inline'; script-src 'self'", 0),
        ("default-src 'self'; style-src 'unsafe-inline'", 0),
        ("", 25),
        (" ; ", 25),
    ],
)
def test_reads_policies_as_browsers_do(policy, taken):
    headers = {**GOOD, "content-security-policy": policy, "x-frame-options": "DENY"}
    assert points(headers).get("Content-Security-Policy", 0) == taken


@pytest.mark.parametrize(
    ("value", "taken"),
    [
        ("max-age=15768000", 0),
        ('max-age="31536000"', 0),
        ("max-age=3600", 10),
        ("max-age=0", 10),
        ("includeSubDomains", 20),
        ("", 20),
    ],
)
def test_wants_half_a_year_of_strict_transport(value, taken):
    headers = {**GOOD, "strict-transport-security": value}
    assert points(headers).get("Strict-Transport-Security", 0) == taken


def test_cannot_be_strict_unencrypted():
    assert points(GOOD, is_encrypted=False) == {"Strict-Transport-Security": 20}


@pytest.mark.parametrize(("value", "taken"), [("deny", 0), ("SAMEORIGIN", 0), ("ALLOWALL", 20)])
def test_knows_the_two_ways_to_forbid_frames(value, taken):
    headers = {**GOOD, "content-security-policy": "default-src 'self'", "x-frame-options": value}
    assert points(headers).get("X-Frame-Options", 0) == taken


@pytest.mark.parametrize(
    ("value", "taken"), [("unsafe-url", 5), ("no-referrer", 0), ("unsafe-url, same-origin", 0)]
)
def test_takes_the_last_referrer_policy(value, taken):
    assert points({**GOOD, "referrer-policy": value}).get("Referrer-Policy", 0) == taken


def test_splits_policies():
    assert parse_policy("Default-Src 'Self' X; ;img-src") == {
        "default-src": ["'self'", "x"],
        "img-src": [],
    }


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "A+"), (95, "A"), (89, "A-"), (50, "C"), (24, "F"), (-40, "F")]
)
def test_gives_the_letter(score, grade):
    assert grade_of(score) == grade
