"""Commissions arise on collected premiums: by the product's own rule, or by a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from core.clock import add_months
from core.columns import Ints, Keys, Won, distinct
from core.errors import NotFound
from sales import rules
from sales.models import Commission
from sales.selectors import booked, catalogue, hierarchy, plans
from sales.selectors.hierarchy import Payees, Shares
from sales.selectors.plans import ActivePlan

from .batches import Collected, contract_dates
from .lines import Lines, joined, write
from .planned import Setting, planned_lines

Kind = Commission.Kind


@transaction.atomic
def accrue(batch: Collected, *, business_date: date, event_id: UUID) -> int:
    """Write the commissions that collected instalments earn, due the next month; announce them.

    Contracts whose date lies in an active plan of their product earn by it, with overrides and
    advances; the others by the product's own rule. An instalment at which nothing is paid earns
    none. One contract's instalment earns once, however often its premium is told.

    Args:
        batch: at most 10,000 instalments.
        business_date: the day of collection.
        event_id: the event that they follow from.

    Returns:
        How many lines were written.

    Raises:
        NotFound: an agent does not exist.
        sales.selectors.catalogue.NotPayable: a version has no commission rule.
    """
    active = plans.active(np.unique(batch.product_code.astype(str)).tolist())
    alone = batch.fresh and not batch.shared
    shares = None if alone else hierarchy.shares_on(batch.contract_id, business_date)
    setting = Setting(
        due=np.datetime64(add_months(business_date, 1), "D"),
        payees=_payees(batch, shares, business_date),
        shares=shares,
    )
    by_plan = _plan_of(batch, active)
    parts = []
    for plan, rows in by_plan:
        parts.append(planned_lines(batch.take(rows), plan, setting))
    covered = np.concatenate([rows for _, rows in by_plan]) if by_plan else np.empty(0, np.int64)
    rest = np.setdiff1d(np.arange(len(batch.contract_id)), covered)
    if len(rest):
        whole = batch if len(rest) == len(batch.contract_id) else batch.take(rest)
        parts += _by_products_rule(whole, setting)
    return write(joined(parts), business_date=business_date, event_id=event_id)


def _payees(batch: Collected, shares: Shares | None, day: date) -> Payees:
    wanted = set(np.unique(batch.agent_id.astype(str)).tolist())
    if shares is not None:
        wanted |= set(shares.agent_id.tolist())
    found = hierarchy.payees(wanted, day)
    if missing := sorted(wanted - found.factor.keys()):
        raise NotFound(f"There is no agent {missing[0]}.")
    return found


def _plan_of(
    batch: Collected, active: Mapping[str, list[ActivePlan]]
) -> list[tuple[ActivePlan, Ints]]:
    """Return each plan with the rows that it rules."""
    if not active:
        return []
    dates = batch.contract_date
    if dates is None:
        dates = contract_dates(batch, booked.issue_dates(batch.contract_id))
    found = []
    for code, ones in active.items():
        for plan in ones:
            rows = np.flatnonzero(
                (batch.product_code == code)
                & (dates >= np.datetime64(plan.starts, "D"))
                & (dates < np.datetime64(plan.ends, "D"))
            )
            if len(rows):
                found.append((plan, rows))
    return found


def _by_products_rule(batch: Collected, setting: Setting) -> list[Lines]:
    """Return the lines by the products' own rules, whole contracts and shared ones apart."""
    shared = np.zeros(len(batch.contract_id), bool)
    if setting.shares is not None and len(setting.shares):
        shared = np.isin(batch.contract_id.astype(str), setting.shares.contract_id.astype(str))
    parts = []
    for rows, code, number in _versions(batch.product_code, batch.version):
        rule_id, plan = catalogue.commission_plan(code, number)
        for mine, make in ((rows[~shared[rows]], _whole), (rows[shared[rows]], _shared)):
            if len(mine):
                parts.append(make(batch.take(mine), rule_id, plan, setting))
    return parts


def _whole(batch: Collected, rule_id: int, plan: rules.Plan, setting: Setting) -> Lines:
    names, place = np.unique(batch.agent_id.astype(str), return_inverse=True)
    factor = np.asarray([setting.payees.factor[name] for name in names], np.int64)[place]
    earned = rules.commission(
        premium=batch.premium, instalment=batch.instalment, agent_factor=factor, plan=plan
    )
    hit = np.flatnonzero(earned.rate > 0)
    one = batch.take(hit)
    amount = earned.amount[hit]
    if not batch.fresh:
        amount = _under_the_cap(one, amount, earned.uncapped[hit], plan, setting)
    count = len(hit)
    return Lines(
        contract_id=one.contract_id,
        agent_id=one.agent_id,
        product_code=one.product_code,
        version=one.version,
        line=one.line,
        cohort_year=one.cohort_year,
        kind=kinds_of(one.instalment),
        part=np.zeros(count, np.int64),
        instalment=one.instalment,
        amount=amount,
        base=one.premium,
        rate=earned.rate[hit],
        factor=factor[hit],
        share=np.full(count, rules.PERCENT),
        rule_id=np.full(count, rule_id),
        plan_id=np.full(count, "", dtype=object),
        due=np.full(count, setting.due),
    )


def _under_the_cap(
    batch: Collected, amount: Won, uncapped: Won, plan: rules.Plan, setting: Setting
) -> Won:
    """Cut what is over the cap, counting what the contract's first year was really paid so far."""
    late = np.flatnonzero((batch.instalment > 1) & (batch.instalment <= rules.FIRST_YEAR))
    if plan.first_year_multiple is None or not len(late):
        return amount
    paid = booked.first_year(batch.contract_id[late], booked.COUNTED)
    so_far = np.asarray([paid.get(key, 0) for key in batch.contract_id[late]], np.int64)
    room = batch.premium[late] * plan.first_year_multiple // rules.FACTOR - so_far
    out = amount.copy()
    out[late] = np.clip(uncapped[late], 0, np.maximum(room, 0))
    return out


def _shared(batch: Collected, rule_id: int, plan: rules.Plan, setting: Setting) -> Lines:
    """Share the product's own rule out between agents: a plan with one tier and one rank."""
    last = int(plan.instalments[-1])
    rates = np.zeros((1, 1, last + 1), np.int64)
    rates[0, 0, plan.instalments] = plan.rates
    scheme = rules.Scheme(
        rates=rates,
        maintained=np.zeros(last + 1, bool),
        tiers=(rules.ANY,),
        ranks=(rules.ANY,),
        overrides=(),
        clawback=rules.clawback_of({}),
        multiple=plan.first_year_multiple,
    )
    return planned_lines(batch, None, setting, scheme=scheme, rule_id=rule_id)


def kinds_of(instalment: Ints) -> Keys:
    """Return NEW for first instalments, RENEWAL for later ones."""
    return np.where(instalment == 1, Kind.NEW.value, Kind.RENEWAL.value).astype(object)


def _versions(product_code: Keys, version: Ints) -> Iterator[tuple[NDArray[np.int64], str, int]]:
    first, group = distinct(product_code, version)
    for number, row in enumerate(first):
        yield np.flatnonzero(group == number), str(product_code[row]), int(version[row])
