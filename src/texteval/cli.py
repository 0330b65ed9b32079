"""The command line: parse, call, show. No rule lives here."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texteval import __version__
from texteval.errors import DataError, UserError

if TYPE_CHECKING:
    from rich.console import Console

    from texteval.catalog import Catalog
    from texteval.requirements import Requirements

EXAMPLES = """\
examples:
  texteval compare --practice small-group       every tool for a practice of six people
  texteval compare --practice mine.yaml --json  the same for your own practice, as data
  texteval vendor spruce-health                 what is known of a vendor, with sources
  texteval bill simplepractice/plus --practice group
  texteval breakeven cliniko/standard spruce-health/basic
  texteval segments "See you at 2 PM 😊"        how many texts a message is billed as
  texteval report                               the comparison report, one HTML file

texteval gives information, not legal advice. It asks for no client data and sends nothing off this machine.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; exit with 0, or with 2 and one plain message when something must be put right."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        arguments = _parser().parse_args(argv)
        sys.exit(arguments.run(arguments) or 0)
    except UserError as error:
        print(f"texteval: {error}" if not isinstance(error, DataError) else str(error), file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("texteval: stopped.", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="texteval",
        description="Choose a HIPAA-compliant texting tool: may we use it, what will it cost us, how sure are we.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"texteval {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], int | None], text: str, *options: str) -> Any:
        sub = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        sub.set_defaults(run=run)
        if "practice" in options:
            sub.add_argument(
                "--practice",
                default="small-group",
                metavar="NAME|FILE",
                help="solo, small-group, group, clinic, fifty-clients, or your own YAML file (default: %(default)s)",
            )
        if "data" in options:
            sub.add_argument("--data", type=Path, metavar="FILE", help="a catalogue in place of texteval's own")
            sub.add_argument(
                "--as-of",
                type=_date,
                default=date.today(),
                metavar="DATE",
                help="facts and prices as they stood that day, such as 2026-08-31 (default: today)",
            )
        if "json" in options:
            sub.add_argument("--json", action="store_true", help="print data in place of a table")
        return sub

    sub = command("compare", _compare, "every tool for a practice: verdict and cost", "practice", "data", "json")
    sub.add_argument("--all", action="store_true", help="every plan, not only each vendor's best")
    sub = command("vendor", _vendor, "what is known of a vendor, with sources", "practice", "data", "json")
    sub.add_argument("vendor", metavar="ID", help="a vendor such as spruce-health")
    sub = command("bill", _bill, "a year's invoice of a plan, line by line", "practice", "data", "json")
    sub.add_argument("plan", metavar="PLAN", help="a plan such as spruce-health/basic")
    sub = command(
        "breakeven",
        _breakeven,
        "the volume of messages at which two plans cost the same",
        "practice",
        "data",
        "json",
    )
    sub.add_argument("a", metavar="A", help="a plan such as cliniko/standard")
    sub.add_argument("b", metavar="B", help="another plan")
    sub = command("segments", _segments, "how many texts a message is billed as", "json")
    sub.add_argument("text", metavar="TEXT", help="the message, in quotes")
    sub = command("report", _report, "the comparison report, one self-contained HTML file", "practice", "data")
    sub.add_argument(
        "-o", "--output", type=Path, default=Path("report"), metavar="DIR", help="folder (default: report)"
    )
    sub = command("check", _check, "check a catalogue for faults", "json")
    sub.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a catalogue (default: texteval's own)")
    command("lab", _lab, "open the notebooks in JupyterLab")
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day: write it like 2026-08-31") from None


def _load(arguments: argparse.Namespace) -> tuple[Catalog, Requirements]:
    from texteval import catalog, requirements

    return catalog.load(arguments.data), requirements.load()


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False)
    return console if console.is_terminal else Console(width=80, highlight=False, emoji=False, markup=False)


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))


