"""Why an asset is carried at its value, and why it earned what it earned."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t

from core.clock import business_date
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.permissions import Scope
from investments.models import Asset, AssetReturn

from .common import amount, asset_of, asset_url, won


@explains("asset-value", right="investments.view")
def explain_value(key: str, scope: Scope) -> Explanation:
    """Explain what an asset is carried at: its price and every change since.

    Raises:
        NotFound: no such asset.
    """
    asset = asset_of(key)
    bought = asset.status in ("HELD", "SOLD", "LOST")
    steps = []
    if bought:
        steps.append(
            Step(
                _t("Purchase price"),
                asset.purchase_price,
                asset.purchase_date.isoformat(),
                unit=won(),
            )
        )
    for again in asset.trades.filter(side="BUY", trade_date__gt=asset.purchase_date):
        steps[0] = Step(
            _t("Purchase price"),
            steps[0].value - again.amount,
            asset.purchase_date.isoformat(),
            unit=won(),
        )
        steps.append(
            Step(_t("Bought again"), again.amount, again.trade_date.isoformat(), unit=won())
        )
    for row in asset.returns.exclude(carrying_change=0).order_by("record_date", "return_id"):
        label = row.get_kind_display() if row.kind != "INTEREST" else _t("Amortisation")
        steps.append(
            Step(
                label,
                row.carrying_change,
                row.record_date.isoformat(),
                url=why_url("asset-return", row.pk),
                unit=won(),
            )
        )
    return Explanation(
        title=_t("Carrying amount"),
        answer=asset.current_value,
        unit=won(),
        formula=_t("purchase price + amortisation + changes of value − what was given up"),
        steps=steps,
        sources=[
            Step(_t("Asset"), asset.asset_name, asset.pk, url=asset_url(asset.pk)),
            Step(_t("Measurement of the asset"), asset.get_classification_display()),
        ],
        as_of=business_date(),
    )


@explains("asset-return", right="investments.view")
def explain_return(key: str, scope: Scope) -> Explanation:
    """Explain one recorded return from the trace that was kept with it.

    Raises:
        NotFound: no such return.
    """
    row = AssetReturn.objects.select_related("asset").filter(pk=int(key) if key.isdigit() else 0)
    found = row.first()
    if found is None:
        raise NotFound(_t("There is no return %(key)s.") % {"key": key})
    formula, steps = _TRACES[found.kind](found.trace)
    steps.append(
        Step(
            _t("Percent of the carrying amount before"),
            found.return_rate,
            _t("rounded to two decimals"),
            unit="%",
        )
    )
    return Explanation(
        title=f"{found.get_kind_display()} {found.record_date}",
        answer=found.return_amount,
        unit=won(),
        formula=formula,
        steps=steps,
        sources=[
            Step(_t("Asset"), found.asset.asset_name, found.asset_id, url=asset_url(found.asset_id))
        ],
        as_of=found.record_date,
    )


def _interest(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    steps = [
        amount(_t("Face value"), Decimal(trace["face"])),
        Step(_t("Rate a year"), trace["annual_percent"], unit="%"),
        Step(_t("Day count"), Asset.DayCount(trace["day_count"]).label),
        Step(_t("Interest runs from"), trace["from"], _t("not included")),
        Step(_t("up to"), trace["to"], _t("included")),
        amount(_t("Interest of these days"), Decimal(trace["running"])),
        amount(_t("Accrued before"), Decimal(trace["accrued_before"])),
        amount(_t("Accrued now"), Decimal(trace["coupon"])),
    ]
    if trace["amortised"]:
        steps += [
            Step(
                _t("Effective interest a year"),
                f"{Decimal(trace['effective_rate']) * 100:.6f}",
                _t("IFRS 9 Appendix A: what makes the payments worth the price"),
                unit="%",
            ),
            Step(
                _t("Cost after amortisation before"),
                Decimal(trace["amortised_cost_before"]),
                unit=won(),
            ),
            amount(_t("Amortisation"), Decimal(trace["amortised"])),
        ]
    return _t("face × rate × days ÷ year − accrued before + amortisation"), steps


def _rent(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    if "given" in trace:
        return _received(trace)
    steps = [
        amount(_t("Purchase price"), Decimal(trace["base"])),
        Step(_t("Rate a year"), trace["annual_percent"], unit="%"),
        Step(_t("Day count"), Asset.DayCount(trace["day_count"]).label),
        Step(_t("Rent runs from"), trace["from"], _t("not included")),
        Step(_t("up to"), trace["to"], _t("included")),
    ]
    return _t("price × rate × days ÷ year"), steps


def _dividend(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    if "given" in trace:
        return _received(trace)
    steps = [
        amount(_t("Purchase price"), Decimal(trace["base"])),
        Step(_t("Rate a year"), trace["annual_percent"], unit="%"),
        Step(_t("Months"), trace["months"]),
    ]
    return _t("price × rate × months ÷ 12"), steps


def _received(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    return _t("as it came in"), [amount(_t("Income received"), Decimal(trace["given"]))]


def _valuation(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    steps = [
        amount(_t("Price of one unit"), Decimal(trace["unit_price"]).normalize(), trace["source"]),
        Step(_t("Day of the price"), trace["price_date"]),
        Step(_t("Quantity"), Decimal(trace["quantity"]).normalize()),
        amount(_t("Value after"), Decimal(trace["after"]), _t("rounded half up to whole won")),
        amount(_t("Value before"), Decimal(trace["before"])),
    ]
    return _t("price × quantity − value before"), steps


def _disposal(trace: dict[str, Any]) -> tuple[str, list[Step]]:
    steps = [
        amount(_t("Proceeds"), Decimal(trace["proceeds"])),
        amount(_t("Carrying amount given up"), Decimal(trace["carrying"])),
    ]
    if "quantity" in trace:
        policy = Asset.CostPolicy(trace["policy"]).label
        steps += [
            Step(_t("Quantity sold"), f"{Decimal(trace['quantity']).normalize():f}"),
            amount(_t("Purchase cost of what was sold"), Decimal(trace["cost"]), str(policy)),
        ]
    return _t("proceeds − carrying amount"), steps


_TRACES = {
    "INTEREST": _interest,
    "RENT": _rent,
    "DIVIDEND": _dividend,
    "VALUATION": _valuation,
    "DISPOSAL": _disposal,
}
