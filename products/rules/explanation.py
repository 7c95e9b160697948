"""Explanations of premiums and reserves, from the stored trace and the basis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.explain import Step
from products.rules import rating, reserve, tables
from products.rules.reserve import Contracts
from products.rules.ruleset import RuleSet
from products.rules.words import input_name, spoken, spoken_conditions

STEP_NAMES: dict[str, str | Promise] = {
    "NET_SINGLE": gettext_lazy("Net single premium A, per won assured"),
    "ANNUITY": gettext_lazy("Annuity ä of the payment period"),
    "NET_ANNUAL": gettext_lazy("Net annual premium"),
    "NET_INSTALMENT": gettext_lazy("Net premium of one instalment"),
    "GROSS_UNIT": gettext_lazy("Gross premium per won assured"),
    "GROSS_CONSTANT": gettext_lazy("Gross premium of the fixed benefits"),
    "GROSS_FACTOR": gettext_lazy("Factors on the gross premium, together"),
}
ROUNDINGS: dict[str, str | Promise] = {
    "HALF_UP": gettext_lazy("half rounded up to %(unit)s won"),
    "DOWN": gettext_lazy("cut to %(unit)s won"),
    "UP": gettext_lazy("rounded up to %(unit)s won"),
}


def number(value: float) -> str:
    """Write an engine's figure with nine significant digits, never as a power of ten."""
    if abs(value) < 1:
        return np.format_float_positional(value, precision=9, fractional=False, trim="-")
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def premium_steps(trace: Mapping[str, Any], sum_assured: int, *, rule_url: str = "") -> list[Step]:
    """Explain a premium step by step.

    Args:
        trace: stored trace of the rating.
        sum_assured: won.
        rule_url: where the rule can be read.

    Returns:
        Inputs, tables that fired, net and gross premium, and the rounding to won.
    """
    steps = [*_inputs(trace, rule_url), *_basis(trace["basis"])]
    for factor in trace["factors"]:
        if "expression" in factor["conditions"]:
            shown = factor["conditions"]["expression"]
        else:
            said = spoken_conditions(factor["conditions"], trace["declared"])
            shown = " · ".join(part for part in (factor["row"], said) if part)
        steps.append(Step(spoken(factor["name"], factor["code"]), number(factor["value"]), shown))
    for step in trace["steps"]:
        if step["code"] == "GROSS_CONSTANT" and not step["value"]:
            continue
        steps.append(Step(STEP_NAMES[step["code"]], number(step["value"]), step["formula"]))
    exact = trace["unit_premium"] * sum_assured + trace["constant_premium"]
    steps.append(Step(_("Sum assured"), sum_assured, unit=_("won")))
    product = _("unit premium × sum assured + fixed part")
    steps.append(Step(_("Before rounding"), number(exact), product, unit=_("won")))
    rule = trace["rounding"]
    how = str(ROUNDINGS[rule["mode"]]) % {"unit": rule["unit"]}
    amount = rating.amount_from(trace, sum_assured)
    steps.append(Step(_("Premium of one instalment"), amount, how, unit=_("won")))
    return steps


def _inputs(trace: Mapping[str, Any], rule_url: str) -> list[Step]:
    rule = trace["rule"]
    name = f"{rule['product_code']} v{rule['version']}"
    steps = [Step(_("Rule"), name, rule["digest"][:12], url=rule_url)]
    inputs = dict(trace["inputs"])
    sex = _("Female") if inputs.pop("sex_index") else _("Male")
    inputs = {"age": inputs.pop("age"), "sex": sex, **inputs}
    declared = trace["declared"]
    for name, value in inputs.items():
        shown = (_("yes") if value else _("no")) if isinstance(value, bool) else value
        for choice in declared.get(name, {}).get("choices", []):
            shown = spoken(choice["label"]) if choice["value"] == value else shown
        steps.append(Step(input_name(name, declared), shown))
    return steps


def _basis(basis: Mapping[str, Any]) -> list[Step]:
    steps = [Step(_("Interest rate"), f"{basis['interest'] * 100:g}", unit="%")]
    for coverage in basis["coverages"]:
        source = coverage["table"]
        if source:
            about = tables.index().get(source, {})
            note = f"{spoken(about.get('name', {}), source)} · {about.get('source', '')}"  # type: ignore[arg-type]
        else:
            note = _("flat frequency of %(rate)s a year") % {"rate": coverage["annual_rate"]}
        span = coverage["M_x"] - coverage["M_end"]
        name = _("M_x − M_x+n of %(name)s") % {"name": spoken(coverage["name"], coverage["code"])}
        steps.append(Step(name, number(span), note))
    steps.append(Step("D_x", number(basis["D_x"])))
    steps.append(Step("N_x − N_x+m", number(basis["N_x"] - basis["N_paid"])))
    return steps


def reserve_steps(ruleset: RuleSet, contracts: Contracts) -> list[Step]:
    """Explain the net premium reserve of one contract.

    Args:
        ruleset: rules of its version.
        contracts: the contract, as arrays of one.
    """
    basis, c = ruleset.reserve_basis, contracts
    table = basis.table
    n, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    month, sex, age = int(c.elapsed_months[0]), int(c.sex[0]), int(c.age[0])
    t, part = divmod(month, 12)
    net = reserve.net_of(basis, basis.ratios, basis.maturity_ratio, c)
    at = [
        float(
            reserve.terminal(
                basis,
                weights=basis.ratios,
                maturity=basis.maturity_ratio,
                contracts=c,
                years_past=c.elapsed_months // 12 + ahead,
            )[0]
        )
        for ahead in (0, 1)
    ]
    amount = int(reserve.policy_reserve(basis, c)[0])
    end = min(age + int(n[0]), table.end)
    now = min(age + t, table.end)
    here, there = table.at(sex, now, age), table.at(sex, end, age)
    span = table.m[(slice(None), *here)] - table.m[(slice(None), *there)]
    benefits = float((basis.ratios * span).sum())
    paid = table.at(sex, age + max(int(m[0]), t), age)
    due = float(table.paying[1][here] - table.paying[1][paid])
    return [
        Step(_("Rule"), f"{ruleset.product_code} v{ruleset.version}", ruleset.digest[:12]),
        Step(_("Interest rate"), f"{basis.interest * 100:g}", unit="%"),
        Step(
            _("Completed months"),
            month,
            _("%(years)s years and %(months)s months")
            % {
                "years": t,
                "months": part,
            },
        ),
        Step(_("Net annual premium per won assured"), number(float(net.annual[0])), "A / ä"),
        Step("M_x+t − M_x+n", number(benefits)),
        Step("N_x+t − N_x+m", number(due)),
        Step("D_x+t", number(float(table.d[here]))),
        Step(
            _("Reserve at the last policy anniversary"),
            number(at[0]),
            "(M_x+t − M_x+n − P · (N_x+t − N_x+m)) / D_x+t",
        ),
        Step(_("Reserve at the next policy anniversary"), number(at[1])),
        Step(
            _("Sum assured"),
            int(c.sum_assured[0]),
            _("linear between the two anniversaries"),
            unit=_("won"),
        ),
        Step(_("Policy reserve"), amount, _("half rounded up to 1 won"), unit=_("won")),
    ]
