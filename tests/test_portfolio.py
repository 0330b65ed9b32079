"""Many practices at once: each row as its own bill says, whatever the batch, the engine or the file."""

from __future__ import annotations

import csv
import functools
import io
import json
import logging
import math
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, TODAY
from texteval import catalog, portfolio, practice, requirements
from texteval.assess import cover
from texteval.billing import invoice
from texteval.catalog import Catalog
from texteval.cli import main
from texteval.errors import UserError
from texteval.money import MAX_QUANTITY, cents
from texteval.practice import Practice
from texteval.requirements import Requirements

GOLDEN = Path(__file__).parent / "golden"
FROZEN_DAY = date(2026, 6, 30)
FROZEN = [
    "--data",
    str(GOLDEN / "catalogue.yaml"),
    "--practice",
    str(GOLDEN / "practice.yaml"),
    "--as-of",
    "2026-06-30",
]
EXAMPLE = ROOT / "docs" / "portfolio-example.csv"
PAPER = (ROOT / "docs" / "portfolio.md").read_text(encoding="utf-8")

Row = dict[str, Any]


def run(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    """Run the command line here; return exit code, output and messages."""
    with pytest.raises(SystemExit) as stopped:
        main([str(word) for word in words])
    out, err = capsys.readouterr()
    code = stopped.value.code
    assert isinstance(code, int)
    return code, out, err


def write_csv(path: Path, rows: list[Row]) -> Path:
    """Write rows with their columns; a missing or empty value is an empty cell."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def template(name: str = "small-group") -> tuple[str, Practice, str]:
    return practice.load(name)


@functools.cache
def frozen() -> tuple[Catalog, Requirements]:
    """Return the small frozen catalogue, with which a file is priced in no time."""
    return catalog.load(GOLDEN / "catalogue.yaml"), requirements.load()


def price(source: Path, output: Path, *, who: str = "small-group", **how: Any) -> portfolio.Written:
    """Price a file with the small frozen catalogue."""
    return portfolio.write(*frozen(), *template(who), FROZEN_DAY, source, output, **how)


def table(path: Path) -> list[Row]:
    """Read a result, with None for an empty cell."""
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    return [
        {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in frame.astype(object).to_dict("records")
    ]


def rejected(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def some_rows(many: int) -> list[Row]:
    """Make practices of all sizes, some of them faulty."""
    draw = np.random.default_rng(7)
    rows = []
    for i in range(many):
        clinicians = int(min(draw.geometric(0.3), 60))
        row: Row = {
            "practice": f"Practice {i}",
            "clinicians": clinicians,
            "sessions_per_week": clinicians * int(draw.integers(5, 30)),
            "staff": int(draw.binomial(clinicians, 0.4)),
        }
        if i % 3 == 0:
            row["messages_sent_per_month"] = int(draw.integers(0, 5000))
        if i % 11 == 0:
            row["weeks_per_year"] = 53
        rows.append(row)
    return rows


# What a row costs.


def alone(market: Catalog, rules: Requirements, base: Practice, row: Row) -> dict[str, tuple[int | None, Any]]:
    """Price a row as `texteval bill` does, plan by plan: micro-dollars, or None, and the verdicts."""
    counts = {name: value for name, value in row.items() if name in portfolio.COUNTS}
    own = Practice.model_validate({**base.model_dump(exclude_unset=True), **FREE, **counts})
    messages = list(own.messages)
    for column, way in portfolio.TOTALS.items():
        if column in row:
            shares = [
                base.year(m) if m.direction == way and m.purpose != "team" else 0 for m in base.messages
            ]  # split by the template's own year, rounded down cumulatively
            total, below = 12 * row[column], 0
            for i, message in enumerate(messages):
                if message.direction == way and message.purpose != "team":
                    upper, lower = (math.floor(Fraction(total * s, sum(shares))) for s in (below + shares[i], below))
                    below += shares[i]
                    given = {"per": "year", "count": upper - lower, "percent": 100}
                    messages[i] = message.model_copy(update=given)
    sending = own.model_copy(update={"messages": messages})
    found = {}
    for plan in market.plan_ids():
        if market.plan(plan).sold(TODAY):
            coverage = cover(market, rules, plan, own, TODAY)
            bill = invoice(market, plan, sending.usage(coverage.channels), TODAY)
            usable = coverage.verdict != "ineligible"
            found[plan] = bill.year if bill and usable else None, coverage
    return found


FREE = {"staff": 0, "managers": 0, "weeks_per_year": 52, "active_clients": None, "locations": 1, "numbers": 1,
        "claims_per_month": 0}  # fmt: skip
"""What a row has where it says nothing, whatever the template has."""

count = st.integers(0, 30) | st.integers(0, 3000)
practices = st.fixed_dictionaries(
    {"clinicians": st.integers(1, 3) | st.integers(1, 150), "sessions_per_week": count},
    optional={
        "staff": st.integers(0, 40),
        "weeks_per_year": st.integers(1, 52),
        "active_clients": count,
        "locations": st.integers(1, 5),
        "numbers": st.integers(1, 9),
        "claims_per_month": count,
        "messages_sent_per_month": count | st.integers(0, 200_000),
        "messages_received_per_month": count,
    },
).flatmap(lambda row: st.just(row) | st.builds(lambda n: {**row, "managers": n}, st.integers(0, row.get("staff", 0))))


@pytest.fixture(scope="module")
def question(market: Catalog, rules: Requirements) -> portfolio.Question:
    return portfolio.ask(market, rules, template()[1], TODAY)


@settings(max_examples=8, deadline=None)
@given(st.lists(practices, min_size=1, max_size=2))
def test_a_row_costs_what_its_own_bill_says_under_every_plan(
    market: Catalog, rules: Requirements, question: portfolio.Question, rows: list[Row]
) -> None:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(str(row.get(name, "")) for name in columns) for row in rows]
    batch = portfolio.Batch(1, len(rows), columns, "\n".join(lines).encode(), 1.0)
    priced = portfolio.price_batch(question, batch)
    assert priced.rejected.num_rows == 0
    for row, got in zip(rows, priced.table.to_pylist(), strict=True):
        bills = alone(market, rules, question.template, row)
        for plan in question.plans:
            year, _ = bills[plan]
            expected = None if year is None else cents(year) / 100
            assert got[f"{plan}_year_usd"] == expected, (plan, row)
        left_out = set(bills) - set(question.plans)
        assert all(bills[plan][0] is None for plan in left_out)
        for ladder, column in ((portfolio.PROVEN, "proven"), (("verify first", *portfolio.PROVEN), "usable")):
            best = min(
                (
                    (
                        year,
                        sum(p.heavy for p in coverage.open_points),
                        len(coverage.open_points),
                        plan,
                        coverage.verdict,
                    )
                    for plan, (year, coverage) in bills.items()
                    if year is not None and coverage.verdict in ladder
                    if market.vendors[plan.split("/")[0]].kind != "messaging_api"
                ),
                default=(None, 0, 0, None, None),
            )
            assert got[f"cheapest_{column}"] == best[3]
            assert got[f"cheapest_{column}_year_usd"] == (None if best[0] is None else cents(best[0]) / 100)
            if column == "usable":
                assert got["cheapest_usable_verdict"] == best[4]


def test_the_command_bill_says_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The whole way, from the example file to the printed invoice of a practice file with the same numbers."""
    assert run(capsys, "portfolio", EXAMPLE, "-o", tmp_path / "costs.csv", "--as-of", str(TODAY))[0] == 0
    rows = table(tmp_path / "costs.csv")
    assert [row["practice"] for row in rows][:3] == ["Elm Street Counseling", "Oak and Ash Therapy", "Riverside Group"]
    texts = practice.load("small-group")[1].model_dump(mode="json")["messages"]
    own = {"name": "Harbor", "clinicians": 12, "staff": 3, "managers": 1, "sessions_per_week": 228}
    own |= {"weeks_per_year": 48, "active_clients": 400, "locations": 2, "numbers": 2, "claims_per_month": 700}
    file = tmp_path / "harbor.yaml"
    file.write_text(json.dumps({**own, "messages": [{**m, "source": None} for m in texts]}), encoding="utf-8")
    for plan in ("simplepractice/plus", "quo/business", "twilio/hipaa-edition"):
        code, out, _ = run(capsys, "bill", plan, "--practice", file, "--as-of", str(TODAY), "--json")
        assert code == 0
        assert rows[3][f"{plan}_year_usd"] == json.loads(out)["year_usd"], plan


def test_a_bill_by_hand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The frozen practice: 2,000 sessions, 2,240 texts sent in 2,480 segments; and the same as totals of a month."""
    totals = {"messages_sent_per_month": 500, "messages_received_per_month": 7}
    source = write_csv(
        tmp_path / "p.csv",
        [
            {"clinicians": 2, "sessions_per_week": 40, "staff": 1, "weeks_per_year": 50},
            {"clinicians": 2, "sessions_per_week": 40, "staff": 1, "weeks_per_year": 50, **totals},
            {"clinicians": 1, "sessions_per_week": 0},
        ],
    )
    code, out, err = run(capsys, "portfolio", source, "-o", tmp_path / "costs.parquet", *FROZEN)
    assert (code, err) == (0, "")
    assert re.match(r"Priced under \d+ plans: 3 practices\.\n", out)
    first, second, third = table(tmp_path / "costs.parquet")
    assert first["penny/texts_year_usd"] == 261.60  # 12 * 5 + 2240 * 0.09
    assert first["ledger/texting_year_usd"] == 778.64  # 720 + 1280 * 0.04 + 2480 * 0.003
    assert first["porchlight/basic_year_usd"] == 864.00  # 3 * 24 * 12
    assert first["hush/quote_year_usd"] is None  # unpublished
    assert (first["row"], first["practice"]) == (1, "1")
    # 6,000 a year: 2,000 reminders and 240 offers of two segments share them as 25 to 3, 5,357 and 643.
    assert second["penny/texts_year_usd"] == 600.00  # 12 * 5 + 6000 * 0.09
    assert second["wire/metered_year_usd"] == 88.07  # (5357 + 2 * 643) * 0.011 + 15 = 88.073
    assert third["penny/texts_year_usd"] == 60.00
    # Wire is a programming interface: it has a price, and is not named.
    assert [row["cheapest_usable"] for row in (first, second, third)] == ["penny/texts", "murmur/plus", "penny/texts"]
    assert first["wire/metered_year_usd"] == 42.28 < first["cheapest_usable_year_usd"]
    verdicts = [row["cheapest_usable_verdict"] for row in (first, second)]
    assert verdicts == ["with configuration", "verify first"]
    assert [row["cheapest_proven"] for row in (first, second)] == ["penny/texts", "penny/texts"]


@given(st.integers(0, MAX_QUANTITY), st.integers(0, MAX_QUANTITY))
def test_the_parts_of_a_total_add_up(sent: int, received: int) -> None:
    base = template()[1]
    numbers = {"messages_sent_per_month": np.array([sent]), "messages_received_per_month": np.array([received])}
    here = {name: np.array([True]) for name in numbers}
    counts = portfolio._messages(base, base, numbers, here, Nothing())  # type: ignore[arg-type]
    for way, total in (("out", sent), ("in", received)):
        kinds = [i for i, message in enumerate(base.messages) if message.direction == way]
        year = [base.year(base.messages[i]) for i in kinds]
        assert sum(int(counts[i][0]) for i in kinds) == 12 * total
        for i, own in zip(kinds, year, strict=True):
            assert abs(Fraction(12 * total * own, sum(year)) - int(counts[i][0])) < 1


class Nothing:
    """Where no row is refused."""

    rows = (1,)

    def add(self, where: Any, column: str, reason: str) -> None:
        assert not where.any()


def test_messages_of_the_team_are_not_part_of_the_totals(
    tmp_path: Path,
) -> None:
    base = template()[1]
    team = practice.Message.model_validate({"purpose": "team", "per": "month", "count": 50})
    numbers = {"messages_sent_per_month": np.array([10]), "messages_received_per_month": np.array([0])}
    here = {name: np.array([True]) for name in numbers}
    mixed = base.model_copy(update={"messages": [team, *base.messages]})
    counts = portfolio._messages(mixed, mixed, numbers, here, Nothing())  # type: ignore[arg-type]
    assert int(counts[0][0]) == 600
    assert sum(int(many[0]) for many in counts[1:]) == 120


FACTS = ("baa", "baa_covers", "encryption_in_transit", "encryption_at_rest", "unique_logins", "access_control_roles",
         "audit_log")  # fmt: skip


def shop(folder: Path, vendors: dict[str, tuple[list[str], dict[str, dict[str, Any]]]]) -> Catalog:
    """Write and load a catalogue: for each vendor what is not known of it, and its plans."""
    prices = {"from": "2026-01-01", "date_is": "stated", "source": "page"}
    flat = {"name": "Plan", "model": "flat", "usd": 10}
    known = {
        vendor: {
            "name": vendor,
            "kind": "business_phone",
            "facts": {name: {"value": "yes", "source": "page"} for name in FACTS if name not in unknown},
            "plans": {
                plan: {
                    "name": plan,
                    "channels": ["sms"],
                    "limits": more.get("limits", {}),
                    "prices": [{**prices, "charges": [more.get("charge", flat)]}],
                }
                for plan, more in plans.items()
            },
        }
        for vendor, (unknown, plans) in vendors.items()
    }
    source = {"title": "Page", "url": "https://v.example", "grade": "vendor_page", "seen": "2026-06-01"}
    path = folder / "shop.yaml"
    path.write_text(json.dumps({"sources": {"page": source}, "vendors": known}), encoding="utf-8")
    return catalog.load(path)


def in_shop(own: Catalog, columns: str, *lines: str) -> list[Row]:
    """Price lines of a CSV file with a catalogue."""
    question = portfolio.ask(own, frozen()[1], template()[1], FROZEN_DAY)
    batch = portfolio.Batch(1, len(lines), tuple(columns.split(",")), "\n".join(lines).encode(), 1.0)
    rows: list[Row] = portfolio.price_batch(question, batch).table.to_pylist()
    return rows


def test_of_equally_cheap_plans_the_one_with_fewer_open_points_is_named(tmp_path: Path) -> None:
    both: dict[str, dict[str, Any]] = {"z": {}, "a": {}}
    vendors = {
        "a-heavy": (["baa"], both),
        "b-two": (["audit_log", "encryption_at_rest"], both),
        "c-one": (["audit_log"], both),
    }
    own = shop(tmp_path, vendors)
    standings = portfolio.ask(own, frozen()[1], template()[1], FROZEN_DAY).standings["solo"]
    points = {plan: standing.open_points for plan, standing in standings.items()}
    assert points["c-one/a"] == points["c-one/z"] < points["b-two/a"] < points["a-heavy/a"]
    assert points["a-heavy/a"][0] == 1
    (row,) = in_shop(own, "clinicians,sessions_per_week", "1,20")
    assert (row["cheapest_usable"], row["cheapest_proven"]) == ("c-one/a", None)
    assert row["cheapest_usable_verdict"] == "verify first"


def test_every_count_reaches_its_meter_given_or_not(tmp_path: Path) -> None:
    """A plan for each meter, a dollar for each unit, against sums by hand."""
    meters = (
        "account",
        "clinician",
        "staff",
        "manager",
        "login",
        "number",
        "location",
        "active_client",
        "session",
        "claim",
    )
    charges = {meter: {"charge": {"name": "Units", "model": "per_unit", "meter": meter, "usd": 1}} for meter in meters}
    own = shop(tmp_path, {"v": ([], {meter.replace("_", "-"): charge for meter, charge in charges.items()})})
    first, second = in_shop(own, ",".join(portfolio.COLUMNS), "A,3,40,,,,,,,,,", "B,3,40,5,2,50,77,4,6,9,,")
    got = [[row[f"v/{meter.replace('_', '-')}_year_usd"] / 12 for meter in meters[:8]] for row in (first, second)]
    assert got == [[1, 3, 0, 0, 3, 1, 1, 40], [1, 3, 5, 2, 8, 6, 4, 77]]
    assert [row["v/session_year_usd"] for row in (first, second)] == [40 * 52, 40 * 50]
    assert [row["v/claim_year_usd"] for row in (first, second)] == [0, 9 * 12]


@pytest.mark.parametrize(
    ("limit", "most", "fits", "over"),
    [
        ("clinicians", 4, "4,40,0,40,1", "5,40,0,40,1"),
        ("logins", 4, "3,40,1,40,1", "3,40,2,40,1"),
        ("logins", 1, "1,40,0,40,1", "1,40,1,40,1"),
        ("locations", 2, "4,40,0,40,2", "4,40,0,40,3"),
        ("active_clients", 40, "4,99,0,40,1", "4,99,0,41,1"),
        ("active_clients", 40, "4,40,0,,1", "4,41,0,,1"),
        ("sessions_per_month", 104, "4,24,0,40,1", "4,25,0,40,1"),  # 24 * 52 / 12 = 104
    ],
)
def test_a_plan_takes_a_practice_up_to_its_limit(tmp_path: Path, limit: str, most: int, fits: str, over: str) -> None:
    own = shop(tmp_path, {"v": ([], {"small": {"limits": {limit: most}}, "other": {}})})
    rows = in_shop(own, "clinicians,sessions_per_week,staff,active_clients,locations", fits, over)
    assert [row["v/small_year_usd"] for row in rows] == [120.0, None]
    assert [row["cheapest_proven"] for row in rows] == ["v/other", "v/other"]


# Rows that cannot be priced.

NOT_WHOLE = "it is not a whole number"


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("clinicians", "0", "it is below 1"),
        ("clinicians", "", "it is missing"),
        ("clinicians", "abc", NOT_WHOLE),
        ("clinicians", "1000001", "it is above 1,000,000"),
        ("sessions_per_week", "   ", "it is missing"),
        ("sessions_per_week", "-1", "it is below 0"),
        ("sessions_per_week", "3.5", NOT_WHOLE),
        ("sessions_per_week", "NaN", NOT_WHOLE),
        ("sessions_per_week", "1e400", NOT_WHOLE),
        ("sessions_per_week", "0x10", NOT_WHOLE),
        ("sessions_per_week", "1_000", NOT_WHOLE),
        ("sessions_per_week", "\u0665", NOT_WHOLE),
        ("sessions_per_week", "inf", NOT_WHOLE),
        ("sessions_per_week", "9" * 30, "it is above 1,000,000"),
        ("sessions_per_week", "-" + "9" * 30, "it is below 0"),
        ("staff", "true", NOT_WHOLE),
        ("managers", "1", "there are more managers than staff: managers are counted among the staff"),
        ("weeks_per_year", "0", "it is below 1"),
        ("weeks_per_year", "53", "it is above 52"),
        ("active_clients", "1000001", "it is above 1,000,000"),
        ("locations", "0", "it is below 1"),
        ("numbers", "0", "it is below 1"),
        ("claims_per_month", "-0.5", NOT_WHOLE),
        ("messages_sent_per_month", "1000001", "it is above 1,000,000"),
        ("messages_received_per_month", "-3", "it is below 0"),
    ],
)
def test_a_faulty_value_is_refused_with_its_reason(tmp_path: Path, column: str, value: str, reason: str) -> None:
    good = {"practice": "A", "clinicians": 1, "sessions_per_week": 20}
    source = write_csv(tmp_path / "p.csv", [good, {**good, "practice": "B", column: value}, {**good, "practice": "C"}])
    written = price(source, tmp_path / "costs.csv")
    assert (written.rows, written.refused) == (2, 1)
    assert written.rejected is not None
    assert rejected(written.rejected) == [("2", "B", column, value, reason)]
    assert [(row["row"], row["practice"]) for row in table(written.output)] == [(1, "A"), (3, "C")]


@pytest.mark.parametrize(
    ("column", "value", "like"),
    [
        ("clinicians", "7.0", "7"),
        ("clinicians", " 7 ", "7"),
        ("clinicians", "007", "7"),
        ("sessions_per_week", "0", "0"),
        ("sessions_per_week", "-0", "0"),
        ("staff", "", "0"),
        ("weeks_per_year", "", "52"),
        ("weeks_per_year", "52", "52"),
        ("active_clients", "", "20"),
        ("locations", "1.", "1"),
        ("claims_per_month", "1000000", "1000000"),
        ("clinicians", "1000000", "1000000"),
    ],
)
def test_a_value_at_the_edge_is_taken_as_it_is_meant(tmp_path: Path, column: str, value: str, like: str) -> None:
    good = {"practice": "A", "clinicians": 1, "sessions_per_week": 20}
    source = write_csv(tmp_path / "p.csv", [{**good, column: value}, {**good, column: like}])
    one, other = table(price(source, tmp_path / "costs.csv").output)
    assert {**one, "row": 2} == other
    assert one["cheapest_usable"] is not None


def test_every_reason_of_a_row_is_told_in_the_order_of_the_rows(tmp_path: Path) -> None:
    source = tmp_path / "p.csv"
    source.write_text(
        "practice,clinicians,sessions_per_week,managers,staff\n"
        "A,x,,3,2\n"  # three reasons
        '"B"er,1,2,0,0\n'  # a quotation mark inside
        "C,1,2\n"  # too few
        "=1+1,-1,2,0,0\n"  # a formula
        '"D, E and ""F""",1,20,,\n'  # a good one
        "G,1,20,,,\n"  # too many
        "H,1,99999999,,\n"
        "I,1,500000,,\n"  # within the bounds, but too many sessions a month
        ",999999,1,,5\n"  # too many logins
        "J,1,1,9,x\n",  # whether there are more managers than staff is not known
        encoding="utf-8",
    )
    written = price(source, tmp_path / "costs.csv")
    assert [row["practice"] for row in table(written.output)] == ['D, E and "F"']
    assert written.rejected is not None
    quotes = "a quotation mark is missing or stands inside a value, or a value goes over several lines"
    found = rejected(written.rejected)
    assert found[:8] == [
        ("1", "A", "clinicians", "x", NOT_WHOLE),
        ("1", "A", "sessions_per_week", "", "it is missing"),
        ("1", "A", "managers", "3", "there are more managers than staff: managers are counted among the staff"),
        ("2", "", "", '"B"er,1,2,0,0', quotes),
        ("3", "", "", "C,1,2", "it has 3 values for 5 columns: quote a value that has a comma"),
        ("4", "'=1+1", "clinicians", "-1", "it is below 1"),
        ("6", "", "", "G,1,20,,,", "it has 6 values for 5 columns: quote a value that has a comma"),
        ("7", "H", "sessions_per_week", "99999999", "it is above 1,000,000"),
    ]
    # 500,000 sessions in each of 52 weeks are 2,166,667 in the last month
    sessions = "2,166,667 sessions a month are too many: texteval prices up to 1,000,000"
    assert ("8", "I", "", "", sessions) in found
    logins = "1,000,004 people with a login a month are too many: texteval prices up to 1,000,000"
    assert found[-2:] == [("9", "9", "", "", logins), ("10", "J", "staff", "x", NOT_WHOLE)]
    assert {row[0] for row in found} == {"1", "2", "3", "4", "6", "7", "8", "9", "10"}
    assert (written.rows, written.refused) == (1, 9)


