"""Rules as people read them: facts and tables, never raw JSON."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from products.rules import tables
from products.rules.eligibility import months
from products.rules.words import (
    FREQUENCIES,
    LOADINGS,
    TITLES,
    input_name,
    spoken,
    spoken_cell,
    spoken_conditions,
    word,
)

Text = str | Promise


Names = Mapping[str, Mapping[str, Any]]
COVERAGE = "coverage:"
NARROW = 3
"""Most inputs for which a decision table has a column each."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; numbers stand at the right."""

    text: Any
    number: bool = False
    code: bool = False

    @property
    def css(self) -> str:
        """The classes of the cell."""
        return "num" if self.number else "nowrap" if self.code else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A small table: a caption, headings and rows of cells."""

    caption: Text
    head: Sequence[Text]
    rows: Sequence[Sequence[Cell]]

    @property
    def columns(self) -> list[tuple[Text, bool]]:
        """The headings, and whether numbers stand under them."""
        first = self.rows[0] if self.rows else ()
        numbers = [cell.number for cell in first] or [False] * len(self.head)
        return list(zip(self.head, numbers, strict=True))


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule ready to show: name, facts and tables."""

    rule_type: str
    title: Text
    facts: Sequence[tuple[Text, Any]] = ()
    sheets: Sequence[Sheet] = field(default_factory=list)


def number(value: Any) -> Cell:
    """Return a cell with separators, at the right."""
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return Cell(f"{int(value):,}" if whole else f"{value:,g}", number=True)


def percent(value: float) -> Cell:
    """Return a cell with a share as percent, at the right."""
    return Cell(f"{value * 100:,.6g}%", number=True)


def won(value: Any) -> str:
    """Return an amount with its unit."""
    return _("%(amount)s won") % {"amount": f"{int(value):,}"}


def table_name(table_id: str) -> str:
    """Return the name of a rate table with its source."""
    about: Mapping[str, Any] = tables.index().get(table_id, {})
    name = spoken(about.get("name", {}), table_id)
    return f"{name} · {about['source']}" if about else name


def views_of(rules: Mapping[str, Any]) -> list[RuleView]:
    """Return the rules of a version ready to show, in the order in which people read them."""
    names = _names(rules)
    return [VIEWS[rule_type](rules[rule_type], names) for rule_type in TITLES if rule_type in rules]


def _names(rules: Mapping[str, Any]) -> Names:
    """Return declared inputs and coverages by name, for headings and cells."""
    found: dict[str, Mapping[str, Any]] = {}
    for rule_type in ("PREMIUM_CALC", "UNDERWRITING"):
        for entry in rules.get(rule_type, {}).get("inputs", []):
            found[entry["name"]] = entry
    for entry in rules.get("COVERAGE_LIMIT", {}).get("coverages", []):
        found[f"{COVERAGE}{entry['code']}"] = {"label": entry["name"]}
    return found


def _decision(caption: Text, table: Mapping[str, Any], names: Names) -> Sheet:
    """Show a decision table: one row per rule, conditions and answers in words.

    Tables of many inputs say the conditions of a rule in one cell.
    """
    inputs, outputs = table["inputs"], table["outputs"]
    shown = [column for column in outputs if column["field"] != "reason_en"]
    answers = [column.get("name") or column["field"] for column in shown]
    wide = len(inputs) > NARROW
    asked = [_("Conditions")] if wide else [input_name(c["field"], names) for c in inputs]
    rows = []
    for rule in table["rules"]:
        cells = {column["field"]: rule.get(column["id"], "") for column in inputs}
        if wide:
            said = [Cell(spoken_conditions(cells, names) or "–")]
        else:
            said = [Cell(spoken_cell(cell, names.get(name))) for name, cell in cells.items()]
        given = [_answer(rule.get(column["id"], "")) for column in shown]
        rows.append([Cell(rule["_id"], code=True), *said, *given])
    return Sheet(caption, [_("Rule"), *asked, *answers], rows)


def _answer(cell: str) -> Cell:
    text = cell.strip().strip("'\"")
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return Cell(text, number=True)
    return Cell(word(text) if text else "–")


