"""The advice: premises first; then for each level of need what to run, what it adds to the bill, and why not the rest.

An option is one plan, or what the practice pays for today with one plan beside it. Gates come first, then the coverage
of every purpose, then cost; what is proven comes before what hinges on an open point.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from texteval import premise
from texteval.assess import Coverage, Finding, cover
from texteval.billing import invoice
from texteval.catalog import Catalog
from texteval.circumstances import Circumstance
from texteval.decide import Comparison, Option, compare
from texteval.errors import UserError
from texteval.practice import Practice
from texteval.premise import Premise
from texteval.requirements import Requirements

UNUSABLE = ("size", "account", "personal")
"""Premises without which what the practice has today cannot be part of an option."""

NOW_SENT = ("reminder", "confirmation")
"""The purposes for which a practice sends texts today, where its reminders are on."""


@dataclass(frozen=True)
class Candidate:
    """Something that the practice could run.

    Parameters
    ----------
    option : Option
        The plan. Its verdicts are for all purposes of the practice, also those that a kept plan goes on serving.
    way : str
        ``buy`` where nothing is paid today; else ``stay`` with what is paid, ``switch`` to the plan, or ``add`` it.
    kept : str or None
        The plan that is kept beside it.
    total : int or None
        What a first year of it all costs, in micro-dollars; None where a price is unknown.
    more : int or None
        What that is more than is paid today (less, if below zero).
    """

    option: Option
    way: str
    kept: str | None
    total: int | None
    more: int | None

    @property
    def order(self) -> tuple[Any, ...]:
        """Sort key, as :attr:`Option.order`, with the whole cost of the option."""
        option = self.option
        points = option.coverage.open_points
        heavy = sum(point.heavy for point in points)
        if not option.shortlisted:
            failed = option.coverage.failures
            return 2, len(option.coverage.uncovered), len(failed), self.total is None, self.total or 0, option.plan
        rung = 0 if option.proven else 1
        cost = (self.total is None, self.total or 0)
        return rung, option.building_block, heavy, *cost, len(points), option.plan


@dataclass(frozen=True)
class Relaxation:
    """The one thing that keeps an option from being usable.

    Parameters
    ----------
    candidate : Candidate
        The option.
    finding : Finding
        The gate that it fails.
    """

    candidate: Candidate
    finding: Finding


@dataclass(frozen=True)
class Answer:
    """What to run for one level of need.

    Parameters
    ----------
    purposes : tuple of str
        What the messages are for.
    clinical : bool
        Whether clinical content is among them.
    comparison : Comparison
        The practice with these messages only, and every plan.
    candidates : tuple of Candidate
        Every option, best first.
    """

    purposes: tuple[str, ...]
    clinical: bool
    comparison: Comparison
    candidates: tuple[Candidate, ...]

    @property
    def usable(self) -> list[Candidate]:
        """What can be used, now or once its open points are settled; programming interfaces last."""
        return [candidate for candidate in self.candidates if candidate.option.shortlisted]

    @property
    def first(self) -> Candidate | None:
        """What the advice names first: the cheapest that is proven, else the one that hinges on least."""
        return self.usable[0] if self.usable else None

    @property
    def cheaper(self) -> list[Candidate]:
        """What would cost less than the first, once its open points are settled; the cheapest first."""
        first = self.first
        if first is None or first.total is None:
            return []
        less = [
            candidate
            for candidate in self.usable
            if candidate.total is not None and candidate.total < first.total and not candidate.option.building_block
        ]
        return sorted(less, key=lambda candidate: (candidate.total or 0, candidate.option.plan))

    @property
    def relaxations(self) -> list[Relaxation]:
        """Where nothing qualifies: the options that fail by one gate alone, the cheapest for each gate."""
        found: dict[str, Relaxation] = {}
        if self.usable:
            return []
        known = [c for c in self.candidates if c.total is not None and not c.option.building_block]
        for candidate in sorted(known, key=lambda c: (c.total or 0, c.option.plan)):
            failures = candidate.option.coverage.failures
            if len(failures) == 1 and not candidate.option.coverage.uncovered:
                found.setdefault(failures[0].requirement, Relaxation(candidate, failures[0]))
        return list(found.values())

    def candidate(self, plan_id: str) -> Candidate:
        """Return the candidate of a plan.

        Raises
        ------
        UserError
            If no plan of this name sends messages and is sold on that day.
        """
        option = self.comparison.option(plan_id)
        return next(candidate for candidate in self.candidates if candidate.option.plan == option.plan)


@dataclass(frozen=True)
class Advice:
    """Everything that is said to a practice.

    Parameters
    ----------
    practice : Practice
        The practice.
    premises : tuple of Premise
        What it takes for granted and cannot be so.
    circumstances : dict of str to Circumstance
        What else holds for it.
    now_year : int or None
        What it pays today a year, in micro-dollars; None where that is nothing known.
    answers : tuple of Answer
        One for each level of need: without and with clinical content.
    """

    practice: Practice
    premises: tuple[Premise, ...]
    circumstances: dict[str, Circumstance]
    now_year: int | None
    answers: tuple[Answer, ...]


def advise(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    among: Collection[str] | None = None,
) -> Advice:
    """Advise a practice.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    practice_id, practice, practice_hash : str, Practice, str
        As :func:`texteval.practice.load` gives them.
    on : datetime.date
        The day of the question.
    among : collection of str, optional
        Only these plans are looked at.

    Returns
    -------
    Advice
        Premises and answers.

    Raises
    ------
    UserError
        If the practice sends no messages, or pays for a plan that does not exist.
    """
    if not practice.purposes:
        raise UserError(f"{practice.name} has no messages: every count is zero; write how many you send")
    premises = premise.check(catalog, requirements, practice, on)
    now_year = _now_year(catalog, requirements, practice, on)
    answers = []
    for purposes in _levels(requirements, practice):
        messages = [message for message in practice.messages if message.purpose in purposes]
        part = (
            practice if len(messages) == len(practice.messages) else practice.model_copy(update={"messages": messages})
        )
        comparison = compare(catalog, requirements, practice_id, part, practice_hash, on, among)
        found = _candidates(catalog, requirements, comparison, premises, now_year)
        clinical = any(requirements.file.purposes[purpose].clinical for purpose in purposes)
        answers.append(Answer(tuple(purposes), clinical, comparison, tuple(sorted(found, key=lambda c: c.order))))
    holding = requirements.holding(practice, on)
    return Advice(practice, tuple(premises), holding, now_year, tuple(answers))


def ways_out(catalog: Catalog, requirements: Requirements, found: Advice) -> dict[str, Answer]:
    """Answer anew for each plan with which a wrong premise may be put right: as if the practice paid for that one.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    found : Advice
        The advice, with its premises.

    Returns
    -------
    dict of str to Answer
        For each plan the answer to all needs.
    """
    now, comparison = found.practice.now, found.answers[-1].comparison
    answers: dict[str, Answer] = {}
    for plan in dict.fromkeys(plan for one in found.premises for plan in one.ways_out):
        assert now is not None
        practice = found.practice.model_copy(update={"now": now.model_copy(update={"plan": plan, "account": "paid"})})
        again = advise(catalog, requirements, comparison.practice_id, practice, comparison.hash[-12:], comparison.on)
        answers[plan] = again.answers[-1]
    return answers


def _levels(requirements: Requirements, practice: Practice) -> list[list[str]]:
    """Part the purposes: what is not clinical, and all of it."""
    every = practice.purposes
    plain = [purpose for purpose in every if not requirements.file.purposes[purpose].clinical]
    return [plain, every] if plain and len(plain) < len(every) else [every]


def _now_year(catalog: Catalog, requirements: Requirements, practice: Practice, on: date) -> int | None:
    """Price what the practice pays today."""
    if practice.now is None:
        return None
    sent = NOW_SENT if practice.now.reminders else ()
    coverage = cover(catalog, requirements, practice.now.plan, practice, on)
    return _bill(catalog, practice, coverage, sent, practice.now.plan, on)


def _bill(
    catalog: Catalog, practice: Practice, coverage: Coverage, purposes: Sequence[str], plan_id: str, on: date
) -> int | None:
    """Price a plan that serves some purposes of a practice."""
    channels = {purpose: channel for purpose, channel in coverage.channels.items() if purpose in purposes}
    bill = invoice(catalog, plan_id, practice.usage(channels), on)
    return bill.year if bill else None


def _candidates(
    catalog: Catalog,
    requirements: Requirements,
    comparison: Comparison,
    premises: Sequence[Premise],
    now_year: int | None,
) -> list[Candidate]:
    practice, on = comparison.practice, comparison.on
    if practice.now is None or any(p.id in UNUSABLE for p in premises):
        return [Candidate(option, "buy", None, option.year, None) for option in comparison.options]
    now = practice.now.plan
    kind = catalog.vendors[now.partition("/")[0]].kind
    kept = cover(catalog, requirements, now, practice, on)
    found = []
    for option in comparison.options:
        if option.plan == now:
            found.append(Candidate(option, "stay", None, option.year, _more(option.year, now_year)))
        elif kind != "practice_management" or option.kind == kind:
            found.append(Candidate(option, "switch", None, option.year, _more(option.year, now_year)))
        else:
            found.append(_beside(catalog, comparison, option, kept, now_year))
    return found


def _beside(
    catalog: Catalog, comparison: Comparison, option: Option, kept: Coverage, now_year: int | None
) -> Candidate:
    """Keep what is paid for and add a plan: the plan serves what it can, the kept one what is left."""
    practice, on = comparison.practice, comparison.on
    served = {p: v for p, v in option.coverage.verdicts.items() if v.verdict != "ineligible"}
    left = {p: v for p, v in kept.verdicts.items() if p not in served and v.verdict != "ineligible"}
    if not served:
        return Candidate(option, "add", kept.plan, None, None)
    failing = {p: v for p, v in option.coverage.verdicts.items() if p not in served and p not in left}
    uncovered = tuple(p for p in option.coverage.uncovered if p not in left)
    merged = Coverage(option.plan, {**served, **left, **failing}, uncovered)
    beside = _bill(catalog, practice, kept, list(left), kept.plan, on)
    added = invoice(catalog, option.plan, practice.usage({p: v.channel for p, v in served.items()}), on)
    total = None if beside is None or added is None or added.year is None else beside + added.year
    joined = replace(option, coverage=merged, invoice=added)
    return Candidate(joined, "add", kept.plan, total, _more(total, now_year))


def _more(total: int | None, now_year: int | None) -> int | None:
    return None if total is None or now_year is None else total - now_year
