"""The figures: same bytes each time, words that hold the right numbers, colours that can be read."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import cbook
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text
from PIL import Image

from conftest import TODAY
from texteval import catalog, decide, figures, parameters, practice, report, requirements
from texteval.assess import VERDICTS, judge
from texteval.breakeven import crossings, monthly_cost
from texteval.catalog import Catalog
from texteval.decide import BreakEven, Comparison, Option
from texteval.forecast import Forecast, forecast
from texteval.models import first_day
from texteval.money import MICRO
from texteval.requirements import Requirements
from texteval.words import TONES

GOLDEN = Path(__file__).parent / "golden"
ON = date(2026, 6, 30)


@pytest.fixture(scope="module")
def frozen() -> Catalog:
    return catalog.load(GOLDEN / "catalogue.yaml")


@cache
def compared() -> Comparison:
    """Three people with 60 sessions a week on the frozen catalogue.

    In a year of 50 weeks: 3,000 reminders and 360 offers of another time in two segments each; so 3,360 texts sent in
    3,720 segments, which is 280 in 310 a month.
    """
    market, rules = catalog.load(GOLDEN / "catalogue.yaml"), requirements.load()
    one = practice.load(str(GOLDEN / "practice.yaml"))[1].model_copy(update={"sessions_per_week": 60})
    return decide.compare(market, rules, "three", one, "0123456789ab", ON)


@pytest.fixture(scope="module")
def result() -> Comparison:
    return compared()


@pytest.fixture(scope="module")
def none_usable(frozen: Catalog, rules: Requirements) -> Comparison:
    """A practice that needs what no plan of the frozen catalogue offers."""
    one = practice.load(str(GOLDEN / "practice.yaml"))[1]
    team = one.model_copy(update={"messages": [practice.Message(purpose="team")]})
    return decide.compare(frozen, rules, "team", team, "0" * 12, ON)


@pytest.fixture(scope="module")
def sizes(market: Catalog, rules: Requirements) -> list[Comparison]:
    return [decide.compare(market, rules, *practice.load(name), TODAY) for name in ("solo", "small-group", "clinic")]


def costs_of(frozen: Catalog, result: Comparison, *plans: str) -> dict[str, Any]:
    return {
        plan: monthly_cost(frozen, plan, result.practice, result.option(plan).coverage.channels, ON) for plan in plans
    }


def titled(frozen: Catalog, plans: Sequence[str]) -> dict[str, str]:
    return {plan: frozen.title(plan) for plan in plans}


CURVES = ("penny/texts", "murmur/plus", "ledger/texting", "porchlight/basic")


@pytest.fixture(scope="module")
def curves(frozen: Catalog, result: Comparison) -> figures.Figure:
    return figures.cost_curves(result, costs_of(frozen, result, *CURVES), titled(frozen, CURVES))


@pytest.fixture(scope="module")
def pair(frozen: Catalog, rules: Requirements, result: Comparison) -> figures.Figure:
    found = decide.break_even(frozen, rules, "penny/texts", "porchlight/basic", result.practice, ON)
    return figures.break_even(result, found, titled(frozen, [found.a, found.b]))


def amount(micro: Fraction | int) -> str:
    """Print micro-dollars in dollars and cents, half a cent up; written anew, to be independent of the program."""
    cents = int(Fraction(micro) / 10_000 + Fraction(1, 2))
    return f"${cents // 100:,}.{cents % 100:02d}"


def usable(comparison: Comparison) -> list[Option]:
    """Choose what is to be drawn: each vendor's best usable plan with a known price, without building blocks."""
    seen: dict[str, Option] = {}
    for option in comparison.options:
        seen.setdefault(option.vendor, option)
    return [o for o in seen.values() if o.verdict != "ineligible" and o.year is not None and o.kind != "messaging_api"]


# Words and numbers.


def test_the_cost_by_size_is_told_and_drawn_to_the_cent(sizes: list[Comparison]) -> None:
    figure = figures.cost_by_size(sizes)
    for axes, comparison in zip(figure.canvas.axes, sizes, strict=True):
        drawn = usable(comparison)[:5]
        name = comparison.practice.name
        assert axes.get_title(loc="left").startswith(f"{name}: ")
        assert f"{comparison.practice.sessions_per_week:,} sessions a week" in axes.get_title(loc="left")
        widths: dict[int, float] = {}
        for bar in axes.patches:
            row = round(bar.get_y() + bar.get_height() / 2)
            widths[row] = widths.get(row, 0) + bar.get_width()
        notes = [child.get_text() for child in axes.get_children() if isinstance(child, Annotation)]
        for row, option in enumerate(drawn):
            assert option.year is not None
            month = amount(Fraction(option.year, 12))
            mark = " (verify first)" if option.verdict == "verify first" else ""
            assert widths[row] == pytest.approx(option.year / MICRO / 12)
            assert notes[row] == f"{month}{mark}"
            assert f"{name}, {option.title}: {month} a month{mark}" in figure.alt
            assert axes.get_yticklabels()[row].get_text().replace("\n", " ") == option.title
        assert len(widths) == len(notes) == len(drawn)
        assert f"{name} {amount(Fraction(drawn[0].year or 0, 12))}" in figure.title


def test_the_solid_part_of_a_bar_is_what_is_due_whatever_is_sent(result: Comparison) -> None:
    (axes,) = figures.cost_by_size([result]).canvas.axes
    solid = [bar.get_width() for bar in axes.patches if not bar.get_hatch()]
    hatched = [bar.get_width() for bar in axes.patches if bar.get_hatch()]
    # A month of Penny: a number for $5, and 280 texts at $0.09; Porchlight: 3 * 24; Murmur: 3 * 8; Ledger: 2 * 30, and
    # of 310 segments 210 at $0.04 and all at $0.003.
    assert solid == pytest.approx([5, 72, 24, 60])
    assert hatched == pytest.approx([25.2, 0, 0, 9.33])


