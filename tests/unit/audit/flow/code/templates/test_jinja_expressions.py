import pytest

from praxis.audit.flow.code import ir
from tests.unit.audit.flow.code.templates.notation import code_of, read

VALUES = {
    "a": "a",
    "a.b.c": "a@b@c",
    "été.naïve": "été@naïve",
    "a.0.1.b": "a[0][1]@b",
    "a['b'][c.d]": "a['b'][c@d]",
    "a[1:b, 2]": "a[1:2:None]",
    "a[1:2]": "a[1:2:None]",
    "a[:2]": "a[None:2:None]",
    "a[::-1]": "a[None:None:-1]",
    "a[1, b]": "a[tuple(1, b)]",
    "a.b(c, *d, e=f.g, **h)": "a@b(c, *d, e=f@g, =h)",
    "a()()[0].b()": "a()()[0]@b()",
    "a|b": "(a|b)",
    "a.b|c('d', e=f)|g": "((a@b|c:'d':f)|g)",
    "a|b.c(d)": "(a|b.c:d)",
    "(a|b).c": "(a|b)@c",
    "a|b()(c)": "(a|b)(c)",
    "-a|b": "(?(a)|b)",
    "a + b|c": "(a + (b|c))",
    "a + b * c - d": "((a + (b * c)) - d)",
    "a // b % c ** d ** e": "((a // b) % ((c ** d) ** e))",
    "a ~ b.c ~ 'd'": "text(a, b@c, 'd')",
    "a ~ b + c": "(text(a, b) + c)",
    "a and b or not c and d": "((a and b) or ((not c) and d))",
    "a == b != c": "(a == b != c)",
    "a in b and c not in d": "((a in b) and (c not in d))",
    "not a in b": "(not (a in b))",
    "a if b else c if d else e": "(a if b else (c if d else e))",
    "a if b": "(a if b else None)",
    "a is defined": "(a|is defined)",
    "a.b is not defined and c": "((not (a@b|is defined)) and c)",
    "a is divisibleby 3": "(a|is divisibleby:3)",
    "a is divisibleby(b.c)": "(a|is divisibleby:b@c)",
    "a is sameas b.c or d": "((a|is sameas:b@c) or d)",
    "a is none": "(a is None)",
    "a is not none": "(a is not None)",
    "a is in b": "(a in b)",
    "a is not in [b]": "(a not in list(b))",
    "a is foo if b is bar else c": "((a|is foo) if (b|is bar) else c)",
    "a|b is c": "((a|b)|is c)",
    "(a)": "a",
    "(a,)": "tuple(a)",
    "(a, b)": "tuple(a, b)",
    "()": "tuple()",
    "a, b": "tuple(a, b)",
    "a,": "tuple(a)",
    "[a, [b], ]": "list(a, list(b))",
    "{'a': b, c: {}, }": "{'a': b, c: {}}",
    "'a' \"b\"": "'ab'",
    r"'\'a\\'": r'''"'a\\"''',
    "_('a b')": "_('a b')",
    "1": "1",
    "-1": "-1",
    "+1": "?(1)",
    "--1": "1",
    "1.5e3": "1500.0",
    "1_000": "1000",
    "0x1F": "31",
    "true": "True",
    "None": "None",
    "super()": "super()",
    "a\n  .b(\n c)": "a@b(c)",
    # what Jinja refuses
    "a b": "?(a)",
    "a.": "?()",
    "a.b(": "?()",
    "a[b c]": "?()",
    "a|": "?()",
    "a +": "?()",
    "{'a'}": "?()",
    "[a": "?()",
    "'a": "?()",
    "a is": "?()",
    "a.'b'": "?()",
    ")": "?()",
    "a $ b": "?(a)",
    "": "",
}


@pytest.mark.parametrize(("written", "expected"), VALUES.items(), ids=VALUES)
def test_values_are_read_as_jinja_reads_them(written, expected):
    told = f"show {expected};" if expected else ""
    assert read(f"é{{{{ {written} }}}}", jinja=True) == told
    assert read(f"{{{{- {written} -}}}}", jinja=True) == told


def test_places_leave_out_parentheses_but_for_those_of_tuples():
    text = "{{ ((a.b) + c)|d }}{{ (a, b) }}"
    first, second = code_of(text, jinja=True).body
    assert isinstance(first, ir.Show)
    assert isinstance(second, ir.Show)
    assert text[second.value.start : second.value.end] == "(a, b)"
    assert isinstance(first.value, ir.Filter)
    assert text[first.value.value.start : first.value.value.end] == "a.b) + c"


@pytest.mark.parametrize(
    "written",
    [
        "a" + ".b" * 2000,
        "a" + "|b" * 2000,
        "a" + "[0]" * 2000,
        "a" + "()" * 2000,
        "not " * 2000 + "a",
        "-" * 2000 + "a",
        "a == " * 2000 + "a",
        "a + " * 2000 + "a",
        "a ** " * 2000 + "a",
        "a ~ " * 2000 + "a",
        "a if b else " * 2000 + "a",
        "a if b " * 2000 + "a",
        "a is b " * 2000,
        "(" * 2000,
        "(" * 2000 + "a" + ")" * 2000,
        "[" * 2000 + "]" * 2000,
        "{a:" * 2000 + "}" * 2000,
        "a[" * 2000,
        "f(" * 2000,
        '"\\' * 2000,
        "(" * 20 + "a" + (".b" * 50 + "|c" * 50 + "+d" * 50 + ")") * 20,
    ],
)
def test_what_nobody_writes_so_long_is_given_up(written):
    tags = "{% if V %}{% endif %}{{ V }}{% foo V %}{% set V %}{% for V %}{% endfor %}{% do V %}"
    code_of(tags.replace("V", written), jinja=True)
