import base64
from datetime import date

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


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("900101-1234567", date(1990, 1, 1), "M"),
        ("040229-4234567", date(2004, 2, 29), "F"),
        ("850615-5234567", date(1985, 6, 15), "M"),
        ("991231-0234567", date(1899, 12, 31), "F"),
    ],
)
def test_a_number_says_when_and_as_whom_someone_was_born(number, born, sex):
    assert privacy.born_and_sex(number) == (born, sex)


def test_a_day_that_never_was_is_refused():
    with pytest.raises(privacy.BadResidentNumber):
        privacy.born_and_sex("900231-1234567")


@pytest.mark.django_db
def test_a_sealed_number_opens_with_a_purpose_only():
    sealed = privacy.seal(NUMBER)
    assert NUMBER.replace("-", "") not in repr(sealed)
    opened = privacy.unmask(
        sealed.cipher, subject=sealed.index, shown_as="CUS-1", purpose="correcting a name"
    )
    assert (opened, sealed.mask) == (NUMBER, "900101-1******")