def _compare(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show

    catalog, requirements = _load(arguments)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    if arguments.json:
        _print_json(decide.as_json(catalog, comparison))
    else:
        show.comparison(_console(), comparison, every_plan=arguments.all)


def _vendor(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show

    catalog, requirements = _load(arguments)
    catalog.vendor(arguments.vendor)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    if arguments.json:
        _print_json(show.vendor_json(catalog, comparison, arguments.vendor))
    else:
        show.vendor(_console(), catalog, comparison, arguments.vendor)


def _bill(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show
    from texteval.assess import cover
    from texteval.billing import invoice

    catalog, requirements = _load(arguments)
    plan = catalog.plan(arguments.plan)
    practice_id, own, practice_hash = practice.load(arguments.practice)
    coverage = cover(catalog, requirements, arguments.plan, own, arguments.as_of)
    bill = invoice(catalog, arguments.plan, own.usage(coverage.channels), arguments.as_of)
    if bill is None:
        since = f"; its first is of {plan.prices[0].from_}" if plan.prices else ""
        raise UserError(f"{arguments.plan} has no price list on {arguments.as_of}{since}: choose another day or plan")
    stamp = decide.stamp(arguments.as_of, f"{catalog.hash}-{requirements.hash}-{practice_hash}")
    if arguments.json:
        _print_json(show.bill_json(catalog, practice_id, bill, coverage, stamp))
    else:
        show.bill(_console(), catalog, own, bill, coverage, stamp)


def _breakeven(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show

    catalog, requirements = _load(arguments)
    practice_id, own, practice_hash = practice.load(arguments.practice)
    found = decide.break_even(catalog, requirements, arguments.a, arguments.b, own, arguments.as_of)
    stamp = decide.stamp(arguments.as_of, f"{catalog.hash}-{requirements.hash}-{practice_hash}")
    if arguments.json:
        _print_json(show.break_even_json(practice_id, own, found, stamp))
    else:
        show.break_even(_console(), catalog, own, found, stamp)


def _segments(arguments: argparse.Namespace) -> None:
    from texteval import show
    from texteval.messages import count

    if arguments.json:
        _print_json(show.segments_json(arguments.text, count(arguments.text)))
    else:
        show.segments(_console(), arguments.text, count(arguments.text))


def _report(arguments: argparse.Namespace) -> None:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from texteval import practice, report

    catalog, requirements = _load(arguments)
    chosen = practice.load(arguments.practice)
    console = _console()
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True) as progress:
        task = progress.add_task("")
        written = report.write(
            catalog,
            requirements,
            *chosen,
            arguments.as_of,
            arguments.output,
            tell=lambda step: progress.update(task, description=step),
        )
    console.print(f"The report is written: {written}", soft_wrap=True)
    console.print("Open it in a browser; it is one file and needs no network.")


def _check(arguments: argparse.Namespace) -> int:
    from texteval import catalog, practice, requirements

    try:
        loaded = catalog.load(arguments.file)
        requirements.load()
        practice.presets()
    except DataError as error:
        if arguments.json:
            _print_json({"errors": [problem.as_dict() for problem in error.problems]})
        else:
            print(error)
            print(f"{len(error.problems)} to put right.", file=sys.stderr)
        return 2
    if arguments.json:
        _print_json({"errors": []})
    else:
        plans = loaded.plan_ids(texting=False)
        print(
            f"{loaded.path}: no faults. {len(loaded.vendors)} vendors, {len(plans)} plans, "
            f"{len(loaded.sources)} sources; data hash {loaded.hash}."
        )
    return 0


def _lab(arguments: argparse.Namespace) -> int:
    from texteval.files import notebook_folder

    folder = notebook_folder()
    if folder.parent.name == "texteval" and folder.parent.parent.name != "src":
        import shutil

        own = Path("texteval-notebooks")
        if not own.exists():
            shutil.copytree(folder, own)
            print(f"The notebooks are copied to {own.resolve()}; change them as you like.")
        folder = own
    try:
        return subprocess.call([sys.executable, "-m", "jupyterlab", str(folder)])
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    main()
