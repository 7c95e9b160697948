"""The rates locked in of the groups of a run, from its inputs."""

from __future__ import annotations

import numpy as np

from accounting.rules.curves import flat_forwards, month_forwards
from accounting.rules.locked import FLAT, Locked, joined, locked_rates
from accounting.selectors import curves
from accounting.selectors.inputs import Inputs


def of(inputs: Inputs, months: int) -> Locked:
    """Return the rates locked in of all groups, in their order.

    Args:
        inputs: of the run.
        months: how many coming months.
    """
    month = int(np.datetime64(inputs.day, "M").astype(np.int64))
    first = min([part.month for parts in inputs.locks.values() for part in parts] or [month])
    length = months + 2 + max(0, month - first)
    drawn = {
        version: month_forwards(curves.from_inputs(given), length)
        for version, given in inputs.curves.items()
    }
    known = []
    for code in inputs.codes:
        flat = flat_forwards(np.array([inputs.rates[code]]), length)[0]
        known.append({**drawn, FLAT: flat})
    return locked_rates(
        [joined(inputs.locks.get(code, []), inputs.known.get(code, [])) for code in inputs.codes],
        known,
        month=month,
        months=months,
    )
