"""Limits on how an insurer may invest (보험업법 §106, general account)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.columns import Keys, Won

PROPERTY_PERCENT = 15
BORROWER_PERCENT = 3
ISSUER_PERCENT = 7
LARGE_CREDIT_PERCENT = 1
LARGE_CREDITS_PERCENT = 20
NEAR = 0.9
PUBLIC = ("대한민국 정부", "대한민국", "한국은행")
"""Issuers that are no company: the limit on one issuer does not concern them."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How far a limit is used.

    Args:
        code: PROPERTY, BORROWER, ISSUER or LARGE_CREDITS.
        article: of the law.
        whose: the borrower or issuer that uses most; empty for a class of assets.
        amount: won.
        share: of all assets, a ratio.
        limit: a ratio.
    """

    code: str
    article: str
    whose: str
    amount: int
    share: float
    limit: float

    @property
    def state(self) -> str:
        """OK, NEAR (nine tenths of the limit) or OVER."""
        if self.share > self.limit:
            return "OVER"
        return "NEAR" if self.share > self.limit * NEAR else "OK"


def limits(*, asset_type: Keys, issuer: Keys, value: Won, total: int) -> list[LimitUse]:
    """Return the use of each limit that depends on the assets alone.

    Args:
        asset_type: (n,) STOCK, BOND, REAL_ESTATE or LOAN.
        issuer: (n,) issuer, borrower or address.
        value: (n,) carrying amounts, won.
        total: all assets of the general account, won; 0 gives no shares.

    Source: 보험업법 §106① 1·2·4·8호; property 15 % by 보험업법 시행령 §50③. Limits against equity
    and those on groups of companies need facts that an asset does not carry.
    """
    loans, property_ = asset_type == "LOAN", asset_type == "REAL_ESTATE"
    securities = ((asset_type == "STOCK") | (asset_type == "BOND")) & ~np.isin(issuer, PUBLIC)
    borrowers = _by_name(issuer[loans], value[loans])
    issuers = _by_name(issuer[securities], value[securities])
    large = sum(v for v in borrowers.values() if v * 100 > total * LARGE_CREDIT_PERCENT)
    borrower, borrowed = _largest(borrowers)
    issued_by, issued = _largest(issuers)
    found: Sequence[tuple[str, str, str, int, int]] = (
        ("PROPERTY", "§106①8", "", int(value[property_].sum()), PROPERTY_PERCENT),
        ("BORROWER", "§106①1", borrower, borrowed, BORROWER_PERCENT),
        ("ISSUER", "§106①2", issued_by, issued, ISSUER_PERCENT),
        ("LARGE_CREDITS", "§106①4", "", large, LARGE_CREDITS_PERCENT),
    )
    return [
        LimitUse(code, article, whose, amount, amount / total if total else 0.0, percent / 100)
        for code, article, whose, amount, percent in found
    ]


def _by_name(names: Keys, values: Won) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in zip(names, values.tolist(), strict=True):
        found[str(name)] = found.get(str(name), 0) + value
    return found


def _largest(amounts: dict[str, int]) -> tuple[str, int]:
    if not amounts:
        return "", 0
    name = max(sorted(amounts), key=amounts.__getitem__)
    return name, amounts[name]
