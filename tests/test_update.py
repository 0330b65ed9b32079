"""New prices: only lines are added, history stays, faults are told with their row, files are whole."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import TODAY
from texteval import catalog, cli
from texteval.catalog import Catalog, line_name
from texteval.errors import DataError, UserError
from texteval.update import NewPrice, Proposal, propose, read_prices

SMALL = """\
# A remark at the head.

sources:
  page-2026:
    title: Prices
    url: https://acme.example/prices   # where it was read
    seen: 2026-01-01
    grade: vendor_page

  rates-2026:
    title: Rates
    url: https://acme.example/rates
    seen: 2026-01-02
    grade: vendor_page

# A remark between sections.
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts: {baa: {value: yes, source: page-2026}}
    plans:
      basic:
        name: Basic
        channels: [sms]
        prices:
          - from: 2025-06-01
            date_is: first_seen
            source: page-2026
            charges: [{name: Seats, model: per_unit, meter: login, usd: 25}]
          - from: 2026-01-01
            date_is: stated
            source: page-2026
            existing_customers_from: 2026-03-01
            note: Billed in advance.
            disputes: [{text: A blog has 31., source: rates-2026}]
            charges:
              - {name: Seats, model: per_unit, meter: login, usd: 30, note: "as 'stated'"}   # per login

              - name: Texts
                model: allowance
                meter: segment_out
                included: 25
                per: login
                then: {model: per_unit, usd: 0.0085}
                source: rates-2026
              - {name: Pictures, model: tiers, mode: volume, meter: mms_out, tiers: [{up_to: 9, usd: 2}, {usd: 1}]}
              - {name: Carriers, model: mix, meter: segment_out, parts: [{carrier: All, percent: 100, usd: 0.003}]}
              - {name: Set-up, model: unpublished, meter: account, cadence: once}
              - {name: Discount, model: percent, percent: -10, of: [Seats]}
              - {name: Floor, model: minimum, usd: 20}
          # A remark below the list.

      plus:
        name: Plus
        channels: [sms]
        prices:
          - {from: 2026-01-01, date_is: stated, source: page-2026, charges: [{name: Plus, model: flat, usd: 50}]}
      free:
        name: Free
        channels: [sms]
  # the last line
