import logging

from django.contrib import messages
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import login_required
from django.core.mail import send_mail
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalogue.models import Product

from .forms import ReviewForm
from .models import Review, Vote

logger = logging.getLogger(__name__)


@login_required
@require_POST
def add(request, product_id):
    product = get_object_or_404(Product, pk=product_id)
    form = ReviewForm(request.POST)
    if form.is_valid():
        review = form.save(commit=False)
        review.product = product
        review.customer = request.user
        review.created_at = timezone.now()
        review.save()
        send_mail(
            f"New review of {product.name}",
            review.body,
            None,
            ["reviews@hearthandharbour.example"],
            fail_silently=True,
        )
        messages.success(request, "Thank you for your review.")
    else:
        messages.error(request, "Please give a rating and a title.")
    return redirect(product)


@login_required
@require_POST
def vote(request, pk):
    review = get_object_or_404(Review, pk=pk)
    if Vote.objects.filter(review=review, customer=request.user).count() == 0:
        Vote.objects.create(review=review, customer=request.user)
        review.helpful_count = review.helpful_count + 1
        review.save()
    return redirect(review.product)


@staff_member_required
def waiting(request):
    rows = []
    for review in Review.objects.filter(is_approved=False).order_by("created_at")[:100]:
        rows.append(
            {
                "pk": review.pk,
                "title": review.title,
                "body": review.body,
                "rating": review.rating,
                "product": review.product.name,
                "brand": review.product.brand.name,
                "customer": review.customer.username,
            }
        )
    return render(request, "reviews/waiting.html", {"rows": rows})


@staff_member_required
def approve(request, pk):
    review = get_object_or_404(Review, pk=pk)
    review.is_approved = True
    review.save()
    logger.info("review %s of product %s approved by %s", pk, review.product.id, request.user)
    return redirect("reviews:waiting")
