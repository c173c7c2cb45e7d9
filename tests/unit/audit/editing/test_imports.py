import ast

import pytest

from praxis.audit.editing.edits import apply
from praxis.audit.editing.imports import import_name
from praxis.audit.facts.sources import Role
from praxis.audit.file import File


def imported(source, module="django.db.models", name="F"):
    """The name, and the source with the import."""
    found = import_name(File("a.py", Role.REQUEST, source, ast.parse(source)), module, name)
    return None if found is None else (found.name, apply(source, found.edits))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from django.db.models import Q\n", "from django.db.models import F, Q\n"),
        ("from django.db.models import Count, Q\n", "from django.db.models import Count, F, Q\n"),
        ("from django.db.models import Count\n", "from django.db.models import Count, F\n"),
        (
            "from django.db.models import (\n    Count,\n    Q,\n)\n",
            "from django.db.models import (\n    Count,\n    F,\n    Q,\n)\n",
        ),
        (
            "from django.db.models import (\n    Q,  # or\n)\n",
            "from django.db.models import (\n    F,\n    Q,  # or\n)\n",
        ),
        (
            "import os\n\nfrom django.db import models\nfrom django.shortcuts import render\n",
            (
                "import os\n\nfrom django.db import models\n"
                "from django.db.models import F\nfrom django.shortcuts import render\n"
            ),
        ),
        (
            "from django.conf import settings\n\nfrom shop.models import X\n",
            (
                "from django.conf import settings\n"
                "from django.db.models import F\n\nfrom shop.models import X\n"
            ),
        ),
        (
            '"""Text."""\nimport os\nfrom .models import X\n',
            '"""Text."""\nimport os\nfrom django.db.models import F\nfrom .models import X\n',
        ),
        ("import os  # F\nx = 'F'\n", "import os  # F\nfrom django.db.models import F\nx = 'F'\n"),
    ],
)
def test_adds_the_import_where_it_belongs(before, after):
    assert imported(before) == ("F", after)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from django.db.models import F\nx = F('a')\n", "F"),
        ("from django.db.models import F as Field\n", "Field"),
    ],
)
def test_uses_the_name_that_is_there(source, name):
    assert imported(source) == (name, source)


@pytest.mark.parametrize(
    "source",
    [
        "import os\n\nF = 3\n",
        "import os\n\n\ndef f(F):\n    pass\n",
        "from gettext import F\n",
        "from django.db.models import F\nF = 3\n",
        "try:\n    from django.db.models import F\nexcept ImportError:\n    F = None\n",
        "x = 1\n",
        "import os; import sys\n",
        "from django.db.models import (Q,\n    Count)\n",
    ],
)
def test_gives_up_where_that_is_not_clean(source):
    assert imported(source) is None
