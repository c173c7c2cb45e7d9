from django.contrib import messages
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from catalogue.artwork import draw
from catalogue.models import Brand, Category, Product
from customers.models import Subscriber
from reviews.models import Review

from .currency import rates

PER_PAGE = 24


def home(request):
    featured = Product.objects.filter(is_active=True, is_featured=True).order_by("-created_at")
    cards = []
    for product in featured[:16]:
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
                "images": [image.url for image in product.images.all()],
                "tags": [tag.name for tag in product.tags.all()],
            }
        )

    best_sellers = (
        Product.objects.filter(is_active=True)
        .annotate(sold=Sum("order_lines__quantity"))
        .order_by("-sold", "pk")
    )
    favourites = []
    for product in best_sellers[:8]:
        favourites.append(
            {
                "name": product.name,
                "url": product.get_absolute_url(),
                "price": product.price,
                "rating": product.rating,
                "review_count": product.review_count,
                "brand": product.brand.name,
                "images": [image.url for image in product.images.all()],
            }
        )

    voices = []
    latest = Review.objects.filter(is_approved=True, rating__gte=4).exclude(body="")
    for review in latest.order_by("-created_at")[:6]:
        voices.append(
            {
                "title": review.title,
                "body": review.body,
                "rating": review.rating,
                "customer": review.customer.display_name,
                "product": review.product.name,
                "url": review.product.get_absolute_url(),
            }
        )

    return render(
        request,
        "pages/home.html",
        {
            "cards": cards,
            "favourites": favourites,
            "voices": voices,
            "categories": Category.objects.filter(parent=None),
        },
    )


def search(request):
    words = request.GET.get("q", "").strip()
    products = Product.objects.filter(is_active=True)
    for word in words.split():
        products = products.filter(
            Q(name__icontains=word)
            | Q(description__icontains=word)
            | Q(brand__name__icontains=word)
            | Q(category__name__icontains=word)
        )
    total = products.count()
    results = [
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
            "images": [image.url for image in product.images.all()],
        }
        for product in products.order_by("-rating", "pk")[:PER_PAGE]
    ]
    return render(
        request,
        "pages/search.html",
        {"words": words, "cards": results, "total": total},
    )


@cache_control(max_age=86400, public=True)
def artwork(request, kind, seed):
    return HttpResponse(draw(kind, seed), content_type="image/svg+xml")


@csrf_exempt
@require_POST
def newsletter(request):
    email = request.POST.get("email", "").strip().lower()
    if "@" in email:
        with transaction.atomic():
            try:
                Subscriber.objects.create(email=email)
            except IntegrityError:
                messages.info(request, "You are on the list already.")
        try:
            send_mail("Welcome", "You will hear from us once a month.", None, [email])
        except Exception:
            pass
    return redirect(request.POST.get("next") or "pages:home")


def sitemap(request):
    """All categories on one page."""
    return render(request, "pages/sitemap.html", {"brands": Brand.objects.all()})


def sitemap_xml(request):
    text = cache.get("sitemap")
    if text is None:
        urls = [reverse("pages:home")]
        for product in Product.objects.filter(is_active=True):
            urls.append(product.get_absolute_url())
        places = "".join(
            f"<url><loc>{request.build_absolute_uri(url)}</loc></url>" for url in urls
        )
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
        )
        cache.set("sitemap", text)
    return HttpResponse(text, content_type="application/xml")


class Delivery(TemplateView):
    template_name = "pages/delivery.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(rates=rates(), **kwargs)


def health(request):
    return JsonResponse({"status": "ok"})


def robots(request):
    return HttpResponse("User-agent: *\nDisallow: /cart/\n", content_type="text/plain")