def test_what_is_refused_as_too_many_is_what_a_bill_refuses() -> None:
    """At the largest month that is priced, and one session more."""
    base = template("fifty-clients")[1]
    question = portfolio.ask(*frozen(), base, FROZEN_DAY)

    def refused(sessions: int, weeks: int) -> tuple[bool, bool]:
        batch = portfolio.Batch(
            1, 1, ("clinicians", "sessions_per_week", "weeks_per_year"), f"1,{sessions},{weeks}".encode(), 1.0
        )
        own = base.model_copy(update={"sessions_per_week": sessions, "weeks_per_year": weeks})
        try:
            for plan in question.plans:
                own.usage(dict(question.standings["solo"][plan].channels))
        except UserError:
            return portfolio.price_batch(question, batch).rejected.num_rows > 0, True
        return portfolio.price_batch(question, batch).rejected.num_rows > 0, False

    edge = [refused(sessions, 12) for sessions in (333_333, 333_334)]  # three segments for each session
    assert edge == [(False, False), (True, True)]


def test_a_template_without_messages_from_clients_cannot_split_them(tmp_path: Path) -> None:
    good = {"clinicians": 1, "sessions_per_week": 20}
    rows = [{**good, "messages_received_per_month": 0}, {**good, "messages_received_per_month": 3}]
    written = price(write_csv(tmp_path / "p.csv", rows), tmp_path / "c.csv", who="fifty-clients")
    assert written.rejected is not None
    reason = "the practice of --practice has no messages from clients to split it by"
    assert rejected(written.rejected) == [("2", "2", "messages_received_per_month", "3", reason)]


