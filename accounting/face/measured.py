"""Why the contractual service margin is what it is."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, unknown
from accounting.selectors import measured
from accounting.selectors.measured import STEPS
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
        as_of=run.made_at.date(),
    )


def _closings(forward: Any) -> list[tuple[str, int]]:
    closing = next(values for step, values, _ in forward.rows if step == "CLOSING")
    return list(zip(forward.groups, closing, strict=True))
