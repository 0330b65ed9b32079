"""What texteval takes, measured in one run and told as ratios, since machines differ.

python run.py bench           start, load, and one practice (this file; half a minute)
python run.py bench engine    many practices under many plans, next to polars, DuckDB, pandas and numpy (a few minutes)
python run.py bench draws     simulated futures under all plans, next to numpy by hand (a minute)
python run.py bench convergence   the error of a simulated mean, scrambled Sobol points next to pseudo-random (minutes)
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from statistics import median

import yaml

from texteval import assess, billing, catalog, decide, practice, requirements
from texteval.files import data_folder, read_yaml

LONG = ("engine", "draws", "convergence")
"""The other benchmarks, each in a file of its name."""


def seconds(task: Callable[[], object], times: int = 5) -> float:
    """Median time of a task, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        task()
        taken.append(time.perf_counter() - start)
    return median(taken)


def python(*arguments: str) -> float:
    """Median time of a Python process, in seconds."""
    return seconds(lambda: subprocess.run([sys.executable, *arguments], check=True, capture_output=True))


def main(arguments: Sequence[str]) -> None:
    if arguments[:1] and arguments[0] in LONG:
        import_module(arguments[0]).main(arguments[1:])
        return
    print(__doc__)
    if arguments:
        sys.exit(f"There is no benchmark '{arguments[0]}': the ones above exist.")
    short()


def short() -> None:
    path = data_folder() / "vendors.yaml"
    text = path.read_text(encoding="utf-8")
    rows = []

    base = python("-c", "import numpy, pydantic, yaml")
    rows.append(("import numpy, pydantic, yaml", base, "", ""))
    rows.append(("texteval compare", python("-m", "texteval", "compare"), base, "at most 4.0"))

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    bare = seconds(lambda: yaml.load(text, Loader=loader))
    data = read_yaml(path)[0]
    model = seconds(lambda: catalog.VendorFile.model_validate(data))
    rows.append(("bare yaml.load and the models", bare + model, "", ""))
    rows.append(("catalogue load (0.35 s wanted)", seconds(catalog.load), bare + model, "at most 1.5"))

    market, rules = catalog.load(), requirements.load()
    name, own, digest = practice.load("group")
    today = date.today()
    rows.append(
        ("compare, in the library", seconds(lambda: decide.compare(market, rules, name, own, digest, today)), "", "")
    )
    coverage = assess.cover(market, rules, "simplepractice/plus", own, today)
    usage = own.usage(coverage.channels)
    invoice = seconds(lambda: [billing.invoice(market, "simplepractice/plus", usage, today) for _ in range(100)]) / 100
    rows.append(("a year's invoice of 12 months", invoice, "", ""))

    width = max(len(row[0]) for row in rows)
    print(f"{len(market.vendors)} vendors, {len(market.plan_ids())} texting plans, Python {sys.version.split()[0]}\n")
    print(f"{'':{width}}  {'seconds':>9}  {'ratio':>6}")
    for label, taken, against, bar in rows:
        ratio = f"{taken / against:6.2f}" if against else ""
        print(f"{label:{width}}  {taken:9.4f}  {ratio:>6}  {bar}")


if __name__ == "__main__":
    main(sys.argv[1:])
