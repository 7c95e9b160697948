"""What claims show elsewhere: why this amount, due date or interest; search, pickers, panels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from claims import access, selectors, services
from claims.models import Adjustment, Claim, Payout
from core import panels
from core.clock import business_date
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.notices import tells
from core.people import name_of
from core.permissions import Scope, limit_of
from core.pickers import picks
from core.search import Hit, searches


def _claim(number: str, scope: Scope) -> Claim:
    found = selectors.claims_within(access.agents_within(scope)).filter(pk=number).first()
    if found is None:
        raise NotFound(_t("There is no claim %(number)s.") % {"number": number})
    return found


def _source(claim: Claim) -> Step:
    return Step(_("Claim"), claim.pk, url=reverse("claims:claim_detail", args=[claim.pk]))


@explains("payable", right="claims.view")
def explain_payable(key: str, scope: Scope) -> Explanation:
    """Explain a payable amount from the trace that was stored with the adjustment."""
    claim = _claim(key, scope)
    one = claim.adjustments.exclude(status=Adjustment.Status.RETURNED).last()
    if one is None:
        raise NotFound(_t("Nothing has been worked out for claim %(n)s.") % {"n": key})
    trace, won = one.trace, _("won")
    steps = [
        Step(_("Assessed loss"), trace["loss"], unit=won),
        Step(
            _("After own fault"),
            trace["after_fault"],
            _t("× (1 − %(p)s%%), a fraction of a won is cut") % {"p": trace["fault_percent"]},
            unit=won,
        ),
        Step(
            _("After the deductible"),
            trace["after_deductible"],
            _t("− %(d)s won") % {"d": f"{trace['deductible']:,}"},
            unit=won,
        ),
        Step(
            _("What the coverage still gives"),
            trace["limit"],
            _t("%(name)s: %(full)s × %(p)d%% − given before %(used)s")
            % {
                "name": trace["coverage_name"],
                "full": f"{trace['full_sum']:,}",
                "p": trace["percent"],
                "used": f"{trace['paid_before']:,}",
            },
            unit=won,
        ),
        Step(
            _("Days of cover at the accident"),
            trace["days_covered"],
            _t("waiting period %(n)d days") % {"n": trace["waiting_days"]},
            unit=_("days"),
        ),
    ]
    return Explanation(
        title=_("Payable amount"),
        answer=int(one.payable),
        unit=won,
        formula=_t("min(loss × (1 − own fault) − deductible, what the coverage still gives)"),
        steps=steps,
        sources=[
            _source(claim),
            Step(_("Product rule"), f"COVERAGE_LIMIT #{trace['rule_id']}"),
            Step(_("Proposed by"), name_of(one.made_by), one.made_on.isoformat()),
            *([Step(_("Decided by"), name_of(one.decided_by))] if one.decided_by else []),
        ],
        as_of=one.made_on,
    )


_CLOCKS = {
    "PERSON": _("Persons: three working days after the papers came in"),
    "INVESTIGATED": _("Loss under investigation: ten working days"),
    "ADJUSTMENT": _("Property: ten working days to fix the amount"),
    "PROPERTY": _("Property: seven days after the amount was fixed"),
}


@explains("claim-due", right="claims.view")
def explain_due(key: str, scope: Scope) -> Explanation:
    """Explain a due date: clock, article, days skipped."""
    claim = _claim(key, scope)
    trace = claim.due_trace
    steps = [
        Step(_("Clock"), _CLOCKS.get(trace["clock"], trace["clock"])),
        Step(_("Counted from"), trace["from"], _t("this day itself is not counted")),
        Step(_("Days"), trace["days"], unit=_("days")),
    ]
    if trace["skipped"]:
        steps.append(Step(_("Days skipped"), len(trace["skipped"]), ", ".join(trace["skipped"])))
    if claim.investigation_reason:
        steps.append(Step(_("Investigated because"), claim.investigation_reason))
    return Explanation(
        title=_("Due date"),
        answer=claim.due_on,
        unit="",
        formula=_t("Standard terms: payment within the period; late interest runs afterwards"),
        steps=steps,
        sources=[_source(claim)],
    )


@explains("late-interest", right="claims.view")
def explain_interest(key: str, scope: Scope) -> Explanation:
    """Explain late interest: what was paid, or what a payment today would carry."""
    claim = _claim(key, scope)
    payout = Payout.objects.filter(claim=claim).first()
    if payout is not None:
        amount, trace, on = int(payout.late_interest), payout.interest_trace, payout.payment_date
    else:
        on = business_date()
        amount, trace = services.interest_trace(claim.pk, on=on)
    won = _("won")
    steps: list[Step] = []
    if trace:
        steps.append(Step(_("Late amount"), trace["principal"], unit=won))
        steps.append(Step(_("Due"), claim.due_on, url=why_url("claim-due", key)))
        steps += [_interest_line(line) for line in trace["lines"]]
    return Explanation(
        title=_("Late interest"),
        answer=amount,
        unit=won,
        formula=_t("Σ amount × days × rate ÷ 365, a fraction of a won is cut once"),
        steps=steps or [Step(_("Days late"), 0, _t("paid, or still payable, in time"))],
        sources=[
            _source(claim),
            Step(
                _("Late-interest rate"),
                _t("policy-loan rate, +4 / +6 / +8 points from day 31 / 61 / 91"),
            ),
        ],
        as_of=on,
    )


def _interest_line(line: dict[str, Any]) -> Step:
    return Step(
        _t("Day %(a)d to %(b)d") % {"a": line["from_day"], "b": line["to_day"]},
        line["days"],
        _t("%(rate)s%% a year, %(a)s to %(b)s")
        % {"rate": line["rate"].rstrip("0").rstrip("."), "a": line["from"], "b": line["to"]},
        unit=_("days"),
    )


@searches("claims.view")
def find_claims(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find claims by number, contract or claimant, and providers by name."""
    for claim in selectors.claim_numbers(query, access.agents_within(scope), limit):
        yield Hit(
            kind=_("Claim"),
            number=claim.pk,
            title=claim.claimant_name,
            url=reverse("claims:claim_detail", args=[claim.pk]),
            note=f"{claim.get_claim_type_display()} · {claim.get_status_display()}",
        )
    for provider in selectors.providers(query)[:limit]:
        yield Hit(
            kind=_("Provider"),
            number=provider.pk,
            title=provider.provider_name,
            url=reverse("claims:provider_detail", args=[provider.pk]),
            note=str(provider.get_kind_display()),
        )


