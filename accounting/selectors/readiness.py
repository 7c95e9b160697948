"""Whether a month may be closed, point by point."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    AssumptionSet,
    ContractGroup,
    FiscalPeriod,
    JournalBatch,
    ManualJournal,
    PostingRule,
    YieldCurve,
)
from claims import api as claims
from contracts import api as contracts
from core.models import EventRecord, JobFailure, OutboxMessage


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the close checklist.

    Args:
        code: stable name.
        label: what must hold.
        breaches: how often it does not (0: it holds).
        detail: the first breach, in words.
        help: what to do about it.
    """

    code: str
    label: str | Promise
    breaches: int
    detail: str = ""
    help: str | Promise = ""

    @property
    def ok(self) -> bool:
        """Whether it holds."""
        return self.breaches == 0


def points(
    period: FiscalPeriod, *, business_date: date, money: Collection[str], quick: bool = False
) -> list[Point]:
    """Check everything that a close asks for; month-end work is asked once the month is over.

    Args:
        period: the month.
        business_date: today.
        money: names of the events that the ledger posts.
        quick: leave out what reads every line of the month (for desks, which show counts).
    """
    checks: list[Callable[[], Point]] = [
        lambda: _over(period, business_date),
        lambda: _earlier_open(period),
        lambda: _unposted(period, money),
        lambda: _waiting(period, money),
        lambda: _failures(period),
        lambda: _drafts(period),
        lambda: _scores(),
        lambda: _assumptions(period),
        lambda: _curve(period),
    ]
    if not quick:
        checks.append(lambda: _unbalanced(period))
    if business_date >= period.ends_on:
        checks.append(lambda: _reserves(period))
    return [check() for check in checks]


def _over(period: FiscalPeriod, business_date: date) -> Point:
    over = business_date >= period.ends_on
    return Point(
        "over",
        _("The month is over"),
        0 if over else 1,
        "" if over else f"{business_date} < {period.ends_on}",
        _("Wait for the last day of the month."),
    )


def _earlier_open(period: FiscalPeriod) -> Point:
    found = FiscalPeriod.objects.filter(status="OPEN", period__lt=period.pk).order_by("period")
    return Point(
        "earlier",
        _("Earlier months are closed"),
        found.count(),
        str(found.first() or ""),
        _("Close the earlier months first."),
    )


def _unposted(period: FiscalPeriod, money: Collection[str]) -> Point:
    posted = JournalBatch.objects.filter(event_id=OuterRef("event_id"))
    found = EventRecord.objects.filter(
        Q(business_date__lte=period.ends_on), ~Exists(posted), name__in=list(money)
    ).order_by("published_at")
    first = found.first()
    return Point(
        "unposted",
        _("Every event of money is posted"),
        found.count(),
        str(first or ""),
        _("Post the event again, or ask the operators why it was not posted."),
    )


def _waiting(period: FiscalPeriod, money: Collection[str]) -> Point:
    events = EventRecord.objects.filter(
        event_id=OuterRef("event_id"), business_date__lte=period.ends_on
    )
    found = OutboxMessage.objects.filter(
        ~Q(state=OutboxMessage.State.DONE), Exists(events), name__in=list(money)
    ).order_by("id")
    return Point(
        "waiting",
        _("No message about money waits or is parked"),
        found.count(),
        str(found.first() or ""),
        _("Retry the parked messages on the operations screen."),
    )


def _failures(period: FiscalPeriod) -> Point:
    found = JobFailure.objects.filter(
        run__business_date__range=(period.starts_on, period.ends_on), resolved_at=None
    ).exclude(run__job="close")
    first = found.select_related("run").first()
    return Point(
        "failures",
        _("The nightly chain left nothing undone"),
        found.count(),
        f"{first}: {first.reason}" if first else "",
        _("Retry or settle the failed items on the operations screen."),
    )


def _drafts(period: FiscalPeriod) -> Point:
    found = ManualJournal.objects.filter(status="DRAFT", entry_date__lte=period.ends_on)
    return Point(
        "drafts",
        _("Every manual journal is decided"),
        found.count(),
        str(found.first() or ""),
        _("Post the journal or send it back."),
    )


def _unbalanced(period: FiscalPeriod) -> Point:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*), min(entry_id) FROM (
                SELECT entry_id FROM general_ledger WHERE transaction_date BETWEEN %s AND %s
                GROUP BY entry_id HAVING sum(debit_amount) <> sum(credit_amount)
            ) t
            """,
            [period.starts_on, period.ends_on],
        )
        count, first = cursor.fetchone()
    return Point(
        "unbalanced",
        _("Every entry balances"),
        count,
        str(first or ""),
        _("The database refuses this; call the administrator."),
    )


def _reserves(period: FiscalPeriod) -> Point:
    missing = contracts.reserves_missing(period.ends_on)
    return Point(
        "reserves",
        _("Policy reserves of the month end are complete"),
        len(missing),
        missing[0] if missing else "",
        _("Run the reserve step of the nightly chain for the last day of the month."),
    )


def _scores() -> Point:
    missing = claims.unscored()
    return Point(
        "scores",
        _("Every claim is scored"),
        len(missing),
        missing[0] if missing else "",
        _("Score the claims again in fraud detection."),
    )


def _assumptions(period: FiscalPeriod) -> Point:
    found = AssumptionSet.objects.filter(status="ACTIVE", period__contains=period.ends_on).first()
    label = _("Checked assumptions are in force")
    if found is None:
        wanted = _("Draft assumptions and have a second person check them.")
        return Point("assumptions", label, 1, str(period.ends_on), wanted)
    issued = ContractGroup.objects.filter(kind="ISSUED")
    lines = issued.values_list("line", flat=True).distinct()
    missing = sorted(set(lines) - set(found.values["lines"]))
    return Point(
        "assumptions",
        label,
        len(missing),
        f"{found}: {missing[0]}" if missing else "",
        _("Add the portfolio to a new set of assumptions and have it checked."),
    )


def _curve(period: FiscalPeriod) -> Point:
    found = YieldCurve.objects.filter(status="ACTIVE", base_date__lte=period.ends_on).exists()
    return Point(
        "curve",
        _("A checked yield curve is in force"),
        0 if found else 1,
        "" if found else str(period.ends_on),
        _("Enter the yields of the month end and have a second person check them."),
    )


def waits_for_another(actor: str) -> int:
    """Return how many journals, rules and closes others have drafted and ``actor`` may confirm."""
    drafts = sum(
        model.objects.filter(status="DRAFT").exclude(made_by=actor).count()
        for model in (ManualJournal, PostingRule)
    )
    asked = FiscalPeriod.objects.filter(status="OPEN").exclude(requested_by__in=["", actor])
    return drafts + asked.count()