"""
SOURCE = {"title": "New prices", "url": "https://acme.example/new", "seen": "2026-06-01", "grade": "vendor_page"}
MAIN = ("acme/basic", "Seats", "31", "2026-06-01", "stated", "page-2026")


def price(plan: str, line: str, usd: str, start: str, date_is: str, source: str, **more: Any) -> NewPrice:
    return NewPrice(plan, line, usd, start, date_is, source, **more)


def main_price(**changed: Any) -> NewPrice:
    return NewPrice(
        **{**dict(zip(("plan", "line", "usd", "start", "date_is", "source"), MAIN, strict=True)), **changed}
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "vendors.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def is_only_added_to(before: str, after: str) -> bool:
    """Tell whether all lines of the old text stand in the new one, in their order, byte for byte."""
    rest = iter(after.splitlines(keepends=True))
    return all(any(line == other for other in rest) for line in before.splitlines(keepends=True))


def test_a_price_may_be_stated_for_a_day_to_come_but_only_be_seen_by_today(small: Path) -> None:
    today = date(2026, 6, 1)
    assert propose(small, [main_price(start="2026-06-02")], today=today).changes
    assert propose(small, [main_price(date_is="first_seen")], today=today).changes
    with pytest.raises(DataError, match="2026-06-02 is still to come"):
        propose(small, [main_price(start="2026-06-02", date_is="first_seen")], today=today)


# Every single unit price of the whole catalogue, changed at once.

SINGLE = {"flat", "per_unit", "package"}


def single_prices() -> Iterator[tuple[str, str]]:
    """Read from the bare YAML which lines of the last price lists have one unit price."""
    text = (Path(catalog.data_folder()) / "vendors.yaml").read_text(encoding="utf-8")
    raw = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    for vendor_id, vendor in raw["vendors"].items():
        for plan_id, plan in vendor["plans"].items():
            for charge in plan["prices"][-1].get("charges", []) if plan.get("prices") else []:
                if charge.get("then", charge)["model"] in SINGLE:
                    yield f"{vendor_id}/{plan_id}", charge["name"]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory, market: Catalog) -> tuple[list[NewPrice], Proposal, Catalog]:
    """A new price for every line that has one, each different; what is proposed, and what it loads as."""
    path = tmp_path_factory.mktemp("everything") / "vendors.yaml"
    path.write_bytes(Path(market.path).read_bytes())
    news = [
        price(
            plan, line, str(Decimal(1 + 7919 * i) / 10**6), TODAY.isoformat(), "first_seen", "zz-own-reading", **SOURCE
        )
        for i, (plan, line) in enumerate(single_prices())
    ]
    proposal = propose(path, news)
    assert path.read_bytes() == Path(market.path).read_bytes()
    proposal.save()
    return news, proposal, catalog.load(path)


def test_changing_every_price_only_adds_lines(everything: tuple[list[NewPrice], Proposal, Catalog]) -> None:
    news, proposal, _ = everything
    assert len(news) >= 230
    assert is_only_added_to(proposal.before, proposal.after)
    assert [line for line in proposal.diff.splitlines() if line.startswith("-")] == ["--- vendors.yaml"]


def test_every_new_price_holds_from_its_day_and_every_other_line_keeps_price_and_source(
    market: Catalog, everything: tuple[list[NewPrice], Proposal, Catalog]
) -> None:
    news, _, after = everything
    new = {(p.plan, p.line): p for p in news}
    seen = 0
    for plan_id in market.plan_ids(texting=False):
        old_lists, lists = market.plan(plan_id).prices, after.plan(plan_id).prices
        touched = any(plan == plan_id for plan, _ in new)
        assert lists[: len(old_lists)] == old_lists
        assert len(lists) == len(old_lists) + touched
        if not touched:
            continue
        old, last = old_lists[-1], lists[-1]
        assert (last.from_, last.date_is, last.schedules) == (TODAY.isoformat(), "first_seen", old.schedules)
        assert [line_name(c) for c in last.charges] == [line_name(c) for c in old.charges]
        for was, now in zip(old.charges, last.charges, strict=True):
            asked = new.get((plan_id, line_name(was)))
            source = now.source or last.source
            if asked is None:
                assert source == (was.source or old.source)
                assert now.model_copy(update={"source": was.source}) == was
                continue
            seen += 1
            assert source == "zz-own-reading"
            was_rate, now_rate = getattr(was, "then", was), getattr(now, "then", now)
            assert now_rate.usd == int(Decimal(asked.usd) * 10**6)
            both = {"usd", "source", "note", "then"}
            assert now.model_dump(exclude=both) == was.model_dump(exclude=both)
            assert now_rate.model_dump(exclude=both) == was_rate.model_dump(exclude=both)
    assert seen == len(news)


def test_changing_every_price_touches_nothing_but_prices_and_the_new_source(
    market: Catalog, everything: tuple[list[NewPrice], Proposal, Catalog]
) -> None:
    _, _, after = everything
    assert after.file.schedules == market.file.schedules
    assert set(after.sources) - set(market.sources) == {"zz-own-reading"}
    assert {name: after.sources[name] for name in market.sources} == market.sources
    for vendor_id, vendor in market.vendors.items():
        new = after.vendors[vendor_id]
        assert new.model_dump(exclude={"plans"}) == vendor.model_dump(exclude={"plans"})
        for plan_id, plan in vendor.plans.items():
            assert new.plans[plan_id].model_dump(exclude={"prices"}) == plan.model_dump(exclude={"prices"})


def test_the_same_prices_twice_change_nothing(everything: tuple[list[NewPrice], Proposal, Catalog]) -> None:
    news, proposal, _ = everything
    again = propose(proposal.path, news)
    assert again.after == again.before == proposal.after
    assert again.skipped == tuple(news)
    assert again.diff == ""


def test_one_new_price_of_the_real_catalogue_adds_one_price_list_and_one_source(
    market: Catalog, tmp_path: Path
) -> None:
    path = tmp_path / "vendors.yaml"
    path.write_bytes(Path(market.path).read_bytes())
    new = price("ringcentral/core", "Texts sent and received", "0.0133", "2026-12-01", "stated", "own-page", **SOURCE)
    proposal = propose(path, [new])
    marks = [row for row in proposal.diff.splitlines() if row[:1] in "+-" and row[:3] not in ("+++", "---")]
    assert all(row.startswith("+") for row in marks)
    # The source has 5 lines; the list 5 of head with its note, 1 of seats, 7 of texts (their note goes), 6 of pictures.
    assert len(marks) == 5 + 5 + 1 + 6 + 6
    assert sum("0.0133" in row for row in marks) == 1
    assert is_only_added_to(proposal.before, proposal.after)


# On a small catalogue.


NEW_SOURCE = """\
  prices-2026:
    title: New prices
    url: https://acme.example/new
    seen: 2026-06-01
    grade: vendor_page
"""
NEW_LIST = """\
          - from: 2026-06-01
            date_is: stated
            source: prices-2026
            note: Billed in advance.
            charges:
              - {name: Seats, model: per_unit, meter: login, usd: 31}                        # per login

              - name: Texts
                model: allowance
                meter: segment_out
                included: 25
                per: login
                then: {model: per_unit, usd: 0.0085}
                source: rates-2026
              - {name: Pictures, model: tiers, mode: volume, meter: mms_out, tiers: [{up_to: 9, usd: 2}, {usd: 1}], ~}
              - {name: Carriers, model: mix, meter: segment_out, parts: [{carrier: All, percent: 100, usd: 0.003}], ~}
              - {name: Set-up, model: unpublished, meter: account, cadence: once, ~}
              - {name: Discount, model: percent, percent: -10, of: [Seats], ~}
              - {name: Floor, model: minimum, usd: 20, ~}
