"""Calls added to a chain: how the lines are broken, and what is left out."""

import ast

import pytest

from praxis.audit.editing.chain_layout import add_to_call, append_calls, line_limit, quoted
from praxis.audit.editing.chain_links import links
from praxis.audit.editing.edits import apply
from praxis.audit.editing.known_places import node_at
from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from tests.layouts import tree_of

ADDED = (("select_related", ['"product__brand"', '"customer"']),)


def around(text, chain):
    file = File("shop/views.py", Role.SCRIPT, text, ast.parse(text))
    start = text.index(chain)
    return file, node_at(file, (start, start + len(chain)), ast.Call)


def appended(text, chain, calls=ADDED):
    file, nodes = around(text, chain)
    return apply(text, append_calls(file, nodes, calls))


LONG = 'Stock.objects.filter(quantity__gt=0, shelf="in the back")'

LAYOUTS = {
    "what fits stays on its line": (
        "rows = Stock.objects.all()[:9]\n",
        "Stock.objects.all()",
        'rows = Stock.objects.all().select_related("product__brand", "customer")[:9]\n',
    ),
    "two calls": (
        f"rows = {LONG}\n",
        LONG,
        f'rows = {LONG}.select_related(\n    "product__brand", "customer"\n)\n',
    ),
    "a longer chain with a slice in a loop": (
        f'for row in {LONG}.order_by("pk")[:9]:\n    print(row)\n',
        f'{LONG}.order_by("pk")',
        (
            f'for row in (\n    {LONG}\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer")[:9]\n):\n    print(row)\n'
        ),
    ),
    "a method behind": (
        f"def f():\n    return {LONG}.order_by().first()\n",
        f"{LONG}.order_by()",
        (
            f"def f():\n    return (\n        {LONG}\n        .order_by()\n"
            '        .select_related("product__brand", "customer")\n        .first()\n    )\n'
        ),
    ),
    "the only argument": (
        f'rows = list({LONG}.order_by("pk"))\n',
        f'{LONG}.order_by("pk")',
        (
            f'rows = list(\n    {LONG}\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer")\n)\n'
        ),
    ),
    "a value of a dictionary": (
        f'{{\n    "rows": {LONG}.order_by("pk"),\n}}\n',
        f'{LONG}.order_by("pk")',
        (
            f'{{\n    "rows": {LONG}\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer"),\n}\n'
        ),
    ),
    "the first call has lines": (
        "def f():\n    rows = Stock.objects.filter(\n        a=1, b=2\n    ).order_by()\n",
        "Stock.objects.filter(\n        a=1, b=2\n    ).order_by()",
        (
            "def f():\n    rows = (\n        Stock.objects.filter(a=1, b=2)\n        .order_by()\n"
            '        .select_related("product__brand", "customer")\n    )\n'
        ),
    ),
    "lines that must be kept": (
        "rows = Stock.objects.filter(\n    a=1,\n    b=2,\n).order_by()\n",
        "Stock.objects.filter(\n    a=1,\n    b=2,\n).order_by()",
        (
            "rows = (\n    Stock.objects.filter(\n        a=1,\n        b=2,\n    )\n"
            '    .order_by()\n    .select_related("product__brand", "customer")\n)\n'
        ),
    ),
    "a comment within": (
        "rows = Stock.objects.filter(\n    a=1,  # why\n).order_by()\n",
        "Stock.objects.filter(\n    a=1,  # why\n).order_by()",
        (
            "rows = Stock.objects.filter(\n    a=1,  # why\n).order_by()"
            '.select_related("product__brand", "customer")\n'
        ),
    ),
    "a string over lines": (
        'rows = Stock.objects.extra(where="""\n  a\n""").order_by()\n',
        'Stock.objects.extra(where="""\n  a\n""").order_by()',
        (
            'rows = Stock.objects.extra(where="""\n  a\n""").order_by()'
            '.select_related("product__brand", "customer")\n'
        ),
    ),
    "lines continued by backslashes": (
        'rows = Stock.objects \\\n    .order_by("pk") \\\n    .all()\n',
        'Stock.objects \\\n    .order_by("pk")',
        (
            'rows = Stock.objects \\\n    .order_by("pk") \\\n'
            '    .select_related("product__brand", "customer") \\\n    .all()\n'
        ),
    ),
    "a comprehension on a line": (
        f"names = [row.name for row in {LONG} if row]\n",
        LONG,
        (
            f"names = [\n    row.name\n    for row in {LONG}.select_related(\n"
            '        "product__brand", "customer"\n    )\n    if row\n]\n'
        ),
    ),
    "the end of a comprehension": (
        "names = list(row.customer.first_name for row in Stock.objects.filter(quantity__gt=0))\n",
        "Stock.objects.filter(quantity__gt=0)",
        (
            "names = list(\n    row.customer.first_name\n    for row in Stock.objects"
            ".filter(quantity__gt=0).select_related(\n"
            '        "product__brand", "customer"\n    )\n)\n'
        ),
    ),
    "a loop in brackets": (
        f'[\n    row.name\n    for row in {LONG}.order_by("pk")\n]\n',
        f'{LONG}.order_by("pk")',
        (
            f'[\n    row.name\n    for row in {LONG}\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer")\n]\n'
        ),
    ),
    "a keyword": (
        f'render(\n    rows={LONG}.order_by("pk"),\n)\n',
        f'{LONG}.order_by("pk")',
        (
            f'render(\n    rows={LONG}\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer"),\n)\n'
        ),
    ),
    "one of several arguments": (
        f'shown = render(request, {LONG}, "a.html")\n',
        LONG,
        (
            f"shown = render(\n    request,\n    {LONG}.select_related(\n"
            '        "product__brand", "customer"\n    ),\n    "a.html",\n)\n'
        ),
    ),
    "arguments that fit on a line of their own": (
        'shown = render_to_response(request, Stock.objects.all(), "a.html")\n',
        "Stock.objects.all()",
        (
            "shown = render_to_response(\n    request, Stock.objects.all()"
            '.select_related("product__brand", "customer"), "a.html"\n)\n'
        ),
    ),
    "too long in brackets of their own": (
        f"rows = Stock.objects.filter(quantity__gt=0, shelf='{'x' * 35}')\n",
        f"Stock.objects.filter(quantity__gt=0, shelf='{'x' * 35}')",
        (
            f"rows = Stock.objects.filter(\n    quantity__gt=0, shelf='{'x' * 35}'\n)"
            '.select_related("product__brand", "customer")\n'
        ),
    ),
    "a chain on lines": (
        'rows = (\n    Stock.objects\n    .order_by("pk")\n)\n',
        'Stock.objects\n    .order_by("pk")',
        (
            'rows = (\n    Stock.objects\n    .order_by("pk")\n'
            '    .select_related("product__brand", "customer")\n)\n'
        ),
    ),
}


