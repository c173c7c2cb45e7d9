import random

import pytest

from praxis.audit.findings import Cost, Edit, Finding, Fix, Safety, Severity
from praxis.audit.fixing.planning import Choice, make_plan
from tests.temporary_rules import editing, make_rule, registered, renaming, spanning, unwrapping

OLD = renaming("TST101", "old", "new")


def planned(site, *rules, **choice):
    with registered(*rules):
        return make_plan(site.auditor, Choice(**choice))


def after(plan, path="shop/views.py"):
    return plan.changes[path].after.decode()


def test_changes_the_code_and_leaves_the_rest_as_it_was(site):
    plan = planned(site({"shop/views.py": "x =  old( 1 ) # why\n\n\ny=1"}), OLD)
    assert after(plan) == "x =  new( 1 ) # why\n\n\ny=1"
    assert [(one.mark.code, one.line) for one in plan.applied] == [("TST101", 1)]


def test_writes_nothing(site):
    made = site({"shop/views.py": "old(1)\n"})
    planned(made, OLD)
    assert made.read("shop/views.py") == "old(1)\n"


def test_adds_what_two_fixes_both_want_once(site):
    rule = renaming("TST101", "old", "new", importing="from shop import new")
    plan = planned(site({"shop/views.py": "old(1)\nold(2)\n"}), rule)
    assert after(plan) == "from shop import new\nnew(1)\nnew(2)\n"
    assert len(plan.applied) == 2


def test_applies_fixes_that_collide_in_later_rounds(site):
    plan = planned(
        site({"shop/views.py": "x = wrap(wrap(wrap(1)))\n"}), unwrapping("TST102", "wrap")
    )
    assert after(plan) == "x = 1\n"
    assert not plan.refused


@pytest.mark.parametrize("worse", ["TST103", "TST104"])
def test_the_worse_finding_goes_first_where_two_collide(site, worse):
    def to(code, text):
        severity = Severity.ERROR if code == worse else Severity.NOTE
        return renaming(code, "old", text, severity=severity)

    plan = planned(site({"shop/views.py": "old(1)\n"}), to("TST103", "three"), to("TST104", "four"))
    assert after(plan) == {"TST103": "three(1)\n", "TST104": "four(1)\n"}[worse]
    assert [one.mark.code for one in plan.applied] == [worse]


def test_different_texts_for_one_place_take_a_round_each(site):
    rules = [
        renaming(f"TST10{number}", f"old{number}", f"new{number}", importing=f"import x{number}")
        for number in range(4)
    ]
    plan = planned(site({"shop/views.py": "".join(f"old{n}()\n" for n in range(4))}), *rules)
    lines = after(plan).splitlines()
    assert sorted(lines[:4]) == [f"import x{number}" for number in range(4)]
    assert lines[4:] == [f"new{number}()" for number in range(4)]


def test_leaves_unsafe_fixes_alone_unless_asked(site):
    rule = renaming("TST101", "old", "new", safety=Safety.UNSAFE)
    made = site({"shop/views.py": "old(1)\n"})
    plan = planned(made, rule)
    assert not plan.changes
    assert plan.unsafe_count == 1
    assert after(planned(made, rule, unsafe=True)) == "new(1)\n"


def test_refuses_what_would_not_parse_and_applies_the_rest(site):
    broken = editing("TST105", "bad", lambda file, node: (file.replace(node, "1 +"),))
    plan = planned(site({"shop/views.py": "x = bad()\ny = old(1)\n"}), OLD, broken)
    assert after(plan) == "x = bad()\ny = new(1)\n"
    (refused,) = plan.refused
    assert refused.finding.code == "TST105"
    assert "would not parse any more (line 1" in refused.reason


def test_refuses_what_would_lose_a_comment(site):
    def cut(file, node):
        start, end = file.span(node)
        return (Edit(file.path, start, end, "fine()"),)

    plan = planned(
        site({"shop/views.py": "x = bad(  # keep me\n)\ny = bad()\n"}),
        editing("TST105", "bad", cut),
    )
    assert after(plan) == "x = bad(  # keep me\n)\ny = fine()\n"
    assert "would lose a comment: # keep me" in plan.refused[0].reason