def test_the_cost_by_volume_is_told_as_worked_out_by_hand(curves: figures.Figure) -> None:
    # Penny: 5 + 0.09 n. Porchlight: 3 * 24. Murmur: 3 * 8. Ledger: 2 * 30, and for s segments 0.04 for each above 100
    # and 0.003 for all: 310 come to 8.40 + 0.93, 620 to 20.80 + 1.86.
    for words in ("280 messages a month", "Murmur Plus", "$24.00"):
        assert words in curves.title
    for words in (
        "0 to 560",
        "Murmur Plus $24.00 at none, $24.00 at 280, $24.00 at 560",
        "Penny Texts $5.00 at none, $30.20 at 280, $55.40 at 560",
        "Ledger Core with texting $60.00 at none, $69.33 at 280, $82.66 at 560",
        "Porchlight Basic $72.00 at none, $72.00 at 280, $72.00 at 560",
    ):
        assert words in curves.alt
    (axes,) = curves.canvas.axes
    drawn = {
        (float(line.get_ydata()[0]), float(line.get_ydata()[-1])) for line in axes.lines if len(line.get_ydata()) > 3
    }
    assert drawn == {(5, 55.4), (24, 24), (60, 82.66), (72, 72)}


def test_the_break_even_figure_marks_the_crossing(pair: figures.Figure, frozen: Catalog, result: Comparison) -> None:
    costs = costs_of(frozen, result, "penny/texts", "porchlight/basic")
    (at,) = crossings("penny/texts", costs["penny/texts"], "porchlight/basic", costs["porchlight/basic"])
    assert at.per_month == Fraction(67, 1) / Fraction(9, 100)  # 5 + 0.09 n = 72
    (axes,) = pair.canvas.axes
    (mark,) = (line for line in axes.lines if line.get_marker() == "o")
    assert float(mark.get_xdata()[0]) == pytest.approx(float(at.per_month))
    assert float(mark.get_ydata()[0]) == pytest.approx(72)
    notes = [child.get_text() for child in axes.get_children() if isinstance(child, Annotation)]
    assert "745 messages" in notes
    assert "this practice: 280" in notes
    assert pair.title == "Penny Texts is cheaper up to 744 messages a month, then Porchlight Basic"
    assert pair.alt == (
        "Line chart of the monthly cost of Penny Texts and Porchlight Basic for 0 to 1,490 messages sent a month. "
        "Penny Texts is cheaper up to 744 messages a month, then Porchlight Basic. "
        "At the 280 messages of this practice: $30.20 against $72.00."
    )


def test_two_plans_without_a_crossing_are_told_so(frozen: Catalog, rules: Requirements, result: Comparison) -> None:
    found = decide.break_even(frozen, rules, "murmur/plus", "porchlight/basic", result.practice, ON)
    figure = figures.break_even(result, found, titled(frozen, [found.a, found.b]))
    assert figure.title == "Murmur Plus is the cheaper one at every volume drawn"
    assert [line for line in figure.canvas.axes[0].lines if line.get_marker() == "o"] == []


TITLES = {"penny/texts": "Plan A", "porchlight/basic": "Plan B"}


@cache
def real_break_even() -> BreakEven:
    market, rules = catalog.load(GOLDEN / "catalogue.yaml"), requirements.load()
    return decide.break_even(market, rules, *TITLES, compared().practice, ON)


def break_even_of(cost_a: Sequence[int], cost_b: Sequence[int], month: int) -> figures.Figure:
    """Draw two plans, A and B, at other costs."""
    a, b = np.array(cost_a, np.int64), np.array(cost_b, np.int64)
    one, other = TITLES
    at = tuple(crossings(one, a, other, b))
    return figures.break_even(compared(), replace(real_break_even(), at=at, month=month, cost_a=a, cost_b=b), TITLES)


def test_a_plan_that_is_cheaper_only_in_between_is_not_said_to_be_cheaper_up_to_there() -> None:
    # A: 10; B: 20 up to 49 messages, 5 up to 79, 30 beyond. B is cheaper from 50 to 79 only.
    cost_b = [20 * MICRO] * 50 + [5 * MICRO] * 30 + [30 * MICRO] * 121
    figure = break_even_of([10 * MICRO] * 201, cost_b, 20)
    assert "Plan B is cheaper up to" not in figure.title
    assert len([line for line in figure.canvas.axes[0].lines if line.get_marker() == "o"]) == 2


COST = st.lists(st.integers(0, 4), min_size=5, max_size=5).map(
    lambda steps: [dollars * MICRO for dollars in steps for _ in range(20)] + [steps[-1] * MICRO]
)


