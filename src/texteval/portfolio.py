"""Many practices at once: what every plan costs each of them, and the cheapest that it can use.

A file of practices is read in batches; one function prices a batch, in this process or on a Dask cluster; and the
results are written in the order of the file. So memory does not grow with the file, and no result depends on where it
was made.
"""

from __future__ import annotations

import asyncio
import csv
import json
import logging
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from texteval import __version__
from texteval.assess import VERDICTS, cover, largest
from texteval.billing import bound, costs
from texteval.catalog import Catalog, Line
from texteval.charges import METERS
from texteval.decide import PROVEN, check_day, stamp
from texteval.errors import DataError, Problem, UserError, nearest
from texteval.files import is_folder
from texteval.money import MAX_QUANTITY
from texteval.practice import MONTHS, Practice, spread_year, too_many
from texteval.requirements import Requirements

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 32_768
"""Rows priced at a time; no result depends on it."""

CONNECT_SECONDS = 10
"""How long to wait for a Dask scheduler, and for its first worker."""

CLASSES = ("solo", "team")
"""The sizes that gates tell apart: one person with a login, or more."""

COUNTS = (
    "clinicians",
    "sessions_per_week",
    "staff",
    "managers",
    "weeks_per_year",
    "active_clients",
    "locations",
    "numbers",
    "claims_per_month",
)
"""Columns that are fields of a practice, with the bounds and usual values of a practice file."""

REQUIRED = tuple(name for name in COUNTS if Practice.model_fields[name].is_required())

TOTALS = {"messages_sent_per_month": "out", "messages_received_per_month": "in"}
"""Columns that replace the template's messages to clients, or from them."""

COLUMNS = ("practice", *COUNTS, *TOTALS)
"""Every column that is read."""

REJECTED = ("row", "practice", "column", "value", "reason")
"""The columns of the file of rejected rows."""

CHEAPEST = (
    "cheapest_proven",
    "cheapest_proven_year_usd",
    "cheapest_usable",
    "cheapest_usable_verdict",
    "cheapest_usable_year_usd",
)
"""The columns of the result between the practice and the plans."""

OUTCOMES = ("priced", "unknown", "too_large", "ineligible")
"""What a plan has for a practice: a price; none that is published; no room; no permission."""


# What is asked of every practice.


@dataclass(frozen=True)
class Standing:
    """How a plan stands for the practices of a class.

    Parameters
    ----------
    verdict : str
        One of :data:`texteval.assess.VERDICTS`.
    channels : tuple of (str, str)
        The channel for each purpose.
    open_points : tuple of (int, int)
        How many open points are heavy, and how many there are.
    """

    verdict: str
    channels: tuple[tuple[str, str], ...]
    open_points: tuple[int, int]


@dataclass(frozen=True)
class Question:
    """What is asked of every practice: small and whole, so that it can be sent to another machine.

    Parameters
    ----------
    template : Practice
        Whose kinds of messages every practice has.
    titles : dict of str to str
        What a person calls each plan, in the order of the columns.
    price_lists : dict of str to list of Line
        The prices of the plans that have some on that day.
    limits : dict of str to dict of str to int
        For each plan the largest practice that it takes.
    standings : dict of str to dict of str to Standing
        For each of :data:`CLASSES` and each plan how it stands.
    building_blocks : frozenset of str
        The plans around which software must be built: they are never named as the cheapest.
    """

    template: Practice
    titles: dict[str, str]
    price_lists: dict[str, list[Line]]
    limits: dict[str, dict[str, int]]
    standings: dict[str, dict[str, Standing]]
    building_blocks: frozenset[str]

    @property
    def plans(self) -> tuple[str, ...]:
        """The plans, in the order of the columns."""
        return tuple(self.titles)


