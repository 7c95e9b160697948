"""The programme of a line as a picture: what is kept, and which treaty stands where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Figure, board_page
from core.clock import business_date
from core.frame import Act
from core.permissions import may, requires
from core.templatetags.house import short_won
from products import api as products
from reinsurance import rules, selectors
from reinsurance.models import Treaty

_TOP, _FLOOR, _WIDTH, _GAP, _LEFT, _NARROW = 24, 272, 260, 88, 88, 104


@dataclass(frozen=True, slots=True)
class Box:
    """A treaty in the picture: a rectangle with its words."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    code: str
    words: str
    url: str

    @property
    def middle(self) -> tuple[int, int]:
        """Where the words stand."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Tower:
    """What the treaties look at together: one loss, one event, or the whole period."""

    title: str
    x: int
    boxes: list[Box]
    ticks: list[tuple[int, str]]


def towers(treaties: Sequence[Treaty]) -> list[Tower]:
    """Lay out the treaties of a line: one tower for a loss, one for an event, one for the period.

    Heights are schematic: each boundary of a layer is one step, so that narrow layers can be
    read; proportional treaties stand beside the layers, as wide as their share.
    """
    groups = (
        (_t("one sum insured"), (rules.SURPLUS,)),
        (_t("one loss"), (rules.FACULTATIVE, rules.QUOTA_SHARE, rules.EXCESS)),
        (_t("one event"), (rules.CATASTROPHE,)),
        (_t("the whole period"), (rules.STOP_LOSS,)),
    )
    out = []
    for title, kinds in groups:
        members = [t for t in treaties if t.kind in kinds]
        if members:
            out.append(_tower(title, _LEFT + len(out) * (_WIDTH + _GAP), members))
    return out


def _tower(title: str, x: int, members: list[Treaty]) -> Tower:
    layers = [t for t in members if t.kind in rules.LAYERED]
    edges = sorted({0, *(int(v) for t in layers for v in (t.retention, _end(t)))})
    if len(edges) == 1:
        edges.append(0)
    step = (_FLOOR - _TOP) // (len(edges) - 1)
    height = {edge: _FLOOR - place * step for place, edge in enumerate(edges)}
    boxes, left = [], x
    for treaty in members:
        if treaty.kind in rules.LAYERED:
            continue
        wide = max(int(_WIDTH * float(treaty.cession_percent) / 100), _NARROW)
        words = f"{treaty.cession_percent.normalize():f} %"
        top = _FLOOR - step * (len(edges) - 1)
        boxes.append(_box(treaty, left, top, wide, _FLOOR - top, words))
        left += wide
    rest = max(x + _WIDTH - left, _NARROW)
    for treaty in layers:
        top, floor = height[_end(treaty)], height[int(treaty.retention)]
        words = _t("%(limit)s above %(retention)s") % {
            "limit": short_won(treaty.layer_limit),
            "retention": short_won(treaty.retention),
        }
        boxes.append(_box(treaty, left, top, rest, floor - top, words))
    first = min((int(t.retention) for t in layers), default=0)
    floor = height.get(first, _TOP)
    kept = Box(left, floor, rest, _FLOOR - floor, "KEPT", _t("Kept"), "", "")
    ticks = [(y, str(short_won(edge)) if edge else "0") for edge, y in height.items() if layers]
    return Tower(title, x, [*boxes, kept] if kept.height else boxes, ticks)


def _end(treaty: Treaty) -> int:
    return int(treaty.retention + treaty.layer_limit)


def _box(treaty: Treaty, x: int, y: int, width: int, height: int, words: str) -> Box:
    url = reverse("reinsurance:treaty_detail", args=[treaty.treaty_code])
    return Box(x, y, width, height, treaty.kind, treaty.treaty_code, words, url)


@requires("reinsurance.view")
@require_GET
def programme(request: HttpRequest) -> HttpResponse:
    """Show the programmes of all lines on a day as pictures."""
    today = business_date()
    on = _day(request.GET.get("on", ""), today)
    found = Treaty.objects.filter(status="SIGNED", period__contains=on)
    names = products.lines()
    shown = []
    for line in sorted({t.line for t in found}):
        members = sorted(
            (t for t in found if t.line == line),
            key=lambda t: (rules.ORDER.index(t.kind), t.position, t.treaty_code),
        )
        laid = towers(members)
        width = _LEFT + len(laid) * (_WIDTH + _GAP)
        shown.append({"name": names.get(line, line), "towers": laid, "width": width,
                      "treaties": members})  # fmt: skip
    context: dict[str, Any] = {"programmes": shown, "day": on}
    return board_page(
        request,
        title=_("Reinsurance programme"),
        as_of=on,
        lead=_("What is kept of a risk, a loss, an event and a year, and who pays the rest."),
        figures=[
            Figure(_("Treaties in force"), len(found), kind="count",
                   url=reverse("reinsurance:treaty_list")),
            Figure(_("Portfolios covered"), len(shown), kind="count"),
            Figure(_("Reinsurers"), len({t.reinsurer_name for t in found}), kind="count",
                   url=reverse("reinsurance:accounts")),
            Figure(_("Recoveries this year"), selectors.year_so_far(today).recovered, _("won")),
        ],
        crumbs=[(_("Reinsurance desk"), reverse("reinsurance:home"))],
        primary=Act(_("Draft a treaty"), reverse("reinsurance:treaty_new"), "plus")
        if may(request.user, "reinsurance.draft")
        else None,
        template="reinsurance/programme.html",
        context=context,
    )  # fmt: skip


def _day(text: str, today: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return today
