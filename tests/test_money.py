"""Money: exact parsing, one rounding, one way of printing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from texteval.charges import Tier
from texteval.money import MAX_PRICE, MAX_QUANTITY, MICRO, cents, dollars, half_up, parse_usd, show

micros = st.integers(0, MAX_PRICE)


def written(micro: int) -> str:
    """Write micro-dollars as dollars with six decimals, by text alone."""
    return f"{micro // 10**6}.{micro % 10**6:06d}"


@given(micros)
@example(0)
@example(1)
@example(MAX_PRICE)
def test_a_price_of_up_to_six_decimals_is_read_exactly(micro):
    text = written(micro)
    assert parse_usd(text) == micro
    assert parse_usd(Decimal(text)) == micro
    assert parse_usd(text.rstrip("0").rstrip(".")) == micro


@given(st.integers(0, MAX_PRICE // MICRO))
def test_whole_dollars_are_read_exactly(many):
    assert parse_usd(many) == parse_usd(str(many)) == many * 1_000_000


PLAIN = "write dollars as a plain number"
NEGATIVE = "a price is zero or more; a discount is a 'percent' charge"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0.09 USD", f"'0.09 USD' is not a price: {PLAIN} without sign or currency, such as 0.09"),
        ("$5", f"'$5' is not a price: {PLAIN} without sign or currency, such as 0.09"),
        ("1,000", f"'1,000' is not a price: {PLAIN} without sign or currency, such as 0.09"),
        ("free", f"'free' is not a price: {PLAIN} without sign or currency, such as 0.09"),
        ("", f"'' is not a price: {PLAIN} without sign or currency, such as 0.09"),
        (-1, f"-1 is not a price: {NEGATIVE}"),
        ("-0.01", f"-0.01 is not a price: {NEGATIVE}"),
        (Decimal("-0.000001"), f"-0.000001 is not a price: {NEGATIVE}"),
        (0.09, f"0.09 is not a price: {PLAIN}, such as 0.09"),
        (5.0, f"5.0 is not a price: {PLAIN}, such as 0.09"),
        (True, f"True is not a price: {PLAIN}, such as 0.09"),
        (False, f"False is not a price: {PLAIN}, such as 0.09"),
        (None, f"None is not a price: {PLAIN}, such as 0.09"),
        ([49], f"[49] is not a price: {PLAIN}, such as 0.09"),
        ("NaN", f"NaN is not a price: {NEGATIVE}"),
        (Decimal("NaN"), f"NaN is not a price: {NEGATIVE}"),
        (Decimal("sNaN"), f"sNaN is not a price: {NEGATIVE}"),
        ("Infinity", f"Infinity is not a price: {NEGATIVE}"),
        ("0.0000001", "0.0000001 is too fine: prices have at most six decimals"),
        ("0.0083001", "0.0083001 is too fine: prices have at most six decimals"),
        ("100000.000001", "100000.000001 is too large: a price is at most 100000 dollars"),
        (100_001, "100001 is too large: a price is at most 100000 dollars"),
        ("1e999999", "1e999999 is too large: a price is at most 100000 dollars"),
        (f"1.{'0' * 30}1", f"1.{'0' * 30}1 is too fine: prices have at most six decimals"),
        (f"0.0{'9' * 30}", f"0.0{'9' * 30} is too fine: prices have at most six decimals"),
    ],
)
def test_what_is_no_price_is_refused_in_plain_words(value, message):
    with pytest.raises(ValueError) as caught:
        parse_usd(value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("micro", "expected"),
    [
        (0, 0),
        (1, 0),
        (4_999, 0),
        (5_000, 1),
        (5_001, 1),
        (14_999, 1),
        (15_000, 2),
        (25_000, 3),  # half to even would give 2
        (9_994_999, 999),
        (9_995_000, 1_000),
        (34_415_000, 3_442),  # 34.415
        (-4_999, 0),
        (-5_000, -1),
        (-25_000, -3),
        (-25_001, -3),
        (-14_999, -1),
        (10**17 + 5_000, 10**13 + 1),  # beyond what a float can tell apart
    ],
)
def test_cents_are_rounded_half_up_by_size(micro, expected):
    assert cents(micro) == expected
    assert cents(np.int64(micro)) == expected


@given(st.integers(-(10**18), 10**18))
def test_cents_agree_with_decimal_rounding(micro):
    # ROUND_HALF_UP of decimal rounds halves away from zero.
    assert cents(micro) == int((Decimal(micro) / 10_000).quantize(Decimal(1), ROUND_HALF_UP))
    assert cents(-micro) == -cents(micro)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(1, 2, 1), (3, 2, 2), (-1, 2, 0), (-3, 2, -1), (1, 3, 0), (2, 3, 1), (-2, 3, -1), (49, 100, 0), (50, 100, 1)],
)
def test_half_up_goes_towards_plus_infinity_on_ints_and_arrays(numerator, denominator, expected):
    assert half_up(numerator, denominator) == expected
    assert half_up(np.array([numerator], np.int64), denominator).tolist() == [expected]


@pytest.mark.parametrize(
    ("micro", "unit", "expected"),
    [
        (None, False, "unknown"),
        (None, True, "unknown"),
        (0, False, "$0.00"),
        (1_234_500_000, False, "$1,234.50"),
        (1_234_567_895_000, False, "$1,234,567.90"),
        (19_500_000, False, "$19.50"),
        (-5_850_000, False, "-$5.85"),
        (-1_500_000_000, False, "-$1,500.00"),
        (8_300, False, "$0.01"),
        (-4_000, False, "$0.00"),  # less than half a cent is nothing, without a sign
        (8_300, True, "$0.0083"),
        (90_000, True, "$0.09"),
        (100_000, True, "$0.10"),
        (49_000_000, True, "$49.00"),
        (1, True, "$0.000001"),
        (4_210, True, "$0.00421"),
        (1_234_567_890_000, True, "$1,234,567.89"),
        (-90_000, True, "-$0.09"),
    ],
)
def test_amounts_are_printed_for_a_person(micro, unit, expected):
    assert show(micro, unit=unit) == expected


@given(micros)
def test_a_printed_unit_price_reads_back_as_the_same_price(micro):
    assert parse_usd(show(micro, unit=True)[1:].replace(",", "")) == micro


@pytest.mark.parametrize(
    ("micro", "expected"), [(None, None), (0, 0.0), (19_500_000, 19.5), (8_300, 0.01), (-25_000, -0.03)]
)
def test_dollars_for_json_are_rounded_to_cents(micro, expected):
    assert dollars(micro) == expected


@given(micros)
def test_a_price_survives_being_written_as_json(micro):
    number = Tier(usd=Decimal(written(micro))).model_dump(mode="json")["usd"]
    assert isinstance(number, float)
    assert parse_usd(repr(number)) == micro


def test_the_largest_bill_of_a_line_fits_into_int64():
    assert 90 * MAX_PRICE * MAX_QUANTITY < 2**63


@pytest.mark.parametrize("value", ["1_000", "٣١", "３１", "1_0.5"])
def test_digits_that_a_price_list_would_not_have_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is not a price: write dollars as a plain number"):
        parse_usd(value)
