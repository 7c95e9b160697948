"""Limits on how an insurer may invest (보험업법 §106), general account, and the clock to cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.columns import Flags, Keys, Won

PROPERTY_PERCENT = 15
BORROWER_PERCENT = 3
ISSUER_PERCENT = 7
GROUP_PERCENT = 12
LARGE_CREDIT_PERCENT = 1
LARGE_CREDITS_PERCENT = 20
RELATED_CREDIT_EQUITY, RELATED_CREDIT_ASSETS = 40, 2
RELATED_SECURITIES_EQUITY, RELATED_SECURITIES_ASSETS = 60, 3
SUBSIDIARY_EQUITY = 10
FOREIGN_PERCENT = 50
NEAR = 0.9
PUBLIC = ("대한민국 정부", "대한민국", "한국은행")
"""Issuers that are no company: the limits on issuers and borrowers do not concern them."""
CURE_YEARS = {"PRICE": 1, "ACCOUNTING": 3}
"""Years within which a breach is cured, by its cause (§107②)."""


@dataclass(frozen=True, slots=True)
class Counterparty:
    """What the law asks about an issuer or borrower.

    Args:
        group: the group of companies that it belongs to; empty: none.
        relation: ``NONE``, ``SHAREHOLDER`` (major shareholder) or ``SUBSIDIARY``.
        spread: a fund or a pool of many small debtors: no single issuer or borrower.
    """

    group: str = ""
    relation: str = "NONE"
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Basis:
    """What limits are measured against, won.

    Args:
        assets: all assets of the general account.
        equity: 자기자본; None: not known, limits against it are measured by assets alone.
    """

    assets: int
    equity: int | None = None

    def part(self, *, assets: int, equity: int | None = None) -> int:
        """Return the smaller of percents of assets and of equity, won."""
        most = self.assets * assets // 100
        if equity is None or self.equity is None:
            return most
        return min(most, max(self.equity, 0) * equity // 100)


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How far a limit is used.

    Args:
        code: PROPERTY, BORROWER, ISSUER, GROUP, LARGE_CREDITS, RELATED_CREDIT,
            RELATED_SECURITIES, SUBSIDIARY or FOREIGN.
        article: of the law.
        whose: the borrower, issuer or group that uses most; empty for a class of assets.
        amount: won.
        most: won that are allowed.
        base: what ``share`` is measured against, won.
    """

    code: str
    article: str
    whose: str
    amount: int
    most: int
    base: int

    @property
    def share(self) -> float:
        """The amount as a ratio of the base."""
        return self.amount / self.base if self.base else 0.0

    @property
    def limit(self) -> float:
        """What is allowed as a ratio of the base."""
        return self.most / self.base if self.base else 0.0

    @property
    def state(self) -> str:
        """OK, NEAR (nine tenths of the limit) or OVER."""
        if self.amount > self.most:
            return "OVER"
        return "NEAR" if self.amount > self.most * NEAR else "OK"


def limits(
    *,
    asset_type: Keys,
    issuer: Keys,
    value: Won,
    basis: Basis,
    parties: Mapping[str, Counterparty] | None = None,
    foreign: Flags | None = None,
) -> list[LimitUse]:
    """Return the use of each limit of §106① for the general account.

    Args:
        asset_type: (n,) STOCK, BOND, REAL_ESTATE or LOAN.
        issuer: (n,) issuer, borrower or address.
        value: (n,) carrying amounts, won.
        basis: all assets, and equity where it is known.
        parties: what is known about issuers; others stand alone.
        foreign: (n,) whether an asset is in foreign currency or abroad; none by default.

    Source: 보험업법 §106① 1 to 9호; property 15 % by 보험업법 시행령 §50③.
    """
    known = parties or {}
    public = np.isin(issuer, PUBLIC)
    spread = np.asarray([known.get(str(i), Counterparty()).spread for i in issuer], dtype=bool)
    loans = (asset_type == "LOAN") & ~public
    securities = ((asset_type == "STOCK") | (asset_type == "BOND")) & ~public
    borrowers = _by_name(issuer[loans & ~spread], value[loans & ~spread])
    issuers = _by_name(issuer[securities & ~spread], value[securities & ~spread])
    single = (loans | securities) & ~spread
    groups = _by_group(issuer[single], value[single], known)
    large = sum(v for v in borrowers.values() if v * 100 > basis.assets * LARGE_CREDIT_PERCENT)
    related = np.asarray([known.get(str(i), Counterparty()).relation for i in issuer], dtype=object)
    own = np.isin(related, ("SHAREHOLDER", "SUBSIDIARY"))
    lent = loans & ~spread & (related == "SUBSIDIARY")
    subsidiaries = _by_name(issuer[lent], value[lent])
    abroad = value[foreign].sum() if foreign is not None else 0
    assets = basis.assets

    def use(code: str, article: str, whose: str, amount: int, most: int) -> LimitUse:
        return LimitUse(code, article, whose, int(amount), most, assets)

    return [
        use("BORROWER", "§106①1", *_largest(borrowers), basis.part(assets=BORROWER_PERCENT)),
        use("ISSUER", "§106①2", *_largest(issuers), basis.part(assets=ISSUER_PERCENT)),
        use("GROUP", "§106①3", *_largest(groups), basis.part(assets=GROUP_PERCENT)),
        use("LARGE_CREDITS", "§106①4", "", large, basis.part(assets=LARGE_CREDITS_PERCENT)),
        use(
            "RELATED_CREDIT",
            "§106①5",
            "",
            value[loans & own & ~spread].sum(),
            basis.part(assets=RELATED_CREDIT_ASSETS, equity=RELATED_CREDIT_EQUITY),
        ),
        use(
            "RELATED_SECURITIES",
            "§106①6",
            "",
            value[securities & own & ~spread].sum(),
            basis.part(assets=RELATED_SECURITIES_ASSETS, equity=RELATED_SECURITIES_EQUITY),
        ),
        use(
            "SUBSIDIARY",
            "§106①7",
            *_largest(subsidiaries),
            basis.part(assets=100, equity=SUBSIDIARY_EQUITY),
        ),
        use(
            "PROPERTY",
            "§106①8",
            "",
            value[asset_type == "REAL_ESTATE"].sum(),
            basis.part(assets=PROPERTY_PERCENT),
        ),
        use("FOREIGN", "§106①9", "", int(abroad), basis.part(assets=FOREIGN_PERCENT)),
    ]


