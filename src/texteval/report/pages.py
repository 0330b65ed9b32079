"""What the report says, page by page: first for the owner, then for whoever must defend it.

Every sentence and every figure of it comes from :class:`texteval.report.model.Report`, once, for all formats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from texteval import __version__
from texteval.advise import Candidate, best_of_each
from texteval.assess import VERDICTS
from texteval.circumstances import Circumstance
from texteval.decide import Option
from texteval.errors import UserError
from texteval.evidence import GRADE_WORDS, GRADES, Source
from texteval.exposure import LOSS_MEANING, MOST_CLINICIANS, usd
from texteval.money import MICRO, show
from texteval.parameters import EVIDENCE
from texteval.practice import MONTHS
from texteval.report.document import (
    Block,
    Bullets,
    Column,
    Document,
    Heading,
    Link,
    Paragraph,
    Picture,
    Section,
    Table,
    Words,
)
from texteval.report.model import Report
from texteval.show_advice import flip_words
from texteval.words import (
    OLD_PRICE,
    ORDER,
    about,
    channel_words,
    count,
    evidence,
    firm_sentence,
    gap,
    isolated,
    month_cost,
    percent,
    rule_grade,
    year_cost,
)

NOT_ADVICE = "This is information, not legal advice."

NEXT = 3
"""Next steps on the owner's page."""

FEW = 5
"""Cheaper tools, flips or cases that are told in full sentences."""

WORST = 3
"""Reasons against a tool that are told."""

PAIRS = 40
"""Pairs of plans in the table of break-evens."""


def document(report: Report, client: str | None = None, tell: Callable[[str], object] = lambda step: None) -> Document:
    """Write the report's document.

    Parameters
    ----------
    report : Report
        As :func:`texteval.report.build` gathers it.
    client : str, optional
        For whom it is made; the practice's own name, if left out.
    tell : callable
        Called with a few words at each step, for a progress line.

    Returns
    -------
    Document
        The owner's page as its opening, then the sections of the consultant's report.
    """
    practice = report.practice
    people = f"{count(practice.clinicians, 'clinician')}, {practice.staff:,} other staff"
    size = f"{people}, {practice.sessions_per_week:,} sessions a week"
    whom = f"For {isolated(client)}. " if client else ""
    sections = []
    for step, write in WRITERS:
        if step:
            tell(step)
        sections.append(write(report))
    return Document(
        f"Which texting tool for: {practice.name}",
        f"{whom}{size}. As of {report.on}. Information, not legal advice.",
        tuple(_owner(report)),
        tuple(section for section in sections if section.blocks),
        stamp_words(report),
    )


def stamp_words(report: Report) -> str:
    """Return the line that every page carries: version, day and data hash."""
    return f"texteval {__version__}, as of {report.on}, data {report.hash}"


# The owner's page.


def _owner(report: Report) -> Iterator[Block]:
    yield Paragraph(report.answer, "answer")
    for premise in report.advice.premises if report.advice else ():
        yield Paragraph(f"First put this right: {premise.title} {premise.why}")
    yield from _cost(report)
    yield from _condition(report)
    steps = next_steps(report)
    if steps:
        yield Heading("Next steps" if len(steps) > 1 else "Next step")
        yield Bullets(tuple(steps), numbered=True)
    if report.cheaper:
        names = [f"{isolated(one.option.title)} ({show((one.total or 0) // MONTHS)} a month)" for one in report.cheaper]
        more = f"; and {count(len(names) - FEW, 'more vendor')}" if len(names) > FEW else ""
        less = f"Would cost less, once what is open about them is settled: {'; '.join(names[:FEW])}{more}."
        yield Paragraph(less, "soft")
    for stay in report.advice.answers[-1].usable if report.advice else ():
        if stay.way == "stay" and stay is not report.candidate:
            points = count(len(stay.option.coverage.open_points), "open point")
            price = f"{show(stay.total // MONTHS)} a month" if stay.total is not None else "at a price not published"
            yield Paragraph(f"To stay with {isolated(stay.option.title)} alone: {price}, {points}.", "soft")


