"""The advice for a person in a terminal of 80 columns, and as plain data for ``--json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from texteval.advise import UNUSABLE, Advice, Answer, Candidate
from texteval.assess import Finding
from texteval.catalog import Catalog
from texteval.decide import stamp
from texteval.errors import program
from texteval.firm import Ranking
from texteval.flips import Flip
from texteval.money import dollars, show
from texteval.requirements import Requirements
from texteval.words import channel_words, count, percent, reason

OUTCOMES = {"pass": "met", "configure": "met with a step", "verify": "open", "fail": "not met"}


def _say(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))


def needs(requirements: Requirements, answer: Answer) -> str:
    """Name what the messages of an answer are for."""
    titles = [requirements.file.purposes[purpose].title for purpose in answer.purposes]
    joined = ", ".join([titles[0], *(title[0].lower() + title[1:] for title in titles[1:])])
    return joined


def _cost(candidate: Candidate) -> str:
    if candidate.total is None:
        return "price not published"
    more = ""
    if candidate.more is not None:
        more = f", {show(abs(candidate.more))} {'more' if candidate.more >= 0 else 'less'} than today"
    return f"{show(candidate.total)} in the first year{more}"


def _way(catalog: Catalog, candidate: Candidate) -> str:
    title = candidate.option.title
    return {
        "buy": f"Take {title}",
        "stay": f"Stay with {title}",
        "switch": f"Move to {title}",
        "add": f"Keep {catalog.title(candidate.kept) if candidate.kept else ''} and add {title}",
    }[candidate.way]


def advice(
    console: Console,
    catalog: Catalog,
    requirements: Requirements,
    found: Advice,
    rankings: Sequence[Ranking | None],
    ways_out: Mapping[str, Answer],
    flips: Sequence[Sequence[Flip]] | None,
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
    """
    _say(console, f"What {found.practice.name} may run", "bold")
    for premise in found.premises:
        console.print()
        _say(console, f"First: {premise.title}", "bold yellow")
        _say(console, f"{premise.why} Ask: {premise.ask}", indent=2)
        for plan in premise.ways_out:
            answer = ways_out.get(plan)
            if answer and answer.first:
                first = answer.first
                _say(
                    console,
                    f"If it is {catalog.title(plan)}: {_way(catalog, first)}, {_cost(first)} ({first.option.verdict}).",
                    indent=2,
                )
    if found.now_year is not None and not any(premise.id in UNUSABLE for premise in found.premises):
        console.print()
        _say(console, f"Today you pay {show(found.now_year)} a year, by the price list.")
    for i, answer in enumerate(found.answers):
        console.print()
        _answer(console, catalog, requirements, answer, rankings[i])
        if flips is not None:
            _flips(console, catalog, requirements, flips[i])
    if found.circumstances:
        console.print()
        _say(console, "What else holds for you", "bold")
        for one in found.circumstances.values():
            _say(console, f"{one.title}. {' '.join([*one.steps, *one.warnings])}", indent=2)
    console.print()
    comparison = found.answers[-1].comparison
    marks = stamp(comparison.on, comparison.hash)
    words = f"As of {marks['as_of']}, data {marks['data_hash']}, texteval {marks['texteval']}. Not legal advice."
    _say(console, words, "dim")


def _answer(
    console: Console, catalog: Catalog, requirements: Requirements, answer: Answer, ranking: Ranking | None
) -> None:
    _say(console, needs(requirements, answer), "bold")
    first = answer.first
    if first is None:
        _none(console, catalog, answer)
        return
    style = "green" if first.option.proven else "yellow"
    _say(console, f"{_way(catalog, first)}: {_cost(first)}.", f"bold {style}", indent=2)
    coverage = first.option.coverage
    if first.option.proven:
        basis = f"By {channel_words(coverage)}. Proven: {first.option.verdict}, every gate rests on good evidence."
        _say(console, basis, indent=2)
        steps = coverage.steps
        if steps:
            _say(console, f"To do first ({count(len(steps), 'step')}): {steps[0]}", indent=2)
    else:
        _say(console, f"Verify first: {reason(first.option)}", indent=2)
        for point in coverage.open_points[:2]:
            if point.question:
                _say(console, f"Ask: {point.question}", indent=4)
    cheaper = [candidate for candidate in answer.cheaper if candidate.option.plan != first.option.plan]
    if cheaper:
        _say(console, "It would cost less, once what is open is settled:", indent=2)
        for candidate in cheaper[:3]:
            points = candidate.option.coverage.open_points
            ask = f" {points[0].question}" if points and points[0].question else ""
            _say(
                console,
                f"{candidate.option.title}, {show(candidate.total)}: {count(len(points), 'open point')}.{ask}",
                indent=4,
            )
    if ranking is not None:
        _firm(console, ranking)


def _none(console: Console, catalog: Catalog, answer: Answer) -> None:
    _say(console, "None of the tools qualifies.", "bold red", indent=2)
    for relaxation in answer.relaxations[:3]:
        candidate, finding = relaxation.candidate, relaxation.finding
        _say(
            console,
            f"{_way(catalog, candidate)} ({show(candidate.total)}) fails by one thing alone: {finding.reason}"
            + (f" Ask: {finding.question}" if finding.question else ""),
            indent=4,
        )
    if not answer.relaxations:
        nearest = answer.candidates[0].option if answer.candidates else None
        if nearest:
            _say(console, f"The one that misses least is {nearest.title}: {nearest.coverage.reason}", indent=4)


