import pytest

from tests.audit_cases import accepts, flags, rewrites

RULE = "print_or_pass_instead_of_log"
DJANGO = "from django.http import HttpResponse\n\n\n"


def in_view(*lines):
    return f"{DJANGO}def view(request):\n" + "".join(f"    {line}\n" for line in lines)


def tried(*handler, body="work()"):
    return in_view("try:", f"    {body}", *handler)


@pytest.mark.parametrize("call", ["print()", "print(1)", "print('a', b)", "print(a, end='')"])
def test_flags_a_print_in_request_code(call):
    flags(RULE, in_view(call))


def test_flags_a_print_in_a_method_and_in_a_task():
    source = "from celery import shared_task\n\n\n@shared_task\ndef send():\n    print('sending')\n"
    flags(RULE, source, path="shop/tasks.py")
    flags(RULE, f"{DJANGO}class A:\n    def get(self):\n        print(1)\n")


@pytest.mark.parametrize(
    "source",
    [
        in_view("print(1, file=log)"),
        in_view("print(1, **options)"),
        in_view("if settings.DEBUG:", "    print(1)"),
        in_view("if verbose:", "    print(1)"),
        f"{DJANGO}print('at import')\n",
        f"{DJANGO}def view(verbosity=1):\n    print(1)\n",
        f"{DJANGO}def main():\n    print(1)\n",
        f"{DJANGO}def print_tree(a):\n    print(a)\n",
        f"{DJANGO}if __name__ == '__main__':\n    print(1)\n",
        f"{in_view('print(1)')}\n\nif __name__ == '__main__':\n    view(None)\n",
        f"import click\n{in_view('print(1)')}",
        f"from rich import print\n{in_view('print(1)')}",
        f"{DJANGO}def print(a):\n    write(a)\n\n\ndef view(request):\n    print(1)\n",
        "def view(request):\n    print(1)\n",  # nothing of Django in this file
        (
            "from django.core.management.base import BaseCommand\n\n\nclass Command(BaseCommand):\n"
            "    def handle(self):\n        print(1)\n"
        ),
    ],
)
def test_leaves_prints_that_somebody_reads_alone(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "path",
    [
        "shop/management/commands/seed.py",
        "shop/tests/test_views.py",
        "scripts/fill.py",
        "shop/cli.py",
        "shop/load_data.py",
        "shop/v3migration.py",
        "shop/migrations/0001_initial.py",
        "manage.py",
    ],
)
def test_leaves_prints_of_the_terminal_alone(path):
    accepts(RULE, in_view("print(1)"), path=path)


@pytest.mark.parametrize(
    "handler",
    [
        ["except:", "    pass"],
        ["except Exception:", "    pass"],
        ["except BaseException:", "    pass"],
        ["except Exception as error:", "    pass"],
        ["except (ValueError, Exception):", "    ..."],
        ["except Exception:  # pragma: no cover", "    pass"],
        ["except: pass"],
        ["except ValueError:", "    pass", "except Exception:", "    pass"],
    ],
)
def test_flags_errors_dropped_without_a_word(handler):
    flags(RULE, tried(*handler))


@pytest.mark.parametrize(
    "source",
    [
        tried("except ValueError:", "    pass"),
        tried("except (OSError, ValueError):", "    pass"),
        tried("except Exception:", "    log()"),
        tried("except Exception:", "    return None"),
        tried("except Exception:", "    continue"),
        tried("except Exception:  # the mail is only a courtesy", "    pass"),
        tried("except Exception:", "    # the mail is only a courtesy", "    pass"),
        tried("except Exception:", "    pass  # the mail is only a courtesy"),
        tried("except Exception:", "    pass", "    # the mail is only a courtesy"),
        tried("# the mail is only a courtesy", "except Exception:", "    pass"),
        tried("except Exception:  # noqa: BLE001", "    pass"),
        tried("except Exception:", "    pass", body="import ujson"),
        tried("except Exception:", "    pass", body="connection.close()"),
        tried("except Exception:", "    pass", body="os.remove(path)"),
        tried("except Exception:", "    pass", body="del cache[key]"),
        tried("except Exception:", "    pass", body="module = import_module(name)"),
        tried("except Exception:", "    pass", "raise Unusable()"),
        tried("except Exception:", "    pass", body="a.close(); count += 1; del b"),
        tried("except Exception:", "    pass", body="if a: a.close()"),
        tried("except Exception:", "    pass", body="log.debug('seen')"),
        tried("except Exception:", "    pass", body="os.removedirs(path)"),
        tried("except Exception:", "    pass", body="self._clients_gauge.set(len(clients))"),
        tried("except Exception:", "    pass", body="import ujson; found['ujson'] = ujson.version"),
        tried("except Exception:", "    pass", body="request.parsed = parsed"),
        in_view(
            "try:",
            "    work()",
            "finally:",
            "    for lock in locks:",
            "        try:",
            "            lock.leave()",
            "        except Exception:",
            "            pass",
        ),
        in_view(
            "# either may fail",
            "try:",
            "    a()",
            "except Exception:",
            "    pass",
            "",
            "try:",
            "    b()",
            "except Exception:",
            "    pass",
        ),
        in_view(
            "# rows may be gone:", "# then all is well", "try:", "    a()", "except:", "    pass"
        ),
        tried("except Exception:", "    pass", body="storage.delete_object(key)"),
        in_view("# rows are not always there", "try:", "    work()", "except:", "    pass"),
        f"{DJANGO}def enableDebug():\n    try:\n        g()\n    except Exception:\n        pass\n",
        in_view("# the server may be down", "try:", "    work()", "except:", "    pass"),
        in_view("a()", "# é: corrupted rows are ignored", "try:", "    b()", "except:", "    pass"),
        in_view("try:  # it may be there already", "    os.mkdir(path)", "except:", "    pass"),
        (
            f"{DJANGO}def safe_int(text):\n    try:\n        return int(text)\n"
            "    except Exception:\n        pass\n"
        ),
        (
            f"{DJANGO}class A:\n    def __del__(self):\n        try:\n            work()\n"
            "        except Exception:\n            pass\n"
        ),
        f"{DJANGO}try:\n    work()\nexcept Exception:\n    pass\n",
        in_view(
            "try:",
            "    work()",
            "except Exception:",
            "    try:",
            "        tell()",
            "    except Exception:",
            "        pass",
            "    raise",
        ),
        (
            "class Exception(Error):\n    pass\nfrom shop.errors import Exception\n"
            "def f():\n    try:\n        g()\n    except Exception:\n        pass\n"
        ),
    ],
)
def test_leaves_deliberate_silence_alone(source):
    accepts(RULE, source)


