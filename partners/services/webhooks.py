"""What partners are told: written where it becomes true, sent signed until it is taken."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import numpy as np
import orjson
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims import api as claims
from core.columns import Keys
from core.errors import DomainError, NotFound
from core.remember import forget, remember
from partners.models import Delivery, DeliveryAttempt, Partner, Webhook
from partners.rules import addresses
from partners.rules.signing import webhook_signature

from .secrets import webhook_secret

KINDS = (
    "contract.bound",
    "contract.ended",
    "bulk.finished",
    "claim.received",
    "claim.paid",
    "claim.declined",
    "ping",
)
MOST_ATTEMPTS = 12
_PATIENCE = 5.0
_PATIENCE_IN_ALL = 15.0
_LEASE = timedelta(seconds=60)
_AT_ONCE = 50
_ANSWER_BYTES = 2_048
_FAULTS = {
    "not_an_address": gettext_lazy("This is not an https address."),
    "has_credentials": gettext_lazy("An address carries no login and no fragment."),
    "not_https": gettext_lazy("Webhooks go to https addresses only."),
    "port_not_allowed": gettext_lazy("Webhooks go to the ports 443 and 8443 only."),
    "not_public": gettext_lazy("The address lies in a private network."),
}


class BadAddress(DomainError):
    """Webhooks do not go to this address."""


class NotSent(Exception):
    """The partner's server did not take a delivery."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """A webhook at the one moment in which its secret is shown."""

    url: str
    secret: str
    events: tuple[str, ...]


@transaction.atomic
def set_up(*, partner: str, url: str, events: list[str]) -> SetUp:
    """Set where a partner is told; the secret is shown this once, the one of before stops.

    Args:
        partner: code.
        url: https address.
        events: kinds; none: all.

    Raises:
        BadAddress.
    """
    fault = addresses.fault_of(url, private=settings.PARTNER_WEBHOOKS_PRIVATE)
    if fault:
        raise BadAddress(str(_FAULTS[fault]))
    salt = secrets.token_bytes(16)
    row, _made = Webhook.objects.update_or_create(
        partner_id=partner,
        defaults={
            "url": url,
            "events": sorted(set(events)),
            "active": True,
            "salt": salt,
            "earlier_salt": None,
            "earlier_until": None,
        },
    )
    forget()
    return SetUp(url, webhook_secret(row, salt), tuple(row.events))


@transaction.atomic
def rotate_secret(*, partner: str, overlap_hours: int = 24) -> SetUp:
    """Change the secret; until the overlap ends each delivery carries both signatures.

    Raises:
        NotFound: the partner has no webhook.
    """
    row = Webhook.objects.select_for_update().filter(partner_id=partner).first()
    if row is None:
        raise NotFound(_("No webhook is set up."))
    salt = secrets.token_bytes(16)
    row.earlier_salt, row.salt = row.salt, salt
    row.earlier_until = timezone.now() + timedelta(hours=min(max(overlap_hours, 0), 720))
    row.save(update_fields=["earlier_salt", "earlier_until", "salt"])
    return SetUp(row.url, webhook_secret(row, salt), tuple(row.events))


@remember(seconds=5)
def _listeners() -> dict[str, tuple[str, ...]]:
    rows = Webhook.objects.filter(active=True).values_list("partner_id", "events")
    return {code: tuple(events) for code, events in rows}


def tell(partner: str, kind: str, subject: str, data: dict[str, Any]) -> None:
    """Write a delivery in the caller's transaction, where the partner wants to be told."""
    wanted = _listeners().get(partner)
    if wanted is None or (wanted and kind not in wanted and kind != "ping"):
        return
    event_id = uuid4()
    body = {
        "id": str(event_id),
        "type": kind,
        "created": timezone.now().isoformat(timespec="seconds"),
        "mode": settings.PARTNER_MODE,
        "data": data,
    }
    Delivery.objects.create(
        event_id=event_id,
        partner_id=partner,
        kind=kind,
        subject=subject[:60],
        body=orjson.dumps(body).decode(),
    )


@remember(seconds=5)
def _agents() -> dict[str, str]:
    """The sellers whose partners want to be told, with the codes of these."""
    listening = Partner.objects.filter(code__in=list(_listeners()))
    return dict(listening.values_list("agent_id", "code"))


def tell_of_contracts(
    kind: str, agent_id: Keys, contract_id: Keys, data: Sequence[dict[str, Any]]
) -> None:
    """Tell partners of a batch that has their contracts in it; costs nothing where none listens."""
    agents = _agents()
    if not agents:
        return
    for row in np.flatnonzero(np.isin(agent_id, list(agents))).tolist():
        number = str(contract_id[row])
        tell(agents[agent_id[row]], kind, number, {"contract_id": number, **data[row]})


def tell_of_claims(kind: str, reception_id: Keys, data: Sequence[dict[str, Any]]) -> None:
    """Tell partners of claims on their contracts."""
    agents = _agents()
    if not agents:
        return
    facts = claims.facts(reception_id.tolist())
    for number, more in zip(reception_id.tolist(), data, strict=True):
        fact = facts.get(number)
        if fact is not None and fact.agent_id in agents:
            told = {"claim_id": number, "contract_id": fact.contract_id, **more}
            tell(agents[fact.agent_id], kind, number, told)


