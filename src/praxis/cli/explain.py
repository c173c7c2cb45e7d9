"""``praxis explain``: the documentation page of a rule, on the terminal."""

import sys

import click

from praxis.audit.registry import find_rule
from praxis.audit.report.rule_page import page
from praxis.audit.suggestion import did_you_mean
from praxis.errors import ConfigError


@click.command("explain")
@click.argument("rule")
def command(rule: str) -> None:
    """
    Tell all about RULE, or about a check of the doctor (its code or its name).

    What it flags and why, bad and good code, whether the fix is safe, what it misses, and when
    to ignore it. Where the output is no terminal, it is Markdown.
    """
    found = find_rule(rule.strip())
    pages = [page(found)] if found is not None else []
    from praxis.doctor.registry import find_checks  # one code may be a rule's and checks'

    pages += [check.page() for check in find_checks(rule)]
    if not pages:
        raise ConfigError(f"{rule} is no rule{did_you_mean(rule)}")
    _print("\n".join(pages))


def _print(markdown: str) -> None:
    if not sys.stdout.isatty():
        click.echo(markdown, nl=False)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(Markdown(markdown, hyperlinks=False), width=min(console.width, 100))
