"""The map of the cheapest plan: every cell is a bill, limits hold at their boundary, and the picture is the data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch
from rich.cells import cell_len

from conftest import TODAY
from test_cli import DATA, FROZEN, run
from test_figures import GOLDEN, ON
from texteval import catalog, decide, figures, frames, practice
from texteval.catalog import Catalog
from texteval.errors import UserError
from texteval.landscape import CLINICIANS, MESSAGES, Landscape, _cells, landscape
from texteval.practice import Message, Practice
from texteval.requirements import Requirements

FINISHED = ("eligible", "with configuration", "verify first")


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def grown(own: Practice, clinicians: int, messages: int) -> dict[str, Any]:
    """Write the practice of one cell as a practice file, by fractions: worked out anew, to be independent."""
    share = Fraction(clinicians, own.clinicians)
    total = messages * own.weeks_per_year
    sent = sum(own.year(m) for m in own.messages if m.direction == "out")
    kinds, below = [], 0
    for message in own.messages:
        many = own.year(message)
        if message.direction == "out":
            count = half_up(Fraction(total * (below + many), sent)) - half_up(Fraction(total * below, sent))
            below += many
        else:
            count = half_up(Fraction(total * many, sent))
        kind = {"purpose": message.purpose, "direction": message.direction, "text": message.text}
        kinds.append({**kind, "per": "year", "count": count})
    return {
        "name": "One cell",
        "clinicians": clinicians,
        "staff": half_up(own.staff * share),
        "managers": half_up(own.managers * share),
        "sessions_per_week": half_up(own.sessions_per_week * share),
        "locations": max(half_up(own.locations * share), 1),
        "numbers": max(half_up(own.numbers * share), 1),
        "weeks_per_year": own.weeks_per_year,
        "messages": kinds,
    }


@pytest.fixture(scope="module")
def frozen() -> Catalog:
    return catalog.load(GOLDEN / "catalogue.yaml")


def mapped(market: Catalog, rules: Requirements, name: str, on: date = TODAY, **options: bool) -> Landscape:
    return landscape(market, rules, *practice.load(name), on, **options)


@pytest.fixture(scope="module")
def small_group(market: Catalog, rules: Requirements) -> Landscape:
    return mapped(market, rules, "small-group")


@pytest.fixture(scope="module")
def rooms(frozen: Catalog, rules: Requirements) -> Landscape:
    """The frozen catalogue for two clinicians, one other, and 45 messages a week in 50 weeks."""
    return mapped(frozen, rules, str(GOLDEN / "practice.yaml"), ON)


def at(found: Landscape, clinicians: int, messages: int) -> tuple[int, int]:
    return found.clinicians.index(clinicians), found.messages.index(messages)


def plan_at(found: Landscape, clinicians: int, messages: int) -> str | None:
    place = int(found.first[at(found, clinicians, messages)])
    return found.plans[place] if place >= 0 else None


# Every cell is a bill.


SAMPLE = [(1, 25), (2, 60), (4, 500), (5, 154), (8, 90), (9, 90), (14, 225), (50, 1_800)]


@pytest.mark.parametrize(("clinicians", "messages"), SAMPLE)
def test_a_cell_has_the_plan_and_the_bill_of_a_practice_with_its_numbers(
    clinicians: int,
    messages: int,
    small_group: Landscape,
    tmp_path: Path,
    market: Catalog,
    rules: Requirements,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "cell.yaml"
    path.write_text(yaml.safe_dump(grown(small_group.practice, clinicians, messages)), encoding="utf-8")
    cell = at(small_group, clinicians, messages)
    plan = plan_at(small_group, clinicians, messages)
    assert plan is not None
    code, out, _ = run(capsys, "bill", plan, "--practice", str(path), "--as-of", TODAY.isoformat(), "--json")
    assert code == 0
    assert json.loads(out)["year_usd"] == small_group.year[cell] / 1_000_000
    # Of all that can be used at this size, nothing finished with a known price costs less, and the next one as said.
    compared = decide.compare(market, rules, *practice.load(str(path)), TODAY)
    years = sorted(
        option.year
        for option in compared.options
        if option.verdict in FINISHED and option.kind != "messaging_api" and option.year is not None
    )
    assert [years[0], years[1] - years[0]] == [small_group.year[cell], small_group.more[cell]]
    assert small_group.proven[cell] == compared.option(plan).proven
    second = compared.option(small_group.plans[small_group.second[cell]])
    assert second.year == years[1]


@pytest.mark.parametrize(("clinicians", "messages"), [(1, 36), (2, 36), (12, 350), (50, 2_000)])
def test_a_cell_of_the_proven_map_has_the_cheapest_proven_plan(
    clinicians: int, messages: int, market: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    found = mapped(market, rules, "solo", proven_only=True)
    path = tmp_path / "cell.yaml"
    path.write_text(yaml.safe_dump(grown(found.practice, clinicians, messages)), encoding="utf-8")
    compared = decide.compare(market, rules, *practice.load(str(path)), TODAY)
    least = min(o.year for o in compared.proven if o.kind != "messaging_api" and o.year is not None)
    assert found.year[at(found, clinicians, messages)] == least
    assert found.proven.all()


def test_the_costs_are_those_reckoned_by_hand(rooms: Landscape) -> None:
    # Penny: a number for 5 a month and 0.09 a text sent, in 50 weeks. Murmur: 8 a login a month. One other staff for
    # two clinicians, one number for each two, half up: 3 clinicians have 2 other staff (1.5) and 2 numbers (1.5).
    cell = at(rooms, 3, 10)
    assert plan_at(rooms, 3, 10) == "penny/texts"
    assert rooms.year[cell] == (2 * 12 * 5 + 500 * 0.09) * 1_000_000
    cell = at(rooms, 3, 300)
    assert plan_at(rooms, 3, 300) == "murmur/plus"
    assert rooms.year[cell] == 5 * 8 * 12 * 1_000_000
    assert rooms.plans[rooms.second[cell]] == "murmur/max"  # 20 a login; Penny has two numbers and 15,000 texts: 1,470
    assert rooms.more[cell] == 5 * 12 * 12 * 1_000_000
    assert (rooms.own, rooms.here) == ((2, 45), (1, rooms.messages.index(45)))  # 2,240 / 50 = 44.8


def test_what_is_unknown_and_what_must_be_programmed_never_wins(rooms: Landscape) -> None:
    # Wire, a programming interface, would cost 0.011 a segment; Hush tells no price.
    assert set(rooms.winners) == {"penny/texts", "murmur/plus"}
    assert rooms.unpriced == ("hush/quote",)
    assert "wire/metered" not in rooms.titles
    for places in (rooms.first, rooms.second):
        assert rooms.plans.index("hush/quote") not in places


def test_only_proven_plans_are_on_the_proven_map(frozen: Catalog, rules: Requirements, rooms: Landscape) -> None:
    proven = mapped(frozen, rules, str(GOLDEN / "practice.yaml"), ON, proven_only=True)
    assert set(proven.winners) == {"penny/texts", "porchlight/basic"}
    assert proven.proven.all()
    assert not rooms.proven[rooms.winners["murmur/plus"]].any()
    assert (rooms.sure("penny/texts"), rooms.sure("murmur/plus")) == (True, False)


# Limits and kinds of practice.


def limited(tmp_path: Path, old: str, new: str) -> Catalog:
    text = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "catalogue.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return catalog.load(path)


PLUS = "        name: Plus\n        channels: [sms]\n"


@pytest.mark.parametrize(
    ("limit", "last"),
    [
        ("clinicians: 5", 5),
        ("logins: 9", 6),  # 6 clinicians with 3 others are 9 people; 7 with 4 (3.5) are 11
        ("sessions_per_month: 500", 6),  # 20 sessions a week for each clinician, in 50 weeks: 6 have 500 a month
        ("active_clients: 139", 6),  # as many as sessions a week
        ("active_clients: 140", 7),
        ("locations: 1", 2),  # half a location for each clinician: 1.5 are 2
    ],
)
def test_a_plan_wins_up_to_its_limit_and_no_further(
    limit: str, last: int, tmp_path: Path, rules: Requirements, rooms: Landscape
) -> None:
    found = mapped(limited(tmp_path, PLUS, f"{PLUS}        limits: {{{limit}}}\n"), rules,
                   str(GOLDEN / "practice.yaml"), ON)  # fmt: skip
    rows = [many for many, line in zip(found.clinicians, found.winners["murmur/plus"], strict=True) if line.any()]
    assert rows == [many for many in CLINICIANS if many <= last]
    inside = [i for i, many in enumerate(found.clinicians) if many <= last]
    outside = [i for i, many in enumerate(found.clinicians) if many > last]
    assert (found.winners["murmur/plus"][inside] == rooms.winners["murmur/plus"][inside]).all()
    assert rooms.winners["murmur/plus"][outside].any()
    place = found.plans.index("murmur/plus")
    assert not (found.first[outside] == place).any()
    assert not (found.second[outside] == place).any()


def test_a_limit_of_the_plan_that_it_is_added_to_holds_too(tmp_path: Path, rules: Requirements) -> None:
    core = "        name: Core\n"
    cheap = "{name: Record system, model: per_unit, meter: clinician, usd: 30}"
    text = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    path = tmp_path / "catalogue.yaml"
    path.write_text(
        text.replace(core, f"{core}        limits: {{clinicians: 3}}\n").replace(cheap, cheap.replace("30", "0")),
        encoding="utf-8",
    )
    found = mapped(catalog.load(path), rules, str(GOLDEN / "practice.yaml"), ON)
    assert np.flatnonzero(found.winners["ledger/texting"].any(axis=1)).tolist() == [0, 1, 2]


def test_what_is_asked_of_teams_alone_shuts_a_plan_out_from_two_people_on(tmp_path: Path, rules: Requirements) -> None:
    assert rules.all["role_based_access"].gate == "team"
    block = "      access_control_roles: {value: yes, source: murmur-pages}\n"
    found = mapped(limited(tmp_path, block, block.replace("yes", "no")), rules, "solo", ON)
    assert np.flatnonzero(found.winners["murmur/plus"].any(axis=1)).tolist() == [0]
    assert set(found.winners) == {"murmur/plus", "penny/texts", "porchlight/basic"}


def test_a_practice_with_other_staff_is_a_team_also_with_one_clinician(tmp_path: Path, rules: Requirements) -> None:
    block = "      access_control_roles: {value: yes, source: murmur-pages}\n"
    market = limited(tmp_path, block, block.replace("yes", "no"))
    solo = practice.load("solo")[1].model_copy(update={"staff": 1})
    assert "murmur/plus" not in landscape(market, rules, "solo", solo, "0" * 12, ON).winners


# The axes.


def test_the_axes_hold_the_numbers_asked_for_and_the_practices_own(small_group: Landscape) -> None:
    assert small_group.clinicians == CLINICIANS
    assert set(small_group.messages) == {*MESSAGES, 154}  # 95 sessions with 1.62 messages: 153.9 a week
    assert (CLINICIANS[0], CLINICIANS[-1], MESSAGES[0], MESSAGES[-1]) == (1, 50, 1, 2_000)
    assert len(CLINICIANS) == 24
    assert len(MESSAGES) == 41
    for axis in (small_group.clinicians, small_group.messages):
        assert list(axis) == sorted(set(axis))


def test_a_practice_that_sends_next_to_nothing_stands_in_the_first_column(frozen: Catalog, rules: Requirements) -> None:
    own = practice.load("solo")[1]
    quiet = own.model_copy(update={"messages": [Message(purpose="reminder", per="year", count=10)]})
    found = landscape(frozen, rules, "quiet", quiet, "0" * 12, ON)
    assert (found.own, found.here) == ((1, 1), (0, 0))  # 10 in 52 weeks are none in most; a map begins at one
    assert found.year[0, 0] == 64_680_000  # 12 * 5 and 52 * 0.09


def test_a_larger_practice_is_on_its_map(frozen: Catalog, rules: Requirements) -> None:
    own = practice.load(str(GOLDEN / "practice.yaml"))[1]
    large = own.model_copy(update={"clinicians": 300, "sessions_per_week": 9_000})
    found = landscape(frozen, rules, "large", large, "0" * 12, ON)
    assert found.own == (300, 10_080)  # 1.12 messages for each session
    assert (found.clinicians[-1], found.messages[-1]) == found.own
    assert found.here == (len(found.clinicians) - 1, len(found.messages) - 1)
    assert len(found.clinicians) <= len(CLINICIANS) + 6
    bill = decide.compare(frozen, rules, "large", large, "0" * 12, ON).option("murmur/plus")
    assert plan_at(found, *found.own) == "murmur/plus"
    assert found.year[found.here] == bill.year


@settings(max_examples=40, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "clinicians": st.integers(1, 60),
            "staff": st.integers(0, 40),
            "sessions_per_week": st.integers(1, 2_000),
            "weeks_per_year": st.integers(1, 52),
            "active_clients": st.none() | st.integers(0, 500),
            "locations": st.integers(1, 9),
            "numbers": st.integers(1, 9),
            "claims_per_month": st.integers(0, 300),
        }
    ),
    st.integers(0, 40),
    st.lists(st.integers(20, 100), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_every_cell_is_a_sound_practice_with_all_its_messages(
    fields: dict[str, Any], managers: int, percents: list[int], answers: int
) -> None:
    messages = [Message(purpose="reminder", percent=percent) for percent in percents]
    messages.append(Message(purpose="confirmation", direction="in", count=answers))
    own = Practice(name="One", managers=min(managers, fields["staff"]), messages=messages, **fields)
    if not practice.sent_per_year(own):
        return  # so few that a year's count rounds to none
    clinicians, sent = (1, 7, own.clinicians), (1, 154)
    cells, counts = _cells(own, clinicians, sent)
    arrays = {name: value for name, value in dict(cells).items() if isinstance(value, np.ndarray)}
    assert set(arrays) >= {"clinicians", "staff", "managers", "sessions_per_week", "locations", "numbers"}
    for i, (many, week) in enumerate((a, b) for a in clinicians for b in sent):
        one = {name: int(value[i]) for name, value in arrays.items()}
        kinds = [
            {"purpose": m.purpose, "direction": m.direction, "per": "year", "count": int(count[i])}
            for m, count in zip(own.messages, counts, strict=True)
        ]
        cell = Practice.model_validate({"name": "Cell", "weeks_per_year": own.weeks_per_year, **one, "messages": kinds})
        assert practice.sent_per_year(cell) == week * own.weeks_per_year
        assert cell.clinicians == many
        if many == own.clinicians:
            assert cell.size() == own.size()
            assert cell.seats() == own.seats()
        expected = Fraction(practice.received_per_year(own) * week * own.weeks_per_year, practice.sent_per_year(own))
        assert abs(practice.received_per_year(cell) - expected) <= Fraction(1, 2)


def test_a_practice_that_sends_nothing_has_no_map(frozen: Catalog, rules: Requirements) -> None:
    silent = practice.load("solo")[1].model_copy(update={"messages": [Message(purpose="reminder", direction="in")]})
    with pytest.raises(UserError, match=r"^Solo therapist sends no messages, so it has no mix to go by"):
        landscape(frozen, rules, "solo", silent, "0" * 12, ON)


def test_a_map_that_reaches_beyond_what_is_priced_is_refused(frozen: Catalog, rules: Requirements) -> None:
    busy = practice.load("solo")[1].model_copy(update={"sessions_per_week": 20_000})
    with pytest.raises(UserError, match=r"^Solo therapist, at the far end of the map: 4,333,334 sessions a month are"):
        landscape(frozen, rules, "solo", busy, "0" * 12, ON)  # 50 * 20,000 * 52 / 12


def test_a_day_before_the_first_price_list_is_refused(frozen: Catalog, rules: Requirements) -> None:
    with pytest.raises(UserError, match="no price is known on 2025-12-31"):
        mapped(frozen, rules, "solo", date(2025, 12, 31))


# Frame, picture and command.


@pytest.fixture(scope="module")
def nothing(frozen: Catalog, rules: Requirements) -> Landscape:
    """A practice that needs what no plan of the frozen catalogue offers."""
    own = practice.load("solo")[1]
    both = own.model_copy(update={"messages": [*own.messages, Message(purpose="team")]})
    return landscape(frozen, rules, "team", both, "0" * 12, ON)


def test_the_frame_has_a_row_for_each_cell(rooms: Landscape, nothing: Landscape) -> None:
    frame = frames.landscape_frame(rooms)
    assert len(frame) == len(rooms.clinicians) * len(rooms.messages)
    row = frame[(frame.clinicians == 3) & (frame.messages_per_week == 300)].iloc[0]
    assert (row.plan, row.year_usd, bool(row.proven)) == ("murmur/plus", 480.0, False)  # 5 * 8 * 12
    assert (row.second_plan, row.second_more_usd) == ("murmur/max", 720.0)  # 5 * (20 - 8) * 12
    empty = frames.landscape_frame(nothing)
    assert empty[["plan", "year_usd", "second_plan", "second_more_usd"]].isna().all(axis=None)


def test_a_map_without_a_usable_plan_says_so(
    nothing: Landscape, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert nothing.winners == {}
    assert (nothing.first == -1).all()
    assert (nothing.second == -1).all()
    assert not nothing.year.any()
    picture = figures.landscape(nothing)
    assert picture.title == "No usable plan has a known price for this practice"
    assert "White: no usable plan with a known price." in [text.get_text() for text in picture.canvas.texts]
    path = tmp_path / "team.yaml"
    path.write_text(
        "{name: T, clinicians: 1, sessions_per_week: 9, messages: [{purpose: reminder}, {purpose: team}]}", "utf-8"
    )
    code, out, _ = run(capsys, "map", "--practice", str(path), *DATA)
    assert code == 0
    assert "no usable plan has a known price" in out
    _, out, _ = run(capsys, "map", "--practice", str(path), *DATA, "--json")
    cell = json.loads(out)["cells"][0]
    assert [cell[key] for key in ("plan", "year_usd", "second_plan", "second_more_usd")] == [None] * 4


@pytest.fixture(scope="module")
def pictures(rooms: Landscape, small_group: Landscape) -> list[tuple[Landscape, figures.Figure]]:
    return [(found, figures.landscape(found)) for found in (rooms, small_group)]


def areas(figure: figures.Figure) -> Iterator[PathPatch]:
    return (patch for patch in figure.canvas.axes[0].patches if isinstance(patch, PathPatch))


def test_the_picture_paints_every_cell_of_a_plan_and_no_other(
    pictures: list[tuple[Landscape, figures.Figure]],
) -> None:
    for found, figure in pictures:
        middles = [(x + 0.5, y + 0.5) for y in range(len(found.clinicians)) for x in range(len(found.messages))]
        painted = list(areas(figure))
        assert len(painted) == len(found.winners)
        for patch, cells in zip(painted, found.winners.values(), strict=True):
            assert (patch.get_path().contains_points(middles) == cells.ravel()).all()
        looks = {(to_rgba(patch.get_facecolor()), patch.get_hatch()) for patch in painted}
        assert len(looks) == len({patch.get_hatch() for patch in painted}) == len(painted)


def test_every_region_bears_its_plans_name_or_a_letter_that_is_explained(
    pictures: list[tuple[Landscape, figures.Figure]],
) -> None:
    for found, figure in pictures:
        (axes,) = figure.canvas.axes
        named: dict[str, set[tuple[int, int]]] = {}
        for text in axes.texts:
            x, y = text.get_position()
            named.setdefault(text.get_text().replace("\n", " "), set()).add((int(y), int(x)))
        key = " ".join(text.get_text() for text in figure.canvas.texts)
        for plan, cells in found.winners.items():
            title = found.titles[plan]
            letter, mark = found.signs[plan], " (verify first)" if found is not pictures[1][0] else ""
            full = title + (mark if not found.sure(plan) else "")
            places = named.get(full, set()) | named.get(letter, set())
            assert places, plan
            assert all(cells[place] for place in places)
            assert (letter in named) == (f"{letter}: {full}" in key)


def test_no_name_of_a_region_overlaps_another_or_the_edge(pictures: list[tuple[Landscape, figures.Figure]]) -> None:
    for _, figure in pictures:
        (axes,) = figure.canvas.axes
        boxes = [text.get_window_extent() for text in axes.texts if text.get_text()]
        assert len(boxes) > 2
        edge = axes.get_window_extent()
        for i, box in enumerate(boxes):
            assert edge.x0 <= box.x0
            assert box.x1 <= edge.x1
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_the_picture_says_where_the_practice_stands(pictures: list[tuple[Landscape, figures.Figure]]) -> None:
    rooms, figure = pictures[0]
    (axes,) = figure.canvas.axes
    (mark,) = (line for line in axes.lines if line.get_marker() == "o")
    row, column = rooms.here
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (column + 0.5, row + 0.5)
    assert "this practice" in {text.get_text() for text in axes.texts}
    # Two clinicians have one number: 60 a year, and 45 * 50 texts for 0.09 each.
    assert figure.title == "For 2 clinicians and 45 messages a week Penny Texts costs least: $262.50 in the first year"
    assert axes.get_xlabel().startswith("Messages sent a week")
    assert axes.get_ylabel() == "Clinicians"
    assert [label.get_text() for label in axes.get_yticklabels()] == [f"{many}" for many in rooms.clinicians]
    assert rooms.hash in figure.source
    assert "2026-06-30" in figure.source


def test_the_words_of_the_picture_list_its_regions(pictures: list[tuple[Landscape, figures.Figure]]) -> None:
    rooms, figure = pictures[0]
    share = f"{100 * rooms.winners['murmur/plus'].sum() / rooms.first.size:.0f}%"
    few = min(m for c, m in zip(*region(rooms, "murmur/plus"), strict=True))
    assert (
        f"Murmur Plus (verify first): {share} of the map, within clinicians 1 to 50 and messages {few} to 2,000."
        in figure.alt
    )
    assert figure.title in figure.alt
    found, figure = pictures[1]
    for plan in found.winners:
        assert f"{found.titles[plan]} (verify first): " in figure.alt
    assert "All of these are to be verified first" in " ".join(text.get_text() for text in figure.canvas.texts)


def region(found: Landscape, plan: str) -> tuple[list[int], list[int]]:
    rows, columns = np.nonzero(found.winners[plan])
    return [found.clinicians[row] for row in rows], [found.messages[column] for column in columns]


def test_a_picture_made_anew_has_the_same_bytes(
    rooms: Landscape, pictures: list[tuple[Landscape, figures.Figure]]
) -> None:
    first, again = pictures[0][1], figures.landscape(rooms)
    for form in ("svg", "png"):
        assert first.alone(form) == again.alone(form) == first.alone(form)
    assert first.svg() == again.svg()
    assert len(first.alone("png")) > len(first.png())  # its title and its source stand on it


def letters(out: str) -> list[str]:
    """Return the rows of the map, from the fewest clinicians."""
    rows = re.findall(r"^ +[\d,]+  ([A-Za-z.*]+)$", out, flags=re.M)
    return rows[::-1]


def test_the_map_is_told_in_letters(capsys: pytest.CaptureFixture[str], rooms: Landscape) -> None:
    code, out, err = run(capsys, "map", *FROZEN)
    assert (code, err) == (0, "")
    rows = letters(out)
    assert len(rows) == len(rooms.clinicians)
    signs = {rooms.plans.index(plan): sign for plan, sign in rooms.signs.items()}
    for i, line in enumerate(rows):
        for j, sign in enumerate(line):
            assert sign == ("*" if (i, j) == rooms.here else signs[int(rooms.first[i, j])])
    assert "2 clinicians, 45 messages sent a week (*): Penny Texts, $262.50 in the first \nyear." in out
    assert "Then Murmur Plus, $25.50 more." in out  # 3 * 8 * 12 = 288
    assert re.search(r"^A  penny/texts \(\d+% of the map\)$", out, flags=re.M)
    assert re.search(r"^B  murmur/plus \(\d+% of the map, verify first\)$", out, flags=re.M)
    assert [line for line in out.splitlines() if cell_len(line) > 80 and not line.startswith("Next: ")] == []
    labels, ticks = re.findall(r"^ {12}([\d|].*)$", out, flags=re.M)[:2]
    for place in (match.start() for match in re.finditer(r"\|", ticks)):
        assert re.match(r"[\d,]+", labels[place:])[0] == f"{rooms.messages[place]:,}"  # type: ignore[index]


def test_the_map_as_data(capsys: pytest.CaptureFixture[str], rooms: Landscape) -> None:
    _, out, _ = run(capsys, "map", "--json", *FROZEN)
    found = json.loads(out)
    assert [plan["plan"] for plan in found["plans"]] == list(rooms.winners)
    assert sum(plan["cells"] for plan in found["plans"]) == len(found["cells"]) == rooms.first.size
    (cell,) = (one for one in found["cells"] if (one["clinicians"], one["messages_per_week"]) == (2, 45))
    assert cell == {
        "clinicians": 2,
        "messages_per_week": 45,
        "plan": "penny/texts",
        "year_usd": 262.5,
        "proven": True,
        "second_plan": "murmur/plus",
        "second_more_usd": 25.5,
    }
    assert (found["your_clinicians"], found["your_messages_per_week"], found["proven_only"]) == (2, 45, False)
    assert found["unknown_price"] == ["hush/quote"]


@pytest.mark.parametrize(("name", "begins"), [("map.svg", b"<?xml"), ("map.PNG", b"\x89PNG")])
def test_the_picture_is_written(
    name: str, begins: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path, rooms: Landscape
) -> None:
    path = tmp_path / "deep" / name
    code, out, _ = run(capsys, "map", "--proven", "-o", str(path), *FROZEN)
    assert code == 0
    assert out.endswith(f"Written: {path}\n")
    assert path.read_bytes().startswith(begins)
    assert [file.name for file in path.parent.iterdir()] == [name]
    if name.endswith("svg"):
        text = path.read_text(encoding="utf-8")
        assert "Porchlight Basic: " in text  # the words for those who cannot see it
        assert "Murmur" not in text
    code, out, _ = run(capsys, "map", "-o", str(path), "--json", *FROZEN)
    assert (code, json.loads(out)["as_of"]) == (0, "2026-06-30")


def test_a_picture_of_another_kind_or_in_no_folder_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = run(capsys, "map", "-o", "map.jpg", *FROZEN)
    assert (code, out) == (2, "")
    assert err == "texteval: map.jpg: a map is drawn as .svg or .png: end the file's name so\n"
    (tmp_path / "file").write_text("", encoding="utf-8")
    code, _, err = run(capsys, "map", "-o", str(tmp_path / "file" / "map.png"), *FROZEN)
    assert code == 2
    assert "the file cannot be written" in err
