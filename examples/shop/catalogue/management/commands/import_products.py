import csv
from decimal import Decimal

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.text import slugify

from catalogue.models import Brand, Category, PriceChange, Product, ProductImage, Tag
from orders.models import Stock


class Command(BaseCommand):
    help = "Read products from a supplier's CSV file: sku, name, brand, category, price, stock, tags."

    def add_arguments(self, parser):
        parser.add_argument("path")
        parser.add_argument("--tag", help="put this tag on every product of the file")

    def handle(self, *args, path, tag, **options):
        with open(path, newline="") as file:
            rows = list(csv.DictReader(file))

        imported = []
        for row in rows:
            brand, _ = Brand.objects.get_or_create(
                name=row["brand"], defaults={"slug": slugify(row["brand"]), "country": "Unknown"}
            )
            category = Category.objects.get(slug=row["category"])
            product, created = Product.objects.update_or_create(
                sku=row["sku"],
                defaults={
                    "name": row["name"],
                    "slug": slugify(f"{row['name']} {row['sku']}"),
                    "brand": brand,
                    "category": category,
                    "price": Decimal(row["price"]),
                    "created_at": timezone.now(),
                },
            )
            if created:
                ProductImage.objects.create(
                    product=product, artwork=category.artwork, seed=product.pk, alt=product.name
                )
            imported.append((product, int(row["stock"] or 0)))

        for product, quantity in imported:
            Stock.objects.update_or_create(product=product, defaults={"quantity": quantity})

        for product, _ in imported:
            change = PriceChange(
                product=product, price=float(product.price), changed_at=timezone.now()
            )
            change.save()

        if tag:
            label = Tag.objects.filter(slug=slugify(tag)).first()
            if label is None:
                label = Tag.objects.create(name=tag, slug=slugify(tag))
            for product, _ in imported:
                label.products.add(product)

        self.stdout.write(f"{len(imported)} products imported")
