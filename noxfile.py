"""Every interpreter of this machine against the Django versions that it can run."""

import os
import shutil
import tempfile
from pathlib import Path

import nox

#: Django release to the interpreters it supports (docs.djangoproject.com/en/dev/faq/install/).
SUPPORTED = {
    "5.2": ("3.11", "3.12", "3.13", "3.14"),
    "6.0": ("3.12", "3.13", "3.14"),
    "6.1": ("3.12", "3.13", "3.14"),
}

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # those of this machine, and no others
nox.options.error_on_missing_interpreters = False


def interpreter(version: str) -> str:
    """The program for *version*: on the PATH, else one that pyenv has built."""
    found = shutil.which(f"python{version}")
    if found is not None and ".pyenv/shims" not in found:  # a shim may stand for nothing
        return found
    root = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    built = sorted(root.glob(f"versions/{version}.*/bin/python{version}"))
    return str(built[-1]) if built else f"python{version}"


PAIRS = [(version, django) for django, versions in SUPPORTED.items() for version in versions]


@nox.session(name="tests")
@nox.parametrize(
    ("python", "django"),
    [(interpreter(version), django) for version, django in PAIRS],
    ids=[f"python{version}-django{django}" for version, django in PAIRS],
)
def tests(session: nox.Session, django: str) -> None:
    """Run the suite against the built wheel."""
    with tempfile.TemporaryDirectory() as folder:
        session.install("build")
        session.run("python", "-m", "build", "--wheel", "--outdir", folder, silent=True)
        (wheel,) = Path(folder).glob("*.whl")
        groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test")
        session.install(
            f"django-praxis[postgres,embedded] @ {wheel.as_uri()}", f"Django~={django}.0", *groups
        )
    session.run("pytest", "-n", "auto", *session.posargs)
