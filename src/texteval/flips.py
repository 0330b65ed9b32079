"""What would change the advice: each single price, fact or number of the practice, and at what value.

A flip is found by asking the same question again with one thing changed. For a price and for a number of the practice
the value is one at which another option comes first, while one step before the advice still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from texteval import premise
from texteval.advise import Advice, Answer, Candidate, answer, running_lines, said_by, what_if
from texteval.assess import Finding, Verdict, largest
from texteval.billing import year_total
from texteval.catalog import Catalog, Line
from texteval.charges import AllowanceRate, Group, Maximum, Minimum, MixRate, TiersRate
from texteval.errors import UserError
from texteval.money import MAX_PRICE
from texteval.practice import Practice
from texteval.requirements import Requirements

OUTCOMES = ("pass", "configure", "verify", "fail")
"""What a requirement can come to, best first."""

CENT = 10_000
"""A cent in micro-dollars: the least by which two bills differ."""

REACH = 4
"""Up to how many times its size a number of the practice is varied."""


@dataclass(frozen=True)
class Flip:
    """One thing that would bring another option to the first place.

    Parameters
    ----------
    kind : str
        ``price``, ``unpublished`` (a price that nobody publishes), ``fact`` or ``practice``.
    plan : str
        The plan that it is about, or the schedule of shared fees; empty for a number of the practice.
    what : str
        The line of the price list, the requirement, or the number.
    now, then : int, str or None
        Its value today, and that at which the first place changes: micro-dollars for a price (for ``unpublished`` what
        its first year must stay below), an outcome for a fact, a count for a number of the practice. A fact stands for
        all plans of the vendor of which the same evidence speaks.
    first : str
        The plan that is then first.
    question : str or None
        What to ask the vendor, for a fact.
    detail : tuple
        Where the price stands in its charge, or a channel of which the fact speaks, for whoever must change it again.
    """

    kind: str
    plan: str
    what: str
    now: int | str | None
    then: int | str
    first: str
    question: str | None = None
    detail: tuple[str | int, ...] = ()


def flips(
    catalog: Catalog,
    requirements: Requirements,
    advice: Advice,
    found: Answer,
    tell: Callable[[int, int], None] | None = None,
) -> list[Flip]:
    """Find everything that, alone, would change the first place of an answer.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    advice, found : Advice, Answer
        What was said, and the answer of it that is asked about.
    tell : callable, optional
        Told how many steps of how many are done.

    Returns
    -------
    list of Flip
        Prices, facts and numbers; empty if nothing alone does it, or nothing is first.
    """
    first = found.first
    if first is None:
        return []
    flips: list[Flip] = []
    steps: list[Callable[[], Iterator[Flip]]] = [
        partial(_prices, catalog, found, first),
        partial(_unpublished, catalog, found, first),
        partial(_facts, catalog, requirements, found, first),
        *(partial(_number, catalog, requirements, advice, found, number) for number in NUMBERS),
    ]
    for done, step in enumerate(steps, 1):
        flips += step()
        if tell:
            tell(done, len(steps))
    return flips


def _prefix(candidate: Candidate) -> tuple[Any, ...]:
    """Return what comes before cost in the order of candidates."""
    return candidate.order[:3]


def _level_with(found: Answer, first: Candidate) -> list[Candidate]:
    """List the options, the first among them, that only their cost puts in their order."""
    return [candidate for candidate in found.usable if _prefix(candidate) == _prefix(first)]


# ---------------------------------------------------------------------------------------------------------- prices


def price_places(line: Line) -> list[tuple[str | int, ...]]:
    """List the places of a line's charge at which a price stands."""
    charge = line.charge
    if isinstance(charge, Group):
        return [("usd",)] if isinstance(charge, Minimum | Maximum) else []
    rate, start = (charge.then, ("then",)) if isinstance(charge, AllowanceRate) else (charge, ())
    if isinstance(rate, TiersRate):
        return [
            (*start, "tiers", i, name)
            for i, tier in enumerate(rate.tiers)
            for name in ("usd", "flat_usd")
            if getattr(tier, name)
        ]
    if isinstance(rate, MixRate):
        return [(*start, "parts", i, "usd") for i in range(len(rate.parts))]
    return [(*start, "usd")] if "usd" in type(rate).model_fields else []


def price_at(line: Line, place: Sequence[str | int]) -> int:
    """Return the price that stands at a place of a line's charge, in micro-dollars."""
    found: Any = line.charge
    for step in place:
        found = found[step] if isinstance(step, int) else getattr(found, step)
    return int(found)


