"""Tables of the lists of claims."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, Provider
from claims.selectors import OPEN
from core.clock import business_date
from core.tables import (
    CountColumn,
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    PersonColumn,
    StatusColumn,
    TextColumn,
)
from core.templatetags.house import dday
from products import api as products


class DueColumn(DateColumn):
    """A due date with its D-day while the claim is open."""

    def render(self, value: date, record: Any, table: Any) -> SafeString | str:  # type: ignore[override]
        """Show date and chip."""
        return dday(value, table.today, closed=record.status not in OPEN)


class CodeColumn(TextColumn):
    """A business number without a page of its own here; it never breaks."""

    css = "nowrap"


class ClaimTable(HouseTable):
    """Claims, one a row."""

    hidden = ("channel", "line", "case_reserve", "provider", "incident_date")
    reception_id = NumberLinkColumn("claims:claim_detail", verbose_name=_("Reception no."))
    claimant_name = TextColumn(verbose_name=_("Claimant"))
    contract = CodeColumn(accessor="contract_id", verbose_name=_("Contract"))
    claim_type = TextColumn(verbose_name=_("Kind of event"))
    status = StatusColumn(verbose_name=_("Status"))
    fds_gate = StatusColumn(verbose_name=_("Fraud check"))
    due_on = DueColumn(verbose_name=_("Due"))
    report_date = DateColumn(verbose_name=_("Reported"))
    incident_date = DateColumn(verbose_name=_("Accident"))
    claimed_amount = MoneyColumn(total=True, verbose_name=_("Claimed (KRW)"))
    case_reserve = MoneyColumn(total=True, verbose_name=_("Case reserve (KRW)"))
    adjuster = PersonColumn(verbose_name=_("Adjuster"))
    provider = TextColumn(accessor="provider__provider_name", verbose_name=_("Provider"))
    channel = TextColumn(verbose_name=_("Channel"))
    line = TextColumn(verbose_name=_("Line"))

    class Meta:
        model = Claim
        fields = (
            "reception_id",
            "claimant_name",
            "claim_type",
            "status",
            "fds_gate",
            "due_on",
            "claimed_amount",
            "adjuster",
            "report_date",
            "contract",
            "incident_date",
            "case_reserve",
            "provider",
            "channel",
            "line",
        )

    def render_line(self, value: str) -> str:
        """Call the portfolio by its name."""
        return products.line_name(value)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.today = business_date()
        super().__init__(*args, **kwargs)


class ProviderTable(HouseTable):
    """Providers with their claims."""

    provider_code = NumberLinkColumn("claims:provider_detail", verbose_name=_("Provider code"))
    provider_name = TextColumn(verbose_name=_("Name"))
    kind = TextColumn(verbose_name=_("Kind"))
    region = TextColumn(verbose_name=_("Region"))
    claims = CountColumn(accessor="claim_count", verbose_name=_("Claims"))
    gated = CountColumn(accessor="gated_count", verbose_name=_("Not clear"))
    claimed = MoneyColumn(accessor="claimed_total", verbose_name=_("Claimed (KRW)"))

    class Meta:
        model = Provider
        fields = ("provider_code", "provider_name", "kind", "region", "claims", "gated", "claimed")


__all__ = ["ClaimTable", "ProviderTable"]