""".replace("~", "source: page-2026")


def test_a_new_price_is_added_below_the_last_list_and_everything_else_stays(small: Path) -> None:
    proposal = propose(small, [main_price(source="prices-2026", **SOURCE)])
    above_source, above_list = "\n  rates-2026:\n", "          # A remark below the list.\n"
    assert SMALL.count(above_source) == SMALL.count(above_list) == 1
    expected = SMALL.replace(above_source, NEW_SOURCE + above_source).replace(above_list, NEW_LIST + above_list)
    assert proposal.after == expected


def test_what_was_said_of_the_old_list_alone_is_not_said_of_the_new_one(small: Path) -> None:
    propose(small, [main_price()]).save()
    old, new = catalog.load(small).plan("acme/basic").prices[1:]
    assert (old.note, old.existing_customers_from, len(old.disputes)) == ("Billed in advance.", "2026-03-01", 1)
    assert (new.note, new.existing_customers_from, new.disputes) == ("Billed in advance.", None, [])
    assert old.charges[0].note == "as 'stated'"
    assert new.charges[0].note is None


def test_the_day_before_has_the_old_price_and_the_day_itself_the_new_one(small: Path) -> None:
    propose(small, [main_price(usd="31.5")]).save()
    market = catalog.load(small)

    def seat(on: date) -> Any:
        return market.price_list("acme/basic", on).charges[0].usd  # type: ignore[union-attr]

    assert [seat(date(2026, 5, 31)), seat(date(2026, 6, 1)), seat(date(2025, 12, 31))] == [
        30_000_000,
        31_500_000,
        25_000_000,
    ]


def test_several_lines_of_one_day_make_one_list_each_with_its_source(small: Path) -> None:
    texts = price("acme/basic", "Texts", "0.0119", "2026-06-01", "stated", "prices-2026", **SOURCE)
    propose(small, [main_price(), texts]).save()
    lists = catalog.load(small).plan("acme/basic").prices
    assert [prices.from_ for prices in lists] == ["2025-06-01", "2026-01-01", "2026-06-01"]
    by_name = {charge.name: charge for charge in lists[-1].charges}
    assert by_name["Seats"].usd == 31_000_000
    assert by_name["Texts"].then.usd == 11_900
    assert {name: charge.source or lists[-1].source for name, charge in by_name.items()} == {
        "Seats": "page-2026",
        "Texts": "prices-2026",
        "Pictures": "page-2026",
        "Carriers": "page-2026",
        "Set-up": "page-2026",
        "Discount": "page-2026",
        "Floor": "page-2026",
    }


def test_two_days_of_one_plan_make_two_lists_the_second_from_the_first(small: Path) -> None:
    texts = price("acme/basic", "Texts", "0.0119", "2026-06-01", "stated", "page-2026")
    seats = main_price(start="2026-07-01")
    propose(small, [seats, texts]).save()
    june, july = catalog.load(small).plan("acme/basic").prices[2:]
    assert [june.from_, june.charges[0].usd, june.charges[1].then.usd] == ["2026-06-01", 30_000_000, 11_900]
    assert [july.from_, july.charges[0].usd, july.charges[1].then.usd] == ["2026-07-01", 31_000_000, 11_900]


def test_an_import_with_two_days_of_one_plan_twice_changes_nothing(small: Path) -> None:
    news = [main_price(), main_price(usd="32", start="2026-07-01")]
    propose(small, news).save()
    text = small.read_text(encoding="utf-8")
    again = propose(small, news)
    assert again.after == text
    assert again.skipped == tuple(news)


def test_two_prices_for_the_same_line_and_day_contradict_each_other(small: Path) -> None:
    with pytest.raises(UserError, match="Seats"):
        propose(small, [main_price(usd="31"), main_price(usd="32")])


def test_the_same_price_written_in_two_ways_is_no_contradiction(small: Path) -> None:
    propose(small, [main_price(usd="31"), main_price(usd="31.00")]).save()
    assert catalog.load(small).plan("acme/basic").prices[-1].charges[0].usd == 31_000_000  # type: ignore[union-attr]


def test_rows_of_one_plan_and_day_must_agree_on_what_the_day_is(small: Path) -> None:
    texts = price("acme/basic", "Texts", "0.0119", "2026-06-01", "first_seen", "page-2026", row=3)
    with pytest.raises(DataError) as caught:
        propose(small, [main_price(row=2), texts], Path("new.csv"))
    assert [(p.line, p.path) for p in caught.value.problems] == [(3, "date_is")]


def test_a_new_source_is_described_once_and_not_in_two_ways(small: Path) -> None:
    texts = price("acme/basic", "Texts", "0.0119", "2026-06-01", "stated", "prices-2026", row=3)
    after = propose(small, [main_price(source="prices-2026", row=2, **SOURCE), texts]).after
    assert after.count("title: New prices\n") == 1
    other = price("acme/basic", "Texts", "0.0119", "2026-06-01", "stated", "prices-2026", title="Other", row=3)
    with pytest.raises(DataError) as caught:
        propose(small, [main_price(source="prices-2026", row=2, **SOURCE), other], Path("new.csv"))
    assert [(p.line, p.path) for p in caught.value.problems] == [(3, "title")]


@pytest.mark.parametrize(
    ("meter", "line"),
    [("account", {"model": "flat", "usd": 99_000_000}), ("login", {"model": "per_unit", "usd": 99_000_000})],
)
def test_an_unpublished_price_becomes_one_that_fits_the_line(small: Path, meter: str, line: dict[str, Any]) -> None:
    text = SMALL.replace("model: unpublished, meter: account,", f"model: unpublished, low_usd: 5, meter: {meter},")
    small.write_text(text, encoding="utf-8")
    proposal = propose(small, [main_price(line="Set-up", usd="99")])
    proposal.save()
    found = catalog.load(small).plan("acme/basic").prices[-1].charges[4].model_dump()
    assert line.items() <= found.items()
    assert (found["meter"], found["cadence"]) == ([meter], "once")
    (change,) = proposal.changes
    assert change.text == "acme/basic, Set-up: unpublished → $99.00 once, from 2026-06-01"
    assert change.warning is None


@pytest.mark.parametrize(
    ("line", "usd", "text", "warns"),
    [
        ("Seats", "31.50", "$30.00 → $31.50 a month (+5.0%)", None),
        ("Seats", "59.99", "$30.00 → $59.99 a month (+100.0%)", None),
        ("Seats", "60", "$30.00 → $60.00 a month (+100.0%)", "a price a month and not a year"),
        ("Seats", "15.01", "$30.00 → $15.01 a month (-50.0%)", None),
        ("Seats", "15", "$30.00 → $15.00 a month (-50.0%)", "a price a month and not a year"),
        ("Texts", "0.085", "$0.0085 → $0.085 each (+900.0%)", "the decimal point"),
    ],
)
def test_a_change_is_told_with_its_size_and_a_big_jump_is_doubted(
    small: Path, line: str, usd: str, text: str, warns: str | None
) -> None:
    proposal = propose(small, [main_price(line=line, usd=usd)])
    (change,) = proposal.changes
    assert change.text == f"acme/basic, {line}: {text}, from 2026-06-01"
    assert (change.warning or "").endswith(f"{warns}." if warns else "")
    assert bool(change.warning) is bool(warns)
    assert proposal.next_step == f"texteval diff 2026-06-01 {small} --as-of 2026-06-01"


def test_a_second_change_of_an_import_is_compared_with_the_first(small: Path) -> None:
    proposal = propose(small, [main_price(usd="40", start="2026-07"), main_price(usd="32")])
    assert [change.old for change in proposal.changes] == [30_000_000, 32_000_000]
    assert proposal.next_step == f"texteval diff 2026-07-01 {small} --as-of 2026-07-01"
    own = replace(proposal, path=catalog.data_folder() / "vendors.yaml")
    assert own.next_step == "texteval diff HEAD --as-of 2026-07-01"


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(small: Path) -> None:
    proposal = propose(small, [main_price()])
    other = SMALL.replace("the last line", "the last line, changed")
    small.write_text(other, encoding="utf-8")
    with pytest.raises(UserError, match="was changed by someone else meanwhile; run the command again"):
        proposal.save()
    assert small.read_text(encoding="utf-8") == other


@pytest.mark.parametrize("source", ["aa-first", "prices-2026", "zz-last"])
def test_a_new_source_goes_to_its_alphabetical_place(small: Path, source: str) -> None:
    proposal = propose(small, [main_price(source=source, **SOURCE)])
    proposal.save()
    assert list(catalog.load(small).sources) == sorted(["page-2026", "rates-2026", source])
    assert is_only_added_to(SMALL, proposal.after)


def test_a_price_list_in_braces_is_copied_in_braces(small: Path) -> None:
    proposal = propose(small, [price("acme/plus", "Plus", "55", "2026-06-01", "stated", "page-2026")])
    added = [row for row in proposal.diff.splitlines() if row.startswith("+ ")]
    charges = "charges: [{name: Plus, model: flat, usd: 55}]"
    assert added == [f"+          - {{from: 2026-06-01, date_is: stated, source: page-2026, {charges}}}"]


def test_price_lists_in_brackets_on_one_line_are_added_to_or_refused_in_words(small: Path) -> None:
    one_line = "[{from: 2026-01-01, date_is: stated, source: page-2026, charges: [{name: Plus, model: flat, usd: 50}]}]"
    text = SMALL.replace("\n          - {from: 2026-01-01, date_is: stated, source: page-2026, charges: ", " X")
    text = text.replace("prices: X[{name: Plus, model: flat, usd: 50}]}", f"prices: {one_line}")
    small.write_text(text, encoding="utf-8")
    assert catalog.load(small).plan("acme/plus").prices[0].charges[0].name == "Plus"
    try:
        proposal = propose(small, [price("acme/plus", "Plus", "55", "2026-06-01", "stated", "page-2026")])
    except UserError:
        return
    proposal.save()
    assert [p.charges[0].usd for p in catalog.load(small).plan("acme/plus").prices] == [50_000_000, 55_000_000]  # type: ignore[union-attr]


def test_windows_line_ends_stay(small: Path) -> None:
    small.write_bytes(SMALL.replace("\n", "\r\n").encode())
    propose(small, [main_price()]).save()
    raw = small.read_bytes()
    assert is_only_added_to(SMALL.replace("\n", "\r\n"), raw.decode())
    assert raw.count(b"\n") == raw.count(b"\r\n")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(micro=st.integers(0, 100_000_000_000), zeros=st.integers(0, 2))
def test_any_price_with_up_to_six_decimals_is_written_exactly(small: Path, micro: int, zeros: int) -> None:
    text = str(Decimal(micro).scaleb(-6).quantize(Decimal(1).scaleb(-6))).rstrip("0").rstrip(".")
    text += "0" * zeros if "." in text and len(text.partition(".")[2]) + zeros <= 6 else ""
    proposal = propose(small, [main_price(usd=text)])
    path = small.with_name("after.yaml")
    path.write_text(proposal.after, encoding="utf-8")
    last = catalog.load(path).plan("acme/basic").prices[-1]
    assert last.charges[0].usd == micro  # type: ignore[union-attr]


@pytest.mark.parametrize(("start", "written"), [("2026-06", "2026-06"), ("2027", "2027"), ("2026-06-30", "2026-06-30")])
def test_a_day_may_be_a_month_or_a_year(small: Path, start: str, written: str) -> None:
    propose(small, [main_price(start=start)]).save()
    assert catalog.load(small).plan("acme/basic").prices[-1].from_ == written


# What is refused.

REFUSED = [
    ({"plan": "acme/basc"}, "plan", "there is no plan 'acme/basc'", "did you mean 'acme/basic'?"),
    ({"plan": "nobody"}, "plan", "there is no plan 'nobody'", "known are acme/basic, acme/free, acme/plus"),
    ({"line": "Seat"}, "line", "acme/basic has no line 'Seat'", "did you mean 'Seats'?"),
    ({"line": "Pictures"}, "line", "'Pictures' has no single unit price (tiers)", None),
    ({"line": "Carriers"}, "line", "'Carriers' has no single unit price (mix)", None),
    ({"line": "Discount"}, "line", "'Discount' has no single unit price (percent)", None),
    ({"line": "Floor"}, "line", "'Floor' has no single unit price (minimum)", None),
    ({"usd": "-1"}, "usd", "-1 is not a price", None),
    ({"usd": "$31"}, "usd", "'$31' is not a price", None),
    ({"usd": "1,250"}, "usd", "'1,250' is not a price", None),
    ({"usd": "1_000"}, "usd", "'1_000' is not a price", None),
    ({"usd": "٣١"}, "usd", "'٣١' is not a price", None),
    ({"usd": "1e3"}, "usd", "'1e3' is not a plain number", "write a plain number of dollars, such as 1250 or 0.0119"),
    ({"usd": "NaN"}, "usd", "NaN is not a price", None),
    ({"usd": "0.0000001"}, "usd", "0.0000001 is too fine", "prices have at most six decimals"),
    ({"usd": "100001"}, "usd", "100001 is too large", "a price is at most 100000 dollars"),
    ({"start": "1 June"}, "from", "'1 June' is not a day", "write it like 2026-12-01"),
    ({"start": "2026-06-31"}, "from", "'2026-06-31' is not a day", "write it like 2026-12-01"),
    ({"start": "2026-1-6"}, "from", "'2026-1-6' is not a day", "write it like 2026-12-01"),
    (
        {"start": "2025-05-31"},
        "from",
        "2025-05-31 is before the plan's first price list (2025-06-01)",
        "check the day",
    ),
    (
        {"start": "2025-12-31"},
        "from",
        "2025-12-31 is before the last price list (2026-01-01)",
        "history is not rewritten; add it by hand",
    ),
    (
        {"start": "2026-01-01"},
        "from",
        "there is a price list of 2026-01-01 with another price",
        "choose a later day, or correct it by hand",
    ),
    ({"date_is": "guessed"}, "date_is", "'guessed' is not known", "write stated or first_seen"),
    ({"source": "New Page", **SOURCE}, "source", "'New Page' is not an id", "use lower case, digits and hyphens"),
    ({"source": "new", **SOURCE, "grade": "vendor"}, "grade", "'vendor' is not a grade", None),
    ({"source": "new", **SOURCE, "seen": "June"}, "seen", "'June' is not a day", "write it like 2026-12-01"),
    (
        {"start": "2099-06-01", "date_is": "first_seen"},
        "from",
        "2099-06-01 is still to come, and so nobody has seen it",
        "write the day on which it was seen, or stated where the vendor names the day",
    ),
    (
        {"source": "new", **SOURCE, "seen": "2099-06"},
        "seen",
        "2099-06 is still to come",
        "write the day on which you read it",
    ),
    ({"source": "new", **SOURCE, "title": None}, "title", "the source 'new' is new and its title is missing", None),
    ({"source": "new", **SOURCE, "seen": None}, "seen", "the source 'new' is new and its seen is missing", None),
    ({"source": "new", **SOURCE, "grade": None}, "grade", "the source 'new' is new and its grade is missing", None),
]


@pytest.mark.parametrize(("changed", "column", "wrong", "right"), REFUSED, ids=[str(row[0]) for row in REFUSED])
def test_a_wrong_price_is_refused_and_nothing_written(
    small: Path, changed: dict[str, Any], column: str, wrong: str, right: str | None
) -> None:
    with pytest.raises(DataError) as caught:
        propose(small, [main_price(**changed, row=7)], Path("new.csv"))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.path) == ("new.csv", 7, column)
    assert problem.wrong.replace("'", "") == wrong.replace("'", "")
    assert problem.right
    assert right is None or problem.right == right
    assert small.read_text(encoding="utf-8") == SMALL


def test_a_price_that_is_there_is_skipped_and_a_new_address_is_not_asked_for_it(small: Path) -> None:
    proposal = propose(small, [main_price(usd="30.00", start="2026-01-01")])
    assert proposal.after == proposal.before == SMALL
    assert len(proposal.skipped) == 1


def test_the_first_day_of_the_last_list_may_be_written_as_a_month_and_is_still_there(small: Path) -> None:
    proposal = propose(small, [main_price(usd="30", start="2026-01")])
    assert proposal.after == SMALL


def test_a_plan_without_prices_is_told_so(small: Path) -> None:
    with pytest.raises(DataError) as caught:
        propose(small, [main_price(plan="acme/free")])
    (problem,) = caught.value.problems
    assert not problem.right.endswith("are "), "a list of known lines that lists none"


def test_an_address_that_is_none_is_told_with_its_row(small: Path) -> None:
    with pytest.raises(DataError) as caught:
        propose(small, [main_price(source="new", **{**SOURCE, "url": "acme.example"}, row=4)], Path("new.csv"))
    assert [(p.file, p.line) for p in caught.value.problems] == [("new.csv", 4)]


def test_several_faults_are_told_at_once_with_their_rows(small: Path) -> None:
    rows = [main_price(usd="x", row=2), main_price(row=3), main_price(plan="acme/pus", row=4)]
    with pytest.raises(DataError) as caught:
        propose(small, rows, Path("new.csv"))
    assert [(p.line, p.path) for p in caught.value.problems] == [(2, "usd"), (4, "plan")]


# The command line: it shows, asks, and only then writes.


def run(arguments: list[str], answer: str | None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer or ""))
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


SET = ["price", "set", "acme/basic", "--line", "Seats", "--usd", "31", "--from", "2026-06-01", "--source", "page-2026"]


@pytest.mark.parametrize(
    ("more", "answer", "writes", "says"),
    [
        (["--dry-run"], None, False, "Nothing written (--dry-run)."),
        (["--dry-run", "--yes"], None, False, "Nothing written (--dry-run)."),
        ([], "n\n", False, "Nothing written."),
        ([], "\n", False, "Nothing written."),
        ([], None, False, "Nothing written."),  # no one there to ask
        ([], "yes please\n", False, "Nothing written."),
        ([], "y\n", True, "Written: "),
        ([], "YES\n", True, "Written: "),
        (["--yes"], None, True, "Written: "),
    ],
)
def test_price_set_shows_the_change_and_writes_only_when_told_to(
    small: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    answer: str | None,
    writes: bool,
    says: str,
) -> None:
    assert run([*SET, "--data", str(small), *more], answer, monkeypatch) == 0
    out = capsys.readouterr().out
    assert "+              - {name: Seats, model: per_unit, meter: login, usd: 31}" in out
    assert says in out
    assert (small.read_text(encoding="utf-8") != SMALL) is writes
    assert [path.name for path in small.parent.iterdir()] == ["vendors.yaml"]
    if writes:
        last = catalog.load(small).plan("acme/basic").prices[-1]
        assert (last.from_, last.date_is) == ("2026-06-01", "first_seen")


def test_price_set_says_when_the_price_is_there_already(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run([*SET, "--data", str(small), "--yes"], None, monkeypatch)
    text = small.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run([*SET, "--data", str(small), "--yes"], None, monkeypatch) == 0
    assert capsys.readouterr().out == ("There already: acme/basic, Seats, 31 from 2026-06-01.\nNothing to change.\n")
    assert small.read_text(encoding="utf-8") == text


def test_price_set_with_a_fault_ends_with_2_and_one_message(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*SET, "--data", str(small), "--yes", "--stated", "--source", "new"], None, monkeypatch) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 3  # title, seen, grade
    assert "price set:0" not in said.err, "a command line has no line 0"
    assert small.read_text(encoding="utf-8") == SMALL


def test_price_import_reads_a_table_and_writes_the_same_as_price_set(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = small.with_name("new.csv")
    table.write_text(
        "plan,line,usd,from,date_is,source\nacme/basic,Seats,31,2026-06-01,first_seen,page-2026\n", "utf-8"
    )
    other = small.with_name("other.yaml")
    other.write_text(SMALL, encoding="utf-8")
    assert run(["price", "import", str(table), "--data", str(small), "--yes"], None, monkeypatch) == 0
    assert run([*SET, "--data", str(other), "--yes"], None, monkeypatch) == 0
    assert small.read_text(encoding="utf-8") == other.read_text(encoding="utf-8") != SMALL
    assert f"Next: texteval diff 2026-06-01 {other} --as-of 2026-06-01" in capsys.readouterr().out


# The old file is whole, whatever happens.


def test_a_catalogue_that_is_faulty_already_is_not_written_to(small: Path) -> None:
    broken = SMALL.replace("kind: business_phone", "kind: bussiness_phone")
    small.write_text(broken, encoding="utf-8")
    with pytest.raises(DataError, match=r"vendors.yaml:20: vendors.acme.kind: 'bussiness_phone' is not known"):
        propose(small, [main_price()])
    assert small.read_text(encoding="utf-8") == broken


def test_a_result_that_does_not_load_is_not_written(small: Path) -> None:
    """The name of a source may have 80 characters; that is only seen when the whole result is checked."""
    with pytest.raises(DataError):
        propose(small, [main_price(source="x" * 81, **SOURCE)])
    assert small.read_text(encoding="utf-8") == SMALL


WRITER = """
import sys
from pathlib import Path
from texteval.files import write_whole
path = Path(sys.argv[1])
versions = [letter * 8_000_000 for letter in "AB"]
print("ready", flush=True)
while True:
    for version in versions:
        write_whole(path, version)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_file_is_whole_when_the_program_is_killed_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "vendors.yaml"
    path.write_text("before", encoding="utf-8")
    chance = random.Random(1)
    whole = {b"before", b"A" * 8_000_000, b"B" * 8_000_000}
    midway = 0
    for kills in range(1, 61):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.005, 0.06))
            writer.send_signal(signal.SIGKILL)
        assert path.read_bytes() in whole
        beside = [other for other in tmp_path.iterdir() if other != path]
        assert all(other.name.startswith(".vendors.yaml.") for other in beside)
        midway += any(0 < other.stat().st_size < 8_000_000 for other in beside)
        if kills >= 6 and midway:
            break
    assert path.stat().st_size == 8_000_000
    assert midway, "no kill came in the middle of a write"


