"""What a release ships is known in the audit trail as the set-up's work."""

import pytest
from django.core.management import call_command
from django.db import connection

from core.models import AuditRow


@pytest.mark.django_db
def test_rows_of_migrations_are_the_set_ups():
    assert not AuditRow.objects.filter(actor="postgres").exists()
    assert AuditRow.objects.filter(actor="set-up").exists()


@pytest.mark.django_db
def test_a_migration_leaves_no_actor_behind():
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('mulgil.actor', true)")
        assert cursor.fetchone()[0] == ""
