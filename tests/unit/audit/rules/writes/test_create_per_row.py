# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.unit.audit.flow.shop import MODELS, finds, ignores, mends

RULE = "create_per_row"


def test_rewrites_a_loop_that_only_creates():
    mends(
        RULE,
        """
def add(names):
    for name in names:
        Tag.objects.create(name=name)
""",
        """
def add(names):
    Tag.objects.bulk_create(
        [
            Tag(name=name)
            for name in names
        ]
    )
""",
    )


def test_keeps_the_layout_of_the_arguments():
    mends(
        RULE,
        """
def add(rows):
    if rows:
        for title, number in rows:
            Book.objects.create(
                title=title,
                pages=number,
            )
""",
        """
def add(rows):
    if rows:
        Book.objects.bulk_create(
            [
                Book(
                    title=title,
                    pages=number,
                )
                for title, number in rows
            ]
        )
""",
    )


FOUND = {
    "save": "for n in names:\n        tag = Tag(name=n)\n        tag.save()",
    "save after setting": (
        "for n in names:\n        tag = Tag()\n        tag.name = n\n        tag.save()"
    ),
    "related manager": (
        "a = Author.objects.first()\n    for n in names:\n        a.books.create(title=n)"
    ),
    "comprehension": "return [Tag.objects.create(name=n) for n in names]",
    "appended": "out = []\n    for n in names:\n        out.append(Tag.objects.create(name=n))",
    "of a row created before": (
        "book = Book.objects.create()\n    for n in names:\n"
        "        Chapter.objects.create(book=book, title=n)"
    ),
    "below a row created before": (
        "book = Book.objects.create()\n    for n in names:\n        book.chapter_set.create(title=n)"
    ),
    "conditional": "for n in names:\n        if n:\n            Tag.objects.create(name=n)",
    "long range": "for n in range(50):\n        Tag.objects.create(name=n)",
    "appended after": (
        "out = []\n    for n in names:\n        tag = Tag(name=n)\n        tag.save()\n        out.append(tag)"
    ),
    "values worked out": (
        "place = 0\n    for n in names:\n        key = str(n.get('x', '')).strip()\n"
        "        if key not in known:\n            continue\n        place += 1\n"
        "        Tag.objects.create(name=f'{place} {key}')"
    ),
    "one model in two branches": (
        "for n in names:\n        if n:\n            Tag.objects.create(name=n)\n"
        "        else:\n            Tag.objects.create(name='x')"
    ),
    "an unrelated model asked for": (
        "for n in names:\n        c = Country.objects.get(name=n)\n"
        "        Tag.objects.create(name=c.name)"
    ),
    "over rows of a related model": (
        "for b in Book.objects.all():\n        Chapter.objects.create(book=b, title='x')"
    ),
    "standard library and Django's helpers": (
        "for n in names:\n        Tag.objects.create(name=slugify(random.choice(n)))"
    ),
    "told on the way": (
        "for n in names:\n        Tag.objects.create(name=n)\n        logger.info('made %s', n)\n"
        "        names.stdout.write('.')"
    ),
    "an object's values": (
        "for row in names:\n        row = Tag(name=row.get('name'))\n        row.save()"
    ),
    "more in the loop": "for n in names:\n        print(n)\n        Tag.objects.create(name=n)",
}


@pytest.mark.parametrize("body", FOUND.values(), ids=FOUND)
def test_finds_new_rows_saved_one_by_one(body):
    code = (
        f"\nimport random\nfrom django.utils.text import slugify\n\n\ndef add(names):\n    {body}\n"
    )
    lines = [
        number
        for number, line in enumerate(code.splitlines(), 1)
        if "objects.create(name" in line or "books.create(" in line
    ]
    finds(RULE, code, *(lines if len(lines) > 1 else ()))


def test_only_a_plain_loop_is_edited():
    code = "\ndef add(names):\n    for n in names:\n        {}\n"
    for body in (
        "print(n)\n        Tag.objects.create(name=n)",
        "Tag.objects.create(  # new\n            name=n)",
    ):
        (finding,) = finds(RULE, code.format(body))
        assert finding.fix is None


