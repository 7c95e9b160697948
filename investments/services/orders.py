"""Orders to buy and to sell: one person makes them, another decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from core import numbering
from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.status import IllegalTransition, transition
from investments.models import Asset, TradeOrder

from ._rows import lock_all
from .limits import check_purchases
from .lots import BadTerms
from .trades import buy, sell

_MEASURES = {
    "STOCK": ("FVPL", "FVOCI"),
    "BOND": ("AC", "FVOCI", "FVPL"),
    "LOAN": ("AC", "FVPL"),
    "REAL_ESTATE": ("PROPERTY",),
}
_DEBT = ("BOND", "LOAN")


class SamePerson(NotAllowed):
    """Whoever makes an order cannot approve it."""


class SaleOrdered(DomainError):
    """A sale of the asset waits for approval already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What is to be bought.

    Args:
        amount: price of the whole, won, without accrued interest.
        face_value: of a bond or a loan, won.
        annual_rate: coupon, interest, dividend or rent, percent a year.
        maturity_date: of a bond or a loan.
        quantity: units that a market price is for.
        income_every: months between two payments of income (1, 2, 3, 4, 6 or 12).
        income_anchor: a month of payment, 1 to 12.
        issue_date: of a bond or a loan that runs already; the interest since its last coupon is
            paid with the price. None: interest begins with the purchase.
        cost_policy: which lots a sale takes, ``FIFO`` or ``AVERAGE``.
        foreign: in foreign currency, or abroad.
    """

    asset_name: str
    asset_type: str
    classification: str
    issuer: str
    amount: int
    face_value: int | None = None
    annual_rate: Decimal = Decimal(0)
    maturity_date: date | None = None
    quantity: Decimal = Decimal(1)
    day_count: str = "ACT_365"
    income_every: int = 1
    income_anchor: int = 12
    issue_date: date | None = None
    cost_policy: str = "FIFO"
    foreign: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An asset to be sold for ``amount`` won, without accrued interest.

    Args:
        quantity: units to be sold of shares; None: the whole asset.
    """

    asset_id: str
    amount: int
    quantity: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """More units of shares that are held, for ``amount`` won."""

    asset_id: str
    amount: int
    quantity: Decimal
    note: str = ""


@transaction.atomic
def order_purchases(purchases: Sequence[Purchase], *, on: date) -> list[str]:
    """Propose to buy assets; a second person approves.

    Args:
        purchases: what is to be bought.
        on: the day of the proposal.

    Returns:
        The new asset numbers, in the order given.

    Raises:
        BadTerms: the first terms that do not fit, with the reason.
        LimitExceeded: together they would pass a limit of the law.
    """
    for purchase in purchases:
        _check_terms(purchase, on)
    check_purchases([(p.asset_type, p.issuer, p.amount, p.foreign) for p in purchases], on=on)
    numbers = [str(n) for n in numbering.take("AST", on.year, len(purchases))]
    Asset.objects.bulk_create(
        Asset(
            asset_id=number,
            asset_name=p.asset_name,
            asset_type=p.asset_type,
            classification=p.classification,
            issuer=p.issuer,
            purchase_date=on,
            purchase_price=p.amount,
            current_value=0,
            face_value=p.face_value,
            annual_rate=p.annual_rate,
            maturity_date=p.maturity_date,
            quantity=p.quantity,
            day_count=p.day_count,
            income_every=p.income_every,
            income_anchor=p.income_anchor,
            issue_date=p.issue_date,
            cost_policy=p.cost_policy,
            foreign=p.foreign,
        )
        for number, p in zip(numbers, purchases, strict=True)
    )
    _propose(
        "BUY", [(n, p.amount, None, p.note) for n, p in zip(numbers, purchases, strict=True)], on
    )
    return numbers


def order_purchase(purchase: Purchase, *, on: date) -> str:
    """Propose to buy one asset; see ``order_purchases``."""
    return order_purchases([purchase], on=on)[0]


@transaction.atomic
def order_sales(sales: Sequence[Sale], *, on: date) -> None:
    """Propose to sell assets that are held; a second person approves.

    Raises:
        NotHeld, SaleOrdered, BadTerms.
    """
    keys = [sale.asset_id for sale in sales]
    rows = lock_all(keys)
    waiting = TradeOrder.objects.filter(asset_id__in=keys, side="SELL", status="PROPOSED")
    known = waiting.values_list("asset_id", flat=True).first()
    if known is not None or len(set(keys)) < len(keys):
        raise SaleOrdered(
            _("%(asset)s: a sale waits for approval already; decide it first.")
            % {"asset": known or keys[0]}
        )
    if any(sale.amount <= 0 for sale in sales):
        raise BadTerms(_("A sale has a price above zero."))
    held = dict(zip(rows.asset_id, zip(rows.asset_type, rows.quantity, strict=True), strict=True))
    for sale in sales:
        kind, quantity = held[sale.asset_id]
        if sale.quantity is not None and (kind != "STOCK" or not 0 < sale.quantity < quantity):
            raise BadTerms(
                _("%(asset)s: of shares a part may be sold, more than nothing and less than all.")
                % {"asset": sale.asset_id}
            )
    _propose("SELL", [(s.asset_id, s.amount, s.quantity, s.note) for s in sales], on)


