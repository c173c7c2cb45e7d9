import pytest

from tests.unit.audit.flow.code.templates.notation import code_of, read

VALUES = {
    "a": "a",
    "a.b.0.c": "a.b.0.c",
    "été.naïve": "été.naïve",
    "a._b": "a._b",
    '"x y"': "'x y'",
    r'"x \"y\" \\"': "'x \"y\" \\\\'",
    "'x'": "'x'",
    "''": "''",
    '_("x y")': "'x y'",
    "1": "1",
    "-1": "-1",
    "+1.5": "1.5",
    "1e3": "1000.0",
    ".5": "0.5",
    "True": "True",
    "None": "None",
    "a|upper": "(a|upper)",
    "a.b | default : c": "?((a.b|default))",
    "a.b | default:c.d": "(a.b|default:c.d)",
    "a.b|default:c.d|slice:':3'|add:-1": "(((a.b|default:c.d)|slice:':3')|add:-1)",
    'a|date:_("Y m")': "(a|date:'Y m')",
    '"x"|add:a': "('x'|add:a)",
    '"x|y:z"|add:"|"': "('x|y:z'|add:'|')",
    "1|add:a": "(1|add:a)",
    # what Django refuses
    "a b": "?(a)",
    "a.b[0]": "?(a.b)",
    "a|": "?(a)",
    "a|b:": "?(a)",
    "a..b": "?(a)",
    "a.": "?(a)",
    "|a": "?()",
    "-a": "?()",
    '"x': "?()",
    "(a)": "?()",
    "": "",
}


@pytest.mark.parametrize(("written", "expected"), VALUES.items(), ids=VALUES)
def test_values_are_read_as_django_reads_them(written, expected):
    told = f"show {expected};" if expected else ""
    assert read(f"é{{{{ {written} }}}}") == told
    tight = f"{{% load a %}}{{{{{written}}}}}"  # white space control would be a sign of Jinja
    assert read(tight) == told


@pytest.mark.parametrize(
    ("written", "expected"), [("9" * 30, "?()"), ("9" * 5000, "inf"), ("1e999", "inf")]
)
def test_numbers_that_are_too_large_are_not_known(written, expected):
    assert read(f"{{{{ {written} }}}}") == f"show {expected};"


def test_long_texts_are_not_known():
    assert read("{{ '" + "x" * 121 + "'|add:a }}") == "show (?()|add:a);"


CONDITIONS = {
    "a": "a",
    "a.b|length": "(a.b|length)",
    "not a": "(not a)",
    "not not a": "(not (not a))",
    "a and b and c": "(a and b and c)",
    "a or b and c or d": "(a or (b and c) or d)",
    "not a and b": "((not a) and b)",
    "not a == b": "(not (a == b))",
    "a == b and c != d": "((a == b) and (c != d))",
    "a in b or a not in c": "((a in b) or (a not in c))",
    "a is None and b is not None": "((a is None) and (b is not None))",
    "a < 1 and b >= 2.5 and c <= d and e > f": "((a < 1) and (b >= 2.5) and (c <= d) and (e > f))",
    "a|length > 3": "((a|length) > 3)",
    'a == "x and y"': "(a == 'x and y')",
    "a == b == c": "((a == b) == c)",
    # what Django refuses
    "": "?()",
    "a b": "?(a, b)",
    "a and": "?(a)",
    "and a": "?(a)",
    "a == and b": "?(a, b)",
    "not": "not",
    "(a or b)": "(?() or ?(b))",
    "a==b": "?(a)",
}


@pytest.mark.parametrize(("written", "expected"), CONDITIONS.items(), ids=CONDITIONS)
def test_conditions_bind_as_those_of_django(written, expected):
    assert read(f"{{% if {written} %}}{{% endif %}}") == f"if {expected} {{}}"


@pytest.mark.parametrize(
    "written",
    [
        "a" + ".b" * 2000,
        "a" + "|b" * 2000,
        "not " * 2000 + "a",
        "a == " * 2000 + "a",
        "a or " * 2000 + "a",
        "a and not " * 2000 + "a",
        'a "' * 2000,
        '"\\' * 2000,
    ],
)
def test_what_nobody_writes_so_long_is_given_up(written):
    code_of(f"{{% if {written} %}}{{% endif %}}{{{{ {written} }}}}{{% foo {written} %}}")
