"""The catalogue: vendors, plans, channels, facts and dated price lists, loaded strictly and asked as of a day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic

from texteval.charges import METER_WORDS as METER_WORDS
from texteval.charges import Charge, Group, TiersRate
from texteval.charges import line_name as line_name
from texteval.errors import DataError, Problem, UserError, closest, nearest
from texteval.evidence import Channel, Evidence, Fact, Source, resolve
from texteval.files import Fault, Place, check_kind, data_folder, parse_yaml, read_yaml, refuse, validate
from texteval.models import Day, Id, Strict, Text, first_day, one_or_more

Purpose = Literal[
    "reminder",
    "confirmation",
    "reschedule",
    "admin_follow_up",
    "document_link",
    "practice_notice",
    "billing_question",
    "coaching",
    "team",
]
"""Why a message is sent."""

Kind = Literal["practice_management", "healthcare_messaging", "business_phone", "messaging_api", "consumer_app"]


class Attribute(Strict):
    """What is asked of a vendor."""

    title: Text
    short: Text | None = None
    """What it is called in a sentence, if shorter than the title."""
    means: Text
    """What a value claims, and what it does not."""
    shelf: Id
    """The class of shelf life."""
    values: dict[str, Text] | Literal["text", "number"]
    """The values it can have, each with its meaning."""
    question: Text | None = None
    """The question to put to the vendor."""


class Attributes(Strict):
    """The file ``attributes.yaml``: what is asked of a vendor, and how long an answer keeps."""

    shelf_life_days: dict[Id, Annotated[int, pydantic.Field(gt=0)]]
    attributes: dict[str, Attribute]


class Remark(Strict):
    """A sourced sentence that is no attribute: a limit, a condition, a second reading of a price."""

    text: Text
    source: Id
    plans: Annotated[list[Id], one_or_more(Id)] | None = None
    channels: Annotated[list[Channel], one_or_more(Channel)] | None = None


class PriceList(Strict):
    """What a plan costs from a day on, until the next price list."""

    from_: Annotated[Day, pydantic.Field(alias="from")]
    """The first day it holds."""
    date_is: Literal["stated", "first_seen"]
    """Whether the vendor states that day, or the price was first seen then."""
    existing_customers_from: Day | None = None
    """The day from which customers of before pay it, where that is later."""
    source: Id
    charges: list[Charge] = []  # noqa: RUF012
    schedules: list[Id] = []  # noqa: RUF012
    """Shared fees that come on top, by their id."""
    disputes: list[Remark] = []  # noqa: RUF012
    """Other readings of these prices, kept in view."""
    note: Text | None = None

    @pydantic.model_validator(mode="after")
    def _later(self) -> PriceList:
        spared = self.existing_customers_from
        if spared and first_day(spared) < first_day(self.from_):
            raise ValueError(f"'existing_customers_from' ({spared}) is before 'from' ({self.from_}): swap or drop it")
        return self

    @pydantic.model_validator(mode="after")
    def _lines(self) -> PriceList:
        names = [line_name(charge) for charge in self.charges]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two charges are called '{name}': give each line its own name")
        for charge in self.charges:
            if isinstance(charge, Group):
                for name in charge.of or []:
                    if name not in names:
                        raise ValueError(f"'of' names '{name}', which is no charge here: {nearest(name, names)}")
                    named = self.charges[names.index(name)]
                    if isinstance(named, Group) and named.step >= charge.step:
                        raise ValueError(
                            f"'of' names '{name}', which comes no earlier: the order is discount, maximum, minimum, fee"
                        )
        return self


def _dated(prices: list[PriceList]) -> list[PriceList]:
    for before, after in pairwise(prices):
        if first_day(after.from_) <= first_day(before.from_):
            raise ValueError(
                f"the price list from {after.from_} overlaps the one from {before.from_}: "
                "put the oldest first, each with a later day than the one before"
            )
    return prices


Prices = Annotated[list[PriceList], pydantic.AfterValidator(_dated)]


class Schedule(Strict):
    """Fees that several plans share, such as what US carriers add to each text."""

    name: Text
    prices: Prices


def _channel_map(value: object) -> object:
    plain = isinstance(value, list) and all(isinstance(channel, str) for channel in value)
    return dict.fromkeys(value, "all") if plain else value  # type: ignore[call-overload]


class Limits(Strict):
    """The largest practice that a plan takes."""

    clinicians: Annotated[int, pydantic.Field(gt=0)] | None = None
    logins: Annotated[int, pydantic.Field(gt=0)] | None = None
    locations: Annotated[int, pydantic.Field(gt=0)] | None = None
    active_clients: Annotated[int, pydantic.Field(gt=0)] | None = None
    sessions_per_month: Annotated[int, pydantic.Field(gt=0)] | None = None


class Plan(Strict):
    """What one buys."""

    name: Text
    channels: Annotated[
        dict[Channel, list[Purpose] | Literal["all"]],
        pydantic.BeforeValidator(
            _channel_map, json_schema_input_type=list[Channel] | dict[Channel, list[Purpose] | Literal["all"]]
        ),
    ] = {}  # noqa: RUF012
    """The channels, each with the purposes it can serve; a plain list means all. None: it cannot send texts alone."""
    base: Id | None = None
    """The plan of the same vendor that must be bought first; its price is part of the bill."""
    limits: Limits = Limits()
    message_limits: dict[Channel, Annotated[int, pydantic.Field(gt=0)]] = {}  # noqa: RUF012
    """Characters that a message may have, by channel."""
    prices: Prices = []  # noqa: RUF012
    ended: Day | None = None
    """The day from which the plan is no longer sold."""
    note: Text | None = None

    def sold(self, on: date) -> bool:
        """Tell whether the plan is sold on a day: it has not ended by then."""
        return self.ended is None or on < first_day(self.ended)


def _pieces(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: pieces if isinstance(pieces, list) else [pieces] for name, pieces in value.items()}


class Vendor(Strict):
    """A maker of tools for texting."""

    name: Text
    kind: Kind
    homepage: str | None = None
    also: list[Text] = []  # noqa: RUF012
    """Other names that people use for it."""
    facts: Annotated[
        dict[str, list[Evidence]],
        pydantic.BeforeValidator(_pieces, json_schema_input_type=dict[str, Evidence | list[Evidence]]),
    ] = {}  # noqa: RUF012
    not_found: dict[str, Text] = {}  # noqa: RUF012
    """Attributes that were searched for in vain, with what was searched: they stay unknown."""
    remarks: list[Remark] = []  # noqa: RUF012
    plans: dict[Id, Plan]


class VendorFile(Strict):
    """The file ``vendors.yaml``."""

    sources: dict[Id, Source]
    schedules: dict[Id, Schedule] = {}  # noqa: RUF012
    vendors: dict[Id, Vendor]


@dataclass(frozen=True)
class Line:
    """A charge of a plan's price list with what it needs to be traced."""

    charge: Charge
    name: str
    source: str
    since: str
    date_is: str
    origin: str
    """The plan or schedule that the line belongs to."""
    own: bool = False
    """Whether the price is the user's own, from the overlay."""

    @cached_property
    def key(self) -> str:
        """What the line charges, whatever it is called: two lines with one key cost the same."""
        return self.charge.model_dump_json(exclude={"name", "source", "note"})


