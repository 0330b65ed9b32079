"""The catalogue as tables: nothing lost, nothing rounded, the same in every format, harmless in a spreadsheet."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from texteval import __version__, catalog, cli, export
from texteval.catalog import Catalog
from texteval.files import data_folder
from texteval.requirements import Requirements

TABLES = ["vendors", "plans", "prices", "facts", "requirements", "sources"]


@pytest.fixture(scope="module")
def folder(market: Catalog, rules: Requirements, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables of the real catalogue, written once."""
    place = tmp_path_factory.mktemp("export") / "tables"
    export.write(market, rules, place)
    return place


@pytest.fixture(scope="module")
def raw() -> dict[str, dict[str, Any]]:
    """The files as bare words."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    names = ("vendors", "requirements")
    return {name: yaml.load((data_folder() / f"{name}.yaml").read_text(encoding="utf-8"), loader) for name in names}


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def price_lists(raw: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for vendor_id, vendor in raw["vendors"].items():
        for plan_id, plan in vendor["plans"].items():
            yield from ((f"{vendor_id}/{plan_id}", prices) for prices in plan.get("prices", []))
    for schedule_id, schedule in raw["schedules"].items():
        yield from ((schedule_id, prices) for prices in schedule["prices"])


def figures(raw: dict[str, Any]) -> Iterator[tuple[str, str, str, str, str, Decimal | None]]:
    """One for each row of prices: plan, from, line, source, bound of the tier, unit price."""
    for owner, prices in price_lists(raw):
        for charge in prices.get("charges", []):
            rate = charge.get("then", charge)
            head = (owner, prices["from"], charge["name"], charge.get("source", prices["source"]))
            if rate["model"] == "tiers":
                for tier in rate["tiers"]:
                    yield *head, tier.get("up_to", ""), Decimal(tier.get("usd", "0"))
            elif rate["model"] == "mix":
                # An average, rounded half up to the micro-dollar.
                mean = sum(Decimal(part["usd"]) * int(part["percent"]) for part in rate["parts"]) / 100
                yield *head, "", mean.quantize(Decimal("0.000001"), "ROUND_HALF_UP")
            else:
                yield *head, "", Decimal(rate["usd"]) if "usd" in rate else None


def test_the_files_are_those_promised(folder: Path) -> None:
    names = {f"{table}.{form}" for table in TABLES for form in ("csv", "json", "parquet")}
    assert {path.name for path in folder.iterdir()} == {*names, "dictionary.json"}


@pytest.mark.parametrize("table", TABLES)
def test_a_table_has_exactly_the_columns_of_its_dictionary_in_every_format(folder: Path, table: str) -> None:
    dictionary = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))["tables"]
    assert list(dictionary) == TABLES
    columns = list(dictionary[table])
    assert all(meaning.strip() for meaning in dictionary[table].values())
    assert list(read_csv(folder / f"{table}.csv")[0]) == columns
    assert list(pd.read_parquet(folder / f"{table}.parquet").columns) == columns
    rows = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
    assert {tuple(row) for row in rows} == {tuple(columns)}


def test_the_dictionary_says_whose_data_it_is(folder: Path, market: Catalog, rules: Requirements) -> None:
    dictionary = json.loads((folder / "dictionary.json").read_text(encoding="utf-8"))
    assert (dictionary["texteval"], dictionary["data_hash"]) == (__version__, f"{market.hash}-{rules.hash}")
    assert "never zero" in dictionary["missing"]


def test_the_tables_have_as_many_rows_as_the_files_have_entries(folder: Path, raw: dict[str, dict[str, Any]]) -> None:
    vendors = raw["vendors"]["vendors"].values()
    pieces = [piece for vendor in vendors for piece in vendor.get("facts", {}).values()]
    expected = {
        "vendors": len(vendors),
        "plans": sum(len(vendor["plans"]) for vendor in vendors),
        "prices": sum(1 for _ in figures(raw["vendors"])),
        "facts": sum(len(piece) if isinstance(piece, list) else 1 for piece in pieces),
        "requirements": len(raw["requirements"]["requirements"]),
        "sources": len(raw["vendors"]["sources"]),
    }
    assert {table: len(read_csv(folder / f"{table}.csv")) for table in TABLES} == expected
    assert expected["vendors"] == 58


def test_every_price_is_exported_exactly_with_its_day_line_source_and_bound(
    folder: Path, raw: dict[str, dict[str, Any]]
) -> None:
    exported = [
        (
            row["plan"],
            row["from"],
            row["line"],
            row["source"],
            "" if not row["up_to"] else f"{Decimal(row['up_to']):f}".removesuffix(".0"),
            None if row["unit_usd"] == "" else Decimal(row["unit_usd"]),
        )
        for row in read_csv(folder / "prices.csv")
    ]
    assert exported == list(figures(raw["vendors"]))
    assert Decimal("0.00421") in [figure for *_, figure in exported]


def test_every_fact_is_exported_with_its_scope_and_source(folder: Path, raw: dict[str, dict[str, Any]]) -> None:
    def listed(value: Any) -> str:
        return "; ".join([value] if isinstance(value, str) else value or [])

    expected = [
        (vendor_id, name, piece["value"], listed(piece.get("plans")), listed(piece.get("channels")), piece["source"])
        for vendor_id, vendor in raw["vendors"]["vendors"].items()
        for name, pieces in vendor.get("facts", {}).items()
        for piece in (pieces if isinstance(pieces, list) else [pieces])
    ]
    columns = ("vendor", "attribute", "value", "plans", "channels", "source")
    assert [tuple(row[column] for column in columns) for row in read_csv(folder / "facts.csv")] == expected


def same(cell: Any) -> Any:
    """Bring a cell of any format to one form: nothing, a number, or text."""
    if cell is None or cell is pd.NA or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, str):
        try:
            return float(cell)
        except ValueError:
            return cell
    return float(cell)


@pytest.mark.parametrize("table", TABLES)
def test_all_formats_of_a_table_hold_the_same_values(folder: Path, table: str) -> None:
    as_csv = [[same(cell) for cell in row.values()] for row in read_csv(folder / f"{table}.csv")]
    rows = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
    as_json = [[same(cell) for cell in row.values()] for row in rows]
    frame = pd.read_parquet(folder / f"{table}.parquet")
    as_parquet = [[same(cell) for cell in row] for row in frame.itertuples(index=False, name=None)]
    assert as_csv == as_json == as_parquet


def test_text_stays_text_and_numbers_stay_numbers(folder: Path) -> None:
    for table, column in (("prices", "from"), ("prices", "seen"), ("facts", "value"), ("sources", "seen")):
        rows = json.loads((folder / f"{table}.json").read_text(encoding="utf-8"))
        assert {type(row[column]) for row in rows} == {str}
    rows = json.loads((folder / "prices.json").read_text(encoding="utf-8"))
    assert {type(row["unit_usd"]) for row in rows} <= {float, int, type(None)}


@pytest.mark.parametrize(
    ("table", "column"),
    [("plans", "most_clinicians"), ("plans", "most_logins"), ("prices", "included"), ("prices", "up_to")],
)
def test_a_count_is_a_whole_number(folder: Path, table: str, column: str) -> None:
    cells = [row[column] for row in read_csv(folder / f"{table}.csv") if row[column]]
    assert cells
    assert [cell for cell in cells if not cell.isdecimal()] == []


def test_counts_are_whole_numbers_in_every_format_and_missing_ones_stay_missing(folder: Path) -> None:
    frame = pd.read_parquet(folder / "prices.parquet")
    assert {str(frame[column].dtype) for column in ("included", "size", "up_to")} == {"Int64"}
    assert frame["included"].isna().any()
    rows = json.loads((folder / "prices.json").read_text(encoding="utf-8"))
    assert {type(row["included"]) for row in rows} == {int, type(None)}


# Hostile text.

HOSTILE = ['=HYPERLINK("http://evil.example","Click")', "+1+1", "-2+3", "@SUM(A1:A9)", "=cmd|' /C calc'!A0"]
QUOTED = 'He said "no", then left;\nand came back, <b>bold</b> Ümlaut 😊'


@pytest.fixture
def hostile(tmp_path: Path) -> Catalog:
    source = {"title": HOSTILE[0], "seen": "2026-01-01", "grade": "review", "note": HOSTILE[4], "publisher": QUOTED}
    charge = {"name": HOSTILE[1], "model": "per_unit", "meter": "login", "usd": 0.00421, "note": HOSTILE[2]}
    discount = {"name": "Discount", "model": "percent", "percent": -12.5}
    prices = [{"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": [charge, discount]}]
    plan = {"name": HOSTILE[3], "channels": ["sms"], "prices": prices, "note": QUOTED}
    vendor = {
        "name": HOSTILE[0],
        "kind": "business_phone",
        "homepage": HOSTILE[3],
        "facts": {"certifications": {"value": HOSTILE[0], "source": "page"}},
        "plans": {"basic": plan},
    }
    path = tmp_path / "vendors.yaml"
    text = json.dumps({"sources": {"page": source}, "vendors": {"acme": vendor}}, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return catalog.load(path)


def test_hostile_text_is_harmless_in_csv_and_untouched_elsewhere(
    hostile: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    export.write(hostile, rules, tmp_path)
    texts = []
    for table in TABLES:
        rows = json.loads((tmp_path / f"{table}.json").read_text(encoding="utf-8"))
        for row, told in zip(read_csv(tmp_path / f"{table}.csv"), rows, strict=True):
            for column, cell in row.items():
                if isinstance(told[column], str):
                    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
                    assert cell.removeprefix("'") == told[column]
                    texts.append(told[column])
    assert set(HOSTILE) | {QUOTED} <= set(texts)
    (first, second) = read_csv(tmp_path / "prices.csv")
    assert (first["unit_usd"], second["percent"]) == ("0.00421", "-12.5")


def test_the_command_writes_into_a_new_folder_and_says_so(
    hostile: Catalog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a" / "b"
    with pytest.raises(SystemExit) as caught:
        cli.main(["export", "--data", hostile.path, "-o", str(target)])
    assert not caught.value.code
    assert capsys.readouterr().out == (f"Written: 19 files in {target}; dictionary.json says what each column means.\n")
    assert len(list(target.iterdir())) == 19
