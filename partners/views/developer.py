"""The developers' pages: open to everyone, in Korean and English; the sandbox can be tried here."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.acting import acting
from core.clock import business_date
from core.errors import DomainError
from partners.forms import SignUpForm, TryForm
from partners.models import SCOPES, Partner, PartnerKey
from partners.rules.problems import KINDS, LINE_CODES
from partners.services import accounts, bulks
from partners.services.door import store
from partners.views.inside import SAMPLE, ask, sample
from partners.views.rest.api import api

_SIGN_UPS_AN_HOUR = 20
_SAMPLES = {
    "POST /quotes": {
        "product_code": "DRIVER01",
        "sum_assured": 50_000_000,
        "term_months": 12,
        "pay_months": 12,
        "birth_date": "1985-03-15",
        "sex": "F",
        "answers": {"vehicle_use": "PRIVATE", "drunk_driving_5y": False, "accidents_3y": 0},
    },
    "POST /contracts": {
        "external_id": "order-1",
        "product_code": "DRIVER01",
        "sum_assured": 50_000_000,
        "term_months": 12,
        "pay_months": 12,
        "answers": {"vehicle_use": "PRIVATE", "drunk_driving_5y": False, "accidents_3y": 0},
        "applicant": {
            "name": "홍길동",
            "birth_date": "1985-03-15",
            "sex": "F",
            "person_key": "member-1",
        },
        "explained": True,
    },
}


def in_sandbox() -> bool:
    """Say whether this installation keeps books to try on."""
    return bool(settings.PARTNER_MODE == "sandbox")


def _page(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shown = {**context, "sandbox_open": in_sandbox()}
    response = render(request, f"partners/{template}", shown, status=status)
    if request.method == "POST":
        response["Cache-Control"] = "no-store"
    return response


@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Explain the API: the way to the first contract, signatures, operations, samples."""
    here = f"{request.scheme}://{request.get_host()}"
    return _page(
        request,
        "developers.html",
        {
            "here": here,
            "sandbox": in_sandbox(),
            "sandbox_url": settings.PARTNER_SANDBOX_URL,
            "operations": operations(),
            "curl": _curl(here),
            "python": _python(here),
            "quote": json.dumps(_SAMPLES["POST /quotes"], ensure_ascii=False, indent=2),
        },
    )


def operations() -> list[dict[str, Any]]:
    """Return the operations of the schema in its order."""
    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    found = []
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": one.get("summary", ""),
                    "description": one.get("description", ""),
                    "tag": (one.get("tags") or [""])[0],
                }
            )
    return found


def _curl(here: str) -> str:
    return f"""KEY=sbx_...; SECRET=...
BODY='{{"product_code":"DRIVER01","sum_assured":50000000,"term_months":12,"pay_months":12,
"birth_date":"1985-03-15","sex":"F",
"answers":{{"vehicle_use":"PRIVATE","drunk_driving_5y":false,"accidents_3y":0}}}}'
TIME=$(date +%s); NONCE=$(openssl rand -hex 16)
HASH=$(printf %s "$BODY" | openssl dgst -sha256 -hex | sed 's/.* //')
SIGN=$(printf 'POST\\n/api/v1/quotes\\n%s\\n%s\\n%s' "$TIME" "$NONCE" "$HASH" |
  openssl dgst -sha256 -hmac "$SECRET" -hex | sed 's/.* //')
curl {here}/api/v1/quotes -d "$BODY" -H 'Content-Type: application/json' \\
  -H "X-Mulgil-Key: $KEY" -H "X-Mulgil-Timestamp: $TIME" -H "X-Mulgil-Nonce: $NONCE" \\
  -H "X-Mulgil-Content-SHA256: $HASH" -H "X-Mulgil-Signature: v1=$SIGN\""""


def _python(here: str) -> str:
    return f"""from mulgil_partner import Partner, sample_proposal

api = Partner("{here}", "sbx_...", "the secret")
status, catalogue = api.call("GET", "/products")
proposal = sample_proposal(catalogue["products"][0], "order-1")
status, contract = api.call("POST", "/contracts", proposal, idempotency_key="order-1-bind")
print(contract["contract_id"], contract["premium"])"""


@require_GET
def problems(request: HttpRequest) -> HttpResponse:
    """List every problem of the API, and every reason of a bulk line."""
    return _page(request, "problems.html", {"kinds": KINDS.items(), "lines": LINE_CODES.items()})


