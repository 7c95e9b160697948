"""Reads for the screens: lists, records, queues and the figures of the homes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Right
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from contracts import rules
from contracts.models import (
    Contract,
    Customer,
    LiabilityReserve,
    PremiumBill,
    Underwriting,
    UnderwritingResult,
)
from core.clock import add_months, next_business_day
from core.errors import NotFound
from core.permissions import Scope
from sales import api as sales

from .facts import within

DUE = PremiumBill.Status.DUE
_HEAVY = ("customer__rrn_cipher", "customer__rrn_hash", "product__description")


def contract_list(scope: Scope) -> QuerySet[Contract]:
    """Return the contracts of a scope with what the list shows, newest first."""
    rows = Contract.objects.select_related("customer", "product", "agent").defer(*_HEAVY)
    return within(rows, scope).order_by("-contract_date", "-contract_id")


def contract(contract_id: str, scope: Scope) -> Contract:
    """Return one contract of a scope with its customer, product, version and agent.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    rows = Contract.objects.select_related("customer", "product", "version", "agent")
    rows = rows.defer(*_HEAVY)
    found = within(rows, scope).filter(pk=contract_id).first()
    if found is None:
        raise NotFound(_("There is no contract %s.") % contract_id)
    return found


def bill_list(scope: Scope) -> QuerySet[PremiumBill]:
    """Return the bills of a scope, the newest first."""
    rows = PremiumBill.objects.select_related("contract__customer", "contract__agent")
    rows = rows.defer(*(f"contract__{name}" for name in _HEAVY[:2]))
    agents = sales.agents_in_scope(scope)
    if agents is not None:
        rows = rows.filter(contract__agent_id__in=agents)
    return rows.order_by("-pk")


def bills_of(contract_id: str) -> QuerySet[PremiumBill]:
    """Return the bills of a contract, the newest first."""
    return (
        PremiumBill.objects.filter(contract_id=contract_id)
        .select_related("receipt")
        .order_by("-instalment")
    )


