"""What stage 2 shows elsewhere: why this commission, search, pickers, panels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core import panels
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.money import round_won
from core.notices import tells
from core.panels import Panel
from core.permissions import Scope, scope_of
from core.pickers import Choice, picks
from core.search import Hit, searches
from sales import rules
from sales.models import Commission, CommissionSettlement
from sales.selectors import applications, commissions, organisation, settlements
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
    return _clawback(row) if row.kind == Commission.Kind.CLAWBACK else _earned(row)


def _earned(row: Commission) -> Explanation:
    exact = row.base_amount * row.product_rate * row.agent_rate
    rounded = round_won(exact)
    steps = [
        Step(_t("Premium of the instalment"), row.base_amount, unit=_t("won"), url=_contract(row)),
        Step(
            _t("Product's rate at this instalment"),
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
        Step(_t("Product of the three"), _plain(exact), unit=_t("won")),
        Step(_t("Rounded"), rounded, _t("half away from zero, to whole won"), unit=_t("won")),
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
        title=_t("Commission"),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("premium × product's rate × agent's factor"),
        steps=steps,
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _clawback(row: Commission) -> Explanation:
    before = commissions.taken_back_before(row)
    target = round_won(row.base_amount * row.product_rate)
    return Explanation(
        title=_t("Clawback"),
        answer=row.amount,
        unit=_t("won"),
        formula=_t("−(commissions so far × share to take back − taken back before)"),
        steps=[
            Step(_t("Commissions of the contract so far"), row.base_amount, unit=_t("won")),
            Step(
                _t("Share to take back"),
                _plain(row.product_rate * _PERCENT),
                _t("after %(n)s paid instalments, by the clawback rule") % {"n": row.instalment},
                unit="%",
                url=_rule_url(row, "CLAWBACK"),
            ),
            Step(
                _t("Target to take back"), target, _t("rounded half away from zero"), unit=_t("won")
            ),
            Step(_t("Taken back before"), before, unit=_t("won")),
            Step(_t("Taken back now"), target - before, unit=_t("won")),
        ],
        sources=_sources(row),
        as_of=row.accrued_on,
    )


def _sources(row: Commission) -> list[Step]:
    found = [
        Step(_t("Contract"), row.contract_id, url=_contract(row)),
        Step(
            _t("Rule"),
            f"#{row.rule_id}",
            f"{row.product_code} v{row.version}",
            url=_rule_url(row, "CLAWBACK" if row.kind == "CLAWBACK" else "COMMISSION_RULE"),
        ),
        Step(_t("Arose on"), row.accrued_on, _t("event %(id)s") % {"id": row.event_id}),
        Step(_t("Payable on"), row.payment_date, _due_note(row)),
    ]
    if row.settlement_id:
        url = reverse("sales:settlement_detail", args=[row.settlement_id])
        found.append(Step(_t("Statement"), row.settlement_id, url=url))
    return found


def _due_note(row: Commission) -> str:
    if row.kind == Commission.Kind.CLAWBACK:
        return _t("with the last commission that it takes back")
    return _t("the same day of the next month, or its last day")


def _contract(row: Commission) -> str:
    return contract_url(row.contract_id)


def _agent_url(agent_id: str) -> str:
    return reverse("sales:agent_detail", args=[agent_id])


def _rule_url(row: Commission, rule_type: str) -> str:
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


@searches("sales.view")
def find_agents(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find agents by number or name."""
    for agent in organisation.search_agents(query, scope, limit):
        yield Hit(
            kind=_("Agent"),
            number=agent.agent_id,
            title=agent.agent_name,
            url=_agent_url(agent.agent_id),
            note=agent.branch_name,
        )


@searches("sales.view")
def find_applications(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find applications by number or applicant's name."""
    for row in applications.search(query, scope, limit):
        yield Hit(
            kind=_("Application"),
            number=row.application_id,
            title=row.applicant_name,
            url=reverse("sales:application_detail", args=[row.application_id]),
            note=str(row.get_status_display()),
        )


@searches("sales.view")
def find_settlements(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find statements by number."""
    found = settlements.settlement_list(scope).filter(settlement_id__icontains=query)
    for row in found[:limit]:
        yield Hit(
            kind=_("Statement"),
            number=row.settlement_id,
            title=f"{row.agent.agent_name} {row.month}",
            url=_lines_url(row),
            note=str(row.get_status_display()),
        )


@picks("agent", right="sales.view")
def pick_agents(query: str, scope: Scope, limit: int) -> Iterable[Choice]:
    """Suggest agents for forms."""
    for agent in organisation.search_agents(query, scope, limit):
        yield agent.agent_id, f"{agent.agent_name} · {agent.branch_name}"


panels.register(
    Panel(
        place="contract",
        title=_("Commissions"),
        url=lambda key: reverse("sales:panel_contract", args=[key]),
        right="sales.view",
        order=30,
    )
)
panels.register(
    Panel(
        place="agent",
        title=_("Applications"),
        url=lambda key: reverse("sales:panel_applications", args=[key]),
        right="sales.view",
        order=10,
    )
)
panels.register(
    Panel(
        place="agent",
        title=_("Commissions"),
        url=lambda key: reverse("sales:panel_commissions", args=[key]),
        right="sales.view",
        order=20,
    )
)


@tells(_("Agents whose training ends"), url="sales:branch_home", right="sales.manage")
def trainings_ending(user: Any, today: date) -> int:
    """Count the agents of the person's scope whose training ends within thirty days."""
    return organisation.training_ends_soon(scope_of(user, "sales.manage"), today).count()


@tells(
    _("Commission statements to release"),
    url="sales:settlement_list",
    query="?status=DRAFT",
    right="sales.settle",
)
def statements_to_release(user: Any, today: date) -> int:
    """Count the statements that others, or the night, have drafted."""
    drafts = CommissionSettlement.objects.filter(status=CommissionSettlement.Status.DRAFT)
    return drafts.exclude(made_by=user.get_username()).count()
