"""The papers of an inquiry as workbooks; each one leaves with its purpose and is logged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core.clock import business_date
from core.excel import write_workbook
from core.permissions import requires
from core.privacy import log_export
from fds import services
from fds.models import Case, Label
from fds.selectors import labels_known, story
from fds.views.common import fact_or_404

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OFFENCES = (Label.State.CONFIRMED, Label.State.REFERRED)
Rows = tuple[list[str], list[list[Any]]]


def _accidents(told: story.Story) -> Rows:
    """List every accident of the person: 사고내역표."""
    paid = _paid(told)
    head = [_t("No."), _t("Claim"), _t("Contract"), _t("Accident"), _t("Place"),
            _t("Kind of event"), _t("Provider"), _t("Reported"), _t("Claimed (KRW)"),
            _t("Paid (KRW)"), _t("Status"), _t("Circumstances")]  # fmt: skip
    rows = [
        [
            number,
            one.reception_id,
            one.contract_id,
            one.incident_at.replace(tzinfo=None),
            one.location,
            one.claim_type_label,
            one.provider_name,
            one.reported_at.replace(tzinfo=None),
            one.claimed,
            paid.get(one.reception_id, 0),
            one.status_label,
            one.description,
        ]
        for number, one in enumerate(told.claims, 1)
    ]
    return head, rows


def _payments(told: story.Story) -> Rows:
    """List every payment: 지급보험금 표, with its sum."""
    head = [_t("No."), _t("Claim"), _t("Contract"), _t("Accident"), _t("Paid on"),
            _t("Amount (KRW)"), _t("Late interest (KRW)"), _t("Recipient")]  # fmt: skip
    rows: list[list[Any]] = [
        [number, one.reception_id, one.contract_id, one.incident_date, one.payment_date,
         one.amount, one.late_interest, one.recipient]
        for number, one in enumerate(told.payouts, 1)
    ]  # fmt: skip
    interest = sum(one.late_interest for one in told.payouts)
    rows.append([_t("Total"), "", "", "", "", told.paid, interest, ""])
    return head, rows


def _stays(told: story.Story) -> Rows:
    """List the stays in hospital and outpatient claims by day: 입·통원 도표."""
    head = [_t("No."), _t("Claim"), _t("Inpatient or outpatient"), _t("Provider"), _t("Admitted"),
            _t("Discharged"), _t("Days"), _t("Diagnosis (KCD)"), _t("Overlaps")]  # fmt: skip
    stayed = {stay.reception_id for stay in told.stays}
    lines: list[list[Any]] = [
        [stay.reception_id, _t("Inpatient"), stay.provider, stay.admitted, stay.discharged,
         stay.days, stay.kcd, _t("overlaps another place") if stay.overlaps else ""]
        for stay in told.stays
    ]  # fmt: skip
    lines += [
        [one.reception_id, _t("Outpatient or not declared"), one.provider_name,
         one.incident_at.date(), "", "", "", ""]
        for one in told.claims
        if one.reception_id not in stayed and one.provider_code
    ]  # fmt: skip
    lines.sort(key=lambda line: (line[3], line[0]))
    return head, [[number, *line] for number, line in enumerate(lines, 1)]


def _offences(told: story.Story) -> Rows:
    """List what was established or referred, for the police: 범죄일람표.

    Cases that were decided without an outcome, as imports and earlier years have them, give the
    amount of their label and the reason of the decision.
    """
    head = [_t("No."), _t("Claim"), _t("Claimant"), _t("Accident"), _t("Reported"), _t("Provider"),
            _t("Sort of fraud"), _t("Legal ground of the decision"), _t("Claimed (KRW)"),
            _t("Paid (KRW)"), _t("Established damage (KRW)"), _t("Proof")]  # fmt: skip
    paid = _paid(told)
    numbers = [one.reception_id for one in told.claims]
    known = labels_known(numbers, date.max)
    states = dict(zip(known.reception_id.tolist(), known.state.tolist(), strict=True))
    cases = {
        case.claim_id: case
        for case in Case.objects.filter(claim__in=numbers).select_related("outcome")
    }
    damages = {
        label.claim_id: int(label.amount)
        for label in Label.objects.filter(claim__in=numbers).order_by("decided_on", "pk")
    }
    chosen = [one for one in told.claims if states.get(one.reception_id) in OFFENCES]
    rows: list[list[Any]] = []
    for number, one in enumerate(chosen, 1):
        case = cases.get(one.reception_id)
        found = getattr(case, "outcome", None)
        rows.append(
            [number, one.reception_id, one.claimant_name, one.incident_at.replace(tzinfo=None),
             one.reported_at.replace(tzinfo=None), one.provider_name,
             str(found.get_kind_display()) if found else "",
             str(found.get_ground_display()) if found else "", one.claimed,
             paid.get(one.reception_id, 0), damages[one.reception_id],
             found.evidence if found else case.decision_reason if case else ""]
        )  # fmt: skip
    damage = sum(damages[one.reception_id] for one in chosen)
    claimed = sum(one.claimed for one in chosen)
    got = sum(paid.get(one.reception_id, 0) for one in chosen)
    rows.append([_t("Total"), "", "", "", "", "", "", "", claimed, got, damage, ""])
    return head, rows


def _paid(told: story.Story) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in told.payouts:
        found[one.reception_id] = found.get(one.reception_id, 0) + one.amount
    return found


PAPERS: dict[str, tuple[Any, Callable[[story.Story], Rows]]] = {
    "accidents": (_("Accident history"), _accidents),
    "payments": (_("Paid benefits"), _payments),
    "stays": (_("Inpatient and outpatient chart"), _stays),
    "offences": (_("List of offences"), _offences),
}


@requires("fds.review")
@require_POST
def case_export(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Send one of the papers about the person of a case; purpose and step are written down."""
    fact = fact_or_404(request, number, "fds.review")
    if kind not in PAPERS or not Case.objects.filter(claim_id=number).exists():
        raise Http404(kind)
    title, rows_of = PAPERS[kind]
    purpose = request.POST.get("purpose", "")
    log_export(number, f"fraud case: {kind}", purpose)
    services.note_export(
        reception_id=number, text=f"{title}: {purpose}", business_date=business_date()
    )
    head, rows = rows_of(story.story(fact.customer_id))
    file = write_workbook(str(title), head, rows)
    response = FileResponse(file, content_type=XLSX)
    name = quote(f"{number}-{kind}")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}.xlsx"
    return response  # type: ignore[return-value]  # a file is streamed
