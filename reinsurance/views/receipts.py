"""Recoveries: record, receipt of one, of several, of a file."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.boards import Figure
from core.clock import business_date
from core.forms import form_page, once, refused_into
from core.frame import Act
from core.htmx import redirect_to, render_page
from core.permissions import may, requires
from core.records import Moment, record_page
from products import api as products
from reinsurance import selectors, services
from reinsurance.forms import ReceiptForm, ReceiptsFileForm, ReceiptsForm
from reinsurance.models import Recovery, WriteDown

_LIST = _("Bordereau of claims")
_MOST = 2_000


def _listed() -> str:
    return reverse("reinsurance:recovery_list")


def _link(page: str, number: str) -> SafeString:
    return format_html('<a class="number" href="{}">{}</a>', reverse(page, args=[number]), number)


def _detail(pk: int) -> str:
    return reverse("reinsurance:recovery_detail", args=[pk])


@requires("reinsurance.view")
@require_GET
def recovery_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one recovery."""
    row = get_object_or_404(selectors.recoveries(business_date()), pk=pk)
    owed = row.status == Recovery.Status.PENDING
    downs = list(row.write_downs.order_by("pk"))
    waiting = next((one for one in downs if one.status == WriteDown.Status.PROPOSED), None)
    write = Act(_("Write down"), reverse("reinsurance:write_down", args=[pk]), "arrow-down-right")
    loss = selectors.losses().get(pk=row.payout_id)
    moments = [Moment(row.billed_on, _("Billed"), f"{row.recovery_amount:,.0f}", "")]
    if row.received_on:
        moments.append(Moment(row.received_on, _("Recovered"), row.receipt_reference))
    return record_page(
        request,
        row,
        title=row.reinsurer_name,
        number=str(row.pk),
        place="recovery",
        figures=[
            Figure(
                _("Recovery"), row.recovery_amount, _("won"), why=("recovery", str(row.ri_claim_id))
            ),
            Figure(_("Paid for the loss"), loss.gross, _("won")),
            Figure(_("Kept"), loss.kept, _("won"), why=("ceded-loss", str(loss.pk))),
            Figure(_("Days outstanding"), row.age_days, kind="count", better="down"),
        ],
        facts=[
            (_("Claim"), _link("claims:claim_detail", row.claim_number)),
            (_("Contract"), _link("contracts:contract_detail", row.contract_number)),
            (_("Treaty"), _link("reinsurance:treaty_detail", row.treaty_id)),
            (_("Portfolio"), products.lines().get(row.line, row.line)),
            (_("Loss on"), loss.loss_date),
            (_("Billed on"), row.billed_on),
            (_("Received on"), row.received_on),
            (_("Reference"), row.receipt_reference),
            (_("Written down"), row.written_down or None),
        ],
        timeline=moments,
        crumbs=[(_LIST, _listed())],
        primary=Act(_("Record the receipt"), reverse("reinsurance:receive", args=[pk]), "cash")
        if owed and may(request.user, "reinsurance.receive")
        else None,
        more=[
            Act(
                _("Treaty"), reverse("reinsurance:treaty_detail", args=[row.treaty_id]), "contract"
            ),
            *([write] if owed and not waiting and may(request.user, "reinsurance.receive") else []),
        ],
        template="reinsurance/recovery_detail.html",
        context={
            "write_downs": downs,
            "open": waiting,
            "decides": waiting is not None
            and waiting.made_by != request.user.get_username()
            and may(request.user, "reinsurance.sign"),
        },
    )


@requires("reinsurance.receive")
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a reinsurer paid one recovery."""
    row = get_object_or_404(Recovery, pk=pk)
    return form_page(
        request,
        ReceiptForm,
        title=_("Record the receipt"),
        initial={"amount": int(row.recovery_amount)},
        act=lambda form: services.receive(
            pk,
            amount=form.cleaned_data["amount"],
            reference=form.cleaned_data["reference"],
            on=business_date(),
        ),
        done=_detail(pk),
        confirm=True,
        submit=_("Record"),
        message=_("Received; the books follow."),
        cancel=_detail(pk),
        crumbs=[(_LIST, _listed()), (str(pk), _detail(pk))],
    )


@requires("reinsurance.receive")
@require_POST
def receive_many(request: HttpRequest) -> HttpResponse:
    """Record one payment of the ticked recoveries, after they were shown."""
    keys = [int(key) for key in request.POST.getlist("keys") if key.isdecimal()][:_MOST]
    rows = list(
        selectors.recoveries(business_date()).filter(pk__in=keys, status=Recovery.Status.PENDING)
    )
    if not rows:
        messages.warning(request, str(_("Tick recoveries that are outstanding.")))
        return redirect_to(request, _listed())
    owed = sum((row.recovery_amount for row in rows), Decimal(0))
    chosen = "reference" in request.POST
    form = ReceiptsForm(request.POST if chosen else None, initial={"total": int(owed)}, owed=owed)
    if chosen and form.is_valid():
        with refused_into(form):
            url = once(request, lambda: _receive_all(rows, form.cleaned_data["reference"]))
            messages.success(request, str(_("Received; the books follow.")))
            return redirect_to(request, url)
    context = {
        "title": _("Record the receipt"),
        "form": form,
        "rows": rows,
        "owed": owed,
        "crumbs": [(_LIST, _listed())],
        "cancel": _listed(),
        "operation_id": request.POST.get("_operation", ""),
    }
    return render_page(
        request,
        "reinsurance/receive_many.html",
        context,
        partial="form",
        status=422 if form.errors else 200,
    )


def _receive_all(rows: list[Recovery], reference: str) -> str:
    services.receive_many(
        [row.pk for row in rows],
        amounts=[row.recovery_amount for row in rows],
        references=[reference] * len(rows),
        on=business_date(),
    )
    return _listed()


@requires("reinsurance.receive")
@require_http_methods(["GET", "POST"])
def receive_file(request: HttpRequest) -> HttpResponse:
    """Record the receipts of a reinsurer's statement, all or none."""

    def act(form: ReceiptsFileForm) -> int:
        found = form.cleaned_data["file"]
        return services.receive_many(
            found.ri_claim_ids,
            amounts=found.amounts,
            references=found.references,
            on=business_date(),
        )

    return form_page(
        request,
        ReceiptsFileForm,
        title=_("Receipts from a file"),
        act=act,
        done=_listed(),
        submit=_("Record"),
        message=_("Received; the books follow."),
        cancel=_listed(),
        crumbs=[(_LIST, _listed())],
    )
