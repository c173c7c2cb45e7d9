# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts
from tests.unit.audit.flow.shop import MODELS, finds, ignores

RULE = "get_then_create"

FOUND = {
    "get": "try:\n        t = Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        t = Tag.objects.create(name=x)",
    "returned": "try:\n        return Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        return Tag.objects.create(name=x)",
    "more values": "try:\n        Book.objects.get(title=x)\n    except Book.DoesNotExist:\n        Book.objects.create(title=x, pages=3)",
    "by its general name": "try:\n        Tag.objects.get(name=x)\n    except ObjectDoesNotExist:\n        Tag.objects.create(name=x)",
    "saved": "try:\n        t = Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        t = Tag(name=x)\n        t.colour = 'x'\n        t.save()",
    "its own transaction": "try:\n        Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        with atomic():\n            Tag.objects.create(name=x)",
    "a manager's own method": "try:\n        self.get(name=x)\n    except Tag.DoesNotExist:\n        self.create(name=x)",
    "not exists": "if not Tag.objects.filter(name=x).exists():\n        Tag.objects.create(name=x)",
    "exists, else": "if Tag.objects.filter(name=x).exists():\n        pass\n    else:\n        Tag.objects.create(name=x)",
    "count": "if Tag.objects.filter(name=x).count() == 0:\n        Tag.objects.create(name=x)",
    "not count": "if not Tag.objects.filter(name=x).count():\n        Tag.objects.create(name=x)",
    "none": "t = Tag.objects.filter(name=x).first()\n    if t is None:\n        t = Tag.objects.create(name=x)",
    "not first": "t = Tag.objects.filter(name=x).first()\n    if not t:\n        t = Tag.objects.create(name=x)",
    "or": "t = Tag.objects.filter(name=x).first() or Tag.objects.create(name=x)",
    "a relation's": "if not x.tags.filter(name=x).exists():\n        x.tags.create(name=x)",
    "the primary key": "if not Book.objects.filter(pk=x).exists():\n        Book.objects.create(pk=x, title='x')",
    "exactly": "if not Tag.objects.filter(name__exact=x).exists():\n        Tag.objects.create(name=x)",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_the_race(body):
    (finding,) = finds(RULE, f"\ndef tag(self, x):\n    {body}\n")
    assert "get_or_create(" in finding.message
    assert "unique constraint" in finding.message


IGNORED = {
    "get_or_create": "Tag.objects.get_or_create(name=x)",
    "caught": "try:\n        Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        try:\n            Tag.objects.create(name=x)\n        except IntegrityError:\n            pass",
    "locked": "Author.objects.select_for_update().get(pk=1)\n    if not Tag.objects.filter(name=x).exists():\n        Tag.objects.create(name=x)",
    "a lock": "with lock(x):\n        if not Tag.objects.filter(name=x).exists():\n            Tag.objects.create(name=x)",
    "another value": "if not Tag.objects.filter(name=x).exists():\n        Tag.objects.create(name=y)",
    "another model": "if not Tag.objects.filter(name=x).exists():\n        Author.objects.create(name=x)",
    "another lookup": "if not Tag.objects.filter(name__iexact=x).exists():\n        Tag.objects.create(name=x)",
    "no value": "if not Tag.objects.exists():\n        Tag.objects.create(name=x)",
    "a condition more": "if not Tag.objects.filter(Q(a=1), name=x).exists():\n        Tag.objects.create(name=x)",
    "several may be": "if not Book.objects.filter(author=x).exists():\n        Book.objects.create(author=x, title='x')",
    "there": "if Tag.objects.filter(name=x).exists():\n        Tag.objects.create(name=x)",
    "another error": "try:\n        Tag.objects.get(name=x)\n    except ValueError:\n        Tag.objects.create(name=x)",
    "a question first": "try:\n        Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        if not ask():\n            return\n        Tag.objects.create(name=x)",
    "not saved": "try:\n        t = Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        t = Tag(name=x)",
    "more set on it": "try:\n        t = Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        t = Tag(name=x)\n        t._actor = y\n        t.save()",
    "a reason why not": "try:\n        Tag.objects.get(name=x)\n    except Tag.DoesNotExist:\n        # no get_or_create: see the ticket\n        Tag.objects.create(name=x)",
    "a model in a variable": "try:\n        x.objects.get(name=x)\n    except x.DoesNotExist:\n        x.objects.create(name=x)",
    "anything": "if not Tag.objects.filter(**x).exists():\n        Tag.objects.create(**x)",
}


@pytest.mark.parametrize("body", IGNORED.values(), ids=IGNORED)
def test_leaves_the_rest_alone(body):
    ignores(RULE, f"\ndef tag(self, x):\n    {body}\n")


def test_a_unique_field_says_that_there_is_one_at_most():
    code = "\ndef tag(x):\n    if not Book.objects.filter(title=x).exists():\n        Book.objects.create(title=x, pages=3)\n"
    ignores(RULE, code)
    unique = MODELS.replace("title = models.CharField(", "title = models.CharField(unique=True, ")
    (finding,) = finds(RULE, code, models=unique)
    assert "get_or_create(title=…, defaults={…})" in finding.message


@pytest.mark.parametrize("path", ["shop/management/commands/fill.py", "scripts/fill.py"])
def test_one_process_runs_a_command(path):
    code = "from shop.models import Tag\n\ndef tag(x):\n    if not Tag.objects.filter(name=x).exists():\n        Tag.objects.create(name=x)\n"
    accepts(RULE, f"{MODELS}# file: {path}\n{code}")
