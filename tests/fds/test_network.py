"""The nightly reading of the network: dated, added to, done once, known only from the next day."""

from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from claims import api as claims
from claims import services as claim_services
from core import clock, jobs
from core.acting import acting
from core.models import JobRun
from fds import selectors, services
from fds.models import Case, Component, ComponentMember, NetworkRun, PartyRisk
from fds.tasks import NETWORK
from tests.factories import claims as make

NIGHT = date(2026, 3, 25)


def link(*rows):
    columns = [np.array(c, dtype=object) for c in zip(*rows, strict=True)]
    services.record_parties(services.Parties(*columns, np.full(len(rows), "", dtype=object)))


def claim(day=23, *, start=date(2025, 6, 1), **changes):
    """Receive a claim of a new customer on a day of March 2026, with what the tables name."""
    insured = changes.pop("insured", None) or make.contract(start=start)
    number = make.received(
        insured, reported_at=f"2026-03-{day:02d}T09:00", business_date=date(2026, 3, day), **changes
    )
    services.record_parties(services.parties_of_contracts([number]))
    return number


def ring(size=4, account="110-1"):
    """Receive claims of strangers with young contracts at one hospital and one account."""
    make.provider("H001")
    numbers = [claim(start=date(2026, 3, 10), provider_code="H001") for _ in range(size)]
    link(*((number, "ACCOUNT", account) for number in numbers))
    return numbers


def operands(number):
    found = claims.claim_columns([number])
    seen = selectors.operands(selectors.moments_of(found), ["R16"])
    return int(seen["ring_people"][0]), int(seen["ring_frauds"][0]), float(seen["party_rank"][0])


def label(number, day=24, state="CONFIRMED"):
    with acting("siu"):
        services.record_label(
            reception_id=number, state=state, source="CASE", decided_on=date(2026, 3, day)
        )


def test_a_ring_is_written_and_sent_to_the_investigators_without_a_gate(people):
    numbers = ring()
    claim()
    services.link_claims(NIGHT)
    found = Component.objects.get()
    assert (found.people, found.households, found.claims, found.flagged) == (4, 4, 4, True)
    assert found.links == ["ACCOUNT"]
    assert selectors.members_of(found) == sorted(numbers)
    assert list(selectors.rings(NIGHT)) == [found]
    assert not selectors.rings(NIGHT - timedelta(days=1))
    cases = Case.objects.filter(origin="NETWORK")
    assert set(cases.values_list("claim_id", flat=True)) == set(numbers)
    gates = {fact.gate for fact in claims.facts(numbers).values()}
    assert gates == {"CLEAR"}
    assert not [finding for finding in selectors.invariants() if finding[1]]


def test_a_night_is_read_once_and_an_unchanged_component_is_not_written_again(people):
    ring()
    first = services.link_claims(NIGHT)
    assert services.link_claims(NIGHT) == first
    later = services.link_claims(NIGHT + timedelta(days=1))
    assert (first.found, later.found, later.rings) == (1, 0, 1)
    assert Component.objects.count() == 1
    with pytest.raises(services.PastNetwork):
        services.link_claims(NIGHT - timedelta(days=1))
    assert NetworkRun.objects.count() == 2


def test_a_component_that_grows_is_written_anew_and_the_old_one_stays(people):
    numbers = ring(3)
    services.link_claims(NIGHT)
    more = claim(26, start=date(2026, 3, 10), provider_code="H001", incident_at="2026-03-25T08:00")
    link((more, "ACCOUNT", "110-1"))
    services.link_claims(date(2026, 3, 26))
    assert [one.people for one in Component.objects.order_by("pk")] == [3, 4]
    assert selectors.component_of(numbers[0], NIGHT).people == 3
    assert selectors.component_of(numbers[0]).people == 4
    assert selectors.component_of(more, NIGHT) is None
    assert [one.people for one in selectors.rings(NIGHT)] == [3]
    assert [one.people for one in selectors.rings(date(2026, 3, 26))] == [4]


