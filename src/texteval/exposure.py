"""What a violation may cost: penalty tiers by day, closed cases, and a rough range of what small breaches cost a year.

The amounts are for orientation. Nothing here is added to what a tool costs.
"""

from __future__ import annotations

import hashlib
import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from texteval.errors import UserError, nearest
from texteval.evidence import Source
from texteval.files import Fault, data_folder, read_yaml, refuse, validate
from texteval.models import Day, Id, Strict, Text, first_day, one_or_more
from texteval.money import MAX_QUANTITY, MICRO, exact_dollars, half_up, show
from texteval.parameters import Number

MAX_AMOUNT = 100_000_000 * MICRO
"""The largest amount of the file, in micro-dollars: $100,000,000."""

DRAWS = 200_000
"""Simulated years of a loss range."""

MOST_CLINICIANS = 500
"""The largest practice that a loss range is drawn for."""

Kind = Literal["behavioural_health", "other"]
Topic = Literal["access", "disclosure", "intrusion", "device", "no_baa", "texting"]

LOSS_MEANING = (
    "Low, likely and high are three assumed frequencies; one year in twenty costs more than the 95 % point. The "
    "evidence is low: an order of magnitude at best. It is never added to the cost of a tool.",
    "In it: a cost for each person touched and, as seldom as small breaches are investigated, a payment as in the "
    "cases of behavioural health, at most the yearly cap of tier 4.",
)
"""What a loss range means."""


def parse_amount(value: object) -> int:
    """Read an amount in US dollars, whole or with cents, exactly.

    Parameters
    ----------
    value : int or decimal.Decimal
        Dollars, such as ``73011`` or ``36505.50``.

    Returns
    -------
    int
        Micro-dollars.

    Raises
    ------
    ValueError
        If the value is not a plain number, is negative, finer than a cent, or above :data:`MAX_AMOUNT`.
    """
    said = str(value) if len(str(value)) <= 40 else str(value)[:39] + "…"
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{said!r} is not an amount: write dollars as a plain number, such as 73011 or 36505.50")
    if value < 0:
        raise ValueError(f"{said} is not an amount: an amount is zero or more")
    if value > MAX_AMOUNT // MICRO:
        raise ValueError(f"{said} is too large: an amount is at most {MAX_AMOUNT // MICRO} dollars")
    micro = Fraction(value) * MICRO
    if (micro / 10_000).denominator != 1:
        raise ValueError(f"{said} is too fine: amounts are whole dollars, or dollars with cents")
    return int(micro)


Amount = Annotated[
    int,
    pydantic.PlainValidator(parse_amount),
    pydantic.PlainSerializer(exact_dollars, return_type=float, when_used="json"),
    pydantic.WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100000000, "description": "US dollars"}),
]
"""An amount in the data file: dollars there, whole micro-dollars here."""

TierNumber = Annotated[int, pydantic.Field(ge=1, le=4)]
Sources = Annotated[list[Id], one_or_more(Id), pydantic.Field(min_length=1)]
Evidence = Literal["measured", "survey", "rule_of_thumb", "assumption"]


class Amounts(Strict):
    """The amounts of a tier, as the rule states them."""

    tier: TierNumber
    min: Amount
    """The least for one violation."""
    max: Amount
    """The most for one violation."""
    yearly_cap: Amount
    """The most for all violations of one provision in one calendar year."""

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Amounts:
        if not self.min <= self.max <= self.yearly_cap:
            low, high, cap = usd(self.min), usd(self.max), usd(self.yearly_cap)
            raise ValueError(f"min {low}, max {high} and yearly_cap {cap} are out of order: write the least first")
        return self


class Printed(Strict):
    """A cap under the notice as somebody prints it."""

    usd: Amount
    source: Id


class DatedAmounts(Amounts):
    """The amounts of a tier in one table."""

    printed: Printed | None = None
    """The cap under the notice as a source prints it, where that differs from the computed one."""


class ActAmounts(Amounts):
    """The amounts of a tier before any inflation, and what the tier means."""

    title: Text
    discretion_cap: Amount
    """The yearly cap under the notice of enforcement discretion, before inflation."""