@settings(max_examples=25, deadline=None)
@given(cost_a=COST, cost_b=COST, month=st.integers(0, 50))
def test_the_title_of_a_break_even_holds_at_every_volume_drawn(
    cost_a: list[int], cost_b: list[int], month: int
) -> None:
    title = break_even_of(cost_a, cost_b, month).title
    costs = {"Plan A": cost_a, "Plan B": cost_b}
    if said := re.fullmatch(r"(Plan .) is cheaper up to ([\d,]+) messages a month, then (Plan .)", title):
        before, after = costs[said[1]], costs[said[3]]
        until = int(said[2].replace(",", ""))
        assert all(before[n] <= after[n] for n in range(until + 1))
        assert all(after[n] <= before[n] for n in range(until + 1, len(after)))
    elif said := re.fullmatch(r"Plan A and Plan B change places (\d+) times", title):
        signs = [a > b for a, b in zip(cost_a, cost_b, strict=True) if a != b]
        assert int(said[1]) == sum(one != two for one, two in pairwise(signs)) > 1
    elif said := re.fullmatch(r"(Plan .) is the cheaper one at every volume drawn", title):
        other = costs["Plan B" if said[1] == "Plan A" else "Plan A"]
        assert all(one <= two for one, two in zip(costs[said[1]], other, strict=True))
        assert costs[said[1]] != other, "the two cost the same"
    else:
        assert "cost the same" in title
        assert cost_a == cost_b


@pytest.mark.parametrize("name", ["solo", "clinic"])
def test_the_plan_said_to_cost_least_costs_least_of_all_that_can_be_used(
    name: str, market: Catalog, rules: Requirements
) -> None:
    made = report.build(market, rules, *practice.load(name), TODAY)
    comparison = made.comparison
    said = re.search(
        r"([\d,]+) messages a month (.+?)(?: \(verify first\))? costs least.*(\$[\d,]+\.\d\d)",
        made.cost_by_volume.title,
    )
    assert said is not None
    month = int(said[1].replace(",", ""))
    found = {
        o.title: monthly_cost(market, o.plan, comparison.practice, o.coverage.channels, TODAY)
        for o in usable(comparison)
    }
    least = min(int(cost[month]) for cost in found.values() if cost is not None)
    assert said[3] == amount(least)
    assert int(found[said[2]][month]) == least


def test_a_cheaper_plan_that_is_not_drawn_is_not_forgotten_in_the_title(
    rules: Requirements, result: Comparison, tmp_path: Path
) -> None:
    whole = (GOLDEN / "catalogue.yaml").read_text(encoding="utf-8")
    head, _, rest = whole.partition("  porchlight:\n")
    block, _, tail = rest.partition("  penny:\n")
    more = "".join(f"  porchlight-{n}:\n{block}" for n in range(3))
    path = tmp_path / "catalogue.yaml"
    path.write_text(f"{head}  porchlight:\n{block}{more}  penny:\n{tail}", encoding="utf-8")
    made = report.build(catalog.load(path), rules, "three", result.practice, "0123456789ab", ON)
    # Four proven flat plans at $72 come before Murmur at $24, which is to be verified first; Penny costs $30.20.
    assert "Penny Texts costs least" not in made.cost_by_volume.title or "drawn" in made.cost_by_volume.title


def test_a_practice_that_sends_more_than_the_volumes_searched_gets_its_figure(
    frozen: Catalog, rules: Requirements, result: Comparison
) -> None:
    big = result.practice.model_copy(update={"sessions_per_week": 9000, "weeks_per_year": 52})
    comparison = decide.compare(frozen, rules, "big", big, "0" * 12, ON)
    costs = decide.cost_curves(frozen, comparison, [comparison.option("porchlight/basic")])
    figure = figures.cost_curves(comparison, costs, titled(frozen, list(costs)))
    # 9,000 * 52 reminders and 12 of 100 offers of another time: 524,160 a year, 43,680 a month.
    for words in ("At 43,680 messages a month", "Porchlight Basic", "$72.00"):
        assert words in figure.title
    assert figure.canvas.axes[0].get_xlim()[1] > 43_680


def test_with_no_usable_plan_the_figures_say_so(none_usable: Comparison) -> None:
    assert none_usable.shortlist == []
    by_size = figures.cost_by_size([none_usable])
    assert by_size.title == "No usable plan has a known price"
    assert "No usable plan with a known price." in [child.get_text() for child in by_size.canvas.axes[0].texts]
    by_volume = figures.cost_curves(none_usable, {}, {})
    assert by_volume.title == "No usable plan has a known price"
    for figure in (by_size, by_volume):
        assert "Penny" not in figure.alt
        assert figure.svg().startswith(b"<?xml")
        assert re.search(r"\.\.|: \.| {2}|\. \.", figure.alt) is None


# Break-even points between many plans.


def test_every_break_even_point_of_the_drawn_plans_is_marked_and_told(
    curves: figures.Figure, frozen: Catalog, result: Comparison
) -> None:
    # Penny: 5 + 0.09 n = 24 at 211.1, and 72 only at 744.4, beyond what is drawn. Ledger: for n messages 31 n / 28
    # segments; 60 + 0.04 (s - 100) + 0.003 s = 72 at s = 372.1, which is 336.1 messages. Murmur is below 60 throughout.
    (axes,) = curves.canvas.axes
    marks = sorted(float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == "o")
    assert marks == pytest.approx([19 / 0.09, 336.1], abs=1)
    found = [at for *_, at in decide.break_evens(costs_of(frozen, result, *CURVES)) if at.first_whole <= 560]
    assert marks == sorted(float(at.per_month) for at in found)
    notes = [child.get_text() for child in axes.get_children() if isinstance(child, Annotation)]
    for at in found:
        assert f"{at.first_whole:,}" in notes
    assert "Penny Texts and Murmur Plus at 212" in curves.alt
    assert "Ledger Core with texting and Porchlight Basic at 337" in curves.alt
    assert "745" not in curves.alt
    assert "a flat plan and one paid by the message change places" in axes.get_xlabel()


