"""The programme that ships."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from reinsurance.management.commands.load_treaties import load
from reinsurance.models import Treaty
from tests.reinsurance.test_services import breaches

pytestmark = pytest.mark.django_db


def test_the_shipped_programme_is_signed_once() -> None:
    assert len(load(first_year=2026, years=2)) == 20
    assert load(first_year=2026, years=2) == []
    assert set(Treaty.objects.values_list("status", flat=True)) == {"SIGNED"}
    call_command("load_treaties", year=2026, years=3, verbosity=0)
    assert Treaty.objects.count() == 30
    assert breaches() == {}
