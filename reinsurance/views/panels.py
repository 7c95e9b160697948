"""What reinsurance shows on claims, contracts and treaties."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.clock import business_date
from core.htmx import render_page
from core.permissions import requires
from reinsurance import selectors

_ROWS = 24


def _losses(request: HttpRequest, **where: str) -> HttpResponse:
    recoveries = selectors.recoveries(business_date()).filter(**where)
    context = {
        "losses": selectors.losses().filter(**where)[:_ROWS],
        "recoveries": recoveries[:_ROWS],
        "expected": selectors.recoverables(**where)[:_ROWS],
        "title": _("Reinsurance"),
    }
    return render_page(request, "reinsurance/panel_losses.html", context, partial="panel")


@requires("reinsurance.view")
@require_GET
def panel_claim(request: HttpRequest, claim_number: str) -> HttpResponse:
    """Show what reinsurers owe for a claim."""
    return _losses(request, claim_number=claim_number)


@requires("reinsurance.view")
@require_GET
def panel_contract(request: HttpRequest, contract_number: str) -> HttpResponse:
    """Show what reinsurers owe for the claims of a contract."""
    return _losses(request, contract_number=contract_number)


@requires("reinsurance.view")
@require_GET
def panel_treaty(request: HttpRequest, treaty_code: str) -> HttpResponse:
    """Show the months and the latest recoveries of a treaty."""
    context = {
        "cessions": selectors.cessions().filter(treaty_id=treaty_code)[:_ROWS],
        "recoveries": selectors.recoveries(business_date()).filter(treaty_id=treaty_code)[:_ROWS],
        "code": treaty_code,
        "title": _("Bordereaux"),
    }
    return render_page(request, "reinsurance/panel_treaty.html", context, partial="panel")
