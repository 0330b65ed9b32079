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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import jinja2

from texteval import advise, catalog, decide, forecast, parameters, premise, requirements, start, wording
from texteval import practice as practices
from texteval.advise import Answer, Candidate, best_of_each
from texteval.assess import Coverage, Finding
from texteval.breakeven import cheapest
from texteval.catalog import Catalog
from texteval.circumstances import Circumstance
from texteval.decide import Option
from texteval.errors import DataError, UserError
from texteval.explorer_chart import BOX, Outlook, bands, chart
from texteval.files import read_text, validate
from texteval.messages import count as count_segments
from texteval.money import half_up, show
from texteval.parameters import Parameters
from texteval.practice import MONTHS, Message, Now, Practice, received_per_year, sent_per_year
from texteval.premise import Premise
from texteval.requirements import Requirements
from texteval.show_wording import found_words, verdicts
from texteval.simulate import NothingPricedError
from texteval.states import STATES
from texteval.words import MARKS, TONES, about, count, isolated, month_cost, reason, way

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

NUMBERS = {
    "clinicians": ("Clinicians", "clinicians"),
    "staff": ("Other staff with a login", "staff"),
    "sessions": ("Sessions a week, all together", "sessions_per_week"),
    "reminders": ("Reminders for each session", "reminders"),
    "replies": ("Replies to 100 reminders (%)", "replies"),
}
"""For each number that is entered its label, and the question of the interview that sets its limits."""

YOURS = ""
"""Stands for the file that was opened, among the names of the presets."""

READINGS = {
    "Plain texts if not clinical": "standard",
    "App or portal only": "strict",
    "Clients prefer plain texts": "request",
}

Chosen = tuple[str, Practice, str]
"""A practice between its id and its hash, as :func:`texteval.practice.load` gives them."""


@cache
def interview() -> start.Interview:
    """Return the questions of ``texteval new-practice``: their limits and assumptions hold here too."""
    return start.load()


@cache
def assumed() -> dict[str, tuple[Message, ...]]:
    """Return, for each purpose, what is sent and how often where a practice has none of it; no replies to reminders."""
    every = _proposed()
    return {
        purpose: tuple(one for one in every if one.purpose == purpose and not _answers(one))
        for purpose in dict.fromkeys(one.purpose for one in every)
    }


def _proposed() -> list[Message]:
    return [message for choice in interview().step("purposes").choices for message in choice.sets.messages]


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

    def faults(self, before: Inputs | None = None) -> list[str]:
        """Say what must be put right before anything can be answered.

        Parameters
        ----------
        before : Inputs, optional
            Those of a sound practice: a number or a text that is as it is there may lie beyond what is asked for.
        """
        found = []
        if not self.name.strip():
            found.append("The practice has no name: write one.")
        if not self.needs:
            found.append("No kind of message is ticked: tick at least one.")
        if "reminder" in self.needs and not self.text.strip():
            found.append("The reminder is empty: write its text, so that its segments can be counted.")
        most = interview().step("wording").most
        if len(self.text.strip()) > most and not (before and self.text == before.text):
            found.append(f"The reminder is too long: write at most {most:,} characters.")
        for name, (label, asked) in NUMBERS.items():
            step, number = interview().step(asked), getattr(self, name)
            if not step.least <= number <= step.most and not (before and number == getattr(before, name)):
                found.append(f"{label}: {number:,} is out of range: write a number from {step.least} to {step.most:,}.")
        return found


