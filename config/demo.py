"""The people of a demonstration: one login for each role, and the colleagues who check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.hashers import make_password

from core.models import RoleGrant, User
from core.permissions import grant, roles

PASSWORD = settings.DEMO_PASSWORD
SINCE = date(2025, 1, 1)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone who works at the demonstration insurer."""

    username: str
    name: str
    role: str
    branch_code: str = ""
    own_number: str = ""
    shown: bool = True


COLLEAGUES = (
    Colleague("actuary", "한계리", "product_actuary"),
    Colleague("agent", "김설계", "agent", "BR01", "A00001"),
    Colleague("branch", "이지점", "branch_manager", "BR01", "A00002"),
    Colleague("underwriter", "박심사", "underwriter"),
    Colleague("chiefuw", "노수석", "chief_underwriter"),
    Colleague("servicing", "최보전", "policy_servicing"),
    Colleague("adjuster", "정보상", "claims_adjuster"),
    Colleague("claimsmgr", "강팀장", "claims_manager"),
    Colleague("siu", "조조사", "siu"),
    Colleague("reinsurance", "윤재보", "reinsurance"),
    Colleague("investment", "장운용", "investment"),
    Colleague("accountant", "임회계", "accountant"),
    Colleague("partner", "문제휴", "partner_manager"),
    Colleague("executive", "오대표", "executive"),
    Colleague("auditor", "서감사", "auditor"),
    Colleague("admin", "신관리", "administrator"),
    Colleague("actuary2", "권계리", "product_actuary", shown=False),
    Colleague("adjuster2", "황보상", "claims_adjuster", shown=False),
    Colleague("siu2", "안조사", "siu", shown=False),
    Colleague("reinsurance2", "송재보", "reinsurance", shown=False),
    Colleague("investment2", "류운용", "investment", shown=False),
    Colleague("accountant2", "전회계", "accountant", shown=False),
    Colleague("underwriter2", "홍심사", "underwriter", shown=False),
)


def make_people() -> int:
    """Make the people who are missing and grant their roles; return how many were new.

    Only in demo mode do they get a password; elsewhere they act in a simulation but cannot log in.
    """
    new = 0
    for colleague in COLLEAGUES:
        user, made = User.objects.get_or_create(
            username=colleague.username,
            defaults={
                "display_name": colleague.name,
                "password": make_password(None),
                "branch_code": colleague.branch_code,
                "own_number": colleague.own_number,
                "is_staff": colleague.role == "administrator",
                "is_superuser": colleague.role == "administrator",
            },
        )
        if settings.DEMO and not user.has_usable_password():
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        new += made
        if not RoleGrant.objects.filter(user=user, role=colleague.role).exists():
            grant(user, colleague.role, by="set-up", reason="demonstration", start=SINCE)
    return new


def logins() -> str:
    """Return the table of logins, as the terminal and the login page show it."""
    rows = [(c.username, str(roles()[c.role].label), c.name) for c in COLLEAGUES if c.shown]
    lines = [f"  {username:<12} {name}  {label}" for username, label, name in rows]
    return "\n".join(["  Logins (password " + PASSWORD + "):", *lines, ""])
