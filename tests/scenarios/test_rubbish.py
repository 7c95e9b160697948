"""Whatever is posted to whatever page: an answer, never a failure, with htmx and without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounting.models import AssumptionSet, JournalEntry, PostingRule
from claims.models import Claim
from core.models import RoleGrant, User
from core.permissions import roles
from reinsurance.models import Treaty
from tests.architecture.test_rights import patterns
from tests.scenarios.accidents import adjust_and_approve, report_accidents
from tests.scenarios.river import Books, River
from tests.scenarios.selling import found_the_company, sell, underwrite

pytestmark = pytest.mark.django_db

FIELD = re.compile(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"')
RUBBISH = ["-1", "999999999999999999999", "2999-12-31"]


def known(river: River) -> dict[str, list[Any]]:
    """Return values for the parts of addresses, by the name of the part."""
    first = {
        name: model.objects.order_by("pk").values_list("pk", flat=True)[:2]
        for name, model in {
            "product_code": apps.get_model("products.Product"),
            "agent_id": apps.get_model("sales.Agent"),
            "customer_id": apps.get_model("contracts.Customer"),
            "code": apps.get_model("claims.Provider"),
            "entry_id": JournalEntry,
            "treaty_code": Treaty,
        }.items()
    }
    claims = list(Claim.objects.values_list("pk", flat=True))
    return {
        **{name: list(values) for name, values in first.items()},
        "number": [*claims, 1],
        "claim_number": claims,
        "contract_id": [river.contract],
        "contract_number": [river.contract],
        "application_id": [river.application],
        "version": [1],
        "period": ["2026-03"],
        "day": ["2026-03-31"],
        "pk": [PostingRule.objects.first().pk, AssumptionSet.objects.first().pk, 1],
        "username": ["everyone"],
    }


def addresses(values: dict[str, list[Any]]) -> Iterator[str]:
    """Yield the addresses of all pages whose parts are known."""
    for prefix, entry in patterns(get_resolver()):
        parts = list(entry.pattern.converters)
        if entry.name in {"login", "logout"} or any(part not in values for part in parts):
            continue
        for i in range(max([len(values[part]) for part in parts], default=1)):
            chosen = {part: values[part][i % len(values[part])] for part in parts}
            with suppress(NoReverseMatch):  # a number of another kind
                yield reverse(f"{prefix}{entry.name}", kwargs=chosen)


def post(client: Client, url: str, data: dict[str, str], headers: dict[str, str]) -> int:
    """Post and take back whatever it did; return the status."""
    with transaction.atomic():
        status = client.post(url, data, headers=headers).status_code
        transaction.set_rollback(True)
    return status


def test_rubbish_is_answered_and_never_a_failure() -> None:
    river = River(Books())
    for step in (found_the_company, sell, underwrite, report_accidents, adjust_and_approve):
        step(river)
    everyone = User.objects.create_user("everyone", password=None, display_name="모두")
    for role in roles():
        RoleGrant.objects.create(user=everyone, role=role, period=("2026-01-01", None))
    client = Client(raise_request_exception=False)
    client.force_login(everyone)
    tried, failed = 0, []
    for url in dict.fromkeys(addresses(known(river))):
        page = client.get(url, follow=True)
        fields = dict.fromkeys(FIELD.findall(page.content.decode(errors="replace")))
        posts = [{}, *(dict.fromkeys(fields, value) for value in RUBBISH)]
        for data in posts:
            headers = [{}, {"HX-Request": "true"}] if not data else [{"HX-Request": "true"}]
            for header in headers:
                status = post(client, url, data, header)
                tried += 1
                if status >= 500:
                    failed.append((url, status, data, header))
    assert tried > 500
    assert not failed, "\n".join(map(str, failed))
