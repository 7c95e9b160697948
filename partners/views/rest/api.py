"""The API: its operations, each one service call; money is whole won, times are ISO 8601."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Body, Header, NinjaAPI, Path, Query, Status
from ninja.errors import HttpError, ValidationError
from ninja.security import APIKeyHeader

from core.clock import ClockUnset, business_date
from core.errors import DomainError, NotFound
from partners import access
from partners.rules.problems import Problem
from partners.rules.proposals import ExternalId, ProductCode, Proposal, QuoteRequest, refusals_of
from partners.selectors.usage import minutes_to_first
from partners.services import answers, business, webhooks
from partners.services.door import Caller

from . import shapes
from .guard import caller_of, problem_response, visit_of

log = logging.getLogger(__name__)
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[A-Za-z0-9._\-]+$",
        description="Yours; the same key with the same content gets the same answer",
    ),
]


class Signed(APIKeyHeader):
    """``X-Mulgil-Key`` names the key; four more headers sign the request.

    ``X-Mulgil-Timestamp``: seconds since 1970, at most 300 away. ``X-Mulgil-Nonce``: 16 to 64
    characters, never used before. ``X-Mulgil-Content-SHA256``: of the body, hexadecimal.
    ``X-Mulgil-Signature``: ``v1=`` and HMAC-SHA-256, hexadecimal, with the key's secret over
    method, path with query, timestamp, nonce and body hash, joined by newlines.
    """

    param_name = "X-Mulgil-Key"
    openapi_description = " ".join((__doc__ or "").split())

    def __init__(self, scope: str = "") -> None:
        self.scope = scope
        super().__init__()

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        """Demand the scope of who was let in at the door."""
        caller = caller_of(request)
        if self.scope:
            caller.demand(self.scope)
        return caller


class PartnerAPI(NinjaAPI):
    """The API with a schema that names the media types as they are sent."""

    def get_openapi_schema(self, **given: Any) -> Any:
        """Return the schema: refusals are problems, results are lines."""
        schema = super().get_openapi_schema(**given)
        for path, methods in schema["paths"].items():
            for one in methods.values():
                for status, answer in one["responses"].items():
                    content = answer.get("content", {})
                    shape = content.pop("application/json", None)
                    if shape is not None:
                        content[_media_type(path, int(status))] = shape
        return schema


def _media_type(path: str, status: int) -> str:
    if status >= 400:
        return "application/problem+json"
    return "application/x-ndjson" if path.endswith("/results") else "application/json"


api = PartnerAPI(
    title="Mulgil partner API",
    version="1.0",
    description=(
        "Quote, bind, cancel and claim on the ordinary services of the house. Requests are signed"
        " (see the security scheme); whatever changes something carries an Idempotency-Key;"
        " amounts are whole won as JSON integers; refusals are problem details (RFC 9457) in"
        " Korean or English by Accept-Language."
    ),
    docs_url=None,
    urls_namespace="partner-api",
)
_REFUSALS = {
    frozenset(
        {400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 500, 503}
    ): shapes.ProblemDetails,
}


def operation(
    method: str, path: str, answer: Any, *, scope: str, status: int = 200, **more: Any
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an operation with its answer, its refusals and the scope that it needs."""
    response: dict[Any, Any] = {status: answer, **_REFUSALS}
    return api.api_operation(
        [method], path, response=response, auth=Signed(scope), by_alias=True, **more
    )


def asked(request: HttpRequest, name: str) -> tuple[Caller, date]:
    """Note which operation a call is, and return who asks and the business date."""
    visit_of(request).operation = name
    return caller_of(request), business_date()


def answered_once(
    request: HttpRequest, name: str, key: str, act: business.Asked
) -> HttpResponse | Status[dict[str, Any]]:
    """Do an act once for its idempotency key and answer it, a refusal as a problem."""
    visit = visit_of(request)
    caller = caller_of(request)
    assert visit.signed is not None, "who was let in has signed"
    answer = answers.once(
        caller,
        key=answers.wanted_key(key),
        operation=f"{request.method} {request.path}",
        content_sha256=visit.signed.body_sha256,
        act=act,
    )
    return shown(request, answer)


def shown(request: HttpRequest, answer: answers.Answer) -> HttpResponse | Status[dict[str, Any]]:
    """Return a kept answer; ``Idempotency-Replayed`` says that it is one of before."""
    if answer.again:
        visit_of(request).headers["Idempotency-Replayed"] = "true"
    if answers.PROBLEM in answer.body:
        found = answer.body[answers.PROBLEM]
        problem = Problem(found["code"], found["detail"], errors=found["errors"])
        return problem_response(request, problem)
    return Status(answer.status, answer.body)


