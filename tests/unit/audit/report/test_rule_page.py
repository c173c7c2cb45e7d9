from praxis.audit.registry import rules
from praxis.audit.report.rule_page import page, section, source_url


def test_the_page_tells_what_the_rule_declares(rule):
    assert page(rule).startswith(
        "# TST901 call_of_bad\n\nSeverity: warning. By default: on. "
        "To silence one line: `# praxis: ignore[call_of_bad] why`.\n\nFlag a call of ``bad``."
    )


def test_takes_one_section_out(rule):
    assert section(rule, "Why") == "It is bad."
    assert section(rule, "Nowhere") == ""


def test_finds_the_address_of_the_source(rule):
    assert source_url(rule) == "https://docs.djangoproject.com/en/stable/"


def test_every_rule_says_why():
    assert [known.code for known in rules() if not section(known, "Why")] == []
