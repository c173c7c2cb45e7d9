"""
The page: findings grouped by app and ordered by cost, each with its chain, its code and its fix.

It is bounded: the costliest findings come with their code, more of them in one line each, and
what is left out is said. Style and script are in the page and named by their digests in its
content security policy, so nothing that was audited could run here, nor fetch anything.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from importlib.resources import files

from praxis.audit.findings import Finding, Problem
from praxis.audit.fingerprint import fingerprints
from praxis.audit.outcome import Outcome
from praxis.audit.registry import Rule, find_rule, rules
from praxis.audit.report.apps import Apps
from praxis.audit.report.counts import RuleCount, count_by_rule, number
from praxis.audit.report.html.findings import short, whole
from praxis.audit.report.html.frames import Frames
from praxis.audit.report.html.markup import Child, Markup, element
from praxis.audit.report.html.overview import footer, header, overview
from praxis.audit.report.html.prose import inline, prose
from praxis.audit.report.rule_page import section
from praxis.audit.report.score import score_subjects

#: So many findings come with their code: some 3 kB each.
MAX_WITH_CODE = 500
#: So many are listed at all: browsers open this in a second or two.
MAX_LISTED = 10_000
#: So many of the costliest are open when the page is.
_OPEN = 3
_MAX_PROBLEMS = 200


def dump(outcome: Outcome) -> str:
    """The document."""
    style, script = _asset("page.css"), _asset("page.js")
    title = f"{outcome.audit.root.folder.name}: Praxis audit"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", style),
    )
    many = "many" if len(outcome.findings) > MAX_WITH_CODE else None
    body = element("body", _body(outcome), element("script", script), class_=many)
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _asset(name: str) -> Markup:
    return Markup(files(__package__).joinpath(name).read_text("utf-8"))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _body(outcome: Outcome) -> list[Markup]:
    counts = count_by_rule(outcome.findings)
    groups = _groups(outcome)
    return [
        element("a", "Skip to the findings", href="#findings", class_="skip"),
        header(outcome),
        overview(outcome, counts, score_subjects(outcome)),
        element(
            "div",
            _navigation(groups, outcome.findings) if outcome.findings else None,
            element(
                "main",
                _findings(outcome, groups) if outcome.findings else None,
                _rules(counts),
                _lists(outcome),
            ),
            class_="columns",
        ),
        footer(),
    ]


# Findings.


def _groups(outcome: Outcome) -> dict[str, list[Finding]]:
    """The listed findings by app: that with the costliest finding first."""
    summaries = outcome.audit.project.summaries
    apps = Apps({path: summary.line_count for path, summary in summaries.items()})
    groups: dict[str, list[Finding]] = {}
    for finding in outcome.findings[:MAX_LISTED]:
        groups.setdefault(apps.of(finding.place.path), []).append(finding)
    return groups


def _findings(outcome: Outcome, groups: dict[str, list[Finding]]) -> Markup:
    subject_of = {rule.code: rule.subject for rule in rules()}
    marks = fingerprints(outcome.audit.findings)
    frames = Frames(outcome.audit.project)
    rank = {id(finding): index for index, finding in enumerate(outcome.findings[:MAX_LISTED])}

    def written(finding: Finding) -> Markup:
        mark, subject = marks[finding][:16], subject_of[finding.code]
        index = rank[id(finding)]
        if index >= MAX_WITH_CODE:
            return short(finding, mark, subject)
        return whole(finding, mark, subject, frames, is_open=index < _OPEN)

    return element(
        "section",
        element("h2", "Findings", id="findings", tabindex="-1"),
        [element("p", sentence, class_="bound") for sentence in _bounds(len(outcome.findings))],
        element("p", class_="none", id="none", role="status"),
        [
            element(
                "section",
                element(
                    "h3",
                    app,
                    element("span", number(len(found), "finding"), class_="count"),
                    id=f"app-{index}",
                ),
                [written(finding) for finding in found],
                class_="app",
                aria_labelledby=f"app-{index}",
            )
            for index, (app, found) in enumerate(groups.items())
        ],
        aria_labelledby="findings",
    )


def _bounds(count: int) -> Iterator[str]:
    """What is left out to keep the page light, and where it is to be had."""
    if count > MAX_WITH_CODE:
        yield (
            f"The {MAX_WITH_CODE:,} costliest findings are shown with their code; of the other "
            f"{count - MAX_WITH_CODE:,} it is not shown, so that the page opens quickly. To see "
            "it, make a report of less: name a folder, or one rule with --select."
        )
    if count > MAX_LISTED:
        yield f"{count - MAX_LISTED:,} findings, the cheapest ones, are not listed at all."


def _navigation(groups: dict[str, list[Finding]], findings: Sequence[Finding]) -> Markup:
    severities = Counter(finding.severity.value for finding in findings)
    boxes = [
        element(
            "label",
            element("input", type="checkbox", id=f"show-{severity}", checked=True),
            element("span", class_=f"dot {severity}"),
            element("span", f"{severity.capitalize()}s"),
            element("span", f"{count:,}", class_="count"),
        )
        for severity in ("error", "warning", "note")
        if (count := severities[severity])
    ]
    links = [
        element(
            "li",
            element(
                "a",
                element("span", app),
                element("span", f"{len(found):,}", class_="count"),
                href=f"#app-{index}",
            ),
        )
        for index, (app, found) in enumerate(groups.items())
    ]
    return element(
        "nav",
        _search(),
        element("fieldset", element("legend", "Show"), boxes, class_="severities"),
        element(
            "details",
            element("summary", "Apps"),
            element("ul", links),
            class_="apps",
            open=True,
        ),
        element(
            "p",
            [_key(key, what) for key, what in _KEYS],
            class_="keys",
            hidden=True,
        ),
        aria_label="Findings",
    )


_KEYS = (("/", "filter"), ("j k", "next, previous"), ("o", "open"), ("a", "open all"))


def _key(key: str, what: str) -> Markup:
    return element("span", [element("kbd", part) for part in key.split()], f" {what}")


def _search() -> Markup:
    return element(
        "div",
        element("label", "Filter", for_="filter"),
        element(
            "input",
            type="search",
            id="filter",
            placeholder="path, rule, message …",
            autocomplete="off",
            spellcheck="false",
        ),
        element("p", id="shown", role="status"),
        class_="search",
        hidden=True,  # it needs the script, which shows it
    )


# What else there is to say.


def _rules(counts: Sequence[RuleCount]) -> Markup | None:
    known = [(entry, rule) for entry in counts if (rule := find_rule(entry.code)) is not None]
    if not known:
        return None
    return element(
        "section",
        element("h2", "The rules that spoke", id="rules"),
        [_rule(entry, rule) for entry, rule in known],
        class_="rules",
        aria_labelledby="rules",
    )


def _rule(entry: RuleCount, rule: Rule) -> Markup:
    parts: list[Child] = [element("p", inline(rule.summary), class_="lead")]
    parts += [
        (element("h4", title), prose(text))
        for title in ("Why", "Fix", "When to ignore it", "Source")
        if (text := section(rule, title))
    ]
    mendable = entry.safe_count + entry.unsafe_count
    said = f"{number(entry.count, 'finding')}{f', {mendable:,} with a fix' if mendable else ''}"
    return element(
        "details",
        element(
            "summary",
            element("h3", element("b", rule.code), f" {rule.name}"),
            element("span", said, class_="count"),
        ),
        element("div", parts, class_="body"),
        id=f"rule-{rule.code}",
    )


def _lists(outcome: Outcome) -> Markup | None:
    silenced = [
        Problem(
            finding.place.path,
            finding.place.line,
            f"{finding.code} {finding.rule}: {comment.reason or 'no reason given'}",
        )
        for finding, comment in outcome.suppressed
    ]
    parts = [
        _list("Not read", outcome.problems, is_open=True),
        _list("Comments that silence nothing", outcome.comments),
        _list("Silenced by a comment", silenced),
        _left_out(outcome),
    ]
    if not any(parts):
        return None
    return element(
        "section",
        element("h2", "Besides", id="besides"),
        parts,
        class_="besides",
        aria_labelledby="besides",
    )


def _list(title: str, problems: Sequence[Problem], *, is_open: bool = False) -> Markup | None:
    if not problems:
        return None
    rows = [
        element(
            "li",
            element("code", f"{entry.path}:{entry.line}" if entry.line else entry.path),
            f" {entry.message}",
        )
        for entry in problems[:_MAX_PROBLEMS]
    ]
    if len(problems) > len(rows):
        rows.append(element("li", f"… and {len(problems) - len(rows):,} more"))
    return element(
        "details",
        element(
            "summary",
            element("h3", title),
            element("span", f"{len(problems):,}", class_="count"),
        ),
        element("ul", rows, class_="body"),
        open=is_open,
    )


def _left_out(outcome: Outcome) -> Markup | None:
    told = [
        f"{count:,} {what}"
        for count, what in (
            (len(outcome.baselined), "known to the baseline"),
            (outcome.unchanged_count, "on lines that did not change"),
            (outcome.below_floor_count, "below the asked severity"),
        )
        if count
    ]
    return element("p", f"Not shown: {', '.join(told)}.") if told else None
