"""What `[tool.praxis]` in ``pyproject.toml`` may say, and how it is read."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from praxis.audit.findings import Severity
from praxis.errors import ConfigError

FILE = "pyproject.toml"
TABLE = "tool.praxis"


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
        require_reason: Whether a suppressing comment needs a reason to count.
        baseline: File of the findings that are known already, relative to the project's root;
            empty for none.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    per_path_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, Severity] = {}
    require_reason: bool = False
    baseline: str = ""


def read_config(root: Path) -> Config:
    """
    The configuration in the ``pyproject.toml`` of the folder *root*; the defaults without one.

    Raises:
        ConfigError: if the file cannot be read, or holds an unknown key or a wrong type.
    """
    path = root / FILE
    if path.exists() and not path.is_file():  # reading a pipe would wait for ever
        raise ConfigError(f"{path}: not read: it is no plain file")
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path}: not read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    tools = document.get("tool", {})
    table = tools.get("praxis", {}) if isinstance(tools, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: {TABLE} must be a table: write [{TABLE}]")
    return config_from(table, str(path))


def config_from(table: dict[str, Any], source: str) -> Config:
    """
    The configuration that *table* holds, its keys in kebab-case; *source* names it in errors.

    Raises:
        ConfigError: for an unknown key or a value of the wrong type.
    """
    known = {key_of(field.name): field for field in msgspec.structs.fields(Config)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        field = known.get(key.replace("_", "-"))
        if field is None:
            raise ConfigError(
                f"{source}: [{TABLE}] {key} is not a setting; known: {', '.join(sorted(known))}"
            )
        try:
            values[field.name] = msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            reason = str(error).replace("`", "").replace(" - at $", "; at ").removesuffix("; at ")
            raise ConfigError(f"{source}: [{TABLE}] {key}: {reason}") from error
    return Config(**values)


def key_of(field: str) -> str:
    """How a field of `Config` is spelled in TOML."""
    return field.replace("_", "-")
