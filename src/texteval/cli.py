"""The command line: parse, call, show. No rule lives here."""

from __future__ import annotations

import argparse
import gc
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from texteval import __version__
from texteval.errors import DataError, UserError, nearest, program

if TYPE_CHECKING:
    from rich.console import Console

    from texteval.advise import Advice
    from texteval.catalog import Catalog
    from texteval.firm import Ranking
    from texteval.forecast import Forecast
    from texteval.landscape import Landscape
    from texteval.practice import Practice
    from texteval.requirements import Requirements
    from texteval.start import Talk

EXAMPLES = """\
examples:
  texteval app                                  the explorer: enter your numbers, see the answer in a browser
  texteval new-practice                         ten questions, and a file of your own practice
  texteval init my-texting                      a folder to work in: notebooks, practice, own facts
  texteval decide                               what to run, at what cost, and how firm that is
  texteval why-not simplepractice               why it is not the one that is advised
  texteval compare --practice small-group       every tool for a practice of six people
  texteval compare --practice mine.yaml --json  the same for your own practice, as data
  texteval vendor spruce-health                 what is known of a vendor, with sources
  texteval bill simplepractice/plus --practice group
  texteval breakeven cliniko/standard spruce-health/basic
  texteval breakeven                            the cheapest plan by messages a month
  texteval map -o map.png                       the cheapest plan by size and messages
  texteval simulate                             what the next year may cost, and how sure that is
  texteval drivers cliniko/standard             which assumption moves the bill
  texteval tco cliniko/standard --with all      what it costs over three years beyond its bill
  texteval segments "See you at 2 PM 😊"        how many texts a message is billed as
  texteval message "See you, Ann, at 2 PM"      may it go by text, and how to say it instead
  texteval report                               the report: HTML, PDF, workbook, Word, JSON
  texteval questions zanda                      what to ask a vendor, as an email and a form
  texteval kit --plan spruce-health/basic       policies, consent and evidence for the tool you chose
  texteval diff 2026-05-29                      what changed since that day, and for whom

texteval gives information, not legal advice. It asks for no client data and sends nothing off this machine.
"""


PRACTICE = "small-group"
"""The practice that is asked about where none is named."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line; exit with 0, or with 2 and one plain message when something must be put right."""
    if argv is None:
        gc.disable()  # one short run: looking for garbage would take a quarter of its time
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        arguments = _parser().parse_args([_as_utf8(word) for word in (sys.argv[1:] if argv is None else argv)])
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


