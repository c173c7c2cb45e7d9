"""From the bytes of a file to its text and its tree; whatever is wrong with it is a `Problem`."""

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass

from praxis.audit.facts.newer_syntax import lower_to_running_interpreter
from praxis.audit.findings import Problem


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file; *encoding* writes it back byte for byte."""

    text: str
    encoding: str

    def encode(self) -> bytes:
        return self.text.encode(self.encoding)


def decode(path: str, data: bytes) -> Text | Problem:
    """Decode by the byte order mark or coding line, UTF-8 without one; line ends stay."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except SyntaxError as error:
        return Problem.at_file(path, f"not read: {error.msg or 'unknown encoding'}")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(
            path,
            line,
            f"not read: byte {error.start} is not {encoding}; save the file as UTF-8, or name "
            "its encoding in the first line: # -*- coding: latin-1 -*-",
        )
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(path, line, "not read: holds a null byte, so it is no source code")
    return Text(text, encoding)


def parse(path: str, text: str) -> ast.Module | Problem:
    """
    Parse *text*; syntax newer than the running interpreter is read by a second parser.

    In that case the newer constructs come out as older ones of the same length: every
    position in the tree is a position in *text*.
    """
    try:
        return _parse(text)
    except SyntaxError as error:
        lowered = lower_to_running_interpreter(text)
        if lowered is not None:
            try:
                return _parse(lowered)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass  # the first error is the one that names the place
        return Problem(path, error.lineno or 0, _explain(error))
    except (RecursionError, MemoryError):
        return Problem.at_file(path, "not read: nested deeper than Python can parse")
    except ValueError as error:
        return Problem.at_file(path, f"not read: {error}")


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are not what this reads for
        return ast.parse(text)


_PYTHON_2 = ("Missing parentheses in call to", "multiple exception types must be parenthesized")


def _explain(error: SyntaxError) -> str:
    message = error.msg or "invalid syntax"
    if message.startswith(_PYTHON_2) or "invalid token" in message or "<>" in (error.text or ""):
        return f"not read: Python 2 syntax ({message})"
    return f"not read: {message}"
