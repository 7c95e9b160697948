"""Reinsurance contracts held in a run, apart from the contracts issued (IFRS 17.98)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.models import MeasurementRun
from accounting.selectors import measured, runs
from accounting.selectors.measured import STEPS
from core.htmx import render_page
from core.permissions import requires

SHOWN = ("RI_PVFCF", "RI_RA", "RI_CSM", "RI_UPR", "RI_LR", "RI_ARC", "RI_LIC")
HEADS = {
    "RI_PVFCF": _("Present value of cash flows"),
    "RI_RA": _("Risk adjustment"),
    "RI_CSM": _("Contractual service margin"),
    "RI_UPR": _("Premiums paid in advance"),
    "RI_LR": _("Loss-recovery component"),
    "RI_ARC": _("Remaining coverage"),
    "RI_LIC": _("Recoverable of incurred claims"),
}
_ROLLS = ("RI_ARC", "RI_PVFCF", "RI_RA", "RI_CSM", "RI_LR", "RI_LIC")


@requires("accounting.view")
@require_GET
def run_held(request: HttpRequest, key: str) -> HttpResponse:
    """List the treaties of a run with their balances, and roll one of them forward."""
    run = runs.by_key(key)
    found = measured.facts(run)
    moved = {group for (name, _step, group), amount in found.items() if name in SHOWN and amount}
    treaties = [one for one in runs.treaties_of(run) if one.pk in moved]
    codes = [one.pk for one in treaties]
    chosen = request.GET.get("treaty", "")
    chosen = chosen if chosen in codes else _largest(found, codes)
    return render_page(
        request,
        "accounting/run_held.html",
        {
            "title": _("Reinsurance contracts held"),
            "run": run,
            "key": key,
            "heads": [HEADS[name] for name in SHOWN],
            "rows": [
                (
                    one,
                    f"?treaty={one.pk}#roll",
                    [
                        (
                            found.get((name, "CLOSING", one.pk), 0),
                            f"{key}~{name}~{one.pk}",
                        )
                        for name in SHOWN
                    ],
                )
                for one in treaties
            ],
            "totals": [
                sum(found.get((name, "CLOSING", code), 0) for code in codes) for name in SHOWN
            ],
            "chosen": chosen,
            "components": [HEADS[name] for name in _ROLLS],
            "steps": _steps(run, chosen),
            "crumbs": [
                (_("Measurement runs"), reverse("accounting:run_list")),
                (str(run), reverse("accounting:run_detail", args=[key])),
            ],
        },
    )


def _largest(found: dict[tuple[str, str, str], int], codes: list[str]) -> str:
    """Return the treaty with the largest margin or, without any, balance."""
    sizes = {
        code: (
            abs(found.get(("RI_CSM", "CLOSING", code), 0)),
            abs(found.get(("RI_ARC", "CLOSING", code), 0))
            + abs(found.get(("RI_LIC", "CLOSING", code), 0)),
        )
        for code in codes
    }
    return max(codes, key=lambda code: sizes[code], default="")


def _steps(run: MeasurementRun, code: str) -> list[dict[str, object]]:
    """Return the steps of a treaty's components; those that are zero everywhere are left out."""
    if not code:
        return []
    found = measured.facts(run)
    rows = []
    for step, label in STEPS.items():
        amounts = [found.get((name, step, code), 0) for name in _ROLLS]
        if any(amounts) or step in {"OPENING", "CLOSING"}:
            strong = step in {"OPENING", "CLOSING"}
            rows.append({"label": label, "amounts": amounts, "strong": strong})
    return rows
