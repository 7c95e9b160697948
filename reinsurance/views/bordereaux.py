"""The bordereaux: claims on reinsurers, paid losses, ceded premium."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.clock import business_date
from core.frame import Act
from core.lists import Bulk, Empty, list_page
from core.permissions import may, requires
from reinsurance import selectors
from reinsurance.filters import (
    CessionFilter,
    LossFilter,
    RecoverableFilter,
    RecoveryFilter,
)
from reinsurance.tables import CessionTable, LossTable, RecoverableTable, RecoveryTable


@requires("reinsurance.view")
@require_GET
def recovery_list(request: HttpRequest) -> HttpResponse:
    """List claims on reinsurers."""
    receives = may(request.user, "reinsurance.receive")
    file = Act(_("Receipts from a file"), reverse("reinsurance:receive_file"), "file-upload")
    return list_page(
        request,
        title=_("Bordereau of claims"),
        queryset=selectors.recoveries(business_date()),
        filterset=RecoveryFilter,
        table=RecoveryTable,
        export_name="reinsurance-claims",
        primary=file if receives else None,
        more=[Act(_("By age"), reverse("reinsurance:ageing"), "hourglass")],
        bulk=[Bulk(_("Record the receipt"), reverse("reinsurance:receive_many"), "cash")]
        if receives
        else (),
        bulk_key="ri_claim_id",
        empty=Empty(
            _("No recoveries yet"),
            _("When a claim is paid, what reinsurers owe for it appears here."),
            reverse("reinsurance:treaty_list"),
            _("Treaties"),
        ),
    )


@requires("reinsurance.view")
@require_GET
def loss_list(request: HttpRequest) -> HttpResponse:
    """List paid losses, gross and net."""
    return list_page(
        request,
        title=_("Losses gross and net"),
        queryset=selectors.losses(),
        filterset=LossFilter,
        table=LossTable,
        export_name="ceded-losses",
        empty=Empty(
            _("No paid losses yet"),
            _("Each paid claim stands here, ceded or not, with what is kept."),
        ),
    )


@requires("reinsurance.view")
@require_GET
def cession_list(request: HttpRequest) -> HttpResponse:
    """List ceded premium by treaty and month."""
    return list_page(
        request,
        title=_("Bordereau of premiums"),
        queryset=selectors.cessions(),
        filterset=CessionFilter,
        table=CessionTable,
        export_name="ceded-premiums",
        empty=Empty(
            _("No ceded premium yet"), _("Premium is ceded in the night of the month's last day.")
        ),
    )


@requires("reinsurance.view")
@require_GET
def recoverable_list(request: HttpRequest) -> HttpResponse:
    """List the reinsurers' share of open claims."""
    return list_page(
        request,
        title=_("Share of open claims"),
        queryset=selectors.recoverables(),
        filterset=RecoverableFilter,
        table=RecoverableTable,
        export_name="reinsurance-recoverables",
        more=[Act(_("Accounts with reinsurers"), reverse("reinsurance:accounts"), "receipt-2")],
        empty=Empty(
            _("No treaty shares an open claim"),
            _("When a claim is received, what reinsurers would pay of it stands here."),
        ),
    )
