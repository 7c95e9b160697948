"""Triangles of claims: heat map of links, links tried without, errors of Mack, IBNR of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import AssumptionSet, ContractGroup, MeasurementFact
from accounting.rules import assumptions, triangles
from accounting.rules.ifrs17.ibnr import MackErrors, links
from accounting.rules.triangles import Triangle
from accounting.selectors import inputs
from core.boards import Chart, Figure, Series
from core.clock import business_date
from core.htmx import render_page
from core.lists import Empty
from core.permissions import requires

MEASURES = {"reported": _("Reported claims"), "paid": _("Paid claims")}
SHADES = 5


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the triangle: ratio, how far from the average, whether it is left out.

    Args:
        key: ``2026-03:1``.
        ratio: None where it is unknown.
        shade: −5 (far below the average) to 5 (far above).
        excluded: left out of the averages.
    """

    key: str
    ratio: float | None
    shade: int
    excluded: bool


@requires("accounting.view")
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Show a portfolio's triangle: ``?line=``, ``?measure=``, ``?without=2026-03:1`` repeated."""
    day = business_date()
    lines = sorted(set(ContractGroup.objects.filter(kind="ISSUED").values_list("line", flat=True)))
    title = _("Claims triangles")
    line = request.GET.get("line", "")
    line = line if line in lines else (lines[0] if lines else "")
    measure = "paid" if request.GET.get("measure") == "paid" else "reported"
    chosen = AssumptionSet.objects.filter(status="ACTIVE", period__contains=day).first()
    kept = _kept(chosen, line)
    without = _without(request.GET.getlist("without")) if "tried" in request.GET else kept
    found = _triangle(line, measure, day.isoformat()[:7], inputs.developed(day, measure))
    shown: dict[str, Any] = {
        "title": title,
        "lines": lines,
        "line": line,
        "measures": MEASURES.items(),
        "measure": measure,
        "without": without,
        "kept": kept,
        "crumbs": [(_("Measurement runs"), reverse("accounting:run_list"))],
    }
    if found is None:
        empty = Empty(
            _("No claims to develop yet"),
            _("A triangle needs claims of two months of accidents at least."),
        )
        return render_page(request, "accounting/triangle.html", {**shown, "empty": empty})
    errors = triangles.developed(found, without)
    shown |= {
        "found": found,
        "heads": range(found.values.shape[1]),
        "rows": _rows(found, without, errors),
        "factors": errors.developed.factors.round(4).tolist() if errors else [],
        "figures": _figures(line, found, errors),
        "chart": _chart(found, errors),
        "credible": found.credible,
        "needed": triangles.CREDIBLE,
    }
    return render_page(request, "accounting/triangle.html", shown)


def _kept(chosen: AssumptionSet | None, line: str) -> list[tuple[str, int]]:
    """Return the links that the assumptions in force leave out."""
    if chosen is None or line not in chosen.values["lines"]:
        return []
    return list(assumptions.read(chosen.values).line(line).ibnr.excluded)


def _without(given: Sequence[str]) -> list[tuple[str, int]]:
    found = []
    for one in given:
        name, _sep, at = one.partition(":")
        if at.isdigit():
            found.append((name, int(at)))
    return found


def _triangle(line: str, measure: str, until: str, seen: Any) -> Triangle | None:
    mine = seen["line"] == line
    if not mine.any():
        return None
    return triangles.of(*(seen[name][mine] for name in ("origin", "month", "amount")), until)


def _rows(
    found: Triangle, without: list[tuple[str, int]], errors: MackErrors | None
) -> list[dict[str, Any]]:
    """Return for each month of accidents its amounts, its links, and its outcome."""
    ratios = links(found.values)
    average = errors.developed.factors if errors else np.nanmean(np.nan_to_num(ratios), axis=0)
    out = set(without)
    rows = []
    for number, name in enumerate(found.origins):
        known = [None if np.isnan(v) else int(v) for v in found.values[number]]
        cells = [
            _link(name, at, ratios[number, at], float(average[at]), out)
            for at in range(ratios.shape[1])
        ]
        rows.append(
            {
                "origin": name,
                "cells": list(zip(known, [None, *cells], strict=True)),
                "latest": int(errors.developed.latest[number]) if errors else None,
                "ultimate": int(errors.developed.ultimate[number]) if errors else None,
                "ibnr": int(errors.developed.ibnr[number]) if errors else None,
                "error": int(np.nan_to_num(errors.errors[number])) if errors else None,
            }
        )
    return rows


def _link(name: str, at: int, ratio: float, average: float, out: set[tuple[str, int]]) -> Link:
    if np.isnan(ratio):
        return Link(f"{name}:{at}", None, 0, False)
    far = 0.0 if average <= 0 else (ratio / average - 1.0) * 10.0
    shade = int(np.clip(round(far), -SHADES, SHADES))
    return Link(f"{name}:{at}", float(ratio), shade, (name, at) in out)


def _figures(line: str, found: Triangle, errors: MackErrors | None) -> list[Figure]:
    figures = [
        Figure(_("Months of accidents"), len(found.origins), kind="count"),
        Figure(
            _("IBNR by chain ladder"),
            int(errors.developed.ibnr.sum()) if errors else None,
            _("won"),
        ),
        Figure(
            _("Standard error (Mack)"),
            int(np.nan_to_num(errors.total)) if errors else None,
            _("won"),
        ),
    ]
    last = (
        MeasurementFact.objects.filter(
            run__event_id__isnull=False, estimate="IBNR", step="CLOSING", group__line=line
        )
        .order_by("-run__period")
        .values_list("run__period_id", flat=True)
        .first()
    )
    if last:
        booked = MeasurementFact.objects.filter(
            run__event_id__isnull=False,
            run__period_id=last,
            estimate="IBNR",
            step="CLOSING",
            group__line=line,
        ).values_list("amount", flat=True)
        figures.append(Figure(_("IBNR in the books"), int(sum(booked)), _("won"), note=str(last)))
    return figures


def _chart(found: Triangle, errors: MackErrors | None) -> Chart:
    shares = triangles.reported_shares(found)
    if errors is None:
        title = _t("The triangle is too thin to develop")
    elif shares is None:
        title = _t("Too young to be relied on: the delays assumed are used")
    else:
        title = _t("%(share)s of claims are known in the month of the accident") % {
            "share": f"{shares[0]:.0%}"
        }
    recent = found.origins[-6:]
    first = len(found.origins) - len(recent)
    return Chart(
        "development",
        title,
        "line",
        [_t("month %(n)s") % {"n": at} for at in range(found.values.shape[1])],
        [
            Series(
                name,
                [None if np.isnan(v) else int(v) for v in found.values[first + number]],
            )
            for number, name in enumerate(recent)
        ],
        unit=_("won"),
        wide=True,
        note=_t("Cumulative claims by month after the accident; the last six months of accidents"),
    )
