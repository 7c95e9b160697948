import base64

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from core import privacy
from core.models import AccessRow

NUMBER = "900101-1234567"


@pytest.mark.parametrize("wrong", ["", "900101", "901301-1234567", "900132-1234567", "abc"])
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(privacy.BadResidentNumber):
        privacy.normalise(wrong)


def test_output_is_masked():
    assert privacy.mask(NUMBER) == "900101-1******"


@given(st.integers(0, 9_999_999))
def test_the_index_is_keyed_stable_and_not_the_number(tail):
    number = f"900101{tail:07d}"
    assert privacy.index(number) == privacy.index(f"900101-{tail:07d}")
    assert number not in privacy.index(number)
    assert len(privacy.index(number)) == 64


def test_the_index_depends_on_its_key(settings):
    first = privacy.index(NUMBER)
    settings.RRN_INDEX_KEY = base64.b64encode(b"o" * 32).decode()
    assert privacy.index(NUMBER) != first


def test_a_ciphertext_is_different_each_time_and_bound_to_its_person():
    subject = privacy.index(NUMBER)
    one, two = (privacy.encrypt(NUMBER, subject=subject) for _ in range(2))
    assert one != two
    assert b"9001011234567" not in one
    with pytest.raises(InvalidTag):
        privacy.unmask(one, subject="someone else", shown_as="C1", purpose="check")


@pytest.mark.django_db
def test_unmasking_needs_a_purpose_and_is_logged():
    subject = privacy.index(NUMBER)
    blob = privacy.encrypt(NUMBER, subject=subject)
    with pytest.raises(privacy.PurposeMissing):
        privacy.unmask(blob, subject=subject, shown_as="C1", purpose="  ")
    assert not AccessRow.objects.exists()
    assert privacy.unmask(blob, subject=subject, shown_as="C1", purpose="payout") == NUMBER
    row = AccessRow.objects.get()
    assert (row.action, row.subject, row.purpose) == ("UNMASK", "C1", "payout")
