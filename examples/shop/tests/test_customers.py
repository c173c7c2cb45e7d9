from django.urls import reverse
from django.utils import timezone

from customers.models import Address, Customer, LoyaltyAccount
from customers.tasks import forget_inactive, upgrade_tiers
from reviews.models import Review, Vote

from .samples import ShopTestCase, make_coupon, make_order


class SigningInTests(ShopTestCase):
    def test_opens_an_account(self):
        answer = self.client.post(
            reverse("customers:join"),
            {
                "username": "kim",
                "first_name": "Kim",
                "last_name": "Vos",
                "email": "kim@example.com",
                "password1": "lighthouse-7",
                "password2": "lighthouse-7",
            },
        )
        self.assertRedirects(answer, reverse("customers:account"))
        self.assertEqual(Customer.objects.get(username="kim").display_name, "Kim Vos")

    def test_refuses_a_wrong_password(self):
        with self.assertLogs("customers.views", "WARNING") as logs:
            page = self.client.post(
                reverse("customers:login"),
                {"username": "robin", "password": "wrong"},
                headers={"X-Forwarded-For": "203.0.113.9, 10.0.0.1"},
            )
        self.assertContains(page, "correct username")
        self.assertIn("203.0.113.9", logs.output[0])

    def test_the_account_is_private(self):
        self.assertEqual(self.client.get(reverse("customers:account")).status_code, 302)


class AccountTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.customer)

    def test_sums_up(self):
        make_order(self.customer, self.lamp)
        make_order(self.customer, self.vase, status="cancelled")
        page = self.client.get(reverse("customers:account"))
        self.assertEqual(page.context["order_count"], 2)
        self.assertEqual(page.context["spent"], self.lamp.price)

    def test_lists_orders_with_lines_coupon_and_payment(self):
        make_order(self.customer, self.lamp, coupon=make_coupon("TEN", percent=10))
        make_order(self.customer, self.vase, quantity=2)
        make_order(self.staff, self.vase)
        history = self.client.get(reverse("customers:orders")).context["history"]
        self.assertEqual([order["coupon"] for order in history], ["", "TEN"])
        self.assertEqual([item["name"] for item in history[0]["items"]], [self.vase.name])
        self.assertEqual(history[1]["paid_by"], ["card"])

    def test_offers_to_buy_again_each_product_once(self):
        make_order(self.customer, self.lamp)
        make_order(self.customer, self.lamp)
        make_order(self.customer, self.vase)
        cards = self.client.get(reverse("customers:again")).context["cards"]
        self.assertCountEqual([card["id"] for card in cards], [self.lamp.pk, self.vase.pk])

    def test_changes_details_only(self):
        self.client.post(
            reverse("customers:details"),
            {"first_name": "Robyn", "last_name": "Bakker", "phone": "0612345678", "newsletter": "on"},
        )
        self.customer.refresh_from_db()
        self.assertEqual(self.customer.first_name, "Robyn")
        self.assertTrue(self.customer.newsletter)
        self.assertTrue(self.customer.check_password("harbour"))

    def test_a_new_default_address_replaces_the_old(self):
        self.customer.addresses.create(name="A", street="B", postcode="1", city="C", is_default=True)
        self.client.post(
            reverse("customers:add-address"),
            {
                "name": "Robin",
                "street": "Quay 1",
                "postcode": "2",
                "city": "D",
                "country": "Ireland",
                "is_default": "on",
            },
        )
        self.assertEqual(self.customer.addresses.get(is_default=True).street, "Quay 1")

    def test_deletes_only_own_addresses(self):
        values = {"name": "A", "street": "B", "postcode": "1", "city": "C"}
        own = self.customer.addresses.create(**values)
        other = self.staff.addresses.create(**values)
        url = "customers:delete-address"
        self.assertEqual(self.client.post(reverse(url, args=[other.pk])).status_code, 404)
        self.client.post(reverse(url, args=[own.pk]))
        self.assertEqual(Address.objects.get(), other)

    def test_tiers_follow_the_points(self):
        account = LoyaltyAccount.objects.create(customer=self.customer, points=2500)
        upgrade_tiers()
        account.refresh_from_db()
        self.assertEqual(account.tier, "driftwood")

    def test_forgets_inactive_customers_who_never_came(self):
        Customer.objects.create_user("ghost", is_active=False)
        forget_inactive()
        self.assertFalse(Customer.objects.filter(username="ghost").exists())


class ReviewTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.customer)

    def review(self, **values):
        return Review.objects.create(
            product=self.lamp,
            customer=self.customer,
            title="Warm",
            created_at=timezone.now(),
            **values,
        )

    def test_only_buyers_are_asked(self):
        url = self.lamp.get_absolute_url()
        self.assertNotContains(self.client.get(url), "Your opinion")
        make_order(self.customer, self.lamp)
        self.assertContains(self.client.get(url), "Your opinion")
        self.review(rating=4)
        self.assertNotContains(self.client.get(url), "Your opinion")

    def test_a_review_moves_the_rating(self):
        self.review(rating=3)
        self.client.post(
            reverse("reviews:add", args=[self.lamp.pk]), {"rating": 4, "title": "Good", "body": "Yes"}
        )
        self.lamp.refresh_from_db()
        self.assertEqual((float(self.lamp.rating), self.lamp.review_count), (3.5, 2))

    def test_a_review_without_title_is_refused(self):
        self.client.post(reverse("reviews:add", args=[self.lamp.pk]), {"rating": 4})
        self.assertFalse(Review.objects.exists())

    def test_a_vote_counts_once(self):
        review = self.review(rating=5)
        url = reverse("reviews:vote", args=[review.pk])
        self.client.post(url)
        self.client.post(url)
        review.refresh_from_db()
        self.assertEqual(review.helpful_count, 1)
        self.assertEqual(Vote.objects.get().customer, self.customer)

    def test_staff_approve(self):
        review = self.review(rating=1, is_approved=False)
        self.client.force_login(self.staff)
        self.assertContains(self.client.get(reverse("reviews:waiting")), "Warm")
        self.client.get(reverse("reviews:approve", args=[review.pk]))
        review.refresh_from_db()
        self.assertTrue(review.is_approved)
        self.lamp.refresh_from_db()
        self.assertEqual(self.lamp.review_count, 1)
