"""Measurement runs that people order: a worker carries them out, and the page shows how far."""

from __future__ import annotations

from datetime import date

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext as _

from accounting.events import MeasurementsOrdered
from accounting.models import AssumptionSet, FiscalPeriod, MeasurementOrder, YieldCurve
from accounting.services import measuring
from accounting.services.periods import NoSuchPeriod
from core import numbering
from core.acting import acting, current
from core.errors import DomainError
from core.events import publish
from core.status import transition

SERIES = "MSR"
STAGES = ("READ", "PROJECT", "DISCOUNT", "ROLL", "INCURRED", "KEEP")
_SECONDS = 3_600


@transaction.atomic
def order(
    *,
    period: str,
    purpose: str,
    business_date: date,
    assumption_set: AssumptionSet | None = None,
    curve: YieldCurve | None = None,
    note: str = "",
) -> MeasurementOrder:
    """Order a measurement run; refused at once if it could only be refused later.

    Args:
        period: ``YYYY-MM``.
        purpose: BOOKS or WHATIF.
        business_date: today.
        assumption_set: for WHATIF, any set, drafts too; empty: the one in force.
        curve: for WHATIF, any curve; empty: the one in force.
        note: what the run shall answer.

    Raises:
        NoSuchPeriod, PeriodNotOver, PeriodIsLocked.
    """
    found = FiscalPeriod.objects.filter(pk=period).first()
    if found is None:
        raise NoSuchPeriod(_("There is no month %(period)s in the books.") % {"period": period})
    measuring.may_run(found, business_date, purpose)
    what_if = purpose == measuring.Purpose.WHATIF
    made = MeasurementOrder.objects.create(
        order_no=numbering.take_one(SERIES, business_date.year),
        period=found,
        purpose=purpose,
        assumption_set=assumption_set if what_if else None,
        curve=curve if what_if else None,
        note=note,
        asked_by=current().actor,
    )
    publish(MeasurementsOrdered.of(business_date=business_date, rows=[{"order_no": made.order_no}]))
    return made


def carry_out(order_no: str, *, business_date: date) -> MeasurementOrder:
    """Measure what was ordered; what forbids it is written on the order.

    Carrying out an order again changes nothing.

    Args:
        order_no: the order.
        business_date: the day on which it was given.
    """
    with transaction.atomic():
        found = MeasurementOrder.objects.select_for_update().get(pk=order_no)
        if found.status != MeasurementOrder.Status.WAITING:
            return found
        try:
            with transaction.atomic(), acting(found.asked_by, cause=order_no):
                run = measuring.measure(
                    found.period,
                    business_date=business_date,
                    purpose=found.purpose,
                    chosen=found.assumption_set,
                    curve=found.curve,
                    progress=lambda what: _say(order_no, what),
                )
                if run is None:
                    raise measuring.NothingToMeasure(_("There are no contracts to measure yet."))
        except DomainError as refusal:
            transition(found, MeasurementOrder.Status.REFUSED, refusal=str(refusal))
        else:
            transition(found, MeasurementOrder.Status.DONE, run=run)
    return found


def stage_of(order_no: str) -> int:
    """Return how many stages of an order are behind it, as the worker last said."""
    return int(cache.get(_key(order_no), 0))


def _say(order_no: str, what: str) -> None:
    cache.set(_key(order_no), STAGES.index(what), _SECONDS)


def _key(order_no: str) -> str:
    return f"accounting:measurement:{order_no}"