def test_crowded_numbers_stand_side_by_side_and_those_nearest_to_the_practice_stay(result: Comparison) -> None:
    flat = {f"flat{n}": np.full(1001, (100 + n) * MICRO, np.int64) for n in range(30)}
    metered = {"paid": np.arange(1001, dtype=np.int64) * MICRO // 4}  # level with flat n at 4 * (100 + n) messages
    first = result.options[0]
    options = tuple(replace(first, plan=plan) for plan in (*flat, *metered))
    figure = figures.cost_curves(
        replace(result, options=options), {**flat, **metered}, {p: p for p in (*flat, *metered)}
    )
    (axes,) = figure.canvas.axes
    assert len([line for line in axes.lines if line.get_marker() == "o"]) == 30
    numbers = [child for child in axes.get_children() if isinstance(child, Annotation) and child.get_text().isdigit()]
    written = sorted(int(number.get_text()) for number in numbers)
    assert 3 < len(written) < 30
    assert written == list(range(400, 400 + 4 * len(written), 4))  # the practice sends 280
    for one, other in combinations(numbers, 2):
        assert not one.get_window_extent().overlaps(other.get_window_extent())


@settings(max_examples=100, deadline=None)
@given(
    labels=st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 10)), max_size=10),
)
def test_labels_move_apart_in_their_order_and_no_further_than_they_must(labels: list[tuple[float, float]]) -> None:
    labels.sort()
    places, rooms = [place for place, _ in labels], [room for _, room in labels]
    found = figures._apart(places, rooms, 110)
    ends = [(place - room / 2, place + room / 2) for place, room in zip(found, rooms, strict=True)]
    for (_, high), (low, _) in pairwise(ends):
        assert high <= low + 1e-6
    assert all(low >= -1e-6 and high <= 110 + 1e-6 for low, high in ends)
    wish = [(place - room / 2, place + room / 2) for place, room in labels]
    if all(high <= low for (_, high), (low, _) in pairwise(wish)) and all(
        low >= 0 and high <= 110 for low, high in wish
    ):
        assert found == pytest.approx(places)


def test_labels_that_touch_stand_around_their_common_middle() -> None:
    assert figures._apart([50, 50, 50, 90], [10, 10, 10, 10]) == pytest.approx([40, 50, 60, 90])
    assert figures._apart([1, 1], [4, 4]) == pytest.approx([2, 6])
    assert figures._apart([99, 99], [4, 4], 100) == pytest.approx([94, 98])


# The verdict matrix.

USES = {"SMS": ("sms", "reminder"), "App or portal": ("secure_message", "coaching"), "Team chat": ("team_chat", "team")}


@pytest.fixture(scope="module")
def judged(market: Catalog, rules: Requirements, sizes: list[Comparison]) -> list[tuple[str, dict[str, str | None]]]:
    """The best plan of each vendor of the real catalogue, under three headings."""
    comparison = sizes[1]
    rows: list[tuple[str, dict[str, str | None]]] = []
    for option in comparison.best_of_each:
        cells: dict[str, str | None] = {}
        for heading, (channel, purpose) in USES.items():
            offered = market.plan(option.plan).channels.get(channel)  # type: ignore[call-overload]
            cells[heading] = None
            if offered == "all" or (offered is not None and purpose in offered):
                cells[heading] = judge(market, rules, option.plan, channel, purpose, comparison.practice, TODAY).verdict
        rows.append((option.title, cells))
    return rows


@pytest.fixture(scope="module")
def matrix(sizes: list[Comparison], judged: list[tuple[str, dict[str, str | None]]]) -> figures.Figure:
    return figures.verdict_matrix(sizes[1], judged)


def cells_of(figure: figures.Figure) -> list[list[str]]:
    """Read the signs back from the picture, row by row, without the key in its first line."""
    axes = figure.canvas.axes[0]
    boxes = [box for box in axes.patches if isinstance(box, Rectangle) and box.get_width() > 0.9]
    signs = {(round(t.get_position()[0], 3), round(t.get_position()[1], 3)): t.get_text() for t in axes.texts}
    rows: dict[float, list[str]] = {}
    for box in boxes:
        x, y = box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2
        rows.setdefault(round(y, 3), []).append(signs[round(x, 3), round(y, 3)])
    return [rows[y] for y in sorted(rows)]


SIGNS = {"eligible": "✓", "with configuration": "✓+", "verify first": "?", "ineligible": "✗", None: "–"}


def test_the_matrix_shows_each_verdict_by_its_sign_and_tells_how_many_there_are(
    matrix: figures.Figure, judged: list[tuple[str, dict[str, str | None]]]
) -> None:
    assert cells_of(matrix) == [[SIGNS[verdict] for verdict in cells.values()] for _, cells in judged[:20]]
    for heading in USES:
        many = Counter(cells[heading] or "not offered" for _, cells in judged)
        (said,) = re.findall(rf"{heading}: ((?:\d+ [a-z ]+(?:, )?)+)[;.]", matrix.alt)
        assert dict(part.split(" ", 1)[::-1] for part in said.split(", ")) == {k: str(v) for k, v in many.items()}
        proven = many["eligible"] + many["with configuration"]
        name = {"SMS": "SMS", "App or portal": "app or portal", "Team chat": "team chat"}[heading]
        assert re.search(rf"\b{proven or 'none'}(?: is proven| are proven)? for {name}", matrix.title)
    assert matrix.title.startswith(f"Of {len(judged)} tools ")
    title, cells = judged[0]
    assert f"{title}: SMS {cells['SMS'] or 'not offered'}, App or portal" in matrix.alt
    assert f"The first 20 of {len(judged)}, best first." in matrix.source
    assert f"{judged[20][0]}: " not in matrix.alt


