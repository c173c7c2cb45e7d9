from decimal import Decimal

from django.core import mail
from django.urls import reverse
from django.utils import timezone

from customers.models import Subscriber
from pages.models import Announcement
from reviews.models import Review

from .samples import ShopTestCase, make_order, make_product


class HomeTests(ShopTestCase):
    def test_shows_featured_products_with_brand_price_and_tags(self):
        page = self.client.get(reverse("pages:home"))
        self.assertContains(page, "Moss Oak Table Lamp")
        self.assertContains(page, "Rask")
        self.assertContains(page, "€80.00")
        self.assertEqual(page.context["cards"][0]["tags"], ["Gift"])
        self.assertEqual(page.context["cards"][0]["images"], [self.lamp.images.get().url])

    def test_ranks_what_sells_best_first(self):
        make_order(self.customer, self.vase, quantity=3)
        make_order(self.customer, self.lamp, quantity=1)
        page = self.client.get(reverse("pages:home"))
        names = [card["name"] for card in page.context["favourites"]]
        self.assertCountEqual(names[:2], [self.vase.name, self.lamp.name])

    def test_quotes_good_reviews(self):
        Review.objects.create(
            product=self.vase,
            customer=self.customer,
            rating=5,
            title="Lovely",
            body="Stands by the window.",
            created_at=timezone.now(),
        )
        page = self.client.get(reverse("pages:home"))
        self.assertContains(page, "Stands by the window.")
        self.assertContains(page, "Robin Bakker")

    def test_shows_the_announcement(self):
        Announcement.objects.create(text="Closed on Monday")
        self.assertContains(self.client.get(reverse("pages:home")), "Closed on Monday")

    def test_works_in_an_empty_shop(self):
        self.lamp.order_lines.all().delete()
        self.brand.products.update(is_active=False)
        self.assertContains(self.client.get(reverse("pages:home")), "being filled")


class SearchTests(ShopTestCase):
    def search(self, words):
        return self.client.get(reverse("pages:search"), {"q": words})

    def test_finds_by_every_word(self):
        names = [card["name"] for card in self.search("oak lamp").context["cards"]]
        self.assertEqual(names, ["Moss Oak Table Lamp"])

    def test_finds_by_brand(self):
        self.assertEqual(self.search("rask").context["total"], 2)

    def test_marks_the_words(self):
        self.assertContains(self.search("vase"), "<mark>Vase</mark>")

    def test_says_when_nothing_is_found(self):
        self.assertContains(self.search("submarine"), "Nothing found")

    def test_suggests_names(self):
        answer = self.client.get(reverse("catalogue:suggest"), {"q": "moss"})
        self.assertEqual(answer.json(), {"names": ["Moss Oak Table Lamp"]})

    def test_suggests_nothing_for_one_letter(self):
        answer = self.client.get(reverse("catalogue:suggest"), {"q": "m"})
        self.assertEqual(answer.json(), {"names": []})