def _cost(report: Report) -> Iterator[Block]:
    candidate, found = report.candidate, report.forecast
    if candidate is None:
        return
    plan = candidate.option.plan
    if candidate.way in ("buy", "switch", "stay") and found is not None and plan in found.bills.plans:
        bills = found.bills
        costs = bills.cost[bills.row(plan)]
        low, high = np.quantile(costs, [0.05, 0.95])
        _, error = bills.mean(costs.astype(float))
        if high > low:
            below = (
                " The bill above supposes that nobody leaves and no week is lost; most years cost a little less."
                if np.median(costs) < (candidate.option.year or 0)
                else ""
            )
            yield Heading("What it may cost")
            yield Paragraph(
                f"In nine of ten simulated years between {about(low, error)} and {about(high, error)}, as people come "
                f"and go and clients write more or less.{below}"
            )
    if candidate.option.old_price:
        yield Paragraph("A price in this bill was read longer ago than prices keep: check it before you rely on it.")


def _condition(report: Report) -> Iterator[Block]:
    first = report.first
    yield Heading("On what condition")
    if first is None:
        yield Paragraph("Nothing can be used as things stand. The nearest way out:")
        yield Bullets(tuple(_way_out(report)))
    elif first.proven:
        steps = count(len(first.coverage.steps), "step")
        yield Paragraph(
            f"{_rests(first)} It holds once {steps} {'is' if len(first.coverage.steps) == 1 else 'are'} done; they "
            "stand below under Settings and limits."
            if first.coverage.steps
            else f"{_rests(first)} There is nothing to set up first."
        )
    else:
        points = len(first.coverage.open_points)
        settled = f"{count(points, 'point')} {'is' if points == 1 else 'are'} settled"
        yield Paragraph(f"Do not send before {settled} in writing with the vendor: see the next steps.")


def _rests(option: Option) -> str:
    """Say what the verdict of a proven option rests on, at the weakest."""
    weakest = [verdict.weakest for verdict in option.coverage.verdicts.values()]
    facts = [finding.fact for finding in weakest if finding and finding.fact and finding.fact.grade]
    worst = max(facts, key=lambda fact: GRADES.index(fact.grade or GRADES[0]), default=None)
    grade = f", at the weakest a {GRADE_WORDS[worst.grade]}" if worst and worst.grade else ""
    return (
        f"All that decides rests on fresh sources{grade}. The agreement itself was not seen: read it before you sign."
    )


def _way_out(report: Report) -> Iterator[str]:
    answer = report.advice.answers[-1] if report.advice else None
    if answer is None:
        yield "This practice sends no messages. Write how many it sends, then ask again."
        return
    for one in answer.relaxations[:NEXT]:
        ask = f" Ask: {one.finding.question}" if one.finding.question else ""
        yield f"{isolated(one.candidate.option.title)}: one thing alone stands in the way. {one.finding.reason}{ask}"
    if not answer.relaxations and answer.candidates:
        option = answer.candidates[0].option
        missed = " ".join(finding.reason for finding in option.coverage.failures) or option.coverage.reason
        yield f"More than one thing stands in the way of each tool. {isolated(option.title)} misses least: {missed}"


def next_steps(report: Report) -> list[str]:
    """Say what to do next, in three steps: what to ask first, then what to set up.

    Parameters
    ----------
    report : Report
        The report.
    """
    steps = [f"Find out: {premise.ask}" for premise in (report.advice.premises if report.advice else ())]
    first = report.first
    if first is None:
        return steps[:NEXT]
    name = isolated(report.catalog.vendors[first.vendor].name)
    asked = [point.question for point in first.coverage.open_points if point.question]
    steps += [f"Ask {name} in writing: {question}" for question in asked[: NEXT - 1]]
    if first.proven and report.candidate and report.candidate.way != "stay":
        steps.append(f"Sign up for {isolated(first.title)}, and keep its business associate agreement on file.")
    return [*steps, *first.coverage.steps][:NEXT]


# The consultant's report.


