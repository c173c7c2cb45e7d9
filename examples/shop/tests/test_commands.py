import tempfile
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from catalogue.models import Brand, PriceChange, Product
from customers.models import Customer
from orders.models import Order, OrderLine, Stock
from reviews.models import Review

from .samples import ShopTestCase


def seed(**options):
    options = {"products": 60, "customers": 12, "orders": 40, "until": "2026-03-01"} | options
    call_command("seed", stdout=StringIO(), **options)


def contents():
    return (
        list(Product.objects.order_by("sku").values_list("slug", "price", "rating", "created_at")),
        list(Order.objects.order_by("number").values_list("number", "total", "status")),
        list(Review.objects.order_by("created_at", "title").values_list("title", "body")),
        list(OrderLine.objects.order_by("pk").values_list("product_name", "quantity")),
    )


class SeedTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        seed()

    def test_makes_what_was_asked_for(self):
        self.assertEqual(Product.objects.count(), 60)
        self.assertEqual(Customer.objects.filter(is_staff=False).count(), 12)
        self.assertEqual(Order.objects.count(), 40)
        self.assertEqual(Stock.objects.count(), 60)

    def test_the_pages_work_on_it(self):
        self.assertEqual(self.client.get(reverse("pages:home")).status_code, 200)
        self.assertTrue(self.client.login(username="demo", password="harbour"))
        self.assertContains(self.client.get(reverse("customers:orders")), "HH-00000001")

    def test_ratings_agree_with_the_reviews(self):
        for product in Product.objects.prefetch_related("reviews"):
            given = [review.rating for review in product.reviews.all() if review.is_approved]
            self.assertEqual(product.review_count, len(given))

    def test_refuses_a_shop_with_products(self):
        with self.assertRaisesMessage(CommandError, "--replace"):
            seed()

    def test_refuses_nonsense(self):
        with self.assertRaisesMessage(CommandError, "--products must be at least 1"):
            seed(products=0)
        with self.assertRaisesMessage(CommandError, "--orders must not be negative"):
            seed(orders=-1)
        with self.assertRaisesMessage(CommandError, "--until must be a day"):
            seed(until="yesterday")


class SeedAgainTests(TransactionTestCase):
    def test_the_same_seed_gives_the_same_shop(self):
        seed(seed=5)
        first = contents()
        seed(seed=5, replace=True)
        self.assertEqual(first, contents())

    def test_another_seed_gives_another_shop(self):
        seed(seed=5)
        first = contents()
        seed(seed=6, replace=True)
        self.assertNotEqual(first, contents())


class ImportTests(ShopTestCase):
    def read(self, text, **options):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "products.csv"
            path.write_text("sku,name,brand,category,price,stock,tags\n" + text)
            call_command("import_products", str(path), stdout=StringIO(), **options)

    def test_adds_products_with_brand_stock_and_price(self):
        self.read("N1,Dune Lamp,Tinder,lamps,19.50,7,\n", tag="Spring")
        product = Product.objects.get(sku="N1")
        self.assertEqual(product.stock.quantity, 7)
        self.assertEqual(Brand.objects.get(name="Tinder"), product.brand)
        self.assertEqual(PriceChange.objects.get(product=product).price, 19.5)
        self.assertEqual([tag.name for tag in product.tags.all()], ["Spring"])

    def test_updates_known_products(self):
        self.read(f"{self.vase.sku},Fen Vase,Rask,lamps,33.00,9,\n")
        self.vase.refresh_from_db()
        self.assertEqual(self.vase.name, "Fen Vase")
        self.assertEqual(Stock.objects.get(product=self.vase).quantity, 9)


class ReleaseTests(ShopTestCase):
    def test_releases_reservations_of_what_is_sold_out(self):
        Stock.objects.filter(product=self.vase).update(quantity=0, reserved=2)
        call_command("release_reservations", stdout=StringIO())
        self.assertEqual(Stock.objects.get(product=self.vase).reserved, 0)
