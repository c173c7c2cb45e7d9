"""What PostgreSQL writes is, byte by byte, what Python makes of the same rows."""

import datetime as dt
import json
import random
import struct
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Avg, Count, Exists, F, OuterRef, Sum, Value
from django.db.models.functions import Concat, TruncDay
from django.utils import timezone, translation

from praxis.exports import reading
from praxis.exports.formats import CsvFormat, JsonFormat
from praxis.exports.reading import prepare, read
from praxis.exports.stopping import Stop

pytestmark = pytest.mark.postgres

TEXTS = [
    "plain",
    "",
    " blank ",
    'a "quote"',
    "a,comma;semicolon",
    "two\nlines",
    "carriage\rreturn",
    "=1+1",
    "+49 30",
    "-5",
    "@here",
    "\ttab",
    "\rstart",
    "\nstart",
    "\uff1dfull",
    "'=quoted",
    "\\.",
    "NULL",
    "straße ✓ 😀",
    "back\\slash \x01 \x02 \x1f \x7f",
    "</script>",
    "\u2028",
]
ZONES = [
    ZoneInfo("UTC"),
    ZoneInfo("Europe/Berlin"),
    ZoneInfo("America/St_Johns"),
    dt.UTC,
    dt.timezone(dt.timedelta(hours=5, minutes=30)),
    dt.timezone(-dt.timedelta(hours=9, minutes=30)),
]
FORMS = [
    CsvFormat(),
    CsvFormat(delimiter=";", null="NULL", bom=True),
    CsvFormat(escape_formulas=False, header=False, delimiter="\t"),
    JsonFormat(),
]


@pytest.fixture
def items(installed, postgres):
    fill(installed)
    return installed.Item.objects.order_by("pk")


def fill(models):
    chance = random.Random(5)
    supplier = models.Supplier.objects.create(name="=Sup, plier")
    instants = [
        dt.datetime(2026, 3, 29, 0, 59, 59, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 29, 1, 0, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 25, 0, 30, 0, 500000, tzinfo=dt.UTC),
        dt.datetime(1850, 1, 1, 12, 0, 0, 1, tzinfo=dt.UTC),
        dt.datetime(2026, 7, 1, 12, 0, 0, 123450, tzinfo=dt.UTC),
    ]
    documents = [
        None,
        {"b": [1, 2.5, None, True], "a": "x,y"},
        "=text",
        [],
        12,
        'q"',
        {"ü": "\n"},
    ]
    models.Item.objects.bulk_create(
        models.Item(
            number=f"{at}",
            name=text,
            description=chance.choice([None, text, ""]),
            quantity=chance.randint(-(2**30), 2**30 - 1),
            price=Decimal(chance.randint(-(10**9), 10**9)).scaleb(-2),
            weight=chance.choice([None, 0.1, -0.0, 1e20, 1e15, 123456789012345.6, 1e-7, -2.5]),
            is_active=chance.random() < 0.5,
            made=chance.choice([None, dt.date(2026, 1, 2), dt.date(1066, 10, 14)]),
            seen=chance.choice(instants),
            opens=chance.choice([None, dt.time(12, 0), dt.time(1, 2, 3, 500000)]),
            data=chance.choice(documents),
            address=chance.choice([None, "10.0.0.1", "2001:db8::1"]),
            blob=chance.choice([None, b"", bytes(range(256))]),
            state=chance.choice(["n", "u", "?"]),
            level=chance.choice([None, 1, 2, 3]),
            supplier=chance.choice([None, supplier]),
        )
        for at, text in enumerate(TEXTS * 4)
    )


def both(queryset, columns=None, *, form, labels=False, copies=True, monkeypatch):
    export = prepare(queryset, columns, labels, form, None)
    seen = []
    original = reading.copied
    monkeypatch.setattr(reading, "copied", lambda *a, **k: seen.append(a) or original(*a, **k))
    by_server = b"".join(read(export, Stop()))
    assert bool(seen) is copies
    by_python = b"".join(read(replace(export, in_server=False), Stop()))
    monkeypatch.undo()
    assert by_server.decode().split("\n") == by_python.decode().split("\n")
    assert by_server == by_python
    return by_server.decode()


@pytest.mark.parametrize("form", FORMS, ids=["csv", "excel", "tabs", "ndjson"])
@pytest.mark.parametrize("labels", [False, True], ids=["values", "labels"])
def test_every_kind_of_field(items, monkeypatch, form, labels):
    text = both(items, form=form, labels=labels, monkeypatch=monkeypatch)
    assert len(text) > 10_000


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("form", [FORMS[0], FORMS[3]], ids=["csv", "ndjson"])
def test_times_in_the_current_zone(items, monkeypatch, zone, form):
    with timezone.override(zone):
        both(items, ["number", "seen", "created"], form=form, monkeypatch=monkeypatch)


def test_a_zone_that_the_server_does_not_know(items, monkeypatch):
    class Odd(dt.tzinfo):
        def utcoffset(self, when):
            return None if when is None else dt.timedelta(hours=1)

        def dst(self, when):
            return dt.timedelta()

    with timezone.override(Odd()):
        export = prepare(items, ["seen"], False, FORMS[0], None)
        found = b"".join(read(export, Stop()))
    assert b"2026-03-29T01:59:59+01:00\n" in found


