"""The catalogue: faults told by file, line and field; sources complete; prices as they stood on a day."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from conftest import TODAY
from texteval import catalog, schema
from texteval.catalog import Catalog
from texteval.errors import DataError, UserError
from texteval.evidence import GRADES
from texteval.files import data_folder, read_yaml
from texteval.models import first_day
from texteval.money import MICRO

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


# Faults. Each broken file says in its first lines what must be told of it, and marks the faulty lines with "# here".


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_catalogue_is_refused_with_every_fault_at_its_line(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    must_say = re.findall(r"^# must say: (.*)$", text, flags=re.M)
    with pytest.raises(DataError) as caught:
        catalog.load(path)
    assert str(caught.value).replace(f"{path}:", "").split("\n") == must_say
    marked = [line for line, row in enumerate(text.split("\n"), 1) if row.endswith("# here")]
    if marked:
        assert [problem.line for problem in caught.value.problems] == marked


def test_there_are_broken_catalogues_and_each_says_what_must_be_told() -> None:
    assert len(BROKEN) >= 40
    assert all(path.read_text(encoding="utf-8").startswith("# must say: ") for path in BROKEN)


def test_a_fault_as_data_has_file_line_path_and_cure() -> None:
    problem = next(path for path in BROKEN if path.stem == "price-with-currency")
    with pytest.raises(DataError) as caught:
        catalog.load(problem)
    (fault,) = caught.value.problems
    assert fault.as_dict() == {
        "file": str(problem),
        "line": 23,
        "path": "vendors.acme.plans.basic.prices[1].charges[1].usd",
        "wrong": "'0.09 USD' is not a price",
        "right": "write dollars as a plain number without sign or currency, such as 0.09",
    }


# The whole catalogue.

GUIDE_TOOLS = [
    "simplepractice",
    "medesk",
    "zanda",
    "cliniko",
    "iplum",
    "ohmd",
    "spruce-health",
    "ringcentral",
    "google-voice-personal",
    "google-workspace-voice",
    "twilio",
    "bird-messagebird",
    "apple-imessage",
    "whatsapp",
    "whatsapp-business",
    "google-messages-rcs",
    "carrier-sms",
]


@pytest.mark.parametrize("vendor_id", GUIDE_TOOLS)
def test_every_tool_of_the_guide_is_there_with_a_plan_that_sends_messages(market: Catalog, vendor_id: str) -> None:
    assert any(plan.channels for plan in market.vendors[vendor_id].plans.values())


def sources_named(value: Any) -> Iterator[str]:
    """Go through every ``source:`` of raw data, wherever it stands."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "source":
                yield from [item] if isinstance(item, str) else item
            else:
                yield from sources_named(item)
    elif isinstance(value, list):
        for item in value:
            yield from sources_named(item)


@pytest.mark.parametrize("name", ["vendors", "requirements", "circumstances", "exposure"])
def test_every_source_named_exists_and_every_source_listed_is_used(name: str) -> None:
    data, _ = read_yaml(data_folder() / f"{name}.yaml")
    rest = {key: value for key, value in data.items() if key != "sources"}
    assert set(sources_named(rest)) == set(data["sources"])


@pytest.mark.parametrize(("name", "rows"), [("practices", "practices"), ("practice_parameters", "parameters")])
def test_every_source_of_the_practices_is_used_in_a_row_or_a_note(name: str, rows: str) -> None:
    data, _ = read_yaml(data_folder() / f"{name}.yaml")
    named = set(sources_named(data[rows]))
    notes = " ".join(row.get("note", "") for row in data[rows].values())
    assert named <= set(data["sources"])
    assert {source for source in data["sources"] if source not in named and source not in notes} == set()


def figures(value: Any) -> Iterator[tuple[str, Any]]:
    """Go through every figure of a charge: prices, percentages, included quantities, bounds of tiers."""
    if isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, int | Decimal) and not isinstance(item, bool):
                yield key, item
            else:
                yield from figures(item)
    elif isinstance(value, list):
        for item in value:
            yield from figures(item)


