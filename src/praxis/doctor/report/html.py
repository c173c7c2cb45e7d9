"""
The report as one HTML page: nothing is fetched, and there is no script in it.

The style stands in the page and is named by its digest in its content security policy, so nothing
that a server answered could run here.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from importlib.resources import files

from praxis import __version__
from praxis.audit.findings import Severity
from praxis.audit.report.counts import number
from praxis.audit.report.html.markup import Markup, element
from praxis.doctor.examination import Examination
from praxis.doctor.findings import Finding, Remedy
from praxis.doctor.targets import Target


def dump(examination: Examination) -> str:
    """The document."""
    style = Markup(files(__package__).joinpath("page.css").read_text("utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", "Praxis doctor"),
        element("style", style),
    )
    body = element("body", _header(examination), element("main", _servers(examination)))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _policy(style: str) -> str:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _header(examination: Examination) -> Markup:
    counts = Counter(finding.severity for finding in examination.findings)
    cards = [
        *((counts[severity], f"{severity.value}s") for severity in Severity),
        (len(examination.unanswered), "not known"),
        (len(set(examination.reached)), "servers asked"),
    ]
    return element(
        "header",
        element("p", "Praxis doctor", class_="brand"),
        element("h1", _title(examination)),
        element(
            "p",
            f"{number(examination.asked_count, 'question')} in {examination.duration_s:.1f} s. "
            f"Nothing was changed. Praxis {__version__}.",
            class_="faint",
        ),
        element(
            "ul",
            [element("li", element("b", f"{count:,}"), what) for count, what in cards],
            class_="cards",
        ),
    )


def _title(examination: Examination) -> str:
    if examination.findings:
        return number(len(examination.findings), "finding")
    return "Not all is known" if examination.unanswered else "Nothing found"


def _servers(examination: Examination) -> list[Markup]:
    sections = [
        element(
            "section",
            element("h2", where),
            _named(examination.targets, where),
            [_finding(finding) for finding in found],
        )
        for where, found in examination.by_server()
    ]
    if examination.left_out_count:
        more = f"{examination.left_out_count:,} more of the same are not shown."
        sections.append(element("p", more, class_="faint"))
    if examination.unanswered:
        unknown = [element("li", str(unanswered)) for unanswered in examination.unanswered]
        sections.append(
            element("section", element("h2", "Not known"), element("ul", unknown, class_="unknown"))
        )
    return sections


def _named(targets: Sequence[Target], where: str) -> Markup | None:
    for target in targets:
        if target.where == where and target.names:
            uses = f": {', '.join(sorted(target.uses))}" if target.uses else ""
            return element("p", f"{', '.join(target.names)}{uses}", class_="faint")
    return None


def _finding(finding: Finding) -> Markup:
    severity = finding.severity or Severity.WARNING
    evidence = [
        part
        for name, value in finding.evidence
        for part in (element("dt", name), element("dd", value))
    ]
    return element(
        "article",
        element(
            "h3",
            element("span", severity.value, class_="level"),
            f"{finding.code} {finding.check}",
        ),
        element("p", finding.message),
        element("dl", evidence) if evidence else None,
        [_remedy(remedy) for remedy in finding.remedies],
        class_=f"finding {severity.value}",
    )


def _remedy(remedy: Remedy) -> list[Markup]:
    return [
        element("p", remedy.kind, class_="kind"),
        element("pre", element("code", remedy.text), tabindex="0"),
    ]