@pytest.mark.parametrize("form", [FORMS[0], FORMS[3]], ids=["csv", "ndjson"])
def test_without_time_zones(items, monkeypatch, form, settings):
    settings.USE_TZ, settings.TIME_ZONE = False, "Europe/Berlin"
    text = both(items, ["number", "seen"], form=form, monkeypatch=monkeypatch)
    assert "2026-03-29T03:00:00" in text
    assert "+0" not in text


@pytest.mark.parametrize("form", [FORMS[0], FORMS[3]], ids=["csv", "ndjson"])
def test_lookups_annotations_and_aggregates(items, monkeypatch, form):
    annotated = items.annotate(
        full=Concat("name", Value("%s %"), "number"),
        twice=F("quantity") * 2.5,
        other=Exists(items.filter(pk=OuterRef("pk"), level=1)),
        constant=Value("x"),
    )
    names = ["full", "supplier__name", "supplier", "twice", "other", "data__b", "data__b__0"]
    both(annotated, [*names, "constant", "doubled"], form=form, monkeypatch=monkeypatch)
    sums = items.values("state").annotate(
        n=Count("pk"), total=Sum("quantity"), mean=Avg("quantity"), paid=Avg("price")
    )
    text = both(sums.order_by("state"), form=form, monkeypatch=monkeypatch)
    assert len(text.splitlines()) >= 3


def test_other_shapes_of_querysets(items, monkeypatch, installed):
    for queryset in (
        items[3:9],
        items.none(),
        items.values_list("name", "quantity"),
        items.values("quantity", "name"),
        items.values("state").distinct().order_by("state"),
        items.select_related("supplier").prefetch_related("supplier"),
        items.reverse().only("name"),
        items.filter(name__contains="%"),
        items.filter(seen__date=dt.date(2026, 3, 29)),
    ):
        both(queryset, form=FORMS[0], monkeypatch=monkeypatch, copies=not queryset.query.is_empty())
    values = items.values("name", "data")
    union = values.filter(level=1).union(values.filter(level=2), all=True).order_by("name")
    text = both(union, form=FORMS[0], monkeypatch=monkeypatch)
    assert text.startswith("name,data\n")


def test_floats_of_all_sizes(installed, postgres, monkeypatch):
    chance = random.Random(7)
    values = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(4000)]
    values += [2.0**power for power in range(-1022, 1024, 3)]
    values += [chance.uniform(-1e17, 1e17) for _ in range(1000)]
    values += [float("inf"), float("-inf"), float("nan")]
    installed.Item.objects.bulk_create(
        installed.Item(number=str(at), weight=value) for at, value in enumerate(values)
    )
    for form in (FORMS[0], FORMS[3]):
        both(installed.Item.objects.order_by("pk"), ["weight"], form=form, monkeypatch=monkeypatch)


def test_arrays(installed, postgres, monkeypatch):
    installed.Tagged.objects.create(tags=["a", 'b"', "=c,d", "ü\n"], numbers=[1, -2], grid=[[1, 2]])
    installed.Tagged.objects.create(tags=[], numbers=[None, 5])
    names = ["tags", "numbers", "grid"]
    for form in FORMS:
        both(installed.Tagged.objects.order_by("pk"), names, form=form, monkeypatch=monkeypatch)
    installed.Tagged.objects.create(days=[dt.date(2026, 1, 2)])
    both(
        installed.Tagged.objects.order_by("pk"),
        ["days"],
        form=FORMS[3],
        copies=False,
        monkeypatch=monkeypatch,
    )


def test_what_only_python_can_show(installed, postgres, items, monkeypatch):
    installed.Odd.objects.create(word="abc", took=dt.timedelta(hours=-1))
    installed.Odd.objects.create(word="=a")
    text = both(
        installed.Odd.objects.order_by("pk"),
        ["word"],
        form=FORMS[0],
        copies=False,
        monkeypatch=monkeypatch,
    )
    assert text == "word\nabc\n'=a\n"
    assert installed.Odd.objects.filter(word="abc").count() == 1
    with timezone.override(ZoneInfo("Europe/Berlin")):
        days = items.annotate(day=TruncDay("seen"))
        text = both(days, ["day"], form=FORMS[0], copies=False, monkeypatch=monkeypatch)
    assert "2026-03-29T00:00:00+01:00" in text


def test_labels_are_in_the_language_of_the_call(installed, postgres, monkeypatch):
    from django.utils.translation import gettext_lazy

    installed.Item.objects.create(number="1", level=1)
    field = installed.Item._meta.get_field("level")
    monkeypatch.setattr(field, "choices", [(1, gettext_lazy("January")), (None, "none yet")])
    with translation.override("de"):
        export = prepare(installed.Item.objects.all(), ["level"], True, FORMS[0], None)
    assert b"".join(read(export, Stop())) == b"level\nJanuar\n"


def test_ndjson_is_json(items):
    export = prepare(items, None, True, JsonFormat(), None)
    lines = b"".join(read(export, Stop())).decode().split("\n")
    rows = [json.loads(line) for line in lines[:-1]]
    assert lines[-1] == ""
    assert len(rows) == items.count()
    for row, item in zip(rows, items, strict=True):
        assert row["name"] == item.name
        assert Decimal(row["price"]) == item.price
        assert row["data"] == item.data
        assert dt.datetime.fromisoformat(row["seen"]) == item.seen
        assert row["is_active"] is item.is_active
