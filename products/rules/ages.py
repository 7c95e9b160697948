"""Insurance age (보험나이)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def insurance_age(*, born: ArrayLike, on: ArrayLike) -> NDArray[np.int64]:
    """Compute the insurance age: full years, and one more from the sixth full month on.

    Args:
        born: (n,) datetime64[D], day of birth.
        on: datetime64[D] or (n,), day of the contract.

    Returns:
        (n,) years.

    Source: 생명보험 표준약관 제21조 (보험나이 등): a fraction under six months is dropped, from six
        months on it counts as a year.
    """
    birth, day = np.asarray(born, "datetime64[D]"), np.asarray(on, "datetime64[D]")
    born_month, now_month = birth.astype("datetime64[M]"), day.astype("datetime64[M]")
    months = (now_month - born_month).astype(np.int64)
    month_days = ((now_month + 1).astype("datetime64[D]") - now_month).astype(np.int64)
    birth_day = (birth - born_month).astype(np.int64)
    anniversary = np.minimum(birth_day, month_days - 1)
    months = months - ((day - now_month).astype(np.int64) < anniversary)
    return (months + 6) // 12
