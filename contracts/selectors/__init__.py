"""Reads of stage 3."""

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
)

__all__ = [
    "BillColumns",
    "ContractColumns",
    "contract_columns",
    "in_force_on",
    "locked_columns",
    "measured_on",
    "refused_debits",
    "reserved_at_month_end",
    "rows_of",
    "sums_assured_of",
    "unpaid_bills",
]
