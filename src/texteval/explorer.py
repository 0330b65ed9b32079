"""The explorer: a page of inputs that answers at once. Served by ``texteval app``, or opened in JupyterLab.

The upper part is pure: inputs to a practice, a practice to results, results to HTML. Below stands the page of widgets,
one object for each visitor.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import jinja2
import yaml

from texteval import advise, catalog, decide, forecast, parameters, premise, requirements, wording
from texteval import practice as practices
from texteval.advise import Answer, Candidate
from texteval.assess import Coverage, Finding
from texteval.breakeven import Interval, cheapest
from texteval.catalog import Catalog, Purpose
from texteval.circumstances import Circumstance
from texteval.decide import Option
from texteval.errors import DataError, UserError
from texteval.files import read_text, validate
from texteval.forecast import Forecast
from texteval.messages import count as count_segments
from texteval.money import MICRO, half_up, show
from texteval.parameters import Parameters
from texteval.practice import MONTHS, Message, Now, Practice, received_per_year, sent_per_year
from texteval.premise import Premise
from texteval.requirements import Requirements
from texteval.show_wording import found_words, verdicts
from texteval.simulate import NothingPricedError
from texteval.states import STATES
from texteval.words import about, channel_words, count, isolated, month_cost, reason

PRESET = "small-group"
"""The practice that the page starts from."""

AS_OF, DATA, OVERLAY = "TEXTEVAL_AS_OF", "TEXTEVAL_DATA", "TEXTEVAL_OVERLAY"
"""Variables of the environment from which an explorer takes its day and its files."""

ROWS = 8
"""Tools in the short list, the best plan of each vendor."""

DRAWN = 4
"""Tools whose bills are simulated and drawn."""

DRAWS = 1_024
"""Simulated futures: the ends of a band are then known to a few percent."""

MOST_PEOPLE, MOST_SESSIONS, MOST_REMINDERS, MOST_REPLIES, MOST_TEXT = 5_000, 100_000, 10, 300, 2_000

MARKS = {"eligible": "✓", "with configuration": "✓", "verify first": "?", "ineligible": "✗"}
"""A sign beside each verdict, so that colour is never alone."""

READINGS = {
    "Plain texts if not clinical": "standard",
    "App or portal only": "strict",
    "Clients prefer plain texts": "request",
}

NOTE = "An assumption: put in your own number."


def _assumed(purpose: Purpose, percent: int, out: str, back: str = "") -> tuple[Message, ...]:
    """Return what is sent in some of a hundred sessions, and received as often."""
    sent = Message(purpose=purpose, percent=percent, text=out, note=NOTE)
    received = (Message(purpose=purpose, percent=percent, direction="in", text=back, note=NOTE),) if back else ()
    return *received, sent


REMINDER = Message(
    purpose="reminder",
    text="Reminder: your appointment is on Tuesday, June 2 at 2:00 PM. Reply C to confirm or call us to change it.",
)

ASSUMED: dict[str, tuple[Message, ...]] = {
    "reminder": (REMINDER,),
    "confirmation": _assumed("confirmation", 50, "Your appointment on Tuesday, June 2 at 2:00 PM is booked."),
    "reschedule": _assumed(
        "reschedule", 12, "Thursday, June 4 at 3:00 PM is free. Reply Y to take it.", "Can I move Tuesday to Thursday?"
    ),
    "admin_follow_up": _assumed("admin_follow_up", 10, "We have received your forms. Thank you."),
    "document_link": _assumed("document_link", 5, "A form is ready for you in the portal."),
    "practice_notice": _assumed("practice_notice", 2, "The office is closed on Monday, May 25."),
    "billing_question": _assumed(
        "billing_question", 5, "Thank you, we will look into it.", "I have a question about my bill."
    ),
    "coaching": _assumed(
        "coaching", 20, "Try the short form of the exercise first.", "The exercise was hard to do today."
    ),
    "team": (Message(purpose="team", per="week", count=5, text="Room 2 is free from three o'clock.", note=NOTE),),
}
"""How often a kind of message is sent where the practice to start from has none of it."""


@dataclass(frozen=True)
class Inputs:
    """What a visitor enters.

    Parameters
    ----------
    name : str
        The practice.
    clinicians, staff, sessions : int
        People who see clients, others with a login, and sessions in a working week.
    reminders : int
        Reminders for each session.
    replies : int
        Replies to a hundred reminders.
    text : str
        The reminder.
    needs : tuple of str
        What messages are for.
    reading : str
        How the rule is read: ``strict``, ``standard`` or ``request``.
    plan : str
        What is paid for today, ``vendor/plan``; empty for nothing.
    sends : bool
        Whether that plan sends reminders by text already.
    state : str
        The state's code; empty if it is not said.
    """

    name: str
    clinicians: int
    staff: int
    sessions: int
    reminders: int
    replies: int
    text: str
    needs: tuple[str, ...]
    reading: str = "standard"
    plan: str = ""
    sends: bool = False
    state: str = ""

    def faults(self) -> list[str]:
        """Say what must be put right before anything can be answered."""
        found = []
        if not self.name.strip():
            found.append("The practice has no name: write one.")
        if not self.needs:
            found.append("No kind of message is ticked: tick at least one.")
        if "reminder" in self.needs and not self.text.strip():
            found.append("The reminder is empty: write its text, so that its segments can be counted.")
        if len(self.text.strip()) > MOST_TEXT:
            found.append(f"The reminder is too long: write at most {MOST_TEXT:,} characters.")
        return found


def inputs_of(practice: Practice) -> Inputs:
    """Return the inputs that stand for a practice."""
    reminder = next(filter(_is_reminder, practice.messages), REMINDER)
    reply = next(filter(_is_reply, practice.messages), None)
    every = max(reminder.count, 1)
    return Inputs(
        practice.name,
        practice.clinicians,
        practice.staff,
        practice.sessions_per_week,
        min(every, MOST_REMINDERS),
        min(int(half_up(reply.count * reply.percent, every)), MOST_REPLIES) if reply else 0,
        reminder.text,
        tuple(purpose for purpose in ASSUMED if purpose in practice.purposes),
        practice.reading,
        practice.now.plan if practice.now else "",
        bool(practice.now and practice.now.reminders),
        practice.state or "",
    )


def practice_of(base: Practice, given: Inputs) -> Practice:
    """Return the practice that inputs stand for.

    Parameters
    ----------
    base : Practice
        The practice that the visitor started from: what there is no input for is as it is there.
    given : Inputs
        What was entered.

    Raises
    ------
    UserError
        If something must be put right; all of it at once.
    """
    if faults := given.faults():
        raise UserError("\n".join(faults))
    now = None
    if given.plan:
        account = base.now.account if base.now and base.now.plan == given.plan else "paid"
        now = Now(plan=given.plan, account=account, reminders=given.sends and "reminder" in given.needs)
    messages = _messages(base.messages, given)
    named = {message.source for message in messages}
    entered = {
        "name": given.name,
        "clinicians": given.clinicians,
        "staff": given.staff,
        "managers": min(base.managers, given.staff),
        "sessions_per_week": given.sessions,
        "messages": messages,
        "sources": {name: source for name, source in base.sources.items() if name in named},
        "now": now,
        "reading": given.reading,
        "state": given.state or None,
    }
    try:
        return validate(Practice, {**dict(base), **entered}, "", "")
    except DataError as error:  # there is no file and no line to name
        raise UserError("\n".join(f"{one.wrong}: {one.right}." for one in error.problems)) from None


def _is_reminder(message: Message) -> bool:
    return message.purpose == "reminder" and message.direction == "out" and message.per == "session"


def _is_reply(message: Message) -> bool:
    return message.purpose in ("confirmation", "reminder") and message.direction == "in" and message.per == "session"


def _messages(base: Sequence[Message], given: Inputs) -> list[Message]:
    """Return the messages that are needed: those of the base, then what is assumed where it has none."""
    has = {message.purpose for message in base if message.count and message.percent}
    kept = [message for message in base if message.purpose in given.needs and message.purpose in has]
    first = next(filter(_is_reminder, kept), None)
    reply = next(filter(_is_reply, base), None)
    asked = "reminder" in given.needs and given.replies
    found: list[Message] = []
    for message in base:
        if message is reply:
            if asked:
                found.append(_reply(message, given))
        elif message is first:
            found.append(_remind(message, given))
        elif any(message is one for one in kept):
            found.append(message)
    for purpose in given.needs:
        if purpose not in has or purpose not in {message.purpose for message in found}:
            found.extend(_remind(one, given) if one is REMINDER else one for one in ASSUMED[purpose])
    if asked and reply is None:
        found.append(_reply(Message(purpose="confirmation", direction="in", text="C", note=NOTE), given))
    return found


def _remind(message: Message, given: Inputs) -> Message:
    return message.model_copy(update={"count": given.reminders, "text": given.text.strip()})


def _reply(message: Message, given: Inputs) -> Message:
    """Say how often clients answer a reminder; the answer confirms, where confirmations are needed."""
    often = (given.reminders, given.replies) if given.replies <= 100 else (given.reminders * given.replies, 1)
    purpose = "confirmation" if "confirmation" in given.needs else "reminder"
    return message.model_copy(update={"purpose": purpose, "count": often[0], "percent": often[1]})


def slug(name: str) -> str:
    """Turn a name into one that every file system takes: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-") or "practice"


