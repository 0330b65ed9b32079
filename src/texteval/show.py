"""Results for a person in a terminal of 80 columns, and as plain data for ``--json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from texteval import __version__
from texteval.assess import Coverage as Covered
from texteval.billing import Invoice
from texteval.breakeven import Interval
from texteval.catalog import Catalog
from texteval.checks import Known
from texteval.decide import PROVEN, BreakEven, BreakEvenCurve, CheapestByVolume, Comparison
from texteval.errors import Problem, program
from texteval.evidence import GRADE_WORDS
from texteval.messages import Segments
from texteval.models import first_day
from texteval.money import MICRO, dollars, exact_dollars, show
from texteval.practice import MONTHS, Practice, received_per_year, sent_per_year
from texteval.words import (
    OLD_PRICE,
    ORDER,
    about,
    break_even_sentences,
    count,
    evidence,
    explained,
    forecast_sentences,
    month_cost,
    ownership_sentences,
    percent,
    reason,
    rule_grade,
    year_cost,
)

if TYPE_CHECKING:
    from texteval.drivers import Drivers
    from texteval.exposure import Exposure, Loss, Penalty
    from texteval.forecast import Forecast
    from texteval.landscape import Landscape
    from texteval.ownership import Ownership, Part, Summary
    from texteval.parameters import Parameters

NOTHING: Mapping[str, str] = {}

STYLE = {
    "eligible": "bold green",
    "with configuration": "green",
    "verify first": "yellow",
    "ineligible": "red",
}
"""Colour of a verdict; the word always stands beside it."""


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading, justify in columns:
        table.add_column(heading, justify=justify, overflow="fold", vertical="top")  # type: ignore[arg-type]
    return table


def _say(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style))


def _next(console: Console, again: Mapping[str, str], *commands: str) -> None:
    """Say what to type next: a line for each command, to be copied whole."""
    for command in commands:
        taken = {
            name: value
            for name, value in again.items()
            if name != "--practice" or command.split()[0] not in ("questions", "parameters")
        }
        words = "".join(f" {name} {value}" for name, value in taken.items())
        console.print(Text(f"Next: {program()} {command}{words}"), soft_wrap=True)


def _stamp(console: Console, stamp: Mapping[str, str]) -> None:
    words = f"As of {stamp['as_of']}, data {stamp['data_hash']}, texteval {stamp['texteval']}. Not legal advice."
    _say(console, words, "dim")


def comparison(
    console: Console,
    result: Comparison,
    *,
    every_plan: bool = False,
    again: Mapping[str, str] = NOTHING,
) -> None:
    """Show every tool for a practice: what can be used now, what after a question, what not.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    result : Comparison
        The options.
    every_plan : bool
        Every plan in place of each vendor's best.
    again : mapping of str to str
        The options of the command line that the next command must repeat to speak of the same.
    """
    options = list(result.options) if every_plan else result.best_of_each
    practice = result.practice
    sent, received = sent_per_year(practice), received_per_year(practice)
    _say(console, f"Texting tools for: {practice.name}", "bold")
    _say(
        console,
        f"{count(practice.clinicians, 'clinician')}, {practice.staff} other staff, {practice.sessions_per_week} "
        f"sessions a week; {sent / MONTHS:,.0f} messages sent and {received / MONTHS:,.0f} received a month.",
    )
    groups = (
        ("Can be used now", [option for option in options if option.proven]),
        ("Verify first: ask before you pay", [o for o in options if o.shortlisted and not o.proven]),
        ("Not usable", [option for option in options if not option.shortlisted]),
    )
    for heading, members in groups:
        console.print()
        _say(console, f"{heading} ({len(members)})", "bold")
        if members and members[0].shortlisted:
            console.print(_row(Text("", "dim"), "a month", "first year"))
        for option in members:
            costs = (month_cost(option), year_cost(option)) if option.shortlisted else ("", "")
            console.print(_row(Text(option.plan, STYLE[option.verdict]), *costs))
            console.print(Padding(Text(reason(option), "dim"), (0, 0, 0, 6)))
    console.print()
    if not every_plan and len(result.options) > len(options):
        _say(console, f"Each vendor's best plan of {len(result.options)}; --all shows every plan.", "dim")
    _say(
        console,
        "A month is a twelfth of the first year. 'from' marks a bill with a price that nobody publishes.",
        "dim",
    )
    if any(option.old_price and option.shortlisted for option in options):
        _say(console, OLD_PRICE, "dim")
    _say(console, ORDER, "dim")
    _stamp(console, {"as_of": result.on.isoformat(), "data_hash": result.hash, "texteval": __version__})
    best = result.shortlist[0] if result.shortlist else None
    if best:
        _next(console, again, f"vendor {best.vendor}", "report")


def _row(plan: Text, month: str, year: str) -> Text:
    return Text.assemble("  ", plan, f"{month:>{max(1, 54 - len(plan))}}", f"{year:>20}")


def vendor(
    console: Console,
    catalog: Catalog,
    result: Comparison,
    vendor_id: str,
    again: Mapping[str, str] = NOTHING,
) -> None:
    """Show a vendor: verdict, a line for each plan, steps, limits, questions, then facts with their sources.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    catalog : Catalog
        The facts.
    result : Comparison
        The options of a practice.
    vendor_id : str
        The vendor.
    again : mapping of str to str
        The options of the command line that the next command must repeat to speak of the same.
    """
    entry = catalog.vendors[vendor_id]
    options = [option for option in result.options if option.vendor == vendor_id]
    also = f" (also {', '.join(entry.also)})" if entry.also else ""
    _say(console, f"{entry.name}{also}: {entry.kind.replace('_', ' ')}", "bold")
    _say(console, f"For: {result.practice.name}")
    console.print()
    table = _table(("Plan", "left"), ("Verdict", "left"), ("A month", "right"), ("Reason", "left"))
    for option in options:
        verdict = Text(option.verdict, STYLE[option.verdict])
        table.add_row(option.plan.partition("/")[2], verdict, month_cost(option), option.coverage.reason)
    if options:
        console.print(table)
    else:
        _say(console, "No plan of it sends messages to clients, so there is nothing to judge.")
    if any(option.old_price for option in options):
        _say(console, OLD_PRICE, "dim")
    if options and options[0].shortlisted:
        best, name = options[0].coverage, catalog.plan(options[0].plan).name
        _list(console, f"Before the first message ({name})", best.steps)
        _list(console, "Know before you buy", best.cautions)
        _list(console, "What remains true whatever the vendor does", best.limits)
        asked = dict.fromkeys(point.question for point in best.open_points if point.question)
        _list(console, f"Ask the vendor ({name})", list(asked))
    console.print()
    _say(console, "Facts", "bold")
    numbers: dict[str, int] = {}
    shown = set()
    for name, attribute in catalog.attributes.attributes.items():
        for said in evidence(catalog, vendor_id, name, result.on):
            shown.add(name)
            scope = f" ({said.scope})" if said.scope else ""
            console.print(Text.assemble((f"{attribute.title}: ", "bold"), said.value, scope))
            note = f" {said.piece.note}" if said.piece.note else ""
            yours = " (yours)" if said.piece.source in catalog.own else ""
            number = numbers.setdefault(said.piece.source, len(numbers) + 1)
            console.print(Padding(Text(f"{said.basis} [{number}]{yours}.{note}", style="dim"), (0, 0, 0, 4)))
    unknown = [a.title for name, a in catalog.attributes.attributes.items() if name not in shown]
    if unknown:
        console.print()
        _say(console, "Unknown: " + "; ".join(unknown) + ".")
    remarks = [
        f"{remark.text} [{numbers.setdefault(remark.source, len(numbers) + 1)}]"
        for remark in entry.remarks
        if first_day(catalog.sources[remark.source].seen) <= result.on
    ]
    _list(console, "Remarks", remarks)
    console.print()
    _sources(console, catalog, numbers)
    console.print()
    _stamp(console, {"as_of": result.on.isoformat(), "data_hash": result.hash, "texteval": __version__})
    if options and options[0].shortlisted:
        ask = [f"questions {vendor_id}"] if options[0].coverage.open_points else []
        _next(console, again, f"bill {options[0].plan}", *ask)
    else:
        _next(console, again, "compare")


def _sources(console: Console, catalog: Catalog, numbers: Mapping[str, int], old: Collection[str] = ()) -> None:
    """List numbered sources with grade, date and address."""
    _say(console, "Sources", "bold")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for source_id, number in numbers.items():
        source = catalog.sources[source_id]
        yours = " (yours)" if source_id in catalog.own else ""
        stale = ", OLD: check it" if source_id in old else ""
        where = f"\n{source.url}" if source.url else ""
        words = f"{source.title}, {source.day}: {GRADE_WORDS[source.grade]}{yours}{stale} ({source_id}){where}"
        table.add_row(f"[{number}]", words)
    console.print(table)


def _list(console: Console, heading: str, items: list[str]) -> None:
    if not items:
        return
    console.print()
    _say(console, heading, "bold")
    _bullets(console, items)


def _bullets(console: Console, items: Sequence[str]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for item in items:
        table.add_row(" •", item)
    console.print(table)


def vendor_json(catalog: Catalog, result: Comparison, vendor_id: str) -> dict[str, Any]:
    """Return a vendor as plain data: verdicts, facts with evidence, remarks."""
    entry = catalog.vendors[vendor_id]
    return {
        "texteval": __version__,
        "as_of": result.on.isoformat(),
        "data_hash": result.hash,
        "vendor": vendor_id,
        "name": entry.name,
        "kind": entry.kind,
        "practice": result.practice_id,
        "plans": [
            {
                "plan": option.plan,
                "verdict": option.verdict,
                "reason": option.coverage.reason,
                "year_usd": dollars(option.year),
                "at_least_year_usd": dollars(option.at_least),
                "findings": {
                    purpose: [
                        {
                            "requirement": finding.requirement,
                            "gate": finding.gate,
                            "outcome": finding.outcome,
                            "reason": finding.reason,
                        }
                        for finding in verdict.findings
                    ]
                    for purpose, verdict in option.coverage.verdicts.items()
                },
            }
            for option in result.options
            if option.vendor == vendor_id
        ],
        "facts": {
            name: [
                {
                    **piece.model_dump(mode="json", exclude_none=True),
                    "source": {
                        "id": piece.source,
                        **catalog.sources[piece.source].model_dump(exclude_none=True),
                    },
                }
                for piece in pieces
            ]
            for name, pieces in entry.facts.items()
        },
        "unknown": [name for name in catalog.attributes.attributes if name not in entry.facts],
        "not_found": entry.not_found,
        "remarks": [remark.model_dump(exclude_none=True) for remark in entry.remarks],
    }


def bill(
    console: Console,
    catalog: Catalog,
    practice: Practice,
    invoice: Invoice,
    coverage: Covered,
    stamp: Mapping[str, str],
) -> None:
    """Show a year's invoice line by line, with the source of every price."""
    _say(console, f"{catalog.title(invoice.plan)} for: {practice.name}", "bold")
    _say(console, f"Verdict: {coverage.verdict}. {coverage.reason}", STYLE[coverage.verdict])
    console.print()
    table = _table(
        ("Line", "left"),
        ("Quantity", "right"),
        ("Unit price", "right"),
        ("A month", "right"),
        ("Year", "right"),
    )
    used: dict[str, int] = {}
    for line in invoice.lines:
        number = used.setdefault(line.source, len(used) + 1)
        unit = "" if line.unit_usd is None else show(line.unit_usd, unit=True)
        quantity = "" if line.quantity_year is None else f"{line.quantity_year:,}"
        month = "unknown" if line.year is None else show(line.year // MONTHS)
        due = "" if line.cadence == "monthly" else f", {line.cadence}"
        yours = " (yours)" if line.own else ""
        table.add_row(f"{line.name}{due}{yours} [{number}]", quantity, unit, month, show(line.year))
    total = show(invoice.year) if invoice.known else "unknown"
    table.add_row(Text("Total", "bold"), "", "", show(invoice.month), Text(total, "bold"))
    if not invoice.known:
        published = show(invoice.at_least)
        table.add_row("Published part", "", "", show(invoice.at_least // MONTHS), published)
    console.print(table)
    console.print()
    _say(console, "Quantities of messages are a year's. A month is a twelfth of the first year.", "dim")
    day = date.fromisoformat(stamp["as_of"])
    _sources(console, catalog, used, [source_id for source_id in used if catalog.is_old_price(source_id, day)])
    notes = [f"{line.name}: {line.note}" for line in invoice.lines if line.note]
    prices = catalog.price_list(invoice.plan, day)
    if prices is not None:
        notes += [prices.note] if prices.note else []
        notes += [f"Another reading: {remark.text} [{remark.source}]" for remark in prices.disputes]
    _list(console, "Notes", notes)
    console.print()
    _stamp(console, stamp)


def bill_json(
    catalog: Catalog, practice_id: str, invoice: Invoice, coverage: Covered, stamp: Mapping[str, str]
) -> dict[str, Any]:
    """Return a year's invoice as plain data."""
    return {
        **stamp,
        "plan": invoice.plan,
        "practice": practice_id,
        "verdict": coverage.verdict,
        "channels": coverage.channels,
        "lines": [
            {
                "line": line.name,
                "of": line.origin,
                "meter": line.meter,
                "quantity_year": line.quantity_year,
                "unit_usd": exact_dollars(line.unit_usd),
                "cadence": line.cadence,
                "month_usd": None if line.year is None else dollars(line.year // MONTHS),
                "year_usd": dollars(line.year),
                "months_usd": [dollars(amount) for amount in line.months],
                "fixed": line.fixed,
                "since": line.since,
                "date_is": line.date_is,
                "source": {"id": line.source, **catalog.sources[line.source].model_dump(exclude_none=True)},
            }
            for line in invoice.lines
        ],
        "month_usd": dollars(invoice.month),
        "year_usd": dollars(invoice.year),
        "at_least_year_usd": dollars(invoice.at_least),
    }


def break_even(
    console: Console, catalog: Catalog, practice: Practice, found: BreakEven, stamp: Mapping[str, str]
) -> None:
    """Show where two plans change places."""
    names = {plan: catalog.title(plan) for plan in (found.a, found.b)}
    _say(console, f"{names[found.a]} against {names[found.b]} for: {practice.name}", "bold")
    for sentence in break_even_sentences(found, names, practice.weeks_per_year):
        _say(console, sentence)
    for plan, name in names.items():
        if found.verdicts[plan] not in PROVEN:
            _say(console, f"{name} is {found.verdicts[plan]} for this practice.", STYLE[found.verdicts[plan]])
    console.print()
    table = _table(("Messages a month", "right"), (found.a, "right"), (found.b, "right"))
    points = sorted(
        {
            0,
            found.month,
            *(min(at.first_whole * k // 2, len(found.cost_a) - 1) for at in found.at for k in (1, 2, 4)),
        }
    )
    for many in points:
        label = f"{many:,}" + (" (yours)" if many == found.month else "")
        cells = [
            f"{'from ' if found.left_out[plan] else ''}{show(int(cost[many]))}"
            for plan, cost in ((found.a, found.cost_a), (found.b, found.cost_b))
        ]
        table.add_row(label, *cells)
    console.print(table)
    for plan, lines in found.left_out.items():
        if lines:
            what = ", ".join(lines)
            _say(console, f"'from': what nobody publishes of {names[plan]} comes on top: {what}.", "yellow")
    console.print()
    _say(
        console,
        "Seats, replies and text lengths are the practice's own; prepaid packages count as they are used up, and "
        "one-time charges are left out.",
        "dim",
    )
    _stamp(console, stamp)


def break_even_json(practice_id: str, practice: Practice, found: BreakEven, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return the crossings of two plans as plain data."""
    return {
        **stamp,
        "practice": practice_id,
        "a": found.a,
        "b": found.b,
        "your_messages_per_month": found.month,
        "left_out": found.left_out,
        "verdicts": found.verdicts,
        "crossings": [
            {
                "messages_per_month": round(float(at.per_month), 1),
                "messages_per_week": round(float(at.per_week(practice.weeks_per_year)), 1),
                "first_whole_messages_per_month": at.first_whole,
                "cheaper_below": at.cheaper_before,
                "cheaper_above": at.cheaper_after,
            }
            for at in found.at
        ],
    }


def break_even_curve(
    console: Console, catalog: Catalog, practice: Practice, curve: BreakEvenCurve, stamp: Mapping[str, str]
) -> None:
    """Show where two plans change places, by replies and segments."""
    found = curve.found
    names = {found.a: "A", found.b: "B"}
    _say(console, f"{catalog.title(found.a)} against {catalog.title(found.b)} for: {practice.name}", "bold")
    _say(console, f"A is {found.a}, B is {found.b}.")
    console.print()
    lengths = list(dict.fromkeys(mix.segments for mix in curve.mixes))
    table = _table(("Replies a message", "right"), *((count(length, "segment"), "left") for length in lengths))
    for replies in dict.fromkeys(mix.replies for mix in curve.mixes):
        cells = []
        for mix in curve.mixes:
            if mix.replies == replies:
                turns = [f"{names[at.cheaper_after]} from {at.first_whole:,}" for at in mix.at]
                more = f" (+{len(turns) - 1})" if len(turns) > 1 else ""
                always = f"always {names[mix.lower]}" if mix.lower else "equal"
                cells.append(f"{turns[0]}{more}" if turns else always)
        table.add_row(f"{float(replies):.1f}", *cells)
    console.print(table)
    for plan, lines in found.left_out.items():
        if lines:
            what = ", ".join(lines)
            _say(console, f"What nobody publishes of {names[plan]} comes on top of its cost: {what}.", "yellow")
    console.print()
    if any(len(mix.at) > 1 for mix in curve.mixes):
        _say(console, "'(+2)': the order changes twice more further up; --json lists every change.", "dim")
    _say(
        console,
        f"'B from N': B costs no more from N messages sent a month on; 'always': at every volume up to "
        f"{curve.most:,}. This practice sends {found.month:,} a month and gets {float(curve.replies):.2f} replies for "
        "each. Replies are messages received for each one sent; a text of one segment has up to 160 plain characters. "
        "Seats and purposes are the practice's own; one-time charges are left out.",
        "dim",
    )
    _stamp(console, stamp)


def break_even_curve_json(curve: BreakEvenCurve) -> list[dict[str, Any]]:
    """Return the crossings of every mix as plain data."""
    return [
        {
            "replies_per_message": float(mix.replies),
            "segments_per_message": mix.segments,
            "messages_per_month": None if where is None else round(where, 1),
            "first_whole_messages_per_month": first_whole,
            "cheaper_below": before,
            "cheaper_above": after,
        }
        for mix in curve.mixes
        for where, first_whole, before, after in mix.turns
    ]


def cheapest(console: Console, result: Comparison, found: CheapestByVolume, again: Mapping[str, str] = NOTHING) -> None:
    """Show the cheapest plan by the messages sent a month, and where the practice stands."""
    _say(console, f"The cheapest plan by messages sent a month, for: {result.practice.name}", "bold")
    _say(console, f"You send {found.month:,} a month.")
    for intervals, among in (
        (found.usable, "All that can be used, now or once open points are settled"),
        (found.proven, "Only what can be used now"),
    ):
        console.print()
        _say(console, among, "bold")
        if not intervals:
            _say(console, "No plan with a known price.")
            continue
        at = next(i for i, one in enumerate(intervals) if one.last >= found.month)
        mine = intervals[at].plan
        says = [f"At your {found.month:,}: {mine}, {show(int(found.costs[mine][found.month]))}."]
        says += [f"Up to {one.last:,}: {one.plan}." for one in intervals[max(at - 1, 0) : at]]
        says += [f"From {one.first:,} on: {one.plan}." for one in intervals[at + 1 : at + 2]]
        _say(console, " ".join(says))
        table = _table(("Messages", "left"), ("Cheapest plan", "left"), ("A month, first", "right"), ("last", "right"))
        for i, one in enumerate(intervals):
            here = "\n(you are here)" if i == at else ""
            plan = Text(one.plan, STYLE[result.option(one.plan).verdict])
            plan.append("".join(f"\nas cheap: {run.plan} ({_between(run.first, run.last)})" for run in one.tied), "dim")
            ends = (show(int(found.costs[one.plan][many])) for many in (one.first, one.last))
            table.add_row(f"{_between(one.first, one.last)}{here}", plan, *ends)
        console.print(table)
    console.print()
    _say(
        console,
        "What a month costs at the first and at the last number of messages. Seats, replies and text lengths are the "
        "practice's own; one-time charges are left out, so the order may differ from that of the first year. "
        f"Programming interfaces are left out, and {count(len(found.unpriced), 'usable plan')} with an unknown price.",
        "dim",
    )
    _stamp(console, {"as_of": result.on.isoformat(), "data_hash": result.hash, "texteval": __version__})
    bills = [f"bill {one.plan}" for one in found.usable if one.first <= found.month <= one.last]
    _next(console, again, *bills, "map")


def _between(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"


def cheapest_json(result: Comparison, found: CheapestByVolume, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return the cheapest plan by the messages sent a month as plain data."""

    def rows(intervals: Sequence[Interval]) -> list[dict[str, Any]]:
        return [
            {
                "first_messages_per_month": one.first,
                "last_messages_per_month": one.last,
                "plan": one.plan,
                "verdict": result.option(one.plan).verdict,
                "month_usd_at_first": dollars(int(found.costs[one.plan][one.first])),
                "month_usd_at_last": dollars(int(found.costs[one.plan][one.last])),
                "you_are_here": one.first <= found.month <= one.last,
                "as_cheap": [
                    {
                        "plan": run.plan,
                        "first_messages_per_month": run.first,
                        "last_messages_per_month": run.last,
                    }
                    for run in one.tied
                ],
            }
            for one in intervals
        ]

    return {
        **stamp,
        "practice": result.practice_id,
        "your_messages_per_month": found.month,
        "most_messages_per_month": found.most,
        "usable": rows(found.usable),
        "proven": rows(found.proven),
        "unknown_price": list(found.unpriced),
    }


INKS = ("cyan", "yellow", "green", "magenta", "blue", "red", "bright_black")
"""Colours of the letters on a map; the letter says the same."""


def landscape(console: Console, found: Landscape, again: Mapping[str, str] = NOTHING) -> None:
    """Show the map of the cheapest plan in letters: a row for each number of clinicians, a column of messages."""
    practice, (row, column) = found.practice, found.here
    what = "cheapest plan that can be used now" if found.proven_only else "cheapest usable plan"
    _say(console, f"The {what}, with the proportions of: {practice.name}", "bold")
    plans = [*found.plans, None]
    here, following = plans[found.first[row, column]], plans[found.second[row, column]]
    own = f"{count(found.own[0], 'clinician')}, {found.own[1]:,} messages sent a week (*)"
    if here:
        mark = "" if found.proven[row, column] else " (verify first)"
        _say(console, f"{own}: {found.titles[here]}{mark}, {show(int(found.year[row, column]))} in the first year.")
    else:
        _say(console, f"{own}: no usable plan has a known price.")
    if following:
        _say(console, f"Then {found.titles[following]}, {show(int(found.more[row, column]))} more.")
    console.print()
    inks = {plan: INKS[i % len(INKS)] for i, plan in enumerate(found.winners)}
    labels, ticks = _ruler(found.messages)
    _say(console, f"Clinicians  Messages sent a week\n{'':12}{labels}\n{'':12}{ticks}", "dim")
    for i in reversed(range(len(found.clinicians))):
        line = Text(f"{found.clinicians[i]:>10,}  ")
        for j, place in enumerate(found.first[i]):
            plan = plans[place]
            sign = found.signs[plan] if plan else "."
            line.append("*" if (i, j) == (row, column) else sign, inks[plan] if plan else "")
        console.print(line)
    console.print()
    for plan, cells in found.winners.items():
        mark = "" if found.sure(plan) else ", verify first"
        words = f"{plan} ({percent(float(cells.mean()))} of the map{mark})"
        console.print(Text.assemble((f"{found.signs[plan]}  ", inks[plan]), words))
    if (found.first < 0).any():
        _say(console, ".  no usable plan with a known price")
    console.print()
    _say(
        console,
        "Cost of the first year. Staff, sessions, locations and phone numbers grow with the clinicians as this "
        "practice has them; messages keep its mix, in whole messages a week, so that a bill may differ by cents. "
        "Programming interfaces and unknown prices never win"
        + (f"; {count(len(found.unpriced), 'usable plan')} without a known price here." if found.unpriced else "."),
        "dim",
    )
    _stamp(console, {"as_of": found.on.isoformat(), "data_hash": found.hash, "texteval": __version__})
    bills = [f"bill {here}"] if here else []
    _next(console, again, *bills, f"map{' --proven' if found.proven_only else ''} -o map.png")


def _ruler(numbers: Sequence[int]) -> tuple[str, str]:
    """Set numbers over columns of one character: each begins over its column, as many as there is room for."""
    labels = ticks = ""
    for column, number in enumerate(numbers):
        if column >= len(labels) + (column > 0):
            labels = f"{labels:{column}}{number:,}" if column else f"{number:,}"
            ticks = f"{ticks:{column}}|" if column else "|"
    return labels, ticks


def landscape_json(found: Landscape, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return the map as plain data."""
    plans = [*found.plans, None]
    return {
        **stamp,
        "practice": found.practice_id,
        "your_clinicians": found.own[0],
        "your_messages_per_week": found.own[1],
        "proven_only": found.proven_only,
        "plans": [
            {"plan": plan, "title": found.titles[plan], "cells": int(cells.sum()), "proven": found.sure(plan)}
            for plan, cells in found.winners.items()
        ],
        "cells": [
            {
                "clinicians": clinicians,
                "messages_per_week": messages,
                "plan": plans[found.first[i, j]],
                "year_usd": dollars(int(found.year[i, j])) if found.first[i, j] >= 0 else None,
                "proven": bool(found.proven[i, j]),
                "second_plan": plans[found.second[i, j]],
                "second_more_usd": dollars(int(found.more[i, j])) if found.second[i, j] >= 0 else None,
            }
            for i, clinicians in enumerate(found.clinicians)
            for j, messages in enumerate(found.messages)
        ],
        "unknown_price": list(found.unpriced),
    }


def segments(console: Console, text: str, counted: Segments) -> None:
    """Show how many texts a message is billed as, and why."""
    _say(
        console,
        f"{count(counted.segments, 'text')} ({count(counted.segments, 'segment')}), {counted.encoding}",
        "bold",
    )
    _say(console, f"{counted.units} of {counted.units + counted.room} units used; {counted.room} left.")
    if counted.forcing:
        _say(
            console,
            "These characters turn the whole message to UCS-2, which holds 70 in place of 160:",
            "yellow",
        )
        for name in list(counted.forcing_names())[:10]:
            _say(console, f"  {name}")


def segments_json(text: str, counted: Segments) -> dict[str, Any]:
    """Return the segments of a text as plain data."""
    return {
        "segments": counted.segments,
        "encoding": counted.encoding,
        "units": counted.units,
        "room": counted.room,
        "characters": len(text),
        "forcing_ucs2": list(counted.forcing),
    }


def check(console: Console, catalog: Catalog, found: list[tuple[str, Problem]], *, every: bool) -> None:
    """Show what looks wrong in a catalogue, by kind; with ``every``, each place as ``file:line``."""
    plans = catalog.plan_ids(texting=False)
    _say(
        console,
        f"{catalog.path}: no faults. {len(catalog.vendors)} vendors, {len(plans)} plans, {len(catalog.sources)} "
        f"sources; data hash {catalog.hash}.",
    )
    kinds = Counter(kind for kind, _ in found)
    for kind, many in sorted(kinds.items()):
        _say(console, f"  {count(many, 'warning')}: {kind}", "yellow")
        if every:
            for name, problem in found:
                if name == kind:
                    console.print(Text(f"    {problem}"), soft_wrap=True)
    if kinds and not every:
        _say(console, "--warnings lists each with file and line.", "dim")


def coverage(console: Console, rows: list[Known]) -> None:
    """Show how much is known of each vendor by class, and how much of it rests on the two best grades."""
    classes = list(dict.fromkeys(name for row in rows for name in row.classes))
    table = _table(("Vendor", "left"), *((name, "right") for name in classes), ("Best grades", "right"))
    for row in rows:
        cells = []
        for name in classes:
            count = row.classes.get(name, Counter())
            cells.append("/".join(str(count[state]) for state in ("known", "stale", "disputed", "unknown")))
        table.add_row(row.vendor, *cells, f"{row.well} of {row.bearing}")
    bearing, well = sum(row.bearing for row in rows), sum(row.well for row in rows)
    table.add_row(Text(f"{len(rows)} vendors", "bold"), *("" for _ in classes), Text(f"{well} of {bearing}", "bold"))
    _say(console, "Each cell: known / stale / disputed / unknown attributes.")
    console.print()
    console.print(table)
    console.print()
    share = f"{100 * well / bearing:.0f} %" if bearing else "none"
    _say(console, f"Of the facts that verdicts rest on, {share} come from the vendor's own page, contract or reply.")


def coverage_json(rows: list[Known]) -> list[dict[str, Any]]:
    """Return the coverage table as plain data."""
    return [
        {
            "vendor": row.vendor,
            "classes": {
                name: {state: count[state] for state in ("known", "stale", "disputed", "unknown")}
                for name, count in row.classes.items()
            },
            "verdict_bearing": row.bearing,
            "on_best_grades": row.well,
        }
        for row in rows
    ]


def forecast(console: Console, found: Forecast, again: Mapping[str, str] = NOTHING) -> None:
    """Show what plans cost in simulated futures.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    found : Forecast
        The simulation.
    again : mapping of str to str
        As for :func:`comparison`.
    """
    bills, practice = found.bills, found.comparison.practice
    _say(console, f"{practice.name}: {count(bills.months, 'month')} in {bills.draws:,} simulated futures", "bold")
    for sentence in forecast_sentences(found):
        _say(console, sentence)
    console.print()
    table = _table(("plan", "left"), *((name, "right") for name in ("mean", "5 to 95%", "± month", "cheapest")))
    means, errors = bills.mean(bills.cost.astype(float))
    chances, _ = bills.chance_cheapest()
    for row in means.argsort(kind="stable"):
        option, error = found.options[row], errors[row]
        low, high = np.quantile(bills.cost[row], [0.05, 0.95])
        band = f"{about(low, error)}–{about(high, error).lstrip('$')}" if high > low else "no spread"
        spread = bills.spread[row].mean()
        table.add_row(
            Text(option.plan if len(option.plan) < 36 else option.plan.replace("/", "/\n"), STYLE[option.verdict]),
            about(means[row], error),
            band,
            about(spread, MICRO) if spread >= MICRO else "none" if spread < 5_000 else "under $1",
            percent(float(chances[row])),
        )
    console.print(table)
    console.print()
    _say(
        console,
        "± month: how far a future's months lie apart (standard deviation), without what is paid in advance. "
        "All plans are priced in the same futures. The weeks worked, who leaves and how prices rise vary, which a bill "
        "does not show.",
        "dim",
    )
    seed = f", seed {bills.seed}"
    stamp = {"as_of": f"{found.comparison.on}{seed}", "data_hash": found.hash, "texteval": __version__}
    _stamp(console, stamp)
    _next(console, again, f"drivers {found.cheapest.plan}", "parameters")


def forecast_json(found: Forecast, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return a simulation as plain data."""
    bills = found.bills
    worth, worth_error = bills.perfect_information()
    means, errors = bills.mean(bills.cost.astype(float))
    values, value_errors = bills.mean(bills.present_value.astype(float))
    chances, chance_errors = bills.chance_cheapest()
    return {
        **stamp,
        "practice": found.comparison.practice_id,
        "months": bills.months,
        "draws": bills.draws,
        "seed": bills.seed,
        "perfect_information_usd": dollars(round(worth)),
        "perfect_information_error_usd": dollars(round(worth_error)),
        "left_out": list(bills.carrying_unknown),
        "plans": [
            {
                "plan": option.plan,
                "title": option.title,
                "verdict": option.verdict,
                "bill_year_usd": dollars(option.year),
                "mean_usd": dollars(round(means[row])),
                "mean_error_usd": dollars(round(errors[row])),
                **{
                    f"{name}_usd": dollars(round(amount))
                    for name, amount in zip(
                        ("p05", "median", "p95"), np.quantile(bills.cost[row], [0.05, 0.5, 0.95]), strict=True
                    )
                },
                "present_value_usd": dollars(round(values[row])),
                "present_value_error_usd": dollars(round(value_errors[row])),
                "month_spread_usd": dollars(round(bills.spread[row].mean())),
                "cheapest_share": round(float(chances[row]), 6),
                "cheapest_share_error": round(float(chance_errors[row]), 6),
            }
            for row, option in enumerate(found.options)
        ],
    }


def drivers(console: Console, title: str, found: Drivers, parameters: Parameters, stamp: Mapping[str, str]) -> None:
    """Show what moves the bill of a plan.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    title : str
        What a person calls the plan.
    found : Drivers
        Swings and indices.
    parameters : Parameters
        What each parameter means.
    stamp : mapping
        Version, day and data hash.
    """
    over = f"over {count(found.months, 'month')}"
    _say(console, f"What moves the bill of {title}", "bold")
    _say(console, f"{show(found.likely)} {over} with every assumption at its likely value.")
    moving = [swing for swing in found.swings if swing.width]
    if not moving:
        _say(console, "No assumption moves it.")
    else:
        table = _table(("assumption", "left"), ("at low", "right"), ("at high", "right"), ("explains", "right"))
        indices = {index.parameter: index for index in found.indices}
        for swing in moving:
            table.add_row(
                parameters[swing.parameter].title,
                show(swing.at_low),
                show(swing.at_high),
                explained(indices.get(swing.parameter)),
            )
        console.print()
        console.print(table)
        still = len(found.swings) - len(moving)
        if still:
            _say(console, f"The other {count(still, 'assumption')} do not move it.", "dim")
    console.print()
    _say(
        console,
        "Explains: the part of the spread between futures that the assumption explains together with others (total "
        "Sobol index), of what assumptions explain at all. About "
        f"{percent(found.chance)} of the whole spread is chance, month by month.",
        "dim",
    )
    _stamp(console, stamp)


def drivers_json(found: Drivers, stamp: Mapping[str, str]) -> dict[str, Any]:
    """Return what moves a bill as plain data."""
    indices = {index.parameter: index for index in found.indices}
    return {
        **stamp,
        "plan": found.plan,
        "months": found.months,
        "likely_usd": dollars(found.likely),
        "chance_share": round(found.chance, 6),
        "parameters": [
            {
                "parameter": swing.parameter,
                "at_low_usd": dollars(swing.at_low),
                "at_high_usd": dollars(swing.at_high),
                **{
                    name: round(getattr(indices[swing.parameter], name), 6) if swing.parameter in indices else None
                    for name in ("alone", "alone_spread", "in_all", "in_all_spread")
                },
            }
            for swing in found.swings
        ],
    }


def parameters(console: Console, found: Parameters) -> None:
    """Show every parameter with its range, its evidence and its source."""
    _say(console, "What the simulation and the cost of ownership assume", "bold")
    from texteval.parameters import EVIDENCE

    for name, one in found.all.items():
        values = f"{one.low:g} to {one.high:g}, likely {one.likely:g}" if one.varies else f"{one.likely:g}"
        console.print()
        _say(console, f"{name}: {values} ({one.unit})", "bold")
        source = found.file.sources[one.source] if one.source else None
        said = f"; {source.title}, {source.publisher or 'no publisher'}, {source.seen}" if source else ""
        note = f" {one.note}" if one.note else ""
        body = f"{one.title}. {EVIDENCE[one.evidence][0].upper()}{EVIDENCE[one.evidence][1:]}{said}.{note}"
        console.print(Padding(Text(body, "dim"), (0, 0, 0, 4)))
    console.print()
    _say(console, f"Change them: {program()} parameters --write mine-assumptions.yaml, then pass it with --parameters.")


def parameters_json(found: Parameters) -> dict[str, Any]:
    """Return the parameters as plain data."""
    return {
        "hash": found.hash,
        "parameters": {
            name: {
                **one.model_dump(),
                "source": found.file.sources[one.source].model_dump() if one.source else None,
            }
            for name, one in found.all.items()
        },
    }


def ownership(
    console: Console,
    practice: Practice,
    found: Sequence[Ownership],
    stamp: Mapping[str, str],
    asked: str,
    again: Mapping[str, str] = NOTHING,
) -> None:
    """Show what plans cost over some years, part by part, and what is off.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    practice : Practice
        The practice.
    found : sequence of Ownership
        The plans.
    stamp : mapping
        Version, day and data hash.
    asked : str
        The command, to which ``--with`` is added where it may be asked again with more parts.
    again : mapping of str to str
        As for :func:`comparison`.
    """
    from texteval.ownership import BEYOND

    over = count(found[0].years, "year")
    _say(console, f"{practice.name}: cost of ownership over {over}, {found[0].draws:,} simulated futures", "bold")
    for one in found:
        option = one.option
        console.print()
        star = "*" if option.old_price else ""
        _say(console, f"{option.title}{star}: {option.verdict}. {option.coverage.reason}", STYLE[option.verdict])
        if not option.shortlisted:
            _say(console, "It may not be used by this practice; it is priced all the same.")
        console.print()
        table = _table(("", "left"), ("part", "left"), (over, "right"), ("5 to 95 %", "right"), ("evidence", "left"))
        for part in one.parts:
            table.add_row("on" if part.on else "off", *_part(part), style="" if part.on else "dim")
        total = _spread(one.total.paid)
        table.add_row("", Text("Total", "bold"), Text(total[0], "bold"), total[1], "")
        console.print(table)
        console.print()
        for sentence in ownership_sentences(one):
            _say(console, sentence)
        counted = [part for part in one.parts if part.name in ("setup", *BEYOND)]
        _list(console, "What is counted", [f"{part.title}: {part.note}" for part in counted])
    reminders = max((one.reminders for one in found), key=len)
    if reminders:  # the same for all plans that send them
        console.print()
        heading = "missed sessions, by"
        table = _table((heading, "left"), (over, "right"), ("5 to 95 %", "right"), ("evidence", "left"))
        for part in reminders:
            table.add_row(*_part(part))
        console.print(table)
    console.print()
    _say(
        console,
        "An amount below zero is a saving. A minimum or discount counts with the subscription as far as it is due with "
        "nothing used. Bills rise each year; wages and fees stay.",
        "dim",
    )
    if any(one.option.old_price for one in found):
        _say(console, OLD_PRICE, "dim")
    _stamp(console, stamp)
    known = [part for part in found[0].parts if part.name in BEYOND and part.amount]
    if all(part.on for part in known):
        _next(console, again, f"bill {found[0].option.plan}", "parameters")
    else:
        more = "all" if len(known) == len(BEYOND) else ",".join(part.name for part in known)
        _next(console, again, f"{asked} --with {more}")


def _part(part: Part) -> tuple[str, str, str, str]:
    """Print a part: its title, its mean, its spread, its evidence."""
    if part.amount is None:
        return part.title, "unknown", "", part.basis
    mean, band = _spread(part.amount.paid)
    return part.title, f"{mean}?" if part.unsure else mean, band, part.basis


def _spread(paid: Summary) -> tuple[str, str]:
    """Print an amount's mean and its spread; nothing for what is the same in every future."""
    if paid.high > paid.low:
        return about(paid.mean, MICRO), f"{about(paid.low, MICRO)} to {about(paid.high, MICRO)}"
    return about(paid.mean) if paid.mean else "$0", ""


def ownership_json(
    found: Sequence[Ownership], practice_id: str, now: str | None, new_reminders: bool, stamp: Mapping[str, str]
) -> dict[str, Any]:
    """Return what plans cost over some years as plain data."""
    from texteval.ownership import figures

    first = found[0]

    def part(one: Part) -> dict[str, Any]:
        told = {"title": one.title, "on": one.on, "evidence": one.evidence, "why": one.why, "note": one.note}
        return {"part": one.name, **told, "unsure": one.unsure, **figures(one.amount, first.years)}

    return {
        **stamp,
        "practice": practice_id,
        "years": first.years,
        "now": now,
        "new_reminders": new_reminders,
        "discount_rate": first.discount_rate,
        "draws": first.draws,
        "seed": first.seed,
        "plans": [
            {
                "plan": one.option.plan,
                "title": one.option.title,
                "verdict": one.option.verdict,
                "reason": one.option.coverage.reason,
                "parts": [part(each) for each in one.parts],
                "total": figures(one.total, one.years),
                "reminder_effects": [part(each) for each in one.reminders],
                "total_by_contrary_trial": figures(one.contrary, one.years) if one.contrary else None,
            }
            for one in found
        ],
    }


def exposure(
    console: Console,
    found: Exposure,
    practice: Practice,
    on: date,
    loss: Sequence[Loss],
    penalties: Sequence[Penalty],
    stamp: Mapping[str, str],
    again: Mapping[str, str] = NOTHING,
    *,
    every: bool = False,
) -> None:
    """Show what a violation may cost: what was paid, the tiers, what was asked, superseded tables, cases, a loss.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    found : Exposure
        Tiers, cases and the rest.
    practice : Practice
        The practice.
    on : datetime.date
        The day.
    loss : sequence of Loss
        A year's loss at each frequency.
    penalties : sequence of Penalty
        The penalty that was asked for, with and without the notice; empty where none was.
    stamp : mapping
        Version, day and data hash.
    again : mapping of str to str
        As for :func:`comparison`.
    every : bool
        Every remark, case and source, in place of one screen.
    """
    from texteval.exposure import LOSS_MEANING, usd

    file, table, numbers = found.file, found.table(on), dict[str, int]()

    def cite(*sources: str) -> str:
        return (
            ""
            if not every
            else " " + "".join(f"[{numbers.setdefault(source, len(numbers) + 1)}]" for source in sources)
        )

    def heading(text: str) -> None:
        console.print()
        _say(console, text, "bold")

    _say(console, "What a violation may cost", "bold")
    _say(console, found.in_practice(on))
    heading(f"Penalty tiers since {table.from_}")
    rows = _table(("Tier", "left"), ("One violation", "right"), ("Year", "right"), ("Year, notice", "right"))
    for tier in found.tiers(on):
        span = f"{usd(tier.min)} to {usd(tier.max)}"
        rows.add_row(f"{tier.tier} {tier.title}", span, usd(tier.yearly_cap), usd(tier.discretion_cap))
    console.print(rows)
    notice = file.notice
    printed = [tier.printed for tier in found.tiers(on) if tier.printed]
    others = f"{', '.join(usd(cap.usd) for cap in printed)}{cite(*{cap.source: 0 for cap in printed})}"
    notes = [
        f"{table.citation or 'Place in the Federal Register unknown'}{cite(*table.source)}. {table.note or ''}",
        "Year: the cap for all violations of one provision in a calendar year; several provisions or years multiply it "
        f"({file.act.citation}){cite(*file.act.source)}. {file.act.note}",
        f"Year, notice: that cap under the {notice.title.lower()} of {notice.from_} ({notice.citation}), last "
        f"confirmed {notice.confirmed}{cite(*notice.source)}. {notice.means}",
        notice.note + (f" Printed: {others}." if printed else ""),
        *(f"{remark.text}{cite(remark.source)}" for remark in [*notice.disputes, *found.remarks(on)]),
    ]
    _bullets(console, notes if every else notes[1:3])
    if penalties:
        heading(f"Tier {penalties[0].tier.tier}: {penalties[0].asked}")
        rows = _table(("", "left"), ("", "right"), ("", "left"))
        rows.show_header = False
        for penalty in penalties:
            notice_is = "with the notice" if penalty.discretion else "without it"
            for name, bound in (("at least", penalty.low), ("at most", penalty.high)):
                rows.add_row(f"{name}, {notice_is}", usd(bound.total), penalty.explained(bound))
        console.print(rows)
    heading("Superseded: tables in print that no longer hold")
    for old in file.superseded:
        _say(console, f"{old.title}{cite(old.source)}")
        console.print(Padding(Text("; ".join(row.words for row in old.rows), "dim strike"), (0, 0, 0, 3)))
        _bullets(console, old.wrong if every else old.wrong[:1])
    heading("Cases closed with a payment")
    rows = _table(("Year", "left"), ("Paid", "right"), ("Who, and what about", "left"))
    cases = found.cases(on=on)
    for case in cases if every else cases[:4]:
        rows.add_row(str(case.year), usd(case.usd), f"{case.name}: {case.issue}{cite(case.source)}")
    console.print(rows)
    if not every and len(cases) > 4:
        _say(console, f"{len(cases) - 4} more with --all.", "dim")
    damages = file.text_damages
    heading(damages.title)
    _say(
        console,
        f"{usd(damages.each)}, up to {usd(damages.wilful)}, for each text ({damages.citation}){cite(damages.source)}. "
        f"{damages.note}",
    )
    if loss:
        heading(f"Small breaches in a year of {count(practice.clinicians, 'clinician')}: a rough range")
        rows = _table(
            ("How many a year", "left"), *((name, "right") for name in ("any", "median", "mean", "95 % point"))
        )
        for year in loss:
            amounts = (about(amount, MICRO) for amount in (year.median, year.mean, year.p95))
            rows.add_row(f"{year.assumed}: {year.frequency:.3g}", percent(year.chance), *amounts)
        console.print(rows)
        for sentence in LOSS_MEANING:
            _say(console, sentence)
    else:
        _say(console, "The range of small breaches is left out: it is made for practices, not for so many clinicians.")
    if not every:
        _say(console, "--all tells what this rests on, every remark, case and source.", "dim")
        console.print()
        _stamp(console, stamp)
        _next(console, again, *([] if penalties else ["exposure --violations 3 --tier 2"]), "exposure --all")
        return
    known = [
        f"{one.title}: {one.words} ({one.evidence.replace('_', ' ')}){cite(*one.source)}. {one.explained}"
        for one in file.risk.rows
    ]
    _bullets(console, known)
    heading("Sources")
    rows = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    rows.add_column()
    rows.add_column(overflow="fold")
    for name, number in numbers.items():
        source = file.sources[name]
        rows.add_row(f"[{number}]", f"{source.publisher}, {source.day}: {rule_grade(source)}\n{source.url}")
    console.print(rows)
    console.print()
    _stamp(console, stamp)
    if not penalties:
        _next(console, again, "exposure --violations 3 --tier 2")


def exposure_json(
    found: Exposure,
    practice_id: str,
    on: date,
    loss: Sequence[Loss],
    penalties: Sequence[Penalty],
    stamp: Mapping[str, str],
) -> dict[str, Any]:
    """Return what a violation may cost as plain data."""
    from texteval.exposure import LOSS_MEANING

    file, table, paid = found.file, found.table(on), found.settlements(on=on)

    def plain(entry: Any) -> Any:
        return entry.model_dump(mode="json", by_alias=True)

    return {
        **stamp,
        "practice": practice_id,
        "in_practice": found.in_practice(on),
        "table": {"from": table.from_, "citation": table.citation, "source": table.source, "note": table.note},
        "act": plain(file.act),
        "notice": plain(file.notice),
        "tiers": [
            {
                "tier": tier.tier,
                "title": tier.title,
                "min_usd": exact_dollars(tier.min),
                "max_usd": exact_dollars(tier.max),
                "yearly_cap_usd": exact_dollars(tier.yearly_cap),
                "discretion_cap_usd": exact_dollars(tier.discretion_cap),
                "printed": plain(tier.printed) if tier.printed else None,
            }
            for tier in found.tiers(on)
        ],
        "penalties": [
            {
                "tier": penalty.tier.tier,
                "violations": penalty.violations,
                "provisions": penalty.provisions,
                "years": penalty.years,
                "discretion": penalty.discretion,
                "cap_usd": exact_dollars(penalty.cap),
                **{
                    name: {"usd": exact_dollars(end.total), "capped": end.capped, "explained": penalty.explained(end)}
                    for name, end in (("low", penalty.low), ("high", penalty.high))
                },
            }
            for penalty in penalties
        ],
        "remarks": [plain(remark) for remark in found.remarks(on)],
        "superseded": [plain(old) for old in file.superseded],
        "cases": [plain(case) for case in found.cases(on=on)],
        "settlements": paid
        and {
            "count": paid.count,
            "low_usd": exact_dollars(paid.low),
            "median_usd": exact_dollars(paid.median),
            "high_usd": exact_dollars(paid.high),
        },
        "text_damages": plain(file.text_damages),
        "loss": [
            {
                "assumed": year.assumed,
                "breaches_per_year": round(year.frequency, 6),
                "chance": round(year.chance, 6),
                "median_usd": dollars(year.median),
                "mean_usd": dollars(year.mean),
                "mean_error_usd": dollars(year.mean_error),
                "p95_usd": dollars(year.p95),
            }
            for year in loss
        ],
        "loss_meaning": " ".join(LOSS_MEANING),
        "risk": plain(file.risk),
        "sources": {name: source.model_dump() for name, source in file.sources.items()},
    }