def _all_tiers(tiers: list[Any]) -> list[Any]:
    if [entry.tier for entry in tiers] != [1, 2, 3, 4]:
        raise ValueError("the tiers are not 1, 2, 3 and 4: write each once, in this order")
    return tiers


class Act(Strict):
    """The tiers as the act defines them."""

    citation: Text
    source: Sources
    note: Text
    tiers: Annotated[list[ActAmounts], pydantic.AfterValidator(_all_tiers)]


class Remark(Strict):
    """Something to know, with its source."""

    text: Text
    source: Id
    since: Day | None = None
    """The day from which it is true; on earlier days it is not shown."""


class Notice(Strict):
    """The notice under which lower yearly caps are applied."""

    title: Text
    citation: Text
    from_: Annotated[Day, pydantic.Field(alias="from")]
    confirmed: Day
    """The last day on which a source says that it still stands."""
    source: Sources
    means: Text
    note: Text
    disputes: list[Remark] = []  # noqa: RUF012
    """Other readings, kept in view."""


class Table(Strict):
    """The tiers from a day on, until the next table."""

    from_: Annotated[Day, pydantic.Field(alias="from")]
    """The first day on which penalties are assessed by it."""
    citation: Text | None = None
    """Its place in the Federal Register, where a source gives it."""
    multiplier: Decimal | None = None
    """What the amounts of before were multiplied by, where a source gives it."""
    source: Sources
    note: Text | None = None
    tiers: Annotated[list[DatedAmounts], pydantic.AfterValidator(_all_tiers)]

    @pydantic.model_validator(mode="after")
    def _whole_day(self) -> Table:
        if len(self.from_) < 10:
            raise ValueError(f"'from: {self.from_}' is not a whole day: write it like 2026-01-28")
        return self

    @property
    def start(self) -> date:
        """The first day on which it holds."""
        return first_day(self.from_)


class TextDamages(Strict):
    """What the recipient of an unlawful text may sue for."""

    title: Text
    citation: Text
    each: Amount
    wilful: Amount
    source: Id
    note: Text


class SupersededRow(Strict):
    """A line of a table that no longer holds, as it is printed."""

    tier: TierNumber | None = None
    """The tier; left out where the line speaks of none."""
    min: Amount | None = None
    max: Amount | None = None
    yearly_cap: Amount | None = None

    @property
    def words(self) -> str:
        """The line in words."""
        ends = " to ".join(usd(end) for end in (self.min, self.max) if end is not None)
        from_or_to = "" if None not in (self.min, self.max) else "from " if self.max is None else "up to "
        each = f"{from_or_to}{ends} for one violation" if ends else ""
        year = f"{usd(self.yearly_cap)} a year" if self.yearly_cap is not None else ""
        return (f"tier {self.tier}: " if self.tier else "") + ", ".join(filter(None, (each, year)))


class Superseded(Strict):
    """A published table that no longer holds, and what is wrong with it."""

    title: Text
    source: Id
    rows: Annotated[list[SupersededRow], pydantic.Field(min_length=1)]
    wrong: Annotated[list[Text], pydantic.Field(min_length=1)]


class Case(Strict):
    """A case of the HHS Office for Civil Rights that was closed with a payment."""

    name: Text
    year: Annotated[int, pydantic.Field(ge=1996, le=2100)]
    usd: Amount
    kind: Kind
    who: Text
    """What kind of practice or firm it was."""
    topic: Topic
    issue: Text
    source: Id


class Known(Strict):
    """Something known of breaches, with how good its evidence is."""

    title: Text
    evidence: Evidence
    source: Sources
    note: Text | None = None
    left_out: Text | None = None
    """Why the loss range is drawn without it; left out where it is drawn with it."""

    @property
    def explained(self) -> str:
        """What a reader should know of it."""
        return " ".join(filter(None, (self.note, self.left_out)))


