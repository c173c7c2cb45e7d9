"""Projects that are broken, hostile or odd: one clear message each, and the rest is checked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: The installed command: unlike ``python -c``, it takes no module of the current folder.
PRAXIS = Path(sys.executable).with_name("praxis.exe" if os.name == "nt" else "praxis")
MODELS = (
    "from django.db import models\n\nclass Shop(models.Model):\n    name = models.TextField()\n"
)
VIEWS = "from .models import Shop\n\ndef view(request):\n    return len(Shop.objects.all()) > 0\n"
SITE = {"manage.py": "", "shop/__init__.py": "", "shop/models.py": MODELS, "shop/views.py": VIEWS}
FOUND = ("ORM114", "shop/views.py")

posix = pytest.mark.skipif(os.name == "nt", reason="of POSIX systems")


def write(root, files):
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        (root / path).write_bytes(data)


@pytest.fixture
def site(tmp_path):
    root = tmp_path.resolve() / "site"
    write(root, SITE)
    return root


@pytest.fixture
def praxis(tmp_path):
    def run(*arguments, cwd=None, command=(PRAXIS,), **environment):
        done = subprocess.run(
            [*command, *arguments],
            cwd=cwd or tmp_path,
            env=os.environ | {"PRAXIS_CACHE_DIR": str(tmp_path / "cache")} | environment,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
        )
        assert "Traceback" not in done.stderr
        assert "bug in Praxis" not in done.stdout + done.stderr
        return done

    return run


def report(done):
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def found(document):
    return {(one["code"], one["path"]) for one in document["findings"]}


@pytest.mark.parametrize("verb", ["check", "fix"])
@pytest.mark.parametrize("path", ["gone", "empty", "notes.txt"])
def test_exits_with_2_where_there_is_nothing_to_read(praxis, tmp_path, verb, path):
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"notes.txt": "x"})
    done = praxis(verb, path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("praxis: ")


UNREADABLE = {
    "shop/syntax.py": "def (:\n",
    "shop/python_2.py": "print 'x'\n",
    "shop/latin.py": b"x = '\xe9'\n",
    "shop/null.py": b"x = 1\0\n",
    "shop/utf_16.py": "x = 1".encode("utf-16"),
    "shop/codec.py": "# coding: rot13\nx = 1\n",
    "shop/unknown_codec.py": "# coding: evil\n",
    "shop/huge.py": "x = 1\n" * 400_000,
    "shop/nested.py": "x = " + "[" * 5_000 + "]" * 5_000,
    "shop/chained.py": "x = a" + ".b()" * 5_000,
    "shop/negative.py": "x = " + "-" * 5_000 + "1",
    "shop/number.py": "x = " + "9" * 5_000,
    "templates/binary.html": b"\xff\xfe\xfd",
}


def test_says_what_could_not_be_read_once_each_and_checks_the_rest(praxis, site):
    write(site, UNREADABLE)
    document = report(praxis("check", "--format", "json", site))
    assert sorted(problem["path"] for problem in document["problems"]) == sorted(UNREADABLE)
    assert found(document) == {FOUND}


@posix
def test_reads_neither_pipes_nor_what_links_lead_out_to_or_round_in(praxis, site, tmp_path):
    write(tmp_path, {"outside.py": "x = 1\n"})
    os.mkfifo(site / "shop/pipe.py")
    (site / "shop/loop.py").symlink_to("loop.py")
    (site / "shop/up").symlink_to("..")
    (site / "shop/out.py").symlink_to(tmp_path / "outside.py")
    (site / "shop/dangling.py").symlink_to("gone.py")
    document = report(praxis("check", "--format", "json", site))
    names = {Path(problem["path"]).name for problem in document["problems"]}
    assert names == {"pipe.py", "loop.py", "out.py", "dangling.py"}
    assert found(document) == {FOUND}


def test_reads_templates_of_other_engines_as_text(praxis, site):
    templates = {
        "handlebars": "{{#each items}}{{> part}}{{{raw}}}{{/each}}{{^x}}",
        "mako": "<%inherit file='x'/>\n% for a in b:\n${a}\n% endfor\n<% x = 1 %>{% bad",
        "vue": "<a :href=\"'/x/' + id\" @click='a'>{{ a ? b : c }}</a>",
        "angular": "<a [href]='x' *ngIf='a' ng-href='/{{a}}/'>{{a|date:'x'}}</a>",
        "go": '{{- range .Items }}{{ .Name }}{{ end -}}{{ template "x" . }}',
        "unclosed": "{% if x %}<a href='/a{# {{ {% verbatim %}",
        "long": "{{ a }} {% url 'x' %} <a href='/b/'>" * 30_000,
    }
    write(site, {f"templates/{name}.html": text for name, text in templates.items()})
    document = report(praxis("check", "--format", "json", site))
    assert (document["problems"], found(document)) == ([], {FOUND})


def test_ends_where_a_project_runs_in_circles(praxis, site):
    circles = {
        "site_/__init__.py": "",
        "site_/settings/__init__.py": "from .a import *\n",
        "site_/settings/a.py": "from .b import *\nROOT_URLCONF = 'site_.urls'\n",
        "site_/settings/b.py": "from .a import *\nfrom . import *\nfrom .b import *\n",
        "site_/urls.py": (
            "from django.urls import include, path\nurlpatterns = [path('a/', "
            "include('site_.urls')), path('b/', include('site_.more')), path('c/', v, name='c')]\n"
        ),
        "site_/more.py": (
            "from django.urls import include, path\nurlpatterns = [path('a/', "
            "include('site_.urls')), path('b/', include('site_.urls'))]\n"
        ),
        "one/__init__.py": "",
        "one/models.py": (
            "from two.models import *\nfrom .models import *\n\nclass A(B): objects = A.objects\n"
            "class Own(Own): pass\nclass M(M.from_queryset(M)): pass\n"
        ),
        "two/__init__.py": "",
        "two/models.py": (
            "from django.db import models\nfrom one.models import *\n\nclass B(A):\n"
            "    b = models.ForeignKey('nowhere.No', on_delete=1)\n"
            "    c = models.ForeignKey('', on_delete=1)\n"
            "    objects = M.from_queryset(B)()\n"
        ),
        "two/views.py": (
            "from .models import *\ndef f(x): return g(f(x))\ndef g(x): return f(g(x))\n"
            "def view(request):\n    for b in B.objects.all():\n        f(b.b.c.b)\n"
        ),
    }
    write(site, circles)
    document = report(praxis("check", "--format", "json", site))
    assert document["problems"] == []
    assert FOUND in found(document)


# Nothing of the project runs.

NAMES = (
    "ast click codecs conftest django/__init__ fnmatch json libcst manage msgspec multiprocessing "
    "praxis redis rich/__init__ settings setup sitecustomize sqlite3 tokenize tomllib usercustomize"
)


@pytest.fixture
def hostile(site, tmp_path):
    """A project of which every module leaves a mark when it is run."""
    run = f"open({str(tmp_path / 'mark')!r}, 'a').write(__file__)\n"
    write(site, {f"{name}.py": run for name in NAMES.split()})
    write(
        site,
        {
            "pyproject.toml": "[build-system]\nbuild-backend = 'setup'\nbackend-path = ['.']\n",
            "shop/encoded.py": "# coding: sitecustomize\n",
        },
    )
    return site


@pytest.mark.parametrize(
    "arguments",
    [["check"], ["check", "--no-cache", "-j2"], ["fix", "--diff"], ["fix"], ["explain", "ORM114"]],
)
def test_runs_nothing_of_the_project_from_inside_it(praxis, hostile, tmp_path, arguments):
    assert praxis(*arguments, cwd=hostile).returncode in (0, 1)
    assert not (tmp_path / "mark").exists()


def test_python_m_praxis_takes_no_module_of_the_project_for_its_own(praxis, hostile, tmp_path):
    (hostile / "praxis.py").unlink()  # Python itself would take it for what -m names
    done = praxis("check", cwd=hostile, command=(sys.executable, "-m", "praxis"))
    assert done.returncode == 1
    assert not (tmp_path / "mark").exists()


# Odd names, places and surroundings.


@posix
def test_takes_any_name_of_a_file(praxis, site):
    names = [
        "a\nb",
        "q'\"",
        "-rf",
        "[x]",
        "a b",
        "$(touch x)",
        "{}",
        "%s",
        "\x1b[31m",
        "\U0001f389",
    ]
    write(site, {f"shop/{name}.py": VIEWS for name in names})
    (site / os.fsdecode(b"shop/\xff.py")).write_text("x = 1\n")
    document = report(praxis("check", "--format", "json", site))
    paths = {path for _, path in found(document)}
    assert paths == {f"shop/{name}.py" for name in [*names, "views"]}
    assert [problem["message"] for problem in document["problems"]] == [
        "not read: its name is not UTF-8; rename it"
    ]
    assert "\x1b" not in praxis("check", site).stdout
    assert praxis("fix", site).returncode == 0
    assert praxis("check", site).stdout.count("ORM114") == 0


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONWARNINGS": "error"},
        {"PYTHONOPTIMIZE": "1"},
        {"PYTHONIOENCODING": "ascii"},
        {"COLUMNS": "20"},
        {"COLUMNS": "nonsense"},
        {"TERM": "dumb", "NO_COLOR": "1"},
        {"PATH": ""},
        {"PRAXIS_CACHE_DIR": os.devnull},
    ],
    ids=" ".join,
)
def test_finds_the_same_in_any_surroundings(praxis, site, environment):
    done = praxis("check", site, **environment)
    assert (done.returncode, done.stderr) == (1, "")
    assert "ORM114" in done.stdout


def test_reports_the_same_whatever_the_order_of_hashing_and_the_number_of_processes(praxis, site):
    write(site, {f"shop/views_{number}.py": VIEWS for number in range(220)})
    reports = []
    for seed, jobs in (("1", "1"), ("2", "2")):
        options = ("--no-cache", "--format", "json", "-j", jobs)
        document = report(praxis("check", *options, site, PYTHONHASHSEED=seed))
        del document["summary"]["duration_s"]
        reports.append(document)
    assert reports[0] == reports[1]
    assert len(reports[0]["findings"]) == 221


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve-redis", "--port", "0"], "--port"),
        (["serve-redis", "--cluster", "--port", "7000"], "--cluster"),
        (["serve-redis", "--dir", "manage.py"], "--dir"),
        (["serve-postgres", "--replicas", "-1"], "--replicas"),
        (["serve-postgres", "--replay-delay", "1"], "--replicas"),
        (["explain", "ORM"], "is no rule"),
        (["rules", "--format", "xml"], "--format"),
        (["fix", "--undo", "--diff"], "do not go together"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_names_a_wrong_option(praxis, site, arguments, said):
    done = praxis(*arguments, cwd=site)
    assert done.returncode == 2
    assert said in done.stderr
