"""What the API takes and gives, as the OpenAPI page shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from partners.rules.proposals import ExternalId, Text, Won

ContractId = Annotated[str, Field(pattern=r"^CON-\d{4}-\d{7,12}$", max_length=30)]
ClaimId = Annotated[str, Field(pattern=r"^CLM-\d{4}-\d{7,12}$", max_length=30)]
BulkId = Annotated[str, Field(pattern=r"^BLK-\d{4}-\d{7,12}$", max_length=30)]
Whole = Annotated[int, Field(description="Whole won")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FieldError(BaseModel):
    """What is wrong with one field."""

    code: str
    field: str = ""
    detail: str


class ProblemDetails(BaseModel):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldError] = []


class Ages(BaseModel):
    """Insurance age at entry, both ends included."""

    min: int
    max: int


class Plan(BaseModel):
    """A term with the payment periods offered; term 0 is whole of life."""

    term_months: int
    pay_months: list[int]


class Sums(BaseModel):
    """Smallest and largest sum assured, and the step between, won."""

    min: int
    max: int
    step: int


class Question(BaseModel):
    """What the applicant must be asked; the answer goes into ``answers`` under ``code``."""

    code: str
    text: dict[str, str]
    kind: str
    default: Any
    choices: list[Any]


class Coverage(BaseModel):
    """What is covered."""

    code: str
    name: dict[str, str]
    peril: str


class Product(BaseModel):
    """A product that you may sell today."""

    product_code: str
    version: int
    name: str
    name_en: str
    ages: Ages
    plans: list[Plan]
    sum_assured: Sums
    premium_frequency: Literal["MONTHLY", "SINGLE"]
    questions: list[Question]
    coverages: list[Coverage]


class Products(BaseModel):
    """The catalogue."""

    products: list[Product]


class Account(BaseModel):
    """Who you are here, and what you may."""

    partner: str
    name: str
    mode: Literal["live", "sandbox"]
    key_id: str
    scopes: list[str]
    requests_per_minute: int
    lines_per_day: int
    business_date: date
    minutes_to_first_contract: Annotated[
        float | None, Field(description="From your first key to your first contract")
    ]


class Quote(BaseModel):
    """A price."""

    product_code: str
    version: int
    premium: Whole
    premium_frequency: Literal["MONTHLY", "SINGLE"]
    insurance_age: int
    valid_on: date
    rating: str


class BoundContract(BaseModel):
    """A contract that was just made."""

    contract_id: str
    external_id: str
    product_code: str
    premium: Whole
    status: str
    contract_date: date


class Contract(BaseModel):
    """A contract in its present state."""

    contract_id: str
    external_id: str | None = None
    product_code: str
    status: str
    policyholder: str
    contract_date: date
    coverage_start: date | None
    coverage_end: date | None
    ended_on: date | None
    sum_assured: Whole
    premium: Whole
    premium_frequency: str
    paid_instalments: int


class CancellationRequest(_Closed):
    """End a contract: withdrawal within the cooling-off period, or surrender."""

    kind: Literal["WITHDRAWAL", "SURRENDER"]
    reason: Annotated[Text, Field(min_length=1)]
    declared_on: Annotated[date | None, Field(description="Day of the declaration; today")] = None


class Cancellation(BaseModel):
    """What was paid back."""

    contract_id: str
    kind: str
    refund: Whole
    ended_on: date


class ClaimRequest(_Closed):
    """Report a claim on one of your contracts."""

    contract_id: ContractId
    external_id: ExternalId
    claim_type: Literal["DEATH", "DIAGNOSIS", "HOSPITAL", "INJURY", "VEHICLE", "OTHER"]
    incident_at: Annotated[datetime, Field(description="Korean time where no zone is given")]
    claimed_amount: Won
    description: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x08]*$")]
    location: Text = ""
    provider_code: Annotated[str, Field(max_length=20, pattern=r"^[A-Z0-9_\-]*$")] = ""
    claimant_name: Annotated[str, Field(max_length=50, pattern=r"^[^\x00-\x1f]*$")] = ""


class Claim(BaseModel):
    """A claim in its present state."""

    claim_id: str
    contract_id: str
    claim_type: str
    status: str
    claimed_amount: Whole
    due_on: date
    paid_amount: Whole
    late_interest: Whole
    paid_on: date | None


class Document(BaseModel):
    """A document that was kept."""

    claim_id: str
    sha256: str
    size: int


class Bulk(BaseModel):
    """A bulk, and how far it is."""

    bulk_id: str
    status: Literal["RECEIVED", "WORKING", "DONE", "FAILED"]
    lines: int
    worked: int
    accepted: int
    refused: int
    premium: Whole
    received_at: datetime
    promised_at: datetime
    finished_at: datetime | None
    results: Annotated[str, Field(description="Address of the answer to each line")]
    reconciliation: str


class BulkLine(BaseModel):
    """The answer to one line."""

    line: int
    external_id: str | None
    status: Literal["accepted", "refused"]
    contract_id: str = ""
    premium: Whole = 0
    code: str = ""
    field: str = ""
    detail: str = ""


class Reconciliation(BaseModel):
    """What came, what became of it, and what the ledger says of it."""

    bulk_id: str
    complete: bool
    received: int
    accepted: int
    refused: int
    refused_by_code: dict[str, int]
    premium: Whole
    ledger_contracts: int
    ledger_cash: Whole
    ledger_debit: Whole
    ledger_credit: Whole
    exact: bool


class WebhookRequest(_Closed):
    """Where you want to be told, and of what; no kinds: of all."""

    url: Annotated[str, Field(min_length=8, max_length=500, pattern=r"^https?://[!-~]+$")]
    events: list[
        Literal[
            "contract.bound",
            "contract.ended",
            "bulk.finished",
            "claim.received",
            "claim.paid",
            "claim.declined",
        ]
    ] = []


class Webhook(BaseModel):
    """The webhook, with the secret that verifies its signatures, shown this once."""

    url: str
    secret: str
    events: list[str]


class Told(BaseModel):
    """That a ping is on its way."""

    sent: bool
