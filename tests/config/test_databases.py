"""The tests' own ground: copies are fresh, apart, and as migrated."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_leaves_nothing_and_takes_nothing_away(turn: int) -> None:
    before = ContentType.objects.count()
    assert before > 5, "what migrations write is there in every turn"
    assert not ContentType.objects.filter(app_label="left_over").exists()
    ContentType.objects.create(app_label="left_over", model=f"turn{turn}")


@pytest.mark.django_db
def test_the_database_is_a_copy_of_this_worker() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")


def test_another_process_sees_what_this_test_committed(live_environment: dict[str, str]) -> None:
    ContentType.objects.create(app_label="seen", model="abroad")
    code = (
        "import django; django.setup();"
        "from django.contrib.contenttypes.models import ContentType as C;"
        "from django.core.cache import cache; cache.set('said', 'hello');"
        "print(C.objects.filter(app_label='seen').count())"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=live_environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "1"
    assert cache.get("said") == "hello"