OwnPrice = tuple[str, str, str]
"""A price of the user's own: plan or schedule, first day, name of the line."""


@dataclass(frozen=True)
class Catalog:
    """Vendors with their facts and prices.

    Parameters
    ----------
    file : VendorFile
        What ``vendors.yaml`` holds.
    attributes : Attributes
        What ``attributes.yaml`` holds.
    path : str
        The file's name, for messages.
    hash : str
        The first 12 digits of the SHA-256 of the files.
    own : frozenset of str
        The ids of the sources that come from the user's overlay.
    own_prices : frozenset of (str, str, str)
        The prices that come from the user's overlay: plan or schedule, first day, name of the line.
    """

    file: VendorFile
    attributes: Attributes
    path: str
    hash: str
    own: frozenset[str] = frozenset()
    own_prices: frozenset[OwnPrice] = frozenset()
    _facts: dict[tuple[str, str, str | None, date], Fact] = field(default_factory=dict, compare=False, repr=False)
    findings: dict[tuple[Any, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """What :func:`texteval.assess.finding_of` has found already."""
    _bills: dict[tuple[str, date, date | None], list[Line] | None] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def sources(self) -> dict[str, Source]:
        """The sources by id."""
        return self.file.sources

    @property
    def vendors(self) -> dict[str, Vendor]:
        """The vendors by id."""
        return self.file.vendors

    def plan_ids(self, *, texting: bool = True) -> list[str]:
        """List the ids of all plans, as ``vendor/plan``; by default of those that can send messages."""
        return [
            f"{vendor_id}/{plan_id}"
            for vendor_id, vendor in self.vendors.items()
            for plan_id, plan in vendor.plans.items()
            if plan.channels or not texting
        ]

    def vendor(self, vendor_id: str) -> Vendor:
        """Return a vendor by its id.

        Raises
        ------
        UserError
            If there is none; suggests the nearest.
        """
        if vendor_id not in self.vendors:
            raise UserError(f"there is no vendor '{vendor_id}': {nearest(vendor_id, self.vendors)}")
        return self.vendors[vendor_id]

    def plan(self, plan_id: str) -> Plan:
        """Return a plan by its id, ``vendor/plan``.

        Raises
        ------
        UserError
            If there is none; suggests the nearest.
        """
        vendor_id, _, name = plan_id.partition("/")
        if vendor_id in self.vendors and name in self.vendors[vendor_id].plans:
            return self.vendors[vendor_id].plans[name]
        if vendor_id in self.vendors:
            plans = ", ".join(f"{vendor_id}/{plan}" for plan in self.vendors[vendor_id].plans)
            raise UserError(f"there is no plan '{plan_id}': {self.vendors[vendor_id].name} has {plans}")
        raise UserError(f"there is no plan '{plan_id}': {nearest(plan_id, self.plan_ids(texting=False))}")

    def title(self, plan_id: str) -> str:
        """Return what a person calls a plan: the vendor's name and the plan's."""
        vendor = self.vendors[plan_id.partition("/")[0]]
        plan = self.plan(plan_id)
        return f"{vendor.name} {plan.name}"

    def fact(self, plan_id: str, attribute: str, channel: str | None, on: date) -> Fact:
        """Weigh the evidence on one attribute of a plan, or of a vendor as a whole.

        Parameters
        ----------
        plan_id : str
            ``vendor/plan``, or ``vendor`` alone for all that is known of it.
        attribute : str
            The attribute.
        channel : str or None
            The channel in question; None for the plan as a whole.
        on : datetime.date
            The day of the question.

        Returns
        -------
        Fact
            The value with its source; *unknown* where nothing is known.
        """
        key = (plan_id, attribute, channel, on)
        if key not in self._facts:
            vendor_id, _, plan = plan_id.partition("/")
            pieces = self.vendors[vendor_id].facts.get(attribute, [])
            shelf = self.attributes.shelf_life_days[self.attributes.attributes[attribute].shelf]
            self._facts[key] = resolve(
                attribute,
                (piece for piece in pieces if piece.covers(plan or None, channel)),
                self.sources,
                on,
                shelf,
            )
        return self._facts[key]

    def price_list(self, plan_id: str, on: date, customer_since: date | None = None) -> PriceList | None:
        """Return the price list that a plan has on a day.

        Parameters
        ----------
        plan_id : str
            ``vendor/plan``.
        on : datetime.date
            The day of the question.
        customer_since : datetime.date, optional
            When the practice became a customer; a list that spares customers of before is then passed over.

        Returns
        -------
        PriceList or None
            None if the plan has no price list yet on that day, or is no longer sold.
        """
        plan = self.plan(plan_id)
        return current(plan.prices, on, customer_since) if plan.sold(on) else None

    def price_lines(self, plan_id: str, on: date, customer_since: date | None = None) -> list[Line] | None:
        """List the charges that make up a plan's bill: those of its base plan, its own, and shared fees.

        Returns
        -------
        list of Line or None
            None if a price list is missing on that day: the bill is then unknown.
        """
        asked = (plan_id, on, customer_since)
        if asked not in self._bills:
            self._bills[asked] = self._all_lines(*asked)
        return self._bills[asked]

    def _all_lines(self, plan_id: str, on: date, customer_since: date | None) -> list[Line] | None:
        prices = self.price_list(plan_id, on, customer_since)
        if prices is None:
            return None
        lines: list[Line] = []
        base = self.plan(plan_id).base
        if base:
            under = self.price_lines(f"{plan_id.partition('/')[0]}/{base}", on, customer_since)
            if under is None:
                return None
            lines += under
        lines += self._lines(prices, plan_id)
        for schedule_id in prices.schedules:
            if any(line.origin == schedule_id for line in lines):
                continue  # the base plan brings it already
            shared = current(self.file.schedules[schedule_id].prices, on, None)
            if shared is None:
                return None
            lines += self._lines(shared, schedule_id)
        return lines

    def _lines(self, prices: PriceList, origin: str) -> Iterator[Line]:
        for charge in prices.charges:
            name, since = line_name(charge), prices.from_
            own = (origin, since, name) in self.own_prices
            yield Line(charge, name, charge.source or prices.source, since, prices.date_is, origin, own)

    def is_old_price(self, source_id: str, on: date) -> bool:
        """Tell whether a price was read longer ago than the shelf life of prices."""
        return (on - first_day(self.sources[source_id].seen)).days > self.attributes.shelf_life_days["price"]

    def first_price_day(self) -> date:
        """Return the day of the oldest price list."""
        days = [
            first_day(plan.prices[0].from_)
            for vendor in self.vendors.values()
            for plan in vendor.plans.values()
            if plan.prices
        ]
        return min(days, default=date.max)


def current(prices: Sequence[PriceList], on: date, customer_since: date | None = None) -> PriceList | None:
    """Return the price list that holds on a day, or None before the first."""
    for prices_from in reversed(prices):
        starts = first_day(prices_from.from_)
        spared = prices_from.existing_customers_from
        if spared and customer_since and customer_since < starts:
            starts = first_day(spared)
        if starts <= on:
            return prices_from
    return None


@dataclass(frozen=True)
class PriceStep:
    """What a unit cost from a day on.

    Parameters
    ----------
    since : str
        The first day, as exact as its source.
    date_is : str
        ``stated`` by the vendor, or ``first_seen`` then.
    low, high : int or None
        Micro-dollars; they differ where the price depends on the tier. None: nobody publishes it.
    """

    since: str
    date_is: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class PriceHistory:
    """A list price that has changed.

    Parameters
    ----------
    origins : tuple of str
        The plans of one vendor that share it, or the one schedule.
    line : str
        What the line is called.
    charge : Charge
        The line as it is now.
    steps : tuple of PriceStep
        The oldest known price first; each differs from the one before.
    """

    origins: tuple[str, ...]
    line: str
    charge: Charge
    steps: tuple[PriceStep, ...]

    @property
    def way(self) -> str:
        """Where the price went from the oldest step to the newest: ``up``, ``down``, ``unpublished`` or ``both ways``.

        A price that is back where it was, or that rose in one tier and fell in another, went both ways.
        """
        first, last = self.steps[0], self.steps[-1]
        if last.low is None or last.high is None:
            return "unpublished"
        assert first.low is not None and first.high is not None
        moves = {last.low - first.low, last.high - first.high} - {0}
        return "up" if moves and min(moves) > 0 else "down" if moves and max(moves) < 0 else "both ways"


def price_histories(catalog: Catalog, on: date) -> list[PriceHistory]:
    """Find the list prices that have changed by a day, of plans that are still sold.

    A line is followed back through the price lists as long as they have it, by its name and for the same unit.
    Discounts, minima and maxima are no unit prices and are left out, and so are prices of the user's own.

    Returns
    -------
    list of PriceHistory
        The one that changed last first. A price that was unpublished before it was known has not changed.
    """
    dated = {
        plan_id: catalog.plan(plan_id).prices
        for plan_id in catalog.plan_ids(texting=False)
        if catalog.plan(plan_id).sold(on)
    }
    dated |= {schedule_id: schedule.prices for schedule_id, schedule in catalog.file.schedules.items()}
    found: dict[tuple[str, str, tuple[PriceStep, ...]], PriceHistory] = {}
    for origin, prices in dated.items():
        for line, run in _runs(catalog, origin, [of for of in prices if first_day(of.from_) <= on]).items():
            steps: list[PriceStep] = []
            for since, charge in run:
                step = PriceStep(since.from_, since.date_is, *_unit_price(charge))
                if (step.low, step.high) != ((steps[-1].low, steps[-1].high) if steps else (None, None)):
                    steps.append(step)
            if len(steps) > 1:
                key = (origin.partition("/")[0], line, tuple(steps))
                origins = (*found[key].origins, origin) if key in found else (origin,)
                found[key] = PriceHistory(origins, line, run[-1][1], tuple(steps))
    return sorted(found.values(), key=lambda history: first_day(history.steps[-1].since), reverse=True)


def _runs(catalog: Catalog, origin: str, prices: list[PriceList]) -> dict[str, list[tuple[PriceList, Charge]]]:
    """Follow each line of the newest price list back as long as the list before has it, by the same unit."""
    lists = [(of, {line_name(c): c for c in of.charges if not isinstance(c, Group)}) for of in prices]
    runs: dict[str, list[tuple[PriceList, Charge]]] = {}
    for line, newest in lists[-1][1].items() if lists else ():
        run: list[tuple[PriceList, Charge]] = []
        for of, lines in reversed(lists):
            if line not in lines or _unit(lines[line]) != _unit(newest):
                break
            if (origin, of.from_, line) not in catalog.own_prices:
                run.insert(0, (of, lines[line]))
        runs[line] = run
    return runs


def _unit(charge: Any) -> tuple[Any, ...]:
    """Return what a price is for: two prices of one unit can be compared."""
    size = getattr(getattr(charge, "then", charge), "size", None)
    return charge.meter, charge.cadence, charge.months, size


def _unit_price(charge: Charge) -> tuple[int | None, int | None]:
    """Return the lowest and the highest price of a unit, beyond what is included."""
    rate: Any = getattr(charge, "then", charge)
    if isinstance(rate, TiersRate):
        prices = [tier.usd or tier.flat_usd for tier in rate.tiers]
        return min(prices), max(prices)
    usd = getattr(rate, "usd", None)
    return usd, usd


def load_attributes(path: Path | None = None) -> tuple[Attributes, str]:
    """Read ``attributes.yaml``; return it with its text."""
    path = path or data_folder() / "attributes.yaml"
    data, text = read_yaml(path)
    attributes = validate(Attributes, data, path, text)
    known = attributes.shelf_life_days
    refuse(
        (
            (
                ["attributes", name, "shelf"],
                f"'{attribute.shelf}' is no class of shelf life",
                nearest(attribute.shelf, known),
            )
            for name, attribute in attributes.attributes.items()
            if attribute.shelf not in known
        ),
        path,
        text,
    )
    return attributes, text


def load(path: Path | None = None, overlay: Path | None = None) -> Catalog:
    """Read the catalogue, and lay the user's own file over it.

    An overlay has the shape of ``vendors.yaml``, but holds only what differs. Its sources, schedules, vendors and plans
    are added, or replace those of the same id field by field; its facts and remarks join those that are there. The base
    is not touched.

    Its price lists replace those of the plan from their first day on, line by line: a line takes the place of the line
    of the same name in the list that held on that day (on a day before the first list, in that one), or is added. The
    other lines stay, each with its source, and so do the schedules unless the list names its own; a second list builds
    on the first. So a negotiated price of a seat takes one line; a line that is not paid is written with ``usd: 0``,
    and ``schedules: []`` drops the shared fees.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file like ``vendors.yaml``; texteval's own by default.
    overlay : pathlib.Path, optional
        The user's own facts and prices.

    Returns
    -------
    Catalog
        Everything in it, checked.

    Raises
    ------
    DataError
        All faults of the files, with their lines.
    UserError
        If a file cannot be read at all.
    """
    path = path or data_folder() / "vendors.yaml"
    attributes, attributes_text = load_attributes()
    data, text = read_yaml(path)
    check_kind(data, path, "vendors")
    file = _checked(data, path, text, attributes)
    if overlay is None:
        return Catalog(file, attributes, str(path), _digest(attributes_text + text))
    over, over_text = read_yaml(overlay)
    if not isinstance(over, dict):
        raise DataError([Problem(str(overlay), 1, "", "this is no overlay", "write sources: and vendors:")])
    check_kind(over, overlay, "vendors")
    laid = _Laid(data, over)
    file = _checked(laid.data, overlay, over_text, attributes, laid.stands, laid.misspelt)
    own = frozenset(over.get("sources") or ())
    digest = _digest(attributes_text + text + over_text)
    return Catalog(file, attributes, str(path), digest, own, frozenset(_own_prices(over)))


def _digest(texts: str) -> str:
    return hashlib.sha256(texts.encode()).hexdigest()[:12]


def check_text(text: str, path: Path) -> None:
    """Check the text of a catalogue before it is written.

    Raises
    ------
    DataError
        All its faults, with their lines.
    """
    data = parse_yaml(text, path)
    _checked(data, path, text, load_attributes()[0])


def _checked(
    data: Any,
    path: Path,
    text: str,
    attributes: Attributes,
    stands: Callable[[Place], Place] = lambda place: place,
    more: Sequence[Fault] = (),
) -> VendorFile:
    file = validate(VendorFile, data, path, text, stands)
    refuse([*more, *_dangling(file, attributes)], path, text, stands)
    return file


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _over(old: Any, new: Any) -> Any:
    """Lay the fields of one entry over those of another; what is no entry is left for the models to refuse."""
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


_CHARGE: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(Charge)


def _name(charge: Any) -> str | None:
    """Return the name of a line in plain data; None for what is no charge, which the models refuse."""
    try:
        return line_name(_CHARGE.validate_python(charge))
    except pydantic.ValidationError:
        return None


def _counts(charge: dict[str, Any]) -> list[Any]:
    """Return what a line in plain data counts."""
    return _items(charge.get("meter"))


LIKE = 0.8
"""How much the name of a line must look like another one's to be taken for a slip of the pen."""


def _starts(prices: Any) -> date | None:
    """Return the first day of a price list in plain data; None for what has none, which the models refuse."""
    try:
        return first_day(str(prices["from"]))
    except (KeyError, TypeError, ValueError):
        return None


class _Laid:
    """An overlay's plain data laid over the base's; what does not fit is left for the models to refuse.

    Parameters
    ----------
    base, over : dict
        What the two files hold; the base is free of faults.
    """

    def __init__(self, base: dict[str, Any], over: dict[str, Any]) -> None:
        self._moved: dict[Place, Place] = {}
        self.misspelt: list[Fault] = []
        """What would be new, and looks like a slip of the pen."""
        self.data = {**base, **over}
        for section, model in (("sources", Source), ("schedules", Schedule), ("vendors", Vendor)):
            old, new = base.get(section, {}), over.get(section) or {}
            if isinstance(new, dict):
                lay = self._vendor if section == "vendors" else lambda _, old, new: _over(old, new)
                meant = self._meant((section,), old, new, model)
                new = {**old, **{name: lay(name, old.get(name), entry) for name, entry in meant.items()}}
            self.data[section] = new

    def _meant(self, at: Place, old: Mapping[str, Any], new: Mapping[str, Any], model: type[Strict]) -> dict[str, Any]:
        """Leave out entries that are not whole, as new ones are, and whose id is almost that of one in the base."""
        needed = {name for name, field in model.model_fields.items() if field.is_required()}
        meant = {}
        for name, entry in new.items():
            near = None if name in old or not isinstance(entry, dict) else closest(str(name), old)
            if near and (lacks := sorted(needed - set(entry))):
                right = f"did you mean '{near}'? A new one wants {', '.join(lacks)} too"
                self.misspelt.append(([*at, name], f"there is no '{name}' to add to", right))
            else:
                meant[name] = entry
        return meant

    def stands(self, place: Place) -> Place:
        """Return where in the overlay a place of the laid data stands."""
        for end in range(len(place), 0, -1):
            if place[:end] in self._moved:
                return self._moved[place[:end]] + place[end:]
        return place

    def _vendor(self, vendor_id: str, old: Any, new: Any) -> Any:
        vendor = _over(old, new)
        if not isinstance(old, dict) or not isinstance(new, dict):
            return vendor
        if isinstance(new.get("facts"), dict):
            facts = dict(old.get("facts", {}))
            for name, pieces in new["facts"].items():
                facts[name] = [*_items(pieces), *_items(facts.get(name, []))]
            vendor["facts"] = facts
        if isinstance(new.get("remarks"), list):
            vendor["remarks"] = [*new["remarks"], *old.get("remarks", [])]
        if isinstance(new.get("plans"), dict):
            vendor["plans"] = dict(old["plans"])
            at = ("vendors", vendor_id, "plans")
            for plan_id, plan in self._meant(at, old["plans"], new["plans"], Plan).items():
                before = old["plans"].get(plan_id)
                vendor["plans"][plan_id] = laid = _over(before, plan)
                if before and isinstance(plan, dict) and isinstance(plan.get("prices"), list) and plan["prices"]:
                    laid["prices"] = self._prices((*at, plan_id, "prices"), before.get("prices", []), plan["prices"])
        return vendor

    def _prices(self, at: Place, old: list[Any], new: list[Any]) -> list[Any]:
        first = _starts(new[0])
        lists = [prices for prices in old if first is None or (_starts(prices) or date.max) < first]
        held = [prices for prices in old if first and (_starts(prices) or date.max) <= first]
        under = held[-1] if held else (old or [None])[0]  # before the first list that is known its lines are as good
        for i, prices in enumerate(new):
            here = (*at, len(lists))
            self._moved[here] = (*at, i)
            if under and isinstance(prices, dict) and isinstance(prices.get("charges", []), list):
                prices = self._lines(here, (*at, i), under, prices)
            lists.append(prices)
            under = prices if _is_sound(prices) else None
        return lists

    def _lines(self, at: Place, own: Place, under: dict[str, Any], prices: dict[str, Any]) -> dict[str, Any]:
        """Lay the lines of an own list, at two places, over those of the list before it."""
        before: Place = (*at[:-1], int(at[-1]) - 1)  # if it is own too; one of the base has no faults to place
        charges = [{"source": under.get("source"), **charge} for charge in under.get("charges", [])]
        for i in range(len(charges)):
            self._moved[(*at, "charges", i)] = self.stands((*before, "charges", i))
        if "schedules" not in prices:
            self._moved[(*at, "schedules")] = self.stands((*before, "schedules"))
        places = {_name(charge): i for i, charge in enumerate(charges)}
        added = []
        for i, charge in enumerate(prices.get("charges", [])):
            if (name := _name(charge)) and name not in places:
                added.append((name, len(charges)))
            place = places.pop(name, len(charges))
            charges[place : place + 1] = [charge]
            self._moved[(*at, "charges", place)] = (*own, "charges", i)
        for name, place in added:
            alike = [one for one, i in places.items() if one and _counts(charges[i]) == _counts(charges[place])]
            if near := closest(name, alike, LIKE):
                right = f"did you mean '{near}'? A line beside it wants a name that is less like it"
                wrong = f"'{name}' would be charged beside '{near}'"
                self.misspelt.append(([*at, "charges", place, "name"], wrong, right))
        return {"schedules": under.get("schedules", []), **prices, "charges": charges}


def _is_sound(prices: Any) -> bool:
    """Tell whether another list can be laid over a price list in plain data."""
    charges = prices.get("charges", []) if isinstance(prices, dict) else None
    return isinstance(charges, list) and all(isinstance(charge, dict) for charge in charges)


def _own_prices(over: dict[str, Any]) -> Iterator[OwnPrice]:
    """List the prices of an overlay, which is free of faults."""
    lists = {schedule_id: schedule.get("prices", []) for schedule_id, schedule in (over.get("schedules") or {}).items()}
    for vendor_id, vendor in (over.get("vendors") or {}).items():
        for plan_id, plan in vendor.get("plans", {}).items():
            lists[f"{vendor_id}/{plan_id}"] = plan.get("prices", [])
    for owner, found in lists.items():
        names: list[str] = []  # of all lists so far, since each builds on the one before
        for prices in found:
            names += [line_name(_CHARGE.validate_python(charge)) for charge in prices.get("charges", [])]
            yield from ((owner, str(prices["from"]), name) for name in names)


def _dangling(file: VendorFile, attributes: Attributes) -> Iterator[Fault]:
    """Find references that lead nowhere, and values that an attribute does not have."""

    def source(where: list[Any], name: str) -> Iterator[Fault]:
        if name not in file.sources:
            yield [*where, "source"], f"there is no source '{name}'", nearest(name, file.sources)

    def prices(where: list[Any], lists: list[PriceList]) -> Iterator[Fault]:
        for i, price_list in enumerate(lists):
            here = [*where, "prices", i]
            yield from source(here, price_list.source)
            for j, charge in enumerate(price_list.charges):
                if charge.source:
                    yield from source([*here, "charges", j], charge.source)
            for j, schedule in enumerate(price_list.schedules):
                if schedule not in file.schedules:
                    yield (
                        [*here, "schedules", j],
                        f"there is no schedule '{schedule}'",
                        nearest(schedule, file.schedules),
                    )
            for j, remark in enumerate(price_list.disputes):
                yield from source([*here, "disputes", j], remark.source)

    for schedule_id, schedule in file.schedules.items():
        yield from prices(["schedules", schedule_id], schedule.prices)
    for vendor_id, vendor in file.vendors.items():
        at = ["vendors", vendor_id]

        def plans(where: list[Any], named: list[str] | None, known: dict[str, Plan] = vendor.plans) -> Iterator[Fault]:
            for plan_id in named or []:
                if plan_id not in known:
                    yield [*where, "plans"], f"there is no plan '{plan_id}'", nearest(plan_id, known)

        for name, pieces in vendor.facts.items():
            here = [*at, "facts", name]
            attribute = attributes.attributes.get(name)
            if attribute is None:
                yield here, f"'{name}' is not an attribute", nearest(name, attributes.attributes)
                continue
            for i, piece in enumerate(pieces):
                there = [*here, i] if len(pieces) > 1 else here
                yield from source(there, piece.source)
                yield from plans(there, piece.plans)
                yield from _value([*there, "value"], attribute, piece)
        for name in vendor.not_found:
            if name not in attributes.attributes:
                yield (
                    [*at, "not_found", name],
                    f"'{name}' is not an attribute",
                    nearest(name, attributes.attributes),
                )
        for i, remark in enumerate(vendor.remarks):
            yield from source([*at, "remarks", i], remark.source)
            yield from plans([*at, "remarks", i], remark.plans)
        for plan_id, plan in vendor.plans.items():
            here = [*at, "plans", plan_id]
            yield from prices(here, plan.prices)
            if plan.base and (plan.base not in vendor.plans or plan.base == plan_id or vendor.plans[plan.base].base):
                yield (
                    [*here, "base"],
                    f"'{plan.base}' cannot be the base",
                    "name another plan of this vendor, without a base",
                )


def _value(where: list[Any], attribute: Attribute, piece: Evidence) -> Iterator[Fault]:
    if attribute.values == "number":
        if not isinstance(piece.value, int) or piece.value < 0:
            yield where, f"{piece.value!r} is not a count", "write a whole number"
    elif attribute.values == "text":
        if not isinstance(piece.value, str):
            yield where, f"{piece.value!r} is not text", "put it in quotes"
    elif piece.value not in attribute.values:
        yield (
            where,
            f"{piece.value!r} is not a value of this attribute",
            "write one of " + ", ".join(attribute.values),
        )