@transaction.atomic
def order_more(more: More, *, on: date) -> None:
    """Propose to buy more of shares that are held; a second person approves.

    Raises:
        NotHeld, BadTerms, LimitExceeded.
    """
    rows = lock_all([more.asset_id])
    waiting = TradeOrder.objects.filter(asset_id=more.asset_id, side="BUY", status="PROPOSED")
    if rows.asset_type[0] != "STOCK" or more.amount <= 0 or more.quantity <= 0 or waiting.exists():
        raise BadTerms(
            _("%(asset)s: shares are bought again, one order at a time, for a price above zero.")
            % {"asset": more.asset_id}
        )
    asset = Asset.objects.get(pk=more.asset_id)
    check_purchases([(asset.asset_type, asset.issuer, more.amount, asset.foreign)], on=on)
    _propose("BUY", [(more.asset_id, more.amount, more.quantity, more.note)], on)


def order_sale(sale: Sale, *, on: date) -> None:
    """Propose to sell one asset; see ``order_sales``."""
    order_sales([sale], on=on)


@transaction.atomic
def approve_many(order_ids: Iterable[int], *, on: date) -> None:
    """Approve orders: the assets change hands on this day, and the books follow.

    Args:
        order_ids: proposals of other people.
        on: the day of the trade.

    Raises:
        NotFound, IllegalTransition, SamePerson, NotHeld, BadTerms.
    """
    orders = _decidable(order_ids)
    for order in orders:
        transition(order, TradeOrder.Status.EXECUTED, decided_by=current().actor, decided_on=on)
    buy([order for order in orders if order.side == "BUY"], on=on)
    sell([order for order in orders if order.side == "SELL"], on=on)


def approve(order_id: int, *, on: date) -> None:
    """Approve one order; see ``approve_many``."""
    approve_many([order_id], on=on)


@transaction.atomic
def decline(order_id: int, *, reason: str, on: date) -> None:
    """Decline an order; an asset that was to be bought stays as a record of it.

    Raises:
        NotFound, IllegalTransition, SamePerson, BadTerms: there is no reason.
    """
    if not reason.strip():
        raise BadTerms(_("Say why: whoever made the order reads it."))
    (order,) = _decidable([order_id])
    transition(
        order,
        TradeOrder.Status.DECLINED,
        reason=reason,
        decided_by=current().actor,
        decided_on=on,
        decision_note=reason.strip()[:300],
    )
    if order.side == "BUY" and order.asset.status == "ORDERED":
        transition(order.asset, Asset.Status.DECLINED, reason=reason)


def _propose(side: str, rows: Iterable[tuple[str, int, Decimal | None, str]], on: date) -> None:
    TradeOrder.objects.bulk_create(
        TradeOrder(
            asset_id=asset_id,
            side=side,
            amount=amount,
            quantity=quantity,
            note=note[:300],
            made_by=current().actor,
            made_on=on,
        )
        for asset_id, amount, quantity, note in rows
    )


def _decidable(order_ids: Iterable[int]) -> list[TradeOrder]:
    keys = list(order_ids)
    orders = list(
        TradeOrder.objects.select_for_update(of=("self",))
        .select_related("asset")
        .filter(pk__in=keys)
        .order_by("pk")
    )
    if len(orders) < len(set(keys)):
        raise NotFound(_("There is no such order."))
    for order in orders:
        if order.status != "PROPOSED":
            raise IllegalTransition(
                _("The order for %(asset)s has been decided already.") % {"asset": order.asset_id}
            )
        if order.made_by == current().actor:
            raise SamePerson(
                _("%(maker)s made the order for %(asset)s: someone else decides it.")
                % {"maker": order.made_by, "asset": order.asset_id}
            )
    return orders


def _check_terms(purchase: Purchase, on: date) -> None:
    fault = _fault_in(purchase, on)
    if fault:
        raise BadTerms(f"{purchase.asset_name}: {fault}")


def _fault_in(purchase: Purchase, on: date) -> str:
    debt = purchase.asset_type in _DEBT
    complete = purchase.face_value is not None and purchase.maturity_date is not None
    if purchase.classification not in _MEASURES.get(purchase.asset_type, ()):
        return _("this kind of asset is not measured this way.")
    if purchase.amount <= 0 or purchase.quantity <= 0 or purchase.annual_rate < 0:
        return _("price and quantity are above zero, rates are not below.")
    if debt and not (complete and (purchase.face_value or 0) > 0):
        return _("a bond or a loan has a face value and a maturity.")
    if debt and purchase.maturity_date and purchase.maturity_date <= on:
        return _("it matures on or before the day of purchase.")
    if purchase.issue_date and (not debt or purchase.issue_date > on):
        return _("only a bond or a loan that runs already has a day of issue before the purchase.")
    if purchase.cost_policy not in ("FIFO", "AVERAGE"):
        return _("a sale takes the oldest lots or the average.")
    if not debt and (purchase.face_value or purchase.maturity_date):
        return _("only bonds and loans have a face value and a maturity.")
    if purchase.income_every not in (1, 2, 3, 4, 6, 12) or not 1 <= purchase.income_anchor <= 12:
        return _("income is paid every 1, 2, 3, 4, 6 or 12 months.")
    return ""
