"""The statements of the published guides on texting in therapy: each is carried somewhere, and the place says it.

``statements.csv`` gives for each statement its kind (R rule, T template, X explanation, D data, C calculation; ``!``
marks one that is outdated, contradicted or a seller's claim), a short paraphrase, a file, and the words that stand
there, parted by ``//``. A statement may have several places.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache

import pytest

from conftest import ROOT

with (ROOT / "tests" / "statements.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))

GUIDES = {"000": 48, "001": 22, "002": 15, "003": 18, "004": 8}
"""How many rules, templates and explanations each guide holds."""


@cache
def said(where: str) -> str:
    """Return what a file says, with every run of blanks and line ends as one blank."""
    return " ".join((ROOT / where).read_text(encoding="utf-8").split())


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['id']} {row['where']}" for row in ROWS])
def test_the_statement_stands_where_the_table_says(row: dict[str, str]) -> None:
    for words in row["says"].split(" // "):
        assert " ".join(words.split()) in said(row["where"]), f"{row['where']} does not say: {words}"


def test_the_table_is_whole() -> None:
    assert all(re.fullmatch(r"00[0-4]-\d\d", row["id"]) for row in ROWS)
    assert all(re.fullmatch(r"[DRCTX](/[DRCTX])?!?", row["kind"]) for row in ROWS)
    assert all(re.search("[RTX]", row["kind"]) for row in ROWS)
    assert Counter(number[:3] for number in {row["id"] for row in ROWS}) == GUIDES
    assert all(len(row["statement"]) > 8 and len(row["says"]) > 8 for row in ROWS)
    kinds: dict[str, set[str]] = {}
    for row in ROWS:
        kinds.setdefault(row["id"], set()).add(row["kind"])
    assert all(len(found) == 1 for found in kinds.values())


def test_what_is_outdated_or_contested_is_carried_with_its_correction() -> None:
    marked = {row["id"] for row in ROWS if "!" in row["kind"]}
    assert marked == {"000-09", "002-03", "002-27"}
    for number in marked:
        assert any("(corrected)" in row["statement"] for row in ROWS if row["id"] == number)


def test_every_place_is_part_of_the_product() -> None:
    """What the program writes, such as a kit, is no place: the template or the fact that it comes from is."""
    places = {row["where"] for row in ROWS}
    assert all(place.startswith("data/") or place.endswith(".md") for place in places)
    assert not any(place.startswith("tests/") for place in places)
    assert all((ROOT / place).is_file() for place in places)