@pytest.mark.parametrize(
    ("verdicts", "title"),
    [
        ([("eligible", None)], "Of 1 tool 1 is proven for SMS and none for app"),
        (
            [("verify first", "eligible"), (None, "with configuration")],
            "Of 2 tools none is proven for SMS and 2 for app",
        ),
        ([("with configuration", "eligible")] * 2, "Of 2 tools 2 are proven for SMS and 2 for app"),
        ([("verify first", "ineligible")], "None of 1 tool is proven for any use"),
        ([], "No tool sends messages"),
    ],
)
def test_the_matrix_says_what_is_proven(
    verdicts: list[tuple[str | None, str | None]], title: str, result: Comparison
) -> None:
    figure = figures.verdict_matrix(result, [("A", {"SMS": one, "App": other}) for one, other in verdicts])
    assert figure.title == title
    assert figure.svg().startswith(b"<?xml")
    assert re.search(r"\.\.|: \.| {2}|\. \.", figure.alt) is None


def test_the_cells_can_be_told_apart_in_grey_and_their_signs_read() -> None:
    assert tuple(figures.CELLS) == (*VERDICTS, None)
    assert len({sign for sign, *_ in figures.CELLS.values()}) == 5
    grounds = ["#ffffff" if ground == "white" else ground for _, ground, _ in figures.CELLS.values()]
    inks = [{"white": "#ffffff", "black": "#000000"}.get(ink, ink) for *_, ink in figures.CELLS.values()]
    assert all(contrast(ink, ground) >= 4.5 for ink, ground in zip(inks, grounds, strict=True))
    # The better, the darker: contrast with black grows from one verdict to the next.
    lightness = [contrast("#000000", ground) for ground in grounds]
    assert lightness == sorted(lightness)
    assert len(set(lightness)) == 5


@pytest.mark.parametrize("name", ["<b>&</b>", "x" * 10_000, "العيادة النفسية", "😀 $x_{$", "long name " * 30])
def test_hostile_names_do_no_harm_to_a_matrix(name: str, result: Comparison) -> None:
    figure = figures.verdict_matrix(result, [(name, {"SMS": "eligible"}), ("Plain", {"SMS": None})])
    names = [text for text in figure.canvas.axes[0].texts if text.get_ha() == "right"]
    assert [text.get_text() for text in names][1:] == ["Plain"]
    assert names[0].get_window_extent().x0 >= -5
    with Image.open(io.BytesIO(figure.alone("png"))) as picture:
        assert picture.width / 144 < 8.5
    assert "<b>" not in figure.img()


# Bands by size.


@pytest.fixture(scope="module")
def forecasts(frozen: Catalog, rules: Requirements, result: Comparison) -> list[Forecast]:
    small = result.practice.model_copy(update={"sessions_per_week": 20, "name": "Twenty"})
    few = decide.compare(frozen, rules, "twenty", small, "0" * 12, ON)
    return [forecast(frozen, one, parameters.load(), CURVES, draws=256) for one in (few, result)]


@pytest.fixture(scope="module")
def bands(forecasts: list[Forecast]) -> figures.Figure:
    return figures.cost_bands_by_size(forecasts)


def test_the_bands_by_size_end_at_the_quantiles_of_the_bills(bands: figures.Figure, forecasts: list[Forecast]) -> None:
    assert len(bands.canvas.axes) == len(forecasts) == 2
    for axes, found in zip(bands.canvas.axes, forecasts, strict=True):
        told = {}
        for row, option in enumerate(found.options):
            bill = [int(micro) / MICRO for micro in found.bills.cost[row]]
            told[option.title] = (np.quantile(bill, 0.05), np.quantile(bill, 0.95), sum(bill) / len(bill))
        in_order = sorted(told.values(), key=lambda band: band[2])
        thick = [line for line in axes.lines if line.get_linewidth() == 7]
        assert [tuple(line.get_xdata()) for line in thick] == [pytest.approx(band[:2]) for band in in_order]
        marks = [line for line in axes.lines if line.get_marker() in ("o", "D")]
        assert [float(line.get_xdata()[0]) for line in marks] == pytest.approx([band[2] for band in in_order])
        proven = {option.title: option.verdict != "verify first" for option in found.options}
        by_cost = sorted(told, key=lambda title: told[title][2])
        assert [line.get_marker() for line in marks] == ["o" if proven[title] else "D" for title in by_cost]
        for title, (low, high, mean) in told.items():
            verdict = "verify first" if not proven[title] else r"(?:eligible|with configuration)"
            assert re.search(rf"{re.escape(title)} \({verdict}\) {mean:,.0f}, {low:,.0f} to {high:,.0f}[;.]", bands.alt)
        name = found.comparison.practice.name
        assert axes.get_title(loc="left").startswith(f"{name}: ")
        assert f"{name} ${in_order[0][2]:,.0f}" in bands.title
    assert "US dollars over 12 months" in bands.canvas.axes[-1].get_xlabel()
    assert bands.source.endswith("List prices; seed 1.")


def test_the_cheapest_proven_plan_is_drawn_however_many_are_cheaper(forecasts: list[Forecast]) -> None:
    found = forecasts[1]
    proven = [option.title for option in found.options if option.proven]
    cost = found.bills.cost.copy()
    for row, option in enumerate(found.options):
        cost[row] = (9_000 + row if option.proven else 100 + row) * MICRO
    dear = replace(found, bills=replace(found.bills, cost=cost))
    assert 0 < len(proven) < len(found.options)
    figure = figures.cost_bands_by_size([dear], most=1)
    assert proven[0] in figure.alt
    marks = [line.get_marker() for line in figure.canvas.axes[0].lines if line.get_marker() in ("o", "D")]
    assert marks == ["o"]