def test_what_falls_apart_no_longer_speaks(people):
    """A telephone that turns out to be a call centre's is cut; its people are on their own."""
    numbers = [claim() for _ in range(3)]
    link(*((number, "PHONE", "1588-0000") for number in numbers))
    services.link_claims(NIGHT)
    assert selectors.component_of(numbers[0]).people == 3
    link(*((claim(26, incident_at="2026-03-25T08:00"), "PHONE", "1588-0000") for _ in range(18)))
    services.link_claims(date(2026, 3, 26))
    assert selectors.component_of(numbers[0]) is None
    assert selectors.component_of(numbers[0], NIGHT).people == 3


def test_a_withdrawn_claim_is_no_member(people):
    numbers = ring()
    with acting("adjuster"):
        claim_services.withdraw(reception_id=numbers[0], reason="오접수", business_date=NIGHT)
    services.link_claims(NIGHT)
    assert selectors.members_of(Component.objects.get()) == sorted(numbers[1:])


def test_a_rule_knows_only_what_earlier_nights_had_read(people):
    """Claims of a day do not see the components and ranks that its own night writes."""
    numbers = ring(4)
    label(numbers[0])
    label(numbers[1])
    services.link_claims(NIGHT)
    services.rank_parties(NIGHT)
    same = claim(25, incident_at="2026-03-24T08:00")
    link((same, "ACCOUNT", "110-1"))
    people, frauds, rank = operands(same)
    assert (people, frauds, rank) == (5, 2, 0.0)  # direct neighbours only
    link((numbers[3], "PHONE", "010-9"))
    late = claim(26, incident_at="2026-03-25T08:00")
    link((late, "PHONE", "010-9"))
    people, frauds, rank = operands(late)
    assert (people, frauds) == (5, 2)  # the whole component, through one telephone
    stranger = claim(26, incident_at="2026-03-25T08:00")
    assert operands(stranger)[:2] == (1, 0)
    with_account = claim(27, incident_at="2026-03-26T08:00")
    link((with_account, "ACCOUNT", "110-1"))
    assert operands(with_account)[2] > 0.5


def test_ranks_of_a_past_day_can_be_added_and_hold_what_was_known_then(people):
    numbers = ring(3)
    label(numbers[0], 24)
    label(numbers[1], 26)
    services.rank_parties(date(2026, 3, 27))
    services.rank_parties(NIGHT)
    account = {run.as_of: run.frauds for run in PartyRisk.objects.filter(kind="ACCOUNT")}
    assert account == {NIGHT: 1, date(2026, 3, 27): 2}
    assert services.rank_history(date(2025, 1, 1), date(2026, 3, 31)) == 5
    assert NetworkRun.objects.filter(kind="RANKS").count() == 7


def test_nothing_of_it_can_be_changed(people):
    label(ring()[0])
    services.link_claims(NIGHT)
    services.rank_parties(NIGHT)
    for table in (ComponentMember, Component, PartyRisk, NetworkRun):
        with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
            table.objects.all()._raw_delete(using="default")


def test_the_night_reads_components_each_day_and_ranks_at_a_quarter_end(people, settings):
    settings.CHAIN = ["fds.tasks.NETWORK"]
    label(ring()[0])
    assert NETWORK.select(NIGHT) == ["components"]
    clock.advance(date(2026, 3, 31))
    assert jobs.run_day(date(2026, 3, 31))
    assert set(NetworkRun.objects.values_list("kind", flat=True)) == {"COMPONENTS", "RANKS"}
    assert jobs.run_day(date(2026, 3, 31))  # done is done
    assert JobRun.objects.get().items == 2


def test_a_night_that_broke_off_leaves_nothing_and_is_done_again(people):
    ring()
    with transaction.atomic():
        services.link_claims(NIGHT)
        transaction.set_rollback(True)
    assert not NetworkRun.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM fds_component_members")
        assert cursor.fetchone() == (0,)
    assert services.link_claims(NIGHT).found == 1
