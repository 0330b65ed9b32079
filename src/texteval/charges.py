"""The charge models: what one line of a price list costs for a quantity.

A rate turns a quantity into an amount; a charge is a rate with a meter and a cadence. ``amount`` takes an int or an
int64 array of counts and gives the same micro-dollars for both, by the same code.

Decided once, after comparing a dozen billing engines: ``up_to`` is inclusive, the last tier is open, tiers and
packages cost nothing at zero, packages are billed when started, and a base fee is a line of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

import numpy as np
import pydantic

from texteval.models import Id, Strict, Text, one_or_more
from texteval.money import MAX_QUANTITY, Usd, half_up

Seat = Literal["account", "clinician", "staff", "manager", "login", "number", "location", "active_client"]
"""What a practice has: it is counted once a month and can be paid in advance."""

Flow = Literal[
    "session",
    "message_out",
    "message_in",
    "segment_out",
    "segment_in",
    "mms_out",
    "mms_in",
    "secure_message",
    "broadcast",
    "claim",
]
"""What happens during a month: it is counted as it happens."""

Meter = Literal[Seat, Flow]
SEATS: tuple[str, ...] = get_args(Seat)
METERS: tuple[str, ...] = SEATS + get_args(Flow)

CADENCES = {"monthly": "a month", "annual": "a year", "once": "once", "every_n_months": "every {} months"}
"""How often a charge is due, in words."""

METER_WORDS = {
    "account": "subscription",
    "clinician": "clinicians",
    "staff": "staff who are not clinicians",
    "manager": "practice managers",
    "login": "people with a login",
    "number": "phone numbers",
    "location": "locations",
    "active_client": "active clients",
    "session": "sessions",
    "message_out": "texts sent",
    "message_in": "texts received",
    "segment_out": "texts sent, in segments",
    "segment_in": "texts received, in segments",
    "mms_out": "picture messages sent",
    "mms_in": "picture messages received",
    "secure_message": "secure messages",
    "broadcast": "broadcasts",
    "claim": "insurance claims",
}
"""What each meter counts, in plain words."""

Quantity = Any
"""A count: an int, or an int64 array of counts."""


def _least(a: Quantity, b: Quantity) -> Quantity:
    return min(a, b) if isinstance(a, int) and isinstance(b, int) else np.minimum(a, b)


def _most(a: Quantity, b: Quantity) -> Quantity:
    return max(a, b) if isinstance(a, int) and isinstance(b, int) else np.maximum(a, b)


class FlatRate(Strict):
    """A fixed fee for a period, whatever is used."""

    model: Literal["flat"]
    usd: Usd
    """The fee for a period, in dollars."""

    def amount(self, quantity: Quantity) -> Quantity:
        """Return the fee in micro-dollars where the quantity is above zero, else 0."""
        return self.usd * _least(quantity, 1)


class PerUnitRate(Strict):
    """One price for each unit."""

    model: Literal["per_unit"]
    usd: Usd
    """The price of a unit, in dollars."""

    def amount(self, quantity: Quantity) -> Quantity:
        """Return quantity times unit price, in micro-dollars."""
        return self.usd * quantity


class Tier(Strict):
    """One tier: a bound and its prices."""

    up_to: Annotated[int, pydantic.Field(gt=0, le=MAX_QUANTITY)] | None = None
    """The last unit of the tier, inclusive; left out in the last tier, which is open."""
    usd: Usd = 0
    """The price of a unit in the tier, in dollars."""
    flat_usd: Usd = 0
    """A price for the tier as a whole, due once the tier is reached, in dollars."""


class TiersRate(Strict):
    """Prices that change with the quantity.

    ``graduated``: each unit costs the price of the tier that it falls in. ``volume``: all units cost the price of the
    tier that the quantity falls in. ``stairstep``: the quantity costs the flat price of the tier that it falls in.
    """

    model: Literal["tiers"]
    mode: Literal["graduated", "volume", "stairstep"]
    tiers: Annotated[list[Tier], pydantic.Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _sorted_and_open(self) -> TiersRate:
        bounds = [tier.up_to for tier in self.tiers]
        if bounds[-1] is not None:
            raise ValueError(
                f"the last tier ends at {bounds[-1]}: leave 'up_to' out of the last tier, so that it is open"
            )
        closed = bounds[:-1]
        if None in closed:
            raise ValueError("a tier before the last is open: give it 'up_to'")
        if any(a >= b for a, b in pairwise(closed)):  # type: ignore[operator]
            raise ValueError(f"the tiers are not sorted ({closed}): each 'up_to' must be above the one before")
        if self.mode == "stairstep" and any(tier.usd for tier in self.tiers):
            raise ValueError("a stairstep tier has a unit price: write its price as 'flat_usd'")
        return self

    def amount(self, quantity: Quantity) -> Quantity:
        """Return the amount in micro-dollars; nothing at zero."""
        bounds = [tier.up_to for tier in self.tiers[:-1] if tier.up_to is not None]
        if self.mode == "graduated":
            total: Quantity = 0 * quantity
            below = 0
            for tier, bound in zip(self.tiers, [*bounds, None], strict=True):
                inside = _most(quantity - below, 0)
                if bound is not None:
                    inside = _least(inside, bound - below)
                    below = bound
                total = total + tier.usd * inside + tier.flat_usd * _least(inside, 1)
            return total
        if isinstance(quantity, int):
            tier = self.tiers[bisect_left(bounds, quantity)]
            return tier.usd * quantity + (tier.flat_usd if quantity else 0)
        index = np.zeros(np.shape(quantity), np.int16)  # a few comparisons are faster than a search
        for bound in bounds:
            index += quantity > bound
        unit = np.array([tier.usd for tier in self.tiers], np.int64)[index]
        flat = np.array([tier.flat_usd for tier in self.tiers], np.int64)[index]
        return unit * quantity + np.where(quantity > 0, flat, 0)


class PackageRate(Strict):
    """Units sold in packages; a started package is billed."""

    model: Literal["package"]
    size: Annotated[int, pydantic.Field(gt=0, le=MAX_QUANTITY)]
    """Units in a package."""
    usd: Usd
    """The price of a package, in dollars."""
    rollover: bool = False
    """Whether unused units carry over to the next month (prepaid credits), or lapse with the period."""

    def amount(self, quantity: Quantity) -> Quantity:
        """Return the price of the started packages, in micro-dollars; nothing at zero."""
        return self.usd * -(-quantity // self.size)


class CarrierShare(Strict):
    """One carrier's part of the texts, and its price."""

    carrier: Text
    percent: Annotated[int, pydantic.Field(gt=0, le=100)]
    """Share of the texts in percent, a whole number."""
    usd: Usd


