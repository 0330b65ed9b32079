"""The practice: presets, files of one's own, counts within reason, and a year spread over its months."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from texteval import practice
from texteval.errors import DataError, UserError
from texteval.messages import count
from texteval.money import MAX_QUANTITY
from texteval.practice import Message, Practice, spread_year

MINE = """\
name: My practice
clinicians: 2
staff: 1
sessions_per_week: 40
messages:
  - {purpose: reminder}
"""


def own(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def told(folder: Path, text: str) -> str:
    """Return what is told of a faulty file, without the file's name."""
    name = own(folder, text)
    with pytest.raises(UserError) as caught:
        practice.load(name)
    return str(caught.value).replace(f"{name}:", "").strip()


def made(**fields: Any) -> Practice:
    base = {"name": "P", "clinicians": 1, "sessions_per_week": 10, "messages": [{"purpose": "reminder"}]}
    return Practice.model_validate({**base, **fields})


# Presets.


@pytest.mark.parametrize(
    ("name", "clinicians", "logins", "sessions"),
    [
        ("solo", 1, 1, 22),
        ("small-group", 5, 6, 95),
        ("group", 12, 15, 228),
        ("clinic", 40, 50, 1200),
        ("fifty-clients", 1, 1, 50),
    ],
)
def test_a_preset_loads_with_its_size(name: str, clinicians: int, logins: int, sessions: int) -> None:
    key, loaded, digest = practice.load(name)
    assert (key, loaded.clinicians, loaded.logins, loaded.sessions_per_week) == (name, clinicians, logins, sessions)
    assert len(digest) == 12


def test_the_presets_are_these() -> None:
    assert list(practice.presets().practices) == ["solo", "small-group", "group", "clinic", "fifty-clients"]


def test_fifty_clients_send_150_messages_a_week_and_receive_none() -> None:
    _, fifty, _ = practice.load("fifty-clients")
    assert [(fifty.year(m), m.direction) for m in fifty.messages] == [(50 * 52, "out")] * 3


