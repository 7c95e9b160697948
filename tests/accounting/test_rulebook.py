"""Posting rules: drafted by one, checked by another, shipped once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import strategies as st

from accounting import services
from accounting.models import (
    Account,
    LedgerLine,
    PostingRule,
)
from accounting.services import loading, posting, rulebook
from core.acting import acting
from core.errors import NotAllowed

from .batches import DAY, ended

won = st.integers(-(10**12), 10**12)


@pytest.mark.django_db
class TestRulebook:
    def draft(self, **changes) -> rulebook.RuleDraft:
        old = PostingRule.objects.get(rule_code="CONTRACT_REFUND")
        values = {
            "code": old.rule_code,
            "event_name": old.event_name,
            "description": "해약환급금 지급",
            "keys": old.keys,
            "lines": old.lines,
            "start": dt.date(2026, 4, 1),
        }
        return rulebook.RuleDraft(**{**values, **changes})

    def test_a_second_person_puts_a_new_version_in_force(self):
        lines = [
            {"side": "D", "account": "2590", "amount": "refund"},
            {"side": "C", "account": "1110", "amount": "refund"},
        ]
        with acting("kim"):
            draft = rulebook.draft_rule(self.draft(lines=lines))
            with pytest.raises(NotAllowed):
                rulebook.activate_rule(draft.pk, business_date=DAY)
        services.post(ended(1))
        assert LedgerLine.objects.filter(account_id="2110").count() == 1
        with acting("lee"):
            rulebook.activate_rule(draft.pk, business_date=DAY)
        services.post(ended(1))
        services.post(ended(1, day=dt.date(2026, 4, 1)))
        assert LedgerLine.objects.filter(account_id="2110").count() == 2
        assert LedgerLine.objects.filter(account_id="2590").count() == 1
        versions = PostingRule.objects.filter(rule_code="CONTRACT_REFUND").order_by("version")
        assert [v.period.upper for v in versions] == [dt.date(2026, 4, 1), None]

    def test_what_cannot_balance_is_not_even_drafted(self):
        before = PostingRule.objects.count()
        with acting("kim"), pytest.raises(rulebook.BadRule, match="differ"):
            rulebook.draft_rule(
                self.draft(
                    lines=[
                        {"side": "D", "account": "2110", "amount": "refund"},
                        {"side": "C", "account": "1110", "amount": "premiums_paid"},
                    ]
                )
            )
        assert PostingRule.objects.count() == before

    def test_a_version_never_starts_in_the_past(self):
        with acting("kim"):
            draft = rulebook.draft_rule(self.draft(start=dt.date(2026, 1, 1)))
        with acting("lee"), pytest.raises(rulebook.StartsTooEarly):
            rulebook.activate_rule(draft.pk, business_date=DAY)
        draft.refresh_from_db()
        assert draft.status == "DRAFT"

    def test_loading_again_changes_nothing(self):
        assert Account.objects.count() > 50
        assert PostingRule.objects.filter(status="ACTIVE").count() >= 22
        assert loading.load() == {"accounts": 0, "rules": 0, "assumptions": 0, "curves": 0}

    def test_every_money_event_has_a_rule(self):
        from accounting.handlers import MONEY

        for event in MONEY:
            assert posting.rules_for(event.name, DAY), event.name