def _ages(rule: Mapping[str, Any], names: Names) -> RuleView:
    facts: list[tuple[Text, Any]] = [
        (_("Entry age"), f"{rule['min_age']}–{rule['max_age']}"),
    ]
    if "max_age_at_end" in rule:
        facts.append((_("Age at the end of the term, at most"), rule["max_age_at_end"]))
    head = (_("Term"), _("Payment"), _("Ages"), _("Sex"))
    rows = []
    for plan in rule["plans"]:
        pays = ", ".join(months(pay) for pay in plan["pay_months"])
        low = plan.get("min_age", rule["min_age"])
        ages = f"{low}–{plan.get('max_age', rule['max_age'])}"
        sexes = ", ".join(word(sex) for sex in plan.get("sexes", ["M", "F"]))
        term = _("whole of life") if plan["term_months"] == 0 else months(plan["term_months"])
        rows.append([Cell(term), Cell(pays), Cell(ages), Cell(sexes)])
    return RuleView("AGE_LIMIT", TITLES["AGE_LIMIT"], facts, [Sheet(_("Terms"), head, rows)])


def _limits(rule: Mapping[str, Any], names: Names) -> RuleView:
    facts: list[tuple[Text, Any]] = [
        (_("Sum assured"), f"{won(rule['min_sum'])} – {won(rule['max_sum'])}"),
        (_("In steps of"), won(rule["step"])),
    ]
    if "max_total_sum" in rule:
        facts.append((_("In total per customer, at most"), won(rule["max_total_sum"])))
    for band in rule.get("by_age", []):
        label = _("At age %(low)s to %(high)s, at most") % {
            "low": band["from"],
            "high": band["to"],
        }
        facts.append((label, won(band["max_sum"])))
    head = (
        _("Coverage"),
        _("Pays on"),
        _("Pays"),
        _("Waiting period"),
        _("First year"),
        _("How often"),
        _("Ends the contract"),
    )
    rows = [_coverage(entry) for entry in rule["coverages"]]
    sheet = Sheet(_("Coverages"), head, rows)
    return RuleView("COVERAGE_LIMIT", TITLES["COVERAGE_LIMIT"], facts, [sheet])


def _coverage(entry: Mapping[str, Any]) -> list[Cell]:
    pays = []
    if entry.get("sum_ratio"):
        pays.append(_("%(share)s of the sum assured") % {"share": f"{entry['sum_ratio']:.0%}"})
    if entry.get("fixed_sum"):
        pays.append(won(entry["fixed_sum"]))
    wait = entry.get("waiting_days", 0)
    return [
        Cell(spoken(entry["name"], entry["code"])),
        Cell(word(entry["peril"])),
        Cell(" + ".join(pays)),
        Cell(_("%(count)s days") % {"count": wait} if wait else "–"),
        Cell(f"{entry.get('first_year_percent', 100):g}%", number=True),
        Cell(word(entry.get("per_event", "EACH"))),
        Cell(_("yes") if entry.get("ends_contract") else _("no")),
    ]


def _basis_facts(basis: Mapping[str, Any]) -> list[tuple[Text, Any]]:
    facts: list[tuple[Text, Any]] = [
        (_("Interest rate"), percent(basis["interest"]).text),
        (_("Benefits are discounted"), word(basis.get("claim_timing", "MID_YEAR"))),
        (_("The contract ends by"), ", ".join(table_name(name) for name in basis["exits"])),
    ]
    if basis.get("maturity_ratio"):
        facts.append((_("Paid at maturity"), percent(basis["maturity_ratio"]).text))
    if waivers := basis.get("waivers"):
        facts.append((_("Premiums are waived by"), ", ".join(table_name(one) for one in waivers)))
    if lapse := basis.get("lapse"):
        facts.append(
            (
                _("Lapse that the premium supposes, by policy year"),
                ", ".join(percent(one).text for one in lapse),
            )
        )
    if selection := basis.get("selection"):
        shown = ", ".join(f"{one:g}" for one in selection)
        facts.append((_("Multiple of the rates by policy year"), shown))
    if "instalments" in basis:
        facts.append((_("Annuity of instalments"), word(basis["instalments"])))
    return facts


def _basis_sheets(basis: Mapping[str, Any], names: Names) -> list[Sheet]:
    head = (_("Coverage"), _("Rate"), _("Multiplier"))
    rows = []
    for entry in basis["coverages"]:
        flat = _("%(rate)s a year") % {"rate": f"{entry.get('annual_rate', 0):g}"}
        rate = table_name(entry["table"]) if "table" in entry else flat
        name = spoken(names.get(f"{COVERAGE}{entry['code']}", {}).get("label", {}), entry["code"])
        rows.append([Cell(name), Cell(rate), number(entry.get("rate_factor", 1))])
    loadings = [
        [Cell(LOADINGS[name]), percent(value) if value < 0.5 else number(value)]
        for name, value in basis.get("loadings", {}).items()
    ]
    return [
        Sheet(_("Rates"), head, rows),
        Sheet(_("Loadings"), (_("Loading"), _("Value")), loadings),
    ]


