"""What a check returns: what is wrong, what was measured, and what to paste to mend it."""

from collections.abc import Iterable

from msgspec import Struct

from praxis.audit.findings import Severity


class Remedy(Struct, frozen=True):
    """
    Something to paste.

    Attributes:
        kind: What it is pasted into: ``"SQL"``, ``"settings.py"``, ``"redis.conf"``, ``"shell"``, …
        text: One or more lines, complete.
    """

    kind: str
    text: str


class Finding(Struct, frozen=True, kw_only=True):
    """
    One thing that is wrong with one server.

    A check fills the first four; who runs it adds the rest.

    Attributes:
        message: What is wrong and what it costs.
        evidence: What was measured: pairs of a name and a value.
        remedies: What to apply; several are alternatives or belong together, as the message says.
        severity: None for that of the check.
        code: The permanent id of the practice, such as ``"DB103"``; several checks may share one.
        check: The check's name, which is unique.
        where: The server that was asked, without its password.
    """

    message: str
    evidence: tuple[tuple[str, str], ...] = ()
    remedies: tuple[Remedy, ...] = ()
    severity: Severity | None = None
    code: str = ""
    check: str = ""
    where: str = ""


def evidence(pairs: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Evidence from pairs, where names are no Python words."""
    return tuple((readable(name), _written(value)) for name, value in pairs)


def size(count: float) -> str:
    """*count* bytes as people read them: ``"1.5 GB"``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if abs(count) < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TB"


def share(part: float) -> str:
    """A part of 1 as per cent."""
    return f"{part * 100:.1f} %"


def duration(seconds: float) -> str:
    """*seconds* as people say it: the two largest units."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    units = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
    left, parts = round(seconds), []
    for name, length in units:
        count, left = divmod(left, length)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def readable(text: str) -> str:
    """*text* with the lone surrogates, which stand for bytes that are no UTF-8, as escapes."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else readable(str(value))
