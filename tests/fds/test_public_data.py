"""The product's own path on public data: imported rows → feature function → training service."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.imports.importer import Importer
from config.imports.rows import load_mapping
from config.management.commands.import_claims import SHIPPED
from core.acting import acting
from core.models import BusinessClock
from fds import services
from fds.rules import features
from tests.factories.products import published

FOLDER = Path(os.environ.get("MULGIL_DATA", Path(__file__).resolve().parents[4] / "shared/data"))
TODAY = date(2026, 3, 23)
FORBIDDEN = ("month", "week", "weekday", "day_of", "year_of", "handler", "expert", "rep_number")
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not (FOLDER / "ifraud_claims.csv").exists(), reason="no public data here"),
]


@pytest.fixture
def imported(db, people):
    """Return a function that imports a file by its shipped mapping."""

    def run(name, file, edges=None):
        BusinessClock.objects.update_or_create(id=1, defaults={"today": TODAY})
        published("MOTOR01")
        mapping = load_mapping(SHIPPED / f"{name}.json")
        edge_file = FOLDER / edges if edges else None
        with acting("import"):
            *_rest, totals = Importer(mapping, FOLDER / file, edge_file, TODAY, False).run()
        assert totals.reconciles
        return totals

    return run


def newest_share(share):
    """Return the report day from which the newest share of the file's rows begins."""
    with (FOLDER / "ifraud_claims.csv").open(newline="") as file:
        ago = sorted(float(row["TimeSinceClaim"]) for row in csv.DictReader(file))
    return date(2020, 12, 31) - timedelta(days=int(ago[int(len(ago) * share)] * 365.25))


def learned(periods):
    """Train both kinds on one reading of the claims."""
    past = services.examples(periods.since, periods.until, labels_before=periods.until)
    later = services.examples(
        periods.until, periods.validated_until, labels_before=periods.labels_as_of
    )
    with acting("siu"):
        return {
            kind: services.learn(kind=kind, name=kind, periods=periods, past=past, later=later)
            for kind in ("LIGHTGBM", "LOGISTIC")
        }


def test_car_claims_of_1994_judge_those_of_1995(imported):
    totals = imported("carclaims", "carclaims_1994_1995.csv")
    assert totals.imported == 11_087  # the others have no age
    models = learned(services.Periods(date(1994, 1, 1), date(1995, 1, 1), date(1997, 1, 1), TODAY))
    trees = models["LIGHTGBM"]
    names = [*trees.encoder["numbers"], *trees.encoder["words"]]
    assert not [name for name in names if name.startswith(FORBIDDEN)]
    assert trees.metrics["roc_auc"] >= 0.80
    assert trees.metrics["pr_auc"] >= 0.145


def test_simulated_motor_claims_as_of_with_their_network(imported):
    imported("ifraud", "ifraud_claims.csv", "ifraud_edges.csv")
    newest = newest_share(0.3)
    models = learned(services.Periods(date(2005, 1, 1), newest, date(2021, 1, 1), TODAY))
    leading = models[services.advised_kind(models["LOGISTIC"].counts["frauds"])]
    assert features.NETWORK & set(leading.encoder["numbers"])
    assert leading.metrics["roc_auc"] >= 0.84
    assert leading.metrics["pr_auc"] >= 0.33
