"""Every picture, in one style: the title says the finding, labels stand at the marks, with alt text and a source."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator
from PIL import Image

from texteval.assess import VERDICTS
from texteval.breakeven import Crossing
from texteval.catalog import Catalog, PriceHistory, PriceStep, price_histories
from texteval.charges import CADENCES, SEATS, Group, MixRate
from texteval.decide import PROVEN, BreakEven, BreakEvenCurve, Comparison, Option, break_evens
from texteval.models import first_day
from texteval.money import MICRO, half_up, show
from texteval.practice import MONTHS, sent_per_year
from texteval.words import count, isolated, percent

if TYPE_CHECKING:
    from texteval.drivers import Drivers
    from texteval.firm import Ranking
    from texteval.forecast import Forecast
    from texteval.landscape import Landscape

# Okabe and Ito's palette: told apart by the colour-blind; darkened where text stands on white.
BLUE, ORANGE, GREEN, PINK, SKY, GREY = "#0072B2", "#B85400", "#00785A", "#A8487F", "#2B7AA8", "#595959"
LINES = (BLUE, ORANGE, GREEN, PINK, GREY, SKY)
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
VERDICT_COLOUR = dict(zip(VERDICTS, (GREEN, BLUE, ORANGE, GREY), strict=True))

# In a table the darker a cell, the better, so that it can be read without colour; the sign says the verdict alone.
CELLS = dict(
    zip(
        (*VERDICTS, None),
        (
            ("\u2713", GREEN, "white"),
            ("\u2713+", "#56B4E9", "black"),
            ("?", "#FBE3BF", "black"),
            ("\u2717", "#EFEFEF", GREY),
            ("\u2013", "white", GREY),
        ),
        strict=True,
    )
)
"""For each verdict, and for what is not offered: sign, ground and ink."""

# The palette as they gave it, for areas: on them words stand in white boxes.
AREAS = ("#56B4E9", "#E69F00", "#009E73", "#F0E442", "#CC79A7", "#0072B2", "#D55E00", "#999999")
HATCHES = ("", "//", "..", "\\\\", "--", "xx", "oo", "||", "++", "**")
ISOLATES = "\u2068\u2069"
"""Signs that close off a name in running text; they are not drawn."""

BOX: Any = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}

RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "svg.fonttype": "path",
    "svg.hashsalt": "texteval",
    "text.parse_math": False,  # a dollar sign is a dollar sign
}


class Figure:
    """A picture with the words that a person who cannot see it needs.

    Parameters
    ----------
    canvas : matplotlib.figure.Figure
        The drawing.
    title : str
        The finding, in one sentence.
    alt : str
        What the picture shows, made from the data.
    source : str
        Where the numbers come from, and the day.
    """

    def __init__(self, canvas: Canvas, title: str, alt: str, source: str) -> None:
        self.canvas, self.title, self.alt, self.source = canvas, title, alt, source

    def _save(self, form: str, words: Mapping[str, str] | None = None) -> bytes:
        buffer = io.BytesIO()
        metadata = {**({"Date": None, "Creator": None} if form == "svg" else {"Software": None}), **(words or {})}
        with matplotlib.rc_context(RC):
            self.canvas.savefig(buffer, format=form, dpi=144, bbox_inches="tight", metadata=metadata)
        return buffer.getvalue()

    def svg(self) -> bytes:
        """Return the picture as SVG; the same bytes each time."""
        return self._svg

    @cached_property
    def _svg(self) -> bytes:
        """Several formats of a report show the same drawing, which takes a while."""
        return self._save("svg")

    def png(self) -> bytes:
        """Return the picture as PNG."""
        return self._save("png")

    def alone(self, form: str) -> bytes:
        """Return the picture as a file of its own, ``svg`` or ``png``: its title above, its source below."""
        with matplotlib.rc_context(RC):
            drawn = self.canvas.get_tightbbox()
            left, low = drawn.x0 / self.canvas.get_figwidth(), drawn.y0 / self.canvas.get_figheight()
            high = drawn.y1 / self.canvas.get_figheight()
            words = [
                self.canvas.text(left, high + 0.02, _label(self.title, 90, 5), weight="bold", va="bottom"),
                self.canvas.text(left, low - 0.02, textwrap.fill(self.source, 120), fontsize=7.5, color=GREY, va="top"),
            ]
        try:
            return self._save(form, {"Title": self.title, "Description": self.alt})
        finally:
            for text in words:
                text.remove()

    def img(self) -> str:
        """Return an HTML ``img`` that holds the picture as SVG, with its alt text."""
        data = base64.b64encode(self.svg()).decode()
        return f'<img alt="{html.escape(self.alt, quote=True)}" src="data:image/svg+xml;base64,{data}">'

    def _repr_html_(self) -> str:
        """Return the picture for a notebook: in 64 colours, so that the file stays small."""
        small = io.BytesIO()
        with Image.open(io.BytesIO(self.png())) as full:
            full.convert("RGB").quantize(64).save(small, "png", optimize=True)
        data = base64.b64encode(small.getvalue()).decode()
        return (
            f"<figure><p><b>{html.escape(self.title)}</b></p>"
            f'<img style="max-width:100%" alt="{html.escape(self.alt, quote=True)}" src="data:image/png;base64,{data}">'
            f"<figcaption>{html.escape(self.source)}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return f"<Figure: {self.alt}>"


def _source(comparison: Comparison) -> str:
    return f"texteval, prices and facts as of {comparison.on}, data {comparison.hash}. First-year cost, list prices."


@cache
def _font() -> FT2Font:
    return get_font(findfont(RC["font.family"]))


def _label(title: str, width: int = 30, lines: int = 3) -> str:
    """Wrap a name for a picture, shortened where it is very long, without signs that the font lacks."""
    plain = "".join(sign for sign in title if sign in ISOLATES or _font().get_char_index(ord(sign))) or "?"
    words = (word if len(word) <= width else f"{word[: width - 1]}…" for word in plain.split())
    return textwrap.fill(" ".join(words), width, max_lines=lines, placeholder="…")


def cheapest(comparison: Comparison, most: int = 5) -> list[Option]:
    """Return the options to draw: the best of each usable vendor, finished tools with a known price, in their order."""
    known = [o for o in comparison.best_of_each if o.shortlisted and o.year is not None and not o.building_block]
    return known[:most]


def cost_by_size(comparisons: Sequence[Comparison], most: int = 5) -> Figure:
    """Draw, for each practice, what the first options cost a month: the fixed part and the part that depends on use.

    Parameters
    ----------
    comparisons : sequence of Comparison
        One for each practice, up to four.
    most : int
        Options drawn for each.
    """
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 0.62 * most * len(comparisons) * 0.72 + 1.1), layout="constrained")
        panels = canvas.subplots(len(comparisons), 1, squeeze=False)[:, 0]
        words = []
        for axes, comparison in zip(panels, comparisons, strict=True):
            options = cheapest(comparison, most)
            name = isolated(_label(comparison.practice.name, 60, 1))
            people = "1 person" if comparison.practice.logins == 1 else f"{comparison.practice.logins} people"
            axes.set_title(f"{name}: {people}, {comparison.practice.sessions_per_week:,} sessions a week")
            totals = []
            for row, option in enumerate(options):
                assert option.invoice is not None and option.year is not None
                fixed = (option.invoice.part(fixed=True) or 0) / MICRO / MONTHS
                total = option.year / MICRO / MONTHS
                totals.append(total)
                axes.barh(row, fixed, color=BLUE, height=0.62)
                axes.barh(row, total - fixed, left=fixed, color=ORANGE, height=0.62, hatch="///", edgecolor="white")
            for row, option in enumerate(options):
                assert option.year is not None
                mark = "" if option.proven else " (verify first)"
                axes.annotate(
                    f"{show(option.year // MONTHS)}{mark}", (totals[row], row), xytext=(4, 0),
                    textcoords="offset points", va="center",
                )  # fmt: skip
                words.append(f"{name}, {option.title}: {show(option.year // MONTHS)} a month{mark}")
            axes.set_yticks(range(len(options)), [_label(option.title) for option in options])
            axes.invert_yaxis()
            axes.set_xlim(0, max(totals, default=1) * 1.45)
            axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
            axes.tick_params(length=0)
            if not options:
                axes.text(0.02, 0.5, "No usable plan with a known price.", transform=axes.transAxes)
        panels[-1].set_xlabel("US dollars a month, first year: solid = fixed, hatched = depends on messages")
        canvas.draw_without_rendering()
        canvas.set_layout_engine("none")  # laid out once: each time it is saved it is the same
    firsts = [cheapest(c, 1) for c in comparisons]
    cheap = "; ".join(
        f"{c.practice.name} {show(o[0].year // MONTHS)}"
        for c, o in zip(comparisons, firsts, strict=True)
        if o and o[0].year
    )
    title = f"The first choice costs a month: {cheap}" if cheap else "No usable plan has a known price"
    alt = ". ".join(["Bar chart of the monthly cost of the first options by practice", *(words or [title])]) + "."
    return Figure(canvas, title, alt, _source(comparisons[0]))


def _curves(
    costs: Mapping[str, Any], titles: Mapping[str, str], month: int, last: int, points: Sequence[Crossing] = ()
) -> Canvas:
    """Draw plans' cost a month against messages sent, each named at the end of its line."""
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 4.2))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.09, right=0.68, top=0.97, bottom=0.12)
        order = sorted(costs, key=lambda plan: int(costs[plan][last]))
        top = max((float(costs[plan][last]) for plan in order), default=0.0) / MICRO or 1.0
        names = [_label(titles[plan], 27) for plan in order]
        rooms = [top * 0.058 * (1 + name.count("\n")) for name in names]
        heights = _apart([float(costs[plan][last]) / MICRO for plan in order], rooms)
        for i, (plan, name, height) in enumerate(zip(order, names, heights, strict=True)):
            cost, colour = costs[plan][: last + 1] / MICRO, LINES[i % len(LINES)]
            axes.plot(range(last + 1), cost, color=colour, linestyle=STYLES[i % len(STYLES)], linewidth=2)
            lead: Any = {"transform": axes.get_yaxis_transform(), "clip_on": False}
            axes.plot([1, 1.02], [float(cost[-1]), height], color=colour, linewidth=0.8, **lead)
            axes.annotate(name, (last, height), xytext=(9, 0), textcoords="offset points", color=colour, va="center")
        ceiling = max([top, *(height + room / 2 for height, room in zip(heights, rooms, strict=True))]) * 1.12
        axes.axvline(month, ymax=0.93, color=GREY, linewidth=1, linestyle=":")
        axes.annotate(f"this practice: {month:,}", (month, ceiling * 0.96), ha="center", color=GREY, fontsize=8.5)
        axes.set_xlim(0, last)
        axes.set_ylim(0, ceiling)
        _mark_crossings(axes, costs, points, month, last)
        dots = "\n(dots: a flat plan and one paid by the message change places)" if points and len(costs) > 2 else ""
        axes.set_xlabel(f"Messages sent a month{dots}")
        axes.set_ylabel("US dollars a month")
        axes.yaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return canvas