def test_if_no_row_can_be_priced_only_the_reasons_are_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 0, "sessions_per_week": 1}, {"clinicians": "x"}])
    code, _, err = run(capsys, "portfolio", source, "-o", tmp_path / "costs.parquet")
    assert code == 2
    assert (
        err == f"texteval: {source}: none of its 2 rows could be priced: {tmp_path / 'costs-rejected.csv'} says why\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["costs-rejected.csv", "p.csv"]


def test_the_command_says_what_was_refused_and_an_old_list_of_reasons_goes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = {"clinicians": 1, "sessions_per_week": 20}
    source, output = write_csv(tmp_path / "p.csv", [good, {"clinicians": 2}]), tmp_path / "costs.csv"
    code, out, err = run(capsys, "portfolio", source, "-o", output)
    assert (code, err) == (0, "")
    assert f"Refused: 1 row; {tmp_path / 'costs-rejected.csv'} says why.\n" in out
    write_csv(source, [good])
    code, out, _ = run(capsys, "portfolio", source, "-o", output)
    assert code == 0
    assert "Refused" not in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["costs.csv", "costs.json", "p.csv"]


# Files of every kind.


def test_parquet_and_csv_come_to_the_same_whatever_the_types(tmp_path: Path) -> None:
    rows = {"clinicians": [1, 4, 30, 2], "sessions_per_week": [20, 90, 700, 0], "staff": [None, 1, 9, None]}
    name = ["A", None, "C", "D"]
    pd.DataFrame({"practice": name, **rows}).to_csv(tmp_path / "p.csv", index=False)  # 1.0, 9.0 and empty cells
    expected = table(price(tmp_path / "p.csv", tmp_path / "expected.csv").output)
    assert [row["practice"] for row in expected] == ["A", "2", "C", "D"]
    numbers = [pa.int8(), pa.uint64(), pa.float64(), pa.float32(), pa.decimal128(20, 4)]
    kinds = [*numbers, pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
    for kind in kinds:
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        words = plain in (pa.string(), pa.large_string(), pa.string_view())
        columns = {}
        for column, values in rows.items():
            small = [None if v is None else min(v, 127) if kind == pa.int8() else v for v in values]
            columns[column] = pa.array([str(v) if words and v is not None else v for v in small], plain).cast(kind)
        columns["sessions_per_week"] = pa.array(rows["sessions_per_week"], pa.int32())
        pq.write_table(pa.table({"practice": name, **columns, "other": name}), tmp_path / "p.parquet")
        for suffix in ("csv", "parquet"):
            got = price(tmp_path / "p.parquet", tmp_path / f"got.{suffix}")
            assert got.rejected is None
            assert [{**row, "practice": str(row["practice"])} for row in table(got.output)] == expected, (kind, suffix)


def test_numbers_of_parquet_are_refused_as_those_of_csv(tmp_path: Path) -> None:
    sessions = pa.array([20.0, 3.5, math.nan, math.inf, -1.0, 1e300, None])
    clinicians = pa.array([2**64 - 1, 1, 1, 1, 1, 1, 1], pa.uint64())
    pq.write_table(pa.table({"clinicians": clinicians, "sessions_per_week": sessions}), tmp_path / "p.parquet")
    source = tmp_path / "p.parquet"
    with pytest.raises(UserError, match=r"none of its 7 rows could be priced"):
        price(source, tmp_path / "costs.csv")
    assert [row[2:] for row in rejected(tmp_path / "costs-rejected.csv")] == [
        ("clinicians", "18446744073709551615", "it is above 1,000,000"),
        ("sessions_per_week", "3.5", NOT_WHOLE),
        ("sessions_per_week", "nan", NOT_WHOLE),
        ("sessions_per_week", "inf", NOT_WHOLE),
        ("sessions_per_week", "-1", "it is below 0"),
        ("sessions_per_week", "1e+300", "it is above 1,000,000"),
        ("sessions_per_week", "", "it is missing"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffclinicians,sessions_per_week\n1,20\n",
        "clinicians,sessions_per_week\r\n1,20\r\n",
        "\n\nclinicians,sessions_per_week\n\n1,20\n   \n\n",
        " clinicians , sessions_per_week \n 1 , 20 \n",
        '"clinicians","sessions_per_week"\n"1","20"\n',
        "clinicians,,sessions_per_week,\n1,x,20,\n",
        "clinicians,sessions_per_week\n1,20",
    ],
)
def test_a_csv_file_may_come_from_any_program(tmp_path: Path, text: str) -> None:
    (tmp_path / "p.csv").write_bytes(text.encode())
    written = price(tmp_path / "p.csv", tmp_path / "costs.csv")
    (row,) = table(written.output)
    assert (row["row"], row["practice"]) == (1, 1)
    plain = write_csv(tmp_path / "plain.csv", [{"clinicians": 1, "sessions_per_week": 20}])
    assert written.output.read_bytes() == price(plain, tmp_path / "plain-costs.csv").output.read_bytes()


def test_a_quotation_mark_that_is_left_open_swallows_no_row(tmp_path: Path) -> None:
    lines = [f"P{i},1,{i}" for i in range(1, 51)]
    lines[4], lines[20] = '"P5,1,5', 'a"b,"c,21'
    (tmp_path / "p.csv").write_text("\n".join(["practice,clinicians,sessions_per_week", *lines]), encoding="utf-8")
    written = price(tmp_path / "p.csv", tmp_path / "costs.csv")
    assert (written.rows, written.refused) == (48, 2)
    assert written.rejected is not None
    assert [row[0] for row in rejected(written.rejected)] == ["5", "21"]
    assert [row["row"] for row in table(written.output)] == [i for i in range(1, 51) if i not in (5, 21)]


HEAD = "clinicians,sessions_per_week\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "{}: there is no practice in it: the file is empty"),
        (b"\n \n", "{}: there is no practice in it: the file is empty"),
        (HEAD.encode(), "{}: there is no practice in it: write a row for each"),
        (b"clinician,sessions_per_week\n1,2\n", "{}:1: the column 'clinicians' is missing: did you mean 'clinician'?"),
        (
            b"a,b\n1,2\n",
            "{}:1: the column 'clinicians' is missing: add a column 'clinicians'\n"
            "{}:1: the column 'sessions_per_week' is missing: add a column 'sessions_per_week'",
        ),
        (
            b"clinicians,sessions_per_week,clinicians\n1,2,3\n",
            "{}:1: the column 'clinicians' stands twice: keep one of the two",
        ),
        (
            b"clinicians;sessions_per_week\n1;2\n",
            "{}:1: the columns are separated by semicolons, not by commas: save the file as "
            "'CSV UTF-8 (comma delimited)'",
        ),
        (
            b"clinicians\tsessions_per_week\n1\t2\n",
            "{}:1: the columns are separated by tabs, not by commas: save the file as 'CSV UTF-8 (comma delimited)'",
        ),
        (
            b"clinicians,sessions_per_week\r1,2\r",
            "{}:1: the lines do not end as on today's computers: save the file as 'CSV UTF-8 (comma delimited)'",
        ),
        (
            b"practice,clinicians,sessions_per_week\nA,1,2\nCaf\xe9,1,2\n",
            "{}: row 2 is not UTF-8 text: save the file as 'CSV UTF-8 (comma delimited)'",
        ),
        (
            "clinicians,sessions_per_week\n1,2\n".encode("utf-16"),
            "{}:1: this is not UTF-8 text: save the file as 'CSV UTF-8 (comma delimited)'",
        ),
    ],
)
def test_a_csv_file_that_is_none_is_refused_in_plain_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, message: str
) -> None:
    source = tmp_path / "p.csv"
    source.write_bytes(content)
    code, out, err = run(capsys, "portfolio", source, "-o", tmp_path / "costs.csv")
    assert (code, out) == (2, "")
    assert err.removeprefix("texteval: ") == message.replace("{}", str(source)) + "\n"
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def parquet_bytes(**columns: Any) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


