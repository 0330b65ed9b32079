"""How a table's columns share a sheet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texteval.report.document import Column, Link, Table
from texteval.report.paper import LONGEST, SHORT, TALL, column_widths, em, row_lines, verdict

CELLS = st.text(alphabet="ab W-1", max_size=24)


@given(st.data(), st.lists(st.floats(0.1, 5), min_size=1, max_size=6), st.floats(6, 12))
def test_columns_fill_the_sheet_and_hold_their_longest_words_where_all_can(
    data: st.DataObject, shares: list[float], size: float
) -> None:
    rows = tuple(tuple(data.draw(CELLS) for _ in shares) for _ in range(2))
    table = Table(tuple(Column("", share=share) for share in shares), rows)
    widths = column_widths(table, 500, size, 8)
    assert sum(widths) == pytest.approx(500)
    words = [[word for row in rows for word in row[i].split() if len(word) <= LONGEST] for i in range(len(shares))]
    whole = [max((em(word) for word in column), default=0) * size + 8 for column in words]
    if sum(whole) <= 500 and "-" not in str(rows):
        assert all(width >= least - 1e-6 for width, least in zip(widths, whole, strict=True))


def test_columns_have_their_shares_where_the_words_are_short() -> None:
    table = Table((Column("a", share=1), Column("b", share=2), Column("c", share=0.5)), (("x", Link("y", ""), "z"),))
    assert column_widths(table, 350, 10, 8) == pytest.approx([100, 200, 50])


def test_a_column_is_widened_for_its_word_and_the_others_give_by_their_shares() -> None:
    table = Table((Column("a", share=0.1), Column("b", share=1), Column("c", share=2)), (("unknown", "x", "y"),))
    least = em("unknown") * 10 + 8
    widths = column_widths(table, 300, 10, 8)
    assert widths == pytest.approx([least, (300 - least) / 3, (300 - least) * 2 / 3])
    assert least > 300 * 0.1 / 3.1


def test_a_date_is_not_broken_and_a_compound_is() -> None:
    def narrowest(cell: str) -> float:
        table = Table((Column("a", share=0.001), Column("b")), ((cell, "x"),))
        return column_widths(table, 500, 10, 0)[0]

    assert narrowest("2026-11-22") == pytest.approx(em("2026-11-22") * 10)
    assert narrowest("alpha-be") == pytest.approx(em("alpha-") * 10)
    assert narrowest("x" * LONGEST) == pytest.approx(em("x" * LONGEST) * 10)
    assert narrowest("x" * (LONGEST + 1)) < 10


def test_where_not_all_words_fit_the_shares_hold() -> None:
    table = Table(tuple(Column("W" * 16, share=share) for share in (1, 1, 2)), ())
    assert column_widths(table, 400, 10, 8) == pytest.approx([100, 100, 200])


def test_a_verdict_is_measured_with_its_sign() -> None:
    assert verdict("verify first") == ("?", "verify first")
    assert verdict("") == ("–", "")
    assert verdict("<odd>") == ("", "<odd>")


def test_lines_grow_with_the_words() -> None:
    assert row_lines(("x" * 10, "x" * 100), [108, 108], 10, 8) == pytest.approx(em("x") * 10)
    assert row_lines((), [], 10, 8) == 0
    assert TALL < SHORT