def _premium(rule: Mapping[str, Any], names: Names) -> RuleView:
    facts = _basis_facts(rule["basis"])
    often = ", ".join(str(FREQUENCIES[k]) for k in rule["payments_per_year"])
    facts.append((_("Payment"), often))
    how = _("%(mode)s to %(unit)s won") % {
        "mode": word(rule["rounding"]["mode"]),
        "unit": rule["rounding"]["unit"],
    }
    facts.append((_("Rounding"), how))
    sheets = _basis_sheets(rule["basis"], names)
    for factor in rule.get("factors", []):
        caption = _("%(name)s (on the %(what)s)") % {
            "name": spoken(factor["name"], factor["code"]),
            "what": word(factor["applies_to"]),
        }
        if "table" in factor:
            sheets.append(_decision(caption, factor["table"], names))
        else:
            sheets.append(Sheet(caption, (_("Expression"),), [[Cell(factor["expression"])]]))
    return RuleView("PREMIUM_CALC", TITLES["PREMIUM_CALC"], facts, sheets)


def _reserve(rule: Mapping[str, Any], names: Names) -> RuleView:
    facts: list[tuple[Text, Any]] = [(_("Method"), word(rule["method"]))]
    basis = rule.get("basis")
    sheets: list[Sheet] = []
    if basis == "PREMIUM_CALC":
        facts.append((_("Basis"), _("that of the premium")))
    elif basis:
        facts.extend(_basis_facts(basis))
        sheets = _basis_sheets(basis, names)
    if surrender := rule.get("surrender"):
        facts.append((_("Standard deduction"), word(surrender["kind"])))
        facts.append((_("Multiple of the deduction"), f"{surrender.get('cap_multiple', 1):g}"))
        years = _("%(count)s years") % {"count": surrender.get("runoff_years", 7)}
        facts.append((_("Written off within"), years))
        share = percent(surrender.get("guarantee_ratio", 1)).text
        facts.append((_("Paid while premiums are due"), share))
        if "channel_factor" in surrender:
            channel = percent(surrender["channel_factor"]).text
            facts.append((_("Deduction of the channel"), channel))
    return RuleView("RESERVE", TITLES["RESERVE"], facts, sheets)


def _underwriting(rule: Mapping[str, Any], names: Names) -> RuleView:
    rows = [
        [Cell(spoken(entry["label"], entry["name"]))]
        for entry in rule["inputs"]
        if entry.get("source", "applicant") == "applicant"
    ]
    asked = Sheet(_("Asked of the applicant"), (_("Question"),), rows)
    table = _decision(_("Decision table"), rule["table"], names)
    return RuleView("UNDERWRITING", TITLES["UNDERWRITING"], (), [table, asked])


def _commission(rule: Mapping[str, Any], names: Names) -> RuleView:
    facts: list[tuple[Text, Any]] = [
        (
            _("All instalments, of one premium"),
            f"{sum(entry['rate'] for entry in rule['instalments']):g}%",
        ),
        (
            _("Cap of the first year"),
            _("%(times)s monthly premiums") % {"times": f"{rule['cap']['first_year_multiple']:g}"},
        ),
    ]
    head = (_("Paid premium no."), _("Of one premium"))
    rows = [
        [number(entry["instalment"]), Cell(f"{entry['rate']:g}%", number=True)]
        for entry in rule["instalments"]
    ]
    sheet = Sheet(_("Instalments"), head, rows)
    return RuleView("COMMISSION_RULE", TITLES["COMMISSION_RULE"], facts, [sheet])


def _clawback(rule: Mapping[str, Any], names: Names) -> RuleView:
    head = (_("Premiums paid"), _("Taken back"))
    rows = [
        [Cell(f"{band['from']}–{band['to']}"), Cell(f"{band['percent']:g}%", number=True)]
        for band in rule["table"]
    ]
    full = ", ".join(word(cause) for cause in rule.get("always_full", []))
    facts = [(_("Taken back in full on"), full)] if full else []
    return RuleView("CLAWBACK", TITLES["CLAWBACK"], facts, [Sheet(_("Clawback table"), head, rows)])


VIEWS: dict[str, Callable[[Mapping[str, Any], Names], RuleView]] = {
    "AGE_LIMIT": _ages,
    "COVERAGE_LIMIT": _limits,
    "PREMIUM_CALC": _premium,
    "RESERVE": _reserve,
    "UNDERWRITING": _underwriting,
    "COMMISSION_RULE": _commission,
    "CLAWBACK": _clawback,
}
