"""Total cost of ownership: what a tool costs over some years beyond its bill, part by part.

Every part is an amount in each simulated future, in whole micro-dollars, and can be switched on or off without a change
to any other. What the vendor charges is on by default; what rests on weak evidence is off unless asked for.

The bill's parts come from pricing a plan three times in the same futures: all lines; without those due once; and of
those the lines that are due whatever is used. *Set-up* is the first less the second, *usage* the second less the
third, so the parts add up to the bill exactly. A discount, minimum, maximum or fee counts with the subscription as far
as it is due with nothing used; what usage adds to it or takes from it counts with usage, and so for set-up.

Hours, wages and fees do not rise over the years; bills do (``price_rise``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from texteval.assess import cover
from texteval.billing import invoice
from texteval.catalog import Catalog, Line
from texteval.charges import SEATS, Group, PerUnit
from texteval.decide import Comparison, Option
from texteval.errors import UserError, nearest, program
from texteval.evidence import GRADE_PHRASES, GRADES
from texteval.forecast import contenders
from texteval.money import MICRO, dollars
from texteval.parameters import Parameters
from texteval.practice import MONTHS, Message, Practice
from texteval.requirements import Requirements
from texteval.simulate import DRAWS, MOST_MONTHS, REPLICATES, Bills, apart, simulate

BILL = ("subscription", "usage", "setup")
"""What the vendor charges: on by default."""

BEYOND = ("migration", "training", "parallel", "filing", "no-shows")
"""What comes on top: off unless asked for."""

PARTS = {
    "subscription": "Subscription",
    "usage": "Usage",
    "setup": "Set-up",
    "migration": "Moving over",
    "training": "Training",
    "parallel": "Paying for both",
    "filing": "Filing messages",
    "no-shows": "Missed sessions",
}
"""What a person calls each part."""

EFFECTS = {
    "reminder_effect": "blend of the three below",
    "reminder_effect_general": "12 trials, all of health care",
    "reminder_effect_clinics": "community mental health clinics",
    "reminder_effect_trial": "randomised trial, psychotherapy",
}
"""The readings of what reminders do; the total takes the first, and the last speaks against it."""

OWNED = (
    "switch_hours_solo",
    "switch_hours_practice",
    "parallel_months",
    "training_hours",
    "wage",
    "wage_costs",
    "filing_minutes",
    "session_fee",
    *EFFECTS,
)
"""The parameters of ownership, drawn apart from those of the bill."""

EVIDENCE = {
    "own": "your own number",
    "published_price": "published price",
    "measured": "measured",
    "survey": "survey",
    "rule_of_thumb": "rule of thumb",
    "assumption": "assumption",
}
"""How good a part's evidence is, best first."""

MOST_YEARS = MOST_MONTHS // MONTHS


@dataclass(frozen=True)
class Summary:
    """An amount over all draws, in micro-dollars.

    Parameters
    ----------
    mean, error : float
        The mean and its standard error, from the replicates.
    low, high : float
        Below the first lie 5 percent of the draws, below the second 95.
    """

    mean: float
    error: float
    low: float
    high: float

    @classmethod
    def of(cls, amounts: Any) -> Summary:
        """Sum up an amount that is given for each draw."""
        means = amounts.reshape(REPLICATES, -1).mean(axis=1)
        low, high = np.quantile(amounts, [0.05, 0.95])
        error = means.std(ddof=1) / np.sqrt(REPLICATES)
        return cls(float(means.mean()), float(error), float(low), float(high))


@dataclass(frozen=True)
class Amount:
    """What something costs in each draw; a saving is below zero.

    Parameters
    ----------
    cost, present_value : numpy.ndarray
        int64, shape (draws,): micro-dollars over all years, as paid, and discounted to the first day.
    """

    cost: Any
    present_value: Any

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.cost + other.cost, self.present_value + other.present_value)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.cost - other.cost, self.present_value - other.present_value)

    @cached_property
    def paid(self) -> Summary:
        """What is paid over all years."""
        return Summary.of(self.cost)

    @cached_property
    def worth(self) -> Summary:
        """Its present value."""
        return Summary.of(self.present_value)


