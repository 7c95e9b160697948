"""A partner for tests, and a client that signs what it sends."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import Client

from partners.models import SCOPES, Partner
from partners.services import accounts
from tests.factories.contracts import DAY, world

ROOT = Path(__file__).resolve().parents[2]


def _sample() -> Any:
    """Load the client that partners download, as a partner would."""
    path = ROOT / "partners/data/mulgil_partner.py"
    spec = importlib.util.spec_from_file_location("mulgil_partner", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mulgil_partner"] = module
    spec.loader.exec_module(module)
    return module


sample = _sample()
RISK = {
    "product_code": "DRIVER01",
    "sum_assured": 50_000_000,
    "term_months": 12,
    "pay_months": 12,
    "answers": {
        "vehicle_use": "PRIVATE",
        "drunk_driving_5y": False,
        "accidents_3y": 0,
    },
}
BIRTH = {"birth_date": "1985-03-15", "sex": "M"}


def house() -> None:
    """Open the books and put products on sale."""
    world(DAY)
    call_command("load_accounting", verbosity=0)


def partner(code: str = "ACME", **given: Any) -> Partner:
    """Connect a partner."""
    return accounts.connect(code=code, name=f"{code} 쇼핑", on=DAY, **given)


def key(code: str = "ACME", *scopes: str) -> accounts.MadeKey:
    """Make a key, for all scopes where none is named."""
    return accounts.make_key(partner=code, scopes=scopes or tuple(SCOPES))


def proposal(external_id: str = "E-1", **changes: Any) -> dict[str, Any]:
    """Return a proposal that is taken."""
    return {
        **RISK,
        "external_id": external_id,
        "applicant": {"name": "홍길동", "person_key": external_id, **BIRTH},
        "explained": True,
        **changes,
    }


class Caller:
    """The test client with a key."""

    def __init__(self, made: accounts.MadeKey, language: str = "en") -> None:
        self.made, self.language = made, language
        self.client = Client()

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        idem: str = "",
        content_type: str = "application/json",
        **changes: str,
    ) -> Any:
        """Send bytes; ``changes`` replace headers."""
        where = f"/api/v1{path}"
        headers = {
            **sample.signed_headers(self.made.key_id, self.made.secret, method, where, body),
            "Accept-Language": self.language,
            **({"Idempotency-Key": idem} if idem else {}),
        }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        return self.client.generic(method, where, body, content_type=content_type, headers=headers)

    def call(self, method: str, path: str, given: Any = None, **more: Any) -> Any:
        """Send JSON."""
        body = b"" if given is None else json.dumps(given).encode()
        return self.send(method, path, body, **more)
