"""Why a cash flow of a span is what it is."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, parts, unknown
from accounting.models import FiscalPeriod, PostingRule
from accounting.selectors import changes
from core.explain import Explanation, Step, explains
from core.permissions import Scope


@explains("cash_flow", right=RIGHT)
def explain_cash_flow(key: str, scope: Scope) -> Explanation:
    """Explain a row of the cash flows; the key is ``<period>~<month|year>~<row>``.

    Raises:
        NotFound: no such month or row, or nothing moved on it.
    """
    period, span, row = parts(key, 3)
    month = FiscalPeriod.objects.filter(pk=period).first()
    if month is None or span not in {"month", "year"}:
        raise unknown(key)
    found = changes.span(month, year=span == "year")
    one = next((each for each in found.cash.rows if each[0].row == row), None)
    if one is None:
        raise unknown(key)
    definition, amount, by_rule = one
    rules = PostingRule.objects.order_by("rule_code", "version")
    labels = {rule.rule_code: rule.label for rule in rules}
    days = f"transaction_date_after={found.start}&transaction_date_before={found.end}"
    lines = reverse("accounting:line_list") + f"?account=1110&{days}"
    korean = (get_language() or "ko").startswith("ko")
    steps = []
    for rule, moved in sorted(by_rule.items(), key=lambda pair: -abs(pair[1])):
        code = rule.removesuffix("_EQUITY")
        label = labels.get(code, rule or _t("Reversal"))
        steps.append(Step(label, moved, unit=_t("won"), url=f"{lines}&rule_code={code}"))
    return Explanation(
        title=definition.name if korean else definition.name_en,
        answer=amount,
        unit=_t("won"),
        formula=_t("cash received less cash paid, by posting rule"),
        steps=steps,
        sources=[
            Step(
                _t("Changes in equity and cash flows of %(period)s") % {"period": period},
                "",
                url=reverse("accounting:changes", args=[period]) + f"?span={span}",
            )
        ],
        as_of=found.end,
    )