def test_a_sign_in_a_string_is_no_comment(site):
    plan = planned(
        site({"shop/views.py": "x = bad('# no comment')\n"}),
        editing("TST105", "bad", lambda file, node: (Edit(file.path, *file.span(node), "fine()"),)),
    )
    assert after(plan) == "x = fine()\n"


def test_two_fixes_that_are_valid_only_one_at_a_time(site):
    """Either may drop its half of a pair of names; without both, no name is bound."""

    def drop(file, node):
        start, end = file.span(node)
        return (Edit(file.path, start, end + 1, ""),)

    plan = planned(
        site({"shop/views.py": "with bad(),bad():\n    pass\n"}), editing("TST105", "bad", drop)
    )
    assert plan.changes == {} or after(plan).startswith("with bad()")
    assert plan.refused


def test_notices_a_text_that_it_has_seen_before(site):
    longer, shorter = renaming("TST108", "xold", "old"), renaming("TST109", "old", "xold")
    plan = planned(site({"shop/views.py": "xold(1)\n"}), longer, shorter)
    assert not plan.unfinished
    assert [refused.finding.code for refused in plan.refused]


def test_all_edits_of_a_fix_or_none(site):
    rule = spanning("TST106", "shop/a.py", "shop/b.py")
    made = site({"shop/a.py": "OLD = 1\n", "shop/b.py": "from shop.a import OLD\n"})
    plan = planned(made, rule)
    assert after(plan, "shop/a.py") == "NEW = 1\n"
    assert after(plan, "shop/b.py") == "from shop.a import NEW\n"
    blocked = planned(made, rule, blocked={"shop/b.py": "shop/b.py is read-only"})
    assert not blocked.changes
    assert [refused.reason for refused in blocked.refused] == ["shop/b.py is read-only"]


def test_takes_back_a_fix_that_leaves_its_finding(site):
    useless = renaming("TST107", "same", "same")
    plan = planned(site({"shop/views.py": "same(1)\nold(2)\n"}), useless, OLD)
    assert after(plan) == "same(1)\nnew(2)\n"
    assert plan.refused[0].finding.code == "TST107"
    assert "the finding stayed" in plan.refused[0].reason


def test_takes_back_a_fix_that_grows_for_ever(site):
    growing = editing("TST107", "grow", lambda file, node: (file.replace(node, "grow(grow())"),))
    plan = planned(site({"shop/views.py": "x = grow()\nold(2)\n"}), growing, OLD)
    assert after(plan) == "x = grow()\nnew(2)\n"


def test_fixes_that_undo_each_other_come_to_an_end(site):
    there, back = renaming("TST108", "here", "there"), renaming("TST109", "there", "here")
    plan = planned(site({"shop/views.py": "here(1)\nold(2)\n"}), there, back, OLD)
    assert after(plan) in ("there(1)\nnew(2)\n", "here(1)\nnew(2)\n")
    assert any("came back" in refused.reason for refused in plan.refused)


def test_a_ring_of_three_comes_to_an_end(site):
    ring = [renaming(f"TST11{n}", f"f{n}", f"f{(n + 1) % 3}") for n in range(3)]
    plan = planned(site({"shop/views.py": "f0(1)\nf1(2)\nf2(3)\n"}), *ring)
    assert plan.refused
    assert not plan.unfinished


def test_a_fix_may_lead_to_another(site):
    chain = [renaming(f"TST11{n}", f"f{n}", f"f{n + 1}") for n in range(3)]
    assert after(planned(site({"shop/views.py": "f0(1)\n"}), *chain)) == "f3(1)\n"


@pytest.mark.parametrize("path", ["../outside.py", "/etc/passwd", "shop/none.py"])
def test_a_fix_of_a_file_that_was_not_read_is_refused(site, path):
    rule = editing("TST105", "bad", lambda file, node: (Edit(path, 0, 0, "#"),))
    plan = planned(site({"shop/views.py": "bad()\n"}), rule)
    assert not plan.changes
    assert "is not a file that was read" in plan.refused[0].reason


