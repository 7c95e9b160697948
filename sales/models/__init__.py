"""Organisation, agents, applications, commissions and their settlement."""

from .applications import Application
from .commissions import Commission, CommissionSettlement, SalesRecord
from .organisation import Agent, Branch

__all__ = [
    "Agent",
    "Application",
    "Branch",
    "Commission",
    "CommissionSettlement",
    "SalesRecord",
]
