"""Every interpreter of this machine against the Django versions that it can run."""

import shutil

import nox

#: Django release to the interpreters it supports (docs.djangoproject.com/en/dev/faq/install/).
SUPPORTED = {
    "5.2": ("3.11", "3.12", "3.13", "3.14"),
    "6.0": ("3.12", "3.13", "3.14"),
    "6.1": ("3.12", "3.13", "3.14"),
}

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = False


@nox.session(name="tests")
@nox.parametrize(
    ("python", "django"),
    [(python, django) for django, pythons in SUPPORTED.items() for python in pythons],
)
def tests(session: nox.Session, django: str) -> None:
    """Run the suite against the built wheel."""
    wheelhouse = session.create_tmp()
    session.install("build")
    session.run("python", "-m", "build", "--wheel", "--outdir", wheelhouse, silent=True)
    session.install(f"django-praxis[postgres,embedded] @ file://{_newest_wheel(wheelhouse)}")
    groups = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test")
    session.install(f"Django~={django}.0", *groups)
    session.run("pytest", "-n", "auto", *session.posargs)
    shutil.rmtree(wheelhouse, ignore_errors=True)


def _newest_wheel(folder: str) -> str:
    from pathlib import Path

    return str(max(Path(folder).glob("*.whl"), key=lambda wheel: wheel.stat().st_mtime))