@pytest.mark.parametrize(
    "before",
    [
        "# -*- coding: latin-1 -*-\nx = 'é'; old(1)\n".encode("latin-1"),
        "\ufeffx = 'é漢'; old(1)\n".encode(),
        "x = '漢'; old(1)\r\n\r\ny = 2\r\n".encode(),
        b"old(1)",
        b"x = 1\x0c\nold(1)\n",
    ],
)
def test_keeps_encoding_and_line_ends_to_the_byte(site, before):
    plan = planned(site({"shop/views.py": before}), OLD)
    assert plan.changes["shop/views.py"].after == before.replace(b"old(1)", b"new(1)")


def test_an_inserted_line_ends_as_the_others_do(site):
    rule = renaming("TST101", "old", "new", importing="import new")
    plan = planned(site({"shop/views.py": "x = 1\r\nold(1)\r\n"}), rule)
    assert after(plan) == "import new\r\nx = 1\r\nnew(1)\r\n"


def test_refuses_letters_that_the_encoding_does_not_have(site):
    rule = editing("TST105", "bad", lambda file, node: (file.replace(node, "f('漢')"),))
    plan = planned(site({"shop/views.py": b"# coding: latin-1\nbad()\nold(1)\n"}), rule, OLD)
    assert plan.changes["shop/views.py"].after == b"# coding: latin-1\nbad()\nnew(1)\n"
    assert "latin-1" in plan.refused[0].reason or "iso-8859-1" in plan.refused[0].reason


def test_a_link_inside_of_the_project_is_mended_once_where_it_leads(site):
    made = site({"shop/views.py": "old(1)\n"})
    (made.folder / "shop/again.py").symlink_to("views.py")
    plan = planned(made, OLD)
    assert list(plan.changes) == ["shop/views.py"]
    assert after(plan) == "new(1)\n"


def test_read_only_files_and_folders_are_refused(site):
    made = site({"shop/a.py": "old(1)\n", "shop/b.py": "old(1)\n", "cart/c.py": "old(1)\n"})
    (made.folder / "shop/a.py").chmod(0o444)
    (made.folder / "cart").chmod(0o555)
    try:
        plan = planned(made, OLD)
    finally:
        (made.folder / "cart").chmod(0o755)
    assert list(plan.changes) == ["shop/b.py"]
    assert sorted(refused.reason for refused in plan.refused) == [
        "shop/a.py is read-only",
        "the folder of cart/c.py is read-only",
    ]


def test_only_marks_that_are_allowed(site):
    made = site({"shop/views.py": "old(1)\nold(2)\nold(3)\n"})
    full = planned(made, OLD)
    second = full.applied[1].mark
    plan = planned(made, OLD, allows=lambda mark: mark == second)
    assert after(plan) == "old(1)\nnew(2)\nold(3)\n"


def test_random_nests_end_mended_or_refused(site):
    """Whatever the fixes do to each other: valid code, and a second plan that changes nothing."""
    chance = random.Random(7)
    rules = [
        unwrapping("TST101", "a"),
        renaming("TST102", "b", "a"),
        renaming("TST103", "c", "b", importing="import b"),
        renaming("TST104", "d", "c", importing="import c"),
    ]

    def nest(depth):
        if not depth:
            return str(chance.randint(0, 9))
        return f"{chance.choice('abcd')}({nest(depth - 1)})"

    made = site({})
    for _ in range(12):
        source = "".join(f"x = {nest(chance.randint(0, 4))}\n" for _ in range(4))
        made.write({"shop/views.py": source})
        plan = planned(made, *rules)
        if plan.changes:
            made.write({"shop/views.py": plan.changes["shop/views.py"].after})
        compile(made.read("shop/views.py"), "views.py", "exec")
        assert not planned(made, *rules).changes
        assert not plan.refused


@pytest.mark.parametrize(("queries", "kept"), [("2, 1", True), ("2, 2", False)])
def test_keeps_a_fix_that_spares_some_of_the_queries(site, queries, kept):
    first, then = queries.split(", ")

    def check(file, node):
        if file.source(node.func) == "costs":
            edit = file.replace(node, f"costs({then}, now)")
            fix = Fix((edit,), Safety.SAFE, "") if len(node.args) == 1 else None
            yield Finding(file.place(node), "Costs.", fix, cost=Cost(node.args[0].value))

    plan = planned(site({"shop/views.py": f"costs({first})\n"}), make_rule("TST110", "few", check))
    assert bool(plan.changes) == kept
    assert bool(plan.refused) != kept
