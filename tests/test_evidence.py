"""How several sources become one value: best standing, then newest; disputes and ages kept in view."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texteval.catalog import Catalog
from texteval.evidence import GRADES, Evidence, Fact, Source, resolve
from texteval.models import first_day

ON = date(2026, 6, 30)
SHELF = 365


def weigh(*said: tuple[str, str, str], on: date = ON, shelf: int = SHELF) -> Fact:
    """Resolve pieces given as (value, grade, date); the source of the n-th is called 's<n>'."""
    sources = {f"s{i}": Source(title="t", seen=seen, grade=grade) for i, (_, grade, seen) in enumerate(said)}  # type: ignore[arg-type]
    pieces = [Evidence(value=value, source=f"s{i}") for i, (value, _, _) in enumerate(said)]
    return resolve("baa", pieces, sources, on, shelf)


def test_without_evidence_a_fact_is_unknown_and_not_no() -> None:
    fact = weigh()
    assert fact == Fact("baa")
    assert (fact.value, fact.source, fact.grade, fact.stale, fact.disputed) == (None, None, None, False, ())


@pytest.mark.parametrize(
    ("said", "value"),
    [
        # The better grade decides, whatever the order and however new the other.
        ([("yes", "vendor_page", "2026-01-01"), ("no", "review", "2026-06-01")], "yes"),
        ([("no", "review", "2026-06-01"), ("yes", "vendor_page", "2026-01-01")], "yes"),
        ([("no", "general_knowledge", "2026-06-01"), ("yes", "second_hand", "2026-01-01")], "yes"),
        ([("no", "vendor_reply", "2026-06-01"), ("yes", "vendor_page", "2026-05-01")], "yes"),
        # Of the same grade, the newer.
        ([("no", "review", "2026-01-01"), ("yes", "review", "2026-05-01")], "yes"),
        ([("yes", "review", "2026-05-01"), ("no", "review", "2026-01-01")], "yes"),
        ([("no", "review", "2026-04"), ("yes", "review", "2026-05")], "yes"),
        # A stale page stands behind a fresh reply, but not behind a fresh review.
        ([("no", "vendor_page", "2024-01-01"), ("yes", "vendor_reply", "2026-06-01")], "yes"),
        ([("yes", "vendor_page", "2024-01-01"), ("no", "review", "2026-06-01")], "yes"),
        ([("no", "review", "2024-01-01"), ("yes", "second_hand", "2026-06-01")], "yes"),
        # Of two stale ones, the better grade again.
        ([("no", "vendor_reply", "2024-06-01"), ("yes", "vendor_page", "2023-01-01")], "yes"),
    ],
)
def test_the_value_is_that_of_the_best_standing_then_of_the_newest(
    said: list[tuple[str, str, str]], value: str
) -> None:
    assert weigh(*said).value == value


@pytest.mark.parametrize(
    ("said", "disputed_by"),
    [
        ([("yes", "review", "2026-05-01"), ("no", "review", "2026-01-01")], ["s1"]),
        ([("yes", "review", "2026-05-01"), ("no", "review", "2026-05-01")], ["s1"]),
        ([("yes", "review", "2026-05-01"), ("yes", "review", "2026-01-01")], []),  # they agree
        ([("yes", "vendor_page", "2026-05-01"), ("no", "vendor_reply", "2026-05-01")], []),  # lower grade
        ([("yes", "review", "2026-05-01"), ("no", "review", "2024-01-01")], []),  # too old to stand against it
        ([("yes", "review", "2024-05-01"), ("no", "review", "2024-01-01")], ["s1"]),  # both old
        ([("yes", "review", "2026-05-01"), ("no", "review", "2026-07-01")], []),  # not yet known
        (
            [("yes", "review", "2026-05-01"), ("no", "review", "2026-04-01"), ("partial", "review", "2026-03-01")],
            ["s1", "s2"],
        ),
    ],
)
def test_a_fact_is_disputed_only_by_another_value_of_the_same_standing(
    said: list[tuple[str, str, str]], disputed_by: list[str]
) -> None:
    fact = weigh(*said)
    assert fact.value == "yes"
    assert [piece.source for piece in fact.disputed] == disputed_by


@pytest.mark.parametrize(
    ("seen", "age", "stale"),
    [
        ("2025-06-30", 365, False),
        ("2025-06-29", 366, True),
        ("2026-06-30", 0, False),
        ("2025-07", 364, False),  # a month counts from its first day
        ("2025-06", 394, True),
        ("2026", 180, False),  # a year counts from 1 January
        ("2025", 545, True),
    ],
)
def test_a_source_is_stale_after_its_shelf_life_and_no_younger_than_it_may_be(seen: str, age: int, stale: bool) -> None:
    fact = weigh(("yes", "vendor_page", seen))
    assert (fact.age_days, fact.stale) == (age, stale)


@pytest.mark.parametrize(
    ("seen", "known_from"),
    [("2026-06-15", date(2026, 6, 15)), ("2026-06", date(2026, 6, 1)), ("2026", date(2026, 1, 1))],
)
def test_a_source_counts_from_its_date_on(seen: str, known_from: date) -> None:
    assert weigh(("yes", "review", seen), on=known_from).value == "yes"
    assert weigh(("yes", "review", seen), on=known_from - timedelta(days=1)).value is None


@pytest.mark.parametrize(
    ("plan", "channel", "covered"),
    [
        (None, None, True),
        ("pro", "sms", True),
        ("pro", None, True),
        (None, "sms", True),
        ("basic", "sms", False),
        ("pro", "secure_message", False),
    ],
)
def test_a_piece_speaks_only_of_the_plans_and_channels_it_names(
    plan: str | None, channel: str | None, covered: bool
) -> None:
    piece = Evidence(value="yes", source="s", plans=["pro"], channels=["sms"])
    assert piece.covers(plan, channel) is covered


def test_a_piece_without_plans_and_channels_speaks_of_all() -> None:
    assert Evidence(value="yes", source="s").covers("any", "mms")


@pytest.mark.parametrize(
    ("written", "kept"),
    [("SOC 2 Type II", "SOC 2 Type II"), ("yes", "yes"), (True, "true"), (3, 3), (Decimal("1.5"), "1.5")],
)
def test_a_text_is_kept_as_it_is_written(written: object, kept: object) -> None:
    assert Evidence(value=written, source="s").value == kept  # type: ignore[arg-type]


# Properties.

days = st.dates(date(2023, 1, 1), date(2027, 12, 31)).map(date.isoformat)
seen = st.one_of(days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]))
pieces = st.lists(st.tuples(st.sampled_from(["yes", "partial", "no"]), st.sampled_from(GRADES), seen), max_size=8)
modest = settings(max_examples=80, deadline=None)


@modest
@given(pieces, st.dates(date(2023, 1, 1), date(2027, 12, 31)))
def test_what_is_learnt_later_does_not_change_what_was_known_on_a_day(
    said: list[tuple[str, str, str]], on: date
) -> None:
    earlier = [piece for piece in said if first_day(piece[2]) <= on]
    late = [piece for piece in said if first_day(piece[2]) > on]
    alone, together = weigh(*earlier, on=on), weigh(*earlier, *late, on=on)
    assert together == alone


@modest
@given(pieces)
def test_every_piece_known_is_kept_once_as_used_disputed_or_other(said: list[tuple[str, str, str]]) -> None:
    fact = weigh(*said)
    known = [f"s{i}" for i, (_, _, day) in enumerate(said) if first_day(day) <= ON]
    kept = [piece.source for piece in (*([fact.used] if fact.used else []), *fact.disputed, *fact.others)]
    assert sorted(kept) == sorted(known)
    assert (fact.value is None) == (not known)


@modest
@given(pieces)
def test_no_known_source_stands_above_the_one_that_decides(said: list[tuple[str, str, str]]) -> None:
    fact = weigh(*said)
    for _, grade, day in said:
        if first_day(day) > ON or fact.source is None:
            continue
        fresh = (ON - first_day(day)).days <= SHELF
        better = GRADES.index(grade) < GRADES.index(fact.source.grade)
        newer = day > fact.source.seen and grade == fact.source.grade
        assert not (fresh and (better or newer))
        if fact.stale:  # then nothing fresh of its own or the next grade was known
            assert not (fresh and GRADES.index(grade) <= GRADES.index(fact.source.grade) + 1)


@modest
@given(pieces, st.randoms(use_true_random=False))
def test_the_order_in_the_file_decides_only_between_sources_of_one_grade_and_day(
    said: list[tuple[str, str, str]], random: st.DrawFn
) -> None:
    unique = list({(grade, day): (value, grade, day) for value, grade, day in said}.values())
    shuffled = unique.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = weigh(*unique), weigh(*shuffled)
    assert (one.value, one.grade, one.age_days, one.stale) == (other.value, other.grade, other.age_days, other.stale)
    assert {piece.value for piece in one.disputed} == {piece.value for piece in other.disputed}


def test_in_the_catalogue_a_fact_of_a_past_day_rests_on_no_later_source(market: Catalog) -> None:
    on = date(2026, 6, 30)
    asked = 0
    for vendor_id, vendor in market.vendors.items():
        for name in vendor.facts:
            fact = market.fact(vendor_id, name, None, on)
            assert fact.source is None or first_day(fact.source.seen) <= on
            asked += fact.source is not None
    assert asked > 100
