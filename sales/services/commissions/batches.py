"""What stage 3 tells the commissions, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from core.columns import Days, Ints, Keys, Won


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Premiums that were collected, as equal-length columns.

    Args:
        contract_id, product_code, version, agent_id, line, cohort_year: of the contract.
        premium: won, of this instalment.
        instalment: its number, from 1.
        contract_date: decides the plan; None: as the sales record has it.
        fresh: the contracts were just issued, so that nothing is known of them yet.
        shared: though they are, some of them came with shares.
    """

    contract_id: Keys
    product_code: Keys
    version: Ints
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    premium: Won
    instalment: Ints
    contract_date: Days | None = None
    fresh: bool = False
    shared: bool = False

    def take(self, rows: Any) -> Self:
        """Return some rows."""
        return type(self)(
            contract_id=self.contract_id[rows],
            product_code=self.product_code[rows],
            version=self.version[rows],
            agent_id=self.agent_id[rows],
            line=self.line[rows],
            cohort_year=self.cohort_year[rows],
            premium=self.premium[rows],
            instalment=self.instalment[rows],
            contract_date=None if self.contract_date is None else self.contract_date[rows],
            fresh=self.fresh,
            shared=self.shared,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Contracts that ended, or that are in force again (kind ""), as equal-length columns."""

    contract_id: Keys
    kind: Keys
    product_code: Keys
    version: Ints
    line: Keys
    cohort_year: Ints
    paid_instalments: Ints

    def take(self, rows: Any) -> Self:
        """Return some rows."""
        return type(self)(**{n: getattr(self, n)[rows] for n in self.__slots__})


def contract_dates(columns: Collected | Ended, known: dict[str, Any]) -> Days:
    """Return each row's contract date from what the sales record has; NaT where it has none."""
    never = np.datetime64("NaT")
    days = [known.get(key, never) for key in columns.contract_id]
    return np.asarray(days, "datetime64[D]")
