import ast

import pytest

from praxis.audit.editing.edits import apply
from praxis.audit.editing.imports import import_module, import_name
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


def test_keeps_the_line_ends_of_the_file():
    before = "from django.http import Http404\r\nx = 1\r\n"
    assert imported(before, "django.db", "transaction") == (
        "transaction",
        "from django.db import transaction\r\nfrom django.http import Http404\r\nx = 1\r\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from __future__ import annotations\n\nfrom django.http import Http404\n",
            (
                "from __future__ import annotations\n\nfrom functools import partial\n\n"
                "from django.http import Http404\n"
            ),
        ),
        (
            "from __future__ import annotations\n\nx = 1\n",
            "from __future__ import annotations\n\nfrom functools import partial\n\nx = 1\n",
        ),
        (
            "import os\nfrom typing import Any\n\nfrom django.http import Http404\n",
            (
                "import os\nfrom functools import partial\nfrom typing import Any\n\n"
                "from django.http import Http404\n"
            ),
        ),
        (
            "import os\n\nfrom django.http import Http404\n",
            "import os\nfrom functools import partial\n\nfrom django.http import Http404\n",
        ),
    ],
)
def test_adds_the_standard_library_above_the_rest(before, after):
    assert imported(before, "functools", "partial") == ("partial", after)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from django.db.models import F\nx = F('a')\n", "F"),
        ("from django.db.models import F as Field\n", "Field"),
        ("from django.db.models import Count, F\n", "F"),
    ],
)
def test_uses_the_name_that_is_there(source, name):
    assert imported(source) == (name, source)


def test_uses_the_module_that_is_there():
    source = "import functools\n"
    assert imported(source, "functools", "partial") == ("functools.partial", source)


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
        "from django.http import Http404\nF = 1\n",
        "from django.conf import settings; x = 1\n",
        "from django.conf import settings",
        "import os\nfrom shop import F\nfrom django import http\n",
        "def pay():\n    from django.db.models import F\n",
    ],
)
def test_gives_up_where_that_is_not_clean(source):
    assert imported(source) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import logging\n", "import logging\n"),
        ("import abc\nimport os\n", "import abc\nimport logging\nimport os\n"),
        ("import abc\n\nimport os\n", "import abc\nimport logging\n\nimport os\n"),
        ("from abc import ABC\n", "import logging\nfrom abc import ABC\n"),
        ("import django\n", "import logging\n\nimport django\n"),
        (
            "from __future__ import annotations\nx = 1\n",
            "from __future__ import annotations\n\nimport logging\nx = 1\n",
        ),
    ],
)
def test_adds_a_module(before, after):
    found = import_module(File("a.py", Role.REQUEST, before, ast.parse(before)), "logging")
    assert found.name == "logging"
    assert apply(before, found.edits) == after


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n",
        "import os\nlogging = 1\n",
        "from shop import logging\n",
        "try:\n    import logging\nexcept ImportError:\n    pass\n",
        "import abc; import os\n",
    ],
)
def test_adds_no_module_where_that_is_not_clean(source):
    assert import_module(File("a.py", Role.REQUEST, source, ast.parse(source)), "logging") is None