@dataclass(frozen=True)
class Part:
    """One part of what a plan costs.

    Parameters
    ----------
    name : str
        One of :data:`PARTS`, or of :data:`EFFECTS` for a reading of what reminders do.
    amount : Amount or None
        What it comes to; None where it hangs on a price that nobody publishes.
    on : bool
        Whether it is in the total.
    evidence : str or None
        The weakest evidence it rests on, of :data:`EVIDENCE`; None where nothing had to be assumed.
    why : str
        Why it is on or off.
    note : str
        What was counted, or why it is nothing.
    unsure : bool
        Whether it is counted to be on the safe side, since what decides it is unknown.
    """

    name: str
    amount: Amount | None
    on: bool
    evidence: str | None
    why: str
    note: str
    unsure: bool = False

    @property
    def title(self) -> str:
        """What a person calls it."""
        return PARTS.get(self.name) or EFFECTS[self.name]

    @property
    def basis(self) -> str:
        """Its evidence in words; empty where nothing had to be assumed."""
        return EVIDENCE[self.evidence] if self.evidence else ""


@dataclass(frozen=True)
class Ownership:
    """What a plan costs a practice over some years.

    Parameters
    ----------
    option : Option
        The plan with its verdict.
    years : int
        How many.
    parts : tuple of Part
        One for each of :data:`PARTS`, in that order.
    reminders : tuple of Part
        What reminders would save by each of :data:`EFFECTS`; empty where they are not new, or the plan sends none.
    discount_rate : float
        Interest a year for present value.
    draws, seed : int
        How many futures, and what they come from.
    hash : str
        The data hash: of catalogue, requirements, practice and parameters.
    """

    option: Option
    years: int
    parts: tuple[Part, ...]
    reminders: tuple[Part, ...]
    discount_rate: float
    draws: int
    seed: int
    hash: str

    def part(self, name: str) -> Part:
        """Return a part."""
        return next(part for part in self.parts if part.name == name)

    @property
    def on(self) -> list[Part]:
        """The parts that are in the total."""
        return [part for part in self.parts if part.on]

    @cached_property
    def total(self) -> Amount:
        """The sum of the parts that are on."""
        none = np.zeros(self.draws, np.int64)
        return sum((part.amount for part in self.on if part.amount), start=Amount(none, none))

    @property
    def contrary(self) -> Amount | None:
        """The total if reminders do what the contrary trial found; None where their saving is not in it."""
        if not self.reminders or not self.part("no-shows").on:
            return None
        blend, *_, trial = (part.amount for part in self.reminders)
        assert blend is not None
        assert trial is not None
        return self.total - blend + trial


