"""Incentives and settlement support stay within the first-year cap."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import NotFound
from sales.models import Commission
from sales.services import grants
from tests.sales.plans import VALUE, active, lines, sold, sound

pytestmark = pytest.mark.django_db


def test_the_cap_counts_incentives_and_leaves_room_for_the_schedule(crew, contracts, facts):
    active(VALUE | {"overrides": []})
    key = sold(crew, contracts, facts)
    seller = crew["seller"].pk
    # cap 120,000; 40,000 paid, 11 × 3,000 scheduled: 47,000 is left
    with pytest.raises(grants.CapExceeded, match="47,000"):
        grants.grant(
            kind="INCENTIVE",
            agent_id=seller,
            contract_ids=[key],
            amount=47_001,
            business_date=date(2026, 8, 1),
        )
    assert Commission.objects.count() == 1
    grants.grant(
        kind="INCENTIVE",
        agent_id=seller,
        contract_ids=[key],
        amount=47_000,
        business_date=date(2026, 8, 1),
    )
    with pytest.raises(grants.CapExceeded):
        grants.grant(
            kind="SUPPORT",
            agent_id=seller,
            contract_ids=[key],
            amount=1,
            business_date=date(2026, 8, 2),
        )
    for number in range(2, 13):
        month = 6 + number
        day = date(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 6)
        facts.collected([key], seller, 10_000, number, on=day)
    first_year = Commission.objects.filter(contract_id=key, instalment__lte=12)
    assert sum(first_year.values_list("amount", flat=True)) == 120_000
    assert not sound()


def test_a_rising_factor_is_cut_by_what_was_really_paid(crew, contracts, facts):
    active(VALUE | {"overrides": []})
    key = sold(crew, contracts, facts)
    seller = crew["seller"]
    seller.commission_rate = Decimal("5.00")
    seller.save()
    for number in range(2, 13):
        facts.collected([key], seller.pk, 10_000, number, on=date(2026, 12, 31))
    paid = [won for *_, won in lines(contract_id=key)]
    assert paid == [40_000, *[15_000] * 5, 5_000, 0, 0, 0, 0, 0]
    assert not sound()


def test_a_support_is_spread_over_contracts_to_the_won(crew, contracts, facts):
    active(VALUE | {"overrides": []})
    keys = [sold(crew, contracts, facts, premium=won) for won in (10_000, 20_000, 30_001)]
    seller = crew["seller"].pk
    count = grants.grant(
        kind="SUPPORT",
        agent_id=seller,
        contract_ids=keys,
        amount=100_000,
        business_date=date(2026, 8, 3),
    )
    assert count == 3
    given = dict(Commission.objects.filter(kind="SUPPORT").values_list("contract_id", "amount"))
    # 100,000 × 10,000 / 60,001 = 16,666.39; × 20,000 = 33,332.78; × 30,001 = 50,000.83
    assert [int(given[key]) for key in keys] == [16_666, 33_333, 50_001]
    with pytest.raises(NotFound):
        grants.grant(
            kind="SUPPORT",
            agent_id=crew["other"].pk,
            contract_ids=keys,
            amount=1,
            business_date=date(2026, 8, 3),
        )
    with pytest.raises(grants.NothingToGrant):
        grants.grant(
            kind="SUPPORT",
            agent_id=seller,
            contract_ids=keys,
            amount=0,
            business_date=date(2026, 8, 3),
        )
