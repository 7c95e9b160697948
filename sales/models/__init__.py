"""Organisation, agents, applications, plans, commissions and their settlement."""

from .applications import Application
from .commissions import Commission, CommissionSettlement, SalesRecord
from .organisation import Agent, AgentPost, Branch, ContractShare
from .plans import CommissionPlan

__all__ = [
    "Agent",
    "AgentPost",
    "Application",
    "Branch",
    "Commission",
    "CommissionPlan",
    "CommissionSettlement",
    "ContractShare",
    "SalesRecord",
]
