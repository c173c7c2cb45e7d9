"""The harness that the rules' tests rely on must itself notice what a fix does wrong."""

import ast

import pytest

from praxis.audit.findings import Edit
from tests.audit_cases import rewrites
from tests.layouts import layouts, tree_of
from tests.temporary_rules import editing, registered, renaming, unwrapping

SOURCE = """\
from shop import orders


def view(request):
    names = orders.filter(name="foobar", paid=True).values("name")
    return render(request, {"names": [name for name in names]})  # all
"""


def test_derives_many_layouts_of_the_same_tree():
    found = dict(layouts(SOURCE))
    assert len(found) == 18
    assert len(set(found.values())) == 18
    for text in found.values():
        assert tree_of(text) == tree_of(SOURCE)


def test_leaves_out_layouts_that_would_be_other_code():
    found = dict(layouts('x = """a\n    b"""\n'))
    assert "indented by tabs" not in found


def test_a_fix_by_offsets_passes():
    with registered(renaming("TST101", "old", "new")):
        rewrites("TST101", "x = old(1, 2)\n", "x = new(1, 2)\n")


def test_a_fix_that_declines_where_it_would_lose_a_comment_passes():
    with registered(unwrapping("TST102", "wrap")):
        rewrites("TST102", "x = wrap(1)\n", "x = 1\n")


def cut(file, node):
    """Replaces the call without a look at what stands in it."""
    start, end = file.span(node)
    return (Edit(file.path, start, end, "fine()"),)


def count_bytes(file, node):
    """Takes a column of `ast`, which counts bytes, for an offset."""
    start = file.lines.starts[node.lineno - 1] + node.col_offset
    return (Edit(file.path, start, start + len("bad"), "fine"),)


def expect_one_layout(file, node):
    """Takes for granted where the bracket is."""
    start, end = file.span(node)
    return (Edit(file.path, start, end, f"fine({file.text[start + 4 : end - 1]}, timeout=1)"),)


def repeat_itself(file, node):
    """Is found again in what it made."""
    start, _ = file.span(node)
    return (Edit(file.path, start, start, "fine() or "),)


@pytest.mark.parametrize(
    ("edits", "before", "after", "complaint"),
    [
        (cut, "x = bad()\n", "x = fine()\n", "comments after opening brackets.*lost"),
        (count_bytes, "x = bad()\n", "x = fine()\n", "foreign letters before each statement"),
        (expect_one_layout, "x = bad(a)\n", "x = fine(a, timeout=1)\n", "in another layout"),
        (repeat_itself, "x = bad()\n", "x = fine() or bad()\n", "bad is flagged"),
    ],
)
def test_a_careless_fix_fails(edits, before, after, complaint):
    ast.parse(after)
    flagged = registered(editing("TST103", "bad", edits))
    with flagged, pytest.raises(AssertionError, match=f"(?s){complaint}"):
        rewrites("TST103", before, after)