def practice_file(practice: Practice) -> str:
    """Write a practice as the YAML file that ``texteval decide --practice`` takes."""
    said = practice.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=120)


def digest(practice: Practice) -> str:
    """Return the hash of a practice's file, as :func:`texteval.practice.load` gives it."""
    return hashlib.sha256(practice_file(practice).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Known:
    """What is known before anything is asked.

    Parameters
    ----------
    catalog, requirements, parameters : Catalog, Requirements, Parameters
        Facts, prices, rules, and what futures are drawn from.
    on : datetime.date
        The day of the question.
    """

    catalog: Catalog
    requirements: Requirements
    parameters: Parameters
    on: date

    def hash(self, practice: Practice) -> str:
        """Return the data hash: of catalogue, requirements, and the practice as a file."""
        return f"{self.catalog.hash}-{self.requirements.hash}-{digest(practice)}"


@dataclass(frozen=True)
class Found:
    """What is answered.

    Parameters
    ----------
    known : Known
        What it rests on.
    practice : Practice
        Who asked.
    answer : Answer
        What to run, for all needs together.
    premises : tuple of Premise
        What the practice takes for granted and cannot be so.
    holding : dict of str to Circumstance
        What else holds for it.
    """

    known: Known
    practice: Practice
    answer: Answer
    premises: tuple[Premise, ...]
    holding: dict[str, Circumstance]

    @property
    def rows(self) -> list[Candidate]:
        """The best usable candidate of each vendor, best first."""
        best: dict[str, Candidate] = {}
        for candidate in self.answer.usable:
            best.setdefault(candidate.option.vendor, candidate)
        return list(best.values())


def find(known: Known, practice: Practice) -> Found:
    """Answer a practice.

    Raises
    ------
    UserError
        If it sends more than can be priced.
    """
    market, rules, on = known.catalog, known.requirements, known.on
    purposes = practice.purposes
    answer = advise.answer(market, rules, slug(practice.name), practice, digest(practice), on, purposes)
    premises = tuple(premise.check(market, rules, practice, on))
    return Found(known, practice, answer, premises, rules.holding(practice, on))


@dataclass(frozen=True)
class Outlook:
    """What the first tools cost in simulated futures, and at other volumes of messages.

    Parameters
    ----------
    forecast : Forecast
        The simulated bills.
    costs : dict of str to numpy.ndarray
        For each plan micro-dollars a month for 0, 1, 2, … messages sent.
    intervals : tuple of Interval
        Which of them costs least, from no message to the last number drawn.
    month : int
        Messages that the practice sends a month.
    """

    forecast: Forecast
    costs: dict[str, Any]
    intervals: tuple[Interval, ...]
    month: int


def outlook(found: Found) -> Outlook | None:
    """Simulate the bills of the first tools, each for what it would serve; None if no price is known in full."""
    known, comparison = found.known, found.answer.comparison
    rows = [row.option for row in found.rows if row.option.year is not None]
    options = [_alone(option) for option in rows if not option.building_block] or [_alone(option) for option in rows]
    costs = decide.cost_curves(known.catalog, comparison, options)
    flat = [option for option in options if option.plan in costs and decide.is_flat(costs[option.plan])]
    metered = [option for option in options if option not in flat]
    drawn = [*options[:1], *flat[: DRAWN // 2], *metered[: DRAWN // 2]]
    options = list({option.plan: option for option in drawn}.values())[:DRAWN]
    if not options:
        return None
    few = replace(comparison, options=tuple(options))
    plans = [option.plan for option in options]
    try:
        futures = forecast.forecast(known.catalog, few, known.parameters, plans, draws=DRAWS)
    except NothingPricedError:
        return None
    month = int(half_up(sent_per_year(found.practice), MONTHS))
    costs = {plan: costs[plan] for plan in plans if plan in costs}
    last = min([max(2 * month, 200), *(len(cost) - 1 for cost in costs.values())])
    costs = {plan: cost[: last + 1] for plan, cost in costs.items()}
    return Outlook(futures, costs, tuple(cheapest(costs)), month)


def _alone(option: Option) -> Option:
    """Take from an option what another plan, kept beside it, would serve."""
    served = {p: v for p, v in option.coverage.verdicts.items() if v.plan == option.plan and v.verdict != "ineligible"}
    return replace(option, coverage=Coverage(option.plan, served, ()))


@cache
def _macros() -> Any:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("texteval", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        about=about,
        channel_words=channel_words,
        count=count,
        isolated=isolated,
        marks=MARKS,
        month=_month,
        reason=reason,
        show=show,
        source=_source,
        way=_way,
        year=_year,
    )
    return environment.get_template("explorer.html.j2").module


def _way(known: Known, candidate: Candidate) -> str:
    """Say what to do."""
    title = isolated(candidate.option.title)
    kept = isolated(known.catalog.title(candidate.kept)) if candidate.kept else ""
    return {
        "buy": f"Take {title}",
        "stay": f"Stay with {title}",
        "switch": f"Move to {title}",
        "add": f"Keep {kept} and add {title}",
    }[candidate.way]


def _month(candidate: Candidate) -> str:
    """Print what all of it costs a month, a twelfth of the year."""
    if candidate.total is None:
        only = " for what is added" if candidate.kept and candidate.option.year is not None else ""
        return month_cost(candidate.option) + only
    return show(candidate.total // MONTHS) + ("*" if candidate.option.old_price else "")


def _year(candidate: Candidate) -> str:
    """Say what all of it costs in the first year, beside what is paid today."""
    if candidate.total is None:
        return "not all of its prices are published"
    year = f"{show(candidate.total)} in the first year"
    if candidate.more is None:
        return year
    if candidate.more == 0:
        return f"{year}, as much as today"
    return f"{year}, {show(abs(candidate.more))} {'more' if candidate.more > 0 else 'less'} than today"


def _source(point: Finding) -> str:
    """Say what a finding rests on."""
    if point.fact is None or point.fact.source is None:
        return f"No source was found. Rule: {point.citation}" if point.fact else point.citation
    source = point.fact.source
    return f"{source.title}, {source.publisher or 'no publisher'}, {source.seen}. Rule: {point.citation}"


def answer_html(found: Found) -> str:
    """Say what to run, what it costs, and what cannot be so."""
    return str(_macros().answer(found, found.answer.cheaper))


def shortlist_html(found: Found) -> str:
    """Tabulate the best plan of each vendor: verdict, cost a month, what it hinges on."""
    return str(_macros().shortlist(found, found.rows, ROWS))


def volumes_html(practice: Practice) -> str:
    """Say how many messages that is."""
    sent, received = (int(half_up(year(practice), MONTHS)) for year in (sent_per_year, received_per_year))
    parts: dict[str, int] = {}
    for message in practice.messages:
        if message.direction == "out" and message.count and message.percent:
            name = message.purpose.replace("_", " ")
            parts[name] = parts.get(name, 0) + practice.year(message)
    each = ", ".join(f"{name} {half_up(year, MONTHS):,}" for name, year in parts.items())
    return str(_macros().volumes(sent, received, each))


def segments_html(text: str) -> str:
    """Say as how many texts a message is billed, and which characters make it more."""
    found = count_segments(text.strip())
    plain = count_segments("".join(sign for sign in text.strip() if sign not in found.forcing))
    return str(_macros().segments(text.strip(), found, list(found.forcing_names()), plain))


def wording_html(text: str) -> str:
    """Say by which channel the text may go, what in it gives something away, and how to say it instead."""
    if not text.strip():
        return ""
    checked = wording.check(text.strip())
    found = [(one.title, found_words(one), one.instead) for one in checked.findings]
    return str(_macros().wording(verdicts(checked), found, checked.safer))


def faults_html(error: UserError) -> str:
    """Say what must be put right."""
    return str(_macros().faults(str(error).split("\n")))


def outlook_html(found: Found, seen: Outlook | None) -> str:
    """Show what the first tools may cost, and at which volume they change places."""
    if seen is None:
        return str(_macros().no_outlook())
    return str(_macros().outlook(_bands(seen), _chart(found, seen)))


@dataclass(frozen=True)
class Band:
    """A tool's bill of a year in simulated futures, in US dollars, with places on a scale of 0 to 100."""

    title: str
    mark: str
    mean: str
    low: str
    high: str
    at_low: float
    at_mean: float
    at_high: float


def _bands(seen: Outlook) -> list[Band]:
    bills = seen.forecast.bills
    rows = []
    for option in seen.forecast.options:
        cost = bills.cost[bills.row(option.plan)]
        mean, error = bills.mean(cost.astype(float))
        low, high = _nine_in_ten(cost)
        rows.append((option, mean, error, low, high))
    top = max((high for *_, high in rows), default=0) or 1
    return [
        Band(
            option.title,
            "" if option.proven else " (verify first)",
            about(mean, error),
            about(low, error),
            about(high, error),
            *(round(100 * value / top, 1) for value in (low, mean, high)),
        )
        for option, mean, error, low, high in rows
    ]


def _nine_in_ten(cost: Any) -> tuple[float, float]:
    import numpy as np

    low, high = np.quantile(cost, [0.05, 0.95])
    return float(low), float(high)


@dataclass(frozen=True)
class Curve:
    """A line of the chart."""

    title: str
    month: str
    points: str
    number: int


@dataclass(frozen=True)
class Chart:
    """Cost against messages a month, in the coordinates of an SVG of :data:`WIDE` by :data:`HIGH`."""

    curves: list[Curve]
    here: float
    month: int
    marks: list[tuple[float, float, str]]
    across: list[tuple[float, str]]
    up: list[tuple[float, str]]
    says: list[str]
    alt: str


WIDE, HIGH, LEFT, BASE, TOP, RIGHT = 360, 230, 46, 196, 16, 348


def _chart(found: Found, seen: Outlook) -> Chart | None:
    """Lay out the chart; None where no plan's cost is known at every volume."""
    if not seen.costs:
        return None
    titles = {option.plan: option.title for option in seen.forecast.options}
    titles |= {row.option.plan: row.option.title for row in found.rows}
    last = len(next(iter(seen.costs.values()))) - 1
    step = _step(max(int(cost[-1]) for cost in seen.costs.values()) / MICRO)
    top = step * 3

    def x(messages: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * messages / last, 1)

    def y(dollars: float) -> float:
        return round(BASE - (BASE - TOP) * dollars / top, 1)

    order = sorted(seen.costs, key=lambda plan: int(seen.costs[plan][seen.month]))
    places = sorted({round(last * part / 120) for part in range(121)} | {one.first for one in seen.intervals})
    curves = [
        Curve(
            titles[plan],
            show(int(seen.costs[plan][seen.month])),
            " ".join(f"{x(n)},{y(seen.costs[plan][n] / MICRO)}" for n in places),
            number,
        )
        for number, plan in enumerate(order)
    ]
    turns = [one for one in seen.intervals if one.first > 0]
    marks = [(x(one.first), y(seen.costs[one.plan][one.first] / MICRO), f"{one.first:,}") for one in turns]
    says = _turns(seen, titles)
    alt = (
        f"Line chart of the running cost a month for 0 to {last:,} messages sent. {' '.join(says)} "
        + "; ".join(f"{curve.title} {curve.month}" for curve in curves)
        + f" at your {seen.month:,} messages a month."
    )
    middle = last // 2
    return Chart(
        curves,
        x(seen.month),
        seen.month,
        marks,
        [(x(n), f"{n:,}") for n in (0, middle, last)],
        [(y(step * n), f"${step * n:,}") for n in range(4)],
        says,
        alt,
    )


def _step(most: float) -> int:
    """Return a round number of dollars, three of which hold the most."""
    unit = 1
    while True:
        for step in (unit, 2 * unit, 5 * unit):
            if 3 * step >= most:
                return step
        unit *= 10


def _turns(seen: Outlook, titles: dict[str, str]) -> list[str]:
    """Say which tool costs least up to which number of messages."""
    if len(seen.intervals) == 1:
        return [f"{titles[seen.intervals[0].plan]} costs least of these at every number of messages drawn."]
    says = []
    for place, one in enumerate(seen.intervals):
        if place == 0:
            says.append(f"Up to {one.last:,} messages a month {titles[one.plan]} costs least of these.")
        else:
            says.append(f"From {one.first:,} on, {titles[one.plan]}.")
    return says


def _drawn(found: Found | None) -> str:
    """Simulate and show what the first tools may cost, or say why not."""
    if found is None:
        return ""
    try:
        return outlook_html(found, outlook(found))
    except UserError as error:
        return faults_html(error)


def why_html(found: Found, plan: str) -> str:
    """Say why a plan is not the one that is advised."""
    if not plan:
        return str(_macros().why_empty())
    candidate, first = found.answer.candidate(plan), found.answer.first
    titles = found.known.requirements.file.purposes
    uncovered = [titles[purpose].title.lower() for purpose in candidate.option.coverage.uncovered]
    gap = None
    if first is not None and first.total is not None and candidate.total is not None:
        gap = candidate.total - first.total
    return str(_macros().why(found.known, candidate, first, uncovered, gap))


def files_html(name: str, text: str) -> str:
    """Offer the practice as a file."""
    return str(_macros().files(f"{name}.yaml", _data("text/yaml", text)))


def report_html(name: str, page: str) -> str:
    """Offer the report as a file."""
    return str(_macros().report(name, _data("text/html", page), len(page.encode()) // 1_000))


def _data(kind: str, text: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"


def load(as_of: str = "", data: str = "", overlay: str = "") -> Known:
    """Load what is known.

    Parameters
    ----------
    as_of : str
        The day of the question, such as ``2026-11-22``; today, if empty.
    data, overlay : str
        Files, as :func:`texteval.catalog.load` takes them.

    Raises
    ------
    UserError
        If the day is none, or a file is missing or faulty.
    """
    try:
        on = date.fromisoformat(as_of) if as_of else date.today()
    except ValueError:
        raise UserError(f"'{as_of}' is not a day: write it like 2026-11-22") from None
    files = [Path(name) if name else None for name in (data, overlay)]
    market = catalog.load(*files)
    decide.check_day(market, on)
    return Known(market, requirements.load(), parameters.load(), on)


class Explorer(widgets.VBox):  # type: ignore[misc]
    """The page: inputs, and the answer that follows them.

    Parameters
    ----------
    as_of : str
        The day of the question; today, if left out here and in the environment.
    """

    def __init__(self, as_of: str = "") -> None:
        self._style = widgets.HTML(f"<style>{_css()}</style>")
        self._said = widgets.HTML()
        self._said.add_class("texteval-said")
        super().__init__([self._style, self._said])
        self.add_class("texteval")
        environment = os.environ.get
        try:
            self.known = load(as_of or environment(AS_OF, ""), environment(DATA, ""), environment(OVERLAY, ""))
        except UserError as error:
            self._said.value = faults_html(error)
            return
        self._presets = {name: practices.load(name)[1] for name in practices.presets().practices}
        self._base = next(iter(self._presets.values()))
        self._due: asyncio.TimerHandle | None = None
        self._drawing: asyncio.Task[None] | None = None
        self._making: asyncio.Task[None] | None = None
        self._filling = False
        self._asked: tuple[Any, ...] = ()
        self.found: Found | None = None
        self._build()
        self._fill(self._presets[self.preset.value])
        self._answer()

    def _build(self) -> None:
        """Make the widgets, and put them in the order in which they are read."""
        market = self.known.catalog
        whole = widgets.Layout(width="auto")

        def number(label: str, low: int, high: int) -> widgets.BoundedIntText:
            return widgets.BoundedIntText(description=label, min=low, max=high, layout=whole)

        def choice(label: str, options: Any) -> widgets.Dropdown:
            return widgets.Dropdown(description=label, options=options, layout=whole)

        plans = sorted(((market.title(plan), plan) for plan in market.plan_ids(texting=False)), key=_by_title)
        offered = [plan for plan in market.plan_ids() if market.plan(plan).sold(self.known.on)]
        tools = sorted(((market.title(plan), plan) for plan in offered), key=_by_title)
        states = sorted((name, code) for code, name in STATES.items())
        purposes = self.known.requirements.file.purposes
        self.preset = choice("Start from", [(one.name, key) for key, one in self._presets.items()])
        self.preset.value = PRESET if PRESET in self._presets else next(iter(self._presets))
        self.upload = widgets.FileUpload(accept=".yaml,.yml", description="Open a practice file", layout=whole)
        self.name = widgets.Text(description="Name of the practice", layout=whole, continuous_update=False)
        self.clinicians = number("Clinicians", 1, MOST_PEOPLE)
        self.staff = number("Other staff with a login", 0, MOST_PEOPLE)
        self.sessions = number("Sessions a week, all together", 0, MOST_SESSIONS)
        self.reminders = number("Reminders for each session", 1, MOST_REMINDERS)
        self.replies = number("Replies to 100 reminders (%)", 0, MOST_REPLIES)
        self.text = widgets.Textarea(description="Text of the reminder (no client data)", rows=4, layout=whole)
        self.needs = {
            purpose: widgets.Checkbox(description=purposes[purpose].title, indent=False, layout=whole)
            for purpose in ASSUMED
        }
        for purpose, box in self.needs.items():
            box.tooltip = purposes[purpose].means
        self.reading = choice("How you read the rule", list(READINGS.items()))
        self.state = choice("State", [("Not said", ""), *states])
        self.plan = choice("What you pay for today", [("Nothing yet", ""), *plans])
        self.sends = widgets.Checkbox(description="It sends our reminders by text", indent=False, layout=whole)
        self.tool = choice("Tool", [("Choose a tool", ""), *tools])
        self.make = widgets.Button(description="Make the report", button_style="primary", layout=whole)
        self._segments, self._volumes, self._uploaded = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._wording = widgets.HTML()
        self._list, self._outlook, self._why = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._file, self._report, self._stamp = widgets.HTML(), widgets.HTML(), widgets.HTML()
        for spoken in (self._segments, self._wording, self._uploaded, self._why, self._report):
            spoken.add_class("texteval-said")
        self._entries = (
            self.name, self.clinicians, self.staff, self.sessions, self.reminders, self.replies, self.text,
            *self.needs.values(), self.reading, self.state, self.plan, self.sends,
        )  # fmt: skip

        def group(title: str, *parts: widgets.Widget) -> widgets.VBox:
            box = widgets.VBox([widgets.HTML(f"<h2>{title}</h2>"), *parts])
            box.add_class("texteval-group")
            return box

        inputs = widgets.VBox(
            [
                group("Your practice", self.preset, self.name, self.clinicians, self.staff, self.sessions, self.state),
                group(
                    "Your messages",
                    *self.needs.values(),
                    self.reminders,
                    self.replies,
                    self._volumes,
                    self.text,
                    self._segments,
                    self._wording,
                ),
                group("Today, and the rule", self.plan, self.sends, self.reading),
                group("Files", self.upload, self._uploaded, self._file),
            ]
        )
        inputs.add_class("texteval-inputs")
        details = widgets.VBox(
            [
                self._list,
                self._outlook,
                group("Why not?", self.tool, self._why),
                group("The report", self.make, self._report),
                self._stamp,
            ]
        )
        details.add_class("texteval-details")
        self._details = details
        self._said.add_class("texteval-answer")
        self.children = [self._style, self._said, inputs, details]
        self.preset.observe(self._preset_chosen, "value")
        self.upload.observe(self._file_opened, "value")
        self.tool.observe(lambda change: self._say_why(), "value")
        self.make.on_click(lambda button: self._make_report())
        for entry in self._entries:
            entry.observe(self._changed, "value")

    @property
    def given(self) -> Inputs:
        """What stands in the fields."""
        return Inputs(
            self.name.value,
            self.clinicians.value,
            self.staff.value,
            self.sessions.value,
            self.reminders.value,
            self.replies.value,
            self.text.value,
            tuple(purpose for purpose, box in self.needs.items() if box.value),
            self.reading.value,
            self.plan.value,
            self.sends.value,
            self.state.value,
        )

    def _fill(self, practice: Practice) -> None:
        """Start from a practice."""
        self._base, given = practice, inputs_of(practice)
        self._filling = True
        try:
            for name in ("name", "clinicians", "staff", "sessions", "reminders", "replies", "text", "reading", "state"):
                getattr(self, name).value = getattr(given, name)
            for purpose, box in self.needs.items():
                box.value = purpose in given.needs
            self.plan.value, self.sends.value = given.plan, given.sends
        finally:
            self._filling = False
        self._changed()

    def _preset_chosen(self, change: Any) -> None:
        self._uploaded.value = ""
        self._fill(self._presets[self.preset.value])

    def _file_opened(self, change: Any) -> None:
        """Start from a file of the visitor's own."""
        if not self.upload.value:
            return
        upload = self.upload.value[0]
        try:
            opened = read_practice(str(upload["name"]), bytes(upload["content"]))
            if opened.now and opened.now.plan not in dict(_values(self.plan)):
                raise UserError(f"{upload['name']}: there is no plan '{opened.now.plan}' that it could pay for today")
        except UserError as error:
            self._uploaded.value = faults_html(error)
            return
        self._uploaded.value = str(_macros().opened(opened.name))
        self._fill(opened)

    def _changed(self, change: Any = None) -> None:
        """Answer what was entered: the segments at once, the rest as soon as no more changes wait."""
        if self._filling:
            return
        self._segments.value = segments_html(self.text.value)
        self.sends.disabled = not self.plan.value
        self._soon(self._answer)

    def _soon(self, step: Callable[[], None]) -> None:
        """Do a step once the changes that wait are in; at once where nothing runs that could wait."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            step()
            return
        if self._due is not None:
            self._due.cancel()
        self._due = loop.call_later(0.02, step)

    def _answer(self) -> None:
        """Say the answer anew, unless no price and no verdict can have changed; then draw."""
        given = self.given
        asked = replace(given, text=""), count_segments(given.text.strip()).segments, self._base
        try:
            own = practice_of(self._base, given)
            if self.found is None or asked != self._asked:
                self.found = find(self.known, own)
        except UserError as error:
            self.found = None
            self._said.value = faults_html(error)
            self._details.layout.display = "none"
            self._file.value = self._volumes.value = ""
            return
        self._file.value = files_html(slug(own.name), practice_file(own))
        self._stamp.value = str(_macros().stamp(decide.stamp(self.known.on, self.known.hash(own))))
        self._report.value = ""
        if asked == self._asked and self._details.layout.display is None:
            self._wording.value = wording_html(given.text)
            return
        self._asked = asked
        self._details.layout.display = None
        self._said.value = answer_html(self.found)
        self._list.value = shortlist_html(self.found)
        self._volumes.value = volumes_html(own)
        self._say_why()
        self._draw()
        self._wording.value = wording_html(given.text)  # last: its words take a moment to be read in, the first time

    def _draw(self) -> None:
        """Simulate and draw beside the page, so that it answers meanwhile; at once where nothing could wait."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._outlook.value = _drawn(self.found)
            return
        if self._drawing is None or self._drawing.done():
            self._drawing = loop.create_task(self._draw_until_settled())

    async def _draw_until_settled(self) -> None:
        done = None
        while done is not self.found:
            done = self.found
            seen = await asyncio.to_thread(_drawn, done)
            if done is self.found:
                self._outlook.value = seen

    def _say_why(self) -> None:
        if self.found is not None:
            self._why.value = why_html(self.found, self.tool.value)

    def _make_report(self) -> None:
        """Make the report beside the page, and tell each step; at once where nothing could wait."""
        if self.found is None:
            return
        self.make.disabled = True
        own = practice_of(self._base, self.given)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._offer(own, _report(self.known, own, self._tell))
            return

        async def make() -> None:
            made = await asyncio.to_thread(
                _report, self.known, own, lambda step: loop.call_soon_threadsafe(self._tell, step)
            )
            self._offer(own, made)

        self._making = loop.create_task(make())

    def _tell(self, step: str) -> None:
        self._report.value = str(_macros().progress(step))

    def _offer(self, own: Practice, made: str) -> None:
        """Offer a report, unless something else was entered meanwhile."""
        self.make.disabled = False
        same = not self.given.faults() and practice_of(self._base, self.given) == own
        self._report.value = made if same else str(_macros().outdated())


def _report(known: Known, own: Practice, tell: Callable[[str], object]) -> str:
    """Make a practice's report and offer it as a link, or say why not."""
    tell("starting")
    from texteval import report  # draws, and so takes a second to load

    try:
        made = report.build(known.catalog, known.requirements, slug(own.name), own, digest(own), known.on, tell)
        tell("writing")
        return report_html(f"texteval-{slug(own.name)}-{known.on}.html", report.render(made))
    except UserError as error:
        return faults_html(error)


def _by_title(entry: tuple[str, str]) -> str:
    return entry[0].casefold()


def _values(dropdown: widgets.Dropdown) -> list[tuple[str, str]]:
    return [(value, label) for label, value in dropdown.options]


def _css() -> str:
    return read_text(Path(__file__).resolve().parent / "templates" / "explorer.css")


def read_practice(name: str, content: bytes) -> Practice:
    """Read a practice file that a visitor opened.

    Parameters
    ----------
    name : str
        What the visitor calls the file; for the messages.
    content : bytes
        What it holds.

    Raises
    ------
    UserError
        If it is not a practice file, or a faulty one.
    """
    with tempfile.TemporaryDirectory(prefix="texteval-") as folder:
        path = Path(folder, f"{slug(Path(name).stem)}.yaml")
        path.write_bytes(content)
        try:
            return practices.load(str(path))[1]
        except UserError as error:
            raise UserError(str(error).replace(str(path), name)) from None