class SmallBreaches(Known):
    """A year's reports of small breaches to HHS."""

    year: int
    reports: Annotated[int, pydantic.Field(ge=1)]
    people: Annotated[int, pydantic.Field(ge=1)]
    """People touched by all of them."""
    most_people: Annotated[int, pydantic.Field(ge=1)]
    """The most that a small breach can touch."""
    investigated: Annotated[int, pydantic.Field(ge=0)]
    """How many of them HHS opened an investigation of."""
    large: int
    """Reports of larger breaches in the same year."""

    @pydantic.model_validator(mode="after")
    def _possible(self) -> SmallBreaches:
        if not self.reports <= self.people <= self.reports * self.most_people:
            raise ValueError(
                f"{self.people:,} people in {self.reports:,} reports cannot be: a report is of 1 to "
                f"{self.most_people} people"
            )
        if self.investigated > self.reports:
            raise ValueError(f"{self.investigated:,} investigations are more than the reports: write what was opened")
        return self

    @property
    def words(self) -> str:
        """The numbers in words."""
        return (
            f"{self.reports:,} in {self.year}, {self.mean_people:.1f} people each; HHS investigated "
            f"{self.investigated:,} of them ({self.investigated_share:.3%})"
        )

    @property
    def mean_people(self) -> float:
        """People touched by a small breach, on average."""
        return self.people / self.reports

    @property
    def investigated_share(self) -> float:
        """The share of small breaches that are investigated."""
        return self.investigated / self.reports


class Frequency(Known):
    """How often something happens in a year: a range."""

    low: Number
    likely: Number
    high: Number

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Frequency:
        if not 0 < self.low <= self.likely <= self.high <= 1:
            raise ValueError(
                f"low {self.low:g}, likely {self.likely:g} and high {self.high:g} do not fit: "
                "write numbers above 0 and up to 1, the smallest first"
            )
        return self

    @property
    def words(self) -> str:
        """The range in words."""
        return f"{self.low:g} to {self.high:g}, likely {self.likely:g}"


class Severity(Known):
    """What something costs: a range in dollars."""

    low: Amount | None = None
    likely: Amount
    high: Amount

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Severity:
        if not (self.low or 0) <= self.likely <= self.high or not self.likely:
            raise ValueError(
                f"{usd(self.likely)} (likely) and {usd(self.high)} (high) do not fit: write amounts above 0, the "
                "smallest first"
            )
        return self

    @property
    def words(self) -> str:
        """The range in words."""
        if self.low is None:
            return f"{usd(self.likely)}, up to {usd(self.high)}"
        return f"{usd(self.low)} to {usd(self.high)}, likely {usd(self.likely)}"


class Risk(Strict):
    """What is known of small breaches and their cost."""

    small_breaches: SmallBreaches
    frequency: Frequency
    cost_per_record: Severity
    cost_per_incident: Severity
    headline: Severity

    @property
    def rows(self) -> tuple[SmallBreaches | Frequency | Severity, ...]:
        """All of it, in the order to read it."""
        return self.small_breaches, self.frequency, self.cost_per_record, self.cost_per_incident, self.headline


class ExposureFile(Strict):
    """The file ``exposure.yaml``."""

    sources: dict[Id, Source]
    act: Act
    notice: Notice
    penalties: Annotated[list[Table], pydantic.Field(min_length=1)]
    remarks: list[Remark] = []  # noqa: RUF012
    text_damages: TextDamages
    superseded: list[Superseded] = []  # noqa: RUF012
    cases: list[Case] = []  # noqa: RUF012
    risk: Risk


@dataclass(frozen=True)
class Tier:
    """A tier as it stands on a day; amounts in micro-dollars.

    Parameters
    ----------
    tier : int
        1 to 4.
    title : str
        What it means.
    min, max : int
        The least and the most for one violation.
    yearly_cap : int
        The most for all violations of one provision in a calendar year, as the rule states it.
    discretion_cap : int
        The same under the notice of enforcement discretion: the notice's cap before inflation, times this table's
        yearly cap of tier 4 over that of the act; rounded half up to whole dollars.
    printed : Printed or None
        That cap as a source prints it, where it differs.
    """

    tier: int
    title: str
    min: int
    max: int
    yearly_cap: int
    discretion_cap: int
    printed: Printed | None

    def cap(self, *, discretion: bool) -> int:
        """Return the yearly cap that holds with or without the notice."""
        return self.discretion_cap if discretion else self.yearly_cap