def _mark_crossings(axes: Any, costs: Mapping[str, Any], points: Sequence[Crossing], month: int, last: int) -> None:
    """Mark where plans change places, with the numbers of messages side by side above, each led to its marks.

    Of more numbers than have room those nearest to the practice's own volume are written.
    """
    ceiling = axes.get_ylim()[1]
    spots: dict[int, set[tuple[float, float]]] = {}
    for at in points:
        spot = (float(at.per_month), float(costs[at.cheaper_after][at.first_whole]) / MICRO)
        spots.setdefault(at.first_whole, set()).add(spot)
    for x, y in sorted({spot for those in spots.values() for spot in those}):
        axes.plot(x, y, "o", color="black", markersize=5)
    words = {many: f"{many:,}" + (" messages" if len(spots) == 1 else "") for many in spots}
    rooms = {many: last * (0.1 + 0.072 * len(text)) / 4.48 for many, text in words.items()}  # inches of 4.48
    nearest = sorted(spots, key=lambda many: (abs(many - month), many))
    written = sorted(many for i, many in enumerate(nearest) if sum(rooms[m] for m in nearest[: i + 1]) <= last)
    places = _apart(written, [rooms[many] for many in written], last)
    for many, place in zip(written, places, strict=True):
        for x, y in sorted(spots[many]):
            axes.plot([x, x, place], [y, ceiling * 0.855, ceiling * 0.885], color="black", linewidth=0.5)
        axes.annotate(words[many], (place, ceiling * 0.89), ha="center", va="bottom", fontsize=8.5, bbox=BOX)


