from decimal import Decimal

from django.core import mail
from django.urls import reverse

from cart.models import CartLine
from customers.models import LoyaltyAccount
from orders.models import Order, OrderLine, Payment, Stock, StockMovement
from orders.tasks import recount_reserved, reorder_report, ship_order

from .samples import ShopTestCase, make_coupon, make_order

ADDRESS = {
    "name": "Robin Bakker",
    "street": "Quay 1",
    "postcode": "1234 AB",
    "city": "Amsterdam",
    "country": "Netherlands",
    "card": "4242 4242 4242 4242",
}


class CheckoutTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.client.force_login(self.customer)

    def fill(self, *products, quantity=1):
        for product in products:
            self.client.post(reverse("cart:add", args=[product.pk]), {"quantity": quantity})

    def pay(self, **changes):
        return self.client.post(reverse("orders:checkout"), ADDRESS | changes)

    def test_asks_to_sign_in(self):
        self.client.logout()
        answer = self.client.get(reverse("orders:checkout"))
        self.assertIn(reverse("customers:login"), answer.url)

    def test_an_empty_cart_leads_back_to_the_cart(self):
        self.assertRedirects(self.client.get(reverse("orders:checkout")), reverse("cart:detail"))

    def test_shows_what_will_be_paid(self):
        self.fill(self.lamp, self.vase)
        self.assertContains(self.client.get(reverse("orders:checkout")), "Pay €110.00")

    def test_fills_in_the_known_address(self):
        self.customer.addresses.create(
            name="Robin", street="Molenweg 4", postcode="9", city="Utrecht", is_default=True
        )
        self.fill(self.lamp)
        self.assertContains(self.client.get(reverse("orders:checkout")), "Molenweg 4")

    def test_places_an_order(self):
        self.fill(self.lamp, self.vase, quantity=2)
        answer = self.pay(note="Ring twice")
        order = Order.objects.get()
        self.assertRedirects(answer, reverse("orders:thanks", args=[order.number]))
        self.assertEqual(order.status, Order.PAID)
        self.assertEqual(order.total, Decimal("220.00"))
        self.assertEqual(order.note, "Ring twice")
        self.assertIn("Quay 1", order.ship_to)
        lines = OrderLine.objects.filter(order=order).order_by("pk")
        self.assertEqual(
            [(line.product_name, line.quantity, line.unit_price) for line in lines],
            [(self.lamp.name, 2, self.lamp.price), (self.vase.name, 2, self.vase.price)],
        )
        self.assertEqual(Payment.objects.get().amount, Decimal("220.00"))

    def test_empties_the_cart(self):
        self.fill(self.lamp)
        self.pay()
        self.assertFalse(CartLine.objects.exists())

    def test_takes_from_the_stock(self):
        self.fill(self.lamp, quantity=4)
        self.pay()
        self.assertEqual(Stock.objects.get(product=self.lamp).quantity, 6)

    def test_refuses_more_than_there_is(self):
        self.fill(self.vase, quantity=4)
        self.assertContains(self.pay(), "Only 3 left")
        self.assertFalse(Order.objects.exists())

    def test_a_refused_card_leaves_no_order(self):
        self.fill(self.lamp)
        self.assertContains(self.pay(card="4000 0000 0000 0002"), "The card was refused.")
        self.assertFalse(Order.objects.exists())
        self.assertEqual(Stock.objects.get(product=self.lamp).quantity, 10)
        self.assertEqual(CartLine.objects.get().product_id, self.lamp.pk)

    def test_a_missing_street_is_asked_for(self):
        self.fill(self.lamp)
        self.assertContains(self.pay(street=""), "This field is required.")

    def test_uses_the_coupon(self):
        coupon = make_coupon("TEN", percent=10)
        self.fill(self.lamp)
        self.client.post(reverse("cart:coupon"), {"code": "TEN"})
        self.pay()
        order = Order.objects.get()
        self.assertEqual(order.discount, Decimal("8.00"))
        self.assertEqual(order.total, Decimal("76.95"))
        coupon.refresh_from_db()
        self.assertEqual(coupon.used, 1)

    def test_confirms_by_mail(self):
        self.fill(self.lamp)
        self.pay()
        self.assertIn(self.lamp.name, mail.outbox[0].body)
        self.assertEqual(mail.outbox[0].to, ["robin@example.com"])

    def test_earns_points(self):
        self.fill(self.lamp, quantity=8)
        self.pay()
        account = LoyaltyAccount.objects.get(customer=self.customer)
        self.assertEqual((account.points, account.tier), (640, "oak"))


class OrderPageTests(ShopTestCase):
    def setUp(self):
        super().setUp()
        self.order = make_order(self.customer, self.lamp, quantity=2)
        self.client.force_login(self.customer)

    def test_shows_the_order(self):
        page = self.client.get(self.order.get_absolute_url())
        self.assertContains(page, self.lamp.name)
        self.assertContains(page, "€160.00")
        self.assertContains(page, "Rask")

    def test_is_hidden_from_others_but_not_from_staff(self):
        stranger = make_order(self.staff, self.vase)
        self.assertEqual(self.client.get(stranger.get_absolute_url()).status_code, 404)
        self.client.force_login(self.staff)
        self.assertEqual(self.client.get(self.order.get_absolute_url()).status_code, 200)

    def test_can_be_cancelled_and_goes_back_in_stock(self):
        self.client.get(reverse("orders:cancel", args=[self.order.number]))
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, Order.CANCELLED)
        self.assertEqual(Stock.objects.get(product=self.lamp).quantity, 12)
        self.assertEqual(self.order.payments.get().status, "refunded")

    def test_cannot_be_cancelled_once_shipped(self):
        Order.objects.filter(pk=self.order.pk).update(status=Order.SHIPPED)
        self.client.get(reverse("orders:cancel", args=[self.order.number]))
        self.order.refresh_from_db()
        self.assertEqual(self.order.status, Order.SHIPPED)

    def test_keeps_a_note_and_the_time_of_the_change(self):
        before = self.order.updated_at
        self.client.post(reverse("orders:note", args=[self.order.number]), {"note": "Backdoor"})
        self.order.refresh_from_db()
        self.assertEqual(self.order.note, "Backdoor")
        self.assertGreater(self.order.updated_at, before)

    def test_saves_a_number_of_its_own(self):
        self.assertRegex(self.order.number, r"^HH-\w{8}$")


class OrderTaskTests(ShopTestCase):
    def test_shipping_marks_the_order_and_books_the_stock(self):
        order = make_order(self.customer, self.lamp, quantity=3)
        before = order.updated_at
        ship_order(order.pk)
        order.refresh_from_db()
        self.assertEqual(order.status, Order.SHIPPED)
        self.assertIsNotNone(order.shipped_at)
        self.assertGreater(order.updated_at, before)
        movement = StockMovement.objects.get()
        self.assertEqual((movement.product, movement.delta), (self.lamp, -3))

    def test_reports_what_to_reorder(self):
        self.assertEqual(reorder_report(), [f"{self.vase.sku} {self.vase.name}: 3 left"])

    def test_recounts_reservations(self):
        make_order(self.customer, self.vase)
        recount_reserved()
        self.assertEqual(Stock.objects.get(product=self.vase).reserved, 1)