ACCEPTED = {
    "outside of a loop": "Tag.objects.create(name='x')",
    "few": "for n in ('a', 'b'):\n        Tag.objects.create(name=n)",
    "short range": "for n in range(3):\n        Tag.objects.create(name=n)",
    "retries": "while names:\n        Tag.objects.create(name=names.pop())",
    "ends the loop": "for n in names:\n        if n:\n            Tag.objects.create(name=n)\n            break",
    "asked for in the next round": (
        "for n in names:\n        tag = Tag(name=n)\n        tag.save()\n        if n:\n"
        "            other = Tag.objects.get(name=n)"
    ),
    "saved again": (
        "for n in names:\n        tag = Tag(name=n)\n        tag.save()\n        tag.name = 'x'\n"
        "        tag.save()"
    ),
    "a related model asked for": (
        "for n in names:\n        book = Book.objects.get(title=n)\n"
        "        Chapter.objects.create(book=book, title=n)"
    ),
    "progress of mail": (
        "for n in names:\n        send_mail(n, n, n, [n])\n        Tag.objects.create(name=n)"
    ),
    "progress of a request": (
        "for n in names:\n        requests.post(n)\n        Tag.objects.create(name=n)"
    ),
    "an answer saved": (
        "for n in names:\n        answer = names.client.get(n)\n        Tag.objects.create(name=answer)"
    ),
    "an answer of a module": (
        "import requests\n    for n in names:\n        Tag.objects.create(name=requests.get(n))"
    ),
    "another write": (
        "for n in names:\n        names.update_all()\n        Tag.objects.create(name=n)"
    ),
    "another row saved": ("for n in names:\n        n.save()\n        Tag.objects.create(name=n)"),
    "rows of two models": (
        "for n in names:\n        Country.objects.create(name=n)\n        Tag.objects.create(name=n)"
    ),
    "a row made of an unknown function": (
        "for n in names:\n        Tag.objects.create(name=names.unique_name(n))"
    ),
    "a relation filled": (
        "for n in names:\n        n.tags.add(1)\n        Tag.objects.create(name=n)"
    ),
    "a state of the object": (
        "for n in names:\n        self.last = n\n        Tag.objects.create(name=n)"
    ),
    "a file opened": (
        "for n in names:\n        with open(n) as file:\n            Tag.objects.create(name=file)"
    ),
    "handed out one by one": "for n in names:\n        yield n\n        Tag.objects.create(name=n)",
    "part of more": "return [names(Tag.objects.create(name=n)) for n in names]",
    "a comprehension's condition": "return [Tag.objects.create(name=n) for n in names if names.send(n)]",
    "returns it": "for n in names:\n        return Tag.objects.create(name=n)",
    "may fail": (
        "for n in names:\n        try:\n            Tag.objects.create(name=n)\n"
        "        except ValueError:\n            pass"
    ),
    "looked for before": (
        "for n in names:\n        if not Tag.objects.filter(name=n).exists():\n"
        "            Tag.objects.create(name=n)"
    ),
    "key used": "for n in names:\n        tag = Tag.objects.create(name=n)\n        print(tag.pk)",
    "parent of others": (
        "for n in names:\n        book = Book.objects.create(title=n)\n"
        "        Chapter.objects.create(book=book, title=n)\n        names(book)"
    ),
    "related to others": (
        "for n in names:\n        book = Book.objects.create(title=n)\n        book.tags.add(1)"
    ),
    "handed on": "for n in names:\n        names(Tag.objects.create(name=n))",
    "not saved": "for n in names:\n        tag = Tag(name=n)",
    "saved elsewhere": "tag = Tag()\n    for n in names:\n        tag.name = n\n        tag.save()",
    "a fetched row": "for tag in Tag.objects.all():\n        tag.name = 'x'\n        tag.save()",
    "get_or_create": "for n in names:\n        Tag.objects.get_or_create(name=n)",
    "unknown": "for n in names:\n        names.objects.create(name=n)",
    "in a handler": (
        "for n in names:\n        try:\n            names(n)\n        except ValueError:\n"
        "            Tag.objects.create(name=n)"
    ),
}


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_says_nothing_of(body):
    ignores(RULE, f"\ndef add(names):\n    {body}\n")


