"""The top of the page: what was looked at, what came of it, and a score for each subject."""

from collections.abc import Sequence

from praxis import __version__
from praxis.audit.outcome import Outcome
from praxis.audit.report.counts import RuleCount, number
from praxis.audit.report.heading import settings_module
from praxis.audit.report.html.markup import Markup, element
from praxis.audit.report.score import MIN_LINES, SubjectScore, scored_lines


def header(outcome: Outcome) -> Markup:
    """The project, and what was read of it."""
    audit = outcome.audit
    settings = settings_module(audit.root.folder)
    facts = [
        f"settings {settings}" if settings else None,
        f"of which {', '.join(audit.root.within)}" if audit.root.within else None,
        number(outcome.file_count, "file"),
        f"of a project of {number(audit.file_count, 'file')}"
        if outcome.file_count != audit.file_count
        else None,
        number(audit.line_count, "line"),
        f"read in {audit.duration_s:.1f} s",
    ]
    return element(
        "header",
        element("p", "Praxis audit", class_="brand"),
        _themes(),
        element("h1", audit.root.folder.name or str(audit.root.folder)),
        element("p", [element("span", fact) for fact in facts if fact], class_="facts"),
    )


def _themes() -> Markup:
    choices = [
        element(
            "label",
            element("input", type="radio", name="theme", value=value, checked=value == "auto"),
            element("span", value.capitalize()),
        )
        for value in ("auto", "light", "dark")
    ]
    return element("fieldset", element("legend", "Colours", class_="sr"), choices, class_="themes")


def overview(
    outcome: Outcome, counts: Sequence[RuleCount], scores: Sequence[SubjectScore]
) -> Markup:
    """The verdict in a sentence, the scores, and how they are worked out."""
    return element(
        "section",
        element("h2", _verdict(outcome), id="overview"),
        element("p", _next_step(outcome, counts), class_="lead"),
        element("ul", [_tile(score) for score in scores], class_="tiles"),
        _formula(outcome),
        class_="overview",
        aria_labelledby="overview",
    )


def _verdict(outcome: Outcome) -> str:
    found = outcome.findings
    if not found:
        unread = outcome.unread
        return f"Nothing found, but {number(len(unread), 'problem')}" if unread else "Nothing found"
    files = len({finding.place.path for finding in found})
    return f"{number(len(found), 'finding')} in {number(files, 'file')}"


def _next_step(outcome: Outcome, counts: Sequence[RuleCount]) -> list[str | Markup]:
    if not outcome.findings:
        return ["The rules that ran saw nothing to mend."]
    safe = sum(entry.safe_count for entry in counts)
    unsafe = sum(entry.unsafe_count for entry in counts)
    said: list[str | Markup] = []
    if safe:
        said += [f"{safe:,} can be mended by ", element("code", "praxis fix")]
    if unsafe:
        said += [
            f"{f', {unsafe:,} more' if safe else f'{unsafe:,} can be mended'} by ",
            element("code", "praxis fix --unsafe"),
        ]
    said.append(". The costliest come first." if said else "The costliest come first.")
    return said


def _tile(score: SubjectScore) -> Markup:
    said = number(score.finding_count, "finding")
    looked = number(score.rule_count, "rule")
    grade = "good" if score.score >= 90 else "fair" if score.score >= 50 else "poor"
    return element(
        "li",
        element(
            "a",
            element("span", score.subject, class_="subject"),
            element(
                "span", element("b", score.score), element("span", " of 100", class_="sr"),
                class_="score",
            ),
            _bar(score.score),
            element("span", f"{said} · {looked}", class_="said"),
            href="#findings",
            data_filter=score.subject,
        ),
        class_=f"tile {grade}",
    )  # fmt: skip


def _bar(score: int) -> Markup:
    return element(
        "svg",
        element("rect", class_="track", width=100, height=4, rx=2),
        element("rect", class_="worth", width=max(score, 1), height=4, rx=2),
        viewBox="0 0 100 4",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _formula(outcome: Outcome) -> Markup:
    lines = scored_lines(outcome)
    small = f" (it has {lines:,}, and counts as {MIN_LINES:,})" if lines < MIN_LINES else ""
    return element(
        "details",
        element("summary", "How the scores are worked out"),
        element(
            "p",
            "100 / (1 + d), where d are the findings of the subject for each 1,000 lines: a "
            "warning counts as one, an error as three, three notes as one. So one warning in "
            f"every 1,000 lines gives 50, three give 25. Here that is {lines:,} lines, without "
            f"tests and migrations{small}. All that was found counts, also what a baseline knows, "
            "but for what a comment silences.",
        ),
        element(
            "p",
            "The score compares a project with itself over time. It says nothing of what no rule "
            "looks for.",
        ),
        class_="formula",
    )


def footer() -> Markup:
    """What made this page."""
    return element(
        "footer",
        element(
            "p",
            f"Praxis {__version__}. Nothing of the project was imported or executed, and this page "
            "fetches nothing. ",
            element("code", "praxis explain RULE"),
            " tells all about a rule.",
        ),
    )