class CatalogueTests(ShopTestCase):
    def test_a_category_holds_what_its_children_hold(self):
        page = self.client.get(self.living.get_absolute_url())
        self.assertEqual(page.context["total"], 2)
        self.assertContains(page, "Lamps")

    def test_a_category_shows_stock(self):
        page = self.client.get(self.lamps.get_absolute_url())
        self.assertContains(page, "Only 3 left")
        self.assertContains(page, "In stock")

    def test_sorts_by_price(self):
        page = self.client.get(self.lamps.get_absolute_url(), {"sort": "price"})
        prices = [card["price"] for card in page.context["cards"]]
        self.assertEqual(prices, [Decimal("30.00"), Decimal("80.00")])

    def test_filters_by_tag_and_brand(self):
        page = self.client.get(self.lamps.get_absolute_url(), {"tag": "gift", "brand": "rask"})
        self.assertEqual([card["name"] for card in page.context["cards"]], [self.lamp.name])

    def test_survives_a_strange_page_number_and_sort(self):
        page = self.client.get(self.lamps.get_absolute_url(), {"page": "x", "sort": "y"})
        self.assertEqual(page.status_code, 200)

    def test_turns_pages(self):
        make_many = [make_product(self, f"Lamp {number}", "10.00") for number in range(25)]
        page = self.client.get(self.lamps.get_absolute_url(), {"page": 2})
        self.assertEqual(len(page.context["cards"]), len(make_many) + 2 - 24)
        self.assertContains(page, "Page 2 of 2")

    def test_an_unknown_category_is_not_found(self):
        answer = self.client.get(reverse("catalogue:category", args=["nowhere"]))
        self.assertEqual(answer.status_code, 404)

    def test_the_product_page(self):
        page = self.client.get(self.lamp.get_absolute_url())
        self.assertContains(page, "Put in the cart")
        self.assertContains(page, self.lamp.sku)
        self.assertEqual([card["name"] for card in page.context["similar"]], [self.vase.name])

    def test_a_sold_out_product_cannot_be_ordered(self):
        chair = make_product(self, "Sold Chair", "10.00", stock=0)
        page = self.client.get(chair.get_absolute_url())
        self.assertContains(page, "Sold out")
        self.assertNotContains(page, "Put in the cart")

    def test_a_hidden_product_is_not_found(self):
        hidden = make_product(self, "Old Lamp", "10.00", is_active=False)
        self.assertEqual(self.client.get(hidden.get_absolute_url()).status_code, 404)

    def test_the_brand_page(self):
        self.assertContains(self.client.get(self.brand.get_absolute_url()), self.vase.name)

    def test_an_unknown_brand_leads_to_all_brands(self):
        answer = self.client.get(reverse("catalogue:brand", args=["nobody"]))
        self.assertRedirects(answer, reverse("catalogue:brands"))

    def test_new_arrivals(self):
        self.assertContains(self.client.get(reverse("catalogue:new")), self.lamp.name)

    def test_the_sale_shows_only_reduced_products(self):
        reduced = make_product(self, "Cheap Lamp", "8.00", compare_price=Decimal("10.00"))
        page = self.client.get(reverse("catalogue:sale"))
        self.assertEqual([card["name"] for card in page.context["cards"]], [reduced.name])
        self.assertContains(page, "20%")

    def test_a_surprise_is_some_product(self):
        answer = self.client.get("/surprise/")
        self.assertIn(answer.url, [self.lamp.get_absolute_url(), self.vase.get_absolute_url()])


class SmallPagesTests(ShopTestCase):
    def test_the_sitemap_names_categories_and_brands(self):
        page = self.client.get(reverse("pages:sitemap"))
        self.assertContains(page, "Lamps")
        self.assertContains(page, "Rask")

    def test_the_sitemap_for_robots(self):
        self.assertContains(
            self.client.get(reverse("pages:sitemap-xml")), self.lamp.get_absolute_url()
        )

    def test_delivery_and_robots_and_health(self):
        self.assertContains(self.client.get(reverse("pages:delivery")), "GBP")
        self.assertContains(self.client.get(reverse("robots")), "Disallow")
        self.assertEqual(self.client.get(reverse("health")).json(), {"status": "ok"})

    def test_artwork_is_the_same_every_time(self):
        url = reverse("pages:artwork", args=["vase", 12])
        first = self.client.get(url)
        self.assertEqual(first["Content-Type"], "image/svg+xml")
        self.assertEqual(first.content, self.client.get(url).content)

    def test_the_newsletter_welcomes_once(self):
        url = reverse("pages:newsletter")
        self.client.post(url, {"email": "Kim@example.com"})
        self.assertEqual(Subscriber.objects.get().email, "kim@example.com")
        self.assertEqual(len(mail.outbox), 1)

    def test_the_newsletter_refuses_nonsense(self):
        self.client.post(reverse("pages:newsletter"), {"email": "nonsense"})
        self.assertFalse(Subscriber.objects.exists())