def ask(catalog: Catalog, requirements: Requirements, template: Practice, on: date) -> Question:
    """Judge the plans once for each class of practices, and gather what pricing needs.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    template : Practice
        Whose kinds of messages every practice has.
    on : datetime.date
        The day of the question.

    Returns
    -------
    Question
        With every plan sold on that day that some practice may use.

    Raises
    ------
    UserError
        If the day is before the first price list, if no plan may be used, or if amounts might not fit into 64 bits.
    """
    check_day(catalog, on)
    for name, way in TOTALS.items():
        if sum(_weights(template, way).values()) * MAX_QUANTITY * MONTHS >= 2**63:
            raise UserError(
                f"{template.name}: it has too many messages to split '{name}' by: choose another --practice"
            )
    sold = [plan for plan in catalog.plan_ids() if catalog.plan(plan).sold(on)]
    standings: dict[str, dict[str, Standing]] = {}
    for name, staff in zip(CLASSES, (0, 1), strict=True):
        smallest = {"clinicians": 1, "staff": staff, "managers": 0, "sessions_per_week": 0, "active_clients": 0}
        practice = template.model_copy(update={**smallest, "locations": 1})
        standings[name] = {}
        for plan in sold:
            found = cover(catalog, requirements, plan, practice, on)
            points = found.open_points
            heavy = sum(point.heavy for point in points)
            standings[name][plan] = Standing(found.verdict, tuple(found.channels.items()), (heavy, len(points)))
    plans = [plan for plan in sold if any(table[plan].verdict != "ineligible" for table in standings.values())]
    if not plans:
        raise UserError(f"no plan sold on {on} may be used for the messages of '{template.name}': see texteval compare")
    price_lists = {plan: lines for plan in plans if (lines := catalog.price_lines(plan, on)) is not None}
    for plan, lines in price_lists.items():
        if bound(lines, dict.fromkeys(METERS, MAX_QUANTITY), MONTHS) >= 2**63:
            raise UserError(f"{plan}: its prices are so high that a bill may not fit into 64 bits: correct them")
    return Question(
        template,
        {plan: catalog.title(plan) for plan in plans},
        price_lists,
        {plan: largest(catalog, plan) for plan in plans},
        {name: {plan: table[plan] for plan in plans} for name, table in standings.items()},
        frozenset(plan for plan in plans if catalog.vendors[plan.partition("/")[0]].kind == "messaging_api"),
    )


def _weights(template: Practice, way: str) -> dict[int, int]:
    """Return how many messages to, or from, clients the template has a year, by the place of their kind."""
    return {
        i: template.year(message)
        for i, message in enumerate(template.messages)
        if message.direction == way and message.purpose != "team"
    }


# One batch of practices.


@dataclass(frozen=True)
class Batch:
    """Some rows of the file, one after the other.

    Parameters
    ----------
    first : int
        The number of its first row, from 1.
    size : int
        How many rows it has.
    columns : tuple of str
        Their columns; of a CSV file all columns, known or not.
    data : bytes or pyarrow.RecordBatch
        Lines of a CSV file, or columns of a Parquet file.
    share : float
        How much of the file has been read with this batch, 0 to 1.
    """

    first: int
    size: int
    columns: tuple[str, ...]
    data: bytes | pa.RecordBatch
    share: float


@dataclass(frozen=True)
class Priced:
    """What a batch came to.

    Parameters
    ----------
    table : pyarrow.RecordBatch
        The rows priced, with the columns of :func:`schema`.
    rejected : pyarrow.Table
        The rows refused, with the columns :data:`REJECTED`: a line for each reason.
    outcomes : numpy.ndarray
        For how many rows each plan has what, shape (plans, :data:`OUTCOMES`).
    wins : numpy.ndarray
        For how many rows each plan is the cheapest proven and the cheapest usable, shape (plans, 2).
    """

    table: pa.RecordBatch
    rejected: pa.Table
    outcomes: Any
    wins: Any


def schema(question: Question) -> pa.Schema:
    """Return the columns of the result. A year is in US dollars, to the cent; null where there is no such price."""
    import pyarrow as pa

    kinds = {name: pa.float64() if name.endswith("_usd") else pa.string() for name in ("practice", *CHEAPEST)}
    return pa.schema({"row": pa.int64(), **kinds, **{f"{plan}_year_usd": pa.float64() for plan in question.plans}})


def price_batch(question: Question, batch: Batch) -> Priced:
    """Price a batch of practices: a pure function, the same wherever it runs.

    Parameters
    ----------
    question : Question
        What is asked.
    batch : Batch
        The practices.

    Returns
    -------
    Priced
        The rows in the order of the file.
    """
    import pyarrow as pa

    faults = _Faults(*_cells(batch))
    numbers, given = _numbers(faults)
    practices = Practice.model_construct(messages=question.template.messages, **numbers)  # arrays in place of numbers
    years = _years(question, practices, _messages(question.template, practices, numbers, given, faults), faults)
    plans, many = question.plans, len(faults.rows)
    dollars = np.full((len(plans), many), np.nan)
    cheapest = np.full((2, many), -1)
    verdicts = np.full(many, -1)
    outcomes = np.zeros((len(plans), len(OUTCOMES)), np.int64)
    for name, members in zip(CLASSES, (practices.logins == 1, practices.logins > 1), strict=True):
        index = np.flatnonzero(members & ~faults.bad)
        if len(index):
            paid, found = _paid(question, name, practices, years, index)
            proven, usable = (_cheapest(question, name, paid, ladder) for ladder in (PROVEN, VERDICTS[:-1]))
            places = np.array([VERDICTS.index(question.standings[name][plan].verdict) for plan in plans])
            dollars[:, index], cheapest[:, index] = paid, (proven, usable)
            verdicts[index] = np.where(usable < 0, -1, places[usable])
            outcomes += found
    wins = np.stack([np.bincount(found[found >= 0], minlength=len(plans)) for found in cheapest], axis=1)

    def words(known: Sequence[str], place: Any) -> Any:
        return pa.array(known).take(pa.array(place, mask=place < 0))

    def year(place: Any) -> Any:
        return _money(np.where(place < 0, np.nan, dollars[place, np.arange(many)]))

    columns = [
        pa.array(faults.rows),
        faults.names,
        words(plans, cheapest[0]),
        year(cheapest[0]),
        words(plans, cheapest[1]),
        words(VERDICTS, verdicts),
        year(cheapest[1]),
        *(_money(column) for column in dollars),
    ]
    table = pa.record_batch(columns, schema=schema(question))
    if faults.bad.any():
        table = table.filter(pa.array(~faults.bad))
    return Priced(table, faults.table(), outcomes, wins)


