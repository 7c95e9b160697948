"""Whether a bulk adds up: what came, what became of it, and what the ledger holds."""

from __future__ import annotations

from collections import Counter
from typing import Any

from accounting import api as accounting
from core.models import EventRecord
from partners.models import Bulk

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
