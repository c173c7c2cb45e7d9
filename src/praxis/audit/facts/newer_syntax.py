"""
Reading syntax that is newer than the running interpreter.

libcst reads the newest grammar on any interpreter. The constructs that the running one does not
know are then rewritten as older ones that take exactly as many UTF-8 bytes on each line, so that
every position in the tree of the lowered text is a position in the real one:

| newer | lowered |
| --- | --- |
| `except A, B:` | `except A| B:` |
| `class X[T: int](Base):`, `def f[T](x)` | `class X(        Base):`, `def f(   x)` |
| `type X[T] = int` | `pass;X    = int` |
| `f"{x["a"]:>{w}} and {y!r}"` | `(  x["a"],  w,       y,   )` |
| `lazy import x` | `pass;import x` |
| `[*x for x in y]` | `[ x for x in y]` |
"""

import ast
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from praxis.audit.file import line_starts

if TYPE_CHECKING:
    import libcst

#: libcst recurses over brackets, and its time grows with the square of a chain's length.
_MAX_DEPTH = 100
_MAX_LINE_LENGTH = 20_000
#: Enough for that depth many times over; only what is used of it becomes real memory.
_STACK_BYTES = 256 * 2**20

_HANDLER = re.compile(
    r"^[ \t]*except\*?[ \t]+[\w.]+(?:[ \t]*,[ \t]*[\w.]+)+(?=[ \t]*:)", re.MULTILINE
)
#: Type parameters without comments, on one line or several.
_GENERIC = re.compile(
    r"^(?P<head>[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+\w+)"
    r"(?P<parameters>\[(?:[^\[\]#]|\[(?:[^\[\]#]|\[[^\[\]#]*\])*\])*\])"
    r"(?=[ \t]*[(:])",
    re.MULTILINE,
)
_ALIAS = re.compile(
    r"^(?P<indent>[ \t]*)type(?P<head>[ \t]+[^\W\d]\w*[ \t]*)(?P<parameters>\[[^\[\]\n#]*\])?"
    r"(?=[ \t]*=(?!=))",
    re.MULTILINE,
)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def parse_newer_syntax(text: str) -> ast.Module | None:
    """
    Parse what the running interpreter does not; None where that fails.

    Every position in the tree is a position in *text*.
    """
    quick = _lower_plain_lines(text)
    tree = _tree(quick) if quick != text else None
    if tree is not None:  # the usual case, at a hundredth of the price
        return tree
    lowered = lower_to_running_interpreter(text)
    return _tree(lowered) if lowered is not None else None


def lower_to_running_interpreter(text: str) -> str | None:
    """
    Rewrite newer constructs as older ones of the same length in UTF-8; None where that fails.

    Only what the running interpreter does not know is rewritten.
    """
    if _is_too_deep(text) or _is_too_deep(_STRING.sub("", text)):
        return None
    lowered: list[str] = []

    def work() -> None:
        try:
            lowered.append(_lower(text))
        except BaseException:  # noqa: BLE001 - libcst's panics are BaseExceptions: unread is unread
            lowered.clear()

    previous = threading.stack_size(_STACK_BYTES)
    try:
        thread = threading.Thread(target=work, name="praxis-newer-syntax")
        thread.start()
    except RuntimeError:  # no memory for the stack
        return None
    finally:
        threading.stack_size(previous)
    thread.join()
    return lowered[0] if lowered else None


def _lower_plain_lines(text: str) -> str:
    """
    Lower what a pattern can tell on one line.

    A docstring that quotes such a line is changed with it, in as many bytes: nobody reads those.
    """
    text = _HANDLER.sub(lambda found: found[0].replace(",", "|"), text)
    text = _GENERIC.sub(lambda found: found["head"] + _blank(found["parameters"]), text)
    return _ALIAS.sub(
        lambda found: (
            f"{found['indent']}pass;{found['head'][1:]}{_blank(found['parameters'] or '')}"
        ),
        text,
    )


def _blank(piece: str) -> str:
    r"""As many spaces as *piece* takes UTF-8 bytes; a line that ends in it ends in ``\``."""
    *lines, last = (" " * len(line.encode("utf-8", "surrogatepass")) for line in piece.split("\n"))
    if not all(lines):
        return piece  # no room for the backslash: left to the slow parser
    return "".join(f"{line[:-1]}\\\n" for line in lines) + last


