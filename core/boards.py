"""Boards: few figures with their comparison, few charts titled by the finding, each drilling down.

board_page(
request, title=_("Overview"), as_of=today,
figures=[Figure(_("Income"), income, before=last_month, better="up", url=reverse("x:list"))],
charts=[Chart("income", _("Income rose for the third month"), "line", months,
[Series(_("Income"), values)], unit=_("won"), urls=month_urls)],
)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from .frame import Act
from .htmx import render_page
from .panels import panels_for

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure.

    Args:
        label: what it is.
        value: won (shown with separators), or text that is ready to show.
        unit: "원", "%", "건"; empty: none.
        before: the same figure a month ago, for comparison; a ratio compares in points.
        plan: what was planned.
        better: "up", "down" or empty: which direction is good.
        why: (kind, key) of its explanation.
        url: the list behind it.
        note: a few words under it.
        kind: "won", "count", "percent" (value is a ratio) or "text".
    """

    label: Text
    value: Any
    unit: Text = ""
    before: Any = None
    plan: Any = None
    better: str = ""
    why: tuple[str, str] | None = None
    url: str = ""
    note: Text = ""
    kind: str = "won"

    @property
    def change(self) -> Decimal | None:
        """The change since ``before``: relative, or in points for ratios; None if unknown."""
        if self.before is None or self.value is None or self.kind == "text":
            return None
        now, then = Decimal(str(self.value)), Decimal(str(self.before))
        if self.kind == "percent":
            return now - then
        return (now - then) / abs(then) if then else None

    @property
    def mood(self) -> str:
        """``good``, ``bad`` or nothing."""
        change = self.change
        if not change or not self.better:
            return ""
        return "good" if (change > 0) == (self.better == "up") else "bad"


@dataclass(frozen=True, slots=True)
class Series:
    """One series of a chart, as long as the chart's categories."""

    name: Text
    values: Sequence[Any]
    kind: str = ""
    unit: Text = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its table alternative.

    Args:
        id: unique on the page.
        title: the finding, in words.
        kind: "line", "area", "bar", "hbar", "stack", "donut", "waterfall" (first and last are
            balances, the others steps) or "graph-free" combinations by ``Series.kind``.
        categories: labels of the points, in order.
        series: the values.
        unit: of the values ("원", "%", "건").
        urls: the list behind each category, in the same order.
        note: source, as-of date.
        percent: values are ratios.
    """

    id: str
    title: Text
    kind: str
    categories: Sequence[Any]
    series: Sequence[Series]
    unit: Text = ""
    urls: Sequence[str] = ()
    note: Text = ""
    percent: bool = False
    wide: bool = False

    @property
    def data(self) -> dict[str, Any]:
        """What the chart's script reads; plain values only."""
        return {
            "kind": self.kind,
            "categories": [str(c) for c in self.categories],
            "series": [
                {
                    "name": str(s.name),
                    "kind": s.kind,
                    "values": [None if v is None else float(v) for v in s.values],
                }
                for s in self.series
            ],
            "unit": str(self.unit),
            "urls": list(self.urls),
            "percent": self.percent,
        }

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw: no value, or zeros alone."""
        return not any(value for one in self.series for value in one.values)

    @property
    def rows(self) -> list[tuple[str, str, list[Any]]]:
        """Category, address and values, for the table alternative."""
        urls = list(self.urls) or [""] * len(self.categories)
        return [
            (str(category), urls[i], [s.values[i] for s in self.series])
            for i, category in enumerate(self.categories)
        ]


@dataclass(frozen=True, slots=True)
class Board:
    """What a board shows."""

    figures: Sequence[Figure] = ()
    charts: Sequence[Chart] = ()
    panels: Sequence[tuple[Text, str, bool]] = field(default_factory=list)
    as_of: date | None = None


def board_page(
    request: HttpRequest,
    *,
    title: Text,
    figures: Sequence[Figure] = (),
    charts: Sequence[Chart] = (),
    place: str = "",
    as_of: date | None = None,
    lead: Text = "",
    primary: Act | None = None,
    more: Sequence[Act] = (),
    crumbs: Sequence[tuple[Text, str]] = (),
    template: str = "kit/board.html",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Answer a board or a role's home.

    Args:
        request: GET.
        title: the heading.
        figures: key figures, at most eight.
        charts: few; each titled by what it shows.
        place: the place whose panels are loaded, for example ``"home:accountant"``.
        as_of: the day that the figures hold for.
        lead: one line under the title.
        primary: the page's one primary action.
        more: what stands under "More".
        crumbs: (label, address) of the pages above.
        template: a template that extends ``kit/board.html``.
        context: more for the template.
    """
    panels = [(p.title, p.url(""), p.wide) for p in panels_for(place, request.user)]
    shown = {
        "title": title,
        "lead": lead,
        "board": Board(figures, charts, panels, as_of),
        "primary": primary,
        "more": more,
        "crumbs": crumbs,
        **(context or {}),
    }
    return render_page(request, template, shown)
