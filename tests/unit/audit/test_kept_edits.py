import pytest

from praxis.audit.cache import Cache
from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import find_root
from praxis.audit.findings import Edit
from praxis.audit.kept_edits import KeptEdits

EDIT = Edit("shop/views.py", 3, 3, ".all()")


class Maker:
    """Counts how often it is asked."""

    def __init__(self, made):
        self.made, self.asked = made, 0

    def __call__(self):
        self.asked += 1
        return self.made


@pytest.fixture
def cache(tmp_path):
    cache = Cache(tmp_path / "kept.sqlite3")
    yield cache
    cache.close()


@pytest.mark.parametrize("made", [[EDIT], None, []])
def test_asks_once_for_a_content(cache, made):
    first = KeptEdits(cache)
    maker = Maker(made)
    assert first.of(EDIT.path, "digest", "asked", maker) == made
    assert first.of(EDIT.path, "digest", "asked", maker) == made
    first.store([EDIT.path])
    assert KeptEdits(cache).of(EDIT.path, "digest", "asked", maker) == made
    assert maker.asked == 1


@pytest.mark.parametrize(("digest", "asked"), [("other", "asked"), ("digest", "other")])
def test_another_content_or_request_is_asked_for_anew(cache, digest, asked):
    first = KeptEdits(cache)
    first.of(EDIT.path, "digest", "asked", Maker([EDIT]))
    first.store([EDIT.path])
    assert KeptEdits(cache).of(EDIT.path, digest, asked, Maker(None)) is None


def test_forgets_files_that_are_gone(cache):
    first = KeptEdits(cache)
    first.of(EDIT.path, "digest", "asked", Maker([EDIT]))
    first.store([EDIT.path])
    KeptEdits(cache).store(["another.py"])
    assert KeptEdits(cache).of(EDIT.path, "digest", "asked", Maker(None)) is None


def test_a_second_run_tells_the_same_fixes(tmp_path, monkeypatch):
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "cache"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "manage.py").write_text("import django\n")
    (project / "models.py").write_text(
        "from django.db import models\n\n\n"
        "class Author(models.Model):\n    name = models.TextField()\n\n\n"
        "class Book(models.Model):\n"
        "    author = models.ForeignKey(Author, on_delete=models.CASCADE)\n\n\n"
        "def names():\n    return [book.author.name for book in Book.objects.all()]\n"
    )
    runs = [audit(find_root(project), Config()) for _ in range(2)]
    fixes = [[finding.fix for finding in run.findings if finding.fix] for run in runs]
    assert fixes[0] == fixes[1]
    assert any('.select_related("author")' in edit.text for edit in fixes[0][0].edits)
