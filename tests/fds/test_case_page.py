"""The page of a case: why, time line, relations, journal, and the page of a party."""

from datetime import date

import numpy as np
import pytest
from django.urls import reverse

from contracts.models import Customer
from core.acting import acting
from core.clock import advance
from core.columns import as_column
from core.models import AccessRow, User
from fds import services
from fds.models import CaseEvent, Label
from fds.rules import names
from fds.selectors import ego, past, story
from fds.selectors.parties import hashed
from tests.factories import claims as make

TODAY = date(2026, 3, 24)


def url(name, *args):
    return reverse(f"fds:{name}", args=args)


def parties(rows):
    with acting("import"):
        services.record_parties(
            services.Parties(
                as_column("keys", [row[0] for row in rows]),
                as_column("keys", [row[1] for row in rows]),
                as_column("keys", [row[2] for row in rows]),
                as_column("keys", [""] * len(rows)),
            )
        )


def own_parties(*numbers):
    services.record_parties(services.parties_of_contracts(list(numbers)))


@pytest.fixture
def enter(client, people):
    """Return a function that logs someone in on the business day."""
    advance(TODAY)
    make.person("auditor", "auditor")
    make.person("seller", "agent", own_number="A0001")

    def entered(name, language="ko"):
        User.objects.filter(username=name).update(language=language)
        client.force_login(User.objects.get(username=name))
        return client

    return entered


@pytest.fixture
def ring(suspicious):
    """Return the suspicious claim and two others that share an account, one of them established."""
    others = [make.received(make.contract(start=date(2025, 6, 1))) for _ in range(2)]
    parties([(n, "ACCOUNT", "110-234") for n in (suspicious, *others)])
    own_parties(suspicious, *others)
    with acting("siu"):
        services.record_label(
            reception_id=others[0], state="CONFIRMED", source="COURT", decided_on=TODAY
        )
    return suspicious, *others


def test_every_tab_opens_for_readers_and_is_logged(enter, ring):
    for name in ("siu", "manager", "auditor", "adjuster"):
        for tab in ("", "timeline", "relations", "journal"):
            page = enter(name).get(url("review_case", ring[0]) + f"?tab={tab}")
            assert page.status_code == 200
    seen = AccessRow.objects.filter(subject=ring[0], action="VIEW")
    assert seen.filter(actor="auditor", what="fraud case: relations").count() == 1
    before = AccessRow.objects.count()
    assert enter("seller").get(url("review_case", ring[0])).status_code == 403
    assert AccessRow.objects.count() == before


def test_the_map_shows_what_is_shared_and_what_is_known(ring):
    found = ego.around_claim(ring[0], hops=1, today=TODAY)
    account = hashed("ACCOUNT", "110-234")
    assert {ring[1], ring[2], account} <= set(found.nodes)
    assert found.frauds == 1
    assert found.nodes[ring[1]].tone == "red"
    assert found.nodes[account].label == f"#{account[:6]}"
    assert (account, ring[1]) in found.edges


def test_nobody_is_named_in_the_clear(enter, ring):
    Customer.objects.update(phone="010-1234-5678", address="서울 마포구 양화로 12")
    page = enter("siu").get(url("review_case", ring[0]) + "?tab=relations").content.decode()
    body = page.split("case-page")[1].split('class="relations"')[1]
    assert "김*늘" in body
    assert "김하늘" not in body
    assert "010-1234-5678" not in page


def test_hubs_end_the_search_and_long_branches_are_folded(people):
    make.provider()
    numbers = [
        make.received(make.contract(start=date(2025, 6, 1)), provider_code="H001")
        for _ in range(24)
    ]
    own_parties(*numbers)
    found = ego.around_claim(numbers[0], hops=3, today=TODAY)
    assert {node.kind for node in found.nodes.values()} == {
        "CLAIM",
        "CUSTOMER",
        "PROVIDER",
        "AGENT",
    }
    assert sum(node.kind == "CLAIM" for node in found.nodes.values()) == 1
    provider = hashed("PROVIDER", "H001")
    assert found.nodes[provider].count == 24
    page = ego.around_party(provider, today=TODAY)
    assert page.nodes[f"fold:{provider}"].count == 14
    assert ego.around_party("0" * 64, today=TODAY) is None


def test_a_map_takes_few_queries_however_wide(people, django_assert_max_num_queries):
    numbers = [make.received(make.contract(start=date(2025, 6, 1))) for _ in range(9)]
    parties([(n, "PHONE", "01012345678") for n in numbers])
    with django_assert_max_num_queries(14):
        ego.around_claim(numbers[0], hops=3, today=TODAY)