def _apart(places: Sequence[float], rooms: Sequence[float], most: float = float("inf")) -> list[float]:
    """Move labels apart, each as little as its neighbours allow: those that touch stand around their common middle.

    Parameters
    ----------
    places : sequence of float
        Where the middle of each label would best be, from the lowest.
    rooms : sequence of float
        How long each label is.
    most : float
        Where the last one must end, at the latest; the first one begins at zero or later. They fit in between.
    """
    groups: list[tuple[float, list[float]]] = []  # where each group begins, and the rooms of its labels
    for place, room in zip(places, rooms, strict=True):
        low, inside = place - room / 2, [room]
        while groups and groups[-1][0] + sum(groups[-1][1]) > low:
            under, below = groups.pop()
            low = (under * len(below) + (low - sum(below)) * len(inside)) / (len(below) + len(inside))
            inside = below + inside
        groups.append((low, inside))
    starts = [low + sum(inside[:i]) for low, inside in groups for i in range(len(inside))]
    for i, start in enumerate(starts):
        starts[i] = max(start, starts[i - 1] + rooms[i - 1] if i else 0)
    for i in reversed(range(len(starts))):
        starts[i] = min(starts[i], (starts[i + 1] if i + 1 < len(starts) else most) - rooms[i])
    return [start + room / 2 for start, room in zip(starts, rooms, strict=True)]


def _running(comparison: Comparison) -> str:
    return _source(comparison).replace("First-year cost", "Running cost, one-time charges left out")


def break_even(comparison: Comparison, found: BreakEven, titles: Mapping[str, str]) -> Figure:
    """Draw what two plans cost against the messages sent a month, with the points at which they change places.

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    found : BreakEven
        The two plans' costs and crossings.
    titles : mapping of str to str
        What a person calls each plan.
    """
    titles = {plan: isolated(title) for plan, title in titles.items()}
    last = max(100, 2 * max([found.month, *(at.first_whole for at in found.at)]))
    last = min(last, len(found.cost_a) - 1)
    points = [at for at in found.at if at.first_whole <= last]
    costs = {found.a: found.cost_a, found.b: found.cost_b}
    title = _finding(found, titles, last, points)
    here = " against ".join(show(int(cost[found.month])) for cost in costs.values())
    alt = (
        f"Line chart of the monthly cost of {titles[found.a]} and {titles[found.b]} for 0 to {last:,} messages sent a "
        f"month. {title}. At the {found.month:,} messages of this practice: {here}."
    )
    return Figure(_curves(costs, titles, found.month, last, points), title, alt, _running(comparison))


def _finding(found: BreakEven, titles: Mapping[str, str], last: int, points: Sequence[Crossing]) -> str:
    """Say what a picture of two plans shows, and no more than their published prices bear out."""
    gap = (found.cost_a - found.cost_b)[: last + 1]
    lower, higher = (found.a, found.b) if gap.sum() < 0 else (found.b, found.a)
    cheapest_everywhere = f"{titles[lower]} is the cheaper one at every volume drawn"
    in_part = [plan for plan, lines in found.left_out.items() if lines]
    if in_part == [higher] and not points:
        return cheapest_everywhere
    if in_part:
        unknown = " and ".join(titles[plan] for plan in in_part)
        return f"Which one is cheaper hinges on what {unknown} does not publish; drawn is the published part"
    if len(points) > 1:
        return f"{titles[found.a]} and {titles[found.b]} change places {len(points)} times"
    if points:
        before, after = titles[points[0].cheaper_before], titles[points[0].cheaper_after]
        return f"{before} is cheaper up to {points[0].first_whole - 1:,} messages a month, then {after}"
    if not gap.any():
        return "The two cost the same at every volume drawn"
    return cheapest_everywhere


def cost_curves(comparison: Comparison, costs: Mapping[str, Any], titles: Mapping[str, str]) -> Figure:
    """Draw what several plans cost against the messages sent a month, with the break-even points between them.

    Points are marked where a per-message plan changes places with a flat one (:func:`texteval.decide.break_evens`).

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    costs : mapping of str to numpy.ndarray
        For each plan micro-dollars a month for 0, 1, 2, … messages.
    titles : mapping of str to str
        What a person calls each plan.
    """
    month = int(half_up(sent_per_year(comparison.practice), MONTHS))
    last = min([max(month * 2, 200), *(len(cost) - 1 for cost in costs.values())])
    titles = {plan: isolated(title) for plan, title in titles.items()}
    order = sorted(costs, key=lambda plan: int(costs[plan][month]))
    title = "No usable plan has a known price"
    if order:
        least = show(int(costs[order[0]][month]))
        mark = "" if comparison.option(order[0]).proven else " (verify first)"
        title = f"At {month:,} messages a month {titles[order[0]]}{mark} costs least of the plans drawn, {least}"
    words = "; ".join(
        f"{titles[plan]} {show(int(costs[plan][0]))} at none, {show(int(costs[plan][month]))} at {month:,}, "
        f"{show(int(costs[plan][last]))} at {last:,}"
        for plan in order
    )
    even = [(a, b, at) for a, b, at in break_evens(costs) if at.first_whole <= last]
    marks = "; ".join(f"{titles[a]} and {titles[b]} at {at.first_whole:,}" for a, b, at in even)
    alt = f"Line chart of monthly cost against messages sent a month, 0 to {last:,}. {words or title}."
    if marks:
        alt += f" Break-even: {marks}."
    points = [at for _, _, at in even]
    return Figure(_curves(costs, titles, month, last, points), title, alt, _running(comparison))


def cost_bands(found: Forecast, most: int = 8) -> Figure:
    """Draw what plans cost in simulated futures: the mean, and the band of nine futures in ten.

    Parameters
    ----------
    found : Forecast
        The simulation.
    most : int
        How many plans, those that cost least on average.
    """
    bills = found.bills
    rows = _cheapest_rows(found, most)
    height = 0.9 + 0.52 * len(rows)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, height))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.33, right=0.93, top=0.98, bottom=0.6 / height + 0.02)
        words = _bands(axes, found, rows, 9.5)
        axes.set_xlabel(_BANDS.format(count(bills.months, "month")))
    best = found.cheapest
    chances, _ = bills.chance_cheapest()
    title = f"{best.title} is the cheapest in {percent(float(chances[bills.row(best.plan)]))} of the futures"
    alt = (
        f"Bands of the cost over {count(bills.months, 'month')} in {bills.draws:,} simulated futures, in US dollars, "
        f"mean and 5 to 95 percent: {words}."
    )
    return Figure(canvas, title, alt, _simulated(found))


_BANDS = "US dollars over {}: mean, and nine futures in ten\n(dot: proven, diamond: verify first)"


def _simulated(found: Forecast) -> str:
    return _source(found.comparison).replace("First-year cost, list prices.", f"List prices; seed {found.bills.seed}.")


def _cheapest_rows(found: Forecast, most: int) -> list[int]:
    """Return the rows of the plans that cost least on average, with the cheapest proven one among them."""
    rows: list[int] = found.bills.cost.mean(axis=1).argsort(kind="stable").tolist()
    proven = [row for row in rows if found.options[row].proven]
    return rows[:most] if not proven or proven[0] in rows[:most] else [*rows[: most - 1], proven[0]]