GOOD = parquet_bytes(clinicians=list(range(1, 900)), sessions_per_week=list(range(899)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"this is no whole Parquet file \(.+\): write it anew, or give a \.csv"),
        (HEAD.encode() + b"1,2\n", r"this is no whole Parquet file \(.+\): write it anew, or give a \.csv"),
        (GOOD[:-20], r"this is no whole Parquet file \(.+\): write it anew, or give a \.csv"),
        (b"PAR1" + bytes(len(GOOD) // 2) + GOOD[4 + len(GOOD) // 2 :], r"this is no whole Parquet file \(.+\): .*"),
        (parquet_bytes(clinicians=[], sessions_per_week=[]), r"there is no practice in it: write a row for each"),
        (parquet_bytes(clinicians=[1]), r"the column 'sessions_per_week' is missing: add a column 'sessions_per_week'"),
        (
            parquet_bytes(clinicians=[True], sessions_per_week=[[1]], practice=[date(2026, 1, 1)]),
            r"the column 'clinicians' is of the type bool: give whole numbers\n"
            r".*the column 'practice' is of the type date32\[day\]: give text\n"
            r".*the column 'sessions_per_week' is of the type list<.*>: give whole numbers",
        ),
    ],
)
def test_a_parquet_file_that_is_none_is_refused_in_plain_words(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, message: str
) -> None:
    source = tmp_path / "p.parquet"
    source.write_bytes(content)
    code, _, err = run(capsys, "portfolio", source, "-o", tmp_path / "costs.csv")
    assert code == 2
    assert re.fullmatch(rf"(texteval: )?{re.escape(str(source))}: {message}\n", err), err
    assert [path.name for path in tmp_path.iterdir()] == ["p.parquet"]


def test_columns_that_are_not_known_are_named_and_ignored(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2, "staf": 5, "region": "North"}])
    code, out, _ = run(capsys, "portfolio", source, "-o", tmp_path / "costs.csv")
    assert code == 0
    assert out.splitlines()[:2] == [
        "The column 'staf' is ignored: did you mean 'staff'?",
        "The column 'region' is ignored.",
    ]


