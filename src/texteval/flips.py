"""What would change the advice: each single price, fact or number of the practice, and at what value.

A flip is found by asking the same question again with one thing changed. For a price and for a number of the practice
the value is the first at which another option comes first: one step before, the advice still stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from texteval.advise import Advice, Answer, Candidate, advise
from texteval.assess import Coverage, Finding, conclude
from texteval.billing import year_total
from texteval.catalog import Catalog, Line
from texteval.charges import AllowanceRate, Group, Minimum, TiersRate
from texteval.decide import Option
from texteval.errors import UserError
from texteval.money import MAX_PRICE
from texteval.practice import Practice
from texteval.requirements import Requirements


@dataclass(frozen=True)
class Flip:
    """One thing that would bring another option to the first place.

    Parameters
    ----------
    kind : str
        ``price``, ``unpublished`` (a price that nobody publishes), ``fact`` or ``practice``.
    plan : str
        The plan that it is about; empty for a number of the practice.
    what : str
        The line of the price list, the requirement, or the number.
    now, then : int, str or None
        Its value today, and that at which the first place changes: micro-dollars for a price (for ``unpublished`` what
        its first year must stay below), an outcome for a fact, a count for a number of the practice.
    first : str
        The plan that is then first.
    question : str or None
        What to ask the vendor, for a fact.
    detail : tuple
        Where the price stands in its charge, for whoever must change it again.
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
    answer: Answer,
    tell: Callable[[int, int], None] | None = None,
) -> list[Flip]:
    """Find everything that, alone, would change the first place of an answer.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    advice, answer : Advice, Answer
        What was said.
    tell : callable, optional
        Told how many steps of how many are done.

    Returns
    -------
    list of Flip
        Prices, facts and numbers; empty if nothing alone does it, or nothing is first.
    """
    first = answer.first
    if first is None or first.total is None:
        return []
    found: list[Flip] = []
    steps: list[Callable[[], list[Flip]]] = [
        lambda: _prices(catalog, answer, first),
        lambda: _facts(answer, first),
        *(partial(_number, catalog, requirements, advice, answer, number) for number in NUMBERS),
    ]
    for done, step in enumerate(steps, 1):
        found += step()
        if tell:
            tell(done, len(steps))
    return found


def _prefix(candidate: Candidate) -> tuple[Any, ...]:
    """Return what comes before cost in the order of candidates."""
    return candidate.order[:3]


# ---------------------------------------------------------------------------------------------------------- prices


def price_places(line: Line) -> list[tuple[str | int, ...]]:
    """List the places of a line's charge at which a price stands."""
    charge = line.charge
    if isinstance(charge, Group):
        return [("usd",)] if isinstance(charge, Minimum) else []
    rate, start = (charge.then, ("then",)) if isinstance(charge, AllowanceRate) else (charge, ())
    if isinstance(rate, TiersRate):
        return [
            (*start, "tiers", i, name)
            for i, tier in enumerate(rate.tiers)
            for name in ("usd", "flat_usd")
            if getattr(tier, name)
        ]
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


def _prices(catalog: Catalog, answer: Answer, first: Candidate) -> list[Flip]:
    """Find the prices of the first option above which, and those of its rivals below which, the first place changes."""
    rivals = [c for c in answer.usable if c is not first and _prefix(c) == _prefix(first)]
    priced = [rival for rival in rivals if rival.total is not None]
    found = []
    if priced:
        found += list(_dearer(catalog, answer, first, min(priced, key=lambda c: c.order)))
    for rival in priced:
        found += list(_cheaper(catalog, answer, first, rival))
    for rival in rivals:
        published = rival.option.at_least
        if rival.total is None and published is not None and rival.kept is None and published < (first.total or 0):
            # its order with the same total as the first decides which of the two then comes first
            found.append(Flip("unpublished", rival.option.plan, "price", None, first.total or 0, rival.option.plan))
    return found


def _lines(catalog: Catalog, answer: Answer, candidate: Candidate) -> tuple[list[Line], Any, int]:
    """Return a candidate's price list, its usage, and what is paid beside it."""
    option, practice = candidate.option, answer.comparison.practice
    channels = {p: v.channel for p, v in option.coverage.verdicts.items() if v.plan == option.plan}
    lines = catalog.price_lines(option.plan, answer.comparison.on) or []
    usage = practice.usage(channels)
    own = year_total(lines, usage)
    return lines, usage, (candidate.total or 0) - (own or 0)


def _dearer(catalog: Catalog, answer: Answer, first: Candidate, second: Candidate) -> Iterator[Flip]:
    lines, usage, beside = _lines(catalog, answer, first)
    for i, line in enumerate(lines):
        for place in price_places(line):
            now = price_at(line, place)

            def beaten(usd: int, i: int = i, line: Line = line, place: Any = place) -> bool:
                total = year_total([*lines[:i], with_price(line, place, usd), *lines[i + 1 :]], usage)
                return total is not None and replace(first, total=total + beside).order > second.order

            then = _lowest(beaten, now, MAX_PRICE)
            if then is not None:
                plan = first.option.plan
                yield Flip("price", plan, line.name, now, then, second.option.plan, detail=(i, *place))


