"""What happens by day, in order."""

from __future__ import annotations

from config.simulation import checking, claiming, founding, investing, selling, servicing
from config.simulation.engine import Activity

ACTIVITIES: dict[str, Activity] = {
    "founding": founding.found,
    "selling": selling.sell,
    "underwriting": selling.underwrite,
    "debits": servicing.pay_or_not,
    "leaving": servicing.leave,
    "coming back": servicing.come_back,
    "accidents": claiming.happen,
    "fraud review": checking.review_cases,
    "claims": claiming.work,
    "reinsurers": checking.receive_recoveries,
    "settlement": checking.settle_with_reinsurers,
    "investing": investing.invest,
    "statements": checking.release_statements,
}
