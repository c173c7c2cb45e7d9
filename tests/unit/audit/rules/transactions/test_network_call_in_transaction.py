# ruff: noqa: E501 - a case of code stays on the line of its name
import pytest

from tests.audit_cases import accepts, flags

RULE = "network_call_in_transaction"
HEAD = """\
import subprocess
import time
from urllib.request import urlopen

import boto3
import requests
from django.core import mail
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
"""
BEFORE = HEAD.count("\n")


def inside(body):
    return f"{HEAD}def f(x, deep=False):\n    with transaction.atomic():\n        {body}\n"


WAITING = {
    "requests": "requests.post(x)",
    "a session": "s = requests.Session()\n        s.get(x)",
    "a session for once": "with requests.Session() as s:\n            s.get(x)",
    "urlopen": "urlopen(x)",
    "mail": "send_mail('a', 'b', None, [x])",
    "mail by its module": "mail.send_mail('a', 'b', None, [x])",
    "a message": "EmailMessage('a', 'b').send()",
    "a message in a variable": "m = EmailMessage('a', 'b')\n        m.send()",
    "a pause": "time.sleep(2)",
    "a program": "subprocess.run(['ls'])",
    "a client": "c = boto3.client('s3')\n        c.put_object(Body=x)",
    "deeper": "for y in x:\n            if y:\n                requests.get(y)",
    "a transaction in it": "with transaction.atomic():\n            requests.get(x)",
    "under a condition of the caller's": "if deep:\n            requests.get(x)",
}


@pytest.mark.parametrize("body", WAITING.values(), ids=WAITING)
def test_finds_what_waits(body):
    (finding,) = flags(RULE, inside(body))
    assert finding.steps[0].note == "the transaction is opened here"
    assert finding.confidence == "certain"


HARMLESS = {
    "put off": "transaction.on_commit(lambda: requests.post(x))",
    "a function defined": "def g():\n            requests.post(x)",
    "in an error": "try:\n            x.save()\n        except E:\n            requests.get(x)\n            raise",
    "for debugging": "if settings.DEBUG:\n            time.sleep(3)",
    "locked": "X.objects.select_for_update().get()\n        requests.get(x)",
    "another get": "x.get(1)",
    "another send": "x.send()",
    "a request object": "requests.Request('GET', x)",
}  # fmt: skip


@pytest.mark.parametrize("body", HARMLESS.values(), ids=HARMLESS)
def test_leaves_the_rest_alone(body):
    accepts(RULE, inside(body))


def test_tells_a_block_once():
    flags(RULE, inside("requests.get(x)\n        requests.get(x)"), BEFORE + 3)


def test_leaves_what_stands_outside_alone():
    accepts(
        RULE, f"{HEAD}def f(x):\n    requests.get(x)\n    with transaction.atomic():\n        x()\n"
    )


CHAIN = """\
# file: shop/__init__.py
# file: shop/gateway.py
import requests


class Client:
    def ask(self, url):
        return self.load(url)

    def load(self, url):
        return requests.get(url)


def charge(amount, dry=False):
    return post(amount)


def post(amount):
    return requests.post("https://pay.example/", json=amount)


def perhaps(amount, really):
    if really:
        return requests.post("https://pay.example/", json=amount)


def at_errors(amount):
    try:
        return int(amount)
    except ValueError:
        return requests.post("https://errors.example/")


def one_by_one(amounts):
    for amount in amounts:
        yield requests.post("https://pay.example/", json=amount)


@in_the_background
def later(amount):
    requests.post("https://pay.example/", json=amount)


def put_off(amount):
    transaction.on_commit(lambda: post(amount))


def circle(amount):
    return other(amount)


def other(amount):
    return circle(amount)
# file: shop/services.py
from shop.gateway import charge


def pay(order):
    charge(order.total)


def settle(order):
    pay(order)


def close(order):
    settle(order)
# file: shop/views.py
from django.db import transaction

from shop import gateway, services
from shop.gateway import charge
from shop.services import charge as charge_again
"""


def called(call):
    return f"{CHAIN}def f(x):\n    with transaction.atomic():\n        {call}\n"


@pytest.mark.parametrize(
    ("call", "links"),
    [
        ("charge(x)", ["calls charge()", "calls post()"]),
        ("gateway.charge(x)", ["calls charge()", "calls post()"]),
        ("charge_again(x)", ["calls charge()", "calls post()"]),
        ("services.pay(x)", ["calls pay()", "calls charge()", "calls post()"]),
        ("gateway.Client.ask(x)", ["calls ask()", "calls load()"]),
    ],
)
def test_follows_calls_through_the_project(call, links):
    (finding,) = flags(RULE, called(call))
    notes = [step.note for step in finding.steps]
    assert notes[1:-1] == links
    assert finding.place.path == "shop/views.py"
    assert finding.steps[-1].place.path == "shop/gateway.py"
    assert finding.confidence == "likely"


@pytest.mark.parametrize(
    "call",
    [
        "services.settle(x)",
        "gateway.perhaps(x, False)",
        "gateway.at_errors(x)",
        "gateway.one_by_one(x)",
        "gateway.later(x)",
        "gateway.put_off(x)",
        "gateway.circle(x)",
        "gateway.unknown(x)",
        "f(x)",
    ],
)
def test_does_not_follow_what_is_far_away_or_uncertain(call):
    accepts(RULE, called(call))


def test_follows_methods_of_the_class_and_its_bases():
    source = """\
# file: shop/__init__.py
# file: shop/base.py
import requests


class Base:
    def push(self):
        requests.post("https://x.example/")
# file: shop/views.py
from django.db import transaction

from shop.base import Base


class Pay(Base):
    @transaction.atomic
    def post(self, request):
        self.check()
        self.push()

    def check(self):
        pass
"""
    (finding,) = flags(RULE, source)
    assert finding.steps[0].note == "all of it is one transaction"
    accepts(RULE, source.replace("def check", "def push"))


@pytest.mark.parametrize(
    ("settings", "waits"),
    [
        ("", True),
        ('EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"', True),
        ('EMAIL_BACKEND = "post_office.EmailBackend"', False),
        ('EMAIL_BACKEND = "djcelery_email.backends.CeleryEmailBackend"', False),
        ('EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"', False),
        ('INSTALLED_APPS = ["django.contrib.auth", "mailer"]', False),
    ],
)
def test_mail_waits_unless_the_settings_put_it_into_a_queue(settings, waits):
    source = (
        f"# file: shop/__init__.py\n# file: shop/settings.py\nROOT_URLCONF = 'x'\nMIDDLEWARE = []\n"
        f"{settings}\n# file: shop/views.py\n{inside('send_mail(x)')}"
    )
    (flags if waits else accepts)(RULE, source)


def test_knows_what_the_admin_and_signals_do_inside_of_a_transaction():
    admin = (
        "class A(admin.ModelAdmin):\n    def save_model(self, *args):\n        requests.get(1)\n"
    )
    flags(RULE, f"from django.contrib import admin\n{HEAD}{admin}")
    signal = "@receiver(post_delete, sender=X)\ndef gone(**kwargs):\n    requests.get(1)\n"
    imports = (
        "from django.db.models.signals import post_delete\nfrom django.dispatch import receiver\n"
    )
    flags(RULE, f"{imports}{HEAD}{signal}")