def _cheaper(catalog: Catalog, answer: Answer, first: Candidate, rival: Candidate) -> Iterator[Flip]:
    lines, usage, beside = _lines(catalog, answer, rival)
    for i, line in enumerate(lines):
        for place in price_places(line):
            now = price_at(line, place)

            def wins(less: int, i: int = i, line: Line = line, place: Any = place, now: int = now) -> bool:
                total = year_total([*lines[:i], with_price(line, place, now - less), *lines[i + 1 :]], usage)
                return total is not None and replace(rival, total=total + beside).order < first.order

            less = _lowest(wins, 0, now)
            if less is not None:
                plan = rival.option.plan
                yield Flip("price", plan, line.name, now, now - less, plan, detail=(i, *place))


def _lowest(holds: Callable[[int], bool], low: int, high: int) -> int | None:
    """Return the lowest number above ``low`` at which something that never ceases to hold begins to hold."""
    if not holds(high) or holds(low):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


# ----------------------------------------------------------------------------------------------------------- facts


def with_outcome(coverage: Coverage, requirement: str, outcome: str) -> Coverage:
    """Return a coverage in which one requirement has another outcome, in all its verdicts."""
    verdicts = {}
    for purpose, verdict in coverage.verdicts.items():
        findings = tuple(replace(f, outcome=outcome) if f.requirement == requirement else f for f in verdict.findings)
        verdicts[purpose] = replace(verdict, findings=findings, verdict=conclude(findings))
    return replace(coverage, verdicts=verdicts)


def _facts(answer: Answer, first: Candidate) -> list[Flip]:
    """Find the gates whose outcome, changed alone for all plans of a vendor that it speaks of, changes the first place.

    For the vendor of the first option a gate that it meets is taken to fail; for the others a gate that is open or
    failed is taken to be met.
    """
    found: dict[tuple[str, str, str], Flip] = {}
    for candidate in answer.candidates:
        option = candidate.option
        own = option.vendor == first.option.vendor
        if candidate.total is None or (option.building_block and not own) or (own and candidate is not first):
            continue
        outcome = "fail" if own else "pass"
        for name, finding in _gates(candidate).items():
            if finding.outcome == outcome or (outcome == "pass" and finding.outcome == "configure"):
                continue
            assert finding.fact is not None
            others = [
                _with(one, with_outcome(one.option.coverage, name, outcome))
                if _rests_on(one, option, name, finding)
                else one
                for one in answer.candidates
            ]
            best = min(others, key=lambda one: one.order)
            if best.option.plan != first.option.plan and best.option.shortlisted:
                flip = Flip("fact", option.plan, name, finding.outcome, outcome, best.option.plan, finding.question)
                found.setdefault((option.vendor, name, best.option.plan), flip)
    return list(found.values())


def _gates(candidate: Candidate) -> dict[str, Finding]:
    verdicts = candidate.option.coverage.verdicts.values()
    return {f.requirement: f for verdict in verdicts for f in verdict.findings if f.gate and f.fact}


def _rests_on(one: Candidate, option: Option, name: str, finding: Finding) -> bool:
    """Tell whether a candidate's gate rests on the same word about the same vendor."""
    there = _gates(one).get(name)
    if one.option.vendor != option.vendor or there is None or there.fact is None or finding.fact is None:
        return False
    return (there.fact.value, there.fact.used) == (finding.fact.value, finding.fact.used)


def _with(candidate: Candidate, coverage: Coverage) -> Candidate:
    return replace(candidate, option=replace(candidate.option, coverage=coverage))


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
    most: int
    read: Callable[[Practice], int | None]
    write: Callable[[Practice, int], Practice]


def _field(title: str, name: str, least: int, most: int) -> Number:
    return Number(
        title,
        least,
        most,
        lambda practice: getattr(practice, name),
        lambda practice, value: practice.model_copy(update={name: value}),
    )


NUMBERS = (
    _field("sessions a week", "sessions_per_week", 0, 5_000),
    _field("clinicians", "clinicians", 1, 500),
    _field("other staff", "staff", 0, 500),
    Number("replies to a hundred reminders", 0, 100, _replies_now, _replies),
)


def _number(catalog: Catalog, requirements: Requirements, advice: Advice, answer: Answer, number: Number) -> list[Flip]:
    """Find the nearest values of one number, below and above, at which the first place changes."""
    first = answer.first
    assert first is not None
    now = number.read(advice.practice)
    if now is None:
        return []

    def best(value: int) -> str | None:
        practice = number.write(advice.practice, value)
        if practice.managers > practice.staff:
            return None
        try:
            again = advise(catalog, requirements, "", practice, "", answer.comparison.on, among=near)
        except UserError:
            return None  # beyond what texteval prices
        same = next((one for one in again.answers if one.purposes == answer.purposes), None)
        return same.first.option.plan if same and same.first else None

    near = {c.option.plan for c in answer.candidates if _prefix(c) == _prefix(first) or _too_large(c)}
    found = []
    for step in (-1, 1):
        value = _nearest(lambda value: best(value) not in (first.option.plan, None), now, step, number)
        if value is not None:
            then = best(value)
            assert then is not None
            found.append(Flip("practice", "", number.title, now, value, then))
    return found


def _too_large(candidate: Candidate) -> bool:
    return [finding.requirement for finding in candidate.option.coverage.failures] == ["size"]


def _nearest(changed: Callable[[int], bool], now: int, step: int, number: Number) -> int | None:
    """Return the nearest value at which something has changed: growing strides, then halves."""
    last, stride = now, 1
    while number.least <= last + step <= number.most:
        value = min(max(last + step * stride, number.least), number.most)
        if changed(value):
            low, high = last, value
            while abs(high - low) > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if changed(middle) else (middle, high)
            return high
        last, stride = value, stride + max(stride // 4, 1)
    return None
