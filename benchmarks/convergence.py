"""How fast the mean of a simulated bill settles: scrambled Sobol points against pseudo-random ones.

Run: python benchmarks/convergence.py, three minutes; it writes docs/convergence.svg and prints the numbers.

Both ways draw the parameters of the same small group practice and price the same plan, which charges for every text.
A run of so many draws is 16 replicates of a sixteenth of them, as texteval makes it. The months are lived by chance
either way: what that chance alone leaves is drawn too, since no choice of points can go below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.figure import Figure as Canvas

from texteval import __version__, assess, catalog, parameters, practice, requirements, simulate
from texteval.figures import BLUE, GREY, ORANGE, RC, Figure
from texteval.files import write_whole
from texteval.money import MICRO

PLAN = "twilio/pay-as-you-go"
DAY = date(2026, 11, 22)
SIZES = [2**power for power in range(6, 15)]
SEEDS = range(1, 65)
TRUTH = 2**20
ABOUT = (
    "What the parameters add to the error falls faster on Sobol points; what chance adds month by month does not, and "
    "is left in the end: so the gain is real, and modest. The error that each result prints is told from 16 replicates."
)
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "convergence.svg"

Values = Callable[..., dict[str, Any]]
sobol: Values = simulate._values


class Row(NamedTuple):
    """The error of the mean yearly bill from so many draws, in dollars: root mean square over all seeds."""

    draws: int
    pseudo_random: float
    sobol: float
    chance_alone: float


def pseudo_random(
    own: parameters.Parameters, power: int, seed: np.random.SeedSequence, names: Sequence[str] = simulate.DRAWN
) -> dict[str, Any]:
    """Draw the parameters of one replicate from pseudo-random points."""
    points = np.random.default_rng(seed).random((2**power, len(names)))
    return {name: simulate.quantile(own[name], points[:, i]) for i, name in enumerate(names)}


def always_the_same(own: parameters.Parameters, power: int, seed: np.random.SeedSequence) -> dict[str, Any]:
    """Draw the same parameters whatever the seed, so that only the months differ."""
    return sobol(own, power, np.random.SeedSequence(0, spawn_key=seed.spawn_key))


@contextmanager
def drawn_by(values: Values) -> Iterator[None]:
    """Let the simulation draw its parameters in another way."""
    simulate._values = values
    try:
        yield
    finally:
        simulate._values = sobol


def usage_plan() -> Callable[[int, int], Any]:
    """Return what simulates the plan for the practice: draws and seed in, a year's bills in dollars out."""
    market, own = catalog.load(), practice.load("small-group")[1]
    lines = market.price_lines(PLAN, DAY)
    channels = assess.cover(market, requirements.load(), PLAN, own, DAY).channels
    assumed = parameters.load()
    assert lines

    def bills(draws: int, seed: int) -> Any:
        found = simulate.simulate({PLAN: lines}, {PLAN: channels}, own, assumed, DAY.month, draws=draws, seed=seed)
        return found.cost[0] / MICRO

    return bills


