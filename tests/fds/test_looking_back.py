"""One claim at a time or all at once, now or replayed: the same features."""

from datetime import date

import numpy as np
import pytest
from django.db import connection

from claims import api as claims
from claims import services as claim_services
from claims.models import Claim
from claims.selectors import windows
from config.simulation.network import Scene, live, load, plant
from core.acting import acting
from core.models import BusinessClock
from fds import selectors, services
from fds.rules import features as rules
from fds.selectors import links
from tests.factories.products import published

TODAY = date(2026, 4, 1)
FIELDS = ("row", "kind", "claims", "judged", "frauds")


@pytest.fixture
def lived(people, monkeypatch):
    """Let 300 claims with rings come in in two batches; outcomes and a withdrawal follow."""
    monkeypatch.setattr("config.simulation.network.loading.BATCH", 170)
    BusinessClock.objects.update_or_create(id=1, defaults={"today": TODAY})
    published("DRIVER01")
    scene = Scene(300, 3, seed=4)
    society = live(scene)
    plant(scene, society)
    for _done in load(scene, society, business_date=TODAY):
        pass
    numbers = sorted(Claim.objects.values_list("pk", flat=True))
    for number in numbers[::40]:
        services.record_label(
            reception_id=number, state="CONFIRMED", source="COURT", decided_on=date(2026, 3, 30)
        )
    with acting("adjuster"):
        claim_services.withdraw(reception_id=numbers[7], reason="오접수", business_date=TODAY)
    return numbers


def moments(numbers, seed):
    """Return moments at and after the reports; some replay what had been written by then."""
    rng = np.random.default_rng(seed)
    found = claims.claim_columns(numbers)
    rows = len(numbers)
    later = rng.integers(0, 3, rows) * rng.integers(0, 90 * windows.DAY, rows)
    written = rng.choice(np.unique(found.recorded_at), rows) + rng.integers(-1, 2, rows) * 10**9
    return claims.Moments(
        found.reception_id,
        found.reported_at + later,
        np.where(rng.random(rows) < 0.5, -1, written),
    )


def same(one, other):
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


@pytest.mark.parametrize("hub", [200, 3])
def test_links_by_statement_and_by_timeline(lived, monkeypatch, hub):
    for seed in (1, 2):
        asked = moments(lived, seed)
        if hub != rules.HUB:
            monkeypatch.setattr(rules, "HUB", hub)
            small = links._BY_STATEMENT.replace("LIMIT 201", f"LIMIT {hub + 1}")
            monkeypatch.setattr(links, "_BY_STATEMENT", small.replace("<= 200", f"<= {hub}"))
        one, other = links.by_statement(asked), links.by_timeline(asked)
        assert one.frauds.any()
        assert (one.claims > hub).any() == (hub == 3)
        same(one, other)


def test_provider_windows_against_their_definition(lived):
    asked = moments(lived, 3)
    found = claims.claim_columns(lived)
    seen = claims.provider_window(asked)
    gone = lived[7]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (extract(epoch FROM max(at)) * 1000000)::bigint FROM core_status_moves"
            " WHERE key = %s AND to_status = 'WITHDRAWN'", [gone]
        )  # fmt: skip
        (withdrawn,) = cursor.fetchone()
    for row in range(0, len(lived), 7):
        at, recorded = asked.at[row], asked.recorded[row]
        known = [
            n
            for n in range(len(lived))
            if n != row
            and (found.reported_at[n], lived[n]) < (at, lived[row])
            and (recorded < 0 or found.recorded_at[n] <= recorded)
            and (lived[n] != gone or 0 <= recorded < withdrawn)
        ]
        here = [n for n in known if found.provider_code[n] == found.provider_code[row]]
        half = [n for n in here if found.reported_at[n] > at - 180 * windows.DAY]
        late = [n for n in here if found.reported_at[n] > at - 90 * windows.DAY]
        sold = [n for n in known if found.agent_id[n] == found.agent_id[row]]
        assert seen.n180[row] == len(half)
        assert seen.n90[row] == len(late)
        assert seen.people90[row] == len({found.customer_id[n] for n in late})
        assert seen.pair180[row] == sum(found.agent_id[n] == found.agent_id[row] for n in half)
        assert seen.agent180[row] == sum(
            found.reported_at[n] > at - 180 * windows.DAY for n in sold
        )
        logs = [round(float(np.log(found.claimed[n] + 1.0)) * 1000) for n in half]
        assert seen.log_sum[row] == sum(logs)
        assert seen.log_squares[row] == sum(log**2 for log in logs)


def test_peers_day_by_day_and_all_at_once(lived, monkeypatch):
    found = claims.claim_columns(lived)
    asked = moments(lived, 5)
    day = found.reported
    recorded = np.where(asked.recorded < 0, -1, asked.recorded.max())
    columns = (day, recorded, found.provider_kind, found.provider_region)
    at_once = claims.peers(*columns)
    monkeypatch.setattr(windows, "FEW", 10_000)
    one_by_one = claims.peers(*columns)
    assert at_once.n90.any()
    for name in ("n90", "providers90", "n180"):
        np.testing.assert_array_equal(getattr(at_once, name), getattr(one_by_one, name))


def test_a_batch_reads_each_claim_as_if_it_were_alone(lived):
    asked = moments(lived, 6)
    together = selectors.features(asked)
    for row in range(0, len(lived), 29):
        alone = claims.Moments(*(column[row : row + 1] for column in (
            asked.reception_id, asked.at, asked.recorded)))  # fmt: skip
        assert selectors.features(alone).row(0) == together.row(row)