def _bands(axes: Any, found: Forecast, rows: Sequence[int], points: float) -> str:
    """Draw the mean and the band of nine futures in ten, a plan in each row; return the same in words."""
    cost, said = found.bills.cost[rows] / MICRO, []
    means, bands = cost.mean(axis=1), np.quantile(cost, [0.05, 0.95], axis=1)
    for place, (row, mean, low, high) in enumerate(zip(rows, means, *bands, strict=True)):
        option = found.options[row]
        colour = VERDICT_COLOUR[option.verdict]
        axes.plot([low, high], [place, place], color=colour, linewidth=7, alpha=0.45, solid_capstyle="butt")
        axes.plot(mean, place, "o" if option.proven else "D", color=colour, markersize=6, clip_on=False, zorder=3)
        axes.annotate(f"${mean:,.0f}", (max(high, mean), place), xytext=(7, 0), textcoords="offset points", va="center")
        name = _label(option.title, round(290 / points), 2)
        axes.annotate(
            name, (0, place), xycoords=("axes fraction", "data"), xytext=(-8, 0), textcoords="offset points",
            ha="right", va="center", color=colour, linespacing=1.1, fontsize=points,
        )  # fmt: skip
        said.append(f"{option.title} ({option.verdict}) {mean:,.0f}, {low:,.0f} to {high:,.0f}")
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(0, (float(bands.max()) or 1.0) * 1.1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
    return "; ".join(said)


def cost_bands_by_size(forecasts: Sequence[Forecast], most: int = 4) -> Figure:
    """Draw for practices of several sizes what plans cost in simulated futures, each on its own scale of money.

    Parameters
    ----------
    forecasts : sequence of Forecast
        One for each practice, the smallest first, all over the same months.
    most : int
        How many plans of each, those that cost least on average.
    """
    chosen = [_cheapest_rows(found, most) for found in forecasts]
    over = count(forecasts[0].bills.months, "month")
    title = f"Of the plans drawn the cheapest costs over {over} on average: {_by_size(forecasts)}"
    with matplotlib.rc_context(RC):
        whole = 0.33 + sum(0.33 * len(rows) + 0.62 for rows in chosen)
        canvas = Canvas(figsize=(7.6, whole))
        low, said = whole, []
        for found, rows in zip(forecasts, chosen, strict=True):
            low -= 0.33 * len(rows) + 0.62
            axes = canvas.add_axes((0.35, (low + 0.32) / whole, 0.57, 0.33 * len(rows) / whole))
            practice = found.comparison.practice
            people = f"{count(practice.clinicians, 'clinician')}, {practice.sessions_per_week:,} sessions a week"
            axes.set_title(f"{isolated(_label(practice.name, 34, 1))}: {people}")
            said.append(f"{isolated(practice.name)}: {_bands(axes, found, rows, 8.5)}")
        axes.set_xlabel(_BANDS.format(over))
    alt = (
        f"Bands of the cost over {over} by size of practice, in {forecasts[0].bills.draws:,} simulated futures of "
        f"each, in US dollars, mean and 5 to 95 percent. {'. '.join(said)}."
    )
    return Figure(canvas, title, alt, _simulated(forecasts[0]))


def _by_size(forecasts: Sequence[Forecast]) -> str:
    """Say for each practice what the plan costs that costs least on average."""
    marked = not all(not found.cheapest.proven for found in forecasts)
    said = [
        f"{isolated(found.comparison.practice.name)} ${found.bills.cost.mean(axis=1).min() / MICRO:,.0f}"
        + (" (verify first)" if marked and not found.cheapest.proven else "")
        for found in forecasts
    ]
    return "; ".join(said) + ("" if marked else "; each to be verified first")


def verdict_matrix(
    comparison: Comparison, rows: Sequence[tuple[str, Mapping[str, str | None]]], most: int = 20
) -> Figure:
    """Draw the verdicts of tools, a row for each and a column for each use.

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    rows : sequence of (str, mapping of str to str or None)
        For each tool what a person calls it, and under each heading, the same for all, its verdict; None where the
        tool does not offer it. The best first.
    most : int
        How many tools to draw, from the first.
    """
    headings = list(rows[0][1]) if rows else []
    drawn = rows[:most]
    high, wide, left = 0.36, 1.05, 3.3
    with matplotlib.rc_context({**RC, "axes.spines.left": False, "axes.spines.bottom": False}):
        whole = high * len(drawn) + 0.9
        canvas = Canvas(figsize=(7.6, whole))
        axes = canvas.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, 7.6)
        axes.set_ylim(whole, 0)
        axes.set_axis_off()
        x = 0.0
        for verdict, look in CELLS.items():
            _cell(axes, (x, 0.05), (0.34, 0.26), look, 11)
            text = axes.text(x + 0.4, 0.18, verdict or "not offered", va="center", fontsize=9.5)
            x = text.get_window_extent().x1 / canvas.dpi + 0.22
        for column, heading in enumerate(headings):
            middle = left + wide * (column + 0.5)
            axes.text(middle, 0.82, _label(heading, 11, 2), ha="center", va="bottom", weight="bold", linespacing=1)
        for row, (name, cells) in enumerate(drawn):
            top = 0.9 + high * row
            for size, width, lines in ((10.5, 60, 1), (8.5, 40, 2)):
                text = axes.text(left - 0.1, top + high / 2, _label(name, width, lines), fontsize=size, linespacing=1.1)
                text.set(ha="right", va="center")
                if size > 9 and text.get_window_extent().width > (left - 0.15) * canvas.dpi:
                    text.remove()  # too long for one line: smaller, in two
                else:
                    break
            for column, heading in enumerate(headings):
                _cell(axes, (left + wide * column, top), (wide, high), CELLS[cells[heading]], 14)
    many = {heading: Counter(cells[heading] for _, cells in rows) for heading in headings}
    title = _matrix_finding(len(rows), {h: sum(many[h][verdict] for verdict in PROVEN) for h in headings})
    counted = "; ".join(
        f"{heading}: " + ", ".join(f"{many[heading][v]} {v or 'not offered'}" for v in CELLS if many[heading][v])
        for heading in headings
    )
    listed = "; ".join(
        f"{isolated(name)}: " + ", ".join(f"{heading} {cells[heading] or 'not offered'}" for heading in headings)
        for name, cells in drawn
    )
    shown = f"The first {len(drawn)} of {len(rows)}" if len(drawn) < len(rows) else "Row by row"
    alt = f"Table of the verdicts of {count(len(rows), 'tool')}. {title}. {counted}. {shown}: {listed}."
    source = _source(comparison).replace(
        "First-year cost, list prices.", f"{shown}, best first." if len(drawn) < len(rows) else "Best first."
    )
    return Figure(canvas, title, alt if rows else f"{title}.", source)


