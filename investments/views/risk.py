"""The risk of the portfolio: interest, credit, limits with their clock, both returns."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Chart, Figure, Series, board_page
from core.clock import add_months, business_date, month_end
from core.frame import Act
from core.permissions import requires
from investments import selectors
from investments.models import Asset, LimitBreach
from investments.rules.duration import KEY_YEARS
from investments.selectors.performance import FUND
from investments.views.words import LIMITS

_MONTHS = 12


@requires("investments.view")
@require_GET
def risk(request: HttpRequest) -> HttpResponse:
    """Show what could go wrong: duration, gap, stages, limits, and what was earned for it."""
    today = business_date()
    held = selectors.holdings(today)
    found = selectors.debts(today, held=held)
    whole = selectors.sensitivities(found).together()
    stages = _stages()
    breaches = selectors.open_breaches()
    value = int(whole.value[0])
    move = float(-whole.modified[0] * 0.01 + 0.5 * whole.convexity[0] * 0.0001)
    return board_page(
        request,
        title=_("Portfolio risk"),
        as_of=today,
        figures=[
            Figure(
                _("Modified duration (years)"),
                f"{whole.modified[0]:.2f}",
                kind="text",
                why=("duration", today.isoformat()),
                note=_("bonds and loans, at their yields"),
            ),
            Figure(_("Convexity"), f"{whole.convexity[0]:.1f}", kind="text"),
            Figure(
                _("Value for 1 % more of interest (KRW)"),
                round(value * move),
                note=_("by duration and convexity"),
            ),
            Figure(
                _("Loss allowance (KRW)"),
                sum(row["allowance"] for row in stages),
                better="down",
            ),
            Figure(
                _("In stages 2 and 3 (KRW)"),
                sum(row["value"] for row in stages if row["stage"] > 1),
                better="down",
            ),
            Figure(
                _("Limits passed"),
                len(breaches),
                kind="count",
                better="down",
                note=_("first to cure: %(day)s") % {"day": breaches[0].cure_by} if breaches else "",
            ),
        ],
        charts=[
            *_key_rates(whole),
            *_cash(today, held),
            *_stage_chart(stages),
        ],
        place="board:investment-risk",
        crumbs=[(_("Investment desk"), reverse("investments:home"))],
        more=[
            Act(_("Issuers and borrowers"), reverse("investments:party_list"), "building"),
            Act(_("Credit losses"), reverse("investments:loss_list"), "shield-half"),
            Act(_("Portfolio"), reverse("investments:portfolio"), "chart-donut"),
        ],
        template="investments/risk.html",
        context={
            "stages": stages,
            "limits": _limits(held, today),
            "cured": LimitBreach.objects.filter(status="CURED").order_by("-cured_on")[:5],
            "labels": LIMITS,
            "returns": _returns(today),
            "basis": selectors.limit_basis(today),
        },
    )


def _key_rates(whole: Any) -> list[Chart]:
    values = [round(float(v), 4) for v in whole.key_rates[0]]
    if not any(values):
        return []
    most = int(np.argmax(values))
    return [
        Chart(
            id="key-rates",
            title=_t("The %(years)s-year rate moves the portfolio most")
            % {"years": f"{KEY_YEARS[most]:g}"},
            kind="bar",
            categories=[_t("%(years)s years") % {"years": f"{y:g}"} for y in KEY_YEARS],
            series=[Series(_("Key-rate duration"), values)],
            note=_("percent of value lost for one percent more at one maturity; they add up to the"
                   " modified duration"),
        )
    ]  # fmt: skip


def _cash(today: date, held: selectors.Holdings) -> list[Chart]:
    by_year: dict[str, int] = {}
    for month, amount in selectors.cash_by_month(today, held=held).items():
        by_year[month[:4]] = by_year.get(month[:4], 0) + amount
    if not by_year:
        return []
    best = max(by_year, key=by_year.__getitem__)
    return [
        Chart(
            id="asset-cash",
            title=_t("Bonds and loans bring most cash in %(year)s") % {"year": best},
            kind="bar",
            categories=list(by_year),
            series=[Series(_("Interest and repayment"), list(by_year.values()))],
            unit=_("won"),
            note=_("by the terms of what is held"),
        )
    ]


def _stages() -> list[dict[str, Any]]:
    rows = (
        Asset.objects.filter(
            status="HELD", asset_type__in=("BOND", "LOAN"), classification__in=("AC", "FVOCI")
        )
        .values_list("stage")
        .annotate(n=Count("pk"), value=Sum("current_value"), allowance=Sum("allowance"))
        .order_by("stage")
    )
    return [
        {
            "stage": stage,
            "count": n,
            "value": int(value),
            "allowance": int(allowance),
            "cover": Decimal(allowance) / value if value else None,
            "url": reverse("investments:asset_list") + f"?status=HELD&stage={stage}",
        }
        for stage, n, value, allowance in rows
    ]


def _stage_chart(stages: list[dict[str, Any]]) -> list[Chart]:
    if not stages:
        return []
    total = sum(row["value"] for row in stages)
    good = sum(row["value"] for row in stages if row["stage"] == 1)
    return [
        Chart(
            id="stages",
            title=_t("%(share)s %% of bonds and loans stand in stage 1")
            % {"share": f"{good / total * 100:.1f}" if total else "–"},
            kind="hbar",
            categories=[_t("Stage %(n)s") % {"n": row["stage"]} for row in stages],
            series=[Series(_("Carrying amount"), [row["value"] for row in stages])],
            unit=_("won"),
            urls=[row["url"] for row in stages],
            note=_("IFRS 9 section 5.5"),
            wide=True,
        )
    ]


def _limits(held: selectors.Holdings, today: date) -> list[dict[str, Any]]:
    standing = {row.code: row for row in selectors.open_breaches()}
    found = []
    for use in selectors.limit_uses(held):
        breach = standing.get(use.code)
        left = (breach.cure_by - today).days if breach else None
        found.append(
            {
                "use": use,
                "label": LIMITS[use.code],
                "state": use.state,
                "until": breach.cure_by if breach else None,
                "left": left,
                "used": use.amount / use.most if use.most else None,
            }
        )
    return found


def _returns(today: date) -> list[dict[str, Any]]:
    """Return both measures of the fund, of each class of measurement and of each kind."""
    until = today if today == month_end(today) else add_months(today.replace(day=1), -1)
    until = month_end(until)
    bought = selectors.first_purchase()
    if bought is None or bought > until:
        return []
    first = max(add_months(until.replace(day=1), 1 - _MONTHS), bought)
    words: dict[str, Any] = {
        FUND: _("Whole portfolio"),
        **dict(Asset.Classification.choices),
        **dict(Asset.Type.choices),
    }
    found = []
    for by in ("fund", "class", "kind"):
        table = selectors.monthly_returns(first=first, last=until, by=by)
        money = table.money()
        found += [
            {
                "by": by,
                "group": group,
                "label": words[group],
                "earned": sum(table.earned(group)),
                "month": float(table.monthly[table.groups.index(group), -1]),
                "total": table.total(group),
                "money": money[group],
                "key": f"{group}:{table.months[0]}:{table.months[-1]}",
                "why": by != "class",
            }
            for group in table.groups
        ]
    return found
