"""Lowered templates written as one line, and the check of where their parts stand."""

import msgspec

from praxis.audit.facts.sources import Role
from praxis.audit.flow.code import ir
from praxis.audit.flow.code.template_lowering import lower_template
from praxis.audit.template import Template


def code_of(text: str, *, jinja: bool = False) -> ir.TemplateCode:
    """The template, lowered, encoded and decoded; the places of all its parts are checked."""
    path = "shop/jinja2/a.html" if jinja else "shop/templates/a.html"
    code = lower_template(Template(path, Role.TEMPLATE, text))
    if code is None:
        return ir.TemplateCode(None, ())
    check_places(code, text)
    decoded = msgspec.msgpack.decode(msgspec.msgpack.encode(code), type=ir.TemplateCode)
    assert decoded == code
    assert code.jinja is jinja
    return code


def read(text: str, *, jinja: bool = False) -> str:
    """The statements of the template, in the notation of `told`."""
    return told(code_of(text, jinja=jinja).body)


def told(node: object) -> str:
    match node:
        case None | str() | bool():
            return str(node)
        case tuple():
            return " ".join(map(told, node))
        case ir.Name(_, name):
            return name
        case ir.Const(_, _, value):
            return repr(value)
        case ir.Lookup(_, _, value, name):
            return f"{told(value)}.{name}"
        case ir.Attr(_, _, value, name):
            return f"{told(value)}@{name}"
        case ir.Item(_, _, value, index):
            return f"{told(value)}[{told(index)}]"
        case ir.Slice(_, _, value, lower, upper, step):
            return f"{told(value)}[{told(lower)}:{told(upper)}:{told(step)}]"
        case ir.Call(_, _, function, args, keywords):
            return f"{told(function)}({_given(args, keywords)})"
        case ir.Star(_, _, value):
            return f"*{told(value)}"
        case ir.Filter(_, _, name, value, arguments):
            return f"({told(value)}|{name}{''.join(f':{told(one)}' for one in arguments)})"
        case ir.Seq(_, _, kind, items):
            return f"{kind}({', '.join(map(told, items))})"
        case ir.Mapping(_, _, keys, values):
            pairs = zip(keys, values, strict=True)
            return f"{{{', '.join(f'{told(key)}: {told(value)}' for key, value in pairs)}}}"
        case ir.BoolOp(_, _, operator, values):
            return f"({f' {operator} '.join(map(told, values))})"
        case ir.Compare(_, _, left, operators, comparators):
            pairs = zip(operators, comparators, strict=True)
            return f"({told(left)}{''.join(f' {sign} {told(one)}' for sign, one in pairs)})"
        case ir.Not(_, _, value):
            return f"(not {told(value)})"
        case ir.Binary(_, _, operator, left, right):
            return f"({told(left)} {operator} {told(right)})"
        case ir.Format(_, _, values):
            return f"text({', '.join(map(told, values))})"
        case ir.IfExp(_, _, test, body, orelse):
            return f"({told(body)} if {told(test)} else {told(orelse)})"
        case ir.Other(_, _, parts):
            return f"?({', '.join(map(told, parts))})"
        case ir.Show(_, _, value):
            return f"show {told(value)};"
        case ir.Evaluate(_, _, value):
            return f"do {told(value)};"
        case ir.Jump(_, _, kind):
            return f"{kind};"
        case ir.Assign(_, _, targets, value):
            return f"{told(targets)} = {told(value)};"
        case ir.If(_, _, test, body, orelse):
            return f"if {told(test)} {_block(body)}{_orelse(orelse)}"
        case ir.For(_, _, target, iterable, body, orelse):
            return f"for {told(target)} in {told(iterable)} {_block(body)}{_orelse(orelse)}"
        case ir.Scope(_, _, bindings, body):
            return f"with {_given((), bindings)} {_block(body)}"
        case ir.Block(_, _, name, body):
            return f"block {name} {_block(body)}"
        case ir.Include(_, _, name, bindings, only):
            given = f" with {_given((), bindings)}" if bindings else ""
            return f"include {told(name)}{given}{' only' if only else ''};"
        case ir.Regroup(_, _, value, path, target):
            return f"regroup {told(value)} by {'.'.join(path)} as {target};"
        case ir.TemplateImport(_, _, name, target, names):
            return f"import {told(name)} as {target or dict(names)};"
        case ir.Def(_, _, name, parameters, _, _, body):
            given = ", ".join(
                one.name if one.default is None else f"{one.name}={told(one.default)}"
                for one in parameters
            )
            return f"def {name}({given}) {_block(body)}"
        case ir.Tag(_, _, name, args, keywords, target, body):
            bound = f" as {target}" if target else ""
            end = f" {_block(body)}" if body else ";"
            return f"{name}({_given(args, keywords)}){bound}{end}"
    raise AssertionError(node)


def _given(args: tuple[ir.Expr, ...], keywords: tuple[tuple[str, ir.Expr], ...]) -> str:
    return ", ".join([*map(told, args), *(f"{name}={told(value)}" for name, value in keywords)])


def _block(body: tuple[ir.Stmt, ...]) -> str:
    return f"{{{told(body)}}}"


def _orelse(body: tuple[ir.Stmt, ...]) -> str:
    return f" else {_block(body)}" if body else ""


def check_places(code: ir.TemplateCode, text: str) -> None:
    """Demand that each part stands where it says, inside of what it is a part of."""
    stack = [(part, 0, len(text)) for part in (code.extends, *code.body)]
    while stack:
        node, first, last = stack.pop()
        if isinstance(node, tuple):
            stack += [(part, first, last) for part in node]
        elif isinstance(node, msgspec.Struct):
            start, end = getattr(node, "start", first), getattr(node, "end", last)
            assert first <= start <= end <= last, (node, text[start:end])
            _check_place(node, text[start:end])
            stack += [(part, start, end) for part in msgspec.structs.astuple(node)]


def _check_place(node: msgspec.Struct, written: str) -> None:
    match node:
        case ir.Name(_, name):
            assert written == name
        case ir.Lookup(_, _, _, name) | ir.Attr(_, _, _, name):
            assert written.endswith(name)
        case ir.Filter(_, _, name) if not name.startswith("is "):
            assert name.rpartition(".")[2] in written
        case ir.Const(_, _, str(value)):
            assert value in written or written[0] in "'\"_"
        case ir.Const(_, _, None):
            assert written in {"None", "none", ""}
        case ir.Show():
            assert written.startswith("{{")
            assert written.endswith("}}")
        case ir.Include() | ir.Regroup() | ir.TemplateImport() | ir.Assign() | ir.Evaluate():
            assert written.startswith("{%")
            assert written.endswith("%}")
        case ir.Tag() | ir.Block() | ir.Scope() | ir.For() | ir.Def():
            assert written.startswith("{%")
