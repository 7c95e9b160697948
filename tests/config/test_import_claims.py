"""An import by the ordinary services: whole rows in, bad rows named, a second run adds none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounting.models import JournalEntry
from claims.models import Claim
from contracts.models import Contract
from fds.models import Analysis
from tests.factories.products import published
from tests.factories.sales import clock

pytestmark = pytest.mark.django_db

ROW = {
    "PolicyNumber": "1",
    "AgentType": "External",
    "Sex": "Male",
    "Age": "34",
    "Year": "1994",
    "Month": "Jan",
    "WeekOfMonth": "3",
    "DayOfWeek": "Friday",
    "MonthClaimed": "Jan",
    "WeekOfMonthClaimed": "4",
    "DayOfWeekClaimed": "Monday",
    "Days:Policy-Accident": "more than 30",
    "VehiclePrice": "20,000 to 29,000",
    "VehicleCategory": "Sedan",
    "BasePolicy": "Collision",
    "AccidentArea": "Urban",
    "Make": "현대",
    "PolicyType": "Sedan - Collision",
    "Fault": "Third Party",
    "PastNumberOfClaims": "2 to 4",
    "AgeOfVehicle": "3 years",
    "Deductible": "400",
    "DriverRating": "2",
    "NumberOfSuppliments": "none",
    "NumberOfCars": "1 vehicle",
    "PoliceReportFiled": "No",
    "WitnessPresent": "No",
    "MaritalStatus": "Married",
    "AddressChange-Claim": "no change",
    "FraudFound": "No",
}
BAD = [
    ({"PolicyNumber": "1"}, "stands in row 2 already"),
    ({"PolicyNumber": "3", "Year": "199x"}, "'199x' is not a year"),
    ({"PolicyNumber": "4", "WeekOfMonth": "x"}, "'x' is not a week of the month"),
    ({"PolicyNumber": "5", "WeekOfMonthClaimed": "9"}, "is no week of a month"),
    ({"PolicyNumber": "6", "Age": "0"}, "is below 1"),
    ({"PolicyNumber": "7", "Sex": "?"}, "is none of"),
]


def written(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(ROW))
        writer.writeheader()
        writer.writerows({**ROW, **row} for row in rows)
    return path


@pytest.fixture
def company() -> None:
    clock()
    call_command("load_accounting", verbosity=0)
    published("MOTOR01")


def imported(path: Path, **options: object) -> None:
    call_command("import_claims", str(path), mapping="carclaims", verbosity=0, **options)


@pytest.mark.usefixtures("company")
def test_good_rows_are_in_once_and_bad_rows_are_named(tmp_path):
    rows = [{"PolicyNumber": "1"}, {"PolicyNumber": "2"}, *(row for row, _reason in BAD)]
    path = written(tmp_path / "f.csv", rows)

    imported(path, dry_run=True)
    assert not Contract.objects.exists()

    imported(path)
    keys = sorted(Claim.objects.values_list("external_key", flat=True))
    assert keys == ["carclaims-1-1", "carclaims-2-1"]
    assert Analysis.objects.count() == 2
    with (tmp_path / "f.refused.csv").open(encoding="utf-8-sig") as file:
        refused = list(csv.DictReader(file))
    assert [int(line["row"]) for line in refused] == [4, 5, 6, 7, 8, 9]
    for line, (_row, reason) in zip(refused, BAD, strict=True):
        assert reason in line["reason"]

    entries = JournalEntry.objects.count()
    imported(path)
    assert (Claim.objects.count(), JournalEntry.objects.count()) == (2, entries)


@pytest.mark.usefixtures("company")
def test_a_file_as_korean_excel_saves_it_is_read(tmp_path):
    imported(written(tmp_path / "f.csv", [{"PolicyNumber": "1"}], "cp949"))
    assert Claim.objects.get().incident_description.startswith("현대")


@pytest.mark.usefixtures("company")
@pytest.mark.parametrize("name", ["f.csv", "f.xlsx"])
def test_a_file_that_is_no_table_is_refused_before_anything_is_written(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\xff\xfe\x81\x00\x01\x02")
    with pytest.raises(CommandError, match="save it"):
        imported(path)
    assert not Contract.objects.exists()