@dataclass(frozen=True)
class Bound:
    """One end of a penalty, in micro-dollars.

    Parameters
    ----------
    each : int
        For one violation.
    plain : int
        For the violations of one provision in one calendar year, without the cap.
    total : int
        For all provisions and years, each with its cap.
    capped : bool
        Whether the cap is less than ``plain``.
    """

    each: int
    plain: int
    total: int
    capped: bool


@dataclass(frozen=True)
class Penalty:
    """What a number of violations may cost on a day.

    Parameters
    ----------
    tier : Tier
        The tier.
    violations : int
        Violations of each provision in each calendar year.
    provisions, years : int
        How many provisions, and how many calendar years.
    discretion : bool
        Whether the notice of enforcement discretion is applied.
    cap : int
        The cap for one provision in one calendar year, in micro-dollars.
    low, high : Bound
        The two ends.
    """

    tier: Tier
    violations: int
    provisions: int
    years: int
    discretion: bool
    cap: int
    low: Bound
    high: Bound

    @property
    def asked(self) -> str:
        """What is priced, in words."""
        words = f"{self.violations:,} violation{'s' if self.violations > 1 else ''} of "
        words += f"each of {self.provisions:,} provisions" if self.provisions > 1 else "one provision"
        return f"{words} in " + (f"each of {self.years:,} calendar years" if self.years > 1 else "one calendar year")

    def explained(self, bound: Bound) -> str:
        """Say how an end came about, and whether the cap decided it."""
        words = f"{self.violations:,} × {usd(bound.each)} = {usd(bound.plain)}"
        if bound.capped:
            whose = "under the notice" if self.discretion else "of the rule"
            words += f", cut to the yearly cap {whose}, {usd(self.cap)}"
        for many, thing in ((self.provisions, "provisions"), (self.years, "years")):
            words += f", × {many:,} {thing}" if many > 1 else ""
        return words + (f" = {usd(bound.total)}" if self.provisions * self.years > 1 else "")


@dataclass(frozen=True)
class Settlements:
    """What cases cost, in micro-dollars: how many, the least, the median, the most.

    ``location`` and ``scale`` are the mean and the standard deviation of the logarithms of the dollars: the lognormal
    that is fitted to them.
    """

    count: int
    low: int
    median: int
    high: int
    location: float
    scale: float


@dataclass(frozen=True)
class Loss:
    """What small breaches cost in a simulated year, in micro-dollars.

    Parameters
    ----------
    assumed : str
        ``low``, ``likely`` or ``high``: which frequency is assumed.
    frequency : float
        Small breaches a year of the whole practice.
    chance : float
        The share of years with at least one.
    median, mean : int
        The middle year, and the average of all.
    mean_error : int
        The standard error of ``mean`` from simulation alone.
    p95 : int
        The 95 % point: one year in twenty costs more.
    """

    assumed: str
    frequency: float
    chance: float
    median: int
    mean: int
    mean_error: int
    p95: int