def _is_too_deep(text: str) -> bool:
    if max(map(len, re.split(r"[\r\n]", text))) > _MAX_LINE_LENGTH:
        return True
    depth = 0
    for bracket in re.findall(r"[()\[\]{}]", text):
        if bracket in "([{":
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif depth:
            depth -= 1
    return False


def _tree(sample: str) -> ast.Module | None:
    """What the running interpreter reads this as; None where it does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(sample)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _reads(sample: str) -> bool:
    return _tree(sample) is not None


def _lower(text: str) -> str:
    import libcst

    lowering = _Lowering(text, libcst.parse_module(text))
    for node in lowering.nodes():
        lower = _LOWERINGS.get(type(node).__name__)
        if lower is not None:
            lower(lowering, node)
    return lowering.text()


class _Lowering:
    """The text under change, and where the nodes of its libcst tree stand in it."""

    def __init__(self, text: str, module: "libcst.Module") -> None:
        from libcst.metadata import MetadataWrapper, WhitespaceInclusivePositionProvider

        self.original, self.module = text, module
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self._positions = wrapper.resolve(WhitespaceInclusivePositionProvider)
        self._characters = list(text)
        #: Strings that were rewritten as a part of the one around them.
        self.done: set[int] = set()

    def nodes(self) -> Iterator["libcst.CSTNode"]:
        """Every node, the outer ones first; strings that can be read as they are stay closed."""
        stack: list[libcst.CSTNode] = [self.module]
        while stack:
            node = stack.pop()
            yield node
            if not (type(node).__name__ in _STRINGS and self.reads_string(node)):
                stack.extend(reversed(node.children))

    def text(self) -> str:
        return "".join(self._characters)

    # Where things stand.

    @cached_property
    def _starts(self) -> list[int]:
        return line_starts(self.original)

    @cached_property
    def _generated(self) -> tuple[str, list[int]]:
        code = self.module.code
        return code, line_starts(code)

    def _offset(self, line: int, column: int) -> int:
        """
        The offset of a position as libcst gives it.

        Raises:
            ValueError: if libcst wrote the line in another way up to there, as it does with form
                feeds and a blank before some colons: its columns are of what it would write.
        """
        start = self._starts[line - 1]
        code, starts = self._generated
        written = code[starts[line - 1] : starts[line - 1] + column]
        if self.original[start : start + column] != written:
            raise ValueError(f"line {line} is not as libcst has it")
        return start + column

    def span(self, node: "libcst.CSTNode") -> tuple[int, int]:
        """Start and end of a node, with the parentheses around it."""
        place = self._positions[node]
        return (
            self._offset(place.start.line, place.start.column),
            self._offset(place.end.line, place.end.column),
        )

    # Changes.

    def put(self, offset: int, replacement: str) -> None:
        """Put ASCII characters over as many others."""
        for index, character in enumerate(replacement, offset):
            if not self.original[index].isascii() or self.original[index] in "\r\n":
                raise ValueError(f"no room at {index}")
            self._characters[index] = character

    def blank(self, start: int, end: int) -> None:
        """Blank out the characters between the offsets: line ends stay, bytes count."""
        for index in range(start, end):
            character = self.original[index]
            if character not in "\r\n":
                self._characters[index] = " " * len(character.encode())

    def find(self, wanted: str, start: int, end: int) -> int:
        """The offset of *wanted* between two others."""
        return self.original.index(wanted, start, end)

    # Strings.

    def reads_string(self, node: "libcst.CSTNode") -> bool:
        """Whether the running interpreter reads this formatted string."""
        start, end = self.span(node)
        return _reads(f"({self.original[start:end]}\n)")


_STRINGS = frozenset({"ConcatenatedString", "FormattedString", "TemplatedString"})


def _lower_handler(lowering: _Lowering, node: Any) -> None:
    """``except A, B:``: the commas become ``|``."""
    if type(node.type).__name__ != "Tuple" or node.type.lpar:
        return
    if _reads("try: pass\nexcept A, B: pass\n"):
        return
    elements = node.type.elements
    spans = [lowering.span(element.value) for element in elements]
    for (_, end), (start, _) in pairwise(spans):
        lowering.put(lowering.find(",", end, start), "|")
    if type(elements[-1].comma).__name__ == "Comma":
        comma = lowering.find(",", spans[-1][1], lowering.span(node.type)[1])
        lowering.put(comma, " ")


def _lower_parameters(lowering: _Lowering, node: Any) -> None:
    """``def f[T](x)``: the bracket opens the parentheses, so that line ends inside do no harm."""
    parameters = node.type_parameters
    if parameters is None or _reads("def f[T = int](): pass\n"):
        return
    start, end = lowering.span(parameters)
    if _reads("def f[T](): pass\n") and _reads(f"def f{lowering.original[start:end]}(): pass\n"):
        return
    lowering.blank(start, end)
    lowering.put(start, "(")
    following = _next_character(lowering.original, end)
    if lowering.original[following] == "(":
        lowering.blank(end, following + 1)
    else:
        lowering.put(end - 1, ")")


def _lower_alias(lowering: _Lowering, node: Any) -> None:
    """``type X[T] = int``: an assignment after a ``pass``, which is as long as ``type``."""
    start = lowering.span(node)[0]
    name_start, name_end = lowering.span(node.name)
    parameters = node.type_parameters
    span = lowering.span(parameters) if parameters is not None else (name_end, name_end)
    if _reads(f"type X{lowering.original[slice(*span)]} = int\n"):
        return
    lowering.blank(start, name_start)
    lowering.blank(*span)
    if {"\r", "\n"}.isdisjoint(lowering.original[start : span[1]]):
        lowering.put(start, "pass;")
    else:  # a line ends inside: only brackets keep the statement together
        lowering.put(start, "...;(")
        lowering.put(span[0], ",")
        lowering.put(span[1] - 1, ")")


def _lower_string(lowering: _Lowering, node: Any) -> None:
    """A formatted string becomes the tuple of its expressions, each where it stands."""
    if id(node) in lowering.done or lowering.reads_string(node):
        return
    start, end = lowering.span(node)
    part = node
    while type(part).__name__ == "ConcatenatedString":  # these lean to the right
        lowering.done |= {id(part.left), id(part.right)}
        part = part.right
    kept: list[tuple[int, int]] = []
    for field in _replacements(node):
        inner_start, inner_end = lowering.span(field.expression)
        after = _next_character(lowering.original, inner_end)
        kept.append((inner_start, after))
    position = start
    for kept_start, kept_end in kept:
        lowering.blank(position, kept_start)
        lowering.put(kept_end, ",")
        position = kept_end + 1
    lowering.blank(position, end)
    lowering.put(start, "(")
    lowering.put(end - 1, ")")


def _replacements(node: Any) -> Iterator[Any]:
    """The replacement fields of a string, those in format specifications too, in order."""
    match type(node).__name__:
        case "ConcatenatedString":
            yield from _replacements(node.left)
            yield from _replacements(node.right)
        case "FormattedString" | "TemplatedString":
            for part in node.parts:
                yield from _replacements(part)
        case "FormattedStringExpression" | "TemplatedStringExpression":
            yield node
            for part in node.format_spec or ():
                yield from _replacements(part)


def _lower_lazy_import(lowering: _Lowering, node: Any) -> None:
    """``lazy import x``: ``lazy`` is as long as ``pass``."""
    if not _reads("lazy import x\n"):
        lowering.put(lowering.span(node)[0], "pass;")


def _lower_comprehension(lowering: _Lowering, node: Any) -> None:
    """``[*x for x in y]``: without the star."""
    starred = node.elt if hasattr(node, "elt") else node
    kind = type(starred).__name__
    if kind not in {"StarredElement", "StarredDictComp"} or _reads("[*x for x in y]\n"):
        return
    start = lowering.span(starred.value)[0]
    opening = lowering.span(node)[0]
    star = lowering.original.rindex("*", opening, start)
    if kind == "StarredElement":
        lowering.blank(star, star + 1)
    else:
        lowering.blank(star - 1, star + 1)


def _next_character(text: str, offset: int) -> int:
    """The offset of the next character that is neither blank nor comment."""
    match = re.compile(r"(?:\s|\\\r?\n|#[^\r\n]*)*").match(text, offset)
    return match.end() if match is not None else offset


_LOWERINGS: dict[str, Callable[[_Lowering, Any], None]] = {
    "ExceptHandler": _lower_handler,
    "ExceptStarHandler": _lower_handler,
    "ClassDef": _lower_parameters,
    "FunctionDef": _lower_parameters,
    "TypeAlias": _lower_alias,
    "ConcatenatedString": _lower_string,
    "FormattedString": _lower_string,
    "TemplatedString": _lower_string,
    "LazyImport": _lower_lazy_import,
    "LazyImportFrom": _lower_lazy_import,
    "ListComp": _lower_comprehension,
    "SetComp": _lower_comprehension,
    "GeneratorExp": _lower_comprehension,
    "StarredDictComp": _lower_comprehension,
}