class MixRate(Strict):
    """Prices by carrier, averaged over a stated mix of carriers.

    The average is exact to the micro-dollar for prices of four decimals.
    """

    model: Literal["mix"]
    parts: Annotated[list[CarrierShare], pydantic.Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _adds_up(self) -> MixRate:
        total = sum(part.percent for part in self.parts)
        if total != 100:
            raise ValueError(f"the shares add up to {total} percent: they must add up to 100")
        return self

    @property
    def usd(self) -> int:
        """The average price of a unit, in micro-dollars."""
        return int(half_up(sum(part.percent * part.usd for part in self.parts), 100))

    def amount(self, quantity: Quantity, weights: Mapping[tuple[str, int], Any] | None = None) -> Quantity:
        """Return quantity times average price, in micro-dollars.

        ``weights`` say by how much each carrier's share differs from the stated one, for each draw of a simulation;
        the average is then rounded to the micro-dollar.
        """
        if not weights:
            return self.usd * quantity
        shares = [(part.percent * weights.get((part.carrier, part.percent), 1), part.usd) for part in self.parts]
        average = sum(share * usd for share, usd in shares) / sum(share for share, _ in shares)
        return np.rint(average).astype(np.int64) * quantity


class UnpublishedRate(Strict):
    """A price that nobody publishes: the bill is then unknown, never zero."""

    model: Literal["unpublished"]
    low_usd: Usd | None = None
    """Where a source estimates it: the low end for a period, in dollars. For the reader only; it is never billed."""
    high_usd: Usd | None = None

    def amount(self, quantity: Quantity) -> Quantity | None:
        """Return 0 where nothing is used, else None: unknown."""
        return None if np.any(quantity) else 0


Rate = Annotated[
    PerUnitRate | TiersRate | PackageRate | MixRate | UnpublishedRate, pydantic.Field(discriminator="model")
]


class AllowanceRate(Strict):
    """An included quantity, fixed or for each seat, and a rate for what goes beyond it."""

    model: Literal["allowance"]
    included: Annotated[int, pydantic.Field(ge=0, le=MAX_QUANTITY)]
    """Units included in a period; for each seat, if ``per`` is given; the seats' units are pooled."""
    per: Seat | None = None
    then: Rate

    @pydantic.model_validator(mode="after")
    def _lapses(self) -> AllowanceRate:
        if isinstance(self.then, PackageRate) and self.then.rollover:
            raise ValueError(
                "'rollover' inside an allowance's 'then' is not priced: leave it out; "
                "only a package line of its own can carry units over"
            )
        return self

    def amount(self, quantity: Quantity, seats: Quantity = 1) -> Quantity:
        """Return the amount for what exceeds ``included`` (times ``seats``), in micro-dollars."""
        return self.then.amount(self.beyond(quantity, seats))

    def beyond(self, quantity: Quantity, seats: Quantity = 1) -> Quantity:
        """Return what exceeds ``included`` (times ``seats``)."""
        over = quantity - self.included * seats
        return np.maximum(over, 0, out=over) if isinstance(over, np.ndarray) else max(over, 0)


class _Line(Strict):
    """What every line of a price list has."""

    name: Text | None = None
    """What the line is called on the invoice; each line of a price list has its own name."""
    source: Id | None = None
    """Where the figure stands, if not in the source of the price list."""
    note: Text | None = None


class _Metered(_Line):
    meter: Annotated[list[Meter], one_or_more(Meter), pydantic.Field(min_length=1)]
    """What is counted; several meters are added up."""
    cadence: Literal["monthly", "annual", "once", "every_n_months"] = "monthly"
    """How often the charge is due; all but ``monthly`` are paid in advance, in the first month of their period."""
    months: Annotated[int, pydantic.Field(ge=2, le=60)] | None = None
    """The period of ``every_n_months``."""

    @pydantic.model_validator(mode="after")
    def _fits(self) -> _Metered:
        if (self.cadence == "every_n_months") != (self.months is not None):
            raise ValueError("'months' and the cadence do not fit: give 'months' with every_n_months, and only there")
        flows = [meter for meter in self.meter if meter not in SEATS]
        if self.cadence != "monthly" and flows:
            raise ValueError(f"'{flows[0]}' cannot be paid in advance: use a seat such as account or clinician")
        return self

    def due(self, month: Any) -> Any:
        """Tell whether the charge is due in a month, counted from 0; for an array of months an array."""
        period = {"monthly": 1, "annual": 12, "every_n_months": self.months, "once": None}[self.cadence]
        if period == 1:
            return True
        return month % period == 0 if period else month == 0


class Flat(_Metered, FlatRate):
    """A fixed fee for a period."""

    meter: Annotated[list[Meter], one_or_more(Meter), pydantic.Field(min_length=1)] = ["account"]  # noqa: RUF012


class PerUnit(_Metered, PerUnitRate):
    """One price for each unit."""


class Tiers(_Metered, TiersRate):
    """Prices that change with the quantity."""


class Package(_Metered, PackageRate):
    """Units sold in packages."""


class Mix(_Metered, MixRate):
    """Prices by carrier, averaged over a stated mix."""


class Allowance(_Metered, AllowanceRate):
    """An included quantity, and a rate beyond it."""


class Unpublished(_Metered, UnpublishedRate):
    """A line whose price nobody publishes."""


class _Group(_Line):
    """A charge on other lines. Steps come in this order: discount, maximum, minimum, then taxes and fees."""

    of: list[Text] | None = None
    """The names of the lines that it applies to; all lines of the steps before it, if left out."""


def _hundredths(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{value!r} is not a percentage: write a plain number, such as -10")
    if value * 100 != int(value * 100) or not -100 <= value <= 100:
        raise ValueError(f"{value} is not a percentage: it is between -100 and 100, with at most two decimals")
    return int(value * 100)


class Percent(_Group):
    """A discount (below zero), or a tax or fee (above zero), on a group of lines."""

    model: Literal["percent"]
    percent: Annotated[
        int,
        pydantic.PlainValidator(_hundredths),
        pydantic.WithJsonSchema({"type": "number", "minimum": -100}),
    ]
    """Percent of the group in the file; hundredths of a percent here."""

    @property
    def step(self) -> int:
        """Place in the order of steps."""
        return 0 if self.percent < 0 else 3

    def amount(self, subtotal: Quantity) -> Quantity:
        """Return the change of a subtotal, in micro-dollars, rounded half up by its size."""
        points = abs(self.percent)
        whole, rest = subtotal // 10_000, subtotal % 10_000  # apart, so that the largest bill stays within int64
        size = whole * points + half_up(rest * points, 10_000)
        return -size if self.percent < 0 else size


class Minimum(_Group):
    """A floor under a group of lines, shown as a line that tops it up."""

    model: Literal["minimum"]
    usd: Usd

    @property
    def step(self) -> int:
        """Place in the order of steps."""
        return 2

    def amount(self, subtotal: Quantity) -> Quantity:
        """Return what is missing to the floor, in micro-dollars."""
        return _most(self.usd - subtotal, 0)


class Maximum(_Group):
    """A cap over a group of lines, shown as a line that takes off the rest."""

    model: Literal["maximum"]
    usd: Usd

    @property
    def step(self) -> int:
        """Place in the order of steps."""
        return 1

    def amount(self, subtotal: Quantity) -> Quantity:
        """Return what is above the cap, as an amount below zero, in micro-dollars."""
        return -_most(subtotal - self.usd, 0)


Metered = Flat | PerUnit | Tiers | Package | Mix | Allowance | Unpublished
Group = Percent | Minimum | Maximum
Charge = Annotated[Metered | Group, pydantic.Field(discriminator="model")]
"""One line of a price list."""


def line_name(charge: Charge) -> str:
    """Return what a charge is called on an invoice."""
    if charge.name:
        return charge.name
    if isinstance(charge, Group):
        return {"percent": "Discount or fee", "minimum": "Minimum", "maximum": "Maximum"}[charge.model]
    words = " and ".join(METER_WORDS[meter] for meter in charge.meter)
    return words[0].upper() + words[1:]