def _summary(report: Report) -> Section:
    blocks: list[Block] = []
    best = best_of_each(report.advice.answers[-1].usable if report.advice else ())
    if best:
        rows = [
            (_to_vendor(one.option), one.option.verdict, _total(one, MONTHS), _total(one, 1), _hinges(one))
            for one in best[:FEW]
        ]
        columns = (
            Column("Option", share=1.3),
            Column("Verdict", "verdict", 1),
            Column("A month", "number", 0.7),
            Column("First year", "number", 0.8),
            Column("What it takes", share=2.4),
        )
        caption = "The best option of each of the first vendors."
        blocks += [Heading("The first options"), Table(columns, tuple(rows), caption)]
    if report.ranking is not None:
        blocks += [Heading("How firm that is"), Paragraph(firm_sentence(report.ranking))]
    changes = [flip_words(report.catalog, report.requirements, flip) for flip in report.flips]
    if changes:
        more = len(changes) - FEW
        blocks += [
            Heading("What alone would change the advice, which goes by proof, then cost"),
            Bullets(tuple(changes[:FEW])),
        ]
        if more > 0:
            blocks.append(
                Paragraph(f"{count(more, 'more single change')} would: texteval decide --flips lists all.", "soft")
            )
    holding = report.advice.circumstances if report.advice else {}
    if holding:
        blocks += [
            Heading("What else holds for this practice"),
            Bullets(tuple(f"{one.title} ({one.citation})." for one in holding.values())),
        ]
    return Section("summary", "For the board", tuple(blocks))


def _total(one: Candidate, parts: int) -> str:
    """Print what an option costs with what is kept beside it; what is published, where it is bought alone."""
    if one.total is None:
        return (month_cost if parts == MONTHS else year_cost)(one.option) if one.way == "buy" else "unknown"
    return f"{show(one.total // parts)}{'*' if one.option.old_price else ''}"


def _hinges(one: Candidate) -> str:
    coverage = one.option.coverage
    way = {"add": "Beside what is paid today. ", "stay": "What is paid today. "}.get(one.way, "")
    if one.option.proven:
        return f"{way}By {channel_words(coverage)}; {count(len(coverage.steps), 'step')} to set up."
    more = len(coverage.open_points) - 1
    return f"{way}{coverage.reason}" + (f" And {more} more open." if more > 0 else "")


def _to_vendor(option: Option) -> Link:
    return Link(isolated(option.title), f"#v-{option.vendor}")


def _options(report: Report) -> Section:
    comparison = report.comparison
    blocks: list[Block] = []
    if report.catalog.own:
        words = "Facts and prices of your own are laid over the catalogue; they are marked (yours)."
        blocks.append(Paragraph(words))
    blocks.append(
        Paragraph(
            "One row for each vendor: its best plan, taken alone. A month is a twelfth of the first year; 'from' marks "
            f"a bill with a price that nobody publishes. {ORDER}"
        )
    )
    if any(option.old_price for option in comparison.best_of_each):
        blocks.append(Paragraph(OLD_PRICE, "soft"))
    rows = [
        (
            _to_vendor(option),
            option.verdict,
            month_cost(option),
            f"{year_cost(option)}{' (yours)' if option.own_price else ''}",
            _why(option),
        )
        for option in comparison.best_of_each
    ]
    blocks.append(Table(OPTION_COLUMNS, tuple(rows), id="options-table"))
    return Section("options", "All tools for this practice", tuple(blocks))


OPTION_COLUMNS = (
    Column("Tool", share=1.3),
    Column("Verdict", "verdict", 1),
    Column("A month", "number", 0.75),
    Column("First year", "number", 0.85),
    Column("Why", share=2.6),
)


def _why(option: Option) -> str:
    coverage = option.coverage
    by = f"By {channel_words(coverage)}. " if option.proven else ""
    hand = " Reminders do not all go out by themselves." if option.shortlisted and coverage.by_hand else ""
    more = len(coverage.open_points) - 1
    return f"{by}{coverage.reason}{hand}" + (f" And {more} more open." if option.shortlisted and more > 0 else "")


def _matrix(report: Report) -> Section:
    if not report.matrix:
        return Section("matrix", "Verdicts by channel", (Paragraph("No plan in the catalogue sends messages."),))
    headings = tuple(report.matrix[0].cells)
    rows = [
        (isolated(row.option.title), *((cell.verdict if cell else "") for cell in row.cells.values()))
        for row in report.matrix
    ]
    columns = (Column("Tool", share=1.5), *(Column(heading, "verdict") for heading in headings))
    blocks: list[Block] = [
        Paragraph(
            "✓ eligible or with configuration: may be used, once the steps are done. ? verify first: passes only on "
            "unknown, old, disputed or weak evidence; ask. ✗ ineligible: a gate fails. A dash: not offered. Clinical "
            "content never goes over SMS."
        )
    ]
    blocks += [Picture(report.verdicts)] if report.verdicts else []
    return Section(
        "matrix", "Verdicts by channel", (*blocks, Table(columns, tuple(rows), "The same, for every vendor."))
    )