def _cell(
    axes: Any, corner: tuple[float, float], size: tuple[float, float], look: tuple[str, str, str], points: float
) -> None:
    """Draw one cell of a table, with its sign."""
    from matplotlib.patches import Rectangle

    sign, ground, ink = look
    axes.add_patch(Rectangle(corner, *size, facecolor=ground, edgecolor="#BFBFBF", linewidth=0.8))
    axes.text(
        corner[0] + size[0] / 2, corner[1] + size[1] / 2, sign, color=ink, fontsize=points, weight="bold", ha="center",
        va="center_baseline",
    )  # fmt: skip


def _matrix_finding(tools: int, proven: Mapping[str, int]) -> str:
    """Say how many tools are proven for each use."""
    if not any(proven.values()):
        return f"None of {count(tools, 'tool')} is proven for any use" if tools else "No tool sends messages"
    said = []
    for place, (heading, many) in enumerate(proven.items()):
        verb = "" if place else " are proven" if many > 1 else " is proven"
        what = heading if heading[:2].isupper() else heading[0].lower() + heading[1:]
        said.append(f"{many or 'none'}{verb} for {what}")
    return f"Of {count(tools, 'tool')} " + " and ".join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


_DATE_SIGNS = {"stated": "\u25cf", "first_seen": "\u25cb"}
"""Marks of a price's first day: stated by the vendor, or first seen then."""