def _as_utf8(word: str) -> str:
    """Read a word of the command line as UTF-8, also where the locale is plain ASCII."""
    return word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


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
                default=PRACTICE,
                metavar="NAME|FILE",
                help="solo, small-group, group, clinic, fifty-clients, or your own YAML file (default: %(default)s)",
            )
        if "data" in options:
            sub.add_argument("--data", type=Path, metavar="FILE", help="a catalogue in place of texteval's own")
            sub.add_argument("--overlay", type=Path, metavar="FILE", help="your own facts and prices, laid over it")
            _as_of(sub)
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
        "the volume of messages at which two plans cost the same; the cheapest plan by volume",
        "practice",
        "data",
        "json",
    )
    sub.add_argument("a", metavar="A", nargs="?", help="a plan such as cliniko/standard")
    sub.add_argument("b", metavar="B", nargs="?", help="another plan; without A and B: the cheapest plan by volume")
    sub.add_argument("--curve", action="store_true", help="for each number of replies and of segments a text")
    sub = command("map", _map, "the cheapest plan over clinicians and messages a week", "practice", "data", "json")
    sub.add_argument("--proven", action="store_true", help="only plans that can be used now")
    sub.add_argument("-o", "--output", type=Path, metavar="FILE", help="draw it too, as FILE.svg or FILE.png")
    sub = command(
        "simulate",
        _simulate,
        "what plans cost in simulated futures: spread, and chance to be the cheapest",
        "practice",
        "data",
        "json",
    )
    sub.add_argument("plans", nargs="*", metavar="PLAN", help="plans to compare (default: the best of each vendor)")
    _simulation(sub)
    sub = command("drivers", _drivers, "what moves the bill of a plan: which assumption, how far", "practice", "data",
                  "json")  # fmt: skip
    sub.add_argument("plan", metavar="PLAN", help="a plan such as cliniko/standard")
    _simulation(sub)
    sub = command(
        "parameters", _parameters, "what simulations assume, on what evidence; start a file to change it", "json"
    )
    _own_parameters(sub)
    sub.add_argument("--write", type=Path, metavar="FILE", help="write a file in which you change what differs")
    sub = command("segments", _segments, "how many texts a message is billed as", "json")
    sub.add_argument("text", metavar="TEXT", help="the message, in quotes")
    sub = command("message", _message, "may this go by text, and how to say it instead", "practice", "data", "json")
    sub.add_argument(
        "text",
        metavar="TEXT|FILE",
        help="the message, in quotes; or a file with one a line, or a practice's YAML file: no prices are shown for a "
        "file, so of --practice only its reading of the rule counts, and --data and --overlay do not go with it",
    )
    sub = command("decide", _decide, "the advice: what to run, what it adds, and how firm that is", "practice", "data",
                  "json")  # fmt: skip
    sub.add_argument("--weights", metavar="PRESET|FILE", help="solo, group, clinic, or a YAML file of your own weights")
    sub.add_argument("--flips", action="store_true", help="every single price, fact or number that would change it")
    sub.add_argument("--ranking", action="store_true", help="the table of all ranked tools")
    sub.add_argument("--all", action="store_true", help="every cheaper tool and way out, and what else holds in full")
    sub.add_argument(
        "--draws", type=int, default=10_000, metavar="N", help="futures and weights (default: %(default)s)"
    )
    sub.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed gives the same numbers (default: 1)"
    )
    _own_parameters(sub)
    sub = command("why-not", _why_not, "why a plan is not the one that is advised", "practice", "data")
    sub.add_argument("plan", metavar="VENDOR[/PLAN]", help="a plan such as simplepractice/plus, or a vendor")
    sub = command("report", _report, "the report: HTML, PDF, a workbook, Word and JSON", "practice", "data")
    sub.add_argument(
        "-o", "--output", type=Path, default=Path("report"), metavar="DIR", help="folder (default: report)"
    )
    sub.add_argument(
        "--format", metavar="LIST", help="some of html,pdf,xlsx,docx,json (default: all that this machine can write)"
    )
    sub.add_argument("--brand", type=Path, metavar="FILE", help="your name, logo, colour and cover text: brand.yaml")
    sub.add_argument("--client", metavar="NAME", help="for whom the report is made")
    sub = command("check", _check, "check a catalogue: faults, what looks wrong, how much is known", "json")
    sub.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a catalogue (default: texteval's own)")
    sub.add_argument("--overlay", type=Path, metavar="FILE", help="your own facts and prices, laid over it: faults too")
    sub.add_argument("--coverage", action="store_true", help="how much is known of each vendor, and how well")
    sub.add_argument("--warnings", action="store_true", help="list every warning, not only their number")
    _as_of(sub)
    price = commands.add_parser("price", help="propose a new price, show the change, and write it")
    ways = price.add_subparsers(title="ways", metavar="WAY", required=True)
    sub = ways.add_parser("set", help="one price, from the command line", description=PRICE_SET)
    sub.set_defaults(run=_price_set)
    sub.add_argument("plan", metavar="PLAN", help="a plan such as spruce-health/basic")
    sub.add_argument("--line", required=True, help="the line of the invoice, such as Seats")
    sub.add_argument("--usd", required=True, help="the new unit price in dollars, such as 26 or 0.0119")
    sub.add_argument("--from", dest="start", required=True, metavar="DATE", help="the first day it holds")
    sub.add_argument("--stated", action="store_true", help="the vendor states that day (else: first seen then)")
    sub.add_argument("--source", required=True, metavar="ID", help="the source's id; a new one needs the next four")
    sub.add_argument("--title", help="the source's title")
    sub.add_argument("--url", help="the source's address")
    sub.add_argument("--seen", metavar="DATE", help="the day you read it")
    sub.add_argument("--grade", help="vendor_page, vendor_reply, review or second_hand")
    _price_options(sub)
    sub = ways.add_parser("import", help="many prices, from a CSV or xlsx file", description=PRICE_IMPORT)
    sub.set_defaults(run=_price_import)
    sub.add_argument("file", type=Path, metavar="FILE", help="a .csv or .xlsx file")
    _price_options(sub)
    sub = command("diff", _diff, "what changed between two days, files or git revisions, and for whom", "json")
    sub.add_argument("old", metavar="OLD", help="a day such as 2026-05-29, a catalogue file, or a git revision")
    sub.add_argument(
        "new", metavar="NEW", nargs="?", help="the same (default: texteval's own catalogue on the day of --as-of)"
    )
    _as_of(sub)
    sub.add_argument("--markdown", action="store_true", help="tables of Markdown, for a pull request")
    sub.add_argument("--overlay", type=Path, metavar="FILE", help="your own facts and prices, laid over both")
    sub = command("export", _export, "the catalogue as tidy tables: CSV, Parquet, JSON, with a data dictionary", "data")
    sub.add_argument(
        "-o", "--output", type=Path, default=Path("export"), metavar="DIR", help="folder (default: export)"
    )
    sub = command("questions", _questions, "what to ask a vendor: an email, and forms to fill in", "data")
    sub.add_argument("vendor", metavar="VENDOR", help="a vendor such as zanda")
    sub.add_argument("-o", "--output", type=Path, default=Path("questions"), metavar="DIR", help="default: questions")
    sub = command(
        "kit", _kit, "policies, consent, crisis, roles and evidence for a plan: Markdown and Word", "practice", "data"
    )
    sub.add_argument("--plan", required=True, metavar="ID", help="the plan that you chose, such as spruce-health/basic")
    sub.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="folder (default: one named by the plan, in the folder kit)"
    )
    sub = command("answers", _answers, "turn a filled-in form into facts of your own, for --overlay", "data")
    sub.add_argument("file", type=Path, metavar="FILE", help="the form, .yaml or .xlsx")
    sub.add_argument("-o", "--output", type=Path, metavar="FILE", help="the overlay (default: FILE with -facts.yaml)")
    sub = command("portfolio", _portfolio, "what every plan costs each of many practices", "practice", "data")
    sub.add_argument("file", type=Path, metavar="FILE", help="the practices, one row each: a .csv or .parquet file")
    sub.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the costs: a .csv or .parquet file"
    )
    sub.add_argument("--engine", choices=("local", "dask"), default="local", help="where to price (default: local)")
    sub.add_argument("--scheduler", metavar="ADDRESS", help="a running Dask scheduler, such as tcp://127.0.0.1:8786")
    sub = command("tco", _tco, "what a tool costs over years beyond its bill", "practice", "data", "json")
    sub.add_argument("plans", nargs="+", metavar="PLAN", help="a plan such as cliniko/standard")
    sub.add_argument("--years", type=int, default=3, metavar="N", help="1 to 5 (default: %(default)s)")
    sub.add_argument(
        "--with",
        dest="parts",
        default="",
        metavar="PARTS",
        help="what weak evidence speaks for: migration,training,parallel,filing,no-shows, or all",
    )
    sub.add_argument(
        "--now",
        metavar="PLAN",
        help="the plan that you pay for; to stay with its vendor costs no moving (default: the file's)",
    )
    sub.add_argument("--new-reminders", action="store_true", help="text reminders would be new to you")
    _draws(sub)
    sub = command(
        "exposure",
        _exposure,
        "what a violation may cost: penalty tiers by day, closed cases, a calculator",
        "practice",
        "json",
    )
    sub.add_argument("--violations", type=int, metavar="N", help="of one provision in one calendar year; with --tier")
    sub.add_argument("--tier", type=int, metavar="N", help="1 (did not know) to 4 (wilful neglect, not put right)")
    sub.add_argument("--provisions", type=int, metavar="N", help="how many provisions, each with its cap (default: 1)")
    sub.add_argument("--years", type=int, metavar="N", help="how many calendar years, each with its cap (default: 1)")
    sub.add_argument("--all", action="store_true", help="every remark, case and source")
    _as_of(sub)
    sub = command("new-practice", _new_practice, "ten questions, and a practice file of your own")
    sub.add_argument(
        "-o", "--output", type=Path, default=Path("mine.yaml"), metavar="FILE", help="the file (default: mine.yaml)"
    )
    sub = command("init", _init, "a folder to work in: notebooks, a practice, own facts, a brand")
    sub.add_argument("folder", type=Path, metavar="DIR", help="the folder; what is in it already stays as it is")
    sub = command("app", _app, "the explorer: your numbers in, the answer out, in a browser on this machine", "data")
    sub.add_argument("--port", type=int, default=8866, metavar="N", help="the port to try first (default: %(default)s)")
    sub.add_argument("--no-browser", action="store_true", help="print the address only")
    sub = command("lab", _lab, "open the notebooks in JupyterLab")
    sub.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="a folder of your own, made by 'init'")
    return parser


