"""Back-test = live, with the network: days of claims, outcomes and nights, then all of it again.

Each step commits, so that what was written down later is later. Whatever came afterwards, every
claim's rules and features are found again as they were said.
"""

from datetime import date, timedelta

import numpy as np
import pytest

from claims import api as claims
from core import outbox
from core.acting import acting
from fds import selectors, services
from fds.models import Prediction, ShadowEvaluation
from fds.services.scoring import batch_of, work_out
from tests.factories import claims as make

FIRST = date(2026, 3, 20)
DAYS = 4


def parties(*rows):
    columns = [np.array(c, dtype=object) for c in zip(*rows, strict=True)]
    services.record_parties(services.Parties(*columns, np.full(len(rows), "", dtype=object)))


def lived(rng):
    """Live through days: claims that share things, outcomes, and the night; return the numbers."""
    holders = [make.customer() for _ in range(6)]
    for code in ("H001", "H002"):
        make.provider(code)
    numbers = []
    for n in range(DAYS):
        day = FIRST + timedelta(days=n)
        for _claim in range(4):
            insured = make.contract(start=date(2026, 3, int(rng.integers(1, 15))),
                                    holder=holders[int(rng.integers(6))])  # fmt: skip
            number = make.received(
                insured, provider_code=f"H00{int(rng.integers(1, 3))}", business_date=day,
                incident_at=f"{day - timedelta(days=1)}T08:00",
                reported_at=f"{day}T{int(rng.integers(9, 18)):02d}:00",
            )  # fmt: skip
            parties(
                (number, "ACCOUNT", f"{rng.integers(2)}"), (number, "PHONE", f"{rng.integers(2)}")
            )
            numbers.append(number)
        outbox.drain()
        for number in rng.choice(numbers, 2, replace=False):
            with acting("siu"):
                services.record_label(
                    reception_id=str(number), source="CASE", decided_on=day,
                    state=str(rng.choice(["CONFIRMED", "CONFIRMED", "INNOCENT"])),
                )  # fmt: skip
        with acting("batch:fds_network"):
            services.link_claims(day)
            services.rank_parties(day)
    return numbers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_claim_is_found_again_as_it_was_said(seed):
    for name in ("siu", "siu2"):
        make.person(name, "siu")
    rng = np.random.default_rng(seed)
    numbers = lived(rng)
    said = {one.claim_id: one for one in ShadowEvaluation.objects.filter(ruleset=2)}
    thought = {one.claim_id: one for one in Prediction.objects.order_by("-pk")}
    assert any(rule["code"] in ("R15", "R16") for one in said.values() for rule in one.hits)
    for number in numbers[::2]:  # later everything looks different
        parties((number, "PHONE", "later"), (number, "ACCOUNT", "later"))
    services.rank_parties(FIRST - timedelta(days=1))
    spec = selectors.spec_of(2).as_if_live()
    facts = claims.facts(numbers)
    batch = batch_of([facts[number] for number in numbers])
    at = [_micros((said.get(n) or thought[n]).made_at) for n in numbers]
    again = work_out(batch, spec, known_by=numbers, recorded=np.array(at))
    for row, number in enumerate(numbers):
        hits = [rule for rule in again.reports[row]["rules"] if rule["hit"]]
        assert hits == (said[number].hits if number in said else []), number
    found = selectors.moments_of(claims.claim_columns(numbers), recorded=np.array(
        [_micros(thought[n].made_at) for n in numbers]))  # fmt: skip
    table = selectors.features(found)
    for row, number in enumerate(numbers):
        assert table.row(row) == thought[number].features, number


def _micros(moment):
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond
