"""The resident-number vault: AES-256-GCM ciphertext, keyed HMAC index, masked output.

The plain number lives only in the arguments of these functions. Source: 개인정보보호법 §24의2②.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from .acting import current
from .errors import DomainError
from .models import AccessRow

_NONCE = 12
_CENTURIES = {
    digit: 1800 + 100 * position
    for position, pair in enumerate(("90", "1256", "3478"))
    for digit in pair
}


class BadResidentNumber(DomainError):
    """The resident number is not thirteen digits with a possible date."""


class PurposeMissing(DomainError):
    """Unmasking needs a purpose."""


def normalise(number: str) -> str:
    """Return the thirteen digits of a resident number.

    Numbers issued since October 2020 have no check digit, so none is required.

    Raises:
        BadResidentNumber: wrong length, or an impossible month, day or century digit.
    """
    digits = number.replace("-", "").strip()
    if len(digits) != 13 or not digits.isdigit():
        raise BadResidentNumber(_("A resident number has thirteen digits, such as 900101-1234567."))
    if not (1 <= int(digits[2:4]) <= 12 and 1 <= int(digits[4:6]) <= 31):
        raise BadResidentNumber(_("The first six digits are not a date of birth."))
    return digits


def born_and_sex(number: str) -> tuple[date, str]:
    """Read the date of birth and the sex (``M``, ``F``) from a resident number.

    Raises:
        BadResidentNumber: the digits are not those of a day that exists.
    """
    digits = normalise(number)
    century = _CENTURIES[digits[6]]
    try:
        born = date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError as error:
        raise BadResidentNumber("The first six digits are not a date of birth.") from error
    return born, "M" if int(digits[6]) % 2 else "F"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A resident number as tables keep it: index, ciphertext and mask, with what it says."""

    index: str
    cipher: bytes
    mask: str
    born: date
    sex: str


def seal(number: str) -> Sealed:
    """Seal a resident number for the vault columns.

    Raises:
        BadResidentNumber: it is not one.
    """
    born, sex = born_and_sex(number)
    subject = index(number)
    return Sealed(subject, encrypt(number, subject=subject), mask(number), born, sex)


def index(number: str) -> str:
    """Return the keyed HMAC-SHA-256 of a resident number, for look-up and uniqueness."""
    key = base64.b64decode(settings.RRN_INDEX_KEY)
    return hmac.new(key, normalise(number).encode(), hashlib.sha256).hexdigest()


def pseudonym(source: str, key: str) -> str:
    """Return an index for a person who came without a resident number from another system.

    Args:
        source: the other system.
        key: its key of the person.
    """
    secret = base64.b64decode(settings.RRN_INDEX_KEY)
    return hmac.new(secret, f"pseudonym:{source}:{key}".encode(), hashlib.sha256).hexdigest()


def mask(number: str) -> str:
    """Return the number as it may be shown: ``900101-1******``."""
    digits = normalise(number)
    return f"{digits[:6]}-{digits[6]}******"


def encrypt(number: str, *, subject: str) -> bytes:
    """Encrypt a resident number; ``subject`` (the person's index) is bound to the ciphertext."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher().encrypt(nonce, normalise(number).encode(), subject.encode())


def unmask(ciphertext: bytes, *, subject: str, shown_as: str, purpose: str) -> str:
    """Decrypt a resident number for a stated purpose and log who saw it.

    Args:
        ciphertext: what ``encrypt`` returned.
        subject: the index that it was bound to.
        shown_as: the person's business key for the access log.
        purpose: why, in words.

    Raises:
        PurposeMissing: the purpose is empty.
    """
    if not purpose.strip():
        raise PurposeMissing(_("State the purpose: every unmasking is logged with it."))
    blob = bytes(ciphertext)
    plain = _cipher().decrypt(blob[:_NONCE], blob[_NONCE:], subject.encode()).decode()
    AccessRow.objects.create(
        actor=current().actor,
        action=AccessRow.Action.UNMASK,
        subject=shown_as,
        what="resident number",
        purpose=purpose.strip()[:200],
    )
    return f"{plain[:6]}-{plain[6:]}"


def log_view(subject: str, what: str) -> None:
    """Record that the acting person saw someone's personal data."""
    AccessRow.objects.create(
        actor=current().actor, action=AccessRow.Action.VIEW, subject=subject, what=what
    )


def log_export(subject: str, what: str, purpose: str) -> None:
    """Record that the acting person took personal data out.

    Raises:
        PurposeMissing: the purpose is empty.
    """
    if not purpose.strip():
        raise PurposeMissing(_("State the purpose: every download is logged with it."))
    AccessRow.objects.create(
        actor=current().actor,
        action=AccessRow.Action.EXPORT,
        subject=subject,
        what=what,
        purpose=purpose.strip()[:200],
    )


def _cipher() -> AESGCM:
    return AESGCM(base64.b64decode(settings.RRN_ENCRYPTION_KEY))
