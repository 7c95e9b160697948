"""What the verbs share: the acting person, reasons."""

from __future__ import annotations

from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError, NotAllowed
from core.models import User


class ReasonMissing(DomainError):
    """A decision needs its reason."""


def person() -> str:
    """Return the acting person's user name.

    Raises:
        NotAllowed: a programme acts; this is for people.

    Source: 보험사기방지 특별법 §5②; 개인정보보호법 §37의2.
    """
    name = current().actor
    if not User.objects.filter(username=name, is_active=True).exists():
        raise NotAllowed(_("Only a person may do this."))
    return name


def reason_given(reason: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        ReasonMissing: there is none.
    """
    if not reason.strip():
        raise ReasonMissing(_("Give your own reason: it is kept with the case."))
    return reason.strip()
