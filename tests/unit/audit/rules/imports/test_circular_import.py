import pytest

from tests.audit_cases import accepts, flags, found

RULE = "circular_import"

CIRCLE = """\
# file: shop/__init__.py
NAME = 1
# file: shop/orders.py
class Order: pass
from shop.invoices import Invoice
{orders}
# file: shop/invoices.py
{imports}
{invoices}
class Invoice: pass
"""


def circle(imports="from shop.orders import Order", orders="", invoices=""):
    return CIRCLE.format(imports=imports, orders=orders, invoices=invoices)


@pytest.mark.parametrize(
    "imports",
    [
        "from shop.orders import Order",
        "from .orders import Order as Bought",
        "import shop.orders",
        "import shop.orders as o",
        "from shop import orders",
        "from . import orders",
        "from . import orders\nfrom shop.orders import Order",
        "if True:\n    pass\nfrom shop.orders import (\n    Order,  # why\n)",
        "class Base:\n    from shop.orders import Order",
        "try:\n    pass\nfinally:\n    from shop.orders import Order",
    ],
)
def test_flags_a_circle_that_one_order_breaks(imports):
    (finding,) = flags(RULE, circle(imports))
    assert "Importing shop.invoices first fails" in finding.message
    assert finding.steps[-1].note.endswith("ImportError")


@pytest.mark.parametrize(
    "imports",
    [
        "def f():\n    from shop.orders import Order",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.orders import Order",
        "try:\n    from shop.orders import Order\nexcept ImportError:\n    Order = None",
        "from contextlib import *\nwith suppress(ImportError): from shop.orders import Order",
        "import sys\nif sys.argv:\n    from shop.orders import Order",
        "lambda: __import__('shop.orders')",
    ],
)
def test_accepts_what_never_fails_or_never_runs(imports):
    accepts(RULE, circle(imports))


def test_accepts_names_that_are_bound_before_the_circle_closes():
    accepts(RULE, circle(invoices="").replace("class Invoice: pass", "").replace(
        "from shop.orders import Order", "class Invoice: pass\nfrom shop.orders import Order"
    ))  # fmt: skip


@pytest.mark.parametrize(
    "extra", ["def __getattr__(name): ...", "globals().update(a=1)", "from os.path import *"]
)
def test_accepts_modules_that_may_hold_any_name(extra):
    accepts(
        RULE, circle().replace("# file: shop/invoices.py", f"# file: shop/invoices.py\n{extra}")
    )


def test_accepts_a_package_that_gathers_its_modules():
    accepts(
        RULE,
        """\
# file: shop/__init__.py
VERSION = 1
from .a import A
from .b import B
# file: shop/a.py
from shop import VERSION
from . import b
class A: pass
# file: shop/b.py
from shop.a import A
class B: pass
""",
    )


def test_accepts_a_circle_that_loading_the_models_always_enters_at_the_right_end():
    accepts(
        RULE,
        """\
# file: shop/__init__.py
NAME = 1
# file: shop/apps.py
NAME = 1
# file: shop/models.py
class Order: pass
from shop.receivers import on_order
# file: shop/receivers.py
from shop.models import Order
def on_order(order: Order): pass
""",
    )


def test_accepts_what_the_settings_package_always_imports_in_the_right_order():
    accepts(
        RULE,
        """\
# file: shop/__init__.py
from shop.checks import run
# file: shop/settings.py
import shop
# file: shop/checks.py
from shop.choices import COLOURS
def run(): return COLOURS
# file: shop/choices.py
from shop import checks
COLOURS = 1
""",
    )


def test_flags_models_of_two_apps_whose_order_decides():
    flags(
        RULE,
        """\
# file: shop/__init__.py
NAME = 1
# file: shop/migrations/__init__.py
NAME = 1
# file: people/__init__.py
NAME = 1
# file: people/migrations/__init__.py
NAME = 1
# file: shop/models.py
class Order: pass
from people.models import Person
# file: people/models.py
from shop.models import Order
class Person: pass
""",
    )


def test_follows_folders_without_init():
    flags(
        RULE, circle("from shop import orders").replace("# file: shop/__init__.py\nNAME = 1\n", "")
    )


def test_accepts_a_circle_of_modules_that_ask_for_no_names():
    accepts(
        RULE,
        circle("import shop.orders").replace(
            "from shop.invoices import Invoice", "import shop.invoices"
        ),
    )


def test_says_nothing_where_no_order_works():
    accepts(
        RULE,
        """\
# file: a.py
from b import B
class A: pass
# file: b.py
from a import A
class B: pass
""",
    )


def test_does_not_take_another_folder_s_module_for_a_library():
    accepts(
        RULE,
        """\
# file: shop/__init__.py
NAME = 1
# file: shop/orders.py
class Order: pass
from yaml import load
# file: other/yaml.py
from shop.orders import Order
def load(): pass
""",
    )


def test_tells_one_finding_a_knot_with_its_shortest_circle():
    source = circle() + "# file: shop/far.py\nfrom shop.orders import Order\nFar = 1\n"
    source = source.replace("class Invoice: pass", "class Invoice: pass\nfrom shop import far")
    (finding,) = found(RULE, source)
    assert "(3 modules are tied together)" in finding.message


@pytest.mark.parametrize(
    ("orders", "invoices", "line", "advice"),
    [
        ("x = Invoice()", "def f(): return Order()", 1, "used in functions only"),
        ("def f(): return Invoice()", "x = Order", 2, "used in functions only"),
        ("x = Invoice()", "order = models.ForeignKey(Order, 1)", 1, "by a string"),
        ("x = Invoice()", "def f(x: Order): pass", 1, "TYPE_CHECKING"),
        ("x = Invoice()", "x = Order()", 1, "imports neither"),
    ],
)
def test_stands_at_the_import_that_is_cheapest_to_cut(orders, invoices, line, advice):
    (finding,) = flags(RULE, circle(orders=orders, invoices=invoices), line)
    assert advice in finding.message


def test_a_lazy_import_closes_no_circle():
    accepts(RULE, circle("lazy from shop.orders import Order"))


def test_survives_a_long_chain_of_imports():
    files = "".join(
        f"# file: p/m{number}.py\nfrom p.m{number + 1} import X\nX = 1\n" for number in range(150)
    )
    end = "# file: p/m150.py\nX = 1\nfrom p.m0 import X as Y\n"
    assert len(found(RULE, "# file: p/__init__.py\nX = 1\n" + files + end)) == 1
