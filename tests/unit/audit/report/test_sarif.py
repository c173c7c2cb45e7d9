"""
SARIF is held to the structure that its schema demands, written down here for what Praxis uses.

Each object is described by its properties: required ones first, then the others that the schema
knows there; anything else fails, as it would under the schema's ``additionalProperties: false``.
"""

import json
import re
from urllib.parse import unquote

import pytest

from praxis.audit.report import sarif

pytestmark = pytest.mark.usefixtures("rule")

LEVELS = ("none", "note", "warning", "error")


def exactly(kind, *, least=None):
    def check(value, where):
        assert type(value) is kind, where
        if least is not None:
            assert value >= least, where

    return check


def one_of(*values):
    def check(value, where):
        assert value in values, where

    return check


def matching(pattern):
    def check(value, where):
        assert isinstance(value, str), where
        assert re.fullmatch(pattern, value), f"{where}: {value}"

    return check


def array(item, *, least=0):
    def check(value, where):
        assert isinstance(value, list), where
        assert len(value) >= least, where
        for index, inner in enumerate(value):
            item(inner, f"{where}[{index}]")

    return check


def mapping(item):
    def check(value, where):
        assert isinstance(value, dict), where
        for key, inner in value.items():
            item(inner, f"{where}.{key}")

    return check


def anything(value, where):
    assert isinstance(value, dict), where


def record(required, optional=None):
    known = {**required, **(optional or {})}

    def check(value, where):
        assert isinstance(value, dict), where
        assert required.keys() <= value.keys(), f"{where} lacks {required.keys() - value.keys()}"
        for key, inner in value.items():
            assert key in known, f"{where} may not have {key}"
            known[key](inner, f"{where}.{key}")

    return check


text = exactly(str)
positive = exactly(int, least=1)
natural = exactly(int, least=0)
uri = matching(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*")
uri_reference = matching(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=@/]|%[0-9A-F]{2})+")
message = record({"text": text}, {"markdown": text})
artifact = record({"uri": uri_reference, "uriBaseId": text})
region = record(
    {"startLine": positive}, {"startColumn": positive, "endLine": positive, "endColumn": positive}
)
physical = record({"artifactLocation": artifact}, {"region": region})
location = record(
    {"physicalLocation": physical},
    {"message": message, "logicalLocations": array(record({"fullyQualifiedName": text}))},
)
thread_flow = record({"locations": array(record({"location": location}), least=1)})
replacement = record({"deletedRegion": region}, {"insertedContent": record({"text": text})})
change = record({"artifactLocation": artifact, "replacements": array(replacement, least=1)})
result = record(
    {"message": message},
    {
        "ruleId": text,
        "ruleIndex": natural,
        "level": one_of(*LEVELS),
        "locations": array(location),
        "partialFingerprints": mapping(text),
        "codeFlows": array(record({"threadFlows": array(thread_flow, least=1)})),
        "fixes": array(
            record({"artifactChanges": array(change, least=1)}, {"description": message})
        ),
        "properties": anything,
    },
)
descriptor = record(
    {"id": text},
    {
        "name": text,
        "shortDescription": message,
        "fullDescription": message,
        "help": message,
        "helpUri": uri,
        "defaultConfiguration": record({"level": one_of(*LEVELS)}),
        "properties": anything,
    },
)
notification = record(
    {"message": message},
    {
        "descriptor": record({"id": text}),
        "level": one_of(*LEVELS),
        "locations": array(location),
    },
)
invocation = record(
    {"executionSuccessful": exactly(bool)},
    {"exitCode": exactly(int), "toolExecutionNotifications": array(notification)},
)
driver = record(
    {"name": text},
    {
        "semanticVersion": matching(r"\d+\.\d+\.\d+.*"),
        "rules": array(descriptor),
        "notifications": array(descriptor),
    },
)
run = record(
    {"tool": record({"driver": driver})},
    {
        "results": array(result),
        "invocations": array(invocation),
        "columnKind": one_of("utf16CodeUnits", "unicodeCodePoints"),
        "originalUriBaseIds": mapping(record({}, {"uri": uri})),
    },
)
log = record({"version": one_of("2.1.0"), "runs": array(run)}, {"$schema": uri})


def report_on(outcome):
    document = json.loads(sarif.dump(outcome))
    log(document, "log")
    (only,) = document["runs"]
    return only


VIEWS = "def f():\n    x = '日本', bad('ü', step=1, rows=3)\n"


