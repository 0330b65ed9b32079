"""The advice for a person in a terminal of 80 columns, and as plain data for ``--json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from texteval.advise import Advice, Answer, Candidate
from texteval.assess import Finding
from texteval.catalog import Catalog
from texteval.errors import program
from texteval.firm import Ranking
from texteval.flips import Flip
from texteval.money import dollars, exact_dollars, show
from texteval.requirements import Requirements
from texteval.words import channel_words, count, firm_sentence, gap, percent, reason, way

OUTCOMES = {"pass": "met", "configure": "met with a step", "verify": "open", "fail": "not met"}


FEW = 3
"""How many cheaper tools, ways out or rules are shown, where not all are asked for."""


def _say(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))


def needs(requirements: Requirements, answer: Answer) -> str:
    """Name what the messages of an answer are for."""
    titles = [requirements.file.purposes[purpose].title for purpose in answer.purposes]
    joined = ", ".join([titles[0], *(title[0].lower() + title[1:] for title in titles[1:])])
    return joined


def _cost(candidate: Candidate, than: str = "than today") -> str:
    if candidate.total is None:
        if candidate.kept and candidate.option.year is not None:
            return f"{show(candidate.option.year)} in the first year for what is added; what you keep is not published"
        return "price not published"
    year = f"{show(candidate.total)} in the first year"
    if candidate.more is None:
        return year
    more = f"{show(abs(candidate.more))} {'more' if candidate.more > 0 else 'less'}" if candidate.more else "no more"
    return f"{year}, {more} {than}"


def advice(
    console: Console,
    catalog: Catalog,
    requirements: Requirements,
    found: Advice,
    rankings: Sequence[Ranking | None],
    ways_out: Mapping[str, Answer],
    flips: Sequence[Sequence[Flip]] | None,
    marks: Mapping[str, str],
    *,
    every: bool = False,
) -> None:
    """Show the advice on one screen.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    catalog, requirements : Catalog, Requirements
        Names and titles.
    found : Advice
        What is said.
    rankings : sequence of Ranking or None
        For each answer how firm it is; None where nothing can be ranked.
    ways_out : mapping of str to Answer
        For each plan that a wrong premise may be put right with, the answer that then holds.
    flips : sequence of sequence of Flip, optional
        For each answer what would change it.
    marks : mapping of str to str
        What every result carries, as :func:`texteval.decide.stamp` returns it.
    every : bool
        Every way out and cheaper tool, and all that holds for the practice in full.
    """
    _say(console, f"What {found.practice.name} may run", "bold")
    told: set[str] = set()
    for premise in found.premises:
        console.print()
        _say(console, f"First: {premise.title}", "bold yellow")
        _say(console, f"{premise.why} Ask: {premise.ask}", indent=2)
        ways = [plan for plan in premise.ways_out if plan in ways_out and plan not in told]
        told.update(ways)
        _ways_out(console, catalog, {plan: ways_out[plan] for plan in ways}, len(ways) if every else FEW)
    if found.practice.now and not found.answers[-1].kept:
        console.print()
        title = catalog.title(found.practice.now.plan)
        _say(console, f"What follows leaves {title} aside, and all that it does for you besides messages.")
    if found.practice.now and found.answers[-1].kept:
        console.print()
        if found.now_year is None:
            _say(console, "What you pay today is not published in full.")
        else:
            _say(console, f"Today you pay {show(found.now_year)} a year, by the price list.")
    for i, answer in enumerate(found.answers):
        console.print()
        _answer(console, catalog, requirements, answer, rankings[i], None if every else FEW)
        if flips is not None and answer.first:
            _flips(console, catalog, requirements, flips[i])
    if found.circumstances:
        console.print()
        _holds(console, found, every=every)
    console.print()
    _marks(console, marks)


def _marks(console: Console, marks: Mapping[str, str]) -> None:
    words = f"As of {marks['as_of']}, data {marks['data_hash']}, texteval {marks['texteval']}. Not legal advice."
    _say(console, words, "dim")


def _ways_out(console: Console, catalog: Catalog, ways: Mapping[str, Answer], most: int) -> None:
    """Say for each plan with which a premise may be put right what the advice then is; the cheapest first."""
    firsts = {plan: answer.first for plan, answer in ways.items() if answer.first}
    order = sorted(firsts, key=lambda plan: firsts[plan].order)
    for plan in order[:most]:
        first = firsts[plan]
        alone = ways[plan].candidate(plan).option.verdict
        does, cost = way(catalog, first, plan), _cost(first, "than that plan alone")
        _say(console, f"If it is {catalog.title(plan)} (alone: {alone}): {does}, {cost}.", indent=2)
    if len(order) > most:
        _say(console, f"{count(len(order) - most, 'more way')} out with --all.", "dim", indent=2)


def _holds(console: Console, found: Advice, *, every: bool) -> None:
    """Say what else holds for a practice: in full, or each rule with its first step."""
    _say(console, "What else holds for you" + ("" if every else " (in full with --all)"), "bold")
    holding = list(found.circumstances.values())
    shown = holding if every else holding[: 2 * FEW]
    for one in shown:
        words = [*one.steps, *one.warnings]
        _say(console, f"{one.title}. {' '.join(words if every else words[:1])}", indent=2)
    if len(holding) > len(shown):
        _say(console, f"{count(len(holding) - len(shown), 'more rule')} with --all.", "dim", indent=2)


def _answer(
    console: Console,
    catalog: Catalog,
    requirements: Requirements,
    answer: Answer,
    ranking: Ranking | None,
    most: int | None,
) -> None:
    _say(console, needs(requirements, answer), "bold")
    first = answer.first
    if first is None:
        _none(console, catalog, answer)
        return
    option, coverage = first.option, first.option.coverage
    _say(console, f"{way(catalog, first)}: {_cost(first)}.", f"bold {'green' if option.proven else 'yellow'}", indent=2)
    asked = []
    if option.proven:
        steps = f"; {count(len(coverage.steps), 'step')} to set up" if coverage.steps else ""
        block = "A building block: needs software around it. " if option.building_block else ""
        _say(
            console, f"{block}By {channel_words(coverage)}. Proven: every gate rests on good evidence{steps}.", indent=2
        )
        if coverage.steps:
            _say(console, f"Begin with: {coverage.steps[0]}", indent=2)
    else:
        _say(console, f"Verify first: {reason(option)}", indent=2)
        asked = [point.question for point in coverage.open_points[:2] if point.question]
        for question in asked:
            _say(console, f"Ask: {question}", indent=4)
    _cheaper(console, catalog, answer, most, asked)
    stay = next((one for one in answer.usable if one.way == "stay" and one is not first), None)
    if stay is not None:
        points = count(len(stay.option.coverage.open_points), "open point")
        _say(console, f"To stay with {stay.option.title} alone: {_cost(stay)}; {points}.", indent=2)
    if ranking is not None:
        _say(console, firm_sentence(ranking), indent=2)


def _cheaper(console: Console, catalog: Catalog, answer: Answer, most: int | None, asked: Sequence[str]) -> None:
    """List what would cost less, the best plan of each vendor, and what to ask first, each question once."""
    shown = answer.cheaper[:most]
    if shown:
        left = len(answer.cheaper) - len(shown)
        more = f" ({left} more with --all)" if left else ""
        _say(console, f"Would cost less, once what is open is settled{more}:", indent=2)
    questions: dict[str, list[str]] = {}
    for candidate in shown:
        points = candidate.option.coverage.open_points
        _say(
            console, f"{candidate.option.title}, {show(candidate.total)}: {count(len(points), 'open point')}.", indent=4
        )
        question = next((point.question for point in points if point.question), None)
        if question and question not in asked:
            questions.setdefault(question, []).append(catalog.vendors[candidate.option.vendor].name)
    for question, names in questions.items():
        whom = "each" if len(names) == len(shown) > 1 else " and ".join(names)
        _say(console, f"Ask {whom} first: {question}", indent=4)


def _none(console: Console, catalog: Catalog, answer: Answer) -> None:
    _say(console, "None of the tools qualifies.", "bold red", indent=2)
    for relaxation in answer.relaxations[:FEW]:
        candidate, finding = relaxation.candidate, relaxation.finding
        ask = f" Ask: {finding.question}" if finding.question else ""
        _say(console, f"One thing alone stands in the way of this: {way(catalog, candidate)}, {_cost(candidate)}. "
             f"{finding.reason}{ask}", indent=2)  # fmt: skip
    if not answer.relaxations and answer.candidates:
        nearest = answer.candidates[0].option
        missed = " ".join(finding.reason for finding in nearest.coverage.failures) or nearest.coverage.reason
        _say(
            console, f"More than one thing stands in the way of each. {nearest.title} misses least: {missed}", indent=2
        )


def _flips(console: Console, catalog: Catalog, requirements: Requirements, flips: Sequence[Flip]) -> None:
    _say(console, "What alone would change the first place", "bold", indent=2)
    if not flips:
        _say(console, "No single price, no single fact, and none of your numbers that was varied.", indent=4)
    for flip in flips:
        if flip.kind not in ("fact", "unpublished"):
            _say(console, flip_words(catalog, requirements, flip), indent=4)
    below: dict[int | str, list[str]] = {}
    for flip in flips:
        if flip.kind == "unpublished":
            below.setdefault(flip.then, []).append(catalog.title(flip.plan))
    for most, plans in below.items():
        each = "it is" if len(plans) == 1 else "each is"
        who = f"{', '.join(plans)}: no full price is published"
        _say(console, f"{who}; below {show(int(most))} a year {each} first.", indent=4)
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for flip in flips:
        if flip.kind == "fact":
            key = flip.plan.partition("/")[0], str(flip.now), str(flip.then), flip.first
            together.setdefault(key, []).append(_title(requirements, flip))
    for (vendor, now, then, first), titles in together.items():
        facts = list(dict.fromkeys(titles))
        _say(console, _fact_words(catalog, vendor, now, then, first, facts), indent=4)


def _fact_words(catalog: Catalog, vendor: str, now: str, then: str, first: str, facts: Sequence[str]) -> str:
    """Say of facts of a vendor, each of which alone would do it, what they would change."""
    these = "any one of these" if len(facts) > 1 else "this"
    return (
        f"{catalog.title(first)} would be first if at {catalog.vendors[vendor].name} {these} were {OUTCOMES[then]} "
        f"({OUTCOMES[now]} now): {'; '.join(facts)}."
    )


def _title(requirements: Requirements, flip: Flip) -> str:
    """Name a requirement within a sentence."""
    title = requirements.all[flip.what].title if flip.what in requirements.all else flip.what
    return f"{title[0].lower()}{title[1:]}"


def flip_words(catalog: Catalog, requirements: Requirements, flip: Flip) -> str:
    """Say what would change the first place."""
    then = catalog.title(flip.first)
    if flip.kind == "price":
        assert isinstance(flip.now, int) and isinstance(flip.then, int)
        way = "at or above" if flip.then > flip.now else "at or below"
        whose = (
            catalog.file.schedules[flip.plan].name if flip.plan in catalog.file.schedules else catalog.title(flip.plan)
        )
        parts = {"tiers": "tier", "parts": "carrier"}
        named = (f", {parts[str(name)]} {int(i) + 1}" for name, i in pairwise(flip.detail) if name in parts)
        return (
            f"{whose}, {flip.what}{next(named, '')}: {show(flip.now, unit=True)} now; {way} "
            f"{show(_round_on(flip.now, flip.then), unit=True)} {then} is first."
        )
    if flip.kind == "unpublished":
        assert isinstance(flip.then, int)
        return f"{catalog.title(flip.plan)} publishes no full price: below {show(flip.then)} a year it is first."
    if flip.kind == "fact":
        vendor = flip.plan.partition("/")[0]
        return _fact_words(catalog, vendor, str(flip.now), str(flip.then), flip.first, [_title(requirements, flip)])
    assert isinstance(flip.now, int) and isinstance(flip.then, int)
    return f"Your {flip.what}: {flip.now:,} now; at {flip.then:,} {then} is first."


def _round_on(now: int, then: int) -> int:
    """Round a price to whole cents, or hundredths of a cent where it is small, away from what it is now."""
    step = 10_000 if max(now, then) >= 1_000_000 else 100
    return -(-then // step) * step if then > now else then // step * step


def ranking_table(console: Console, ranking: Ranking) -> None:
    """Show every ranked option with its values, scores and shares."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("", "plan", "score", "near", "all", "last"):
        table.add_column(heading, justify="left" if heading == "plan" else "right", overflow="fold")
    for row in np.argsort(ranking.ranked, kind="stable"):
        tie = "=" if int((ranking.ranked == ranking.ranked[row]).sum()) > 1 else ""
        table.add_row(
            f"{tie}{ranking.ranked[row]}",
            ranking.values.plans[row],
            f"{ranking.scores[row]:.3f}",
            percent(float(ranking.near.first[row])),
            percent(float(ranking.anywhere.first[row])),
            percent(float(ranking.near.last[row])),
        )
    console.print(table)
    parts = ", ".join(
        f"{one.title[0].lower()}{one.title[1:]} {weight:.0%}"
        for one, weight in zip(ranking.criteria, ranking.weights, strict=True)
        if weight
    )
    _say(console, f"Weighted sum on declared ranges; weights: {parts}.", "dim")
    _say(
        console,
        "near, all: how often first with weights near these, and over all weights; last: how often last near these. "
        f"{count(len(ranking.values.unknown), 'value')} of {count(len(ranking.candidates), 'tool')} "
        "unknown, counted as the worst.",
        "dim",
    )


