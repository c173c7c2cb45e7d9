"""What statements bind, and what they put something into."""

from collections.abc import Iterable

from praxis.audit.flow.code import ir


def assigned_names(body: Iterable[ir.Stmt]) -> set[str]:
    """The names that statements bind, nested blocks included, nested functions not."""
    found: set[str] = set()
    stack: list[ir.Stmt] = list(body)
    while stack:
        statement = stack.pop()
        if type(statement) is ir.Assign:
            for target in statement.targets:
                _names_in(target, found)
        elif type(statement) is ir.If or type(statement) is ir.While:
            stack += statement.body
            stack += statement.orelse
        elif type(statement) is ir.AugAssign:
            _names_in(statement.target, found)
        elif type(statement) is ir.For:
            _names_in(statement.target, found)
            stack += statement.body
            stack += statement.orelse
        elif type(statement) is ir.With:
            for _, bound in statement.items:
                if bound is not None:
                    _names_in(bound, found)
            stack += statement.body
        elif type(statement) is ir.Try:
            stack += statement.body + statement.orelse + statement.final
            for handler in statement.handlers:
                stack += handler.body
                if handler.name:
                    found.add(handler.name)
        elif type(statement) is ir.Match:
            for case in statement.cases:
                found.update(case.bound)
                stack += case.body
        elif type(statement) is ir.Import:
            found.update(bound for bound, _ in statement.names)
        elif type(statement) is ir.Def or type(statement) is ir.Class:
            found.add(statement.name)
    return found


def _names_in(target: ir.Expr, found: set[str]) -> None:
    if type(target) is ir.Name:
        found.add(target.id)
    elif isinstance(target, ir.Seq):
        for item in target.items:
            _names_in(item, found)
    elif isinstance(target, ir.Star):
        _names_in(target.value, found)


def filled_names(body: tuple[ir.Stmt, ...]) -> set[str]:
    """The names whose values get something put into them."""
    found: set[str] = set()
    for inner in body:
        if isinstance(inner, ir.Assign):
            for target in inner.targets:
                if isinstance(target, ir.Item) and isinstance(target.value, ir.Name):
                    found.add(target.value.id)
        elif isinstance(inner, ir.Evaluate) and isinstance(inner.value, ir.Call):
            function = inner.value.function
            if isinstance(function, ir.Attr) and isinstance(function.value, ir.Name):
                found.add(function.value.id)
    return found


def only_chained(body: Iterable[ir.Stmt], name: str) -> bool:
    """Whether the body assigns *name* nothing but what is made from it: ``x = x.filter(…)``."""
    for statement in body:
        if isinstance(statement, ir.Assign) and name in assigned_names((statement,)):
            node = statement.value
            while isinstance(node, ir.Call) and isinstance(node.function, ir.Attr):
                node = node.function.value
            if not (isinstance(node, ir.Name) and node.id == name):
                return False
        elif isinstance(statement, ir.If):
            if not only_chained(statement.body + statement.orelse, name):
                return False
        elif name in assigned_names((statement,)):
            return False
    return True
