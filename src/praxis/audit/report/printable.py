"""
Text of the audited project made fit for a terminal.

Escape sequences in a file could recolour, hide or retitle; marks of writing direction could show
code in another order than it runs. Both are shown as pictures of themselves.
"""

_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_C1 = dict.fromkeys(range(0x80, 0xA0), "\ufffd")
_DIRECTIONS = dict.fromkeys(
    (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
_SEPARATORS = {0x2028: "\u2424", 0x2029: "\u2424", 0xFEFF: ""}
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
_TABLE = _CONTROLS | _C1 | _DIRECTIONS | _SEPARATORS | _SURROGATES


def printable(text: str) -> str:
    """*text* in one line, every control character replaced by a visible one."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)