def _size(report: Report) -> Section:
    blocks: list[Block] = [Picture(report.cost_by_size)]
    if report.cost_bands:
        blocks.append(Picture(report.cost_bands))
        blocks.append(_bands(report))
    return Section("size", "Cost by practice size", tuple(blocks))


def _bands(report: Report) -> Table:
    rows: list[tuple[Words, ...]] = []
    for found in report.forecasts:
        bills = found.bills
        for i in bills.cost.mean(axis=1).argsort(kind="stable"):
            option, costs = found.options[i], bills.cost[i]
            mean, error = bills.mean(costs.astype(float))
            low, high = np.quantile(costs, [0.05, 0.95])
            rows.append(
                (
                    isolated(found.comparison.practice.name),
                    isolated(option.title),
                    option.verdict,
                    year_cost(option),
                    about(mean, error),
                    f"{about(low, error)} to {about(high, error)}" if high > low else "the same",
                )
            )
    columns = (
        Column("Practice", share=1.1),
        Column("Tool", share=1.5),
        Column("Verdict", "verdict", 1),
        Column("By the price list", "number", 0.9),
        Column("Mean", "number", 0.7),
        Column("Nine years in ten", "number", 1.2),
    )
    caption = (
        "The first year, by the price list and in simulated futures. The price list supposes that nobody leaves and no "
        "week is lost, so that most futures lie below it."
    )
    return Table(columns, tuple(rows), caption)


def _volume(report: Report) -> Section:
    blocks: list[Block] = [Picture(report.cost_by_volume)]
    if not report.break_even:
        words = "No per-message plan changes places with a flat one among the usable tools with known prices."
        return Section("volume", "Cost and volume of messages", (*blocks, Paragraph(words)))
    blocks.append(Heading("Where a per-message plan changes places with a flat one"))
    if report.pair:
        blocks.append(Picture(report.pair))
    weeks = report.practice.weeks_per_year
    rows = [
        (
            isolated(metered.title),
            isolated(flat.title),
            f"{float(at.per_week(weeks)):,.1f}",
            f"{float(at.per_month):,.1f}",
            isolated(metered.title if at.cheaper_after == metered.plan else flat.title),
        )
        for metered, flat, at in report.break_even[:PAIRS]
    ]
    columns = (
        Column("Per message", share=1.3),
        Column("Flat", share=1.3),
        Column("Messages a week", "number", 0.8),
        Column("a month", "number", 0.7),
        Column("Cheaper above", share=1.3),
    )
    caption = (
        "Messages sent at which the two cost the same, with this practice's seats, replies and text lengths. "
        "One-time charges are left out."
    )
    blocks.append(Table(columns, tuple(rows), caption))
    if len(report.break_even) > PAIRS:
        more = f"The first {PAIRS} of {len(report.break_even)} pairs; texteval compare --json has all."
        blocks.append(Paragraph(more, "soft"))
    return Section("volume", "Cost and volume of messages", tuple(blocks))


def _map(report: Report) -> Section:
    if report.map is None:
        return Section("map", "", ())
    words = (
        "At each place on the map the practice keeps its proportions: staff, sessions and replies for each clinician "
        "and message. One-time charges of the first year are in it."
    )
    return Section("map", "The cheapest plan by size and messages", (Paragraph(words), Picture(report.map)))


def _why_not(report: Report) -> Section:
    first, asked = report.first, report.comparison.best_of_each
    rows = []
    for option in asked:
        if first is not None and option.plan == first.plan:
            continue
        rows.append((_to_vendor(option), option.verdict, _against(report, option), _ask(option)))
    columns = (
        Column("Tool", share=1.1),
        Column("Verdict", "verdict", 0.9),
        Column("Why it is not the first", share=2.2),
        Column("What would settle it", share=2),
    )
    return (
        Section("why-not", "Why not the others", (Table(columns, tuple(rows)),)) if rows else Section("why-not", "", ())
    )


