"""Calls added to a chain: how the lines are broken, and what is left out."""

import ast

import pytest

from praxis.audit.editing.chain_layout import add_to_call, append_calls, quoted
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
            f'{{\n    "rows": {LONG}.order_by("pk").select_related(\n'
            '        "product__brand", "customer"\n    ),\n}\n'
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


def test_quotes_as_the_file_does():
    assert quoted("a = ['b', 'c', 'd', 'e']", ["x"]) == ["'x'"]
    assert quoted("a = ['b', \"c\"]", ["x"]) == ['"x"']
