"""Launching a run on screen: the order, its progress, its run, its repetition, its refusal."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounting.models import JournalEntry, MeasurementOrder, MeasurementRun
from core import outbox
from core.models import OutboxMessage
from tests.factories.sales import person

from .world import NOVEMBER, insurer, live

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Client:
    """An accountant with a closed November."""
    insurer(contracts=2)
    live(NOVEMBER)
    client = Client()
    client.force_login(person("alice", "accountant"))
    return client


def launch(client: Client, **given: str):
    data = {"period": "2026-11", "purpose": "WHATIF", "note": "민감도", **given}
    return client.post(reverse("accounting:run_new"), data)


def test_a_run_is_launched_watched_and_repeated(alice):
    entries = JournalEntry.objects.count()
    answer = launch(alice)
    order = MeasurementOrder.objects.get()
    page = reverse("accounting:order_detail", args=[order.pk])
    assert (answer.status_code, answer["Location"]) == (303, page)
    poll = reverse("accounting:order_progress", args=[order.pk])
    waiting = alice.get(poll)
    assert waiting.status_code == 200
    assert poll in waiting.content.decode()
    for message in OutboxMessage.objects.exclude(state="DONE"):
        outbox.deliver(message.pk)
    run = MeasurementRun.objects.get(purpose="WHATIF")
    detail = reverse("accounting:run_detail", args=[run.key])
    done = alice.get(poll, headers={"HX-Request": "true"})
    assert (done.status_code, done["HX-Redirect"]) == (204, detail)
    assert detail in alice.get(page).content.decode()
    assert alice.get(reverse("accounting:run_compare")).status_code == 200
    repeated = alice.post(reverse("accounting:run_repeat", args=[run.key]))
    assert (repeated.status_code, repeated["Location"]) == (303, detail)
    assert JournalEntry.objects.count() == entries


def test_what_is_closed_is_refused_on_the_form(alice):
    answer = launch(alice, purpose="BOOKS")
    assert answer.status_code == 422
    assert "2026-11" in answer.content.decode()
    assert not MeasurementOrder.objects.exists()


def test_who_only_reads_launches_nothing(alice):
    bob = Client()
    bob.force_login(person("bob", "auditor"))
    assert launch(bob).status_code == 403
    key = MeasurementRun.objects.get().key
    assert bob.get(reverse("accounting:run_detail", args=[key])).status_code == 200
    assert bob.post(reverse("accounting:run_repeat", args=[key])).status_code == 403
    assert not MeasurementOrder.objects.exists()
