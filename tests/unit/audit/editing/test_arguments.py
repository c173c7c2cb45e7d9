import ast

import pytest

from praxis.audit.editing.arguments import remove_argument, remove_item
from praxis.audit.editing.edits import apply
from praxis.audit.facts.sources import Role
from praxis.audit.file import File


def made(source: str, name: str) -> str | None:
    """The source without the element that says *name*."""
    tree = ast.parse(source)
    file = File("case.py", Role.REQUEST, source, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            edit = remove_argument(file, node, name)
            return apply(source, [edit]) if edit else None
        if isinstance(node, ast.List | ast.Tuple):
            item = next(one for one in node.elts if ast.unparse(one) == name)
            edit = remove_item(file, node, item)
            return apply(source, [edit]) if edit else None
    return None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[x, a, b]\n", "[a, b]\n"),
        ("[a, x, b]\n", "[a, b]\n"),
        ("[a, x]\n", "[a]\n"),
        ("[a, x,]\n", "[a,]\n"),
        ("[x]\n", "[]\n"),
        ("[\n    x,\n]\n", "[]\n"),
        ("[\n    a,\n    x,\n    b,\n]\n", "[\n    a,\n    b,\n]\n"),
        ("[\n    a,\n    x,\n]\n", "[\n    a,\n]\n"),
        ("[\n    a,\n    x\n]\n", "[\n    a\n]\n"),
        ("(a, x, b)\n", "(a, b)\n"),
    ],
)
def test_takes_an_item_out_in_the_layout_of_the_list(source, expected):
    assert made(source, "x") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(x=1)\n", "f()\n"),
        ("f(a, x=1)\n", "f(a)\n"),
        ("f(x=1, b=2)\n", "f(b=2)\n"),
        ("f(\n    a,\n    x=1,\n    b=2,\n)\n", "f(\n    a,\n    b=2,\n)\n"),
        ("f(a, x=1, **more)\n", "f(a, **more)\n"),
    ],
)
def test_takes_an_argument_out(source, expected):
    assert made(source, "x") == expected


@pytest.mark.parametrize(
    "source",
    [
        "[(x), a]\n",
        "[\n    x,  # why\n    a,\n]\n",
        "[\n    a,  # why\n    x,\n]\n",
        "[\n    x,  # why\n]\n",
        "(a, x)\n",
        "f(a, y=1)\n",
        "f(x=(1 # why\n), a=2)\n",
    ],
)
def test_leaves_what_cannot_be_taken_out_cleanly(source):
    assert made(source, "x") is None
