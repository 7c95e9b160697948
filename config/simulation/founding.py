"""The first day: products published, units and agents, providers, treaties, rules, capital."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
from django.core.management import call_command, get_commands

from accounting.services import journals
from claims import services as claims
from config.demo import COLLEAGUES, make_people
from config.simulation import people
from config.simulation.plan import Plan
from config.simulation.world import BRANCHES, World
from core.acting import acting
from core.clock import add_months
from sales.services import hierarchy
from sales.services import organisation as sales

CAPITAL = 2_000_000  # won a contract that is planned
LOADERS = ("load_accounting", "load_products", "load_fds", "load_claims", "load_treaties")


def found(plan: Plan, world: World, day: date) -> None:
    """Found the company on the first day; do nothing on the others."""
    if day != plan.start:
        return
    make_people()
    known = get_commands()
    for loader in LOADERS:
        if loader in known:
            years = {"years": plan.months // 12 + 2} if loader == "load_treaties" else {}
            call_command(loader, verbosity=0, **years)
    _pay_in_capital(plan, day)
    with acting("simulation", day.isoformat()):
        _organisation(plan, world, day)
        claims.register_providers(
            codes=[p[0] for p in world.providers],
            names=[p[1] for p in world.providers],
            kinds=[p[2] for p in world.providers],
            regions=[p[3] for p in world.providers],
        )


def _pay_in_capital(plan: Plan, day: date) -> None:
    with acting("accountant", day.isoformat()):
        journal = journals.draft(
            entry_date=day,
            description="설립 자본금 납입",
            rows=[
                journals.Row(
                    debit="1110",
                    credit="3110",
                    amount=plan.contracts * CAPITAL,
                    reference="CAPITAL",
                )
            ],
        )
    with acting("accountant2", day.isoformat()):
        journals.approve(journal.pk)


def _organisation(plan: Plan, world: World, day: date) -> None:
    rng = np.random.default_rng([plan.seed, 2])
    monthly = plan.contracts * 60_000 / max(plan.months, 1) / len(BRANCHES)
    for code, name, region in BRANCHES:
        sales.open_branch(
            branch_code=code,
            branch_name=name,
            region=region,
            opened_on=add_months(day, -60),
            monthly_plan=Decimal(round(monthly, -5)),
        )
    sexes = rng.choice(np.array(["M", "F"], dtype=object), size=len(world.agents))
    called = people.names(rng, sexes)
    known = {c.own_number: c.name for c in COLLEAGUES if c.own_number}  # those who log in
    sales.appoint(
        [
            sales.Appointment(
                agent_id=agent_id,
                name=known.get(agent_id, called[i]),
                branch_code=branch,
                commission_rate=Decimal(str(rng.choice(["0.90", "1.00", "1.00", "1.10", "1.20"]))),
                rank="MANAGER" if i == 1 else "LEADER" if i % 12 == 5 else "FC",
                licence_number=f"LC{2_000_000 + i * 37}",
                appointed_on=add_months(day, -int(rng.integers(2, 80))),
                training_valid_until=add_months(day, int(rng.integers(plan.months, 30))),
            )
            for i, (agent_id, branch) in enumerate(world.agents)
        ]
    )
    _hierarchy(world, day)
    call_command("load_plans", verbosity=0)


def _hierarchy(world: World, day: date) -> None:
    """Put every agent under the leader of the branch, and all under the manager."""
    ranks = {
        agent: "MANAGER" if i == 1 else "LEADER" if i % 12 == 5 else "FC"
        for i, (agent, _branch) in enumerate(world.agents)
    }
    manager = next(agent for agent, rank in ranks.items() if rank == "MANAGER")
    leaders: dict[str, str] = {}
    for agent, branch in world.agents:
        if ranks[agent] == "LEADER":
            leaders.setdefault(branch, agent)
    hierarchy.post(agent_id=manager, rank="MANAGER", starts=day)
    for number, (agent, branch) in enumerate(world.agents):
        above = manager if ranks[agent] == "LEADER" else leaders.get(branch, manager)
        if agent != manager:
            tier = "GOLD" if number % 5 == 0 else ""
            hierarchy.post(
                agent_id=agent, rank=ranks[agent], tier=tier, reports_to=above, starts=day
            )
