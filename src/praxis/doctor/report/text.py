"""The report for people: server by server, what is wrong, what was measured, what to paste."""

from rich.console import Console
from rich.text import Text

from praxis.audit.findings import Severity
from praxis.audit.report.counts import number
from praxis.audit.report.printable import printable
from praxis.doctor.examination import Examination
from praxis.doctor.findings import Finding

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def write(examination: Examination, console: Console, *, quiet: bool = False) -> None:
    """Print the report; *quiet* leaves out all but the findings and what is not known."""
    page = _Page(console)
    for where, found in examination.by_server():
        page.heading(where, _named(examination, where), len(found))
        for finding in found:
            page.finding(finding)
    if examination.unanswered:
        page.line(Text(f"Not known ({len(examination.unanswered)})", "bold"))
        for unanswered in examination.unanswered:
            page.indented(Text(printable(str(unanswered))), 2)
        page.line(Text())
    if not quiet:
        _verdict(examination, page)


def _named(examination: Examination, where: str) -> str:
    for target in examination.targets:
        if target.where == where and (target.names or target.uses):
            uses = f": {', '.join(sorted(target.uses))}" if target.uses else ""
            return f"{', '.join(target.names)}{uses}"
    return ""


def _verdict(examination: Examination, page: "_Page") -> None:
    reached = len(set(examination.reached))
    if examination.findings:
        page.line(Text(f"{number(len(examination.findings), 'finding')}.", "bold"))
    elif not examination.unanswered:
        page.line(Text("Nothing found.", "bold green"))
    if examination.left_out_count:
        page.line(Text(f"{examination.left_out_count:,} more of the same are not shown."))
    page.line(
        Text(
            f"Asked {number(reached, 'server')} {number(examination.asked_count, 'question')} "
            f"in {examination.duration_s:.1f} s. Nothing was changed. "
            "`praxis explain NAME` tells more of a check."
        )
    )


class _Page:
    """Lays lines out to the console's width."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._width = console.width

    def heading(self, where: str, named: str, count: int) -> None:
        text = Text.assemble((printable(where), "bold underline"), f"  {number(count, 'finding')}")
        self.line(text)
        if named:
            self.indented(Text(printable(named), "dim"), 2)
        self.line(Text())

    def finding(self, finding: Finding) -> None:
        severity = finding.severity or Severity.WARNING
        self.line(
            Text.assemble(
                (severity.value, _STYLES[severity]),
                "  ",
                (finding.code, "bold"),
                f" {finding.check}",
            )
        )
        self.indented(Text(printable(finding.message)), 2)
        for name, value in finding.evidence:
            self.indented(Text.assemble((f"{printable(name)}: ", "dim"), printable(value)), 4)
        for remedy in finding.remedies:
            self.indented(Text(f"{remedy.kind}:", "green"), 2)
            for line in remedy.text.splitlines():  # not wrapped: it is to be pasted
                self.line(Text(f"    {printable(line)}", "green"))
        self.line(Text())

    def indented(self, text: Text, cells: int) -> None:
        for line in text.wrap(self._console, max(self._width - cells, 20)):
            line.rstrip()
            self.line(Text(" " * cells) + line)

    def line(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
