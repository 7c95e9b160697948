"""Let a partner of the demonstration use the API once, through the whole door."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.acting import acting
from core.clock import business_date
from partners.models import SCOPES, Partner
from partners.services import accounts, bulks
from partners.views.inside import ask, sample

CODE = "MARKET"
LINES = 300


class Command(BaseCommand):
    """Connect a shop, quote, bind, be refused, bind in bulk; nothing where it is there already."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it once.

        Raises:
            CommandError: this is no demonstration.
        """
        if not settings.DEMO:
            raise CommandError("Demo partners exist in demo mode only: set MULGIL_DEMO=1.")
        if Partner.objects.filter(pk=CODE).exists():
            return
        with acting("partner", cause="demonstration"):
            accounts.connect(
                code=CODE, name="물길마켓", on=business_date(), licence_number="GA-2026-0001"
            )
            key = accounts.make_key(partner=CODE, scopes=list(SCOPES), label="주문 서버")
        shop = _Shop(key.key_id, key.secret)
        shop.sell()
        with acting("partner", cause="demonstration"):
            while bulks.work_one(business_date=business_date()) is not None:
                pass
        self.stdout.write(f"{CODE} sold {shop.sold} contracts through the API.")


class _Shop:
    """A partner's server."""

    def __init__(self, key: str, secret: str) -> None:
        self.key, self.secret, self.sold = key, secret, 0

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        """Send a signed request; return the answer's JSON."""
        where = f"/api/v1{path}"
        sent = {
            **sample().signed_headers(self.key, self.secret, method, where, body),
            "Content-Type": headers.pop("kind", "application/json"),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        host = next((h for h in settings.ALLOWED_HOSTS if h not in {"*", "[::1]"}), "localhost")
        _status, answer = ask(method, where, body, sent, host=host, secure=False)
        return json.loads(answer)

    def sell(self) -> None:
        """Sell one by one, once with a mistake, and then in bulk."""
        product = self.call("GET", "/products/DRIVER01")
        for number in range(5):
            one = sample().sample_proposal(product, f"order-{number}")
            made = self.call(
                "POST", "/contracts", json.dumps(one).encode(), Idempotency_Key=f"order-{number:04}"
            )
            self.sold += "contract_id" in made
        wrong = sample().sample_proposal(product, "order-9") | {"sum_assured": "50,000,000"}
        self.call("POST", "/contracts", json.dumps(wrong).encode(), Idempotency_Key="order-0009")
        rows = [sample().sample_proposal(product, f"day-{n}") for n in range(LINES)]
        for row in rows[50::100]:
            row["sum_assured"] = f"{row['sum_assured']:,}"
        lines = b"\n".join(json.dumps(row).encode() for row in rows)
        self.call(
            "POST", "/bulk-binds", lines, kind="application/x-ndjson", Idempotency_Key="day-00001"
        )
        self.sold += LINES - len(rows[50::100])