@operation("GET", "/account", shapes.Account, scope="", tags=["Account"])
def account(request: HttpRequest) -> dict[str, Any]:
    """Who you are here, and what your key may do."""
    caller, today = asked(request, "GET /account")
    partner, key = caller.partner, caller.key
    return {
        "partner": partner.code,
        "name": partner.name,
        "mode": key.mode,
        "key_id": key.key_id,
        "scopes": key.scopes,
        "requests_per_minute": partner.requests_per_minute,
        "lines_per_day": partner.lines_per_day,
        "business_date": today,
        "minutes_to_first_contract": minutes_to_first(partner),
    }


@operation("GET", "/products", shapes.Products, scope="catalogue", tags=["Catalogue"])
def products(request: HttpRequest) -> dict[str, Any]:
    """The products that you may sell today."""
    caller, today = asked(request, "GET /products")
    return {"products": access.catalogue(caller.partner, today)}


@operation("GET", "/products/{product_code}", shapes.Product, scope="catalogue", tags=["Catalogue"])
def product(request: HttpRequest, product_code: Annotated[ProductCode, Path()]) -> dict[str, Any]:
    """One product with all that a form must ask."""
    caller, today = asked(request, "GET /products/{product_code}")
    if refusal := access.unsellable(caller.partner, product_code, today):
        raise Problem("not_found", refusal.detail)
    return access.catalogue(caller.partner, today, product_code)[0]


@operation("POST", "/quotes", shapes.Quote, scope="catalogue", tags=["Contracts"])
def quote(request: HttpRequest, wanted: Annotated[QuoteRequest, Body()]) -> dict[str, Any]:
    """The premium of one risk; nothing is bound."""
    caller, today = asked(request, "POST /quotes")
    return business.quote(caller.partner, wanted, business_date=today)


@operation(
    "POST", "/contracts", shapes.BoundContract, scope="contracts", status=201, tags=["Contracts"]
)
def bind(
    request: HttpRequest, proposal: Annotated[Proposal, Body()], idempotency_key: IdempotencyKey
) -> Any:
    """Bind one contract; cover begins today with the first premium, which you collect."""
    caller, today = asked(request, "POST /contracts")
    act = business.bind(caller.partner, proposal, business_date=today)
    return answered_once(request, "bind", idempotency_key, act)


@operation("GET", "/contracts", shapes.Contract, scope="contracts", tags=["Contracts"])
def contract_by_external_id(
    request: HttpRequest, external_id: Annotated[ExternalId, Query()]
) -> dict[str, Any]:
    """The contract under your own id."""
    caller, _today = asked(request, "GET /contracts")
    return business.contract_of(caller.partner, external_id)


@operation(
    "GET", "/contracts/{contract_id}", shapes.Contract, scope="contracts", tags=["Contracts"]
)
def contract(
    request: HttpRequest, contract_id: Annotated[shapes.ContractId, Path()]
) -> dict[str, Any]:
    """A contract in its present state."""
    caller, _today = asked(request, "GET /contracts/{contract_id}")
    return business.contract_shown(caller.partner, contract_id)


@operation(
    "POST",
    "/contracts/{contract_id}/cancellations",
    shapes.Cancellation,
    scope="contracts",
    tags=["Contracts"],
)
def cancel(
    request: HttpRequest,
    contract_id: Annotated[shapes.ContractId, Path()],
    wanted: Annotated[shapes.CancellationRequest, Body()],
    idempotency_key: IdempotencyKey,
) -> Any:
    """End a contract on the policyholder's wish."""
    caller, today = asked(request, "POST /contracts/{contract_id}/cancellations")
    act = business.cancel(
        caller.partner,
        contract_id,
        kind=wanted.kind,
        reason=wanted.reason,
        declared_on=wanted.declared_on or today,
        business_date=today,
    )
    return answered_once(request, "cancel", idempotency_key, act)


@operation("POST", "/claims", shapes.Claim, scope="claims", status=201, tags=["Claims"])
def report_claim(
    request: HttpRequest,
    wanted: Annotated[shapes.ClaimRequest, Body()],
    idempotency_key: IdempotencyKey,
) -> Any:
    """Report a claim; fraud detection scores it at once."""
    caller, today = asked(request, "POST /claims")
    act = business.report_claim(caller.partner, wanted.model_dump(), business_date=today)
    return answered_once(request, "claim", idempotency_key, act)


