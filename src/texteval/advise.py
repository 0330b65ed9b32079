"""The advice: premises first; then for each level of need what to run, what it adds to the bill, and why not the rest.

An option is one plan, or what the practice pays for today with one plan beside it. Gates come first, then the coverage
of every purpose, then cost; what is proven comes before what hinges on an open point.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from texteval import premise
from texteval.assess import Coverage, Finding, cover, with_outcomes
from texteval.billing import invoice, year_total
from texteval.catalog import Catalog, Line
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
        What the next year of it all costs, in micro-dollars, without what was paid once for what the practice has; None
        where a price is unknown.
    more : int or None
        What that is more than is paid today (less, if below zero).
    """

    option: Option
    way: str
    kept: str | None
    total: int | None
    more: int | None

    @cached_property
    def order(self) -> tuple[Any, ...]:
        """Sort key, as :attr:`Option.order`, with the whole cost of the option."""
        option = self.option
        points = option.coverage.open_points
        heavy = sum(point.heavy for point in points)
        if not option.shortlisted:
            failed = option.coverage.failures
            return 2, len(option.coverage.uncovered), len(failed), self.total is None, self.total or 0, option.plan
        rung = 0 if option.proven else 1
        # What is paid for a plan that is kept may be unknown: the options that keep it then come by what they add.
        cost = (False, self.total, 0) if self.total is not None else (True, option.year is None, option.year or 0)
        return rung, option.building_block, heavy, *cost, len(points), option.plan


@dataclass(frozen=True)
class Relaxation:
    """One gate which, were it met, would make an option usable where none is.

    Parameters
    ----------
    candidate : Candidate
        The option that would then come first.
    finding : Finding
        The gate that it fails today.
    """

    candidate: Candidate
    finding: Finding


