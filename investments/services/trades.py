"""What happens when an order is approved or a debt matures: the asset changes hands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.acting import current
from core.columns import Won, as_column
from core.events import publish
from core.status import IllegalTransition, transition_rows
from investments.events import AssetsPurchased, AssetsSold, InterestBought
from investments.models import Asset, Trade, TradeOrder
from investments.rules import bonds

from . import _returns, credit, lots
from ._rows import Rows, batches, bonds_in, change, lock, lock_all
from .income import accrue, collect
from .limits import check_purchases
from .lots import BadTerms, in_oci

_DEBT = ("BOND", "LOAN")


@transaction.atomic
def redeem_matured_many(asset_ids: Iterable[str], *, on: date) -> int:
    """Redeem bonds and loans that have matured, at their face, with the interest owed.

    Whoever approved the purchase has approved its terms, the repayment among them.

    Args:
        asset_ids: which; those that have not matured by ``on`` are left alone.
        on: the day of the payment.

    Returns:
        How many were redeemed.
    """
    rows = lock(asset_ids)
    rows = rows.take(rows.maturity_date <= np.datetime64(on, "D"))
    if not len(rows):
        return 0
    trades = Trade.objects.filter(asset_id__in=rows.asset_id.tolist(), side="BUY")
    approvers = dict(trades.values_list("asset_id", "approved_by"))
    _withdraw_sales(rows, on)
    _dispose(
        rows,
        proceeds=rows.face_value,
        made_by=[current().actor] * len(rows),
        approved_by=[approvers[key] for key in rows.asset_id],
        on=on,
    )
    return len(rows)


def _withdraw_sales(rows: Rows, on: date) -> None:
    waiting = TradeOrder.objects.filter(
        asset_id__in=rows.asset_id.tolist(), side="SELL", status="PROPOSED"
    )
    transition_rows(
        TradeOrder,
        waiting.values_list("pk", flat=True),
        frm=["PROPOSED"],
        to="DECLINED",
        reason="matured",
        decided_by=current().actor,
        decided_on=on,
        decision_note=_("The asset matured before the sale was decided."),
    )


def buy(orders: list[TradeOrder], *, on: date) -> None:
    """Take over the assets of approved purchases, in the caller's transaction.

    Raises:
        BadTerms, LimitExceeded.
    """
    if not orders:
        return
    check_purchases(
        [(o.asset.asset_type, o.asset.issuer, int(o.amount), o.asset.foreign) for o in orders],
        on=on,
    )
    _buy_new([order for order in orders if order.asset.status == "ORDERED"], on)
    lots.buy_more([order for order in orders if order.asset.status != "ORDERED"], on=on)


def _buy_new(orders: list[TradeOrder], on: date) -> None:
    if not orders:
        return
    keys = [order.asset_id for order in orders]
    late = [o.asset_id for o in orders if o.asset.maturity_date and o.asset.maturity_date <= on]
    if late:
        raise BadTerms(
            _("%(asset)s has matured meanwhile; decline the order.") % {"asset": late[0]}
        )
    moved = transition_rows(
        Asset,
        keys,
        frm=["ORDERED"],
        to="HELD",
        purchase_date=on,
        income_from=on,
        current_value=F("purchase_price"),
        amortised_cost=F("purchase_price"),
        cost_held=F("purchase_price"),
    )
    if moved != len(keys):
        raise IllegalTransition(_("An asset of these orders is not on order any more."))
    rows = lock_all(keys)
    _begin_interest(rows.take(np.isin(rows.asset_type, _DEBT)), on)
    lots.open_lots(rows, on=on)
    makers = {order.asset_id: order.made_by for order in orders}
    Trade.objects.bulk_create(
        Trade(
            asset_id=key,
            side="BUY",
            trade_date=on,
            amount=int(amount),
            quantity=quantity,
            made_by=makers[key],
            approved_by=current().actor,
        )
        for key, amount, quantity in zip(
            rows.asset_id, rows.purchase_price, rows.quantity, strict=True
        )
    )
    for part in batches(len(rows)):
        publish(
            AssetsPurchased(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                classification=rows.classification[part],
                amount=rows.purchase_price[part],
            )
        )


def _begin_interest(rows: Rows, on: date) -> None:
    """Begin the interest of bonds and loans, and pay for what ran since the last coupon."""
    if not len(rows):
        return
    day = np.full(len(rows), np.datetime64(on, "D"))
    issued = np.where(np.isnat(rows.issue_date), day, rows.issue_date).astype("datetime64[D]")
    begins = bonds.bought_between(bonds_in(replace(rows, interest_from=issued)), day)
    rows = replace(rows, interest_from=begins)
    columns = bonds_in(rows)
    bought = bonds.accrued(columns, bonds.payments(columns), on=day)
    change(
        rows.asset_id,
        interest_from=begins,
        income_from=begins,
        bought_interest=bought,
        accrued_interest=bought,
        effective_rate=_effective_rates(rows, bought, on),
    )
    paid = np.flatnonzero(bought)
    for part in batches(len(paid)):
        here = paid[part]
        publish(
            InterestBought(
                business_date=on,
                asset_id=rows.asset_id[here],
                asset_type=rows.asset_type[here],
                amount=bought[here],
            )
        )


def _effective_rates(rows: Rows, bought: Won, on: date) -> np.ndarray:
    """Return the effective rates; 0 for a price at par, whose coupon is its interest."""
    rates = np.zeros(len(rows))
    here = np.flatnonzero(
        (rows.classification != "FVPL") & (rows.purchase_price != rows.face_value)
    )
    mine = rows.take(here)
    found = bonds.yields(
        bonds.payments(bonds_in(mine)),
        price=mine.purchase_price + bought[here],
        on=np.full(len(mine), np.datetime64(on, "D")),
    )
    if np.isnan(found).any():
        raise BadTerms(
            _("%(asset)s: no effective interest rate explains this price.")
            % {"asset": mine.asset_id[np.isnan(found)][0]}
        )
    rates[here] = found
    return np.round(rates, 10)


def sell(orders: list[TradeOrder], *, on: date) -> None:
    """Give away the assets of approved sales, in the caller's transaction."""
    lots.sell_parts([order for order in orders if order.quantity is not None], on=on)
    orders = [order for order in orders if order.quantity is None]
    if not orders:
        return
    prices = {order.asset_id: order.amount for order in orders}
    makers = {order.asset_id: order.made_by for order in orders}
    rows = lock_all(list(prices))
    _dispose(
        rows,
        proceeds=as_column("won", [prices[key] for key in rows.asset_id]),
        made_by=[makers[key] for key in rows.asset_id],
        approved_by=[current().actor] * len(rows),
        on=on,
    )