def test_an_arabic_name_does_not_turn_the_words_around_it(forecasts: list[Forecast]) -> None:
    name = "العيادة النفسية"
    found = forecasts[0]
    own = found.comparison.practice.model_copy(update={"name": name})
    figure = figures.cost_bands_by_size([replace(found, comparison=replace(found.comparison, practice=own))])
    closed = f"\u2068{name}\u2069"
    assert figure.canvas.axes[0].get_title(loc="left").startswith(f"{closed}: 2 clinicians, 20 sessions a week")
    assert closed in figure.title
    assert closed in figure.alt
    assert figure.alone("png").startswith(b"\x89PNG")


# Price history.

HEAD = "sources:\n  page: {title: Page, seen: 2026-01-01, grade: vendor_page}\n"
PLAN = """
        channels: [sms]
        prices:
          - from: 2024
            date_is: first_seen
            source: page
            charges:
              - {name: Seats, model: per_unit, meter: login, usd: 20}
              - {name: Texts, model: unpublished, meter: segment_out}
              - {name: Calls, model: flat, usd: 7}
              - {name: Setup, model: flat, usd: 50}
              - {name: Gone, model: flat, usd: 1}
          - from: 2025-02
            date_is: stated
            source: page
            charges:
              - {name: Seats, model: per_unit, meter: login, usd: 20}
              - {name: Texts, model: per_unit, meter: segment_out, usd: 0.0083}
              - {name: Calls, model: flat, usd: 9}
              - {name: Setup, model: flat, usd: 50, cadence: once}
              - {name: Gone, model: flat, usd: 2}
          - from: 2026-05-30
            date_is: stated
            source: page
            charges:
              - {name: Seats, model: tiers, mode: volume, meter: login, tiers: [{up_to: 5, usd: 25}, {usd: 22}]}
              - {name: Texts, model: per_unit, meter: segment_out, usd: 0.0083}
              - {name: Calls, model: unpublished, meter: account}
              - {name: Setup, model: flat, usd: 60, cadence: once}
          - from: 2026-12-01
            date_is: stated
            source: page
            charges: [{name: Seats, model: per_unit, meter: login, usd: 99}]
"""
FEE = """
          - name: Fee
            model: mix
            meter: segment_out
            parts: [{carrier: A, percent: 50, usd: 0.002}, {carrier: B, percent: 50, usd: %s}]
"""
DATED = f"""{HEAD}
schedules:
  fees:
    name: Carrier fees
    prices:
      - from: 2026-01-01
        date_is: stated
        source: page
        charges: {FEE % "0.003"}
      - from: 2026-03-01
        date_is: stated
        source: page
        charges: {FEE % "0.004"}
vendors:
  acme:
    name: Acme
    kind: business_phone
    plans:
      one:
        name: One {PLAN}
      two:
        name: Two {PLAN}
      ended:
        name: Ended
        ended: 2026-06 {PLAN}
"""


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("dated") / "vendors.yaml"
    path.write_text(DATED, encoding="utf-8")
    return catalog.load(path)


@pytest.fixture(scope="module")
def history(dated: Catalog) -> figures.Figure:
    return figures.price_history(dated, date(2026, 6, 30))


def test_the_price_history_tells_each_step_with_its_price_its_day_and_who_says_so(history: figures.Figure) -> None:
    # What changed: seats 20, then 22 to 25; calls 7, 9, then unpublished; setup 50, then 60, once, since before it was
    # paid by the month; the fee from 0.0025 to 0.003. Texts were unpublished before they were known; "Gone" is gone;
    # the list of December is not in force; two plans share one history, and the one that has ended has none.
    assert history.title == "4 list prices changed since 2025: 3 rose, none fell, 1 is no longer published"
    assert history.alt == (
        "Step lines of the list prices that have changed. "
        "4 list prices changed since 2025: 3 rose, none fell, 1 is no longer published. "
        "Acme, 2 plans, Seats, each a month: $20.00 from 2024 (first seen), then $22.00 to $25.00 from 2026-05-30 "
        "(stated); "
        "Acme, 2 plans, Calls, a month: $7.00 from 2024 (first seen), then $9.00 from 2025-02 (stated), then "
        "unpublished from 2026-05-30 (stated); "
        "Acme, 2 plans, Setup, once: $50.00 from 2025-02 (stated), then $60.00 from 2026-05-30 (stated); "
        "Carrier fees, Fee, averaged: $0.0025 from 2026-01-01 (stated), then $0.003 from 2026-03-01 (stated)."
    )
    (axes,) = history.canvas.axes
    words = [child.get_text() for child in axes.get_children() if isinstance(child, Annotation)]
    for said in ("$22.00–$25.00", "unpublished", "$0.0025", "○ 2024", "● 2026-05-30", "Carrier fees", "Acme, 2 plans"):
        assert said in words


def test_the_steps_of_a_price_are_drawn_from_zero_at_their_days(history: figures.Figure) -> None:
    (axes,) = history.canvas.axes
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o"]
    seats = [(x, y) for x, y in marks if y < 1]
    assert [x for x, _ in seats] == [date(2024, 1, 1).toordinal(), date(2026, 5, 30).toordinal()]
    (foot,) = {line.get_ydata()[0] for line in axes.lines if line.get_color() == "#BFBFBF" and line.get_ydata()[0] < 1}
    heights = [foot - y for _, y in seats]
    assert heights[0] / heights[1] == pytest.approx(20 / 25)
    hollow = [line for line in axes.lines if line.get_marker() == "o" and line.get_markerfacecolor() == "white"]
    assert {line.get_xdata()[0] for line in hollow} == {date(2024, 1, 1).toordinal()}
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "x"] == [date(2026, 5, 30).toordinal()]


