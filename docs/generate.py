"""
Write the pages of docs/reference from the code: ``python -m docs.generate [--check]``.

A rule's page is its module's docstring, the commands' page is what click knows, the
configuration's page is `praxis.audit.config.Config`. With ``--check`` nothing is written, and
the exit code is 1 where a page is not what the code says.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from praxis.audit.config import TABLE, Config, key_of
from praxis.audit.registry import Rule, rules
from praxis.cli.explain import page
from praxis.cli.main import VERBS, praxis
from praxis.cli.rules import entry_of, markdown_table

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by `python -m docs.generate`; change the code instead. -->\n\n"
RULES_INTRODUCTION = """\
# Rules

One page a rule: what it flags and why, bad and good code, whether its fix is safe, what it misses
and when to ignore it. `praxis explain RULE` prints the same page.

A *safe* fix keeps what the code does; an *unsafe* one may change it, and is made only with
`praxis fix --unsafe`."""
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
_URL = re.compile(r"(?<![<(\"'\[])https?://[^\s>)]+?(?=[.,;]?(?:\s|$))")


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    found = {
        FOLDER / "rules/index.md": rules_page(),
        FOLDER / "commands.md": commands_page(),
        FOLDER / "configuration.md": configuration_page(),
    }
    for rule in rules():
        found[FOLDER / f"rules/{rule.name}.md"] = rule_page(rule)
    return {path: NOTICE + text.rstrip() + "\n" for path, text in found.items()}


# Rules.


def rule_page(rule: Rule) -> str:
    """What `praxis explain` prints, with addresses that can be followed."""
    text, title, sources = page(rule).partition("\n## Source")
    return f"{text}{title}{_URL.sub(lambda url: f'<{url[0]}>', sources)}"


def rules_page() -> str:
    """The list of all rules, by subject."""
    entries = [entry_of(rule) for rule in rules()]
    parts = [RULES_INTRODUCTION]
    for subject in sorted({entry["subject"] for entry in entries}):
        belonging = [entry for entry in entries if entry["subject"] == subject]
        parts += [f"## {subject.capitalize()}", markdown_table(belonging, "{name}.md")]
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
        lines = ["| Option | |", "|---|---|"]
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
