"""What the views share: the claim within what the person may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims import access, selectors
from claims.models import Claim
from core.forms import form_page
from core.permissions import scope_of


def claim_or_404(request: HttpRequest, number: str, right: str = "claims.view") -> Claim:
    """Return the claim if it lies within the person's scope under the right; otherwise 404."""
    agents = access.agents_within(scope_of(request.user, right))
    return get_object_or_404(selectors.claims_within(agents), pk=number)


def record_url(number: str) -> str:
    """Return the address of a claim's record."""
    return reverse("claims:claim_detail", args=[number])


def crumbs_of(claim: Claim) -> list[tuple[str | Promise, str]]:
    """Return the way to a page under a claim."""
    return [(_("Claims"), reverse("claims:claim_list")), (claim.pk, record_url(claim.pk))]


def claim_form(
    request: HttpRequest, claim: Claim, form_class: Callable[..., Any], **page: Any
) -> HttpResponse:
    """Answer a form about a claim: done or left, it leads back to the claim's record.

    Args:
        request: GET or POST.
        claim: the claim, within the person's scope.
        form_class: see ``core.forms.form_page``.
        page: what else ``core.forms.form_page`` takes: title, act, submit, message and so on.
    """
    own = record_url(claim.pk)
    return form_page(request, form_class, done=own, cancel=own, crumbs=crumbs_of(claim), **page)
