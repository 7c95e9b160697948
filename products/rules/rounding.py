"""Rounding of amounts to whole won, named by mode."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Mode(StrEnum):
    """How a fraction is brought to the unit."""

    HALF_UP = "HALF_UP"
    DOWN = "DOWN"
    UP = "UP"


def whole(amount: ArrayLike, *, unit: int = 1, mode: Mode = Mode.HALF_UP) -> NDArray[np.int64]:
    """Bring amounts to whole multiples of ``unit`` won.

    Nine decimals are cleaned first, so that a binary 0.4999999999 that means one half is one half.

    Args:
        amount: (n,) won, any sign.
        unit: 1 for whole won, 10 for tens of won.
        mode: HALF_UP rounds halves away from zero, DOWN towards zero, UP away from zero.

    Returns:
        (n,) int64 won.

    Source: calculation manuals of Korean products (산출방법서), rounding of unit amounts.
    """
    scaled = np.round(np.asarray(amount, dtype=np.float64), 9) / unit
    size = np.abs(scaled)
    match mode:
        case Mode.HALF_UP:
            size = np.floor(size + 0.5)
        case Mode.DOWN:
            size = np.floor(size)
        case Mode.UP:
            size = np.ceil(size)
    return (np.sign(scaled) * size).astype(np.int64) * unit
