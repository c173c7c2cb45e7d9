"""
Findings that are known already: a file of them, so that an old project fails on new ones only.

An entry is what `praxis.audit.fingerprint` recognises a finding by, and how often it occurs; one
entry a line, sorted, so that branches merge. It only shrinks by itself: what no longer occurs
is stale, is said, and goes when the file is written again.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from praxis.audit.findings import Finding
from praxis.audit.fingerprint import Key, key_of
from praxis.errors import ConfigError

FORMAT = 1
DEFAULT_NAME = "praxis-baseline.json"


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """Findings that are alike, and how many."""

    rule: str
    path: str
    symbol: str
    snippet: str
    count: int = 1


class _Document(Struct):
    version: int
    findings: tuple[Entry, ...]


class Baseline:
    """Known findings by key, with the number of each."""

    def __init__(self, counts: Counter[Key]) -> None:
        self.counts = counts

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> "Baseline":
        """A baseline that knows all *findings*."""
        return cls(Counter(key_of(finding) for finding in findings))

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """
        Read the file at *path*.

        Raises:
            ConfigError: if there is none, or it is no baseline.
        """
        if path.exists() and not path.is_file():  # reading a pipe would wait for ever
            raise ConfigError(f"{path}: baseline not read: it is no plain file")
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ConfigError(
                f"{path}: no such baseline. Write one: praxis check --baseline {path} "
                "--write-baseline"
            ) from error
        except OSError as error:
            raise ConfigError(f"{path}: baseline not read: {error.strerror}") from error
        try:
            # json knows escaped lone surrogates (odd file names), which msgspec refuses
            document = msgspec.convert(json.loads(data), _Document)
        except (ValueError, RecursionError) as error:
            hint = " (a merge conflict?)" if b"<<<<<<<" in data else ""
            raise ConfigError(
                f"{path}: not a baseline{hint}: {error}. Repair it, or write it anew with "
                "--write-baseline"
            ) from error
        if document.version != FORMAT:
            raise ConfigError(
                f"{path}: a baseline of format {document.version}, and this Praxis reads "
                f"{FORMAT}. Write it anew with --write-baseline"
            )
        counts: Counter[Key] = Counter()
        for entry in document.findings:
            counts[Key(entry.path, entry.rule, entry.symbol, entry.snippet)] += entry.count
        return cls(counts)

    def split(self, findings: Iterable[Finding]) -> tuple[list[Finding], list[Finding]]:
        """
        Split into (new, known), each in the given order.

        Of findings that are alike as many are known as the baseline counts, the first ones.
        """
        left = self.counts.copy()
        new: list[Finding] = []
        known: list[Finding] = []
        for finding in findings:
            key = key_of(finding)
            if left[key] > 0:
                left[key] -= 1
                known.append(finding)
            else:
                new.append(finding)
        return new, known

    def stale(self, findings: Iterable[Finding], looked_at: Callable[[Key], bool]) -> Counter[Key]:
        """What of it no longer occurs, among the keys that this run *looked_at*."""
        gone = self.counts - Counter(key_of(finding) for finding in findings)
        return Counter({key: count for key, count in gone.items() if looked_at(key)})

    def renewed(self, findings: Iterable[Finding], looked_at: Callable[[Key], bool]) -> "Baseline":
        """The baseline of *findings*, with the entries kept that this run did not look at."""
        kept = Counter({key: n for key, n in self.counts.items() if not looked_at(key)})
        return Baseline(kept + Counter(key_of(finding) for finding in findings))

    def dump(self) -> str:
        """The text of the file: JSON, one entry a line."""
        lines = [
            json.dumps(
                {
                    "rule": key.rule,
                    "path": key.path,
                    "symbol": key.symbol,
                    "snippet": key.snippet,
                    "count": count,
                }
            )
            for key, count in sorted(self.counts.items())
        ]
        body = "[\n" + ",\n".join(lines) + "\n]" if lines else "[]"
        return f'{{"version": {FORMAT}, "findings": {body}}}\n'

    def write(self, path: Path) -> None:
        """
        Write the file: beside it first, then renamed, so that it is never half written.

        Raises:
            ConfigError: if that fails; the old file stays.
        """
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            try:
                beside.write_text(self.dump(), "utf-8", newline="\n")
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise ConfigError(f"{path}: baseline not written: {error.strerror}") from error
