"""The live quote of an application that may be half filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core.clock import business_date
from core.money import round_won
from core.permissions import Scope, requires, scope_of
from sales.forms import QuoteForm
from sales.selectors import catalogue, organisation
from sales.services.applications import ApplicationClosed


@sensitive_post_parameters("resident_number", "sealed")
@requires("sales.apply")
@require_POST
def application_quote(request: HttpRequest, product_code: str) -> HttpResponse:
    """Quote the premium of a form that may be half filled in."""
    offer = catalogue.sellable([product_code], business_date())[product_code]
    if isinstance(offer, str):
        raise ApplicationClosed(offer)
    scope = scope_of(request.user, "sales.apply")
    context = {
        "quote": quote_of(request.POST, product_code, offer.version, scope),
        "product_code": product_code,
    }
    return render(request, "sales/_quote.html", context)


@dataclass(frozen=True, slots=True)
class Quote:
    """A premium on offer, or what is missing or against it.

    Args:
        missing: what must be entered first.
        reasons: why the product does not accept it.
        premium: won a month.
        why: key of the premium's explanation.
        age: insurance age.
        commission: what the first premium would earn the agent, won; None if unknown.
        schedule: what the contract would be worth as it grows older; empty for non-life.
    """

    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    premium: int = 0
    why: str = ""
    age: int = 0
    commission: Decimal | None = None
    schedule: Sequence[Any] = ()


def quote_of(data: Mapping[str, Any], product_code: str, version: int, scope: Scope) -> Quote:
    """Quote what a form holds so far.

    Args:
        data: the posted form.
        product_code: the product.
        version: its version on sale.
        scope: of the person; an agent also sees the commission on the first premium.
    """
    form = QuoteForm(data)
    form.is_valid()
    given = {name: form.cleaned_data.get(name, "") for name in form.fields}
    person = form.person() if "resident_number" in form.cleaned_data else None
    job = catalogue.jobs().get(given["job_code"])
    missing = [
        label
        for label, known in (
            (_t("the first seven digits of the resident number"), person),
            (_t("the occupation"), job),
            (_t("the term"), given["plan"]),
            (_t("the sum assured"), given["sum_assured"]),
        )
        if not known
    ]
    if missing or person is None or job is None:
        return Quote(missing=tuple(missing))
    born, sex = person
    term, pay = (int(part) for part in given["plan"].split("/"))
    asked = catalogue.questions(product_code, version)
    age = catalogue.insurance_age(np.asarray([born], "datetime64[D]"), business_date())
    columns = catalogue.rating_columns(
        age=age,
        sex=np.asarray([sex], dtype=object),
        term_months=np.asarray([term]),
        pay_months=np.asarray([pay]),
        sum_assured=np.asarray([int(given["sum_assured"])]),
        job_class=np.asarray([job.job_class]),
        asked=asked,
        answers=[form.answers(asked)],
    )
    if reasons := catalogue.refusals(product_code, version, columns):
        return Quote(reasons=tuple(reason for _row, reason in reasons), age=int(age[0]))
    with transaction.atomic():
        premium, rating_id = catalogue.rate(product_code, version, columns)
    return Quote(
        premium=int(premium[0]),
        why=f"{rating_id[0]}-{int(given['sum_assured'])}",
        age=int(age[0]),
        commission=_first_commission(product_code, version, int(premium[0]), scope),
        schedule=catalogue.schedule(product_code, version, columns, int(premium[0])),
    )


def _first_commission(
    product_code: str, version: int, premium: int, scope: Scope
) -> Decimal | None:
    found = catalogue.rule(product_code, version, "COMMISSION_RULE")
    if scope.own is None or found is None:
        return None
    factor = organisation.factors([scope.own]).get(scope.own, 0)
    rate = Decimal(str(found.value["comm_rate"]))
    return round_won(premium * rate / 100 * factor / 100)
