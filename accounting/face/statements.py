"""Why a statement line, an account's balance and a ratio are what they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.face import portfolios
from accounting.face.keys import RIGHT, name_of, parts, unknown
from accounting.models import Account, FiscalPeriod, LedgerLine, PostingRule
from accounting.rules.statements import BY_PORTFOLIO
from accounting.selectors import balances, statements
from accounting.selectors.statements import Stated
from core.explain import Explanation, Step, explains, why_url
from core.permissions import Scope


def _lines_url(account: str, start: date, end: date) -> str:
    days = f"transaction_date_after={start}&transaction_date_before={end}"
    return reverse("accounting:line_list") + f"?account={account}&{days}"


@explains("statement_line", right=RIGHT)
def explain_statement_line(key: str, scope: Scope) -> Explanation:
    """Explain a line of a statement; the key is ``<period>~<BS|IS>~<line>``.

    Raises:
        NotFound: no such month or line.
    """
    period, section, line = parts(key, 3)
    definition = statements.definition(section, line)
    stated = statements.stated(period)
    month = FiscalPeriod.objects.get(pk=period)
    by_portfolio = bool(definition.family) and stated.presentation >= BY_PORTFOLIO
    if definition.total:
        steps, formula = _of_total(definition.sum, stated, section), _t("sum of the lines below")
    elif by_portfolio:
        steps = portfolios.of_line(definition, period, month.ends_on)
        formula = _t("sum of the portfolios that stand on this side (IFRS 17.78)")
    else:
        steps = _of_accounts(stated, section, line, month)
        formula = _t("sum of the accounts")
    behind = definition.total and by_portfolio
    return Explanation(
        title=name_of(definition),
        answer=stated.get(section, line),
        unit=_t("won"),
        formula=formula,
        steps=steps,
        sources=[
            *(portfolios.of_line(definition, period, month.ends_on) if behind else []),
            Step(
                _t("Financial statements of %(period)s") % {"period": period},
                _t("final, sealed") if stated.final else _t("provisional"),
                url=reverse("accounting:statements", args=[period]),
            ),
            *([Step(_t("Seal of the month"), f"{month.seal[:16]}…")] if month.seal else []),
        ],
        as_of=month.ends_on,
    )


def _of_total(factors: Any, stated: Stated, section: str) -> list[Step]:
    return [
        Step(
            name_of(statements.definition(section, line)),
            sign * stated.get(section, line),
            unit=_t("won"),
            note="" if sign > 0 else _t("deducted"),
            url=why_url("statement_line", f"{stated.period}~{section}~{line}"),
        )
        for line, sign in factors.items()
        if stated.get(section, line)
    ]


def _of_accounts(stated: Stated, section: str, line: str, month: FiscalPeriod) -> list[Step]:
    codes = stated.accounts.get((section, line), ())
    accounts = Account.objects.in_bulk(codes)
    if section == "BS":
        held = balances.by_account(balances.closing_at(month.ends_on))
    else:
        moved = balances.movements(month.starts_on, month.ends_on, carried=False)
        held = balances.by_account({k: debit - credit for k, (debit, credit) in moved.items()})
    expense = section == "IS"
    steps = []
    for code in codes:
        account = accounts[code]
        debit_side = account.account_type == ("EXPENSE" if expense else "ASSET")
        amount = held.get(code, 0) * (1 if debit_side else -1)
        if amount:
            start = month.starts_on if expense else None
            key = f"{code}~{start}~{month.ends_on}" if start else f"{code}~{month.ends_on}"
            steps.append(
                Step(str(account), amount, unit=_t("won"), url=why_url("account_balance", key))
            )
    return steps


@explains("account_balance", right=RIGHT)
def explain_account_balance(key: str, scope: Scope) -> Explanation:
    """Explain an account by what moved it; the key is ``<code>~<day>`` or ``<code>~<from>~<to>``.

    Raises:
        NotFound: no such account, or the key is not of this form.
    """
    code, *days = key.split("~")
    account = Account.objects.filter(pk=code).first()
    try:
        ends = [date.fromisoformat(day) for day in days]
    except ValueError as wrong:
        raise unknown(key) from wrong
    if account is None or len(ends) not in (1, 2):
        raise unknown(key)
    end = ends[-1]
    start = ends[0] if len(ends) == 2 else end.replace(day=1)
    sign = 1 if account.debit_natured else -1
    opening = 0
    if len(ends) == 1:
        before = balances.closing_at(start - timedelta(days=1))
        opening = sign * balances.by_account(before).get(code, 0)
    moved = _by_rule(code, start, end, sign)
    first = [Step(_t("Balance before"), opening, unit=_t("won"))] if len(ends) == 1 else []
    return Explanation(
        title=str(account),
        answer=opening + sum(amount for _label, amount, _n, _rule in moved),
        unit=_t("won"),
        formula=_t("balance before + what was posted from %(start)s to %(end)s")
        % {"start": start, "end": end},
        steps=[
            *first,
            *(
                Step(
                    label,
                    amount,
                    unit=_t("won"),
                    note=_t("%(n)s lines") % {"n": f"{count:,}"},
                    url=_lines_url(code, start, end) + (f"&rule_code={rule}" if rule else ""),
                )
                for label, amount, count, rule in moved
            ),
        ],
        sources=[
            Step(_t("Lines of this account"), "", url=_lines_url(code, start, end)),
            Step(_t("The account"), code, url=reverse("accounting:account_detail", args=[code])),
        ],
        as_of=end,
    )


def _by_rule(code: str, start: date, end: date, sign: int) -> list[tuple[str, int, int, str]]:
    """Return (what happened, amount, lines, rule) of an account, the largest first."""
    rows = (
        LedgerLine.objects.filter(account_id=code, transaction_date__range=(start, end))
        .values("entry__rule__rule_code")
        .annotate(debit=Sum("debit_amount"), credit=Sum("credit_amount"), n=Count("pk"))
        .order_by()
    )
    labels = {
        rule.rule_code: rule.label for rule in PostingRule.objects.order_by("rule_code", "version")
    }
    found = [
        (
            labels.get(row["entry__rule__rule_code"], _t("Reversal")),
            sign * int(row["debit"] - row["credit"]),
            int(row["n"]),
            row["entry__rule__rule_code"] or "",
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: -abs(one[1]))


_RATIO_LINES: dict[str, tuple[str | Promise, tuple[str, ...]]] = {
    "loss": (_("Loss ratio"), ("EXP_CLAIMS", "EXP_LIC", "EXP_LOSS")),
    "expense": (_("Expense ratio"), ("EXP_ACQ", "EXP_MAINTENANCE", "EXP_HANDLING")),
}


def _explain_ratio(name: str) -> Callable[[str, Scope], Explanation]:
    def explain(key: str, scope: Scope) -> Explanation:
        stated = statements.stated(key)
        names = ("loss", "expense") if name == "combined" else (name,)
        codes = [code for one in names for code in _RATIO_LINES[one][1]]
        value = stated.ratios[name]
        steps = [
            Step(
                name_of(statements.definition("IS", code)),
                stated.get("IS", code),
                unit=_t("won"),
                url=why_url("statement_line", f"{key}~IS~{code}"),
            )
            for code in [*codes, "INS_REVENUE"]
        ]
        title = _t("Combined ratio") if name == "combined" else str(_RATIO_LINES[name][0])
        return Explanation(
            title=title,
            answer=_t("no revenue") if value is None else f"{value:.2f}",
            unit="%",
            formula=_t("(%(lines)s) ÷ insurance revenue")
            % {"lines": " + ".join(name_of(statements.definition("IS", code)) for code in codes)},
            steps=steps,
            sources=[
                Step(
                    _t("Financial statements of %(period)s") % {"period": key},
                    "",
                    url=reverse("accounting:statements", args=[key]),
                )
            ],
        )

    explain.__doc__ = f"Explain the {name} ratio of a month; the key is ``<period>``."
    return explain


for _ratio in ("loss", "expense", "combined"):
    explains(f"{_ratio}_ratio", right=RIGHT)(_explain_ratio(_ratio))
