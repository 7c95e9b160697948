"""The charts of the investment boards, each titled by its finding."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.boards import Chart, Series
from core.clock import add_months
from investments import selectors
from investments.models import Asset
from investments.selectors.performance import FUND
from investments.views.words import FLOW_KINDS


def allocation(held: selectors.Holdings) -> list[Chart]:
    """Show how the portfolio is split over the kinds of asset."""
    values = held.by("asset_type")
    total = sum(values.values())
    if not total:
        return []
    largest = max(values, key=values.__getitem__)
    listed = reverse("investments:asset_list")
    return [
        Chart(
            id="allocation",
            title=_t("%(kind)s: %(share)s %% of the portfolio")
            % {
                "kind": Asset.Type(largest).label,
                "share": f"{values[largest] / total * 100:.0f}",
            },
            kind="donut",
            categories=[Asset.Type(kind).label for kind in values],
            series=[Series(_("Carrying amount"), list(values.values()))],
            unit=_("won"),
            urls=[f"{listed}?asset_type={kind}&status=HELD" for kind in values],
        )
    ]


def measurement(held: selectors.Holdings) -> list[Chart]:
    """Show how the portfolio is split over the classifications of measurement."""
    values = held.by("classification")
    total = sum(values.values())
    if not total:
        return []
    fair = total - values.get("AC", 0)
    listed = reverse("investments:asset_list")
    return [
        Chart(
            id="measurement",
            title=_t("%(share)s %% of the portfolio stands at fair value")
            % {"share": f"{fair / total * 100:.0f}"},
            kind="hbar",
            categories=[Asset.Classification(name).label for name in values],
            series=[Series(_("Carrying amount"), list(values.values()))],
            unit=_("won"),
            urls=[f"{listed}?classification={name}&status=HELD" for name in values],
        )
    ]


def monthly(fund: selectors.ReturnTable) -> list[Chart]:
    """Show the fund's return of each month."""
    if not any(fund.monthly[0]):
        return []
    total = fund.total(FUND)
    return [
        Chart(
            id="returns",
            title=_t("The fund returned %(total)s %% in %(n)s months")
            % {"total": f"{total * 100:.2f}", "n": len(fund.months)},
            kind="bar",
            categories=fund.months,
            series=[Series(_("Return of the month"), [round(v, 6) for v in fund.monthly[0]])],
            percent=True,
            urls=[returns_of(month) for month in fund.months],
        )
    ]


def returns_of(month: str) -> str:
    """Return the address of a month's returns."""
    first = date.fromisoformat(f"{month}-01")
    last = date.fromordinal(add_months(first, 1).toordinal() - 1)
    listed = reverse("investments:return_list")
    return f"{listed}?record_date_after={first}&record_date_before={last}"


def linked(kinds: selectors.ReturnTable, fund: selectors.ReturnTable) -> list[Chart]:
    """Show the time-weighted returns of the kinds beside the fund's."""
    if not any(fund.monthly[0]):
        return []
    totals = {kind: kinds.total(kind) for kind in kinds.groups}
    best = max(totals, key=totals.__getitem__)
    rows = [(FUND, _("Whole portfolio"), fund.monthly[0])] + [
        (kind, Asset.Type(kind).label, kinds.monthly[i]) for i, kind in enumerate(kinds.groups)
    ]
    return [
        Chart(
            id="linked",
            title=_t("%(kind)s returned most: %(total)s %%")
            % {"kind": Asset.Type(best).label, "total": f"{totals[best] * 100:.2f}"},
            kind="line",
            categories=fund.months,
            series=[
                Series(label, [round(float(v), 6) for v in (1 + monthly).cumprod() - 1])
                for _key, label, monthly in rows
            ],
            percent=True,
            note=_("time-weighted, from the first month on"),
        )
    ]


def beside_reserves(held: selectors.Holdings, reserves: dict[str, int]) -> list[Chart]:
    """Show the assets beside the policy reserves that they must cover."""
    if not reserves or not held.total:
        return []
    total = sum(reserves.values())
    return [
        Chart(
            id="reserves",
            title=_t("Assets cover the policy reserves %(times)s times")
            % {"times": f"{held.total / total:.1f}" if total else "–"},
            kind="hbar",
            categories=[_t("Investments"), _t("Contractual reserves")],
            series=[Series(_("Amount"), [held.total, total])],
            unit=_("won"),
            note=_("policy reserves (계약자적립액) of the last month end"),
        )
    ]


def calendar_chart(months: list[selectors.CalendarMonth]) -> Chart:
    """Show the cash that assets will bring, month by month."""
    best = max(months, key=lambda month: month.total)
    return Chart(
        id="cash",
        title=_t("Most cash comes in %(month)s") % {"month": best.month},
        kind="stack",
        categories=[month.month for month in months],
        series=[
            Series(label, [month.amounts.get(kind, 0) for month in months])
            for kind, label in FLOW_KINDS.items()
        ],
        unit=_("won"),
        wide=True,
    )
