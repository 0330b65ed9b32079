"""Many practices under many plans: ``billing.costs`` next to polars, DuckDB, pandas, numpy and a Python loop.

Run: python run.py bench engine
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import page
from rich.console import Console

from texteval import billing, catalog, practice
from texteval.catalog import Catalog, Line
from texteval.files import write_whole

if TYPE_CHECKING:
    from peers import Contender

Lists = Mapping[str, Sequence[Line]]
Done = Callable[[], object]
"""What is called when a step is done, for the progress bar."""
Stage = Callable[[str, int], Done]
"""What is called when steps begin: in words what they are, and how many."""

TITLE = "Many practices under many plans"
ON = date(2026, 11, 22)
"""The day whose prices are taken."""

PLANS = (
    "cliniko/standard",
    "therapynotes/solo",
    "therapynotes/group",
    "intakeq-practiceq/practice-management",
    "intakeq-practiceq/practice-management-low",
    "intakeq-practiceq/forms-only",
    "intakeq-practiceq/forms-only-low",
    "ringcentral/core",
    "ringcentral/advanced",
    "ringcentral/ultra",
    "ringcentral/core-yearly",
    "ringcentral/advanced-yearly",
    "ringcentral/ultra-yearly",
    "ringcentral/business-sms-booster",
    "textline/essentials",
    "textline/pro",
    "quo/api",
    "twilio/pay-as-you-go",
    "telnyx/pay-as-you-go",
    "simplepractice/plus",
)
"""Twenty plans with published prices: tiers, packages that carry over, allowances, floors, fees once and yearly."""

MONTHS = 12
PRACTICES = 1_000_000
ROUNDS = 5
GROWTH_ROUNDS = 3


def price_lists(market: Catalog, plans: Sequence[str] = PLANS) -> dict[str, Sequence[Line]]:
    found = {plan: market.price_lines(plan, ON) for plan in plans}
    return {plan: lines for plan, lines in found.items() if lines is not None}


def usage(practices: int, months: int = MONTHS) -> dict[str, Any]:
    """Make up practices: 1 to 19 clinicians with about 100 texts out and 60 in a month each, the same each time."""
    random = np.random.default_rng(1)
    one = np.ones(practices, np.int64)
    clinicians, staff = random.integers(1, 20, practices), random.integers(0, 5, practices)
    shape = (months, practices)
    texts, received = random.poisson(100.0 * clinicians, shape), random.poisson(60.0 * clinicians, shape)
    return {
        "account": one,
        "clinician": clinicians,
        "staff": staff,
        "manager": np.minimum(staff, 1),
        "login": clinicians + staff,
        "number": one,
        "location": one,
        "message_out": texts,
        "segment_out": texts + random.binomial(texts, 0.2),
        "segment_in": received,
        "mms_out": texts // 20,
        "mms_in": received // 20,
        "claim": random.poisson(10.0 * clinicians, shape),
    }


def peak(practices: int) -> None:
    """Print the most memory, in bytes, that a process held which made up practices and priced them."""
    import resource  # not on Windows

    billing.costs(price_lists(catalog.load()), usage(practices))
    unit = 1 if sys.platform == "darwin" else 1024
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def peak_memory(practices: int) -> int | None:
    """Measure :func:`peak` in a process of its own; None on Windows, which does not tell."""
    if sys.platform == "win32":
        return None
    script = f"import engine; engine.peak({practices})"
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parent, check=True, capture_output=True, text=True
    )
    return int(ran.stdout)


@dataclass(frozen=True)
class Result:
    """What a contender took for all practices: in seconds, the best round and the median."""

    name: str
    form: str
    best: float
    median: float
    whole: bool = True
    """Whether it answers the question; else it does less."""
    times: int = 1
    """By how much its seconds are multiplied, since it priced fewer practices."""


def different(contenders: Sequence[Contender], done: Done = lambda: None) -> list[str]:
    """Run each once, and list those whose amounts differ from texteval's."""
    ours = contenders[0].run()
    assert ours.known.all()
    found = []
    for contender in contenders[1:]:
        if not contender.equal(contender.run(), ours.micro_usd):
            found.append(f"{contender.name}, {contender.form}")
        done()
    return found


def compare(lists: Lists, practices: int, stage: Stage) -> list[Result]:
    """Time all contenders in turns, texteval first, once their amounts are found to be equal."""
    import peers

    stage(f"usage of {practices:,} practices, and the peers' tables", 1)
    counts = usage(practices)
    contenders = peers.contenders(lists, counts)
    wrong = different(contenders, stage("each once: are the amounts equal?", len(contenders) - 1))
    if wrong:
        raise SystemExit(f"Nothing is timed, since amounts differ from texteval's: {'; '.join(wrong)}.")
    tasks = [*(contender.run for contender in contenders), peers.memory(lists, peers.used(lists, counts))]
    taken = page.in_turns(tasks, ROUNDS, stage("rounds", ROUNDS * len(tasks)), again=1)
    results = []
    for contender, took in zip(contenders, taken, strict=False):
        times = practices // contender.practices
        seconds = (took.best * times, took.median * times)
        results.append(Result(contender.name, contender.form, *seconds, contender.whole, times))
    return [*results, Result("memory", "read and written once", taken[-1].best, taken[-1].median, False)]


