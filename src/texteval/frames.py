"""Results as pandas data frames, with the unit in each column's name, and as tables for a person in a notebook.

Every function here takes results of the library and returns a frame; nothing is worked out anew.
"""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from texteval import catalog as catalogs
from texteval import checks, criteria, forecast
from texteval import parameters as assumptions
from texteval import practice as practices
from texteval import requirements as rules
from texteval.advise import Advice, Answer, advise
from texteval.assess import cover
from texteval.billing import Invoice, invoice
from texteval.catalog import Catalog
from texteval.decide import (
    BreakEven,
    BreakEvenCurve,
    CheapestByVolume,
    Comparison,
    Option,
    break_even,
    break_even_curve,
    cheapest_by_volume,
    compare,
    stamp,
)
from texteval.diff import Change
from texteval.drivers import Drivers
from texteval.errors import UserError, nearest
from texteval.evidence import GRADE_WORDS, Source
from texteval.files import read_text
from texteval.firm import Ranking, rank
from texteval.flips import Flip, flips
from texteval.forecast import Forecast
from texteval.landscape import Landscape, landscape
from texteval.messages import count
from texteval.money import MICRO, cents, dollars, exact_dollars, show
from texteval.ownership import FIGURES, Ownership, figures
from texteval.parameters import EVIDENCE, Parameters
from texteval.practice import MONTHS, Practice
from texteval.report.model import MatrixRow, Report, build
from texteval.requirements import Requirements
from texteval.rewording import reworded
from texteval.show_advice import flip_words
from texteval.simulate import DRAWS
from texteval.words import evidence, explained, forecast_sentences, reason

SOURCE = ["source", "source_date", "grade", "url"]
"""The columns that say where a row comes from; a :class:`Table` shows them as one."""

_INVOICE = {
    "line": "str",
    "part_of": "str",
    "quantity_per_year": "Int64",
    "counted": "str",
    "unit_price_usd": "float64",
    "due": "str",
    "month_usd": "float64",
    "year_usd": "float64",
}
_MAY_LACK = ("quantity_per_year", "unit_price_usd")
"""Columns in which a missing value is no gap in what is known: a discount has no quantity."""


@dataclass(frozen=True)
class Loaded:
    """A question with its answer, ready for tables and figures.

    Parameters
    ----------
    catalog : Catalog
        Facts and prices.
    requirements : Requirements
        The rules.
    comparison : Comparison
        Every plan as an option for the practice, best first.
    practice_hash : str
        The hash of the practice's file.
    """

    catalog: Catalog
    requirements: Requirements
    comparison: Comparison
    practice_hash: str = ""

    @property
    def practice(self) -> Practice:
        """The practice that asks."""
        return self.comparison.practice

    @property
    def on(self) -> date:
        """The day of the question."""
        return self.comparison.on

    @cached_property
    def report(self) -> Report:
        """What the report says of the same question: the answer, verdicts by channel, pictures."""
        identity = (self.comparison.practice_id, self.practice, self.practice_hash)
        return build(self.catalog, self.requirements, *identity, self.on)

    @property
    def titles(self) -> dict[str, str]:
        """What a person calls each plan, by its id."""
        return {option.plan: option.title for option in self.comparison.options}

    def bill(self, plan_id: str) -> Invoice:
        """Return the year's bill of a plan for the practice.

        Raises
        ------
        UserError
            If there is no such plan, or it has no price list on that day.
        """
        self.catalog.plan(plan_id)
        found = next((option.invoice for option in self.comparison.options if option.plan == plan_id), None)
        if found is None:
            raise UserError(f"{plan_id} has no price list on {self.on}: choose another day or plan")
        return found

    def break_even(self, a: str, b: str) -> BreakEven:
        """Find the volumes at which two plans cost the same for the practice."""
        return break_even(self.catalog, self.requirements, a, b, self.practice, self.on)

    def break_even_curve(self, a: str, b: str) -> BreakEvenCurve:
        """Find the same for each number of replies and of segments."""
        return break_even_curve(self.catalog, self.requirements, a, b, self.practice, self.on)

    def cheapest_by_volume(self) -> CheapestByVolume:
        """Find the cheapest usable plan for every number of messages a month."""
        return cheapest_by_volume(self.catalog, self.comparison)

    def landscape(self, *, proven_only: bool = False) -> Landscape:
        """Find the cheapest usable plan over clinicians and messages, with the practice's proportions."""
        identity = (self.comparison.practice_id, self.practice, self.practice_hash)
        return landscape(self.catalog, self.requirements, *identity, self.on, proven_only=proven_only)

    def forecast(
        self,
        plans: Sequence[str] = (),
        *,
        months: int = MONTHS,
        draws: int = DRAWS,
        seed: int = 1,
        own: str | Path | None = None,
    ) -> Forecast:
        """Simulate what plans cost the practice.

        Parameters
        ----------
        plans : sequence of str
            The plans; the best of each vendor, if left out.
        months, draws, seed : int
            As :func:`texteval.simulate.simulate` takes them.
        own : str or pathlib.Path, optional
            A file with assumptions of the user's own.
        """
        loaded = assumptions.load(None if own is None else Path(own))
        return forecast.forecast(self.catalog, self.comparison, loaded, plans, months=months, draws=draws, seed=seed)

    @cached_property
    def advice(self) -> Advice:
        """What the practice may run, with wrong premises first."""
        identity = (self.comparison.practice_id, self.practice, self.practice_hash)
        return advise(self.catalog, self.requirements, *identity, self.on)

    def rank(self, answer: Answer, weights: str = "", draws: int = 10_000, seed: int = 1) -> Ranking:
        """Rank the usable options of an answer.

        Parameters
        ----------
        answer : Answer
            One of those of :attr:`advice`.
        weights : str
            A preset (``solo``, ``group``, ``clinic``), or a YAML file of weights of one's own; the preset for the
            practice's size, if left out.
        draws, seed : int
            As :func:`texteval.firm.rank` takes them.
        """
        wanted = criteria.load()
        label, given = criteria.choose(wanted, weights or wanted.preset(self.practice))
        return rank(self.catalog, wanted, answer, assumptions.load(), given, label, draws=draws, seed=seed)

    def flips(self, answer: Answer) -> list[Flip]:
        """Find each single price, fact or number that would change the first place of an answer."""
        return flips(self.catalog, self.requirements, self.advice, answer)

    def moved_by(self, found: Forecast, plan_id: str) -> Drivers:
        """Find what moves the bill of a simulated plan."""
        return forecast.moved_by(self.catalog, found, plan_id)

    def _sentences(self) -> tuple[str, str]:
        practice, marks = self.practice, stamp(self.on, self.comparison.hash)
        size = f"clinicians: {practice.clinicians:,}, other staff: {practice.staff:,}"
        return (
            f"{practice.name} ({size}, sessions a week: {practice.sessions_per_week:,}). {self.report.answer}",
            f"{len(self.catalog.vendors)} vendors, {len(self.comparison.options)} plans; facts and prices as of "
            f"{marks['as_of']}, data {marks['data_hash']}, texteval {marks['texteval']}. Not legal advice.",
        )

    def _repr_html_(self) -> str:
        answer, basis = self._sentences()
        return f"<p><strong>{html.escape(answer)}</strong></p><p><small>{html.escape(basis)}</small></p>"

    def __repr__(self) -> str:
        return "\n".join(self._sentences())


