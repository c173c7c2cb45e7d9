import csv
import io

from django.urls import reverse
from django.utils import timezone

from cart.models import Cart, CartLine
from orders.models import Order
from reviews.models import Review

from .samples import ShopTestCase, make_coupon, make_order


class ReportTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.order = make_order(
            self.customer, self.lamp, quantity=2, coupon=make_coupon("TEN", percent=10)
        )
        make_order(self.staff, self.vase, status=Order.SHIPPED)
        self.client.force_login(self.staff)

    def report(self, name, **query):
        return self.client.get(reverse(f"reports:{name}"), query)

    def table(self, name, **query):
        answer = self.report(name, **query)
        self.assertEqual(answer["Content-Type"], "text/csv")
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def test_customers_may_not_look(self):
        self.client.force_login(self.customer)
        self.assertEqual(self.report("sales").status_code, 302)

    def test_the_dashboard(self):
        page = self.report("dashboard")
        self.assertContains(page, self.lamp.name)
        totals = {row["label"]: row["total"] for row in page.context["overview"]["statuses"]}
        self.assertEqual(float(totals["Paid"]), 160.0)

    def test_sales(self):
        page = self.report("sales", days=7)
        self.assertEqual(page.context["order_count"], 2)
        self.assertContains(page, "robin@example.com")
        self.assertEqual(sorted(row["items"] for row in page.context["rows"]), [1, 2])

    def test_sales_of_one_status(self):
        self.assertEqual(self.report("sales", status="shipped").context["order_count"], 1)

    def test_sales_survive_a_strange_number_of_days(self):
        self.assertEqual(self.report("sales", days="x").status_code, 200)

    def test_stock_shows_what_is_nearly_gone(self):
        rows = self.report("stock").context["rows"]
        self.assertEqual([row["name"] for row in rows], [self.vase.name, self.lamp.name])
        self.assertEqual(rows[0]["brand"], "Rask")

    def test_packing_shows_paid_orders(self):
        parcels = self.report("packing").context["parcels"]
        self.assertEqual([parcel["order"] for parcel in parcels], [self.order])
        self.assertEqual(
            parcels[0]["contents"],
            [
                {
                    "sku": self.lamp.sku,
                    "name": self.lamp.name,
                    "quantity": 2,
                    "order": self.order.number,
                }
            ],
        )

    def test_customers_by_what_they_spent(self):
        rows = self.report("customers").context["rows"]
        self.assertEqual(rows[0]["email"], "robin@example.com")
        self.assertEqual(rows[0]["orders"], 1)

    def test_best_sellers(self):
        page = self.report("best-sellers")
        self.assertEqual(
            [row["product__name"] for row in page.context["rows"]], [self.lamp.name, self.vase.name]
        )
        self.assertContains(page, "84.2%")

    def test_orders_as_csv(self):
        rows = self.table("orders-csv", days=3)
        self.assertEqual(rows[0]["number"], self.order.number)
        self.assertEqual(rows[0]["coupon"], "TEN")
        self.assertEqual(rows[0]["items"], "2")
        self.assertEqual(len(rows), 2)

    def test_products_as_csv(self):
        rows = self.table("products-csv", category="lamps")
        self.assertEqual([row["tags"] for row in rows], ["Gift", ""])
        self.assertEqual(rows[0]["category"], "Lamps")


class AdminTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.staff)
        make_order(self.customer, self.lamp)
        cart = Cart.objects.create(customer=self.customer)
        CartLine.objects.create(cart=cart, product=self.lamp, quantity=2)
        Review.objects.create(
            product=self.lamp,
            customer=self.customer,
            rating=5,
            title="Warm",
            created_at=timezone.now(),
        )

    def test_lists_open(self):
        for name in ("orders_order", "catalogue_product", "catalogue_category", "reviews_review"):
            with self.subTest(name):
                page = self.client.get(reverse(f"admin:{name}_changelist"))
                self.assertEqual(page.status_code, 200)

    def test_the_cart_list_shows_totals(self):
        self.assertContains(self.client.get(reverse("admin:cart_cart_changelist")), "160.00")

    def test_ships_chosen_orders(self):
        order = Order.objects.get()
        self.client.post(
            reverse("admin:orders_order_changelist"),
            {"action": "ship", "_selected_action": [order.pk]},
        )
        order.refresh_from_db()
        self.assertEqual(order.status, Order.SHIPPED)

    def test_raises_prices(self):
        self.client.post(
            reverse("admin:catalogue_product_changelist"),
            {"action": "raise_prices", "_selected_action": [self.lamp.pk]},
        )
        self.lamp.refresh_from_db()
        self.assertEqual(float(self.lamp.price), 84.0)