def _against(report: Report, option: Option) -> str:
    coverage, first = option.coverage, report.first
    if coverage.uncovered and not coverage.failures:
        return coverage.reason
    points = coverage.failures or coverage.open_points
    says = [point.reason for point in points[:WORST]]
    if len(points) > WORST:
        says.append(f"And {len(points) - WORST} more.")
    if not coverage.failures and first is not None:
        if option.building_block and not first.building_block:
            says.append("A building block: software must be made or bought around it.")
        candidate = report.advice.answers[-1].candidate(option.plan) if report.advice else None
        more = gap(candidate, report.candidate) if candidate else None
        if option.year is None:
            says.append("What it charges is not published in full.")
        elif more:
            words = f"It costs {show(more)} more" if more > 0 else f"It would cost {show(-more)} less"
            says.append(f"{words} in the first year.")
    return " ".join(says)


def _ask(option: Option) -> str:
    points = option.coverage.failures or option.coverage.open_points
    questions = list(dict.fromkeys(point.question for point in points if point.question))
    more = f" And {count(len(questions) - 1, 'more question')}." if len(questions) > 1 else ""
    return f"{questions[0]}{more}" if questions else "Nothing that a vendor could say."


def _settings(report: Report) -> Section:
    first = report.first
    if first is None:
        return Section("settings", "", ())
    coverage = first.coverage
    blocks: list[Block] = [Heading("What it takes before the first message")]
    if coverage.steps:
        blocks.append(Bullets(tuple(coverage.steps), tick=True))
    else:
        blocks.append(Paragraph("No steps are known yet; settle the open points first."))
    if coverage.open_points:
        blocks.append(Heading("Ask first"))
        blocks.append(Bullets(tuple(f"{point.question or ''} ({point.reason})" for point in coverage.open_points)))
    if coverage.cautions:
        blocks += [Heading("Know before you buy"), Bullets(tuple(coverage.cautions))]
    blocks += [Heading("What remains true whatever the vendor does"), Bullets(tuple(coverage.limits))]
    for one in (report.advice.circumstances if report.advice else {}).values():
        blocks += [
            Heading(one.title),
            Bullets((*one.steps, *one.warnings, _of_rule(report, one))),
        ]
    return Section("settings", f"Settings and limits: {isolated(first.title)}", tuple(blocks))


def _of_rule(report: Report, one: Circumstance) -> str:
    read = _cited(report.requirements.circumstances.sources, [one.source])
    return f"Rule: {one.citation}. Read here: {read}."


def _firm(report: Report) -> Section:
    ranking = report.ranking
    blocks: list[Block] = []
    if ranking is not None:
        weights = ", ".join(
            f"{one.title[0].lower()}{one.title[1:]} {weight:.0%}"
            for one, weight in zip(ranking.criteria, ranking.weights, strict=True)
            if weight
        )
        blocks.append(Paragraph(f"Ranked by a weighted sum on declared ranges; weights ({ranking.label}): {weights}."))
        blocks += [Picture(report.acceptability)] if report.acceptability else []
        rows = [
            (
                f"{ranking.ranked[row]}",
                isolated(ranking.candidates[row].option.title),
                ranking.candidates[row].option.verdict,
                f"{ranking.scores[row]:.3f}",
                percent(float(ranking.near.first[row])),
                percent(float(ranking.anywhere.first[row])),
                percent(float(ranking.futures.first[row])),
            )
            for row in np.argsort(ranking.ranked, kind="stable")[:10]
        ]
        columns = (
            Column("Rank", "number", 0.4),
            Column("Option", share=1.6),
            Column("Verdict", "verdict", 1),
            Column("Score", "number", 0.6),
            Column("First near these weights", "number", 0.8),
            Column("First over all weights", "number", 0.8),
            Column("First in futures", "number", 0.8),
        )
        blocks.append(Table(columns, tuple(rows), "How often each comes first when weights or the future vary."))
    blocks += [Picture(report.tornado)] if report.tornado else []
    return Section("firm", "How firm it is", tuple(blocks))


def _prices(report: Report) -> Section:
    words = "A date is 'stated' where the vendor names it, else the day on which the price was first seen."
    return Section("prices", "How prices have moved", (Picture(report.prices), Paragraph(words)))


