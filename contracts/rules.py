"""Dates and sums of a contract's life: pure functions, no database, no clock.

Legal periods are counted by the Civil Code: the first day is not counted (민법 §157), and a
period that ends on a holiday ends with the next working day (민법 §161).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

import numpy as np
from numpy.typing import ArrayLike

from core.clock import add_business_days, add_months, next_business_day
from core.columns import Days, Flags, Ints, Keys, Won

MONTHLY = "MONTHLY"
NOTICE_AFTER_DAYS = 14
"""A bill is noticed when it has been unpaid for so many days: two more debits have failed."""
GRACE_DAYS = 14
GRACE_DAYS_SHORT = 7
RESCISSION_MONTHS = 2
COOLING_OFF_DELIVERED = 15
COOLING_OFF_APPLIED = 30
COOLING_OFF_MIN_TERM_MONTHS = 4
"""Terms of 90 days or less have no cooling-off period, so the shortest monthly term is four."""
REFUND_BUSINESS_DAYS = 3
LATE_RECEIPT_BUSINESS_DAYS = 3
"""A letter posted on the last day of a period is delivered within so many working days."""
ACCEPTANCE_DAYS = 30
WARNING_DAYS = 7
"""So many days before silence accepts an application, its desk is warned."""
REINSTATEMENT_MONTHS = 36
CLAIM_MONTHS = 36
"""A surrender value is asked for within three years (상법 §662)."""
ENDLESS = 1_320
"""Instalments of a contract that is paid for life: 110 years."""


def months_later(days: Days, months: ArrayLike) -> Days:
    """Return the same day so many months later, or the last day of a shorter month.

    Args:
        days: (n,) datetime64[D].
        months: (n,) or a scalar.

    Returns:
        (n,) datetime64[D].
    """
    first = days.astype("datetime64[M]")
    into = (days - first.astype("datetime64[D]")).astype(np.int64)
    target = first + np.asarray(months, np.int64)
    begin = target.astype("datetime64[D]")
    length = ((target + 1).astype("datetime64[D]") - begin).astype(np.int64)
    return begin + np.minimum(into, length - 1)


def completed_months(start: Days, on: ArrayLike) -> Ints:
    """Count the months completed from ``start`` to ``on``, never negative.

    Args:
        start: (n,) datetime64[D].
        on: datetime64[D], (n,) or a scalar; the day of the month counts as completed.
    """
    day = np.broadcast_to(np.asarray(on, "datetime64[D]"), start.shape)
    months = (day.astype("datetime64[M]") - start.astype("datetime64[M]")).astype(np.int64)
    early = day < months_later(start, months)
    return np.maximum(0, months - early)


def instalments(frequency: Keys, pay_months: Ints, term_months: Ints) -> Ints:
    """Return how many instalments a contract has in all, (n,).

    ``pay_months`` 0 means the whole term, ``term_months`` 0 the whole of life.
    """
    months = np.where(pay_months > 0, pay_months, np.where(term_months > 0, term_months, ENDLESS))
    return np.where(frequency == MONTHLY, months, 1)


def next_due(contract_date: Days, instalment: Ints, total: Ints) -> Days:
    """Return the due date of instalment ``instalment`` (1 is the first), NaT beyond the last.

    Due dates are counted from the contract date, so that a contract of the 31st returns to it.
    """
    due = months_later(contract_date, instalment - 1)
    due[instalment > total] = np.datetime64("NaT")
    return due


def instalment_at(contract_date: Days, due_date: Days) -> Ints:
    """Return which instalment falls due on a due date (1 on the contract date), (n,)."""
    months = due_date.astype("datetime64[M]") - contract_date.astype("datetime64[M]")
    return months.astype(np.int64) + 1


def cover_end(contract_date: Days, term_months: Ints) -> Days:
    """Return the first day without cover, NaT for whole of life."""
    end = months_later(contract_date, term_months)
    end[term_months == 0] = np.datetime64("NaT")
    return end


def reserve_months(elapsed: Ints, paid: Ints, total: Ints) -> Ints:
    """Return the months for which the policy reserve has grown.

    A month whose premium is not paid adds nothing; a contract that is paid up goes on to the end.
    """
    return np.where(paid >= total, elapsed, np.minimum(elapsed, paid))


@dataclass(frozen=True, slots=True)
class Paid:
    """The period [start, end) for which premiums are paid, (n,) each, and the premium of it."""

    start: Days
    end: Days
    premium: Won


def paid_period(
    *, contract_date: Days, cover_end: Days, frequency: Keys, paid: Ints, premium: Won
) -> Paid:
    """Return the last paid period, whose premium is earned day by day.

    Args:
        contract_date: (n,) datetime64[D].
        cover_end: (n,) datetime64[D], NaT for whole of life.
        frequency: (n,) MONTHLY or SINGLE.
        paid: (n,) instalments paid.
        premium: (n,) won of one instalment.

    Returns:
        The month of the last paid instalment; the whole cover of a single premium; an empty
        premium where nothing is paid.
    """
    monthly = frequency == MONTHLY
    start = np.where(monthly, months_later(contract_date, np.maximum(paid, 1) - 1), contract_date)
    month = months_later(contract_date, np.maximum(paid, 1))
    end = np.where(monthly | np.isnat(cover_end), month, cover_end)
    return Paid(start=start, end=end, premium=np.where(paid > 0, premium, 0))


def in_force(start: Days, end: Days, ended: Days, on: ArrayLike) -> Flags:
    """Say whether there was cover on a day: from its start, until it ended, first exclusive.

    A loss before the lapse is covered (상법 §650②: the contract ends for the future).

    Args:
        start: (n,) first day of cover, NaT when it never began.
        end: (n,) first day without cover by the term, NaT for whole of life.
        ended: (n,) day on which the contract ended, NaT while it lasts.
        on: (n,) days asked for.
    """
    day = np.broadcast_to(np.asarray(on, "datetime64[D]"), start.shape)
    return (
        ~np.isnat(start)
        & (start <= day)
        & (np.isnat(end) | (day < end))
        & (np.isnat(ended) | (day < ended))
    )


@dataclass(frozen=True, slots=True)
class Deadline:
    """A legal period worked out.

    Attributes:
        last: last day on which the act is in time.
        counted: last day before holidays were considered.
        law: the article.
    """

    last: date
    counted: date
    law: str

    @property
    def skipped(self) -> list[date]:
        """The days that did not count as the end, because nobody works on them."""
        return [self.counted + timedelta(days=n) for n in range((self.last - self.counted).days)]


def period_end(start: date, days: int, law: str) -> Deadline:
    """Return the end of a period of so many days after ``start`` (민법 §157, §161)."""
    counted = start + timedelta(days=days)
    return Deadline(last=next_business_day(counted), counted=counted, law=law)


def acceptance(applied_on: date) -> Deadline:
    """Return when an application that nobody answered counts as accepted (상법 §638의2①②)."""
    return period_end(applied_on, ACCEPTANCE_DAYS, "상법 §638의2")


def cooling_off(
    *, applied_on: date, delivered_on: date | None, term_months: int
) -> Deadline | None:
    """Return until when the policyholder may withdraw, None where the law gives no such right.

    Args:
        applied_on: day of the application.
        delivered_on: day on which the policy document was received, None if not yet.
        term_months: 0 for whole of life.

    Source:
        금융소비자보호법 §46①1: 15 days from the policy document and at most 30 days from the
        application, whichever comes first; not for terms up to 90 days.
    """
    if 0 < term_months < COOLING_OFF_MIN_TERM_MONTHS:
        return None
    law = "금융소비자보호법 §46①1"
    by_application = period_end(applied_on, COOLING_OFF_APPLIED, law)
    if delivered_on is None:
        return by_application
    by_delivery = period_end(delivered_on, COOLING_OFF_DELIVERED, law)
    return min(by_delivery, by_application, key=lambda one: one.last)


def late_receipt(last: date) -> date:
    """Return until when a declaration that was sent by ``last`` may still arrive."""
    return add_business_days(last, LATE_RECEIPT_BUSINESS_DAYS)


def refund_due(received_on: date) -> date:
    """Return by when the premiums are paid back after a withdrawal (금융소비자보호법 §46③)."""
    return add_business_days(received_on, REFUND_BUSINESS_DAYS)


def grace(noticed_on: date, term_months: int) -> Deadline:
    """Return the end of the grace period after a notice; the contract lapses the day after.

    Args:
        noticed_on: day of the notice (납입최고).
        term_months: 0 for whole of life; below twelve the period is seven days.

    Source: 상법 §650②; 생명보험 표준약관 제26조 (14 days, 7 days for terms under a year).
    """
    days = GRACE_DAYS_SHORT if 0 < term_months < 12 else GRACE_DAYS
    return period_end(noticed_on, days, "상법 §650②")


def lapse_day(noticed_on: date, term_months: int) -> date:
    """Return the day of lapse: the day after the grace period."""
    return grace(noticed_on, term_months).last + timedelta(days=1)


def notice_day(due_date: date) -> date:
    """Return the first working day on which an unpaid bill is noticed."""
    return next_business_day(due_date + timedelta(days=NOTICE_AFTER_DAYS))


def reinstatement_deadline(lapsed_on: date) -> Deadline:
    """Return until when a lapsed contract may be reinstated.

    Source: 상법 §650의2; 생명보험 표준약관 제27조 (three years from the lapse).
    """
    counted = add_months(lapsed_on, REINSTATEMENT_MONTHS)
    return Deadline(next_business_day(counted), counted, "생명보험 표준약관 제27조")


def payment_deadline(lapsed_on: date) -> Deadline:
    """Return until when the surrender value of a lapsed contract may be asked for (상법 §662)."""
    counted = add_months(lapsed_on, CLAIM_MONTHS)
    return Deadline(next_business_day(counted), counted, "상법 §662")


def arrears_interest(amount: int, *, due: date, paid: date, percent: Decimal) -> int:
    """Return the interest on an instalment that is paid late, whole won, a fraction dropped.

    Compounded every full year after the due date, simple by days of 365 in the year begun.

    Args:
        amount: won.
        due: day on which it was due.
        paid: day of payment.
        percent: annual rate, for example 3.50.

    Source: 생명보험 표준약관 제27조 (average disclosed rate + at most one percentage point).
    """
    rate = percent / 100
    years = max(0, (paid.year - due.year) - ((paid.month, paid.day) < (due.month, due.day)))
    days = max(0, (paid - add_months(due, 12 * years)).days)
    factor = (1 + rate) ** years * (1 + rate * days / 365) - 1
    return int((amount * factor).to_integral_value(ROUND_DOWN))


def rescission_day(contract_date: date) -> date:
    """Return the day from which a contract without its first premium is rescinded.

    Source: 상법 §650①: deemed rescinded when two months have passed since it was concluded.
    """
    return add_months(contract_date, RESCISSION_MONTHS) + timedelta(days=1)


def covered_bills(amounts: Sequence[int], money: int) -> int | None:
    """Return how many of the oldest bills ``money`` pays exactly, None if it pays none exactly.

    Args:
        amounts: won of the unpaid bills, oldest first.
        money: won received.
    """
    total = 0
    for number, amount in enumerate(amounts, start=1):
        total += amount
        if total == money:
            return number
    return None


def occurrence(keys: Keys) -> Ints:
    """Number the rows of equal keys 0, 1, 2 … in their order, (n,)."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    fresh = np.ones(len(keys), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    begin = np.maximum.accumulate(np.where(fresh, np.arange(len(keys)), 0))
    out = np.empty(len(keys), np.int64)
    out[order] = np.arange(len(keys)) - begin
    return out
