"""The same plans, priced by what else one would reach for; each peer in the form that suits it best.

polars, DuckDB and pandas get their arithmetic from the price lists by :func:`rate` and what follows it: none of it is
texteval's own. Two tables are tried. *Wide*: a row for each practice and a column for each month of a meter, so that
what adds up is added up before it is priced. *Long*: a row for each practice and month, as a billing system exports it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from texteval import billing
from texteval.catalog import Line
from texteval.charges import (
    SEATS,
    Allowance,
    FlatRate,
    Group,
    Metered,
    Minimum,
    MixRate,
    Package,
    PackageRate,
    PerUnitRate,
    Rate,
    TiersRate,
)

MONTHS = 12
CORES = os.cpu_count() or 1

Lists = Mapping[str, Sequence[Line]]
Usage = Mapping[str, Any]
Column = Callable[[str], Any]


@dataclass(frozen=True)
class Contender:
    """One way to price the plans.

    ``run`` does the work that is timed; ``amounts`` reads a plan's row from what it returns, in the practices' order.
    """

    name: str
    form: str
    practices: int
    run: Callable[[], Any]
    amounts: Callable[[Any, int], Any]
    whole: bool = True
    """Whether it answers the question, what each practice pays in the year under each plan; else it does less."""

    def equal(self, result: Any, expected: Any) -> bool:
        """Tell whether all amounts, or a plan's sum of them, are exactly those expected, as whole numbers."""
        for i, of_plan in enumerate(expected[:, : self.practices]):
            row = np.asarray(self.amounts(result, i))
            if row.dtype != np.int64 or not np.array_equal(row, of_plan if row.size > 1 else [of_plan.sum()]):
                return False
        return True


# Price lists as arithmetic on columns.


class Words(NamedTuple):
    """How a peer says what is not written with an operator."""

    least: Callable[[Any, Any], Any]
    most: Callable[[Any, Any], Any]
    where: Callable[[Any, Any, Any], Any]


def total(parts: Iterator[Any] | Sequence[Any]) -> Any:
    return reduce(add, parts)


def rate(words: Words, rate: Rate | Metered, x: Any) -> Any:
    """Price a quantity."""
    if isinstance(rate, PerUnitRate | MixRate):
        return x * rate.usd
    if isinstance(rate, FlatRate):
        return words.least(x, 1) * rate.usd
    if isinstance(rate, PackageRate):
        return (x + (rate.size - 1)) // rate.size * rate.usd
    assert isinstance(rate, TiersRate)
    assert rate.mode != "graduated"
    last = rate.tiers[-1]
    amount = x * last.usd + last.flat_usd
    for tier in reversed(rate.tiers[:-1]):
        amount = words.where(x <= tier.up_to, x * tier.usd + tier.flat_usd, amount)
    return words.where(x > 0, amount, 0)


def quantity(words: Words, charge: Metered, column: Column) -> Any:
    """Return what is charged in a month: beyond what is included."""
    many = total([column(meter) for meter in charge.meter])
    if isinstance(charge, Allowance):
        return words.most(many - (column(charge.per) * charge.included if charge.per else charge.included), 0)
    return many


def of_year(words: Words, charge: Metered, column: Callable[[str, int], Any], whole: Column) -> Any:
    """Price a year of a wide table; ``whole`` is a meter's sum over the months."""
    priced = charge.then if isinstance(charge, Allowance) else charge
    months = [lambda meter, month=month: column(meter, month) for month in range(MONTHS)]
    if set(charge.meter) <= set(SEATS):
        due = sum(bool(charge.due(month)) for month in range(MONTHS))
        return rate(words, priced, quantity(words, charge, months[0])) * due
    if isinstance(charge, PerUnitRate | MixRate) or (isinstance(charge, Package) and charge.rollover):
        return rate(words, priced, quantity(words, charge, whole))
    if isinstance(priced, PerUnitRate):
        return rate(words, priced, total([quantity(words, charge, month) for month in months]))
    return total([rate(words, priced, quantity(words, charge, month)) for month in months])


def of_month(words: Words, charge: Metered, column: Column) -> Any:
    """Price a row of a long table; what was used before stands ready in a column of its own."""
    priced = charge.then if isinstance(charge, Allowance) else charge
    amount = rate(words, priced, quantity(words, charge, column))
    if isinstance(charge, Package) and charge.rollover:
        before = quantity(words, charge, lambda meter: column(f"before_{meter}"))
        amount = rate(words, priced, before + quantity(words, charge, column)) - rate(words, priced, before)
    # Of twelve months, what is paid in advance falls into the first.
    return amount if charge.cadence == "monthly" else words.where(column("month") <= 0, amount, 0)