def price_lists(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for schedule in data["schedules"].values():
        yield from schedule["prices"]
    for vendor in data["vendors"].values():
        for plan in vendor["plans"].values():
            yield from plan.get("prices", [])


@pytest.fixture(scope="module")
def raw() -> dict[str, Any]:
    data, _ = read_yaml(data_folder() / "vendors.yaml")
    assert isinstance(data, dict)
    return data


def is_complete(source: dict[str, Any]) -> bool:
    """A source that can be traced: a title, a date, a grade, and an address or a note on where it was seen."""
    dated = re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", str(source.get("seen"))) is not None
    return bool(
        source.get("title") and dated and source.get("grade") in GRADES and (source.get("url") or source["note"])
    )


def test_every_price_figure_has_a_source_with_date_and_grade_and_its_list_a_first_day(raw: dict[str, Any]) -> None:
    count: Counter[bool] = Counter()
    for prices in price_lists(raw):
        for charge in prices.get("charges", []):
            source = raw["sources"].get(charge.get("source", prices["source"]), {})
            sound = is_complete(source) and prices["date_is"] in ("stated", "first_seen") and bool(prices["from"])
            count[sound] += sum(1 for _ in figures(charge))
    assert count[False] == 0
    assert count[True] >= 400


def test_every_fact_has_a_source_with_date_and_grade(raw: dict[str, Any]) -> None:
    count: Counter[bool] = Counter()
    for vendor in raw["vendors"].values():
        for pieces in vendor.get("facts", {}).values():
            for piece in pieces if isinstance(pieces, list) else [pieces]:
                count[is_complete(raw["sources"].get(piece["source"], {}))] += 1
    assert count[False] == 0
    assert count[True] >= 800


def test_no_source_is_of_the_future(raw: dict[str, Any]) -> None:
    late = {name for name, source in raw["sources"].items() if first_day(str(source["seen"])) > TODAY}
    assert late == set()


@pytest.mark.parametrize("name", schema.MODELS)
def test_no_data_file_has_anchors_or_aliases(name: str) -> None:
    text = (data_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    events = list(yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    anchored = [event for event in events if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None)]
    assert len(events) > 100
    assert anchored == []


def test_the_catalogue_has_one_hash_for_the_same_files(market: Catalog) -> None:
    assert catalog.load().hash == market.hash
    assert re.fullmatch(r"[0-9a-f]{12}", market.hash)


# Schemas.


@pytest.mark.parametrize(("name", "text"), schema.schemas().items())
def test_a_schema_on_disk_is_what_the_models_give(name: str, text: str) -> None:
    assert (data_folder() / "schema" / name).read_text(encoding="utf-8") == text


def plain(value: Any) -> Any:
    """Turn YAML data into what a JSON editor sees: numbers for decimals, text for dates and keys."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def validator(name: str) -> jsonschema.Draft202012Validator:
    text = (data_folder() / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    parsed = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(parsed)
    return jsonschema.Draft202012Validator(parsed)


@pytest.mark.parametrize("name", schema.MODELS)
def test_a_data_file_fits_its_schema(name: str) -> None:
    data, _ = read_yaml(data_folder() / f"{name}.yaml")
    faults = [
        f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in validator(name).iter_errors(plain(data))
    ]
    assert faults == []


@pytest.mark.parametrize(
    "stem",
    [
        "misspelt-field",
        "missing-field",
        "missing-price",
        "unknown-kind",
        "unknown-charge-model",
        "unknown-meter",
        "negative-price",
        "price-with-currency",
        "bad-address",
        "a-list",
        "list-for-vendors",
    ],
)
def test_an_editor_with_the_schema_marks_the_same_fault(stem: str) -> None:
    text = (Path(__file__).parent / "broken" / f"{stem}.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text.replace("value: yes", "value: 'yes'"))
    assert not validator("vendors").is_valid(plain(data))


# Prices as of a day.

SOURCE = {"title": "Prices", "url": "https://acme.example", "seen": "2026-01-01", "grade": "vendor_page"}


def price_list(first: str, usd: float, **more: Any) -> dict[str, Any]:
    charge = {"name": "Seats", "model": "per_unit", "meter": "login", "usd": usd}
    return {"from": first, "date_is": "stated", "source": "page", "charges": [charge], **more}


def small(folder: Path, plans: dict[str, Any], schedules: dict[str, Any] | None = None) -> Catalog:
    """Write and load a catalogue of one vendor; JSON is YAML too."""
    vendor = {"name": "Acme", "kind": "business_phone", "plans": plans}
    data = {"sources": {"page": SOURCE}, "schedules": schedules or {}, "vendors": {"acme": vendor}}
    path = folder / "small.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return catalog.load(path)


def seat_price(market: Catalog, on: date, customer_since: date | None = None, plan: str = "acme/basic") -> Any:
    lines = market.price_lines(plan, on, customer_since)
    return None if lines is None else [line.charge.usd / MICRO for line in lines]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("on", "usd"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), [10]),
        (date(2026, 5, 29), [10]),
        (date(2026, 5, 30), [12]),
        (date(2026, 7, 31), [12]),
        (date(2026, 8, 1), [15]),
        (date(2030, 1, 1), [15]),
    ],
)
def test_a_price_list_holds_from_its_day_until_the_day_before_the_next(
    tmp_path: Path, on: date, usd: list[int] | None
) -> None:
    prices = [price_list("2026", 10), price_list("2026-05-30", 12), price_list("2026-08", 15)]
    market = small(tmp_path, {"basic": {"name": "Basic", "channels": ["sms"], "prices": prices}})
    assert seat_price(market, on) == usd
    assert market.first_price_day() == date(2026, 1, 1)


@pytest.mark.parametrize(
    ("on", "since", "usd"),
    [
        (date(2026, 6, 1), None, [12]),
        (date(2026, 6, 1), date(2026, 5, 31), [10]),  # a customer of before is spared
        (date(2026, 6, 1), date(2026, 6, 1), [12]),  # who comes on the day is new
        (date(2026, 8, 31), date(2020, 1, 1), [10]),
        (date(2026, 9, 1), date(2020, 1, 1), [12]),
        (date(2026, 5, 31), date(2020, 1, 1), [10]),
    ],
)
def test_customers_of_before_pay_the_new_price_later(
    tmp_path: Path, on: date, since: date | None, usd: list[int]
) -> None:
    prices = [price_list("2026-01-01", 10), price_list("2026-06-01", 12, existing_customers_from="2026-09-01")]
    market = small(tmp_path, {"basic": {"name": "Basic", "channels": ["sms"], "prices": prices}})
    assert seat_price(market, on, since) == usd


@pytest.mark.parametrize(("on", "usd"), [(date(2026, 5, 31), [10]), (date(2026, 6, 1), None), (date(2027, 1, 1), None)])
def test_an_ended_plan_has_no_price_from_that_day_on(tmp_path: Path, on: date, usd: list[int] | None) -> None:
    plan = {"name": "Basic", "channels": ["sms"], "prices": [price_list("2026-01-01", 10)], "ended": "2026-06-01"}
    assert seat_price(small(tmp_path, {"basic": plan}), on) == usd


@pytest.mark.parametrize(
    ("on", "usd"),
    [
        (date(2026, 1, 31), None),  # the add-on is not yet sold
        (date(2026, 2, 1), None),  # the shared fee has no list yet
        (date(2026, 3, 1), [10, 3, 0.5]),  # base plan, own charge, shared fee
        (date(2026, 4, 1), [10, 3, 0.75]),
        (date(2026, 5, 1), None),  # the base plan is no longer sold
    ],
)
def test_a_bill_is_composed_of_base_plan_own_charges_and_shared_fees_of_the_same_day(
    tmp_path: Path, on: date, usd: list[float] | None
) -> None:
    plans = {
        "core": {"name": "Core", "ended": "2026-05-01", "prices": [price_list("2026-01-01", 10)]},
        "texts": {
            "name": "Texts",
            "base": "core",
            "channels": ["sms"],
            "prices": [price_list("2026-02-01", 3, schedules=["carriers"])],
        },
    }
    fees = {"name": "Carrier fees", "prices": [price_list("2026-03-01", 0.5), price_list("2026-04-01", 0.75)]}
    market = small(tmp_path, plans, {"carriers": fees})
    assert seat_price(market, on, plan="acme/texts") == usd
    lines = market.price_lines("acme/texts", on)
    if lines is not None:
        assert [line.origin for line in lines] == ["acme/core", "acme/texts", "carriers"]
        assert [line.since for line in lines] == [
            "2026-01-01",
            "2026-02-01",
            "2026-03-01" if on.month == 3 else "2026-04-01",
        ]


@pytest.mark.parametrize("plan", ["core", "advanced", "ultra"])
def test_ringcentral_raised_its_text_rate_on_30_may_2026(market: Catalog, plan: str) -> None:
    def rate(on: date) -> set[int]:
        lines = market.price_lines(f"ringcentral/{plan}", on) or []
        return {
            line.charge.then.usd
            for line in lines
            if line.charge.model == "allowance" and "segment_out" in line.charge.meter
        }

    assert rate(date(2026, 5, 29)) == {8_500}  # $0.0085, in millionths
    assert rate(date(2026, 5, 30)) == {11_900}  # $0.0119


def test_every_price_list_of_the_catalogue_is_found_on_its_first_day_and_not_on_the_day_before(market: Catalog) -> None:
    asked = 0
    for plan_id in market.plan_ids(texting=False):
        plan = market.plan(plan_id)
        for i, prices in enumerate(plan.prices):
            first = first_day(prices.from_)
            if plan.ended and first_day(plan.ended) <= first:
                continue
            assert market.price_list(plan_id, first) is prices
            before = market.price_list(plan_id, first - timedelta(days=1))
            assert before is (plan.prices[i - 1] if i else None)
            asked += 1
    assert asked >= 100


# Names.


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("spruce-helth", "there is no vendor 'spruce-helth': did you mean 'spruce-health'?"),
        ("SimplePractice", "there is no vendor 'SimplePractice': did you mean 'simplepractice'?"),
        ("spruce", "there is no vendor 'spruce': did you mean 'spruce-health'?"),
    ],
)
def test_an_unknown_vendor_is_put_right(market: Catalog, asked: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        market.vendor(asked)
    assert str(caught.value) == message


def test_a_name_that_resembles_nothing_gets_the_list(market: Catalog) -> None:
    with pytest.raises(UserError, match=r"^there is no vendor 'qqq': known are .*, …$"):
        market.vendor("qqq")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "spruce-health/basc",
            "there is no plan 'spruce-health/basc': Spruce Health has spruce-health/basic, spruce-health/communicator",
        ),
        ("medesk", "there is no plan 'medesk': Medesk has medesk/standard"),
        ("medesk/", "there is no plan 'medesk/': Medesk has medesk/standard"),
        ("Spruce-Health/Basic", "there is no plan 'Spruce-Health/Basic': did you mean 'spruce-health/basic'?"),
        ("sprucehealth/basic", "there is no plan 'sprucehealth/basic': did you mean 'spruce-health/basic'?"),
    ],
)
def test_an_unknown_plan_is_put_right(market: Catalog, asked: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        market.plan(asked)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("field", "charge"),
    [
        ("size", {"model": "package", "size": 10**30, "usd": 1}),
        ("included", {"model": "allowance", "included": 10**30, "then": {"model": "per_unit", "usd": 1}}),
        (r"tiers\[1\]\.up_to", {"model": "tiers", "mode": "volume", "tiers": [{"up_to": 10**30}, {"usd": 1}]}),
    ],
    ids=["package", "allowance", "tiers"],
)
def test_a_quantity_beyond_all_reason_is_refused(tmp_path: Path, field: str, charge: dict[str, Any]) -> None:
    prices = price_list("2026-01-01", 1)
    prices["charges"] = [{"meter": "message_out", **charge}]
    with pytest.raises(DataError, match=rf"charges\[1\]\.{field}: 1000000000000000000000000000000 does not fit here"):
        small(tmp_path, {"basic": {"name": "Basic", "channels": ["sms"], "prices": [prices]}})


@pytest.mark.parametrize(
    ("ended", "on", "sold"),
    [
        (None, date(2099, 1, 1), True),
        ("2026-06-01", date(2026, 5, 31), True),
        ("2026-06-01", date(2026, 6, 1), False),
        ("2026-06", date(2026, 6, 1), False),
        ("2026", date(2025, 12, 31), True),
    ],
)
def test_a_plan_is_sold_until_the_day_before_it_ended(ended: str | None, on: date, sold: bool) -> None:
    assert catalog.Plan(name="Basic", ended=ended).sold(on) is sold


@pytest.mark.parametrize("schedules", [["carriers"], ["carriers", "carriers"]])
def test_shared_fees_of_base_plan_and_add_on_are_billed_once(tmp_path: Path, schedules: list[str]) -> None:
    core = {"name": "Core", "prices": [price_list("2026-01-01", 10, schedules=["carriers"])]}
    texts = {
        "name": "Texts",
        "base": "core",
        "channels": ["sms"],
        "prices": [price_list("2026-01-01", 3, schedules=schedules)],
    }
    fees = {"name": "Carrier fees", "prices": [price_list("2026-01-01", 0.5)]}
    market = small(tmp_path, {"core": core, "texts": texts}, {"carriers": fees})
    assert seat_price(market, date(2026, 1, 1), plan="acme/texts") == [10, 0.5, 3]


def with_charges(folder: Path, *charges: dict[str, Any]) -> Catalog:
    prices = {**price_list("2026-01-01", 1), "charges": list(charges)}
    return small(folder, {"basic": {"name": "Basic", "channels": ["sms"], "prices": [prices]}})


TEXTS = {"model": "per_unit", "meter": "message_out", "usd": 0.01}


def test_two_lines_without_a_name_that_come_to_the_same_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="two charges are called 'Texts sent': give each line its own name"):
        with_charges(tmp_path, TEXTS, TEXTS)


def test_a_group_names_a_line_as_it_is_called_on_the_invoice(tmp_path: Path) -> None:
    rebate = {"name": "Rebate", "model": "percent", "percent": -10, "of": ["Texts sent"]}
    assert [charge.name for charge in with_charges(tmp_path, TEXTS, rebate).plan("acme/basic").prices[0].charges] == [
        None,
        "Rebate",
    ]
    with pytest.raises(DataError, match="'of' names 'Texts send', which is no charge here: did you mean 'Texts sent'"):
        with_charges(tmp_path, TEXTS, rebate | {"of": ["Texts send"]})


def test_a_misspelt_shelf_is_told_at_its_line(tmp_path: Path) -> None:
    text = (data_folder() / "attributes.yaml").read_text(encoding="utf-8")
    shelf = re.search(r"^    shelf: (\w+)$", text, flags=re.M)
    assert shelf
    path = tmp_path / "attributes.yaml"
    path.write_text(text[: shelf.end()] + "x" + text[shelf.end() :], encoding="utf-8")
    with pytest.raises(DataError) as caught:
        catalog.load_attributes(path)
    (fault,) = caught.value.problems
    assert (fault.line, fault.path.split(".")[-1]) == (text[: shelf.end()].count("\n") + 1, "shelf")
    assert (fault.wrong, fault.right) == (f"'{shelf[1]}x' is no class of shelf life", f"did you mean '{shelf[1]}'?")
