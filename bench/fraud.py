"""Fraud detection: one claim from report to score and tier, all claims again, training, network."""

from __future__ import annotations

import resource
from datetime import date, timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import portfolio
from bench.harness import Contest

if TYPE_CHECKING:
    from fds.services import Examples, Periods

CLAIMS = 100_000
RINGS = 40
CALLS = 100  # a round
CHUNK = 5_000
DAY = date(2026, 4, 1)
_night = count(1)
_call = count(1)


def contests() -> list[Contest]:
    """Return the contests of fraud detection on 100,000 claims with their parties."""
    return [
        Contest(
            name="fraud-training",
            unit="claims",
            contestants={"read features": read, "trees": trees, "logistic": line},
            prepare=prepare,
            target="100,000 claims; 1,000,000 in 90 s to 5 min",
            verdict=memory,
        ),
        Contest(
            name="fraud-network",
            unit="claims",
            contestants={"components": components, "ranks": ranks},
            prepare=prepare,
            target="1,000,000 claims in 15 to 60 s",
            verdict=memory,
            grows=True,
        ),
        Contest(
            name="fraud-rescore",
            unit="claims",
            contestants={"features, model, reasons": rescore},
            prepare=with_champion,
            target="100,000 claims in 20 to 60 s",
            verdict=memory,
            grows=True,
        ),
        Contest(
            name="fraud-claim",
            unit="claims",
            contestants={"received and scored": received, "and followed up": followed},
            prepare=with_champion,
            target="p95 ≤ 50 ms from report to score",
            grows=True,
        ),
    ]


@cache
def prepare() -> None:
    """Load a year of claims with their parties; every outcome is known in the end."""
    from claims.models import Claim
    from config.simulation.network import Scene, live, load, plant
    from core import clock

    portfolio.found()
    if Claim.objects.count() < CLAIMS:
        clock.advance(DAY)
        scene = Scene(CLAIMS, RINGS)
        society = live(scene)
        plant(scene, society)
        guilty = {n for n, fraud in enumerate(society.fraud) if fraud}
        society.state[:] = [
            "CONFIRMED" if n in guilty else "INNOCENT" for n in range(len(society.state))
        ]
        for _done in load(scene, society, business_date=DAY):
            pass
    _people()
    portfolio.settle_statistics()


def _people() -> None:
    from core.models import RoleGrant, User

    for name in ("siu", "siu2"):
        user, fresh = User.objects.get_or_create(username=name)
        if fresh:
            RoleGrant.objects.create(
                user=user, role="siu", period=(date(2020, 1, 1), None), granted_by="bench",
                reason="bench",
            )  # fmt: skip


@cache
def periods() -> Periods:
    """Return what is learned: all but the last weeks."""
    from fds import services

    return services.Periods(date(2025, 1, 1), date(2025, 12, 1), date(2026, 1, 1), DAY)


@cache
def learned() -> tuple[Examples, Examples]:
    """Return the claims that are learned and those that judge."""
    from fds import services

    when = periods()
    return (
        services.examples(when.since, when.until, labels_before=DAY),
        services.examples(when.until, when.validated_until, labels_before=DAY),
    )


def read() -> int:
    """Read the feature set of all claims, as known at their reports."""
    from claims import api as claims
    from fds import selectors

    numbers = claims.reported_between(date(2025, 1, 1), DAY)[:CLAIMS]
    return len(selectors.features(selectors.moments_of(claims.claim_columns(numbers.tolist()))))


def trees() -> int:
    """Learn and judge trees."""
    return _learn("LIGHTGBM")


def line() -> int:
    """Learn and judge the logistic regression."""
    return _learn("LOGISTIC")


def _learn(kind: str) -> int:
    from core.acting import acting
    from fds import services

    past, later = learned()
    with acting("siu"):
        services.learn(kind=kind, name="bench", periods=periods(), past=past, later=later)
    return len(past.truth) + len(later.truth)


@cache
def with_champion() -> None:
    """Load, learn, and let a second person promote."""
    from core.acting import acting
    from fds import selectors, services

    prepare()
    if selectors.champion():
        return  # of an earlier run
    past, later = learned()
    with acting("siu"):
        model = services.learn(
            kind="LIGHTGBM", name="bench", periods=periods(), past=past, later=later
        )
    with acting("siu2"):
        services.promote(model_id=model.pk, to="CHAMPION", reason="bench")


def rescore() -> int:
    """Ask the champion about all claims again and write down what it says, with reasons."""
    from claims import api as claims
    from fds import selectors, services

    numbers = claims.reported_between(date(2025, 1, 1), DAY)[:CLAIMS].tolist()
    trigger = f"bench:{next(_night)}"
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        services.predict(
            chunk,
            rule_scores=selectors.present_scores(chunk),
            trigger=trigger,
            business_date=DAY,
        )
    return len(numbers)


def components() -> int:
    """Read the network of a night; the first writes, the others find nothing new."""
    from fds import services

    return services.link_claims(DAY + timedelta(days=next(_night))).claims


def ranks() -> int:
    """Rank the parties of a night."""
    from fds import services

    return services.rank_parties(DAY + timedelta(days=1_000 + next(_night))).claims


def received() -> list[float]:
    """Receive claims call by call, scored by the rules in the same transaction."""
    return _calls(follow=False)


def followed() -> list[float]:
    """Receive claims call by call, and follow them up: parties, shadow rules, model, reasons."""
    return _calls(follow=True)


def _calls(*, follow: bool) -> list[float]:
    import time

    from claims import services
    from claims.models import Provider
    from contracts.models import Contract
    from core import outbox

    rng = np.random.default_rng([9, next(_call)])
    covered = Contract.objects.filter(
        coverage_start__lt=date(2026, 2, 1), coverage_end__gt=date(2026, 3, 1)
    )
    contracts = np.array(covered.values_list("pk", flat=True), dtype=object)
    codes = list(Provider.objects.order_by("pk").values_list("pk", flat=True))
    seconds = []
    for number in rng.choice(contracts, CALLS):
        report = _report(rng, str(number), str(rng.choice(codes)))
        begun = time.perf_counter()
        services.receive(report, business_date=DAY, confirmed=True)
        if follow:
            outbox.drain()
        seconds.append(time.perf_counter() - begun)
        if not follow:
            outbox.drain()
    return seconds


def _report(rng: np.random.Generator, contract_id: str, provider_code: str) -> dict[str, Any]:
    happened = np.datetime64("2026-02-20", "m") + np.timedelta64(int(rng.integers(0, 5_000)), "m")
    return {
        "contract_id": contract_id,
        "claim_type": "INJURY",
        "channel": "CALL",
        "incident_at": happened,
        "reported_at": np.datetime64("2026-04-01T10:00") + np.timedelta64(next(_call) % 480, "m"),
        "claimed": int(rng.integers(1, 60)) * 100_000,
        "provider_code": provider_code,
        "location": "서울",
        "description": "교차로 추돌",
        "claimant_name": "고객",
    }


def memory() -> list[str]:
    """Return the most memory that the process has held."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [f"peak memory {most:,.0f} MiB"]
