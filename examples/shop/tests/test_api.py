from django.urls import reverse
from django.utils import timezone

from reviews.models import Review

from .samples import ShopTestCase, make_order


class ApiTests(ShopTestCase):
    def test_lists_products(self):
        answer = self.client.get(reverse("api:products")).json()
        self.assertEqual(answer["count"], 2)
        first = answer["results"][0]
        self.assertEqual(first["sku"], self.lamp.sku)
        self.assertEqual(first["brand"], {"name": "Rask", "country": "Denmark"})
        self.assertEqual(first["tags"], ["gift"])

    def test_lists_products_in_parts(self):
        answer = self.client.get(reverse("api:products"), {"limit": 1, "offset": 1}).json()
        self.assertEqual([row["sku"] for row in answer["results"]], [self.vase.sku])

    def test_refuses_a_limit_that_is_no_number(self):
        self.assertEqual(self.client.get(reverse("api:products"), {"limit": "x"}).status_code, 400)

    def test_shows_a_product(self):
        answer = self.client.get(reverse("api:product", args=[self.lamp.slug])).json()
        self.assertTrue(answer["in_stock"])
        self.assertEqual(answer["category"], "Lamps")

    def test_lists_stock(self):
        answer = self.client.get(reverse("api:stock")).json()
        self.assertCountEqual([row["quantity"] for row in answer["results"]], [10, 3])

    def test_lists_brands_with_the_number_of_products(self):
        answer = self.client.get(reverse("api:brand-list")).json()
        self.assertEqual(answer[0]["products"], 2)

    def test_lists_approved_reviews(self):
        Review.objects.bulk_create(
            Review(
                product=self.lamp,
                customer=self.customer,
                rating=4,
                title="Warm",
                is_approved=approved,
                created_at=timezone.now(),
            )
            for approved in (True, False)
        )
        answer = self.client.get(reverse("api:review-list")).json()
        self.assertEqual([row["customer"] for row in answer["results"]], ["robin"])

    def test_orders_are_the_customers_own(self):
        order = make_order(self.customer, self.lamp)
        make_order(self.staff, self.vase)
        self.assertEqual(self.client.get(reverse("api:order-list")).status_code, 403)
        self.client.force_login(self.customer)
        answer = self.client.get(reverse("api:order-list")).json()
        self.assertEqual([row["number"] for row in answer["results"]], [order.number])
        self.assertEqual(answer["results"][0]["lines"][0]["sku"], self.lamp.sku)