@picks("provider", right="claims.view")
def pick_provider(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer providers for forms."""
    return [(p.pk, p.provider_name) for p in selectors.providers(query)[:limit]]


@picks("claim_contract", right="claims.receive")
def pick_contract(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer contracts for the reception of a claim."""
    return access.contract_choices(query, scope)[:limit]


@picks("claim", right="claims.view")
def pick_claim(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer claims for forms."""
    found = selectors.claim_numbers(query, access.agents_within(scope), limit)
    return [(claim.pk, f"{claim.claimant_name} · {claim.pk}") for claim in found]


panels.register(
    panels.Panel(
        place="contract",
        title=_("Claims"),
        url=lambda key: reverse("claims:panel_contract", args=[key]),
        right="claims.view",
        order=50,
        wide=True,
    )
)
panels.register(
    panels.Panel(
        place="home:executive",
        title=_("Claims to approve"),
        url=lambda _key: reverse("claims:panel_approvals"),
        right="claims.approve",
        order=80,
        wide=True,
    )
)


@tells(_("Proposals within your authority"), url="claims:manager_home", right="claims.approve")
def proposals_to_decide(user: Any, today: date) -> int:
    """Count the proposals that the person may decide."""
    limit = limit_of(user, "claims.approve")
    return selectors.proposals_waiting(limit=limit, actor=user.get_username()).count()


@tells(
    _("Your claims past their due date"),
    url="claims:adjuster_home",
    right="claims.adjust",
    tone="red",
)
def claims_overdue(user: Any, today: date) -> int:
    """Count the person's claims that are late."""
    return selectors.my_desk(user.get_username(), today)[0].overdue


@tells(_("Your claims due within two days"), url="claims:adjuster_home", right="claims.adjust")
def claims_due_soon(user: Any, today: date) -> int:
    """Count the person's claims that are due next."""
    return selectors.my_desk(user.get_username(), today)[0].due_soon
