"""What measurements found: roll-forwards by component, for pages and reasons."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.models import MeasurementRun
from core.errors import NotFound

COMPONENTS: dict[str, str | Promise] = {
    "CSM": _("Contractual service margin (CSM)"),
    "PVFCF": _("Best estimate (present value of cash flows)"),
    "LRC": _("Liability for remaining coverage"),
    "LC": _("Loss component"),
    "ACQ": _("Acquisition cash flows"),
    "UPR": _("Premium allocation: unearned premium"),
    "IBNR": _("Incurred but not reported"),
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
    "CHANGE": _("Movement of the month"),
    "RELEASE": _("Release for service"),
    "EARNED": _("Earned by time"),
    "REVENUE": _("Insurance revenue"),
    "AMORTISED": _("Amortised"),
    "LOSS": _("Onerous contracts"),
    "TRANSFER": _("Moved to the best estimate"),
    "ROUNDING": _("Rounding"),
    "CLOSING": _("Closing"),
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


def run_of(period: str) -> MeasurementRun:
    """Return the latest run of a month.

    Raises:
        NotFound: it has not been measured.
    """
    found = MeasurementRun.objects.filter(period_id=period).order_by("-number").first()
    if found is None:
        raise NotFound(_t("%(period)s has not been measured.") % {"period": period})
    return found


def facts(run: MeasurementRun) -> dict[tuple[str, str, str], int]:
    """Return (component, step, group) → won of a run."""
    rows = run.facts.values_list("component", "step", "group_id", "amount")
    return {(c, s, g): int(a) for c, s, g, a in rows}


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