@require_GET
def client(request: HttpRequest) -> HttpResponse:
    """Give the client and conformance check to download."""
    response = HttpResponse(SAMPLE.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="mulgil_partner.py"'
    return response


@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Give a sandbox account and its key at once; live accounts are made by our people."""
    _sandbox_only()
    form = SignUpForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            _not_too_many(request)
            with acting("developers", cause="sign-up"):
                made = _made(form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
    status = 422 if form.errors else 200
    return _page(request, "sign_up.html", {"form": form, "made": made}, status)


def _made(given: dict[str, Any]) -> accounts.MadeKey:
    accounts.connect(
        code=given["code"],
        name=given["name"],
        contact_email=given["contact_email"],
        on=business_date(),
    )
    return accounts.make_key(partner=given["code"].upper(), scopes=list(SCOPES), label="sandbox")


class TooMany(DomainError):
    """Too many accounts were made from one address."""


def _not_too_many(request: HttpRequest) -> None:
    name = f"partner:sign-up:{request.META.get('REMOTE_ADDR', '')}"
    try:
        count = store().incr(name)
        if count == 1:
            store().expire(name, 3_600)
    except redis.RedisError:
        return
    if int(count) > _SIGN_UPS_AN_HOUR:
        raise TooMany(_("Too many accounts from this address; try again in an hour."))


def _sandbox_only() -> None:
    if not in_sandbox():
        raise Http404("the sandbox only")


@require_http_methods(["GET", "POST"])
def try_it(request: HttpRequest) -> HttpResponse:
    """Send a request of the developer's to the sandbox, or run the conformance check on a key."""
    _sandbox_only()
    bodies = {name: json.dumps(one, ensure_ascii=False, indent=2) for name, one in _SAMPLES.items()}
    first = {"operation": "POST /quotes", "body": bodies["POST /quotes"]}
    form = TryForm(request.POST or None, initial=first)
    context: dict[str, Any] = {"form": form, "samples": bodies}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        partner = _Inside.of(request, given["key"].strip(), given["secret"].strip())
        if "check" in request.POST:
            context |= _conformance(partner)
        else:
            context |= _tried(partner, given)
    return _page(request, "try_it.html", context, 422 if form.errors else 200)


@dataclass
class _Inside(sample().Partner):  # type: ignore[misc]
    """The partner's own client, whose requests stay in this process."""

    host: str = ""
    secure: bool = False

    @classmethod
    def of(cls, request: HttpRequest, key: str, secret: str) -> Any:
        """Make one that asks this installation."""
        found = cls("", key, secret, language=get_language() or "ko")
        found.host, found.secure = request.get_host(), request.is_secure()
        return found

    def send(
        self, method: str, path: str, body: bytes = b"", *, content_type: str = "application/json",
        idempotency_key: str = "", headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:  # fmt: skip
        """Send a signed request through the whole door."""
        where = sample().BASE + path
        sent = {
            **sample().signed_headers(self.key, self.secret, method, where, body),
            "Content-Type": content_type,
            "Accept-Language": self.language,
            **({"Idempotency-Key": idempotency_key} if idempotency_key else {}),
            **(headers or {}),
        }
        return ask(method, where, body, sent, host=self.host, secure=self.secure)

    def wait_for(self, bulk_id: str, seconds: float = 60) -> Any:
        """Help to work the queue rather than wait for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _status, bulk = self.call("GET", f"/bulk-binds/{bulk_id}")
            if bulk["status"] in ("DONE", "FAILED"):
                break
            if bulks.work_one(business_date=business_date()) is None:
                time.sleep(0.2)
        return bulk


def _tried(partner: Any, given: dict[str, Any]) -> dict[str, Any]:
    method, _blank, path = given["operation"].partition(" ")
    body = given["body"].replace("\r\n", "\n").encode() if method != "GET" else b""
    begun = time.monotonic()
    idem = f"try-{time.time_ns()}" if method == "POST" else ""
    status, answer = partner.send(method, path, body, idempotency_key=idem)
    try:
        shown = json.dumps(json.loads(answer), ensure_ascii=False, indent=2)
    except ValueError:
        shown = answer.decode("utf-8", "replace")
    return {
        "status": status,
        "answer": shown[:20_000],
        "milliseconds": round((time.monotonic() - begun) * 1000),
    }


def _conformance(partner: Any) -> dict[str, Any]:
    lines: list[str] = []
    checks = sample().Conformance(partner, say=lines.append, product_code="DRIVER01")
    begun = time.monotonic()
    good = checks.all()
    if good:
        code = PartnerKey.objects.values_list("partner_id", flat=True).get(pk=partner.key)
        Partner.objects.filter(pk=code).update(conformed_at=timezone.now())
    return {
        "checks": [(line.startswith("ok"), line[6:]) for line in lines],
        "conforms": good,
        "seconds": round(time.monotonic() - begun, 1),
    }
