"""Chart of accounts, posting rules, ledger, periods, measurement, statements."""

from .assumptions import AssumptionSet, YieldCurve
from .chart import Account, PostingRule
from .groups import ContractGroup, GroupMember, ProfitabilityTest
from .ledger import JournalBatch, JournalEntry, LedgerLine, ManualJournal
from .measurement import (
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
    "GroupMember",
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
    "ProfitabilityTest",
    "StatementLine",
    "YieldCurve",
]
