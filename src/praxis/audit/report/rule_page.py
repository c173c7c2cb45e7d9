"""A rule's documentation: the page in Markdown, its sections, and the address of its source."""

import re

from praxis.audit.registry import Rule

_SECTION = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s>)]+")


def page(rule: Rule) -> str:
    """The page in Markdown: what the rule declares, then its own documentation."""
    on = "on" if rule.default else f"off; ask for it with --select {rule.code}"
    return (
        f"# {rule.code} {rule.name}\n\n"
        f"Severity: {rule.severity.value}. By default: {on}. "
        f"To silence one line: `# praxis: ignore[{rule.name}] why`.\n\n"
        f"{rule.doc.strip()}\n"
    )


def section(rule: Rule, title: str) -> str:
    """The text under the heading *title*; empty where there is no such section."""
    parts = _SECTION.split(rule.doc)
    for found, text in zip(parts[1::2], parts[2::2], strict=True):
        if found.strip() == title:
            return text.strip()
    return ""


def source_url(rule: Rule) -> str | None:
    """The first address that the rule names as its source."""
    match = _ADDRESS.search(section(rule, "Source"))
    return match[0].rstrip(".,;") if match else None
