"""Why a portfolio of contracts stands among the assets or among the liabilities."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, parts, unknown
from accounting.models import Account, FiscalPeriod
from accounting.rules.statements import ASSET, LineDef, Position
from accounting.selectors import portfolios, statements
from accounting.selectors.portfolios import FAMILIES, named
from core.explain import Explanation, Step, explains, why_url
from core.permissions import Scope


def side_of(one: Position) -> str:
    """Return the word of a portfolio's side."""
    return _t("stands as an asset") if one.side == ASSET else _t("stands as a liability")


def of_line(definition: LineDef, period: str, day: date) -> list[Step]:
    """Return the portfolios behind a line (or the total) of a family: what each puts on it, won."""
    natures = {one.code: one for one in statements.natures()}
    lines = set(definition.of or (definition.line,))
    sign = 1 if definition.side == ASSET else -1
    steps = []
    for one in portfolios.positions_at(day):
        if (one.family, one.side) != (definition.family, definition.side):
            continue
        amount = sum(
            amount
            for (code, _group), amount in one.held.items()
            if definition.total or natures[code].line in lines
        )
        url = why_url("portfolio_position", f"{period}~{one.family}~{one.portfolio}")
        steps.append(Step(named(one), sign * amount, unit=_t("won"), note=side_of(one), url=url))
    return steps


@explains("portfolio_position", right=RIGHT)
def explain_portfolio_position(key: str, scope: Scope) -> Explanation:
    """Explain on which side a portfolio stands; the key is ``<period>~<family>~<portfolio>``.

    Raises:
        NotFound: no such month, or the portfolio holds nothing in it.
    """
    period, family, portfolio = parts(key, 3)
    month = FiscalPeriod.objects.filter(pk=period).first()
    found = portfolios.positions_at(month.ends_on) if month else []
    one = next((p for p in found if (p.family, p.portfolio) == (family, portfolio)), None)
    if month is None or one is None:
        raise unknown(key)
    sign = 1 if one.side == ASSET else -1
    accounts = Account.objects.in_bulk(sorted({code for code, _group in one.held}))
    sums: dict[str, int] = {}
    groups: dict[str, int] = {}
    for (code, group), amount in one.held.items():
        sums[code] = sums.get(code, 0) + sign * amount
        groups[group] = groups.get(group, 0) + sign * amount
    day = month.ends_on
    return Explanation(
        title=f"{FAMILIES[family]}: {named(one)}",
        answer=sign * one.balance,
        unit=_t("won") + " · " + side_of(one),
        formula=_t(
            "All accounts of all groups of the portfolio together: above zero in its favour it"
            " is an asset, else a liability (IFRS 17.78). The ledger is not changed."
        ),
        steps=[
            Step(
                str(accounts[code]),
                amount,
                unit=_t("won"),
                note=_t("the account over all portfolios is one step further"),
                url=why_url("account_balance", f"{code}~{day}"),
            )
            for code, amount in sorted(sums.items())
        ],
        sources=[
            *(
                Step(_t("Group %(group)s") % {"group": group or "–"}, amount, unit=_t("won"))
                for group, amount in sorted(groups.items())
            ),
            Step(
                _t("Financial statements of %(period)s") % {"period": period},
                "",
                url=reverse("accounting:statements", args=[period]),
            ),
        ],
        as_of=day,
    )
