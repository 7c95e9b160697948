"""The surrender value reserve: retained earnings that stay in the company."""

from __future__ import annotations


def required(*, surrender: int, coverage: int, share: float, earnings: int) -> int:
    """Return what the reserve must be, won.

    Args:
        surrender: surrender values and unearned premiums of all contracts.
        coverage: liability for remaining coverage of all contracts.
        share: of the shortfall that is appropriated: 0.8 where the solvency ratio of the quarter
            before is 130 % or more, else 1.
        earnings: retained earnings, the reserve included: no more can be appropriated.

    Source: 보험업감독규정 제6-11조의6 (해약환급금준비금): the excess of surrender values and
    unearned premiums over the insurance liability, at the level of the company.
    """
    shortfall = max(0, surrender - coverage)
    return max(0, min(round(share * shortfall), earnings))
