"""New prices for the catalogue: proposed, shown, checked, and only then saved; history is never overwritten."""

from __future__ import annotations

import csv
import difflib
import io
import re
import shlex
import tempfile
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarfloat import ScalarFloat

from texteval import catalog as catalogs
from texteval.catalog import Catalog, line_name
from texteval.charges import CADENCES, SEATS, Group
from texteval.errors import DataError, Problem, UserError, nearest, program
from texteval.evidence import GRADES
from texteval.files import Lines, data_folder, read_text, write_whole
from texteval.models import first_day
from texteval.money import PLAIN_NUMBER, parse_usd, show

HEADERS = ("plan", "line", "usd", "from", "date_is", "source")
"""What an import file must have."""

MORE_HEADERS = ("title", "url", "seen", "grade")
"""What it may have besides: the source's entry, where the source is new."""


PLAIN = "write a plain number of dollars, such as 1250 or 0.0119"


@dataclass(frozen=True)
class NewPrice:
    """A price of one line of a plan from a day on.

    Parameters
    ----------
    plan : str
        ``vendor/plan``.
    line : str
        What the line is called on the invoice.
    usd : str
        The unit price in dollars, as decimal text.
    start : str
        The first day it holds.
    date_is : str
        ``stated`` by the vendor, or ``first_seen``.
    source : str
        The id of its source.
    title, url, seen, grade : str or None
        The source's entry, if it is not in the catalogue yet.
    row : int
        Where it stands in the import file; 0 for the command line.
    """

    plan: str
    line: str
    usd: str
    start: str
    date_is: str
    source: str
    title: str | None = None
    url: str | None = None
    seen: str | None = None
    grade: str | None = None
    row: int = 0


@dataclass(frozen=True)
class Change:
    """What a new price does to the price before it.

    Parameters
    ----------
    price : NewPrice
        The new price.
    old : int or None
        The unit price before it, in micro-dollars; None if it was unpublished.
    per : str
        What it is paid for: ``a month``, ``a year``, ``once`` or, for what is counted, ``each``.
    """

    price: NewPrice
    old: int | None
    per: str

    @property
    def text(self) -> str:
        """The old price and the new one, with the difference in percent."""
        new = parse_usd(self.price.usd)
        was = "unpublished" if self.old is None else show(self.old, unit=True)
        percent = f" ({(new - self.old) / self.old:+.1%})" if self.old else ""
        start = f"from {self.price.start}"
        return f"{self.price.plan}, {self.price.line}: {was} → {show(new, unit=True)} {self.per}{percent}, {start}"

    @property
    def warning(self) -> str | None:
        """What to check, where the price at least doubles or halves."""
        new = parse_usd(self.price.usd)
        if self.old is None or self.old == new or self.old / 2 < new < self.old * 2:
            return None
        check = {
            "a month": "check that it is a price a month and not a year",
            "a year": "check that it is a price a year and not a month",
            "each": "check the decimal point",
        }.get(self.per, f"check that it is a price {self.per}")
        return f"{self.price.plan}, {self.price.line}: a big jump: {check}."


@dataclass(frozen=True)
class Proposal:
    """A changed catalogue that was checked but not yet saved.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    before, after : str
        Its text.
    skipped : tuple of NewPrice
        Prices that were there already.
    changes : tuple of Change
        Each new price beside the one before it.
    """

    path: Path
    before: str
    after: str
    skipped: tuple[NewPrice, ...]
    changes: tuple[Change, ...] = ()

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        lines = difflib.unified_diff(
            self.before.splitlines(), self.after.splitlines(), self.path.name, self.path.name, lineterm="", n=2
        )
        return "\n".join(lines)

    @property
    def next_step(self) -> str:
        """The command that shows what the change does to people, on the day on which all of it holds."""
        day = max((first_day(change.price.start) for change in self.changes), default=None)
        if self.path.resolve() == (data_folder() / "vendors.yaml").resolve():
            return f"{program()} diff HEAD --as-of {day}" if day else f"{program()} diff HEAD"
        on = day or date.today()  # a catalogue of one's own is held against texteval's on the same day
        return f"{program()} diff {on} {shlex.quote(str(self.path))} --as-of {on}"

    def save(self) -> None:
        """Write the file, whole or not at all.

        Raises
        ------
        UserError
            If the file is not as it was when it was read, or cannot be written.
        """
        if read_text(self.path) != self.before:
            raise UserError(f"{self.path} was changed by someone else meanwhile; run the command again")
        write_whole(self.path, self.after)


