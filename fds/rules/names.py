"""What rules, their parameters and the things they look at are called.

A report keeps the title that a rule had when it was scored, in Korean. Readers of other languages
get the name of the code from here. The sentence of a rule says what its stored operands mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

TITLES: dict[str, Promise] = {
    "R01": _("Accident soon after the cover began"),
    "R02": _("Many accidents within a year"),
    "R03": _("Watched hospital or garage"),
    "R04": _("Accident before the cover began"),
    "R05": _("Many new contracts in a short time"),
    "R06": _("High daily hospital benefit"),
    "R07": _("From hospital to hospital with light diagnoses"),
    "R08": _("Overlapping stays at two hospitals"),
    "R09": _("Longer in hospital than comparable patients"),
    "R10": _("Household members at one hospital together"),
    "R11": _("Agent and provider meet too often"),
    "R12": _("More claims at the provider than at its peers"),
    "R13": _("Looks like a staged collision"),
    "R14": _("The same persons met in an earlier accident"),
    "R15": _("Account or telephone shared by several people"),
    "R16": _("Linked to a ring with established fraud"),
    "R17": _("Late report or late first treatment"),
    "R18": _("Bills look disguised"),
    "R19": _("Document used in another claim"),
    "R20": _("Just below the limit, again and again"),
    "R21": _("Right after an overdue premium was paid"),
    "R22": _("Death soon after a new beneficiary"),
    "R23": _("Suspected before"),
}
PARAMS: dict[str, Promise] = {
    "max_days": _("days from the start of cover, at most"),
    "window_days": _("window, days"),
    "at_least": _("at least"),
    "won": _("won a day, at least"),
    "admissions": _("admissions, at least"),
    "hospitals": _("hospitals, at least"),
    "days": _("days"),
    "peers": _("peers to compare with, at least"),
    "claims": _("claims together, at least"),
    "lift": _("times as often as by chance, at least"),
    "people": _("people, at least"),
    "z": _("standard deviations above the peers, at least"),
    "accidents": _("accidents in a year, at least"),
    "fault_percent": _("other side's fault in %, at least"),
    "most_won": _("claimed won, at most"),
    "degree": _("claims that share it, at most"),
    "frauds": _("established frauds, at least"),
    "report_days": _("days until the report, at least"),
    "treatment_days": _("days until the first treatment, at least"),
    "bills": _("equal bills of one day, at least"),
}
_SENTENCES: dict[str, Promise] = {
    "R04": _("The accident lies before the cover: %(days)s days from its start."),
    "R05": _("%(contracts_180)s new contracts in the 180 days before (%(at_least)s count)."),
    "R06": _("Daily hospital benefits of %(daily_benefit)s won in all (%(won)s count)."),
    "R07": _(
        "%(admissions_365)s admissions at %(hospitals_365)s hospitals within a year, "
        "%(days_in_hospital_365)s days in all (%(admissions)s, %(hospitals)s and %(days)s count)."
    ),
    "R08": _("%(overlaps)s stays at another hospital overlap with this one."),
    "R09": _(
        "%(stay_days)s days in hospital; 95 of 100 comparable stays take at most %(stay_p95)s "
        "days (%(stay_peers)s compared)."
    ),
    "R10": _("%(companions)s people who share telephone or address were here within 7 days."),
    "R11": _(
        "Agent and provider met in %(pair_180)s claims within 180 days, %(pair_lift)s times as "
        "often as by chance, with %(pair_people)s policyholders."
    ),
    "R12": _("The provider has %(provider_volume_z)sσ more claims than its peers (%(z)sσ count)."),
    "R13": _(
        "%(accidents_365)s accidents within a year; the other side answers for "
        "%(fault_percent)s %% or more; %(claimed)s won claimed."
    ),
    "R14": _("%(met_again)s of the persons met in an earlier accident too."),
    "R15": _(
        "%(sharing_people)s people share an account or telephone, in %(sharing_degree)s claims."
    ),
    "R16": _(
        "Linked with %(ring_people)s people; %(ring_frauds)s frauds among them are established."
    ),
    "R17": _(
        "Reported %(report_gap_days)s days after the accident, first treated after "
        "%(treatment_gap_days)s days (%(report_days)s or %(treatment_days)s count)."
    ),
    "R18": _(
        "%(non_benefit_percent)s %% not covered by public insurance; 99 of 100 peers have at most "
        "%(share_p99)s %% (%(share_peers)s compared); %(same_day_bills)s equal bills of one day."
    ),
    "R19": _("A document of this claim stands in %(documents_elsewhere)s other claims."),
    "R20": _("%(near_limit_365)s claims just below the limit within a year (%(at_least)s count)."),
    "R21": _("%(overdue_days)s days after an overdue premium was paid (up to %(days)s count)."),
    "R22": _(
        "Death %(beneficiary_days)s days after the beneficiary changed (up to %(days)s count)."
    ),
    "R23": _("These persons were suspected in %(suspected_before)s claims within five years."),
}


def title_of(code: str, stored: str = "") -> str:
    """Return a rule's title: as it was stored for Korean readers, by its code for others."""
    if stored and (get_language() or "ko").startswith("ko"):
        return stored
    return str(TITLES.get(code) or stored or code)


def param_label(name: str) -> str:
    """Return what a parameter is called."""
    return str(PARAMS.get(name, name))


def sentence(code: str, operands: Mapping[str, Any]) -> str:
    """Say what the stored operands of a rule mean; unknown ones are said to be unknown."""
    if code not in _SENTENCES:
        return ""
    unknown = _t("unknown")
    said = {name: _said(value, unknown) for name, value in operands.items()}
    try:
        return str(_SENTENCES[code]) % said
    except KeyError:  # kept by an older version with other operands
        return ", ".join(f"{param_label(name)} {value}" for name, value in said.items())


def _said(value: Any, unknown: str) -> str:
    if value is None:
        return unknown
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
