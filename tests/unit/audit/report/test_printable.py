import unicodedata

import pytest

from praxis.audit.report.printable import printable


def test_leaves_ordinary_text_alone():
    text = "x = 'ünï 日本 🙂 [red]' \\"
    assert printable(text) == text


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_lets_no_control_character_through(code):
    shown = printable(f"a{chr(code)}b")
    assert not any(unicodedata.category(character) == "Cc" for character in shown)


@pytest.mark.parametrize("code", [0x202A, 0x202E, 0x2066, 0x2069, 0x200F, 0xDC80])
def test_shows_what_would_turn_the_reading_direction(code):
    assert printable(chr(code)) == "\ufffd"
