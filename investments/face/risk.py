"""Why a duration, and why a limit is used as far as it is."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.clock import business_date
from core.errors import NotFound
from core.explain import Explanation, Step, explains, why_url
from core.notices import tells
from core.permissions import Scope
from investments import selectors
from investments.models.risk import LIMITS
from investments.rules import limits

from .common import amount, won

_MOST = 15


@explains("duration", right="investments.view")
def explain_duration(key: str, scope: Scope) -> Explanation:
    """Explain the modified duration of the bonds and loans held on a day; key ``YYYY-MM-DD``.

    Raises:
        NotFound: no such day.
    """
    try:
        on = date.fromisoformat(key)
    except ValueError as wrong:
        raise NotFound(_t("There is no day %(key)s.") % {"key": key}) from wrong
    found = selectors.debts(on, held=selectors.holdings(on))
    each = selectors.sensitivities(found)
    whole = each.together()
    total = float(whole.value[0])
    order = np.argsort(-each.value * each.modified)[:_MOST]
    steps = [
        Step(
            found.name[i],
            f"{each.modified[i]:.3f}",
            _t("%(share)s %% of the value, at a yield of %(rate)s %%")
            % {"share": f"{each.value[i] / total * 100:.1f}", "rate": f"{found.rate[i] * 100:.3f}"},
            why_url("asset-value", found.asset_id[i]),
            _t("years"),
        )
        for i in order.tolist()
    ]
    if len(each.value) > _MOST:
        rest = len(each.value) - _MOST
        steps.append(Step(_t("%(n)s smaller ones") % {"n": rest}, ""))
    return Explanation(
        title=_t("Modified duration"),
        answer=f"{whole.modified[0]:.3f}",
        unit=_t("years"),
        formula=_t("Σ worth of each payment × years ÷ (1 + yield) ÷ Σ worth; together by value"),
        steps=steps,
        sources=[Step(_t("Value of the assets' payments"), round(total), unit=won())],
        as_of=on,
    )


@explains("limit", right="investments.view")
def explain_limit(key: str, scope: Scope) -> Explanation:
    """Explain how far a statutory limit is used today; key: its code.

    Raises:
        NotFound: no such limit.
    """
    on = business_date()
    held = selectors.holdings(on)
    use = next((one for one in selectors.limit_uses(held) if one.code == key), None)
    if use is None:
        raise NotFound(_t("There is no limit %(key)s.") % {"key": key})
    parties = selectors.counterparties()
    counted = limits.concerned(
        use, asset_type=held.asset_type, issuer=held.issuer, value=held.value, parties=parties
    )
    order = [i for i in np.argsort(-held.value).tolist() if counted[i]]
    steps = [
        amount(
            str(held.asset_name[i]),
            held.value[i],
            str(held.issuer[i]),
            why_url("asset-value", held.asset_id[i]),
        )
        for i in order[:_MOST]
    ]
    if len(order) > _MOST:
        rest = sum(int(held.value[i]) for i in order[_MOST:])
        steps.append(amount(_t("%(n)s smaller ones") % {"n": len(order) - _MOST}, rest))
    steps += [
        amount(_t("Total assets that it is measured against"), use.base),
        amount(_t("Allowed"), use.most),
    ]
    return Explanation(
        title=str(LIMITS[use.code]),
        answer=use.amount,
        unit=won(),
        formula=_t("sum of the carrying amounts that the article counts"),
        steps=steps,
        sources=[
            Step(_t("Insurance Business Act"), use.article, use.whose),
            Step(_t("Cure of a breach by prices"), "§107②", _t("one year")),
        ],
        as_of=on,
    )


@tells(_("Limits passed by prices"), url="investments:risk", right="investments.order")
def limits_passed(user: Any, today: date) -> int:
    """Count the limits that are passed and wait for their cure."""
    return len(selectors.open_breaches())
