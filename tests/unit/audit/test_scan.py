import pytest

from praxis.audit import scan as scanning
from praxis.audit.facts.sources import Kind, Role, Source
from praxis.audit.scan import scan, scan_batch
from praxis.audit.summary import Fact, Symbol

DEPTH = 900  # about as deep as the parser goes


def summary_of(folder, text):
    (folder / "a.py").write_text(text)
    return scan(folder.resolve(), Source("a.py", Kind.PYTHON, Role.REQUEST))


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "not " * DEPTH + "y\n",
        "x = " + "-" * DEPTH + "y\n",
        "x = y" + ".a" * DEPTH + "\n",
        "x = y" + "()" * DEPTH + "\n",
        "x = " + "y + " * DEPTH + "y\n",
        "if a: import b\n" + "elif a: import b\n" * DEPTH,
        "".join("    " * depth + "if a:\n" for depth in range(99)) + "    " * 99 + "import b\n",
    ],
    ids=["not", "minus", "attributes", "calls", "sums", "elif", "blocks"],
)
def test_sums_up_a_deep_tree(tmp_path, text):
    summary = summary_of(tmp_path, text)
    assert summary.problem is None
    assert not summary.failures


def test_an_empty_file_is_no_problem(tmp_path):
    summary = summary_of(tmp_path, "")
    assert summary.problem is None


def test_a_file_that_disappeared_leaves_the_others(tmp_path):
    (tmp_path / "b.py").write_text("def f(): pass\n")
    batch = [Source(name, Kind.PYTHON, Role.REQUEST) for name in ("a.py", "b.py")]
    assert len(scan_batch(tmp_path.resolve(), batch)) == 2


def test_newer_syntax_is_summed_up(tmp_path):
    summary = summary_of(tmp_path, "class A[T]:\n    def f[U](self):\n        pass\n")
    assert summary.symbols == (Symbol("A", 1, 3), Symbol("A.f", 2, 3))


def test_an_extractor_that_fails_is_told_and_spoils_nothing_else(tmp_path, monkeypatch):
    def fail(file):
        raise RecursionError

    monkeypatch.setattr(scanning, "FILE_FACTS", (Fact("broken", Symbol, fail),))
    summary = summary_of(tmp_path, "def f(): pass\n")
    assert [failure.message for failure in summary.failures] == [
        "read only in part (broken): nested too deeply"
    ]
    assert summary.symbols == (Symbol("f", 1, 1),)