# Tables to import.

HEAD = "plan,line,usd,from,date_is,source"
ROW = "acme/basic,Seats,31,2026-06-01,stated,page-2026"
READ = main_price(row=2)


def table(folder: Path, text: str | bytes, name: str = "new.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n{ROW}\n",
        f"{HEAD}\r\n{ROW}\r\n",
        f"{HEAD}\n{ROW}",
        f"\ufeff{HEAD}\n{ROW}\n",
        f"{HEAD}\n{ROW}\n".replace(",", ";"),
        f"\ufeff{HEAD}\r\n{ROW}\r\n".replace(",", ";"),
        f"{HEAD.upper()}\n{ROW}\n",
        f"{HEAD.replace(',', ' , ')}\n{ROW.replace(',', ' , ')}\n",
        f"{HEAD}\n{ROW}\n\n,,,,,\n   \n",
        HEAD + "\n" + ",".join(f'"{cell}"' for cell in ROW.split(",")) + "\n",
        "source,date_is,from,usd,line,plan\n" + ",".join(reversed(ROW.split(","))) + "\n",
        f"{HEAD},title,url,seen,grade\n{ROW},,,,\n",
    ],
    ids=[
        "plain",
        "Windows line ends",
        "no last line end",
        "byte-order mark",
        "semicolons",
        "as German Excel saves it",
        "headers in capitals",
        "blanks around",
        "blank rows",
        "in quotes",
        "another order",
        "empty optional columns",
    ],
)
def test_a_table_is_read(tmp_path: Path, text: str) -> None:
    assert read_prices(table(tmp_path, text)) == [READ]


