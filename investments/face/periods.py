"""Why a month's return, and why a time-weighted return."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _t

from core.clock import business_date, month_end
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.permissions import Scope
from investments import selectors
from investments.models import Asset
from investments.selectors.performance import FUND

from .common import amount, asset_of, asset_url

_GROUP = re.compile(
    r"(?P<group>[A-Z_]+|AST-\d{4}-\d+):(?P<first>\d{4}-\d{2})(:(?P<last>\d{4}-\d{2}))?"
)


@explains("month-return", right="investments.view")
def explain_month(key: str, scope: Scope) -> Explanation:
    """Explain a month's return of an asset, a kind or the fund; key ``<group>:<YYYY-MM>``.

    Raises:
        NotFound: no such group or month.
    """
    group, first, _last = _group(key)
    table = _table(group, first, first)
    month = f"{first:%Y-%m}"
    part = table.part(group, month)
    capital = part["begin"] + part["bought_weighted"] - part["sold_weighted"]
    steps = [
        amount(_t("Value at the beginning"), Decimal(part["begin"])),
        amount(_t("Purchases"), Decimal(part["bought"])),
        amount(_t("Sold"), Decimal(part["sold"])),
        amount(_t("Income that came in"), Decimal(part["received"])),
        amount(_t("Value at the end"), Decimal(part["end"]), _t("with accrued interest")),
        amount(_t("Earned in the month"), Decimal(table.earned(group)[0])),
        amount(
            _t("Capital at work"),
            Decimal(round(capital)),
            _t("value at the beginning and trades, weighted by the days that remained"),
        ),
    ]
    return Explanation(
        title=_t("Return of %(month)s: %(group)s") % {"month": month, "group": _name(group)},
        answer=f"{table.monthly[0, 0] * 100:.3f}",
        unit="%",
        formula=_t("(end − beginning − purchases + sales + income) ÷ capital at work"),
        steps=steps,
        sources=[
            *_group_sources(group, month),
            Step(_t("Method of the return"), _t("modified Dietz (GIPS 2020)")),
        ],
        as_of=min(month_end(first), business_date()),
    )


@explains("linked-return", right="investments.view")
def explain_linked(key: str, scope: Scope) -> Explanation:
    """Explain a time-weighted return; key ``<group>:<first month>:<last month>``.

    Raises:
        NotFound: no such group or months.
    """
    group, first, last = _group(key)
    table = _table(group, first, last)
    return Explanation(
        title=_t("Time-weighted return: %(group)s") % {"group": _name(group)},
        answer=f"{table.total(group) * 100:.3f}",
        unit="%",
        formula=_t("(1 + r₁) × (1 + r₂) × … − 1 over the months"),
        steps=[
            Step(
                month,
                f"{value * 100:.3f}",
                url=why_url("month-return", f"{group}:{month}"),
                unit="%",
            )
            for month, value in zip(table.months, table.monthly[0], strict=True)
        ],
        sources=_group_sources(group, f"{last:%Y-%m}"),
        as_of=min(month_end(last), business_date()),
    )


def _group(key: str) -> tuple[str, date, date]:
    found = _GROUP.fullmatch(key)
    if found is None:
        raise NotFound(_t("There is no return %(key)s.") % {"key": key})
    try:
        first = date.fromisoformat(f"{found['first']}-01")
        last = date.fromisoformat(f"{found['last'] or found['first']}-01")
    except ValueError as wrong:
        raise NotFound(_t("There is no return %(key)s.") % {"key": key}) from wrong
    if not date(2000, 1, 1) <= first <= last <= business_date():
        raise NotFound(_t("There is no return %(key)s.") % {"key": key})
    return found["group"], first, last


def _table(group: str, first: date, last: date) -> selectors.ReturnTable:
    until = min(month_end(last), business_date())
    if group == FUND:
        return selectors.monthly_returns(first=first, last=until)
    if group in Asset.Type.values:
        keys = list(Asset.objects.filter(asset_type=group).values_list("pk", flat=True))
        table = selectors.monthly_returns(first=first, last=until, by="kind", asset_ids=keys)
    else:
        table = selectors.monthly_returns(
            first=first, last=until, by="asset", asset_ids=[asset_of(group).pk]
        )
    if group not in table.groups:
        raise NotFound(_t("Nothing was held then."))
    return table


def _name(group: str) -> str:
    if group == FUND:
        return _t("Whole portfolio")
    if group in Asset.Type.values:
        return str(Asset.Type(group).label)
    return asset_of(group).asset_name


def _group_sources(group: str, month: str) -> list[Step]:
    if group == FUND:
        return [Step(_t("Portfolio"), month, url=reverse("investments:portfolio"))]
    if group in Asset.Type.values:
        url = reverse("investments:asset_list") + f"?asset_type={group}"
        return [Step(_t("Assets"), _name(group), url=url)]
    return [Step(_t("Asset"), _name(group), group, url=asset_url(group))]