def _dispose(
    rows: Rows, *, proceeds: Won, made_by: list[str], approved_by: list[str], on: date
) -> None:
    """Give locked assets away for ``proceeds``, after the interest owed has come in."""
    keys = rows.asset_id.tolist()
    debt = np.isin(rows.asset_type, _DEBT)
    accrue(rows.take(debt), on=on)
    rows = lock_all(keys)
    collect(rows.take(debt), on=on)
    credit.release(rows, on=on)
    gain = proceeds - rows.current_value
    oci = in_oci(rows)
    _returns.write(
        asset_ids=rows.asset_id,
        on=on,
        kind="DISPOSAL",
        amount=gain,
        before=rows.current_value,
        carrying_change=-rows.current_value,
        traces=[
            {
                "proceeds": int(proceeds[i]),
                "carrying": int(rows.current_value[i]),
                "cost": int(rows.cost_held[i]),
                "oci": int(oci[i]),
            }
            for i in range(len(rows))
        ],
    )
    Trade.objects.bulk_create(
        Trade(
            asset_id=key,
            side="SELL",
            trade_date=on,
            amount=int(proceeds[i]),
            carrying=int(rows.current_value[i]),
            quantity=rows.quantity[i],
            cost=int(rows.cost_held[i]),
            made_by=made_by[i],
            approved_by=approved_by[i],
        )
        for i, key in enumerate(keys)
    )
    lots.close_lots(keys)
    transition_rows(Asset, keys, frm=["HELD"], to="SOLD", sold_on=on, current_value=0, cost_held=0)
    for part in batches(len(rows)):
        publish(
            AssetsSold(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                classification=rows.classification[part],
                proceeds=proceeds[part],
                carrying=rows.current_value[part],
                gain=gain[part],
                oci=oci[part],
            )
        )
