import ast

import pytest

from praxis.audit.facts.parsing import Text, decode, parse
from praxis.audit.findings import Problem


def problem(data):
    decoded = decode("a.py", data)
    read = parse("a.py", decoded.text) if isinstance(decoded, Text) else decoded
    assert isinstance(read, Problem)
    return read


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xef\xbb\xbfx = 1\n",
        b"# coding: latin-1\nx = '\xe9'\n",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r",
        b"\x0cx = 1\n\x0c\ny = 2\n",
    ],
)
def test_reads_and_writes_back_byte_for_byte(data):
    decoded = decode("a.py", data)
    assert isinstance(decoded, Text)
    assert isinstance(parse("a.py", decoded.text), ast.Module)
    assert decoded.encode() == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x = '\xe9'\n", "byte 5 is not utf-8; save the file as UTF-8"),
        (b"x = 1\n\n\ny = '\xe9'\n", "byte 13 is not utf-8"),
        ("x = 1\n".encode("utf-16"), "UTF-16"),
        (b"# coding: nonsense\n", "unknown encoding: nonsense"),
        (b"# coding: rot13\nk = 1\n", "makes no text"),
        (b"# coding: undefined\nk = 1\n", "undefined"),
        (b"# coding: raw_unicode_escape\nk = '\\ud800'\n", "surrogate"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "its coding line something else"),
        (b"x = 1\0\n", "null byte"),
    ],
)
def test_says_why_bytes_are_no_text(data, said):
    assert said in problem(data).message


def test_advises_a_coding_line_where_python_reads_one():
    assert "coding: latin-1" in problem(b"x = '\xe9'\n").message
    page = decode("page.html", b"<p>\xe9</p>\n")
    assert isinstance(page, Problem)
    assert page.message == "not read: byte 3 is not utf-8; save the file as UTF-8"


def test_names_the_line_of_a_wrong_byte():
    assert problem(b"x = 1\n\n\ny = '\xe9'\n").line == 4


@pytest.mark.parametrize(
    "line",
    [
        "print 'x'",
        "print 'x' % y,",
        "exec 'x'",
        "raise A, 'x'",
        "x = `y`",
        "x = 0777",
        "x = 10L",
        "x = a <> b",
        "x = ur'a'",
        "def f((a, b)): pass",
    ],
)
def test_says_that_it_is_python_2(line):
    found = problem(f"y = 1\n{line}\n".encode())
    assert found.message.startswith("not read: Python 2 syntax")


@pytest.mark.parametrize("line", ["def f(:", "x = = 1", "if a\n    pass"])
def test_other_mistakes_are_not_taken_for_python_2(line):
    found = problem(f"{line}\n".encode())
    assert "Python 2" not in found.message
    assert found.line >= 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + ")" * 5000,
        "not " * 50_000 + "x",
        "-" * 50_000 + "x",
        "if a: pass\n" + "elif a: pass\n" * 20_000,
        "x" + ".a" * 20_000,
        "x = " + "a + " * 20_000 + "a",
        "".join(" " * depth + "if a:\n" for depth in range(300)),
    ],
    ids=["parentheses", "not", "minus", "elif", "attributes", "sums", "blocks"],
)
def test_nesting_without_end_is_a_problem_or_a_tree_but_no_crash(text):
    read = parse("a.py", text)
    assert isinstance(read, ast.Module | Problem)
    if isinstance(read, Problem):
        assert read.message.startswith("not read: ")