@operation("GET", "/claims/{claim_id}", shapes.Claim, scope="claims", tags=["Claims"])
def claim(request: HttpRequest, claim_id: Annotated[shapes.ClaimId, Path()]) -> dict[str, Any]:
    """A claim in its present state, and what was paid."""
    caller, _today = asked(request, "GET /claims/{claim_id}")
    return business.claim_shown(caller.partner, claim_id)


@operation(
    "POST",
    "/claims/{claim_id}/documents",
    shapes.Document,
    scope="claims",
    status=201,
    tags=["Claims"],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
def add_document(
    request: HttpRequest,
    claim_id: Annotated[shapes.ClaimId, Path()],
    idempotency_key: IdempotencyKey,
    name: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f/\\]+$")],
) -> Any:
    """Send a document of a claim as the body: PDF, JPEG, PNG, HEIC, WebP or TIFF, to 10 MB."""
    caller, _today = asked(request, "POST /claims/{claim_id}/documents")
    act = business.add_document(caller.partner, claim_id, name=name, content=request.body)
    return answered_once(request, "document", idempotency_key, act)


@operation("PUT", "/webhook", shapes.Webhook, scope="webhooks", tags=["Webhooks"])
def set_webhook(
    request: HttpRequest, wanted: Annotated[shapes.WebhookRequest, Body()]
) -> dict[str, Any]:
    """Say where you want to be told; the answer shows the secret once."""
    caller, _today = asked(request, "PUT /webhook")
    made = webhooks.set_up(partner=caller.partner.code, url=wanted.url, events=list(wanted.events))
    return {"url": made.url, "secret": made.secret, "events": list(made.events)}


@operation("POST", "/webhook/secret", shapes.Webhook, scope="webhooks", tags=["Webhooks"])
def rotate_webhook_secret(request: HttpRequest) -> dict[str, Any]:
    """Change the secret; for a day deliveries carry both signatures."""
    caller, _today = asked(request, "POST /webhook/secret")
    made = webhooks.rotate_secret(partner=caller.partner.code)
    return {"url": made.url, "secret": made.secret, "events": list(made.events)}


@operation("POST", "/webhook/ping", shapes.Told, scope="webhooks", status=202, tags=["Webhooks"])
def ping_webhook(request: HttpRequest) -> Status[dict[str, Any]]:
    """Have a ping sent to your webhook."""
    caller, _today = asked(request, "POST /webhook/ping")
    webhooks.ping(caller.partner)
    return Status(202, {"sent": True})


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A refusal of the API itself."""
    return problem_response(request, problem)


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Fields that are missing or wrong, each by name."""
    errors = refusals_of([{**one, "loc": one["loc"][_skipped(one) :]} for one in error.errors])
    if any(one["field"] == "Idempotency-Key" for one in errors):
        given = request.headers.get("Idempotency-Key", "")
        code = "idempotency_key_invalid" if given else "idempotency_key_missing"
        return problem_response(request, Problem(code, errors=errors))
    detail = " ".join(one["detail"] for one in errors)
    return problem_response(request, Problem("invalid", detail, errors=errors))


def _skipped(error: dict[str, Any]) -> int:
    """Return how many parts of a location name where it stood (body and argument)."""
    location = error["loc"]
    return 2 if location and location[0] == "body" and len(location) > 1 else 1


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the framework refuses: a body that is no JSON."""
    return problem_response(request, Problem("malformed", str(error)))


@api.exception_handler(Http404)
def on_not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """There is no such address."""
    return problem_response(request, Problem("not_found"))


@api.exception_handler(ClockUnset)
def on_no_clock(request: HttpRequest, error: ClockUnset) -> HttpResponse:
    """The house has not been opened."""
    return problem_response(request, Problem("clock_unset", str(error)))


@api.exception_handler(NotFound)
def on_absent(request: HttpRequest, error: NotFound) -> HttpResponse:
    """A stage does not know it."""
    return problem_response(request, Problem("not_found", str(error)))


@api.exception_handler(DomainError)
def on_refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A stage refuses; its words are the answer."""
    return problem_response(request, Problem("refused", str(error)))


@api.exception_handler(Exception)
def on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    """A bug: it is logged, nothing was written, and the number of the request finds it."""
    number = visit_of(request).request_id
    log.error("request %s of the partner API failed", number, exc_info=error)
    text = _("Tell us the number of the request: %s.") % number
    return problem_response(request, Problem("fault", text))


from . import bulk  # noqa: E402, F401 - its operations belong to this API
