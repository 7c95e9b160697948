"""Why an amount of an entry is what it is: rule, event, fact."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t

from accounting.face.keys import RIGHT, parts, unknown
from accounting.models import LedgerLine
from accounting.rules.checking import accounts_of
from accounting.selectors import ledger
from accounting.tables import record_url
from core.explain import Explanation, Step, explains
from core.permissions import Scope


@explains("entry_amount", right=RIGHT)
def explain_entry_amount(key: str, scope: Scope) -> Explanation:
    """Explain one line's amount by rule, event and fact; the key is ``<entry>~<line>``.

    Raises:
        NotFound: no such line.
    """
    number, line_no = parts(key, 2)
    if not (number.isdigit() and line_no.isdigit()):
        raise unknown(key)
    entry = ledger.entry(int(number))
    line = next((one for one in entry.lines.all() if one.line_no == int(line_no)), None)
    if line is None:
        raise unknown(key)
    event = ledger.event(entry.event_id)
    fact = ledger.facts_of(entry, event)
    rule_line = _rule_line(entry, line)
    steps = []
    if entry.rule and rule_line is not None:
        url = reverse("accounting:rule_detail", args=[entry.rule.pk])
        steps.append(Step(_t("Rule"), str(entry.rule), note=entry.rule.label, url=url))
        steps.append(Step(_t("Amount by the rule"), rule_line["amount"], note=_t("columns")))
    if entry.reverses is not None:
        back = reverse("accounting:entry_detail", args=[entry.reverses.pk])
        steps.append(Step(_t("Reverses entry"), entry.reverses.pk, url=back))
    steps += [Step(name, value) for name, value in fact.items()]
    return Explanation(
        title=str(line.account),
        answer=line.debit_amount or line.credit_amount,
        unit=_t("won, debit") if line.debit_amount else _t("won, credit"),
        formula=rule_line["amount"] if rule_line else "",
        steps=steps,
        sources=_entry_sources(entry, line, event),
        as_of=entry.entry_date,
    )


def _rule_line(entry: Any, line: LedgerLine) -> dict[str, Any] | None:
    """Return the line of the rule that made a ledger line, where it is the only candidate."""
    if entry.rule is None:
        return None
    fits = [one for one in entry.rule.lines if line.account_id in accounts_of([one])]
    return fits[0] if len(fits) == 1 else None


def _entry_sources(entry: Any, line: LedgerLine, event: Any) -> list[Step]:
    sources = [Step(_t("Entry"), entry.pk, url=reverse("accounting:entry_detail", args=[entry.pk]))]
    if event is not None:
        url = reverse("accounting:event_detail", args=[event.pk])
        sources.append(Step(_t("Event"), event.name, note=str(event.business_date), url=url))
    keys = dict.fromkeys([entry.reference_id, line.reference_id])
    return sources + [
        Step(_t("Record"), key, url=record_url(key, entry.event_name)) for key in keys
    ]