@dataclass(frozen=True)
class Exposure:
    """What a violation may cost, with the hash of its file.

    Parameters
    ----------
    file : ExposureFile
        What the file holds.
    hash : str
        The first 12 digits of the SHA-256 of the file.
    """

    file: ExposureFile
    hash: str

    def table(self, on: date) -> Table:
        """Return the table by which penalties are assessed on a day.

        Raises
        ------
        UserError
            If the day is before the first table.
        """
        tables = [table for table in self.file.penalties if table.start <= on]
        if not tables:
            first = self.file.penalties[0].from_
            raise UserError(f"texteval holds no penalty tiers for {on}: the first are of {first}; name a later day")
        return tables[-1]

    def tiers(self, on: date) -> tuple[Tier, ...]:
        """Return the four tiers in force on a day.

        Parameters
        ----------
        on : datetime.date
            The day on which a penalty is assessed.

        Raises
        ------
        UserError
            If the day is before the first table.
        """
        dated, act = self.table(on).tiers, self.file.act.tiers
        return tuple(
            Tier(
                now.tier,
                then.title,
                now.min,
                now.max,
                now.yearly_cap,
                half_up(then.discretion_cap * dated[-1].yearly_cap, act[-1].yearly_cap * MICRO) * MICRO,
                now.printed,
            )
            for now, then in zip(dated, act, strict=True)
        )

    def penalty(
        self,
        violations: int,
        tier: int,
        on: date,
        *,
        discretion: bool = True,
        provisions: int = 1,
        years: int = 1,
    ) -> Penalty:
        """Return the least and the most that violations may cost.

        Parameters
        ----------
        violations : int
            Violations of each provision in each calendar year.
        tier : int
            1 to 4.
        on : datetime.date
            The day on which the penalty is assessed; its table holds for all the years.
        discretion : bool
            Apply the lower yearly caps of the notice of enforcement discretion, as HHS does today.
        provisions, years : int
            How many provisions, and how many calendar years: each has a cap of its own.

        Returns
        -------
        Penalty
            Violations times the least and the most for one violation, each cut to the yearly cap, times provisions and
            years (45 CFR 160.404).

        Raises
        ------
        UserError
            For a tier that does not exist, a count below 1 or above a million, or a day before the first table.
        """
        entry = next((entry for entry in self.tiers(on) if entry.tier == tier), None)
        if entry is None:
            raise UserError(f"there is no tier {tier}: write 1, 2, 3 or 4")
        for name, many in (("violations", violations), ("provisions", provisions), ("years", years)):
            if not 1 <= many <= MAX_QUANTITY:
                raise UserError(f"{name}: {many} cannot be: write a whole number from 1 to {MAX_QUANTITY:,}")
        cap = entry.cap(discretion=discretion)

        def bound(each: int) -> Bound:
            plain = violations * each
            return Bound(each, plain, min(plain, cap) * provisions * years, plain > cap)

        return Penalty(entry, violations, provisions, years, discretion, cap, bound(entry.min), bound(entry.max))

    def remarks(self, on: date) -> list[Remark]:
        """Return what is to be known of the tiers on a day."""
        return [remark for remark in self.file.remarks if remark.since is None or first_day(remark.since) <= on]

    def cases(self, kind: Kind | None = None, on: date | None = None) -> list[Case]:
        """Return the cases, newest first: of one kind if one is named, none after the year of a day if one is named."""
        found = [case for case in self.file.cases if kind in (None, case.kind)]
        return sorted((case for case in found if on is None or case.year <= on.year), key=lambda case: -case.year)

    def settlements(self, kind: Kind = "behavioural_health", on: date | None = None) -> Settlements | None:
        """Return what the cases of a kind cost; None where fewer than two are held."""
        paid = [case.usd for case in self.cases(kind, on)]
        if len(paid) < 2:
            return None
        logs = [math.log(micro / MICRO) for micro in paid]
        middle = round(statistics.median(paid))
        return Settlements(len(paid), min(paid), middle, max(paid), statistics.fmean(logs), statistics.stdev(logs))

    def in_practice(self, on: date) -> str:
        """Say what closed cases of behavioural health providers cost, and what they were about."""
        paid, held = self.settlements(on=on), self.cases(on=on)
        texting = sum(case.topic == "texting" for case in held)
        about_texts = f"{texting or 'none'} of all {len(held)} cases held here was about text messages"
        if paid is None:
            return f"In practice: too few closed cases of that time are held here to speak of; {about_texts}."
        own = self.cases("behavioural_health", on)
        access = sum(case.topic == "access" for case in own)
        return (
            f"In practice: {paid.count} behavioural health providers paid {usd(paid.low)} to {usd(paid.high)} in the "
            f"cases of {own[-1].year} to {own[0].year} held here; the median is {usd(paid.median)}. {access} of these "
            f"{paid.count} were about a client's access to the record; {about_texts}."
        )

    def loss_range(self, clinicians: int, on: date, *, draws: int = DRAWS, seed: int = 1) -> tuple[Loss, Loss, Loss]:
        """Simulate what small breaches may cost a practice in a year, at a low, a likely and a high frequency.

        Breaches come by chance (Poisson, for each clinician alike). Each touches some people (geometric, with the mean
        of the reports to HHS, at most :attr:`SmallBreaches.most_people`) and costs each of them the same (lognormal).
        It is investigated as seldom as small breaches are; every investigation is taken to end with a payment, as
        much as the cases of behavioural health cost (lognormal), at most the yearly cap of tier 4 for one provision.
        The frequencies are assumptions, so the range is of low evidence, and is never added to the cost of a tool.

        Parameters
        ----------
        clinicians : int
            The clinicians of the practice.
        on : datetime.date
            The day whose cap and cases hold.
        draws : int
            Simulated years.
        seed : int
            The same seed gives the same numbers.

        Returns
        -------
        tuple of Loss
            At the low, the likely and the high frequency.

        Raises
        ------
        UserError
            For less than 1 clinician or more than :data:`MOST_CLINICIANS`, or a day before the first table.
        """
        if not 1 <= clinicians <= MOST_CLINICIANS:
            raise UserError(
                f"the range of a year's loss is of small practices, not of {clinicians:,} clinicians: name one with 1 "
                f"to {MOST_CLINICIANS}"
            )
        risk, paid = self.file.risk, self.settlements(on=on)
        cap = self.tiers(on)[-1].yearly_cap

        def simulated(assumed: str, each: float) -> Loss:
            rng = np.random.default_rng(seed)
            count = rng.poisson(each * clinicians, draws)
            breaches = int(count.sum())
            people = np.minimum(
                rng.geometric(1 / risk.small_breaches.mean_people, breaches), risk.small_breaches.most_people
            )
            cost = people * rng.lognormal(*lognormal(risk.cost_per_record), breaches) * MICRO
            if paid:
                investigated = rng.random(breaches) < risk.small_breaches.investigated_share
                payment = rng.lognormal(paid.location, paid.scale, breaches) * MICRO
                cost += investigated * np.minimum(payment, cap)
            year = np.bincount(np.repeat(np.arange(draws), count), np.round(cost), minlength=draws)
            median, p95 = np.quantile(year, [0.5, 0.95], method="inverted_cdf")
            return Loss(
                assumed,
                each * clinicians,
                -math.expm1(-each * clinicians),
                int(median),
                round(year.mean()),
                round(year.std(ddof=1) / math.sqrt(draws)),
                int(p95),
            )

        often = risk.frequency
        return simulated("low", often.low), simulated("likely", often.likely), simulated("high", often.high)


