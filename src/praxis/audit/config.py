"""What `[tool.praxis]` in ``pyproject.toml`` may say."""

from msgspec import Struct

from praxis.audit.findings import Severity


class Config(Struct, frozen=True, kw_only=True):
    """
    How to audit a project.

    Attributes:
        select: Codes, prefixes of codes (``"ORM"``) or names of rules to run; empty for the
            default set.
        ignore: The same, not to run.
        exclude: Patterns of relative paths that are not read.
        per_path_ignores: Pattern of a relative path to the rules that are silent there.
        severity: Rule to severity, instead of its own.
        require_reason: Whether a suppressing comment without a reason counts.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_path_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, Severity] = {}
    require_reason: bool = False
