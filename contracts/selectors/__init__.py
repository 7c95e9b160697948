"""Reads of stage 3."""

from .claimed import claims_known, late_withdrawal, late_withdrawals, open_claims
from .columns import (
    BillColumns,
    ContractColumns,
    contract_columns,
    in_force_on,
    locked_columns,
    measured_on,
    refused_debits,
    reserved_at_month_end,
    rows_of,
    sums_assured_of,
    unpaid_bills,
    void_bills,
)
from .endings import (
    arrears_percent,
    gaps_of,
    reinstatements,
    surrender_payment,
    termination,
)

__all__ = [
    "BillColumns",
    "ContractColumns",
    "arrears_percent",
    "claims_known",
    "contract_columns",
    "gaps_of",
    "in_force_on",
    "late_withdrawal",
    "late_withdrawals",
    "locked_columns",
    "measured_on",
    "open_claims",
    "refused_debits",
    "reinstatements",
    "reserved_at_month_end",
    "rows_of",
    "sums_assured_of",
    "surrender_payment",
    "termination",
    "unpaid_bills",
    "void_bills",
]