def test_the_solo_practice_has_its_replies_and_reschedules_counted() -> None:
    _, solo, _ = practice.load("solo")
    sessions = 22 * 52  # 1144 a year
    # 100, 50, 60, 12 and 12 percent of them, rounded half up: 686.4 and 137.28 down
    assert [solo.year(m) for m in solo.messages] == [sessions, sessions // 2, 686, 137, 137]


def test_an_unknown_preset_is_put_right() -> None:
    with pytest.raises(UserError) as caught:
        practice.load("smal-group")
    assert str(caught.value) == (
        "there is no practice 'smal-group': did you mean 'small-group'? "
        "Presets are solo, small-group, group, clinic, fifty-clients; or name a YAML file of your own"
    )


def test_a_folder_of_the_same_name_does_not_hide_a_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clinic").mkdir()
    monkeypatch.chdir(tmp_path)
    assert practice.load("clinic")[1].clinicians == 40


@pytest.mark.parametrize("name", ["", "x" * 300, "no/such/folder/mine.yaml", ".", "a\nb", "😊"])
def test_a_strange_name_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(UserError) as caught:
        practice.load(name)
    assert str(caught.value)


# Files.


def test_a_file_of_ones_own_has_its_file_name_as_id(tmp_path: Path) -> None:
    key, loaded, _ = practice.load(own(tmp_path, MINE))
    assert (key, loaded.name, loaded.logins, loaded.seats()["active_client"]) == ("mine", "My practice", 3, 40)


def test_a_file_may_hold_one_practice_under_its_name(tmp_path: Path) -> None:
    text = "practices:\n  ours:\n" + "".join(f"    {line}\n" for line in MINE.splitlines())
    assert practice.load(own(tmp_path, text))[:2] == ("ours", practice.load(own(tmp_path, MINE))[1])


def test_a_file_with_two_practices_is_refused(tmp_path: Path) -> None:
    body = "".join(f"    {line}\n" for line in MINE.splitlines())
    name = own(tmp_path, f"practices:\n  one:\n{body}  two:\n{body}")
    with pytest.raises(UserError) as caught:
        practice.load(name)
    assert str(caught.value) == f"{name}: the file has 2 practices: leave one in it"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clinicians: 2", "clinicians: -2", "2: clinicians: -2 does not fit here: write 1 or more"),
        ("clinicians: 2", "clinicians: 0", "2: clinicians: 0 does not fit here: write 1 or more"),
        ("clinicians: 2", "clinicians: 2.5", "2: clinicians: 2.5 does not fit here: write a whole number"),
        ("clinicians: 2", "clinicians: two", "2: clinicians: 'two' does not fit here: write a whole number"),
        ("clinicians: 2", "clinicians: true", "2: clinicians: True does not fit here: write a whole number"),
        ("clinicians: 2\n", "", "1: clinicians: 'clinicians' is missing: add 'clinicians:'"),
        ("staff: 1", "staff: -1", "3: staff: -1 does not fit here: write 0 or more"),
        (
            "sessions_per_week: 40",
            "sessions_per_week: -1",
            "4: sessions_per_week: -1 does not fit here: write 0 or more",
        ),
        (
            "sessions_per_week: 40",
            "sessions_per_week: 40.5",
            "4: sessions_per_week: 40.5 does not fit here: write a whole number",
        ),
        (
            "sessions_per_week: 40",
            "sessions_per_week: 1000001",
            "4: sessions_per_week: 1000001 does not fit here: write 1000000 or less",
        ),
        ("staff: 1", "staff: 1\nweeks_per_year: 53", "4: weeks_per_year: 53 does not fit here: write 52 or less"),
        ("staff: 1", "stafff: 1", "3: stafff: 'stafff' is not a field here: did you mean 'staff'?"),
        (
            "purpose: reminder",
            "purpose: remindr",
            "6: messages[1].purpose: 'remindr' is not known: did you mean 'reminder'?",
        ),
        (
            "purpose: reminder",
            "purpose: reminder, percent: 101",
            "6: messages[1].percent: 101 does not fit here: write 100 or less",
        ),
        (
            "purpose: reminder",
            "purpose: reminder, count: -1",
            "6: messages[1].count: -1 does not fit here: write 0 or more",
        ),
        ("  - {purpose: reminder}", "  []", "5: messages: [] does not fit here: write at least one"),
    ],
)
def test_a_count_that_cannot_be_is_refused_with_line_and_cure(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert told(tmp_path, MINE.replace(old, new)) == message


def test_more_managers_than_staff_are_refused(tmp_path: Path) -> None:
    message = told(tmp_path, MINE.replace("staff: 1", "staff: 1\nmanagers: 3"))
    assert message.endswith("3 managers among 1 staff: managers are counted among the staff")
    assert practice.load(own(tmp_path, MINE.replace("staff: 1", "staff: 1\nmanagers: 1")))[1].managers == 1


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = MINE.replace("clinicians: 2", "clinicians: 0").replace("staff: 1", "stafff: 1").replace("reminder", "remind")
    assert [line.split(":")[0] for line in told(tmp_path, text).split("\n")] == ["2", "3", "6"]


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        practice.load(own(tmp_path, ""))


def test_a_source_that_is_not_listed_is_refused(tmp_path: Path) -> None:
    data = {"sources": {}, "practices": {"ours": made().model_dump(mode="json", exclude_none=True)}}
    data["practices"]["ours"]["messages"][0]["source"] = "survey"  # type: ignore[index]
    assert "a message of 'ours' names the source 'survey', which is not listed" in told(tmp_path, json.dumps(data))


# Volumes.


@pytest.mark.parametrize(
    ("message", "year"),
    [
        ({"per": "session"}, 10 * 52),
        ({"per": "week", "count": 3}, 3 * 52),
        ({"per": "month", "count": 2}, 24),
        ({"per": "year", "count": 5}, 5),
        ({"per": "year", "count": 1, "percent": 50}, 1),  # half a message is rounded up
        ({"per": "year", "count": 1, "percent": 49}, 0),
        ({"per": "session", "percent": 12}, 62),  # 62.4
        ({"per": "session", "count": 0}, 0),
    ],
)
def test_a_year_of_messages(message: dict[str, Any], year: int) -> None:
    one = made(messages=[{"purpose": "reminder", **message}])
    assert one.year(one.messages[0]) == year


def test_weeks_off_send_nothing() -> None:
    one = made(weeks_per_year=46, messages=[{"purpose": "reminder"}, {"purpose": "reminder", "per": "week"}])
    assert [one.year(m) for m in one.messages] == [460, 46]


def test_segments_are_counted_from_the_text() -> None:
    long = "a" * 161  # two parts of 153
    smile = "See you at 2 😊" + "!" * 60  # UCS-2: 13 + 2 + 60 = 75 units, two parts
    one = made(
        messages=[
            {"purpose": "reminder", "text": long},
            {"purpose": "confirmation", "text": smile, "direction": "in", "percent": 50},
            {"purpose": "reschedule", "text": "a" * 160},
        ]
    )
    assert [count(m.text).segments for m in one.messages] == [2, 2, 1]
    year = one.usage_year({"reminder": "sms", "confirmation": "sms", "reschedule": "sms"})
    assert (year["message_out"], year["segment_out"]) == (520 + 520, 2 * 520 + 520)
    assert (year["message_in"], year["segment_in"]) == (260, 520)


def test_each_channel_has_its_own_meter_and_no_channel_sends_nothing() -> None:
    purposes = ["reminder", "confirmation", "coaching", "practice_notice", "billing_question"]
    one = made(claims_per_month=7, messages=[{"purpose": purpose, "per": "year"} for purpose in purposes])
    channels = {"reminder": "sms", "confirmation": "mms", "coaching": "secure_message", "practice_notice": "sms"}
    year = one.usage_year(channels)
    assert +year == Counter(
        session=520, claim=84, message_out=2, segment_out=2, mms_out=1, secure_message=1, broadcast=1
    )


def test_seats_are_what_the_practice_has() -> None:
    one = made(clinicians=3, staff=2, managers=1, locations=2, numbers=4, active_clients=90)
    assert one.seats() == {
        "account": 1,
        "clinician": 3,
        "staff": 2,
        "manager": 1,
        "login": 5,
        "number": 4,
        "location": 2,
        "active_client": 90,
    }


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 12 * MAX_QUANTITY)))
def test_the_months_add_up_to_the_year_in_whole_units_as_even_as_can_be(year: dict[str, int]) -> None:
    months = spread_year(year)
    assert len(months) == 12
    for meter, total in year.items():
        spread = [month[meter] for month in months]
        assert sum(spread) == total
        assert max(spread) - min(spread) <= 1
        assert max(spread) == spread[-1]  # the month by which enormous counts are refused


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 500),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 100), st.sampled_from(["out", "in"])), min_size=1, max_size=4),
)
def test_a_practices_months_add_up_to_its_year(sessions: int, kinds: list[tuple[int, int, str]]) -> None:
    messages = [{"purpose": "reminder", "count": c, "percent": p, "direction": d} for c, p, d in kinds]
    one = made(sessions_per_week=sessions, messages=messages)
    year, months = one.usage_year({"reminder": "sms"}), one.usage({"reminder": "sms"})
    for meter in ("message_out", "message_in", "segment_out", "segment_in", "session"):
        assert sum(month.get(meter, 0) for month in months) == year[meter]
    # A single kind is at most half a message off its share of the sessions.
    for (c, p, _), message in zip(kinds, one.messages, strict=True):
        assert abs(one.year(message) * 100 - sessions * 52 * c * p) <= 50


@pytest.mark.parametrize("per_month", [MAX_QUANTITY, MAX_QUANTITY + 1])
def test_more_than_a_million_a_month_is_refused(per_month: int) -> None:
    half = [per_month // 2, per_month - per_month // 2]
    one = made(messages=[{"purpose": "reminder", "per": "month", "count": c} for c in half])
    if per_month > MAX_QUANTITY:
        with pytest.raises(UserError) as caught:
            one.usage({"reminder": "sms"})
        assert str(caught.value) == ("P: 1,000,001 texts sent a month are too many: texteval prices up to 1,000,000")
    else:
        assert one.usage({"reminder": "sms"})[0]["message_out"] == MAX_QUANTITY


def test_a_purpose_that_never_happens_asks_for_no_channel() -> None:
    one = made(
        messages=[{"purpose": "reminder"}, {"purpose": "coaching", "count": 0}, {"purpose": "team", "percent": 0}]
    )
    assert one.purposes == ["reminder"]


def test_the_wording_of_a_message_is_kept_as_written() -> None:
    assert Message(purpose="reminder", text="See you").segments == count("See you")