def growth(market: Catalog, practices: int, done: Done) -> page.Table:
    """Time texteval on more practices, months and plans, next to cost that grows in proportion."""
    lists, some = price_lists(market), practices // 5
    rows: list[tuple[str, ...]] = []

    def tell(sizes: Sequence[int], words: str, tasks: Sequence[Callable[[], object]]) -> None:
        taken = [took.best for took in page.in_turns(tasks, GROWTH_ROUNDS, done)]
        for size, seconds in zip(sizes, taken, strict=True):
            linear = seconds / taken[0] * sizes[0] / size
            rows.append((f"{size:,} {words}", f"{seconds:.3f}", "" if size == sizes[0] else f"{linear:.2f}"))

    def task(lists: Lists, counts: Mapping[str, Any], months: int = MONTHS) -> Callable[[], object]:
        return lambda: billing.costs(lists, counts, months)

    counts = usage(practices)
    sizes = [practices // 10, practices * 3 // 10, practices]
    parts = [{meter: values[..., :size] for meter, values in counts.items()} for size in sizes]
    tell(sizes, f"practices ({MONTHS} months, {len(lists)} plans)", [task(lists, part) for part in parts])
    del counts, parts

    counts, sizes = usage(some, 60), [12, 24, 36, 60]
    parts = [{m: values if values.ndim == 1 else values[:size] for m, values in counts.items()} for size in sizes]
    words = f"months ({some:,} practices, {len(lists)} plans)"
    tell(sizes, words, [task(lists, part, size) for part, size in zip(parts, sizes, strict=True)])

    every = price_lists(market, market.plan_ids(texting=False))
    one = {meter: values[..., :1] for meter, values in parts[0].items()}
    known = {plan: lines for plan, lines in every.items() if billing.costs({plan: lines}, one).known.all()}
    known = lists | known  # the twenty first
    sizes = [5, 10, len(lists), len(known)]
    words = f"plans ({some:,} practices, {MONTHS} months)"
    tell(sizes, words, [task(dict(list(known.items())[:size]), parts[0]) for size in sizes])
    return page.Table(("texteval prices", "seconds", "of linear"), rows)


def a_second(task: Callable[[], object]) -> float:
    """Tell how often a short task can be done in a second."""
    times = 200
    took = page.in_turns([lambda: [task() for _ in range(times)]], 7)
    return times / took[0].best


def one_at_a_time(market: Catalog, done: Done) -> dict[str, list[float]]:
    """Tell how many bills of a single practice are made in a second, under each plan."""
    _, own, _ = practice.load("group")
    counts = own.usage(dict.fromkeys(own.purposes, "sms"))
    months, years = [], []
    for plan, lines in price_lists(market).items():
        months.append(a_second(partial(billing.price, lines, counts[1], 1)))
        years.append(a_second(partial(billing.invoice, market, plan, counts, ON)))
        done()
    return {"a month's bill, line by line": months, "a year's invoice of twelve months": years}


def chart(results: Sequence[Result], finding: str) -> bytes:
    """Draw how long each takes, texteval being 1, as SVG."""
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    from texteval.figures import BLUE, GREY, ORANGE, RC, Figure

    rows = sorted(results, key=lambda result: result.best)
    with matplotlib.rc_context(RC):
        canvas = Canvas(figsize=(7.6, 0.3 * len(rows) + 1.2), layout="constrained")
        axes = canvas.subplots()
        axes.axvline(1, color=ORANGE, linewidth=1, linestyle=":")
        for row, result in enumerate(rows):
            times = result.best / results[0].best
            colour = ORANGE if result is results[0] else BLUE if result.whole else GREY
            axes.plot(times, row, "s" if colour == ORANGE else "o" if result.whole else "D", color=colour)
            words = "texteval" if colour == ORANGE else f"{result.name}, {result.form}: {shown(times)}"
            side, align = (-8, "right") if times > 100 else (8, "left")
            axes.annotate(
                words,
                (times, row),
                xytext=(side, 0),
                textcoords="offset points",
                ha=align,
                va="center",
                color=colour,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        axes.set_xscale("log")
        axes.set_xlim(rows[0].best / results[0].best / 1.5, rows[-1].best / results[0].best * 1.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
        axes.set_xlabel("Time for the same bills; texteval = 1, logarithmic. Grey: does less than what is asked")
        axes.set_title(finding)
    return Figure(canvas, finding, finding, "").svg()


def shown(number: float) -> str:
    """Write a number with three digits."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def times_table(results: Sequence[Result]) -> page.Table:
    ours, rows = results[0], []
    for result in results:
        few = f" (1 in {result.times:,})" if result.times > 1 else ""
        equal = "" if result.name in ("texteval", "memory") else "yes"
        of = (shown(ours.best / result.best), shown(ours.median / result.median))
        rows.append((f"{result.name}, {result.form}{few}", shown(result.best), shown(result.median), *of, equal))
    return page.Table(("", "seconds", "median", "texteval / it", "of medians", "equal"), rows)


def bars_table(results: Sequence[Result], memory: int | None, bills: Mapping[str, Sequence[float]]) -> page.Table:
    """Set what is wanted beside what is measured."""
    rows = []
    bars = {"polars": 1.0, "DuckDB": 0.25, "Python loop": 0.005}
    for peer in results:
        if peer.name in bars and peer.whole:
            most, of = bars[peer.name], results[0].best / peer.best
            words = f"texteval / {peer.name}, {peer.form}"
            rows.append((words, f"at most {most:g}", shown(of), "yes" if of <= most else "no"))
    if memory is not None:
        met = "yes" if memory < 2e9 else "no"
        rows.append(("peak memory of a process that prices them", "below 2 GB", f"{memory / 1e9:.2f} GB", met))
    for words, rates in bills.items():
        usual, slowest = median(rates), min(rates)
        said = f"{usual:,.0f} (slowest plan {slowest:,.0f})"
        rows.append((f"a second, of {words}", "at least 20,000", said, "yes" if usual >= 20_000 else "no"))
    return page.Table(("", "wanted", "measured", "met"), rows)


def finding(results: Sequence[Result], practices: int) -> str:
    """Say in a sentence what the comparison shows."""
    general = [result for result in results if result.name in ("polars", "DuckDB", "pandas") and result.whole]
    peer = min(general, key=lambda result: result.best)
    of = results[0].best / peer.best
    than = "as long as" if 0.9 <= of <= 1.1 else f"{shown(of)} times as long as"
    start = f"A year of {practices:,} practices under {len(PLANS)} plans takes texteval {shown(results[0].best)} s"
    return f"{start}, {than} the best general tool ({peer.name}, {peer.form})"


ABOUT = f"""\
All price the same usage, made up but the same each time: 1 to 19 clinicians, about 100 texts out and 60 in a month for
each. The {len(PLANS)} plans have tiers, packages that carry over, allowances, floors, and fees due once or yearly.
Nothing is timed before every amount, for each practice and plan, is found to be the same whole number of micro-dollars.
Then all take {ROUNDS} turns of two runs, of which the quicker counts: best and median of the turns are shown. What
prices one practice in ten or in five thousand is multiplied.

- A *wide* table has a row for each practice and a column for each month of a meter; what adds up over the months is
  added before it is priced. A *long* table has a row for each practice and month. The tables stand ready before the
  time is taken; texteval's time includes the check of its input. polars runs its streaming engine; polars and DuckDB
  use all cores. *months only* and *one sum only* do less than to say what each practice pays in the year.
- *numpy, by hand* knows these plans and nothing else, without rules and checks: the difference is what generality
  costs. *memory* prices nothing: it reads the usage and writes a result, which no engine can avoid.
- The Python loop calls `billing.price`, the function behind a single invoice, for each practice, plan and month.
"""

GROWTH = """\
*of linear*: at 1 the time grows as the number does, below 1 it grows less. Lines that several plans share are priced
once, and plans differ in what they ask for.
"""


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python run.py bench engine", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--practices",
        type=int,
        default=PRACTICES,
        metavar="N",
        help=f"how many (default {PRACTICES:,}; the page in docs is written at that number alone)",
    )
    practices = parser.parse_args(arguments).practices
    if practices < 1000:
        parser.error(f"{practices} practices are too few to time: give at least 1000")

    market = catalog.load()
    with page.progress() as bar:
        task = bar.add_task("memory of texteval alone", total=1)

        def stage(words: str, steps: int) -> Done:
            bar.reset(task, description=words, total=steps)
            return lambda: bar.advance(task)

        memory = peak_memory(practices)  # first, since a process is charged what the one that starts it holds
        results = compare(price_lists(market), practices, stage)
        grown = growth(market, practices, stage("growth", GROWTH_ROUNDS * 11))
        bills = one_at_a_time(market, stage("one bill at a time", len(PLANS)))

    said = finding(results, practices)
    times, bars = times_table(results), bars_table(results, memory, bills)
    console = Console()
    console.print(f"{said}.\n", highlight=False)
    for title, table in ((TITLE, times), ("Bars", bars), ("Growth", grown)):
        console.print(table.terminal(title), "", highlight=False)
    if practices == PRACTICES:
        write_whole(page.DOCS / "benchmarks.svg", chart(results, said))
        measured = page.machine("numpy", "polars", "duckdb", "pandas")
        dots = "; ".join(f"{result.name}, {result.form} {shown(result.best / results[0].best)}" for result in results)
        picture = f"![Dot chart of the time for the same bills, on a logarithmic axis: {dots}.](benchmarks.svg)"
        tables = f"{times.markdown()}\n{ABOUT}\n{bars.markdown()}\n{grown.markdown()}\n{GROWTH}"
        page.put(
            TITLE, f"{said}.\n\n{measured} To run it again: `python run.py bench engine`.\n\n{picture}\n\n{tables}"
        )
