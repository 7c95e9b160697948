"""The measurement of a month: roll-forward by component and group, and its waterfall."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import MeasurementRun
from accounting.selectors import measured
from accounting.selectors.measured import COMPONENTS, STEPS, RollForward
from core.boards import Chart, Figure, Series
from core.htmx import render_page
from core.lists import Empty
from core.permissions import requires
from core.templatetags.house import short_won


@requires("accounting.view")
@require_GET
def measurement(request: HttpRequest) -> HttpResponse:
    """Show a month's measurement: ``?period=``, ``?component=``, ``?group=``."""
    runs = list(
        MeasurementRun.objects.order_by("-period_id", "-number").values_list("period_id", flat=True)
    )
    title = _("IFRS 17 measurement")
    if not runs:
        empty = Empty(_("Nothing is measured yet"), _("The first close measures all groups."))
        context = {"title": title, "empty": empty}
        return render_page(request, "accounting/no_statements.html", context)
    period = request.GET.get("period") if request.GET.get("period") in runs else runs[0]
    number = request.GET.get("run", "")
    run = measured.run_of(str(period), int(number) if number.isdigit() else None)
    forwards = {one.component: one for one in measured.roll_forwards(run)}
    wanted = request.GET.get("component", "")
    chosen = forwards.get(wanted) or forwards.get("CSM") or next(iter(forwards.values()), None)
    return render_page(
        request,
        "accounting/measurement.html",
        {
            "title": title,
            "period": period,
            "run": run,
            "months": list(dict.fromkeys(runs)),
            "components": [(code, COMPONENTS[code]) for code in forwards],
            "chosen": chosen,
            "group": request.GET.get("group", ""),
            "steps": STEPS,
            "rows": _rows(chosen, str(period)) if chosen else [],
            "chart": waterfall(chosen, str(period)) if chosen else None,
            "figures": _figures(forwards, str(period)),
            "numbers": list(
                MeasurementRun.objects.filter(period=period)
                .order_by("number")
                .values_list("number", flat=True)
            ),
            "assumptions": reverse("accounting:assumption_detail", args=[run.assumptions["set"]]),
        },
    )


def _rows(chosen: RollForward, period: str) -> list[dict[str, object]]:
    return [
        {
            "step": step,
            "label": STEPS[step],
            "amounts": amounts,
            "total": total,
            "strong": step in {"OPENING", "CLOSING"},
        }
        for step, amounts, total in chosen.rows
    ]


def _figures(forwards: dict[str, RollForward], period: str) -> list[Figure]:
    found = []
    for code, better in (("CSM", "up"), ("LRC", ""), ("LC", "down"), ("IBNR", "")):
        if code in forwards:
            one = forwards[code]
            found.append(
                Figure(
                    COMPONENTS[code],
                    one.total("CLOSING"),
                    _("won"),
                    before=one.total("OPENING"),
                    better=better,
                    why=("csm", period) if code == "CSM" else None,
                )
            )
    return found


def waterfall(one: RollForward, period: str) -> Chart:
    """Draw a roll-forward from opening to closing."""
    opening, closing = one.total("OPENING"), one.total("CLOSING")
    rows = [(step, total) for step, _, total in one.rows if total or step in {"OPENING", "CLOSING"}]
    words = {
        "name": COMPONENTS[one.component],
        "opening": short_won(opening) or "0",
        "closing": short_won(closing) or "0",
    }
    title = (
        _t("%(name)s rose from %(opening)s to %(closing)s won")
        if closing > opening
        else _t("%(name)s fell from %(opening)s to %(closing)s won")
    )
    url = reverse("accounting:measurement") + f"?period={period}&component={one.component}"
    return Chart(
        f"roll-{one.component.lower()}",
        title % words,
        "waterfall",
        [STEPS[step] for step, _ in rows],
        [Series(_("Amount"), [total for _, total in rows])],
        unit=_("won"),
        urls=[url] * len(rows),
        note=_t("Month %(period)s, all groups") % {"period": period},
        wide=True,
    )
