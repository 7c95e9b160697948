"""Applications: refused for the right reason, priced anew, told once, the same one by one."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import NotFound
from core.models import EventRecord, StatusMove
from core.privacy import seal, unmask
from core.status import IllegalTransition
from sales import api
from sales.models import Agent, Application, Commission, ContractShare
from sales.services import applications, organisation
from tests.factories.sales import TODAY, AgentFactory, batch, keys, row

pytestmark = pytest.mark.django_db
SUBMITTED = "sales.applications_submitted.v1"


def waits(**given):
    """Return a sound application that a person must underwrite, so that it stays undecided."""
    sound = row(**given)
    if "disclosures" not in given:
        sound["disclosures"] |= {"treated_3m": True}
    return sound


def told():
    return EventRecord.objects.filter(name__startswith="sales.").exists()


def nothing_happened():
    return not Application.objects.exists() and not told()


def refused(*rows, on=TODAY):
    with pytest.raises(applications.ApplicationRefused) as caught:
        applications.submit_many(batch(*rows), business_date=on)
    assert nothing_happened()
    return {(r.row, r.rule) for r in caught.value.refusals}


@pytest.mark.parametrize(
    ("shares", "rule"),
    [
        ({"me": 6_000, "other": 3_000}, "SHARES"),
        ({"me": 10_001, "other": -1}, "SHARES"),
        ({"other": 10_000}, "SHARES"),
        ({"me": 5_000, "nobody": 5_000}, "UNKNOWN"),
        ({"me": 5_000, "untrained": 5_000}, "UNTRAINED"),
    ],
)
def test_shares_are_whole_and_between_people_who_may_sell(term_life, agent, shares, rule):
    names = {
        "me": agent.agent_id,
        "other": AgentFactory().agent_id,
        "nobody": "A99999",
        "untrained": AgentFactory(training_valid_until=TODAY - timedelta(days=1)).agent_id,
    }
    given = {names[who]: share for who, share in shares.items()}
    assert refused(row(agent_id=agent.agent_id, shares=given)) == {(0, rule)}


def test_the_database_refuses_shares_that_are_not_whole(term_life, agent):
    (number,) = applications.submit_many(
        batch(waits(agent_id=agent.agent_id, shares={})), business_date=TODAY
    )
    for shares in ({agent.agent_id: 9_999}, {"A99999": 10_000}):
        with pytest.raises(IntegrityError, match="are not 100"), transaction.atomic():
            Application.objects.filter(application_id=number).update(shares=shares)


def test_shares_go_over_to_the_contract_and_earn_from_the_first_instalment(term_life, agent):
    other = AgentFactory(commission_rate=Decimal("1.00"))
    shares = {agent.agent_id: 6_667, other.agent_id: 3_333}
    (number,) = applications.submit_many(
        batch(row(agent_id=agent.agent_id, shares=shares)), business_date=TODAY
    )
    kept = ContractShare.objects.all()
    assert {(s.agent_id, s.share, s.decided_by) for s in kept} == {
        (agent.agent_id, 6_667, number),
        (other.agent_id, 3_333, number),
    }
    lines = Commission.objects.filter(kind="NEW", instalment=1)
    assert {(line.agent_id, line.share) for line in lines} == set(shares.items())
    assert Commission.objects.values("contract").distinct().count() == 1
    assert not [finding for finding in api.invariants() if finding[1]]


def test_many_are_submitted_at_once(term_life, agent):
    other = AgentFactory()
    rows = [
        waits(agent_id=agent.agent_id, sealed=seal(f"9{n}0101-1234567"), phone="010-1234-5678")
        for n in range(4)
    ] + [waits(agent_id=other.agent_id, sealed=seal("851231-2234567"), applicant_name="김영희")]
    ids = applications.submit_many(batch(*rows), business_date=TODAY)
    found = api.applications(ids)
    assert [a.application_id for a in found] == list(ids)
    assert {a.status for a in found} == {"SUBMITTED"}
    assert [a.insurance_age for a in found] == [36, 35, 34, 33, 40]
    assert [a.sex for a in found] == ["M"] * 4 + ["F"]
    assert all(a.premium_amount > 0 and a.rating_id > 0 for a in found)
    assert found[0].rrn_mask == "900101-1******"
    opened = unmask(found[0].rrn_cipher, subject=found[0].rrn_hash, shown_as="APP", purpose="test")
    assert opened == "900101-1234567"
    told = EventRecord.objects.get(name=SUBMITTED)
    assert told.payload["agent_id"] == [agent.agent_id] * 4 + [other.agent_id]
    assert "900101" not in str(told.payload)


def test_nobody_is_insured_before_birth(term_life, agent):
    unborn = waits(agent_id=agent.agent_id, sealed=seal("301231-3234567"))
    assert (0, "BORN") in refused(unborn)


def test_one_by_one_gives_the_same_as_many(term_life, agent):
    rows = [
        waits(agent_id=agent.agent_id, sum_assured=10_000_000 * n, sealed=seal(f"9{n}0615-2234567"))
        for n in range(1, 6)
    ]
    many = api.applications(applications.submit_many(batch(*rows), business_date=TODAY))
    for one, expected in zip(rows, many, strict=True):
        number = applications.save_draft(batch(one), business_date=TODAY)
        applications.submit(number, business_date=TODAY)
        (single,) = api.applications([number])
        for name in ("premium_amount", "rating_id", "insurance_age", "version", "job_class"):
            assert getattr(single, name) == getattr(expected, name), name


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"status": "RETIRED", "retired_on": TODAY}, "RETIRED"),
        ({"training_valid_until": TODAY - timedelta(days=1)}, "UNTRAINED"),
        ({"sells_life": False}, "UNLICENSED"),
        ({"licence_number": ""}, "UNLICENSED"),
        ({"appointed_on": TODAY + timedelta(days=1)}, "NOT_YET"),
    ],
)
def test_who_may_not_sell_cannot_apply(term_life, agent, changes, rule):
    Agent.objects.filter(agent_id=agent.agent_id).update(**changes)
    assert refused(waits(agent_id=agent.agent_id)) == {(0, rule)}


def test_an_unknown_agent_cannot_apply(term_life):
    assert refused(waits(agent_id="AGT-0")) == {(0, "UNKNOWN")}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"explained": False}, "EXPLAINED"),
        ({"disclosures": {}}, "DISCLOSURE"),
        ({"applicant_name": "  "}, "NAME"),
        ({"job_code": "0000"}, "JOB"),
        ({"sum_assured": 1_000}, "LIMIT"),
        ({"term_months": 7, "pay_months": 7}, "LIMIT"),
        ({"product_code": "NOPE"}, "ON_SALE"),
    ],
)
def test_what_is_missing_or_too_much_is_refused(term_life, agent, changes, rule):
    found = refused(waits(agent_id=agent.agent_id) | changes)
    assert {r for _, r in found} == {rule}


def test_an_impossible_answer_is_refused(term_life, agent):
    sound = waits(agent_id=agent.agent_id)
    code = next(iter(sound["disclosures"]))
    assert refused(sound | {"disclosures": sound["disclosures"] | {code: "maybe"}}) == {
        (0, "DISCLOSURE")
    }


def test_a_product_before_its_sale_is_refused(term_life, agent):
    assert refused(waits(agent_id=agent.agent_id), on=date(2024, 12, 31)) >= {(0, "ON_SALE")}


def test_one_bad_row_refuses_the_batch_and_is_named(term_life, agent):
    good = waits(agent_id=agent.agent_id)
    assert refused(good, good | {"explained": False}, good) == {(1, "EXPLAINED")}
    found = api.application_refusals(batch(good, good | {"explained": False}), TODAY)
    assert [(r.row, r.rule) for r in found] == [(1, "EXPLAINED")]


def test_a_draft_may_lack_answers_but_is_not_submitted_without(term_life, agent):
    unfinished = waits(agent_id=agent.agent_id, disclosures={}, explained=False)
    number = applications.save_draft(batch(unfinished), business_date=TODAY)
    with pytest.raises(applications.ApplicationRefused):
        applications.submit(number, business_date=TODAY)
    assert Application.objects.get().status == "DRAFT"
    assert not told()
    finished = unfinished | {
        "disclosures": waits()["disclosures"],
        "explained": True,
        "sum_assured": 70_000_000,
    }
    again = applications.save_draft(batch(finished), business_date=TODAY, application_id=number)
    assert again == number
    applications.submit(number, business_date=TODAY)
    assert Application.objects.get().sum_assured == 70_000_000
    assert EventRecord.objects.filter(name=SUBMITTED).count() == 1


def test_a_draft_is_priced_anew_on_the_day_it_is_submitted(term_life, agent):
    number = applications.save_draft(batch(waits(agent_id=agent.agent_id)), business_date=TODAY)
    draft = Application.objects.get()
    assert draft.insurance_age == 36
    later = date(2026, 7, 1)
    applications.submit(number, business_date=later)
    submitted = Application.objects.get()
    assert (submitted.insurance_age, submitted.applied_on) == (37, later)
    assert submitted.premium_amount > draft.premium_amount


def test_a_submitted_application_is_not_edited(term_life, agent):
    sound = batch(waits(agent_id=agent.agent_id))
    number = applications.save_draft(sound, business_date=TODAY)
    applications.submit(number, business_date=TODAY)
    with pytest.raises(applications.ApplicationClosed):
        applications.save_draft(sound, business_date=TODAY, application_id=number)
    with pytest.raises(IllegalTransition):
        applications.submit(number, business_date=TODAY)
    assert EventRecord.objects.filter(name=SUBMITTED).count() == 1


def test_withdrawal_needs_a_reason_and_tells_underwriting(term_life, agent):
    (number,) = applications.submit_many(batch(waits(agent_id=agent.agent_id)), business_date=TODAY)
    with pytest.raises(applications.ReasonMissing):
        applications.withdraw(number, reason=" ", business_date=TODAY)
    assert Application.objects.get().status == "SUBMITTED"
    applications.withdraw(number, reason="변심", business_date=TODAY)
    assert Application.objects.get().status == "WITHDRAWN"
    assert EventRecord.objects.filter(name="sales.applications_withdrawn.v1").count() == 1
    assert StatusMove.objects.get(table_name="applications").reason == "변심"
    with pytest.raises(IllegalTransition):
        applications.withdraw(number, reason="again", business_date=TODAY)


def test_decisions_move_all_or_none(term_life, agent):
    rows = [waits(agent_id=agent.agent_id) for _ in range(3)]
    ids = applications.submit_many(batch(*rows), business_date=TODAY)
    applications.withdraw(ids[2], reason="변심", business_date=TODAY)
    with pytest.raises(IllegalTransition), transaction.atomic():
        applications.decide(ids, keys("PASS", "REJECT", "PASS"))
    assert set(Application.objects.values_list("status", flat=True)) == {"SUBMITTED", "WITHDRAWN"}
    applications.decide(ids[:2], keys("CONDITION", "REJECT"))
    assert [a.status for a in api.applications(ids)] == ["ACCEPTED", "REJECTED", "WITHDRAWN"]


def test_unknown_applications_are_not_found(db):
    with pytest.raises(NotFound):
        api.applications(["APP-2026-0000000"])


def test_a_thousand_applications_take_as_many_statements_as_ten(term_life):
    agents = [AgentFactory().agent_id for _ in range(10)]
    sound = waits()
    statements = []
    for rows in (10, 10, 1_000):
        given = [
            sound
            | {
                "agent_id": agents[n % 10],
                "sealed": seal(f"{70 + n % 30}0101-1{rows % 7}{n:05d}"),
            }
            for n in range(rows)
        ]
        with CaptureQueriesContext(connection) as captured:
            ids = applications.submit_many(batch(*given), business_date=TODAY)
        assert len(np.unique(ids)) == rows
        statements.append(len([q for q in captured if "underwritings" not in q["sql"]]))
    assert statements[2] <= statements[1] + 30  # new premiums are stored once each


def test_an_agent_moves_with_the_branch_name_and_retires_with_a_reason(agent):
    other = AgentFactory()
    sheet = organisation.Appointment(
        name=agent.agent_name,
        branch_code=other.branch_id,
        commission_rate=agent.commission_rate,
        licence_number=agent.licence_number,
        appointed_on=agent.appointed_on,
        training_valid_until=agent.training_valid_until,
    )
    organisation.change_agent(agent.agent_id, sheet)
    assert api.agents([agent.agent_id])[agent.agent_id].branch_name == other.branch.branch_name
    with pytest.raises(organisation.BadAppointment):
        organisation.retire(agent.agent_id, on=TODAY, reason="")
    organisation.retire(agent.agent_id, on=TODAY, reason="해촉 신청")
    assert api.agents([agent.agent_id])[agent.agent_id].status == "RETIRED"
    with pytest.raises(organisation.BadAppointment):
        organisation.reappoint(
            agent.agent_id, on=TODAY, training_valid_until=TODAY - timedelta(days=1), reason="x"
        )
    organisation.reappoint(agent.agent_id, on=TODAY, training_valid_until=TODAY, reason="재위촉")
    assert api.agents([agent.agent_id])[agent.agent_id].status == "ACTIVE"


def test_an_appointment_that_does_not_fit_is_refused(agent):
    before = Agent.objects.count()
    sheet = {
        "name": "새 설계사",
        "branch_code": agent.branch_id,
        "commission_rate": Decimal(1),
        "licence_number": "L1",
        "appointed_on": TODAY,
        "training_valid_until": TODAY + timedelta(days=365),
    }
    for wrong, error in (
        ({"branch_code": "NONE"}, organisation.UnknownBranch),
        ({"commission_rate": Decimal(6)}, organisation.BadAppointment),
        ({"training_valid_until": TODAY - timedelta(days=1)}, organisation.BadAppointment),
    ):
        with pytest.raises(error):
            organisation.appoint([organisation.Appointment(**(sheet | wrong))])
    assert Agent.objects.count() == before
    (number,) = organisation.appoint([organisation.Appointment(**sheet)])
    assert number.startswith("AGT-2026-")