def test_rows_keep_their_number_past_blank_rows_and_line_ends_in_cells(tmp_path: Path) -> None:
    text = f'{HEAD},title\n\n{ROW},"two\nlines"\n{ROW},x\n'
    assert [(p.row, p.title) for p in read_prices(table(tmp_path, text))] == [(4, "two\nlines"), (5, "x")]


def test_a_new_source_comes_with_its_row(tmp_path: Path) -> None:
    text = f"{HEAD},title,url,seen,grade\n{ROW},New,https://a.example,2026-06-02,review\n"
    (read,) = read_prices(table(tmp_path, text))
    assert (read.title, read.url, read.seen, read.grade) == ("New", "https://a.example", "2026-06-02", "review")


PLAIN = "write a plain number of dollars, such as 1250 or 0.0119"
FAULTS = [
    (
        "a misspelt header",
        f"{HEAD.replace('usd', 'uds')}\n{ROW}\n",
        [(1, "uds", "this is not a column here", "did you mean 'usd'?"), (1, "usd", "this column is missing", None)],
    ),
    (
        "a header too much",
        f"{HEAD},colour\n{ROW},red\n",
        [(1, "colour", "this is not a column here", None)],
    ),
    ("no header", f"{ROW}\n", None),
    ("currency sign", f"{HEAD}\n{ROW.replace('31', '$31')}\n", [(2, "usd", "'$31' is not a plain number", PLAIN)]),
    ("a word", f"{HEAD}\n{ROW.replace('31', '31 USD')}\n", [(2, "usd", "'31 USD' is not a plain number", PLAIN)]),
    (
        "thousands separator",
        f"{HEAD}\n" + ROW.replace("31", '"1,250"') + "\n",
        [(2, "usd", "'1,250' is not a plain number", PLAIN)],
    ),
    (
        "decimal comma",
        f"{HEAD}\n{ROW}\n".replace(",", ";").replace("31", "0,09"),
        [(2, "usd", "'0,09' is not a plain number", PLAIN)],
    ),
    ("below zero", f"{HEAD}\n{ROW.replace('31', '-5')}\n", [(2, "usd", "'-5' is not a plain number", PLAIN)]),
    ("power of ten", f"{HEAD}\n{ROW.replace('31', '1e3')}\n", [(2, "usd", "'1e3' is not a plain number", PLAIN)]),
    ("a formula", f"{HEAD}\n{ROW.replace('31', '=1+1')}\n", [(2, "usd", "'=1+1' is a formula", "write the value")]),
    (
        "a formula elsewhere",
        f"{HEAD}\n" + ROW.replace("Seats", "@SUM(A1)") + "\n",
        [(2, "line", "'@SUM(A1)' is a formula", "write the value")],
    ),
    ("a missing cell", f"{HEAD}\n{ROW.replace('Seats', ' ')}\n", [(2, "line", "the cell is empty", "fill it in")]),
    ("a short row", f"{HEAD}\n{ROW.rpartition(',')[0]}\n", [(2, "source", "the cell is empty", "fill it in")]),
    (
        "several at once",
        f"{HEAD}\n{ROW}\n{ROW.replace('31', '$31')}\n\n{ROW.replace('stated', '')}\n{ROW.replace('31', 'free')}\n",
        [
            (3, "usd", "'$31' is not a plain number", PLAIN),
            (5, "date_is", "the cell is empty", "fill it in"),
            (6, "usd", "'free' is not a plain number", PLAIN),
        ],
    ),
    (
        "latin-1",
        f"{HEAD}\n{ROW.replace('Seats', 'Sitzplätze')}\n".encode("latin-1"),
        [(2, "", "this is not UTF-8 text", "save the file with the encoding UTF-8")],
    ),
    ("empty", "", [(1, "", "the file is empty", None)]),
    ("a column twice", f"{HEAD},usd\n{ROW},32\n", [(1, "usd", None, None)]),
    ("a cell too much", f"{HEAD}\n{ROW},32\n", [(2, None, None, None)]),
]


