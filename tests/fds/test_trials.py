from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from claims import api as claims
from claims import services as claim_services
from core.acting import acting
from core.errors import NotAllowed
from fds import selectors, services
from fds.models import Analysis, Backtest, Rule, RuleSet, ShadowEvaluation, Snooze
from fds.rules.catalogue import DEFINITIONS
from fds.services.scoring import batch_of, work_out
from tests.factories import claims as make

TODAY = date(2026, 3, 23)
WINDOW = {"since": date(2026, 1, 1), "until": date(2026, 12, 31)}


def operands(number, *codes):
    found = claims.claim_columns([number])
    return selectors.operands(selectors.moments_of(found), codes)


def hits(number, code):
    """Decide one rule with its shipped parameters, alone."""
    found = DEFINITIONS[code]
    return bool(found.decide(operands(number, code), found.params)[0])


def link(*rows):
    columns = [np.array(c, dtype=object) for c in zip(*rows, strict=True)]
    services.record_parties(services.Parties(*columns))


def own_links(*numbers):
    services.record_parties(services.parties_of_contracts(list(numbers)))


def claim(day, **changes):
    """Receive a claim reported on a day of March 2026, with the parties that the tables name."""
    fields = {"incident_at": f"2026-03-{day - 1:02d}T08:00", **changes}
    holder, facts = fields.pop("holder", None), fields.pop("facts", None)
    insured = fields.pop("insured", None) or make.contract(start=date(2025, 6, 1), holder=holder)
    number = make.received(
        insured,
        reported_at=f"2026-03-{day:02d}T09:00",
        business_date=date(2026, 3, max(day, 23)),
        **fields,
    )
    own_links(number)
    if facts:
        services.record_facts({number: facts}, source="test")
    return number


def test_every_shipped_rule_has_a_definition_with_its_parameters(db):
    shipped = {r.code: r for r in Rule.objects.filter(ruleset=2)}
    assert set(shipped) == {f"R{n:02d}" for n in range(1, 24)}
    assert RuleSet.objects.get(pk=1).status == "ACTIVE"
    assert RuleSet.objects.get(pk=2).status == "SHADOW"
    for code, definition in DEFINITIONS.items():
        assert shipped[code].params == dict(definition.params)
        assert shipped[code].mode == "SHADOW"


DECLARED = [
    ("R06", {"daily_benefit": 200_000}, {"daily_benefit": 199_999}),
    ("R17", {"first_treated_on": "2026-03-16"}, {"first_treated_on": "2026-03-15"}),
    ("R21", {"overdue_paid_on": "2026-02-23"}, {"overdue_paid_on": "2026-02-22"}),
    ("R21", {"reinstated_on": "2026-03-09"}, {"reinstated_on": "2026-03-10"}),
    ("R18", {"same_day_bills": 5}, {"same_day_bills": 4}),
    ("R05", {"other_contracts_180": 5}, {"other_contracts_180": 4}),
]


@pytest.mark.parametrize(("code", "hit", "miss"), DECLARED)
def test_rules_on_declared_facts_at_their_limits(people, code, hit, miss):
    assert hits(claim(10, facts=hit), code)
    assert not hits(claim(10, facts=miss), code)
    assert not hits(claim(10), code)  # what is unknown never hits


def test_a_report_a_month_late_and_a_new_beneficiary(people):
    assert hits(claim(31, incident_at="2026-03-01T08:00"), "R17")
    assert not hits(claim(30, incident_at="2026-03-01T08:00"), "R17")
    life = make.contract(product_code="TERM01", start=date(2025, 6, 1), end=date(2045, 6, 1))
    death = claim(10, insured=life, claim_type="DEATH",
                  facts={"beneficiary_changed_on": "2025-12-09"})  # fmt: skip
    assert hits(death, "R22")
    assert not hits(claim(10, facts={"beneficiary_changed_on": "2026-03-01"}), "R22")


def test_stays_that_hop_and_overlap(people):
    holder = make.customer()
    for code in ("H001", "H002", "H003"):
        make.provider(code)
    insured = make.contract(start=date(2025, 1, 1), end=date(2027, 1, 1), holder=holder)

    def stay(day, code, frm, to):
        return claim(
            day, insured=insured, provider_code=code,
            facts={"admitted_on": frm, "discharged_on": to, "kcd": "M54.5"},
        )  # fmt: skip

    first = stay(5, "H001", "2025-11-01", "2025-11-30")
    second = stay(6, "H002", "2025-12-01", "2025-12-30")
    third = stay(7, "H003", "2025-12-30", "2026-01-28")
    assert [hits(n, "R07") for n in (first, second, third)] == [False, False, True]
    assert not hits(third, "R08")  # the day of a transfer is no overlap
    assert hits(stay(8, "H001", "2025-12-15", "2025-12-20"), "R08")


