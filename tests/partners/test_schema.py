"""The schema is what the API does: fuzzed by schemathesis, and sound as OpenAPI 3.1."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from partners.models import SCOPES
from partners.rules.problems import KINDS
from partners.services import accounts
from partners.views.rest.api import api
from tests.partners import world
from tests.partners.world import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]
SCHEMA = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), default=str))
schema = schemathesis.openapi.from_dict(SCHEMA)
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@schemathesis.serializer("application/x-ndjson", "text/csv")
def _lines(_context: Any, value: Any) -> bytes:
    """Lines are sent as they are generated: text."""
    return str(value).encode("utf-8", "replace")


@pytest.fixture
def key() -> accounts.MadeKey:
    world.house()
    world.partner(requests_per_minute=100_000)
    return world.key("ACME", *SCOPES)


@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_operation_answers_as_the_schema_says(case: Any, key: accounts.MadeKey) -> None:
    where = case.formatted_path
    if query := {name: value for name, value in (case.query or {}).items() if value is not None}:
        where += "?" + urlencode(query, doseq=True)
    body = body_of(case)
    given = {str(name): str(value) for name, value in (case.headers or {}).items()}
    given = {n: v for n, v in given.items() if v.isprintable() and "x-mulgil" not in n.lower()}
    signed = sample.signed_headers(key.key_id, key.secret, case.method.upper(), where, body)
    answer = Client().generic(
        case.method.upper(),
        where,
        body,
        content_type=case.media_type or "application/json",
        headers={**given, **signed},
    )
    case.validate_response(as_response(answer, case), checks=CHECKS)


def body_of(case: Any) -> bytes:
    """Return the bytes that are sent for a generated body."""
    if isinstance(case.body, NotSet):
        return b""
    if isinstance(case.body, bytes):
        return case.body
    if isinstance(case.body, str) and case.media_type != "application/json":
        return case.body.encode("utf-8", "replace")
    return json.dumps(case.body).encode()


def as_response(answer: Any, case: Any) -> Response:
    """Return what the test client got as schemathesis reads it."""
    url = f"http://localhost{case.formatted_path}"
    return Response(
        status_code=answer.status_code,
        headers={name.lower(): [value] for name, value in answer.headers.items()},
        content=b"".join(answer.streaming_content) if answer.streaming else answer.content,
        request=requests.Request(case.method.upper(), url).prepare(),
        elapsed=0.0,
        verify=False,
        encoding="utf-8",
    )


def test_the_schema_is_openapi_3_1_and_complete() -> None:
    assert SCHEMA["openapi"].startswith("3.1")
    operations = [
        (path, method, one)
        for path, methods in SCHEMA["paths"].items()
        for method, one in methods.items()
    ]
    assert len(operations) >= 18
    for path, method, one in operations:
        assert path.startswith("/api/v1/"), path
        assert one["description"], (path, method)
        assert one["security"], (path, method)
        refusals = {int(status) for status in one["responses"] if int(status) >= 400}
        assert {kind.status for kind in KINDS.values()} <= refusals, (path, method)
    said = json.dumps(SCHEMA["components"]["securitySchemes"])
    assert "X-Mulgil-Signature" in said
    assert "X-Mulgil-Content-SHA256" in said


def test_the_schema_is_open_to_everyone(client: Any) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["version"] == "1.0"