def inputs_of(practice: Practice) -> Inputs:
    """Return the inputs that stand for a practice."""
    reminder, reply = _reminder(practice.messages), _reply(practice.messages)
    shown = reminder or assumed()["reminder"][0]
    every = shown.count if shown.per == "session" else 1
    return Inputs(
        practice.name,
        practice.clinicians,
        practice.staff,
        practice.sessions_per_week,
        every,
        int(half_up(reply.count * reply.percent, every)) if reply else 0,
        shown.text,
        tuple(purpose for purpose in assumed() if purpose in practice.purposes),
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
        The practice that the visitor started from: what there is no input for, and what was not changed, is as it is
        there.
    given : Inputs
        What was entered.

    Raises
    ------
    UserError
        If something must be put right; all of it at once.
    """
    if faults := given.faults(inputs_of(base)):
        raise UserError("\n".join(faults))
    now = None
    if given.plan:
        account = base.now.account if base.now and base.now.plan == given.plan else "paid"
        now = Now(plan=given.plan, account=account, reminders=given.sends and "reminder" in given.needs)
    entered = {
        "name": given.name,
        "clinicians": given.clinicians,
        "staff": given.staff,
        "managers": min(base.managers, given.staff),
        "sessions_per_week": given.sessions,
        "messages": _messages(base.messages, inputs_of(base), given),
        "now": now,
        "reading": given.reading,
        "state": given.state or None,
    }
    stated = {name: value for name, value in base if name in base.model_fields_set}  # what is not is drawn in futures
    try:
        return validate(Practice, {**stated, **entered}, "", "")
    except DataError as error:  # there is no file and no line to name
        raise UserError("\n".join(f"{one.wrong}: {one.right}." for one in error.problems)) from None


def _sent(message: Message) -> bool:
    return bool(message.count and message.percent)


def _reminder(messages: Sequence[Message]) -> Message | None:
    """Return the message that the inputs call the reminder: one for each session, if there is one."""
    found = [one for one in messages if one.purpose == "reminder" and one.direction == "out" and _sent(one)]
    return min(found, key=lambda one: one.per != "session", default=None)


def _reply(messages: Sequence[Message]) -> Message | None:
    """Return what clients answer to the reminder."""
    return next((one for one in messages if _answers(one) and _sent(one)), None) if _reminder(messages) else None


def _answers(message: Message) -> bool:
    return message.purpose in ("confirmation", "reminder") and message.direction == "in" and message.per == "session"


def _but(message: Message, **changes: Any) -> Message:
    """Return a message with other fields; a copy would keep the segments that were counted before."""
    return Message(**{**message.model_dump(exclude_unset=True), **changes})


def _messages(base: Sequence[Message], was: Inputs, given: Inputs) -> list[Message]:
    """Return the base's messages, changed where an input was, then what is assumed where nothing of a kind is left."""
    reminder, reply = _reminder(base), _reply(base)
    text = {"text": given.text.strip()} if given.text != was.text else {}
    often = {"count": given.reminders, "per": "session"} if given.reminders != was.reminders else {}
    if often and reminder and reminder.per != "session":
        often["percent"] = 100
    answered = (given.reminders, given.replies) != (was.reminders, was.replies)
    replies = {"count": given.reminders, "percent": given.replies} if answered else {}
    found: list[Message] = []
    for message in base:
        if message is reply:
            if "reminder" in given.needs and (given.replies or not answered):
                aim = {} if message.purpose in given.needs else {"purpose": "reminder"}
                found.append(_but(message, **replies, **aim))
        elif (message.purpose in given.needs) == (message.purpose in was.needs):
            found.append(_but(message, **text, **often) if message is reminder else message)
    sent = {message.purpose for message in found if _sent(message)}
    more = [message for purpose in given.needs if purpose not in sent for message in assumed()[purpose]]
    first = _reminder(more)
    own = {"count": given.reminders, "text": given.text.strip()}
    found += [_but(message, **own) if message is first else message for message in more]
    if reply is None and "reminder" in given.needs and given.replies:
        purpose = "confirmation" if "confirmation" in given.needs else "reminder"
        own = {"count": given.reminders, "percent": given.replies, "purpose": purpose}
        found.append(_but(next(filter(_answers, _proposed())), **own))
    return found


def choose(start_from: Chosen, given: Inputs) -> Chosen:
    """Return the practice that inputs stand for, with its id and hash.

    As long as nothing is changed they are those of the preset or file that the visitor started from; then those of the
    file that the page offers.

    Raises
    ------
    UserError
        If something must be put right; all of it at once.
    """
    own = practice_of(start_from[1], given)
    return start_from if own == start_from[1] else (slug(own.name), own, digest(own))


def slug(name: str) -> str:
    """Turn a name into one that every file system takes: lower case, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())[:60].strip("-") or "practice"


def practice_file(practice: Practice) -> str:
    """Write a practice as the YAML file that ``texteval decide --practice`` takes."""
    return start.as_yaml(practice)


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

    def hash(self, practice_hash: str) -> str:
        """Return the data hash: of catalogue, requirements and practice."""
        return f"{self.catalog.hash}-{self.requirements.hash}-{practice_hash}"


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
        return best_of_each(self.answer.usable)


def find(known: Known, chosen: Chosen) -> Found:
    """Answer a practice.

    Parameters
    ----------
    known : Known
        What it rests on.
    chosen : tuple
        The practice between its id and its hash.

    Raises
    ------
    UserError
        If it sends more than can be priced.
    """
    market, rules, on = known.catalog, known.requirements, known.on
    practice = chosen[1]
    answer = advise.answer(market, rules, *chosen, on, practice.purposes)
    premises = tuple(premise.check(market, rules, practice, on))
    return Found(known, practice, answer, premises, rules.holding(practice, on))


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
        count=count,
        isolated=isolated,
        marks=MARKS,
        box=BOX,
        month=_month,
        reason=reason,
        show=show,
        source=_source,
        way=way,
        year=_year,
    )
    return environment.get_template("explorer.html.j2").module


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
    return str(_macros().outlook(bands(seen), chart(seen, {row.option.plan: row.option.title for row in found.rows})))


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
        self._origins = {name: practices.load(name) for name in practices.presets().practices}
        self._origin = next(iter(self._origins.values()))
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._drawing: asyncio.Task[None] | None = None
        self._making: asyncio.Task[None] | None = None
        self._filling = False
        self._asked: tuple[Any, ...] = ()
        self.found: Found | None = None
        self._build()
        self._fill(self._origins[self.preset.value])
        self._answer()

    def _build(self) -> None:
        """Make the widgets, and put them in the order in which they are read."""
        market = self.known.catalog
        whole = widgets.Layout(width="auto")

        def number(name: str) -> widgets.IntText:
            return widgets.IntText(description=NUMBERS[name][0], layout=whole)

        def choice(label: str, options: Any) -> widgets.Dropdown:
            return widgets.Dropdown(description=label, options=options, layout=whole)

        plans = sorted(((market.title(plan), plan) for plan in market.plan_ids(texting=False)), key=_by_title)
        offered = [plan for plan in market.plan_ids() if market.plan(plan).sold(self.known.on)]
        tools = sorted(((market.title(plan), plan) for plan in offered), key=_by_title)
        states = sorted((name, code) for code, name in STATES.items())
        purposes = self.known.requirements.file.purposes
        self.preset = choice("Start from", [(one.name, key) for key, one, _ in self._origins.values()])
        self.preset.value = PRESET if PRESET in self._origins else next(iter(self._origins))
        self.upload = widgets.FileUpload(accept=".yaml,.yml", description="Open a practice file", layout=whole)
        self.name = widgets.Text(description="Name of the practice", layout=whole, continuous_update=False)
        self.clinicians, self.staff, self.sessions = number("clinicians"), number("staff"), number("sessions")
        self.reminders, self.replies = number("reminders"), number("replies")
        self.text = widgets.Textarea(description="Text of the reminder (no client data)", rows=4, layout=whole)
        self.needs = {
            purpose: widgets.Checkbox(description=purposes[purpose].title, indent=False, layout=whole)
            for purpose in assumed()
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

    def _fill(self, chosen: Chosen) -> None:
        """Start from a practice."""
        self._origin, given = chosen, inputs_of(chosen[1])
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
        if not self._filling:
            self._uploaded.value = ""
            self._fill(self._origins[self.preset.value])

    def _file_opened(self, change: Any) -> None:
        """Start from a file of the visitor's own."""
        if not self.upload.value:
            return
        upload = self.upload.value[0]
        try:
            chosen = read_practice(str(upload["name"]), bytes(upload["content"]))
            opened = chosen[1]
            if opened.now and opened.now.plan not in dict(_values(self.plan)):
                raise UserError(f"{upload['name']}: there is no plan '{opened.now.plan}' that it could pay for today")
        except UserError as error:
            self._uploaded.value = faults_html(error)
            return
        self._uploaded.value = str(_macros().opened(opened.name))
        self._origins[YOURS] = chosen
        self._filling = True  # what is offered changes, and nothing else was chosen
        try:
            self.preset.options = [*(one for one in self.preset.options if one[1] != YOURS), ("Your file", YOURS)]
            self.preset.value = YOURS
        finally:
            self._filling = False
        self._fill(chosen)

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
        if step.__name__ in self._due:
            self._due[step.__name__].cancel()
        self._due[step.__name__] = loop.call_later(0.02, step)

    def _answer(self) -> None:
        """Say the answer anew, unless no price and no verdict can have changed; then draw."""
        given = self.given
        asked = replace(given, text=""), count_segments(given.text.strip()).segments, self._origin
        try:
            chosen = choose(self._origin, given)
            if self.found is None or asked != self._asked:
                self.found = find(self.known, chosen)
        except UserError as error:
            self.found = None
            self._said.value = faults_html(error)
            self._details.layout.display = "none"
            self._file.value = self._volumes.value = self._wording.value = ""
            return
        own = chosen[1]
        self._file.value = files_html(slug(own.name), practice_file(own))
        self._stamp.value = str(_macros().stamp(decide.stamp(self.known.on, self.known.hash(chosen[2]))))
        self._report.value = ""
        if asked == self._asked and self._details.layout.display is None:
            self._soon(self._say_wording)
            return
        self._asked = asked
        self._details.layout.display = None
        self._said.value = answer_html(self.found)
        self._list.value = shortlist_html(self.found)
        self._volumes.value = volumes_html(own)
        self._say_why()
        self._draw()
        self._soon(self._say_wording)  # its words take a moment to be read in, the first time: the page does not wait

    def _say_wording(self) -> None:
        self._wording.value = wording_html(self.text.value)

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
        asked = self._origin, self.given
        try:
            chosen = choose(*asked)
        except UserError as error:
            self._report.value = faults_html(error)
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            with self._busy():
                self._offer(asked, _report(self.known, chosen, self._tell))
            return

        def tell(step: str) -> None:
            loop.call_soon_threadsafe(self._tell, step)

        async def make() -> None:
            with self._busy():
                self._offer(asked, await asyncio.to_thread(_report, self.known, chosen, tell))

        self.make.disabled = True
        self._making = loop.create_task(make())

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """Disable the button as long as a report is made; if that fails by a fault of texteval's, say so."""
        self.make.disabled = True
        try:
            yield
        except Exception:
            self._report.value = faults_html(UserError("The report could not be made, by a fault of texteval's."))
            raise
        finally:
            self.make.disabled = False

    def _tell(self, step: str) -> None:
        self._report.value = str(_macros().progress(step))

    def _offer(self, asked: tuple[Chosen, Inputs], made: str) -> None:
        """Offer a report, unless something else was entered meanwhile."""
        self._report.value = made if asked == (self._origin, self.given) else str(_macros().outdated())


def _report(known: Known, chosen: Chosen, tell: Callable[[str], object]) -> str:
    """Make a practice's report and offer it as a link, or say why not."""
    tell("starting")
    from texteval import report  # draws, and so takes a second to load

    try:
        made = report.build(known.catalog, known.requirements, *chosen, known.on, tell)
        tell("writing")
        page = report.render(made, report.document(made, tell=tell))
        return report_html(f"{report.file_name(made)}.html", page)
    except UserError as error:
        return faults_html(error)


def _by_title(entry: tuple[str, str]) -> str:
    return entry[0].casefold()


def _values(dropdown: widgets.Dropdown) -> list[tuple[str, str]]:
    return [(value, label) for label, value in dropdown.options]


def _css() -> str:
    tones = {"good": TONES["eligible"], "ask": TONES["verify first"], "no": TONES["ineligible"]}
    own = "; ".join(f"--{name}: {tone}" for name, tone in tones.items())
    return f".texteval {{ {own}; }}\n{read_text(Path(__file__).resolve().parent / 'templates' / 'explorer.css')}"


def read_practice(name: str, content: bytes) -> Chosen:
    """Read a practice file that a visitor opened.

    Parameters
    ----------
    name : str
        What the visitor calls the file; for the messages.
    content : bytes
        What it holds.

    Returns
    -------
    tuple
        The practice between its id and its hash.

    Raises
    ------
    UserError
        If it is not a practice file, or a faulty one.
    """
    with tempfile.TemporaryDirectory(prefix="texteval-") as folder:
        path = Path(folder, f"{Path(folder).name}.yaml")  # the visitor's name may be one that no disk takes
        path.write_bytes(content)
        try:
            key, practice, found = practices.load(str(path))
            return Path(name).stem if key == path.stem else key, practice, found
        except UserError as error:
            raise UserError(str(error).replace(str(path), name)) from None
