"""The shared kernel's tables: people, clock, events, audit, jobs."""

from .accounts import Operation, RoleGrant, SavedView, User
from .events import EventRecord, HandledEvent, OutboxMessage
from .jobs import JobChunk, JobFailure, JobRun, NightOrder
from .records import AccessRow, AuditRow, BusinessClock, StatusMove, Timestamped

__all__ = [
    "AccessRow",
    "AuditRow",
    "BusinessClock",
    "EventRecord",
    "HandledEvent",
    "JobChunk",
    "JobFailure",
    "JobRun",
    "NightOrder",
    "Operation",
    "OutboxMessage",
    "RoleGrant",
    "SavedView",
    "StatusMove",
    "Timestamped",
    "User",
]
