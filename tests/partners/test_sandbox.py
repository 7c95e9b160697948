"""The sandbox is the same code on a database of its own; the live books do not notice it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from config import embedded
from contracts.models import Contract
from core.models import EventRecord
from partners.api import invariants
from partners.models import Installation, Partner
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
TRY = """
import django
django.setup()
from django.core.management import call_command
call_command("open_sandbox")
call_command("open_sandbox")
from contracts.models import Contract
from core.clock import business_date
from partners.rules.proposals import Proposal
from partners.services import accounts, business
from tests.partners import world
partner = accounts.connect(code="TRIAL", name="시험", on=business_date())
key = accounts.make_key(partner="TRIAL", scopes=["contracts"])
proposal = Proposal.model_validate(world.proposal())
status, made = business.bind(partner, proposal, business_date=business_date())()
from accounting.models import LedgerLine
lines = LedgerLine.objects.filter(reference_id=made["contract_id"])
print(key.key_id[:4], status, Contract.objects.count(), lines.exists())
"""


def test_each_mode_has_a_database_and_a_broker_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "url"
    note.write_text("redis://:x@127.0.0.1:1/0")
    monkeypatch.setattr(embedded, "_valkey_note", lambda: note)
    monkeypatch.delenv("PARTNER_MODE", raising=False)
    live = (embedded._database(), embedded._valkey_address())
    monkeypatch.setenv("PARTNER_MODE", "sandbox")
    sandbox = (embedded._database(), embedded._valkey_address())
    assert live == ("mulgil", "redis://:x@127.0.0.1:1/0")
    assert sandbox == ("mulgil_sandbox", "redis://:x@127.0.0.1:1/60")


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_what_is_tried_does_not_touch_the_live_books(live_environment: dict[str, str]) -> None:
    name = f"{databases.copy_name()}_sandbox"
    with databases.maintenance() as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        cursor.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(
                Identifier(name), Identifier(databases.TEMPLATE)
            )
        )
    address = live_environment["DATABASE_URL"].replace(databases.copy_name(), name)
    environment = {
        **live_environment,
        "DATABASE_URL": address,
        "PARTNER_MODE": "sandbox",
        "PYTHONPATH": str(ROOT),
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", TRY], cwd=ROOT, env=environment, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1] == "sbx_ 201 1 True"
        refused = subprocess.run(
            [sys.executable, "manage.py", "open_sandbox"], cwd=ROOT, check=False,
            env={**environment, "PARTNER_MODE": "live"}, capture_output=True, text=True,
        )  # fmt: skip
        assert refused.returncode != 0
        assert "PARTNER_MODE=sandbox" in refused.stderr
    finally:
        with databases.maintenance() as cursor:
            cursor.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
    for table in (Contract, Partner, Installation, EventRecord):
        assert not table.objects.exists()
    assert all(breaches == 0 for _name, breaches, _first in invariants())