def _money(dollars: Any) -> Any:
    import pyarrow as pa

    return pa.array(dollars, mask=np.isnan(dollars))


# From cells to counts.

SHOWN = 100
"""How many letters of a wrong value are shown."""


class _Faults:
    """The rows of a batch that cannot be priced, and why.

    Parameters
    ----------
    cells : pyarrow.RecordBatch
        The known columns, as they stand in the file.
    rows : numpy.ndarray
        The number of each row.
    broken : dict of int to (str, str)
        Lines without such columns: by row the line, and what is wrong with it.
    """

    def __init__(self, cells: pa.RecordBatch, rows: Any, broken: Mapping[int, tuple[str, str]]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        self.cells, self.rows = cells, rows
        self.bad = np.zeros(len(rows), np.bool_)
        self.names = pa.array(rows).cast(pa.string())
        if "practice" in cells.schema.names:
            names = _text(cells.column("practice"))
            self.names = pc.if_else(pc.not_equal(pc.utf8_trim_whitespace(names), ""), names, self.names)
        lines, reasons = ([said[i] for said in broken.values()] for i in range(2))
        self._found = [_rejected(list(broken), None, "", lines, reasons)]

    def add(self, where: Any, column: str, reasons: str | list[str]) -> None:
        """Refuse the rows of a mask for one reason, or one each; no column: the row as a whole."""
        import pyarrow as pa

        index = np.flatnonzero(where)
        if len(index):
            self.bad[index] = True
            places = pa.array(index)
            values = _text(self.cells.column(column).take(places)) if column else None
            self._found.append(_rejected(self.rows[index], self.names.take(places), column, values, reasons))

    def table(self) -> pa.Table:
        """Return all faults in the order of the rows."""
        import pyarrow as pa

        return pa.concat_tables(self._found).sort_by("row")


def _rejected(rows: Any, names: Any, column: str, values: Any, reasons: str | list[str]) -> Any:
    """Tabulate reasons, with the columns :data:`REJECTED`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    many = len(rows)
    empty = pa.nulls(many, pa.string())
    texts = (names, [column] * many, values, [reasons] * many if isinstance(reasons, str) else reasons)
    arrays = [empty if text is None else pc.fill_null(pa.array(text, pa.string()), "") for text in texts]
    arrays[2] = pc.utf8_slice_codeunits(arrays[2], 0, SHOWN)
    return pa.table([pa.array(rows, pa.int64()), *arrays], names=list(REJECTED))


def _text(column: Any) -> Any:
    """Return a column as text; nothing is an empty text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return pc.fill_null(column.cast(pa.string()), "")


def _cells(batch: Batch) -> tuple[Any, Any, dict[int, tuple[str, str]]]:
    """Return the known columns of a batch, the numbers of its rows, and the lines that have no such columns."""
    import pyarrow as pa
    import pyarrow.csv

    rows = np.arange(batch.first, batch.first + batch.size)
    if isinstance(batch.data, pa.RecordBatch):
        return batch.data, rows, {}
    lines = batch.data.split(b"\n")
    reasons = [_broken(line, len(batch.columns)) for line in lines]
    broken = {int(rows[i]): (lines[i].decode(), reason) for i, reason in enumerate(reasons) if reason}
    whole = [not reason for reason in reasons]
    data = b"".join(line + b"\n" for line, good in zip(lines, whole, strict=True) if good)
    places = {str(i): name for i, name in enumerate(batch.columns)}
    known = [place for place, name in places.items() if name in COLUMNS]
    if not data:
        empty = pa.array([], pa.string())
        return pa.record_batch([empty] * len(known), names=[places[place] for place in known]), rows[whole], broken
    table = pyarrow.csv.read_csv(
        pa.BufferReader(data),
        pyarrow.csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=list(places)),
        convert_options=pyarrow.csv.ConvertOptions(
            include_columns=known, column_types=dict.fromkeys(known, pa.string()), strings_can_be_null=False
        ),
    )
    (cells,) = table.rename_columns([places[place] for place in known]).to_batches()
    return cells, rows[whole], broken