def ownership(
    catalog: Catalog,
    requirements: Requirements,
    comparison: Comparison,
    parameters: Parameters,
    plan_ids: Sequence[str],
    *,
    years: int = 3,
    parts: Collection[str] = BILL,
    now: str | None = None,
    new_reminders: bool = False,
    draws: int = DRAWS,
    seed: int = 1,
    tell: Callable[[int, int], None] | None = None,
) -> list[Ownership]:
    """Work out what plans cost a practice over some years, part by part, in simulated futures.

    Parameters
    ----------
    catalog, requirements, comparison, parameters : Catalog, Requirements, Comparison, Parameters
        Facts and prices, rules, the practice with its options, and what may become of it.
    plan_ids : sequence of str
        The plans; they may be ineligible.
    years : int
        1 to 5.
    parts : collection of str
        The parts that are in the total; of :data:`PARTS`. All are worked out.
    now : str, optional
        The plan that the practice has.
    new_reminders : bool
        Whether reminders are new to the practice: else they prevent nothing that is not prevented already.
    draws, seed, tell
        As :func:`texteval.simulate.simulate` takes them.

    Returns
    -------
    list of Ownership
        One for each plan, in the order given.

    Raises
    ------
    UserError
        If a plan or part does not exist, a price in the total is unknown, or the years are out of range.
    """
    if not 1 <= years <= MOST_YEARS:
        raise UserError(f"{years} years cannot be simulated: take 1 to {MOST_YEARS}")
    for name in parts:
        if name not in PARTS:
            raise UserError(f"there is no part '{name}': {nearest(name, PARTS)}")
    options = contenders(comparison, plan_ids)
    practice, on = comparison.practice, comparison.on
    month_now = _month(catalog, requirements, now, practice, on) if now else None
    elsewhere = [option for option in options if now and not _with(now, option)]
    if elsewhere and month_now is None and "parallel" in parts:
        raise UserError(
            f"what {now} charges is not published in full, so 'parallel' cannot be told: leave it out, or give your "
            f"own price with --overlay (see '{program()} bill {now}')"
        )

    price_lists: dict[str, Sequence[Line]] = {}
    channels: dict[str, Mapping[str, str]] = {}
    for option in options:
        lines = catalog.price_lines(option.plan, on) or []
        regular = [line for line in lines if not _once(line)]
        lists = (lines, regular, [line for line in regular if _whatever_is_used(line)])
        for name, some in zip(_rows(option.plan), lists, strict=True):
            price_lists[name], channels[name] = some, option.coverage.channels
    months = years * MONTHS
    bills = simulate(
        price_lists, channels, practice, parameters, on.month, months=months, draws=draws, seed=seed, tell=tell
    )
    beyond = [option.plan for option in options if option.plan not in bills.plans]
    if beyond:
        raise UserError(
            f"what {' and '.join(beyond)} charges beyond an allowance is not published, so its cost of ownership "
            f"cannot be told: see '{program()} bill {beyond[0]}'"
        )
    counts = _counts(options, practice, parameters, on.month, months=months, draws=draws, seed=seed, tell=tell)
    work = _Work(catalog, comparison, parameters, bills, counts, apart(parameters, OWNED, bills.draws, seed), now)
    rate, digest = parameters["discount_rate"].likely, f"{comparison.hash}-{parameters.hash}"
    found = []
    for option in options:
        reminders = work.reminders(option, new_reminders)
        pieces = {
            **work.bill(option, price_lists[option.plan]),
            "migration": work.migration(option),
            "training": work.training(option),
            "parallel": work.parallel(option, month_now),
            "filing": work.filing(option),
            "no-shows": work.no_shows(option, reminders, new_reminders),
        }
        told = tuple(_told(name, piece, name in parts) for name, piece in pieces.items())
        found.append(Ownership(option, years, told, reminders, rate, bills.draws, seed, digest))
    return found


def _told(name: str, part: Part, on: bool) -> Part:
    """Switch a part on or off, and say why."""
    if name in BILL:
        why = "On: what the vendor charges is published." if on else "Off: not asked for."
    elif on:
        why = "On: asked for."
    else:
        why = f"Off unless asked for: {part.basis or 'it adds nothing here'}."
    return replace(part, name=name, on=on, why=why)


def _with(now: str, option: Option) -> bool:
    """Tell whether a practice that has a plan is with an option's vendor."""
    return now.partition("/")[0] == option.vendor


def _rows(plan_id: str) -> tuple[str, str, str]:
    """Name the three ways in which a plan is priced."""
    return plan_id, f"{plan_id}, without what is due once", f"{plan_id}, with nothing used"


def _once(line: Line) -> bool:
    return not isinstance(line.charge, Group) and line.charge.cadence == "once"


def _whatever_is_used(line: Line) -> bool:
    """Tell whether a line is due with nothing used; a group charge is, on what is left of the lines below it."""
    return isinstance(line.charge, Group) or set(line.charge.meter) <= set(SEATS)


