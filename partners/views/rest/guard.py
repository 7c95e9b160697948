"""Before and after every call: who asks, how large, how often; every answer a problem or JSON."""

from __future__ import annotations

import hashlib
import ipaddress
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.acting import acting
from core.replica import stay_on_primary
from partners.models import Call
from partners.rules.problems import KINDS, Problem
from partners.rules.signing import EMPTY_SHA256
from partners.services import door
from partners.services.door import Caller, Signed

log = logging.getLogger(__name__)
PREFIX = "/api/"
OPEN = frozenset({"/api/v1/openapi.json"})
SMALL = 262_144
DOCUMENT = 10 * 1024 * 1024 + 4_096
STREAMED = "/api/v1/bulk-binds"
_STATUSES = {kind.status: code for code, kind in reversed(KINDS.items())}


@dataclass(slots=True)
class Visit:
    """One call: its number, when it began, who asks, what the quota says."""

    request_id: str = field(default_factory=lambda: uuid4().hex)
    begun: float = field(default_factory=time.monotonic)
    signed: Signed | None = None
    caller: Caller | None = None
    headers: dict[str, str] = field(default_factory=dict)
    operation: str = ""
    problem: str = ""


def visit_of(request: HttpRequest) -> Visit:
    """Return the visit that a request of the API is."""
    found: Visit = request.partner_visit  # type: ignore[attr-defined]
    return found


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks.

    Raises:
        Problem: nobody was let in.
    """
    caller = visit_of(request).caller
    if caller is None:
        raise Problem("key_missing")
    return caller


class DoorMiddleware:
    """The door of ``/api/``; every other address passes by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let a signed call in, and keep a record of it."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        stay_on_primary()
        visit = Visit()
        request.partner_visit = visit  # type: ignore[attr-defined]
        try:
            response = self._answer(request, visit)
        except Problem as problem:
            response = problem_response(request, problem)
        if response.status_code >= 400 and not _is_json(response):
            code = _STATUSES.get(response.status_code, "fault")
            allowed = response.headers.get("Allow")
            response = problem_response(request, Problem(code))
            if allowed:
                response["Allow"] = allowed
        return self._finished(request, visit, response)

    def _answer(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        if request.path_info in OPEN:
            return self.get_response(request)
        visit.signed = _signed(request)
        visit.caller = door.admit(visit.signed)
        visit.headers |= door.take(visit.caller).headers
        _check_body(request, visit.signed)
        who = f"partner:{visit.caller.partner.code}"
        with acting(who, cause=f"api:{visit.request_id}"):
            return self.get_response(request)

    @staticmethod
    def _finished(request: HttpRequest, visit: Visit, response: HttpResponse) -> HttpResponse:
        response["X-Request-Id"] = visit.request_id
        response["Cache-Control"] = "no-store"
        for name, value in visit.headers.items():
            response.headers.setdefault(name, value)
        if visit.caller is not None:
            Call.objects.create(
                partner_id=visit.caller.partner.code,
                key_id=visit.caller.key.key_id,
                request_id=visit.request_id,
                operation=visit.operation or f"{request.method} ?",
                status=response.status_code,
                problem=visit.problem,
                milliseconds=int((time.monotonic() - visit.begun) * 1000),
                address=_address(request),
            )
        return response


def _signed(request: HttpRequest) -> Signed:
    given = request.headers
    return Signed(
        method=str(request.method),
        path=request.get_full_path(),
        key_id=given.get("X-Mulgil-Key", ""),
        timestamp=given.get("X-Mulgil-Timestamp", ""),
        nonce=given.get("X-Mulgil-Nonce", ""),
        body_sha256=given.get("X-Mulgil-Content-SHA256", ""),
        signature=given.get("X-Mulgil-Signature", ""),
    )


def _check_body(request: HttpRequest, signed: Signed) -> None:
    """Refuse what is too large before it is read; a bulk is read, and checked, as a stream."""
    if request.method == "POST" and request.path_info == STREAMED:
        return
    most = DOCUMENT if request.path_info.endswith("/documents") else SMALL
    given = request.META.get("CONTENT_LENGTH") or "0"
    if not str(given).isdigit() or int(given) > most:
        text = _("At most %(most)s bytes are taken here.")
        raise Problem("too_large", text % {"most": f"{most:,}"})
    body = request.body
    found = hashlib.sha256(body).hexdigest() if body else EMPTY_SHA256
    if found != signed.body_sha256:
        raise Problem("body_changed", _("The SHA-256 of the body is %s.") % found)


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as RFC 9457 has it, in the language of the reader."""
    visit = visit_of(request)
    visit.problem = problem.code
    body = problem.body(
        instance=f"urn:mulgil:request:{visit.request_id}", base=reverse("partners:problems")
    )
    return as_problem(body, problem.headers)


def as_problem(body: dict[str, Any], headers: dict[str, str] | None = None) -> HttpResponse:
    """Return the body of a problem with its media type."""
    response = JsonResponse(body, status=body["status"], content_type="application/problem+json")
    response["Content-Language"] = get_language() or "ko"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def _is_json(response: HttpResponse) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def _address(request: HttpRequest) -> str | None:
    given = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return None