def why_not(
    console: Console,
    catalog: Catalog,
    requirements: Requirements,
    found: Advice,
    plan_id: str,
    marks: Mapping[str, str],
    again: Mapping[str, str],
) -> None:
    """Say why a plan is not the one that is advised.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    catalog, requirements : Catalog, Requirements
        Names, titles and sources.
    found : Advice
        What is advised.
    plan_id : str
        The plan asked about.
    marks : mapping of str to str
        What every result carries, as :func:`texteval.decide.stamp` returns it.
    again : mapping of str to str
        The options of the command line that the next command must repeat to speak of the same.
    """
    for answer in found.answers:
        candidate, first = answer.candidate(plan_id), answer.first
        _say(console, f"{needs(requirements, answer)}: why not {candidate.option.title}?", "bold")
        if first is candidate:
            _say(console, f"It is the one that is advised: {_cost(candidate)}.", indent=2)
            console.print()
            continue
        coverage = candidate.option.coverage
        if coverage.uncovered:
            _say(console, _uncovered(requirements, candidate), indent=2)
        for word, points in (("Not met", coverage.failures), ("Open", coverage.open_points)):
            for point in points:
                _say(console, f"{word}: {point.reason}", indent=2)
                _say(console, _source(catalog, point), "dim", indent=4)
                if point.question and word == "Open":
                    _say(console, f"Ask: {point.question}", "dim", indent=4)
        if candidate.total is None:
            _say(console, "What it charges is not published in full.", indent=2)
        elif first is not None and (more := gap(candidate, first)) is not None:
            side = f"{show(abs(more))} {'more' if more > 0 else 'less'} than" if more else "as much as"
            _say(console, f"{_cost(candidate)}: {side} {first.option.title}, which is advised.", indent=2)
        if candidate.option.building_block:
            _say(console, "It is a building block: software must be made or bought around it.", indent=2)
        console.print()
    _marks(console, marks)
    words = "".join(f" {name} {value}" for name, value in again.items())
    console.print(Text(f"Next: {program()} vendor {plan_id.partition('/')[0]}{words}"), soft_wrap=True)


