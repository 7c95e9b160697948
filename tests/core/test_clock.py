from datetime import date

import pytest

from core import clock
from core.clock import add_business_days, add_months, is_business_day, month_end, next_business_day


def test_new_year_and_weekends_are_no_business_days():
    assert not is_business_day(date(2026, 1, 1))
    assert not is_business_day(date(2026, 1, 3))
    assert is_business_day(date(2026, 1, 2))


def test_the_next_business_day_skips_the_lunar_new_year():
    # Seollal 2026: Monday 16 to Wednesday 18 February.
    assert next_business_day(date(2026, 2, 14)) == date(2026, 2, 19)


def test_three_business_days_from_a_friday():
    assert add_business_days(date(2026, 3, 6), 3) == date(2026, 3, 11)


def test_months_end_where_they_end():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 15), 1) == date(2027, 1, 15)
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert month_end(date(2028, 2, 1)) == date(2028, 2, 29)


@pytest.mark.django_db
def test_the_clock_must_be_set_and_goes_only_forward():
    with pytest.raises(clock.ClockUnset):
        clock.business_date()
    clock.advance(date(2026, 3, 2))
    assert clock.business_date() == date(2026, 3, 2)
    with pytest.raises(clock.ClockBackwards):
        clock.advance(date(2026, 3, 1))
    assert clock.business_date() == date(2026, 3, 2)
