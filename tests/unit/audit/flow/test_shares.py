import os

import pytest

from praxis.audit.config import Config
from praxis.audit.engine import audit
from praxis.audit.facts.sources import Root
from praxis.audit.flow import shares
from praxis.audit.flow.interpreter import interpretation
from tests.audit_cases import split_files
from tests.unit.audit.flow.shop import IMPORTS, MODELS

VIEW = """
from shop.models import Book


def show():
    return [book.author.name for book in Book.objects.all()]
"""
ASKING = """
def show(request):
    return [book.author.name for book in request.shown.books.all()]
"""
STORING = """
from shop.models import Author


def shop_middleware(request):
    request.shown = Author.objects.get(pk=1)
"""

pytestmark = pytest.mark.skipif(not shares.can_share(), reason="processes begin with nothing here")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project of several shares, though it is small."""
    monkeypatch.setenv("PRAXIS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(shares, "FILES_WORTH_PROCESSES", 1)
    monkeypatch.setattr(shares, "_SHARE", 2)
    folder = (tmp_path / "site").resolve()
    files = split_files(f"{MODELS}{IMPORTS}")
    files |= {f"shop/view{number}.py": VIEW for number in range(7)}
    files |= {"shop/asking.py": ASKING, "shop/middleware.py": STORING}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def run(folder, processes=2, **options):
    return audit(Root(folder, ()), Config(select=("ORM101",)), processes=processes, **options)


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_finds_the_same_in_any_number_of_processes(folder, processes, monkeypatch):
    together = run(folder, processes, use_cache=False)
    monkeypatch.setattr(shares, "_SHARE", 1000)
    alone = run(folder, 1, use_cache=False)
    assert together.findings == alone.findings
    assert len(alone.findings) == 7
    assert not together.problems


def test_keeps_what_other_processes_found_out(folder, monkeypatch):
    first = run(folder)

    def fails(path, program):
        raise AssertionError(path)

    monkeypatch.setattr(shares, "interpret", fails)
    again = run(folder)
    assert again.findings == first.findings
    assert not again.problems


def test_goes_on_alone_where_a_process_is_killed(folder, monkeypatch):
    parent = os.getpid()

    def dies(path, program):
        if os.getpid() != parent and path == "shop/view3.py":
            os._exit(1)
        return interpretation.interpret(path, program)

    monkeypatch.setattr(shares, "interpret", dies)
    assert len(run(folder).findings) == 7


def test_tells_what_went_wrong_in_another_process(folder, monkeypatch):
    def fails(path, program):
        if path == "shop/view3.py":
            raise KeyError("surprise")
        return interpretation.interpret(path, program)

    monkeypatch.setattr(shares, "interpret", fails)
    result = run(folder)
    assert len(result.findings) == 6
    (problem,) = result.problems
    assert problem.path == "shop/view3.py"
    assert "surprise" in problem.message