def _month(catalog: Catalog, requirements: Requirements, plan_id: str, practice: Practice, on: date) -> int | None:
    """Return a twelfth of the year's bill of the plan that the practice has, without what is due once."""
    channels = cover(catalog, requirements, plan_id, practice, on).channels
    bill = invoice(catalog, plan_id, practice.usage(channels), on)
    if bill is None or not bill.known:
        return None
    return sum(line.year or 0 for line in bill.lines if line.cadence != "once") // MONTHS


_EACH = Line(PerUnit(model="per_unit", meter=["message_out", "message_in"], usd=1), "Each", "", "", "stated", "")
"""A price list that counts: a dollar for every text."""


def _counts(
    options: Sequence[Option], practice: Practice, parameters: Parameters, first_month: int, **how: Any
) -> Bills:
    """Count in the same futures, as dollars, each plan's messages with clients and the practice's sessions.

    For the sessions the practice is given one message more, of a purpose of its own, for each that is booked.
    """
    booked = Message.model_construct(purpose="session")  # type: ignore[arg-type]
    counted = practice.model_copy(update={"messages": [*practice.messages, booked]})
    channels: dict[str, Mapping[str, str]] = {
        option.plan: {purpose: "sms" for purpose in option.coverage.channels if purpose != "team"} for option in options
    }
    channels["sessions"] = {"session": "sms"}
    still = parameters["price_rise"].model_copy(update={"low": 0.0, "likely": 0.0, "high": 0.0, "shape": "fixed"})
    file = parameters.file.model_copy(update={"parameters": {**parameters.all, "price_rise": still}})
    lists = {name: [_EACH] for name in channels}
    return simulate(lists, channels, counted, replace(parameters, file=file), first_month, **how)


