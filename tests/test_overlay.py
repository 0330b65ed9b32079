"""The user's own facts and prices, laid over the catalogue."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from conftest import TODAY
from texteval import assess, catalog, cli, practice, report
from texteval.catalog import Catalog
from texteval.errors import DataError, UserError
from texteval.money import MICRO
from texteval.requirements import Requirements

BASE = """\
sources:
  page-2026: {title: Page, url: https://acme.example, seen: 2026-01-01, grade: vendor_page}
schedules:
  fees:
    name: Fees
    prices:
      - {from: 2026-01-01, date_is: stated, source: page-2026, charges: [{name: Fee, model: flat, usd: 1}]}
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts:
      baa: {value: no, source: page-2026}
      mfa: [{value: yes, source: page-2026}]
    remarks: [{text: Old remark., source: page-2026}]
    plans:
      basic:
        name: Basic
        channels: [sms]
        limits: {clinicians: 2, logins: 3}
        prices:
          - {from: 2026, date_is: stated, source: page-2026, charges: [{name: Seats, model: flat, usd: 30}]}
          - {from: 2026-05-30, date_is: stated, source: page-2026, charges: [{name: Seats, model: flat, usd: 35}]}
          - {from: 2026-08, date_is: stated, source: page-2026, charges: [{name: Seats, model: flat, usd: 40}]}
"""
OWN = "sources:\n  mine: {title: Our contract, seen: 2026-10-01, grade: vendor_reply}\n"


def laid(folder: Path, overlay: str, base: str = BASE) -> Catalog:
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "over.yaml").write_text(overlay, encoding="utf-8")
    return catalog.load(folder / "base.yaml", folder / "over.yaml")


def bare(folder: Path) -> Catalog:
    (folder / "base.yaml").write_text(BASE, encoding="utf-8")
    return catalog.load(folder / "base.yaml")


def in_plan(lines: str) -> str:
    return f"{OWN}vendors:\n  acme:\n    plans:\n      basic:\n{lines}"


def flat(first: str, usd: int, source: str = "mine") -> str:
    charges = f"charges: [{{name: Seats, model: flat, usd: {usd}}}]"
    return f"          - {{from: {first}, date_is: stated, source: {source}, {charges}}}\n"


def paid(market: Catalog, on: date) -> int | None:
    lines = market.price_lines("acme/basic", on)
    return None if lines is None else lines[0].charge.usd // MICRO  # type: ignore[union-attr]


# What an overlay adds and replaces.


def test_a_vendor_is_added_and_the_others_stay(tmp_path: Path) -> None:
    beta = "{name: Beta, kind: business_phone, plans: {solo: {name: Solo, channels: [sms]}}}"
    market = laid(tmp_path, f"vendors:\n  beta: {beta}\n")
    assert list(market.vendors) == ["acme", "beta"]
    assert market.vendors["acme"] == bare(tmp_path).vendors["acme"]
    assert market.plan_ids() == ["acme/basic", "beta/solo"]


def test_a_plan_is_added_to_a_vendor_with_nothing_but_the_plan(tmp_path: Path) -> None:
    plan = f"      custom:\n        name: Ours\n        prices:\n{flat('2026-10-01', 22)}"
    market = laid(tmp_path, f"{OWN}vendors:\n  acme:\n    plans:\n{plan}")
    assert list(market.vendors["acme"].plans) == ["basic", "custom"]
    assert market.plan("acme/basic") == bare(tmp_path).plan("acme/basic")
    assert market.plan("acme/custom").prices[0].charges[0].usd == 22 * MICRO  # type: ignore[union-attr]


@pytest.mark.parametrize("fact", ["{value: yes, source: mine}", "[{value: yes, source: mine}]"])
@pytest.mark.parametrize("name", ["baa", "mfa", "audit_log"])
def test_a_fact_joins_those_that_are_there(tmp_path: Path, fact: str, name: str) -> None:
    market = laid(tmp_path, f"{OWN}vendors:\n  acme:\n    facts: {{{name}: {fact}}}\n")
    before = bare(tmp_path).vendors["acme"].facts
    pieces = market.vendors["acme"].facts[name]
    assert (pieces[0].value, pieces[0].source) == ("yes", "mine")
    assert pieces[1:] == before.get(name, [])
    assert {other: market.vendors["acme"].facts[other] for other in before if other != name} == {
        other: before[other] for other in before if other != name
    }


def test_a_remark_joins_those_that_are_there(tmp_path: Path) -> None:
    market = laid(tmp_path, f"{OWN}vendors:\n  acme:\n    remarks: [{{text: They were kind., source: mine}}]\n")
    assert [remark.text for remark in market.vendors["acme"].remarks] == ["They were kind.", "Old remark."]


@pytest.mark.parametrize(
    ("on", "usd"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), 30),
        (date(2026, 5, 30), 35),
        (date(2026, 6, 30), 35),
        (date(2026, 7, 1), 22),
        (date(2026, 8, 1), 22),  # the published rise is not for us
        (date(2030, 1, 1), 22),
    ],
)
def test_a_negotiated_price_holds_from_its_day_on_only(tmp_path: Path, on: date, usd: int | None) -> None:
    assert paid(laid(tmp_path, in_plan(f"        prices:\n{flat('2026-07-01', 22)}")), on) == usd


@pytest.mark.parametrize(
    ("first", "kept"),
    [
        ("2025-12-31", 0),
        ("2026-01-01", 0),
        ("2026", 0),
        ("2026-01", 0),
        ("2026-01-02", 1),
        ("2026-05-30", 1),
        ("2026-05", 1),
        ("2026-05-31", 2),
        ("2026-08-01", 2),
        ("2026-08", 2),
        ("2026-08-02", 3),
    ],
)
def test_an_own_list_replaces_those_from_its_day_on_however_the_day_is_written(
    tmp_path: Path, first: str, kept: int
) -> None:
    lists = laid(tmp_path, in_plan(f"        prices:\n{flat(first, 22)}")).plan("acme/basic").prices
    assert lists[:-1] == bare(tmp_path).plan("acme/basic").prices[:kept]
    assert lists[-1].from_ == first


def test_a_field_of_a_plan_is_replaced_as_a_whole_and_the_others_stay(tmp_path: Path) -> None:
    plan = laid(tmp_path, in_plan("        limits: {clinicians: 9}\n")).plan("acme/basic")
    old = bare(tmp_path).plan("acme/basic")
    assert (plan.limits.clinicians, plan.limits.logins) == (9, None)
    assert plan.model_dump(exclude={"limits"}) == old.model_dump(exclude={"limits"})


def test_a_shared_fee_of_the_same_name_is_replaced(tmp_path: Path) -> None:
    text = f"{OWN}schedules:\n  fees:\n    name: Our fees\n    prices:\n{flat('2026-10-01', 2)}"
    fees = laid(tmp_path, text).file.schedules["fees"]
    assert (fees.name, len(fees.prices)) == ("Our fees", 1)


def test_a_source_of_the_same_name_is_replaced_and_becomes_the_users_own(tmp_path: Path) -> None:
    text = OWN.replace("mine", "page-2026")
    market = laid(tmp_path, text)
    assert market.sources["page-2026"].title == "Our contract"
    assert market.own == {"page-2026"}


def test_the_base_file_and_the_base_catalogue_do_not_change(tmp_path: Path) -> None:
    before = bare(tmp_path)
    text = (tmp_path / "base.yaml").read_bytes()
    market = laid(tmp_path, in_plan(f"        prices:\n{flat('2026-07-01', 22)}"))
    assert (tmp_path / "base.yaml").read_bytes() == text
    assert bare(tmp_path).file == before.file
    assert (before.own, market.own) == (frozenset(), {"mine"})
    assert len({before.hash, market.hash, laid(tmp_path, OWN).hash}) == 3


def test_an_overlay_that_adds_only_a_source_changes_nothing_else(tmp_path: Path) -> None:
    market, before = laid(tmp_path, OWN), bare(tmp_path)
    assert market.vendors == before.vendors
    assert market.file.schedules == before.file.schedules
    assert market.own == {"mine"}


# Own prices, line by line.

RICH = BASE.replace(
    "charges: [{name: Seats, model: flat, usd: 40}]",
    "schedules: [fees], charges: [{name: Seats, model: flat, usd: 40}, "
    "{model: per_unit, meter: message_out, usd: 0.02}, {name: Rebate, model: percent, percent: -10, of: [Seats]}]",
)
DAY = date(2026, 11, 1)


def lines_on(market: Catalog, on: date = DAY) -> list[tuple[str, float | None, str, bool]]:
    found = market.price_lines("acme/basic", on)
    assert found is not None
    return [(x.name, getattr(x.charge, "usd", 0) / MICRO, x.source, x.own) for x in found]


def own_list(charges: str, first: str = "2026-10-01", more: str = "") -> str:
    return f"          - {{from: {first}, date_is: stated, source: mine, {more}charges: [{charges}]}}\n"


def test_a_negotiated_line_leaves_the_other_lines_with_their_sources(tmp_path: Path) -> None:
    seats = own_list("{name: Seats, model: flat, usd: 20}")
    assert lines_on(laid(tmp_path, in_plan(f"        prices:\n{seats}"), RICH)) == [
        ("Seats", 20, "mine", True),
        ("Texts sent", 0.02, "page-2026", False),
        ("Rebate", 0, "page-2026", False),
        ("Fee", 1, "page-2026", False),
    ]


def test_an_own_list_from_before_the_first_known_one_keeps_the_lines_of_that_one(tmp_path: Path) -> None:
    one = "\n".join(line for line in RICH.splitlines() if "usd: 30}" not in line and "usd: 35}" not in line)
    seats = own_list("{name: Seats, model: flat, usd: 20}", "2026-06-01")
    market = laid(tmp_path, in_plan(f"        prices:\n{seats}"), one)
    for day in (date(2026, 6, 1), DAY):
        assert [line[:3] for line in lines_on(market, day)] == [
            ("Seats", 20, "mine"),
            ("Texts sent", 0.02, "page-2026"),
            ("Rebate", 0, "page-2026"),
            ("Fee", 1, "page-2026"),
        ]


def test_a_line_without_a_name_is_met_by_the_name_it_has_on_the_invoice(tmp_path: Path) -> None:
    texts = own_list(
        "{name: Texts sent, model: flat, usd: 0}, {name: Support, model: flat, usd: 5}", more="schedules: [], "
    )
    assert lines_on(laid(tmp_path, in_plan(f"        prices:\n{texts}"), RICH)) == [
        ("Seats", 40, "page-2026", False),
        ("Texts sent", 0, "mine", True),
        ("Rebate", 0, "page-2026", False),
        ("Support", 5, "mine", True),
    ]


@pytest.mark.parametrize(
    "lines", ["{name: Support, model: flat, usd: 5}", "{name: Seat, model: per_unit, meter: login, usd: 5}"]
)
def test_a_line_of_another_name_or_another_meter_is_added(tmp_path: Path, lines: str) -> None:
    added = lines_on(laid(tmp_path, in_plan(f"        prices:\n{own_list(lines)}"), RICH))
    assert sorted(line[1] or 0 for line in added) == [0, 0.02, 1, 5, 40]


def test_a_line_may_be_almost_like_one_that_is_replaced_too(tmp_path: Path) -> None:
    both = own_list("{name: Seat, model: flat, usd: 5}, {name: Seats, model: flat, usd: 20}")
    assert ("Seat", 5, "mine", True) in lines_on(laid(tmp_path, in_plan(f"        prices:\n{both}"), RICH))


def test_a_second_own_list_builds_on_the_first(tmp_path: Path) -> None:
    lists = own_list("{name: Seats, model: flat, usd: 20}") + own_list(
        "{name: Rest, model: flat, usd: 1}", "2026-12-01"
    )
    market = laid(tmp_path, in_plan(f"        prices:\n{lists}"), RICH)
    assert [line[:2] for line in lines_on(market)][:1] == [("Seats", 20)]
    assert lines_on(market, date(2026, 12, 1))[:1] == [("Seats", 20, "mine", True)]
    assert ("Rest", 1, "mine", True) in lines_on(market, date(2026, 12, 1))


def test_an_own_price_is_the_users_even_on_a_source_of_the_catalogue(tmp_path: Path) -> None:
    seats = own_list("{name: Seats, model: flat, usd: 20}").replace("mine", "page-2026")
    market = laid(tmp_path, f"vendors: {{acme: {{plans: {{basic: {{prices: [{seats.strip()[2:]}]}}}}}}}}\n", RICH)
    assert market.own == frozenset()
    assert [line[3] for line in lines_on(market)] == [True, False, False, False]
    assert not any(line[3] for line in lines_on(market, date(2026, 9, 1)))


def test_a_source_and_a_schedule_are_laid_over_field_by_field(tmp_path: Path) -> None:
    market = laid(
        tmp_path,
        "sources: {page-2026: {seen: 2026-09-01}}\nschedules:\n  fees:\n    prices:\n"
        + flat("2026-01-01", 2, "page-2026"),
    )
    assert (market.sources["page-2026"].title, market.sources["page-2026"].seen) == ("Page", "2026-09-01")
    assert market.file.schedules["fees"].name == "Fees"
    assert market.own_prices == {("fees", "2026-01-01", "Seats")}


# Faults of the overlay, at its own lines; marked "# here".

FAULTS = {
    "vendor's kind": (
        "vendors:\n  acme:\n    kind: phone  # here\n",
        "vendors.acme.kind: 'phone' is not known",
    ),
    "misspelt field": (
        "vendors:\n  acme:\n    plan:  # here\n      basic: {name: B}\n",
        "vendors.acme.plan: 'plan' is not a field here",
    ),
    "no such source, one fact": (
        "vendors:\n  acme:\n    facts:\n      baa: {value: yes, source: mime}  # here\n",
        "there is no source 'mime'",
    ),
    "no such source, second of two facts": (
        f"{OWN}vendors:\n  acme:\n    facts:\n      mfa:\n        - {{value: yes, source: mine}}\n"
        "        - {value: no, source: mime}  # here\n",
        "there is no source 'mime': did you mean 'mine'?",
    ),
    "no such value": (
        f"{OWN}vendors:\n  acme:\n    facts:\n      mfa: {{value: maybe, source: mine}}  # here\n",
        "'maybe' is not a value of this attribute",
    ),
    "no such attribute": (
        f"{OWN}vendors:\n  acme:\n    facts:\n      baaa: {{value: yes, source: mine}}  # here\n",
        "'baaa' is not an attribute",
    ),
    "no such plan": (
        f"{OWN}vendors:\n  acme:\n    facts:\n      baa: {{value: yes, source: mine, plans: basc}}  # here\n",
        "there is no plan 'basc': did you mean 'basic'?",
    ),
    "new plan without a name": (
        "vendors:\n  acme:\n    plans:\n      plus: {channels: [sms]}  # here\n",
        "'name' is missing",
    ),
    "a vendor's id misspelt": (
        f"{OWN}vendors:\n  acne:  # here\n    facts:\n      baa: {{value: yes, source: mine}}\n",
        "vendors.acne: there is no 'acne' to add to: did you mean 'acme'?",
    ),
    "a plan's id misspelt": (
        in_plan(f"        prices:\n{flat('2026-10-01', 22)}").replace("      basic:", "      basik:  # here"),
        "vendors.acme.plans.basik: there is no 'basik' to add to: did you mean 'basic'?",
    ),
    "a source's id misspelt": (
        "sources:\n  page-2025: {seen: 2026-10-01}  # here\n",
        "sources.page-2025: there is no 'page-2025' to add to: did you mean 'page-2026'?",
    ),
    "a line's name misspelt": (
        in_plan(
            "        prices:\n          - from: 2026-10-01\n            date_is: stated\n            source: mine\n"
            "            charges:\n              - {name: Seat, model: flat, usd: 2}  # here\n"
        ),
        "'Seat' would be charged beside 'Seats': did you mean 'Seats'? A line beside it wants a name that is less like",
    ),
    "a price that is none": (
        in_plan(f"        prices:\n{flat('2026-10-01', 22).replace('22', 'free').replace('}]}', '}]}  # here')}"),
        "'free' is not a price",
    ),
    "a price that is none, in the second list": (
        in_plan(
            f"        prices:\n{flat('2026-10-01', 22)}"
            f"{flat('2026-11-01', 22).replace('22', 'free').replace('}]}', '}]}  # here')}"
        ),
        "'free' is not a price",
    ),
    "a price that is none, in a line that the base has further up": (
        in_plan(
            "        prices:\n          - from: 2026-10-01\n            date_is: stated\n            source: mine\n"
            "            charges:\n              - {name: More, model: flat, usd: 1}\n"
            "              - {name: Seats, model: flat, usd: 2, source: mime}  # here\n"
        ),
        "there is no source 'mime': did you mean 'mine'?",
    ),
    "no such source, in a line that the second list takes over": (
        in_plan(
            "        prices:\n          - from: 2026-10-01\n            date_is: stated\n            source: mine\n"
            "            charges:\n              - {name: More, model: flat, usd: 1, source: mime}  # here\n"
            f"{flat('2026-11-01', 22)}"
        ),
        "there is no source 'mime': did you mean 'mine'?",
    ),
    "no such schedule, that the second list takes over": (
        in_plan(
            "        prices:\n          - from: 2026-10-01\n            date_is: stated\n            source: mine\n"
            "            schedules:\n              - feas  # here\n"
            f"{flat('2026-11-01', 22)}"
        ),
        "there is no schedule 'feas': did you mean 'fees'?",
    ),
    "lines that are none, before a second list": (
        in_plan(
            "        prices:\n          - from: 2026-10-01\n            date_is: stated\n            source: mine\n"
            f"            charges: [5]  # here\n{flat('2026-11-01', 22)}"
        ),
        "5 stands here",
    ),
    "a line twice": (
        in_plan(
            "        prices:\n"
            "          - from: 2026-10-01  # here\n            date_is: stated\n            source: mine\n"
            "            charges:\n              - {name: Seats, model: flat, usd: 1}\n"
            "              - {name: Seats, model: flat, usd: 2}\n"
        ),
        "vendors.acme.plans.basic.prices[1]: two charges are called 'Seats'",
    ),
    "no such source, in the second list": (
        in_plan(
            f"        prices:\n{flat('2026-10-01', 22)}"
            f"{flat('2026-11-01', 22).replace('mine', 'mime').replace('}]}', '}]}  # here')}"
        ),
        "there is no source 'mime': did you mean 'mine'?",
    ),
    "lists in the wrong order": (
        in_plan(f"        prices:  # here\n{flat('2026-10-01', 22)}{flat('2026-09-01', 21)}"),
        "the price list from 2026-09-01 overlaps the one from 2026-10-01",
    ),
    "no grade": (
        "sources:\n  mine: {title: Ours, seen: 2026-10-01}  # here\n",
        "'grade' is missing",
    ),
    "sources as a list": ("sources: [mine]  # here\n", "sources"),
    "vendors as a list": ("vendors: [acme]  # here\n", "vendors"),
    "vendor is empty": ("vendors:\n  acme:  # here\n", "vendors.acme"),
    "plan is empty": ("vendors:\n  acme:\n    plans:\n      basic:  # here\n", "vendors.acme.plans.basic"),
    "facts as a list": ("vendors:\n  acme:\n    facts: [baa]  # here\n", "vendors.acme.facts"),
    "an unknown section": ("vendor:  # here\n  acme: {name: Acme}\n", "'vendor' is not a field here"),
    "a key twice": ("vendors:\n  acme: {name: Acme}\n  acme: {name: Acme}  # here\n", "'acme' stands twice"),
    "an alias": ("sources:\n  mine: &a {title: T}\n  ours: *a  # here\n", "'*a' is an alias"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_overlay_is_told_with_its_file_and_line(tmp_path: Path, name: str) -> None:
    text, says = FAULTS[name]
    (line,) = [number for number, row in enumerate(text.splitlines(), 1) if row.endswith("# here")]
    with pytest.raises(DataError) as caught:
        laid(tmp_path, text)
    assert says in str(caught.value)
    assert {(problem.file, problem.line) for problem in caught.value.problems} == {(str(tmp_path / "over.yaml"), line)}


@pytest.mark.parametrize("text", ["", "# only a remark\n", "- a\n", "mine\n", "5\n"])
def test_what_is_no_overlay_is_told_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match=r"over\.yaml:1: this is no overlay: write sources: and vendors:"):
        laid(tmp_path, text)


def test_a_fault_of_the_base_is_told_with_the_file_of_the_base(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"base\.yaml:11: vendors\.acme\.kind"):
        laid(tmp_path, OWN, BASE.replace("business_phone", "phone"))


# What the user sees: own facts and prices are marked.

FACTS = ("baa", "baa_covers", "encryption_in_transit", "encryption_at_rest", "unique_logins", "audit_log")
PROVEN = BASE.replace("baa: {value: no,", "baa: {value: yes,").replace(
    "    remarks:", "".join(f"      {name}: {{value: yes, source: page-2026}}\n" for name in FACTS[1:]) + "    remarks:"
)
MINE = f"""\
{OWN.replace("vendor_reply", "vendor_page")}vendors:
  acme:
    facts:
      mms: {{value: no, source: mine}}
      audit_log: {{value: no, source: mine}}
    plans:
      basic:
        prices:
{flat("2026-10-01", 19)}"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    (tmp_path / "base.yaml").write_text(PROVEN, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    return ["--data", str(tmp_path / "base.yaml"), "--overlay", str(tmp_path / "mine.yaml"), "--practice", "solo"]


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert not caught.value.code
    return " ".join(capsys.readouterr().out.split())


def test_a_vendors_own_facts_are_marked_and_the_others_not(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(["vendor", "acme", *files, "--as-of", "2026-10-01"], capsys)
    assert "Picture messages (MMS): no vendor's own page or contract, 2026-10-01 [2] (yours)." in text
    assert "Encryption at rest: yes vendor's own page or contract, 2026-01-01 [1]." in text
    assert text.count("(yours)") == 3  # two facts and their source
    assert "(yours)" not in said(["vendor", "acme", *files, "--as-of", "2026-09-30"], capsys)


def test_a_bill_by_an_own_price_is_marked_from_its_day_on(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = said(["bill", "acme/basic", *files, "--as-of", "2026-10-01"], capsys)
    assert "Seats (yours) [1] 1 $19.00 $19.00 $228.00" in text
    assert "Our contract, 2026-10-01: vendor's own page or contract (yours)" in text
    before = said(["bill", "acme/basic", *files, "--as-of", "2026-09-30"], capsys)
    assert "Seats [1] 1 $40.00 $40.00 $480.00" in before
    assert "(yours)" not in before


def test_a_bill_as_data_names_the_own_source(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = json.loads(said(["bill", "acme/basic", *files, "--as-of", "2026-10-01", "--json"], capsys))["lines"]
    assert (line["unit_usd"], line["since"], line["source"]["id"]) == (19.0, "2026-10-01", "mine")


def test_the_report_marks_own_facts_and_prices(rules: Requirements, tmp_path: Path) -> None:
    html = report.render(report.build(laid(tmp_path, MINE, PROVEN), rules, *practice.load("solo"), TODAY, draws=256))
    assert "they are marked (yours)" in html
    facts = [line for line in html.splitlines() if 'href="#s-mine"' in line and "<th" in line]
    assert len(facts) >= 2
    assert all("(yours)" in line for line in facts)
    (source,) = [line for line in html.splitlines() if 'id="s-mine"' in line]
    assert "Our contract" in source
    assert "(yours)" in source
    (other,) = [line for line in html.splitlines() if 'id="s-page-2026"' in line]
    assert "(yours)" not in other


def test_an_own_fact_moves_the_verdict_from_its_day_on(rules: Requirements, tmp_path: Path) -> None:
    market = laid(tmp_path, MINE, PROVEN.replace("      audit_log: {value: yes, source: page-2026}\n", ""))
    solo = practice.load("solo")[1]

    def verdict(on: date) -> str:
        return assess.judge(market, rules, "acme/basic", "sms", "reminder", solo, on).verdict

    day = date(2026, 10, 1)
    assert verdict(day - timedelta(days=1)) == "verify first"  # nothing is known of the log
    assert verdict(day) == "ineligible"


def test_an_overlay_is_checked(files: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ["check", files[1], "--overlay", files[3]]
    assert "no faults" in said(words, capsys)
    (tmp_path / "mine.yaml").write_text(MINE.replace("      audit_log:", "      audit_lag:"), encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        cli.main(words)
    assert caught.value.code == 2
    assert re.search(
        r"mine\.yaml:\d+: vendors\.acme\.facts\.audit_lag: .*did you mean 'audit_log'", capsys.readouterr().out
    )
