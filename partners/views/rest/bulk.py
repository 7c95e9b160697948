"""Bulk binds: a file of lines in, an answer to each line out."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import get_language
from ninja import Path

from partners.models import Bulk
from partners.rules.problems import Problem
from partners.selectors.proof import reconciliation as proof_of
from partners.services import answers, bulks, door, reception

from . import shapes
from .api import IdempotencyKey, answered_once, asked, operation, shown
from .guard import caller_of, visit_of

SILENCE_SECONDS = 20
_LINES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}


@operation(
    "POST", "/bulk-binds", shapes.Bulk, scope="bulk", status=202, tags=["Bulk"],
    openapi_extra=_LINES,
)  # fmt: skip
def bulk_bind(request: HttpRequest, idempotency_key: IdempotencyKey) -> Any:
    """Hand in up to 100,000 proposals, one a line (NDJSON, or CSV with a header).

    The answer promises a time. Bad lines are refused one by one; the rest is bound. After a fault
    send the same file under the same key: you get the same bulk, and nothing is bound twice.
    """
    caller, today = asked(request, "POST /bulk-binds")
    visit = visit_of(request)
    assert visit.signed is not None, "who was let in has signed"
    key, sha256 = answers.wanted_key(idempotency_key), visit.signed.body_sha256
    before = answers.known(caller, key=key, operation=f"POST {request.path}", content_sha256=sha256)
    if before is not None:
        return shown(request, before)
    given = request.META.get("CONTENT_LENGTH") or ""
    with _impatient(request):
        kept = reception.keep(
            request.read,
            form=reception.form_of(request.content_type or ""),
            announced=int(given) if given.isdigit() else None,
            sha256=sha256,
        )
    try:
        visit.headers |= door.take(caller, cost=kept.lines, lines=True).headers
        act = bulks.accept(caller, kept, language=get_language() or "ko", business_date=today)
        return answered_once(request, "bulk", key, act)
    finally:
        if not Bulk.objects.filter(stored_as=kept.stored_as).exists():
            bulks.file_path(kept.stored_as).unlink(missing_ok=True)


@contextlib.contextmanager
def _impatient(request: HttpRequest) -> Iterator[None]:
    """Wait for a silent sender no longer than a while, where the server shows its socket."""
    line = request.environ.get("gunicorn.socket")  # type: ignore[attr-defined]
    if not isinstance(line, socket.socket):
        yield
        return
    before = line.gettimeout()
    line.settimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            line.settimeout(before)


def _bulk(request: HttpRequest, bulk_id: str) -> Bulk:
    caller = caller_of(request)
    found = Bulk.objects.filter(pk=bulk_id, partner=caller.partner).first()
    if found is None:
        raise Problem("not_found")
    return found


@operation("GET", "/bulk-binds/{bulk_id}", shapes.Bulk, scope="bulk", tags=["Bulk"])
def bulk(request: HttpRequest, bulk_id: Annotated[shapes.BulkId, Path()]) -> dict[str, Any]:
    """How far a bulk is."""
    asked(request, "GET /bulk-binds/{bulk_id}")
    return bulks.shown(_bulk(request, bulk_id))


@operation(
    "GET", "/bulk-binds/{bulk_id}/results", shapes.BulkLine, scope="bulk", tags=["Bulk"],
)  # fmt: skip
def bulk_results(
    request: HttpRequest, bulk_id: Annotated[shapes.BulkId, Path()]
) -> HttpResponse | StreamingHttpResponse:
    """The answer to each line that is done, as a stream of JSON objects, one a line."""
    asked(request, "GET /bulk-binds/{bulk_id}/results")
    lines = bulks.results(_bulk(request, bulk_id))
    return StreamingHttpResponse(lines, content_type="application/x-ndjson")


@operation(
    "GET",
    "/bulk-binds/{bulk_id}/reconciliation",
    shapes.Reconciliation,
    scope="bulk",
    tags=["Bulk"],
)
def bulk_reconciliation(
    request: HttpRequest, bulk_id: Annotated[shapes.BulkId, Path()]
) -> dict[str, Any]:
    """What came, what became of it, and what the ledger says of it."""
    asked(request, "GET /bulk-binds/{bulk_id}/reconciliation")
    return proof_of(_bulk(request, bulk_id))
