"""Every picture, in one style: the title says the finding, labels stand at the marks, with alt text and a source."""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import findfont, get_font
from matplotlib.ft2font import FT2Font
from matplotlib.ticker import MaxNLocator
from PIL import Image

from texteval.assess import VERDICTS
from texteval.breakeven import Crossing
from texteval.decide import BreakEven, Comparison, Option
from texteval.money import MICRO, half_up, show
from texteval.practice import MONTHS, sent_per_year
from texteval.words import percent

if TYPE_CHECKING:
    from texteval.drivers import Drivers
    from texteval.forecast import Forecast

# Okabe and Ito's palette: told apart by the colour-blind; darkened where text stands on white.
BLUE, ORANGE, GREEN, PINK, SKY, GREY = "#0072B2", "#B85400", "#00785A", "#A8487F", "#2B7AA8", "#595959"
LINES = (BLUE, ORANGE, GREEN, PINK, GREY, SKY)
STYLES = ("-", "--", "-.", ":", (0, (5, 1)), (0, (3, 1, 1, 1)))
VERDICT_COLOUR = dict(zip(VERDICTS, (GREEN, BLUE, ORANGE, GREY), strict=True))

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

    def _save(self, form: str) -> bytes:
        buffer = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        with matplotlib.rc_context(RC):
            self.canvas.savefig(buffer, format=form, dpi=144, bbox_inches="tight", metadata=metadata)
        return buffer.getvalue()

    def svg(self) -> bytes:
        """Return the picture as SVG; the same bytes each time."""
        return self._save("svg")

    def png(self) -> bytes:
        """Return the picture as PNG."""
        return self._save("png")

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
    plain = "".join(sign for sign in title if _font().get_char_index(ord(sign))) or "?"
    return textwrap.fill(plain, width, max_lines=lines, placeholder="…")


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
            name = _label(comparison.practice.name, 60, 1)
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
        f"{c.practice.name.lower()} {show(o[0].year // MONTHS)}"
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
        above = 0.0
        for i, plan in enumerate(order):
            cost, colour, name = costs[plan][: last + 1] / MICRO, LINES[i % len(LINES)], _label(titles[plan], 27)
            axes.plot(range(last + 1), cost, color=colour, linestyle=STYLES[i % len(STYLES)], linewidth=2)
            room = top * 0.058 * (1 + name.count("\n"))
            height = max(float(cost[-1]), above + room / 2)
            above = height + room / 2
            axes.annotate(name, (last, height), xytext=(6, 0), textcoords="offset points", color=colour, va="center")
        for at in points:
            spot = (float(at.per_month), float(costs[at.cheaper_after][at.first_whole]) / MICRO)
            axes.plot(*spot, "o", color="black", markersize=5)
            axes.annotate(f"{at.first_whole:,} messages", spot, xytext=(6, -14), textcoords="offset points")
        ceiling = max(top, above) * 1.12
        axes.axvline(month, ymax=0.93, color=GREY, linewidth=1, linestyle=":")
        axes.annotate(f"this practice: {month:,}", (month, ceiling * 0.96), ha="center", color=GREY, fontsize=8.5)
        axes.set_xlim(0, last)
        axes.set_ylim(0, ceiling)
        axes.set_xlabel("Messages sent a month")
        axes.set_ylabel("US dollars a month")
        axes.yaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    return canvas


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
    """Draw what several plans cost against the messages sent a month.

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
    alt = f"Line chart of monthly cost against messages sent a month, 0 to {last:,}. {words or title}."
    return Figure(_curves(costs, titles, month, last), title, alt, _running(comparison))


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
    means = bills.cost.mean(axis=1)
    rows = means.argsort(kind="stable")[:most]
    bands = np.quantile(bills.cost[rows], [0.05, 0.95], axis=1) / MICRO
    over = f"{bills.months} months" if bills.months > 1 else "1 month"
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 0.9 + 0.52 * len(rows)))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.33, right=0.93, top=0.98, bottom=0.42 / (0.9 + 0.52 * len(rows)) + 0.05)
        top = float(bands.max()) or 1.0
        for place, row in enumerate(rows):
            option, (low, high), mean = found.options[row], bands[:, place], means[row] / MICRO
            colour = VERDICT_COLOUR[option.verdict]
            axes.plot([low, high], [place, place], color=colour, linewidth=7, alpha=0.45, solid_capstyle="butt")
            axes.plot(mean, place, "o" if option.proven else "D", color=colour, markersize=6)
            axes.annotate(
                f"${mean:,.0f}", (max(high, mean), place), xytext=(7, 0), textcoords="offset points", va="center"
            )
            name = _label(option.title, 30, 2)
            axes.annotate(
                name, (0, place), xycoords=("axes fraction", "data"), xytext=(-8, 0), textcoords="offset points",
                ha="right", va="center", color=colour, linespacing=0.95,
            )  # fmt: skip
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, top * 1.1)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set_xlabel(f"US dollars over {over}: mean, and nine futures in ten (dot: proven, diamond: verify first)")
        axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
    words = "; ".join(
        f"{found.options[row].title} ({found.options[row].verdict}) {means[row] / MICRO:,.0f}, {bands[0, i]:,.0f} to "
        f"{bands[1, i]:,.0f}"
        for i, row in enumerate(rows)
    )
    best = found.cheapest
    chances, _ = bills.chance_cheapest()
    title = f"{best.title} is the cheapest in {percent(float(chances[bills.row(best.plan)]))} of the futures"
    alt = (
        f"Bands of the cost over {over} in {bills.draws:,} simulated futures, in US dollars, mean and 5 to 95 percent: "
        f"{words}."
    )
    source = _source(found.comparison).replace("First-year cost, list prices.", f"List prices; seed {bills.seed}.")
    return Figure(canvas, title, alt, source)


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
        canvas.subplots_adjust(left=0.40, right=0.94, top=0.98, bottom=0.42 / height + 0.05)
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
                textcoords="offset points", ha="right", va="center", fontsize=8.5, linespacing=0.95,
            )  # fmt: skip
        axes.axvline(middle, color="black", linewidth=1)
        axes.set_ylim(max(len(swings), 1) - 0.5, -0.5)
        axes.margins(x=0.14)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        over = f"{moved.months} months" if moved.months > 1 else "1 month"
        axes.set_xlabel(f"US dollars over {over}; the numbers are the assumption's low (plain) and high (hatched)")
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
