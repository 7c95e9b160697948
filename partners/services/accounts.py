"""Partners and their keys: connect, make, rotate, revoke, suspend."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError, NotFound
from core.status import transition
from partners.models import SCOPES, Installation, Partner, PartnerKey
from sales import api as sales

from .secrets import hash_of, new_secret

SANDBOX = "sandbox"
MOST_OVERLAP = timedelta(days=30)


class CodeTaken(DomainError):
    """The code belongs to another partner, or is not plain."""


class ScopeUnknown(DomainError):
    """A key is made for scopes that exist, at least one."""


class KeyOver(DomainError):
    """The key has ended already."""


class OtherInstallation(DomainError):
    """This database keeps the books of the other installation."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key at the one moment in which its secret is shown."""

    key_id: str
    secret: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@transaction.atomic
def connect(
    *,
    code: str,
    name: str,
    on: date,
    contact_email: str = "",
    licence_number: str = "",
    products: Sequence[str] = (),
    requests_per_minute: int = 600,
    lines_per_day: int = 2_000_000,
) -> Partner:
    """Connect a partner: its agency is appointed, through which all its contracts are sold.

    Args:
        code: capital letters and digits, 3 to 20; it prefixes the partner's own ids.
        name: of the company.
        on: first day on which it may sell.
        contact_email: whom to tell about incidents.
        licence_number: of its registration as an agency (보험업법 §87).
        products: codes that it may sell; none: all.
        requests_per_minute: quota of the API.
        lines_per_day: quota of bulk lines.

    Raises:
        CodeTaken.
    """
    code = code.strip().upper()
    if not (3 <= len(code) <= 20 and code.isascii() and code.isalnum()):
        raise CodeTaken(_("A code has 3 to 20 letters and digits."))
    if Partner.objects.filter(pk=code).exists():
        raise CodeTaken(_("The code %s is taken.") % code)
    agent_id = sales.open_agency(
        name=name,
        branch_code="PARTNER",
        branch_name=_("Partners"),
        licence_number=licence_number or f"PARTNER-{code}",
        on=on,
    )
    return Partner.objects.create(
        code=code,
        name=name.strip(),
        contact_email=contact_email,
        agent_id=agent_id,
        products=sorted(set(products)),
        requests_per_minute=requests_per_minute,
        lines_per_day=lines_per_day,
    )


@transaction.atomic
def make_key(
    *,
    partner: str,
    scopes: Iterable[str],
    label: str = "",
    days: int | None = None,
) -> MadeKey:
    """Make a key of this installation's mode; its secret is shown this once and never stored.

    Args:
        partner: code of an active partner.
        scopes: keys of ``SCOPES``.
        label: what the partner uses it for.
        days: until it expires; None: never.

    Raises:
        NotFound, ScopeUnknown, OtherInstallation.
    """
    row = Partner.objects.select_for_update().filter(pk=partner).first()
    if row is None:
        raise NotFound(_("There is no partner %s.") % partner)
    wanted = tuple(sorted(set(scopes)))
    if not wanted or set(wanted) - set(SCOPES):
        raise ScopeUnknown(_("Choose at least one of: %s.") % ", ".join(SCOPES))
    mode = _claimed_mode()
    prefix = "sbx" if mode == SANDBOX else "live"
    key_id = f"{prefix}_{secrets.token_hex(10)}"
    salt = secrets.token_bytes(16)
    secret = new_secret(key_id, salt)
    expires = timezone.now() + timedelta(days=days) if days else None
    PartnerKey.objects.create(
        key_id=key_id,
        partner=row,
        mode=mode,
        label=label.strip()[:80],
        salt=salt,
        secret_hash=hash_of(secret),
        scopes=list(wanted),
        made_by=current().actor,
        expires_at=expires,
    )
    return MadeKey(key_id, secret, wanted, expires)


def _claimed_mode() -> str:
    """Return the mode of this installation, claiming the database for it the first time."""
    mode = str(settings.PARTNER_MODE)
    found, _made = Installation.objects.get_or_create(id=1, defaults={"mode": mode})
    if found.mode != mode:
        raise OtherInstallation(
            _("This database keeps %(kept)s books; the process was started for %(mode)s.")
            % {"kept": found.mode, "mode": mode}
        )
    return mode


@transaction.atomic
def rotate(*, key_id: str, overlap_hours: int) -> MadeKey:
    """Make a successor with the same scopes; the old key works for the overlap, then no more.

    Args:
        key_id: a key in force.
        overlap_hours: 0 to 720.

    Raises:
        NotFound, KeyOver.
    """
    key = _in_force(key_id)
    overlap = min(timedelta(hours=max(0, overlap_hours)), MOST_OVERLAP)
    until = timezone.now() + overlap
    if key.expires_at is None or key.expires_at > until:
        PartnerKey.objects.filter(pk=key_id).update(expires_at=until)
    days = None
    if key.expires_at is not None:
        days = max(1, (key.expires_at - key.made_at).days)
    return make_key(partner=key.partner_id, scopes=key.scopes, label=key.label, days=days)


@transaction.atomic
def revoke(*, key_id: str) -> None:
    """End a key at once.

    Raises:
        NotFound, KeyOver.
    """
    key = _in_force(key_id)
    PartnerKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())


def key_of_secret(secret: str) -> str:
    """Return the key that a secret belongs to, "" for none: what to revoke when it leaked."""
    found = PartnerKey.objects.filter(secret_hash=hash_of(secret.strip()))
    return found.values_list("key_id", flat=True).first() or ""


@transaction.atomic
def suspend(*, partner: str, reason: str) -> None:
    """Close the door to a partner for now; what waits of its bulks is refused line by line.

    Raises:
        NotFound, core.status.IllegalTransition.
    """
    transition(_locked(partner), Partner.Status.SUSPENDED, reason=reason)


@transaction.atomic
def resume(*, partner: str, reason: str) -> None:
    """Open the door again.

    Raises:
        NotFound, core.status.IllegalTransition.
    """
    transition(_locked(partner), Partner.Status.ACTIVE, reason=reason)


def _locked(partner: str) -> Partner:
    row = Partner.objects.select_for_update().filter(pk=partner).first()
    if row is None:
        raise NotFound(_("There is no partner %s.") % partner)
    return row


def _in_force(key_id: str) -> PartnerKey:
    key = PartnerKey.objects.select_for_update().filter(pk=key_id).first()
    if key is None:
        raise NotFound(_("There is no key %s.") % key_id)
    now = timezone.now()
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        raise KeyOver(_("The key %s has ended already.") % key_id)
    return key
