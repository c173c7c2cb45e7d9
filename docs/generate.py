"""
Write what documents the code from the code: ``python -m docs.generate [--check]``.

A rule's page is its module's docstring, the commands' page is what click knows, the pages of
configuration and settings are `praxis.audit.config.Config` and `praxis.conf.Config`; of the
pages in `FILLED` only the marked blocks are written (`docs.blocks`). With ``--check`` nothing is
written, and the exit code is 1 where a page is not what the code says.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args, get_type_hints
from unittest.mock import patch

import click
import msgspec

from docs.blocks import fill, rules_table
from praxis import conf
from praxis.audit.config import TABLE, Config, key_of
from praxis.audit.registry import Rule, rules
from praxis.audit.report.rule_page import page
from praxis.cache import checks as cache_checks
from praxis.cache import server_checks
from praxis.cli.main import VERBS, praxis
from praxis.databases import checks as database_checks
from praxis.doctor import checks as doctor_checks
from praxis.rankings import checks as ranking_checks
from praxis.ratelimit import checks as ratelimit_checks
from praxis.realtime import checks as realtime_checks
from praxis.sessions import checks as session_checks

FOLDER = Path(__file__).parent / "reference"
#: Written by hand but for their marked blocks.
FILLED = (
    Path(__file__).parents[1] / "README.md",
    Path(__file__).parent / "index.md",
    Path(__file__).parent / "guides/audit.md",
)
NOTICE = "<!-- Written by `python -m docs.generate`; change the code instead. -->\n\n"
RULES_INTRODUCTION = """\
# Rules

One page a rule: what it flags and why, bad and good code, whether its fix is safe, what it misses
and when to ignore it. `praxis explain RULE` prints the same page.

