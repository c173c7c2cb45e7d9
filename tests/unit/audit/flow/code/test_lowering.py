import ast

import msgspec
import pytest

from praxis.audit.facts.sources import Role
from praxis.audit.file import File
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.lowering import lower


def code_of(source: str) -> ir.Code:
    code = lower(File("shop/views.py", Role.REQUEST, source, ast.parse(source)))
    assert code is not None
    return msgspec.msgpack.decode(msgspec.msgpack.encode(code), type=ir.Code)


def expression_of(source: str) -> ir.Expr:
    (statement,) = code_of(source).body
    assert isinstance(statement, ir.Evaluate)
    return statement.value


EXPRESSIONS = {
    "x": ir.Name, "x.y": ir.Attr, "x(1, a=2, **b)": ir.Call, "x[1]": ir.Item, "x[1:2]": ir.Slice,
    "(x, y)": ir.Seq, "{1: x, **y}": ir.Mapping, "[x for x in y if x]": ir.Comp,
    "{x: y for x in y}": ir.Comp, "lambda x, *y, z=1, **w: x": ir.Lambda,
    "x if y else z": ir.IfExp, "x and y": ir.BoolOp, "x < y <= z": ir.Compare, "not x": ir.Not,
    "(x := 1)": ir.Named, "x + y": ir.Binary, "f'{x}'": ir.Format, "~x": ir.Other,
    "-1": ir.Const, "x[1:2, 3]": ir.Item,
}  # fmt: skip


@pytest.mark.parametrize(("source", "kind"), EXPRESSIONS.items(), ids=EXPRESSIONS)
def test_expressions_keep_their_kind_and_place(source, kind):
    expr = expression_of(source)
    assert isinstance(expr, kind)
    inner = source.strip("()") if kind is ir.Named else source
    start = source.index(inner)
    assert (expr.start, expr.end) == (start, start + len(inner))


def test_places_count_characters():
    (first, second) = code_of("ä = 'öü'; b = ä.c\n").body
    assert (first.start, first.end) == (0, 8)
    assert isinstance(second, ir.Assign)
    assert second.value == ir.Attr(14, 17, ir.Name(14, "ä"), "c")


def test_statements_survive_encoding():
    source = """
import a.b, c as d
from ..e import f as g
x: int = 1
x += 1
for i, *j in y:
    continue
else:
    del x
while x:
    break
if x:
    pass
elif y:
    raise ValueError
with a as b, c:
    assert b
try:
    x
except ValueError as error:
    y
else:
    z
finally:
    w
match x:
    case [1, *rest] if rest:
        y
@decorated
async def f(a, /, b: int = 1, *c, d=2, **e) -> None:
    "doc"
    global g
    async for i in a:
        await i
    async with a:
        yield 1
    return
class K(Base):
    x = 1
    def m(self): pass
"""
    kinds = [type(statement) for statement in code_of(source).body]
    assert kinds == [
        ir.Import, ir.Import, ir.Assign, ir.AugAssign, ir.For, ir.While, ir.If, ir.With, ir.Try,
        ir.Match, ir.Def, ir.Class,
    ]  # fmt: skip


def test_imports_say_what_names_stand_for():
    imports = code_of("import a.b, c as d\nfrom ..e import f as g\nfrom . import h\n").body
    names = [pair for statement in imports for pair in statement.names]  # type: ignore[union-attr]
    assert names == [("a", "a"), ("d", "c"), ("g", "..e.f"), ("h", ".h")]


def test_functions_keep_parameters_decorators_and_annotations():
    (function,) = code_of("@d(1)\ndef f(a, *b: int, c=2, **e) -> str:\n    return a\n").body
    assert isinstance(function, ir.Def)
    assert [(p.name, p.kind) for p in function.parameters] == [
        ("a", ""), ("b", "*"), ("c", ""), ("e", "**"),
    ]  # fmt: skip
    assert len(function.decorators) == 1
    assert function.returns is not None


def test_long_texts_and_huge_numbers_are_dropped():
    for source in ("'x' * 3\n'" + "x" * 500 + "'\n", f"{10**40}\n", "b'x'\n", "1j\n", "...\n"):
        lower(File("a.py", Role.REQUEST, source, ast.parse(source)))
    value = code_of(f"x = {10**40}\n").body[0].value  # type: ignore[union-attr]
    assert isinstance(value, ir.Other)


def test_a_function_that_is_nested_too_deeply_spoils_no_other():
    deep = "+".join(["y"] * 700)
    source = f"def f():\n    return x.pk + {deep}\n\ndef g():\n    return x.pk\n"
    first, second = code_of(source).body
    assert isinstance(first, ir.Def)
    assert isinstance(second, ir.Def)
    assert (first.body, len(second.body)) == ((), 1)


def test_code_that_is_nested_too_deeply_is_not_lowered():
    source = "x = " + "+".join(["y"] * 700)
    tree = ast.parse(source)
    assert lower(File("a.py", Role.REQUEST, source, tree)) is None
