"""What reinsurance shows elsewhere: why a recovery and a ceded premium; search, panels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import panels
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.notices import tells
from core.permissions import Scope
from core.search import Hit, searches
from products import api as products
from reinsurance import rules, selectors
from reinsurance.models import CededLoss, PremiumCession, Recovery, Treaty


def number_of(key: str) -> int:
    """Return a key as a number, 0 if it is none."""
    return int(key) if key.isdecimal() and len(key) < 19 else 0


def amount_step(label: str, value: Any, note: str = "", url: str = "") -> Step:
    """Return a line of an explanation with an amount in won."""
    return Step(label, Decimal(value), note, url, _t("won"))


def treaty_step(treaty: Treaty) -> Step:
    """Return the line of an explanation that names the treaty and who signed it."""
    url = reverse("reinsurance:treaty_detail", args=[treaty.treaty_code])
    signed = _t("drafted by %(maker)s, signed by %(checker)s") % {
        "maker": treaty.made_by,
        "checker": treaty.checked_by,
    }
    return Step(_t("Treaty"), f"{treaty.treaty_code} {treaty.treaty_name}", signed, url)


def _how(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    """Return the formula of a recovery and its steps, by the kind of treaty."""
    kind, before = trace["kind"], trace["by_quota_share"]
    net = trace["loss"] - before
    steps = []
    if before:
        steps = [
            amount_step(_t("Paid by treaties before"), before),
            amount_step(_t("Loss after treaties before"), net),
        ]
    if kind in (Treaty.Kind.QUOTA_SHARE, Treaty.Kind.FACULTATIVE):
        percent = f"{Decimal(trace['percent']).normalize():f}"
        steps.append(Step(_t("Ceded"), percent, unit="%"))
        return _t("loss after treaties before × ceded percent, cut to whole won"), steps
    layer = [
        amount_step(_t("Retention"), trace["retention"]),
        amount_step(_t("Limit of the treaty"), trace["limit"]),
    ]
    if kind == Treaty.Kind.SURPLUS:
        share = rules.share_of_sum(
            np.asarray([trace["sum_insured"]]), retention=trace["retention"], limit=trace["limit"]
        )
        steps += [
            amount_step(_t("Sum insured of the risk"), trace["sum_insured"]),
            *layer,
            Step(_t("Share of the risk"), f"{share[0] / rules.WHOLE * 100:.4f}", unit="%"),
        ]
        return _t("loss × (sum insured above the retention, up to the limit) ÷ sum insured"), steps
    if kind in rules.ACCUMULATING:
        event = trace.get("event") or _t("all losses of the period")
        steps += [
            amount_step(_t("Accumulated before"), trace["accumulated"], event),
            amount_step(_t("Accumulated with this loss"), trace["accumulated"] + net),
            *layer,
        ]
        return (
            _t("what the sum of losses exceeds the retention by, up to the limit, less before"),
            steps,
        )
    steps += layer
    return _t(
        "smaller of (loss − treaties before − retention) and the limit, not below zero"
    ), steps


@explains("recovery", right="reinsurance.view")
def explain_recovery(key: str, scope: Scope) -> Explanation:
    """Explain what a reinsurer owes for one payout, from the trace that was kept.

    Raises:
        NotFound: no such recovery.
    """
    row = Recovery.objects.select_related("treaty").filter(pk=number_of(key)).first()
    if row is None:
        raise NotFound(_t("There is no recovery %(key)s.") % {"key": key})
    trace = row.trace
    formula, steps = _how(trace)
    steps.insert(0, amount_step(_t("Paid for the loss"), trace["loss"], row.claim_number))
    if trace["left_before"] is not None:
        steps.append(
            amount_step(
                _t("Left of the limit of the period"),
                trace["left_before"],
                _t("before this batch of payments"),
            )
        )
    steps.append(amount_step(_t("Recovery"), trace["amount"]))
    if "signed" in trace:
        steps += [
            Step(_t("Signed line"), f"{trace['signed'] / 100:g}", row.reinsurer_name, unit="%"),
            amount_step(_t("Its part"), row.recovery_amount, _t("the lines sum to the recovery")),
        ]
    return Explanation(
        title=_t("Recovery"),
        answer=row.recovery_amount,
        unit=_t("won"),
        formula=formula,
        steps=steps,
        sources=[
            treaty_step(row.treaty),
            Step(
                _t("Loss on"),
                trace["loss_date"],
                _t("within the period of the treaty; proportional treaties come before layers"),
                why_url("ceded-loss", row.payout_id),
            ),
        ],
        as_of=row.billed_on,
    )


@explains("ceded-loss", right="reinsurance.view")
def explain_loss(key: str, scope: Scope) -> Explanation:
    """Explain what was ceded of one payout: the treaties that stood, and what each pays.

    Raises:
        NotFound: no such payout.
    """
    loss = CededLoss.objects.filter(pk=number_of(key)).first()
    if loss is None:
        raise NotFound(_t("There is no paid loss %(key)s.") % {"key": key})
    paid: dict[str, list[Recovery]] = {}
    for row in Recovery.objects.filter(payout_id=loss.pk).order_by("pk"):
        paid.setdefault(row.treaty_id, []).append(row)
    treaties = Treaty.objects.filter(pk__in=loss.treaties)
    steps = [amount_step(_t("Paid for the loss"), loss.gross, loss.claim_number)]
    beyond = Treaty.objects.filter(pk__in=set(paid) - set(loss.treaties))
    programme = sorted(
        [*treaties, *beyond], key=lambda t: (rules.ORDER.index(t.kind), t.position, t.pk)
    )
    for treaty in programme:
        parts = paid.get(treaty.pk, [])
        url = why_url("recovery", parts[0].pk) if parts else ""
        note = treaty.get_kind_display() if parts else _t("the loss does not reach it")
        amount = sum(part.recovery_amount for part in parts)
        steps.append(amount_step(treaty.treaty_code, amount, str(note), url))
    if not loss.treaties:
        steps.append(Step(_t("Treaties"), _t("none"), _t("no treaty covers this line and day")))
    ceded = sum(part.recovery_amount for parts in paid.values() for part in parts)
    steps.append(amount_step(_t("Kept"), loss.gross - ceded))
    return Explanation(
        title=_t("Ceded"),
        answer=ceded,
        unit=_t("won"),
        formula=_t("sum of what the treaties of the line pay on the loss date"),
        steps=steps,
        sources=[
            Step(_t("Portfolio"), products.lines().get(loss.line, loss.line)),
            Step(_t("Loss on"), loss.loss_date),
        ],
        as_of=loss.paid_on,
    )


@explains("ceded-premium", right="reinsurance.view")
def explain_premium(key: str, scope: Scope) -> Explanation:
    """Explain the premium ceded to a treaty for a month.

    Raises:
        NotFound: no such cession.
    """
    row = PremiumCession.objects.select_related("treaty").filter(pk=number_of(key)).first()
    if row is None:
        raise NotFound(_t("There is no cession %(key)s.") % {"key": key})
    treaty = row.treaty
    quota = treaty.kind == Treaty.Kind.QUOTA_SHARE
    percent = treaty.cession_percent if quota else treaty.premium_percent
    line = products.lines().get(treaty.line, treaty.line)
    noted = selectors.subject_count(treaty, row.month)
    by_risk = treaty.kind in (Treaty.Kind.SURPLUS, Treaty.Kind.FACULTATIVE)
    rate = Step(
        _t("Ceded (%)") if quota else _t("Premium (%)"), f"{percent.normalize():f}", unit="%"
    )
    if by_risk:
        rate = Step(_t("Share of each risk"), _t("the share that its losses are ceded by"))
    formula = _t("premium of the line × percent, rounded half up to whole won")
    if by_risk:
        formula = _t("sum over the risks of premium × share, each rounded half up to whole won")
    elif row.trace:
        formula = _t(
            "instalment of the deposit; at the end the larger of premium × percent and the"
            " minimum, less what was paid"
        )
    return Explanation(
        title=_t("Ceded premium %(month)s") % {"month": row.month},
        answer=row.ceded_premium,
        unit=_t("won"),
        formula=formula,
        steps=[
            amount_step(
                _t("Premium of the line"),
                row.subject_premium,
                _t("%(line)s: first premiums and instalments that came in, less withdrawals")
                % {"line": line},
            ),
            Step(_t("Premiums noted"), noted, _t("premiums noted one by one, on the days covered")),
            rate,
            *_deposit_steps(row),
            amount_step(_t("Ceded premium"), row.ceded_premium),
            Step(
                _t("Reinsurance commission (%)"),
                f"{treaty.commission_percent.normalize():f}",
                unit="%",
            ),
            amount_step(_t("Reinsurance commission"), row.commission),
        ],
        sources=[treaty_step(treaty)],
        as_of=row.month,
    )


def _deposit_steps(row: PremiumCession) -> list[Step]:
    if not row.trace:
        return []
    trace = row.trace
    steps = [
        amount_step(_t("Instalment of the deposit"), trace["instalment"]),
        amount_step(_t("Paid in the months before"), trace["paid"]),
    ]
    if "adjusted" in trace:
        minimum = f"{row.treaty.minimum_premium:,.0f}"
        steps += [
            amount_step(_t("Premium of the line over the whole period"), trace["subject"]),
            amount_step(
                _t("Premium of the period"),
                trace["adjusted"],
                _t("at least the minimum of %(won)s won") % {"won": minimum},
            ),
        ]
    return steps


@searches("reinsurance.view")
def find_treaties(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find treaties by code, name or reinsurer."""
    words = (
        Q(treaty_code__icontains=query)
        | Q(treaty_name__icontains=query)
        | Q(reinsurer_name__icontains=query)
    )
    for treaty in Treaty.objects.filter(words).order_by("treaty_code")[:limit]:
        yield Hit(
            kind=_("Treaty"),
            number=treaty.treaty_code,
            title=treaty.treaty_name,
            url=reverse("reinsurance:treaty_detail", args=[treaty.treaty_code]),
            note=treaty.reinsurer_name,
        )


