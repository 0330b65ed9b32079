"""The figures: same bytes each time, words that hold the right numbers, colours that can be read."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import cbook
from matplotlib.text import Annotation, Text

from conftest import TODAY
from texteval import catalog, decide, figures, practice, report, requirements
from texteval.assess import VERDICTS
from texteval.breakeven import crossings, monthly_cost
from texteval.catalog import Catalog
from texteval.decide import BreakEven, Comparison, Option
from texteval.money import MICRO
from texteval.requirements import Requirements

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
        assert f"{name.lower()} {amount(Fraction(drawn[0].year or 0, 12))}" in figure.title


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
        (float(line.get_ydata()[0]), float(line.get_ydata()[-1])) for line in axes.lines if len(line.get_ydata()) > 2
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


# What every figure has.

KINDS = ("curves", "pair", "by_size")


@pytest.fixture(scope="module")
def by_size(result: Comparison, sizes: list[Comparison]) -> figures.Figure:
    return figures.cost_by_size([*sizes, result])


@pytest.fixture(params=KINDS)
def figure(request: pytest.FixtureRequest) -> figures.Figure:
    found: figures.Figure = request.getfixturevalue(request.param)
    return found


def test_a_figure_gives_the_same_bytes_each_time_it_is_asked(figure: figures.Figure) -> None:
    assert figure.svg() == figure.svg()
    assert figure.png() == figure.png()


def test_a_figure_made_anew_gives_the_same_bytes(frozen: Catalog, result: Comparison) -> None:
    first, second = (
        figures.cost_curves(result, costs_of(frozen, result, *CURVES), titled(frozen, CURVES)) for _ in range(2)
    )
    assert first.svg() == second.svg()
    assert first.png() == second.png()
    first, second = (figures.cost_by_size([result]) for _ in range(2))
    assert first.svg() == second.svg()
    assert first.png() == second.png()


def test_a_figure_bears_no_day_of_making_and_no_version(figure: figures.Figure) -> None:
    svg, png = figure.svg().decode(), figure.png()
    assert re.search(r"<dc:date>|<dc:creator>|[Mm]atplotlib v", svg) is None
    assert b"Software" not in png
    assert png.startswith(b"\x89PNG")


def test_the_axes_name_their_units(curves: figures.Figure, pair: figures.Figure, by_size: figures.Figure) -> None:
    for figure in (curves, pair):
        (axes,) = figure.canvas.axes
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("Messages sent a month", "US dollars a month")
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


def test_a_figure_in_a_page_and_in_a_notebook_has_its_words(figure: figures.Figure) -> None:
    page = figure.img()
    assert page.startswith('<img alt="')
    assert base64.b64decode(page.partition("base64,")[2].removesuffix('">')) == figure.svg()
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
    colours = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", template.read_text(encoding="utf-8")))
    assert set(colours) == {"ink", "soft", "line", "good", "ask", "no", "band", "blue"}
    for name in ("ink", "soft", "good", "ask", "no", "blue"):
        assert contrast(colours[name]) >= 4.5
    for name in ("ink", "soft", "blue"):
        assert contrast(colours[name], colours["band"]) >= 4.5


def test_lines_are_told_apart_without_colour() -> None:
    assert len(set(figures.STYLES)) == len(figures.STYLES) == len(figures.LINES) == len(set(figures.LINES))
    assert tuple(figures.VERDICT_COLOUR) == VERDICTS


def test_words_at_a_line_have_its_colour_and_stand_beside_its_end(curves: figures.Figure) -> None:
    (axes,) = curves.canvas.axes
    lines = {line.get_color() for line in axes.lines if len(line.get_ydata()) > 2}
    names = {
        child.get_color(): child.get_text().replace("\n", " ")
        for child in axes.get_children()
        if isinstance(child, Annotation) and child.xy[0] == 560
    }
    assert set(names) == lines
    assert set(names.values()) == {"Penny Texts", "Murmur Plus", "Ledger Core with texting", "Porchlight Basic"}