def _exposure(report: Report) -> Section:
    found, on, title = report.exposure, report.on, "What a violation may cost"
    try:
        table, tiers = found.table(on), found.tiers(on)
    except UserError as error:
        return Section("exposure", title, (Paragraph(str(error)[:1].upper() + str(error)[1:]),))
    rows = [
        (
            f"{tier.tier}: {tier.title}",
            f"{usd(tier.min)} to {usd(tier.max)}",
            usd(tier.yearly_cap),
            usd(tier.discretion_cap),
        )
        for tier in tiers
    ]
    columns = (
        Column("Tier", share=1.8),
        Column("One violation", "number", 1.1),
        Column("Cap for a year", "number", 0.8),
        Column("Cap under the notice, computed", "number", 0.9),
    )
    notice, damages = found.file.notice, found.file.text_damages
    printed = [f"tier {one.tier} {usd(one.printed.usd)}" for one in table.tiers if one.printed]
    others = f" Another page prints: {', '.join(printed)}." if printed else ""
    blocks: list[Block] = [
        Paragraph(found.in_practice(on)),
        Table(columns, tuple(rows), f"Penalty tiers since {table.from_}. {table.citation or ''}".strip()),
        Bullets(
            (
                f"The amounts of this table: {_cited(found.file.sources, table.source)}. {table.note or ''}".strip(),
                "The cap is for all violations of one provision in a calendar year; several provisions or years "
                f"multiply it ({found.file.act.citation}). {found.file.act.note}",
                f"Under the notice: that cap by the {notice.title.lower()} of {notice.from_} ({notice.citation}), last "
                f"confirmed {notice.confirmed}. {notice.means} {_cited(found.file.sources, notice.source)}.",
                " ".join([f"{notice.note}{others}", *(one.text for one in notice.disputes)]),
                f"{damages.title}: {usd(damages.each)}, up to {usd(damages.wilful)}, for each text "
                f"({damages.citation}; {_cited(found.file.sources, [damages.source])}). {damages.note}",
            )
        ),
        Heading("Tables in print that no longer hold"),
        Bullets(
            tuple(
                f"{old.title} ({_cited(found.file.sources, [old.source])}): "
                f"{'; '.join(row.words for row in old.rows)}. {old.wrong[0]}"
                for old in found.file.superseded
            )
        ),
    ]
    cases = found.cases(on=on)[: 2 * FEW]
    blocks += [Heading("Cases closed with a payment")]
    blocks.append(
        Table(
            (
                Column("Who", share=1.5),
                Column("Year", "number", 0.4),
                Column("Paid", "number", 0.7),
                Column("What about", share=2.2),
                Column("Source", share=1.2),
            ),
            tuple(
                (case.name, str(case.year), usd(case.usd), case.issue, _by(found.file.sources[case.source]))
                for case in cases
            ),
            f"The newest {len(cases)} of {len(found.cases(on=on))} held here.",
        )
    )
    if report.practice.clinicians <= MOST_CLINICIANS:
        blocks += _loss(report)
    return Section("exposure", title, tuple(blocks))


def _loss(report: Report) -> list[Block]:
    rows = [
        (
            f"{year.assumed}: {year.frequency:.3g} a year",
            percent(year.chance),
            *(about(amount, MICRO) for amount in (year.median, year.mean, year.p95)),
        )
        for year in report.exposure.loss_range(report.practice.clinicians, report.on)
    ]
    columns = (
        Column("How many", share=1.4),
        *(Column(name, "number") for name in ("Chance of any", "Median", "Mean", "95 % point")),
    )
    title = f"Small breaches in a year of {count(report.practice.clinicians, 'clinician')}: a rough range"
    return [Heading(title), Table(columns, tuple(rows)), Paragraph(" ".join(LOSS_MEANING), "soft")]


