"""Every picture, in one style: the title says the finding, labels stand at the marks, with alt text and a source."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from typing import Any

import matplotlib
from matplotlib.figure import Figure as Canvas

from texteval.assess import VERDICTS
from texteval.billing import MOST_MESSAGES
from texteval.decide import BreakEven, Comparison, Option
from texteval.money import MICRO, show
from texteval.practice import MONTHS

# Okabe and Ito's palette: told apart by the colour-blind; darkened where text stands on white.
BLUE, ORANGE, GREEN, PINK, SKY, GREY = "#0072B2", "#B85400", "#00785A", "#A8487F", "#3C8DBC", "#595959"
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

    def img(self, form: str = "svg") -> str:
        """Return an HTML ``img`` that holds the picture and its alt text."""
        kind = "image/svg+xml" if form == "svg" else "image/png"
        data = base64.b64encode(self._save(form)).decode()
        return f'<img alt="{html.escape(self.alt, quote=True)}" src="data:{kind};base64,{data}">'

    def _repr_html_(self) -> str:
        return (
            f"<figure><p><b>{html.escape(self.title)}</b></p>{self.img('png')}"
            f"<figcaption>{html.escape(self.source)}</figcaption></figure>"
        )

    def __repr__(self) -> str:
        return f"<Figure: {self.alt}>"


def _source(comparison: Comparison) -> str:
    return f"texteval, prices and facts as of {comparison.on}, data {comparison.hash}. First-year cost, list prices."


def _short(option: Option, longest: int = 34) -> str:
    return option.title if len(option.title) <= longest else option.title[: longest - 1] + "…"


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
            name = comparison.practice.name
            axes.set_title(
                f"{name}: {comparison.practice.logins} people, {comparison.practice.sessions_per_week} sessions a week"
            )
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
            axes.set_yticks(range(len(options)), [_short(option) for option in options])
            axes.invert_yaxis()
            axes.set_xlim(0, max(totals, default=1) * 1.45)
            axes.xaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
            axes.tick_params(length=0)
            if not options:
                axes.text(0.02, 0.5, "No usable plan with a known price.", transform=axes.transAxes)
        panels[-1].set_xlabel("US dollars a month, first year: solid = fixed, hatched = depends on messages")
    firsts = [cheapest(c, 1) for c in comparisons]
    cheap = "; ".join(
        f"{c.practice.name.lower()} {show(o[0].year // MONTHS)}"
        for c, o in zip(comparisons, firsts, strict=True)
        if o and o[0].year
    )
    title = f"The first choice costs a month: {cheap}" if cheap else "No usable plan has a known price"
    alt = "Bar chart of the monthly cost of the first options by practice. " + ". ".join(words) + "."
    return Figure(canvas, title, alt, _source(comparisons[0]))


def break_even(comparison: Comparison, found: BreakEven, titles: dict[str, str]) -> Figure:
    """Draw what two plans cost against the messages sent a month, with the points at which they change places."""
    last = max([found.month, *(at.first_whole for at in found.at)]) * 2 or 200
    last = min(max(last, 100), MOST_MESSAGES)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 3.6), layout="constrained")
        axes = canvas.subplots()
        ends = {}
        for (plan, cost), colour, style in zip(
            ((found.a, found.cost_a), (found.b, found.cost_b)), LINES, STYLES, strict=False
        ):
            axes.plot(range(last + 1), cost[: last + 1] / MICRO, color=colour, linestyle=style, linewidth=2)
            ends[plan] = (cost[last] / MICRO, colour)
        top = max(float(found.cost_a[: last + 1].max()), float(found.cost_b[: last + 1].max())) / MICRO
        for plan, (height, colour) in ends.items():
            axes.annotate(
                titles[plan],
                (last, height),
                xytext=(5, 0),
                textcoords="offset points",
                color=colour,
                va="center",
            )
        for at in found.at:
            if at.first_whole <= last:
                height = float(found.cost_b[at.first_whole]) / MICRO
                axes.plot([float(at.per_month)], [height], "o", color="black", markersize=5)
                spot = (float(at.per_month), height)
                axes.annotate(f"{at.first_whole:,} messages", spot, xytext=(6, -14), textcoords="offset points")
        if found.month <= last:
            axes.axvline(found.month, color=GREY, linewidth=1, linestyle=":")
            axes.annotate(
                f"this practice: {found.month:,}",
                (found.month, top * 1.04),
                ha="center",
                color=GREY,
                fontsize=8.5,
            )
        axes.set_xlim(0, last)
        axes.set_ylim(0, top * 1.14 or 1)
        axes.set_xlabel("Messages sent a month")
        axes.set_ylabel("US dollars a month")
        axes.yaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    if found.at:
        at = found.at[-1]
        before, after = titles[at.cheaper_before], titles[at.cheaper_after]
        title = f"{before} is cheaper up to {at.first_whole - 1:,} messages a month, then {after}"
    else:
        lower = found.a if found.cost_a[found.month] <= found.cost_b[found.month] else found.b
        title = f"{titles[lower]} is the cheaper one at every volume drawn"
    a, b = (show(int(cost[found.month])) for cost in (found.cost_a, found.cost_b))
    alt = (
        f"Line chart of the monthly cost of {titles[found.a]} and {titles[found.b]} for 0 to {last:,} messages sent a "
        f"month. {title}. At the {found.month:,} messages of this practice: {a} against {b}."
    )
    return Figure(
        canvas,
        title,
        alt,
        _source(comparison).replace("First-year cost", "Running cost, one-time charges left out"),
    )


def cost_curves(comparison: Comparison, costs: dict[str, Any], titles: dict[str, str]) -> Figure:
    """Draw what several plans cost against the messages sent a month.

    Parameters
    ----------
    comparison : Comparison
        The practice and the day.
    costs : dict of str to numpy.ndarray
        For each plan micro-dollars a month for 0, 1, 2, … messages.
    titles : dict of str to str
        What a person calls each plan.
    """
    from texteval.decide import sent_per_year

    month = sent_per_year(comparison.practice) // MONTHS
    last = min(max(month * 2, 200), MOST_MESSAGES)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 4.2), layout="constrained")
        axes = canvas.subplots()
        top = max((float(cost[last]) for cost in costs.values()), default=1.0) / MICRO
        placed: list[float] = []
        order = sorted(costs, key=lambda plan: float(costs[plan][last]))
        for i, plan in enumerate(order):
            cost = costs[plan][: last + 1] / MICRO
            colour = LINES[i % len(LINES)]
            axes.plot(range(last + 1), cost, color=colour, linestyle=STYLES[i % len(STYLES)], linewidth=2)
            height = float(cost[-1])
            if placed:
                height = max(height, placed[-1] + top * 0.062)
            placed.append(height)
            axes.annotate(
                f"{titles[plan]}", (last, float(cost[-1])), xytext=(last * 1.02, height), color=colour, va="center",
                annotation_clip=False,
            )  # fmt: skip
        axes.axvline(month, color=GREY, linewidth=1, linestyle=":")
        axes.annotate(
            f"this practice: {month:,}",
            (month, max([top, *placed]) * 1.05),
            ha="center",
            color=GREY,
            fontsize=8.5,
        )
        axes.set_xlim(0, last)
        axes.set_ylim(0, max([top, *placed]) * 1.12)
        axes.set_xlabel("Messages sent a month")
        axes.set_ylabel("US dollars a month")
        axes.yaxis.set_major_formatter(lambda value, _: f"${value:,.0f}")
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    at_month = sorted(costs, key=lambda plan: int(costs[plan][month]))
    title = f"At {month:,} messages a month {titles[at_month[0]]} costs least, {show(int(costs[at_month[0]][month]))}"
    words = "; ".join(
        f"{titles[plan]} {show(int(costs[plan][0]))} at none, {show(int(costs[plan][month]))} at {month:,}, "
        f"{show(int(costs[plan][last]))} at {last:,}"
        for plan in at_month
    )
    alt = f"Line chart of monthly cost against messages sent a month, 0 to {last:,}. {words}."
    return Figure(
        canvas,
        title,
        alt,
        _source(comparison).replace("First-year cost", "Running cost, one-time charges left out"),
    )
