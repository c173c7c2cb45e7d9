"""From the bytes of a file to its text and its tree; whatever is wrong with it is a `Problem`."""

import ast
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass

from praxis.audit.facts.newer_syntax import parse_newer_syntax
from praxis.audit.findings import Problem


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded file; *encoding* writes it back byte for byte."""

    text: str
    encoding: str

    def encode(self) -> bytes:
        return self.text.encode(self.encoding)


_OR_NAME_IT = ", or name its encoding in the first line: # -*- coding: latin-1 -*-"


def decode(path: str, data: bytes) -> Text | Problem:
    """Decode by the byte order mark or coding line, UTF-8 without one; line ends stay."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Problem.at_file(path, "not read: UTF-16, which Python does not read; save as UTF-8")
    try:
        encoding = _encoding_of(data)
        text = data.decode(encoding)
        text.encode()
    except SyntaxError as error:
        reason = error.msg or "unknown encoding"
        if reason.startswith("encoding problem"):  # the only one is two answers
            reason = "its byte order mark says UTF-8, and its coding line something else"
        return Problem.at_file(path, f"not read: {reason}")
    except LookupError:  # a codec such as rot13, which makes no text
        return Problem.at_file(path, "not read: its first lines name a codec that makes no text")
    except UnicodeEncodeError:
        return Problem.at_file(path, "not read: holds half a surrogate pair, which is no character")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(
            path,
            line,
            f"not read: byte {error.start} is not {encoding}; save the file as UTF-8"
            f"{_OR_NAME_IT if path.endswith('.py') else ''}",
        )
    except UnicodeError as error:
        return Problem.at_file(path, f"not read: {error}")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return Problem(path, line, "not read: holds a null byte, so it is no source code")
    return Text(text, encoding)


def _encoding_of(data: bytes) -> str:
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError as error:
        if (error.msg or "").startswith("invalid or missing encoding"):
            return "utf-8"  # decoding the whole tells which byte is wrong
        raise


def parse(path: str, text: str) -> ast.Module | Problem:
    """
    Parse *text*; syntax newer than the running interpreter is read by a second parser.

    In that case the newer constructs come out as older ones of the same length: every
    position in the tree is a position in *text*.
    """
    try:
        return _parse(text)
    except SyntaxError as error:
        tree = parse_newer_syntax(text)
        if tree is not None:
            return tree
        return Problem(path, error.lineno or 0, _explain(error))
    except (RecursionError, MemoryError):
        return Problem.at_file(path, "not read: nested deeper than Python can parse")
    except ValueError as error:
        return Problem.at_file(path, f"not read: {error}")


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes are not what this reads for
        return ast.parse(text)


_PYTHON_2 = re.compile(
    r"""^\s*(?:print|exec)\s+[^\s(=.,:]|^\s*raise\s+[\w.]+\s*,|^\s*except\s[^:(]+,[^:]+:|`|<>"""
    r"""|\b[uU][rR]['"]|(?<![\w.])0\d+[lL]?\b|(?<![\w.])\d+[lL]\b|^\s*def\s.*[(,]\s*\("""
)


def _explain(error: SyntaxError) -> str:
    message = error.msg or "invalid syntax"
    written = (error.text or "").strip("\r\n")
    if message.startswith("Missing parentheses in call to") or _PYTHON_2.search(written):
        return "not read: Python 2 syntax; `2to3` or `futurize` rewrites it"
    return f"not read: {message}"
