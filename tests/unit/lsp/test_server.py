"""The real server, spoken with as editors do."""

import pytest

from tests.unit.lsp.client import Editor
from tests.unit.lsp.conftest import CALLS, VIEWS

MENDED = CALLS.replace("get(url)", "get(url, timeout=10)")


def codes(diagnostics):
    return [diagnostic.get("code") for diagnostic in diagnostics]


def test_shows_what_is_found_when_a_document_is_opened(editor):
    one = editor()
    (found,) = one.open("shop/views.py")
    assert found["code"] == "ORM101"
    assert found["source"] == "praxis"
    assert found["severity"] == 3  # a note: nothing in the code gives the table many rows
    assert found["message"].endswith('Add .select_related("author") to the query. (1 + N queries)')
    assert found["codeDescription"]["href"].startswith("https://docs.djangoproject.com/")
    (step,) = found["relatedInformation"]
    assert step["message"] == "the query for Book rows"
    assert step["location"]["uri"] == one.uri("shop/views.py")
    line = VIEWS.splitlines()[step["location"]["range"]["start"]["line"]]
    assert line[step["location"]["range"]["start"]["character"] :].startswith("Book.objects")


@pytest.mark.parametrize(
    ("encodings", "chosen", "start"),
    [
        (None, "utf-16", 17),
        (["utf-8", "utf-16"], "utf-8", 19),
        (["utf-32", "utf-16"], "utf-32", 16),
    ],
)
def test_counts_columns_as_was_agreed(site, tmp_path, encodings, chosen, start):
    one = Editor(site, tmp_path / "cache")
    try:
        assert one.start(encodings=encodings)["capabilities"]["positionEncoding"] == chosen
        (found,) = one.open("shop/calls.py")
        assert found["range"]["start"] == {"line": 4, "character": start}
        position = {"line": 4, "character": start}
        question = {"textDocument": {"uri": one.uri("shop/calls.py")}, "position": position}
        assert one.request("textDocument/hover", question)["range"] == found["range"]
    finally:
        one.kill()


def test_looks_at_what_is_not_saved_yet(editor):
    one = editor()
    assert codes(one.open("shop/calls.py")) == ["VIEW105"]
    one.type("shop/calls.py", MENDED)
    assert one.shown("shop/calls.py") == []
    one.type("shop/calls.py", CALLS + "\n\nimport requests\n\nrequests.post('x')\n")
    assert codes(one.shown("shop/calls.py")) == ["VIEW105", "VIEW105"]
    assert (one.root / "shop/calls.py").read_bytes() == CALLS.encode()


def test_sees_what_an_unsaved_file_means_for_another_one(editor):
    one = editor()
    one.open("shop/models.py")
    assert codes(one.open("shop/views.py")) == ["ORM101"]
    one.type("shop/models.py", "x = 1\n")
    assert one.shown("shop/views.py") == []


def test_a_fix_makes_its_finding_go(editor):
    one = editor()
    (found,) = one.open("shop/calls.py")
    fix, silence = one.actions("shop/calls.py", found["range"])
    assert fix["title"] == "Praxis: Add timeout=10 (unsafe: may change what the code does)"
    assert fix["kind"] == silence["kind"] == "quickfix"
    assert fix["isPreferred"] is False
    assert codes(fix["diagnostics"]) == ["VIEW105"]
    one.apply(fix)
    assert one.texts["shop/calls.py"] == MENDED
    assert one.shown("shop/calls.py") == []


def test_a_comment_silences(editor):
    one = editor()
    (found,) = one.open("shop/calls.py")
    one.apply(one.actions("shop/calls.py", found["range"])[-1])
    assert "get(url)  # praxis: ignore[client_call_without_timeout]" in one.texts["shop/calls.py"]
    assert one.shown("shop/calls.py") == []


def test_offers_nothing_elsewhere_or_of_another_kind(editor):
    one = editor()
    (found,) = one.open("shop/calls.py")
    nowhere = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 3}}
    assert one.actions("shop/calls.py", nowhere) == []
    question = {
        "textDocument": {"uri": one.uri("shop/calls.py")},
        "range": found["range"],
        "context": {"diagnostics": [], "only": ["refactor"]},
    }
    assert one.request("textDocument/codeAction", question) == []


def test_offers_nothing_for_a_text_that_was_typed_over(editor):
    one = editor()
    (found,) = one.open("shop/calls.py")
    one.type("shop/calls.py", f"\n\n{CALLS}")
    assert one.actions("shop/calls.py", found["range"]) == []


