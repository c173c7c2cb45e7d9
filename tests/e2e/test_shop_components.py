"""The sample shop on the components of Praxis, as its customers and its staff meet it."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest

from praxis import embedded
from praxis.prove.site import LiveSite
from tests.e2e.chromium import browser
from tests.e2e.visitors import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.redis, pytest.mark.postgres, pytest.mark.timeout(300)]

SHOP = Path(__file__).parents[2] / "examples" / "shop"
PASSWORD = "harbour"
FORM = {
    "name": "Robin Bakker", "street": "Quay 1", "postcode": "1234 AB", "city": "Amsterdam",
    "country": "Netherlands", "card": "4242 4242 4242 4242",
}  # fmt: skip


@pytest.fixture(scope="module")
def environment():
    with embedded.postgres() as database, embedded.redis() as redis:
        yield {
            "DJANGO_SETTINGS_MODULE": "shop.settings.dev_components",
            "DATABASE_URL": database.database("shop").url,
            "REDIS_URL": redis.url,
        }


@pytest.fixture(scope="module")
def manage(environment):
    def run(*words):
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=SHOP, env=os.environ | environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("migrate", "--verbosity=0")
    run("seed", "--products=40", "--customers=5", "--orders=20", "--reviews=20", "--seed=1")
    return run


@pytest.fixture(scope="module")
def shop(manage, environment):
    with LiveSite("shop", SHOP, "live.asgi:application", environment=environment) as site:
        yield site


@pytest.fixture
def screenshots():
    """What keeps pictures in the folder that PRAXIS_SCREENSHOTS names, for people to look at."""
    folder = os.environ.get("PRAXIS_SCREENSHOTS")
    return lambda tab, name: tab.screenshot(Path(folder) / f"{name}.png") if folder else None


def logged_in(shop, user, agent="a visitor of the tests"):
    visitor = Visitor(shop.url, agent)
    answer = visitor.post("/account/login/", username=user, password=PASSWORD)
    assert answer.url == f"{shop.url}/account/", answer.text[-500:]
    return visitor


@pytest.fixture(scope="module")
def ask(shop, environment):
    """What the database says."""
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        yield lambda sql, *values: connection.execute(sql, values).fetchall()


@pytest.fixture
def product(ask):
    """The key and the name of one that there is enough of, and that nobody has ordered lately."""
    ((pk, name),) = ask(
        "SELECT id, name FROM catalogue_product WHERE is_active AND NOT EXISTS (SELECT FROM"
        " orders_orderline JOIN orders_order ON order_id = orders_order.id WHERE product_id ="
        " catalogue_product.id AND created_at > now() - interval '8 days') ORDER BY id LIMIT 1"
    )
    ask("UPDATE orders_stock SET quantity = 100 WHERE product_id = %s RETURNING 1", pk)
    return pk, name


def orders_of(ask, user):
    found = ask(
        "SELECT number FROM orders_order JOIN customers_customer ON customer_id ="
        " customers_customer.id WHERE username = %s",
        user,
    )
    return {number for (number,) in found}


def sign_in(tab, shop, user):
    tab.visit(f"{shop.url}/account/login/")
    tab.follow(
        "const form = document.querySelector('form:has(input[type=password])');"
        f"form.username.value = {user!r}; form.password.value = {PASSWORD!r}; form.submit()"
    )
    assert tab.ask("location.pathname") == "/account/"


def test_the_board_shows_orders_as_they_are_placed(
    shop, manage, ask, product, tmp_path, screenshots
):
    pk, name = product
    with browser(tmp_path / "staff") as staff, browser(tmp_path / "customer") as customer:
        staff.resize(1280)
        sign_in(staff, shop, "staff")
        staff.visit(f"{shop.url}/reports/live/")
        staff.wait_for("document.querySelector('#state').dataset.state === 'live'")
        known = orders_of(ask, "demo")

        sign_in(customer, shop, "demo")
        customer.visit(f"{shop.url}/cart/")
        order = "{method: 'POST', body: new URLSearchParams('quantity=2')}"
        customer.ask(f"fetch('/cart/add/{pk}/', {order})")
        customer.visit(f"{shop.url}/orders/checkout/")
        customer.follow(
            "const { elements } = document.querySelector('form:has([name=card])');"
            f"for (const [name, value] of Object.entries({FORM!r})) elements[name].value = value;"
            "elements.card.form.submit()"
        )
        assert customer.ask("location.pathname").endswith("/thanks/")
        (number,) = orders_of(ask, "demo") - known

        staff.wait_for(f"document.getElementById({number!r})?.innerText.includes('Paid')")
        first = staff.ask("document.querySelector('#orders tbody tr').innerText")
        assert number in first
        # a command in another process ships it
        manage(
            "shell", "--no-imports", "-c",
            "from orders.models import Order\n"
            f"Order.objects.filter(number={number!r}).update(status=Order.SHIPPED)",
        )  # fmt: skip
        staff.wait_for(f"document.getElementById({number!r})?.innerText.includes('Shipped')")
        screenshots(staff, "order-board")
        customer.visit(f"{shop.url}/best-sellers/")
        sold = customer.ask("document.querySelector('#best-sellers').innerText")
        (row,) = [line for line in sold.splitlines() if name in line]
        assert row.endswith("\t2")
        assert "products were sold" in manage("recount_best_sellers")
        customer.reload()
        assert row in customer.ask("document.querySelector('#best-sellers').innerText")
        screenshots(customer, "best-sellers")
        for tab in (staff, customer):
            assert tab.complaints(shop.url) == []


def test_devices_are_listed_and_ended(shop, tmp_path, screenshots):
    elsewhere = logged_in(shop, "demo", agent="A telephone that was lost")
    with browser(tmp_path / "customer") as tab:
        sign_in(tab, shop, "demo")
        tab.visit(f"{shop.url}/account/devices/")
        shown = tab.ask("document.querySelector('#devices').innerText")
        assert "A telephone that was lost" in shown
        assert shown.count("this one") == 1
        screenshots(tab, "devices")
        tab.follow(
            "[...document.querySelectorAll('#devices tr')].find("
            "row => row.innerText.includes('telephone')).querySelector('button').click()"
        )
        assert "telephone" not in tab.ask("document.querySelector('#devices').innerText")
    assert elsewhere.get("/account/").url.startswith(f"{shop.url}/account/login/")


def test_who_guesses_passwords_is_told_to_wait(shop):
    stranger = Visitor(shop.url)
    for _ in range(5):
        tried = stranger.post("/account/login/", username="nobody", password="guess")
        assert tried.status == 200
    refused = stranger.post("/account/login/", username="nobody", password="guess")
    assert refused.status == 429
    assert "A moment, please" in refused.text


def test_who_presses_the_button_twice_has_one_order(shop, ask, product):
    pk, _ = product
    visitor = logged_in(shop, "staff")
    visitor.post(f"/cart/add/{pk}/", page="/cart/", quantity="1")
    before = orders_of(ask, "staff")
    start, answers = threading.Barrier(4), []

    def press():
        start.wait()
        answers.append(visitor.post("/orders/checkout/", **FORM))

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(orders_of(ask, "staff") - before) == 1
    assert {answer.status for answer in answers} == {200}


def test_without_redis_the_settings_say_what_to_do(environment):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=SHOP, env=os.environ | environment | {"REDIS_URL": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "praxis serve-redis" in done.stderr
    assert "Traceback" not in done.stderr
