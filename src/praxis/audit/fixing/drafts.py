"""A file on its way from what was read to what will be written; nothing here touches the disk."""

import io
import tokenize
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from praxis.audit.editing.edits import apply
from praxis.audit.facts.parsing import Text, decode, parse
from praxis.audit.file import line_starts
from praxis.audit.findings import Edit, Problem

#: Above this product of two lengths a replacement counts as new as a whole.
_MAX_COMPARED = 1_000_000


class Draft:
    """
    The text of one file through the rounds of a plan.

    Args:
        path: Relative to the root.
        data: What was read.
        decoded: The same, decoded.
    """

    def __init__(self, path: str, data: bytes, decoded: Text) -> None:
        self.path, self.before, self.text = path, data, decoded.text
        self._read, self._encoding = decoded.text, decoded.encoding
        self._rounds: list[list[Edit]] = []
        self._earlier: set[str] = set()

    @property
    def after(self) -> bytes:
        """What will be written: in the file's own encoding, with its byte order mark."""
        return Text(self.text, self._encoding).encode()

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make the edits of one round; `fault` must have passed them."""
        made = sorted(edits, key=lambda edit: (edit.start, edit.end))
        self._rounds.append([part for edit in made for part in _differing_parts(self.text, edit)])
        self._earlier.add(self.text)
        self.text = apply(self.text, made)

    @property
    def repeats(self) -> bool:
        """Whether the text is now what it was in an earlier round."""
        return self.text in self._earlier

    def fault(self, edits: Iterable[Edit]) -> str | None:
        """Why the edits cannot be made together; None where they can."""
        try:
            text = apply(self.text, edits)
        except ValueError as error:
            return f"{error}. This is a bug in Praxis: please report it"
        return self._encoding_fault(text) or (
            self._python_fault(text) if self.path.endswith(".py") else None
        )

    def _encoding_fault(self, text: str) -> str | None:
        try:
            data = Text(text, self._encoding).encode()
        except UnicodeEncodeError as error:
            letter = text[error.start]
            return f"{self.path} is written in {self._encoding}, which has no {letter!r}"
        back = decode(self.path, data)
        if isinstance(back, Problem) or back.text != text or back.encoding != self._encoding:
            return f"{self.path} would change its encoding"
        return None

    def _python_fault(self, text: str) -> str | None:
        tree = parse(self.path, text)
        if isinstance(tree, Problem):
            reason = tree.message.removeprefix("not read: ")
            return f"{self.path} would not parse any more (line {tree.line}: {reason})"
        lost = comments_of(self.text) - comments_of(text)
        if lost:
            return f"{self.path} would lose a comment: {next(iter(lost))}"
        return None

    def line_of(self, offset: int) -> int:
        """The line of an offset into the text that was read."""
        return bisect_right(line_starts(self._read), offset)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """
        Where the characters *start* to *end* of the text now stood in the text that was read.

        What lies in replaced text comes from the whole of what was replaced.
        """
        for edits in reversed(self._rounds):
            start, end = _start_before(edits, start), _end_before(edits, end)
        return start, max(start, end)


def _differing_parts(text: str, edit: Edit) -> list[Edit]:
    """
    The edit without what it keeps: ``wrap(x)`` to ``x`` is two deletions.

    So the code that a replacement copies is still known for what it was.
    """
    old = text[edit.start : edit.end]
    if not old or not edit.text or len(old) * len(edit.text) > _MAX_COMPARED:
        return [edit]
    compared = SequenceMatcher(None, old, edit.text, autojunk=False)
    return [
        Edit(edit.path, edit.start + start, edit.start + end, edit.text[new_start:new_end])
        for kind, start, end, new_start, new_end in compared.get_opcodes()
        if kind != "equal"
    ]


def _start_before(edits: list[Edit], offset: int) -> int:
    shift = 0
    for edit in edits:
        if offset < edit.start + shift:
            break
        if offset < edit.start + shift + len(edit.text):
            return edit.start
        shift += len(edit.text) - (edit.end - edit.start)
    return offset - shift


def _end_before(edits: list[Edit], offset: int) -> int:
    shift = 0
    for edit in edits:
        if offset <= edit.start + shift:
            break
        if offset <= edit.start + shift + len(edit.text):
            return edit.end
        shift += len(edit.text) - (edit.end - edit.start)
    return offset - shift


def comments_of(text: str) -> Counter[str]:
    """
    The comments of a Python file and how often each occurs.

    Where the running interpreter cannot split newer syntax into tokens, whatever follows a
    ``#`` counts: it may then see comments in strings, before and after alike.
    """
    if "#" not in text:
        return Counter()
    try:
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)
    except (tokenize.TokenError, SyntaxError):
        lines = (line.partition("#") for line in text.splitlines())
        return Counter(f"#{comment}" for _, sign, comment in lines if sign)