def _firm(console: Console, ranking: Ranking) -> None:
    winner = ranking.winner
    option = ranking.candidates[winner].option
    mark = "" if option.proven else " (verify first)"
    near, anywhere, futures = (
        percent(float(shares.first[winner])) for shares in (ranking.near, ranking.anywhere, ranking.futures)
    )
    sentence = (
        f"By weights ({ranking.label}) {option.title}{mark} comes first: in {near} of weights near them, in {anywhere} "
        f"of all, and in {futures} of simulated futures."
    )
    if ranking.easiest is not None and ranking.easiest.distance is not None:
        rival = ranking.candidates[ranking.easiest.option].option.title
        sentence += f" Moving {percent(ranking.easiest.distance / 2)} of the weight would bring {rival} level."
    _say(console, sentence, indent=2)
    question = next((point.question for point in option.coverage.open_points if point.question), None)
    if question and not option.proven:
        _say(console, f"Ask: {question}", indent=4)


def _flips(console: Console, catalog: Catalog, requirements: Requirements, flips: Sequence[Flip]) -> None:
    _say(console, "What alone would change the first place", "bold", indent=2)
    if not flips:
        _say(console, "No single price, fact or number of yours.", indent=4)
    for flip in flips:
        if flip.kind != "fact":
            _say(console, flip_words(catalog, requirements, flip), indent=4)
    together: dict[tuple[str, str, str], list[Flip]] = {}
    for flip in flips:
        if flip.kind == "fact":
            together.setdefault((flip.plan.partition("/")[0], str(flip.then), flip.first), []).append(flip)
    for (vendor, then, first), facts in together.items():
        names = "; ".join(_title(requirements, flip) for flip in facts)
        any_of = "any one of these" if len(facts) > 1 else "this"
        name, best = catalog.vendors[vendor].name, catalog.title(first)
        _say(console, f"{name}: if {any_of} were {OUTCOMES[then]}, {best} is first: {names}.", indent=4)


def _title(requirements: Requirements, flip: Flip) -> str:
    """Name a requirement with where it stands now."""
    title = requirements.all[flip.what].title if flip.what in requirements.all else flip.what
    return f"{title[0].lower()}{title[1:]} ({OUTCOMES[str(flip.now)]} now)"


def flip_words(catalog: Catalog, requirements: Requirements, flip: Flip) -> str:
    """Say what would change the first place."""
    then = catalog.title(flip.first)
    if flip.kind == "price":
        assert isinstance(flip.now, int) and isinstance(flip.then, int)
        way = "at or above" if flip.then > flip.now else "at or below"
        return (
            f"{catalog.title(flip.plan)}, {flip.what}: {show(flip.now, unit=True)} now; {way} "
            f"{show(flip.then, unit=True)} {then} is first."
        )
    if flip.kind == "unpublished":
        assert isinstance(flip.then, int)
        return f"{catalog.title(flip.plan)} publishes no full price: below {show(flip.then)} a year it is first."
    if flip.kind == "fact":
        name = catalog.vendors[flip.plan.partition("/")[0]].name
        return f"{name}: if {OUTCOMES[str(flip.then)]}, {then} is first: {_title(requirements, flip)}."
    assert isinstance(flip.now, int) and isinstance(flip.then, int)
    way = "or more" if flip.then > flip.now else "or fewer"
    return f"Your {flip.what}: {flip.now:,} now; with {flip.then:,} {way} {then} is first."


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


def why_not(console: Console, catalog: Catalog, requirements: Requirements, found: Advice, plan_id: str) -> None:
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
    """
    for answer in found.answers:
        candidate, first = answer.candidate(plan_id), answer.first
        _say(console, f"{needs(requirements, answer)}: {_way(catalog, candidate)}", "bold")
        if first is candidate:
            _say(console, f"It is the one that is advised: {_cost(candidate)}.", indent=2)
            continue
        coverage = candidate.option.coverage
        if coverage.uncovered:
            _say(console, coverage.reason if not coverage.failures else _uncovered(requirements, candidate), indent=2)
        for word, points in (("Not met", coverage.failures), ("Open", coverage.open_points)):
            for point in points:
                _say(console, f"{word}: {point.reason}", indent=2)
                _say(console, _source(catalog, point), "dim", indent=4)
                if point.question and word == "Open":
                    _say(console, f"Ask: {point.question}", "dim", indent=4)
        if candidate.total is None:
            _say(console, "What it charges is not published in full.", indent=2)
        elif first is not None and first.total is not None:
            gap = candidate.total - first.total
            side = f"{show(abs(gap))} {'more' if gap > 0 else 'less'} than" if gap else "as much as"
            _say(console, f"{_cost(candidate)}: {side} {first.option.title}, which is advised.", indent=2)
        if candidate.option.building_block:
            _say(console, "It is a building block: software must be made or bought around it.", indent=2)
        console.print()
    _say(console, f"Next: {program()} vendor {plan_id.partition('/')[0]}")


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
) -> dict[str, Any]:
    """Return the advice as plain data."""
    comparison = found.answers[-1].comparison
    return {
        **stamp(comparison.on, comparison.hash),
        "practice": comparison.practice_id,
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
        "now": flip.now / 1_000_000 if money and isinstance(flip.now, int) else flip.now,
        "then": flip.then / 1_000_000 if money and isinstance(flip.then, int) else flip.then,
        "first": flip.first,
        "question": flip.question,
    }
