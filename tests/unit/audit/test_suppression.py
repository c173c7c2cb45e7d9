import pytest

from praxis.audit.config import Config
from praxis.audit.facts.sources import Kind
from praxis.audit.suppression import find_suppressions

pytestmark = pytest.mark.usefixtures("rule")


def told(outcome):
    return sorted(finding.place.line for finding in outcome.findings)


def said(outcome):
    return [str(comment) for comment in outcome.comments]


@pytest.mark.parametrize(
    "comment",
    [
        "# praxis: ignore[call_of_bad] why",
        "# praxis: ignore[call-of-bad] why",
        "# praxis: ignore[TST901] why",
        "# praxis: ignore[tst901]",
        "#praxis:ignore[call_of_bad]: why",
        "# noqa: F821  # praxis: ignore[call_of_bad] why",
        "# praxis: ignore[count_to_test_existence, call_of_bad] why",
    ],
)
def test_silences_the_line_it_ends(outcome_of, comment):
    outcome = outcome_of({"views.py": f"bad(1)  {comment}\nbad(2)\n"})
    assert told(outcome) == [2]
    assert [finding.place.line for finding, _ in outcome.suppressed] == [1]


@pytest.mark.parametrize(
    "source",
    [
        'bad("# praxis: ignore[call_of_bad] in a string")\n',
        'TEXT = """\n# praxis: ignore[call_of_bad]\n"""; bad(1)\n',
        'bad("""\n# praxis: ignore[call_of_bad]\n""")\n',
        "bad(f'# praxis: ignore[call_of_bad] {1}')\n",
    ],
)
def test_takes_no_string_for_a_comment(outcome_of, source):
    outcome = outcome_of({"views.py": source})
    assert len(outcome.findings) == 1
    assert not outcome.comments


@pytest.mark.parametrize(
    ("source", "left"),
    [
        pytest.param("x = bad(\n    1,\n)  # praxis: ignore[TST901]\n", [], id="last line"),
        pytest.param("x = bad(  # praxis: ignore[TST901]\n    1,\n)\n", [], id="first line"),
        pytest.param("x = bad(\n    1,  # praxis: ignore[TST901]\n)\n", [], id="line within"),
        pytest.param(
            "x = [\n    bad(1),  # praxis: ignore[TST901]\n    bad(2),\n]\n", [3], id="one element"
        ),
        pytest.param(
            "x = [\n    # praxis: ignore[TST901]\n    bad(1),\n    bad(2),\n]\n",
            [4],
            id="above one element",
        ),
        pytest.param("# praxis: ignore[TST901]\nx = bad(\n    1)\nbad(2)\n", [4], id="above"),
        pytest.param(
            "# praxis: ignore[TST901]\n\n# more\nbad(1)\nbad(2)\n", [5], id="comments between"
        ),
        pytest.param(
            "if True:\n    # praxis: ignore[TST901]\n    bad(1)\n    bad(2)\n", [4], id="indented"
        ),
        pytest.param(
            "for x in bad(1):  # praxis: ignore[TST901]\n    bad(2)\n", [2], id="head of a block"
        ),
        pytest.param(
            "# praxis: ignore[TST901]\n@bad(1)\n@bad(2)\ndef f(x=bad(3)):\n    bad(4)\n",
            [5],
            id="decorators and head",
        ),
        pytest.param("bad(1)\n# praxis: ignore[TST901]\n", [1], id="nothing follows"),
        pytest.param("'''a\nb'''; bad(1)  # praxis: ignore[TST901]\n", [], id="after a string"),
        pytest.param("x = 1; \\\n  bad(1)  # praxis: ignore[TST901]\n", [], id="backslash"),
    ],
)
def test_speaks_for_the_statement(outcome_of, source, left):
    assert told(outcome_of({"views.py": source})) == left


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_counts_lines_of_other_systems(outcome_of, end):
    source = f"x = '\x0c'{end}bad(1)  # praxis: ignore[TST901]{end}bad(2){end}"
    assert told(outcome_of({"views.py": source})) == [3]


def test_does_not_reach_an_outer_call_from_a_line_of_another_statement(outcome_of):
    source = "bad(1)\ny = 2  # praxis: ignore[TST901]\n"
    assert told(outcome_of({"views.py": source})) == [1]


@pytest.mark.parametrize(
    "comment", ["# praxis: ignore", "# praxis: ignore[]", "# praxis: ignore[x"]
)
def test_says_a_comment_without_a_rule(outcome_of, comment):
    outcome = outcome_of({"views.py": f"bad(1)  {comment}\n"})
    assert told(outcome) == [1]
    assert len(said(outcome)) == 1
    assert said(outcome)[0].startswith("views.py:1: this comment silences nothing: name the rule")


def test_says_a_rule_that_does_not_exist_and_what_was_meant(outcome_of):
    outcome = outcome_of({"views.py": "bad(1)  # praxis: ignore[call_of_bat, TST901]\n"})
    assert told(outcome) == []
    assert said(outcome) == ["views.py:1: call_of_bat is no rule; did you mean call_of_bad?"]


def test_says_an_unused_comment(outcome_of):
    outcome = outcome_of({"views.py": "x = 1  # praxis: ignore[call_of_bad] no longer\n"})
    assert said(outcome) == [
        "views.py:1: unused: call_of_bad finds nothing here; remove the comment"
    ]


def test_does_not_call_a_comment_unused_whose_rule_did_not_run(outcome_of):
    files = {"views.py": "x = 1  # praxis: ignore[call_of_bad] no longer\n"}
    assert not said(outcome_of(files, Config(ignore=("call_of_bad",))))


def test_demands_a_reason_where_configured(outcome_of):
    config = Config(select=("TST901",), require_reason=True)
    files = {
        "a.py": "bad(1)  # praxis: ignore[TST901]\n",
        "b.py": "bad(1)  # praxis: ignore[TST901] it is a test\n",
    }
    outcome = outcome_of(files, config)
    assert [finding.place.path for finding in outcome.findings] == ["a.py"]
    assert [comment.reason for _, comment in outcome.suppressed] == ["it is a test"]
    assert said(outcome) == ["a.py:1: silences nothing without a reason: add it after the ]"]


@pytest.mark.parametrize(
    ("template", "line", "reason"),
    [
        ("{{ x }} {# praxis: ignore[some_rule] once a day #}\n{{ y }}", 1, "once a day"),
        ("{# praxis: ignore[some_rule] why #}\n\n{{ x }}", 3, "why"),
        ("<!-- praxis: ignore[some_rule] why -->\n{# other #}\n{{ x }}", 3, "why"),
        ("{# praxis: ignore[some_rule] why #} {{ x }}\n{{ y }}", 1, "why"),
        ("a\r\n{# praxis: ignore[some_rule] #}\r\n{{ x }}", 3, ""),
    ],
)
def test_reads_comments_of_templates(template, line, reason):
    (found,) = find_suppressions(template, Kind.TEMPLATE)
    assert found.covers(line, line, "ABC101", "some_rule")
    assert not found.covers(line + 1, line + 1, "ABC101", "some_rule")
    assert found.reason == reason


def test_takes_a_hash_in_a_template_for_text():
    assert find_suppressions("# praxis: ignore[some_rule]\n", Kind.TEMPLATE) == ()


def test_reads_comments_up_to_what_it_cannot_tokenise():
    source = "bad(1)  # praxis: ignore[some_rule]\nx = (\n"
    (found,) = find_suppressions(source)
    assert found.covers(1, 1, "ABC101", "some_rule")