def lognormal(severity: Severity) -> tuple[float, float]:
    """Return location and scale of the lognormal with the likely value as median and the high one as 95 % point."""
    location = math.log(severity.likely / MICRO)
    return location, (math.log(severity.high / MICRO) - location) / statistics.NormalDist().inv_cdf(0.95)


def usd(micro: int) -> str:
    """Print an amount; cents only where it has some."""
    return show(micro).removesuffix(".00")


def load(path: Path | None = None) -> Exposure:
    """Read the penalty tiers, the cases and the rest.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file like ``exposure.yaml``; texteval's own by default.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = path or data_folder() / "exposure.yaml"
    data, text = read_yaml(path)
    file = validate(ExposureFile, data, path, text)
    refuse([*_unsorted(file), *_dangling(file)], path, text)
    return Exposure(file, hashlib.sha256(text.encode()).hexdigest()[:12])


def _unsorted(file: ExposureFile) -> Iterator[Fault]:
    for i, (earlier, later) in enumerate(zip(file.penalties, file.penalties[1:], strict=False), 1):
        if later.start <= earlier.start:
            yield (
                ["penalties", i, "from"],
                f"{later.from_} is not after {earlier.from_}",
                "write the tables in the order of their first days",
            )


def _dangling(file: ExposureFile) -> Iterator[Fault]:
    for at, source in sources_named(file.model_dump(exclude={"sources"})):
        if source not in file.sources:
            yield at, f"there is no source '{source}'", nearest(source, file.sources)


def sources_named(value: Any, at: tuple[int | str, ...] = ()) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Go through every ``source`` of plain data, wherever it stands: where, and the source."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "source":
                yield from (((*at, key), source) for source in ([item] if isinstance(item, str) else item))
            else:
                yield from sources_named(item, (*at, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from sources_named(item, (*at, i))
