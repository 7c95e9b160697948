"""Groups of contracts in a run: their balances, their flows, their contracts, their margin."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import MeasurementRun
from accounting.selectors import measured, members, runs
from accounting.selectors.measured import COMPONENTS, KINDS, STEPS
from accounting.views.recalculation import workbook
from core.boards import Chart, Figure, Series
from core.htmx import render_page
from core.permissions import requires
from core.templatetags.house import short_won

YEARS = 30
BANDS = ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 10), (10, 20), (20, 200))


def _crumbs(run: MeasurementRun, key: str) -> list[tuple[object, str]]:
    return [
        (_("Measurement runs"), reverse("accounting:run_list")),
        (str(run), reverse("accounting:run_detail", args=[key])),
    ]


@requires("accounting.view")
@require_GET
def run_groups(request: HttpRequest, key: str) -> HttpResponse:
    """List the groups of a run with their balances."""
    run = runs.by_key(key)
    found = runs.groups_of(run)
    why = members.evidence()
    totals = {name: sum(one.closing[name] for one in found) for name in runs.SHOWN}
    return render_page(
        request,
        "accounting/run_groups.html",
        {
            "title": _("Groups of insurance contracts"),
            "run": run,
            "key": key,
            "names": [COMPONENTS[name] for name in runs.SHOWN],
            "groups": [
                (
                    one,
                    why[one.code],
                    reverse("accounting:run_group", args=[key, one.code]),
                    [(name, one.closing[name], f"{key}~{name}~{one.code}") for name in runs.SHOWN],
                )
                for one in found
            ],
            "totals": [totals[name] for name in runs.SHOWN],
            "contracts": sum(one.contracts for one in found),
            "crumbs": _crumbs(run, key),
        },
    )


@requires("accounting.view")
@require_GET
def run_group(request: HttpRequest, key: str, group: str) -> HttpResponse:
    """Show a group: balances by amount type, flows by year, and its largest contracts."""
    run = runs.by_key(key)
    flows = runs.flows_of(run, group)
    if request.GET.get("export") == "xlsx":
        name = f"recalculate-{key}-{group}.xlsx"
        return FileResponse(workbook(run, group), as_attachment=True, filename=name)
    basis = "L" if request.GET.get("basis") == "L" else "C"
    found = measured.facts(run)
    return render_page(
        request,
        "accounting/run_group.html",
        {
            "title": group,
            "run": run,
            "key": key,
            "group": group,
            "basis": basis,
            "rate": run.assumptions["rates"][group],
            "figures": [
                Figure(
                    COMPONENTS[name],
                    found.get((name, "CLOSING", group), 0),
                    _("won"),
                    before=found.get((name, "OPENING", group), 0),
                    why=("measured", f"{key}~{name}~{group}"),
                )
                for name in runs.SHOWN
            ],
            "kinds": [KINDS[kind] for kind in _kinds()],
            "rows": _by_kind(run, group, basis),
            "chart": _flow_chart(flows),
            "contracts": runs.contracts_of(run, group),
            "evidence": members.evidence()[group],
            "sets": members.sets_of(group),
            "export": "?export=xlsx",
            "crumbs": [
                *_crumbs(run, key),
                (_("Groups"), reverse("accounting:run_groups", args=[key])),
            ],
        },
    )


def _kinds() -> list[str]:
    return [kind for kind in KINDS if kind not in {"RISK", "UNITS"}]


def _by_kind(run: MeasurementRun, group: str, basis: str) -> list[dict[str, object]]:
    present = measured.by_amount_type(run, "PVFCF", group, basis)
    risk = measured.by_amount_type(run, "RA", group, basis)
    rows = []
    for step, label in STEPS.items():
        amounts = [present.get((kind, step), 0) for kind in _kinds()]
        of_risk = risk.get(("", step), 0)
        if any(amounts) or of_risk or step in {"OPENING", "CLOSING"}:
            rows.append(
                {
                    "label": label,
                    "amounts": amounts,
                    "best": sum(amounts),
                    "risk": of_risk,
                    "strong": step in {"OPENING", "CLOSING"},
                }
            )
    return rows


def _flow_chart(flows: dict[str, list[float]]) -> Chart:
    months = max((len(values) for values in flows.values()), default=0)
    years = min(YEARS, -(-months // 12))

    def by_year(kind: str, sign: int) -> list[int]:
        values = flows.get(kind, [])
        return [sign * round(sum(values[12 * y : 12 * y + 12])) for y in range(years)]

    net = sum(
        sign * sum(flows.get(kind, []))
        for kind, sign in (
            ("PREMIUM", 1),
            ("CLAIMS", -1),
            ("EXPENSES", -1),
            ("REPAID", -1),
            ("COMMISSION", -1),
        )
    )
    return Chart(
        "flows",
        _t("Premiums less outflows of all years to come: %(net)s won")
        % {"net": short_won(round(net)) or "0"},
        "stack",
        [_t("year %(n)s") % {"n": y + 1} for y in range(years)],
        [
            Series(KINDS["PREMIUM"], by_year("PREMIUM", 1)),
            Series(KINDS["CLAIMS"], by_year("CLAIMS", -1)),
            Series(KINDS["EXPENSES"], by_year("EXPENSES", -1)),
            Series(KINDS["REPAID"], by_year("REPAID", -1)),
            Series(KINDS["COMMISSION"], by_year("COMMISSION", -1)),
        ],
        unit=_("won"),
        wide=True,
        note=_t("Expected, undiscounted; the first %(n)s years") % {"n": years},
    )


@requires("accounting.view")
@require_GET
def run_margin(request: HttpRequest, key: str) -> HttpResponse:
    """Show when the margin is expected to be released (IFRS 17.109)."""
    run = runs.by_key(key)
    found = runs.margin_by_year(run)
    years = min(max((len(values) for _g, values, _t in found), default=0), YEARS)
    total = sum(one[2] for one in found)
    soon = sum(sum(values[:5]) for _g, values, _total in found)
    chart = Chart(
        "margin",
        _t("%(share)s of the margin is expected in the next five years")
        % {"share": f"{soon / total:.0%}" if total else "–"},
        "stack",
        [_t("year %(n)s") % {"n": year + 1} for year in range(years)],
        [Series(group, (values + [0] * years)[:years]) for group, values, _total in found],
        unit=_("won"),
        wide=True,
        note=_t("Released by coverage units, interest at the locked-in rate included"),
    )
    return render_page(
        request,
        "accounting/run_margin.html",
        {
            "title": _("Run-off of the contractual service margin"),
            "run": run,
            "key": key,
            "chart": chart if total else None,
            "bands": [_band(first, last) for first, last in BANDS],
            "rows": [
                (group, [sum(values[a:b]) for a, b in BANDS], whole)
                for group, values, whole in found
            ],
            "totals": [sum(sum(v[a:b]) for _g, v, _w in found) for a, b in BANDS],
            "total": total,
            "crumbs": _crumbs(run, key),
        },
    )


def _band(first: int, last: int) -> str:
    if last > 100:
        return _t("after %(n)s years") % {"n": first}
    if last - first == 1:
        return _t("year %(n)s") % {"n": last}
    return _t("years %(first)s to %(last)s") % {"first": first + 1, "last": last}
