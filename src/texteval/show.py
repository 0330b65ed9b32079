"""Results for a person in a terminal of 80 columns, and as plain data for ``--json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from texteval.assess import Coverage as Covered
from texteval.billing import Invoice
from texteval.catalog import Catalog
from texteval.checks import Coverage
from texteval.decide import BreakEven, Comparison, Option, received_per_year, sent_per_year
from texteval.errors import Problem
from texteval.evidence import GRADE_WORDS, Fact
from texteval.messages import Segments
from texteval.money import dollars, exact_dollars, show
from texteval.practice import MONTHS, Practice

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


def _stamp(console: Console, stamp: Mapping[str, str]) -> None:
    words = f"As of {stamp['as_of']}, data {stamp['data_hash']}, texteval {stamp['texteval']}. Not legal advice."
    _say(console, words, "dim")


def year_cost(option: Option) -> str:
    """Print an option's cost a year; its published part where a price is unknown."""
    if option.year is not None:
        return show(option.year)
    return f"from {show(option.at_least)}" if option.at_least else "unknown"


def month_cost(option: Option) -> str:
    """Print an option's cost a month, a twelfth of the year; its published part where a price is unknown."""
    if option.year is not None:
        return show(option.year // MONTHS)
    return f"from {show(option.at_least // MONTHS)}" if option.at_least else "unknown"


def comparison(console: Console, result: Comparison, *, every_plan: bool = False) -> None:
    """Show every tool for a practice: what can be used now, what after a question, what not."""
    options = list(result.options) if every_plan else result.best_of_each
    practice = result.practice
    sent, received = sent_per_year(practice), received_per_year(practice)
    _say(console, f"Texting tools for: {practice.name}", "bold")
    _say(
        console,
        f"{_count(practice.clinicians, 'clinician')}, {practice.staff} other staff, {practice.sessions_per_week} "
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
    _stamp(console, {"as_of": result.on.isoformat(), "data_hash": result.hash, "texteval": _version()})
    best = result.shortlist[0] if result.shortlist else None
    if best:
        _say(console, f"Next: texteval vendor {best.vendor}, or texteval bill {best.plan}")


def _version() -> str:
    from texteval import __version__

    return __version__


def _count(many: int, thing: str) -> str:
    return f"{many} {thing}{'' if many == 1 else 's'}"


def channel_words(coverage: Covered) -> str:
    """Name the channels that a practice's messages would use."""
    words = {
        "sms": "SMS",
        "mms": "MMS",
        "secure_message": "secure message (app or portal)",
        "team_chat": "team chat",
    }
    used = dict.fromkeys(coverage.channels.values())
    return " and ".join(words[channel] for channel in used)


def reason(option: Option) -> str:
    """Say in one line what it takes to use an option, what it hinges on, or why not."""
    coverage = option.coverage
    if not option.shortlisted:
        return coverage.reason
    block = "A building block: needs software around it. " if option.building_block else ""
    if option.proven:
        return f"{block}By {channel_words(coverage)}; {_count(len(coverage.steps), 'step')} to set up."
    more = len(coverage.open_points) - 1
    return f"{block}{coverage.reason}" + (f" (+{more} more)" if more else "")


def _row(plan: Text, month: str, year: str) -> Text:
    return Text.assemble("  ", plan, f"{month:>{max(1, 54 - len(plan))}}", f"{year:>20}")


def fact_row(fact: Fact) -> str:
    """Say in one line what a fact rests on."""
    if fact.source is None or fact.used is None:
        return "unknown"
    parts = [
        GRADE_WORDS[fact.source.grade],
        f"{'about ' if fact.source.dated == 'estimated' else ''}{fact.source.seen}",
    ]
    if fact.stale:
        parts.append("STALE")
    if fact.disputed:
        parts.append("DISPUTED: " + ", ".join(f"{piece.value} says {piece.source}" for piece in fact.disputed))
    return ", ".join(parts)


def vendor(console: Console, catalog: Catalog, result: Comparison, vendor_id: str) -> None:
    """Show a vendor: verdict, a line for each plan, steps, limits, questions, then facts with their sources."""
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
    console.print(table)
    if options:
        best = options[0].coverage
        _list(console, "Before the first message", best.steps)
        _list(console, "What remains true whatever the vendor does", best.limits)
        _list(console, "Ask the vendor", [point.question for point in best.open_points if point.question])
    console.print()
    _say(console, "Facts", "bold")
    for name, attribute in catalog.attributes.attributes.items():
        for fact, scope in scoped_facts(catalog, vendor_id, name, result.on):
            assert fact.used is not None
            value = str(fact.value).replace("_", " ")
            console.print(Text.assemble((f"{attribute.title}: ", "bold"), value, f" ({scope})" if scope else ""))
            note = f" {fact.used.note}" if fact.used.note else ""
            yours = " (yours)" if fact.used.source in catalog.own else ""
            words = f"{fact_row(fact)} [{fact.used.source}]{yours}.{note}"
            console.print(Padding(Text(words, style="dim"), (0, 0, 0, 4)))
    unknown = [a.title for name, a in catalog.attributes.attributes.items() if name not in entry.facts]
    if unknown:
        console.print()
        _say(console, "Unknown: " + "; ".join(unknown) + ".")
    _list(console, "Remarks", [f"{remark.text} [{remark.source}]" for remark in entry.remarks])
    console.print()
    _stamp(console, {"as_of": result.on.isoformat(), "data_hash": result.hash, "texteval": _version()})


def scoped_facts(catalog: Catalog, vendor_id: str, attribute: str, on: date) -> Iterator[tuple[Fact, str]]:
    """Go through what is known of an attribute: one fact for each scope (plans, channels) that its evidence names."""
    pieces = catalog.vendors[vendor_id].facts.get(attribute, [])
    for plans, channels in dict.fromkeys((tuple(p.plans or ()), tuple(p.channels or ())) for p in pieces):
        plan_id = f"{vendor_id}/{plans[0]}" if plans else vendor_id
        fact = catalog.fact(plan_id, attribute, channels[0] if channels else None, on)
        if fact.used and (tuple(fact.used.plans or ()), tuple(fact.used.channels or ())) == (plans, channels):
            yield fact, ", ".join([*plans, *(channel.replace("_", " ") for channel in channels)])


def _list(console: Console, heading: str, items: list[str]) -> None:
    if not items:
        return
    console.print()
    _say(console, heading, "bold")
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
        "texteval": _version(),
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
        table.add_row(f"{line.name}{due} [{number}]", quantity, unit, month, show(line.year))
    total = show(invoice.year) if invoice.known else "unknown"
    table.add_row(Text("Total", "bold"), "", "", show(invoice.month), Text(total, "bold"))
    if not invoice.known:
        published = show(invoice.at_least)
        table.add_row("Published part", "", "", show(invoice.at_least // MONTHS), published)
    console.print(table)
    console.print()
    _say(console, "Quantities of messages are a year's. A month is a twelfth of the first year.", "dim")
    _say(console, "Sources", "bold")
    sources = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    sources.add_column()
    sources.add_column(overflow="fold")
    for source_id, number in used.items():
        source = catalog.sources[source_id]
        where = f"\n{source.url}" if source.url else ""
        yours = " (yours)" if source_id in catalog.own else ""
        old = ", OLD: check it" if catalog.is_old_price(source_id, date.fromisoformat(stamp["as_of"])) else ""
        sources.add_row(f"[{number}]", f"{source.title}, {source.seen}: {GRADE_WORDS[source.grade]}{yours}{old}{where}")
    console.print(sources)
    notes = [f"{line.name}: {line.note}" for line in invoice.lines if line.note]
    prices = catalog.price_list(invoice.plan, date.fromisoformat(stamp["as_of"]))
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
    if not found.at:
        low, high = found.cost_a[found.month], found.cost_b[found.month]
        if (found.cost_a == found.cost_b).all():
            _say(console, "The two cost the same at every volume.")
        else:
            cheaper = names[found.a if low < high else found.b]
            _say(
                console,
                f"{cheaper} is the cheaper one at every volume up to {len(found.cost_a) - 1:,} messages a month.",
            )
    for at in found.at:
        _say(
            console,
            f"Up to {at.first_whole - 1:,} messages a month {names[at.cheaper_before]} is cheaper; from "
            f"{at.first_whole:,} on, {names[at.cheaper_after]}. They are equal at {float(at.per_month):,.1f} a month, "
            f"{float(at.per_week(practice.weeks_per_year)):,.1f} a week.",
        )
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
        table.add_row(label, show(int(found.cost_a[many])), show(int(found.cost_b[many])))
    console.print(table)
    for plan, lines in found.left_out.items():
        if lines:
            what = ", ".join(lines)
            _say(console, f"{names[plan]} is dearer than shown by what nobody publishes: {what}.", "yellow")
    console.print()
    _say(
        console,
        "Seats, replies and text lengths are the practice's own; one-time charges are left out.",
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


def segments(console: Console, text: str, counted: Segments) -> None:
    """Show how many texts a message is billed as, and why."""
    _say(
        console,
        f"{_count(counted.segments, 'text')} ({_count(counted.segments, 'segment')}), {counted.encoding}",
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
        _say(console, f"  {_count(many, 'warning')}: {kind}", "yellow")
        if every:
            for name, problem in found:
                if name == kind:
                    console.print(Text(f"    {problem}"), soft_wrap=True)
    if kinds and not every:
        _say(console, "--warnings lists each with file and line.", "dim")


def coverage(console: Console, rows: list[Coverage]) -> None:
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
    console.print(table)
    console.print()
    _say(console, "Each cell: known / stale / disputed / unknown attributes.")
    share = f"{100 * well / bearing:.0f} %" if bearing else "none"
    _say(console, f"Of the facts that verdicts rest on, {share} come from the vendor's own page, contract or reply.")


def coverage_json(rows: list[Coverage]) -> list[dict[str, Any]]:
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