def errors(
    bills: Callable[[int, int], Any],
    sizes: Sequence[int] = SIZES,
    seeds: Sequence[int] = SEEDS,
    truth_draws: int = TRUTH,
) -> list[Row]:
    """Measure the error of the mean bill against the number of draws, for both ways to draw the parameters.

    Parameters
    ----------
    bills : callable
        Draws and seed in, bills in dollars out.
    sizes : sequence of int
        The numbers of draws: powers of two from 16.
    seeds : sequence of int
        One run for each; 0 is the seed of the truth.
    truth_draws : int
        The draws of the run that is taken for the truth; many times the largest of ``sizes``.

    Returns
    -------
    list of Row
        One for each size.
    """
    truth = bills(truth_draws, 0).mean()
    with drawn_by(always_the_same):
        # Two lives on the same parameters differ by chance alone, twice its variance.
        chance = np.sqrt(((bills(truth_draws // 16, 1) - bills(truth_draws // 16, 2)) ** 2).mean() / 2)

    def rmse(values: Values, draws: int) -> float:
        with drawn_by(values):
            return float(np.sqrt(np.mean([(bills(draws, seed).mean() - truth) ** 2 for seed in seeds])))

    return [
        Row(draws, rmse(pseudo_random, draws), rmse(sobol, draws), float(chance / np.sqrt(draws))) for draws in sizes
    ]


def slope(rows: Sequence[Row], way: str) -> float:
    """Return by which power of the draws an error changes: -0.5 is that of plain chance."""
    draws, error = np.log([row.draws for row in rows]), np.log([getattr(row, way) for row in rows])
    return float(np.polyfit(draws, error, 1)[0])


def picture(rows: Sequence[Row]) -> Figure:
    """Draw the errors against the draws, both on logarithmic axes, each line with its slope at its end."""
    draws, last = [row.draws for row in rows], rows[-1]
    title = "Sobol points leave hardly more than the chance of the months"
    ways: Mapping[str, tuple[str, str, str]] = {
        "pseudo_random": ("Pseudo-random", ORANGE, "--"),
        "sobol": ("Scrambled Sobol", BLUE, "-"),
        "chance_alone": ("Chance of the months alone", GREY, ":"),
    }
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 4.2))
        axes = canvas.subplots()
        canvas.subplots_adjust(left=0.1, right=0.7, top=0.93, bottom=0.12)
        ends = sorted(ways, key=lambda way: getattr(last, way))
        height = 0.0
        for way in ends:
            name, colour, style = ways[way]
            error = [getattr(row, way) for row in rows]
            axes.plot(draws, error, color=colour, linestyle=style, linewidth=2, marker="." if style != ":" else "")
            height = max(error[-1], height * 1.42)  # labels of two lines, one above the other
            label = f"{name}\nslope {slope(rows, way):.2f}".replace(" -", " −")
            axes.annotate(
                label, (last.draws, height), xytext=(8, 0), textcoords="offset points", color=colour, va="center"
            )
        axes.set_title(title)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(draws[::2], [f"{many:,}" for many in draws[::2]])
        ticks = [tick for tick in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5) if min(last[1:]) < tick < max(rows[0][1:])]
        axes.set_yticks(ticks, [f"${tick:.2f}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("Draws")
        axes.set_ylabel("Error of the mean yearly bill")
    words = "; ".join(
        f"{name} from ${getattr(rows[0], way):.2f} at {draws[0]:,} draws to ${getattr(last, way):.2f} at "
        f"{draws[-1]:,}, slope {slope(rows, way):.2f}"
        for way, (name, *_) in ways.items()
    )
    alt = f"Line chart on logarithmic axes of the error of the mean yearly bill against draws. {words}. {title}."
    source = (
        f"texteval {__version__}, {PLAN} for the preset small-group, prices of {DAY}; {len(SEEDS)} seeds, so that a "
        f"point is known to about {1 / np.sqrt(2 * len(SEEDS)):.0%}."
    )
    return Figure(canvas, title, alt, source)


def main(_: Sequence[str] = ()) -> None:
    import page

    rows = errors(usage_plan())
    print(f"{'draws':>8}  {'pseudo-random':>13}  {'Sobol':>8}  {'chance alone':>12}  {'times fewer draws':>17}")
    for row in rows:
        fewer = (row.pseudo_random / row.sobol) ** 2
        print(f"{row.draws:8,}  {row.pseudo_random:13.4f}  {row.sobol:8.4f}  {row.chance_alone:12.4f}  {fewer:17.1f}")
    figure = picture(rows)
    write_whole(PICTURE, figure.svg())
    print(f"\n{figure.alt}\n{figure.source}")
    table = page.Table(
        ("draws", "pseudo-random, USD", "scrambled Sobol, USD", "chance of the months alone, USD"),
        [(f"{r.draws:,}", f"{r.pseudo_random:.3f}", f"{r.sobol:.3f}", f"{r.chance_alone:.3f}") for r in rows],
    )
    page.put(
        "The error of a simulated mean",
        f"{figure.title}. {ABOUT}\n\n{page.machine('numpy', 'scipy')} {figure.source} To run it again: "
        f"`python run.py bench convergence`.\n\n![{figure.alt}](convergence.svg)\n\n{table.markdown()}",
    )


if __name__ == "__main__":
    main()
