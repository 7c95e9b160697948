"""Lists of investments."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.tables import (
    CountColumn,
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    PersonColumn,
    StatusColumn,
    TextColumn,
    WhyColumn,
)
from investments.models import (
    Asset,
    AssetPrice,
    AssetReturn,
    Counterparty,
    CreditLoss,
    TradeOrder,
)


class AssetTable(HouseTable):
    """All assets."""

    hidden = (
        "issuer",
        "purchase_date",
        "purchase_price",
        "accrued_interest",
        "face_value",
        "sold_on",
    )
    asset_id = NumberLinkColumn("investments:asset_detail", verbose_name=_("Asset number"))
    asset_name = TextColumn(verbose_name=_("Name"))
    asset_type = TextColumn(
        accessor="get_asset_type_display", order_by="asset_type", verbose_name=_("Kind of asset")
    )
    classification = TextColumn(
        accessor="get_classification_display",
        order_by="classification",
        verbose_name=_("Measurement of the asset"),
    )
    issuer = TextColumn(verbose_name=_("Issuer, borrower or address"))
    status = StatusColumn(verbose_name=_("Status"))
    purchase_date = DateColumn(verbose_name=_("Bought on"))
    maturity_date = DateColumn(verbose_name=_("Maturity"))
    annual_rate = TextColumn(verbose_name=_("Rate (%)"))
    purchase_price = MoneyColumn(total=True, verbose_name=_("Purchase price (KRW)"))
    current_value = WhyColumn(
        "asset-value", key="asset_id", total=True, verbose_name=_("Carrying amount (KRW)")
    )
    accrued_interest = MoneyColumn(total=True, verbose_name=_("Accrued interest (KRW)"))
    face_value = MoneyColumn(verbose_name=_("Face value (KRW)"))
    sold_on = DateColumn(verbose_name=_("Sold on"))

    class Meta:
        model = Asset
        fields = (
            "asset_id",
            "asset_name",
            "asset_type",
            "classification",
            "issuer",
            "status",
            "purchase_date",
            "maturity_date",
            "annual_rate",
            "purchase_price",
            "current_value",
            "accrued_interest",
            "face_value",
            "sold_on",
        )

    def render_annual_rate(self, value: Any) -> str:
        """Show the rate without needless zeros."""
        return f"{value.normalize():f}"


class OrderTable(HouseTable):
    """Orders to buy and to sell."""

    hidden = ("decided_on",)
    id = NumberLinkColumn("investments:order_detail", verbose_name=_("Order number"))
    asset = NumberLinkColumn(
        "investments:asset_detail", accessor="asset_id", verbose_name=_("Asset number")
    )
    asset_name = TextColumn(accessor="asset__asset_name", verbose_name=_("Name"))
    side = TextColumn(accessor="get_side_display", order_by="side", verbose_name=_("Side"))
    status = StatusColumn(verbose_name=_("Status"))
    made_on = DateColumn(verbose_name=_("Ordered on"))
    made_by = PersonColumn(verbose_name=_("Ordered by"))
    decided_on = DateColumn(verbose_name=_("Decided on"))
    decided_by = PersonColumn(verbose_name=_("Decided by"))
    amount = MoneyColumn(total=True, verbose_name=_("Amount (KRW)"))

    class Meta:
        model = TradeOrder
        fields = (
            "id",
            "asset",
            "asset_name",
            "side",
            "status",
            "made_on",
            "made_by",
            "decided_on",
            "decided_by",
            "amount",
        )


class ReturnTable(HouseTable):
    """What assets earned."""

    record_date = DateColumn(verbose_name=_("Day"))
    asset = NumberLinkColumn(
        "investments:asset_detail", accessor="asset_id", verbose_name=_("Asset number")
    )
    asset_name = TextColumn(accessor="asset__asset_name", verbose_name=_("Name"))
    asset_type = TextColumn(
        accessor="asset__get_asset_type_display",
        order_by="asset__asset_type",
        verbose_name=_("Kind of asset"),
    )
    kind = TextColumn(
        accessor="get_kind_display", order_by="kind", verbose_name=_("Kind of return")
    )
    return_rate = TextColumn(verbose_name=_("Rate (%)"))
    return_amount = WhyColumn(
        "asset-return", key="return_id", total=True, verbose_name=_("Amount (KRW)")
    )

    class Meta:
        model = AssetReturn
        fields = (
            "record_date",
            "asset",
            "asset_name",
            "asset_type",
            "kind",
            "return_rate",
            "return_amount",
        )


class PriceTable(HouseTable):
    """Market prices and appraisals."""

    price_date = DateColumn(verbose_name=_("Day"))
    asset = NumberLinkColumn(
        "investments:asset_detail", accessor="asset_id", verbose_name=_("Asset number")
    )
    asset_name = TextColumn(accessor="asset__asset_name", verbose_name=_("Name"))
    unit_price = TextColumn(verbose_name=_("Price of one unit (KRW)"))
    source = TextColumn(verbose_name=_("Source"))
    recorded_by = PersonColumn(verbose_name=_("Recorded by"))

    class Meta:
        model = AssetPrice
        fields = ("price_date", "asset", "asset_name", "unit_price", "source", "recorded_by")

    def render_unit_price(self, value: Any) -> str:
        """Show separators, and decimals only where there are some."""
        whole = value == value.to_integral_value()
        return f"{value:,.0f}" if whole else f"{value.normalize():,f}"


class LossTable(HouseTable):
    """Expected credit losses, month by month."""

    hidden = ("twelve_months", "lifetime")
    base_date = DateColumn(verbose_name=_("Day"))
    asset = NumberLinkColumn(
        "investments:asset_detail", accessor="asset_id", verbose_name=_("Asset number")
    )
    asset_name = TextColumn(accessor="asset__asset_name", verbose_name=_("Name"))
    cause = TextColumn(
        accessor="get_cause_display", order_by="cause", verbose_name=_("Why it moved")
    )
    stage_before = CountColumn(verbose_name=_("Stage before"))
    stage = CountColumn(verbose_name=_("Stage of credit risk"))
    evidence = TextColumn(
        accessor="trace", orderable=False, empty_values=(), verbose_name=_("Evidence of the stage")
    )
    exposure = MoneyColumn(verbose_name=_("Exposure (KRW)"))
    twelve_months = MoneyColumn(verbose_name=_("Of twelve months (KRW)"))
    lifetime = MoneyColumn(verbose_name=_("Of the whole life (KRW)"))
    movement = MoneyColumn(total=True, verbose_name=_("Change of the allowance (KRW)"))
    allowance = WhyColumn("credit-loss", key="pk", verbose_name=_("Loss allowance (KRW)"))

    class Meta:
        model = CreditLoss
        fields = (
            "base_date",
            "asset",
            "asset_name",
            "cause",
            "stage_before",
            "stage",
            "evidence",
            "exposure",
            "twelve_months",
            "lifetime",
            "movement",
            "allowance",
        )

    def render_evidence(self, value: Any) -> str:
        """Show the grades then and now, and how late payments are."""
        if not value or "grade" not in value:
            return "–"
        said = f"{value['grade_then']} → {value['grade']}"
        late = value.get("past_due", 0)
        return f"{said} · {_('%(n)s days past due') % {'n': late}}" if late else said


class PartyTable(HouseTable):
    """Issuers and borrowers as the limits see them."""

    party_name = TextColumn(verbose_name=_("Issuer or borrower"))
    group_name = TextColumn(verbose_name=_("Group of companies"))
    relation = TextColumn(
        accessor="get_relation_display", order_by="relation", verbose_name=_("Relation to us")
    )
    spread = TextColumn(verbose_name=_("A fund or a pool of many debtors"))
    made_by = PersonColumn(verbose_name=_("Recorded by"))

    class Meta:
        model = Counterparty
        fields = ("party_name", "group_name", "relation", "spread", "made_by")

    def render_spread(self, value: bool) -> str:
        """Show yes or nothing."""
        return str(_("yes")) if value else "–"
