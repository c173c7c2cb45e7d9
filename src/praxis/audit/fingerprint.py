"""
What one finding is recognised by from run to run: the rule, the path, the symbol, the code.

Never the line: code that moves is the same code. Findings that are alike in all four (the same
expression twice in one function) are told apart by their number, in source order.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

from praxis.audit.findings import Finding


class Key(NamedTuple):
    """The four things; sorts by path first, so that a file's entries stand together."""

    path: str
    rule: str
    symbol: str
    snippet: str


def key_of(finding: Finding) -> Key:
    """The key of *finding*; the rule goes by its code, which is permanent."""
    return Key(finding.place.path, finding.code, finding.symbol, finding.snippet)


def fingerprints(findings: Iterable[Finding]) -> dict[Finding, str]:
    """A fingerprint for each finding, different for each and the same in the next run."""
    seen: Counter[Key] = Counter()
    marks: dict[Finding, str] = {}
    for finding in sorted(findings, key=lambda finding: (finding.place, finding.code)):
        key = key_of(finding)
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        marks[finding] = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return marks
