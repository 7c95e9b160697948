"""What the views share: the claim within what the person may see."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from claims import api as claims
from core.permissions import scope_of


def fact_or_404(request: HttpRequest, number: str, right: str = "fds.view") -> claims.ClaimFact:
    """Return the facts of a claim if it lies within the person's scope; otherwise 404."""
    if not claims.visible(number, scope_of(request.user, right)):
        raise Http404(number)
    return claims.facts([number])[number]