PRICE_SET = "Write a new dated price below the old one. Shows the change and asks before it writes."
PRICE_IMPORT = (
    "Write new dated prices from a table with the columns plan, line, usd, from, date_is, source, and for new sources "
    "title, url, seen, grade. Shows the change and asks before it writes."
)


def _as_of(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "--as-of",
        type=_date,
        default=date.today(),
        metavar="DATE",
        help="facts and prices as they stood that day, such as 2026-08-31 (default: today)",
    )


def _own_parameters(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--parameters", type=Path, metavar="FILE", help="assumptions of your own (see 'parameters')")


def _simulation(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--months", type=int, default=12, metavar="N", help="1 to 60 (default: %(default)s)")
    _draws(sub)


def _draws(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--draws", type=int, default=16_384, metavar="N", help="futures, at least (default: %(default)s)")
    sub.add_argument(
        "--seed", type=int, default=1, metavar="N", help="the same seed gives the same numbers (default: 1)"
    )
    _own_parameters(sub)


def _price_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--data", type=Path, metavar="FILE", help="the catalogue to write to (default: texteval's own)")
    sub.add_argument("--dry-run", action="store_true", help="show the change, write nothing")
    sub.add_argument("--yes", action="store_true", help="write without asking")


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a day: write it like 2026-08-31") from None


def _load(arguments: argparse.Namespace) -> tuple[Catalog, Requirements]:
    from texteval import catalog, practice, requirements

    market = catalog.load(arguments.data, arguments.overlay)
    if name := getattr(arguments, "practice", None):
        practice.check_now(name, market.plan_ids(texting=False))
    return market, requirements.load()


def _again(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the options that the next command must repeat to speak of the same practice, day and facts."""
    again = {}
    for name, usual in (
        ("practice", PRACTICE),
        ("data", None),
        ("overlay", None),
        ("parameters", None),
        ("as_of", date.today()),
    ):
        value = getattr(arguments, name, usual)
        if value != usual:
            again[f"--{name.replace('_', '-')}"] = shlex.quote(str(value))
    return again


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(highlight=False, emoji=False, markup=False, stderr=stderr)
    if console.is_terminal:
        return console
    return Console(width=80, highlight=False, emoji=False, markup=False, stderr=stderr)


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=2, ensure_ascii=False))


def _compare(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show

    catalog, requirements = _load(arguments)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    if arguments.json:
        _print_json(decide.as_json(catalog, comparison))
    else:
        show.comparison(_console(), comparison, every_plan=arguments.all, again=_again(arguments))


def _vendor(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, show

    catalog, requirements = _load(arguments)
    catalog.vendor(arguments.vendor)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    if arguments.json:
        _print_json(show.vendor_json(catalog, comparison, arguments.vendor))
    else:
        show.vendor(_console(), catalog, comparison, arguments.vendor, _again(arguments))


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
    stamp = decide.stamp(arguments.as_of, f"{catalog.hash}-{requirements.hash}-{practice_hash}")
    if arguments.a is None and not arguments.curve:
        comparison = decide.compare(catalog, requirements, practice_id, own, practice_hash, arguments.as_of)
        by_volume = decide.cheapest_by_volume(catalog, comparison)
        if arguments.json:
            _print_json(show.cheapest_json(comparison, by_volume, stamp))
        else:
            show.cheapest(_console(), comparison, by_volume, _again(arguments))
        return
    if arguments.b is None:
        raise UserError("give two plans, such as 'cliniko/standard spruce-health/basic'")
    plans = arguments.a, arguments.b
    if arguments.curve:
        curve = decide.break_even_curve(catalog, requirements, *plans, own, arguments.as_of)
        if arguments.json:
            whole = show.break_even_json(practice_id, own, curve.found, stamp)
            _print_json({**whole, "curve": show.break_even_curve_json(curve)})
        else:
            show.break_even_curve(_console(), catalog, own, curve, stamp)
        return
    found = decide.break_even(catalog, requirements, *plans, own, arguments.as_of)
    if arguments.json:
        _print_json(show.break_even_json(practice_id, own, found, stamp))
    else:
        show.break_even(_console(), catalog, own, found, stamp)


@contextmanager
def _simulating(words: str = "Simulating") -> Iterator[Callable[[int, int], None]]:
    """Show how far something is that takes long."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(words), BarColumn(), TimeRemainingColumn())
    console = _console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


def _map(arguments: argparse.Namespace) -> None:
    from texteval import decide, landscape, practice, show

    path = arguments.output
    if path is not None and path.suffix.lower() not in (".svg", ".png"):
        raise UserError(f"{path}: a map is drawn as .svg or .png: end the file's name so")
    catalog, requirements = _load(arguments)
    chosen = practice.load(arguments.practice)
    found = landscape.landscape(catalog, requirements, *chosen, arguments.as_of, proven_only=arguments.proven)
    if path is not None:
        _draw(found, path)
    if arguments.json:
        _print_json(show.landscape_json(found, decide.stamp(arguments.as_of, found.hash)))
        return
    show.landscape(_console(), found, _again(arguments))
    if path is not None:
        print(f"Written: {path}")


def _draw(found: Landscape, path: Path) -> None:
    """Write the picture of a map, with a sign of life: the drawing library takes a second to start."""
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from texteval.files import write_whole

    columns = SpinnerColumn(), TextColumn("Drawing")
    with Progress(*columns, console=_console(stderr=True), transient=True) as progress:
        progress.add_task("")
        from texteval import figures

        picture = figures.landscape(found).alone(path.suffix.lower().removeprefix("."))
    write_whole(path, picture)


def _forecast(arguments: argparse.Namespace, plans: Sequence[str]) -> tuple[Catalog, Forecast]:
    from texteval import decide, forecast, parameters, practice

    catalog, requirements = _load(arguments)
    own = parameters.load(arguments.parameters)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    with _simulating() as tell:
        found = forecast.forecast(
            catalog,
            comparison,
            own,
            plans,
            months=arguments.months,
            draws=arguments.draws,
            seed=arguments.seed,
            tell=tell,
        )
    return catalog, found


def _simulate(arguments: argparse.Namespace) -> None:
    from texteval import decide, show

    _, found = _forecast(arguments, arguments.plans)
    if arguments.json:
        _print_json(show.forecast_json(found, decide.stamp(arguments.as_of, found.hash)))
    else:
        show.forecast(_console(), found, _again(arguments))


def _drivers(arguments: argparse.Namespace) -> None:
    from texteval import decide, forecast, show

    catalog, simulated = _forecast(arguments, [arguments.plan])
    found = forecast.moved_by(catalog, simulated, arguments.plan)
    stamp = decide.stamp(arguments.as_of, simulated.hash)
    if arguments.json:
        _print_json(show.drivers_json(found, stamp))
    else:
        show.drivers(_console(), catalog.title(arguments.plan), found, simulated.parameters, stamp)


def _parameters(arguments: argparse.Namespace) -> None:
    from texteval import parameters, show

    found = parameters.load(arguments.parameters)
    if arguments.write:
        parameters.write_own(arguments.write, found.all)
        print(f"Written: {arguments.write}\nChange what differs in it, then pass --parameters {arguments.write}.")
    elif arguments.json:
        _print_json(show.parameters_json(found))
    else:
        show.parameters(_console(), found)


def _segments(arguments: argparse.Namespace) -> None:
    from texteval import show
    from texteval.messages import count

    if arguments.json:
        _print_json(show.segments_json(arguments.text, count(arguments.text)))
    else:
        show.segments(_console(), arguments.text, count(arguments.text))


def _message(arguments: argparse.Namespace) -> None:
    from texteval import decide, practice, purposes, requirements, rewording, show_wording, wording

    rules, path = wording.own(), wording.as_file(arguments.text)
    marks = f"{rules.hash}-{purposes.examples_hash()}"
    if path:
        if arguments.data or arguments.overlay:
            raise UserError(
                "--data and --overlay change nothing for a file of messages, where no price is shown: leave them out, "
                "or give one message in quotes"
            )
        written, gates = wording.read_messages(path), requirements.load()
        _, asked, practice_hash = practice.load(arguments.practice)
        checked = [(one.line, wording.check(one.text, rules)) for one in written]
        app_only = {one.line for one in written if one.app_only or asked.reading == "strict"}
        stamp = decide.stamp(arguments.as_of, f"{gates.hash}-{practice_hash}-{marks}")
        if arguments.json:
            _print_json({**stamp, "messages": [show_wording.message_json(one, line) for line, one in checked]})
        else:
            show_wording.messages(_console(), gates, checked, stamp, app_only)
        return
    one = wording.check(arguments.text, rules)
    catalog, gates = _load(arguments)
    comparison = decide.compare(catalog, gates, *practice.load(arguments.practice), arguments.as_of)
    texts = list(dict.fromkeys([one.text, one.plain or one.text]))
    priced = rewording.rewordings(catalog, comparison, one.purpose, texts)
    sent, limits = rewording.sent_a_year(comparison.practice, one.purpose), rewording.limits(catalog, arguments.as_of)
    stamp = decide.stamp(arguments.as_of, f"{comparison.hash}-{marks}")
    if arguments.json:
        _print_json({**stamp, **show_wording.message_json(one, None, limits, priced, sent)})
    else:
        strict = comparison.practice.reading == "strict"
        show_wording.message(
            _console(), gates, one, limits, priced, sent, stamp, app_only=strict, of=comparison.practice.name
        )


def _advise(arguments: argparse.Namespace) -> tuple[Catalog, Requirements, Advice]:
    from texteval import advise, practice

    catalog, requirements = _load(arguments)
    return (
        catalog,
        requirements,
        advise.advise(catalog, requirements, *practice.load(arguments.practice), arguments.as_of),
    )


def _decide(arguments: argparse.Namespace) -> None:
    from texteval import advise, criteria, decide, firm, flips, parameters, show_advice

    catalog, requirements, found = _advise(arguments)
    wanted, own = criteria.load(), parameters.load(arguments.parameters)
    label, given = criteria.choose(wanted, arguments.weights or wanted.preset(found.practice))
    rankings: list[Ranking | None] = []
    with _simulating():
        for answer in found.answers:
            try:
                rankings.append(
                    firm.rank(catalog, wanted, answer, own, given, label, draws=arguments.draws, seed=arguments.seed)
                )
            except firm.NothingToRankError:
                rankings.append(None)
        ways_out = advise.ways_out(catalog, requirements, found)
    changes = None
    if arguments.flips:
        with _simulating("Looking for what would change it") as tell:
            steps = len(found.answers)
            changes = [
                flips.flips(catalog, requirements, found, answer, lambda done, of, i=i: tell(i * of + done, steps * of))  # type: ignore[misc]
                for i, answer in enumerate(found.answers)
            ]
    marks = decide.stamp(arguments.as_of, f"{found.answers[-1].comparison.hash}-{own.hash}-{wanted.hash}")
    said = catalog, requirements, found, rankings, ways_out, changes, marks
    if arguments.json:
        _print_json(show_advice.advice_json(*said))
        return
    console = _console()
    show_advice.advice(console, *said, every=arguments.all)
    for ranking in rankings:
        if arguments.ranking and ranking is not None:
            console.print()
            show_advice.ranking_table(console, ranking)
    if not arguments.flips:
        words = "".join(f" {name} {value}" for name, value in _again(arguments).items())
        print(f"Next: {program()} decide --flips{words}")


def _why_not(arguments: argparse.Namespace) -> None:
    from texteval import decide, show_advice

    catalog, requirements, found = _advise(arguments)
    plan = arguments.plan
    if "/" not in plan:
        catalog.vendor(plan)
        own = [c for c in found.answers[-1].candidates if c.option.vendor == plan]
        if not own:
            raise UserError(f"{plan} has no plan that sends messages and is sold on {arguments.as_of}")
        plan = own[0].option.plan
    marks = decide.stamp(arguments.as_of, found.answers[-1].comparison.hash)
    show_advice.why_not(_console(), catalog, requirements, found, plan, marks, _again(arguments))


def _report(arguments: argparse.Namespace) -> None:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from texteval import practice, report
    from texteval.report import brand

    formats = [word.strip().lower() for word in (arguments.format or "").split(",") if word.strip()]
    if arguments.format is not None and not formats:
        raise UserError(f"--format names none: write some of {','.join(report.FORMATS)}")
    for form in formats:
        if form not in report.FORMATS:
            raise UserError(f"there is no format '{form}': {nearest(form, report.FORMATS)}")
    look = brand.load(arguments.brand)
    catalog, requirements = _load(arguments)
    chosen = practice.load(arguments.practice)
    console = _console()
    columns = SpinnerColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("")

        def tell(step: str) -> None:
            progress.update(task, description=step)

        built = report.build(catalog, requirements, *chosen, arguments.as_of, tell)
        written = report.write(built, arguments.output, formats, look, arguments.client, tell)
    for remark in look.remarks:
        console.print(remark, soft_wrap=True)
    console.print("The report is written:")
    for path in written:
        console.print(f"  {path}  {report.FORMATS[path.suffix[1:]]}", soft_wrap=True)
    if not formats and len(written) < len(report.FORMATS):
        console.print("A PDF cannot be made here: print the HTML page, or the Word file, to one.")
    if arguments.practice == PRACTICE:
        console.print("It is of a small group practice; --practice takes another size, or a file of your own.")


def _check(arguments: argparse.Namespace) -> int:
    from texteval import catalog, checks, practice, requirements, show
    from texteval.files import read_text

    try:
        loaded = catalog.load(arguments.file, arguments.overlay)
        rules = requirements.load()
        practice.presets()
    except DataError as error:
        if arguments.json:
            _print_json({"errors": [problem.as_dict() for problem in error.problems], "warnings": []})
        else:
            print(error)
            print(f"{len(error.problems)} to put right.", file=sys.stderr)
        return 2
    if arguments.coverage:
        rows = checks.coverage(loaded, rules, arguments.as_of)
        if arguments.json:
            _print_json(show.coverage_json(rows))
        else:
            show.coverage(_console(), rows)
        return 0
    found = checks.warnings(loaded, arguments.as_of, read_text(Path(loaded.path)))
    if arguments.json:
        _print_json({"errors": [], "warnings": [{"kind": kind, **problem.as_dict()} for kind, problem in found]})
    else:
        show.check(_console(), loaded, found, every=arguments.warnings)
    return 0


def _price_set(arguments: argparse.Namespace) -> int:
    from texteval.update import NewPrice

    price = NewPrice(
        plan=arguments.plan,
        line=arguments.line,
        usd=arguments.usd,
        start=arguments.start,
        date_is="stated" if arguments.stated else "first_seen",
        source=arguments.source,
        title=arguments.title,
        url=arguments.url,
        seen=arguments.seen,
        grade=arguments.grade,
    )
    return _price(arguments, [price], None)


def _price_import(arguments: argparse.Namespace) -> int:
    from texteval.update import read_prices

    return _price(arguments, read_prices(arguments.file), arguments.file)


def _price(arguments: argparse.Namespace, prices: list[Any], file: Path | None) -> int:
    from texteval import update
    from texteval.files import data_folder

    proposal = update.propose(arguments.data or data_folder() / "vendors.yaml", prices, file)
    for price in proposal.skipped:
        print(f"There already: {price.plan}, {price.line}, {price.usd} from {price.start}.")
    if proposal.after == proposal.before:
        print("Nothing to change.")
        return 0
    print(proposal.diff)
    print()
    for change in proposal.changes:
        print(change.text)
        if change.warning:
            print(change.warning)
    if arguments.dry_run:
        print(f"\nNothing written (--dry-run). Without it: {proposal.path}")
        return 0
    if not arguments.yes and not _agreed(f"Write this to {proposal.path}? [y/N] "):
        print("Nothing written.")
        return 0
    proposal.save()
    print(f"Written: {proposal.path}\nNext: {proposal.next_step}, to see what it does to people.")
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _diff(arguments: argparse.Namespace) -> None:
    from texteval import diff, requirements

    old = diff.view(arguments.old, arguments.as_of, arguments.overlay)
    new = diff.view(arguments.new or arguments.as_of.isoformat(), arguments.as_of, arguments.overlay)
    found = diff.difference(old, new, requirements.load())
    if arguments.json:
        _print_json(diff.as_json(found))
    else:
        print(diff.as_text(found, markdown=arguments.markdown))


def _export(arguments: argparse.Namespace) -> None:
    from texteval import export

    catalog, requirements = _load(arguments)
    written = export.write(catalog, requirements, arguments.output)
    print(f"Written: {len(written)} files in {arguments.output}; dictionary.json says what each column means.")


def _questions(arguments: argparse.Namespace) -> None:
    from texteval import questions

    catalog, requirements = _load(arguments)
    vendor = catalog.vendor(arguments.vendor)
    refusal = questions.outlook(catalog, requirements, arguments.vendor, arguments.as_of)
    if refusal:
        print(refusal)
        return
    asked = questions.ask(catalog, requirements, arguments.vendor, arguments.as_of)
    prices = questions.unpublished(catalog, arguments.vendor, arguments.as_of)
    if not asked and not prices:
        print(f"There is nothing to ask {vendor.name}: every gate rests on good, fresh evidence.")
        return
    email = questions.as_email(vendor, asked, prices)
    text, form, table = questions.write_forms(arguments.output, arguments.vendor, email, asked)
    print(email)
    print(f"Written: {text} (this email), and the forms {form} and {table}.")
    print(f"When the reply is there, fill in one form, then: {program()} answers {form}")


def _kit(arguments: argparse.Namespace) -> None:
    from rich.progress import Progress, SpinnerColumn, TextColumn

    from texteval import kit, practice

    catalog, requirements = _load(arguments)
    folder = arguments.output or Path("kit", arguments.plan.replace("/", "-"))
    try:
        found = kit.build(catalog, requirements, *practice.load(arguments.practice), arguments.plan, arguments.as_of)
    except kit.RefusedError as error:
        if error.nearest is None:
            raise
        again = [word for pair in _again(arguments).items() for word in pair]
        where = ["-o", shlex.quote(str(arguments.output))] if arguments.output else []
        words = ["kit", *again, "--plan", error.nearest, *where]
        raise UserError(f"{error} Next: {program()} {' '.join(words)}") from None
    console = _console()
    columns = SpinnerColumn(), TextColumn("{task.description}")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("")
        written = kit.write(found, folder, lambda step: progress.update(task, description=step))
    print(f"Written: {len(written)} files in {folder}. Begin with {written[0].name}.")
    points = len(found.open_gates)
    if points:
        be = "point is" if points == 1 else "points are"
        print(f"Send nothing to a client yet: {points} {be} to be settled first.")
    still = sum(one.outcome == "open" for one, _ in found.summary(found.pages))
    if still:
        print(f"{still} {'promise is' if still == 1 else 'promises are'} left open; 10-vendor-questions asks for them.")


def _answers(arguments: argparse.Namespace) -> None:
    from texteval import questions

    catalog, _ = _load(arguments)
    overlay = questions.read_answers(catalog, arguments.file, date.today())
    path = arguments.output or arguments.file.with_name(f"{arguments.file.stem}-facts.yaml")
    questions.write_overlay(path, overlay, arguments.file)
    vendor_id = next(iter(overlay["vendors"]))
    print(f"Written: {path}")
    print(f"Use it: {program()} vendor {vendor_id} --overlay {shlex.quote(str(path))}")


def _portfolio(arguments: argparse.Namespace) -> int:
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    from texteval import portfolio, practice

    gc.enable()  # a long run
    columns, _ = portfolio.read(arguments.file)
    catalog, requirements = _load(arguments)
    chosen = practice.load(arguments.practice)
    for sentence in portfolio.ignored(columns):
        print(sentence)
    console = _console()
    bar = (SpinnerColumn(), BarColumn(), TextColumn("{task.completed:,} practices"), TimeRemainingColumn())
    try:
        with Progress(*bar, console=console, transient=True, disable=not console.is_terminal) as progress:
            task = progress.add_task("", total=None)
            written = portfolio.write(
                catalog,
                requirements,
                *chosen,
                arguments.as_of,
                arguments.file,
                arguments.output,
                engine=arguments.engine,
                scheduler=arguments.scheduler,
                tell=lambda done, expected: progress.update(task, completed=done, total=expected),
            )
    except KeyboardInterrupt:
        print("texteval: stopped: nothing was written. The same command starts again.", file=sys.stderr)
        return 130
    print(f"Priced under {written.plans} plans: {written.rows:,} {'practice' if written.rows == 1 else 'practices'}.")
    if written.rejected:
        print(f"Refused: {written.refused:,} {'row' if written.refused == 1 else 'rows'}; {written.rejected} says why.")
    print(f"Written: {written.output}; {written.summary} sums it up.")
    return 0


def _tco(arguments: argparse.Namespace) -> None:
    from texteval import decide, ownership, parameters, practice, show

    catalog, requirements = _load(arguments)
    comparison = decide.compare(catalog, requirements, *practice.load(arguments.practice), arguments.as_of)
    asked = [part.strip() for part in arguments.parts.split(",") if part.strip()]
    has = comparison.practice.now
    now = arguments.now or (has.plan if has and has.account == "paid" else None)
    if arguments.new_reminders and has and has.reminders:
        raise UserError(
            "the practice file says that reminders go out already (now.reminders), so none are new: leave out "
            "--new-reminders"
        )
    with _simulating() as tell:
        found = ownership.ownership(
            catalog,
            requirements,
            comparison,
            parameters.load(arguments.parameters),
            arguments.plans,
            years=arguments.years,
            parts=[*(ownership.PARTS if "all" in asked else ownership.BILL), *(p for p in asked if p != "all")],
            now=now,
            new_reminders=arguments.new_reminders,
            draws=arguments.draws,
            seed=arguments.seed,
            tell=tell,
        )
    stamp = decide.stamp(arguments.as_of, found[0].hash)
    if arguments.json:
        name = comparison.practice_id
        _print_json(show.ownership_json(found, name, now, arguments.new_reminders, stamp))
        return
    more = ["tco", *arguments.plans, "--years", str(arguments.years)]
    more += ["--now", arguments.now] if arguments.now else []
    more += ["--new-reminders"] if arguments.new_reminders else []
    show.ownership(_console(), comparison.practice, found, stamp, shlex.join(more), _again(arguments))


def _exposure(arguments: argparse.Namespace) -> None:
    from texteval import decide, exposure, practice, show

    found, on = exposure.load(), arguments.as_of
    practice_id, own, practice_hash = practice.load(arguments.practice)
    loss = found.loss_range(own.clinicians, on) if own.clinicians <= exposure.MOST_CLINICIANS else ()
    given = {"provisions": arguments.provisions, "years": arguments.years}
    counts = {name: many for name, many in given.items() if many is not None}
    penalties = []
    if arguments.violations is not None and arguments.tier is not None:
        penalties = [
            found.penalty(arguments.violations, arguments.tier, on, discretion=discretion, **counts)
            for discretion in (True, False)
        ]
    elif arguments.violations is not None or arguments.tier is not None or counts:
        raise UserError("to price violations give both --violations and --tier, such as --violations 3 --tier 2")
    stamp = decide.stamp(on, f"{found.hash}-{practice_hash}")
    if arguments.json:
        _print_json(show.exposure_json(found, practice_id, on, loss, penalties, stamp))
    else:
        show.exposure(_console(), found, own, on, loss, penalties, stamp, _again(arguments), every=arguments.all)


def _new_practice(arguments: argparse.Namespace) -> None:
    from texteval import catalog, start
    from texteval.files import is_file, write_whole

    path: Path = arguments.output
    start.check_place(path)
    if sys.stdin.isatty():
        with suppress(ImportError):
            import readline  # noqa: F401  # arrow keys edit the line
    elif hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    if is_file(path) and not _agreed(f"{path} is there already. Shall the new file take its place? [y/N] "):
        print("Nothing is changed. Name another file with -o.")
        return
    practice = _converse(start.converse(start.load(), catalog.load(), str(path)))
    if practice is None:
        print("Nothing is written.")
        return
    write_whole(path, start.as_yaml(practice))
    print(f"Written: {path}\nNext: {program()} decide --practice {shlex.quote(str(path))}")


def _converse(talk: Talk) -> Practice | None:
    """Lead a conversation at the terminal, or with lines that come from a pipe."""
    try:
        said = next(talk)
        while True:
            before, line_end, prompt = said.rpartition("\n")
            print(before, end=line_end)
            said = talk.send(input(prompt))
    except StopIteration as end:
        found: Practice | None = end.value
        return found
    except EOFError:
        raise UserError("the answers ended before the last question: nothing is written") from None


def _init(arguments: argparse.Namespace) -> None:
    from texteval import start

    folder: Path = arguments.folder
    written, left = start.fill(folder, PRACTICE)
    if written:
        print(f"Written to {folder}:")
    for name in written:
        print(f"  {name:<24}{start.PLACES.get(name, '')}".rstrip())
    if left:
        print(f"Left as they were: {', '.join(left)}.")
    mine, facts, own = (shlex.quote(str(path)) for path in (folder / "mine.yaml", folder / "own-facts.yaml", folder))
    print("Next:")
    print(f"  {program()} new-practice -o {mine}")
    print(f"  {program()} decide --practice {mine} --overlay {facts}")
    print(f"  {program()} lab {own}")
    print('In a notebook, write practice = "mine.yaml" into the first cell.')


def _app(arguments: argparse.Namespace) -> None:
    from texteval import app

    _load(arguments)  # what is wrong with a file is told before a page is opened
    gc.enable()
    on = None if arguments.as_of == date.today() else arguments.as_of
    app.serve(arguments.port, browser=not arguments.no_browser, on=on, data=arguments.data, overlay=arguments.overlay)


def _lab(arguments: argparse.Namespace) -> int:
    import tempfile

    from texteval import start
    from texteval.files import is_folder, notebook_folder

    folder = arguments.folder or notebook_folder()
    if not is_folder(folder):
        raise UserError(f"{folder}: there is no such folder: '{program()} init {shlex.quote(str(folder))}' makes one")
    if folder.parent == Path(__file__).resolve().parent:  # installed: work on a copy, beside the user's own files
        folder = Path("texteval-notebooks")
        if not folder.exists():
            start.fill(folder, PRACTICE)
            print(f"The notebooks are copied to {folder.resolve()}; change them as you like.")
    with tempfile.TemporaryDirectory() as settings:
        # JupyterLab would otherwise ask to fetch news, and look for updates.
        quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
        (Path(settings) / "overrides.json").write_text(json.dumps(quiet), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlab", str(folder), f"--LabApp.app_settings_dir={settings}"]
        try:
            return subprocess.call(command)
        except KeyboardInterrupt:
            return 0


if __name__ == "__main__":
    main()