def _uncovered(requirements: Requirements, candidate: Candidate) -> str:
    titles = [requirements.file.purposes[purpose].title for purpose in candidate.option.coverage.uncovered]
    return f"No channel for: {', '.join(titles)}."


def _source(catalog: Catalog, point: Finding) -> str:
    if point.fact is None or point.fact.source is None:
        return f"No source was found. Rule: {point.citation}" if point.fact else point.citation
    source = point.fact.source
    return f"{source.title}, {source.publisher or 'no publisher'}, {source.seen}. Rule: {point.citation}"


def advice_json(
    catalog: Catalog,
    requirements: Requirements,
    found: Advice,
    rankings: Sequence[Ranking | None],
    ways_out: Mapping[str, Answer],
    flips: Sequence[Sequence[Flip]] | None,
    marks: Mapping[str, str],
) -> dict[str, Any]:
    """Return the advice as plain data; the arguments are those of :func:`advice`."""
    return {
        **marks,
        "practice": found.answers[-1].comparison.practice_id,
        "now_year_usd": dollars(found.now_year),
        "premises": [
            {
                "id": premise.id,
                "title": premise.title,
                "why": premise.why,
                "ask": premise.ask,
                "ways_out": [
                    {"plan": plan, "first": _candidate_json(ways_out[plan].first) if plan in ways_out else None}
                    for plan in premise.ways_out
                ],
            }
            for premise in found.premises
        ],
        "circumstances": [
            {"id": name, "title": one.title, "citation": one.citation, "steps": one.steps, "warnings": one.warnings}
            for name, one in found.circumstances.items()
        ],
        "answers": [
            {
                "purposes": list(answer.purposes),
                "clinical": answer.clinical,
                "first": _candidate_json(answer.first),
                "options": [_candidate_json(candidate) for candidate in answer.usable],
                "cheaper": [candidate.option.plan for candidate in answer.cheaper],
                "relaxations": [
                    {
                        "plan": relaxation.candidate.option.plan,
                        "requirement": relaxation.finding.requirement,
                        "reason": relaxation.finding.reason,
                        "question": relaxation.finding.question,
                        "year_usd": dollars(relaxation.candidate.total),
                    }
                    for relaxation in answer.relaxations
                ],
                "ranking": _ranking_json(ranking),
                "flips": None if flips is None else [_flip_json(flip) for flip in flips[i]],
            }
            for i, (answer, ranking) in enumerate(zip(found.answers, rankings, strict=True))
        ],
    }


