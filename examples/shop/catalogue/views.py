from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.generic import ListView

from orders.models import OrderLine
from reviews.forms import ReviewForm
from reviews.models import Review

from .models import Brand, Category, Product, Tag

PER_PAGE = 24

SORTS = {
    "new": ("Newest", "-created_at"),
    "price": ("Price, low to high", "price"),
    "-price": ("Price, high to low", "-price"),
    "rating": ("Best rated", "-rating"),
}


def page_number(request):
    try:
        return max(1, int(request.GET.get("page", 1)))
    except ValueError:
        return 1


def category(request, slug):
    category = get_object_or_404(Category.objects.select_related("parent"), slug=slug)
    children = list(category.children.all())
    products = Product.objects.filter(
        Q(category=category) | Q(category__parent=category), is_active=True
    )

    brand = request.GET.get("brand", "")
    if brand:
        products = products.filter(brand__slug=brand)
    tag = request.GET.get("tag", "")
    if tag:
        products = products.filter(tags__slug=tag)
    sort = request.GET.get("sort", "new")
    if sort not in SORTS:
        sort = "new"

    total = products.count()
    page = page_number(request)
    start = (page - 1) * PER_PAGE
    cards = []
    for product in products.order_by(SORTS[sort][1], "pk")[start : start + PER_PAGE]:
        cards.append(
            {
                "name": product.name,
                "url": product.get_absolute_url(),
                "price": product.price,
                "compare_price": product.compare_price,
                "discount": product.discount,
                "rating": product.rating,
                "review_count": product.review_count,
                "brand": product.brand.name,
                "category": product.category.name,
                "stock": product.stock.quantity,
                "images": [image.url for image in product.images.all()],
                "tags": [tag.name for tag in product.tags.all()],
            }
        )

    brands = (
        Brand.objects.filter(
            Q(products__category=category) | Q(products__category__parent=category)
        )
        .annotate(size=Count("products"))
        .order_by("-size", "name")[:12]
    )
    return render(
        request,
        "catalogue/category.html",
        {
            "category": category,
            "children": children,
            "cards": cards,
            "brands": brands,
            "brand": brand,
            "tag": tag,
            "tags": Tag.objects.all(),
            "sort": sort,
            "sorts": [(key, label) for key, (label, _) in SORTS.items()],
            "total": total,
            "page": page,
            "pages": max(1, -(-total // PER_PAGE)),
        },
    )


def product(request, slug):
    product = get_object_or_404(
        Product.objects.select_related("brand", "category__parent", "stock"),
        slug=slug,
        is_active=True,
    )
    reviews = product.reviews.filter(is_approved=True).order_by("-helpful_count", "-created_at")

    bought = False
    reviewed = False
    if request.user.is_authenticated:
        if len(Review.objects.filter(product=product, customer=request.user)) > 0:
            reviewed = True
        bought = OrderLine.objects.filter(product=product, order__customer=request.user).exists()

    stars = []
    for value in (5, 4, 3, 2, 1):
        stars.append({"value": value, "count": product.reviews.filter(rating=value).count()})

    similar = []
    others = Product.objects.filter(category=product.category, is_active=True)
    for other in others.exclude(pk=product.pk).order_by("-rating", "pk")[:6]:
        similar.append(
            {
                "name": other.name,
                "url": other.get_absolute_url(),
                "price": other.price,
                "rating": other.rating,
                "review_count": other.review_count,
                "brand": other.brand.name,
                "images": [image.url for image in other.images.all()],
            }
        )

    return render(
        request,
        "catalogue/product.html",
        {
            "product": product,
            "images": product.images.all(),
            "reviews": reviews[:12],
            "stars": stars,
            "similar": similar,
            "bought": bought,
            "reviewed": reviewed,
            "form": ReviewForm(),
        },
    )


def brand(request, slug):
    try:
        brand = Brand.objects.get(slug=slug)
    except Brand.DoesNotExist:
        return HttpResponseRedirect("/brands/")
    products = brand.products.filter(is_active=True).order_by("name")
    return render(request, "catalogue/brand.html", {"brand": brand, "products": products})


class BrandList(ListView):
    model = Brand
    template_name = "catalogue/brands.html"
    context_object_name = "brands"


def new_arrivals(request):
    products = Product.objects.select_related("category").prefetch_related("images")
    products = products.filter(is_active=True).order_by("-created_at", "pk")
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "catalogue/new.html", {"page": page})


def sale(request):
    products = Product.objects.filter(is_active=True).extra(
        where=["catalogue_product.compare_price > catalogue_product.price"]
    )
    cards = []
    for product in products.order_by("price", "pk")[:PER_PAGE]:
        card = {
            "name": product.name,
            "url": product.get_absolute_url(),
            "price": product.price,
            "compare_price": product.compare_price,
            "discount": product.discount,
            "rating": product.rating,
            "review_count": product.review_count,
            "brand": product.brand.name,
            "category": product.category.name,
            "images": [],
        }
        for image in product.images.all():
            card["images"].append(image.url)
        cards.append(card)
    return render(request, "catalogue/sale.html", {"cards": cards})


def suggest(request):
    """Names for the search box while somebody types."""
    words = request.GET.get("q", "").strip()
    if len(words) < 2:
        return JsonResponse({"names": []})
    key = "suggest:" + words.lower().replace(" ", "-")
    names = cache.get(key)
    if names is None:
        found = Product.objects.filter(name__icontains=words, is_active=True)
        names = [product.name for product in found[:8]]
        cache.set(key, names, None)
    return JsonResponse({"names": names})


def surprise(request):
    product = Product.objects.filter(is_active=True).order_by("?").first()
    if product is None:
        return redirect("/new/")
    return redirect(product)