def price_history(catalog: Catalog, on: date, most: int = 12) -> Figure:
    """Draw the list prices that have changed: a step line for each, its prices and their days beside it.

    Parameters
    ----------
    catalog : Catalog
        The dated price lists.
    on : datetime.date
        The day up to which to look.
    most : int
        How many prices, those that changed last.
    """
    found = price_histories(catalog, on)
    drawn = found[:most]
    days = {step.since: first_day(step.since).toordinal() for history in drawn for step in history.steps}
    first, last = min(days.values(), default=on.toordinal() - 365), on.toordinal() + 1
    lanes = max(len(drawn), 1)
    whole = 0.5 * lanes + 0.75
    with matplotlib.rc_context({**RC, "axes.spines.left": False}):
        canvas = Canvas(figsize=(7.6, whole))
        axes = canvas.add_axes((0.36, 0.62 / whole, 0.225, 0.5 * lanes / whole))
        axes.set_xlim(first, last)
        axes.set_ylim(lanes, 0)
        axes.set_yticks([])
        for row, history in enumerate(drawn):
            _steps(axes, row, history, days, last)
            _tell_steps(axes, row, history, _whose(catalog, history))
        years = {date(year, 1, 1).toordinal(): f"{year}" for year in range(date.fromordinal(first).year, on.year + 1)}
        marks = [day for day in years if day >= first]
        marks = marks[:: -(-len(marks) // 5)] if len(marks) > 1 else []
        ends = {first: date.fromordinal(first).isoformat(), last: on.isoformat()}
        axes.set_xticks(marks or list(ends), [(years if marks else ends)[day] for day in marks or ends], fontsize=8.5)
        some = f", the {len(drawn)} that changed last of {len(found)}" if len(drawn) < len(found) else ""
        key = (
            f"Each strip from $0 up{some}; to its right the prices in US dollars.\n"
            f"{_DATE_SIGNS['stated']} from the day that the vendor names   "
            f"{_DATE_SIGNS['first_seen']} from the day on which it was first seen"
        )
        if drawn:
            canvas.text(0.36, 0.05 / whole, key, fontsize=8.5)
        else:
            axes.set_axis_off()
            axes.text(0, 0.5, "No price list differs from the one before it.", transform=axes.transAxes, va="center")
    title = _price_finding(found, on)
    told = "; ".join(
        f"{isolated(_whose(catalog, history))}, {_line_words(history)}: "
        + ", then ".join(
            f"{_price_words(step)} from {step.since} ({'stated' if step.date_is == 'stated' else 'first seen'})"
            for step in history.steps
        )
        for history in drawn
    )
    alt = f"Step lines of the list prices that have changed. {title}." + (f" {told}." if told else "")
    return Figure(canvas, title, alt, f"texteval, prices as of {on}, data {catalog.hash}. List prices.")


def _steps(axes: Any, row: int, history: PriceHistory, days: Mapping[str, int], last: int) -> None:
    """Draw one price over time, from nothing at the foot of its strip to its highest at the top."""
    top = max(step.high or 0 for step in history.steps) or 1
    ends = [*(days[step.since] for step in history.steps[1:]), last]
    axes.axhline(row + 0.9, color="#BFBFBF", linewidth=0.8)
    before: float | None = None
    for step, end in zip(history.steps, ends, strict=True):
        start = days[step.since]
        if step.low is None or step.high is None:
            axes.plot(start, before, "x", color="black", markersize=6, markeredgewidth=1.6, clip_on=False)
            before = None
            continue
        low, high = (row + 0.9 - 0.72 * price / top for price in (step.low, step.high))
        axes.fill_between([start, end], low, high, color=BLUE, alpha=0.35, linewidth=0)
        axes.plot([start, end], [high, high], color=BLUE, linewidth=2, solid_capstyle="butt")
        if before is not None:
            axes.plot([start, start], [before, high], color=BLUE, linewidth=1)
        fill = BLUE if step.date_is == "stated" else "white"
        axes.plot(start, high, "o", color=BLUE, markerfacecolor=fill, markersize=5.5, clip_on=False, zorder=4)
        before = high


def _tell_steps(axes: Any, row: int, history: PriceHistory, whose: str) -> None:
    """Write whose price it is at the left of its strip, and its prices with their days at the right."""
    beside: Any = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    right: Any = {"ha": "right", "annotation_clip": False, **beside}
    axes.annotate(_label(whose, 36, 1), (-0.07, row + 0.5), xytext=(0, 1.5), va="bottom", fontsize=9, **right)
    line = _label(_line_words(history), 44, 1)
    axes.annotate(line, (-0.07, row + 0.5), xytext=(0, -1.5), va="top", fontsize=7.5, color=GREY, **right)
    steps = history.steps if len(history.steps) <= 3 else (history.steps[0], *history.steps[-2:])
    for place, step in enumerate(steps):
        spot = (1.09 + 0.61 * place, row + 0.5)
        if place:
            arrow = "\u2192" if place > 1 or steps == history.steps else "\u2026"
            axes.annotate(arrow, spot, xytext=(-4, 1.5), va="bottom", fontsize=9, **right)
        price = _price_words(step).replace(" to ", "\u2013")
        axes.annotate(price, spot, xytext=(0, 1.5), va="bottom", fontsize=9, annotation_clip=False, **beside)
        day = f"{_DATE_SIGNS[step.date_is]} {step.since}"
        axes.annotate(day, spot, xytext=(0, -1.5), va="top", fontsize=7.5, color=GREY, annotation_clip=False, **beside)


def _whose(catalog: Catalog, history: PriceHistory) -> str:
    """Name the plan, the plans or the schedule that a price belongs to."""
    origin = history.origins[0]
    if origin in catalog.file.schedules:
        return catalog.file.schedules[origin].name
    if len(history.origins) == 1:
        return catalog.title(origin)
    return f"{catalog.vendor(origin.partition('/')[0]).name}, {len(history.origins)} plans"


def _line_words(history: PriceHistory) -> str:
    """Say what a price is for: the line, and what it is due for how often."""
    charge = history.charge
    assert not isinstance(charge, Group)
    often = CADENCES[charge.cadence].format(charge.months)
    rate: Any = getattr(charge, "then", charge)
    if isinstance(rate, MixRate):
        return f"{history.line}, averaged"
    if charge.meter == ["account"]:
        return f"{history.line}, {often}"
    return f"{history.line}, each {often}" if charge.meter[0] in SEATS else f"{history.line}, each"


def _price_words(step: PriceStep) -> str:
    if step.low is None:
        return "unpublished"
    return show(step.low, unit=True) + (f" to {show(step.high, unit=True)}" if step.high != step.low else "")


def _price_finding(found: Sequence[PriceHistory], on: date) -> str:
    """Say how many list prices changed, and which way."""
    if not found:
        return f"No list price is known to have changed by {on}"
    ways = Counter(history.way for history in found)
    since = min(first_day(history.steps[1].since) for history in found).year
    said = [f"{ways['up'] or 'none'} rose", f"{ways['down'] or 'none'} fell"]
    if ways["both ways"]:
        said.append(f"{ways['both ways']} moved both ways")
    if ways["unpublished"]:
        said.append(f"{ways['unpublished']} {'is' if ways['unpublished'] == 1 else 'are'} no longer published")
    return f"{count(len(found), 'list price')} changed since {since}: {', '.join(said)}"


def tornado(found: Forecast, moved: Drivers, most: int = 8) -> Figure:
    """Draw how far each assumption moves the bill of a plan, the others at their likely values.

    Parameters
    ----------
    found : Forecast
        The simulation that the plan is part of.
    moved : Drivers
        What moves its bill.
    most : int
        How many assumptions, those that move it most.
    """
    title_of, parameters = found.comparison.option(moved.plan).title, found.parameters
    swings = [swing for swing in moved.swings if swing.width][:most]
    middle = moved.likely / MICRO
    with matplotlib.rc_context(RC):
        height = 0.9 + 0.5 * max(len(swings), 1)
        canvas = Canvas(figsize=(7.6, height))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.40, right=0.94, top=0.98, bottom=0.6 / height + 0.02)
        for place, swing in enumerate(swings):
            parameter = parameters[swing.parameter]
            ends = ((swing.at_low / MICRO, parameter.low, SKY), (swing.at_high / MICRO, parameter.high, ORANGE))
            for end, value, colour in ends:
                hatch = "//" if colour == ORANGE else ""
                axes.barh(place, end - middle, 0.5, middle, color=colour, hatch=hatch, edgecolor="white", linewidth=0)
                if end != middle:
                    axes.annotate(
                        f"{value:g}", (end, place), xytext=(4 if end > middle else -4, 0), textcoords="offset points",
                        ha="left" if end > middle else "right", va="center", fontsize=8.5,
                    )  # fmt: skip
            axes.annotate(
                _label(parameter.title, 40, 2), (0, place), xycoords=("axes fraction", "data"), xytext=(-26, 0),
                textcoords="offset points", ha="right", va="center", fontsize=8.5, linespacing=1.1,
            )  # fmt: skip
        axes.axvline(middle, color="black", linewidth=1)
        axes.set_ylim(max(len(swings), 1) - 0.5, -0.5)
        axes.margins(x=0.14)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        over = f"{moved.months} months" if moved.months > 1 else "1 month"
        axes.set_xlabel(f"US dollars over {over}; the numbers are\nthe assumption's low (plain) and high (hatched)")
        axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
    words = "; ".join(
        f"{parameters[swing.parameter].title}: {show(swing.at_low)} at {parameters[swing.parameter].low:g}, "
        f"{show(swing.at_high)} at {parameters[swing.parameter].high:g}"
        for swing in swings
    )
    title = f"No assumption moves the bill of {title_of}"
    if swings:
        what = parameters[swings[0].parameter].title
        title = f"What moves the bill of {title_of} most: {what[0].lower()}{what[1:]}"
    alt = f"Bars of what each assumption does to {show(moved.likely)} over {over}. {words or title}."
    source = _source(found.comparison).replace("First-year cost, list prices.", "List prices.")
    return Figure(canvas, title, alt, source)


def break_even_curve(comparison: Comparison, curve: BreakEvenCurve, titles: Mapping[str, str]) -> Figure:
    """Draw the volumes at which two plans change places against the replies to a message, a line for each length.

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    curve : BreakEvenCurve
        The crossings of every mix.
    titles : mapping of str to str
        What a person calls each plan.
    """
    lines: dict[tuple[tuple[float, ...], ...], list[int]] = {}
    for length in dict.fromkeys(mix.segments for mix in curve.mixes):
        marks = tuple(tuple(float(at.per_month) for at in mix.at) for mix in curve.mixes if mix.segments == length)
        lines.setdefault(marks, []).append(length)
    replies = [float(reply) for reply in dict.fromkeys(mix.replies for mix in curve.mixes)]
    names = {marks: f"{' or '.join(map(str, of))} segment{'' if of == [1] else 's'}" for marks, of in lines.items()}
    ends = {marks: max(k for k, here in enumerate(marks) if here) for marks in lines if any(marks)}
    drawn = sorted(ends, key=lambda marks: marks[ends[marks]][0])
    top = max((mark for marks in lines for here in marks for mark in here), default=0.0) or 1.0
    own, month = float(curve.replies), curve.found.month
    title = _curve_finding(curve, titles)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 4.4))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.11, right=0.85, top=0.97, bottom=0.2)
        ceiling = max(top, month if month <= 2 * top else 0) * 1.15
        above: dict[int, float] = {}
        for i, marks in enumerate(drawn):
            colour, style = LINES[i % len(LINES)], STYLES[i % len(STYLES)]
            for place in range(max(map(len, marks))):
                heights = [here[place] if place < len(here) else float("nan") for here in marks]
                look: Any = {"color": colour, "linestyle": style, "linewidth": 2, "marker": "o", "markersize": 3}
                axes.plot(replies, heights, clip_on=False, **look)
            end = ends[marks]
            above[end] = max(marks[end][0], above.get(end, -ceiling) + ceiling * 0.05)
            axes.annotate(
                names[marks], (replies[end], above[end]), xytext=(8, 0), textcoords="offset points",
                color=colour, va="center",
            )  # fmt: skip
        if not drawn:
            axes.text(0.5, 0.5, textwrap.fill(f"{title}.", 60), transform=axes.transAxes, ha="center")
        high = min(month, ceiling * 0.93)
        if own <= replies[-1]:
            axes.plot(own, high, "^" if month > high else "D", color="black", markersize=6)
            axes.annotate(
                f"this practice: {month:,}{', further up' if month > high else ''}", (own, high), xytext=(8, 0),
                textcoords="offset points", va="center", fontsize=8.5, bbox=BOX,
            )  # fmt: skip
        axes.set_xlim(0, replies[-1])
        axes.set_ylim(0, ceiling)
        axes.set_xticks(replies[::2], [f"{reply:g}" for reply in replies[::2]])
        axes.set_xlabel("\n".join(["Replies for each message sent", *_sides(curve, titles)]))
        axes.set_ylabel("Messages sent a month")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    a, b = titles[curve.found.a], titles[curve.found.b]
    words = "; ".join(
        f"{names[marks]}: {_marks(marks[0])} at no reply, {_marks(marks[-1])} at {replies[-1]:g}" for marks in lines
    )
    alt = (
        f"Line chart of the messages sent a month at which {a} and {b} change places, for 0 to {replies[-1]:g} replies "
        f"for each message sent. {title}. {words}. This practice: {own:.2g} replies, {month:,} messages a month."
    )
    return Figure(canvas, title, alt, _running(comparison))