def bill(contract_id: str, instalment: int, scope: Scope) -> PremiumBill:
    """Return one bill of a contract of the scope.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    held = contract(contract_id, scope)
    found = PremiumBill.objects.filter(contract_id=held.pk, instalment=instalment).first()
    if found is None:
        raise NotFound(
            _("%(contract)s has no instalment %(n)s.") % {"contract": contract_id, "n": instalment}
        )
    found.contract = held
    return found


def reserves_of(contract_id: str) -> QuerySet[LiabilityReserve]:
    """Return the policy reserves of a contract, the latest first."""
    rows = LiabilityReserve.objects.filter(contract_id=contract_id)
    return rows.order_by("-base_date", "-reserve_id")


def reserve(
    contract_id: str, base_date: date, occasion: str, scope: Scope
) -> tuple[LiabilityReserve, LiabilityReserve | None]:
    """Return one reserve of a contract of the scope and the one before it.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    held = contract(contract_id, scope)
    found = reserves_of(held.pk).filter(base_date=base_date, occasion=occasion).first()
    if found is None:
        raise NotFound(
            _("%(contract)s has no reserve of %(day)s.")
            % {"contract": contract_id, "day": base_date}
        )
    before = (
        reserves_of(held.pk)
        .filter(Q(base_date__lt=base_date) | Q(base_date=base_date, reserve_id__lt=found.pk))
        .first()
    )
    return found, before


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is unpaid on a contract, and when it would lapse."""

    contract_id: str
    count: int
    amount: Decimal
    oldest: date | None
    lapse_on: date | None
    lapsing: int | None

    @property
    def lapse_key(self) -> str:
        """Contract and instalment whose notice runs, the key of its explanation."""
        return f"{self.contract_id}.{self.lapsing}"


def arrears(contract_id: str) -> Arrears:
    """Return the unpaid bills of a contract."""
    unpaid = PremiumBill.objects.filter(contract_id=contract_id, status=DUE)
    found = unpaid.aggregate(
        n=Count("pk"), total=Sum("amount"), oldest=Min("due_date"), lapse=Min("lapse_on")
    )
    noticed = unpaid.filter(lapse_on__isnull=False).order_by("instalment")
    return Arrears(
        contract_id=contract_id,
        count=found["n"],
        amount=found["total"] or Decimal(0),
        oldest=found["oldest"],
        lapse_on=found["lapse"],
        lapsing=noticed.values_list("instalment", flat=True).first(),
    )


def withdrawal_deadline(row: Contract) -> tuple[date, rules.Deadline | None]:
    """Return the day of the application and until when a contract may be withdrawn from."""
    applied = row.contract_date
    if row.application_id:
        applied = sales.applications([row.application_id])[0].applied_on
    deadline = rules.cooling_off(
        applied_on=applied, delivered_on=row.delivered_on, term_months=row.term_months
    )
    return applied, deadline


def customer_list(scope: Scope) -> QuerySet[Customer]:
    """Return the customers of a scope with the number of their contracts, newest first."""
    agents = sales.agents_in_scope(scope)
    rows = Customer.objects.defer("rrn_cipher", "rrn_hash")
    own = Q()
    if agents is not None:
        own = Q(contracts__agent_id__in=agents)
        held = Contract.objects.filter(customer_id=OuterRef("pk"), agent_id__in=agents)
        rows = rows.filter(Exists(held))
    in_force = own & Q(contracts__policy_status=Contract.Status.ACTIVE)
    return rows.annotate(
        contract_count=Count("contracts", filter=own or None),
        in_force_count=Count("contracts", filter=in_force),
        premium_sum=Sum("contracts__premium_amount", filter=in_force),
    ).order_by("-customer_id")


def customer(customer_id: int, scope: Scope) -> Customer:
    """Return one customer of a scope.

    Raises:
        NotFound: there is none, or none of their contracts lies inside the scope.
    """
    found = customer_list(scope).filter(pk=customer_id).first()
    if found is None:
        raise NotFound(_("There is no such customer."))
    return found


def customers_named(query: str, scope: Scope) -> QuerySet[Customer]:
    """Return the customers of a scope by name or the last four digits of the phone."""
    rows = Customer.objects.filter(name__icontains=query)
    if query.isdecimal():
        rows = Customer.objects.annotate(ending=Right("phone", 4)).filter(ending=query)
    rows = rows.defer("rrn_cipher", "rrn_hash")
    agents = sales.agents_in_scope(scope)
    if agents is not None:
        held = Contract.objects.filter(customer_id=OuterRef("pk"), agent_id__in=agents)
        rows = rows.filter(Exists(held))
    return rows.order_by("name", "pk")


def contracts_of_customer(customer_id: int, scope: Scope) -> QuerySet[Contract]:
    """Return a customer's contracts inside the scope, newest first."""
    return contract_list(scope).filter(customer_id=customer_id)


def underwriting_list() -> QuerySet[Underwriting]:
    """Return decisions and referrals, the newest first."""
    return Underwriting.objects.select_related("application__agent").order_by("-pk")


def referrals(*, escalated_first: bool = False) -> QuerySet[Underwriting]:
    """Return the referral queue, the next to be accepted by silence first.

    Args:
        escalated_first: what was passed on comes before it.
    """
    waiting = Underwriting.objects.filter(status=Underwriting.Status.REFERRED)
    order = [F("escalated_on").asc(nulls_last=True)] if escalated_first else []
    return waiting.select_related("application").order_by(*order, "due_on", "pk")


def underwriting(application_id: str) -> Underwriting:
    """Return the underwriting of an application.

    Raises:
        NotFound: there is none.
    """
    found = Underwriting.objects.filter(application_id=application_id).first()
    if found is None:
        raise NotFound(_("Application %s has not been underwritten.") % application_id)
    return found


@dataclass(frozen=True, slots=True)
class ServicingFigures:
    """What waits on the servicing desk."""

    unpaid: int
    unpaid_amount: Decimal
    in_grace: int
    lapsing: int
    to_notice: int
    waiting: int
    in_force: int
    next_working_day: date


def servicing_figures(today: date) -> ServicingFigures:
    """Count what waits on the servicing desk at the business date."""
    tomorrow = today + timedelta(days=1)
    working = next_business_day(tomorrow)
    late = Q(due_date__lt=today)
    bills = PremiumBill.objects.filter(status=DUE).aggregate(
        unpaid=Count("contract_id", distinct=True, filter=late),
        amount=Sum("amount", filter=late),
        grace=Count("pk", filter=Q(lapse_on__gt=today)),
        lapsing=Count("pk", filter=Q(lapse_on__gt=today, lapse_on__lte=working)),
    )
    held = Contract.objects.aggregate(
        waiting=Count("pk", filter=Q(policy_status=Contract.Status.PENDING)),
        active=Count("pk", filter=Q(policy_status=Contract.Status.ACTIVE)),
    )
    return ServicingFigures(
        unpaid=bills["unpaid"],
        unpaid_amount=bills["amount"] or Decimal(0),
        in_grace=bills["grace"],
        lapsing=bills["lapsing"],
        to_notice=to_notice(working).count(),
        waiting=held["waiting"],
        in_force=held["active"],
        next_working_day=working,
    )