def test_has_the_structure_of_the_standard(outcome_of):
    files = {"views.py": VIEWS, "b.py": "bad(1)\n", "c.py": "(\n", "d.py": "x  # praxis: ignore\n"}
    found = report_on(outcome_of(files))
    assert len(found["results"]) == 2
    assert found["columnKind"] == "unicodeCodePoints"


def test_is_valid_without_findings(outcome_of):
    found = report_on(outcome_of({"views.py": "x = 1\n"}))
    assert found["results"] == []
    assert found["tool"]["driver"]["rules"] == []


def test_describes_each_rule_that_spoke(outcome_of):
    found = report_on(outcome_of({"views.py": VIEWS}))
    (rule,) = found["tool"]["driver"]["rules"]
    assert rule["id"] == "TST901"
    assert rule["name"] == "CallOfBad"
    assert rule["helpUri"] == "https://docs.djangoproject.com/en/stable/"
    assert rule["shortDescription"]["text"] == "Flag a call of ``bad``."
    assert "## Why" in rule["help"]["markdown"]
    (entry,) = found["results"]
    assert found["tool"]["driver"]["rules"][entry["ruleIndex"]]["id"] == entry["ruleId"]


def test_names_place_level_symbol_and_message(outcome_of):
    (entry,) = report_on(outcome_of({"views.py": VIEWS}))["results"]
    assert entry["level"] == "warning"
    assert entry["message"]["text"] == "Calls bad() with 1 arguments."
    place = entry["locations"][0]
    assert place["logicalLocations"] == [{"fullyQualifiedName": "f"}]
    line = VIEWS.splitlines()[1]
    found = place["physicalLocation"]["region"]
    assert line[found["startColumn"] - 1 : found["endColumn"] - 1] == "bad('ü', step=1, rows=3)"
    assert found["startLine"] == found["endLine"] == 2


def test_tells_the_chain_as_a_code_flow_that_ends_at_the_finding(outcome_of):
    (entry,) = report_on(outcome_of({"views.py": VIEWS}))["results"]
    steps = entry["codeFlows"][0]["threadFlows"][0]["locations"]
    notes = [step["location"]["message"]["text"] for step in steps]
    assert notes == ["bad is named here", "Calls bad() with 1 arguments."]


def test_carries_the_fix_as_replacements(outcome_of):
    outcome = outcome_of({"views.py": VIEWS})
    (entry,) = report_on(outcome)["results"]
    (change,) = entry["fixes"][0]["artifactChanges"]
    (made,) = change["replacements"]
    line = VIEWS.splitlines()[1]
    where = made["deletedRegion"]
    mended = (
        line[: where["startColumn"] - 1]
        + made["insertedContent"]["text"]
        + line[where["endColumn"] - 1 :]
    )
    assert mended == "    x = '日本', good('ü', step=1, rows=3)"


@pytest.mark.parametrize(
    "name", ["a b.py", "ünï.py", "a%20b.py", "a#b?.py", "日本/views.py", "c:d.py"]
)
def test_encodes_paths(outcome_of, name):
    (entry,) = report_on(outcome_of({name: "bad(1)\n"}))["results"]
    where = entry["locations"][0]["physicalLocation"]["artifactLocation"]
    assert unquote(where["uri"]) == name
    assert where["uriBaseId"] == "%SRCROOT%"


def test_names_the_root(outcome_of):
    outcome = outcome_of({"a.py": "bad(1)\n"})
    base = report_on(outcome)["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert base == f"{outcome.audit.root.folder.as_uri()}/"


def test_gives_each_finding_a_fingerprint_of_its_own_that_survives_moving(outcome_of):
    def marks(source):
        entries = report_on(outcome_of({"views.py": source}))["results"]
        return [entry["partialFingerprints"]["praxisFinding/v1"] for entry in entries]

    before = marks("bad(1)\nbad(1)\nbad(2)\n")
    assert len(set(before)) == 3
    assert marks("import os\n\nbad(1)\nbad(1)\nbad(2)\n") == before


def test_notifies_of_what_was_not_read(outcome_of):
    found = report_on(outcome_of({"a.py": "x = 1\n(\n", "b.py": "x = 1  # praxis: ignore\n"}))
    unread, comment = found["invocations"][0]["toolExecutionNotifications"]
    assert unread["level"] == "error"
    assert unread["descriptor"]["id"] == "not-read"
    assert unread["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a.py"
    assert comment["descriptor"]["id"] == "idle-comment"
    known = {entry["id"] for entry in found["tool"]["driver"]["notifications"]}
    assert {unread["descriptor"]["id"], comment["descriptor"]["id"]} == known
