import pytest

from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.flow import shares
from praxis.audit.flow.interpreter import interpretation
from tests.audit_cases import split_files
from tests.unit.audit.flow.shop import IMPORTS, MODELS

VIEW = """
def show():
    return [book.author.name for book in Book.objects.all()]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "cache"))
    folder = (tmp_path / "site").resolve()
    other = f"{MODELS}{IMPORTS}{VIEW}# file: shop/pages.py\nfrom shop.models import Book\n{VIEW}"
    for path, text in split_files(other).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.fixture
def interpreted(monkeypatch):
    paths = []

    def noted(path, program):
        paths.append(path)
        return interpretation.interpret(path, program)

    monkeypatch.setattr(shares, "interpret", noted)
    return paths


def run(folder):
    return audit(Root(folder, ()), Config(select=("ORM101",)), processes=1)


def test_nothing_is_interpreted_twice(project, interpreted):
    first = run(project)
    interpreted.clear()
    second = run(project)
    assert interpreted == []
    assert second.findings == first.findings
    assert len(second.findings) == 2


def test_a_changed_view_alone_is_interpreted_again(project, interpreted):
    run(project)
    interpreted.clear()
    view = project / "shop/views.py"
    view.write_text(view.read_text().replace("book.author.name", "book.title"))
    assert [finding.place.path for finding in run(project).findings] == ["shop/pages.py"]
    assert interpreted == ["shop/views.py"]


MIDDLEWARE = """
from shop.models import {model}


def shop_middleware(request):
    request.shown = {model}.objects.get(pk=1)
"""
ON_REQUEST = """

def show(request):
    return [book.author.name for book in request.shown.books.all()]
"""


@pytest.fixture
def asking(project):
    (project / "shop/middleware.py").write_text(MIDDLEWARE.format(model="Author"))
    (project / "shop/mine.py").write_text(ON_REQUEST)
    return project


def test_what_a_request_holds_may_be_stored_otherwise(asking, interpreted):
    run(asking)
    interpreted.clear()
    path = asking / "shop/middleware.py"
    path.write_text(MIDDLEWARE.format(model="Author").replace("pk=1", "pk=2"))
    run(asking)
    assert interpreted == ["shop/middleware.py"]
    interpreted.clear()
    run(asking)
    assert interpreted == []


def test_what_a_request_holds_may_change(asking, interpreted):
    run(asking)
    path = asking / "shop/middleware.py"
    for model in ("Book", "Author"):
        interpreted.clear()
        path.write_text(MIDDLEWARE.format(model=model))
        run(asking)
        assert interpreted == ["shop/middleware.py", "shop/mine.py"]


def test_what_a_request_holds_may_come_anew_and_go(asking, interpreted):
    path = asking / "shop/middleware.py"
    path.write_text("")
    run(asking)
    for text in (MIDDLEWARE.format(model="Author"), ""):
        interpreted.clear()
        path.write_text(text)
        run(asking)
        assert "shop/mine.py" in interpreted


def test_a_changed_model_has_all_files_interpreted_again(project, interpreted):
    run(project)
    interpreted.clear()
    models = project / "shop/models.py"
    models.write_text(
        models.read_text().replace("    author = models.ForeignKey(", "    author = int(")
    )
    assert not run(project).findings
    assert {"shop/views.py", "shop/pages.py"} <= set(interpreted)


def test_a_file_that_cannot_be_followed_is_told_and_spoils_no_other(project, monkeypatch):
    def fails(path, program):
        if path == "shop/views.py":
            raise KeyError("surprise")
        return interpretation.interpret(path, program)

    monkeypatch.setattr(shares, "interpret", fails)
    result = run(project)
    assert [finding.place.path for finding in result.findings] == ["shop/pages.py"]
    (problem,) = result.problems
    assert problem.path == "shop/views.py"
    assert "surprise" in problem.message
    assert "bug in Praxis" in problem.message


def test_code_that_nests_too_deeply_is_passed_over(project, monkeypatch):
    def fails(path, program):
        raise RecursionError

    monkeypatch.setattr(shares, "interpret", fails)
    result = run(project)
    assert not result.findings
    assert not result.problems


def test_tests_and_migrations_are_not_followed(project, interpreted):
    for name in ("shop/tests/test_views.py", "shop/migrations/0001_initial.py"):
        path = project / name
        path.parent.mkdir()
        path.write_text(f"from shop.models import Book\n{VIEW}")
    assert len(run(project).findings) == 2
    assert "shop/tests/test_views.py" not in interpreted