_CELL = rb'(?:[^",\r]*|"(?:[^"\r]|"")*")'
_QUOTED = re.compile(_CELL + rb"(?:," + _CELL + rb")*")


def _broken(line: bytes, width: int) -> str:
    """Say what is wrong with a line of a CSV file; nothing if it is one row of so many columns."""
    if b'"' in line or b"\r" in line:
        if not _QUOTED.fullmatch(line):
            return "a quotation mark is missing or stands inside a value, or a value goes over several lines"
        line = re.sub(rb'"[^"]*"', b"", line)
    found = line.count(b",") + 1
    return "" if found == width else f"it has {found:,} values for {width:,} columns: quote a value that has a comma"


@cache
def _bounds() -> dict[str, tuple[int, int]]:
    """Return the least and the largest value of each column of counts: those of a practice file."""
    fields = Practice.model_json_schema()["properties"]
    bounds = {}
    for name in COUNTS:
        whole = next((kind for kind in fields[name].get("anyOf", ()) if kind["type"] == "integer"), fields[name])
        bounds[name] = whole["minimum"], whole["maximum"]
    return bounds | dict.fromkeys(TOTALS, (0, MAX_QUANTITY))


def _numbers(faults: _Faults) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the counts of a batch, by column, and tell where they are given.

    What is refused is given a harmless count, so that all rows can go through the same arithmetic.
    """
    counts, given, wrong = {}, {}, {}
    for name, (least, most) in _bounds().items():
        values, there, whole = _whole(faults.cells, name)
        below, above = whole & (values < least), whole & (values > most)
        faults.add(there & ~whole, name, "it is not a whole number")
        faults.add(below, name, f"it is below {least:,}")
        faults.add(above, name, f"it is above {most:,}")
        if name in REQUIRED:
            faults.add(~there, name, "it is missing")
        usual = Practice.model_fields[name].default if name in COUNTS else None
        wrong[name] = below | above | (there & ~whole)
        given[name] = there & ~wrong[name]
        counts[name] = np.where(given[name], values, usual if isinstance(usual, int) else least)
    more = (counts["managers"] > counts["staff"]) & ~wrong["managers"] & ~wrong["staff"]
    faults.add(more, "managers", "there are more managers than staff: managers are counted among the staff")
    counts["active_clients"] = np.where(given["active_clients"], counts["active_clients"], counts["sessions_per_week"])
    return counts, given


_WHOLE = re.compile(r"(-?)0*([0-9]+?)(?:\.0*)?")
_DIGITS = 15
"""A count with more digits is told from others no more: it is too large in any case."""


def _whole(cells: Any, name: str) -> tuple[Any, Any, Any]:
    """Read a column of counts: the values, where there is any, and where it is a whole number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in cells.schema.names:
        nowhere = np.zeros(len(cells), np.bool_)
        return np.zeros(len(cells), np.int64), nowhere, nowhere
    column = cells.column(name)
    huge = 10**_DIGITS
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        there = np.asarray(column.is_valid())
        real = np.asarray(pc.fill_null(column.cast(pa.float64(), safe=False), 0))
        whole = there & np.isfinite(real) & (real == np.floor(real))
        return np.where(whole, np.clip(real, -huge, huge), 0).astype(np.int64), there, whole
    texts = pc.utf8_trim_whitespace(_text(column))
    there = np.asarray(pc.not_equal(texts, ""))
    plain = pc.and_(pc.ascii_is_decimal(texts), pc.less_equal(pc.utf8_length(texts), _DIGITS))
    values = np.array(pc.if_else(plain, texts, "0").cast(pa.int64()))
    whole = np.array(plain)
    odd = np.flatnonzero(there & ~whole)
    for i, text in zip(odd, texts.take(pa.array(odd)).to_pylist(), strict=True):
        if found := _WHOLE.fullmatch(text):
            size = int(found[2]) if len(found[2]) <= _DIGITS else huge
            values[i], whole[i] = -size if found[1] else size, True
    return values, there, whole


def _messages(
    template: Practice, practices: Practice, numbers: Mapping[str, Any], given: Mapping[str, Any], faults: _Faults
) -> list[Any]:
    """Count the messages of each kind a year; a total that is given is split as the template's own messages are."""
    counts = [np.broadcast_to(practices.year(message), len(faults.rows)) for message in template.messages]
    for name, way in TOTALS.items():
        there, total, weights = given[name], numbers[name] * MONTHS, _weights(template, way)
        whole, below = sum(weights.values()), 0
        if not whole:
            clients = "to clients" if way == "out" else "from clients"
            faults.add(
                there & (total > 0), name, f"the practice of --practice has no messages {clients} to split it by"
            )
        for i, weight in weights.items():
            part = total * (below + weight) // whole - total * below // whole if whole else 0
            below += weight
            counts[i] = np.where(there, part, counts[i])
    return counts