def with_price(line: Line, place: Sequence[str | int], usd: int) -> Line:
    """Return a line with another price at a place of its charge."""

    def changed(holder: Any, path: Sequence[str | int]) -> Any:
        step, *rest = path
        old = holder[step] if isinstance(step, int) else getattr(holder, step)
        new = changed(old, rest) if rest else usd
        if isinstance(step, int):
            return [*holder[:step], new, *holder[step + 1 :]]
        return holder.model_copy(update={step: new})

    return replace(line, charge=changed(line.charge, place))


Bill = tuple[list[Line], Sequence[Mapping[str, int]]]
"""A price list and a year's usage."""


def _bills(catalog: Catalog, found: Answer, candidate: Candidate) -> list[Bill]:
    """Return what is paid for a candidate: for its plan, and for the one that is kept beside it."""
    practice, on = found.comparison.practice, found.comparison.on
    plan, kept = candidate.option.plan, candidate.kept
    own = running_lines(catalog, plan, on) if candidate.way == "stay" else catalog.price_lines(plan, on)
    lists = {plan: own, **({kept: running_lines(catalog, kept, on)} if kept else {})}
    verdicts = candidate.option.coverage.verdicts
    return [
        (lines or [], practice.usage({purpose: v.channel for purpose, v in verdicts.items() if v.plan == owner}))
        for owner, lines in lists.items()
    ]


def _with_price(bills: Sequence[Bill], line: Line, place: Sequence[str | int], usd: int) -> int:
    """Sum bills with another price at a place of a line, wherever that line stands."""
    total = 0
    for lines, usage in bills:
        changed = [
            with_price(one, place, usd) if (one.origin, one.name) == (line.origin, line.name) else one for one in lines
        ]
        total += year_total(changed, usage) or 0
    return total


def _prices(catalog: Catalog, found: Answer, first: Candidate) -> Iterator[Flip]:
    """Find every published price which, higher or lower, changes the first place."""
    level = [candidate for candidate in _level_with(found, first) if candidate.total is not None]
    if first not in level:
        return
    bills = {candidate.option.plan: _bills(catalog, found, candidate) for candidate in level}
    charged: dict[tuple[str, str], tuple[Line, list[Candidate]]] = {}
    for candidate in level:
        for line in (line for lines, _ in bills[candidate.option.plan] for line in lines):
            _, paying = charged.setdefault((line.origin, line.name), (line, []))
            if candidate not in paying:
                paying.append(candidate)
    for line, paying in charged.values():
        other = [candidate for candidate in level if candidate not in paying][:1]
        for place in price_places(line):
            best = partial(_first_at, line, place, paying, other, bills)
            now = price_at(line, place)
            for end in (0, MAX_PRICE):
                then = _turn(best, first.option.plan, now, end)
                if then is not None:
                    yield Flip("price", line.origin, line.name, now, then, best(then), detail=place)


def _first_at(
    line: Line,
    place: Sequence[str | int],
    paying: Sequence[Candidate],
    other: Sequence[Candidate],
    bills: Mapping[str, Sequence[Bill]],
    usd: int,
) -> str:
    """Return the plan that is first where a price is another one, among those that pay it and the best that do not."""
    changed = [replace(one, total=_with_price(bills[one.option.plan], line, place, usd)) for one in paying]
    return min([*changed, *other], key=lambda one: one.order).option.plan


def _unpublished(catalog: Catalog, found: Answer, first: Candidate) -> Iterator[Flip]:
    """Find the plans without a published price which would be first if they cost little enough."""
    for rival in _level_with(found, first):
        if rival.total is not None or first.total is None:
            continue
        _, *beside = _bills(catalog, found, rival)
        kept = [year_total(*bill) for bill in beside]
        if None in kept:
            continue
        ties = replace(rival, total=first.total).order < first.order
        below = first.total - sum(filter(None, kept)) + (CENT if ties else 0)
        if (rival.option.at_least or 0) < below:
            yield Flip("unpublished", rival.option.plan, "price", None, below, rival.option.plan)


def _turn(best: Callable[[int], str], first: str, now: int, end: int) -> int | None:
    """Return a number on the way to an end at which another is best, and one step before it is not yet."""
    if now == end or best(end) == first:
        return None
    while abs(end - now) > 1:
        middle = (now + end) // 2
        now, end = (middle, end) if best(middle) == first else (now, middle)
    return end


# ----------------------------------------------------------------------------------------------------------- facts


