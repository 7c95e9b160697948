"""Documents: upload and download, never from the web root."""

from __future__ import annotations

import hashlib

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from claims import services
from claims.forms import DocumentForm
from claims.rules import sniff
from claims.views.common import claim_form, claim_or_404
from core.permissions import requires
from core.privacy import log_view


@requires("claims.receive")
@require_http_methods(["GET", "POST"])
def claim_document_new(request: HttpRequest, number: str) -> HttpResponse:
    """Add a document to a claim."""
    claim = claim_or_404(request, number, "claims.receive")

    def keep(form: DocumentForm) -> None:
        given = form.cleaned_data["file"]
        # one byte more than allowed is enough to refuse it
        content = given.read(sniff.MAX_BYTES + 1)
        services.add_document(reception_id=number, name=given.name, content=content)

    return claim_form(
        request,
        claim,
        DocumentForm,
        title=_("Add a document"),
        act=keep,
        submit=_("Add"),
        message=_("The document was added."),
    )


@requires("claims.view")
@require_GET
def claim_document(request: HttpRequest, number: str, sha256: str) -> FileResponse:
    """Send a document as an attachment, after its content was checked against its hash."""
    claim = claim_or_404(request, number)
    document = claim.documents.filter(sha256=sha256).first()
    if document is None:
        raise Http404(sha256)
    with document.file.open("rb") as stored:
        content = stored.read()
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise ValueError(f"document {sha256} of {number} differs from what was kept")
    log_view(number, f"document {document.file_name}"[:200])
    response = FileResponse(
        document.file.open("rb"),
        as_attachment=True,
        filename=document.file_name,
        content_type=document.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
