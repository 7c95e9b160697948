"""Why: every line of commission and every statement, explained from what is stored with it."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _t

from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.money import round_won
from core.permissions import Scope
from sales import rules
from sales.models import Commission, CommissionSettlement
from sales.selectors import commissions, settlements
from sales.tables import contract_url

_PERCENT = Decimal(100)


@explains("commission", right="sales.view")
def explain_commission(key: str, scope: Scope) -> Explanation:
    """Explain a commission or a clawback from what is stored with it.

    Raises:
        NotFound: no such commission, or outside the scope.
    """
    if not key.isdecimal():
        raise NotFound(_t("There is no commission %s.") % key)
    row = commissions.commission(int(key), scope)
    return _ANSWERS.get(row.kind, _earned)(row)


def _earned(row: Commission) -> Explanation:
    exact = row.base_amount * row.product_rate * row.agent_rate * row.share / 10_000
    rounded = max(round_won(exact), row.amount) if row.share < 10_000 else round_won(exact)
    steps = [
        Step(_t("Premium of the instalment"), row.base_amount, unit=_t("won"), url=_contract(row)),
        Step(
            _t("Rate at this instalment by tier and rank")
            if row.plan_id
            else _t("Product's rate at this instalment"),
            _plain(row.product_rate * _PERCENT),
            _t("instalment %(n)s of the commission rule") % {"n": row.instalment},
            unit="%",
            url=_rule_url(row, "COMMISSION_RULE"),
        ),
        Step(
            _t("Agent's factor"),
            _plain(row.agent_rate),
            _t("as it was on %(day)s") % {"day": row.accrued_on},
            url=_agent_url(row.agent_id),
        ),
        *_shared(row),
        Step(_t("Product of the three"), _plain(exact), unit=_t("won")),
        Step(
            _t("Rounded"),
            rounded,
            _t("the shares of one instalment by largest remainder")
            if row.share < 10_000
            else _t("half away from zero, to whole won"),
            unit=_t("won"),
        ),
    ]
    if row.amount < rounded and row.instalment <= rules.FIRST_YEAR:
        steps.append(
            Step(
                _t("Cut by the cap of the first year"),
                row.amount - rounded,
                _t("first-year commission is capped (Insurance Supervision, Art. 4-32)"),
                unit=_t("won"),
                url=_rule_url(row, "COMMISSION_RULE"),
            )
        )
    return Explanation(
        title=row.get_kind_display() if row.kind == "MAINTAIN" else _t("Commission"),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("premium × rate × agent's factor × share")
        if row.share < 10_000
        else _t("premium × product's rate × agent's factor"),
        steps=steps,
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _shared(row: Commission) -> list[Step]:
    if row.share == 10_000:
        return []
    return [
        Step(
            _t("Share of the contract"),
            _plain(Decimal(row.share) / 100),
            _t("the shares of the day come to 100 %"),
            unit="%",
        )
    ]


def _clawback(row: Commission) -> Explanation:
    before = commissions.taken_back_before(row)
    target = round_won(row.base_amount * row.product_rate)
    restored = row.kind == Commission.Kind.RESTORED
    return Explanation(
        title=str(row.get_kind_display()),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("−(commissions so far × share to take back − taken back before)"),
        steps=[
            Step(_t("Commissions of the contract so far"), row.base_amount, unit=_t("won")),
            Step(
                _t("Share to take back"),
                _plain(row.product_rate * _PERCENT),
                _t("the contract is in force again, or the rule takes less")
                if restored
                else _t("after %(n)s paid instalments, by the clawback rule")
                % {"n": row.instalment},
                unit="%",
                url=_rule_url(row, "CLAWBACK"),
            ),
            Step(
                _t("Target to take back"), target, _t("rounded half away from zero"), unit=_t("won")
            ),
            Step(_t("Taken back before"), before, unit=_t("won")),
            Step(
                _t("Restored now") if restored else _t("Taken back now"),
                abs(target - before),
                unit=_t("won"),
            ),
        ],
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _override(row: Commission) -> Explanation:
    below = commissions.line_below(row)
    return Explanation(
        title=_t("Override"),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("commission of the line below × percent of the rank"),
        steps=[
            Step(
                _t("Commission of the line below"),
                row.base_amount,
                f"{below.agent.agent_name} ({below.agent_id})" if below else "",
                why_url("commission", below.pk) if below else "",
                _t("won"),
            ),
            Step(
                _t("Percent of the rank"),
                _plain(row.product_rate * _PERCENT),
                _t("nearest superior of the rank, as the hierarchy stood on %(day)s")
                % {"day": row.accrued_on},
                unit="%",
                url=_agent_url(row.agent_id),
            ),
            Step(
                _t("Rounded"), row.amount, _t("half away from zero, to whole won"), unit=_t("won")
            ),
        ],
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _advance(row: Commission) -> Explanation:
    texts = {
        "ADVANCE": (
            _t("Expected commission of the instalments that it is paid ahead of"),
            _t("expected commission × percent paid in advance"),
        ),
        "REDEEMED": (
            _t("Commission that was earned now"),
            _t("−min(commission × percent of the advance, what is outstanding)"),
        ),
        "RECALL": (
            _t("Advance that is not redeemed"),
            _t("an early end takes back all that is outstanding"),
        ),
    }
    label, formula = texts[row.kind]
    granted, redeemed, recalled = commissions.advance_of(row)
    return Explanation(
        title=str(row.get_kind_display()),
        answer=row.amount,
        unit=_t("won"),
        formula=formula,
        steps=[
            Step(label, row.base_amount, unit=_t("won")),
            Step(_t("Percent"), _plain(row.product_rate * _PERCENT), unit="%"),
            Step(_t("Advance on this contract"), granted, unit=_t("won")),
            Step(_t("Redeemed until now"), redeemed, unit=_t("won")),
            Step(_t("Taken back until now"), recalled, unit=_t("won")),
            Step(_t("Outstanding"), granted - redeemed - recalled, unit=_t("won")),
        ],
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _granted(row: Commission) -> Explanation:
    return Explanation(
        title=str(row.get_kind_display()),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("the grant, spread over its contracts by their premiums (largest remainder)"),
        steps=[
            Step(_t("Part of this contract"), row.base_amount, unit=_t("won"), url=_contract(row)),
            Step(
                _t("Contract month"),
                row.instalment,
                _t("counts against the first-year cap until the twelfth"),
                reverse("sales:cap_board"),
            ),
        ],
        sources=_sources(row),
        as_of=row.accrued_on,
    )


_ANSWERS = {
    "CLAWBACK": _clawback,
    "RESTORED": _clawback,
    "OVERRIDE": _override,
    "ADVANCE": _advance,
    "REDEEMED": _advance,
    "RECALL": _advance,
    "INCENTIVE": _granted,
    "SUPPORT": _granted,
}


def _sources(row: Commission) -> list[Step]:
    found = [
        Step(_t("Contract"), row.contract_id, url=_contract(row)),
        _rule(row),
        Step(_t("Arose on"), row.accrued_on, _t("event %(id)s") % {"id": row.event_id}),
        Step(_t("Payable on"), row.payment_date, _due_note(row)),
    ]
    if row.settlement_id:
        url = reverse("sales:settlement_detail", args=[row.settlement_id])
        found.append(Step(_t("Statement"), row.settlement_id, url=url))
    return found


def _rule(row: Commission) -> Step:
    if row.plan_id:
        url = reverse("sales:plan_detail", args=[row.plan_id])
        return Step(_t("Commission plan"), row.plan_id, _t("by the contract date"), url)
    return Step(
        _t("Rule"),
        f"#{row.rule_id}" if row.rule_id else "–",
        f"{row.product_code} v{row.version}",
        url=_rule_url(row, "CLAWBACK" if row.kind == "CLAWBACK" else "COMMISSION_RULE"),
    )


def _due_note(row: Commission) -> str:
    if row.kind in Commission.TAKEN:
        return _t("with the last commission that it takes back")
    if row.kind == Commission.Kind.RESTORED:
        return _t("on the next statement")
    return _t("the same day of the next month, or its last day")


def _contract(row: Commission) -> str:
    return contract_url(row.contract_id)


def _agent_url(agent_id: str) -> str:
    return reverse("sales:agent_detail", args=[agent_id])


def _rule_url(row: Commission, rule_type: str) -> str:
    if row.plan_id:
        return reverse("sales:plan_detail", args=[row.plan_id])
    where = [row.product_code, row.version]
    return reverse("products:version_detail", args=where) + f"#rule-{rule_type}"


def _plain(value: Decimal) -> str:
    text = f"{value.normalize():,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@explains("settlement", right="sales.view")
def explain_settlement(key: str, scope: Scope) -> Explanation:
    """Explain what a statement pays out.

    Raises:
        NotFound: no such statement, or outside the scope.
    """
    row = settlements.settlement(key, scope)
    owed = row.clawed_back - row.carried_in
    taxable = row.net_paid + row.withheld
    return Explanation(
        title=_t("Paid out"),
        answer=row.net_paid,
        unit=_t("won"),
        formula=_t("earned − recovered − income tax − local income tax"),
        steps=[
            Step(
                _t("Earned"), row.earned, _t("lines of the statement"), _lines_url(row), _t("won")
            ),
            Step(
                _t("To recover"),
                owed,
                _t("clawed back %(new)s, owed from before %(old)s")
                % {"new": f"{row.clawed_back:,.0f}", "old": f"{-row.carried_in:,.0f}"},
                unit=_t("won"),
            ),
            Step(
                _t("Recovered now"),
                row.earned - taxable,
                _t("at most what was earned; the rest is carried forward"),
                unit=_t("won"),
            ),
            Step(_t("Taxable"), taxable, unit=_t("won")),
            Step(
                _t("Income tax"),
                row.income_tax,
                _t("three percent, cut to tens of won (Income Tax Act, Art. 129)"),
                unit=_t("won"),
            ),
            Step(
                _t("Local income tax"),
                row.local_tax,
                _t("a tenth of the income tax, cut to tens of won (Local Tax Act, Art. 103-13)"),
                unit=_t("won"),
            ),
            Step(_t("Carried forward"), row.carried_out, unit=_t("won")),
        ],
        sources=[
            Step(
                _t("Statement line"),
                line.amount,
                f"{line.contract_id} · {line.get_kind_display()} {line.instalment}",
                why_url("commission", line.pk),
                _t("won"),
            )
            for line in settlements.lines_of(row.settlement_id)[:50]
        ],
        as_of=row.paid_on or row.due_until,
    )


def _lines_url(row: CommissionSettlement) -> str:
    return reverse("sales:settlement_detail", args=[row.settlement_id])
