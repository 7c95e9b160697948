"""What stage 3 offers to other pages: search, pickers, panels."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract
from contracts.selectors import late_withdrawals, pages
from contracts.selectors.facts import find_for_claim, named, within
from contracts.selectors.silence import silence
from core import panels
from core.clock import next_business_day
from core.notices import tells
from core.panels import Panel
from core.permissions import Scope
from core.pickers import Choice, picks
from core.search import Hit, searches

RIGHT = "contracts.view"


@searches(RIGHT)
def find_contracts(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find contracts by number, customer's name, or the last four digits of the phone."""
    rows = named(within(Contract.objects.select_related("customer", "product"), scope), query)
    for row in rows.order_by("-contract_date")[:limit]:
        yield Hit(
            kind=_("Contract"),
            number=row.pk,
            title=row.customer.name,
            url=reverse("contracts:contract_detail", args=[row.pk]),
            note=f"{row.product.product_name} · {row.get_policy_status_display()}",
        )


@searches(RIGHT)
def find_customers(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find customers by name or the last four digits of the phone."""
    for row in pages.customers_named(query, scope)[:limit]:
        yield Hit(
            kind=_("Customer"),
            number=str(row.pk),
            title=row.name,
            url=reverse("contracts:customer_detail", args=[row.pk]),
            note=row.rrn_mask,
        )


@picks("contract", right=RIGHT)
def pick_contract(query: str, scope: Scope, limit: int) -> Iterable[Choice]:
    """Offer contracts for forms."""
    return find_for_claim(query, scope)[:limit]


def _offer(
    place: str, title: Any, name: str, order: int, *, wide: bool = False, right: str = RIGHT
) -> None:
    url: Callable[[str], str] = lambda key: reverse(name, args=[key] if key else [])  # noqa: E731
    panels.register(Panel(place=place, title=title, url=url, right=right, order=order, wide=wide))


_offer("journey", _("Product, rules and rating"), "contracts:panel_origin", 10)
_offer("journey", _("Application and underwriting"), "contracts:panel_application", 20)
_offer("journey", _("The contract"), "contracts:panel_issue", 30)
_offer("contract", _("Premium bills"), "contracts:panel_bills", 20)
_offer("contract", _("Policy reserve"), "contracts:panel_reserves", 40)
_offer("contract", _("Schedule shown at sale"), "contracts:panel_schedule", 45, wide=True)
_offer("customer", _("Contracts"), "contracts:panel_customer", 10, wide=True)
_offer("application", _("Underwriting"), "contracts:panel_underwriting", 10)
_offer("product", _("Contracts of the product"), "contracts:panel_sold", 30)
_offer("home:agent", _("Contracts at risk"), "contracts:panel_at_risk", 20, wide=True)
_offer("home:branch_manager", _("Contracts at risk"), "contracts:panel_at_risk", 20, wide=True)


@tells(
    _("Applications referred to a person"),
    url="contracts:underwriting_home",
    right="contracts.underwrite",
)
def referrals_waiting(user: Any, today: date) -> int:
    """Count the referrals that wait for an underwriter."""
    return pages.referrals().count()


@tells(
    _("Contracts that lapse by the next working day"),
    url="contracts:servicing_home",
    right="contracts.service",
    tone="red",
)
def contracts_lapsing(user: Any, today: date) -> int:
    """Count the bills whose contracts lapse next."""
    until = next_business_day(today + timedelta(days=1))
    return pages.lapsing(Scope(), today=today, until=until).count()


@tells(
    _("Referrals that silence accepts within seven days"),
    url="contracts:underwriting_home",
    right="contracts.underwrite",
    tone="red",
)
def referrals_near_silence(user: Any, today: date) -> int:
    """Count the referrals to answer before the law answers for us."""
    return silence(today).warned


@tells(
    _("Referrals passed on to the chief underwriter"),
    url="contracts:underwriting_home",
    right="contracts.underwrite",
)
def referrals_escalated(user: Any, today: date) -> int:
    """Count what was passed on and is not decided."""
    return silence(today).escalated


@tells(
    _("Applications near or past acceptance by silence"),
    url="operations",
    right="core.operations",
    tone="red",
)
def operations_near_silence(user: Any, today: date) -> int:
    """Count what silence accepts within seven days, and what it accepted in thirty."""
    found = silence(today)
    return found.warned + found.accepted


@tells(
    _("Late withdrawals that wait for a second person"),
    url="contracts:servicing_home",
    right="contracts.service",
)
def withdrawals_waiting(user: Any, today: date) -> int:
    """Count late declarations of withdrawal that another person took."""
    return late_withdrawals().exclude(taken_by=user.get_username()).count()
