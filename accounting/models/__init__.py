"""Chart of accounts, posting rules, ledger, periods, measurement, statements."""

from .assumptions import AssumptionSet, YieldCurve
from .chart import Account, PostingRule
from .ledger import JournalBatch, JournalEntry, LedgerLine, ManualJournal
from .measurement import (
    ContractGroup,
    MeasurementFact,
    MeasurementFlow,
    MeasurementInput,
    MeasurementOrder,
    MeasurementRun,
)
from .periods import AccountBalance, FiscalPeriod, PeriodSeal
from .statements import FinancialStatement, StatementLine

__all__ = [
    "Account",
    "AccountBalance",
    "AssumptionSet",
    "ContractGroup",
    "FinancialStatement",
    "FiscalPeriod",
    "JournalBatch",
    "JournalEntry",
    "LedgerLine",
    "ManualJournal",
    "MeasurementFact",
    "MeasurementFlow",
    "MeasurementInput",
    "MeasurementOrder",
    "MeasurementRun",
    "PeriodSeal",
    "PostingRule",
    "StatementLine",
    "YieldCurve",
]
