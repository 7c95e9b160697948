"""Products are registered whole or not at all, and published by a second person."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core.errors import NotAllowed
from core.models import EventRecord
from core.status import IllegalTransition
from products import selectors, services
from products.models import Product, ProductRule, ProductVersion
from tests.factories import products as factory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def new_product(**changes: object) -> services.NewProduct:
    known = {
        "product_code": "T1",
        "product_name": "시험 정기보험",
        "product_type": "LIFE",
        "line": "TERM",
        "measurement": "GMM",
        "sale_start_date": date(2026, 1, 1),
    }
    return services.NewProduct(**known | changes)


def registered() -> ProductVersion:
    return services.register(product=new_product(), rules=factory.rules(), by="alice")


def in_review() -> ProductVersion:
    registered()
    return services.submit(product_code="T1", version=1, by="alice")


def on_sale() -> ProductVersion:
    in_review()
    return services.publish_version(
        product_code="T1", version=1, start=TODAY, by="carol", today=TODAY
    )


def nothing_written() -> bool:
    return not (
        Product.objects.exists()
        or ProductVersion.objects.exists()
        or ProductRule.objects.exists()
        or EventRecord.objects.exists()
    )


def test_register_writes_product_and_rules_together() -> None:
    version = registered()
    assert version.status == "DRAFT"
    assert version.product.status == "INACTIVE"
    assert selectors.rules_of(version.pk) == factory.rules()


def test_a_bad_rule_refuses_the_whole_registration_with_path_and_reason() -> None:
    rules = factory.rules()
    rules["PREMIUM_CALC"]["basis"]["interest"] = "2.5%"
    del rules["COMMISSION_RULE"]["comm_rate"]
    with pytest.raises(services.BadRules) as refusal:
        services.register(product=new_product(), rules=rules, by="alice")
    found = {(p.rule_type, p.path): p.reason for p in refusal.value.problems}
    assert set(found) == {
        ("PREMIUM_CALC", "$.basis.interest"),
        ("COMMISSION_RULE", "$.comm_rate"),
    }
    assert all(found.values())
    assert nothing_written()


def test_a_code_is_used_once() -> None:
    registered()
    with pytest.raises(services.CodeTaken):
        registered()
    assert Product.objects.count() == 1
    assert ProductVersion.objects.count() == 1


def test_a_sale_cannot_end_before_it_starts() -> None:
    with pytest.raises(services.BadPeriod):
        services.register(
            product=new_product(sale_end_date=date(2025, 12, 31)), rules=factory.rules(), by="a"
        )
    assert nothing_written()


def test_publication_needs_every_rule() -> None:
    rules = factory.rules()
    del rules["RESERVE"]
    services.register(product=new_product(), rules=rules, by="alice")
    with pytest.raises(services.BadRules, match="RESERVE"):
        services.submit(product_code="T1", version=1, by="alice")
    assert ProductVersion.objects.get().status == "DRAFT"


def test_publication_by_a_second_person_puts_the_product_on_sale_and_is_announced() -> None:
    on_sale()
    found = ProductVersion.objects.get()
    assert (found.status, found.made_by, found.checked_by) == ("PUBLISHED", "alice", "carol")
    assert found.period.lower == TODAY
    assert Product.objects.get().status == "ACTIVE"
    event = EventRecord.objects.get()
    assert event.name == "products.published.v1"
    assert event.payload["product_code"] == ["T1"]


def test_the_maker_cannot_publish() -> None:
    in_review()
    with pytest.raises(NotAllowed):
        services.publish_version(product_code="T1", version=1, start=TODAY, by="alice", today=TODAY)
    assert ProductVersion.objects.get().status == "REVIEW"
    assert not EventRecord.objects.exists()


def test_who_wrote_the_rules_cannot_publish_them_when_another_submitted_them() -> None:
    registered()
    services.change_draft(product_code="T1", version=1, rules=factory.rules(), by="bob")
    services.submit(product_code="T1", version=1, by="alice")
    for maker in ("alice", "bob"):
        with pytest.raises(NotAllowed):
            services.publish_version(
                product_code="T1", version=1, start=TODAY, by=maker, today=TODAY
            )
    assert ProductVersion.objects.get().status == "REVIEW"
    assert not EventRecord.objects.exists()
    services.publish_version(product_code="T1", version=1, start=TODAY, by="carol", today=TODAY)


def test_a_draft_cannot_be_published_directly() -> None:
    registered()
    with pytest.raises(IllegalTransition):
        services.publish_version(product_code="T1", version=1, start=TODAY, by="carol", today=TODAY)
    assert not EventRecord.objects.exists()


def sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.guards
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE product_versions SET status = 'PUBLISHED', checked_by = made_by, "
        "period = '[2026-03-01,)'",
        "UPDATE product_versions SET status = 'PUBLISHED'",
        "UPDATE product_versions SET status = 'PUBLISHED', checked_by = 'bob', "
        "makers = ARRAY['alice', 'bob'], period = '[2026-03-01,)'",
        "UPDATE product_rules SET rule_value = '{}' WHERE rule_type = 'COMMISSION_RULE'",
        "DELETE FROM product_rules WHERE rule_type = 'CLAWBACK'",
        "INSERT INTO product_rules (product_code, version_id, rule_type, rule_value) "
        "SELECT product_code, id, 'OTHER', '{}' FROM product_versions",
    ],
)
def test_the_database_refuses_to_go_round_the_services(statement: str) -> None:
    in_review()
    with pytest.raises(IntegrityError):
        sql(statement)


@pytest.mark.guards
def test_rules_belong_to_the_product_of_their_version() -> None:
    registered()
    services.register(product=new_product(product_code="T2"), rules={}, by="alice")
    with pytest.raises(IntegrityError, match="another product"):
        sql(
            "INSERT INTO product_rules (product_code, version_id, rule_type, rule_value) "
            "SELECT 'T1', id, 'CLAWBACK', '{}' FROM product_versions WHERE product_code = 'T2'"
        )


def test_going_back_needs_a_reason_and_opens_the_rules_again() -> None:
    in_review()
    with pytest.raises(NotAllowed):
        services.send_back(product_code="T1", version=1, reason=" ", by="carol")
    services.send_back(product_code="T1", version=1, reason="이율 확인", by="carol")
    rules = factory.rules()
    rules["PREMIUM_CALC"]["basis"]["interest"] = 0.0225
    changed = services.change_draft(product_code="T1", version=1, rules=rules, by="dave")
    assert changed.made_by == "dave"
    assert selectors.rules_of(changed.pk) == rules


def test_a_published_version_is_fixed() -> None:
    on_sale()
    with pytest.raises(IllegalTransition):
        services.change_draft(product_code="T1", version=1, rules={}, by="alice")
    assert len(selectors.rules_of(ProductVersion.objects.get().pk)) == len(factory.rules())


def test_a_new_version_ends_the_old_one_on_its_first_day() -> None:
    on_sale()
    made = services.new_version(product_code="T1", by="alice", note="요율 인하")
    assert (made.version, selectors.rules_of(made.pk)) == (2, factory.rules())
    with pytest.raises(services.DraftExists):
        services.new_version(product_code="T1", by="dave", note="")
    services.submit(product_code="T1", version=2, by="alice")
    with pytest.raises(services.BadPeriod):
        services.publish_version(product_code="T1", version=2, start=TODAY, by="carol", today=TODAY)
    july = date(2026, 7, 1)
    services.publish_version(product_code="T1", version=2, start=july, by="carol", today=TODAY)
    first, second = ProductVersion.objects.order_by("version")
    assert (first.period.lower, first.period.upper) == (TODAY, july)
    assert (second.period.lower, second.period.upper) == (july, None)
    assert [v.version for v in selectors.versions_on_sale(date(2026, 6, 30))] == [1]
    assert [v.version for v in selectors.versions_on_sale(july)] == [2]


def test_withdrawal_and_return() -> None:
    on_sale()
    services.withdraw(product_code="T1", reason="개정", by="alice", today=TODAY)
    assert Product.objects.get().status == "INACTIVE"
    assert EventRecord.objects.filter(name="products.withdrawn.v1").count() == 1
    with pytest.raises(IllegalTransition):
        services.withdraw(product_code="T1", reason="개정", by="alice", today=TODAY)
    services.reopen(product_code="T1", reason="재개", by="alice")
    assert Product.objects.get().status == "ACTIVE"


def test_a_product_without_publication_cannot_be_opened() -> None:
    registered()
    with pytest.raises(services.BadPeriod):
        services.reopen(product_code="T1", reason="", by="alice")
    assert Product.objects.get().status == "INACTIVE"


def test_shipped_products_load_once() -> None:
    call_command("load_products")
    call_command("load_products")
    versions = ProductVersion.objects.order_by("product_id")
    codes = sorted(path.stem for path in factory.SHIPPED.glob("*.json"))
    assert [v.product_id for v in versions] == codes
    assert {"CANCER01", "DRIVER01", "TERM01", "WHOLE01"} <= set(codes)
    assert {v.status for v in versions} == {"PUBLISHED"}
    assert all(v.made_by != v.checked_by for v in versions)
    assert set(Product.objects.values_list("status", flat=True)) == {"ACTIVE"}