def _assumptions(report: Report) -> Section:
    practice = report.practice
    own = {key: f"{one.title}, {one.day} ({GRADE_WORDS[one.grade]})" for key, one in practice.sources.items()}
    messages = [
        (
            f"{message.purpose.replace('_', ' ')}, {'sent' if message.direction == 'out' else 'received'}",
            f"{message.count} for each {message.per}"
            + ("" if message.percent == 100 else f", in {message.percent} of 100 cases"),
            f"{practice.year(message):,}",
            f"{message.segments.segments}",
            f"{own.get(message.source or '', message.source or 'the practice')} {message.note or ''}".strip(),
        )
        for message in practice.messages
    ]
    columns = (
        Column("Message", share=1.1),
        Column("How often", share=1.2),
        Column("A year", "number", 0.6),
        Column("Segments", "number", 0.6),
        Column("Where it comes from", share=2),
    )
    parameters = report.parameters
    drawn = []
    for one in parameters.all.values():
        source = parameters.file.sources[one.source] if one.source else None
        by = f"{source.title}, {source.seen}" if source else ""
        drawn.append(
            (
                one.title,
                f"{one.low:g}",
                f"{one.likely:g}",
                f"{one.high:g}",
                one.unit,
                " ".join(filter(None, [f"{EVIDENCE[one.evidence].capitalize()}.", by and f"{by}."])),
            )
        )
    futures = (
        Column("Assumption", share=1.7),
        *(Column(name, "number", 0.5) for name in ("Low", "Likely", "High")),
        Column("Unit", share=0.7),
        Column("What it rests on", share=2),
    )
    shelf = "; ".join(f"{name} {days} days" for name, days in report.catalog.attributes.shelf_life_days.items())
    remarks = [
        f"A year is {practice.weeks_per_year} working weeks; a month is a twelfth of a year.",
        f"Prices are list prices as of {report.on}, the first year with what is due once; taxes are left out unless a "
        "price list states them.",
        "A text is billed by segment: 160 plain characters alone, 153 a part when longer; 70 and 67 with an emoji or "
        "another special character.",
        f"A fact goes stale after: {shelf}.",
        *([practice.note] if practice.note else []),
    ]
    return Section(
        "assumptions",
        "Assumptions",
        (
            Paragraph("The practice as it was taken: change any of it in a practice file of your own."),
            Table(columns, tuple(messages)),
            Bullets(tuple(remarks)),
            Heading("What the simulated futures are drawn from"),
            Table(futures, tuple(drawn)),
        ),
    )


def _method(report: Report) -> Section:
    found = report.forecast
    draws = f" Futures: {found.bills.draws:,}, seed {found.bills.seed}." if found else ""
    items = (
        "Verdicts are per plan, channel and purpose, never per brand. A gate that fails makes a plan ineligible; one "
        "that passes only on unknown, stale, disputed or weak evidence makes it verify first; one that needs a step "
        f"makes it with configuration. The words, best first: {', '.join(VERDICTS)}.",
        "Of several sources the best grade decides, then the newest; another value of the same standing is a dispute "
        f"and is shown. Grades, best first: {'; '.join(GRADE_WORDS.values())}.",
        "Money is whole micro-dollars throughout and rounded to cents once for each printed line; a printed total is "
        "the sum of its lines. A price that nobody publishes is unknown, never zero.",
        "A year's messages are spread over twelve months in whole numbers that add up to the year.",
        ORDER,
        "Futures vary people, weeks, clients, replies, text lengths and prices within the ranges under Assumptions; "
        f"every plan is priced in the same futures.{draws}",
        "Ranks are weighted sums on declared ranges, with weights drawn near the chosen ones and over all possible "
        "ones.",
        f"Made by {stamp_words(report)}. The same data, day and practice give the same report. {NOT_ADVICE}",
    )
    return Section("method", "Method", (Bullets(items),))


def _facts(report: Report) -> Section:
    first = report.first
    if first is None:
        return Section("facts", "", ())
    name = isolated(report.catalog.vendors[first.vendor].name)
    return Section("facts", f"What is known of {name}", (facts_table(report, first.vendor),))


FACT_COLUMNS = (
    Column("Fact", share=1.3),
    Column("Value", share=0.9),
    Column("Rests on", share=2.2),
    Column("Source", share=1),
)


def facts_table(report: Report, vendor_id: str) -> Table:
    """Tabulate every piece of evidence of a vendor: what it says, on what it rests, and where that was read."""
    catalog = report.catalog
    rows: list[tuple[Words, ...]] = []
    for name, attribute in catalog.attributes.attributes.items():
        for said in evidence(catalog, vendor_id, name, report.on):
            source_id = said.piece.source
            yours = " (yours)" if source_id in catalog.own else ""
            note = f". {said.piece.note}" if said.piece.note else ""
            scope = f" ({said.scope})" if said.scope else ""
            source = Link(source_id, f"#s-{source_id}")
            rows.append((attribute.title, f"{said.value}{scope}", f"{said.basis}{yours}{note}", source))
    return Table(FACT_COLUMNS, tuple(rows))


