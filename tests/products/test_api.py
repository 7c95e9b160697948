"""What later stages ask of products."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import NotFound
from products import api, services
from products.models import Rating
from products.rules import rating
from tests.factories import products as factory

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)
MAN_40 = {
    "age": 40,
    "sex": "M",
    "term_months": 240,
    "pay_months": 240,
    "per_year": 12,
    "sum_assured": 100_000_000,
}


@pytest.fixture(autouse=True)
def _published() -> None:
    factory.published("TERM01", "DRIVER01")


def test_sellable_says_the_version_and_its_portfolio() -> None:
    found = api.sellable("TERM01", DAY)
    assert (found.version, found.line, found.measurement) == (1, "TERM", "GMM")
    assert [v.product_code for v in api.on_sale(DAY)] == ["DRIVER01", "TERM01"]
    assert api.version_by_id(found.pk) == api.version("TERM01", 1)


def test_withdrawn_products_refuse_new_business_and_serve_old_contracts() -> None:
    before = api.rate("TERM01", 1, MAN_40)
    services.withdraw(product_code="TERM01", reason="개정", by="alice", today=DAY)
    with pytest.raises(api.NotOnSale):
        api.quote(product_code="TERM01", on=DAY, inputs=MAN_40)
    assert [v.product_code for v in api.on_sale(DAY)] == ["DRIVER01"]
    assert api.rate("TERM01", 1, MAN_40).premiums[0] == before.premiums[0]
    columns = {**MAN_40, "elapsed_months": 24, "premium": before.premiums}
    assert api.reserves("TERM01", 1, columns, as_of=DAY).amounts[0] > 0
    assert api.commission_plan("TERM01", 1).comm_rate == 250


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 5, 1)])
def test_no_sale_outside_the_sale_period(day: date) -> None:
    services.set_sale_period(product_code="TERM01", start=date(2026, 1, 1), end=date(2026, 4, 30))
    assert api.sellable("TERM01", date(2026, 1, 1)).version == 1
    assert api.sellable("TERM01", date(2026, 4, 30)).version == 1
    with pytest.raises(api.NotOnSale):
        api.quote(product_code="TERM01", on=day, inputs=MAN_40)
    assert not Rating.objects.exists()


def test_unknown_product() -> None:
    with pytest.raises(NotFound):
        api.sellable("NOPE", DAY)


def test_quote_keeps_a_trace_that_gives_the_premium_again() -> None:
    quote = api.quote(product_code="TERM01", on=DAY, inputs=MAN_40)
    trace = Rating.objects.get(pk=quote.rating_id).trace
    assert rating.amount_from(trace, 100_000_000) == quote.premium
    assert trace["rule"]["version"] == 1
    assert trace["factors"][0]["row"] == "SMK-3"
    steps = api.premium_steps(quote.rating_id, 100_000_000)
    assert steps[-1].value == quote.premium


def test_a_refused_quote_says_every_reason_and_keeps_nothing() -> None:
    inputs = {**MAN_40, "age": 70, "sum_assured": 1_500_000}
    with pytest.raises(api.Refused) as refusal:
        api.quote(product_code="TERM01", on=DAY, inputs=inputs)
    codes = {r.code for r in refusal.value.refusals}
    assert codes == {"AGE_ABOVE", "AGE_AT_END", "SUM_BELOW", "SUM_STEP"}
    assert not Rating.objects.exists()


def test_a_batch_shares_traces() -> None:
    ages = np.tile(np.arange(20, 60), 50)
    columns = {**MAN_40, "age": ages}
    rated = api.rate("TERM01", 1, columns)
    assert Rating.objects.count() == 40
    assert len(set(rated.rating_ids.tolist())) == 40
    again = api.rate("TERM01", 1, columns)
    np.testing.assert_array_equal(again.rating_ids, rated.rating_ids)
    assert Rating.objects.count() == 40


def test_unearned_premium_of_the_one_year_product() -> None:
    columns = {
        "premium": np.array([12_400]),
        "period_start": np.array(["2026-03-01"], "datetime64[D]"),
        "period_end": np.array(["2026-04-01"], "datetime64[D]"),
    }
    found = api.reserves("DRIVER01", 1, columns, as_of=date(2026, 3, 10))
    assert (found.basis, found.amounts.tolist()) == ("UNEARNED", [8_400])
    back = api.surrender_values("DRIVER01", 1, columns, as_of=date(2026, 3, 10))
    assert back.refund.tolist() == [8_400]


def test_offer_says_what_to_ask() -> None:
    offer = api.offer("DRIVER01", 1)
    names = {entry["name"] for entry in offer.inputs}
    assert {"job_class", "vehicle_use", "drunk_driving_5y", "accidents_3y"} <= names
    assert offer.payments_per_year == (12,)
    assert {c["code"] for c in offer.coverages} >= {"TRAFFIC_DEATH", "SETTLEMENT"}


def test_clawback_by_paid_instalments() -> None:
    plan = api.clawback_plan("TERM01", 1)
    assert plan.percent([0, 1, 6, 7, 12, 13, 24, 25]).tolist() == [
        100, 100, 100, 70, 70, 50, 30, 0,
    ]  # fmt: skip


def test_rule_by_type() -> None:
    found = api.rule("TERM01", 1, "COMMISSION_RULE")
    assert found is not None
    assert found.value["comm_rate"] == 250
    assert found.rule_id > 0


def test_reserve_steps_end_with_the_reserve() -> None:
    columns = {**{k: [v] for k, v in MAN_40.items()}, "elapsed_months": [30]}
    steps = api.reserve_steps("TERM01", 1, columns)
    amount = api.reserves("TERM01", 1, columns, as_of=DAY).amounts[0]
    assert steps[-1].value == amount