def concerned(
    use: LimitUse,
    *,
    asset_type: Keys,
    issuer: Keys,
    value: Won,
    parties: Mapping[str, Counterparty],
) -> Flags:
    """Return (n,) which assets a limit's use is made of.

    Args:
        use: from ``limits`` of the same assets; one of FOREIGN names none.
        asset_type: (n,) kinds.
        issuer: (n,) issuers, borrowers or addresses.
        value: (n,) carrying amounts, won.
        parties: what is known about issuers.
    """
    alone = Counterparty()
    known = [parties.get(str(name), alone) for name in issuer]
    spread = np.asarray([party.spread for party in known], dtype=bool)
    single = ~spread & ~np.isin(issuer, PUBLIC)
    loans = (asset_type == "LOAN") & single
    securities = ((asset_type == "STOCK") | (asset_type == "BOND")) & single
    own = np.asarray([party.relation != "NONE" for party in known], dtype=bool)
    grouped = np.asarray([party.group == use.whose for party in known], dtype=bool)
    named = issuer == use.whose
    borrowers = _by_name(issuer[loans], value[loans])
    large = np.asarray(
        [borrowers.get(str(name), 0) * 100 > use.base * LARGE_CREDIT_PERCENT for name in issuer],
        dtype=bool,
    )
    masks: dict[str, Flags] = {
        "BORROWER": loans & named,
        "ISSUER": securities & named,
        "GROUP": (loans | securities) & grouped & (use.whose != ""),
        "LARGE_CREDITS": loans & large,
        "RELATED_CREDIT": loans & own,
        "RELATED_SECURITIES": securities & own,
        "SUBSIDIARY": loans & named,
        "PROPERTY": asset_type == "REAL_ESTATE",
    }
    return masks.get(use.code, np.zeros(len(issuer), dtype=bool))


def worse(before: list[LimitUse], after: list[LimitUse]) -> list[LimitUse]:
    """Return the limits that a trade would break, or break further.

    A trade that lessens a breach, or leaves it as it is, is not refused for it.
    """
    was = {use.code: use.amount for use in before}
    return [use for use in after if use.state == "OVER" and use.amount > was.get(use.code, 0)]


def cure_by(opened: date, cause: str) -> date:
    """Return the last day on which a breach may still stand.

    Args:
        opened: the first day above the limit.
        cause: ``PRICE`` (prices, exchange rates and the like) or ``ACCOUNTING`` (a changed
            accounting treatment).

    Source: 보험업법 §107②.
    """
    year = opened.year + CURE_YEARS[cause]
    try:
        return opened.replace(year=year)
    except ValueError:  # 29 February
        return date(year, 2, 28)


def _by_name(names: Keys, values: Won) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in zip(names, values.tolist(), strict=True):
        found[str(name)] = found.get(str(name), 0) + value
    return found


def _by_group(names: Keys, values: Won, known: Mapping[str, Counterparty]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, value in _by_name(names, values).items():
        group = known.get(name, Counterparty()).group
        if group:
            found[group] = found.get(group, 0) + value
    return found


def _largest(amounts: dict[str, int]) -> tuple[str, int]:
    if not amounts:
        return "", 0
    name = max(sorted(amounts), key=amounts.__getitem__)
    return name, amounts[name]