def _sides(curve: BreakEvenCurve, titles: Mapping[str, str]) -> list[str]:
    """Say which plan is cheaper on which side of the lines, where it is so for all of them."""
    ways = {(mix.at[0].cheaper_before, mix.at[0].cheaper_after) for mix in curve.mixes if mix.at}
    if len(ways) != 1 or any(len(mix.at) > 1 for mix in curve.mixes) or any(curve.found.left_out.values()):
        return []
    ((before, after),) = ways
    return [f"(below a line {_label(titles[before], 40, 1)} is cheaper,", f"above it {_label(titles[after], 40, 1)})"]


def _marks(marks: Sequence[float]) -> str:
    return " and ".join(f"{mark:,.0f}" for mark in marks) or "nowhere"


def _curve_finding(curve: BreakEvenCurve, titles: Mapping[str, str]) -> str:
    """Say what a picture of many mixes shows, and no more than the published prices bear out."""
    found, mixes = curve.found, curve.mixes
    a, b = titles[found.a], titles[found.b]
    unknown = " and ".join(titles[plan] for plan, lines in found.left_out.items() if lines)
    if unknown:
        return f"Which one is cheaper hinges on what {unknown} does not publish; drawn is the published part"
    firsts = [at.first_whole for mix in mixes for at in mix.at]
    if not firsts:
        lower = {mix.lower for mix in mixes}
        if len(lower) > 1:
            return f"Which of {a} and {b} is cheaper hinges on the mix of messages, not on their number"
        (plan,) = lower
        return f"{titles[plan]} is nowhere dearer" if plan else "The two cost the same, whatever the mix and the volume"
    low, high = min(firsts), max(firsts)
    between = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    some = [mix for mix in mixes if mix.at]
    if len(some) < len(mixes):
        return f"{a} and {b} change places for {len(some)} of {len(mixes)} mixes, at {between} messages a month"
    if low == high:
        return f"{a} and {b} change places at {between} messages a month, whatever the mix"
    return f"{a} and {b} change places at {between} messages a month, by replies and length of text"


def landscape(found: Landscape) -> Figure:
    """Draw the map of the cheapest plan over clinicians and messages, each region with the plan's name.

    Parameters
    ----------
    found : Landscape
        The map.
    """
    from matplotlib.collections import LineCollection
    from matplotlib.patches import PathPatch
    from scipy.ndimage import label as regions

    rows, columns = found.first.shape
    row, column = found.here
    mixed = len({found.sure(plan) for plan in found.winners}) > 1
    names = {
        plan: found.titles[plan] + (" (verify first)" if mixed and not found.sure(plan) else "")
        for plan in found.winners
    }
    with matplotlib.rc_context({**RC, "axes.spines.left": False, "axes.spines.bottom": False}):
        canvas = Canvas(figsize=(7.6, 5.4))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.075, right=0.995, top=0.99, bottom=0.085)
        axes.set_xlim(0, columns)
        axes.set_ylim(0, rows)
        for i, cells in enumerate(found.winners.values()):
            look = {"facecolor": AREAS[i % len(AREAS)], "hatch": HATCHES[i % len(HATCHES)], "edgecolor": "#00000055"}
            axes.add_patch(PathPatch(_area(cells), linewidth=0, hatch_linewidth=0.5, **look))
        axes.add_collection(LineCollection(_borders(found.first), colors="black", linewidths=0.8))
        axes.plot(column + 0.5, row + 0.5, "o", color="black", markeredgecolor="white", markersize=8, zorder=5)
        side = 1 if column < columns * 0.7 else -1
        here = axes.annotate(
            "this practice", (column + 0.5, row + 0.5), xytext=(7 * side, 0), textcoords="offset points", va="center",
            ha="left" if side > 0 else "right", weight="bold", fontsize=8.5, bbox=BOX, zorder=5,
        )  # fmt: skip
        free = np.ones((rows, columns), np.bool_)
        extent = axes.transData.inverted().transform(here.get_window_extent())
        (left, low), (right, high) = np.floor(extent[0]).astype(int), np.ceil(extent[1]).astype(int)
        free[max(low, 0) : high, max(min(left, column), 0) : max(right, column + 1)] = False
        key = []
        for plan, cells in found.winners.items():
            parts, many = regions(cells)
            sign = found.signs[plan]
            named = [_name_region(axes, names[plan], sign, (parts == part) & free) for part in range(1, many + 1)]
            if not all(named):
                key.append(f"{sign}: {names[plan]}")
        steps = range(0, columns, 4)
        axes.set_xticks([step + 0.5 for step in steps], [f"{found.messages[step]:,}" for step in steps])
        axes.set_yticks([step + 0.5 for step in range(rows)], [f"{many:,}" for many in found.clinicians])
        axes.tick_params(length=0, labelsize=8)
        axes.set_xlabel("Messages sent a week (steps widen to the right)", fontsize=9)
        axes.set_ylabel("Clinicians", fontsize=9)
        notes = ["; ".join(key)] if key else []
        if found.winners and not mixed and not found.sure(next(iter(found.winners))):
            notes.append("All of these are to be verified first: ask before you pay.")
        if (found.first < 0).any():
            notes.append("White: no usable plan with a known price.")
        words = "\n".join(line for note in notes for line in textwrap.wrap(note, 115))
        canvas.text(0.075, -0.005, words, fontsize=8, va="top", linespacing=1.3)
    title = _map_finding(found)
    alt = (
        f"Map of the plan that costs least in the first year, for {found.clinicians[0]:,} to {found.clinicians[-1]:,} "
        f"clinicians and {found.messages[0]:,} to {found.messages[-1]:,} messages sent a week. {title}. "
        + "; ".join(f"{_with_mark(found, plan)}: {_spread(found, cells)}" for plan, cells in found.winners.items())
    )
    source = f"texteval, prices and facts as of {found.on}, data {found.hash}. First-year cost, list prices."
    return Figure(canvas, title, f"{alt.rstrip('. ')}.", source)