@pytest.mark.parametrize(
    "source",
    [
        in_view("# send the mail", "try:", "    work()", "except:", "    pass"),
        in_view("# may fail", "a()", "try:", "    work()", "except:", "    pass"),
        tried("except Exception:", "    pass", body="request.parsed = parse(text)"),
        in_view("a = 1  # may fail", "try:", "    work()", "except:", "    pass"),
        tried("except Exception:", "    pass", body="import ujson; ujson.loads(text)"),
        tried("except Exception:", "    pass", body="gauge.value = work()"),
    ],
)
def test_flags_errors_that_nothing_explains(source):
    flags(RULE, source)


def test_leaves_tools_and_servers_that_are_not_djangos_alone():
    accepts(RULE, tried("except:", "    pass"), path="shop/profiling/runner.py")
    accepts(RULE, f"from twisted.internet import reactor\n{in_view('print(1)')}")


def test_a_pragma_beside_the_try_explains_nothing():
    flags(RULE, in_view("try:  # pragma: no cover", "    work()", "except:", "    pass"))


def test_tells_dropped_errors_of_code_that_serves_requests():
    source = f"{DJANGO}def charge(card):\n    try:\n        work()\n    except:\n        pass\n"
    flags(RULE, source, path="orders/models.py")
    flags(RULE, source, path="orders/services/card.py")
    flags(RULE, source.replace("card", "request"), path="orders/wizard.py")
    accepts(RULE, source, path="orders/wizard.py")
    accepts(RULE, source, path="orders/management/commands/models.py")


def test_leaves_a_print_that_may_fail_alone():
    source = f"{DJANGO}def f():\n    try:\n        print(1)\n    except:\n        pass\n"
    accepts(RULE, source, path="shop/models.py")


def test_leaves_prints_of_what_commands_call_alone():
    model = (
        "from django.db import models\n\n\nclass Forum(models.Model):\n"
        "    def {name}(self):\n        print('nobody reads this')\n"
    )
    command = (
        "# file: shop/management/commands/digest.py\nfrom shop.notifications import Forum\n\n\n"
        "class Command:\n    def handle(self):\n        Forum().send_digest()\n"
    )
    models = "# file: shop/notifications.py\n"
    accepts(RULE, command + models + model.format(name="send_digest"))
    flags(RULE, command + models + model.format(name="send_letter"))
    flags(RULE, models + model.format(name="send_digest"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("except:", "except (TypeError, ValueError):"),
        ("except Exception:", "except (TypeError, ValueError):"),
        ("except Exception as error:", "except (TypeError, ValueError) as error:"),
    ],
)
@pytest.mark.parametrize("call", ["int(number)", "float(number)"])
def test_names_the_errors_of_making_a_number(before, after, call):
    lines = ["    pass"]
    body = f"number = {call}"
    rewrites(RULE, tried(before, *lines, body=body), tried(after, *lines, body=body))


@pytest.mark.parametrize("body", ["number = int(work())", "number = int(a, b)", "n = int(a); f(n)"])
def test_logs_where_more_than_a_number_may_fail(body):
    (finding,) = flags(RULE, tried("except:", "    pass", body=body))
    assert finding.fix is not None
    assert any("logger.exception" in edit.text for edit in finding.fix.edits)


