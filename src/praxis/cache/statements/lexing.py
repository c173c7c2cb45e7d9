r"""
From text to tokens, by the lexical rules of one vendor.

Django's sqlparse and sqlglot were measured and left: both end PostgreSQL's nested comments at
the first ``*/`` and do not read ``E'\''``, so that they see other statements than the server.
"""

import re
from dataclasses import dataclass, field

# What a token is. A name is a WORD or a QUOTED; of the others only the extent matters mostly.
WORD, QUOTED, STRING, NUMBER, PLACEHOLDER, VARIABLE, OPERATOR, END = "wqsnpvo."

_LETTER = r"A-Za-z_\x80-\U0010ffff"
_SINGLE = r"'[^']*+(?:''[^']*+)*+'"
_DOUBLE = r'"[^"]*+(?:""[^"]*+)*+"'
_BACKTICK = r"`[^`]*+(?:``[^`]*+)*+`"
_ESCAPED = r"'[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+'"
_ESCAPED_DOUBLE = r'"[^"\\]*+(?:(?:""|\\.)[^"\\]*+)*+"'
_DECIMAL = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
# The parameters of Python's drivers. Other text in the parentheses is nobody's.
_PYTHON_PLACEHOLDER = r"%s(?:,[ ]?%s)*+|%(?:[bt]|\([A-Za-z0-9_]{1,128}\)[sbt])"
_STRANGE_PLACEHOLDER = r"%\((?![A-Za-z0-9_]{1,128}\)[sbt])[^()]{0,128}\)[sbt]"
# Further rows of VALUES that hold parameters alone: an INSERT of a thousand rows has nothing else.
_CAST = r"(?:::[a-z][a-z0-9_ ]*+(?:\[\])?+)?+"
_ROWS = rf"(?:,[ ]?\(%s{_CAST}(?:,[ ]?%s{_CAST})*+\))++"
# MySQL: in ``.5FROM`` FROM is a word of its own, in ``t.5FROM`` it is not: rather none of them.
_MYSQL_FRACTION = rf"""(?<![{_LETTER}0-9$`"])\.[0-9]+[{_LETTER}$]"""
_ANY_OPERATOR = r"::|:=|[-+*/<>=~!@#%^&|`?:,.;()\[\]]"


def _lexicon(space: str, **tokens: str) -> re.Pattern[str]:
    kinds = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in tokens.items())
    return re.compile(rf"(?:{space})*+(?:{kinds}|(?P<end>\Z))", re.DOTALL)


_POSTGRESQL = _lexicon(
    r"[ \t\n\r\f\v]++|--[^\n\r]*+",
    rows=_ROWS,
    comment=r"/\*",
    escaped=f"[eE]{_ESCAPED}",
    bad=rf'[uU]&"|{_STRANGE_PLACEHOLDER}',
    string=f"(?:[bBxXnN]|[uU]&)?{_SINGLE}",
    word=rf"[{_LETTER}][{_LETTER}0-9$]*+",
    quoted=_DOUBLE,
    placeholder=rf"{_PYTHON_PLACEHOLDER}|\$[0-9]+",
    number=_DECIMAL,
    dollar=rf"\$(?:[{_LETTER}][{_LETTER}0-9]*+)?\$",
    operator=_ANY_OPERATOR,
)
_SQLITE = _lexicon(
    r"[ \t\n\r\f]++|--[^\n]*+",
    rows=_ROWS,
    comment=r"/\*",
    string=f"[xX]?{_SINGLE}",
    bad=rf"{_STRANGE_PLACEHOLDER}",
    word=rf"[{_LETTER}][{_LETTER}0-9$]*+",
    quoted=rf"{_DOUBLE}|{_BACKTICK}|\[[^\]]*+\]",
    placeholder=rf"{_PYTHON_PLACEHOLDER}|\?[0-9]*|[:@#$][{_LETTER}0-9$]+",
    number=_DECIMAL,
    operator=_ANY_OPERATOR,
)
_MYSQL = _lexicon(
    r"[ \t\n\r\f\v]++|--(?=[\x01-\x20]|\Z)[^\n]*+|\#[^\n]*+",
    rows=_ROWS,
    comment=r"/\*",
    escaped=rf"[nNxXbB]?{_ESCAPED}|{_ESCAPED_DOUBLE}",
    bad=f"{_STRANGE_PLACEHOLDER}|{_MYSQL_FRACTION}",
    placeholder=_PYTHON_PLACEHOLDER,
    number=rf"[0-9]+\.[0-9]*(?:[eE][+-]?[0-9]+)?|[0-9]+(?:[eE][+-]?[0-9]+)?(?![{_LETTER}0-9$])",
    word=rf"[{_LETTER}0-9$]+",
    quoted=_BACKTICK,
    variable=rf"@@?(?:[{_LETTER}0-9$.]+|{_SINGLE}|{_DOUBLE}|{_BACKTICK})",
    operator=_ANY_OPERATOR,
)
_PLAIN_STRING = re.compile(rf"[nNxXbB]?{_SINGLE}|{_DOUBLE}")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_LEXICONS = {"postgresql": _POSTGRESQL, "sqlite": _SQLITE, "mysql": _MYSQL}
_PLAIN = {
    "operator": OPERATOR,
    "placeholder": PLACEHOLDER,
    "number": NUMBER,
    "variable": VARIABLE,
}
_EXECUTED = ("/*!", "/*M!", "/*+")  # versioned code, and hints, which may set variables
_BEYOND = 6  # ends behind the last token: how far anybody looks ahead


