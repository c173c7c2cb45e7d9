from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from django.utils import timezone

from cart.models import Cart, CartLine
from cart.tasks import drop_stale_carts, remind_abandoned_carts
from orders import pricing

from .samples import ShopTestCase, make_coupon, make_order


class CartTests(ShopTestCase):
    def add(self, product, quantity=1):
        return self.client.post(reverse("cart:add", args=[product.pk]), {"quantity": quantity})

    def test_is_empty_at_first(self):
        self.assertContains(self.client.get(reverse("cart:detail")), "nothing in it yet")

    def test_adding_leads_to_the_cart(self):
        self.assertRedirects(self.add(self.lamp, 2), reverse("cart:detail"))
        page = self.client.get(reverse("cart:detail"))
        self.assertContains(page, self.lamp.name)
        self.assertContains(page, "€160.00")
        self.assertEqual(page.context["cart_items"], 2)

    def test_adding_again_raises_the_quantity(self):
        self.add(self.lamp, 2)
        self.add(self.lamp, 3)
        self.assertEqual(CartLine.objects.get().quantity, 5)

    def test_twenty_is_the_most(self):
        self.add(self.lamp, 15)
        self.add(self.lamp, 15)
        self.assertEqual(CartLine.objects.get().quantity, 20)

    def test_a_script_gets_the_number_of_items(self):
        answer = self.client.post(
            reverse("cart:add", args=[self.vase.pk]), headers={"X-Requested-With": "XMLHttpRequest"}
        )
        self.assertEqual(answer.json(), {"items": 1})

    def test_changing_a_quantity(self):
        self.add(self.lamp)
        line = CartLine.objects.get()
        self.client.post(reverse("cart:update", args=[line.pk]), {"quantity": 4})
        self.assertEqual(CartLine.objects.get().quantity, 4)

    def test_a_quantity_of_nothing_removes_the_line(self):
        self.add(self.lamp)
        line = CartLine.objects.get()
        self.client.post(reverse("cart:update", args=[line.pk]), {"quantity": 0})
        self.assertFalse(CartLine.objects.exists())

    def test_a_quantity_that_is_no_number_changes_nothing(self):
        self.add(self.lamp)
        line = CartLine.objects.get()
        self.client.post(reverse("cart:update", args=[line.pk]), {"quantity": "many"})
        self.assertEqual(CartLine.objects.get().quantity, 1)

    def test_removing_and_emptying(self):
        self.add(self.lamp)
        self.add(self.vase)
        line = CartLine.objects.get(product=self.lamp)
        self.client.get(reverse("cart:remove", args=[line.pk]))
        self.assertEqual(CartLine.objects.get().product_id, self.vase.pk)
        self.client.post(reverse("cart:empty"))
        self.assertFalse(CartLine.objects.exists())

    def test_nobody_changes_another_cart(self):
        other = Cart.objects.create(customer=self.staff)
        line = CartLine.objects.create(cart=other, product=self.lamp)
        answer = self.client.post(reverse("cart:update", args=[line.pk]), {"quantity": 9})
        self.assertEqual(answer.status_code, 404)

    def test_survives_signing_in(self):
        self.add(self.lamp, 2)
        self.client.post(reverse("customers:login"), {"username": "robin", "password": "harbour"})
        page = self.client.get(reverse("cart:detail"))
        self.assertContains(page, self.lamp.name)
        self.assertEqual(Cart.objects.get().customer, self.customer)

    def test_signing_in_joins_both_carts(self):
        own = Cart.objects.create(customer=self.customer)
        CartLine.objects.create(cart=own, product=self.lamp, quantity=1)
        self.add(self.lamp, 2)
        self.client.post(reverse("customers:login"), {"username": "robin", "password": "harbour"})
        self.assertEqual(CartLine.objects.get().quantity, 3)

    def test_the_total(self):
        cart = Cart.objects.create(customer=self.customer)
        CartLine.objects.create(cart=cart, product=self.lamp, quantity=2)
        CartLine.objects.create(cart=cart, product=self.vase, quantity=1)
        self.assertEqual(cart.total, Decimal("190.00"))


class PricingTests(ShopTestCase):
    def test_delivery_is_free_above_the_limit(self):
        self.assertEqual(pricing.totals(Decimal("75"))["shipping"], 0)
        self.assertEqual(pricing.totals(Decimal("74.99"))["total"], Decimal("79.94"))


class CouponTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.customer)
        self.client.post(reverse("cart:add", args=[self.vase.pk]), {"quantity": 2})

    def apply(self, code):
        return self.client.post(reverse("cart:coupon"), {"code": code}, follow=True)

    def test_takes_a_percentage_off(self):
        make_coupon("TEN", percent=10)
        page = self.apply("ten")
        self.assertContains(page, "Coupon TEN is applied.")
        self.assertEqual(page.context["totals"]["discount"], Decimal("6.00"))

    def test_takes_an_amount_off(self):
        make_coupon("FIVE", amount=Decimal("5"))
        self.assertEqual(self.apply("FIVE").context["totals"]["discount"], Decimal("5"))

    def test_refuses_an_unknown_code(self):
        self.assertContains(self.apply("NOPE"), "There is no coupon NOPE.")

    def test_refuses_an_expired_coupon(self):
        make_coupon("OLD", percent=10, ends_at=timezone.now() - timedelta(hours=1))
        self.assertContains(self.apply("OLD"), "not valid today")

    def test_refuses_a_coupon_used_up(self):
        make_coupon("FEW", percent=10, usage_limit=1, used=1)
        self.assertContains(self.apply("FEW"), "has been used up")

    def test_refuses_a_small_order(self):
        make_coupon("BIG", percent=10, minimum=Decimal("100"))
        self.assertContains(self.apply("BIG"), "at least €100")

    def test_refuses_a_second_use(self):
        coupon = make_coupon("ONCE", percent=10)
        make_order(self.customer, self.lamp, coupon=coupon)
        self.assertContains(self.apply("ONCE"), "before")

    def test_can_be_taken_back(self):
        make_coupon("TEN", percent=10)
        self.apply("TEN")
        self.assertEqual(self.apply("").context["totals"]["discount"], 0)


class CartTaskTests(ShopTestCase):
    def test_reminds_customers_of_old_carts(self):
        cart = Cart.objects.create(customer=self.customer)
        Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(days=5))
        self.assertEqual(remind_abandoned_carts(), 1)

    def test_drops_stale_anonymous_carts(self):
        cart = Cart.objects.create(session_key="abc")
        Cart.objects.filter(pk=cart.pk).update(updated_at=timezone.now() - timedelta(days=200))
        drop_stale_carts()
        self.assertFalse(Cart.objects.exists())