@pytest.mark.parametrize(("text", "chain", "after"), LAYOUTS.values(), ids=LAYOUTS)
def test_breaks_lines_as_formatters_do(text, chain, after):
    changed = appended(text, chain)
    assert changed == after
    tree_of(changed)


ARGUMENTS = {
    "another": ('"a"', ["b"], '"a", "b"'),
    "a longer one takes the place": ('"a", "c"', ["a__b"], '"a__b", "c"'),
    "what is implied": ('"a__b"', ["a", "c"], '"a__b", "c"'),
    "what is there": ('"a"', ["a"], '"a"'),
}


@pytest.mark.parametrize(("before", "lookups", "after"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_adds_no_lookup_twice(before, lookups, after):
    text = f"rows = Book.objects.select_related({before}).all()\n"
    file, nodes = around(text, text[7:-1])
    call = next(call for call in links(nodes[0]) if call.args)
    edits = add_to_call(file, nodes, call, quoted(text, lookups), lookups)
    assert apply(text, edits) == f"rows = Book.objects.select_related({after}).all()\n"


def test_opens_the_brackets_of_a_call_that_grows_too_long():
    text = f"rows = {LONG}.select_related('a_field', 'b_field')\n"
    file, nodes = around(text, text[7:-1])
    edits = add_to_call(file, nodes, nodes[0], ["'product__brand'"], ["product__brand"])
    assert apply(text, edits) == (
        f"rows = {LONG}.select_related(\n    'a_field', 'b_field', 'product__brand'\n)\n"
    )


def test_adds_to_arguments_that_have_a_line_of_their_own():
    text = f"rows = {LONG}.select_related(\n    'a_field', 'b_field'\n)\n"
    file, nodes = around(text, text[7:-1])
    edits = add_to_call(file, nodes, nodes[0], ["'c'"], ["c"])
    assert apply(text, edits) == text.replace("'b_field'", "'b_field', 'c'")
    names = [letter * 20 for letter in "cde"]
    edits = add_to_call(file, nodes, nodes[0], [f"'{name}'" for name in names], names)
    lines = "".join(f"    '{name}',\n" for name in ("a_field", "b_field", *names))
    assert apply(text, edits) == f"rows = {LONG}.select_related(\n{lines})\n"


def test_lays_a_longer_chain_out_when_its_arguments_grow():
    text = f"rows = {LONG}.select_related('a_field').order_by()\n"
    file, nodes = around(text, text[7:-1])
    call = nodes[0].func.value
    edits = add_to_call(file, nodes, call, ["'product__brand'"], ["product__brand"])
    assert apply(text, edits) == (
        f"rows = (\n    {LONG}\n    .select_related('a_field', 'product__brand')\n"
        "    .order_by()\n)\n"
    )


def test_lines_may_be_as_long_as_those_that_could_be_broken():
    unbreakable = f"a = '{'x' * 100}'  # why\n"
    long = f"{'a' * 50} = {'b' * 50}\n"
    assert line_limit(unbreakable * 9) == 88
    assert line_limit(long * 2) == 88
    assert line_limit(long * 3) == 103


def test_quotes_as_the_file_does():
    assert quoted("a = ['b', 'c', 'd', 'e']", ["x"]) == ["'x'"]
    assert quoted("a = ['b', \"c\"]", ["x"]) == ['"x"']
