"""The report: one file that says what the comparison says, harmless whatever stands in the data, and usable."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from playwright.sync_api import Browser, Page

import browser
from conftest import TODAY
from reports import (
    FEW,
    FROZEN_PRACTICE,
    GOLDEN,
    MARKS,
    ON,
    OPEN_ALL,
    OVERFLOW,
    Made,
    amount,
    anchor,
    costs,
    make,
    marked_costs,
    only,
    rows,
    table,
    text,
    vendor_page,
)
from texteval import __version__, catalog, decide, kept, practice, report
from texteval.advise import advise
from texteval.catalog import Catalog
from texteval.errors import UserError
from texteval.report import model
from texteval.requirements import Requirements


@pytest.fixture(scope="module")
def real(market: Catalog, rules: Requirements) -> Made:
    """The report for a small group practice on texteval's own catalogue."""
    return make(market, rules, "small-group", TODAY)


@pytest.fixture(scope="module")
def frozen(rules: Requirements) -> Made:
    """The report on the frozen catalogue."""
    return make(catalog.load(GOLDEN / "catalogue.yaml"), rules, FROZEN_PRACTICE, ON, model.DRAWS)


@pytest.fixture(scope="module", params=["real", "frozen"])
def made(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


# What it says.


def test_the_answer_names_the_first_option_and_its_cost(made: Made) -> None:
    first = made.comparison.shortlist[0]
    (answer,) = (p for p in made.page.iter("p") if p.get("class") == "answer")
    assert text(answer).startswith(f"{first.title} is the cheapest finished tool that is proven")
    assert first.year is not None
    month, year = costs(first)
    assert f"{month} a month ({year} in the first year)" in text(answer)
    rivals = [o.year for o in made.comparison.proven if o.year is not None and o.kind != "messaging_api"]
    assert first.year == min(rivals)


def test_the_answer_on_the_frozen_catalogue_is_the_one_worked_out_by_hand(frozen: Made) -> None:
    # Penny: a number for $5 a month and 2,240 texts a year at $0.09: 60 + 201.60 = 261.60.
    assert frozen.report.answer == (
        "Penny Texts is the cheapest finished tool that is proven for this practice: $21.80 a month "
        "($261.60 in the first year). Messages go by SMS."
    )


def test_all_tools_stand_in_their_table_with_their_amounts_to_the_cent(made: Made) -> None:
    found = table(made.page, "options")
    expected = made.comparison.best_of_each
    assert [row[:1] + row[2:4] for row in found] == [[o.title, *marked_costs(made, o)] for o in expected]
    assert [row[1] for row in found] == [f"{MARKS[o.verdict]} {o.verdict}" for o in expected]
    starred = any(row[3].endswith("*") for row in found)
    assert starred == ("* a price in this bill was read longer ago than prices keep" in text(made.page))
    assert {o.vendor for o in expected} == {plan.partition("/")[0] for plan in made.report.catalog.plan_ids()}


def test_each_vendor_page_has_every_plan_with_its_verdict_and_amounts(made: Made) -> None:
    for vendor_id, vendor in made.report.catalog.vendors.items():
        found = rows(next(vendor_page(made.page, vendor_id).iter("table")))
        options = [o for o in made.comparison.options if o.vendor == vendor_id]
        names = [vendor.plans[o.plan.partition("/")[2]].name for o in options]
        marked = [f"{MARKS[o.verdict]} {o.verdict}" for o in options]
        assert [row[:4] for row in found] == [
            [name, verdict, *marked_costs(made, o)] for name, verdict, o in zip(names, marked, options, strict=True)
        ]


def test_a_verdict_always_stands_as_a_word_beside_a_mark(made: Made) -> None:
    spans = [text(s) for s in made.page.iter("span") if "verdict" in s.get("class", "").split()]
    assert set(spans) <= {f"{mark} {word}" for word, mark in MARKS.items()}
    assert len(spans) >= len(made.comparison.options) + len(made.comparison.best_of_each)
    bare = [text(cell) for tag in ("td", "th", "li") for cell in made.page.iter(tag) if text(cell) in MARKS]
    assert bare == []


PICTURES = (
    "verdicts",
    "cost_by_size",
    "cost_bands",
    "cost_by_volume",
    "pair",
    "map",
    "acceptability",
    "tornado",
    "prices",
)
"""The pictures of a report, in their order."""


def test_every_picture_says_in_words_what_it_shows(made: Made, rules: Requirements) -> None:
    images = list(made.page.iter("img"))
    drawn = [getattr(made.report, name) for name in PICTURES]
    assert [image.get("alt") for image in images] == [figure.alt for figure in drawn if figure]
    by_size = made.report.cost_by_size.alt
    market, on = made.report.catalog, made.comparison.on
    others = [name for name in ("solo", "small-group", "group", "clinic") if name != made.comparison.practice_id]
    for comparison in (made.comparison, *(decide.compare(market, rules, *practice.load(name), on) for name in others)):
        known = [
            o for o in comparison.best_of_each if o.shortlisted and o.year is not None and o.kind != "messaging_api"
        ]
        for option in known[:3]:
            assert f"{comparison.practice.name}, {option.title}: {costs(option)[0]} a month" in by_size


def test_the_pictures_name_the_same_volume_for_the_practice(made: Made) -> None:
    volume = re.search(r" at ([\d,]+), ", made.report.cost_by_volume.alt)
    assert volume is not None
    assert made.report.pair is not None
    assert f"At the {volume[1]} messages of this practice" in made.report.pair.alt


def test_the_break_even_table_holds_the_crossing_worked_out_by_hand(frozen: Made) -> None:
    # 5 + 0.09 n = 72: n = 744.4 a month, times 12 / 50 weeks = 178.7 a week.
    assert ["Penny Texts", "Porchlight Basic", "178.7", "744.4", "Porchlight Basic"] in table(frozen.page, "volume")


def test_every_crossing_in_the_report_stands_in_the_data_of_compare_too(made: Made) -> None:
    known = {
        (at["per_message"], at["flat"], at["first_whole_messages_per_month"])
        for at in decide.as_json(made.report.catalog, made.comparison)["break_even"]
    }
    assert {(a.plan, b.plan, at.first_whole) for a, b, at in made.report.break_even} == known
    assert made.report.break_even


def test_why_not_counts_what_is_kept_beside_a_tool(market: Catalog, rules: Requirements, tmp_path: Path) -> None:
    path = tmp_path / "paying.yaml"
    own = practice.load("small-group")[1].model_dump(mode="json", exclude={"sources"}, exclude_none=True)
    for message in own["messages"]:
        message.pop("source", None)
    path.write_text(yaml.safe_dump(own | {"now": {"plan": "simplepractice/plus", "reminders": True}}), encoding="utf-8")
    chosen = practice.load(str(path))
    built = report.build(market, rules, *chosen, TODAY, draws=FEW)
    answer = advise(market, rules, *chosen, TODAY).answers[-1]
    assert answer.first is not None
    assert answer.first.way == "add"
    section = next(one for one in report.document(built).sections if one.id == "why-not")
    said = {str(getattr(row[0], "text", row[0])): str(row[2]) for row in section.blocks[0].rows}
    moved = 0
    for candidate in answer.candidates:
        gap = (candidate.total or 0) - (answer.first.total or 0)
        words = said.get(candidate.option.title, "")
        if candidate.total is None or not candidate.option.shortlisted or not words:
            continue
        moved += 1
        assert ("more in the first year" in words) == (gap > 0), candidate.option.plan
        assert amount(abs(gap)) in words, candidate.option.plan
    assert moved > 5


def test_the_practice_that_asked_is_among_the_sizes_whichever_preset_it_is(
    market: Catalog, rules: Requirements
) -> None:
    for name in practice.presets().practices:
        built = report.build(market, rules, *practice.load(name), TODAY, draws=FEW)
        assert [one.practice_id for one in built.sizes].count(name) == 1
        assert len(built.sizes) <= model.SIZES + 1


def test_a_practice_that_sends_nothing_is_told_so(frozen: Made, rules: Requirements, tmp_path: Path) -> None:
    path = tmp_path / "silent.yaml"
    path.write_text(
        "name: Silent\nclinicians: 1\nsessions_per_week: 3\nmessages: [{purpose: reminder, count: 0}]\n",
        encoding="utf-8",
    )
    made = make(frozen.report.catalog, rules, str(path), ON)
    assert made.report.answer.startswith("This practice sends no messages")
    assert "This practice sends no messages" in text(made.page)


def test_the_foot_has_the_version_the_day_and_the_data_hash(made: Made) -> None:
    (foot,) = made.page.iter("footer")
    assert text(foot).startswith(f"texteval {__version__}, as of {made.comparison.on}, data {made.report.hash}.")
    assert made.report.hash.startswith(f"{made.comparison.hash}-")
    for name in PICTURES:
        figure = getattr(made.report, name)
        assert figure is None or f"data {made.report.hash}." in figure.source, name


def test_no_sentence_is_missing_or_left_unfilled(made: Made) -> None:
    said = [text(e) for tag in ("td", "li", "p", "h2", "h3", "th", "summary", "caption") for e in made.page.iter(tag)]
    assert [words for words in said if re.search(r"\bNone\.?$|^None\b(?! )|\{\{|\}\}|Undefined", words)] == []
    assert [words for words in said if words == ""] == []


def walk(data: Any, key: str) -> Iterator[Any]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key:
                yield value
            yield from walk(value, key)
    elif isinstance(data, list):
        for item in data:
            yield from walk(item, key)


@pytest.mark.parametrize("which", ["real", "frozen"])
def test_the_table_of_sources_holds_every_source_used_and_no_other(which: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(which)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(Path(made.report.catalog.path).read_text(encoding="utf-8"), loader)
    used = set(walk([data["vendors"], data.get("schedules")], "source"))
    listed = {row[0]: row for row in table(made.page, "sources")}
    assert set(listed) == used
    for source_id, row in listed.items():
        source = made.report.catalog.sources[source_id]
        assert " ".join(source.title.split()) in row[1]
        assert row[2].endswith(source.seen)


def test_the_assumptions_name_the_source_of_each_volume(real: Made) -> None:
    presets = practice.presets()
    found = table(real.page, "assumptions")
    for message, row in zip(presets.practices["small-group"].messages, found, strict=True):
        assert row[2] == f"{presets.practices['small-group'].year(message):,}"
        assert row[4].startswith(presets.sources[message.source].title if message.source else "the practice")


# One file, and a sound one.


def test_the_page_refers_to_nothing_outside_but_by_links_to_follow(made: Made) -> None:
    links = []
    for element in made.page.iter():
        for name in ("src", "href", "srcset", "data", "action", "poster", "background", "formaction"):
            if (to := element.get(name)) is not None:
                links.append((element.tag, name, to))
        assert not [name for name in element.attrib if name.startswith("on")]
    assert {(tag, name) for tag, name, _ in links} == {("a", "href"), ("img", "src")}
    assert [to for tag, _, to in links if tag == "img" and not to.startswith("data:image/svg+xml;base64,")] == []
    assert [to for tag, _, to in links if tag == "a" and not re.match(r"#.|https?://", to)] == []
    style = "".join(text(element) for element in made.page.iter("style"))
    assert "url(" not in style
    assert "@import" not in style


def test_the_pictures_refer_to_nothing_outside(made: Made) -> None:
    for image in made.page.iter("img"):
        svg = ElementTree.fromstring(base64.b64decode(str(image.get("src")).partition(",")[2]))
        to = {value for e in svg.iter() for name, value in e.items() if name.rpartition("}")[2] in ("href", "src")}
        assert {link[:1] for link in to} == {"#"}
        assert not [e for e in svg.iter() if e.tag.endswith(("}script", "}image", "}foreignObject"))]


def test_every_anchor_leads_to_one_place(made: Made) -> None:
    ids = [found for element in made.page.iter() if (found := element.get("id"))]
    assert len(ids) == len(set(ids))
    anchors = {to[1:] for a in made.page.iter("a") if (to := a.get("href", "")).startswith("#")}
    assert anchors <= set(ids)
    assert {anchor(plan.partition("/")[0]) for plan in made.report.catalog.plan_ids()} <= anchors


def test_the_page_has_a_language_a_title_and_headings_in_order(made: Made) -> None:
    assert made.page.get("lang") == "en"
    (title,) = made.page.iter("title")
    assert made.comparison.practice.name in text(title)
    levels = [int(e.tag[1]) for e in made.page.iter() if re.fullmatch("h[1-6]", e.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_paragraph_holds_a_block_which_would_end_it(made: Made) -> None:
    blocks = {"p", "ul", "ol", "table", "div", "figure", "h2", "h3", "details"}
    assert [e.tag for p in made.page.iter("p") for e in p.iter() if e is not p and e.tag in blocks] == []


def test_a_report_rendered_twice_is_the_same(frozen: Made) -> None:
    assert report.render(frozen.report) == frozen.html


def test_a_run_of_its_own_writes_the_same_bytes_where_the_command_says(frozen: Made, tmp_path: Path) -> None:
    words = ["report", "--data", str(GOLDEN / "catalogue.yaml"), "--practice", FROZEN_PRACTICE]
    words += ["--as-of", ON.isoformat(), "-o", str(tmp_path / "new" / "folder"), "--format", "html"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    seeded = clean | {"PYTHONHASHSEED": "7", "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "texteval", *words]
    ran = subprocess.run(command, check=False, capture_output=True, cwd=tmp_path, env=seeded, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (0, "")
    path = tmp_path / "new" / "folder" / "texteval-practice-2026-06-30.html"
    assert f"  {path}  open it in a browser" in ran.stdout
    assert sorted(found.name for found in tmp_path.rglob("*") if found.is_file()) == [kept.LIST, path.name]
    assert path.read_bytes() == frozen.html.encode()


# The user's own facts and prices.

OVERLAY = """
sources:
  my-mail: {title: Hush wrote back, seen: 2026-06-20, grade: vendor_reply}
  my-contract: {title: Our contract with Porchlight, seen: 2026-06-21, grade: vendor_reply}
vendors:
  hush:
    facts: {audit_log: {value: yes, source: my-mail}}
  porchlight:
    plans:
      basic:
        prices:
          - from: 2026-06-21
            date_is: stated
            source: my-contract
            charges: [{name: Seats, model: per_unit, meter: login, usd: 20}]
"""


@pytest.fixture(scope="module")
def own(rules: Requirements, tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("own") / "own.yaml"
    path.write_text(OVERLAY, encoding="utf-8")
    return make(catalog.load(GOLDEN / "catalogue.yaml", path), rules, FROZEN_PRACTICE, ON)


def test_the_users_own_facts_and_sources_are_marked_and_no_others(own: Made) -> None:
    facts = rows(list(vendor_page(own.page, "hush").iter("table"))[1])
    audit_log = own.report.catalog.attributes.attributes["audit_log"].title
    assert [row[0] for row in facts if "(yours)" in row[2]] == [audit_log]
    marked = [row[0] for row in table(own.page, "sources") if "(yours)" in row[3]]
    assert sorted(marked) == ["my-contract", "my-mail"]
    assert "laid over the catalogue; they are marked (yours)" in text(own.page)
    assert "(yours)" not in text(vendor_page(own.page, "penny"))


def test_an_amount_that_rests_on_the_users_own_price_is_marked(own: Made) -> None:
    (row,) = (row for row in table(own.page, "options") if row[0].startswith("Porchlight Basic"))
    assert "$720.00" in row[3]  # 12 * 3 * 20
    assert "(yours)" in " ".join(row) + text(vendor_page(own.page, "porchlight"))


def test_without_an_overlay_nothing_is_marked_as_the_users(made: Made) -> None:
    assert "(yours)" not in re.sub(r"<script.*?</script>", "", made.html, flags=re.DOTALL)


# Practices and catalogues at the edge.


def test_a_practice_without_any_usable_plan_gets_a_report_that_says_so(rules: Requirements, tmp_path: Path) -> None:
    made = make(only(tmp_path, "chatty"), rules, FROZEN_PRACTICE, ON)
    assert made.report.answer == "None of the 1 plans can be used by this practice."
    assert "None of the 1 plans can be used" in text(made.page)
    assert table(made.page, "options")[0][1] == "✗ ineligible"
    assert made.report.cost_by_volume.title == "No usable plan has a known price"
    assert "No per-message plan changes places with a flat one" in text(made.page)


def test_a_catalogue_in_which_no_plan_can_text_gets_a_report_that_says_so(rules: Requirements, tmp_path: Path) -> None:
    market = only(tmp_path, "porchlight", change=lambda t: t.replace("        channels: [sms, secure_message]\n", ""))
    made = make(market, rules, FROZEN_PRACTICE, ON)
    assert "None of the 0 plans can be used" in text(made.page)


def test_a_practice_that_is_too_large_for_every_plan_gets_a_report_that_says_so(
    rules: Requirements, tmp_path: Path
) -> None:
    path = tmp_path / "huge.yaml"
    words = "name: Huge\nclinicians: 900000\nsessions_per_week: 1\nmessages: [{purpose: reminder}]\n"
    path.write_text(words, encoding="utf-8")
    market = only(
        tmp_path,
        "murmur",
        change=lambda whole: re.sub(r"(?m)^( +)channels: .*$", r"\g<0>\n\1limits: {logins: 5}", whole),
    )
    made = make(market, rules, str(path), ON)
    assert made.report.first is None
    assert "The plan allows at most 5 logins (the practice has 900,000)." in text(made.page)


def test_a_building_block_is_never_called_a_finished_tool(rules: Requirements, tmp_path: Path) -> None:
    built = report.build(only(tmp_path, "wire"), rules, *practice.load(FROZEN_PRACTICE), ON)
    assert built.first is not None
    assert built.first.plan == "wire/metered"
    assert "finished tool" not in built.answer


def test_a_tool_without_a_published_price_is_never_called_the_cheapest(rules: Requirements, tmp_path: Path) -> None:
    def answered(whole: str) -> str:
        facts = "access_control_roles: {value: yes, source: hush-pages}\n"
        return whole.replace(
            f"{facts}    not_found:\n      audit_log: The help pages were searched.\n",
            f"{facts}      audit_log: {{value: yes, source: hush-pages}}\n",
        )

    built = report.build(only(tmp_path, "hush", change=answered), rules, *practice.load(FROZEN_PRACTICE), ON)
    assert built.first is not None
    assert built.first.proven
    assert "not published" in built.answer
    assert "cheapest" not in built.answer


def test_nothing_proven_is_told_with_what_the_nearest_hinges_on(rules: Requirements, tmp_path: Path) -> None:
    market = only(tmp_path, "ledger", "murmur")
    meaning = market.attributes.attributes["audit_log"].values["partial"]  # type: ignore[index]
    built = report.build(market, rules, *practice.load(FROZEN_PRACTICE), ON)
    assert built.answer == (
        "No tool is proven for this practice on the evidence at hand. The nearest is Murmur Plus, "
        "$24.00 a month ($288.00 in the first year); it hinges on this: "  # 3 logins * 8
        f"Audit log: partial ({meaning}); ask whether that is enough."
    )


@pytest.mark.parametrize(
    ("sessions", "messages"),
    [
        (1, "[{purpose: reminder, direction: in}]"),
        (9, "[{purpose: coaching, count: 3}]"),
        (6000, "[{purpose: reminder, count: 0}, {purpose: confirmation, direction: in}]"),
    ],
)
def test_a_practice_of_any_volume_gets_a_report(
    sessions: int, messages: str, frozen: Made, rules: Requirements, tmp_path: Path
) -> None:
    path = tmp_path / "edge.yaml"
    path.write_text(
        f"name: Edge\nclinicians: 1\nsessions_per_week: {sessions}\nmessages: {messages}\n", encoding="utf-8"
    )
    made = make(frozen.report.catalog, rules, str(path), ON)
    assert len(table(made.page, "options")) == 7


def test_a_practice_that_sends_more_than_the_volumes_searched_gets_a_report(
    frozen: Made, rules: Requirements, tmp_path: Path
) -> None:
    path = tmp_path / "big.yaml"
    path.write_text(
        "name: Big\nclinicians: 1\nsessions_per_week: 6000\nmessages: [{purpose: reminder}]\n", encoding="utf-8"
    )
    made = make(frozen.report.catalog, rules, str(path), ON)
    assert "At 26,000 messages a month" in made.report.cost_by_volume.title  # 6000 * 52 / 12


# Where it is written.


def test_a_folder_that_is_a_file_is_told_and_nothing_is_left(tmp_path: Path, frozen: Made, rules: Requirements) -> None:
    place = tmp_path / "out"
    place.write_text("I am a file", encoding="utf-8")
    with pytest.raises(UserError, match=r"out.* (cannot be written|is a file)"):
        report.write(frozen.report, place / "in it", ["html"])
    assert [path.name for path in tmp_path.rglob("*")] == ["out"]
    assert place.read_text(encoding="utf-8") == "I am a file"


def test_a_place_that_is_taken_is_told_and_nothing_is_left(tmp_path: Path, frozen: Made, rules: Requirements) -> None:
    taken = tmp_path / "texteval-practice-2026-06-30.html"
    taken.mkdir()
    (taken / "kept.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(UserError, match=r"texteval-practice-2026-06-30.html was .* is not of texteval's making"):
        report.write(frozen.report, tmp_path, ["html", "json"])
    other = "texteval-practice-2026-06-30.json"
    assert sorted(path.name for path in tmp_path.rglob("*")) == [kept.LIST, "kept.txt", taken.name, other]


def test_a_word_file_that_was_edited_is_kept_and_the_others_are_written(frozen: Made, tmp_path: Path) -> None:
    first = report.write(frozen.report, tmp_path, ["docx", "json"])
    assert report.write(frozen.report, tmp_path, ["docx", "json"]) == first
    edited, data = first
    edited.write_bytes(b"edited by the consultant")
    data.unlink()
    with pytest.raises(UserError, match=r"docx was changed since it was written.* Written all the same: .*json"):
        report.write(frozen.report, tmp_path, ["docx", "json"])
    assert edited.read_bytes() == b"edited by the consultant" and data.is_file()
    edited.unlink()
    assert report.write(frozen.report, tmp_path, ["docx", "json"]) == first


def test_a_folder_whose_name_is_too_long_is_told(tmp_path: Path, frozen: Made, rules: Requirements) -> None:
    with pytest.raises(UserError, match=r"cannot be written .*choose another folder"):
        report.write(frozen.report, tmp_path / ("x" * 300), ["html"])
    assert list(tmp_path.iterdir()) == []


def test_an_older_report_stays_when_the_new_one_cannot_be_made(
    tmp_path: Path, frozen: Made, rules: Requirements
) -> None:
    older = tmp_path / "texteval-practice-2025-12-31.html"
    older.write_text("older", encoding="utf-8")
    with pytest.raises(UserError, match="no price is known on 2025-12-31"):
        report.build(frozen.report.catalog, rules, *practice.load(FROZEN_PRACTICE), date(2025, 12, 31))
    assert older.read_text(encoding="utf-8") == "older"
    assert list(tmp_path.iterdir()) == [older]


# In a browser.


@pytest.mark.parametrize(("value", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_browser_these_tests_are_passed_over_and_fail_where_all_must_run(
    monkeypatch: pytest.MonkeyPatch, value: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", value)
    with pytest.raises(outcome, match="there is no chromium on this machine"):
        browser.chromium()


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser.started() as found:
        yield found


@pytest.fixture(scope="module")
def real_file(real: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(real.html, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1000, 375])
def test_the_page_can_be_used_without_sight_or_mouse(chrome: Browser, real_file: Path, width: int) -> None:
    with browser.opened(chrome, real_file, width) as (page, _):
        assert browser.barriers(page) == []


def test_the_table_of_all_tools_is_searched_and_sorted(chrome: Browser, real_file: Path, real: Made) -> None:
    rows_shown = "[...document.querySelectorAll('#options-table tbody tr')].filter(r => !r.hidden)"
    first_cells = f"{rows_shown}.map(r => r.cells[0].textContent)"
    with browser.opened(chrome, real_file) as (page, faults):
        titles = page.evaluate(first_cells)
        assert titles == [option.title for option in real.comparison.best_of_each]
        page.fill("#search", "Spruce")
        assert page.evaluate(first_cells) == [title for title in titles if "Spruce" in title]
        page.fill("#search", "")
        page.click("#options-table th:nth-child(4) button")
        costs_ = page.evaluate(f"{rows_shown}.map(r => r.cells[3].textContent)")
        known = [float(re.sub(r"[^0-9.]", "", cost)) for cost in costs_ if "$" in cost]
        assert known == sorted(known)
        assert len(known) > 10
        assert all("unknown" in cost for cost in costs_[len(known) :])
        assert page.get_attribute("#options-table th:nth-child(4)", "aria-sort") == "ascending"
        assert faults == []


@pytest.mark.parametrize("width", [1000, 375])
def test_the_page_opens_without_a_network_and_fits_the_window(chrome: Browser, real_file: Path, width: int) -> None:
    with browser.opened(chrome, real_file, width) as (page, faults):
        assert page.evaluate(OVERFLOW) <= 0
        page.evaluate(OPEN_ALL)
        assert page.evaluate(OVERFLOW) <= 0
        sizes = page.evaluate(
            "[...document.images].map(i => [i.complete, i.naturalWidth, i.getBoundingClientRect().right])"
        )
        assert len(sizes) == len(PICTURES)
        assert all(complete and natural > 100 and right <= width for complete, natural, right in sizes)
        boxes = page.evaluate(
            "[...document.querySelectorAll('.scroll > table')].map(t => {const b = t.parentElement;"
            "return [getComputedStyle(b).overflowX, b.getBoundingClientRect().right]})"
        )
        assert {overflow for overflow, _ in boxes} == {"auto"}
        assert max(right for _, right in boxes) <= width
        assert faults == []


def test_a_wide_table_scrolls_inside_its_box_on_a_phone(chrome: Browser, real_file: Path) -> None:
    with browser.opened(chrome, real_file, 375) as (page, _):
        moved = page.evaluate(
            "(() => {const b = document.querySelector('#options ~ .scroll'); b.scrollLeft = 40;"
            "return [b.scrollWidth > b.clientWidth, b.scrollLeft, scrollX]})()"
        )
        assert moved == [True, 40, 0]


def is_open(page: Page, place: str) -> bool:
    page.wait_for_function("id => document.getElementById(id).open", arg=place, timeout=3000)
    top, height = page.evaluate("id => [document.getElementById(id).getBoundingClientRect().top, innerHeight]", place)
    return bool(-2 <= top < height)


def test_a_click_on_a_vendor_opens_its_page_and_a_second_one_too(chrome: Browser, real_file: Path, real: Made) -> None:
    place = anchor(real.comparison.best_of_each[0].vendor)
    link = f'#options ~ .scroll a[href="#{place}"]'
    with browser.opened(chrome, real_file) as (page, faults):
        page.click(link, timeout=3000)
        assert is_open(page, place)
        page.click(f"#{place} > summary", timeout=3000)
        assert not page.evaluate("id => document.getElementById(id).open", place)
        page.click(link, timeout=3000)
        assert is_open(page, place)
        assert faults == []


def test_every_vendor_link_opens_its_page(chrome: Browser, real_file: Path, real: Made) -> None:
    with browser.opened(chrome, real_file) as (page, faults):
        page.evaluate(
            "(async () => {for (const a of document.querySelectorAll('#options ~ .scroll th a')) {"
            "const heard = new Promise(done => addEventListener('hashchange', done, {once: true}));"
            "a.click(); await heard}})()"
        )
        shut = page.evaluate(
            "[...document.querySelectorAll('details')].filter(d => !d.open && d.id.startsWith('v-')).map(d => d.id)"
        )
        linked = {option.vendor for option in real.comparison.best_of_each}
        assert set(shut) == {anchor(vendor_id) for vendor_id in real.report.catalog.vendors if vendor_id not in linked}
        assert faults == []


def test_an_address_with_a_vendor_in_it_opens_that_page(chrome: Browser, real_file: Path, real: Made) -> None:
    place = anchor(real.comparison.best_of_each[3].vendor)
    with browser.opened(chrome, real_file) as (page, _):
        page.goto("about:blank")
        page.goto(f"{real_file.as_uri()}#{place}")
        assert is_open(page, place)


def test_a_vendor_can_be_reached_and_opened_by_keyboard_alone(chrome: Browser, real_file: Path, real: Made) -> None:
    place = anchor(real.comparison.best_of_each[1].vendor)
    with browser.opened(chrome, real_file) as (page, faults):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.getAttribute('href')") == f"#{place}":
                break
        else:
            pytest.fail(f"no Tab leads to the link to {place}")
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none"
        page.keyboard.press("Enter")
        assert is_open(page, place)
        page.keyboard.press("Tab")
        assert page.evaluate("id => document.getElementById(id).contains(document.activeElement)", place)
        page.focus(f"#{place} > summary")
        page.keyboard.press("Space")
        assert not page.evaluate("id => document.getElementById(id).open", place)
        assert faults == []
