"""Plant rings in a year of claims, read the network for a night, and say what was found."""

from __future__ import annotations

import argparse
import time
from datetime import date
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.simulation.network import Scene, Society, Verdict, judge, live, load, plant
from config.simulation.network.loading import key_of
from core import clock
from core.acting import acting
from core.models import BusinessClock
from fds import selectors, services
from fds.models import ComponentMember
from fds.selectors.parties import hashed

TODAY = date(2026, 4, 1)
LOADERS = ("load_accounting", "load_products", "load_fds", "load_claims")
MOST_FALSE = 4


class Command(BaseCommand):
    """Search planted rings in an empty database; the same scene gives the same figures."""

    help = __doc__ or ""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the scene."""
        parser.add_argument("--claims", type=int, default=20_000, help="beside those of the rings")
        parser.add_argument("--rings", type=int, default=40)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Plant, read, judge.

        Raises:
            CommandError: there is other data, a ring was missed, or five others were suspected.
        """
        if BusinessClock.objects.exists():
            raise CommandError("This database has a business date already: use an empty one.")
        clock.advance(TODAY)
        known = get_commands()
        for command in LOADERS:
            if command in known:
                call_command(command, verbosity=0, stdout=self.stdout)
        scene = Scene(options["claims"], options["rings"], options["seed"])
        society = live(scene)
        plant(scene, society)
        with tqdm(total=len(society.person), unit="claim", mininterval=1) as bar:
            for done in load(scene, society, business_date=TODAY):
                bar.update(done - bar.n)
        verdict, seconds = search(society)
        self.stdout.write(
            f"{len(society.person):,} claims, {sum(society.fraud):,} of them frauds,"
            f" {society.state.count('CONFIRMED'):,} established\n"
            f"planted {verdict.planted}, found {verdict.found}, flagged {verdict.flagged},"
            f" false {verdict.false}; of {verdict.people[1]} people flagged {verdict.people[0]}"
            f" belong to rings; night {seconds:.1f} s"
        )
        if verdict.found < verdict.planted or verdict.false > MOST_FALSE:
            raise CommandError("Rings were missed, or too many others suspected.")


def search(society: Society, on: date = TODAY) -> tuple[Verdict, float]:
    """Read the network for a night and compare what it flags with what was planted."""
    began = time.perf_counter()
    with acting("batch:fds_network"):
        services.link_claims(on)
    seconds = time.perf_counter() - began
    flagged = [
        set(ComponentMember.objects.filter(component=one).values_list("person", flat=True))
        for one in selectors.rings(on)
    ]
    planted = [{hashed("CUSTOMER", key_of(one)) for one in ring} for ring in society.rings]
    return judge(planted, flagged), seconds
