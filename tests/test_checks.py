"""What looks wrong though it can be read, and how much rests on good evidence."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import TODAY
from texteval import catalog, checks, cli
from texteval.catalog import Catalog
from texteval.files import data_folder, read_text
from texteval.requirements import Requirements

# Each line that shall be warned of says so: "# warn: kind: what".

LOOKS_BROKEN = """\
sources:
  page: {title: Page, url: https://acme.example, seen: 2026-11-01, grade: vendor_page}
  page-again: {title: Page, url: https://acme.example, seen: 2026-11-01, grade: vendor_page}  # warn: duplicate source: the same page as 'page'
  page-old: {title: Page, url: https://acme.example, seen: 2026-01-01, grade: vendor_page}
  page-other: {title: Another page, url: https://acme.example, seen: 2026-11-01, grade: vendor_page}
  blog: {title: Blog, seen: 2026-10-01, grade: review, note: no address}
schedules:
  fees:
    name: Fees
    prices:
      - {from: 2026-01-01, date_is: stated, source: page, charges: [{name: Fee, model: per_unit, meter: segment_out, usd: 0.003}]}
      - from: 2026-02-01
        date_is: stated
        source: page
        charges:
          - {name: Fee, model: per_unit, meter: segment_out, usd: 0.03}  # warn: price jump: $0.03 after $0.003
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts:
      baa:  # warn: BAA: 'on_request' on fine, while blog says that the vendor offers none
        - {value: on_request, source: page}
        - {value: no, source: blog}
    plans:
      fine:
        name: Fine
        channels: [sms]
        prices: [{from: 2026-01-01, date_is: stated, source: page, charges: [{name: Texts, model: per_unit, meter: segment_out, usd: 1}]}]
      jumps:
        name: Jumps
        prices:
          - {from: 2026-01-01, date_is: stated, source: page, charges: [{name: A, model: flat, usd: 9}, {name: B, model: flat, usd: 9}, {name: C, model: flat, usd: 9}]}
          - from: 2026-02-01
            date_is: stated
            source: page
            charges:
              - {name: A, model: flat, usd: 90}  # warn: price jump: $90.00 after $9.00
              - {name: B, model: flat, usd: 89.99}
              - {name: C, model: flat, usd: 0.9}  # warn: price jump: $0.90 after $9.00
              - {name: D, model: flat, usd: 900}
      tiers:
        name: Tiers
        prices:
          - from: 2026-01-01
            date_is: stated
            source: page
            charges:
              - name: Falls
                model: tiers
                mode: volume
                meter: segment_out
                tiers: [{up_to: 10, usd: 0.02}, {usd: 0.01}]  # warn: falling tier: 11 cost less than 10
              - {name: Rises, model: tiers, mode: graduated, meter: segment_in, tiers: [{up_to: 10, usd: 0.02}, {usd: 0.01}]}
      units:
        name: Units
        prices:
          - from: 2026-01-01
            date_is: stated
            source: page
            charges:
              - {name: Texts, model: per_unit, meter: segment_out, usd: 1.01}  # warn: unit: $1.01 for one text
              - {name: Messages, model: per_unit, meter: message_out, usd: 24}  # warn: unit: $24.00 for one text
              - {name: Seats, model: per_unit, meter: login, usd: 24}
      old:
        name: Old
        prices:
          - {from: 2025-01-01, date_is: stated, source: page-old, charges: [{name: A, model: flat, usd: 9}]}
          - {from: 2026-01-01, date_is: stated, source: page-old, charges: [{name: A, model: flat, usd: 9}]}  # warn: old price: rests on 'page-old' of 2026-01-01
      one-old-line:
        name: One old line
        prices:
          - {from: 2026-01-01, date_is: stated, source: page, charges: [{name: A, model: flat, usd: 9}, {name: B, model: flat, usd: 9, source: page-old}]}  # warn: old price: rests on 'page-old' of 2026-01-01
      unpublished:
        name: Nobody publishes it
        prices: [{from: 2026-01-01, date_is: stated, source: page-old, charges: [{name: A, model: unpublished, meter: account}]}]
      gone:  # warn: dead plan: no longer sold since 2026-11-22
        name: Gone
        ended: 2026-11-22
        prices: [{from: 2026-01-01, date_is: stated, source: page-old, charges: [{name: A, model: flat, usd: 9}]}]
      going:
        name: Going
        ended: 2026-11-23
        prices: [{from: 2026-01-01, date_is: stated, source: page-other, charges: [{name: A, model: flat, usd: 9}]}]
      bare:  # warn: dead plan: has no price list
        name: Bare
"""  # noqa: E501


def written(folder: Path, text: str) -> Path:
    path = folder / "vendors.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def found(path: Path, on: date = TODAY) -> list[tuple[str, int, str]]:
    warnings = checks.warnings(catalog.load(path), on, read_text(path))
    assert all(problem.file == str(path) and problem.right for _, problem in warnings)
    return [(kind, problem.line, problem.wrong) for kind, problem in warnings]


def test_every_kind_of_warning_is_given_at_its_line_and_nothing_else(tmp_path: Path) -> None:
    expected = []
    for number, line in enumerate(LOOKS_BROKEN.splitlines(), 1):
        marked = re.search(r"# warn: ([\w ]+): (.*)$", line)
        if marked:
            expected.append((marked[1], number, marked[2]))
    assert {kind for kind, _, _ in expected} == {
        "price jump",
        "falling tier",
        "unit",
        "BAA",
        "old price",
        "dead plan",
        "duplicate source",
    }
    assert found(written(tmp_path, LOOKS_BROKEN)) == expected


def test_a_warning_names_the_place_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, LOOKS_BROKEN)
    places = {problem.path for _, problem in checks.warnings(catalog.load(path), TODAY, LOOKS_BROKEN)}
    assert {
        "sources.page-again",
        "schedules.fees.prices[2].charges[1]",
        "vendors.acme.facts.baa",
        "vendors.acme.plans.jumps.prices[2].charges[3]",
        "vendors.acme.plans.tiers.prices[1].charges[1].tiers",
        "vendors.acme.plans.bare",
    } <= places


@pytest.mark.parametrize(("days", "old"), [(0, False), (180, False), (181, True), (4000, True)])
def test_a_price_is_old_after_180_days(tmp_path: Path, days: int, old: bool) -> None:
    text = f"""\
sources:
  page: {{title: Page, url: https://acme.example, seen: {TODAY - timedelta(days=days)}, grade: vendor_page}}
vendors:
  acme:
    name: Acme
    kind: business_phone
    plans:
      basic:
        name: Basic
        prices: [{{from: 2015-01-01, date_is: stated, source: page, charges: [{{name: A, model: flat, usd: 9}}]}}]
"""
    assert [kind for kind, _, _ in found(written(tmp_path, text))] == ["old price"] * old


TWO = """\
sources:
  page: {title: Page, url: https://acme.example, seen: 2026-11-01, grade: vendor_page}
vendors:
  acme:
    name: Acme
    kind: business_phone
    plans:
      basic:
        name: Basic
        prices:
          - {from: 2026-01-01, date_is: stated, source: page, charges: [{name: Texts, OLD}]}
          - {from: 2026-02-01, date_is: stated, source: page, charges: [{name: Texts, NEW}]}
"""
ALLOWANCE = "model: allowance, meter: segment_out, included: 25, then: {model: per_unit, usd: %s}"


@pytest.mark.parametrize(
    ("form", "old", "new", "jumps"),
    [
        ("model: per_unit, meter: segment_out, usd: %s", "0.0085", "0.085", True),
        ("model: per_unit, meter: segment_out, usd: %s", "0.0085", "0.0119", False),
        ("model: package, size: 100, meter: segment_out, usd: %s", "5", "50", True),
        (ALLOWANCE, "0.0085", "0.085", True),
        (ALLOWANCE, "0.0085", "0.0119", False),
        ("model: tiers, mode: graduated, meter: segment_out, tiers: [{up_to: 9, usd: %s}, {usd: 0}]", "1", "10", True),
    ],
)
def test_a_slipped_decimal_point_is_seen_in_every_kind_of_price(
    tmp_path: Path, form: str, old: str, new: str, jumps: bool
) -> None:
    text = TWO.replace("OLD", form % old).replace("NEW", form % new)
    assert [(kind, line) for kind, line, _ in found(written(tmp_path, text)) if kind == "price jump"] == (
        [("price jump", 12)] * jumps
    )


def test_a_price_for_one_text_above_a_dollar_is_seen_behind_an_allowance_too(tmp_path: Path) -> None:
    text = TWO.replace("OLD", ALLOWANCE % "24").replace("NEW", ALLOWANCE % "24")
    assert [kind for kind, _, _ in found(written(tmp_path, text))] == ["unit", "unit"]


@pytest.mark.parametrize("mode", ["volume", "stairstep"])
def test_a_falling_tier_is_seen_behind_an_allowance_too(tmp_path: Path, mode: str) -> None:
    price = "flat_usd" if mode == "stairstep" else "usd"
    tiers = f"{{model: tiers, mode: {mode}, tiers: [{{up_to: 10, {price}: 0.9}}, {{{price}: 0.1}}]}}"
    charge = f"model: allowance, meter: segment_out, included: 25, then: {tiers}"
    text = TWO.replace("OLD", charge).replace("NEW", charge)
    assert [kind for kind, _, _ in found(written(tmp_path, text))] == ["falling tier"] * 2


OLD_SOURCE = "  old: {title: Old, url: https://old.example, seen: 2026-01-01, grade: vendor_page}\nvendors:"
TEXT_PRICE = "model: per_unit, meter: segment_out, usd: 0.01"


@pytest.mark.parametrize(
    ("charge", "old"),
    [
        (f"{TEXT_PRICE}, source: old", True),
        (ALLOWANCE % "0.01" + ", source: old", True),
        ("model: tiers, mode: volume, meter: login, tiers: [{usd: 0.02}], source: old", True),
        ("model: allowance, meter: login, included: 1, then: {model: unpublished}, source: old", False),
        ("model: unpublished, meter: login, source: old", False),
        (TEXT_PRICE, False),
    ],
)
def test_every_charge_that_has_a_price_grows_old(tmp_path: Path, charge: str, old: bool) -> None:
    text = TWO.replace("OLD", TEXT_PRICE).replace("NEW", charge).replace("vendors:", OLD_SOURCE, 1)
    assert [kind for kind, _, _ in found(written(tmp_path, text))] == ["old price"] * old


def test_the_price_list_of_the_day_is_judged_and_not_the_last(tmp_path: Path) -> None:
    """From December on the price rests on a fresh page."""
    text = (
        TWO.replace("OLD", f"{TEXT_PRICE}, source: old").replace("NEW", TEXT_PRICE).replace("2026-02-01", "2026-12-01")
    )
    path = written(tmp_path, text.replace("vendors:", OLD_SOURCE, 1))
    assert [(kind, line) for kind, line, _ in found(path)] == [("old price", 12)]
    assert found(path, date(2026, 12, 1)) == []
    assert found(path, date(2025, 12, 31)) == []  # it had no price yet


def test_a_shared_fee_grows_old_too(tmp_path: Path) -> None:
    fees = f"""\
schedules:
  fees:
    name: Fees
    prices:
      - {{from: 2026-01-01, date_is: stated, source: old, charges: [{{name: Fee, {TEXT_PRICE}}}]}}
vendors:"""
    text = TWO.replace("OLD", TEXT_PRICE).replace("NEW", TEXT_PRICE)
    text = text.replace("vendors:", OLD_SOURCE, 1).replace("vendors:", fees, 1)
    assert [(kind, wrong) for kind, _, wrong in found(written(tmp_path, text))] == [
        ("old price", "rests on 'old' of 2026-01-01")
    ]


FACTS = """\
sources:
  page: {title: Page, url: https://acme.example, seen: 2026-11-01, grade: vendor_page}
  terms: {title: Terms, url: https://acme.example/terms, seen: 2026-11-01, grade: vendor_page}
  long-ago: {title: Old, url: https://acme.example/old, seen: 2020-01-01, grade: vendor_page}
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts:
      baa: [PIECES]
    plans:
      a: {name: A, channels: [sms, secure_message], prices: [{from: 2026-01-01, date_is: stated, source: page}]}
      b: {name: B, channels: [sms], prices: [{from: 2026-01-01, date_is: stated, source: page}]}
"""


def test_an_equally_good_source_that_says_there_is_no_baa_is_warned_of(tmp_path: Path) -> None:
    text = FACTS.replace("PIECES", "{value: yes, source: page}, {value: no, source: terms}")
    assert [(kind, wrong) for kind, _, wrong in found(written(tmp_path, text))] == [
        ("BAA", f"'yes' on {plan}, while terms says that the vendor offers none") for plan in "ab"
    ]


@pytest.mark.parametrize(
    ("pieces", "state"),
    [
        ("{value: yes, source: page, plans: a}, {value: no, source: terms, plans: b}", "known"),
        ("{value: yes, source: page, channels: sms}, {value: no, source: terms, channels: secure_message}", "known"),
        ("{value: yes, source: page, plans: a}", "known"),
        ("{value: yes, source: page, plans: a}, {value: no, source: terms}", "disputed"),
        ("{value: yes, source: page, plans: a}, {value: no, source: long-ago, plans: b}", "stale"),
        ("{value: yes, source: page, channels: mms}", "known"),
    ],
)
def test_an_attribute_counts_as_its_worst_plan_and_channel(
    tmp_path: Path, rules: Requirements, pieces: str, state: str
) -> None:
    (row,) = checks.coverage(catalog.load(written(tmp_path, FACTS.replace("PIECES", pieces))), rules, TODAY)
    assert {name: number for name, number in row.classes["baa"].items() if name != "unknown"} == {state: 1}


# The real catalogue.


def test_the_real_catalogue_has_no_faults_and_no_warning_but_of_age(market: Catalog) -> None:
    warnings = checks.warnings(market, TODAY, read_text(Path(market.path)))
    kinds = Counter(kind for kind, _ in warnings)
    assert set(kinds) <= {"old price", "dead plan"}
    lines = read_text(Path(market.path)).splitlines()
    for kind, problem in warnings:
        place = lines[problem.line - 1].strip()
        assert place.startswith("- from:" if kind == "old price" else problem.path.rpartition(".")[2] + ":")


@pytest.fixture(scope="module")
def raw() -> dict[str, dict[str, Any]]:
    """The files as bare words."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    names = ("vendors", "attributes", "requirements")
    return {name: yaml.load((data_folder() / f"{name}.yaml").read_text(encoding="utf-8"), loader) for name in names}


def test_coverage_counts_every_attribute_of_every_vendor_once(
    market: Catalog, rules: Requirements, raw: dict[str, dict[str, Any]]
) -> None:
    per_class = Counter(attribute["shelf"] for attribute in raw["attributes"]["attributes"].values())
    rows = checks.coverage(market, rules, TODAY)
    assert [row.vendor for row in rows] == list(raw["vendors"]["vendors"])
    assert len(rows) == 58
    for row in rows:
        assert {name: states.total() for name, states in row.classes.items()} == per_class
        assert set().union(*row.classes.values()) <= {"known", "stale", "disputed", "unknown"}
        unknown = sum(states["unknown"] for states in row.classes.values())
        facts = raw["vendors"]["vendors"][row.vendor].get("facts", {})
        assert unknown == per_class.total() - len(facts)  # no source is of the future


GRADES = ["vendor_page", "vendor_reply", "review", "second_hand", "general_knowledge"]


def first(day: str) -> date:
    year, month, number = (*map(int, day.split("-")), 1, 1)[:3]
    return date(year, month, number)


def test_the_share_of_best_grades_is_that_of_the_evidence_that_decides(
    market: Catalog, rules: Requirements, raw: dict[str, dict[str, Any]]
) -> None:
    """The best piece is fresh before stale by a grade and a half, then of the better grade, then newer."""
    gates = {
        r["attribute"]
        for r in raw["requirements"]["requirements"].values()
        if r.get("gate", "never") != "never" and "attribute" in r
    }
    attributes, days = raw["attributes"]["attributes"], raw["attributes"]["shelf_life_days"]
    sources = raw["vendors"]["sources"]
    bearing = well = 0
    for vendor in raw["vendors"]["vendors"].values():
        for name in gates & set(vendor.get("facts", {})):
            pieces = vendor["facts"][name]
            standings = []
            for piece in pieces if isinstance(pieces, list) else [pieces]:
                source = sources[piece["source"]]
                stale = (TODAY - first(source["seen"])).days > int(days[attributes[name]["shelf"]])
                grade = GRADES.index(source["grade"])
                standings.append((grade + 1.5 * stale, grade))
            bearing += 1
            well += min(standings)[1] <= 1
    rows = checks.coverage(market, rules, TODAY)
    assert (sum(row.bearing for row in rows), sum(row.well for row in rows)) == (bearing, well)
    assert bearing >= 200


# The command.


def run(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    said = capsys.readouterr()
    return int(caught.value.code or 0), said.out, said.err


AS_OF = ["--as-of", TODAY.isoformat()]


def test_check_of_the_real_catalogue_ends_with_0_and_counts_it(
    market: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(["check", *AS_OF], capsys)
    assert (code, err) == (0, "")
    words = " ".join(out.split())
    assert f"no faults. 58 vendors, {len(market.plan_ids(texting=False))} plans, {len(market.sources)} sources" in words
    assert market.hash in words


def test_check_counts_warnings_by_kind_and_lists_them_when_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, LOOKS_BROKEN)
    code, out, _ = run(["check", str(path), *AS_OF], capsys)
    assert code == 0
    assert "  3 warnings: price jump\n" in out
    assert "  1 warning: BAA\n" in out
    assert f"{path}:16" not in out
    code, out, _ = run(["check", str(path), "--warnings", *AS_OF], capsys)
    assert code == 0
    assert f"    {path}:16: schedules.fees.prices[2].charges[1]: $0.03 after $0.003: compare both with their" in out
    marked = [n for n, line in enumerate(LOOKS_BROKEN.splitlines(), 1) if "# warn: " in line]
    assert sorted(int(n) for n in re.findall(r"vendors\.yaml:(\d+): ", out)) == marked


def test_check_as_data_has_every_warning_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, LOOKS_BROKEN)
    code, out, _ = run(["check", str(path), "--json", *AS_OF], capsys)
    data = json.loads(out)
    assert (code, data["errors"]) == (0, [])
    assert len(data["warnings"]) == LOOKS_BROKEN.count("# warn: ")
    assert list(data["warnings"][0]) == ["kind", "file", "line", "path", "wrong", "right"]


def test_check_of_a_faulty_catalogue_ends_with_2_and_every_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = LOOKS_BROKEN.replace("kind: business_phone", "kind: phone").replace("usd: 90}", "usd: x}")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if "kind: phone" in line or "usd: x}" in line]
    path = written(tmp_path, text)
    code, out, err = run(["check", str(path), *AS_OF], capsys)
    assert code == 2
    assert [int(n) for n in re.findall(r"vendors\.yaml:(\d+): ", out)] == lines
    assert err == "2 to put right.\n"
    code, out, _ = run(["check", str(path), "--json", *AS_OF], capsys)
    assert code == 2
    assert [problem["line"] for problem in json.loads(out)["errors"]] == lines


def test_check_shows_the_coverage_as_table_and_as_data(
    tmp_path: Path, market: Catalog, rules: Requirements, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, LOOKS_BROKEN)
    _, out, _ = run(["check", str(path), "--coverage", *AS_OF], capsys)
    # Of the gates only the BAA is known, from the vendor's page.
    assert re.search(r"^acme .* 1 of 1 *$", out, flags=re.M)
    assert "100 % come from the vendor's own page, contract or reply." in " ".join(out.split())
    _, out, _ = run(["check", str(path), "--coverage", "--json", *AS_OF], capsys)
    (row,) = json.loads(out)
    assert (row["vendor"], row["verdict_bearing"], row["on_best_grades"]) == ("acme", 1, 1)
    assert row["classes"]["baa"]["known"] == 1