@pytest.mark.parametrize(
    ("prices", "way", "words"),
    [
        ("12", "up", "1 rose, none fell"),
        ("21", "down", "none rose, 1 fell"),
        ("121", "both ways", "none rose, none fell, 1 moved both ways"),
        ("12345", "up", "1 rose, none fell"),
    ],
)
def test_the_way_of_a_price_is_from_its_first_step_to_its_last(
    prices: str, way: str, words: str, tmp_path: Path
) -> None:
    lists = "".join(
        f"          - from: {2020 + i}\n            date_is: stated\n            source: page\n"
        f"            charges: [{{name: A, model: flat, usd: {usd}}}]\n"
        for i, usd in enumerate(prices)
    )
    path = tmp_path / "vendors.yaml"
    path.write_text(
        f"{HEAD}vendors:\n  v:\n    name: V\n    kind: business_phone\n    plans:\n      p:\n        name: P\n"
        f"        prices:\n{lists}",
        encoding="utf-8",
    )
    market = catalog.load(path)
    (found,) = catalog.price_histories(market, TODAY)
    assert found.way == way
    assert [step.low for step in found.steps] == [int(usd) * MICRO for usd in prices]
    figure = figures.price_history(market, TODAY)
    assert figure.title == f"1 list price changed since 2021: {words}"
    shown = [child.get_text() for child in figure.canvas.axes[0].get_children() if isinstance(child, Annotation)]
    for usd in {prices[0], *prices[-2:]}:
        assert f"${usd}.00" in shown


def test_before_any_change_the_price_history_says_so(dated: Catalog) -> None:
    figure = figures.price_history(dated, date(2024, 6, 1))
    assert figure.title == "No list price is known to have changed by 2024-06-01"
    assert figure.alt == f"Step lines of the list prices that have changed. {figure.title}."
    assert figure.svg().startswith(b"<?xml")
    assert figure.source == f"texteval, prices as of 2024-06-01, data {dated.hash}. List prices."


def test_a_negotiated_price_is_no_change_of_the_list_price(tmp_path: Path) -> None:
    base, over = tmp_path / "vendors.yaml", tmp_path / "over.yaml"
    base.write_text(DATED, encoding="utf-8")
    over.write_text(
        "sources:\n  mine: {title: Our contract, seen: 2026-06-01, grade: vendor_reply}\n"
        "vendors:\n  acme:\n    plans:\n      one:\n        prices:\n"
        "          - {from: 2026-06-01, date_is: stated, source: mine, charges: [\n"
        "              {name: Setup, model: flat, usd: 1, cadence: once}]}\n",
        encoding="utf-8",
    )
    on = date(2026, 6, 30)
    own = catalog.price_histories(catalog.load(base, over), on)
    assert own == catalog.price_histories(catalog.load(base), on)


def test_the_real_price_history_agrees_with_the_file(market: Catalog) -> None:
    found = {(h.origins, h.line): h for h in catalog.price_histories(market, TODAY)}
    starter = found[("simplepractice/starter",), "Starter"]
    assert [(step.since, step.low, step.high) for step in starter.steps] == [
        ("2023", 29 * MICRO, 29 * MICRO),
        ("2025-02", 49 * MICRO, 49 * MICRO),
    ]
    days = [first_day(h.steps[-1].since) for h in found.values()]
    assert days == sorted(days, reverse=True)


# What every figure has.

KINDS = ("curves", "pair", "by_size", "matrix", "bands", "history")


@pytest.fixture(scope="module")
def by_size(result: Comparison, sizes: list[Comparison]) -> figures.Figure:
    return figures.cost_by_size([sizes[0], result])


@pytest.fixture(scope="module", params=KINDS)
def figure(request: pytest.FixtureRequest) -> figures.Figure:
    found: figures.Figure = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def files(figure: figures.Figure) -> tuple[bytes, bytes]:
    """The figure as SVG and as PNG."""
    return figure.svg(), figure.png()


def test_a_figure_gives_the_same_bytes_each_time_it_is_asked(
    figure: figures.Figure, files: tuple[bytes, bytes]
) -> None:
    assert (figure.svg(), figure.png()) == files


def test_a_figure_made_anew_gives_the_same_bytes(frozen: Catalog, result: Comparison) -> None:
    first, second = (
        figures.cost_curves(result, costs_of(frozen, result, *CURVES), titled(frozen, CURVES)) for _ in range(2)
    )
    assert first.svg() == second.svg()
    assert first.png() == second.png()
    first, second = (figures.cost_by_size([result]) for _ in range(2))
    assert first.svg() == second.svg()
    assert first.png() == second.png()


def test_no_words_of_a_figure_lie_over_others_or_outside_it(figure: figures.Figure, files: tuple[bytes, bytes]) -> None:
    canvas = figure.canvas
    canvas.draw_without_rendering()
    drawn = [text for text in canvas.findobj(Text) if text.get_visible() and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in drawn]
    shown = [(words, box) for words, box in boxes if box.x1 > 0 and box.y1 > 0]
    assert len(shown) > 5
    for (one, here), (other, there) in combinations(shown, 2):
        assert not here.padded(-1).overlaps(there.padded(-1)), (one, other)
    with Image.open(io.BytesIO(files[1])) as picture:
        wide = picture.width / 144
    assert wide <= 8.1, "wider than the column of a report"


