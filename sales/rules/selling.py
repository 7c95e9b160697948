"""Who may sell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Seller:
    """What decides whether someone may sell."""

    active: bool
    licensed: bool
    appointed_on: date
    training_valid_until: date
    sells: frozenset[str]


def bar_to_sell(seller: Seller | None, *, product_type: str, on: date) -> str:
    """Return why someone may not sell a product on a day, as a code; empty if they may.

    Args:
        seller: None when there is no such agent.
        product_type: LIFE or NON_LIFE.
        on: the day of the application.

    Source: 보험업법 제83조, 제84조 (only registered people solicit), 제85조의2 (training).
    """
    if seller is None:
        return "UNKNOWN"
    if not seller.active:
        return "RETIRED"
    if on < seller.appointed_on:
        return "NOT_YET"
    if not seller.licensed or product_type not in seller.sells:
        return "UNLICENSED"
    if on > seller.training_valid_until:
        return "UNTRAINED"
    return ""
