"""Per request: who acts, and how long a session may idle."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils import translation

from .acting import acting
from .errors import DomainError, NotAllowed, NotFound
from .people import forget_names
from .reach import reading

Handler = Callable[[HttpRequest], HttpResponse]
_SAFE = {"GET", "HEAD", "OPTIONS"}


class ActorMiddleware:
    """Name the person in every write of the request, and set their language."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Act as the person who asks."""
        user = request.user
        forget_names()
        if user.is_authenticated:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        name = user.get_username() if user.is_authenticated else "guest"
        reader = user if user.is_authenticated else None
        with acting(name, cause=f"web:{uuid4().hex[:12]}"), reading(reader):
            return self.get_response(request)


class SessionLimitMiddleware:
    """End a session that idled too long; the cookie's age is the absolute limit."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Log out whoever idled too long."""
        if request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get("seen_at", now)
            if now - seen > settings.SESSION_IDLE_SECONDS:
                logout(request)
            elif now - seen >= 30 or "seen_at" not in request.session:
                request.session["seen_at"] = now
        return _whole_page_logs_in(request, self.get_response(request))


def _whole_page_logs_in(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Send the whole page to the login, not the part of it that htmx would swap.

    After the login the person is back on the page where the session ended.
    """
    htmx = getattr(request, "htmx", None)
    address = response.headers.get("Location", "")
    login = resolve_url(settings.LOGIN_URL)
    if not htmx or response.status_code != 302 or urlsplit(address).path != login:
        return response
    ended = HttpResponse(status=204)
    back = htmx.current_url_abs_path or resolve_url(settings.LOGIN_REDIRECT_URL)
    ended["HX-Redirect"] = f"{login}?{urlencode({'next': back})}"
    return ended


class RefusalMiddleware:
    """Show a refusal that a view let rise: the reason, with status 422 (never logged as an error).

    Forms catch refusals themselves (core.forms) and show them beside the fields.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; only exceptions matter here."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a ``DomainError``; let every other error rise."""
        if isinstance(error, NotFound):
            raise Http404(str(error)) from error
        if isinstance(error, NotAllowed) and request.method == "GET":
            raise PermissionDenied(str(error)) from error
        if not isinstance(error, DomainError):
            return None
        context = {"reason": str(error), "back": request.META.get("HTTP_REFERER", "")}
        if request.htmx:  # type: ignore[attr-defined]
            response = render(request, "kit/_refused.html", context, status=422)
            response["HX-Retarget"], response["HX-Reswap"] = "#notices", "innerHTML"
            return response
        return render(request, "kit/refused.html", context, status=422)
