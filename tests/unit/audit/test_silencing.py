import ast

import pytest

from praxis.audit.config import Config
from praxis.audit.editing.edits import apply
from praxis.audit.facts.sources import Kind
from praxis.audit.findings import Finding, Place
from praxis.audit.silencing import MAX_COLUMNS, silence

pytestmark = pytest.mark.usefixtures("rule")

COMMENT = "# praxis: ignore[call_of_bad]"


def silenced(outcome_of, text):
    """The text with the comment; it holds what it is there for."""
    (finding, *_) = outcome_of({"views.py": text}).findings
    edit = silence(text, Kind.PYTHON, finding)
    assert edit is not None
    after = apply(text, [edit])
    outcome = outcome_of({"views.py": after})
    assert len(outcome.suppressed) == 1
    assert outcome.comments == []
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(text))
    return after


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("bad(1)\n", f"bad(1)  {COMMENT}\n"),
        ("bad(1)", f"bad(1)  {COMMENT}"),
        ("bad(1)   \n", f"bad(1)  {COMMENT}   \n"),
        ("bad(1)\r\nx\r\n", f"bad(1)  {COMMENT}\r\nx\r\n"),
        ("bad(1)  # why\n", f"bad(1)  # why  {COMMENT}\n"),
        ("def f():\n\treturn bad(1)\n", f"def f():\n\treturn bad(1)  {COMMENT}\n"),
        ("x = bad(\n    1,\n)\n", f"x = bad(  {COMMENT}\n    1,\n)\n"),
        ("if bad(1):\n    pass\n", f"if bad(1):  {COMMENT}\n    pass\n"),
    ],
)
def test_a_short_line_gets_it_at_its_end(outcome_of, text, after):
    assert silenced(outcome_of, text) == after


@pytest.mark.parametrize(
    "text",
    [
        f"x = [bad(1), '{'a' * MAX_COLUMNS}']\n",
        "x = f('''\n''', bad(1), '''\n''')\n",
        "x = 1 + \\\n    bad(1) + \\\n    2\n",
        "bad(1)  # praxis: ignore[orm101] why\n".replace("# praxis", "# praxis"),
    ],
    ids=["long", "strings", "backslashes", "taken"],
)
def test_else_it_goes_above_the_statement(outcome_of, text):
    body = "".join(f"    {line}\n" for line in text.splitlines()) if "'''" not in text else text
    text = f"def f():\n{body}" if "'''" not in text else text
    (finding, *_) = outcome_of({"views.py": text}).findings
    edit = silence(text, Kind.PYTHON, finding)
    after = apply(text, [edit])
    assert any(line.strip() == COMMENT for line in after.splitlines())
    assert len(outcome_of({"views.py": after}).suppressed) == 1


def test_a_decorator_gets_it_above_all_decorators(outcome_of):
    text = f"@one\n@bad(1, '{'a' * MAX_COLUMNS}')\ndef f():\n    pass\n"
    assert silenced(outcome_of, text).startswith(f"{COMMENT}\n@one\n")


def test_keeps_windows_line_ends(outcome_of):
    text = f"x = 1\r\ny = bad(1, '{'a' * MAX_COLUMNS}')\r\n"
    assert silenced(outcome_of, text).startswith(f"x = 1\r\n{COMMENT}\r\ny")


def test_says_why_where_a_reason_is_needed(outcome_of):
    (finding,) = outcome_of({"views.py": "bad(1)\n"}).findings
    edit = silence("bad(1)\n", Kind.PYTHON, finding, "say why")
    after = apply("bad(1)\n", [edit])
    config = Config(select=("TST",), require_reason=True)
    assert outcome_of({"views.py": after}, config).findings == []
    assert after.endswith("ignore[call_of_bad] say why\n")


def test_a_template_gets_a_comment_of_its_own():
    text = "<p>\n{{ a }}\n</p>\n"
    place = Place("a.html", 4, 11, 2, 1, 2, 8)
    finding = Finding(place, "", code="TST901", rule="call_of_bad")
    after = apply(text, [silence(text, Kind.TEMPLATE, finding)])
    assert after == "<p>\n{{ a }} {# praxis: ignore[call_of_bad] #}\n</p>\n"


def test_gives_up_on_what_cannot_be_parsed():
    finding = Finding(Place("a.py", 0, 1, 1, 1, 1, 2), "", code="TST901", rule="call_of_bad")
    assert silence("(\n", Kind.PYTHON, finding) is None