@dataclass(frozen=True)
class _Work:
    """What the parts are worked out from, and the parts of a plan, all of them off."""

    catalog: Catalog
    comparison: Comparison
    parameters: Parameters
    bills: Bills
    counts: Bills
    values: Mapping[str, Any]
    now: str | None

    def bill(self, option: Option, lines: Sequence[Line]) -> dict[str, Part]:
        """Part a bill into what is due whatever is used, what usage adds, and what is due once."""
        whole, regular, fixed = (
            Amount(self.bills.cost[row], self.bills.present_value[row])
            for row in map(self.bills.row, _rows(option.plan))
        )
        has_it = option.plan == self.now
        groups = {
            "subscription": [line for line in lines if not _once(line) and _whatever_is_used(line)],
            "usage": [line for line in lines if not _whatever_is_used(line)],
            "setup": [line for line in lines if _once(line) and not has_it],
        }
        amounts = {
            "subscription": (fixed, "What is due whatever is used."),
            "usage": (regular - fixed, "What messages, sessions and claims add to it."),
            "setup": (self._none if has_it else whole - regular, "What is due once, at the start."),
        }
        notes = {
            "subscription": "Nothing is due where nothing is used.",
            "usage": "Nothing is due for what is used.",
            "setup": "Paid already: the practice has this plan." if has_it else "Nothing is due once.",
        }
        return {
            name: self._part(
                amount,
                ["own" if line.own else "published_price" for line in groups[name]],
                note if groups[name] else notes[name],
            )
            for name, (amount, note) in amounts.items()
        }

    def migration(self, option: Option) -> Part:
        """Hours of moving to another practice software, once."""
        if option.kind != "practice_management":
            return self._nothing("It is no practice software: the record stays where it is.")
        if self._present(option):
            return self._nothing("The practice is with this vendor already: nothing moves.")
        name = "switch_hours_solo" if self.comparison.practice.logins == 1 else "switch_hours_practice"
        amount = _at_start(self.values[name] * self._hour)
        return self._part(
            amount,
            self._grades(name, "wage", "wage_costs"),
            f"About {self._mean(name)} hours of work to move the practice into new software, once."
            + self._unless_present,
        )

    def training(self, option: Option) -> Part:
        """Hours of training for each login, once."""
        if self._present(option):
            return self._nothing("The practice is with this vendor already: nobody is trained.")
        logins = self.comparison.practice.logins
        people = "the one person" if logins == 1 else f"each of {logins:,} people"
        return self._part(
            _at_start(self.values["training_hours"] * logins * self._hour),
            self._grades("training_hours", "wage", "wage_costs"),
            f"About {self._mean('training_hours')} hours for {people} with a login, once." + self._unless_present,
        )

    def parallel(self, option: Option, month: int | None) -> Part:
        """Months in which the present plan is paid as well."""
        if self.now is None:
            return self._nothing("--now is missing: it takes what the practice pays now.")
        if self._present(option):
            return self._nothing("The practice is with this vendor already: nothing is paid twice.")
        grades = [*self._grades("parallel_months"), "published_price"]
        if month is None:
            return Part("", None, False, _worst(grades), "", f"What {self.now} charges is not published in full.")
        return self._part(
            _at_start(self.values["parallel_months"] * (month / MICRO)),
            grades,
            f"About {self._mean('parallel_months')} months in which {self.catalog.title(self.now)} is paid as well, "
            "if this takes its place.",
        )

    def filing(self, option: Option) -> Part:
        """Minutes for each message that does not reach the record by itself."""
        how, why = filed(self.catalog, option.plan, self.comparison.on)
        if how == "by itself":
            return self._nothing(why)
        if not self.counts.cost[self.counts.row(option.plan)].any():
            return self._nothing("It carries none of the practice's messages with clients.")
        row, each = self.counts.row(option.plan), self.values["filing_minutes"] / 60 * self._hour / MICRO
        return replace(
            self._part(
                Amount(_micro(self.counts.cost[row] * each), _micro(self.counts.present_value[row] * each)),
                self._grades("filing_minutes", "wage", "wage_costs"),
                f"{why} About {self._mean('filing_minutes')} minutes for each message.",
            ),
            unsure=how == "unknown",
        )

    def reminders(self, option: Option, new: bool) -> tuple[Part, ...]:
        """Reckon what reminders save by each reading of their effect, where they are new."""
        if not new or "reminder" not in option.coverage.channels:
            return ()
        row, drawn = self.counts.row("sessions"), self.bills.values
        missed = (1 - drawn["cancellations"]) * drawn["no_shows"] * self.values["session_fee"] / MICRO
        return tuple(
            replace(
                self._part(
                    Amount(
                        _micro(self.counts.cost[row] * missed * (self.values[name] - 1)),
                        _micro(self.counts.present_value[row] * missed * (self.values[name] - 1)),
                    ),
                    self._grades(name),
                    self.parameters[name].note or "",
                ),
                name=name,
                why="A reading of what reminders do; the total takes the blend.",
            )
            for name in EFFECTS
        )

    def no_shows(self, option: Option, reminders: Sequence[Part], new: bool) -> Part:
        """Sessions that reminders keep from being missed: a saving."""
        if not new:
            return self._nothing("--new-reminders is missing: where reminders go out already, nothing is gained.")
        if not reminders:
            return self._nothing("It sends no reminders for this practice.")
        missed, kept = self.bills.values["no_shows"].mean(), 1 - self.values["reminder_effect"].mean()
        return replace(
            reminders[0],
            evidence=_worst(self._grades("no_shows", "cancellations", "reminder_effect", "session_fee")),
            note=f"About {missed:.0%} of the sessions not cancelled are missed; reminders save about {kept:.0%} of "
            "those, by a blend of three sources.",
        )

    @property
    def _none(self) -> Amount:
        zero = np.zeros(self.bills.draws, np.int64)
        return Amount(zero, zero)

    @property
    def _hour(self) -> Any:
        """What an hour of office work costs, in dollars."""
        return self.values["wage"] * self.values["wage_costs"]

    def _mean(self, name: str) -> str:
        """Print a parameter's mean with two digits."""
        return f"{float(f'{self.values[name].mean():.2g}'):,g}"

    @property
    def _unless_present(self) -> str:
        return "" if self.now else " If you have it already, name your plan with --now."

    def _present(self, option: Option) -> bool:
        """Tell whether the practice is with the plan's vendor."""
        return self.now is not None and _with(self.now, option)

    def _grades(self, *names: str) -> list[str]:
        return [self.parameters[name].evidence for name in names]

    def _part(self, amount: Amount, grades: Collection[str], note: str) -> Part:
        return Part("", amount, False, _worst(grades), "", note)

    def _nothing(self, note: str) -> Part:
        return self._part(self._none, [], note)


