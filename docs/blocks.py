"""
The parts of hand-written pages that are generated: what stands between two markers.

    <!-- generated: rules -->
    … written by `python -m docs.generate` …
    <!-- end -->

Blocks with other markers (figures of a machine) are left as they are.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from docs.small_project import small_project
from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import find_root
from praxis.audit.findings import Finding
from praxis.audit.outcome import Outcome, Request, settle
from praxis.audit.registry import Rule, rules
from praxis.audit.report import text
from praxis.audit.report.paths import Paths
from praxis.cli.rules import fix_of
from praxis.embedded.binaries import OLDEST_POSTGRES, OLDEST_REDIS

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "examples" / "shop"
#: The findings that the first page shows, of many: a rule, and the file that it speaks of.
SHOWN = (
    ("ORM103", "templates/catalogue/product.html"),
    ("ORM207", "orders/services.py"),
    ("ORM114", "cart/views.py"),
)
_WIDTH = 98
_THEME = TerminalTheme(
    (22, 27, 34),
    (214, 220, 226),
    [(72, 79, 88), (255, 123, 114), (126, 231, 135), (240, 200, 110), (121, 192, 255),
     (215, 170, 255), (118, 227, 234), (214, 220, 226)],
)  # fmt: skip
_BLOCK = re.compile(
    r"(?P<start><!-- generated: (?P<name>[\w-]+) -->\n).*?(?P<end>^[ ]*<!-- end -->)",
    re.MULTILINE | re.DOTALL,
)


def fill(page: str) -> str:
    """
    *page* with each block as the code has it now.

    Raises:
        LookupError: if it names a block that does not exist.
    """

    def block(match: re.Match[str]) -> str:
        if match["name"] not in BLOCKS:
            raise LookupError(f"{match['name']} is no block; known: {', '.join(BLOCKS)}")
        return f"{match['start']}\n{BLOCKS[match['name']]().strip()}\n\n{match['end']}"

    return _BLOCK.sub(block, page)


# What `praxis check examples/shop` prints.


def check_as_text() -> str:
    """The shown findings and the end of the report, as a terminal without colours has them."""
    return "```text\n" + "\n".join(_report(coloured=False)) + "\n```"


def check_in_colour() -> str:
    """The same, coloured, as HTML."""
    lines = "\n".join(_report(coloured=True))
    return f'<pre class="terminal"><b>$ praxis check examples/shop</b>\n\n{lines}</pre>'


def _report(*, coloured: bool) -> list[str]:
    whole = _outcome()
    lines: list[str] = []
    for code, path in SHOWN:
        finding = next(
            (one for one in whole.findings if (one.code, one.place.path) == (code, path)), None
        )
        if finding is None:
            raise LookupError(
                f"docs/blocks.py shows what {code} finds in {path} of the shop, and it finds "
                "nothing there: show something else"
            )
        lines += _alone(whole, finding, coloured=coloured)
    verdict = _printed(whole, text.Detail(statistics=True), coloured)[-2:]
    lines += ["…", "", *(re.sub(r" in [\d.]+ s", "", line) for line in verdict)]
    return [line.rstrip() for line in lines]


def across_files() -> str:
    """What is found in the small project, whose one mistake takes four files to see."""
    with small_project() as folder:
        whole = _outcome(folder)
        (finding,) = whole.findings
        lines = _alone(whole, finding, coloured=False, base=folder)
    return "```text\n" + "\n".join(line.rstrip() for line in lines).strip() + "\n```"


@cache
def _outcome(folder: Path = SHOP) -> Outcome:
    found = audit(find_root(folder), Config(), use_cache=False, processes=1)
    return settle(found, Config(), Request())


def _alone(whole: Outcome, finding: Finding, *, coloured: bool, base: Path = ROOT) -> list[str]:
    alone = Outcome(whole.audit, whole.config, findings=[finding])
    heading_and_blank = 2  # "5 findings" would be said of one
    return _printed(alone, text.Detail(quiet=True), coloured, base)[heading_and_blank:]


def _printed(outcome: Outcome, detail: text.Detail, coloured: bool, base: Path = ROOT) -> list[str]:
    console = Console(
        file=StringIO(),
        record=True,
        width=_WIDTH,
        force_terminal=coloured,
        color_system="truecolor" if coloured else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    text.write(outcome, console, Paths(outcome.audit.root.folder, base, short=True), detail)
    if coloured:
        printed = console.export_html(theme=_THEME, code_format="{code}", inline_styles=True)
    else:
        printed = console.export_text()
    return printed.removesuffix("\n").split("\n")


# Tables.


def rules_table(found: Iterable[Rule], link: str) -> str:
    """
    The rules with what they find.

    Args:
        found: In the order of the rows.
        link: Where each name leads, with ``{name}`` in it.
    """
    lines = ["| Code | Rule | What it finds | Severity | Fix |", "|---|---|---|---|---|"]
    for rule in found:
        what = re.sub(r"^Flags? ", "", rule.summary).replace("|", "\\|").rstrip(".")
        what = what[:1].upper() + what[1:] + ("" if rule.default else ". Off by default")
        name = f"[{rule.name}]({link.format(name=rule.name)})"
        lines.append(f"| {rule.code} | {name} | {what} | {rule.severity.value} | {fix_of(rule)} |")
    return "\n".join(lines)


def versions_table() -> str:
    """What ``pyproject.toml`` and the embedded servers declare."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]

    def declared(prefix: str) -> str:
        found = (name.removeprefix(prefix) for name in project["classifiers"])
        return ", ".join(name for name in found if re.fullmatch(r"\d+\.\d+", name))

    redis = ".".join(map(str, OLDEST_REDIS))
    return "\n".join(
        (
            "| Praxis runs on | |",
            "|---|---|",
            f"| Python | {declared('Programming Language :: Python :: ')} |",
            f"| Django | {declared('Framework :: Django :: ')} |",
            f"| Redis or Valkey, as embedded server | {redis} or newer |",
            f"| PostgreSQL, as embedded server | {OLDEST_POSTGRES} or newer |",
        )
    )


BLOCKS: dict[str, Callable[[], str]] = {
    "across-files": across_files,
    "check": check_as_text,
    "check-in-colour": check_in_colour,
    "rules": lambda: rules_table(rules(), "docs/reference/rules/{name}.md"),
    "versions": versions_table,
}