def working_copy() -> Path:
    """Copy texteval's own catalogue into a fresh temporary folder, to try things on, and return its path."""
    copy = Path(tempfile.mkdtemp(prefix="texteval-")) / "vendors.yaml"
    write_whole(copy, read_text(data_folder() / copy.name))
    return copy


def propose(path: Path, prices: Sequence[NewPrice], file: Path | None = None, today: date | None = None) -> Proposal:
    """Work new prices into a catalogue and check the result.

    For each plan and day the last price list is copied to a new entry below it, with the given lines at their new
    price; every other line of the file stays as it is. What is there already is skipped, so that the same import
    twice changes nothing.

    Parameters
    ----------
    path : pathlib.Path
        The catalogue, like ``vendors.yaml``.
    prices : sequence of NewPrice
        The new prices.
    file : pathlib.Path, optional
        The import file, for the messages.
    today : datetime.date, optional
        The day after which nothing can have been seen yet; the clock's, if left out.

    Returns
    -------
    Proposal
        The changed text; nothing is written yet.

    Raises
    ------
    DataError
        All faults, with the row of the import file: an unknown plan or line, a price that is no plain number, a day
        before the plan's last price list, an incomplete source, rows that contradict one another.
    """
    before = read_text(path)
    catalog = catalogs.load(path)
    prices = _sourced(catalog, prices)
    problems = [problem for price in prices for problem in _faults(catalog, price, file, today or date.today())]
    problems = problems or list(_contradictions(catalog, prices, file))
    if problems:
        raise DataError(problems)
    news = [price for price in prices if not _there(catalog, price)]
    skipped = tuple(price for price in prices if price not in news)
    after = _inserted(before, catalog, news)
    catalogs.check_text(after, path)
    return Proposal(path, before, after, skipped, tuple(_changes(catalog, news)))


def _sourced(catalog: Catalog, prices: Sequence[NewPrice]) -> list[NewPrice]:
    """Give each row of a new source what the first row with it says of it, where the row itself says nothing."""
    first: dict[tuple[str, str], str] = {}
    for price in prices:
        for column in MORE_HEADERS:
            if getattr(price, column):
                first.setdefault((price.source, column), getattr(price, column))

    def filled(price: NewPrice) -> NewPrice:
        if price.source in catalog.sources:
            return price
        title, url, seen, grade = (
            getattr(price, column) or first.get((price.source, column)) for column in MORE_HEADERS
        )
        return replace(price, title=title, url=url, seen=seen, grade=grade)

    return [filled(price) for price in prices]


def _changes(catalog: Catalog, prices: Sequence[NewPrice]) -> Iterable[Change]:
    latest: dict[tuple[str, str], int | None] = {}
    for price in sorted(prices, key=lambda price: first_day(price.start)):
        charge = next(c for c in catalog.plan(price.plan).prices[-1].charges if line_name(c) == price.line)
        assert not isinstance(charge, Group)
        known = getattr(getattr(charge, "then", charge), "usd", None)
        seats = all(meter in SEATS for meter in charge.meter)
        per = CADENCES[charge.cadence].format(charge.months) if seats else "each"
        key = (price.plan, price.line)
        yield Change(price, latest.get(key, known), per)
        latest[key] = parse_usd(price.usd)


def _contradictions(catalog: Catalog, prices: Sequence[NewPrice], file: Path | None) -> Iterable[Problem]:
    where = str(file) if file else "price set"
    same_line: dict[tuple[str, str, date], NewPrice] = {}
    same_list: dict[tuple[str, date], NewPrice] = {}
    same_source: dict[str, NewPrice] = {}
    for price in prices:
        start = first_day(price.start)
        before = same_line.setdefault((price.plan, price.line, start), price)
        if parse_usd(before.usd) != parse_usd(price.usd):
            wrong = f"{price.plan}, {price.line} is {price.usd} here and {before.usd} before, from the same day"
            yield Problem(where, price.row, "usd", wrong, "keep one of the two")
        before = same_list.setdefault((price.plan, start), price)
        if before.date_is != price.date_is:
            wrong = f"{price.plan} from {price.start} is {price.date_is} here and {before.date_is} before"
            yield Problem(where, price.row, "date_is", wrong, "write the same in each row of one plan and day")
        before = same_source.setdefault(price.source, price)
        for column in MORE_HEADERS if price.source not in catalog.sources else ():
            if getattr(before, column) != getattr(price, column):
                wrong = f"of '{price.source}', {getattr(price, column)!r} here and {getattr(before, column)!r} before"
                yield Problem(where, price.row, column, wrong, "write it in the first row of the source alone")


