import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from config.imports.importer import _plain, write_refusals
from config.imports.readers import BadMapping, BadValue, day_in_week, read
from config.imports.rows import BadRow, disagreement, load_mapping, read_file

ROW = {"A": "12.5", "B": " x ", "Month": "Feb", "Week": "5", "Day": "Friday", "Empty": ""}


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ({"value": 3}, 3),
        ({"value_date": "2020-12-31"}, date(2020, 12, 31)),
        ({"column": "B"}, "x"),
        ({"column": "B", "map": {"x": "y"}}, "y"),
        ({"column": "B", "map": {"*": "other"}}, "other"),
        ({"column": "B", "map": {"q": 1}, "else_text": "K-{B}"}, "K-x"),
        ({"column": "Empty", "empty": "none"}, "none"),
        ({"column": "A", "number": {"times": 1000, "digits": -3}}, 13000),
        ({"text": "car-{A}"}, "car-12.5"),
        ({"minus": {"day": {"value_date": "2020-03-01"}, "days": {"value": 1}}}, date(2020, 2, 29)),
        (
            {
                "years_after": {
                    "base": "2020-01-01",
                    "years": {"column": "A", "number": {"digits": 1}},
                }
            },
            date(2032, 7, 1),
        ),
    ],
)
def test_the_vocabulary(reader, value):
    assert read(reader, ROW) == value


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        ({"column": "B", "number": {}}, "B: 'x' is not a number"),
        ({"column": "Empty"}, "Empty: empty"),
        ({"column": "B", "map": {"y": 1}}, "B: 'x' is none of y"),
        ({"column": "A", "number": {"least": 20}}, "below 20"),
    ],
)
def test_a_value_that_does_not_fit_is_named(reader, words):
    with pytest.raises(BadValue, match=words):
        read(reader, ROW)


@pytest.mark.parametrize("reader", [{"column": "Z"}, {"text": "{Z}"}, {"python": "1+1"}])
def test_a_mapping_that_does_not_fit_is_named(reader):
    with pytest.raises(BadMapping):
        read(reader, ROW)


@given(st.integers(1990, 2030), st.integers(1, 12), st.integers(1, 6), st.integers(0, 6))
def test_a_weekday_of_a_month_stays_in_its_month(year, month, week, weekday):
    day = day_in_week(year, month, week, weekday)
    assert (day.year, day.month) == (year, month)


def test_the_third_friday_week_of_january_1994():
    assert day_in_week(1994, 1, 3, 4) == date(1994, 1, 14)


def test_shipped_mappings_are_complete():
    from config.management.commands.import_claims import SHIPPED

    names = [path.stem for path in sorted(SHIPPED.glob("*.json"))]
    assert names == ["carclaims", "ifraud"]
    for name in names:
        assert load_mapping(SHIPPED / f"{name}.json")["product_code"] == "MOTOR01"


def test_a_mapping_that_lacks_something_is_refused_with_the_path(tmp_path):
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"source": "X Y", "policy": {}}))
    with pytest.raises(BadMapping, match=r"\$.policy.*'key' is a required property"):
        load_mapping(path)


def test_excel_and_csv_give_the_same_rows(tmp_path):
    book = Workbook()
    book.active.append(["A", "B"])
    book.active.append([1, "x"])
    book.save(tmp_path / "f.xlsx")
    (tmp_path / "f.csv").write_text("A,B\n1,x\n", encoding="utf-8")
    assert list(read_file(tmp_path / "f.xlsx")) == list(read_file(tmp_path / "f.csv"))


def test_edges_that_contradict_the_row_are_told():
    mapping = {"edges": {"check": {"Garage": "Garage"}}}
    assert disagreement(mapping, {"Garage": "G1"}, [("Garage", "G1"), ("Person", "P")]) is None
    assert "Garage" in (disagreement(mapping, {"Garage": "G1"}, [("Garage", "G2")]) or "")
    assert "no party" in (disagreement(mapping, {"Garage": "G1"}, None) or "")


def test_the_error_file_holds_no_formula(tmp_path):
    write_refusals(tmp_path / "e.csv", [BadRow(3, "=1+1", "bad"), BadRow(2, "k", "=x")])
    lines = (tmp_path / "e.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["row,key,reason", "2,k,'=x", "3,'=1+1,bad"]
    assert _plain("+1") == "'+1"
