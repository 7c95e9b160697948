"""Why an expected credit loss."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _t

from core.errors import NotFound
from core.explain import Explanation, Step, explains
from core.permissions import Scope
from investments.models import CreditLoss

from .common import amount, asset_url, won


@explains("credit-loss", right="investments.view")
def explain_credit_loss(key: str, scope: Scope) -> Explanation:
    """Explain an allowance: stage, probability of default, loss given default, time.

    Raises:
        NotFound: no such measurement.
    """
    found = CreditLoss.objects.select_related("asset").filter(pk=int(key) if key.isdigit() else 0)
    row = found.first()
    if row is None:
        raise NotFound(_t("There is no credit loss %(key)s.") % {"key": key})
    trace = row.trace
    steps = []
    if trace:
        steps = [
            Step(_t("Grade at the purchase"), trace["grade_then"]),
            Step(_t("Grade"), trace["grade"]),
            Step(_t("Days past due"), trace["past_due"]),
            Step(
                _t("Stage of credit risk"),
                row.stage,
                _t("1: twelve months; 2: risk has increased significantly; 3: impaired"),
            ),
            amount(_t("Exposure"), row.exposure, _t("carrying amount with accrued interest")),
            Step(_t("Default within a year"), f"{trace['pd'] * 100:g}", unit="%"),
            Step(_t("Loss given default"), f"{trace['lgd'] * 100:g}", unit="%"),
            Step(_t("Effective interest a year"), f"{trace['rate'] * 100:.6f}", unit="%"),
            Step(_t("Years to maturity"), f"{trace['years']:g}"),
            amount(_t("Loss of twelve months"), row.twelve_months),
            amount(_t("Loss of the whole life"), row.lifetime),
        ]
    steps += [
        amount(_t("Loss allowance"), row.allowance),
        amount(_t("Allowance before"), row.allowance - row.movement),
        amount(_t("Change of the allowance"), row.movement),
    ]
    version = trace.get("version", "–")
    return Explanation(
        title=_t("Expected credit loss"),
        answer=Decimal(row.allowance),
        unit=won(),
        formula=_t("Σ over the years of survival × default × loss given default × exposure,"
                   " discounted from the middle of the year"),
        steps=steps,
        sources=[
            Step(_t("Asset"), row.asset.asset_name, row.asset_id, url=asset_url(row.asset_id)),
            Step(_t("Parameters of credit losses"), _t("version %(n)s") % {"n": version}),
            Step(_t("Standard"), "IFRS 9 5.5.3, 5.5.5, 5.5.17, B5.5.43–44"),
        ],
        as_of=row.base_date,
    )  # fmt: skip
