"""What measurements found: roll-forwards by component, for pages and reasons."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.models import MeasurementRun
from core.errors import NotFound

COMPONENTS: dict[str, str | Promise] = {
    "CSM": _("Contractual service margin (CSM)"),
    "PVFCF": _("Best estimate (present value of cash flows)"),
    "RA": _("Risk adjustment"),
    "LRC": _("Liability for remaining coverage"),
    "LC": _("Loss component"),
    "ACQ": _("Acquisition cash flows"),
    "UPR": _("Premium allocation: unearned premium"),
    "LIC": _("Liability for incurred claims"),
    "IBNR": _("Incurred but not reported"),
    "COST": _("Maintenance expenses payable"),
    "RI_PVFCF": _("Reinsurance held: present value of cash flows"),
    "RI_RA": _("Reinsurance held: risk adjustment"),
    "RI_CSM": _("Reinsurance held: contractual service margin"),
    "RI_UPR": _("Reinsurance held: premiums paid in advance"),
    "RI_ARC": _("Reinsurance held: remaining coverage"),
    "RI_LR": _("Reinsurance held: loss-recovery component"),
    "RI_LIC": _("Reinsurance held: incurred claims"),
}
STEPS: dict[str, str | Promise] = {
    "OPENING": _("Opening"),
    "NEW": _("New contracts"),
    "FINANCE": _("Interest"),
    "PREMIUMS": _("Premiums due"),
    "PAID": _("Commissions incurred"),
    "ACQUISITION": _("Acquisition cash flows"),
    "REFUNDS": _("Refunds"),
    "ESTIMATES": _("Changes of estimates"),
    "AVERAGE": _("Locked-in rates averaged with new contracts"),
    "RATES": _("Changed discount rates"),
    "ALLOCATION": _("Reinsurance premiums allocated"),
    "DEFAULT": _("Risk that reinsurers do not pay"),
    "CASE": _("Case reserves"),
    "ACCIDENTS": _("Accidents of the month not yet reported"),
    "EARLIER": _("Earlier accidents not yet reported"),
    "CHANGE": _("Movement of the month"),
    "UNWIND": _("Interest on incurred claims"),
    "DISCOUNT": _("Effect of discounting"),
    "RISK": _("Risk adjustment of incurred claims"),
    "INCURRED": _("Expenses of the month"),
    "RELEASE": _("Release for service"),
    "EARNED": _("Earned by time"),
    "REVENUE": _("Insurance revenue"),
    "AMORTISED": _("Amortised"),
    "LOSS": _("Onerous contracts"),
    "TRANSFER": _("Moved to the best estimate"),
    "ROUNDING": _("Rounding"),
    "CLOSING": _("Closing"),
}


KINDS: dict[str, str | Promise] = {
    "PREMIUM": pgettext_lazy("cash flow", "Premiums"),
    "CLAIMS": pgettext_lazy("cash flow", "Claims"),
    "EXPENSES": pgettext_lazy("cash flow", "Expenses"),
    "REPAID": pgettext_lazy("cash flow", "Surrender and maturity"),
    "COMMISSION": pgettext_lazy("cash flow", "Commission"),
    "RISK": pgettext_lazy("cash flow", "Risk released"),
    "UNITS": pgettext_lazy("cash flow", "Coverage units"),
}


@dataclass(frozen=True, slots=True)
class RollForward:
    """A component's roll-forward.

    Args:
        component: its code.
        groups: codes of the groups that have it.
        rows: (step, its amounts by group, their sum), in order; won.
    """

    component: str
    groups: list[str]
    rows: list[tuple[str, list[int], int]]

    def total(self, step: str) -> int:
        """Return the sum of a step; 0 if there is none."""
        return next((total for name, _, total in self.rows if name == step), 0)


def run_of(period: str, number: int | None = None) -> MeasurementRun:
    """Return a run of a month: the posted one, else the latest for the books, or by its number.

    Raises:
        NotFound: it has not been measured.
    """
    runs = MeasurementRun.objects.filter(period_id=period).select_related("period")
    if number is not None:
        found = runs.filter(number=number).first()
    else:
        books = runs.filter(purpose="BOOKS")
        posted = books.filter(event_id__isnull=False).first()
        found = posted or books.order_by("-number").first() or runs.order_by("-number").first()
    if found is None:
        raise NotFound(_t("%(period)s has not been measured.") % {"period": period})
    return found


def facts(run: MeasurementRun) -> dict[tuple[str, str, str], int]:
    """Return (estimate, step, group) → won of a run at current rates, amount types together."""
    whole = Q(amount_type="") | Q(estimate="PVFCF")
    rows = (
        run.facts.filter(whole, basis="C")
        .values_list("estimate", "step", "group_id")
        .annotate(total=Sum("amount"))
    )
    return {(c, s, g): int(a) for c, s, g, a in rows}


def by_amount_type(
    run: MeasurementRun, estimate: str, group: str, basis: str = "C"
) -> dict[tuple[str, str], int]:
    """Return (amount type, step) → won of one estimate; ``group`` empty: all groups."""
    rows = run.facts.filter(estimate=estimate, basis=basis)
    if group:
        rows = rows.filter(group_id=group)
    summed = rows.values_list("amount_type", "step").annotate(total=Sum("amount"))
    return {(kind, step): int(total) for kind, step, total in summed}


def roll_forward(run: MeasurementRun, component: str) -> RollForward:
    """Return a component's roll-forward; steps that are zero everywhere are left out."""
    found = facts(run)
    return _roll(found, component)


def roll_forwards(run: MeasurementRun) -> list[RollForward]:
    """Return the roll-forwards of all components that the run has."""
    found = facts(run)
    made = [_roll(found, component) for component in COMPONENTS]
    return [one for one in made if one.groups]


def _roll(found: dict[tuple[str, str, str], int], component: str) -> RollForward:
    groups = sorted({g for (c, _, g), v in found.items() if c == component and v})
    rows = []
    for step in STEPS:
        amounts = [found.get((component, step, group), 0) for group in groups]
        if any(amounts) or step in {"OPENING", "CLOSING"}:
            rows.append((step, amounts, sum(amounts)))
    return RollForward(component, groups, rows)
