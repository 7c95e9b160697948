"""Reads of stage 3."""

from .columns import (
    BillColumns,
    ContractColumns,
    contract_columns,
    in_force_on,
    locked_columns,
    refused_debits,
    reserved_at_month_end,
    rows_of,
    sums_assured_of,
    unpaid_bills,
    with_cover,
)

__all__ = [
    "BillColumns",
    "ContractColumns",
    "contract_columns",
    "in_force_on",
    "locked_columns",
    "refused_debits",
    "reserved_at_month_end",
    "rows_of",
    "sums_assured_of",
    "unpaid_bills",
    "with_cover",
]
