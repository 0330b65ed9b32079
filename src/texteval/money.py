"""Money as whole micro-dollars: exact parsing, and the one place for rounding and printing.

A micro-dollar is a millionth of a US dollar. Every amount in texteval is a whole number of them, from the
price list to the report; only :func:`cents` rounds.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

import numpy as np
import pydantic

MICRO = 1_000_000
"""Micro-dollars in a dollar."""

MAX_PRICE = 100_000 * MICRO
"""The largest price of a line, in micro-dollars: $100,000. With :data:`MAX_QUANTITY` it keeps sums within int64."""

MAX_QUANTITY = 1_000_000
"""The largest count of any meter in a month. ``MAX_PRICE * MAX_QUANTITY`` is 1e17, a ninetieth of the int64 limit."""


PLAIN_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
"""A price as a person types it: digits, and decimals after a point."""


def parse_usd(value: object) -> int:
    """Read a price in US dollars from its decimal text, exactly.

    Parameters
    ----------
    value : int, decimal.Decimal or str
        Dollars, such as ``49``, ``0.0083`` or ``"0.0083"``. A binary float is refused, since it is not exact.

    Returns
    -------
    int
        Micro-dollars.

    Raises
    ------
    ValueError
        If the value is not a plain number, is negative, finer than a micro-dollar, or above :data:`MAX_PRICE`.
    """
    said = str(value) if len(str(value)) <= 40 else str(value)[:39] + "…"
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise ValueError(f"{said} is not a price: write dollars as a plain number, such as 0.09")
    try:
        if isinstance(value, str) and ("_" in value or not value.isascii()):
            raise ArithmeticError
        dollars = Decimal(value)
    except ArithmeticError:
        raise ValueError(
            f"{said!r} is not a price: write dollars as a plain number without sign or currency, such as 0.09"
        ) from None
    if not dollars.is_finite() or dollars < 0:
        raise ValueError(f"{said} is not a price: a price is zero or more; a discount is a 'percent' charge")
    if dollars > MAX_PRICE // MICRO:
        raise ValueError(f"{said} is too large: a price is at most {MAX_PRICE // MICRO} dollars")
    exponent = dollars.as_tuple().exponent
    micro = Fraction(dollars) * MICRO if isinstance(exponent, int) and exponent > -100 else Fraction(1, 2)
    if micro.denominator != 1:
        raise ValueError(f"{said} is too fine: prices have at most six decimals")
    return int(micro)


Usd = Annotated[
    int,
    pydantic.PlainValidator(parse_usd),
    pydantic.PlainSerializer(lambda micro: float(Decimal(micro) / MICRO), return_type=float, when_used="json"),
    pydantic.WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100000, "description": "US dollars"}),
]
"""A price in a data file: dollars there, whole micro-dollars here."""


def half_up(numerator: Any, denominator: int) -> Any:
    """Divide whole numbers and round half up (towards plus infinity), on ints and int64 arrays alike."""
    return (2 * numerator + denominator) // (2 * denominator)


def cents(micro: Any) -> Any:
    """Round micro-dollars to whole cents, half up: the only rounding of money in texteval.

    Parameters
    ----------
    micro : int or numpy.ndarray
        Micro-dollars; may be negative (a discount).

    Returns
    -------
    int or numpy.ndarray
        Cents. A negative amount rounds by its size, so that a discount mirrors its charge.
    """
    if isinstance(micro, np.ndarray):
        return np.sign(micro) * half_up(np.abs(micro), 10_000)
    micro = int(micro)
    size: int = half_up(abs(micro), 10_000)
    return -size if micro < 0 else size


def show(micro: int | None, *, unit: bool = False) -> str:
    """Print an amount for a person.

    Parameters
    ----------
    micro : int or None
        Micro-dollars; None is a price that nobody publishes.
    unit : bool
        Print a unit price with all its decimals (at least two) in place of rounding to cents.

    Returns
    -------
    str
        Such as ``$1,234.50``, ``$0.0083`` or ``unknown``.
    """
    if micro is None:
        return "unknown"
    sign = "-" if micro < 0 else ""
    if unit:
        whole, fraction = divmod(abs(int(micro)), MICRO)
        decimals = f"{fraction:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}${whole:,}.{decimals}"
    amount = cents(micro)
    dollars, rest = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}${dollars:,}.{rest:02d}"


def dollars(micro: int | None) -> float | None:
    """Convert an amount, rounded to cents, to a number of dollars for JSON and figures."""
    return None if micro is None else cents(micro) / 100


def exact_dollars(micro: int | None) -> float | None:
    """Convert a unit price to a number of dollars, with all its decimals, for JSON."""
    return None if micro is None else float(Decimal(micro) / MICRO)