def _years(question: Question, practices: Practice, counts: list[Any], faults: _Faults) -> dict[Any, Mapping[str, Any]]:
    """Count a year by meter for each choice of channels; refuse the rows of which a month has too many."""
    choices = {standing.channels for table in question.standings.values() for standing in table.values()}
    years: dict[Any, Mapping[str, Any]] = {
        channels: practices.usage_year(dict(channels), counts) for channels in sorted(choices)
    }
    most: dict[str, Any] = dict(practices.seats())
    for year in years.values():
        for meter, many in year.items():
            most[meter] = np.maximum(most.get(meter, 0), -(-many // MONTHS))
    for meter, many in most.items():
        above = (many > MAX_QUANTITY) & ~faults.bad
        if above.any():
            faults.add(above, "", [too_many(meter, int(one)) for one in many[above]])
    return years


# From counts to costs.


def _paid(
    question: Question, name: str, practices: Practice, years: Mapping[Any, Mapping[str, Any]], index: Any
) -> tuple[Any, Any]:
    """Price the practices of a class.

    Returns
    -------
    dollars : numpy.ndarray
        float64, shape (plans, practices): a year in US dollars, to the cent; NaN where there is no such price.
    outcomes : numpy.ndarray
        int64, shape (plans, :data:`OUTCOMES`): for how many practices each plan has what.
    """
    seats: dict[str, Any] = {meter: _some(many, index) for meter, many in practices.seats().items()}
    size: dict[str, Any] = {thing: _some(many, index) for thing, many in practices.size().items()}
    table, place = question.standings[name], {plan: i for i, plan in enumerate(question.plans)}
    asked: dict[Any, list[str]] = {}
    for plan in question.price_lists:
        if table[plan].verdict != "ineligible":
            asked.setdefault(table[plan].channels, []).append(plan)
    dollars = np.full((len(place), len(index)), np.nan)
    for channels, plans in asked.items():
        months = spread_year({meter: many[index] for meter, many in years[channels].items()})
        flows = {meter: np.stack([month[meter] for month in months]) for meter in months[0]}
        found = costs({plan: question.price_lists[plan] for plan in plans}, {**seats, **flows}, printed=True)
        for plan, micro_usd, known in zip(plans, found.micro_usd, found.known, strict=True):
            dollars[place[plan]] = np.where(known, micro_usd // 10_000 / 100, np.nan)
    outcomes = np.zeros((len(place), len(OUTCOMES)), np.int64)
    for plan, i in place.items():
        over = np.zeros(len(index), np.bool_)
        for thing, most in question.limits[plan].items():
            over |= size[thing] > most
        dollars[i, over] = np.nan
        large, priced = np.count_nonzero(over), np.count_nonzero(~np.isnan(dollars[i]))
        rest = len(index) - large - priced
        outcomes[i] = (priced, 0, large, rest) if table[plan].verdict == "ineligible" else (priced, rest, large, 0)
    return dollars, outcomes


def _some(many: Any, index: Any) -> Any:
    """Return an array's part, or a number as often."""
    return many[index] if isinstance(many, np.ndarray) else np.full(len(index), many)


def _cheapest(question: Question, name: str, dollars: Any, verdicts: Sequence[str]) -> Any:
    """Return the place of the cheapest finished tool with one of the verdicts for each practice; -1: there is none.

    Of equally cheap ones that with fewer heavy open points, then with fewer open points, then the first by its id.
    """
    table, plans = question.standings[name], question.plans
    tools = [plan for plan in plans if table[plan].verdict in verdicts and plan not in question.building_blocks]
    best, found = np.full(dollars.shape[1], np.inf), np.full(dollars.shape[1], -1)
    for plan in sorted(tools, key=lambda plan: (table[plan].open_points, plan)):
        i = plans.index(plan)
        cheaper = dollars[i] < best
        best[cheaper], found[cheaper] = dollars[i, cheaper], i
    return found


# The file of practices.


def read(path: Path, rows: int = BATCH) -> tuple[tuple[str, ...], Iterator[Batch]]:
    """Open a file of practices.

    Parameters
    ----------
    path : pathlib.Path
        A ``.csv`` or ``.parquet`` file with one row for each practice.
    rows : int
        How many rows a batch has.

    Returns
    -------
    columns : tuple of str
        The columns of the file.
    batches : iterator of Batch
        The rows, read as they are asked for.

    Raises
    ------
    UserError
        If the file cannot be read, is of another kind, or lacks a required column; all faults of its columns at once.
    """
    _check_suffix(path)
    if is_folder(path):
        raise UserError(f"{path}: this is a folder: name a file in it")
    parquet = path.suffix.lower() == ".parquet"
    columns = _parquet_columns(path) if parquet else _csv_columns(path)
    strange = [name for name in columns if name not in COLUMNS]
    faults = [
        (f"the column '{name}' is missing", _near(name, strange) or f"add a column '{name}'")
        for name in REQUIRED
        if name not in columns
    ]
    twice = {name for name in columns if name and columns.count(name) > 1}
    faults += [(f"the column '{name}' stands twice", "keep one of the two") for name in twice]
    if faults:
        raise DataError(Problem(str(path), 0 if parquet else 1, "", wrong, right) for wrong, right in faults)
    return columns, (_parquet_batches if parquet else _csv_batches)(path, columns, rows)


def ignored(columns: Sequence[str]) -> list[str]:
    """Say which columns of a file are not read, and what they may have been meant to be."""
    free = [name for name in COLUMNS if name not in columns]
    said = []
    for name in columns:
        if name and name not in COLUMNS:
            hint = _near(name, free)
            said.append(f"The column '{name}' is ignored{f': {hint}' if hint else '.'}")
    return said


def _near(word: str, known: Sequence[str]) -> str | None:
    """Suggest the nearest word, if one is near."""
    hint = nearest(word, known)
    return hint if hint.startswith("did you mean") else None


def _check_suffix(path: Path) -> None:
    """Refuse a file whose name does not say of which kind it is."""
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise UserError(f"{path}: the name does not end in .csv or .parquet: save or name the file so")


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Put into plain words why a file cannot be read."""
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file: check the name and the folder") from None
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise UserError(f"{path}: the file cannot be read ({error.strerror}): check its permissions") from None
        reason = str(error).partition("\n")[0].rstrip(".")
        raise UserError(f"{path}: this is no whole Parquet file ({reason}): write it anew, or give a .csv") from None


_SAVE = "save the file as 'CSV UTF-8 (comma delimited)'"


def _csv_columns(path: Path) -> tuple[str, ...]:
    with _readable(path), path.open("rb") as file:
        raw = next((line for line in iter(lambda: file.readline(1_000_000), b"") if line.strip()), b"")
    try:
        line = raw.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise DataError([Problem(str(path), 1, "", "this is not UTF-8 text", _SAVE)]) from None
    if not line.strip():
        raise UserError(f"{path}: there is no practice in it: the file is empty")
    if "," not in line and (found := re.search(r"[;\t]", line)):
        mark = "semicolons" if found[0] == ";" else "tabs"
        raise DataError([Problem(str(path), 1, "", f"the columns are separated by {mark}, not by commas", _SAVE)])
    if "\r" in line:
        raise DataError([Problem(str(path), 1, "", "the lines do not end as on today's computers", _SAVE)])
    return tuple(name.strip() for name in next(csv.reader([line])))


def _csv_batches(path: Path, columns: tuple[str, ...], rows: int) -> Iterator[Batch]:
    with _readable(path), path.open("rb") as file:
        size, first = path.stat().st_size, 1
        lines = (line.rstrip(b"\r\n") for line in file if line.strip())
        next(lines)
        while some := list(islice(lines, rows)):
            data = b"\n".join(some)
            try:
                data.decode()
            except UnicodeDecodeError as error:
                row = first + data[: error.start].count(b"\n")
                raise UserError(f"{path}: row {row:,} is not UTF-8 text: {_SAVE}") from None
            yield Batch(first, len(some), columns, data, file.tell() / size)
            first += len(some)


def _parquet_columns(path: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _readable(path):
        found = pq.read_schema(path)
    kinds = pa.types
    counts = (kinds.is_integer, kinds.is_floating, kinds.is_decimal, kinds.is_null)
    readable = (*counts, kinds.is_string, kinds.is_large_string, kinds.is_string_view)
    faults = []
    for column in found:
        kind = column.type.value_type if kinds.is_dictionary(column.type) else column.type
        if column.name in COLUMNS and not any(fits(kind) for fits in readable):
            right = "give text" if column.name == "practice" else "give whole numbers"
            faults.append(Problem(str(path), 0, "", f"the column '{column.name}' is of the type {kind}", right))
    if faults:
        raise DataError(faults)
    return tuple(found.names)


def _parquet_batches(path: Path, columns: tuple[str, ...], rows: int) -> Iterator[Batch]:
    import pyarrow.parquet as pq

    known = tuple(name for name in columns if name in COLUMNS)
    with _readable(path), pq.ParquetFile(path) as file:
        total, first = file.metadata.num_rows, 1
        for data in file.iter_batches(rows, columns=known):
            if len(data):
                yield Batch(first, len(data), known, data, (first + len(data) - 1) / total)
                first += len(data)


# All batches, here or on a cluster.

Submit = Callable[..., Any]
"""Start a function with its arguments; return a future, whose ``result`` waits for what it returns."""


def _in_order(
    submit: Submit, window: int, question: Question, batches: Iterable[Batch]
) -> Iterator[tuple[Batch, Priced]]:
    """Price batches side by side, never more than a window of them, and return them in order."""
    waiting: deque[tuple[Batch, Any]] = deque()
    for batch in batches:
        waiting.append((batch, submit(price_batch, question, batch)))
        if len(waiting) >= window:
            done, future = waiting.popleft()
            yield done, future.result()
    while waiting:
        done, future = waiting.popleft()
        yield done, future.result()


@contextmanager
def _here() -> Iterator[tuple[Submit, int]]:
    """Two batches at a time, and each on all cores: while one is read or put into columns the other is priced."""
    with ThreadPoolExecutor(2) as pool:
        try:
            yield pool.submit, 3
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_LOGS = ("distributed", "distributed.client", "tornado.application")


@contextmanager
def _cluster(scheduler: str | None) -> Iterator[tuple[Submit, int]]:
    """Ask a running Dask scheduler, or start a cluster of two workers on this machine for as long as it takes."""
    try:
        import dask
        import distributed
    except ImportError:
        raise UserError(
            "Dask is not installed: add the extra texteval[dask], or run 'python -m pip install distributed'"
        ) from None
    from distributed.scheduler import KilledWorker

    quiet = {
        "logging": dict.fromkeys(_LOGS, "critical"),
        "distributed.admin.large-graph-warning-threshold": "1 GB",
        "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s",
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(quiet))
        for name in _LOGS:
            log = logging.getLogger(name)
            stack.callback(log.setLevel, log.level)
            log.setLevel(logging.CRITICAL)
        if scheduler is None:
            address: Any = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=2,
                    threads_per_worker=1,
                    processes=True,
                    host="127.0.0.1",
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                    preload="import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",  # Ctrl-C is for this process
                )
            )
        else:
            address = scheduler
            _reach(address)
        client = stack.enter_context(distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False))
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            raise UserError(f"{scheduler}: this Dask scheduler has no workers: start one, then try again") from None
        try:
            versions = set(client.run(_version).values())
        except Exception:
            versions = set()
        if versions != {__version__}:
            raise UserError(f"{scheduler}: its workers do not have texteval {__version__}: install it there too")
        try:
            yield lambda *call: client.submit(*call, pure=False), 2 * sum(client.nthreads().values())
        except (KilledWorker, distributed.CancelledError, OSError):
            raise UserError(
                f"{scheduler or 'the Dask cluster'}: it stopped, or its workers died again and again: nothing was "
                "written; the same command starts again"
            ) from None


def _reach(scheduler: str) -> None:
    """Refuse an address at which no Dask scheduler answers in time."""
    from distributed import Security, comm

    async def greet() -> None:
        found = await comm.connect(scheduler, CONNECT_SECONDS, **Security().get_connection_args("client"))
        await found.close()

    async def in_time() -> None:
        await asyncio.wait_for(greet(), CONNECT_SECONDS + 1)

    try:
        with ThreadPoolExecutor(1) as thread:  # where a notebook's own loop does not run
            thread.submit(asyncio.run, in_time()).result()
    except Exception:  # a wrong address, a port that is closed, another server
        raise UserError(
            f"{scheduler}: no Dask scheduler answers there: check that it runs, and its address, such as "
            "tcp://127.0.0.1:8786"
        ) from None


def _version() -> str:
    return __version__


@dataclass(frozen=True)
class Written:
    """What was written.

    Parameters
    ----------
    output, summary : pathlib.Path
        The costs, and what they come to.
    rejected : pathlib.Path or None
        The rows refused, with the reasons; None if there are none.
    rows, refused, plans : int
        How many practices were priced, how many rows were refused, and how many plans there are.
    """

    output: Path
    summary: Path
    rejected: Path | None
    rows: int
    refused: int
    plans: int


def write(
    catalog: Catalog,
    requirements: Requirements,
    template_id: str,
    template: Practice,
    template_hash: str,
    on: date,
    path: Path,
    output: Path,
    *,
    engine: Literal["local", "dask"] = "local",
    scheduler: str | None = None,
    rows: int = BATCH,
    tell: Callable[[int, int], None] = lambda done, expected: None,
) -> Written:
    """Price a file of practices.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    template_id, template, template_hash : str, Practice, str
        Whose kinds of messages every practice has, as :func:`texteval.practice.load` gives it.
    on : datetime.date
        The day of the question.
    path : pathlib.Path
        The practices: a ``.csv`` or ``.parquet`` file.
    output : pathlib.Path
        The costs: a ``.csv`` or ``.parquet`` file. Beside it stand the summary, ``<stem>.json``, and, if rows are
        refused, ``<stem>-rejected.csv``.
    engine : {"local", "dask"}
        Where to price; the result is the same, byte for byte.
    scheduler : str, optional
        The address of a running Dask scheduler; without it ``dask`` starts two workers on this machine.
    rows : int
        How many rows to price at a time.
    tell : callable
        Called after each batch with the rows done and the rows to expect.

    Returns
    -------
    Written
        What was written; all files appear at the end, whole, or none does.

    Raises
    ------
    UserError
        If a file cannot be read or written, or no row of it can be priced; then the refused rows are written alone.
    """
    _check_suffix(output)
    summary, rejected = output.with_name(f"{output.stem}.json"), output.with_name(f"{output.stem}-rejected.csv")
    for target in (output, summary, rejected):
        if target.resolve() == path.resolve():
            raise UserError(f"{target}: this would be written over the file of practices: choose another name for -o")
        if is_folder(target):
            raise UserError(f"{target}: there is a folder of that name: choose another name for -o")
    _, batches = read(path, rows)
    asked = ask(catalog, requirements, template, on)
    said = stamp(on, f"{catalog.hash}-{requirements.hash}-{template_hash}")
    columns = schema(asked).with_metadata(said)
    outcomes = np.zeros((len(asked.plans), len(OUTCOMES)), np.int64)
    wins = np.zeros((len(asked.plans), 2), np.int64)
    priced = seen = 0
    with ExitStack() as stack:
        stack.enter_context(_writable(output))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=f".{output.name}.", dir=output.parent)))
        with (
            _writer(folder / output.name, columns) as put,
            _writer(folder / rejected.name, _rejected([], None, "", None, []).schema) as refuse,
            _cluster(scheduler) if scheduler or engine == "dask" else _here() as (submit, window),
        ):
            for batch, done in _in_order(submit, window, asked, batches):
                with _writable(output):
                    put([done.table.replace_schema_metadata(said)])
                    refuse(done.rejected.to_batches())
                outcomes, wins = outcomes + done.outcomes, wins + done.wins
                priced, seen = priced + done.table.num_rows, seen + batch.size
                tell(seen, round(seen / batch.share))
        if not seen:
            raise UserError(f"{path}: there is no practice in it: write a row for each")
        if priced:
            found = {
                **said,
                "template": {"id": template_id, "name": template.name},
                "rows": {"priced": priced, "rejected": seen - priced},
                "plans": _summary(asked, outcomes, wins),
            }
            text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
            (folder / summary.name).write_text(text, encoding="utf-8", newline="\n")
            (folder / output.name).replace(output)
            (folder / summary.name).replace(summary)
        if priced < seen:
            (folder / rejected.name).replace(rejected)
        else:
            rejected.unlink(missing_ok=True)
    if not priced:
        old = f"; {output} is still the one of before" if output.exists() else ""
        raise UserError(f"{path}: none of its {seen:,} rows could be priced: {rejected} says why{old}")
    return Written(output, summary, rejected if priced < seen else None, priced, seen - priced, len(asked.plans))


def _summary(question: Question, outcomes: Any, wins: Any) -> list[dict[str, Any]]:
    return [
        {
            "plan": plan,
            "title": title,
            "verdict": {name: question.standings[name][plan].verdict for name in CLASSES},
            "building_block": plan in question.building_blocks,
            "rows": dict(zip(OUTCOMES, outcomes[i].tolist(), strict=True)),
            "cheapest_proven": int(wins[i, 0]),
            "cheapest_usable": int(wins[i, 1]),
        }
        for i, (plan, title) in enumerate(question.titles.items())
    ]


@contextmanager
def _writable(output: Path) -> Iterator[None]:
    """Put into plain words why a file cannot be written."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{output}: the file cannot be written ({error.strerror or error}): choose a folder that exists and has "
            "room, or close the file if it is open in another program; nothing was written"
        ) from None


@contextmanager
def _writer(path: Path, schema: pa.Schema) -> Iterator[Callable[[Iterable[Any]], None]]:
    """Open a file for batches of a schema; give the function that adds some."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    parquet = path.suffix.lower() == ".parquet"
    repeated = [name for name in CHEAPEST if not name.endswith("_usd")]
    with (
        pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeated)
        if parquet
        else pyarrow.csv.CSVWriter(path, schema)
    ) as file:

        def put(batches: Iterable[Any]) -> None:
            for batch in batches:
                if len(batch):
                    file.write(batch if parquet else _harmless(batch))

        yield put


def _harmless(batch: Any) -> Any:
    """Keep a spreadsheet from taking a text of the user's file for a formula."""
    import pyarrow.compute as pc

    for i, name in enumerate(batch.schema.names):
        if name in ("practice", "value"):
            texts = batch.column(i)
            number = pc.match_substring_regex(texts, r"^-[0-9.]+$")
            risky = pc.and_(pc.match_substring_regex(texts, r"^[=+\-@\t\r]"), pc.invert(number))
            batch = batch.set_column(i, name, pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts))
    return batch
