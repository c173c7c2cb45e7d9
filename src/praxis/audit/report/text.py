"""The report for people: each finding with its code, its chain and its fix; then the summary."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from praxis.audit.findings import Finding, Fix, Place, Problem, Safety, Severity
from praxis.audit.outcome import Outcome
from praxis.audit.project import Project
from praxis.audit.report.counts import RuleCount, count_by_rule, number
from praxis.audit.report.excerpt import Excerpts, Line, lay_out
from praxis.audit.report.paths import Paths
from praxis.audit.report.preview import nearest_edit, preview
from praxis.audit.report.printable import printable
from praxis.errors import ProjectError

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}
_FIRST_TO_MEND = 5
_MAX_LISTED = 20
_MAX_EXCERPT_CELLS = 140


class Grouping(StrEnum):
    """What findings stand together by."""

    FILE = "file"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said; *statistics* puts counts for the findings, *quiet* leaves the rest out."""

    grouping: Grouping = Grouping.FILE
    statistics: bool = False
    quiet: bool = False
    verbose: bool = False


def write(outcome: Outcome, console: Console, paths: Paths, detail: Detail) -> None:
    """Print the report."""
    page = _Page(console, outcome.audit.project, paths)
    if not detail.statistics:
        page.findings(outcome.findings, detail.grouping)
    if outcome.findings and (detail.statistics or not detail.quiet):
        _rule_table(console, count_by_rule(outcome.findings))
    if detail.quiet:
        return
    if len(outcome.findings) > _FIRST_TO_MEND and not detail.statistics:
        _first_to_mend(console, outcome.findings, paths)
    lists = {"Not read": outcome.problems, "Comments that silence nothing": outcome.comments}
    if detail.verbose:
        lists["Suppressed"] = list(_suppressed(outcome))
    for title, problems in lists.items():
        _listing(console, title, [paths.problem(problem) for problem in problems], detail)
    _left_out(console, outcome)
    _verdict(console, outcome)


class _Page:
    """Prints findings; keeps the texts that excerpts are cut from."""

    def __init__(self, console: Console, project: Project, paths: Paths) -> None:
        self._console, self._project, self._paths = console, project, paths
        self._excerpts: dict[str, Excerpts | None] = {}
        self._full_width = console.width  # asked once: to find it out takes a while
        self._width = min(self._full_width, _MAX_EXCERPT_CELLS)
        self._lines: list[Text] = []

    def findings(self, findings: list[Finding], grouping: Grouping) -> None:
        def group(finding: Finding) -> str:
            if grouping is Grouping.FILE:
                return self._paths.path(finding.place.path)
            return f"{finding.code} {finding.rule}"

        ordered = sorted(findings, key=lambda finding: (group(finding), finding.place))
        for title, members in groupby(ordered, group):
            inside = list(members)
            heading = Text.assemble(
                (printable(title), "bold underline"), f"  {number(len(inside), 'finding')}"
            )
            self._lines += (heading, Text())
            for finding in inside:
                self._finding(finding)
                self._flush()

    def _finding(self, finding: Finding) -> None:
        head = Text.assemble(
            (printable(self._paths.place(finding.place)), "bold"),
            "  ",
            (finding.severity.value, _STYLES[finding.severity]),
            "  ",
            (finding.code, "bold"),
            f" {finding.rule}",
        )
        if finding.cost is not None:
            head.append(f"  {finding.cost}", "magenta")
        self._lines.append(head)
        self._indented(Text(printable(finding.message)))
        self._frame(finding.place)
        for index, step in enumerate(finding.steps, 1):
            line = Text.assemble(
                (f"{index}. ", "bold"), (printable(self._paths.place(step.place)), "dim"), "  "
            )
            self._indented(line.append(printable(step.note)))
            if step.place != finding.place:  # that one was shown above
                self._frame(step.place, max_lines=1)
        if finding.fix is not None and finding.fix.edits:
            self._fix(finding.fix, finding.place)
        self._lines.append(Text())

    def _frame(self, place: Place, max_lines: int = 4) -> None:
        excerpts = self._excerpts_of(place.path)
        if excerpts is None:
            return
        gutter = max(4, len(str(place.end_line)))
        for line in excerpts.lines(place, self._room(gutter), max_lines):
            self._code(line, gutter)
        left = place.end_line - place.line + 1 - max_lines
        if left > 0 and max_lines > 1:
            self._lines.append(Text(f"    {'':>{gutter}} | … {number(left, 'line')} more", "dim"))

    def _code(self, line: Line, gutter: int) -> None:
        start, width = line.mark
        self._lines.append(Text.assemble((f"    {line.number:>{gutter}} | ", "dim"), line.text))
        mark = Text.assemble((f"    {'':>{gutter}} | ", "dim"), " " * start)
        self._lines.append(mark.append("^" * width, "bold red"))

    def _fix(self, fix: Fix, place: Place) -> None:
        style = "green" if fix.safety is Safety.SAFE else "yellow"
        title = Text.assemble((f"fix ({fix.safety.value})", style), f": {printable(fix.title)}")
        self._indented(title)
        edit = nearest_edit(fix, place)
        if self._excerpts_of(edit.path) is None:
            return
        lines = preview(self._project.text(edit.path), fix, edit)
        gutter = max([4, *(len(str(line.number)) for line in lines)])
        for line in lines:
            laid_out = lay_out(line.number, line.text, line.start, line.end, self._room(gutter))
            self._lines.append(
                Text.assemble((f"    {line.number:>{gutter}} + ", style), (laid_out.text, style))
            )

    def _room(self, gutter: int) -> int:
        """The cells that are left for code."""
        return self._width - gutter - 7

    def _excerpts_of(self, path: str) -> Excerpts | None:
        if path not in self._excerpts:
            try:
                self._excerpts[path] = Excerpts(self._project.text(path))
            except ProjectError:
                self._excerpts[path] = None  # gone or changed since: told without its code
        return self._excerpts[path]

    def _indented(self, text: Text) -> None:
        self._lines += _indented(self._console, text, self._full_width)

    def _flush(self) -> None:
        """Print a whole finding at once: each print costs more than all of its lines."""
        self._console.print(Text("\n").join(self._lines), soft_wrap=True)
        self._lines.clear()


