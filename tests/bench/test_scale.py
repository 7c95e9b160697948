"""The figures of the mass benchmark."""

from __future__ import annotations

import pytest

from bench.scale import GUARDS, Run, _sum, switched_off


def test_costs_are_shown_for_one_contract() -> None:
    run = Run(contracts=20_000, seconds=2.0, python=0.2, server=1.2, wal=80_000_000)
    assert run.row("x").split() == ["x", "10,000", "10.0", "60.0", "70.0", "4,000"]
    assert _sum([run, run]) == Run(40_000, 4.0, 0.4, 2.4, 160_000_000)


@pytest.mark.django_db
@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_that_is_switched_off_is_on_again_afterwards(name) -> None:
    from django.db import connection

    def disabled() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'")
            return int(cursor.fetchone()[0])

    with switched_off(GUARDS[name]):
        assert disabled() == len(GUARDS[name])
    assert disabled() == 0