@pytest.mark.parametrize(
    ("file", "output", "message"),
    [
        ("p.xlsx", "costs.csv", "{p.xlsx}: the name does not end in .csv or .parquet: save or name the file so"),
        ("p.csv", "costs.xlsx", "{costs.xlsx}: the name does not end in .csv or .parquet: save or name the file so"),
        ("none.csv", "costs.csv", "{none.csv}: there is no such file: check the name and the folder"),
        ("none.parquet", "costs.csv", "{none.parquet}: there is no such file: check the name and the folder"),
        ("folder.csv", "costs.csv", "{folder.csv}: this is a folder: name a file in it"),
        ("p.csv", "folder.csv", "{folder.csv}: there is a folder of that name: choose another name for -o"),
        ("p.csv", "p.csv", "{p.csv}: this would be written over the file of practices: choose another name for -o"),
        (
            "p-rejected.csv",
            "p.parquet",
            "{p-rejected.csv}: this would be written over the file of practices: choose another name for -o",
        ),
        (
            "p.csv",
            "nowhere/costs.csv",
            r"{nowhere/costs.csv}: the file cannot be written (No such file or directory): ",
        ),
        (
            "p.csv",
            "p-rejected.csv/costs.csv",
            r"{p-rejected.csv/costs.csv}: the file cannot be written (Not a directory)",
        ),
    ],
)
def test_a_wrong_name_is_told_before_anything_is_done(tmp_path: Path, file: str, output: str, message: str) -> None:
    for name in ("p.csv", "p.xlsx", "p-rejected.csv"):
        (tmp_path / name).write_text(HEAD + "1,2\n", encoding="utf-8")
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UserError) as caught:
        price(tmp_path / file, tmp_path / output)
    assert str(caught.value).startswith(re.sub(r"{(.+?)}", lambda found: str(tmp_path / found[1]), message))
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == HEAD + "1,2\n"


