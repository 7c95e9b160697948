"""What the events of money are called, in the reader's language."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EVENTS: dict[str, str | Promise] = {
    "contracts.issued.v1": _("Contracts issued"),
    "contracts.premiums_billed.v1": _("Premiums billed"),
    "contracts.premiums_collected.v1": _("Premiums collected"),
    "contracts.bills_voided.v1": _("Unpaid premiums cancelled"),
    "contracts.ended.v1": _("Contracts ended"),
    "contracts.reinstated.v1": _("Contracts reinstated"),
    "contracts.surrender_values_paid.v1": _("Surrender values paid on request"),
    "contracts.reserves_moved.v1": _("Policy reserves moved"),
    "sales.commissions_accrued.v1": _("Commissions arose"),
    "sales.commissions_clawed_back.v1": _("Commissions clawed back"),
    "sales.advances_moved.v1": _("Advances of commission moved"),
    "sales.commissions_settled.v1": _("Commission statements paid"),
    "investments.assets_purchased.v1": _("Investments bought"),
    "investments.assets_sold.v1": _("Investments sold or repaid"),
    "investments.income_received.v1": _("Dividends and rent received"),
    "investments.interest_accrued.v1": _("Interest was earned"),
    "investments.interest_collected.v1": _("Interest came in"),
    "investments.interest_bought.v1": _("Interest bought with an asset"),
    "investments.assets_revalued.v1": _("Investments revalued"),
    "investments.credit_losses_moved.v1": _("Expected credit losses moved"),
    "investments.assets_written_off.v1": _("Debts written off"),
    "investments.write_offs_recovered.v1": _("Money for debts written off"),
    "claims.received.v1": _("Claims received"),
    "claims.case_reserves_moved.v1": _("Case reserves moved"),
    "claims.paid.v1": _("Claims paid out"),
    "reinsurance.premiums_ceded.v1": _("Premium ceded to reinsurers"),
    "reinsurance.recoveries_due.v1": _("Recoveries billed to reinsurers"),
    "reinsurance.recoveries_received.v1": _("Recoveries received from reinsurers"),
    "reinsurance.recoveries_written_down.v1": _("Recoveries written down"),
    "reinsurance.recoverables_moved.v1": _("Reinsurers' share of open claims moved"),
    "reinsurance.reinstatements_due.v1": _("Reinstatement premiums due"),
    "reinsurance.commissions_adjusted.v1": _("Reinsurance commissions adjusted"),
    "reinsurance.payables_settled.v1": _("Accounts with reinsurers settled"),
    "accounting.liabilities_measured.v1": _("Insurance liabilities measured"),
    "accounting.journals_approved.v1": _("Manual journals approved"),
    "accounting.entries_reversed.v1": _("Entries reversed"),
    "accounting.surrender_reserves_appropriated.v1": _("Surrender value reserve appropriated"),
    "accounting.years_closed.v1": _("Result of the year carried over"),
}


def event_words(name: str) -> str:
    """Return what an event is called; one without words keeps its name."""
    return str(EVENTS.get(name, name))
