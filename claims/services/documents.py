"""Documents that come with a claim."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from claims.models import Claim, ClaimDocument
from claims.rules import sniff
from core.acting import current
from core.errors import DomainError, NotFound

MOST_DOCUMENTS = 100


class BadDocument(DomainError):
    """The file is too large, empty, or not of a type that is taken."""


@transaction.atomic
def add_document(*, reception_id: str, name: str, content: bytes) -> ClaimDocument:
    """Keep a document of a claim; the same file twice is kept once.

    The type is read from the content; the stored name is made from its SHA-256, so that nothing
    of what the sender wrote reaches the file system.

    Args:
        reception_id: the claim.
        name: the sender's file name, shown to people only.
        content: the whole file.

    Raises:
        NotFound: no such claim.
        BadDocument: size, type or number.
    """
    claim = Claim.objects.select_for_update(of=("self",)).filter(pk=reception_id).first()
    if claim is None:
        raise NotFound(_("There is no claim %(number)s.") % {"number": reception_id})
    found = _checked(content)
    digest = hashlib.sha256(content).hexdigest()
    known = claim.documents.filter(sha256=digest).first()
    if known is not None:
        return known
    if claim.documents.count() >= MOST_DOCUMENTS:
        raise BadDocument(_("A claim takes at most %(n)d documents.") % {"n": MOST_DOCUMENTS})
    return ClaimDocument.objects.create(
        claim=claim,
        file=ContentFile(content, name=f"{digest}.{found.extension}"),
        file_name=name.replace("\\", "/").rsplit("/", 1)[-1][-150:] or digest[:12],
        content_type=found.content_type,
        size=len(content),
        sha256=digest,
        uploaded_by=current().actor,
    )


def _checked(content: bytes) -> sniff.FileType:
    if not content:
        raise BadDocument(_("The file is empty."))
    if len(content) > sniff.MAX_BYTES:
        raise BadDocument(_("A file may have at most 10 MB. Scan it in a lower resolution."))
    found = sniff.file_type(content[:64])
    if found is None:
        raise BadDocument(
            _("This kind of file is not taken. Send PDF, JPEG, PNG, HEIC, WebP or TIFF.")
        )
    return found
