"""What the rules' tests are written with: does a rule flag, accept, or rewrite this code?"""

import ast
import re
import tempfile
from pathlib import Path

from praxis.audit.config import Config
from praxis.audit.edits import apply
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import Root
from praxis.audit.findings import Finding

_HEADER = re.compile(r"^(?:#|\{#)\s*file:\s*(?P<path>\S+?)\s*(?:#\})?\s*$", re.MULTILINE)


def split_files(source: str, path: str = "shop/views.py") -> dict[str, str]:
    """
    Split a case into files at lines that say ``# file: shop/models.py``.

    Code before the first such line (all of it, where there is none) is the file *path*.
    """
    files: dict[str, str] = {}
    name, position = path, 0
    for match in _HEADER.finditer(source):
        if source[position : match.start()].strip():
            files[name] = source[position : match.start()]
        name, position = match["path"], match.end() + 1
    files[name] = source[position:]
    return files


def audit_files(files: dict[str, str], select: tuple[str, ...] = ()) -> Audit:
    """Audit a project of these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        return audit(Root(root, ()), Config(select=select), use_cache=False, processes=1)


def found(rule: str, source: str, path: str = "shop/views.py") -> list[Finding]:
    """What the rule finds; a problem with the case itself fails the test."""
    result = audit_files(split_files(source, path), (rule,))
    assert not result.problems, result.problems
    return result.findings


def flags(rule: str, source: str, *lines: int, path: str = "shop/views.py") -> list[Finding]:
    """Demand findings at exactly these lines (in order of place), or just one anywhere."""
    findings = sorted(found(rule, source, path), key=lambda finding: finding.place)
    told = [(finding.place.line, finding.message) for finding in findings]
    if lines:
        assert [line for line, _ in told] == list(lines), told
    else:
        assert len(told) == 1, told
    return findings


def accepts(rule: str, source: str, path: str = "shop/views.py") -> None:
    """Demand that the rule has nothing to say."""
    told = [(str(finding.place), finding.message) for finding in found(rule, source, path)]
    assert not told, told


def rewrites(rule: str, before: str, after: str, path: str = "shop/views.py") -> None:
    """Demand that the rule's fixes turn *before* into *after*, and then find nothing more."""
    files = split_files(before, path)
    findings = found(rule, before, path)
    assert findings, "nothing was found"
    edits = [edit for finding in findings if finding.fix for edit in finding.fix.edits]
    assert edits, [finding.message for finding in findings]
    for name in {edit.path for edit in edits}:
        files[name] = apply(files[name], {edit for edit in edits if edit.path == name})
        if name.endswith(".py"):
            ast.parse(files[name])
    assert files == split_files(after, path)
    accepts(rule, after, path)
