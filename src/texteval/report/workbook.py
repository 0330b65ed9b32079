"""The report as a workbook: change a price or a volume in a yellow cell, and every bill follows.

The formulas reckon as :mod:`texteval.billing` does, in whole micro-dollars and whole units; each carries the value
that texteval worked out, so that a preview which does not reckon shows the same. What is text in the data is written
as text and never as a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xlsxwriter.utility import xl_rowcol_to_cell

from texteval.assess import largest
from texteval.billing import builds_on, is_due, is_unpublished, price
from texteval.catalog import Line
from texteval.charges import (
    METER_WORDS,
    SEATS,
    Allowance,
    Charge,
    Group,
    Maximum,
    Minimum,
    MixRate,
    Package,
    PackageRate,
    Percent,
    TiersRate,
    UnpublishedRate,
)
from texteval.decide import Option
from texteval.evidence import GRADE_WORDS
from texteval.money import MAX_QUANTITY, MICRO, cents, show
from texteval.practice import MONTHS, Message
from texteval.report.charge_cells import (
    P_ABOVE,
    P_AVERAGE,
    P_CHECK,
    P_FIXED,
    P_FIXED_MICRO,
    P_FROM,
    P_INCLUDED,
    P_MICRO,
    P_PERCENT,
    P_PLAN,
    P_POINTS,
    P_SEEN,
    P_SIZE,
    P_UP_TO,
    P_USD,
    PRICE_STYLES,
    bounds_of,
    charge_words,
    counted_words,
    due_words,
    estimate_words,
    numbers_of,
    rate_formula,
    rate_of,
    words_of,
)
from texteval.report.model import Report
from texteval.report.pages import stamp_words
from texteval.report.sheet import (
    STYLES,
    Book,
    Sheet,
    Value,
    cell_at,
    cells_between,
    cells_of,
    is_one_of,
    is_whole,
    plain_text,
)
from texteval.words import CHANNEL_WORDS, MARKS, ORDER, channel_words, evidence, gap, reason, rule_grade

MOST = 100_000_000
"""The largest total that the formulas give, in dollars: up to here every step of them is exact."""

FAULT = "check the yellow cells"
"""What stands in place of a total while an input is none that texteval would take."""

TOO_SMALL = "too small for this practice"

INPUTS: tuple[tuple[str, str, int, str], ...] = (
    ("clinicians", "Clinicians", 1, "people who see clients"),
    ("staff", "Other staff", 0, "people with a login who are not clinicians"),
    ("managers", "Managers", 0, "of the other staff, those who are practice managers"),
    ("sessions_per_week", "Sessions a week", 0, "of the whole practice, in a working week"),
    ("weeks_per_year", "Working weeks a year", 1, "1 to 52"),
    ("active_clients", "Active clients", 0, "clients under treatment; as many as weekly sessions, if left empty"),
    ("locations", "Locations", 1, ""),
    ("numbers", "Phone numbers", 1, "numbers that send texts"),
    ("claims_per_month", "Claims a month", 0, "insurance claims filed"),
)
"""The fields of a practice that move a bill: name, words, smallest value, meaning."""

SIZES = {
    "clinicians": "clinicians",
    "logins": "logins",
    "locations": "locations",
    "active_clients": "clients",
    "sessions_per_month": "sessions_per_month",
}
"""For each limit of a plan the named cell that it is held against."""

SENT = (
    "message_out",
    "message_in",
    "segment_out",
    "segment_in",
    "mms_out",
    "mms_in",
    "secure_message",
    "broadcast",
)
"""The meters that hang on the channel of each purpose."""


def workbook(report: Report) -> bytes:
    """Write the report as a workbook with live formulas.

    Verdicts, and the channel that serves each purpose, are those of the report; bills are reckoned anew from the
    yellow cells, for every plan, to the cent.

    Parameters
    ----------
    report : Report
        As :func:`texteval.report.build` gathers it.

    Returns
    -------
    bytes
        An xlsx file; the same bytes each time for the same report.
    """
    buffer = io.BytesIO()
    book = _Book(report, buffer)
    book.fill()
    book.file.close()
    return buffer.getvalue()


@dataclass
class _Use:
    """One choice of channels, and the rows in which its meters are counted."""

    channels: dict[str, str]
    months: list[dict[str, int]]
    number: int
    plans: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)


# Columns of the sheets that formulas point to.

(
    M_PURPOSE, M_WAY, M_PER, M_COUNT, M_PERCENT, M_SEGMENTS, M_YEAR, M_SEGMENTS_YEAR, M_CHECK, M_TEXT, M_SOURCE,
) = range(11)  # fmt: skip
U_MONTH = 3
B_COUNT, B_AMOUNT = 5, 5 + MONTHS
B_YEAR, B_PRINTED = 5 + 2 * MONTHS, 6 + 2 * MONTHS
(
    C_PLACE, C_TOOL, C_VERDICT, C_MONTH, C_YEAR, C_SIZE, C_DELIVERED, C_WHY, C_CHANNELS, C_PRICES, C_KIND, C_PLAN,
    C_LIMIT,
) = range(13)  # fmt: skip
C_USE = C_LIMIT + len(SIZES)
C_RIVAL = C_USE + 1
OPEN_END = 1_000_000_000
"""The end of the last tier, for the formulas: beyond any count."""


class _Book(Book):
    """The workbook of a report while it is written."""

    def __init__(self, report: Report, buffer: io.BytesIO) -> None:
        super().__init__(
            buffer,
            f"Texting tools for {report.comparison.practice.name}",
            "Which texting tool, what it costs, and how sure that is",
            stamp_words(report),
            report.on,
        )
        self.report = report
        self.catalog, self.comparison = report.catalog, report.comparison
        self.practice, self.on = report.comparison.practice, report.comparison.on
        yellow, grey, blue = "#FFC000", "#A6A6A6", "#005A8F"
        self.answer = Sheet(self, "Answer", (36, 76, 15, 15), blue)
        self.inputs = Sheet(self, "Practice", (27, 10, 10, 10, 11, 10, 10, 11, 26, 44, 44), yellow)
        self.costs = Sheet(
            self, "Costs", (5, 32, 20, 14, 15, 15, 15, 54, 30, 34, 20, 34, *[11] * len(SIZES), 10, 13), blue
        )
        self.prices = Sheet(
            self,
            "Prices",
            (26, 26, 30, 26, 10, 9, 10, 11, 10, 8, 17, 11, 10, 36, 12, 26, 44, 34, 13, 13, 11, 14, 13, 13),
            yellow,
        )
        self.usage = Sheet(self, "Usage", (30, 28, 12, *[10] * MONTHS), grey)
        self.bill = Sheet(self, "Bill", (38, 36, 32, 34, 13, *[11] * (2 * MONTHS), 14, 14), grey)
        self.verdicts = Sheet(self, "Verdicts", (36, 21, *[20] * 4, *[42] * 4), blue)
        self.losers = Sheet(self, "Why not", (36, 21, 50, 56, 50, 56), blue)
        self.facts = Sheet(self, "Facts", (22, 36, 20, 26, 26, 13, 14, 40, 34, 54), blue)
        self.sources = Sheet(self, "Sources", (38, 60, 28, 14, 34, 60, 60), blue)
        self.assumptions = Sheet(self, "Assumptions", (44, 70, 40, 34, 14), blue)
        self.places: dict[tuple[str, str], int] = {}  # the first row of each line of a price list
        self.uses: dict[tuple[tuple[str, str], ...], _Use] = {}
        self.use_of: dict[str, _Use] = {}
        self.totals: dict[str, int] = {}  # the row of each plan's total
        self.seat_rows: dict[str, int] = {}
        self.checks: list[str] = []

    def lines(self, option: Option) -> list[Line]:
        return self.catalog.price_lines(option.plan, self.on) or []

    def fill(self) -> None:
        """Write every sheet, first those that others point to."""
        for option in self.comparison.options:
            key = tuple(option.coverage.channels.items())
            if key not in self.uses:
                months = self.practice.usage(option.coverage.channels)
                self.uses[key] = _Use(option.coverage.channels, months, len(self.uses) + 1)
            self.uses[key].plans.append(option.plan)
            self.use_of[option.plan] = self.uses[key]
        self._practice()
        self._usage()
        self._prices()
        self._bill()
        self._faults()
        self._costs()
        self._answer()
        self._verdicts()
        self._why_not()
        self._facts()
        self._sources()
        self._assumptions()
        for sheet in self.sheets:
            sheet.close()
        self.answer.page.activate()

    # Practice: the inputs.

    def _practice(self) -> None:
        sheet, practice = self.inputs, self.practice
        row = sheet.top(
            f"The practice: {practice.name}",
            "Change a yellow cell, and every bill in this workbook follows. Verdicts do not: they are those of the "
            "practice as delivered.",
        )
        for column, title in enumerate(("What", "Number", "Meaning", "", "", "", "", "", "Check")):
            sheet.text(row, column, title, "head")
        first = row + 1
        for name, words, least, meaning in INPUTS:
            row += 1
            most = 52 if name == "weeks_per_year" else MAX_QUANTITY
            value = getattr(practice, name)
            sheet.text(row, 0, words)
            if value is None:
                sheet.page.write_blank(row, 1, None, self.style("input", "count"))
            else:
                sheet.number(row, 1, value, "input", "count")
            sheet.text(row, 2, meaning, "soft", "apart")
            sheet.whole(row, 1, least, most)
            cell = cell_at(row, 1)
            self.file.define_name(name, f"={cell_at(row, 1, 'Practice')}")
            asked = is_whole(cell, least, most)
            if name == "active_clients":
                asked = f"IF(ISBLANK({cell}),TRUE,{asked})"
            if name == "managers":
                asked = f"IF({asked},{cell}<=staff,FALSE)"
            wrong = f"a whole number from {least:,} to {most:,}" + (
                ", no more than staff" if name == "managers" else ""
            )
            sheet.live(row, M_CHECK, f'IF({asked},"","{wrong}")', "", "alarm")
        self.checks.append(cells_between(first, row, M_CHECK, "Practice"))
        row += 1
        size = practice.size()
        for name, words, formula, value in (
            ("logins", "People with a login", "N(clinicians)+N(staff)", practice.logins),
            (
                "clients",
                "Active clients, as counted",
                "IF(ISBLANK(active_clients),N(sessions_per_week),N(active_clients))",
                size["active_clients"],
            ),
            (
                "sessions_per_year",
                "Sessions a year",
                "N(sessions_per_week)*N(weeks_per_year)",
                practice.sessions_per_week * practice.weeks_per_year,
            ),
            (
                "sessions_per_month",
                "Sessions a month, rounded up",
                f"ROUNDUP(sessions_per_year/{MONTHS},0)",
                size["sessions_per_month"],
            ),
        ):
            row += 1
            sheet.text(row, 0, words)
            sheet.live(row, 1, formula, value, "working", "count")
            self.file.define_name(name, f"={cell_at(row, 1, 'Practice')}")
        self.faults_at = row + 1
        row += 3
        sheet.text(row, 0, "What it sends and receives", "section")
        row += 1
        sheet.text(
            row,
            0,
            "Each kind: so many for each session, week, month or year, in so many of a hundred cases; segments are the "
            "parts that carriers bill.",
            "soft",
        )
        row += 1
        titles = ("Purpose", "Out or in", "For each", "How many", "In percent of cases", "Segments", "A year",
                  "Segments a year", "Check", "Example text, from which segments were counted",
                  "Where it comes from")  # fmt: skip
        sheet.head(row, titles)
        judged = [words_of(purpose) for purpose in practice.purposes] or ["none"]
        first = row + 1
        for message in practice.messages:
            row += 1
            self._message(row, message, judged)
        self.messages = (first, row)
        self.checks.append(cells_between(first, row, M_CHECK, "Practice"))
        sheet.page.freeze_panes(1, 1)
        sheet.page.repeat_rows(0)

    def _message(self, row: int, message: Message, judged: list[str]) -> None:
        sheet, pers = self.inputs, ("session", "week", "month", "year")
        sheet.text(row, M_PURPOSE, words_of(message.purpose), "input")
        sheet.text(row, M_WAY, message.direction, "input")
        sheet.text(row, M_PER, message.per, "input")
        segments = message.segments.segments
        for column, value in ((M_COUNT, message.count), (M_PERCENT, message.percent), (M_SEGMENTS, segments)):
            sheet.number(row, column, value, "input", "count")
        for column, choice in ((M_PURPOSE, judged), (M_WAY, ["out", "in"]), (M_PER, list(pers))):
            rule = {"validate": "list", "source": choice, "error_message": "Choose one of the list."}
            sheet.page.data_validation(row, column, row, column, rule)
        bounds = {M_COUNT: (0, MAX_QUANTITY), M_PERCENT: (0, 100), M_SEGMENTS: (1, MAX_QUANTITY)}
        for column, (least, most) in bounds.items():
            sheet.whole(row, column, least, most)
        purpose, way, per, count, percent, parts, year, *_ = (cell_at(row, column) for column in range(M_CHECK))
        base = f'IF({per}="session",sessions_per_year,IF({per}="week",N(weeks_per_year),IF({per}="month",{MONTHS},1)))'
        many = self.practice.year(message)
        sheet.live(row, M_YEAR, f"ROUND({base}*N({count})*N({percent})/100,0)", many, "working", "count")
        sheet.live(row, M_SEGMENTS_YEAR, f"{year}*N({parts})", many * segments, "working", "count")
        whole = [is_whole(cell_at(row, column), *bounds[column]) for column in bounds]
        listed = f"AND({is_one_of(way, ('out', 'in'))},{is_one_of(per, pers)})"
        sheet.live(
            row,
            M_CHECK,
            f'IF(AND({",".join(whole)}),IF({listed},IF(OR({is_one_of(purpose, judged)},{year}=0),"",'
            '"this purpose was not judged"),"choose from the lists"),"whole numbers only")',
            "",
            "alarm",
        )
        sheet.text(row, M_TEXT, message.text, "wrap")
        source = self.practice.sources.get(message.source) if message.source else None
        sheet.text(
            row, M_SOURCE, ". ".join(filter(None, [source.title if source else None, message.note])), "soft", "wrap"
        )

    def _faults(self) -> None:
        """Count the yellow cells that texteval would refuse: totals are withheld while there are any."""
        row, sheet = self.faults_at, self.inputs
        sheet.text(row, 0, "Yellow cells to put right", "bold")
        parts = [f"SUMPRODUCT(--(LEN({span})>0))" for span in self.checks]
        largest_count = f"IF(MAX({self.months_span})>{MAX_QUANTITY},1,0)"
        sheet.live(row, 1, "+".join([*parts, largest_count]), 0, "bold", "count")
        said = f"a month has more than {MAX_QUANTITY:,} of something: too much to price"
        sheet.live(row, 2, f'IF({largest_count}=1,"{said}","")', "", "alarm")
        self.file.define_name("faults", f"={cell_at(row, 1, 'Practice')}")

    # Usage: what is counted, month by month.

    def _usage(self) -> None:
        sheet = self.usage
        top = sheet.top(
            "What is counted, month by month",
            "Reckoned from the sheet Practice. A year's count is spread over the months in whole units that add up to "
            "the year; what a practice has counts the same each month.",
            "The channel for each purpose is the one that texteval chose for the plan: by verdict, then by preference. "
            "It does not change with the numbers.",
        )
        sheet.head(top, ("What", "Meter", "A year", *[f"Month {month}" for month in range(1, MONTHS + 1)]))
        seats = self.practice.seats()
        named = {
            "account": "1",
            "clinician": "N(clinicians)",
            "staff": "N(staff)",
            "manager": "N(managers)",
            "login": "logins",
            "number": "N(numbers)",
            "location": "N(locations)",
            "active_client": "clients",
        }
        row = top
        for meter in SEATS:
            row += 1
            self.seat_rows[meter] = row
            sheet.text(row, 0, METER_WORDS[meter])
            sheet.text(row, 1, meter, "soft")
            for month in range(MONTHS):
                sheet.live(row, U_MONTH + month, named[meter], seats[meter], "count")
        year = self.practice.usage_year({})
        flows = {"session": "sessions_per_year", "claim": f"N(claims_per_month)*{MONTHS}"}
        for meter, formula in flows.items():
            row += 1
            self.seat_rows[meter] = row
            self._spread(row, meter, formula, year[meter])
        for use in self.uses.values():
            row = self._channels(row + 2, use)
        self.months_span = f"{cell_at(top + 1, U_MONTH, 'Usage')}:{cell_at(row, U_MONTH + MONTHS - 1)}"
        sheet.page.freeze_panes(top + 1, 2)
        sheet.page.repeat_rows(top)

    def _spread(self, row: int, meter: str, formula: str, year: int) -> None:
        sheet = self.usage
        sheet.text(row, 0, METER_WORDS[meter])
        sheet.text(row, 1, meter, "soft")
        sheet.live(row, 2, formula, year, "count")
        total = xl_rowcol_to_cell(row, 2, col_abs=True)
        for month in range(MONTHS):
            before = f"-INT({total}*{month}/{MONTHS})" if month else ""
            value = year * (month + 1) // MONTHS - year * month // MONTHS
            sheet.live(row, U_MONTH + month, f"INT({total}*{month + 1}/{MONTHS}){before}", value, "count")

    def _channels(self, row: int, use: _Use) -> int:
        """Count one choice of channels; return the last row."""
        sheet = self.usage
        many = len(use.plans)
        sheet.text(row, 0, f"Channels {use.number}: of {many} plan{'' if many == 1 else 's'}", "section")
        first = row + 1
        for purpose in self.practice.purposes:
            row += 1
            channel = use.channels.get(purpose)
            sheet.text(row, 0, words_of(purpose))
            sheet.text(row, 1, CHANNEL_WORDS[channel] if channel else "none")
        last = max(row, first)
        year = self.practice.usage_year(use.channels)
        for meter in SENT:
            row += 1
            use.rows[meter] = row
            self._spread(row, meter, self._sent(meter, first, last), year[meter])
        return row

    def _sent(self, meter: str, first: int, last: int) -> str:
        """Sum the kinds of messages that a meter counts, over the purposes that have its channel."""
        purposes, channels = cells_between(first, last, 0), cells_between(first, last, 1)
        purpose, way = (
            cells_between(*self.messages, M_PURPOSE, "Practice"),
            cells_between(*self.messages, M_WAY, "Practice"),
        )
        thing, _, direction = meter.rpartition("_")
        count = cells_between(*self.messages, M_SEGMENTS_YEAR if thing == "segment" else M_YEAR, "Practice")
        if meter == "secure_message":
            served, asked = f'({channels}="{CHANNEL_WORDS["secure_message"]}")', ""
        elif meter == "broadcast":
            served, asked = f'({channels}<>"none")*({purposes}="practice notice")', f',{way},"out"'
        else:
            channel = CHANNEL_WORDS["mms" if thing == "mms" else "sms"]
            served, asked = f'({channels}="{channel}")', f',{way},"{direction}"'
        return f"SUMPRODUCT(SUMIFS({count},{purpose},{purposes}{asked})*{served})"

    # Prices: each line of each price list, once.

    def _prices(self) -> None:
        sheet = self.prices
        top = sheet.top(
            "Prices, as published",
            "Change a yellow cell, and the bills of all plans that have this line follow. Prices are in US dollars, "
            "with at most six decimals. Fees that several plans share stand once, at the end.",
        )
        sheet.head(
            top,
            ("Tool or fee", "Line", "How it is charged", "What is counted", "Due", "Included", "Package, or up to",
             "Price, US$", "Price of the tier, US$", "Percent", "Check", "From", "This day is", "Source", "Dated",
             "Grade", "Note", "Plan", "Price in millionths", "Tier in millionths", "Above", "Up to",
             "Hundredths of a percent", "Average in millionths"),
        )  # fmt: skip
        origins: dict[str, dict[str, Line]] = {}
        for option in self.comparison.options:
            for line in self.lines(option):
                origins.setdefault(line.origin, {})[line.name] = line
        schedules = self.catalog.file.schedules
        row = top
        for origin in sorted(origins, key=lambda origin: origin in schedules):
            title = schedules[origin].name if origin in schedules else self.catalog.title(origin)
            for line in origins[origin].values():
                self.places[origin, line.name] = row + 1
                row = self._line(row + 1, title, line)
        if row > top:
            self.checks.append(cells_between(top + 1, row, P_CHECK, "Prices"))
        sheet.table(top, row, P_PLAN + 1, 2, P_SEEN + 1)

    def _line(self, row: int, title: str, line: Line) -> int:
        """Write a line, one row for each of its tiers or carriers; return the last row."""
        sheet, charge = self.prices, line.charge
        source = self.catalog.sources[line.source]
        rows = list(numbers_of(charge))
        for i, (part, numbers) in enumerate(rows):
            here = row + i
            told = (title, line.name, charge_words(charge) + part, counted_words(charge), due_words(charge))
            for column, value in enumerate(told):
                sheet.text(here, column, value, "wrap")
            for column, number in numbers.items():
                sheet.number(here, column, number, "input", PRICE_STYLES[column])
            if isinstance(rate_of(charge), UnpublishedRate):
                sheet.text(here, P_USD, "not published", "soft", "right")
            yours = " (yours)" if line.own else ""
            note = ". ".join(filter(None, [charge.note, estimate_words(charge)]))
            about = (line.since, words_of(line.date_is), f"{source.title}{yours}", source.day,
                     GRADE_WORDS[source.grade], note, line.origin)  # fmt: skip
            for column, value in enumerate(about, P_FROM):
                sheet.text(here, column, value, "soft", "wrap")
            self._checked(here, charge, numbers, row, i == len(rows) - 1)
        return row + len(rows) - 1

    def _checked(self, row: int, charge: Charge, numbers: Mapping[int, float], first: int, last: bool) -> None:
        """Check a row of numbers, and turn them into whole ones for the bills."""
        sheet, rate = self.prices, rate_of(charge)
        asked = []
        for column in numbers:
            cell = cell_at(row, column)
            low, high = bounds_of(charge, column)
            if column in (P_INCLUDED, P_SIZE) or (isinstance(rate, MixRate) and column == P_PERCENT):
                asked.append(is_whole(cell, low, high))
                sheet.whole(row, column, low, high)
            else:
                asked.append(f"AND(ISNUMBER({cell}),N({cell})>={low},N({cell})<={high})")
                rule = {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high,
                        "error_message": f"Write a number from {low:,} to {high:,}."}  # fmt: skip
                sheet.page.data_validation(row, column, row, column, rule)
        if isinstance(rate, TiersRate):
            above = cell_at(row - 1, P_UP_TO) if row > first else "0"
            sheet.live(row, P_ABOVE, above, self._above(rate, row - first), "working", "count")
            end = str(OPEN_END) if last else f"N({cell_at(row, P_SIZE)})"
            sheet.live(row, P_UP_TO, end, rate.tiers[row - first].up_to or OPEN_END, "working", "count")
            asked.append(f"{cell_at(row, P_UP_TO)}>{cell_at(row, P_ABOVE)}")
        if isinstance(rate, PackageRate):
            sheet.live(row, P_UP_TO, f"MAX(N({cell_at(row, P_SIZE)}),1)", rate.size, "working", "count")
        for column, working in ((P_USD, P_MICRO), (P_FIXED, P_FIXED_MICRO)):
            if column in numbers:
                micro = round(numbers[column] * MICRO)
                sheet.live(row, working, f"ROUND(N({cell_at(row, column)})*{MICRO},0)", micro, "working", "count")
        if isinstance(charge, Percent):
            points = f"ROUND(ABS(N({cell_at(row, P_PERCENT)}))*100,0)"
            sheet.live(row, P_POINTS, points, abs(charge.percent), "working", "count")
        if isinstance(rate, MixRate) and row == first:
            end_row = first + len(rate.parts) - 1
            shares, micros = cells_between(first, end_row, P_PERCENT), cells_between(first, end_row, P_MICRO)
            sheet.live(row, P_AVERAGE, f"ROUND(SUMPRODUCT({shares},{micros})/100,0)", rate.usd, "working", "count")
            asked.append(f"SUM({shares})=100")
        if asked:
            wrong = "carriers add up to 100 percent, in whole numbers" if isinstance(rate, MixRate) else "out of range"
            sheet.live(row, P_CHECK, f'IF(AND({",".join(asked)}),"","{wrong}")', "", "alarm")

    @staticmethod
    def _above(rate: TiersRate, i: int) -> int:
        return rate.tiers[i - 1].up_to or 0 if i else 0

    # Bill: each line of each plan, month by month.

    def _bill(self) -> None:
        sheet = self.bill
        top = sheet.top(
            "Bills, line by line and month by month",
            "Amounts are kept in whole millionths of a dollar and shown in dollars. Each line is rounded to cents "
            "once, over the year; a total is the sum of its printed lines.",
            "A price that nobody publishes makes its line unknown wherever something is used; the total then says from "
            "what it starts.",
        )
        months = range(1, MONTHS + 1)
        sheet.head(
            top,
            ("Tool", "Plan", "Line", "How it is charged", "Due", *[f"Count, month {month}" for month in months],
             *[f"US$, month {month}" for month in months], "A year, exact US$", "A year, printed US$"),
        )  # fmt: skip
        row = top
        for option in self.comparison.options:
            if option.invoice is not None:
                row = self._plan(row + 1, option)
        sheet.table(top, row, B_PRINTED + 1, 3)
        sheet.page.fit_to_pages(2, 0)
        sheet.page.repeat_columns(0, 2)
        if row > top:  # a bill of which nothing is published is unknown, not zero
            total, status = (xl_rowcol_to_cell(top + 1, column, col_abs=True) for column in (B_PRINTED, B_YEAR))
            unknown = self.file.add_format({"num_format": '"unknown"'})
            rule = {"type": "formula", "criteria": f'=AND({status}="from",{total}=0)', "format": unknown}
            sheet.page.conditional_format(top + 1, B_PRINTED, row, B_PRINTED, rule)

    def _plan(self, row: int, option: Option) -> int:
        """Write the bill of a plan; return the row of its total."""
        lines, use = self.lines(option), self.use_of[option.plan]
        sheet, amounts = self.bill, _by_line(lines, use.months)
        rows = list(range(row, row + len(lines)))
        printed = self._bill_lines(option, lines, rows, amounts)
        hidden = [i for i, line in enumerate(lines) if is_unpublished(line)]
        total = _sum(f"{cells_between(rows[0], rows[-1], B_PRINTED)}") if rows else "0"
        at_least = sum(year for year in printed if year is not None)
        end = row + len(lines)
        said = "known"
        status = f'"{said}"'
        if hidden:
            unknown = f'COUNTIF({cells_between(rows[0], rows[-1], B_YEAR)},"unknown")'
            status, said = f'IF({unknown}>0,"from","known")', "from" if None in printed else "known"
            if any(set(_builds_on(lines, i)) & set(hidden) for i in range(len(lines))):
                # Where a discount or fee builds on an unpublished line, it is taken of the published part as well.
                published = [line for line in lines if not is_unpublished(line)]
                places = [place for place, line in zip(rows, lines, strict=True) if not is_unpublished(line)]
                groups = [i for i, line in enumerate(published) if isinstance(line.charge, Group)]
                for i in groups:
                    places[i] = end
                    end += 1
                part = _by_line(published, use.months)
                known = self._bill_lines(option, published, places, part, groups)
                lower = f"MIN({total},{_sum(cells_of(places, B_PRINTED))})"
                total = f"IF({unknown}>0,{lower},{total})"
                at_least = min(at_least, sum(year or 0 for year in known)) if None in printed else at_least
        for column, value in enumerate((option.title, option.plan, "Total")):
            sheet.text(end, column, value, "total")
        for column in range(3, B_YEAR):
            sheet.text(end, column, "", "total")
        sheet.live(end, B_PRINTED, total, at_least / 100, "total", "usd")
        big = f"ABS({cell_at(end, B_PRINTED)})>{MOST}"
        sheet.live(end, B_YEAR, f'IF({big},"too large",{status})', said, "total", "right")
        self.totals[option.plan] = end
        return end

    def _bill_lines(
        self,
        option: Option,
        lines: Sequence[Line],
        rows: Sequence[int],
        amounts: Sequence[Sequence[int | None]],
        only: Sequence[int] | None = None,
    ) -> list[int | None]:
        """Write lines of a plan into rows, those that are asked for; return each line's year in cents."""
        sheet, use = self.bill, self.use_of[option.plan]
        years: list[int | None] = []
        for i, (line, row, months) in enumerate(zip(lines, rows, amounts, strict=True)):
            year = None if None in months else sum(month for month in months if month is not None)
            years.append(None if year is None else cents(year))
            if only is not None and i not in only:
                continue
            charge, soft = line.charge, "soft"
            name = line.name if only is None else f"{line.name} (of what is published)"
            for column, value in enumerate((option.title, option.plan, name, charge_words(charge), due_words(charge))):
                sheet.text(row, column, value, *([soft] if column != 2 else []))
            for month in range(MONTHS):
                if not is_due(lines, i, month):
                    sheet.number(row, B_COUNT + month, 0, "count", soft)
                    sheet.number(row, B_AMOUNT + month, 0, "micro", soft)
                    continue
                if isinstance(charge, Group):
                    inside = builds_on(lines, i)
                    parts = [amounts[j][month] for j in inside]
                    places = [rows[j] for j in inside]
                    counted = cells_of(places, B_AMOUNT + month)
                    formula = f"SUM({counted})"
                    if any(_may_be_unknown(lines, j) for j in inside):
                        formula = f'IF(COUNT({counted})<{len(places)},"unknown",{formula})'
                    known = [part for part in parts if part is not None]
                    subtotal: Value = sum(known) if len(known) == len(parts) else "unknown"
                    sheet.live(row, B_COUNT + month, formula, subtotal, "micro", soft, "right")
                else:
                    counted = "+".join(
                        cell_at(self._meter(use, meter), U_MONTH + month, "Usage") for meter in charge.meter
                    )
                    many = sum(use.months[month].get(meter, 0) for meter in charge.meter)
                    sheet.live(row, B_COUNT + month, counted, many, "count", soft)
                amount = months[month]
                sheet.live(
                    row,
                    B_AMOUNT + month,
                    self._amount(line, row, month, _may_be_unknown(lines, i)),
                    "unknown" if amount is None else amount,
                    "micro",
                )
            span = cells_between(row, row, B_AMOUNT).partition(":")[0] + ":" + cell_at(row, B_AMOUNT + MONTHS - 1)
            exact, printed = f"SUM({span})", f"ROUND({cell_at(row, B_YEAR)}/10000,0)/100"
            if _may_be_unknown(lines, i):
                exact = f'IF(COUNT({span})<{MONTHS},"unknown",{exact})'
                printed = f'IF(ISNUMBER({cell_at(row, B_YEAR)}),{printed},"unknown")'
            sheet.live(row, B_YEAR, exact, "unknown" if year is None else year, "micro")
            sheet.live(row, B_PRINTED, printed, "unknown" if year is None else cents(year) / 100, "usd")
        return years

    def _meter(self, use: _Use, meter: str) -> int:
        return self.seat_rows[meter] if meter in self.seat_rows else use.rows[meter]

    def _amount(self, line: Line, row: int, month: int, may_be_unknown: bool) -> str:
        """Write the formula for what a line costs in a month in which it is due."""
        charge, place = line.charge, self.places[line.origin, line.name]
        counted = xl_rowcol_to_cell(row, B_COUNT + month)
        micro = cell_at(place, P_MICRO, "Prices")
        if isinstance(charge, Group):
            if isinstance(charge, Minimum):
                formula = f"MAX({micro}-{counted},0)"
            elif isinstance(charge, Maximum):
                formula = f"-MAX({counted}-{micro},0)"
            else:
                assert isinstance(charge, Percent), f"the workbook has no formula for {charge.model}"
                points = cell_at(place, P_POINTS, "Prices")
                rest = f"INT((2*MOD({counted},10000)*{points}+10000)/20000)"
                formula = f"{'-' if charge.percent < 0 else ''}(INT({counted}/10000)*{points}+{rest})"
            return f'IF(ISTEXT({counted}),"unknown",{formula})' if may_be_unknown else formula
        if isinstance(charge, Package) and charge.rollover:
            size = cell_at(place, P_UP_TO, "Prices")
            begin = xl_rowcol_to_cell(row, B_COUNT, col_abs=True)
            before = f"-ROUNDUP(SUM({begin}:{xl_rowcol_to_cell(row, B_COUNT + month - 1)})/{size},0)" if month else ""
            return f"{micro}*(ROUNDUP(SUM({begin}:{counted})/{size},0){before})"
        if isinstance(charge, Allowance):
            included = cell_at(place, P_INCLUDED, "Prices")
            seats = f"*{cell_at(self.seat_rows[charge.per], U_MONTH + month, 'Usage')}" if charge.per else ""
            return rate_formula(charge.then, place, f"MAX({counted}-{included}{seats},0)")
        return rate_formula(charge, place, counted)

    # Costs: every plan, in the order of the comparison.

    def _costs(self) -> None:
        sheet = self.costs
        top = sheet.top(
            "What every plan costs this practice",
            ORDER,
            "This order and the verdicts are those of the practice as delivered. They do not follow the yellow cells: "
            "a practice of another size may be judged otherwise.",
            "A month is a twelfth of the first year. 'From' marks a bill with a price that nobody publishes; where "
            "nothing is published, the cost is unknown.",
            "A blue cell differs from what was delivered.",
        )
        limits = [f"At most {words_of(name)}" for name in SIZES]
        titles = ("#", "Tool", "Verdict (fixed)", "US$ a month", "US$ in the first year", "Size (live)",
                  "First year, as delivered (fixed)", "What it takes, or why not", "Channels", "Its prices",
                  "Kind of tool", "Plan", *limits, "Channels on sheet Usage", "Compared for the cheapest")  # fmt: skip
        sheet.head(top, titles, 48)
        row = top
        for place, option in enumerate(self.comparison.options, 1):
            row += 1
            self._option(row, place, option)
        sheet.table(top, row, len(titles), 2, C_WHY + 1)
        self.cost_rows = {option.plan: top + 1 + i for i, option in enumerate(self.comparison.options)}
        if row > top:
            year, before = xl_rowcol_to_cell(top + 1, C_YEAR), xl_rowcol_to_cell(top + 1, C_DELIVERED)
            changed = self.file.add_format({"bg_color": "#CFE5F3", "bold": True})
            rule = {"type": "formula", "criteria": f"=${year}<>${before}", "format": changed}
            sheet.page.conditional_format(top + 1, C_MONTH, row, C_YEAR, rule)
            small = self.file.add_format(STYLES["alarm"])
            rule = {"type": "cell", "criteria": "==", "value": f'"{TOO_SMALL}"', "format": small}
            sheet.page.conditional_format(top + 1, C_SIZE, row, C_SIZE, rule)

    def _option(self, row: int, place: int, option: Option) -> None:
        sheet, end = self.costs, self.totals.get(option.plan)
        sheet.number(row, C_PLACE, place, "line")
        sheet.text(row, C_TOOL, option.title, "line", "bold", "wrap")
        sheet.text(row, C_VERDICT, f"{MARKS[option.verdict]} {option.verdict}", "line", option.verdict)
        year = _printed(option.year, option.at_least)
        if end is None:
            for column in (C_MONTH, C_YEAR):
                sheet.text(row, column, "unknown", "line", "usd")
        else:
            total, status = cell_at(end, B_PRINTED, "Bill"), cell_at(end, B_YEAR, "Bill")
            month = f"ROUND(INT(ROUND({total}*100,0)*10000/{MONTHS})/10000,0)/100"
            twelfth = _printed(*(None if part is None else part // MONTHS for part in (option.year, option.at_least)))
            for column, amount, value in ((C_MONTH, month, twelfth), (C_YEAR, total, year)):
                sheet.live(row, column, _shown(total, status, amount), value, "line", "usd")
        if isinstance(year, str):
            sheet.text(row, C_DELIVERED, year, "line", "usd")
        else:
            sheet.number(row, C_DELIVERED, year, "line", "usd")
        sheet.text(row, C_WHY, reason(option), "line", "wrap")
        sheet.text(row, C_CHANNELS, channel_words(option.coverage) or "none", "line", "wrap")
        sheet.text(row, C_PRICES, self._price_remarks(option), "line", "wrap")
        sheet.text(row, C_KIND, words_of(option.kind), "line")
        sheet.text(row, C_PLAN, option.plan, "line", "soft")
        limits, size = largest(self.catalog, option.plan), self.practice.size()
        for column, name in enumerate(SIZES, C_LIMIT):
            if name in limits:
                sheet.number(row, column, limits[name], "line", "count")
            else:
                sheet.text(row, column, "", "line")
        if limits:
            over = ",".join(
                f"{SIZES[name]}>{xl_rowcol_to_cell(row, C_LIMIT + list(SIZES).index(name), col_abs=True)}"
                for name in limits
            )
            said = TOO_SMALL if any(size[name] > limit for name, limit in limits.items()) else "fits"
            sheet.live(row, C_SIZE, f'IF(OR({over}),"{TOO_SMALL}","fits")', said, "line", "wrap")
        else:
            sheet.text(row, C_SIZE, "no limit known", "line", "soft")
        sheet.number(row, C_USE, self.use_of[option.plan].number, "line", "soft")
        if self._is_rival(option):
            cost, fits = cell_at(row, C_YEAR), cell_at(row, C_SIZE)
            rival = _dollars_of(option.year) if option.year is not None else ""
            formula = f'IF(AND(ISNUMBER({cost}),{fits}<>"{TOO_SMALL}"),{cost},"")'
            sheet.live(row, C_RIVAL, formula, rival, "line", "usd", "working")
        else:
            sheet.text(row, C_RIVAL, "", "line", "working")

    def _price_remarks(self, option: Option) -> str:
        if option.invoice is None:
            return "No price list is known."
        hidden = [line.name for line in option.invoice.lines if line.year is None]
        remarks = [f"Not published: {', '.join(hidden)}."] if hidden else []
        remarks += ["One is old: check it."] if option.old_price else []
        remarks += ["One is your own."] if option.own_price else []
        return " ".join(remarks)

    # Answer: what an owner reads.

    def _answer(self) -> None:
        sheet, report = self.answer, self.report
        sheet.text(0, 0, f"Texting tools for {self.practice.name}", "title")
        sheet.page.set_row(0, 24)
        sheet.text(1, 0, f"{self.stamp}. Information, not legal advice.", "soft")
        sheet.text(3, 0, "The answer, as delivered", "section")
        sheet.text(3, 1, report.answer, "answer")
        row = 5
        sheet.head(row, ("Cost with the numbers now in this workbook", "Tool", "US$ a month", "US$ in the first year"))
        shown = [("The answer's tool, its own bill", report.first.plan)] if report.first else []
        if self.practice.now is not None and self.practice.now.plan in self.cost_rows:
            shown.append(("What is used today, bought anew", self.practice.now.plan))
        for words, plan in shown:
            row += 1
            option, at = self.comparison.option(plan), self.cost_rows[plan]
            sheet.text(row, 0, words)
            sheet.text(row, 1, option.title, "bold")
            self._cost(row, option, cell_at(at, C_MONTH, "Costs"), cell_at(at, C_YEAR, "Costs"))
        row = self._cheapest(row + 1)
        row += 2
        sheet.text(row, 0, "Are the yellow cells in order?")
        wrong = '" to put right: see the column Check on the sheets Practice and Prices; no total is shown until then"'
        sheet.live(row, 1, f'IF(faults=0,"yes","no, "&faults&{wrong})', "yes", "bold")
        row += 2
        for title, entries in _GUIDE:
            sheet.text(row, 0, title, "section")
            for style, words, meaning in entries:
                row += 1
                if style == "sheet":
                    sheet.page.write_url(row, 0, f"internal:'{words}'!A1", self.style("link"), words)
                else:
                    sheet.text(row, 0, words, *([style] if style else []))
                sheet.text(row, 1, meaning, "wrap")
            row += 2
        sheet.page.set_portrait()

    def _cost(self, row: int, option: Option, month: str, year: str) -> None:
        twelfth = _printed(*(None if part is None else part // MONTHS for part in (option.year, option.at_least)))
        self.answer.live(row, 2, month, twelfth, "usd")
        self.answer.live(row, 3, year, _printed(option.year, option.at_least), "usd", "bold")

    def _cheapest(self, row: int) -> int:
        """Say which finished, proven tool of those that fit is the cheapest now."""
        sheet = self.answer
        sheet.text(row, 0, "Cheapest finished tool that is proven, and fits", "wrap")
        rivals = [option for option in self.comparison.options if self._is_rival(option)]
        if not rivals:
            sheet.text(row, 1, "none is proven for the practice as delivered", "bold")
            return row
        best = min((option for option in rivals if option.year is not None), key=lambda o: o.order, default=None)
        shown: tuple[Value, ...] = ("none with a known cost", "", "")
        if best is not None and best.year is not None:
            shown = (plain_text(best.title), _dollars_of(best.year // MONTHS), _dollars_of(best.year))
        first, last = min(self.cost_rows.values()), max(self.cost_rows.values())
        costs = cells_between(first, last, C_RIVAL, "Costs")
        nothing = ('"none with a known cost"', '""', '""')
        for i, column in enumerate((C_TOOL, C_MONTH, C_YEAR)):
            found = f"INDEX({cells_between(first, last, column, 'Costs')},MATCH(MIN({costs}),{costs},0))"
            styles = ("usd",) if i else ("bold",)
            sheet.live(row, 1 + i, f"IF(COUNT({costs})=0,{nothing[i]},{found})", shown[i], *styles)
        return row

    def _is_rival(self, option: Option) -> bool:
        return option.proven and not option.building_block and option.plan in self.totals

    # Verdicts, reasons, facts and sources: as delivered.

    def _verdicts(self) -> None:
        sheet, matrix = self.verdicts, self.report.matrix
        top = sheet.top(
            "Verdicts by channel, as delivered",
            "One row for each vendor: its best plan. ✓ may be used, once the steps are done. ? passes only on unknown, "
            "old, disputed or weak evidence: ask. ✗ a gate fails. A dash: not offered.",
        )
        headings = list(matrix[0].cells) if matrix else []
        titles = ["Tool", "For this practice", *headings, *[f"{heading}: why" for heading in headings]]
        sheet.head(top, titles)
        row = top
        for line in matrix:
            row += 1
            sheet.text(row, 0, line.option.title, "line", "bold", "wrap")
            verdict = line.option.verdict
            sheet.text(row, 1, f"{MARKS[verdict]} {verdict}", "line", verdict)
            for column, cell in enumerate(line.cells.values(), 2):
                if cell is None:
                    sheet.text(row, column, "–", "line", "soft")
                    sheet.text(row, column + len(headings), "", "line")
                else:
                    sheet.text(row, column, f"{MARKS[cell.verdict]} {cell.verdict}", "line", cell.verdict)
                    sheet.text(row, column + len(headings), cell.reason, "line", "wrap")
        sheet.table(top, row, len(titles), 1)

    def _why_not(self) -> None:
        sheet, first = self.losers, self.report.first
        top = sheet.top(
            "Why not the others, as delivered",
            "Every plan but the one that the answer names. What is open is worth a question; what fails is not.",
        )
        titles = ("Tool", "Verdict", "In one line", "What is open", "What fails", "Ask the vendor")
        sheet.head(top, titles)
        row = top
        for option in self.comparison.options:
            if first is not None and option.plan == first.plan:
                continue
            row += 1
            coverage = option.coverage
            asked = dict.fromkeys(one.question for one in (*coverage.failures, *coverage.open_points) if one.question)
            sheet.text(row, 0, option.title, "line", "bold", "wrap")
            sheet.text(row, 1, f"{MARKS[option.verdict]} {option.verdict}", "line", option.verdict)
            told = [self._not_first(option), *(_listed(one.reason for one in part) for part in
                                      (coverage.open_points, coverage.failures)), _listed(asked)]  # fmt: skip
            for column, words in enumerate(told, 2):
                sheet.text(row, column, words, "line", "wrap")
        sheet.table(top, row, len(titles), 1)

    def _not_first(self, option: Option) -> str:
        """Say in one line why a plan is not the first."""
        first = self.report.first
        if not option.proven or first is None or option.building_block > first.building_block:
            return reason(option)
        if option.year is None:
            return f"Proven too, but a price of it is not published. {reason(option)}"
        advice = self.report.advice
        more = gap(advice.answers[-1].candidate(option.plan), self.report.candidate) if advice else None
        if not more or more < 0:
            return reason(option)
        return f"Proven too, but {show(more)} more in the first year. {reason(option)}"

    def _facts(self) -> None:
        sheet, on = self.facts, self.on
        top = sheet.top(
            "Facts, each with its source",
            f"All that was known on {on}, the best evidence first. What was searched for in vain is unknown, not no.",
        )
        titles = ("Vendor", "Fact", "Value", "For these plans and channels", "Grade", "Dated", "Stale, disputed",
                  "Source", "Source's id", "Step or note")  # fmt: skip
        sheet.head(top, titles)
        row = top
        for vendor_id, vendor in self.catalog.vendors.items():
            for name, attribute in self.catalog.attributes.attributes.items():
                told = [
                    (said.value, said.scope or "all", GRADE_WORDS[said.source.grade], said.source.day,
                     said.standing, said.source.title, said.piece.source, _notes(said.piece.step, said.piece.note))
                    for said in evidence(self.catalog, vendor_id, name, on)
                ]  # fmt: skip
                if not told and name in vendor.not_found:
                    told = [
                        (
                            "unknown",
                            "all",
                            "",
                            "",
                            "",
                            "",
                            "",
                            _notes(vendor.not_found[name]),
                        )
                    ]
                for values in told:
                    row += 1
                    for column, value in enumerate((vendor.name, attribute.title, *values)):
                        sheet.text(row, column, value, "wrap", *(["bold"] if column == 2 else []))
        sheet.table(top, row, len(titles), 2)

    def _sources(self) -> None:
        sheet = self.sources
        top = sheet.top("Sources", "Addresses are plain text: copy one into a browser to read on.")
        titles = ("Id", "Title", "Publisher", "Dated", "Grade", "Address", "Note")
        sheet.head(top, titles)
        row = top
        for source_id, source in self.catalog.sources.items():
            row += 1
            yours = " (yours)" if source_id in self.catalog.own else ""
            values = (source_id, source.title, source.publisher or "", source.day,
                      GRADE_WORDS[source.grade] + yours, source.url or "", source.note or "")  # fmt: skip
            for column, value in enumerate(values):
                sheet.text(row, column, value, "wrap")
        for of, source in self.report.read_besides:
            row += 1
            values = (f"({of})", source.title, source.publisher or "", source.day, rule_grade(source),
                      source.url or "", source.note or "")  # fmt: skip
            for column, value in enumerate(values):
                sheet.text(row, column, value, "wrap")
        sheet.table(top, row, len(titles), 1)

    def _assumptions(self) -> None:
        sheet, practice = self.assumptions, self.practice
        top = sheet.top("What the figures take for granted")
        titles = ("What", "How it is taken", "Note", "Where it comes from", "Dated")
        sheet.head(top, titles)
        shelf = "; ".join(f"{words_of(name)} {days}" for name, days in self.catalog.attributes.shelf_life_days.items())
        rows = [(what, how, "", "", "") for what, how in _GRANTED]
        rows += [
            ("Prices", f"List prices as of {self.on}, the first year with what is due once.", "", "", ""),
            ("Facts go stale after, in days", f"{shelf}.", "", "", ""),
            ("How the rule is read", practice.reading, practice.note or "", "", ""),
        ]
        for message in practice.messages:
            way = "sent" if message.direction == "out" else "received"
            often = f"{message.count:,} for each {message.per}, in {message.percent} of a hundred cases"
            source = practice.sources.get(message.source) if message.source else None
            where = f"{source.title} ({GRADE_WORDS[source.grade]})" if source else "not said"
            dated = source.day if source else ""
            rows.append((f"{words_of(message.purpose)}, {way}", often, message.note or "", where, dated))
        for row, values in enumerate(rows, top + 1):
            for column, value in enumerate(values):
                sheet.text(row, column, value, "line", "wrap")
        sheet.table(top, top + len(rows), len(titles), 1)


_GUIDE: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "How to use it",
        (
            ("", "1", "Change a yellow cell on the sheet Practice: sessions, people, how many messages."),
            ("", "2", "Change a yellow cell on the sheet Prices, if a vendor offers you another price."),
            ("", "3", "Read the costs here and on the sheet Costs; the sheet Bill shows each line, month by month."),
            ("", "", "Verdicts rest on facts, not on volumes: they do not follow. Nor does the channel that was chosen "
                     "for each purpose. For a practice that differs much, run texteval again."),
        ),
    ),
    (
        "What the colours mean",
        (
            ("input", "yellow", "a number that you may change"),
            ("working", "grey", "worked out from the yellow ones"),
            ("eligible", "✓ eligible", "every gate is met on good, fresh evidence"),
            ("with configuration", "✓ with configuration", "the same, once the steps are done"),
            ("verify first", "? verify first", "a gate rests on something unknown, old, disputed or second-hand: ask"),
            ("ineligible", "✗ ineligible", "a gate fails"),
        ),
    ),
    (
        "The sheets",
        (
            ("sheet", "Practice", "the practice in numbers; change them"),
            ("sheet", "Costs", "what every plan costs, live, with verdicts"),
            ("sheet", "Prices", "every line of every price list; change them"),
            ("sheet", "Usage", "what is counted, month by month"),
            ("sheet", "Bill", "every plan's bill, line by line and month by month"),
            ("sheet", "Verdicts", "may it be used, by channel"),
            ("sheet", "Why not", "for each plan that is not first: what is open, what fails, what to ask"),
            ("sheet", "Facts", "what is known of each vendor, with grade, date and source"),
            ("sheet", "Sources", "where it was read"),
            ("sheet", "Assumptions", "what the figures take for granted"),
        ),
    ),
)  # fmt: skip

_GRANTED = (
    ("A year", "The working weeks of the practice; a month is a twelfth of a year."),
    ("A year's messages", "Whole messages, rounded half up, spread over the months in whole units that add "
                          "up to the year."),
    ("Rounding", "Exact within; each line of a bill is rounded to cents once, half up, over the year; a total is the "
                 "sum of its printed lines."),
    ("Segments", "160 plain characters in a text alone, 153 a part when longer; 70 and 67 with an emoji or another "
                 "special character."),
    ("Taxes", "Left out, unless a price list states them."),
    ("A price that nobody publishes", "Never zero: the bill then says from what it starts, or that it is unknown."),
    ("Channels", "For each purpose the one with the best verdict, then the one that the practice prefers, of the "
                 "practice as delivered."),
)  # fmt: skip


def _listed(items: Iterable[str]) -> str:
    """Put several sentences into a cell, one a line."""
    told = list(items)
    return told[0] if len(told) == 1 else "\n".join(f"• {item}" for item in told)


def _notes(*parts: str | None) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part)


def _dollars_of(micro: int) -> float:
    return int(cents(micro)) / 100


def _printed(known: int | None, at_least: int | None) -> float | str:
    """Return what a cost cell shows: dollars, from what a bill starts, or unknown."""
    if known is not None:
        return _dollars_of(known)
    return f"from {show(at_least)}" if at_least else "unknown"


def _shown(total: str, status: str, amount: str) -> str:
    """Write the formula of a cost cell, by the same rule."""
    start = f'IF({total}=0,"unknown","from "&TEXT({amount},"$#,##0.00;-$#,##0.00"))'
    large = f"over {show(MOST * MICRO)}"
    return f'IF(faults>0,"{FAULT}",IF({status}="too large","{large}",IF({status}="from",{start},{amount})))'


def _sum(cells: str) -> str:
    """Sum printed amounts, whole cents in dollars."""
    return f"ROUND(SUM({cells}),2)"


def _by_line(lines: Sequence[Line], months: Sequence[Mapping[str, int]]) -> list[tuple[int | None, ...]]:
    """Price a year: for each line its amount in each month, in micro-dollars."""
    before: dict[str, int] = {}
    columns = []
    for month, counts in enumerate(months):
        columns.append(price(lines, counts, month, before))
        before = {meter: before.get(meter, 0) + many for meter, many in counts.items()}
    return list(zip(*columns, strict=True))


def _builds_on(lines: Sequence[Line], i: int) -> Iterator[int]:
    """List the lines that a group charge builds on, at first or second hand."""
    if isinstance(lines[i].charge, Group):
        for j in builds_on(lines, i):
            yield j
            yield from _builds_on(lines, j)


def _may_be_unknown(lines: Sequence[Line], i: int) -> bool:
    return any(is_unpublished(lines[j]) for j in (i, *_builds_on(lines, i)) if not isinstance(lines[j].charge, Group))
