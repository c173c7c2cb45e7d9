import ast

import pytest

from praxis.audit.editing.known_places import find_statement, node_at
from praxis.audit.facts.sources import Role
from praxis.audit.file import File

SOURCE = """\
x = send(1)


@register(send(2))
def f():
    if send(3):
        send(4)
    try:
        (send(5))
    except send(6) as error:
        y = send(7)

        def inner():
            return send(8)
"""


def call(number):
    file = File("a.py", Role.REQUEST, SOURCE, ast.parse(SOURCE))
    start = SOURCE.index(f"send({number})")
    return file, (start, start + len("send(1)"))


@pytest.mark.parametrize("number", [4, 5])
def test_finds_the_statement_that_is_the_expression(number):
    statement, function = find_statement(*call(number))
    assert isinstance(statement, ast.Expr)
    assert function.name == "f"


@pytest.mark.parametrize("number", [1, 2, 3, 6, 7, 8])
def test_finds_none_where_the_expression_is_a_part_of_one(number):
    assert find_statement(*call(number)) is None


@pytest.mark.parametrize(("text", "name"), [("y = send(7)", "f"), ("return send(8)", "inner")])
def test_finds_a_statement_by_its_own_place(text, name):
    file, _ = call(1)
    start = SOURCE.index(text)
    statement, function = find_statement(file, (start, start + len(text)))
    assert isinstance(statement, ast.Assign | ast.Return)
    assert function.name == name


def test_finds_none_outside_of_functions():
    file, _ = call(1)
    assert find_statement(file, (0, len("x = send(1)"))) is None


def test_gives_a_node_with_all_around_it():
    file, span = call(4)
    kinds = [type(node).__name__ for node in node_at(file, span, ast.Call)]
    assert kinds == ["Call", "Expr", "If", "FunctionDef", "Module"]