for _place, _title, _name, _order in (
    ("claim", _("Reinsurance"), "panel_claim", 60),
    ("contract", _("Reinsurance"), "panel_contract", 70),
    ("treaty", _("Bordereaux"), "panel_treaty", 10),
):
    panels.register(
        panels.Panel(
            place=_place,
            title=_title,
            url=lambda key, name=_name: reverse(f"reinsurance:{name}", args=[key]),
            right="reinsurance.view",
            order=_order,
        )
    )
for _title, _name, _order in (
    (_("Owed by reinsurers, by age"), "panel_ageing", 10),
    (_("Capacity used"), "panel_capacity", 20),
    (_("Bordereau of premiums"), "panel_cessions", 30),
    (_("Treaties to sign"), "panel_drafts", 40),
):
    panels.register(
        panels.Panel(
            place="home:reinsurance",
            title=_title,
            url=lambda _key, name=_name: reverse(f"reinsurance:{name}"),
            right="reinsurance.view",
            order=_order,
            wide=True,
        )
    )


@tells(
    _("Treaties to be signed"),
    url="reinsurance:treaty_list",
    query="?status=DRAFT",
    right="reinsurance.sign",
)
def treaties_to_sign(user: Any, today: date) -> int:
    """Count the drafts that others have made."""
    drafts = Treaty.objects.filter(status=Treaty.Status.DRAFT)
    return drafts.exclude(made_by=user.get_username()).count()