def _candidate_json(candidate: Candidate | None) -> dict[str, Any] | None:
    if candidate is None:
        return None
    option = candidate.option
    return {
        "plan": option.plan,
        "title": option.title,
        "way": candidate.way,
        "kept": candidate.kept,
        "verdict": option.verdict,
        "channels": option.coverage.channels,
        "open_points": [point.requirement for point in option.coverage.open_points],
        "year_usd": dollars(candidate.total),
        "more_than_today_usd": dollars(candidate.more),
    }


def _ranking_json(ranking: Ranking | None) -> dict[str, Any] | None:
    if ranking is None:
        return None
    names = [one.name for one in ranking.criteria]
    return {
        "method": "weighted sum on declared ranges",
        "label": ranking.label,
        "weights": {name: round(float(weight), 6) for name, weight in zip(names, ranking.weights, strict=True)},
        "options": [
            {
                "plan": plan,
                "score": round(float(ranking.scores[row]), 6),
                "rank": int(ranking.ranked[row]),
                "topsis_rank": int(ranking.contrast[row]),
                "values": dict(zip(names, map(float, ranking.values.numbers[row]), strict=True)),
                "unknown": [attribute for owner, attribute in ranking.values.unknown if owner == plan],
                "first_share_near": round(float(ranking.near.first[row]), 6),
                "first_share_all": round(float(ranking.anywhere.first[row]), 6),
                "first_share_futures": round(float(ranking.futures.first[row]), 6),
                "last_share_near": round(float(ranking.near.last[row]), 6),
            }
            for row, plan in enumerate(ranking.values.plans)
        ],
        "left_out": ranking.left_out,
        "smallest_change": [
            {
                "plan": ranking.values.plans[change.option],
                "weight_moved": None if change.distance is None else round(change.distance / 2, 6),
            }
            for change in ranking.changes
        ],
    }


def _flip_json(flip: Flip) -> dict[str, Any]:
    money = flip.kind in ("price", "unpublished")
    return {
        "kind": flip.kind,
        "plan": flip.plan,
        "what": flip.what,
        "now": exact_dollars(flip.now) if money and not isinstance(flip.now, str) else flip.now,
        "then": exact_dollars(flip.then) if money and not isinstance(flip.then, str) else flip.then,
        "first": flip.first,
        "question": flip.question,
    }
