"""The calculator in the HTML report: the same verdicts and bills for other numbers, worked out by the reader's browser.

The page carries what a bill needs as data, and a script, ``templates/calculator.js``, that prices it by the rules of
:mod:`texteval.billing` in whole micro-dollars. :func:`practice_for` says which practice the reader's numbers stand for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import jinja2
from markupsafe import Markup

from texteval.assess import VERDICTS, Coverage, cover, largest, with_outcomes
from texteval.billing import builds_on
from texteval.catalog import Line
from texteval.charges import (
    METER_WORDS,
    Allowance,
    FlatRate,
    Group,
    Metered,
    MixRate,
    Package,
    PackageRate,
    Percent,
    PerUnitRate,
    Rate,
    TiersRate,
    UnpublishedRate,
)
from texteval.decide import Option
from texteval.messages import GSM7_BASIC, GSM7_EXTENSION, PART, SINGLE
from texteval.money import MAX_QUANTITY, half_up
from texteval.practice import MONTHS, Message, Practice, received_per_year, sent_per_year
from texteval.report.model import Report
from texteval.words import MARKS


@dataclass(frozen=True)
class Inputs:
    """What the reader of a report may change.

    Parameters
    ----------
    clinicians, staff : int
        People who see clients, at least one, and other people with a login.
    sessions : int
        Sessions a week.
    messages : int
        Messages sent to clients in a working week.
    replies : int
        Messages received from clients for 100 sent.
    segments : int or None
        Segments of each text sent; None: as long as the report's texts.
    """

    clinicians: int
    staff: int
    sessions: int
    messages: int
    replies: int
    segments: int | None = None


def inputs_of(practice: Practice) -> Inputs:
    """Return a practice's own numbers, rounded as they stand in the fields of the calculator.

    Raises
    ------
    ZeroDivisionError
        If the practice sends nothing.
    """
    sent = sent_per_year(practice)
    return Inputs(
        practice.clinicians,
        practice.staff,
        practice.sessions_per_week,
        max(int(half_up(sent, practice.weeks_per_year)), 1),
        int(half_up(100 * received_per_year(practice), sent)),
    )


def practice_for(practice: Practice, inputs: Inputs) -> Practice:
    """Return the practice that the reader's numbers stand for.

    A number that is left as the report has it stands for the practice's own, which may be less round; with all of them
    left, the practice has its own bill. Managers go with the other staff, active clients and claims with the sessions,
    rounded half up; locations and phone numbers stay. Of the messages sent and of those received the purposes keep
    their shares, in whole messages that add up; without any received, replies go by the messages sent. Messages within
    the team go with those sent. All that the practice needs a tool for it still needs, also where no message is left
    of a purpose.

    Parameters
    ----------
    practice : Practice
        The practice of the report; it sends something.
    inputs : Inputs
        What the reader has put in.
    """
    own, kinds = inputs_of(practice), _kinds(practice)
    sent, received = sent_per_year(practice), received_per_year(practice)
    total = sent if inputs.messages == own.messages else inputs.messages * practice.weeks_per_year
    same = inputs.replies == own.replies
    answers = int(half_up(received * total, sent) if same else half_up(inputs.replies * total, 100))
    counts = _counts(kinds, sent, total, answers)

    def scaled(many: int, by: str) -> int:
        before = getattr(own, by)
        return int(half_up(many * getattr(inputs, by), before)) if before else many

    return practice.model_copy(
        update={
            "clinicians": inputs.clinicians,
            "staff": inputs.staff,
            "managers": scaled(practice.managers, "staff"),
            "sessions_per_week": inputs.sessions,
            "active_clients": None if practice.active_clients is None else scaled(practice.active_clients, "sessions"),
            "claims_per_month": scaled(practice.claims_per_month, "sessions"),
            "messages": [
                _message(message, many, inputs.segments) for (message, _), many in zip(kinds, counts, strict=True)
            ],
        }
    )


def _kinds(practice: Practice) -> list[tuple[Message, int]]:
    """List the kinds of messages, each with its weight: how many a year the practice itself has of it."""
    kinds = [(message, int(practice.year(message))) for message in practice.messages]
    if received_per_year(practice):
        return kinds
    replies = [
        (Message(purpose=message.purpose, direction="in", text="Yes"), many)
        for message, many in kinds
        if _way(message) == "out" and many
    ]
    return kinds + replies


def _way(message: Message) -> str:
    return "team" if message.purpose == "team" else message.direction


def _counts(kinds: Sequence[tuple[Message, int]], sent: int, total: int, answers: int) -> Iterator[int]:
    """Share out what a year brings, in whole messages that add up, sent and received apart."""
    new = {"out": total, "in": answers}
    whole = {way: sum(many for message, many in kinds if _way(message) == way) for way in new}
    below = {"out": 0, "in": 0}
    for message, many in kinds:
        way = _way(message)
        if way == "team":
            yield int(half_up(total * many, sent))
        else:
            start, below[way] = below[way], below[way] + many
            yield int(half_up(new[way] * below[way], whole[way]) - half_up(new[way] * start, whole[way]))


def _message(message: Message, many: int, segments: int | None) -> Message:
    """Return a kind of message that a year brings so often; one that is needed stays needed at none a year."""
    text = message.text if segments is None or _way(message) != "out" else "x" * (PART["GSM-7"] * segments)
    kept = {"count": many, "percent": 100} if many else {"count": int(_needed(message)), "percent": 1}
    return Message.model_construct(**{**message.model_dump(), "per": "year", "text": text, **kept})


def _needed(message: Message) -> bool:
    return message.count > 0 and message.percent > 0


def data(report: Report) -> dict[str, Any]:
    """Gather what the script needs: the practice, its kinds of messages, and each plan's verdicts and prices.

    All numbers are whole, prices in micro-dollars. A plan is judged once for one person and once for a team, since only
    these two differ in what is asked of a tool, and each time as if the practice were within its limits and beyond.

    Parameters
    ----------
    report : Report
        Its catalogue, requirements and comparison; the practice sends something.

    Returns
    -------
    dict
        Plain data for JSON, some 100 kB.
    """
    practice = report.comparison.practice
    ways: list[dict[str, str]] = []
    return {
        "own": asdict(inputs_of(practice)),
        "practice": {
            "weeks": practice.weeks_per_year,
            "sent": sent_per_year(practice),
            "received": received_per_year(practice),
            "managers": practice.managers,
            "clients": practice.active_clients,
            "locations": practice.locations,
            "numbers": practice.numbers,
            "claims": practice.claims_per_month,
        },
        "kinds": [
            {"purpose": kind.purpose, "way": kind.direction, "many": many, "segments": kind.segments.segments}
            for kind, many in _kinds(practice)
        ],
        "plans": [_plan(report, option, ways) for option in report.comparison.options],
        "channels": ways,
        "verdicts": list(VERDICTS),
        "marks": list(MARKS.values()),
        "meters": METER_WORDS,
        "most": MAX_QUANTITY,
        "alphabet": {"one": "".join(sorted(GSM7_BASIC)), "two": "".join(sorted(GSM7_EXTENSION))},
        "single": SINGLE,
        "part": PART,
    }


def _plan(report: Report, option: Option, ways: list[dict[str, str]]) -> dict[str, Any]:
    """Give a plan's title, limits, prices, and its cases: for one person and a team, within its limits and beyond."""
    catalog, practice, on = report.catalog, report.comparison.practice, report.on
    limits = largest(catalog, option.plan)
    cases = []
    for staff in (0, 1):
        size = {"clinicians": 1, "staff": staff, "managers": 0}
        covered = cover(catalog, report.requirements, option.plan, practice.model_copy(update=size), on)
        for outcome in ("pass", "fail") if limits else ("pass",):
            forced = with_outcomes(
                covered,
                practice,
                lambda finding, outcome=outcome: outcome if finding.requirement == "size" else finding.outcome,  # type: ignore[misc]
            )
            cases.append(_case(forced, ways))
    lines = catalog.price_lines(option.plan, on)
    return {
        "plan": option.plan,
        "title": option.title,
        "block": int(option.building_block),
        "limits": limits,
        "cases": [cases[: len(cases) // 2], cases[len(cases) // 2 :]],
        "lines": None if lines is None else _price_list(report, lines),
    }


def _case(coverage: Coverage, ways: list[dict[str, str]]) -> dict[str, Any]:
    """Give a verdict with what its place in the order hangs on, and the number of its channels in ``ways``."""
    if coverage.channels not in ways:
        ways.append(coverage.channels)
    out = coverage.verdict == "ineligible"
    points = coverage.failures if out else coverage.open_points
    worst = coverage.worst
    too_small = worst is not None and worst.failures[:1] and worst.failures[0].requirement == "size"
    return {
        "verdict": VERDICTS.index(coverage.verdict),
        "points": len(points),
        "heavy": sum(point.heavy for point in points),
        "channels": ways.index(coverage.channels),
        **({"why": coverage.reason} if out and not too_small else {}),
    }


def _price_list(report: Report, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Give the lines of a bill in the order in which they are priced: group charges last, by their steps."""
    metered = [i for i, line in enumerate(lines) if not isinstance(line.charge, Group)]
    groups = [(line.charge.step, i) for i, line in enumerate(lines) if isinstance(line.charge, Group)]
    order = metered + [i for _, i in sorted(groups)]
    return [_line(report, lines, i, order) for i in order]


def _line(report: Report, lines: Sequence[Line], i: int, order: Sequence[int]) -> dict[str, Any]:
    line, charge = lines[i], lines[i].charge
    flags = {"old": report.catalog.is_old_price(line.source, report.on), "yours": line.own}
    said = {name: 1 for name, so in flags.items() if so}
    if isinstance(charge, Group):
        amount = {"points": charge.percent} if isinstance(charge, Percent) else {"usd": charge.usd}
        return {"model": charge.model, **amount, "on": [order.index(j) for j in builds_on(lines, i)], **said}
    # Within a year, what is due once is due as if it were yearly.
    every = {"monthly": 1, "annual": MONTHS, "once": MONTHS, "every_n_months": charge.months}[charge.cadence]
    free = {"included": charge.included, "per": charge.per} if isinstance(charge, Allowance) else {}
    rate = charge.then if isinstance(charge, Allowance) else charge
    rollover = {"rollover": 1} if isinstance(charge, Package) and charge.rollover else {}
    return {"meter": charge.meter, "every": every, **_rate(rate), **free, **rollover, **said}


def _rate(rate: Rate | Metered) -> dict[str, Any]:
    if isinstance(rate, TiersRate):
        tiers = [{"up_to": tier.up_to, "usd": tier.usd, "flat": tier.flat_usd} for tier in rate.tiers]
        return {"model": "graduated" if rate.mode == "graduated" else "volume", "tiers": tiers}
    if isinstance(rate, PackageRate):
        return {"model": "package", "usd": rate.usd, "size": rate.size}
    if isinstance(rate, FlatRate):
        return {"model": "flat", "usd": rate.usd}
    if isinstance(rate, PerUnitRate | MixRate):
        return {"model": "per_unit", "usd": rate.usd}
    assert isinstance(rate, UnpublishedRate), f"the calculator cannot price {rate.model}"
    return {"model": "unpublished"}


def fragment(report: Report) -> Markup:
    """Render the calculator as a piece of HTML: fields, results, data and script; nothing from elsewhere.

    It goes below a heading into a page with the colours of the report; no other calculator may stand in that page. For
    a practice that sends nothing it is a sentence that says so.
    """
    practice = report.comparison.practice
    if not sent_per_year(practice):
        return Markup("<p>This practice sends no messages, so there is no mix of messages to reckon with.</p>")
    loader = jinja2.PackageLoader("texteval.report", "templates")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    page = environment.get_template("calculator.html.j2").render(
        data=data(report),
        own=inputs_of(practice),
        most=MAX_QUANTITY,
        script=Markup(loader.get_source(environment, "calculator.js")[0]),
    )
    return Markup(page)
