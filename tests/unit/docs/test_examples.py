"""The Python of the guides and of the README: it compiles, and the names it imports exist."""

import ast
import importlib
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
FENCE = re.compile(
    r"^(?P<indent> *)```python\n(?P<code>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL
)


def examples():
    for page in sorted(DOCS.glob("guides/*.md")):
        for number, match in enumerate(FENCE.finditer(page.read_text("utf-8")), 1):
            yield pytest.param(match["code"], id=f"{page.stem}-{number}")


def test_there_are_examples_to_look_at():
    assert {parameter.id.partition("-")[0] for parameter in examples()} >= {"measuring", "servers"}


@pytest.mark.parametrize("code", list(examples()))
def test_compiles_and_imports_what_exists(code):
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module != "books.models":  # the reader's own
            module = importlib.import_module(node.module)
            missing = [name.name for name in node.names if not hasattr(module, name.name)]
            assert not missing, f"{node.module} has no {missing}"