def test_the_same_file_under_another_name_is_not_written_over(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2}])
    (tmp_path / "link.csv").symlink_to(source)
    with pytest.raises(UserError, match="written over the file of practices"):
        price(source, tmp_path / "link.csv")


def test_a_folder_in_which_nothing_can_be_written_is_told(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2}])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    if os.geteuid() == 0:  # who may write everywhere but in the list of processes
        closed = Path("/proc")
    with pytest.raises(UserError) as caught:
        price(source, closed / "costs.csv")
    assert re.match(rf"{closed}/costs\.csv: the file cannot be written \(.+\): choose a folder", str(caught.value))


# The same whatever the batch, and however it ends.


MANY = 1200


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with rows of every kind."""
    return write_csv(tmp_path_factory.mktemp("source") / "practices.csv", some_rows(MANY))


@pytest.fixture(scope="module")
def expected(source: Path) -> dict[str, Path]:
    """What that file comes to, in batches of 40, in both formats."""
    outputs = {suffix: source.with_name(f"expected.{suffix}") for suffix in ("csv", "parquet")}
    for output in outputs.values():
        price(source, output, rows=40)
    return outputs


def same_files(got: Path, expected: Path) -> None:
    for name in ("{}" + got.suffix, "{}.json", "{}-rejected.csv"):
        one, other = (path.with_name(name.format(path.stem)) for path in (got, expected))
        assert one.read_bytes() == other.read_bytes(), name
    assert [path.name for path in got.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize("rows", [1, 7, 1199, 5000])
def test_no_result_depends_on_the_size_of_a_batch(
    tmp_path: Path, source: Path, expected: dict[str, Path], rows: int
) -> None:
    if rows == 1:  # the first rows are enough
        lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
        few = tmp_path / "few.csv"
        few.write_text("".join(lines[:61]), encoding="utf-8")
        price(few, tmp_path / "at-once.csv")
        price(few, tmp_path / "one-by-one.csv", rows=1)
        same_files(tmp_path / "one-by-one.csv", tmp_path / "at-once.csv")
        return
    price(source, tmp_path / "got.csv", rows=rows)
    same_files(tmp_path / "got.csv", expected["csv"])
    price(source, tmp_path / "got.parquet", rows=rows)
    assert pq.read_table(tmp_path / "got.parquet").equals(pq.read_table(expected["parquet"]), check_metadata=True)


def test_both_formats_hold_the_same_and_carry_the_stamp(
    market: Catalog, rules: Requirements, tmp_path: Path, source: Path
) -> None:
    expected = {suffix: tmp_path / f"costs.{suffix}" for suffix in ("csv", "parquet")}
    for output in expected.values():
        portfolio.write(market, rules, *template(), TODAY, source, output, rows=500)
    frames = [pd.read_parquet(expected["parquet"]), pd.read_csv(expected["csv"])]
    pd.testing.assert_frame_equal(*frames, check_dtype=False, check_exact=True)
    money = [name for name in frames[0] if name.endswith("_usd")]
    cents_of = frames[0][money] * 100
    assert ((cents_of.round() / 100 == frames[0][money]) | frames[0][money].isna()).all(axis=None)
    summary = json.loads(expected["csv"].with_suffix(".json").read_text(encoding="utf-8"))
    who, _, own = template()
    stamp = {"texteval": summary["texteval"], "as_of": str(TODAY), "data_hash": f"{market.hash}-{rules.hash}-{own}"}
    assert {key: summary[key] for key in stamp} == stamp
    metadata = pq.read_schema(expected["parquet"]).metadata
    assert {key: metadata[key.encode()].decode() for key in stamp} == stamp
    assert summary["template"]["id"] == who
    good = len([row for row in some_rows(MANY) if "weeks_per_year" not in row])
    assert summary["rows"] == {"priced": good, "rejected": MANY - good}
    for plan in summary["plans"]:
        column = frames[0][f"{plan['plan']}_year_usd"]
        assert sum(plan["rows"].values()) == good
        assert plan["rows"]["priced"] == column.notna().sum()
        for which in ("cheapest_proven", "cheapest_usable"):
            assert plan[which] == (frames[0][which] == plan["plan"]).sum()
            assert not (plan["building_block"] and plan[which])
    assert any(plan["building_block"] and plan["rows"]["priced"] for plan in summary["plans"])
    assert any(plan["rows"]["too_large"] for plan in summary["plans"])
    assert any(plan["rows"]["unknown"] for plan in summary["plans"])
    assert any(plan["rows"]["ineligible"] for plan in summary["plans"])


def test_progress_is_told_and_ends_at_all_rows(tmp_path: Path, source: Path) -> None:
    told: list[tuple[int, int]] = []
    price(source, tmp_path / "a.csv", rows=500, tell=lambda *step: told.append(step))
    assert [done for done, _ in told] == [500, 1000, 1200]
    assert told[-1] == (1200, 1200)
    assert all(1100 < guess < 1300 for _, guess in told)
    pd.read_csv(source).to_parquet(tmp_path / "p.parquet")
    told.clear()
    price(tmp_path / "p.parquet", tmp_path / "a.parquet", rows=600, tell=lambda *step: told.append(step))
    assert told == [(600, 1200), (1200, 1200)]


def test_the_old_result_stays_whole_if_the_disk_is_full(tmp_path: Path) -> None:
    import resource

    source, output = write_csv(tmp_path / "p.csv", some_rows(4000)), tmp_path / "costs.csv"
    output.write_text("old", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "texteval", "portfolio", str(source), "-o", str(output)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.startswith(f"texteval: {output}: the file cannot be written (")
    assert ran.stderr.endswith("nothing was written\n")
    assert output.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["costs.csv", "p.csv"]


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    rows = pd.DataFrame({"clinicians": np.arange(600_000) % 40 + 1, "sessions_per_week": np.arange(600_000) % 900})
    rows.to_parquet(tmp_path / "p.parquet")
    words = [sys.executable, "-m", "texteval", "portfolio", "p.parquet", "-o", "costs.parquet"]
    with subprocess.Popen(
        words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        begun = time.monotonic()
        while not any(path.stat().st_size > 10_000 for path in tmp_path.glob(".costs*/costs.parquet")):
            assert running.poll() is None
            assert time.monotonic() - begun < 60
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (130, "")
    assert err == "texteval: stopped: nothing was written. The same command starts again.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["p.parquet"]


# A cluster.


QUIET = {"processes": True, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A running Dask cluster of two worker processes on this machine."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **QUIET) as running:
        yield running


class Killer:
    """Kills a worker process when half of the rows are done."""

    def __init__(self, *pids: int) -> None:
        self.pids, self.killed = pids, 0

    def __call__(self, done: int, expected: int) -> None:
        if not self.killed and done >= expected / 2:
            pids = self.pids or [child.pid for child in multiprocessing.active_children() if child.pid]
            self.killed = pids[0]
            os.kill(self.killed, signal.SIGKILL)


def listening() -> list[tuple[str, int]]:
    """List where this process and its children listen."""
    here = psutil.Process()
    found = [at for one in [here, *here.children(recursive=True)] for at in one.net_connections()]
    return [(at.laddr.ip, at.laddr.port) for at in found if at.status == psutil.CONN_LISTEN]


def test_two_workers_of_its_own_one_killed_give_the_same_bytes(
    tmp_path: Path, source: Path, expected: dict[str, Path]
) -> None:
    assert multiprocessing.active_children() == []
    before, kill, ports = listening(), Killer(), []

    def look_and_kill(done: int, guess: int) -> None:
        if not kill.killed:
            ports[:] = [at for at in listening() if at not in before]
        kill(done, guess)

    price(source, tmp_path / "got.csv", rows=40, engine="dask", tell=look_and_kill)
    assert kill.killed
    same_files(tmp_path / "got.csv", expected["csv"])
    assert multiprocessing.active_children() == []
    assert len(ports) > 2
    assert {ip for ip, _ in ports} == {"127.0.0.1"}  # nobody else can reach it,
    assert 8787 not in {port for _, port in ports}  # and there is no dashboard


def test_a_running_cluster_one_worker_killed_gives_the_same_bytes(
    tmp_path: Path, source: Path, expected: dict[str, Path], cluster: Any
) -> None:
    kill = Killer(*(worker.pid for worker in cluster.workers.values()))
    address = cluster.scheduler_address
    price(source, tmp_path / "got.parquet", rows=40, scheduler=address, tell=kill)
    assert kill.killed
    same_files(tmp_path / "got.parquet", expected["parquet"])


def test_a_fault_found_on_the_way_is_told_by_a_cluster_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, cluster: Any
) -> None:
    (tmp_path / "p.csv").write_bytes(b"practice,clinicians,sessions_per_week\nA,1,2\nCaf\xe9,1,2\n")
    words = ("portfolio", tmp_path / "p.csv", "-o", tmp_path / "costs.csv", "--scheduler", cluster.scheduler_address)
    code, _, err = run(capsys, *words)
    assert code == 2
    assert "row 2 is not UTF-8 text" in err
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_scheduler_that_does_not_answer_is_named_soon(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(portfolio, "CONNECT_SECONDS", 1)
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2}])
    with socket.socket() as silent:  # takes the call and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mute = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        for address in (f"tcp://127.0.0.1:{closed_port()}", "nonsense", "ftp://127.0.0.1:1", mute):
            begun = time.monotonic()
            with pytest.raises(UserError) as caught:
                price(source, tmp_path / "costs.csv", scheduler=address)
            assert time.monotonic() - begun < 10
            assert str(caught.value) == (
                f"{address}: no Dask scheduler answers there: check that it runs, and its address, "
                "such as tcp://127.0.0.1:8786"
            )
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(portfolio, "CONNECT_SECONDS", 1)
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2}])
    with distributed.LocalCluster(n_workers=0, **QUIET) as empty:
        with pytest.raises(UserError) as caught:
            price(source, tmp_path / "costs.csv", scheduler=empty.scheduler_address)
        assert str(caught.value) == (
            f"{empty.scheduler_address}: this Dask scheduler has no workers: start one, then try again"
        )


def test_without_dask_it_is_told_how_to_install_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    source = write_csv(tmp_path / "p.csv", [{"clinicians": 1, "sessions_per_week": 2}])
    code, _, err = run(capsys, "portfolio", source, "-o", tmp_path / "costs.csv", "--engine", "dask")
    assert code == 2
    assert err == (
        "texteval: Dask is not installed: add the extra texteval[dask], or run 'python -m pip install distributed'\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]


# The paper.


def test_the_paper_lists_every_column_with_its_bounds_and_usual_value() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \|[^|\n]+\|([^|\n]*)\|([^|\n]*)\|([^|\n]+)\|$", PAPER)
    listed = {name: tuple(cell.strip() for cell in cells) for name, *cells in rows}
    usual = {name: Practice.model_fields[name].default for name in portfolio.COUNTS}
    expected = {
        name: (str(least), f"{most:,}", str(usual.get(name))) for name, (least, most) in portfolio._bounds().items()
    }
    assert listed == {
        **expected,
        "practice": ("", "", "the number of the row"),
        "clinicians": (*expected["clinicians"][:2], "refused"),
        "sessions_per_week": (*expected["sessions_per_week"][:2], "refused"),
        "managers": ("0", "the staff", "0"),
        "active_clients": (*expected["active_clients"][:2], "the sessions of a week"),
        **dict.fromkeys(portfolio.TOTALS, ("0", "1,000,000", "as the template says")),
    }


def test_the_paper_shows_the_first_rows_of_the_example_and_names_the_columns_of_the_result(tmp_path: Path) -> None:
    first = "".join(EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)[:4])
    assert f"```\n{first}```" in PAPER
    for column in (*portfolio.CHEAPEST, *portfolio.REJECTED, *portfolio.OUTCOMES):
        assert f"`{column}`" in PAPER
    rows = list(csv.DictReader(io.StringIO(EXAMPLE.read_text(encoding="utf-8"))))
    assert tuple(rows[0]) == portfolio.COLUMNS
    assert len(rows) == 6