def to_notice(day: date) -> QuerySet[PremiumBill]:
    """Return the bills whose notice goes out with the next nightly run up to ``day``."""
    return (
        bill_list(Scope())
        .filter(
            status=DUE,
            reminded_on=None,
            due_date__lte=day - timedelta(days=rules.NOTICE_AFTER_DAYS),
            contract__policy_status=Contract.Status.ACTIVE,
        )
        .order_by("due_date", "contract_id")
    )


def lapsing(scope: Scope, *, today: date, until: date) -> QuerySet[PremiumBill]:
    """Return the bills whose contracts lapse after ``today``, up to ``until``, the next first."""
    rows = bill_list(scope).filter(status=DUE, lapse_on__gt=today, lapse_on__lte=until)
    return rows.order_by("lapse_on", "contract_id")


def at_risk(scope: Scope, today: date) -> QuerySet[PremiumBill]:
    """Return the oldest overdue bill of each contract of a scope, those that lapse next first."""
    older = PremiumBill.objects.filter(
        contract_id=OuterRef("contract_id"), status=DUE, instalment__lt=OuterRef("instalment")
    )
    rows = bill_list(scope).filter(status=DUE, due_date__lt=today).filter(~Exists(older))
    return rows.order_by(F("lapse_on").asc(nulls_last=True), "due_date")


@dataclass(frozen=True, slots=True)
class MonthOfBilling:
    """A month of bills by what became of them, won."""

    month: date
    collected: Decimal
    unpaid: Decimal
    void: Decimal


def billing_by_month(today: date, months: int = 12) -> list[MonthOfBilling]:
    """Return what was billed in each of the last months, by what became of it."""
    first = add_months(today.replace(day=1), 1 - months)
    rows = (
        PremiumBill.objects.filter(due_date__gte=first, due_date__lte=today)
        .values("due_date__year", "due_date__month", "status")
        .annotate(total=Sum("amount"))
        .order_by()
    )
    sums = {
        (row["due_date__year"], row["due_date__month"], row["status"]): row["total"] for row in rows
    }
    found = []
    for n in range(months):
        month = add_months(first, n)
        key = (month.year, month.month)
        found.append(
            MonthOfBilling(
                month=month,
                collected=sums.get((*key, PremiumBill.Status.COLLECTED), Decimal(0)),
                unpaid=sums.get((*key, DUE), Decimal(0)),
                void=sums.get((*key, PremiumBill.Status.VOID), Decimal(0)),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class ProductSales:
    """What was sold of a product."""

    contracts: int
    in_force: int
    premium: Decimal
    newest: date | None


def sold_of(product_code: str, scope: Scope) -> ProductSales:
    """Return how many contracts of a product a scope holds."""
    active = Q(policy_status=Contract.Status.ACTIVE)
    found = within(Contract.objects.filter(product_id=product_code), scope).aggregate(
        n=Count("pk"),
        active=Count("pk", filter=active),
        premium=Sum("premium_amount", filter=active),
        newest=Max("contract_date"),
    )
    return ProductSales(
        contracts=found["n"],
        in_force=found["active"],
        premium=found["premium"] or Decimal(0),
        newest=found["newest"],
    )


_RESULTS: dict[str, Any] = {**dict(UnderwritingResult.choices), "REFER": _lazy("To an underwriter")}


def reasons_of(decision: Underwriting | None, language: str | None) -> list[tuple[str, str, str]]:
    """Return the rules that fired: rule, result in words, text in a language, else in Korean."""
    reader = (language or "ko")[:2]
    return [
        (
            str(one.get("rule", "")),
            str(_RESULTS.get(str(one.get("result", "")), "")),
            str(one["text"].get(reader) or one["text"].get("ko", "")),
        )
        for one in (decision.reasons if decision else [])
    ]
