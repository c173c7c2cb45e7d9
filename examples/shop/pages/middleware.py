from .models import Announcement


class StoreNoticeMiddleware:
    """Puts the line above the header on the request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.notice = Announcement.objects.filter(is_active=True).first()
        return self.get_response(request)