def test_a_figure_bears_no_day_of_making_and_no_version(files: tuple[bytes, bytes]) -> None:
    svg, png = files[0].decode(), files[1]
    assert re.search(r"<dc:date>|<dc:creator>|[Mm]atplotlib v", svg) is None
    assert b"Software" not in png
    assert png.startswith(b"\x89PNG")


def test_the_axes_name_their_units(curves: figures.Figure, pair: figures.Figure, by_size: figures.Figure) -> None:
    for figure in (curves, pair):
        (axes,) = figure.canvas.axes
        assert axes.get_xlabel().startswith("Messages sent a month")
        assert axes.get_ylabel() == "US dollars a month"
        assert axes.yaxis.get_major_formatter()(1234, 0) == "$1,234"
        assert axes.get_ylim()[0] == 0
        assert axes.get_xlim()[0] == 0
    assert by_size.canvas.axes[-1].get_xlabel().startswith("US dollars a month, first year")
    assert {axes.get_xlim()[0] for axes in by_size.canvas.axes} == {0}
    assert by_size.canvas.axes[0].xaxis.get_major_formatter()(1234, 0) == "$1,234"


def test_the_source_line_has_the_day_and_the_data_hash(
    curves: figures.Figure, pair: figures.Figure, result: Comparison
) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}(-[0-9a-f]{12}){2}", result.hash)
    by_size = figures.cost_by_size([result])
    assert by_size.source == (
        f"texteval, prices and facts as of 2026-06-30, data {result.hash}. First-year cost, list prices."
    )
    for figure in (curves, pair):
        assert figure.source == (
            f"texteval, prices and facts as of 2026-06-30, data {result.hash}. "
            "Running cost, one-time charges left out, list prices."
        )


def test_a_figure_in_a_page_and_in_a_notebook_has_its_words(figure: figures.Figure, files: tuple[bytes, bytes]) -> None:
    page = figure.img()
    assert page.startswith('<img alt="')
    assert base64.b64decode(page.partition("base64,")[2].removesuffix('">')) == files[0]
    notebook = figure._repr_html_()
    for words in (figure.title, figure.source, f'alt="{figure.alt}"'):
        assert words in notebook
    assert repr(figure) == f"<Figure: {figure.alt}>"


def test_hostile_names_stay_words_in_the_markup_of_a_figure(frozen: Catalog, result: Comparison) -> None:
    name = '"><script>alert(1)</script>'
    figure = figures.cost_curves(result, costs_of(frozen, result, "penny/texts"), {"penny/texts": name})
    for markup in (figure.img(), figure._repr_html_()):
        assert "<script" not in markup
        assert "&quot;&gt;&lt;script&gt;" in markup


@pytest.mark.parametrize("name", ["from $5 to $9", "a $x_{$ b", "100 % _under_ ^hat^ \\alpha", "$"])
def test_a_name_is_drawn_as_it_is_written(name: str, frozen: Catalog, result: Comparison) -> None:
    figure = figures.cost_curves(result, costs_of(frozen, result, "penny/texts"), {"penny/texts": name})
    drawn = [text for text in figure.canvas.findobj(Text) if name.split()[0] in text.get_text()]
    assert [t for t in drawn if t.get_parse_math() and cbook.is_math_text(t.get_text())] == []
    assert drawn
    assert figure.svg().startswith(b"<?xml")


# Colours.


def contrast(colour: str, ground: str = "#ffffff") -> float:
    """Return the contrast of two colours after WCAG 2.2, from 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_measured_as_published() -> None:
    assert contrast("#000000") == pytest.approx(21)
    assert contrast("#ffffff") == pytest.approx(1)
    assert contrast("#767676") == pytest.approx(4.54, abs=0.005)  # the lightest grey on white that passes at 4.5


@pytest.mark.parametrize("colour", [*figures.LINES, *figures.VERDICT_COLOUR.values()])
def test_every_colour_in_which_words_are_written_can_be_read_on_white(colour: str) -> None:
    assert contrast(colour) >= 4.5


def test_every_colour_of_the_page_can_be_read_on_its_ground() -> None:
    template = Path(report.__file__).with_name("templates") / "report.html.j2"
    style = re.sub(r'{{ tones\["([a-z ]+)"\] }}', lambda tone: TONES[tone[1]], template.read_text(encoding="utf-8"))
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", style))
    assert {"ink", "soft", "line", "good", "ask", "no", "band"} <= set(colours)
    for name in ("ink", "soft", "good", "ask", "no"):
        assert contrast(colours[name]) >= 4.5
    for name in ("ink", "soft"):
        assert contrast(colours[name], colours["band"]) >= 4.5


def test_lines_are_told_apart_without_colour() -> None:
    assert len(set(figures.STYLES)) == len(figures.STYLES) == len(figures.LINES) == len(set(figures.LINES))
    assert tuple(figures.VERDICT_COLOUR) == VERDICTS


def test_words_at_a_line_have_its_colour_and_stand_beside_its_end(curves: figures.Figure) -> None:
    (axes,) = curves.canvas.axes
    lines = {line.get_color() for line in axes.lines if len(line.get_ydata()) > 3}
    names = {
        child.get_color(): child.get_text().replace("\n", " ")
        for child in axes.get_children()
        if isinstance(child, Annotation) and child.xy[0] == 560
    }
    assert set(names) == lines
    assert set(names.values()) == {"Penny Texts", "Murmur Plus", "Ledger Core with texting", "Porchlight Basic"}
