import ast

import pytest

from praxis.audit.editing.edits import apply
from praxis.audit.editing.imported_name import import_name
from praxis.audit.facts.sources import Role
from praxis.audit.file import File


def imported(source, module="django.db", name="transaction"):
    file = File("shop/views.py", Role.REQUEST, source, ast.parse(source))
    return import_name(file, module, name)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from django.db import transaction\n", "transaction"),
        ("from django.db import transaction as tx\n", "tx"),
        ("from django.db import models, transaction\n", "transaction"),
    ],
)
def test_takes_what_is_there(source, name):
    found = imported(source)
    assert (found.name, found.edits) == (name, ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import os\n\nfrom django.conf import settings\nfrom django.http import HttpResponse\n",
            (
                "import os\n\nfrom django.conf import settings\nfrom django.db import transaction\n"
                "from django.http import HttpResponse\n"
            ),
        ),
        (
            '"""Doc."""\n\nfrom django.http import (\n    Http404,\n)  # all\nx = 1\n',
            (
                '"""Doc."""\n\nfrom django.http import (\n    Http404,\n)  # all\n'
                "from django.db import transaction\nx = 1\n"
            ),
        ),
        (
            "from django.http import Http404\r\nx = 1\r\n",
            "from django.http import Http404\r\nfrom django.db import transaction\r\nx = 1\r\n",
        ),
    ],
)
def test_adds_a_line_of_its_own(before, after):
    assert apply(before, imported(before).edits) == after


def test_puts_the_standard_library_above_all():
    before = "from __future__ import annotations\n\nfrom django.http import Http404\n"
    found = imported(before, "functools", "partial")
    assert apply(before, found.edits) == (
        "from __future__ import annotations\n\nfrom functools import partial\n\n"
        "from django.http import Http404\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n",
        "from django.http import Http404\ntransaction = 1\n",
        "from django.http import Http404\n\n\ndef pay(transaction):\n    pass\n",
        "from django.http import Http404; x = 1\n",
        "from django.http import Http404",
        "import os\nfrom shop import transaction\nfrom django import http\n",
        "try:\n    from django.db import transaction\nexcept ImportError:\n    pass\n",
        "def pay():\n    from django.db import transaction\n",
    ],
)
def test_adds_nothing_where_it_would_not_be_clean(source):
    assert imported(source) is None