@dataclass(slots=True)
class Tokens:
    """
    The tokens of one text, as three lists of equal length.

    Attributes:
        kinds: One letter each, see above.
        keys: What a keyword or an operator is compared by: a word in upper case, an operator as
            it is, ``""`` for everything else. A quoted name is never a keyword.
        texts: A name or a string without its quotes; everything else as it is written.
        size: How many there are; behind them stand a few of kind END.
    """

    kinds: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, kind: str, text: str) -> None:
        self.kinds.append(kind)
        self.keys.append(text if kind == OPERATOR else "")
        self.texts.append(text)

    def is_name(self, at: int) -> bool:
        return self.kinds[at] in (WORD, QUOTED)


def tokenize(text: str, vendor: str) -> Tokens | None:
    """
    The tokens of *text*; None where the server would refuse it or may read it otherwise.

    Time is linear in the length of *text*.
    """
    match, tokens, at = _LEXICONS[vendor].match, Tokens(), 0
    add_kind, add_key, add_text = tokens.kinds.append, tokens.keys.append, tokens.texts.append
    while found := match(text, at):
        name = found.lastgroup
        if name == "end":
            return _closed(tokens)
        if name is None:
            return None
        raw, at = found[name], found.end()
        if name == "word":
            add_kind(WORD)
            add_key(raw.upper() if raw.isascii() else raw)
            add_text(raw)
        elif name in _PLAIN:
            add_kind(_PLAIN[name])
            add_key(raw if name == "operator" else "")
            add_text(raw)
        elif name == "quoted":
            add_kind(QUOTED)
            add_key("")
            add_text(_unquoted(raw))
        else:
            at = _special(tokens, text, vendor, found)
            if at < 0:
                return None
    return None


def _special(tokens: Tokens, text: str, vendor: str, found: re.Match[str]) -> int:
    """Add what is no ordinary token; returns where it ends, or -1 for what has no meaning."""
    name = found.lastgroup or ""
    start, end = found.span(name)
    if name == "comment":
        return _after_comment(text, start, vendor)
    if name == "rows":
        if tokens.keys[-1:] == [")"]:
            return end
        tokens.add(OPERATOR, ",")
        return start + 1
    if name == "dollar":
        close = text.find(found[name], end)
        tokens.add(STRING, text[end:close])
        return close + len(found[name]) if close >= 0 else -1
    raw = found[name]
    if (
        name == "bad"
        or (name == "escaped" and _reads_otherwise(text, start, end, vendor))
        or (name == "string" and "\\" in raw and _continues_escaped(tokens, vendor))
    ):
        return -1
    tokens.add(STRING, raw[raw.index(raw[-1]) + 1 : -1])
    return end


def _closed(tokens: Tokens) -> Tokens:
    tokens.size = len(tokens.kinds)
    for _ in range(_BEYOND):
        tokens.kinds.append(END)
        tokens.keys.append("")
        tokens.texts.append("")
    return tokens


def _after_comment(text: str, start: int, vendor: str) -> int:
    """Where the comment ends; -1 if nowhere, or if MySQL executes what is in it."""
    if vendor != "postgresql":
        if vendor == "mysql" and text.startswith(_EXECUTED, start):
            return -1
        close = text.find("*/", start + 2)
        return close + 2 if close >= 0 else -1
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if not depth:
            return edge.end()
    return -1


def _unquoted(raw: str) -> str:
    close, inner = raw[-1], raw[1:-1]
    return inner.replace(close * 2, close) if close in inner and close != "]" else inner


def _reads_otherwise(text: str, start: int, end: int, vendor: str) -> bool:
    """Whether MySQL's NO_BACKSLASH_ESCAPES would end this string elsewhere."""
    if vendor != "mysql" or text.find("\\", start, end) < 0:
        return False
    plain = _PLAIN_STRING.match(text, start)
    return plain is None or plain.end() != end


def _continues_escaped(tokens: Tokens, vendor: str) -> bool:
    """Whether PostgreSQL may read this string as the continuation of an ``E''`` before it."""
    return vendor == "postgresql" and tokens.kinds[-1:] == [STRING]