LOOP = "\ndef add(names):\n    for n in names:\n        {}.objects.create(name=n)\n"
OTHER_SAVES = {
    "save()": "\n\nclass Mark(models.Model):\n    name = models.TextField()\n\n    def save(self, *args, **kwargs):\n        super().save(*args, **kwargs)\n",
    "an inherited save()": "\n\nclass Base(models.Model):\n    class Meta:\n        abstract = True\n\n    def save(self, *args, **kwargs):\n        super().save(*args, **kwargs)\n\n\nclass Mark(Base):\n    name = models.TextField()\n",
    "another table": "\n\nclass Mark(Tag):\n    text = models.TextField()\n",
    "an unknown base": "\n\nfrom elsewhere import Thing\n\n\nclass Mark(Thing):\n    name = models.CharField(max_length=3)\n",
    "a receiver": "\n\nfrom django.db.models.signals import post_save\nfrom django.dispatch import receiver\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n\n\n@receiver(post_save, sender=Mark)\ndef heard(**kwargs):\n    pass\n",
    "a receiver of whatever a variable holds": "\n\nfrom django.db.models.signals import pre_save\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n\n\ndef listen(model):\n    pre_save.connect(print, sender=model)\n",
    "history of django-simple-history": "\n\nfrom simple_history.models import HistoricalRecords\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n    history = HistoricalRecords()\n",
    "inherited history": "\n\nfrom simple_history.models import HistoricalRecords\n\n\nclass Base(models.Model):\n    history = HistoricalRecords(inherit=True)\n\n    class Meta:\n        abstract = True\n\n\nclass Mark(Base):\n    name = models.TextField()\n",
    "versions of django-reversion": "\n\nimport reversion\n\n\n@reversion.register\nclass Mark(models.Model):\n    name = models.TextField()\n",
    "versions of django-reversion with options": "\n\nfrom reversion import register\n\n\n@register(fields=('name',))\nclass Mark(models.Model):\n    name = models.TextField()\n",
    "log of django-auditlog": "\n\nfrom auditlog.registry import auditlog\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n\n\nauditlog.register(Mark, exclude_fields=['name'])\n",
    "log of everything": "\n\nclass Mark(models.Model):\n    name = models.TextField()\n# file: shop/settings.py\nINSTALLED_APPS = ['shop', 'easyaudit']\n",
    "a receiver of all": "\n\nfrom django.db.models.signals import pre_save\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n\n\npre_save.connect(print)\n",
    "a manager's create()": "\n\nclass Marks(models.Manager):\n    def create(self, **values):\n        return super().create(**values)\n\n\nclass Mark(models.Model):\n    name = models.TextField()\n    objects = Marks()\n",
}  # fmt: skip


@pytest.mark.parametrize("model", OTHER_SAVES.values(), ids=OTHER_SAVES)
def test_says_nothing_where_bulk_create_is_not_the_same(model):
    ignores(RULE, f"from shop.models import Mark\n{LOOP.format('Mark')}", MODELS + model)


def test_history_of_another_model_does_not_matter():
    models = f"{MODELS}\n\nfrom auditlog.registry import auditlog\nauditlog.register(Book)\n"
    finds(RULE, LOOP.format("Tag"), models=models)


def test_receivers_of_the_user_model_are_its_own():
    heard = (
        "\n\nfrom django.db.models.signals import post_save\npost_save.connect(print, sender={})\n"
    )
    code = "\nfrom django.contrib.auth.models import User\n" + LOOP
    for sender in ("settings.AUTH_USER_MODEL", "get_user_model()", "User"):
        models = MODELS + heard.format(sender)
        finds(RULE, code.format("Tag"), models=models)
        ignores(RULE, code.format("User").replace("name=n", "username=n"), models)
    finds(RULE, code.format("User").replace("name=n", "username=n"))


def test_receivers_of_other_models_do_not_matter():
    finds(
        RULE,
        LOOP.format("Tag"),
        models=f"{MODELS}\n\n@receiver([post_save, post_delete], sender=Book)\ndef heard(**kwargs):\n    pass\n",
    )
