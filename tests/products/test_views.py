"""Pages of stage 1 for Alice, who may, Bob, who reads, and Charlie, who is outside."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from core.models import EventRecord, User
from core.permissions import grant
from products import services
from products.models import Product, ProductRule, ProductVersion, Rating
from products.rules import rating
from tests.factories import products as factory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)
BASE = {
    "age": 40,
    "sex": "M",
    "term_months": 240,
    "pay_months": 240,
    "per_year": 12,
    "sum_assured": 100_000_000,
}
HTMX = {"HTTP_HX_REQUEST": "true"}


def person(username: str, role: str) -> Client:
    user = User.objects.create_user(username, password="x" * 16)
    grant(user, role, by="setup", reason="test", start=date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def alice() -> Client:
    return person("alice", "product_actuary")


@pytest.fixture
def carol() -> Client:
    return person("carol", "product_actuary")


@pytest.fixture
def bob() -> Client:
    return person("bob", "underwriter")


@pytest.fixture
def charlie() -> Client:
    return person("charlie", "siu")


@pytest.fixture(autouse=True)
def _world() -> None:
    clock.advance(TODAY)
    factory.published("TERM01", "DRIVER01")


def url(name: str, *args: object) -> str:
    return reverse(f"products:{name}", args=args)


def draft(by: str = "alice") -> ProductVersion:
    return services.new_version(product_code="TERM01", by=by, note="요율 조정")


def waiting(by: str = "alice") -> ProductVersion:
    draft(by)
    return services.submit(product_code="TERM01", version=2, by=by)


READ = [
    ("product_list", ()),
    ("product_detail", ("TERM01",)),
    ("version_detail", ("DRIVER01", 1)),
    ("quote", ("DRIVER01", 1)),
    ("panel_catalogue", ()),
]
EDIT = [
    ("home", ()),
    ("panel_desk", ()),
    ("product_new", ()),
    ("version_new", ("TERM01",)),
    ("sale_period", ("TERM01",)),
    ("withdraw", ("TERM01",)),
    ("reopen", ("TERM01",)),
    ("waiting", ()),
]


@pytest.mark.parametrize(("name", "args"), READ)
def test_reading(name: str, args: tuple, alice: Client, bob: Client, charlie: Client) -> None:
    assert alice.get(url(name, *args)).status_code == 200
    assert bob.get(url(name, *args)).status_code == 200
    assert charlie.get(url(name, *args)).status_code == 403
    assert Client().get(url(name, *args)).status_code == 302


@pytest.mark.parametrize(("name", "args"), EDIT)
def test_editing(name: str, args: tuple, alice: Client, bob: Client, charlie: Client) -> None:
    assert alice.get(url(name, *args)).status_code == 200
    assert bob.get(url(name, *args)).status_code == 403
    assert charlie.get(url(name, *args)).status_code == 403


@pytest.mark.parametrize("role", ["bob", "charlie"])
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("product_new", ()),
        ("version_new", ("TERM01",)),
        ("version_edit", ("TERM01", 2)),
        ("version_submit", ("TERM01", 2)),
        ("waiting_case", ("TERM01", 2)),
        ("sale_period", ("TERM01",)),
        ("withdraw", ("TERM01",)),
        ("reopen", ("TERM01",)),
    ],
)
def test_others_change_nothing(
    name: str, args: tuple, role: str, request: pytest.FixtureRequest
) -> None:
    draft()
    events = EventRecord.objects.count()
    before = list(ProductVersion.objects.order_by("pk").values())
    client = request.getfixturevalue(role)
    assert client.post(url(name, *args), {"reason": "x"}).status_code == 403
    assert list(ProductVersion.objects.order_by("pk").values()) == before
    assert EventRecord.objects.count() == events
    assert Product.objects.filter(status="ACTIVE").count() == 2


def test_unknown_product_is_not_found(alice: Client) -> None:
    assert alice.get(url("product_detail", "NOPE")).status_code == 404
    assert alice.get(url("quote", "TERM01", 9)).status_code == 404


def test_list_filters_and_exports(alice: Client) -> None:
    assert "DRIVER01" not in alice.get(url("product_list"), {"q": "정기"}).content.decode()
    waiting()
    found = alice.get(url("product_list"), {"waits": "true"}, **HTMX).content.decode()
    assert "TERM01" in found
    assert "DRIVER01" not in found
    sheet = alice.get(url("product_list"), {"reset": "1"}, follow=True)
    sheet = alice.get(url("product_list"), {"export": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(sheet.streaming_content)))
    codes = {row[0] for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert codes == {"TERM01", "DRIVER01"}


def test_list_takes_the_same_queries_at_one_and_at_fifty_rows(alice: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert alice.get(url("product_list")).status_code == 200
        return len(seen)

    queries()
    few = queries()
    for number in range(50):
        services.register(
            product=services.NewProduct(f"P{number:03}", "상품", "LIFE", "TERM", "GMM"),
            rules={},
            by="alice",
        )
    assert queries() == few <= 22


def test_rules_are_shown_in_words_not_as_json(bob: Client) -> None:
    page = bob.get(url("version_detail", "DRIVER01", 1)).content.decode()
    assert "자가용" in page
    assert "26 이상 65 미만" in page
    assert "hitPolicy" not in page
    page = bob.get(url("product_detail", "TERM01")).content.decode()
    assert "제7회 표준위험률" in page


def test_quote_is_worked_out_and_stores_nothing(bob: Client) -> None:
    inputs = {
        "age": 40,
        "sex": "M",
        "plan": "240/240",
        "sum_assured": "1억",
        "asked": 1,
        "job_class": 3,
        "extra_percent": 0,
        "existing_sum": 0,
    }
    answer = bob.get(url("quote", "TERM01", 1), inputs, **HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "27,568" in page
    assert "위험직종(3급) 할증" in page
    loaded = rating.rate(factory.ruleset(), BASE | {"extra_percent": 30}).premiums[0]
    assert f"{loaded:,}" in page
    assert "SMK-3" in page
    assert "<html" not in page
    assert not Rating.objects.exists()


def test_quote_says_why_it_is_not_accepted(bob: Client) -> None:
    inputs = {"age": 61, "plan": "240/240"}
    page = bob.get(url("quote", "TERM01", 1), inputs).content.decode()
    assert "보험나이 61세" in page
    assert bob.get(url("quote", "TERM01", 1), {"age": "x"}).status_code == 422


def fields(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """Return what a browser would send from a screen of rules."""
    form = client.get(address).context["form"]
    values = {f.name: f.value() for f in form}
    values = {name: value for name, value in values.items() if value not in (None, False)}
    return values | changes


MASTER = {
    "product_code": "TERM02",
    "product_name": "새 정기보험",
    "product_type": "LIFE",
    "line": "TERM",
    "measurement": "GMM",
    "sale_start_date": "20260401",
}


def test_register_with_rules_of_another_product(alice: Client) -> None:
    address = url("product_new") + "?from=TERM01"
    sent = fields(alice, address, **MASTER, interest="2.25", comm_rate="500")
    answer = alice.post(address, sent)
    assert answer.status_code == 303
    assert answer["Location"] == url("version_detail", "TERM02", 1)
    rules = dict(
        ProductRule.objects.filter(product_id="TERM02").values_list("rule_type", "rule_value")
    )
    assert rules["PREMIUM_CALC"]["basis"]["interest"] == 0.0225
    assert rules["COMMISSION_RULE"]["comm_rate"] == 500
    rates = [Decimal(str(e["rate"])) for e in rules["COMMISSION_RULE"]["instalments"]]
    assert rates == [500, 200, 200, 100, 100, 100]  # twice TERM01's, the first one 500 %
    assert rules["UNDERWRITING"] == factory.rules()["UNDERWRITING"]
    product = Product.objects.get(pk="TERM02")
    assert (product.status, product.sale_start_date) == ("INACTIVE", date(2026, 4, 1))
    assert ProductVersion.objects.get(product=product).made_by == "alice"


def test_a_double_submit_registers_once(alice: Client) -> None:
    address = url("product_new") + "?from=TERM01"
    operation = "0b8a2d4e-2f43-4d15-8f2b-5a5b6f1d7e11"
    sent = fields(alice, address, **MASTER, _operation=operation)
    first, second = alice.post(address, sent), alice.post(address, sent)
    assert first["Location"] == second["Location"]
    assert ProductVersion.objects.filter(product_id="TERM02").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule_CLAWBACK": "{not json"}, "JSON"),
        ({"rule_AGE_LIMIT": '{"min_age": 20}'}, "$.max_age"),
        ({"interest": "19", "rule_PREMIUM_CALC": '{"basis": []}'}, "$.basis"),
        ({"product_code": "TERM01"}, "TERM01"),
        ({"sale_end_date": "2026-03-31"}, "2026-03-31"),
    ],
)
def test_refused_registration_names_the_place_and_writes_nothing(
    changes: dict[str, str], said: str, alice: Client
) -> None:
    address = url("product_new") + "?from=TERM01"
    events, rules = EventRecord.objects.count(), ProductRule.objects.count()
    answer = alice.post(address, fields(alice, address, **(MASTER | changes)))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert ("27,568" in answer.content.decode()) == (said in ("TERM01", "2026-03-31"))
    assert not Product.objects.filter(pk="TERM02").exists()
    assert ProductRule.objects.count() == rules
    assert EventRecord.objects.count() == events


def test_live_quote_with_and_without_javascript(alice: Client) -> None:
    address = url("product_new") + "?from=TERM01"
    first = alice.get(address).content.decode()
    assert "27,568" in first
    sent = fields(alice, address, interest="1.5", _quote="1")
    part = alice.post(address, sent, **HTMX)
    page = alice.post(address, sent)
    assert part.status_code == page.status_code == 200
    assert 'id="quote"' in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "<html" in page.content.decode()
    for answer in (part, page):
        text = answer.content.decode()
        assert "27,568" not in text
        assert "원" in text
    bad = alice.post(address, sent | {"rule_AGE_LIMIT": '{"min_age": 20}'}, **HTMX)
    assert "$.max_age" in bad.content.decode()
    assert not Product.objects.filter(pk="TERM02").exists()


def test_from_draft_to_publication(alice: Client, carol: Client) -> None:
    new = url("version_new", "TERM01")
    answer = alice.post(new, fields(alice, new, interest="2.25", note="예정이율 인하"))
    assert answer["Location"] == url("version_detail", "TERM01", 2)
    edit = url("version_edit", "TERM01", 2)
    assert alice.post(edit, fields(alice, edit, max_age="55")).status_code == 303
    page = alice.get(url("version_detail", "TERM01", 2)).content.decode()
    assert "$.basis.interest" in page
    assert alice.post(url("version_submit", "TERM01", 2)).status_code == 303
    assert ProductVersion.objects.get(version=2).status == "REVIEW"

    case = url("waiting_case", "TERM01", 2)
    assert carol.get(url("waiting"))["Location"] == case
    work = carol.get(case).content.decode()
    assert "예정이율 인하" in work
    assert "$.basis.interest" in work
    sent = {"decision": "publish", "start": "2026-04-01"}
    own = alice.post(case, sent)
    assert own.status_code == 422
    assert ProductVersion.objects.get(version=2).status == "REVIEW"
    assert carol.post(case, {"decision": "publish", "start": ""}).status_code == 422
    assert carol.post(case, sent).status_code == 303
    found = ProductVersion.objects.get(version=2)
    assert (found.status, found.checked_by) == ("PUBLISHED", "carol")
    assert found.period.lower == date(2026, 4, 1)


def test_sending_back_needs_a_reason(alice: Client, carol: Client) -> None:
    waiting()
    case = url("waiting_case", "TERM01", 2)
    assert carol.post(case, {"decision": "back", "reason": ""}).status_code == 422
    assert ProductVersion.objects.get(version=2).status == "REVIEW"
    assert carol.post(case, {"decision": "back", "reason": "검토"}).status_code == 303
    assert ProductVersion.objects.get(version=2).status == "DRAFT"


def test_sale_period_withdrawal_and_return(alice: Client) -> None:
    period = {"start": "2026-01-01", "end": "2025-01-01"}
    assert alice.post(url("sale_period", "TERM01"), period).status_code == 422
    period["end"] = "2026-12-31"
    assert alice.post(url("sale_period", "TERM01"), period).status_code == 303
    assert Product.objects.get(pk="TERM01").sale_end_date == date(2026, 12, 31)
    assert alice.post(url("withdraw", "TERM01"), {"reason": ""}).status_code == 422
    assert alice.post(url("withdraw", "TERM01"), {"reason": "개정"}).status_code == 303
    assert Product.objects.get(pk="TERM01").status == "INACTIVE"
    assert alice.post(url("withdraw", "TERM01"), {"reason": "개정"}).status_code == 422
    assert alice.post(url("reopen", "TERM01"), {"reason": "재개"}).status_code == 303
    assert Product.objects.get(pk="TERM01").status == "ACTIVE"


def test_why_this_premium(bob: Client, charlie: Client) -> None:
    from products import api

    inputs = {
        "age": 40,
        "sex": "M",
        "term_months": 240,
        "pay_months": 240,
        "per_year": 12,
        "sum_assured": 100_000_000,
    }
    quote = api.quote(product_code="TERM01", on=TODAY, inputs=inputs)
    address = reverse("why", args=["premium", f"{quote.rating_id}-100000000"])
    page = bob.get(address).content.decode()
    assert "27,568" in page
    assert url("version_detail", "TERM01", 1) in page
    assert charlie.get(address).status_code == 403
    assert bob.get(reverse("why", args=["premium", "0-1"])).status_code == 404
    assert bob.get(reverse("why", args=["premium", "x"])).status_code == 404


def test_search_and_picker(bob: Client) -> None:
    assert "TERM01" in bob.get(reverse("search"), {"q": "정기"}).content.decode()
    found = bob.get(reverse("pick", args=["product"]), {"product": "TERM", "q": "TERM"})
    assert "TERM01" in found.content.decode()


def test_pages_in_english(bob: Client) -> None:
    User.objects.filter(username="bob").update(language="en")
    page = bob.get(url("version_detail", "DRIVER01", 1)).content.decode()
    assert "Death by traffic accident" in page