@pytest.mark.parametrize(("text", "faults"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_faulty_table_is_refused_with_every_row(
    tmp_path: Path, text: str | bytes, faults: list[tuple[Any, ...]] | None
) -> None:
    path = table(tmp_path, text)
    with pytest.raises(DataError) as caught:
        read_prices(path)
    assert {problem.file for problem in caught.value.problems} == {str(path)}
    if faults is None:
        return
    found = [(problem.line, problem.path, problem.wrong, problem.right) for problem in caught.value.problems]
    assert len(found) == len(faults)
    for got, want in zip(found, faults, strict=True):
        assert all(expected is None or expected == value for value, expected in zip(got, want, strict=True))


def test_a_thousands_separator_without_quotes_never_becomes_a_price(small: Path) -> None:
    path = table(small.parent, f"{HEAD}\n{ROW.replace('31', '1,250')}\n")
    with pytest.raises(DataError):
        propose(small, read_prices(path), path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    for name in ("new.csv", "new.xlsx"):
        with pytest.raises(UserError, match=f"{name}: there is no such file"):
            read_prices(tmp_path / name)


# Workbooks.

CELLS = ["acme/basic", "Seats", 31, "2026-06-01", "stated", "page-2026"]


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def make(*rows: list[Any], merge: str | None = None) -> Path:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        for row in [HEAD.split(","), *rows]:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
        path = tmp_path / "new.xlsx"
        book.save(path)
        return path

    return make


@pytest.mark.parametrize(
    ("value", "text"),
    [(31, "31"), (31.0, "31"), (0.0119, "0.0119"), (0.00421, "0.00421"), (1e-6, "0.000001"), ("31", "31")],
)
def test_a_number_in_a_workbook_is_read_as_it_is_shown(workbook: Callable[..., Path], value: Any, text: str) -> None:
    (read,) = read_prices(workbook([*CELLS[:2], value, *CELLS[3:]]))
    assert read == main_price(usd=text, row=2)


@pytest.mark.parametrize("day", [date(2026, 6, 1), "2026-06-01"])
def test_a_date_in_a_workbook_is_a_day(workbook: Callable[..., Path], day: Any) -> None:
    (read,) = read_prices(workbook([*CELLS[:3], day, *CELLS[4:]]))
    assert read.start == "2026-06-01"


def test_a_float_that_is_no_price_is_not_rounded_to_one(workbook: Callable[..., Path], small: Path) -> None:
    path = workbook([*CELLS[:2], 0.12345678, *CELLS[3:]])
    with pytest.raises(DataError, match="is too fine"):
        propose(small, read_prices(path), path)


def test_merged_cells_are_refused_by_name(workbook: Callable[..., Path]) -> None:
    path = workbook(CELLS, CELLS, merge="A2:A3")
    with pytest.raises(DataError, match=r"new.xlsx:1: A2:A3: cells are merged: split them"):
        read_prices(path)


def test_a_formula_in_a_workbook_is_refused(workbook: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match=r"new.xlsx:3: usd: '=1\+1' is a formula: write the value"):
        read_prices(workbook(CELLS, [*CELLS[:2], "=1+1", *CELLS[3:]]))


def test_blank_rows_of_a_workbook_are_passed_over(workbook: Callable[..., Path]) -> None:
    assert [p.row for p in read_prices(workbook([], CELLS, [None] * 6, CELLS))] == [3, 5]


@pytest.mark.parametrize("raw", [b"", b"not a workbook", b"PK\x03\x04 broken", f"{HEAD}\n{ROW}\n".encode()])
def test_what_is_no_workbook_is_told_so(tmp_path: Path, raw: bytes) -> None:
    path = table(tmp_path, raw, "new.xlsx")
    with pytest.raises(UserError, match=r"this is not an xlsx workbook: save it as \.xlsx or \.csv"):
        read_prices(path)


DAMAGES = [
    ("xl/worksheets/sheet1.xml", None),
    ("xl/worksheets/sheet1.xml", ("<row", "<ro&w")),
    ("xl/workbook.xml", ("<sheets>", "<sheet>")),
    ("xl/workbook.xml", ("showVerticalScroll", "showIt")),
    ("docProps/core.xml", ("Z</dcterms:modified>", "^</dcterms:modified>")),
    ("xl/_rels/workbook.xml.rels", ("Target=", "Targe=")),
    ("[Content_Types].xml", None),
]


@pytest.mark.parametrize(("part", "damage"), DAMAGES, ids=str)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_damaged_workbook_is_read_or_told_to_be_none(
    workbook: Callable[..., Path], part: str, damage: tuple[str, str] | None
) -> None:
    """Found by the fuzzer: a part of the file is missing, or is no longer what openpyxl expects."""
    path = workbook(CELLS)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    assert part in parts
    if damage is None:
        del parts[part]
    else:
        assert damage[0].encode() in parts[part]
        parts[part] = parts[part].replace(damage[0].encode(), damage[1].encode())
    with zipfile.ZipFile(path, "w") as book:
        for name, raw in parts.items():
            book.writestr(name, raw)
    try:
        assert read_prices(path) == [READ]
    except UserError as error:
        assert str(error) == f"{path}: this is not an xlsx workbook: save it as .xlsx or .csv"