def vendor_blocks(report: Report, vendor_id: str) -> tuple[Block, ...]:
    """Write a vendor's page: its plans, what its best plan takes, and all that is known of it."""
    catalog, vendor = report.catalog, report.catalog.vendors[vendor_id]
    options = [option for option in report.comparison.options if option.vendor == vendor_id]
    rows = [
        (
            isolated(catalog.plan(option.plan).name),
            option.verdict,
            month_cost(option),
            year_cost(option),
            option.coverage.reason,
        )
        for option in options
    ]
    columns = (Column("Plan"), Column("Verdict", "verdict"), *OPTION_COLUMNS[2:4], Column("Reason", share=2.6))
    blocks: list[Block] = [Table(columns, tuple(rows))]
    best = options[0] if options and options[0].shortlisted else None
    if best is not None:
        coverage, name = best.coverage, isolated(catalog.plan(best.plan).name)
        questions = tuple(point.question for point in coverage.open_points if point.question)
        for title, items in (
            (f"Steps ({name})", tuple(coverage.steps)),
            ("Know before you buy", tuple(coverage.cautions)),
            ("Questions to the vendor", questions),
        ):
            blocks += [Heading(title), Bullets(items)] if items else []
    blocks.append(facts_table(report, vendor_id))
    if vendor.not_found:
        sought = "; ".join(catalog.attributes.attributes[name].title for name in vendor.not_found)
        blocks.append(Paragraph(f"Searched for and not found: {sought}.", "soft"))
    if vendor.remarks:
        blocks.append(Bullets(tuple(f"{remark.text} [{remark.source}]" for remark in vendor.remarks)))
    return tuple(blocks)


def sources_used(report: Report) -> list[str]:
    """List the ids of all sources that the catalogue's vendors and prices rest on, in the order of the file."""
    used: set[str] = set()
    for vendor in report.catalog.vendors.values():
        used.update(piece.source for pieces in vendor.facts.values() for piece in pieces)
        used.update(remark.source for remark in vendor.remarks)
        for plan in vendor.plans.values():
            for prices in plan.prices:
                used.add(prices.source)
                used.update(charge.source for charge in prices.charges if charge.source)
                used.update(remark.source for remark in prices.disputes)
    for schedule in report.catalog.file.schedules.values():
        used.update(prices.source for prices in schedule.prices)
    return [source_id for source_id in report.catalog.sources if source_id in used]


def _sources(report: Report) -> Section:
    catalog, ids = report.catalog, sources_used(report)
    rows: list[tuple[Words, ...]] = []
    for source_id in ids:
        source = catalog.sources[source_id]
        yours = " (yours)" if source_id in catalog.own else ""
        rows.append((source_id, _named(source), source.day, f"{GRADE_WORDS[source.grade]}{yours}"))
    columns = (
        Column("Id", share=1.1),
        Column("Source", share=2.6),
        Column("Date", share=0.6),
        Column("Grade", share=1),
    )
    beside = [(what, _named(source), source.day, rule_grade(source)) for what, source in report.read_besides]
    blocks = (
        Table(columns, tuple(rows), "Of facts and prices.", row_ids=tuple(f"s-{one}" for one in ids)),
        Table((Column("Of what", share=1.1), *columns[1:]), tuple(beside), "Of rules, penalties and assumptions."),
    )
    return Section("sources", "Sources", blocks)


def _cited(sources: Mapping[str, Source], ids: Sequence[str]) -> str:
    """Name sources in running text, with date and grade."""
    return "; ".join(
        f"{source.publisher or source.title}, {source.day} ({rule_grade(source)})"
        for source in (sources[one] for one in ids)
    )


def _by(source: Source) -> Words:
    words = f"{source.publisher or source.title}, {source.day}"
    return Link(words, source.url) if source.url else words


def _named(source: Source) -> Words:
    words = ". ".join(filter(None, [", ".join(filter(None, [source.title, source.publisher])), source.note]))
    return Link(words, source.url) if source.url else words


WRITERS: tuple[tuple[str, Callable[[Report], Section]], ...] = (
    ("simulating, ranking, and looking for what would change it", _summary),
    ("", _options),
    ("verdicts by channel", _matrix),
    ("pricing the other practice sizes", _size),
    ("drawing", _volume),
    ("", _map),
    ("", _why_not),
    ("", _settings),
    ("", _firm),
    ("", _prices),
    ("", _exposure),
    ("", _assumptions),
    ("", _method),
    ("", _facts),
    ("", _sources),
)
"""Each section's writer, with what to say while it is at work."""