def test_tells_all_about_the_rule_under_the_pointer(editor):
    one = editor()
    (found,) = one.open("shop/views.py")

    def hover(position):
        question = {"textDocument": {"uri": one.uri("shop/views.py")}, "position": position}
        return one.request("textDocument/hover", question)

    told = hover(found["range"]["start"])
    assert told["range"] == found["range"]
    assert told["contents"]["kind"] == "markdown"
    assert "# ORM101 forward_relation_per_row" in told["contents"]["value"]
    assert "## Why" in told["contents"]["value"]
    assert hover({"line": 0, "character": 0}) is None
    assert hover({"line": 500, "character": 500}) is None


def test_a_text_that_cannot_be_read_keeps_what_was_shown_until_it_is_saved(editor):
    one = editor()
    one.open("shop/views.py")
    assert codes(one.open("shop/calls.py")) == ["VIEW105"]
    one.type("shop/calls.py", CALLS + "def (\n")
    one.type("shop/views.py", VIEWS + "# typed\n")
    assert codes(one.shown("shop/views.py")) == ["ORM101"]
    said = [
        message["params"]["diagnostics"]
        for message in one.seen
        if message.get("method") == "textDocument/publishDiagnostics"
        and message["params"]["uri"] == one.uri("shop/calls.py")
    ]
    assert list(map(codes, said)) == [["VIEW105"]] * len(said)
    one.save("shop/calls.py")
    (problem,) = one.shown("shop/calls.py")
    assert problem["message"].startswith("not read: ")
    assert problem["range"]["start"]["line"] == 5
    one.type("shop/calls.py", CALLS)
    assert codes(one.shown("shop/calls.py")) == ["VIEW105"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[tool.praxis]\nselct = []\n", "selct is not a setting"),
        ("[tool.praxis]\nselect = ['NOPE']\n", "'NOPE' is no rule"),
        ("[tool.praxis\n", "not valid TOML"),
        ("[tool.praxis]\nbaseline = 'nowhere.json'\n", "no such baseline"),
    ],
)
def test_wrong_settings_are_told_once_and_end_nothing(editor, site, settings, said):
    (site / "pyproject.toml").write_text(settings)
    one = editor()
    assert codes(one.open("shop/calls.py")) == ["VIEW105"]
    one.type("shop/calls.py", CALLS + "\n")
    assert codes(one.shown("shop/calls.py")) == ["VIEW105"]
    shown = [m["params"]["message"] for m in one.seen if m.get("method") == "window/showMessage"]
    assert len(shown) == 1
    assert said in shown[0]


def test_settings_count_and_are_read_again(editor, site):
    (site / "pyproject.toml").write_text("[tool.praxis]\nignore = ['VIEW105']\n")
    one = editor()
    assert one.open("shop/calls.py") == []
    (site / "pyproject.toml").write_text("")
    change = {"uri": one.uri("pyproject.toml"), "type": 2}
    one.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    assert codes(one.shown("shop/calls.py")) == ["VIEW105"]


def test_what_is_closed_is_shown_no_more(editor):
    one = editor()
    one.open("shop/calls.py")
    one.notify("textDocument/didClose", {"textDocument": {"uri": one.uri("shop/calls.py")}})
    assert one.shown("shop/calls.py") == []


def test_shows_the_whole_project_where_that_is_wished(editor):
    one = editor(scope="project")
    one.open("shop/models.py")
    assert codes(one.shown("shop/views.py")) == ["ORM101"]


def test_documents_of_no_project_do_no_harm(editor, tmp_path):
    one = editor()
    for uri in (
        "untitled:Untitled-1",
        "git:/a.py",
        (tmp_path / "missing.py").as_uri(),
        "file:///%",
    ):
        document = {"uri": uri, "languageId": "python", "version": 1, "text": "x"}
        one.notify("textDocument/didOpen", {"textDocument": document})
        question = {"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}}
        assert one.request("textDocument/hover", question) is None
    assert codes(one.open("shop/calls.py")) == ["VIEW105"]


def test_goes_when_it_is_told_to(editor):
    one = editor()
    one.open("shop/calls.py")
    assert one.stop() == 0


def test_goes_in_the_middle_of_an_audit(editor):
    one = editor()
    one.open("shop/calls.py")
    one.type("shop/calls.py", MENDED)
    one.notify("textDocument/didSave", {"textDocument": {"uri": one.uri("shop/calls.py")}})
    assert one.stop() == 0


def test_goes_without_a_good_bye(editor):
    one = editor()
    one.notify("exit", None)
    assert one.process.wait(60) == 1
    one = editor()
    one.process.stdin.close()
    one.process.wait(60)