def test_stays_that_overlap_at_another_hospital_are_marked(people):
    make.provider("H001")
    make.provider("H002")
    insured = make.contract(start=date(2025, 6, 1))
    first, second, third = (
        make.received(insured, provider_code=code, incident_at=f"2026-03-{day:02}T08:00")
        for code, day in (("H001", 2), ("H002", 5), ("H001", 15))
    )
    told = {
        first: {"admitted_on": "2026-03-02", "discharged_on": "2026-03-06", "kcd": "M54"},
        second: {"admitted_on": "2026-03-06", "discharged_on": "2026-03-09"},
        third: {"admitted_on": "2026-03-15", "discharged_on": "2026-03-16"},
    }
    services.record_facts(told, source="test")
    known = story.story(insured.customer_id)
    assert [(s.reception_id, s.days, s.overlaps) for s in known.stays] == [
        (first, 5, True), (second, 4, True), (third, 2, False),
    ]  # fmt: skip
    titles = [str(moment.title) for moment in known.moments]
    assert "입원" in titles
    assert len(known.contracts) == 1
    assert known.paid == 0


def test_the_time_line_holds_contracts_claims_scores_and_steps(enter, ring):
    with acting("siu"):
        services.add_step(
            reception_id=ring[0], kind="MEDICAL", text="자문의 회신", business_date=TODAY
        )
    page = enter("siu").get(url("review_case", ring[0]) + "?tab=timeline").content.decode()
    for words in ("계약 체결", "사고 발생", "규칙 점수 70점", "자문의 회신", 'class="lanes"'):
        assert words in page


def test_steps_links_and_files_are_written_on_pages(enter, ring):
    client = enter("siu")
    number = ring[0]
    assert client.get(url("step_new", number)).status_code == 200
    assert client.post(url("step_new", number), {"kind": "NOTE", "text": ""}).status_code == 422
    sent = client.post(url("step_new", number), {"kind": "NOTE", "text": "면담 <b>기록</b>"})
    assert sent.status_code == 303
    page = client.get(sent["Location"]).content.decode()
    assert "면담 &lt;b&gt;기록" in page
    refused = client.post(url("link_new", number), {"other": number, "text": "x"})
    assert refused.status_code == 422
    assert CaseEvent.objects.count() == 1
    for act in ("step_new", "link_new", "file_new"):
        assert enter("manager").post(url(act, number), {}).status_code == 403
        assert enter("auditor").get(url(act, number)).status_code == 403


def test_the_page_of_a_party_shows_its_past(enter, ring):
    value = hashed("ACCOUNT", "110-234")
    for name in ("siu", "auditor"):
        page = enter(name).get(url("party", value)).content.decode()
        assert all(number in page for number in ring)
    assert AccessRow.objects.filter(subject=f"#{value[:12]}").count() == 2
    assert enter("siu").get(url("party", "0" * 64)).status_code == 404
    assert enter("seller").get(url("party", value)).status_code == 403
    known = past.history(value)
    assert (known.frauds, known.suspected, len(known.claims)) == (1, 0, 3)
    assert Label.objects.count() == 1


def test_partners_are_counted_against_chance(ring):
    known = past.history(hashed("ACCOUNT", "110-234"))
    agent = next(one for one in known.partners if one.claims == 3)
    assert agent.together == 3
    assert agent.lift == pytest.approx(1.0)


def test_rules_are_named_in_both_languages(enter, ring):
    page = enter("siu", "en").get(url("review_case", ring[0])).content.decode()
    assert "Accident soon after the cover began" in page
    assert "단기 사고" not in page
    assert "단기 사고" in enter("siu", "ko").get(url("review_case", ring[0])).content.decode()


@pytest.mark.parametrize("code", [f"R{n:02}" for n in range(4, 24)])
def test_every_rule_has_a_name_parameters_and_a_sentence(code):
    from fds.rules.catalogue import DEFINITIONS, shown

    definition = DEFINITIONS[code]
    operands = {name: np.array([2.5]) for name in definition.operands}
    kept = {**shown(code, operands, 0), **definition.params}
    said = names.sentence(code, kept)
    assert said
    assert "%(" not in said
    assert names.title_of(code) != code
    assert all(names.param_label(name) != name for name in definition.params)
    unknown = names.sentence(code, dict.fromkeys(kept))
    assert "미확인" in unknown or code in ("R19",)
