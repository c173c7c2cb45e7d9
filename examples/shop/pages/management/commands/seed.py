import random
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from cart.models import Cart, CartLine
from catalogue.models import Brand, Category, PriceChange, Product, ProductImage, Tag
from customers.models import Address, Customer, LoyaltyAccount, Subscriber
from orders.models import Coupon, Order, OrderLine, Payment, Stock, StockMovement
from pages import seedwords as words
from pages.models import Announcement
from reviews.models import Review, Vote

BATCH = 500
PASSWORD = "harbour"


class Command(BaseCommand):
    help = "Fill an empty shop with products, customers, orders and reviews; the same seed gives the same shop."

    def add_arguments(self, parser):
        parser.add_argument("--products", type=int, default=2000)
        parser.add_argument("--customers", type=int, default=400)
        parser.add_argument("--orders", type=int, default=3000)
        parser.add_argument("--reviews", type=int, help="default: four for each product")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--until", help="everything happened before this day, YYYY-MM-DD; default: today")
        parser.add_argument("--replace", action="store_true", help="empty the shop first")

    def handle(self, *args, **options):
        for name in ("products", "customers"):
            if options[name] < 1:
                raise CommandError(f"--{name} must be at least 1, got {options[name]}.")
        if options["reviews"] is None:
            options["reviews"] = 4 * options["products"]
        for name in ("orders", "reviews"):
            if options[name] < 0:
                raise CommandError(f"--{name} must not be negative, got {options[name]}.")
        self.now = start_of(options["until"])
        self.chance = random.Random(options["seed"])
        if options["replace"]:
            call_command("flush", interactive=False, verbosity=0)
        elif Product.objects.exists() or Customer.objects.exists():
            raise CommandError("The shop is not empty. Run again with --replace to empty it first.")
        with transaction.atomic():
            self.opinions = self.plan_reviews(
                options["reviews"], options["products"], options["customers"]
            )
            self.make_catalogue(options["products"])
            self.make_customers(options["customers"])
            self.make_orders(options["orders"])
            self.make_reviews()
        self.stdout.write(
            f"{len(self.products)} products, {len(self.customers)} customers, "
            f"{options['orders']} orders, {len(self.opinions)} reviews. "
            f'Sign in as "demo" or "staff", password "{PASSWORD}".'
        )

    def moment(self, days, bias=1.0):
        """Some time in the last *days*; a *bias* above 1 prefers the recent ones."""
        back = self.chance.random() ** bias * days * 86_400
        return self.now - timedelta(seconds=int(back))

    def make_catalogue(self, count):
        chance = self.chance
        brands = Brand.objects.bulk_create(
            Brand(
                name=name,
                slug=slugify(name),
                country=country,
                about=f"{name} has worked from {country} since {chance.randrange(1890, 2018)}.",
            )
            for name, country in words.BRANDS
        )
        tags = Tag.objects.bulk_create(Tag(name=name, slug=slugify(name)) for name in words.TAGS)
        tops = Category.objects.bulk_create(
            Category(name=name, slug=slugify(name), artwork=artwork, blurb=blurb, position=place)
            for place, (name, (artwork, blurb, _)) in enumerate(words.CATEGORIES.items())
        )
        leaves = []
        kinds = []
        for top in tops:
            for name, (artwork, things, prices) in words.CATEGORIES[top.name][2].items():
                leaves.append(
                    Category(
                        name=name,
                        slug=slugify(name),
                        parent=top,
                        artwork=artwork,
                        blurb=f"{name} from makers we know by name.",
                        position=len(leaves),
                    )
                )
                kinds.append((words.MATERIALS[top.name], things, prices))
        Category.objects.bulk_create(leaves)

        ratings = {}
        for place, _, rating, approved in self.opinions:
            if approved:
                ratings.setdefault(place, []).append(rating)

        products = []
        for number in range(count):
            given = ratings.get(number, [])
            place = number % len(leaves) if number < len(leaves) else chance.randrange(len(leaves))
            materials, things, (low, high) = kinds[place]
            name = " ".join(
                [chance.choice(words.LINES), chance.choice(materials), chance.choice(things)]
            )
            price = Decimal(int(low + (high - low) * chance.random() ** 2)) + Decimal("0.95")
            reduced = chance.random() < 0.18
            products.append(
                Product(
                    name=name,
                    slug=f"{slugify(name)}-{number + 1}",
                    sku=f"HH{number + 1:06d}",
                    category=leaves[place],
                    brand=chance.choice(brands),
                    description=" ".join(chance.sample(words.SENTENCES, 4)),
                    price=price,
                    compare_price=round(price * Decimal("1.25"), 2) if reduced else None,
                    is_active=number < len(leaves) or chance.random() < 0.97,
                    is_featured=number < 8 or chance.random() < 0.03,
                    rating=round(Decimal(sum(given)) / len(given), 2) if given else 0,
                    review_count=len(given),
                    created_at=self.moment(700),
                )
            )
        self.products = Product.objects.bulk_create(products, batch_size=BATCH)

        pictures, labels, stock, prices = [], [], [], []
        for product in self.products:
            artwork = product.category.artwork
            for position in range(chance.choice([1, 2, 2, 3, 4])):
                pictures.append(
                    ProductImage(
                        product=product,
                        artwork=artwork,
                        seed=product.pk * 10 + position,
                        alt=product.name,
                        position=position,
                    )
                )
            for tag in chance.sample(tags, chance.choice([1, 2, 2, 3])):
                labels.append(Product.tags.through(product_id=product.pk, tag_id=tag.pk))
            stock.append(
                Stock(
                    product=product,
                    quantity=chance.choice([0, 3, 8, 15, 30, 60, 90, 140]),
                    shelf=f"{chance.choice('ABCDEFGH')}{chance.randrange(1, 40):02d}",
                )
            )
            if product.compare_price:
                prices.append(
                    PriceChange(
                        product=product, price=float(product.price), changed_at=self.moment(90)
                    )
                )
        ProductImage.objects.bulk_create(pictures, batch_size=BATCH)
        Product.tags.through.objects.bulk_create(labels, batch_size=BATCH)
        Stock.objects.bulk_create(stock, batch_size=BATCH)
        PriceChange.objects.bulk_create(prices, batch_size=BATCH)
        Announcement.objects.create(text="Free delivery from €75, and thirty days to change your mind.")

    def make_customers(self, count):
        chance = self.chance
        password = make_password(PASSWORD, salt="hearthandharbour")
        customers = [
            Customer(
                username="demo",
                first_name="Robin",
                last_name="Demo",
                email="demo@example.com",
                password=password,
                date_joined=self.now - timedelta(days=600),
            ),
            Customer(
                username="staff",
                first_name="Sam",
                last_name="Staff",
                email="staff@example.com",
                password=password,
                is_staff=True,
                is_superuser=True,
                date_joined=self.now - timedelta(days=700),
            ),
        ]
        for number in range(count - 1):
            first, last = chance.choice(words.FIRST_NAMES), chance.choice(words.LAST_NAMES)
            login = slugify(f"{first} {last}").replace("-", ".") + str(number + 1)
            customers.append(
                Customer(
                    username=login,
                    first_name=first,
                    last_name=last,
                    email=f"{login}@example.com",
                    password=password,
                    newsletter=chance.random() < 0.4,
                    phone=f"06{chance.randrange(10**7, 10**8)}" if chance.random() < 0.6 else None,
                    date_joined=self.moment(650),
                )
            )
        customers = Customer.objects.bulk_create(customers, batch_size=BATCH)
        self.customers = [customer for customer in customers if not customer.is_staff]
        addresses = []
        for customer in self.customers:
            city, country = chance.choice(words.CITIES)
            addresses.append(
                Address(
                    customer=customer,
                    name=customer.get_full_name(),
                    street=f"{chance.choice(words.STREETS)} {chance.randrange(1, 190)}",
                    postcode=f"{chance.randrange(1000, 9999)} {chance.choice('ABCDEFG')}{chance.choice('HJKLMNP')}",
                    city=city,
                    country=country,
                    is_default=True,
                )
            )
        self.addresses = Address.objects.bulk_create(addresses, batch_size=BATCH)
        Subscriber.objects.bulk_create(
            [Subscriber(email=customer.email) for customer in self.customers if customer.newsletter],
            batch_size=BATCH,
        )

    def make_orders(self, count):
        chance = self.chance
        year_ago = self.now - timedelta(days=365)
        coupons = Coupon.objects.bulk_create(
            [
                Coupon(code="WELCOME10", percent=10, starts_at=year_ago),
                Coupon(code="HARBOUR5", amount=Decimal("5"), minimum=Decimal("40"), starts_at=year_ago),
                Coupon(code="WINTER20", percent=20, minimum=Decimal("100"), starts_at=year_ago),
                Coupon(
                    code="OLDTIDE", percent=15, starts_at=year_ago, ends_at=year_ago + timedelta(days=30)
                ),
            ]
        )
        favourites = [product for product in self.products if product.is_active]
        chance.shuffle(favourites)
        orders, contents = [], []
        for number in range(count):
            # the demo customer has a long history, and a few others order far more than the rest
            if number % max(1, count // 40) == 0:
                buyer = 0
            else:
                buyer = int(len(self.customers) * chance.random() ** 1.6)
            created_at = self.moment(540, bias=1.3)
            lines = []
            for _ in range(chance.choice([1, 1, 2, 2, 3, 4, 5])):
                product = favourites[int(len(favourites) * chance.random() ** 2.5)]
                if product.pk not in {line[0].pk for line in lines}:
                    lines.append((product, chance.choice([1, 1, 1, 2, 3])))
            subtotal = sum(product.price * quantity for product, quantity in lines)
            coupon = chance.choice(coupons) if chance.random() < 0.35 else None
            discount = Decimal("0")
            if coupon is not None:
                discount = min(coupon.amount, subtotal) or round(subtotal * coupon.percent / 100, 2)
            shipping = Decimal("0" if subtotal - discount >= settings.FREE_SHIPPING_FROM else settings.SHIPPING_COST)
            age = (self.now - created_at).days
            if chance.random() < 0.06:
                status = Order.CANCELLED
            elif age > 6:
                status = Order.SHIPPED
            else:
                status = chance.choice([Order.PAID, Order.PAID, Order.PAID, Order.NEW])
            orders.append(
                Order(
                    number=f"HH-{number + 1:08d}",
                    customer=self.customers[buyer],
                    status=status,
                    coupon=coupon,
                    ship_to=str(self.addresses[buyer]),
                    subtotal=subtotal,
                    discount=discount,
                    shipping=shipping,
                    total=subtotal - discount + shipping,
                    created_at=created_at,
                    shipped_at=created_at + timedelta(days=2) if status == Order.SHIPPED else None,
                )
            )
            contents.append(lines)
        Order.objects.bulk_create(orders, batch_size=BATCH)

        lines, payments, movements = [], [], []
        points = {customer.pk: 0 for customer in self.customers}
        for order, bought in zip(orders, contents):
            for product, quantity in bought:
                lines.append(
                    OrderLine(
                        order=order,
                        product=product,
                        product_name=product.name,
                        unit_price=product.price,
                        quantity=quantity,
                    )
                )
                if order.status == Order.SHIPPED:
                    movements.append(
                        StockMovement(product=product, delta=-quantity, reason=f"Order {order.number}")
                    )
            points[order.customer_id] += int(order.total)
            if order.status != Order.NEW:
                payments.append(
                    Payment(
                        order=order,
                        provider=chance.choice(["card", "card", "ideal", "paypal"]),
                        amount=order.total,
                        status="refunded" if order.status == Order.CANCELLED else "captured",
                        reference=f"test-{order.number}",
                        created_at=order.created_at,
                    )
                )
        OrderLine.objects.bulk_create(lines, batch_size=BATCH)
        Payment.objects.bulk_create(payments, batch_size=BATCH)
        StockMovement.objects.bulk_create(movements, batch_size=BATCH)
        LoyaltyAccount.objects.bulk_create(
            [
                LoyaltyAccount(
                    customer_id=pk,
                    points=total,
                    tier="driftwood" if total > 2000 else "oak" if total > 500 else "pine",
                )
                for pk, total in points.items()
            ],
            batch_size=BATCH,
        )
        carts = Cart.objects.bulk_create(
            [Cart(customer=customer) for customer in self.customers[1::9]], batch_size=BATCH
        )
        CartLine.objects.bulk_create(
            [
                CartLine(cart=cart, product=product, quantity=chance.choice([1, 1, 2]))
                for cart in carts
                for product in chance.sample(favourites, min(3, len(favourites)))
            ],
            batch_size=BATCH,
        )

    def plan_reviews(self, count, products, customers):
        """Who rates what, as (product, customer, rating, approved), by their places in the lists."""
        chance = self.chance
        plan = {}
        for _ in range(count):
            pair = int(products * chance.random() ** 1.2), chance.randrange(customers)
            rating = chance.choices([5, 4, 3, 2, 1], [46, 31, 12, 6, 5])[0]
            plan[pair] = (rating, chance.random() < 0.985)
        return [(*pair, *opinion) for pair, opinion in plan.items()]

    def make_reviews(self):
        chance = self.chance
        reviews = []
        for product, customer, rating, approved in self.opinions:
            titles, sentences = words.REVIEWS[rating]
            reviews.append(
                Review(
                    product=self.products[product],
                    customer=self.customers[customer],
                    rating=rating,
                    title=chance.choice(titles),
                    body=" ".join(chance.sample(sentences, min(2, len(sentences)))),
                    is_approved=approved,
                    helpful_count=min(chance.choice([0, 0, 0, 1, 2, 3]), len(self.customers)),
                    created_at=self.moment(500),
                )
            )
        Review.objects.bulk_create(reviews, batch_size=BATCH)
        votes = []
        for review in reviews:
            for customer in chance.sample(self.customers, review.helpful_count):
                votes.append(Vote(review=review, customer=customer))
        Vote.objects.bulk_create(votes, batch_size=BATCH)


def start_of(day):
    """Local midnight at which *day* begins; without a day, today."""
    try:
        date = datetime.strptime(day, "%Y-%m-%d") if day else timezone.localtime()
    except ValueError:
        raise CommandError(f"--until must be a day such as 2026-03-31, got {day!r}.") from None
    return timezone.make_aware(datetime(date.year, date.month, date.day))