def _faults(catalog: Catalog, price: NewPrice, file: Path | None, today: date) -> Iterable[Problem]:
    where = str(file) if file else "price set"

    def fault(column: str, wrong: str, right: str) -> Problem:
        return Problem(where, price.row, column, wrong, right)

    known = catalog.plan_ids(texting=False)
    if price.plan not in known:
        yield fault("plan", f"there is no plan '{price.plan}'", nearest(price.plan, known))
        return
    plan = catalog.plan(price.plan)
    lines = {line_name(c): c for c in plan.prices[-1].charges} if plan.prices else {}
    if price.line not in lines:
        yield fault("line", f"{price.plan} has no line '{price.line}'", nearest(price.line, lines))
    else:
        charge = lines[price.line]
        holder = getattr(charge, "then", charge)
        settable = hasattr(holder, "usd") and holder.model != "mix"
        if isinstance(charge, Group) or not (settable or holder.model == "unpublished"):
            wrong = f"'{price.line}' has no single unit price ({charge.model})"
            yield fault("line", wrong, "edit its tiers in the catalogue by hand")
    try:
        parse_usd(price.usd)
        if not PLAIN_NUMBER.fullmatch(price.usd):
            yield fault("usd", f"'{price.usd}' is not a plain number", PLAIN)
    except ValueError as error:
        wrong, _, right = str(error).partition(": ")
        yield fault("usd", wrong, right)
    try:
        start: date | None = first_day(_day(price.start))
    except ValueError:
        start = None
        yield fault("from", f"'{price.start}' is not a day", "write it like 2026-12-01")
    if start and plan.prices and not _there(catalog, price):
        last = plan.prices[-1]
        if start < first_day(plan.prices[0].from_):
            yield fault(
                "from", f"{price.start} is before the plan's first price list ({plan.prices[0].from_})", "check the day"
            )
        elif start < first_day(last.from_):
            yield fault(
                "from",
                f"{price.start} is before the last price list ({last.from_})",
                "history is not rewritten; add it by hand",
            )
        elif start == first_day(last.from_):
            yield fault(
                "from",
                f"there is a price list of {last.from_} with another price",
                "choose a later day, or correct it by hand",
            )
    if price.date_is not in ("stated", "first_seen"):
        yield fault("date_is", f"'{price.date_is}' is not known", "write stated or first_seen")
    if start and start > today and price.date_is == "first_seen":
        right = "write the day on which it was seen, or stated where the vendor names the day"
        yield fault("from", f"{price.start} is still to come, and so nobody has seen it", right)
    yield from _source_faults(catalog, price, fault, today)


def _source_faults(catalog: Catalog, price: NewPrice, fault: Any, today: date) -> Iterable[Problem]:
    if price.source in catalog.sources:
        return
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", price.source):
        yield fault("source", f"'{price.source}' is not an id", "use lower case, digits and hyphens")
    for column, value in (("title", price.title), ("seen", price.seen), ("grade", price.grade)):
        if not value:
            yield fault(column, f"the source '{price.source}' is new and its {column} is missing", f"give its {column}")
    if price.url and not re.fullmatch(r"https?://\S+", price.url):
        yield fault("url", f"'{price.url}' is no address", "write an address that begins with https://")
    if price.grade and price.grade not in GRADES:
        yield fault("grade", f"'{price.grade}' is not a grade", nearest(price.grade, GRADES))
    if price.seen:
        try:
            if first_day(_day(price.seen)) > today:
                yield fault("seen", f"{price.seen} is still to come", "write the day on which you read it")
        except ValueError:
            yield fault("seen", f"'{price.seen}' is not a day", "write it like 2026-12-01")