def _indented(console: Console, text: Text, full_width: int) -> Iterator[Text]:
    """*text* two cells in, wrapped to the width."""
    width = max(full_width - 2, 20)
    for line in [text] if text.cell_len <= width else text.wrap(console, width):
        line.rstrip()
        yield Text("  ") + line


def _rule_table(console: Console, counts: list[RuleCount]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("Rule", no_wrap=True, overflow="ignore")
    table.add_column("Severity", no_wrap=True)
    for title in ("Found", "Safe fix", "Unsafe fix"):
        table.add_column(title, justify="right", no_wrap=True)
    for entry in counts:
        table.add_row(
            Text.assemble((entry.code, "bold"), f" {entry.rule}"),
            Text(entry.worst.value, _STYLES[entry.worst]),
            f"{entry.count:,}",
            f"{entry.safe_count:,}" if entry.safe_count else "-",
            f"{entry.unsafe_count:,}" if entry.unsafe_count else "-",
        )
    console.print(table)
    console.print()


def _first_to_mend(console: Console, findings: list[Finding], paths: Paths) -> None:
    console.print(Text("Mend first", "bold"))
    for finding in findings[:_FIRST_TO_MEND]:
        cost = f" ({finding.cost})" if finding.cost is not None else ""
        line = f"  {paths.place(finding.place)}  {finding.code} {finding.message}{cost}"
        console.print(Text(printable(line)), no_wrap=True, overflow="ellipsis")
    console.print()


def _listing(console: Console, title: str, lines: list[str], detail: Detail) -> None:
    if not lines:
        return
    shown = len(lines) if detail.verbose else _MAX_LISTED
    console.print(Text(f"{title} ({len(lines):,})", "bold"))
    for line in lines[:shown]:
        listed = _indented(console, Text(printable(line)), console.width)
        console.print(Text("\n").join(listed), soft_wrap=True)
    if len(lines) > shown:
        console.print(Text(f"  … and {len(lines) - shown:,} more: -v lists all"))
    console.print()


def _suppressed(outcome: Outcome) -> Iterator[Problem]:
    for finding, comment in outcome.suppressed:
        reason = comment.reason or "no reason given"
        place = finding.place
        yield Problem(place.path, place.line, f"{finding.code} {finding.rule}: {reason}")


def _left_out(console: Console, outcome: Outcome) -> None:
    parts = [
        (len(outcome.suppressed), "suppressed by a comment"),
        (len(outcome.baselined), "known to the baseline"),
        (outcome.unchanged_count, "on lines that did not change"),
        (outcome.below_floor_count, "below the asked severity"),
    ]
    told = [f"{count:,} {what}" for count, what in parts if count]
    if told:
        console.print(Text(f"Not shown: {', '.join(told)}."))
    stale = outcome.stale.total()
    if stale:
        console.print(
            Text(
                f"{number(stale, 'finding')} of the baseline no longer "
                f"{'occurs' if stale == 1 else 'occur'}: "
                "--write-baseline takes it out."
            )
        )


def _verdict(console: Console, outcome: Outcome) -> None:
    audit = outcome.audit
    files = len({finding.place.path for finding in outcome.findings})
    if outcome.findings:
        console.print(
            Text(
                f"{number(len(outcome.findings), 'finding')} in {number(files, 'file')}"
                f"{_mendable(outcome.findings)}.",
                "bold",
            )
        )
    else:
        unread = f", but {number(len(outcome.unread), 'problem')}" if outcome.unread else ""
        console.print(Text(f"Nothing found{unread}.", "bold" if unread else "bold green"))
    cached = f", {audit.cached_count:,} from cache" if audit.cached_count else ""
    console.print(
        Text(
            f"Checked {number(outcome.file_count, 'file')} of a project of "
            f"{number(audit.file_count, 'file')} and {number(audit.line_count, 'line')} "
            f"in {audit.duration_s:.1f} s{cached}."
        )
    )


def _mendable(findings: list[Finding]) -> str:
    counts = count_by_rule(findings)
    safe = sum(entry.safe_count for entry in counts)
    unsafe = sum(entry.unsafe_count for entry in counts)
    if not (safe or unsafe):
        return ""
    parts = [f"{safe:,} can be mended by `praxis fix`"] if safe else []
    if unsafe:
        parts.append(f"{unsafe:,} {'more ' if safe else 'can be mended '}by `praxis fix --unsafe`")
    return f"; {', '.join(parts)}"