def test_a_stay_beyond_what_is_usual_for_the_diagnosis(people):
    insured = make.contract(start=date(2025, 1, 1), end=date(2027, 1, 1))

    def stay(days, day):
        end = date(2026, 1, 1) + timedelta(days=days - 1)
        facts = {"admitted_on": "2026-01-01", "discharged_on": end.isoformat(), "kcd": "S13.4"}
        return claim(day, insured=insured, facts=facts)

    for days in range(1, 31):
        stay(days % 6 + 1, 5)
    assert not hits(stay(6, 9), "R09")
    assert hits(stay(19, 9), "R09")
    seen = operands(stay(19, 10), "R09")
    assert (seen["stay_peers"][0], seen["stay_p95"][0]) == (32, pytest.approx(6))


def test_people_who_meet_again_share_contacts_or_documents(people):
    make.provider("H001")
    one, two, three = (claim(day, provider_code="H001") for day in (5, 6, 7))
    for number in (one, two):
        link((number, "PERSON", "갑", "DRIVER"), (number, "PERSON", "을", "PASSENGER"))
    assert [hits(n, "R14") for n in (one, two, three)] == [False, True, False]
    for number in (one, two, three):
        link((number, "PHONE", "010-1234-5678", ""))
    assert [hits(n, "R15") for n in (one, two, three)] == [False, False, True]
    assert [hits(n, "R10") for n in (one, two, three)] == [False, True, True]
    for number in (two, three):
        link((number, "DOCUMENT", "진단서 7781", ""))
    assert [hits(n, "R19") for n in (two, three)] == [False, True]


def test_a_ring_and_a_past(people):
    holders = [make.customer() for _ in range(5)]
    numbers = [claim(4 + n, holder=holder) for n, holder in enumerate(holders)]
    for left, right in pairwise(numbers):
        link((left, "ACCOUNT", f"{left}", ""), (right, "ACCOUNT", f"{left}", ""))
    with acting("siu"):
        for number in numbers[:2]:
            services.record_label(
                reception_id=number, state="CONFIRMED", source="CASE", decided_on=date(2026, 3, 9)
            )
    services.link_claims(date(2026, 3, 8))  # before the outcomes
    services.link_claims(date(2026, 3, 19))
    late = claim(20, holder=holders[2])
    seen = operands(late, "R16")
    assert (seen["ring_people"][0], seen["ring_frauds"][0]) == (5, 2)
    assert hits(late, "R16")
    assert not hits(numbers[1], "R16")
    again = claim(21, holder=holders[0])
    assert hits(again, "R23")
    assert not hits(late, "R23")


def test_small_collisions_where_the_other_side_is_at_fault(people):
    holder = make.customer()
    facts = {"accident_type": "LANE_CHANGE", "fault_percent": 80}
    numbers = [claim(day, holder=holder, claimed=1_500_000, facts=facts) for day in (5, 9, 15)]
    assert [hits(n, "R13") for n in numbers] == [False, False, True]
    assert not hits(claim(20, holder=holder, claimed=2_000_001, facts=facts), "R13")


def test_just_below_the_limit_three_times(people):
    holder = make.customer()
    facts = {"simple_limit": 1_000_000}
    numbers = [
        claim(day, holder=holder, claimed=won, facts=facts)
        for day, won in ((5, 950_000), (6, 1_000_000), (7, 999_999), (8, 960_000))
    ]
    assert [hits(n, "R20") for n in numbers] == [False, False, False, True]


def test_an_agent_and_a_provider_that_meet_too_often(people):
    for code in ("H001", "H002"):
        make.provider(code)
    near, far = make.agent("A0001"), make.agent("A0002")
    for n in range(40):
        claim(3, insured=make.contract(start=date(2025, 6, 1), sold_by=far),
              provider_code="H002", incident_at=f"2026-03-02T{n % 24:02d}:00")  # fmt: skip
    pairs = [
        claim(5, insured=make.contract(start=date(2025, 6, 1), sold_by=near), provider_code="H001")
        for _ in range(6)
    ]
    last = claim(6, insured=make.contract(start=date(2025, 6, 1), sold_by=near),
                 provider_code="H001")  # fmt: skip
    seen = operands(last, "R11")
    assert (seen["pair_180"][0], seen["pair_people"][0]) == (6, 6)
    assert seen["pair_lift"][0] == pytest.approx(6 * 46 / 36)
    assert hits(last, "R11")
    assert not hits(pairs[2], "R11")


def test_an_accident_before_the_cover_began(people):
    insured = make.contract(start=date(2026, 3, 1))
    number = claim(10, insured=insured)
    type(insured).objects.filter(pk=insured.pk).update(coverage_start=date(2026, 3, 10))
    assert hits(number, "R04")