What *safe* and *unsafe* say of a fix: [mend it](../../guides/fix.md#safe-and-unsafe)."""
CONFIGURATION_INTRODUCTION = f"""\
# Configuration

The audit is configured in the `pyproject.toml` of the project's root, under `[{TABLE}]`. Unknown
keys and wrong types are refused with the known ones named. Options of the command line win:
`--select` replaces the key, `--ignore` and `--exclude` add to it.

```toml
[{TABLE}]
exclude = ["legacy/*"]
require-reason = true
baseline = "praxis-baseline.json"
per-path-ignores = {{ "reports/*" = ["ORM101"] }}
```"""
SETTINGS_INTRODUCTION = """\
# Settings

What runs inside of a site reads one dict of its Django settings. The app's name in
`INSTALLED_APPS` lets `manage.py check` look at it. Neither the command `praxis` nor the
[servers](../guides/servers.md) need any of this.

```python
INSTALLED_APPS = [..., "praxis"]
PRAXIS = {"redis": {"url": "redis://127.0.0.1:6379/0"}}
```

Several servers have names; `default` is the one that is used where nothing else is said:

```python
PRAXIS = {
    "redis": {
        "default": {"url": "redis://10.0.0.7:6379/0"},
        "sessions": {"url": "redis+sentinel://10.0.0.8,10.0.0.9,10.0.0.10/sessions"},
    }
}
```

[What happens with them](../guides/redis.md) is a page of its own."""
MISTAKES_INTRODUCTION = """\
`manage.py check` reports everything that is wrong, under ids that never change. Of a value of the
wrong type only the type is told: it may be a secret."""
#: One mistake of each kind that `praxis.conf` names.
MISTAKEN = (
    ["redis"],
    {"redis": {"ulr": "redis://127.0.0.1"}},
    {"redis": {"timeout_s": "1"}},
    {"redis": {"timeout_s": 0}},
)
#: What else is reported.
CHECKED = {
    "praxis.E005": "the address of a server in `PRAXIS['redis']` means nothing",
    "praxis.E016": "a dimension that kept results are to vary on is not declared",
    "praxis.W001": "with `--deploy` alone: a server in `PRAXIS['redis']` did not answer",
    **cache_checks.SAYS,
    **server_checks.SAYS,
    **database_checks.SAYS,
    **ranking_checks.SAYS,
    **ratelimit_checks.SAYS,
    **session_checks.SAYS,
    **realtime_checks.SAYS,
}
CHECKS_INTRODUCTION = """\
# Checks of the doctor

What `praxis doctor` [asks running servers](../guides/doctor.md). Several checks may ask about one
practice and share its code; `praxis explain NAME` prints the same text."""
#: Kind of server to its heading, in the order in which they are told.
CHECKED_SERVERS = {
    "postgres": "PostgreSQL",
    "redis": "Redis and Valkey",
    "broker": "Redis as a broker",
    "web": "A running site",
    "host": "The processes on a machine",
}
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
#: An example of several files, and where each of them begins.
_FILES = re.compile(r"^```\w+\n(?=# file: )(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)
_URL = re.compile(r"(?<![<(\"'\[])https?://[^\s>)]+?(?=[.,;]?(?:\s|$))")


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = {
        FOLDER / "rules/index.md": rules_page(),
        FOLDER / "checks.md": checks_page(),
        FOLDER / "commands.md": commands_page(),
        FOLDER / "configuration.md": configuration_page(),
        FOLDER / "settings.md": settings_page(),
    }
    for rule in rules():
        found[FOLDER / f"rules/{rule.name}.md"] = rule_page(rule)
    written = {path: NOTICE + text.rstrip() + "\n" for path, text in found.items()}
    return written | {path: fill(path.read_text("utf-8")) for path in FILLED}


# Rules.


def rule_page(rule: Rule) -> str:
    """What `praxis explain` prints, with addresses that can be followed and files set apart."""
    text, title, sources = page(rule).partition("\n## Source")
    text = _FILES.sub(_one_by_one, text)
    return f"{text}{title}{_URL.sub(lambda url: f'<{url[0]}>', sources)}"


def _one_by_one(files: re.Match[str]) -> str:
    """A block of its own for each file, below its name."""
    _, *parts = _FILE.split(files[1])
    blocks = [
        f"`{path}`:\n\n```{_language(path)}\n{code.strip()}\n```"
        for path, code in zip(parts[::2], parts[1::2], strict=True)
    ]
    another = files.string[: files.start()].endswith("```\n\n")
    return "\n\n".join(["Another one:", *blocks] if another else blocks)


def _language(path: str) -> str:
    return "python" if path.endswith(".py") else "html+django"


def rules_page() -> str:
    """The list of all rules, by subject."""
    parts = [RULES_INTRODUCTION]
    for subject in sorted({rule.subject for rule in rules()}):
        belonging = [rule for rule in rules() if rule.subject == subject]
        parts += [f"## {subject.capitalize()}", rules_table(belonging, "{name}.md")]
    return "\n\n".join(parts)


# Checks of the doctor.


def checks_page() -> str:
    """Every check, by the kind of server; their own headings stand below their names."""
    parts = [CHECKS_INTRODUCTION]
    for server, title in CHECKED_SERVERS.items():
        parts.append(f"## {title}")
        for check in doctor_checks(server):
            text = _HEADING.sub(r"*\1.*", check.doc.strip())
            text = _URL.sub(lambda url: f"<{url[0]}>", text)
            told = f"Severity: {check.severity.value}."
            parts.append(f"### {check.code} {check.name}\n\n{told}\n\n{text}")
    return "\n\n".join(parts)


# Commands.


def commands_page() -> str:
    """Every verb with its arguments and options."""
    parts = ["# Commands"]
    parent = click.Context(praxis, info_name="praxis", **praxis.context_settings)
    for verb in VERBS:
        command = praxis.get_command(parent, verb)
        if command is None:
            raise LookupError(f"praxis.cli.main names {verb}, and there is no such command")
        parts += _command(command, click.Context(command, info_name=verb, parent=parent))
    return "\n\n".join(parts)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield f"## praxis {context.info_name}"
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"```console\n$ {context.command_path} {usage}\n```"
    yield inspect.cleandoc(command.help or "").replace("\b\n", "")
    rows = [
        (spelling, text)
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None
        for spelling, text in [record]
    ]
    if rows:
        lines = ["| Option | What it does |", "|---|---|"]
        lines += [f"| `{spelling}` | {_cell(text)} |" for spelling, text in rows]
        yield "\n".join(lines)


def _cell(text: str) -> str:
    """Text for a cell of a table; inside of backticks a bar needs no backslash."""
    return " ".join(text.split()).replace("|", "\\|")


# Configuration.


def configuration_page() -> str:
    """Every key of ``[tool.praxis]``."""
    described = _attributes(Config)
    parts = [CONFIGURATION_INTRODUCTION]
    for field in msgspec.structs.fields(Config):
        default = msgspec.json.encode(_default(field)).decode()
        parts.append(f"## {key_of(field.name)}")
        parts.append(f"{described[field.name]}\n\nType: {_type(field.type)}. Default: `{default}`.")
    return "\n\n".join(parts)


def _attributes(documented: type) -> dict[str, str]:
    """The texts of the section "Attributes" of a docstring, as Markdown."""
    section = inspect.cleandoc(documented.__doc__ or "").partition("Attributes:\n")[2]
    texts = re.split(r"^    (\w+): ", section, flags=re.MULTILINE)
    pairs = zip(texts[1::2], texts[2::2], strict=True)
    return {name: " ".join(text.split()).replace("``", "`") for name, text in pairs}


def _default(field: Any) -> Any:
    return field.default if field.default is not msgspec.NODEFAULT else field.default_factory()


def _type(annotation: Any) -> str:
    schema = msgspec.json.schema(annotation)
    definitions = schema.get("$defs", {})

    def say(part: dict[str, Any]) -> str:
        if "$ref" in part:
            return say(definitions[part["$ref"].rpartition("/")[2]])
        if "enum" in part:
            return "one of " + ", ".join(f'`"{value}"`' for value in part["enum"])
        if part.get("type") == "array":
            return f"list of {say(part['items'])}s"
        if part.get("type") == "object":
            return f"table of {say(part['additionalProperties'])}"
        return str(part["type"])

    return say(schema)


# Settings.


def settings_page() -> str:
    """Every key of ``settings.PRAXIS``, and what ``manage.py check`` says of wrong ones."""
    described = dict(_described_settings(conf.Config))
    parts = [SETTINGS_INTRODUCTION]
    for name, kind, default in conf.defaults():
        parts.append(f"## {name}\n\n{described[name]}\n\nType: {kind}. Default: `{default!r}`.")
    parts += [
        "## Mistakes",
        MISTAKES_INTRODUCTION,
        "\n".join(["| Id | Says, for example |", "|---|---|", *_mistakes(), *_checked()]),
    ]
    return "\n\n".join(parts)


def _described_settings(documented: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    texts = _attributes(documented)
    types = get_type_hints(documented)
    for known in fields(documented):
        name, kind = known.name, types[known.name]
        # a section of its own, or what a dict that names several holds
        inner = next(filter(is_dataclass, (kind, *get_args(kind))), None)
        if inner is not None:
            names = f"{name}.NAME" if "each" in known.metadata else name
            yield from _described_settings(inner, f"{prefix}{names}.")
        else:
            yield f"{prefix}{name}", texts[name][:1].upper() + texts[name][1:]


def _mistakes() -> Iterator[str]:
    for wrong in MISTAKEN:
        with patch.object(conf.reading, "settings", SimpleNamespace(PRAXIS=wrong)):
            for mistake in conf.find_mistakes():
                yield f"| `praxis.{mistake.code}` | {_cell(f'{mistake.message} {mistake.hint}')} |"


def _checked() -> Iterator[str]:
    for code, says in sorted(CHECKED.items()):
        yield f"| `{code}` | {_cell(says)} |"


def stale_pages(wanted: dict[Path, str]) -> list[Path]:
    """Pages of rules that are no more."""
    return sorted(set((FOLDER / "rules").glob("*.md")) - wanted.keys())


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail where a page is out of date.")
def main(check: bool) -> None:
    """Write the generated pages."""
    wanted = pages()
    changed = [
        path
        for path, text in wanted.items()
        if not path.is_file() or path.read_text("utf-8") != text
    ]
    stale = stale_pages(wanted)
    if check:
        for path in [*changed, *stale]:
            click.echo(f"{path}: not what the code says; run python -m docs.generate", err=True)
        sys.exit(bool(changed or stale))
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8", newline="\n")
    for path in stale:
        path.unlink()
    click.echo(f"{len(wanted)} pages, {len(changed)} written, {len(stale)} removed")


if __name__ == "__main__":
    main()