def _day(text: str) -> str:
    if not re.fullmatch(r"(19|20)\d\d(-\d\d(-\d\d)?)?", text):
        raise ValueError(text)
    return text


def _there(catalog: Catalog, price: NewPrice) -> bool:
    """Tell whether the plan has a price list of this day with this price already."""
    for prices in catalog.plan(price.plan).prices:
        for charge in prices.charges:
            try:
                same_day = first_day(prices.from_) == first_day(_day(price.start))
                if same_day and line_name(charge) == price.line:
                    return bool(getattr(getattr(charge, "then", charge), "usd", None) == parse_usd(price.usd))
            except ValueError:
                return False
    return False


def _inserted(text: str, catalog: Catalog, prices: Sequence[NewPrice]) -> str:
    """Insert new price lists, each below the last one of its plan, and new sources in their alphabetical place."""
    lines = text.splitlines(keepends=True)
    places = Lines(text)
    insertions: dict[int, str] = {}
    for plan_id, group in groupby(sorted(prices, key=lambda p: (p.plan, first_day(p.start))), key=lambda p: p.plan):
        vendor_id, _, plan_name = plan_id.partition("/")
        plan = catalog.plan(plan_id)
        where = ["vendors", vendor_id, "plans", plan_name, "prices", len(plan.prices) - 1]
        first, last, column = places.span(where)
        if lines[first - 1][:column].strip() not in ("-", ""):
            raise UserError(
                f"{catalog.path}:{first}: the price lists of {plan_id} stand on one line: put each on lines of its own"
            )
        while not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#"):
            last -= 1
        entry = " " * column + lines[first - 1][column:] + "".join(lines[first:last])
        names = [line_name(charge) for charge in plan.prices[-1].charges]
        added = ""
        for _, same_day in groupby(group, key=lambda p: first_day(p.start)):
            entry = _entry(entry, names, list(same_day), column)
            added += " " * (column - 2) + "- " + entry[column:]
        insertions[last] = insertions.get(last, "") + added
    new_sources = {p.source: p for p in prices if p.source not in catalog.sources}
    for source_id, price in sorted(new_sources.items()):
        after = [known for known in catalog.sources if known < source_id]
        place = ["sources", after[-1] if after else next(iter(catalog.sources))]
        first, last, _ = places.span(place)
        while not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#"):
            last -= 1
        entry = _source_entry(source_id, price)
        at = last if after else places.of(place) - 1
        insertions[at] = insertions.get(at, "") + entry
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    for at in sorted(insertions, reverse=True):
        if at and not lines[at - 1].endswith("\n"):
            lines[at - 1] += end
        lines.insert(at, insertions[at].replace("\r\n", "\n").replace("\n", end))
    return "".join(lines)


