import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "invalidated_before_commit"
HEAD = "from django.core.cache import cache\nfrom django.db import transaction\n\n\n"
BLOCK = (
    "def change(price):\n    with transaction.atomic():\n        price.save()\n        {removal}\n"
)


@pytest.mark.parametrize(
    "removal",
    [
        'cache.delete("prices")',
        'cache.delete_many(["prices", "menu"])',
        "cache.clear()",
        'caches["default"].delete("prices")',
        'for name in price.names:\n            cache.delete(f"price:{name}")',
    ],
)
def test_finds_a_removal_in_a_block(removal):
    head = HEAD.replace("import cache\n", "import cache, caches\n")
    flags(RULE, head + BLOCK.format(removal=removal))


def test_finds_a_removal_in_a_decorated_function():
    code = "@transaction.atomic\ndef change(price):\n    price.save()\n    cache.delete('prices')\n"
    flags(RULE, HEAD + code, 8)


@pytest.mark.parametrize("signal", ["post_delete", "[post_save, post_delete]", "m2m_changed"])
def test_finds_a_removal_by_a_signal_that_is_sent_inside(signal):
    flags(
        RULE,
        "from django.core.cache import cache\n"
        "from django.db.models.signals import m2m_changed, post_delete, post_save\n"
        "from django.dispatch import receiver\n\n\n"
        f"@receiver({signal})\ndef forget(instance, **kwargs):\n    cache.delete('prices')\n",
        8,
    )


ACCEPTED = {
    "on commit": BLOCK.format(removal="transaction.on_commit(lambda: cache.delete('prices'))"),
    "by a function of its own": BLOCK.format(
        removal=(
            "def forget():\n            cache.delete('prices')\n"
            "        transaction.on_commit(forget)"
        )
    ),
    "after the block": (
        "def change(price):\n    with transaction.atomic():\n        price.save()\n"
        "    cache.delete('prices')\n"
    ),
    "nothing is written": (
        "def look(price):\n    with transaction.atomic():\n        cache.delete('prices')\n"
    ),
    "a lock": BLOCK.format(removal="cache.delete('prices-lock')"),
    "no cache": BLOCK.format(removal="price.delete('prices')"),
    "post_save": (
        "from django.db.models.signals import post_save\nfrom django.dispatch import receiver\n\n\n"
        "@receiver(post_save)\ndef forget(instance, **kwargs):\n    cache.delete('prices')\n"
    ),
}


@pytest.mark.parametrize("code", ACCEPTED.values(), ids=ACCEPTED)
def test_leaves_alone(code):
    accepts(RULE, HEAD + code)


def test_wraps_a_constant_key():
    rewrites(
        RULE,
        HEAD + BLOCK.format(removal='cache.delete("prices")'),
        HEAD + BLOCK.format(removal='transaction.on_commit(lambda: cache.delete("prices"))'),
    )


def test_works_out_a_key_at_once():
    head = "from functools import partial\n\n" + HEAD
    before = 'for name in price.names:\n            cache.delete(f"price:{name}")'
    after = (
        "for name in price.names:\n"
        '            transaction.on_commit(partial(cache.delete, f"price:{name}"))'
    )
    rewrites(RULE, head + BLOCK.format(removal=before), head + BLOCK.format(removal=after))


def test_imports_what_it_needs():
    before = (
        "from django.core.cache import cache\nfrom django.db.transaction import atomic\n\n\n"
        "@atomic\ndef change(price):\n    price.save()\n    cache.delete(price.key)\n"
    )
    after = (
        "from functools import partial\n\nfrom django.core.cache import cache\n"
        "from django.db import transaction\nfrom django.db.transaction import atomic\n\n\n"
        "@atomic\ndef change(price):\n    price.save()\n"
        "    transaction.on_commit(partial(cache.delete, price.key))\n"
    )
    rewrites(RULE, before, after)


def test_leaves_the_handling_of_errors_to_the_reader():
    removal = "try:\n            cache.delete('prices')\n        except OSError:\n            pass"
    (finding,) = flags(RULE, HEAD + BLOCK.format(removal=removal))
    assert finding.fix is None
