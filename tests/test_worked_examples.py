"""Published worked examples, computed again from the catalogue."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from texteval.billing import price
from texteval.charges import METERS
from texteval.evidence import Source
from texteval.files import read_yaml
from texteval.messages import count
from texteval.practice import MONTHS, spread_year

FILE, _ = read_yaml(Path(__file__).with_name("worked_examples.yaml"))
SOURCES = {name: Source.model_validate(source) for name, source in FILE["sources"].items()}
EXAMPLES = FILE["examples"]
YES = [example for example in EXAMPLES if example["reproduces"] == "yes"]
NO = [example for example in EXAMPLES if example["reproduces"] == "no"]
NAME = {"ids": lambda example: example["id"]}


def bill(market, example):
    """Price an example over its months: dollars, or why there is no bill."""
    lines = market.price_lines(example["plan"], example["on"])
    if lines is None:
        return "no price list"
    counted = example.get("lines", [line.name for line in lines])
    assert set(counted) <= {line.name for line in lines}, "the price list has no such line"
    year = spread_year(example.get("usage_year", {}))
    total, before = 0, Counter()
    for month in range(example["months"]):
        usage = {**example["usage"], **year[month]}
        amounts = price(lines, usage, month, before)
        for line, amount in zip(lines, amounts, strict=True):
            if line.name in counted:
                if amount is None:
                    return "unpublished price"
                total += amount
        before.update(usage)
    return Decimal(total) / 1_000_000


def published(example):
    """Return the published amount, and how many months it is the average of."""
    if "average_usd" in example:
        return Decimal(example["average_usd"]), example["months"]
    return Decimal(example["total_usd"]), 1


def matches(found, example):
    """Compare with the published amount to its last decimal, at least to the cent."""
    expected, months = published(example)
    places = min(Decimal("0.01"), Decimal(1).scaleb(expected.as_tuple().exponent))
    return (found / months).quantize(places, ROUND_HALF_UP) == expected


@pytest.mark.parametrize("example", YES, **NAME)
def test_a_published_total_is_reproduced_to_the_cent(market, example):
    found = bill(market, example)
    assert isinstance(found, Decimal), found
    assert matches(found, example), f"{found} in place of {published(example)[0]}"


@pytest.mark.parametrize("example", NO, **NAME)
def test_what_is_not_reproduced_is_the_bill_that_was_worked_out_by_hand(market, example):
    found = bill(market, example)
    if isinstance(found, Decimal):
        assert not matches(found, example), "it reproduces now: say so in the file"
    assert found == example["bill"]


@pytest.mark.parametrize("table", FILE["parts"], **NAME)
def test_the_parts_of_a_vendors_table_are_reproduced(market, table):
    assert market.plan(table["plan"])
    assert {length: count("x" * length).segments for length in table["characters"]} == table["characters"]


def test_examples_are_complete():
    known = {"id", "plan", "on", "usage", "usage_year", "months", "lines", "total_usd", "average_usd"}
    known |= {"source", "reproduces", "bill", "why"}
    for example in EXAMPLES:
        assert set(example) <= known, example["id"]
        assert ("total_usd" in example) != ("average_usd" in example), example["id"]
        assert (example["reproduces"] == "no") == ("bill" in example), example["id"]
        assert {*example["usage"], *example.get("usage_year", {})} <= set(METERS), example["id"]
        assert 1 <= example["months"] <= MONTHS, example["id"]
        assert example["why"].strip(), example["id"]
    names = [row["id"] for row in [*EXAMPLES, *FILE["parts"]]]
    assert len(names) == len(set(names))
    assert len(EXAMPLES) == len(YES) + len(NO)
    assert len(YES) >= 20


def test_every_source_is_used_and_can_be_found_again(market):
    assert set(SOURCES) == {row["source"] for row in [*EXAMPLES, *FILE["parts"]]}
    for name, source in SOURCES.items():
        assert source.url or "archive, file" in source.note, name
        listed = market.sources.get(name)
        if listed is not None:
            assert (source.title, source.url, source.seen) == (listed.title, listed.url, listed.seen), name