def test_a_back_test_says_what_the_live_score_said(watch, people):
    """Whatever became known since: the same claim at the same moment has the same score."""
    watch("H001")
    holder = make.customer()
    insured = make.contract(start=date(2026, 2, 15), holder=holder)
    numbers = [claim(day, insured=insured, provider_code="H001") for day in (5, 6, 7, 12)]
    live = {n: Analysis.objects.get(claim=n).analysis_report for n in numbers}
    watch("H002")
    make.received(insured, incident_at="2026-03-02T08:00", reported_at="2026-03-04T09:00")
    with acting("adjuster"):
        claim_services.withdraw(reception_id=numbers[0], reason="오접수", business_date=TODAY)
    spec = selectors.spec_of(1)
    facts = claims.facts(numbers)
    at = selectors.scored_at(numbers)
    batch = batch_of([facts[n] for n in numbers])
    again = work_out(batch, spec, known_by=numbers, recorded=np.array([at[n] for n in numbers]))
    assert dict(zip(numbers, again.reports, strict=True)) == live
    assert again.scores.score.tolist() == [70, 70, 100, 100]


@pytest.fixture
def drafted(people):
    with acting("siu"):
        version = services.draft(name="개정")
        services.edit_draft(version=version, threshold=60, points={"R01": 60}, params={})
    return version


def test_a_version_counts_only_after_it_was_tried_as_it_is(drafted, watch):
    young = make.received(make.contract(start=date(2026, 3, 10)))
    for _ in range(9):
        make.received(make.contract(start=date(2025, 6, 1)))
    with acting("siu2"), pytest.raises(services.NotTried):
        services.activate(version=drafted)
    with acting("siu"):
        found = services.backtest(version=drafted, **WINDOW)
        assert (found.claims, found.alerts, found.alerts_now) == (10, 1, 0)
        assert found.figures["gained"] == [(young, 40, 60)] or found.figures["gained"] == [
            [young, 40, 60]
        ]
        services.edit_draft(version=drafted, threshold=50, points={"R01": 60}, params={})
    with acting("siu2"), pytest.raises(services.NotTried):
        services.activate(version=drafted)  # it was changed after the trial
    with acting("siu"):
        services.backtest(version=drafted, **WINDOW)
    with acting("siu2"):
        services.activate(version=drafted)
    assert RuleSet.objects.get(status="ACTIVE").pk == drafted


def test_a_version_that_alerts_too_often_is_not_activated(drafted):
    for _ in range(3):
        make.received(make.contract(start=date(2026, 3, 10)))
    with acting("siu"):
        assert services.backtest(version=drafted, **WINDOW).alerts == 3
    with acting("siu2"), pytest.raises(services.NotTried):
        services.activate(version=drafted)
    assert RuleSet.objects.get(status="ACTIVE").pk == 1


def test_going_back_takes_a_second_person(drafted):
    with acting("siu"):
        services.backtest(version=drafted, **WINDOW)
    with acting("siu2"):
        services.activate(version=drafted)
        with pytest.raises(NotAllowed):
            services.roll_back(version=1, reason="오탐 급증")
    with acting("siu"):
        with pytest.raises(services.NotTried):
            services.roll_back(version=2, reason="오탐 급증")
        services.roll_back(version=1, reason="오탐 급증")
    assert RuleSet.objects.get(status="ACTIVE").pk == 1
    assert Backtest.objects.count() == 1


def test_a_snoozed_rule_hits_without_counting(watch):
    watch("H001")
    with acting("siu"):
        snooze = services.propose_snooze(
            entity="PROVIDER", key="H001", code="R03",
            start=date(2026, 3, 1), end=date(2026, 3, 24), reason="현장 확인 완료",
        )  # fmt: skip
        with pytest.raises(NotAllowed):
            services.approve_snooze(snooze_id=snooze)
    before = claim(10, provider_code="H001")
    with acting("siu2"):
        services.approve_snooze(snooze_id=snooze)
    muted, after = claim(23, provider_code="H001"), claim(24, provider_code="H001")
    assert [Analysis.objects.get(claim=n).risk_score for n in (before, muted, after)] == [30, 0, 30]
    line = Analysis.objects.get(claim=muted).analysis_report["rules"][2]
    assert (line["hit"], line["snoozed"], line["points"]) == (True, True, 30)
    assert not [f for f in selectors.invariants() if f[1]]


def test_a_snooze_needs_an_end_a_rule_and_an_entity(people):
    given = {"entity": "PROVIDER", "key": "H001", "code": "R03", "start": TODAY,
             "end": TODAY + timedelta(days=30), "reason": "확인"}  # fmt: skip
    for wrong in ({"code": "R99"}, {"entity": "FRIEND"}, {"end": TODAY}, {"end": date(2028, 1, 1)}):
        with acting("siu"), pytest.raises(services.BadSnooze):
            services.propose_snooze(**given | wrong)
    assert not Snooze.objects.exists()


def test_shadow_is_written_down_without_effect(people):
    number = claim(10, facts={"daily_benefit": 400_000})
    batch = batch_of(list(claims.facts([number]).values()))
    assert services.evaluate_shadow(batch, trigger="t1", business_date=TODAY) == 1
    assert services.evaluate_shadow(batch, trigger="t1", business_date=TODAY) == 0
    found = ShadowEvaluation.objects.get()
    assert [rule["code"] for rule in found.hits] == ["R06"]
    assert (found.risk_score, Analysis.objects.get(claim=number).risk_score) == (10, 0)
