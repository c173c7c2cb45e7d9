import ast

import pytest

from praxis.audit.facts.newer_syntax import lower_to_running_interpreter, parse_newer_syntax
from praxis.audit.facts.parsing import parse

NEWER = [
    "try:\n    pass\nexcept A, b.C:\n    pass\n",
    "try:\n    pass\nexcept A, B :\n    x = f'{a['b']}'\n",
    "try:\n    pass\nexcept (A), f(B):\n    pass\n",
    "try:\n    pass\nexcept* A, (B):\n    pass\n",
    "def f[T](x): pass\n",
    "async def f[T: int = str, *Ts, **P](\n    x,\n): pass\n",
    "class A[T]: pass\n",
    "class A[\n    T: int = 3,  # why\n\n    U,\n](Base, metaclass=M):\n    b = c\n",
    "type X = int\n",
    "type X[T: int = str] = dict[T, int]; type Y = X\n",
    "if a:\n    type X[\n        T\n    ] = int\n",
    'x = f"{y["a"]:>{w}} and {z!r}" + q\n',
    "x = f'{y['a']}' f'{z['b']}' 'c' + q\n",
    "x = ('é' f'{y['é']}'  # ü\n     'c'\n     f'{z}', q)\n",
    "x = f'''{\n    y  # é\n}''' + q\n",
    "f'{'\\n'.join(x)}'\n",
    "f'{f'{a['b']}'}' + f'{x}'\n",
    "f'{x:{y:{z['a']}}}'\n",
    "f'{x['é']}ü{y = }{z['b'],w!s}'\n",
    "f'{ {'a': 1}['a'] }'\n",
    "t'é{a}' + b\n",
    "rt'{a:{b}}'\n",
    "t'' + b\n",
    "lazy import a.b\n",
    "try:\n    lazy from a import b\nfinally:\n    pass\n",
    "x = [*a for a in b] + [c]\n",
    "x = {**a for a in b}\n",
    "f(*a for a in b)\n",
]


def names(tree, text):
    lines = text.split("\n")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            line = lines[node.lineno - 1].encode()
            yield node.id, line[node.col_offset : node.end_col_offset].decode()


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("text", NEWER)
def test_lowers_to_the_same_bytes_with_every_name_in_its_place(text, ending):
    written = text.replace("\n", ending)
    lowered = lower_to_running_interpreter(written)
    assert lowered is not None
    assert [len(line.encode()) for line in lowered.split("\n")] == [
        len(line.encode()) for line in written.split("\n")
    ]
    found = list(names(ast.parse(lowered), text))
    assert [there for _, there in found] == [name for name, _ in found]


@pytest.mark.parametrize("text", NEWER)
def test_the_running_interpreter_reads_it_then(text):
    assert isinstance(parse("a.py", text), ast.Module)


def test_keeps_the_expressions_of_nested_strings():
    tree = parse("a.py", "x = f'{f'{a['b']}'}{t'{c}':{d}}'\n")
    assert isinstance(tree, ast.Module)
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} >= set("xacd")


def test_a_type_alias_binds_its_name():
    lowered = lower_to_running_interpreter("type X[T: int] = int\n")
    assert lowered is not None
    assert "X" in {node.id for node in ast.walk(ast.parse(lowered)) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("text", ["x = 1\n", "f'{x}' f'{y!r:>3}'\n", "f(*a, **b)\n", ""])
def test_leaves_alone_what_is_read_as_it_is(text):
    assert lower_to_running_interpreter(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "def f(:\n",
        "print 'x'\n",
        "(" * 5000 + ")" * 5000,
        "(" * 5000,
        "f'{" * 150 + "x" + "}'" * 150,
        "try: pass\nexcept (A), B: pass\nx = " + "not " * 20_000 + "y\n",
        "x = [" + "1, " * 20_000 + "]\n",
        "'" * 7,
        "\ud800 = f'{x['a']}'",
    ],
)
def test_gives_up_quietly(text):
    assert lower_to_running_interpreter(text) is None


def test_reads_a_newer_file_beside_a_form_feed():
    assert isinstance(parse("a.py", "x = 1\n\x0c\ndef f[T](): pass\n"), ast.Module)


@pytest.mark.parametrize(
    "source",
    [
        "class Store[\n    Key,\n    Value: (int, str),\n](dict):\n    x = 1\n",
        "class Store[\r\n    Key,\r\n](dict):\r\n    x = 1\r\n",
        "def load[\n\n    Key,\n](key: Key) -> Key:\n    return key\n",
        "async def load[K: 'Base[int]'](key: K) -> K:\n    return key\n",
        "if x:\n    type Pair[A, B] = tuple[\n        A, B\n    ]\n    y = 1\n",
    ],
)
def test_type_parameters_over_several_lines_keep_every_place(source):
    tree = parse_newer_syntax(source)
    assert tree is not None
    (last,) = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name)
        and node.id in {"x", "key", "y"}
        and isinstance(node.ctx, ast.Store | ast.Load)
        and node.lineno > 1
    ][-1:]
    line = source.replace("\r\n", "\n").split("\n")[last.lineno - 1]
    assert line[last.col_offset : last.end_col_offset] == last.id
