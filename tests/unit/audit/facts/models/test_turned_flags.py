import ast

import pytest

from praxis.audit.facts.models.turned_flags import extract
from praxis.audit.facts.sources import Role
from praxis.audit.file import File


@pytest.mark.parametrize(
    ("source", "on", "off"),
    [
        ("parcel.sent = True", ("sent",), ()),
        ("self.parcel.sent=False", (), ("sent",)),
        ("parcels.update(sent=True, lost = False)", ("sent",), ("lost",)),
        ("parcels.update(\n    sent=True,\n)", ("sent",), ()),
        ("async def f():\n    await parcels.aupdate(at=now, sent=True)", ("sent",), ()),
    ],
)
def test_names_what_is_turned(source, on, off):
    fact = extract(File("shop/views.py", Role.REQUEST, source, ast.parse(source)))
    assert fact is not None
    assert (fact.on, fact.off) == (on, off)


@pytest.mark.parametrize(
    "source",
    [
        "sent = True",
        "parcel.sent == True",
        "Parcel.objects.filter(sent=True)",
        "Parcel.objects.create(sent=True)",
        "sent = models.BooleanField(default=True)",
        "parcels.update(paths(), sent=sure(default=True))",
        "parcel.sent = Truest",
    ],
)
def test_passes_over_what_only_asks_or_makes(source):
    assert extract(File("shop/views.py", Role.REQUEST, source, ast.parse(source))) is None