def _with_mark(found: Landscape, plan: str) -> str:
    return found.titles[plan] + ("" if found.sure(plan) else " (verify first)")


def _map_finding(found: Landscape) -> str:
    """Say what the map shows of the practice itself."""
    row, column = found.here
    place = found.first[row, column]
    if place < 0:
        return "No usable plan has a known price for this practice"
    mark = "" if found.proven[row, column] else " (verify first)"
    return (
        f"For {count(found.own[0], 'clinician')} and {found.own[1]:,} messages a week "
        f"{found.titles[found.plans[place]]}{mark} costs least: {show(int(found.year[row, column]))} in the first year"
    )


def _spread(found: Landscape, cells: Any) -> str:
    """Say where on the map a region lies."""
    clinicians = [many for many, line in zip(found.clinicians, cells, strict=True) if line.any()]
    messages = [many for many, line in zip(found.messages, cells.T, strict=True) if line.any()]
    within = " and ".join(
        f"{what} {many[0]:,}" + (f" to {many[-1]:,}" if len(many) > 1 else "")
        for what, many in (("clinicians", clinicians), ("messages", messages))
    )
    return f"{percent(float(cells.mean()))} of the map, within {within}"


def _area(cells: Any) -> Path:
    """Return the outline of cells: a rectangle for each run of them in a row."""
    boxes = []
    for row, line in enumerate(cells):
        ends = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
        for left, right in ends.reshape(-1, 2):
            boxes.append([(left, row), (right, row), (right, row + 1), (left, row + 1), (left, row)])
    return Path.make_compound_path(*(Path(box, closed=True) for box in boxes))


def _borders(first: Any) -> list[list[tuple[int, int]]]:
    """List the lines between cells of different plans."""
    beside = [[(x + 1, y), (x + 1, y + 1)] for y, x in np.argwhere(first[:, 1:] != first[:, :-1]).tolist()]
    above = [[(x, y + 1), (x + 1, y + 1)] for y, x in np.argwhere(first[1:] != first[:-1]).tolist()]
    return beside + above


def _name_region(axes: Any, name: str, sign: str, region: Any) -> bool:
    """Write a plan's name into its region, else its letter; tell whether the name had room."""
    if not region.any():
        return False
    middle = np.argwhere(region).mean(axis=0) + 0.5
    whole = _label(name, 60, 1)
    for words, rotation in ((whole, 0), (_label(name, 22), 0), (_label(name, 14), 0), (whole, 90), (sign, 0)):
        text = axes.text(
            0, 0, words, rotation=rotation, fontsize=8, ha="center", va="center", bbox=BOX, zorder=4, linespacing=0.95,
            rotation_mode="anchor" if not rotation else "default",
        )  # fmt: skip
        corners = axes.transData.inverted().transform(text.get_window_extent())
        wide, high = np.ceil(np.abs(corners[1] - corners[0])).astype(int)
        if words == sign:
            wide = high = 1
        if high <= region.shape[0] and wide <= region.shape[1]:
            fits = np.lib.stride_tricks.sliding_window_view(region, (high, wide)).all(axis=(2, 3))
            if fits.any():
                centres = np.argwhere(fits) + np.array([high, wide]) / 2
                y, x = centres[np.abs(centres - middle).sum(axis=1).argmin()]
                text.set_position((x, y))
                return bool(words != sign)
        text.remove()
    return False


def acceptability(comparison: Comparison, ranking: Ranking, most: int = 8) -> Figure:
    """Draw how often each option takes the first places when the weights vary near the chosen ones.

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    ranking : Ranking
        The ranking.
    most : int
        How many options, the best ranked.
    """
    rows = np.argsort(ranking.ranked, kind="stable")[:most]
    shares = ranking.near.shares[rows]
    parts = [shares[:, 0], shares[:, 1:3].sum(axis=1)]
    parts.append(1 - parts[0] - parts[1])
    names = ("first", "second or third", "later")
    looks = ((BLUE, "", "white"), (SKY, "//", "white"), ("#D9D9D9", "", "white"))
    height = 0.9 + 0.42 * len(rows)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, height))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.33, right=0.95, top=1 - 0.32 / height, bottom=0.42 / height + 0.05)
        start = np.zeros(len(rows))
        for part, (colour, hatch, edge), name in zip(parts, looks, names, strict=True):
            axes.barh(
                range(len(rows)), part * 100, 0.66, start * 100, color=colour, hatch=hatch, edgecolor=edge, label=name
            )
            start = start + part
        for place, row in enumerate(rows):
            option = ranking.candidates[row].option
            name = _label(option.title + ("" if option.proven else " (verify first)"), 34, 2)
            axes.annotate(
                name, (0, place), xycoords=("axes fraction", "data"), xytext=(-8, 0), textcoords="offset points",
                ha="right", va="center", fontsize=8.5, linespacing=1.1,
            )  # fmt: skip
            if parts[0][place] >= 0.08:
                axes.annotate(
                    percent(float(parts[0][place])),
                    (parts[0][place] * 50, place),
                    ha="center",
                    va="center",
                    color="white",
                )
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, borderaxespad=0.1, fontsize=8.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_yticks([])
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0f}%")
        axes.set_xlabel(f"Share of weightings near yours ({ranking.label}) in which the tool takes the place")
    best = ranking.candidates[ranking.winner].option
    title = f"{best.title} is first in {percent(float(ranking.near.first[ranking.winner]))} of weightings near yours"
    words = "; ".join(
        f"{ranking.candidates[row].option.title} first in {percent(float(parts[0][i]))}, second or third in "
        f"{percent(float(parts[1][i]))}"
        for i, row in enumerate(rows)
    )
    alt = f"Stacked bars of the ranks that tools take when the weights vary near the chosen ones: {words}."
    return Figure(canvas, title, alt, _source(comparison))