def distinct(lists: Lists) -> dict[str, Metered]:
    """Return the lines with a price of their own, each once: several plans share them."""
    return {line.key: line.charge for lines in lists.values() for line in lines if not isinstance(line.charge, Group)}


def sums(words: Words, lists: Lists, priced: Column, months: int) -> dict[str, Any]:
    """Add the lines of each plan, with its floors, over months that are alike for all that a floor stands under."""
    plans = {}
    for plan, lines in lists.items():
        parts = []
        for line in lines:
            charge = line.charge
            if not isinstance(charge, Group):
                parts.append(priced(line.key))
                continue
            assert isinstance(charge, Minimum)
            under = [other for other in lines if other.name in (charge.of or [])]
            assert all(set(o.charge.meter) <= set(SEATS) and o.charge.cadence == "monthly" for o in under)
            parts.append(words.most(charge.usd * months - total([priced(o.key) for o in under]), 0))
        plans[plan] = total(parts)
    return plans


# The tables.


def used(lists: Lists, usage: Usage) -> dict[str, Any]:
    """Keep the meters that the plans read."""
    charges = distinct(lists).values()
    meters = {meter for charge in charges for meter in charge.meter}
    meters |= {charge.per for charge in charges if isinstance(charge, Allowance) and charge.per}
    return {meter: values for meter, values in usage.items() if meter in meters}


def wide_table(usage: Usage) -> dict[str, Any]:
    columns = {}
    for meter, values in usage.items():
        columns |= {meter: values} if values.ndim == 1 else {f"{meter}_{i}": row for i, row in enumerate(values)}
    return columns


def wide_column(meter: str, month: int) -> str:
    return meter if meter in SEATS else f"{meter}_{month}"


def long_table(lists: Lists, usage: Usage) -> dict[str, Any]:
    practices = next(iter(usage.values())).shape[-1]
    columns = {
        "practice": np.repeat(np.arange(practices), MONTHS),
        "month": np.tile(np.arange(MONTHS), practices),
    }
    for meter, values in usage.items():
        columns[meter] = np.repeat(values, MONTHS) if values.ndim == 1 else values.T.ravel()
    for charge in distinct(lists).values():
        if isinstance(charge, Package) and charge.rollover:
            for meter in charge.meter:
                columns[f"before_{meter}"] = (np.cumsum(usage[meter], axis=0) - usage[meter]).T.ravel()
    return columns


def first(usage: Usage, practices: int) -> dict[str, Any]:
    return {meter: values[..., :practices] for meter, values in usage.items()}


# The contenders.


def texteval(lists: Lists, usage: Usage) -> Contender:
    practices = next(iter(usage.values())).shape[-1]
    return Contender(
        "texteval", "billing.costs", practices, lambda: billing.costs(lists, usage), lambda costs, i: costs.micro_usd[i]
    )


POLARS = Words(
    lambda a, b: a.clip(upper_bound=b),
    lambda a, b: a.clip(lower_bound=b),
    lambda condition, a, b: pl.when(condition).then(a).otherwise(b),
)


def polars_forms(lists: Lists, usage: Usage) -> Iterator[Contender]:
    plans, charges = list(lists), distinct(lists)
    practices = next(iter(usage.values())).shape[-1]
    names = {key: f"line_{i}" for i, key in enumerate(charges)}

    def sums_of(frame: pl.LazyFrame, months: int, *more: str) -> pl.LazyFrame:
        summed = sums(POLARS, lists, lambda key: pl.col(names[key]), months)
        return frame.select(*more, *(amount.alias(plan) for plan, amount in summed.items()))

    def in_order(result: pl.DataFrame, i: int) -> Any:
        return result.sort("practice")[plans[i]].to_numpy()

    wide = pl.DataFrame(wide_table(usage))
    flows = [meter for meter in usage if meter not in SEATS]
    wholes = [pl.sum_horizontal(f"{meter}_{i}" for i in range(MONTHS)).alias(meter) for meter in flows]
    lines = [
        of_year(POLARS, charge, lambda meter, month: pl.col(wide_column(meter, month)), pl.col).alias(names[key])
        for key, charge in charges.items()
    ]
    year = sums_of(wide.lazy().with_columns(wholes).select(lines), MONTHS)

    long = pl.DataFrame(long_table(lists, usage))
    monthly = [of_month(POLARS, charge, pl.col).alias(names[key]) for key, charge in charges.items()]
    rows = long.lazy().select("practice", *monthly)
    months = sums_of(rows, 1)
    by_practice = sums_of(rows, 1, "practice").group_by("practice").sum()

    def stream(frame: pl.LazyFrame) -> Callable[[], Any]:
        return lambda: frame.collect(engine="streaming")

    yield Contender("polars", "wide", practices, stream(year), lambda result, i: result[plans[i]].to_numpy())
    yield Contender("polars", "long, summed by practice", practices, stream(by_practice), in_order)
    yield Contender(
        "polars",
        "long, months only",
        practices,
        stream(months),
        lambda result, i: result[plans[i]].to_numpy().reshape(-1, MONTHS).sum(axis=1),
        whole=False,
    )
    yield Contender(
        "polars",
        "long, one sum only",
        practices,
        stream(months.sum()),
        lambda result, i: result[plans[i]].to_numpy(),
        whole=False,
    )