def _facts(catalog: Catalog, requirements: Requirements, found: Answer, first: Candidate) -> Iterator[Flip]:
    """Find the facts behind gates which, otherwise than they stand, change the first place.

    What does not stand well enough is taken to be as good as it can be; what the first option, or a plan that is kept,
    rests on as bad as it can be. A fact changes for all plans and channels of which the same evidence speaks.
    """
    comparison, kept = found.comparison, found.kept
    asked = requirements.facing(comparison.practice, comparison.on).all
    resting = {first.option.vendor, *([kept.plan.partition("/")[0]] if kept else [])}
    facts: dict[tuple[str, str, int], tuple[Verdict, Finding]] = {}
    for coverage in [*(option.coverage for option in comparison.options), *([kept] if kept else [])]:
        vendor = coverage.plan.partition("/")[0]
        for verdict in (verdict for verdicts in coverage.judged.values() for verdict in verdicts):
            for finding in verdict.findings:
                if finding.gate and finding.fact:
                    facts.setdefault((vendor, finding.requirement, said_by(finding)), (verdict, finding))
    for (vendor, name, evidence), (verdict, finding) in facts.items():
        can_be = sorted(asked[name].outcomes.values(), key=OUTCOMES.index)
        wanted = []
        if can_be and finding.outcome in ("verify", "fail"):
            wanted.append(can_be[0])
        if can_be and vendor in resting:
            wanted.append(can_be[-1])
        for then in wanted:
            if then == finding.outcome:
                continue

            def outcome(one: Finding, name: str = name, evidence: int = evidence, then: str = then) -> str:
                return then if (one.requirement, said_by(one)) == (name, evidence) else one.outcome

            best = what_if(catalog, found, outcome, vendor)[0]
            if best.option.shortlisted and best.option.plan != first.option.plan:
                detail = (verdict.channel,)
                first_then = best.option.plan
                yield Flip("fact", verdict.plan, name, finding.outcome, then, first_then, finding.question, detail)


# --------------------------------------------------------------------------------------------- numbers of the practice


def _replies(practice: Practice, percent: int) -> Practice:
    messages = [
        m.model_copy(update={"percent": percent})
        if m.direction == "in" and m.purpose in ("reminder", "confirmation")
        else m
        for m in practice.messages
    ]
    return practice.model_copy(update={"messages": messages})


def _replies_now(practice: Practice) -> int | None:
    percents = {
        m.percent for m in practice.messages if m.direction == "in" and m.purpose in ("reminder", "confirmation")
    }
    return percents.pop() if len(percents) == 1 else None


@dataclass(frozen=True)
class Number:
    """A number of the practice that can be varied alone."""

    title: str
    least: int
    most: int | None
    """The largest value that it can have; None if there is none."""
    read: Callable[[Practice], int | None]
    write: Callable[[Practice, int], Practice]


def _field(title: str, name: str, least: int) -> Number:
    return Number(
        title,
        least,
        None,
        lambda practice: getattr(practice, name),
        lambda practice, value: practice.model_copy(update={name: value}),
    )


NUMBERS = (
    _field("sessions a week", "sessions_per_week", 0),
    _field("clinicians", "clinicians", 1),
    _field("other staff", "staff", 0),
    Number("replies to a hundred reminders", 0, 100, _replies_now, _replies),
)


def _number(
    catalog: Catalog, requirements: Requirements, advice: Advice, found: Answer, number: Number
) -> Iterator[Flip]:
    """Find the nearest values of one number, below and above, at which the first place changes."""
    first, now, comparison = found.first, number.read(advice.practice), found.comparison
    assert first is not None
    if now is None:
        return
    limits = [largest(catalog, option.plan) for option in comparison.options]
    near: dict[tuple[Any, ...], set[str]] = {}

    def best(value: int) -> str:
        practice = number.write(advice.practice, value)
        if practice.managers > practice.staff:
            return first.option.plan
        ask = partial(answer, catalog, requirements, "", practice, "", comparison.on, found.purposes)
        size = practice.size()
        # Verdicts hang on nothing but these; while they stay, only costs change, among the same few options.
        fits = tuple(all(size[name] <= most for name, most in limit.items()) for limit in limits)
        premises = tuple(one.id for one in premise.check(catalog, requirements, practice, comparison.on))
        like = (practice.logins > 1, fits, premises, tuple(practice.purposes))
        try:
            if like not in near:
                there = ask()
                near[like] = {one.option.plan for one in _level_with(there, there.first)} if there.first else set()
            usable = ask(among=near[like]).usable
        except UserError:
            usable = []  # beyond what texteval prices
        return usable[0].option.plan if usable else first.option.plan

    most = REACH * max(now, 5) if number.most is None else number.most
    for step in (-1, 1):
        value = _nearest(best, first.option.plan, now, step, number.least, most)
        if value is not None:
            yield Flip("practice", "", number.title, now, value, best(value))


def _nearest(best: Callable[[int], str], first: str, now: int, step: int, least: int, most: int) -> int | None:
    """Return the nearest number at which another is best: by growing strides, then halves."""
    last, stride = now, 1
    while least <= last + step <= most:
        value = min(max(last + step * stride, least), most)
        if best(value) != first:
            return _turn(best, first, last, value)
        last, stride = value, stride + max(stride // 4, 1)
    return None