def send_due(limit: int = _AT_ONCE) -> int:
    """Send what is due, each outside of any transaction; return how many were taken.

    A delivery that is being sent is out of reach of other senders for a minute; if its sender
    dies it is sent again: at least once, and its id says that it is the same.
    """
    taken = 0
    for delivery in _claimed(limit):
        taken += send(delivery)
    return taken


@transaction.atomic
def _claimed(limit: int) -> list[Delivery]:
    now = timezone.now()
    rows = list(
        Delivery.objects.select_for_update(skip_locked=True)
        .filter(state=Delivery.State.WAITING, due_at__lte=now)
        .order_by("due_at")[:limit]
    )
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(due_at=now + _LEASE)
    return rows


def send(delivery: Delivery) -> bool:
    """Try one delivery; every attempt is kept."""
    webhook = Webhook.objects.filter(partner_id=delivery.partner_id, active=True).first()
    begun = time.monotonic()
    status, error = None, ""
    try:
        if webhook is None:
            raise NotSent(_("The webhook was taken down."))
        status = post(webhook, delivery)
        if not 200 <= status < 300:
            error = f"HTTP {status}"
    except (NotSent, OSError, http.client.HTTPException, ssl.SSLError) as fault:
        error = f"{type(fault).__name__}: {fault}"[:200]
    spent = int((time.monotonic() - begun) * 1000)
    return _note(delivery, status, error, spent)


@transaction.atomic
def _note(delivery: Delivery, status: int | None, error: str, spent: int) -> bool:
    DeliveryAttempt.objects.create(
        delivery=delivery, status=status, error=error, milliseconds=spent
    )
    attempts = delivery.attempts + 1
    changes: dict[str, Any] = {"attempts": attempts, "last_status": status, "last_error": error}
    now = timezone.now()
    if not error:
        changes |= {"state": Delivery.State.DELIVERED, "delivered_at": now}
    elif attempts >= MOST_ATTEMPTS:
        changes |= {"state": Delivery.State.PARKED}
    else:
        changes |= {"due_at": now + timedelta(seconds=pause(attempts))}
    Delivery.objects.filter(pk=delivery.pk).update(**changes)
    return not error


def pause(attempts: int) -> int:
    """Return the seconds before the next attempt: 10, 20, 40 … up to six hours."""
    return int(min(10 * 2 ** (attempts - 1), 6 * 3_600))


def send_again(delivery_id: int) -> None:
    """Put a delivery back in line, its attempts counted afresh."""
    Delivery.objects.filter(pk=delivery_id).update(
        state=Delivery.State.WAITING, attempts=0, due_at=timezone.now(), delivered_at=None
    )


def ping(partner: Partner) -> None:
    """Tell a partner that it is being told."""
    tell(partner.code, "ping", partner.code, {"partner": partner.code})


def post(webhook: Webhook, delivery: Delivery) -> int:
    """Post a delivery to the address that its name means now; redirects are not followed.

    The connection goes to the very address that was checked, so that a name cannot mean another
    one a moment later.

    Raises:
        NotSent: the address is none that may be used.
    """
    private = settings.PARTNER_WEBHOOKS_PRIVATE
    if fault := addresses.fault_of(webhook.url, private=private):
        raise NotSent(fault)
    parts = urlsplit(webhook.url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connection = _Pinned(host, port, resolved(host, port, private=private), secure=secure)
    timestamp = int(time.time())
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    watch = threading.Timer(_PATIENCE_IN_ALL, connection.abort)
    watch.start()
    try:
        connection.request(
            "POST",
            path,
            body=delivery.body.encode(),
            headers={
                "Content-Type": "application/json",
                "User-Agent": "Mulgil-Webhooks/1",
                "X-Mulgil-Event": delivery.kind,
                "X-Mulgil-Delivery": str(delivery.event_id),
                "X-Mulgil-Signature": webhook_signature(
                    secrets_of(webhook), timestamp=timestamp, body=delivery.body
                ),
            },
        )
        answer = connection.getresponse()
        answer.read(_ANSWER_BYTES)
        return answer.status
    finally:
        watch.cancel()
        connection.close()


def secrets_of(webhook: Webhook) -> list[str]:
    """Return the secrets that sign now: the present one, and the earlier one in its overlap."""
    found = [webhook_secret(webhook, bytes(webhook.salt))]
    if (
        webhook.earlier_salt is not None
        and webhook.earlier_until
        and webhook.earlier_until > timezone.now()
    ):
        found.append(webhook_secret(webhook, bytes(webhook.earlier_salt)))
    return found


def resolved(host: str, port: int, *, private: bool) -> str:
    """Return an address that the name means, all of them being allowed.

    Raises:
        NotSent: there is none, or one of them lies in a private network.
    """
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"{host}: {error}") from error
    found = [str(row[4][0]).partition("%")[0] for row in rows]
    if not found:
        raise NotSent(f"{host} has no address")
    if not private and any(not addresses.public(one) for one in found):
        raise NotSent(f"{host} means a private address")
    ipaddress.ip_address(found[0])
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """A connection to a given address, under the name that was asked for."""

    def __init__(self, host: str, port: int, address: str, *, secure: bool) -> None:
        super().__init__(host, port, timeout=_PATIENCE)
        self.address, self.secure = address, secure

    def connect(self) -> None:
        """Connect to the address; the certificate must be the name's."""
        self.sock = socket.create_connection((self.address, self.port), timeout=_PATIENCE)
        if self.secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)

    def abort(self) -> None:
        """End a conversation that drags on."""
        if self.sock is not None:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