def _entry(text: str, names: Sequence[str], prices: Sequence[NewPrice], column: int) -> str:
    """Copy the text of a price list with new prices, keeping its form."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    entry = yaml.load(textwrap.dedent(text.replace("\r\n", "\n")))
    old_source = entry["source"]
    for key in ("existing_customers_from", "disputes"):
        entry.pop(key, None)
    first = prices[0]
    entry.update({"from": _plain_day(first.start), "date_is": first.date_is, "source": first.source})
    for name, charge in zip(names, entry["charges"], strict=True):
        changed = [price for price in prices if price.line == name]
        charge.setdefault("source", old_source)
        if changed:
            rate = charge.get("then", charge)
            if rate["model"] == "unpublished":
                rate["model"] = "flat" if rate.get("meter") in ("account", ["account"]) else "per_unit"
                for key in ("low_usd", "high_usd"):
                    rate.pop(key, None)
            rate["usd"] = _number(changed[-1].usd)
            charge["source"] = changed[-1].source
            charge.pop("note", None)
        if charge["source"] == first.source:
            del charge["source"]
    stream = io.StringIO()
    yaml.dump(entry, stream)
    return textwrap.indent(stream.getvalue(), " " * column)


def _source_entry(source_id: str, price: NewPrice) -> str:
    entry = {"title": price.title, "url": price.url, "seen": _plain_day(str(price.seen)), "grade": price.grade}
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = 1_000_000
    yaml.dump({source_id: {key: value for key, value in entry.items() if value}}, stream)
    return textwrap.indent(stream.getvalue(), "  ")


def _plain_day(text: str) -> Any:
    return date.fromisoformat(text) if len(text) == 10 else int(text) if len(text) == 4 else text


def _number(text: str) -> Any:
    number = Decimal(text)
    if number == number.to_integral_value():
        return int(number)
    digits = str(number)
    return ScalarFloat(float(number), width=len(digits), prec=digits.index("."), m_sign=False)


def read_prices(path: Path) -> list[NewPrice]:
    """Read an import file of prices.

    Parameters
    ----------
    path : pathlib.Path
        A CSV (UTF-8, with or without byte-order mark; commas or semicolons) or an xlsx, with the headers of
        :data:`HEADERS`, and for new sources those of :data:`MORE_HEADERS`.

    Returns
    -------
    list of NewPrice
        One for each row; blank rows are passed over.

    Raises
    ------
    DataError
        For wrong headers, merged cells, formulas, currency signs, thousands separators, missing cells; all at once,
        with the row.
    """
    rows = xlsx_rows(path) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    if not rows:
        raise DataError(
            [Problem(str(path), 1, "", "the file is empty", "begin with the headers " + ", ".join(HEADERS))]
        )
    (head_row, head), *body = rows
    head = [cell.strip().lower() for cell in head]
    known = (*HEADERS, *MORE_HEADERS)
    problems = [
        Problem(str(path), head_row, name or "(no name)", "this is not a column here", nearest(name, known))
        for name in head
        if name not in known
    ]
    problems += [
        Problem(str(path), head_row, name, "this column is missing", "add it; needed are " + ", ".join(HEADERS))
        for name in HEADERS
        if name not in head
    ]
    problems += [
        Problem(str(path), head_row, name, "this column stands twice", "keep one of the two")
        for name in dict.fromkeys(head)
        if head.count(name) > 1
    ]
    if problems:
        raise DataError(problems)
    prices = []
    for row, cells in body:
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(head) :]):
            wrong = f"the row has {len(cells)} cells and the head {len(head)}"
            problems.append(Problem(str(path), row, "", wrong, "put text with commas in quotes"))
        record = dict(zip(head, [cell.strip() for cell in cells], strict=False))
        for name in HEADERS:
            if not record.get(name):
                problems.append(Problem(str(path), row, name, "the cell is empty", "fill it in"))
        for name, value in record.items():
            if value.startswith(("=", "+", "@")):
                problems.append(Problem(str(path), row, name, f"'{value[:40]}' is a formula", "write the value"))
        usd = record.get("usd", "")
        if usd and not usd.startswith("=") and not PLAIN_NUMBER.fullmatch(usd):
            problems.append(Problem(str(path), row, "usd", f"'{usd}' is not a plain number", PLAIN))
        cell = {name: record.get(name) or None for name in known}
        prices.append(
            NewPrice(
                plan=str(cell["plan"]),
                line=str(cell["line"]),
                usd=str(cell["usd"]),
                start=str(cell["from"]),
                date_is=str(cell["date_is"]),
                source=str(cell["source"]),
                title=cell["title"],
                url=cell["url"],
                seen=cell["seen"],
                grade=cell["grade"],
                row=row,
            )
        )
    if problems:
        raise DataError(problems)
    return prices


def _csv_rows(path: Path) -> list[tuple[int, list[str]]]:
    text = read_text(path)
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise DataError(
            [Problem(str(path), reader.line_num, "", f"not CSV ({error})", "save it anew as CSV")]
        ) from None


def xlsx_rows(path: Path) -> list[tuple[int, list[str]]]:
    """Read the first sheet of a workbook as rows of text, each with its number; merged cells are refused."""
    import openpyxl

    if not path.is_file():
        raise UserError(f"{path}: there is no such file: check the name and the folder")
    try:
        sheet = openpyxl.load_workbook(path, data_only=False).worksheets[0]
    except Exception:  # whatever openpyxl makes of a damaged file
        raise UserError(f"{path}: this is not an xlsx workbook: save it as .xlsx or .csv") from None
    merged = [str(cells) for cells in sheet.merged_cells.ranges]
    if merged:
        raise DataError([Problem(str(path), 1, merged[0], "cells are merged", "split them, one value in each cell")])
    return [(i, [_cell(value) for value in row]) for i, row in enumerate(sheet.iter_rows(values_only=True), 1)]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    return str(value)
