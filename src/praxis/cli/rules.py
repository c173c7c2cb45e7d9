"""``praxis rules``: what there is to be found."""

import json
import re
from typing import Any

import click

from praxis.audit.registry import Rule, rules

_FIX = re.compile(r"^## Fix\s+(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@click.command("rules")
@click.option(
    "--format",
    "list_format",
    type=click.Choice(("text", "json", "markdown")),
    default="text",
    show_default=True,
    help="How to print the list.",
)
def command(list_format: str) -> None:
    """List the rules: code, name, subject, severity, default and fix."""
    entries = [entry_of(rule) for rule in rules()]
    if list_format == "json":
        click.echo(json.dumps(entries, indent=2))
    elif list_format == "markdown":
        click.echo(markdown_table(entries))
    else:
        for line in _aligned(entries):
            click.echo(line)


def entry_of(rule: Rule) -> dict[str, Any]:
    """What is told of one rule."""
    return {
        "code": rule.code,
        "name": rule.name,
        "subject": rule.subject,
        "severity": rule.severity.value,
        "default": rule.default,
        "fix": fix_of(rule),
        "summary": rule.summary,
    }


def fix_of(rule: Rule) -> str:
    """
    Which fixes the rule's documentation promises: ``safe``, ``unsafe``, both, or ``none``.

    The section may say both, as in "Safe for names, unsafe for calls".
    """
    match = _FIX.search(rule.doc)
    words = re.findall(r"\b(safe|unsafe)\b", match["text"].lower()) if match else []
    return " or ".join(kind for kind in ("safe", "unsafe") if kind in words) or "none"


def markdown_table(entries: list[dict[str, Any]], link: str = "") -> str:
    """The list as a table; *link* is where each name leads, with ``{name}`` in it."""
    lines = ["| Code | Rule | Subject | Severity | Default | Fix |", "|---|---|---|---|---|---|"]
    for entry in entries:
        name = f"[{entry['name']}]({link.format(**entry)})" if link else entry["name"]
        default = "on" if entry["default"] else "off"
        lines.append(
            f"| {entry['code']} | {name} | {entry['subject']} | {entry['severity']} "
            f"| {default} | {entry['fix']} |"
        )
    return "\n".join(lines)


def _aligned(entries: list[dict[str, Any]]) -> list[str]:
    columns = ("code", "name", "subject", "severity", "default", "fix")
    rows = [columns] + [
        tuple(
            ("on" if entry["default"] else "off") if column == "default" else str(entry[column])
            for column in columns
        )
        for entry in entries
    ]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
