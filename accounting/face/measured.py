"""Why the contractual service margin is what it is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, parts, unknown
from accounting.selectors import measured, runs
from accounting.selectors.measured import COMPONENTS, STEPS
from core.explain import Explanation, Step, explains, why_url
from core.permissions import Scope


@explains("csm", right=RIGHT)
def explain_csm(key: str, scope: Scope) -> Explanation:
    """Explain the margin of a month by its roll-forward; the key is ``<period>`` or with a group.

    Raises:
        NotFound: the month has not been measured, or the group is not in it.
    """
    period, _sep, group = key.partition("~")
    run = measured.run_of(period)
    forward = measured.roll_forward(run, "CSM")
    if group and group not in forward.groups:
        raise unknown(key)
    place = forward.groups.index(group) if group else None
    amounts = {
        step: values[place] if place is not None else total for step, values, total in forward.rows
    }
    url = reverse("accounting:measurement") + f"?period={period}&component=CSM"
    return Explanation(
        title=_t("Contractual service margin (CSM)") + (f" {group}" if group else ""),
        answer=amounts["CLOSING"],
        unit=_t("won"),
        formula=_t(
            "opening + margin of new contracts + interest at the locked-in rate"
            " + changes of estimates for future service − release by coverage units"
        ),
        steps=[
            *(
                Step(STEPS[step], amount, unit=_t("won"))
                for step, amount in amounts.items()
                if step != "CLOSING"
            ),
            *(
                Step(one, values, unit=_t("won"), url=why_url("csm", f"{period}~{one}"))
                for one, values in _closings(forward)
                if not group
            ),
        ],
        sources=[
            Step(_t("Measurement run"), str(run), url=url),
            Step(
                _t("Assumptions"),
                f"v{run.assumptions['set']}",
                url=reverse("accounting:assumption_detail", args=[run.assumptions["set"]]),
                note=_t("%(n)s contracts in %(cells)s cells")
                % {"n": run.assumptions["contracts"], "cells": run.assumptions["cells"]},
            ),
            *(
                [Step(_t("Rate locked in"), f"{run.assumptions['rates'][group]:.2%}")]
                if group
                else []
            ),
        ],
        as_of=run.period.ends_on,
    )


def _closings(forward: Any) -> list[tuple[str, int]]:
    closing = next(values for step, values, _ in forward.rows if step == "CLOSING")
    return list(zip(forward.groups, closing, strict=True))


@explains("measured", right=RIGHT)
def explain_measured(key: str, scope: Scope) -> Explanation:
    """Explain a measured balance by its steps; the key is ``<run>~<estimate>~<group or empty>``.

    Raises:
        NotFound: no such run, estimate or group.
    """
    run_key, estimate, group = parts(key, 3)
    run = runs.by_key(run_key)
    if estimate not in COMPONENTS:
        raise unknown(key)
    forward = measured.roll_forward(run, estimate)
    measured_groups = {one.code for one in runs.groups_of(run)} | {
        one.pk for one in runs.treaties_of(run)
    }
    if group and group not in measured_groups:
        raise unknown(key)
    place = forward.groups.index(group) if group in forward.groups else None
    amounts = {
        step: total if not group else values[place] if place is not None else 0
        for step, values, total in forward.rows
    }
    return Explanation(
        title=str(COMPONENTS[estimate]) + (f" {group}" if group else ""),
        answer=amounts.get("CLOSING", 0),
        unit=_t("won"),
        formula=_t("opening + the steps below = closing"),
        steps=[
            *(
                Step(STEPS[step], amount, unit=_t("won"))
                for step, amount in amounts.items()
                if step != "CLOSING"
            ),
            *(
                Step(
                    one,
                    values,
                    unit=_t("won"),
                    url=why_url("measured", f"{run_key}~{estimate}~{one}"),
                )
                for one, values in _closings(forward)
                if not group
            ),
        ],
        sources=_sources(run, group),
        as_of=run.period.ends_on,
    )


def _sources(run: Any, group: str) -> list[Step]:
    found = [
        Step(
            _t("Measurement run"),
            str(run),
            url=reverse("accounting:run_detail", args=[run.key]),
            note=_t("%(n)s contracts in %(cells)s cells")
            % {"n": run.assumptions["contracts"], "cells": run.assumptions["cells"]},
        )
    ]
    if group and group not in run.assumptions["rates"]:
        url = reverse("accounting:run_held", args=[run.key]) + f"?treaty={group}#roll"
        found.append(Step(_t("Treaty"), group, url=url))
    elif group:
        found.append(
            Step(
                _t("Group with its contracts"),
                group,
                url=reverse("accounting:run_group", args=[run.key, group]),
                note=_t("Rate locked in") + f" {run.assumptions['rates'][group]:.2%}",
            )
        )
    if run.assumption_set is not None:
        url = reverse("accounting:assumption_detail", args=[run.assumption_set.version])
        found.append(Step(_t("Assumptions"), str(run.assumption_set), url=url))
    if run.curve is not None:
        url = reverse("accounting:curve_detail", args=[run.curve.version])
        found.append(Step(_t("Yield curve"), str(run.curve), url=url))
    return found
