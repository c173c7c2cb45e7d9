"""What the rules' tests are written with: does a rule flag, accept, or rewrite this code?"""

import ast
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from praxis.audit.config import Config
from praxis.audit.editing.edits import apply, with_line_ends_of
from praxis.audit.engine import Audit, audit
from praxis.audit.facts.sources import Root
from praxis.audit.findings import Finding
from praxis.audit.fixing.drafts import comments_of
from tests.layouts import layouts, tree_of

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
    """
    Demand that the rule's fixes turn *before* into *after*, and then find nothing more.

    The same code in other layouts (see `tests.layouts`) must be fixed alike: valid code with all
    comments and the syntax tree of *after*, in which a second run changes nothing. A finding
    that comes without a fix there, or that does not come, is accepted.
    """
    files, expected = split_files(before, path), split_files(after, path)
    findings = found(rule, before, path)
    assert findings, "nothing was found"
    assert any(finding.fix for finding in findings), [finding.message for finding in findings]
    assert _fixed(files, findings) == expected
    accepts(rule, after, path)
    fix_count = sum(finding.fix is not None for finding in findings)
    for name, variant in _in_other_layouts(files):
        try:
            _demand_the_same_fix(rule, variant, expected, fix_count)
        except (AssertionError, SyntaxError, ValueError) as error:
            told = "\n".join(f"# file: {path}\n{text}" for path, text in variant.items())
            raise AssertionError(f"in another layout ({name}): {error}\n{told}") from error


def _fixed(files: dict[str, str], findings: list[Finding]) -> dict[str, str]:
    edits = [edit for finding in findings if finding.fix for edit in finding.fix.edits]
    fixed = dict(files)
    for name in {edit.path for edit in edits}:
        text = files[name]
        own = {with_line_ends_of(text, edit) for edit in edits if edit.path == name}
        fixed[name] = apply(text, own)
        if name.endswith(".py"):
            ast.parse(fixed[name])
    return fixed


def _in_other_layouts(files: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    variants: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        if path.endswith(".py"):
            for name, changed in layouts(text):
                variants.setdefault(name, dict(files))[path] = changed
    yield from variants.items()


def _demand_the_same_fix(
    rule: str, files: dict[str, str], expected: dict[str, str], fix_count: int
) -> None:
    result = audit_files(files, (rule,))
    assert not result.problems, result.problems
    fixes = [finding for finding in result.findings if finding.fix]
    if not fixes:
        return
    fixed = _fixed(files, result.findings)
    for path, text in fixed.items():
        if path.endswith(".py"):
            lost = comments_of(files[path]) - comments_of(text)
            assert not lost, f"lost {dict(lost)} from:\n{text}"
            if len(fixes) == fix_count:
                assert tree_of(text) == tree_of(expected[path]), f"came out as:\n{text}"
    again = [finding.message for finding in audit_files(fixed, (rule,)).findings if finding.fix]
    assert not again, f"a second run would change it again: {again}"
