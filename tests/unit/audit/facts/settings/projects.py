"""Projects of a few settings modules, for the tests of what is made of them."""

import textwrap

from praxis.audit.facts.settings import Environment, Settings, settings_of
from tests.audit_cases import audit_files

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
WSGI = MANAGE


def settings_from(**files: str) -> Settings:
    """The settings of a project; ``shop__settings`` is the file ``shop/settings.py``."""
    project = audit_files(
        {
            f"{name.replace('__', '/')}.py": textwrap.dedent(text).lstrip("\n")
            for name, text in files.items()
        },
        ("SEC101",),
    ).project
    return project.derive(settings_of)


def evaluate(source: str, **files: str) -> Environment:
    """The environment of the one settings module ``shop/settings.py`` with this source."""
    source = 'ROOT_URLCONF = "shop.urls"\nINSTALLED_APPS = []\n' + textwrap.dedent(source)
    found = settings_from(manage=MANAGE, shop__settings=source, **files)
    (environment,) = found.environments
    assert environment.module_path == "shop/settings.py"
    return environment
