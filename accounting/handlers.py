"""Every event of money is posted in the transaction that makes it true."""

from __future__ import annotations

from accounting import events as own
from accounting import services
from claims import events as claims
from contracts import events as contracts
from core.events import Event, books, first, later
from investments import events as investments
from reinsurance import events as reinsurance
from sales import events as sales

MONEY: tuple[type[Event], ...] = (
    contracts.ContractsIssued,
    contracts.PremiumsBilled,
    contracts.PremiumsCollected,
    contracts.BillsVoided,
    contracts.ContractsEnded,
    contracts.ReservesMoved,
    contracts.ContractsReinstated,
    contracts.SurrenderValuesPaid,
    sales.CommissionsAccrued,
    sales.CommissionsClawedBack,
    sales.AdvancesMoved,
    sales.CommissionsSettled,
    investments.AssetsPurchased,
    investments.AssetsSold,
    investments.AssetIncomeReceived,
    investments.InterestAccrued,
    investments.InterestCollected,
    investments.AssetsRevalued,
    investments.InterestBought,
    investments.CreditLossesMoved,
    investments.AssetsWrittenOff,
    investments.WriteOffsRecovered,
    claims.ClaimsReceived,
    claims.CaseReservesMoved,
    claims.ClaimsPaid,
    reinsurance.PremiumsCeded,
    reinsurance.RecoveriesDue,
    reinsurance.RecoveriesReceived,
    reinsurance.RecoveriesWrittenDown,
    reinsurance.RecoverablesMoved,
    reinsurance.ReinstatementsDue,
    reinsurance.CommissionsAdjusted,
    reinsurance.PayablesSettled,
    own.LiabilitiesMeasured,
    own.JournalsApproved,
    own.YearsClosed,
    own.SurrenderReservesAppropriated,
)


@first(contracts.ContractsIssued)
def assign(event: contracts.ContractsIssued) -> None:
    """Give the contracts their groups before anything is booked on them."""
    services.groups.assign(event)


def post(event: Event) -> None:
    """Post the event's facts."""
    services.post(event)


for _money in MONEY:
    books(_money)(post)


@later(own.MeasurementsOrdered)
def carry_out(event: own.MeasurementsOrdered) -> None:
    """Measure what was ordered."""
    for order_no in event.order_no.tolist():
        services.ordering.carry_out(order_no, business_date=event.business_date)