class Sql:
    """A piece of SQL that is put together by operators."""

    def __init__(self, text: object) -> None:
        self.text = text

    def __str__(self) -> str:
        return str(self.text)

    def __add__(self, other: object) -> Sql:
        return Sql(f"({self} + {other})")

    def __sub__(self, other: object) -> Sql:
        return Sql(f"({self} - {other})")

    def __rsub__(self, other: object) -> Sql:
        return Sql(f"({other} - {self})")

    def __mul__(self, other: object) -> Sql:
        return Sql(f"({self} * {other})")

    def __floordiv__(self, other: object) -> Sql:
        return Sql(f"({self} // {other})")

    def __le__(self, other: object) -> Sql:
        return Sql(f"({self} <= {other})")

    def __gt__(self, other: object) -> Sql:
        return Sql(f"({self} > {other})")


SQL = Words(
    lambda a, b: Sql(f"least({a}, {b})"),
    lambda a, b: Sql(f"greatest({a}, {b})"),
    lambda condition, a, b: Sql(f"case when {condition} then {a} else {b} end"),
)


def duckdb_forms(lists: Lists, usage: Usage) -> Iterator[Contender]:
    plans, charges = list(lists), distinct(lists)
    practices = next(iter(usage.values())).shape[-1]
    names = {key: f"line_{i}" for i, key in enumerate(charges)}
    database = duckdb.connect(config={"threads": CORES})
    for name, columns in (("wide", wide_table(usage)), ("long", long_table(lists, usage))):
        database.register("given", pl.DataFrame(columns).to_arrow())
        database.execute(f"create table {name} as select * from given")
        database.unregister("given")

    def named(columns: Mapping[str, Any]) -> str:
        return ", ".join(f'{column} as "{name}"' for name, column in columns.items())

    def ask(query: str) -> Callable[[], Any]:
        return lambda: database.sql(query).to_arrow_table()

    flows = [meter for meter in usage if meter not in SEATS]
    wholes = {meter: total([Sql(f"{meter}_{i}") for i in range(MONTHS)]) for meter in flows}
    lines = {
        names[key]: of_year(SQL, charge, lambda meter, month: Sql(wide_column(meter, month)), Sql)
        for key, charge in charges.items()
    }
    year = sums(SQL, lists, lambda key: Sql(names[key]), MONTHS)
    monthly = {names[key]: of_month(SQL, charge, Sql) for key, charge in charges.items()}
    months = sums(SQL, lists, lambda key: Sql(names[key]), 1)
    summed = {plan: f"sum({amount})::bigint" for plan, amount in months.items()}
    yield Contender(
        "DuckDB",
        "wide",
        practices,
        ask(
            f"with whole as (select *, {named(wholes)} from wide), lines as (select {named(lines)} from whole) "
            f"select {named(year)} from lines"
        ),
        lambda result, i: result[plans[i]].to_numpy(),
    )
    yield Contender(
        "DuckDB",
        "long, summed by practice",
        practices,
        ask(
            f"with lines as (select practice, {named(monthly)} from long) "
            f"select practice, {named(summed)} from lines group by practice"
        ),
        lambda result, i: result[plans[i]].to_numpy()[np.argsort(result["practice"].to_numpy())],
    )


NUMPY = Words(np.minimum, np.maximum, np.where)


