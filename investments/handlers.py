"""The books' facts that concern investments: what limits are measured against."""

from __future__ import annotations

from accounting.events import PositionsStated
from core.events import books

from . import services


@books(PositionsStated)
def note_positions(event: PositionsStated) -> None:
    """Note the total assets and the equity of closed months."""
    for period, assets, equity in zip(event.period, event.assets, event.equity, strict=True):
        services.note_position(
            period=period, assets=int(assets), equity=int(equity), on=event.business_date
        )
