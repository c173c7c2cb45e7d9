import pytest

from praxis.audit.facts.sources import Kind
from praxis.audit.report.html.colouring import Colours


def pieces(text, kind=Kind.PYTHON):
    found = Colours(text, kind).between(0, len(text))
    return [(what, text[start:end]) for start, end, what in found]


def test_finds_what_python_is_made_of():
    text = 'def view(n):  # why\n    return f"{n}" if n > 10 else None\n'
    assert pieces(text) == [
        ("keyword", "def"), ("name", "view"), ("comment", "# why"), ("keyword", "return"),
        ("string", 'f"{n}"'), ("keyword", "if"), ("number", "10"), ("keyword", "else"),
        ("keyword", "None"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ['"# no"', "'a\\'b'", '"""a\n"b" # c\n"""', "rb'x'", '"""never closed\n', "''"],
)
def test_a_string_is_one_piece(text):
    assert pieces(f"x = {text}")[0] == ("string", text)


@pytest.mark.parametrize("text", ["classify", "x.import_", "format", "band", "x1", "re.in_bulk"])
def test_words_are_no_keywords_or_numbers(text):
    assert pieces(text) == []


def test_a_line_in_a_long_string_is_a_string():
    text = 'x = """\nreturn 1\n"""\n'
    start = text.index("return")
    assert Colours(text, Kind.PYTHON).between(start, start + 8) == [(0, 8, "string")]


def test_finds_what_templates_are_made_of():
    text = '{# why #}{% if a %}<p class="b">{{ a }}</p>{% endif %}'
    assert pieces(text, Kind.TEMPLATE) == [
        ("comment", "{# why #}"), ("keyword", "{% if"), ("keyword", "%}"), ("name", "<p"),
        ("string", '"b"'), ("decorator", "{{"), ("decorator", "}}"), ("name", "</p"),
        ("keyword", "{% endif"), ("keyword", "%}"),
    ]  # fmt: skip


def test_is_not_slow_on_what_never_ends():
    text = "'" * 20_001 + '"""' + "\\" * 20_001
    assert isinstance(pieces(text), list)