def pandas_forms(lists: Lists, usage: Usage, practices: int) -> Iterator[Contender]:
    plans, charges = list(lists), distinct(lists)
    some = first(usage, practices)
    wide, long = pd.DataFrame(wide_table(some)), pd.DataFrame(long_table(lists, some))

    def year() -> pd.DataFrame:
        whole = {meter: total([wide[f"{meter}_{i}"] for i in range(MONTHS)]) for meter in some if meter not in SEATS}
        lines = {
            key: of_year(NUMPY, charge, lambda meter, month: wide[wide_column(meter, month)], whole.get)
            for key, charge in charges.items()
        }
        return pd.DataFrame(sums(NUMPY, lists, lines.get, MONTHS))

    def by_practice() -> pd.DataFrame:
        lines = {key: of_month(NUMPY, charge, long.get) for key, charge in charges.items()}
        return pd.DataFrame(sums(NUMPY, lists, lines.get, 1)).groupby(long["practice"]).sum()

    def amounts(result: pd.DataFrame, i: int) -> Any:
        return result[plans[i]].to_numpy()

    yield Contender("pandas", "wide", practices, year, amounts)
    yield Contender("pandas", "long, summed by practice", practices, by_practice, amounts)


def loop(lists: Lists, usage: Usage, practices: int) -> Contender:
    """Price by a Python loop over practices, plans and months."""
    some = first(usage, practices)
    months = [
        [
            {meter: int(values[i] if values.ndim == 1 else values[month, i]) for meter, values in some.items()}
            for month in range(MONTHS)
        ]
        for i in range(practices)
    ]

    def one(lines: Sequence[Line], counts: Sequence[Mapping[str, int]]) -> int:
        year = 0
        before: dict[str, int] = {}
        for month, now in enumerate(counts):
            year += sum(billing.price(lines, now, month, before))
            before = {meter: before.get(meter, 0) + many for meter, many in now.items()}
        return year

    def run() -> list[list[int]]:
        return [[one(lines, counts) for counts in months] for lines in lists.values()]

    return Contender("Python loop", "month by month", practices, run, lambda result, i: result[i])


BY_HAND = 16_384
"""Practices in a chunk of the numpy written by hand, the best of those tried: the arrays of one stay in the cache."""


