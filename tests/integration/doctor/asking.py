"""One check asked of one server, and its remedies applied."""

import re

import psycopg

from praxis.doctor import Finding, Limits, Site, Target, examine


def ask(check: str, target: Target, *, site: Site | None = None, **limits: object) -> list[Finding]:
    """The findings of one check, which must have been answered."""
    examination = examine(
        [target],
        site=site,
        limits=Limits(**limits),
        is_wanted=lambda one: one.name == check,
    )
    assert examination.unanswered == []
    assert examination.asked_count == 1
    for finding in examination.findings:
        assert finding.check == check
        assert finding.where == target.where
        assert finding.message
    return examination.findings


def statements(finding: Finding, kind: str = "SQL") -> list[str]:
    """What a remedy says, statement by statement, without its comments."""
    text = next(remedy.text for remedy in finding.remedies if remedy.kind == kind)
    text = re.sub(r"--.*", "", text)
    return [part.strip() for part in text.split(";") if part.strip()]


def apply(url: str, finding: Finding, kind: str = "SQL") -> None:
    """Run a remedy as somebody would who pastes it into psql."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements(finding, kind):
            connection.execute(statement)