def _worst(grades: Collection[str]) -> str | None:
    return max(grades, key=list(EVIDENCE).index, default=None)


def _at_start(usd: Any) -> Amount:
    """Turn what is paid once at the start into an amount: it is not discounted."""
    return Amount(_micro(usd), _micro(usd))


def _micro(usd: Any) -> Any:
    """Turn dollars into whole micro-dollars."""
    if np.abs(usd).max() > 1e11:
        raise UserError("the cost of ownership may not fit into 64 bits: take smaller parameters or a smaller practice")
    return np.rint(usd * MICRO).astype(np.int64)


def filed(catalog: Catalog, plan_id: str, on: date) -> tuple[str, str]:
    """Tell whether messages reach the client record by themselves.

    The fact ``ehr_integration`` decides. Practice software is the record, so its messages are in it unless a fact says
    that there is no link. Any other tool files by itself only where good, fresh and undisputed evidence says that
    messaging is part of the record system; a link to some systems does not say so.

    Returns
    -------
    how : str
        ``by itself``, ``by hand`` or ``unknown``.
    why : str
        One sentence.
    """
    fact = catalog.fact(plan_id, "ehr_integration", None, on)
    settled = not fact.disputed and not fact.stale
    software = catalog.vendors[plan_id.partition("/")[0]].kind == "practice_management"
    if fact.value == "none" and settled:
        return "by hand", "It has no link to a record: messages are filed by hand."
    if software and not fact.disputed:
        return "by itself", "It is practice software: messages are in the record by themselves."
    if fact.value == "native" and settled and fact.grade is not None and fact.grade != GRADES[-1]:
        return "by itself", f"Messages are in the record by themselves, {GRADE_PHRASES[fact.grade]}."
    if fact.value == "integrates" and settled:
        return "unknown", "It links to some records; whether it files messages is unknown: counted as if by hand."
    return "unknown", "Whether messages reach the record by themselves is unknown: counted as if by hand."


FIGURES = (
    *("mean_usd", "mean_error_usd", "p05_usd", "p95_usd"),
    *("mean_usd_per_year", "p05_usd_per_year", "p95_usd_per_year"),
    *("present_value_usd", "present_value_error_usd", "present_value_p05_usd", "present_value_p95_usd"),
)
"""What is told of an amount, each in dollars."""


def figures(amount: Amount | None, years: int) -> dict[str, float | None]:
    """Return what an amount comes to in dollars, rounded to cents: over the years, for each, and at present value.

    Parameters
    ----------
    amount : Amount or None
        None where it is unknown.
    years : int
        How many years it covers.

    Returns
    -------
    dict of str to float
        For each of :data:`FIGURES` a value: means with their standard errors, and the values below which 5 and 95
        percent of the draws lie.
    """
    if amount is None:
        return dict.fromkeys(FIGURES)
    paid, worth = amount.paid, amount.worth
    amounts = (
        *(paid.mean, paid.error, paid.low, paid.high),
        *(paid.mean / years, paid.low / years, paid.high / years),
        *(worth.mean, worth.error, worth.low, worth.high),
    )
    return {name: dollars(round(micro)) for name, micro in zip(FIGURES, amounts, strict=True)}
