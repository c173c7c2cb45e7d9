"""What is written out in a template: numbers, strings, and the names of the constants."""

import re

from praxis.audit.flow.code import ir
from praxis.audit.flow.code.lowering import MAX_CONST_CHARS

STRING = r"\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^'\\]*(?:\\.[^'\\]*)*'"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
NAMED: dict[str, bool | None] = {
    "True": True, "False": False, "None": None, "true": True, "false": False, "none": None,
}  # fmt: skip


def text_of(written: str) -> str:
    """The text of a quoted string."""
    inner = written[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def string(start: int, end: int, value: str) -> ir.Expr:
    """The text *value*, which stands from *start* to *end*; unknown where it is long."""
    if len(value) <= MAX_CONST_CHARS and value.isprintable():
        return ir.Const(start, end, value)
    return ir.Other(start, end)


def number(start: int, end: int, written: str) -> ir.Expr | None:
    """The number that is *written*; None if it is none."""
    try:
        value = int(written, 0) if written[:2].lower() in _BASES else int(written)
    except ValueError:
        try:
            return ir.Const(start, end, float(written))
        except ValueError:
            return None
    return ir.Const(start, end, value) if abs(value) < 1 << 62 else ir.Other(start, end)


_BASES = frozenset({"0x", "0o", "0b"})
