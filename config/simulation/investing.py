"""Money goes to work: purchases, prices, a sale now and then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import Sum

from accounting.models import LedgerLine
from config.simulation.plan import Plan
from config.simulation.world import World
from core.acting import acting
from core.clock import add_months, is_business_day, month_end
from investments import services as investments
from investments.models import Asset, TradeOrder

SHARE = Decimal("0.80")
CASH = "1110"
OWED = ("2210", "2220", "2310", "2320", "2340", "2410")
TERMS = (
    # name, type, classification, issuer, share of the money, annual rate, years
    ("국고채권 03250-{n}", "BOND", "AC", "대한민국 정부", 0.34, "3.25", 10),
    ("{company}채 {n}회", "BOND", "FVOCI", "{company}", 0.24, "3.90", 5),
    ("코스피200 상장지수 {n}", "STOCK", "FVPL", "물길자산운용", 0.14, "1.80", 0),
    ("아파트담보대출 {n}차", "LOAN", "AC", "개인 차주 {n}차 집합", 0.16, "4.60", 15),
    ("오피스빌딩 지분 {n}", "REAL_ESTATE", "PROPERTY", "서울 중구 세종대로", 0.12, "4.20", 0),
)
COMPANIES = (
    "한국전력공사",
    "한국도로공사",
    "한국토지주택공사",
    "한국가스공사",
    "한국수자원공사",
    "인천국제공항공사",
)
PAYS_EVERY = {"BOND": 6, "STOCK": 3}  # months; the fund distributes in January, April, …
LEAST = 5_000_000
DRIFT = {"STOCK": (0.006, 0.035), "BOND": (0.0005, 0.006), "REAL_ESTATE": (0.002, 0.004)}


def invest(plan: Plan, world: World, day: date) -> None:
    """On the tenth (or the business day after) put spare cash to work; price at month ends."""
    if day == month_end(day):
        _price(plan, day)
    if day == plan.start:
        _describe_parties()
    if _is_tenth(day):
        _buy(plan, day)
        _rate(plan, day)
        if day.month % 3 == 0:
            _sell(plan, day)


def _is_tenth(day: date) -> bool:
    days = [date(day.year, day.month, d) for d in range(10, day.day + 1)]
    return day.day >= 10 and is_business_day(day) and not any(map(is_business_day, days[:-1]))


def _buy(plan: Plan, day: date) -> None:
    spare = int(max(cash() - owed(), Decimal(0)) * SHARE)
    number = (day.year - plan.start.year) * 12 + day.month - plan.start.month + 1
    bought = []
    for purchase in _wishes(spare, number, day):
        try:
            with acting("investment", day.isoformat()):
                bought.append(investments.order_purchase(purchase, on=day))
        except investments.LimitExceeded:
            continue  # the money waits for the next tenth
    if bought:
        _approve(bought, day)


def _wishes(spare: int, number: int, day: date) -> list[investments.Purchase]:
    """Return what is to be bought; corporate bonds are spread over companies where it pays."""
    orders = []
    for name, kind, classification, issuer, share, rate, years in TERMS:
        amount = int(spare * share) // 1_000_000 * 1_000_000
        companies = [COMPANIES[number % len(COMPANIES)]]
        corporate = "{company}" in issuer
        if corporate and amount >= len(COMPANIES) * LEAST:
            companies = list(COMPANIES)
            amount = amount // len(COMPANIES) // 1_000_000 * 1_000_000
        if amount < LEAST:
            continue
        debt = kind in ("BOND", "LOAN")
        orders += [
            investments.Purchase(
                asset_name=name.format(n=number, company=company),
                asset_type=kind,
                classification=classification,
                issuer=issuer.format(n=number, company=company),
                amount=amount,
                face_value=amount if debt else None,
                annual_rate=Decimal(rate),
                maturity_date=add_months(day, years * 12) if years else None,
                quantity=Decimal(1) if debt else Decimal(max(amount // 10_000, 1)),
                income_every=PAYS_EVERY.get(kind, 1),
                income_anchor=1 if kind == "STOCK" else day.month,
                issue_date=add_months(day, -4) if corporate else None,
            )
            for company in companies
        ]
    return orders


def _describe_parties() -> None:
    """Say which issuers are no single risk: the fund, and the pools of borrowers."""
    with acting("investment", "founding"):
        for name in ("물길자산운용", *(f"개인 차주 {n}차 집합" for n in range(1, 121))):
            investments.describe_counterparty(name, group_name="", relation="NONE", spread=True)


def _rate(plan: Plan, day: date) -> None:
    """Agencies rate corporate bonds when they are bought; one company is downgraded later."""
    held = Asset.objects.filter(status="HELD", classification="FVOCI", asset_type="BOND")
    number = (day.year - plan.start.year) * 12 + day.month - plan.start.month
    for asset in held.order_by("asset_id"):
        fallen = number >= 4 and asset.issuer == COMPANIES[2]
        grade = "BB" if fallen else "AA"
        last = asset.ratings.order_by("-rated_on").first()
        if last is None or last.grade != grade:
            with acting("investment", day.isoformat()):
                investments.rate(
                    asset.pk, grade=grade, days_past_due=0, source="한국신용평가", on=day
                )


def cash() -> Decimal:
    """Return what the ledger says is at the bank, won."""
    return _balance([CASH])


def owed() -> Decimal:
    """Return what will soon be paid: open claims, commissions, taxes withheld, reinsurers, won."""
    return -_balance(OWED)


def _balance(accounts: Sequence[str]) -> Decimal:
    lines = LedgerLine.objects.filter(account_id__in=accounts)
    sums = lines.aggregate(debit=Sum("debit_amount"), credit=Sum("credit_amount"))
    return (sums["debit"] or Decimal(0)) - (sums["credit"] or Decimal(0))


def _sell(plan: Plan, day: date) -> None:
    stock = Asset.objects.filter(status="HELD", asset_type="STOCK").order_by("asset_id").first()
    if stock is None or stock.current_value <= 0:
        return
    with acting("investment", day.isoformat()):
        gain = Decimal(1) + Decimal(str(round(plan.rng(day, "sale").normal(0.01, 0.02), 4)))
        amount = int(stock.current_value * gain)
        investments.order_sale(investments.Sale(asset_id=stock.asset_id, amount=amount), on=day)
    _approve([stock.asset_id], day)


def _approve(asset_ids: list[str], day: date) -> None:
    waiting = TradeOrder.objects.filter(asset_id__in=asset_ids, status="PROPOSED").order_by("id")
    with acting("investment2", day.isoformat()):
        investments.approve_many(list(waiting.values_list("id", flat=True)), on=day)


def _price(plan: Plan, day: date) -> None:
    rng = plan.rng(day, "prices")
    prices = []
    held = Asset.objects.filter(status="HELD").exclude(classification="AC").order_by("asset_id")
    for asset in held:
        mean, spread = DRIFT.get(asset.asset_type, (0.0, 0.0))
        move = Decimal(str(round(float(np.clip(rng.normal(mean, spread), -0.2, 0.2)), 6)))
        unit = asset.current_value * (1 + move) / asset.quantity
        prices.append(
            investments.Price(
                asset_id=asset.asset_id,
                price_date=day,
                unit_price=unit.quantize(Decimal("0.0001")),
                source="시가평가",
            )
        )
    if prices:
        with acting("investment", day.isoformat()):
            investments.record_prices(prices, on=day)