def test_a_comment_about_what_follows_explains_nothing():
    flags(RULE, tried("except Exception:", "    pass", "# and now the next thing", "more()"))


LOGGER = "import logging\n\nlogger = logging.getLogger(__name__)\n\n\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("print('a')", "logger.info('a')"),
        ('print("100%")', 'logger.info("100%")'),
        ("print(f'a {b}')", "logger.info(f'a {b}')"),
        ("print('a %s' % b)", "logger.info('a %s' % b)"),
        ("print(order)", 'logger.info("%s", order)'),
        (
            "print('charging', amount, 'for', n)",
            'logger.info("charging %s for %s", amount, n)',
        ),
        ("print('100%', done)", 'logger.info("100%% %s", done)'),
        ("print('one', 'two %')", 'logger.info("one two %")'),
        ("print('say \"é\"', b)", "logger.info('say \"é\" %s', b)"),
    ],
)
def test_logs_what_was_printed(before, after):
    view = "from django.http import HttpResponse\n" + LOGGER + "def view(request):\n    {}\n"
    rewrites(RULE, view.format(before), view.format(after))


def test_logs_with_a_traceback_where_an_error_is_handled():
    rewrites(
        RULE,
        f"from django import db\n{LOGGER}def f():\n    try:\n        g()\n"
        "    except ValueError as e:\n        print(e)\n",
        f"from django import db\n{LOGGER}def f():\n    try:\n        g()\n"
        '    except ValueError as e:\n        logger.exception("%s", e)\n',
    )


def test_uses_the_logger_that_is_there():
    rewrites(
        RULE,
        "from celery.utils.log import get_task_logger\n\nlog = get_task_logger(__name__)\n\n\n"
        "def f():\n    print(1)\n",
        "from celery.utils.log import get_task_logger\n\nlog = get_task_logger(__name__)\n\n\n"
        'def f():\n    log.info("%s", 1)\n',
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "from django.http import HttpResponse\n",
            (
                "import logging\n\nfrom django.http import HttpResponse\n\n"
                "logger = logging.getLogger(__name__)\n"
            ),
        ),
        (
            (
                '"""Views."""\n\nfrom __future__ import annotations\n\nimport json\n'
                "import os  # é\n"
                "\nfrom django import http\n"
            ),
            (
                '"""Views."""\n\nfrom __future__ import annotations\n\nimport json\n'
                "import logging\n"
                "import os  # é\n\nfrom django import http\n\n"
                "logger = logging.getLogger(__name__)\n"
            ),
        ),
        (
            "import json\n\nfrom django import (\n    http,\n)\n",
            (
                "import json\nimport logging\n\nfrom django import (\n    http,\n)\n\n"
                "logger = logging.getLogger(__name__)\n"
            ),
        ),
        (
            "from django import http\nimport logging\n",
            "from django import http\nimport logging\n\nlogger = logging.getLogger(__name__)\n",
        ),
    ],
)
def test_adds_the_logger_once_for_all_findings(before, after, line_end):
    view = (
        "\n\ndef view(request):\n    print('a')\n    try:\n        f()\n    except:\n        pass\n"
    )
    logged = (
        "\n\ndef view(request):\n    logger.info('a')\n    try:\n        f()\n"
        '    except Exception:\n        logger.exception("Ignored an error in view")\n'
    )
    rewrites(
        RULE,
        (before + view).replace("\n", line_end),
        (after + logged).replace("\n", line_end),
    )


@pytest.mark.parametrize(
    "source",
    [
        in_view("print(", "    a,  # keep me", ")"),
        in_view("print(a, end='')"),
        in_view("print()"),
        in_view("print(*a)"),
        f"from loguru import logger\n{in_view('print(1)')}",
        f"from shop import logging\n{in_view('print(1)')}",
        f"{DJANGO}def view(request, logger):\n    print(1)\n",
    ],
)
def test_offers_no_fix_where_it_would_not_be_clean(source):
    (finding,) = flags(RULE, source)
    assert finding.fix is None


def test_reads_the_part_that_a_module_plays_from_its_name():
    source = f"{DJANGO}def charge(card):\n    print(card)\n"
    flags(RULE, source, path="orders/gateway.py")
    flags(RULE, source, path="orders/services/card.py")
    accepts(RULE, source, path="orders/wizard.py")
    accepts(RULE, source, path="orders/models.py")
    flags(RULE, source.replace("card", "request"), path="orders/models.py")
    flags(RULE, source.replace("card", "request"), path="orders/wizard.py")


@pytest.mark.parametrize(
    ("path", "package"), [("shop/api/driver.py", "django"), ("shop/views/shots.py", "selenium")]
)
def test_leaves_prints_of_browser_drivers_and_of_an_api_for_programs_alone(path, package):
    source = f"import django\nimport {package}\n\n\ndef checktitle(title):\n    print(title)\n"
    accepts(RULE, source, path)
    flags(RULE, source.replace("selenium", "django"), path="shop/views/shots.py")
