"""Whether a bulk adds up: what came, what became of it, and what the ledger holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from accounting import api as accounting
from core.models import EventRecord
from partners.models import Answered, Bulk, Delivery

CASH = "1110"
ISSUED = "contracts.issued.v1"


def reconciliation(bulk: Bulk) -> dict[str, Any]:
    """Return the proof of a bulk: received = accepted + refused, and the ledger equals accepted.

    The events of a bulk are found by the cause that they were published under, and the ledger by
    the events: nothing here was written by the door itself.
    """
    parts = list(bulk.chunks.values_list("cause", "lines", "accepted", "refused", "premium",
                                         "reasons"))  # fmt: skip
    causes = [part[0] for part in parts]
    events = EventRecord.objects.filter(
        name=ISSUED, cause__in=causes, actor=f"partner:{bulk.partner_id}",
        published_at__gte=bulk.received_at,
    )  # fmt: skip
    booked = accounting.booked(list(events.values_list("event_id", flat=True)), CASH)
    reasons: Counter[str] = Counter()
    for part in parts:
        reasons.update(part[5])
    accepted, premium = sum(part[2] for part in parts), int(sum(part[4] for part in parts))
    refused = sum(part[3] for part in parts)
    complete = bulk.status == Bulk.Status.DONE
    exact = (
        accepted + refused == (bulk.lines if complete else sum(part[1] for part in parts))
        and reasons.total() == refused
        and (accepted, premium) == (bulk.accepted, int(bulk.premium))
        and (booked.references, booked.on_account) == (accepted, premium)
        and booked.debit == booked.credit
    )
    return {
        "bulk_id": bulk.bulk_id,
        "complete": complete,
        "received": bulk.lines,
        "accepted": accepted,
        "refused": refused,
        "refused_by_code": dict(sorted(reasons.items())),
        "premium": premium,
        "ledger_contracts": booked.references,
        "ledger_cash": booked.on_account,
        "ledger_debit": booked.debit,
        "ledger_credit": booked.credit,
        "exact": exact,
    }


def findings() -> list[tuple[str, int, str]]:
    """Return (name, breaches, the first of them) of what must always hold here."""
    done = Bulk.objects.filter(status=Bulk.Status.DONE).order_by("bulk_id")
    wrong = [bulk.bulk_id for bulk in done.iterator(100) if not reconciliation(bulk)["exact"]]
    unanswered = Answered.objects.filter(status=0)
    given_up = Delivery.objects.filter(state=Delivery.State.PARKED)
    return [
        ("every finished bulk equals the ledger", len(wrong), ", ".join(wrong[:3])),
        ("every idempotency key has its answer", unanswered.count(), ""),
        (
            "no webhook was given up",
            given_up.count(),
            ", ".join(given_up.order_by("id").values_list("subject", flat=True)[:3]),
        ),
    ]