def load(
    practice: str = "small-group",
    as_of: str | date = "",
    data: str | Path | None = None,
    overlay: str | Path | None = None,
) -> Loaded:
    """Load the data and compare every plan for a practice.

    Parameters
    ----------
    practice : str
        A preset such as ``solo``, or a YAML file of your own.
    as_of : str or datetime.date
        The day of the question, such as ``2026-11-22``; today, if left out.
    data : str or pathlib.Path, optional
        A catalogue in place of texteval's own.
    overlay : str or pathlib.Path, optional
        Facts and prices of your own, laid over the catalogue.

    Returns
    -------
    Loaded
        Catalogue, requirements and comparison.

    Raises
    ------
    UserError
        If a file cannot be read, or the day is none.
    """
    try:
        on = as_of if isinstance(as_of, date) else date.fromisoformat(as_of) if as_of else date.today()
    except ValueError:
        raise UserError(f"'{as_of}' is not a day: write it like 2026-11-22") from None
    market = catalogs.load(*(None if path is None else Path(path) for path in (data, overlay)))
    requirements = rules.load()
    name, own, digest = practices.load(practice)
    return Loaded(market, requirements, compare(market, requirements, name, own, digest, on), digest)


def comparison_frame(
    comparison: Comparison,
    *,
    every_plan: bool = False,
    verdicts: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
    plans: Collection[str] | None = None,
) -> pd.DataFrame:
    """Tabulate options: the verdict, the cost, and the reason, best first.

    Parameters
    ----------
    comparison : Comparison
        The options.
    every_plan : bool
        Every plan in place of each vendor's best.
    verdicts, kinds : collection of str, optional
        Only options with one of these verdicts, of one of these kinds of tool.
    plans : collection of str, optional
        Only these plans, in this order.

    Returns
    -------
    pandas.DataFrame
        A row for each plan, indexed by its id. Where a price is not published, ``month_usd`` and ``year_usd`` are
        missing and ``at_least_month_usd`` and ``at_least_year_usd`` hold the rest; where no price is known, those are
        missing too.
    """
    if plans is not None:
        options = [comparison.option(plan) for plan in plans]
    else:
        options = list(comparison.options if every_plan else comparison.best_of_each)
    options = [o for o in options if (verdicts is None or o.verdict in verdicts) and (kinds is None or o.kind in kinds)]
    rows = {
        "tool": [option.title for option in options],
        "verdict": [option.verdict for option in options],
        "month_usd": _money(None if option.year is None else option.year // MONTHS for option in options),
        "year_usd": _money(option.year for option in options),
        "at_least_month_usd": _money(_at_least(option, MONTHS) for option in options),
        "at_least_year_usd": _money(_at_least(option) for option in options),
        "reason": [reason(option) for option in options],
    }
    return pd.DataFrame(rows, index=pd.Index([option.plan for option in options], name="plan", dtype="str"))


def matrix_frame(matrix: Iterable[MatrixRow]) -> pd.DataFrame:
    """Tabulate verdicts by channel.

    Parameters
    ----------
    matrix : iterable of MatrixRow
        As :attr:`texteval.report.model.Report.matrix` holds them.

    Returns
    -------
    pandas.DataFrame
        A row for each plan, indexed by its id; in each channel's column the verdict, or ``not offered``.
    """
    rows = {
        row.option.plan: {
            "tool": row.option.title,
            **{heading: cell.verdict if cell else "not offered" for heading, cell in row.cells.items()},
        }
        for row in matrix
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("plan")


def refusals_frame(comparison: Comparison, *, kinds: Collection[str] | None = None) -> pd.DataFrame:
    """Tabulate why tools cannot be used: every gate that is not met, with the rule and the source of the fact.

    Parameters
    ----------
    comparison : Comparison
        The options; each vendor's best plan is looked at.
    kinds : collection of str, optional
        Only tools of these kinds.

    Returns
    -------
    pandas.DataFrame
        A row for each gate that a plan does not meet, or purpose that it does not serve, indexed by the tool.
    """
    rows: list[dict[str, Any]] = []
    for option in comparison.best_of_each:
        if option.shortlisted or (kinds is not None and option.kind not in kinds):
            continue
        failures = {f.requirement: f for verdict in option.coverage.verdicts.values() for f in verdict.failures}
        start = {"plan": option.plan, "tool": option.title}
        for failure in failures.values():
            source = failure.fact.source if failure.fact else None
            where = _source(source) if source else dict.fromkeys(SOURCE, "")
            rows.append(
                {**start, "not_met": failure.title, "reason": failure.reason, "rule": failure.citation, **where}
            )
        if not failures:
            empty = dict.fromkeys(["rule", *SOURCE], "")
            rows.append(
                {**start, "not_met": "Its channels serve the purposes", "reason": option.coverage.reason, **empty}
            )
    columns = ["plan", "tool", "not_met", "reason", "rule", *SOURCE]
    return pd.DataFrame(rows, columns=columns).astype("str").set_index("tool")


def steps_frame(comparison: Comparison, vendor_id: str) -> pd.DataFrame:
    """Tabulate what a vendor's best plan leaves the practice to do: steps, questions, and risks to know of.

    Parameters
    ----------
    comparison : Comparison
        The options.
    vendor_id : str
        The vendor.

    Returns
    -------
    pandas.DataFrame
        A row for each, indexed by when it is due.

    Raises
    ------
    UserError
        If no plan of the vendor can send messages, or there is no such vendor.
    """
    option = next((option for option in comparison.best_of_each if option.vendor == vendor_id), None)
    if option is None:
        known = [option.vendor for option in comparison.best_of_each]
        raise UserError(f"there is no plan for messages of '{vendor_id}': {nearest(vendor_id, known)}")
    coverage = option.coverage
    lists = {
        "Before you pay, ask": [point.question or point.reason for point in coverage.open_points],
        "Before the first message": coverage.steps,
        "Whatever the vendor does": coverage.limits,
    }
    rows = [(when, what) for when, whats in lists.items() for what in whats]
    return pd.DataFrame(rows, columns=["when", "what"], dtype="str").set_index("when")


def facts_frame(catalog: Catalog, vendor_id: str, on: date) -> pd.DataFrame:
    """Tabulate all that is known of a vendor, with the source of each fact; then what is unknown.

    Parameters
    ----------
    catalog : Catalog
        The facts.
    vendor_id : str
        The vendor.
    on : datetime.date
        The day of the question; later sources do not count.

    Returns
    -------
    pandas.DataFrame
        A row for each fact and the plans and channels it speaks of, indexed by what is asked.

    Raises
    ------
    UserError
        If there is no such vendor.
    """
    catalog.vendor(vendor_id)
    known: list[dict[str, Any]] = []
    unknown: list[dict[str, Any]] = []
    for name, attribute in catalog.attributes.attributes.items():
        pieces = list(evidence(catalog, vendor_id, name, on))
        for said in pieces:
            known.append(
                {
                    "fact": attribute.title,
                    "value": said.value,
                    "applies_to": said.scope or "all",
                    "standing": said.standing or "in date",
                    "note": said.piece.note or "",
                    **_source(said.source),
                    "age_days": said.age_days,
                }
            )
        if not pieces:
            empty = dict.fromkeys(["applies_to", "standing", "note", *SOURCE], "")
            unknown.append({"fact": attribute.title, "value": "unknown", **empty, "age_days": None})
    columns = ["fact", "value", "applies_to", "standing", "note", *SOURCE, "age_days"]
    frame = pd.DataFrame([*known, *unknown], columns=columns).set_index("fact")
    return frame.astype({"age_days": "Int64"})


def invoice_frame(catalog: Catalog, bill: Invoice, *, total: bool = False) -> pd.DataFrame:
    """Tabulate a year's bill, line by line, with the source of each price.

    Parameters
    ----------
    catalog : Catalog
        Where the sources are.
    bill : Invoice
        The bill.
    total : bool
        Add a last row with the totals.

    Returns
    -------
    pandas.DataFrame
        A row for each line. ``unit_price_usd`` is missing where there is no single unit price;
        ``month_usd``, a twelfth of the year, and ``year_usd`` where the price is not published.
    """
    rows: list[dict[str, Any]] = [
        {
            "line": line.name,
            "part_of": line.origin,
            "quantity_per_year": line.quantity_year,
            "counted": line.meter,
            "unit_price_usd": None if line.unit_usd is None else line.unit_usd / MICRO,
            "due": line.cadence,
            "month_usd": None if line.year is None else dollars(line.year // MONTHS),
            "year_usd": dollars(line.year),
            "price_since": line.since,
            "note": line.note or "",
            **_source(catalog.sources[line.source]),
        }
        for line in bill.lines
    ]
    columns = [*_INVOICE, "price_since", "note", *SOURCE]
    if total:
        end: dict[str, Any] = {column: "" if dtype == "str" else None for column, dtype in _INVOICE.items()}
        end |= {"line": "Total", "month_usd": dollars(bill.month), "year_usd": dollars(bill.year)}
        note = "" if bill.known else f"The published part comes to {show(bill.at_least)} a year."
        rows.append({**end, "price_since": "", "note": note, **dict.fromkeys(SOURCE, "")})
    return pd.DataFrame(rows, columns=columns).astype(_INVOICE).set_index("line")


def break_even_frame(catalog: Catalog, found: BreakEven) -> pd.DataFrame:
    """Tabulate what two plans cost a month at telling volumes: none, the practice's own, and about each crossing.

    Parameters
    ----------
    catalog : Catalog
        Where the plans' names are.
    found : BreakEven
        The two plans' costs and crossings.

    Returns
    -------
    pandas.DataFrame
        A row for each volume, indexed by the messages sent a month. A column's name says which unpublished prices
        are left out.
    """
    last = len(found.cost_a) - 1
    first = [at.first_whole for at in found.at]
    points = {0, found.month, *(n for at in first for n in (at // 2, at - 1, at, at * 2))}
    volumes = sorted(n for n in points if 0 <= n <= last)
    a, b = (
        f"{catalog.title(plan)} (USD per month{', without ' + ', '.join(lines) if lines else ''})"
        for plan, lines in ((plan, found.left_out[plan]) for plan in (found.a, found.b))
    )

    def remark(messages: int) -> str:
        words = ["this practice"] if messages == found.month else []
        words += ["the order changes here"] if messages in first else []
        return "; ".join(words)

    def cheaper(messages: int) -> str:
        gap = int(found.cost_a[messages]) - int(found.cost_b[messages])
        return "equal" if gap == 0 else catalog.title(found.a if gap < 0 else found.b)

    return pd.DataFrame(
        {
            a: _money(int(found.cost_a[n]) for n in volumes),
            b: _money(int(found.cost_b[n]) for n in volumes),
            "cheaper": [cheaper(n) for n in volumes],
            "remark": [remark(n) for n in volumes],
        },
        index=pd.Index(volumes, name="messages_per_month"),
    )


def cheapest_frame(found: CheapestByVolume) -> pd.DataFrame:
    """Tabulate the cheapest plan by the messages sent a month.

    Parameters
    ----------
    found : CheapestByVolume
        The intervals.

    Returns
    -------
    pandas.DataFrame
        A row for each interval, among all usable plans and then among those that can be used now: its first and last
        whole number of messages, what the plan costs a month at each, and where others cost as little.
    """
    rows = [
        {
            "among": among,
            "first_message_per_month": one.first,
            "last_message_per_month": one.last,
            "plan": one.plan,
            "at_first_usd": dollars(int(found.costs[one.plan][one.first])),
            "at_last_usd": dollars(int(found.costs[one.plan][one.last])),
            "as_cheap": "; ".join(f"{run.plan} ({run.first:,} to {run.last:,})" for run in one.tied),
        }
        for among, intervals in (("usable", found.usable), ("proven", found.proven))
        for one in intervals
    ]
    columns = ["among", "first_message_per_month", "last_message_per_month", "plan", "at_first_usd", "at_last_usd"]
    return pd.DataFrame(rows, columns=[*columns, "as_cheap"])


def break_even_curve_frame(curve: BreakEvenCurve) -> pd.DataFrame:
    """Tabulate where two plans change places, by replies and segments.

    Parameters
    ----------
    curve : BreakEvenCurve
        The crossings of every mix.

    Returns
    -------
    pandas.DataFrame
        A row for each crossing. A mix without one has one row, in which the volume is missing and the plan that is
        nowhere dearer stands before and after; none stands there if the two cost the same.
    """
    columns = ["replies_per_message", "segments_per_message", "messages_per_month", "first_whole_message"]
    rows = [(float(mix.replies), mix.segments, *turn) for mix in curve.mixes for turn in mix.turns]
    frame = pd.DataFrame(rows, columns=[*columns, "cheaper_before", "cheaper_after"])
    return frame.astype({"messages_per_month": "float64", "first_whole_message": "Int64"})


def landscape_frame(found: Landscape) -> pd.DataFrame:
    """Tabulate the cheapest plan over clinicians and messages.

    Parameters
    ----------
    found : Landscape
        The map.

    Returns
    -------
    pandas.DataFrame
        A row for each cell: the cheapest plan, its first year, whether it can be used now, the next plan, and by how
        much that one costs more. What there is not is missing.
    """
    cells = [(row, column) for row in range(len(found.clinicians)) for column in range(len(found.messages))]
    plans = [*found.plans, None]  # of the place -1
    first, second = (places.ravel() for places in (found.first, found.second))
    rows = {
        "clinicians": [found.clinicians[row] for row, _ in cells],
        "messages_per_week": [found.messages[column] for _, column in cells],
        "plan": [plans[place] for place in first],
        "year_usd": np.where(first < 0, np.nan, cents(found.year.ravel()) / 100),
        "proven": found.proven.ravel(),
        "second_plan": [plans[place] for place in second],
        "second_more_usd": np.where(second < 0, np.nan, cents(found.more.ravel()) / 100),
    }
    return pd.DataFrame(rows)


def practice_frame(practice: Practice) -> pd.DataFrame:
    """Tabulate the messages of a practice: how many, how long, and on whose word.

    Parameters
    ----------
    practice : Practice
        The practice.

    Returns
    -------
    pandas.DataFrame
        A row for each kind of message, indexed by its purpose.
    """
    messages = practice.messages
    per_year = [practice.year(message) for message in messages]
    return pd.DataFrame(
        {
            "direction": ["sent" if message.direction == "out" else "received" for message in messages],
            "messages_per_year": per_year,
            "messages_per_month": [many / MONTHS for many in per_year],
            "segments_per_message": [message.segments.segments for message in messages],
            "example": [message.text for message in messages],
            "volume_from": [message.source or "" for message in messages],
        },
        index=pd.Index([message.purpose.replace("_", " ") for message in messages], name="purpose"),
    )


def wording_frame(loaded: Loaded, plan_id: str, wordings: Mapping[str, str], purpose: str = "reminder") -> pd.DataFrame:
    """Tabulate what the wording of a message does to its segments and to a plan's bill.

    Parameters
    ----------
    loaded : Loaded
        The question.
    plan_id : str
        The plan.
    wordings : mapping of str to str
        The texts to try, each with a name.
    purpose : str
        The messages, sent by the practice, that would be worded so.

    Returns
    -------
    pandas.DataFrame
        A row for each wording, indexed by its name: characters, encoding, segments, the characters that make the text
        longer, and a year's bill if all messages of the purpose were worded so.
    """
    rows = []
    for name, text in wordings.items():
        counted = count(text)
        practice = reworded(loaded.practice, purpose, text)
        channels = cover(loaded.catalog, loaded.requirements, plan_id, practice, loaded.on).channels
        bill = invoice(loaded.catalog, plan_id, practice.usage(channels), loaded.on)
        rows.append(
            {
                "wording": name,
                "text": text,
                "characters": len(text),
                "encoding": counted.encoding,
                "segments_per_message": counted.segments,
                "longer_because_of": ", ".join(counted.forcing_names()) or "nothing",
                "year_usd": dollars(bill.year) if bill else None,
            }
        )
    return pd.DataFrame(rows).set_index("wording").astype({"year_usd": "float64"})


def _money(amounts: Iterable[int | None]) -> list[float]:
    return [math.nan if amount is None else cents(amount) / 100 for amount in amounts]


def _at_least(option: Option, parts: int = 1) -> int | None:
    return option.at_least // parts if option.at_least else None


def _source(source: Source) -> dict[str, str]:
    values = source.title, source.day, GRADE_WORDS[source.grade], source.url or ""
    return dict(zip(SOURCE, values, strict=True))


@dataclass(frozen=True)
class Table:
    """A frame as a person reads it: a caption, headings with units, wrapped text, sources as links.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows; its index names them. Columns ending in ``_usd`` are money.
    caption : str
        What the table says.
    """

    frame: pd.DataFrame
    caption: str

    def _repr_html_(self) -> str:
        name = str(self.frame.index.name)
        records = [
            {name: index, **row}
            for index, row in zip(self.frame.index, self.frame.astype(object).to_dict(orient="records"), strict=True)
        ]
        columns = [name, *(str(c) for c in self.frame.columns if c not in _FOLDED and not c.startswith("at_least_"))]
        styles = {column: _style([record[column] for record in records]) for column in columns}
        heads = "".join(
            f'<th scope="col" style="{styles[column].replace("nowrap", "normal")}">{html.escape(label(column))}</th>'
            for column in columns
        )
        body = "".join(
            f'<tr><th scope="row" style="{styles[name]}">{_cell(name, record)}</th>'
            + "".join(f'<td style="{styles[column]}">{_cell(column, record)}</td>' for column in columns[1:])
            + "</tr>"
            for record in records
        )
        return (
            '<div style="overflow-x:auto"><table style="table-layout:auto;margin-left:0">'
            f'<caption style="{_LEFT};caption-side:top;font-weight:bold">{html.escape(self.caption)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def __repr__(self) -> str:
        return f"<Table: {self.caption} ({len(self.frame)} {'row' if len(self.frame) == 1 else 'rows'})>"


_FOLDED = (*SOURCE[1:], "note", "age_days", "part_of", "plan", "price_since")
"""Columns that a table shows inside another one, or leaves to the frame."""

_LABELS = {"month_usd": "A month (USD)", "year_usd": "First year (USD)", "source": "Source, date, grade; note"}
_LEFT = "text-align:left;vertical-align:top;white-space:normal"


def _style(values: Collection[Any]) -> str:
    """Set numbers to the right, keep short words on one line, and give long texts room."""
    longest = max((len(str(value)) for value in values), default=0)
    if any(isinstance(value, int | float) for value in values):
        return "text-align:right;vertical-align:top;white-space:nowrap"
    if longest <= 14:
        return _LEFT.replace("normal", "nowrap")
    return f"{_LEFT};min-width:{15 if longest > 80 else 10}em" if longest > 40 else _LEFT


def label(column: str) -> str:
    """Return what a column is called in a table, with its unit."""
    if " " in column or column in _LABELS:
        return _LABELS.get(column, column)
    unit = {"usd": " (USD)", "percent": " (%)"}.get(column.rpartition("_")[2], "")
    name = (column.rpartition("_")[0] if unit else column).replace("_", " ")
    return name[0].upper() + name[1:] + unit


def words(column: str, value: Any) -> str:
    """Print a value of a column for a person: money to the cent, unit prices in full, *unknown* where it is missing."""
    if pd.isna(value):
        return "–" if column in _MAY_LACK else "unknown"
    if column == "unit_price_usd":
        return show(round(value * MICRO), unit=True).replace("$", "")
    if column in ("low", "likely", "high", "worst", "best"):
        return f"{value:g}"
    if column == "score":
        return f"{value:.3f}"
    if isinstance(value, float):
        return f"{value:,.2f}" if "usd" in column.lower() else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _cell(column: str, record: Mapping[Any, Any]) -> str:
    text = html.escape(words(column, record[column]))
    at_least = record.get(f"at_least_{column}")
    if pd.isna(record[column]) and at_least is not None and not pd.isna(at_least):
        return f"from {words(column, at_least)}"
    if column != "source":
        return text
    if record["url"]:
        text = f'<a href="{html.escape(record["url"], quote=True)}">{text}</a>'
    if record["source"]:
        text += f", {html.escape(record['source_date'])}, {html.escape(record['grade'])}"
    note = html.escape(record.get("note", ""))
    return f"{text}<br><em>{note}</em>" if note and record["source"] else text + note


def ownership_frame(found: Iterable[Ownership]) -> pd.DataFrame:
    """Tabulate what plans cost over some years, part by part.

    Parameters
    ----------
    found : iterable of Ownership
        As :func:`texteval.ownership.ownership` gives them.

    Returns
    -------
    pandas.DataFrame
        A row for each plan and part, then one for the plan's total. ``p05`` and ``p95`` are the values below which 5
        and 95 percent of the simulated futures lie; an amount is missing where it hangs on a price that nobody
        publishes.
    """
    rows: list[dict[str, Any]] = []
    for one in found:
        start = {"plan": one.option.plan, "tool": one.option.title, "years": one.years}
        for part in one.parts:
            told = {"part": part.name, "in_total": part.on, **figures(part.amount, one.years)}
            rows.append({**start, **told, "evidence": part.basis, "why": part.why, "note": part.note})
        total = {"part": "total", "in_total": True, **figures(one.total, one.years)}
        rows.append({**start, **total, **dict.fromkeys(("evidence", "why", "note"), "")})
    columns = ["plan", "tool", "years", "part", "in_total", *FIGURES, "evidence", "why", "note"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(FIGURES, "float64"))


def warnings_frame(catalog: Catalog, on: date) -> pd.DataFrame:
    """List what looks wrong in a catalogue: one row for each kind of warning, with their number and an example."""
    found = checks.warnings(catalog, on, read_text(Path(catalog.path)))
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    rows = []
    for kind in kinds:
        problems = [problem for name, problem in found if name == kind]
        first = problems[0]
        example = f"{first.path}: {first.wrong}: {first.right}"
        rows.append({"warning": kind, "number": len(problems), "example": example})
    return pd.DataFrame(rows, columns=["warning", "number", "example"])


def changes_frame(changes: Iterable[Change]) -> pd.DataFrame:
    """List changes of amounts: what, before and after in US dollars, and the change in percent."""
    rows = [
        {
            "what": change.what,
            "before_usd": exact_dollars(change.old) if isinstance(change.old, int) else change.old,
            "after_usd": exact_dollars(change.new) if isinstance(change.new, int) else change.new,
            "change_percent": change.percent,
        }
        for change in changes
    ]
    return pd.DataFrame(rows, columns=["what", "before_usd", "after_usd", "change_percent"])


@dataclass(frozen=True)
class Plain:
    """Plain text for a notebook, in a box that keeps its lines.

    Parameters
    ----------
    text : str
        The text.
    """

    text: str

    def _repr_html_(self) -> str:
        style = "white-space:pre-wrap;background:#f4f6f8;padding:0.6em"
        return f'<pre style="{style}">{html.escape(self.text)}</pre>'

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Sentences:
    """Sentences for a person in a notebook.

    Parameters
    ----------
    sentences : tuple of str
        The answer first.
    """

    sentences: tuple[str, ...]

    def _repr_html_(self) -> str:
        first, *more = (html.escape(sentence) for sentence in self.sentences)
        return f"<p><strong>{first}</strong></p>" + "".join(f"<p>{sentence}</p>" for sentence in more)

    def __repr__(self) -> str:
        return "\n".join(self.sentences)


def forecast_answer(found: Forecast) -> Sentences:
    """Say which plan is the cheapest in simulated futures, how surely, and what knowing more would be worth."""
    stamped = stamp(found.comparison.on, found.hash)
    basis = (
        f"{found.bills.draws:,} futures, seed {found.bills.seed}; prices as of {stamped['as_of']}, data {found.hash}."
    )
    return Sentences((*forecast_sentences(found), basis))


def forecast_frame(found: Forecast) -> pd.DataFrame:
    """Tabulate what plans cost in simulated futures.

    Parameters
    ----------
    found : Forecast
        The simulation.

    Returns
    -------
    pandas.DataFrame
        A row for each plan, the cheapest on average first; amounts in US dollars over all months, the errors standard
        errors from the replicates.
    """
    bills = found.bills
    means, errors = bills.mean(bills.cost.astype(float))
    values, _ = bills.mean(bills.present_value.astype(float))
    chances, chance_errors = bills.chance_cheapest()
    low, middle, high = np.quantile(bills.cost, [0.05, 0.5, 0.95], axis=1)
    order = means.argsort(kind="stable")
    options = [found.options[row] for row in order]

    def dollars(amounts: Any) -> Any:
        return np.round(amounts[order] / MICRO, 2)

    return pd.DataFrame(
        {
            "tool": [option.title for option in options],
            "verdict": [option.verdict for option in options],
            "mean_usd": dollars(means),
            "mean_error_usd": dollars(errors),
            "median_usd": dollars(middle),
            "p05_usd": dollars(low),
            "p95_usd": dollars(high),
            "present_value_usd": dollars(values),
            "month_spread_usd": dollars(bills.spread.mean(axis=1)),
            "cheapest_percent": np.round(chances[order] * 100, 1),
            "cheapest_error_percent": np.round(chance_errors[order] * 100, 1),
        },
        index=pd.Index([option.plan for option in options], name="plan"),
    )


def pairs_frame(found: Forecast, plan_id: str) -> pd.DataFrame:
    """Tabulate how often, and by how much, a plan costs less than each other one in the same future.

    Parameters
    ----------
    found : Forecast
        The simulation.
    plan_id : str
        The plan; it must be part of the simulation.

    Returns
    -------
    pandas.DataFrame
        A row for each other plan: probability in percent with its standard error, and the saving in US dollars.
    """
    bills = found.bills
    rows = []
    for option in found.options:
        if option.plan != plan_id:
            chance, error = bills.chance_cheaper(plan_id, option.plan)
            saving = (bills.cost[bills.row(option.plan)] - bills.cost[bills.row(plan_id)]) / MICRO
            low, high = np.quantile(saving, [0.05, 0.95])
            usd = [round(float(amount), 2) + 0.0 for amount in (saving.mean(), low, high)]
            rows.append([option.plan, option.title, round(chance * 100, 1), round(error * 100, 1), *usd])
    columns = [
        "plan",
        "tool",
        "cheaper_percent",
        "cheaper_error_percent",
        "saving_usd",
        "p05_saving_usd",
        "p95_saving_usd",
    ]
    return pd.DataFrame(rows, columns=columns).set_index("plan")


def drivers_frame(found: Drivers, parameters: Parameters) -> pd.DataFrame:
    """Tabulate what each assumption does to a bill.

    Parameters
    ----------
    found : Drivers
        Swings and indices.
    parameters : Parameters
        What each parameter means.

    Returns
    -------
    pandas.DataFrame
        A row for each assumption that moves the bill, the strongest first. ``explains`` is the total Sobol index, or
        says that it cannot be told from nothing.
    """
    indices = {index.parameter: index for index in found.indices}
    rows = [
        {
            "assumption": parameters[swing.parameter].title,
            "low": parameters[swing.parameter].low,
            "high": parameters[swing.parameter].high,
            "unit": parameters[swing.parameter].unit,
            "at_low_usd": round(swing.at_low / MICRO, 2),
            "at_high_usd": round(swing.at_high / MICRO, 2),
            "explains": explained(indices.get(swing.parameter)),
            "evidence": EVIDENCE[parameters[swing.parameter].evidence],
        }
        for swing in found.swings
        if swing.width
    ]
    columns = ["assumption", "low", "high", "unit", "at_low_usd", "at_high_usd", "explains", "evidence"]
    return pd.DataFrame(rows, columns=columns).set_index("assumption")


def parameters_frame(parameters: Parameters) -> pd.DataFrame:
    """Tabulate every assumption: its range, its evidence, and its source."""
    rows: list[dict[str, Any]] = []
    for name, one in parameters.all.items():
        source = _source(parameters.file.sources[one.source]) if one.source else dict.fromkeys(SOURCE, "")
        values = {"low": one.low, "likely": one.likely, "high": one.high}
        said = {"unit": one.unit, "evidence": EVIDENCE[one.evidence], "note": one.note or ""}
        rows.append({"parameter": name, "what": one.title, **values, **said, **source})
    return pd.DataFrame(rows).set_index("parameter")


def premises_frame(found: Advice) -> pd.DataFrame:
    """List what the practice takes for granted and cannot be so, with what to ask and the ways out."""
    rows = [[one.title, one.why, one.ask, ", ".join(one.ways_out)] for one in found.premises]
    return pd.DataFrame(rows, columns=["premise", "why", "ask", "ways_out"]).set_index("premise")


def options_frame(answer: Answer, most: int | None = None) -> pd.DataFrame:
    """Tabulate what the practice could run, best first: the whole cost of it, and what that is more than today.

    Parameters
    ----------
    answer : Answer
        An answer of the advice.
    most : int, optional
        How many options; all usable ones, if left out.

    Returns
    -------
    pandas.DataFrame
        A row for each option; where nothing is paid today without the columns that compare with it.
    """
    rows = [
        {
            "plan": candidate.option.plan,
            "tool": candidate.option.title,
            "way": candidate.way,
            "beside": candidate.kept or "",
            "verdict": candidate.option.verdict,
            "open_points": len(candidate.option.coverage.open_points),
            "year_usd": dollars(candidate.total),
            "more_than_today_usd": dollars(candidate.more),
            "reason": reason(candidate.option),
        }
        for candidate in answer.usable[:most]
    ]
    columns = ["plan", "tool", "way", "beside", "verdict", "open_points", "year_usd", "more_than_today_usd", "reason"]
    types = {"year_usd": "float64", "more_than_today_usd": "float64"}
    frame = pd.DataFrame(rows, columns=columns).astype(types).set_index("plan")
    bought = all(candidate.way == "buy" for candidate in answer.candidates)
    return frame.drop(columns=["way", "beside", "more_than_today_usd"]) if bought else frame


def ranking_frame(ranking: Ranking) -> pd.DataFrame:
    """Tabulate every plan: its score, rank and ties, how often it is first, or why it is not ranked.

    Parameters
    ----------
    ranking : Ranking
        The ranking.

    Returns
    -------
    pandas.DataFrame
        A row for each plan that sends messages, ranked ones first; shares in percent.
    """
    ranks = list(map(int, ranking.ranked))
    rows = [
        {
            "plan": plan,
            "score": round(float(ranking.scores[row]), 4),
            "rank": ranks[row],
            "tied": "yes" if ranks.count(ranks[row]) > 1 else "",
            "topsis_rank": int(ranking.contrast[row]),
            "first_near_percent": round(100 * float(ranking.near.first[row]), 1),
            "first_all_percent": round(100 * float(ranking.anywhere.first[row]), 1),
            "first_futures_percent": round(100 * float(ranking.futures.first[row]), 1),
            "last_near_percent": round(100 * float(ranking.near.last[row]), 1),
            "unknown": ", ".join(attribute for owner, attribute in ranking.values.unknown if owner == plan),
            "left_out": "",
        }
        for row, plan in enumerate(ranking.values.plans)
    ]
    rows.sort(key=lambda row: (row["rank"], row["plan"]))
    rows += [{"plan": plan, "left_out": why} for plan, why in ranking.left_out.items()]
    return pd.DataFrame(rows).astype({"rank": "Int64", "topsis_rank": "Int64"}).set_index("plan")


def weights_frame(ranking: Ranking) -> pd.DataFrame:
    """Tabulate the criteria: weight, declared range, and between which weights of it alone the winner stays first."""
    rows = [
        [
            one.title,
            round(100 * float(weight), 1),
            one.worst,
            one.best,
            one.unit,
            round(100 * float(low), 1),
            round(100 * float(high), 1),
        ]
        for one, weight, (low, high) in zip(ranking.criteria, ranking.weights, ranking.stays, strict=True)
    ]
    columns = ["criterion", "weight_percent", "worst", "best", "unit", "stays_from_percent", "stays_to_percent"]
    return pd.DataFrame(rows, columns=columns).set_index("criterion")


def flips_frame(catalog: Catalog, requirements: Requirements, found: Sequence[Flip]) -> pd.DataFrame:
    """List what alone would change the first place, a sentence for each."""
    rows = [[flip.kind, flip_words(catalog, requirements, flip), catalog.title(flip.first)] for flip in found]
    return pd.DataFrame(rows, columns=["kind", "change", "then_first"]).set_index("kind")