def best_of_each(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Keep of each vendor the first of some candidates, in their order."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        best.setdefault(candidate.option.vendor, candidate)
    return list(best.values())


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
    kept : Coverage or None
        How the plan that is paid for today serves these purposes; None where nothing usable is.
    now_year : int or None
        What is paid today a year, in micro-dollars.
    relaxations : tuple of Relaxation
        Where nothing qualifies: each gate which alone stands in the way of an option; that of the best option first.
    """

    purposes: tuple[str, ...]
    clinical: bool
    comparison: Comparison
    candidates: tuple[Candidate, ...]
    kept: Coverage | None = None
    now_year: int | None = None
    relaxations: tuple[Relaxation, ...] = ()

    @property
    def usable(self) -> list[Candidate]:
        """What can be used, now or once its open points are settled, best first."""
        return [candidate for candidate in self.candidates if candidate.option.shortlisted]

    @property
    def first(self) -> Candidate | None:
        """What the advice names first: the cheapest that is proven, else the one that hinges on least."""
        return self.usable[0] if self.usable else None

    @property
    def cheaper(self) -> list[Candidate]:
        """Of each vendor what would cost least, and less than the first, once it is settled; the cheapest first."""
        first = self.first
        if first is None or first.total is None:
            return []
        less = [
            candidate
            for candidate in self.usable
            if candidate.total is not None and candidate.total < first.total and not candidate.option.building_block
        ]
        return best_of_each(sorted(less, key=lambda candidate: (candidate.total or 0, candidate.option.plan)))

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
    asked = practice_id, practice, practice_hash, on
    answers = [
        answer(catalog, requirements, *asked, purposes, among=among) for purposes in _levels(requirements, practice)
    ]
    holding = requirements.holding(practice, on)
    return Advice(practice, tuple(premises), holding, _now_year(catalog, requirements, practice, on), tuple(answers))


def answer(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    purposes: Sequence[str],
    *,
    among: Collection[str] | None = None,
) -> Answer:
    """Answer for one level of need: as :func:`advise`, for some purposes of the practice."""
    messages = [message for message in practice.messages if message.purpose in purposes]
    part = practice if len(messages) == len(practice.messages) else practice.model_copy(update={"messages": messages})
    comparison = compare(catalog, requirements, practice_id, part, practice_hash, on, among)
    clinical = any(requirements.file.purposes[purpose].clinical for purpose in purposes)
    premises = premise.check(catalog, requirements, practice, on)
    kept = None
    if practice.now and not any(one.id in UNUSABLE for one in premises):
        kept = cover(catalog, requirements, practice.now.plan, part, on)
    now_year = _now_year(catalog, requirements, practice, on)
    found = [_candidate(catalog, comparison, option, kept, now_year) for option in comparison.options]
    found.sort(key=lambda candidate: candidate.order)
    said = Answer(tuple(purposes), clinical, comparison, tuple(found), kept, now_year)
    return said if said.usable else replace(said, relaxations=tuple(_relaxations(catalog, said)))


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
    if practice.now is None or practice.now.account != "paid":
        return None
    sent = NOW_SENT if practice.now.reminders else ()
    coverage = cover(catalog, requirements, practice.now.plan, practice, on)
    return _running(catalog, practice, coverage, sent, on)


def _running(
    catalog: Catalog, practice: Practice, coverage: Coverage, purposes: Collection[str], on: date
) -> int | None:
    """Price a year more of a plan that the practice has, and that serves some of its purposes."""
    channels = {purpose: channel for purpose, channel in coverage.channels.items() if purpose in purposes}
    lines = running_lines(catalog, coverage.plan, on)
    return None if lines is None else year_total(lines, practice.usage(channels))


def running_lines(catalog: Catalog, plan_id: str, on: date) -> list[Line] | None:
    """List what a plan charges those who have it already: all but what is due once."""
    lines = catalog.price_lines(plan_id, on)
    return None if lines is None else [line for line in lines if getattr(line.charge, "cadence", None) != "once"]


def _candidate(
    catalog: Catalog, comparison: Comparison, option: Option, kept: Coverage | None, now_year: int | None
) -> Candidate:
    """Say how a practice would run a plan: alone, or beside what it pays for."""
    if kept is None:
        return Candidate(option, "buy", None, option.year, None)
    if option.plan == kept.plan:
        practice, coverage = comparison.practice, option.coverage
        total = _running(catalog, practice, coverage, coverage.channels, comparison.on)
        return Candidate(option, "stay", None, total, _more(total, now_year))
    kind = catalog.vendors[kept.plan.partition("/")[0]].kind
    if kind != "practice_management" or option.kind == kind:
        return Candidate(option, "switch", None, option.year, _more(option.year, now_year))
    return _beside(catalog, comparison, option, kept, now_year)


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
    beside = _running(catalog, practice, kept, left, on)
    added = invoice(catalog, option.plan, practice.usage({p: v.channel for p, v in served.items()}), on)
    total = None if beside is None or added is None or added.year is None else beside + added.year
    joined = replace(option, coverage=merged, invoice=added)
    return Candidate(joined, "add", kept.plan, total, _more(total, now_year))


def _more(total: int | None, now_year: int | None) -> int | None:
    return None if total is None or now_year is None else total - now_year


def what_if(
    catalog: Catalog, found: Answer, outcome: Callable[[Finding], str], vendor: str | None = None
) -> list[Candidate]:
    """Return the options of an answer as they would be if findings had other outcomes, best first.

    Parameters
    ----------
    catalog : Catalog
        The prices.
    found : Answer
        The answer as it is.
    outcome : callable
        Gives the outcome of each finding.
    vendor : str, optional
        The vendor whose findings are asked for; all, if left out.
    """
    comparison, practice, kept = found.comparison, found.comparison.practice, found.kept
    if kept is not None and vendor in (None, kept.plan.partition("/")[0]):
        kept = with_outcomes(kept, practice, outcome)
    before = {candidate.option.plan: candidate for candidate in found.candidates}
    candidates = []
    for option in comparison.options:
        coverage = option.coverage
        if vendor in (None, option.vendor):
            coverage = with_outcomes(coverage, practice, outcome)
        if coverage is option.coverage and kept is found.kept:
            candidates.append(before[option.plan])
            continue
        bill = option.invoice
        if coverage.channels != option.coverage.channels:
            bill = invoice(catalog, option.plan, practice.usage(coverage.channels), comparison.on)
        changed = replace(option, coverage=coverage, invoice=bill)
        candidates.append(_candidate(catalog, comparison, changed, kept, found.now_year))
    return sorted(candidates, key=lambda candidate: candidate.order)


def _relaxations(catalog: Catalog, found: Answer) -> Iterator[Relaxation]:
    """Take each gate that fails to be met, alone, and see which option could then be used; the best first."""
    failing: dict[tuple[str | None, str, int], Finding] = {}
    for option in found.comparison.options:
        for verdicts in option.coverage.judged.values():
            for finding in (finding for verdict in verdicts for finding in verdict.failures):
                if finding.requirement != "size":
                    owner = option.vendor if finding.fact else None
                    failing.setdefault((owner, finding.requirement, said_by(finding)), finding)
    relaxed = []
    for (vendor, _, _), finding in failing.items():
        best = what_if(catalog, found, lambda one, asked=finding: met(one, asked), vendor)[0]  # type: ignore[misc]
        if best.option.shortlisted:
            relaxed.append(Relaxation(best, finding))
    told: set[str] = set()
    for relaxation in sorted(relaxed, key=lambda relaxation: relaxation.candidate.order):
        if relaxation.finding.requirement not in told:
            told.add(relaxation.finding.requirement)
            yield relaxation


def said_by(finding: Finding) -> int:
    """Return what tells the evidence of one finding from that of another; 0 where there is none."""
    return id(finding.fact.used) if finding.fact and finding.fact.used else 0


def met(one: Finding, asked: Finding) -> str:
    """Return the outcome of a finding if what another one asks, by the same evidence, were so."""
    same = one.requirement == asked.requirement and said_by(one) == said_by(asked)
    return "pass" if same else one.outcome
