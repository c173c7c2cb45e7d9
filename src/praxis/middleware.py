"""What the middleware of the components has in common: it runs in threads and in coroutines."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest


class EitherWayMiddleware(ABC):
    """
    Middleware that Django need not adapt: it is a coroutine function where what it calls is one.

    Args:
        get_response: What comes next.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    @abstractmethod
    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request, or return a coroutine that does."""