def by_hand(lists: Lists, usage: Usage) -> Contender:
    """Write the plans' arithmetic out by hand in numpy, without any general rule, with buffers that are used again."""
    lines = {
        (plan, line.name): line.charge.then if isinstance(line.charge, Allowance) else line.charge
        for plan, of_plan in lists.items()
        for line in of_plan
    }
    included = {
        (plan, line.name): line.charge.included
        for plan, of_plan in lists.items()
        for line in of_plan
        if isinstance(line.charge, Allowance)
    }
    row_of = {plan: i for i, plan in enumerate(lists)}
    practices = next(iter(usage.values())).shape[-1]

    def usd(plan: str, *names: str) -> int:
        return sum(lines[plan, name].usd for name in names)

    def chunk(out: Any, part: slice) -> None:
        clinicians, managers, logins, numbers = (
            usage[meter][part] for meter in ("clinician", "manager", "login", "number")
        )
        texts, sent, received, mms_out, mms_in, claims = (
            usage[meter][:, part]
            for meter in ("message_out", "segment_out", "segment_in", "mms_out", "mms_in", "claim")
        )
        all_texts, all_sent, all_received, all_mms_out, all_mms_in, all_claims = (
            values.sum(axis=0) for values in (texts, sent, received, mms_out, mms_in, claims)
        )
        both = sent + received
        buffer = np.empty_like(both)

        def beyond(values: Any, free: Any) -> Any:
            np.subtract(values, free, out=buffer)
            np.maximum(buffer, 0, out=buffer)
            return buffer.sum(axis=0)

        def put(plan: str, amount: Any) -> None:
            out[row_of[plan], part] = amount

        further = clinicians - 1

        plan = "cliniko/standard"
        stairs = lines[plan, "Practitioners"].tiers
        step = np.searchsorted([tier.up_to for tier in stairs[:-1]], clinicians)
        credits = lines[plan, "SMS credits"]
        fee = np.array([12 * tier.flat_usd for tier in stairs])[step]
        put(plan, fee + credits.usd * -(-all_sent // credits.size))

        plan = "therapynotes/solo"
        used = usd(plan, "Text reminders") * all_texts
        used += usd(plan, "Electronic claims", "Payment reports (ERA)") * all_claims
        put(plan, used + 12 * usd(plan, "Solo"))
        plan = "therapynotes/group"
        put(plan, used + 12 * usd(plan, "Group") + 12 * usd(plan, "Further clinicians") * further)

        for plan, fee_name in (
            ("intakeq-practiceq/practice-management", "Practice Management"),
            ("intakeq-practiceq/practice-management-low", "Practice Management Low Volume"),
            ("intakeq-practiceq/forms-only", "Forms Only"),
            ("intakeq-practiceq/forms-only-low", "Forms Only Low Volume"),
        ):
            more = usd(plan, "Texts sent") * beyond(sent, included[plan, "Texts sent"] * clinicians)
            put(plan, more + 12 * usd(plan, "Further practitioners") * further + 12 * usd(plan, fee_name))

        pictures = usd("ringcentral/core", "Pictures sent and received") * (all_mms_out + all_mms_in)
        for plan in ("ringcentral/core", "ringcentral/advanced", "ringcentral/ultra"):
            name = "Texts sent and received"
            more = usd(plan, name) * beyond(both, included[plan, name] * logins) + pictures
            put(plan, more + 12 * usd(plan, "Seats") * logins)
            put(f"{plan}-yearly", more + usd(f"{plan}-yearly", "Seats") * logins)
        plan = "ringcentral/business-sms-booster"
        put(plan, out[row_of["ringcentral/core"], part] + 12 * usd(plan, "Business SMS Booster") * logins)

        for plan, floor in (("textline/essentials", "At least three agents"), ("textline/pro", "At least five agents")):
            agents = np.maximum(usd(plan, "Agents") * logins, usd(plan, floor))
            more = usd(plan, "Texts") * beyond(both, included[plan, "Texts"])
            put(plan, 12 * agents + more + 12 * usd(plan, "Campaign registration"))

        plan = "quo/api"
        more_numbers = np.maximum(numbers - included[plan, "Further numbers"] * logins, 0)
        seats = 12 * usd(plan, "Seats") * logins + 12 * usd(plan, "Further numbers") * more_numbers
        once = usd(plan, "SMS registration") + 12 * usd(plan, "SMS campaign")
        put(plan, seats + usd(plan, "API texts sent") * all_sent + once)

        for plan, rent in (
            ("twilio/pay-as-you-go", ["Local number"]),
            ("telnyx/pay-as-you-go", ["Local number", "Texting on the number"]),
        ):
            amount = 12 * usd(plan, *rent) * numbers
            amount += usd(plan, "Brand registration", "Campaign review") + 12 * usd(plan, "Campaign")
            for name, many in (
                ("Texts sent", all_sent),
                ("Texts received", all_received),
                ("Pictures sent", all_mms_out),
                ("Pictures received", all_mms_in),
            ):
                amount += usd(plan, name, f"Carrier surcharge, {name.lower()}") * many
            put(plan, amount)

        plan = "simplepractice/plus"
        tiers = lines[plan, "Further clinicians"].tiers
        unit = np.array([tier.usd for tier in tiers])[np.searchsorted([t.up_to for t in tiers[:-1]], further)]
        seats = 12 * usd(plan, "Plus") + 12 * usd(plan, "Practice managers") * managers + 12 * unit * further
        more = usd(plan, "Electronic claims") * beyond(claims, included[plan, "Electronic claims"])
        put(plan, seats + usd(plan, "AMA code licence") * clinicians + more)

    def run() -> Any:
        out = np.empty((len(lists), practices), np.int64)
        parts = [slice(start, start + BY_HAND) for start in range(0, practices, BY_HAND)]
        with ThreadPoolExecutor(CORES) as pool:
            for _ in pool.map(lambda part: chunk(out, part), parts):
                pass
        return out

    return Contender("numpy", "by hand", practices, run, lambda result, i: result[i])


def memory(lists: Lists, usage: Usage) -> Callable[[], None]:
    """Read all that the plans read once, and write a result, without any arithmetic: no engine can take less time."""
    practices = next(iter(usage.values())).shape[-1]
    rows = 131_072

    def part(out: Any, start: int) -> None:
        here = slice(start, min(start + rows, practices))
        buffer = np.empty((MONTHS, here.stop - start), np.int64)
        for values in usage.values():
            np.copyto(buffer[: 1 if values.ndim == 1 else MONTHS], values[..., here])
        out[:, here] = 0

    def run() -> None:
        out = np.empty((len(lists), practices), np.int64)
        with ThreadPoolExecutor(CORES) as pool:
            for _ in pool.map(lambda start: part(out, start), range(0, practices, rows)):
                pass

    return run


def contenders(lists: Lists, usage: Usage) -> list[Contender]:
    """List all ways to price the plans; texteval first. The slow ones price fewer practices."""
    practices = next(iter(usage.values())).shape[-1]
    read = used(lists, usage)
    return [
        texteval(lists, usage),
        *polars_forms(lists, read),
        *duckdb_forms(lists, read),
        by_hand(lists, read),
        *pandas_forms(lists, read, max(practices // 10, 1)),
        loop(lists, read, max(practices // 5000, 5)),
    ]
