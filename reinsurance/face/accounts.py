"""Why an entry of an account current, and why the share of an open claim."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.notices import tells
from core.permissions import Scope
from reinsurance.models import AccountEntry, PremiumCession, Recoverable, Settlement

from .losses import amount_step, number_of, treaty_step


@explains("ri-entry", right="reinsurance.view")
def explain_entry(key: str, scope: Scope) -> Explanation:
    """Explain one entry of the account current with a reinsurer.

    Raises:
        NotFound: no such entry.
    """
    row = AccountEntry.objects.select_related("treaty").filter(pk=number_of(key)).first()
    if row is None:
        raise NotFound(_t("There is no entry %(key)s.") % {"key": key})
    formula, steps = _how(row)
    if "signed" in row.trace:
        steps += [
            amount_step(_t("All reinsurers together"), row.trace["whole"]),
            Step(_t("Signed line"), f"{row.trace['signed'] / 100:g}", row.reinsurer_name, unit="%"),
        ]
    return Explanation(
        title=row.get_kind_display(),
        answer=row.amount,
        unit=_t("won"),
        formula=formula,
        steps=steps,
        sources=[treaty_step(row.treaty)],
        as_of=row.entry_date,
    )


def _how(row: AccountEntry) -> tuple[str, list[Step]]:
    trace = row.trace
    if row.kind == AccountEntry.Kind.REINSTATEMENT:
        return _reinstatement(trace)
    if row.kind == AccountEntry.Kind.SLIDING:
        return _t(
            "commission at the rate for the loss ratio − flat commission − credited before"
        ), [
            *_experience(trace),
            Step(_t("Loss ratio of the treaty"), trace["ratio"], unit="%"),
            Step(_t("Rate of the sliding scale"), trace["rate"], unit="%"),
            *_target(trace),
        ]
    if row.kind == AccountEntry.Kind.PROFIT:
        return _t(
            "(premium − losses − commission − expenses − deficit carried forward) × percent −"
            " credited before"
        ), [
            *_experience(trace),
            amount_step(_t("Commission with the sliding scale"), trace["commission"]),
            amount_step(_t("Expenses of the reinsurer"), trace["expenses"]),
            amount_step(_t("Deficit carried forward"), trace.get("carried", 0)),
            amount_step(_t("Result of the reinsurer"), trace["result"]),
            Step(_t("Share of the profit"), trace["percent"], unit="%"),
            *_target(trace),
        ]
    if row.kind == AccountEntry.Kind.SETTLEMENT:
        url = reverse("reinsurance:settlement_detail", args=[row.settlement_id])
        return _t("all that was open on this treaty"), [
            Step(_t("Settlement number"), row.settlement_id or "", url=url)
        ]
    cession = PremiumCession.objects.filter(treaty=row.treaty, month=row.reference).first()
    url = why_url("ceded-premium", cession.pk) if cession else ""
    return _t("premium ceded for a month, and the commission that comes back on it"), [
        Step(_t("Month"), row.reference, url=url)
    ]


def _experience(trace: dict[str, Any]) -> list[Step]:
    return [
        amount_step(_t("Ceded premium so far"), trace["premium"]),
        amount_step(_t("Losses of the treaty so far"), trace["losses"], _t("billed and expected")),
        amount_step(_t("Flat commission so far"), trace["flat"]),
    ]


def _target(trace: dict[str, Any]) -> list[Step]:
    return [
        amount_step(_t("Should have been credited by now"), trace["target"]),
        amount_step(_t("Credited before"), trace["credited_before"]),
    ]


def _reinstatement(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    percents = ", ".join(f"{Decimal(p).normalize():f} %" for p in trace["percents"])
    return _t("recovered ÷ limit × percent × premium of the layer × part of the period left"), [
        amount_step(_t("Recovered from the layer before"), trace["before"]),
        amount_step(_t("Recovered now"), trace["recovered"], trace["claim"]),
        amount_step(_t("Limit of the treaty"), trace["limit"]),
        Step(_t("Reinstatements"), percents),
        amount_step(_t("Premium of the layer"), trace["premium"]),
        Step(_t("Part of the period that remains"), trace["remaining"]),
    ]


@explains("recoverable", right="reinsurance.view")
def explain_recoverable(key: str, scope: Scope) -> Explanation:
    """Explain what a reinsurer would pay of an open claim.

    Raises:
        NotFound: no such share.
    """
    row = Recoverable.objects.select_related("treaty").filter(pk=number_of(key)).first()
    if row is None:
        raise NotFound(_t("There is no share of an open claim %(key)s.") % {"key": key})
    return Explanation(
        title=_t("Share of an open claim"),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("what the treaty would pay if the case reserve were paid today"),
        steps=[
            amount_step(_t("Case reserve"), row.case_reserve, row.claim_number),
            Step(_t("Loss on"), row.trace.get("loss_date", "")),
            Step(_t("Kind of treaty"), row.treaty.get_kind_display()),
        ],
        sources=[treaty_step(row.treaty)],
        as_of=row.updated_at.date(),
    )


@tells(
    _("Settlements with reinsurers to pay"),
    url="reinsurance:settlement_list",
    query="?status=PROPOSED",
    right="reinsurance.sign",
)
def settlements_to_pay(user: Any, today: date) -> int:
    """Count the settlements that others have drawn up."""
    waiting = Settlement.objects.filter(status=Settlement.Status.PROPOSED)
    return waiting.exclude(made_by=user.get_username()).count()
