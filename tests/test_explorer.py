"""The explorer: inputs to a practice and back, what the page says, and the page itself in a browser.

To take the golden pictures anew after a wanted change: ``TEXTEVAL_UPDATE_GOLDEN=1 python -m pytest
tests/test_explorer.py``, then look at them. They show the frozen catalogue, so that new prices do not change them.
"""

from __future__ import annotations

import asyncio
import base64
import html.parser
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageStat
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Browser, Page, expect

import refresh_notebooks
from browser import barriers, started
from conftest import ROOT
from texteval import app, explorer, explorer_chart, practice, start
from texteval.catalog import Purpose
from texteval.errors import UserError
from texteval.explorer import Explorer, Found, Inputs, Known
from texteval.messages import count
from texteval.money import MICRO
from texteval.practice import Message, Practice

GOLDEN = Path(__file__).parent / "golden"
FROZEN = GOLDEN / "catalogue.yaml"
DAY = "2026-06-30"
"""The day for which the frozen catalogue is made."""

PATIENCE = 90_000
"""Milliseconds that a test waits for a page at most: a busy machine is slow, and no test is about speed."""

PRESETS = {name: practice.load(name)[1] for name in practice.presets().practices}
BASE = PRESETS["small-group"]
PLAIN = explorer.inputs_of(BASE)


@pytest.fixture(scope="module")
def known() -> Known:
    return explorer.load(DAY, str(FROZEN))


def found(known: Known, **changes: object) -> Found:
    given = replace(PLAIN, **changes)  # type: ignore[arg-type]
    return explorer.find(known, explorer.choose(practice.load("small-group"), given))


class Parts(html.parser.HTMLParser):
    """Collects the tags and the words of a piece of HTML."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("br", "caption", "li", "p", "small", "td", "th"):
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def text_of(page: str) -> str:
    return Parts(page).text


# Inputs and practices.


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_stays_as_it_is_as_long_as_nothing_is_changed(name: str) -> None:
    chosen = practice.load(name)
    assert explorer.choose(chosen, explorer.inputs_of(chosen[1])) == chosen


INPUTS = st.builds(
    Inputs,
    name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40),
    clinicians=st.integers(1, 10_000),
    staff=st.integers(0, 10_000),
    sessions=st.integers(1, 100_000),
    reminders=st.integers(1, 10),
    replies=st.integers(0, 100),
    text=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=300),
    needs=st.sets(st.sampled_from([one for one in explorer.assumed() if one != "reminder"])).map(
        lambda needs: tuple(one for one in explorer.assumed() if one in needs or one == "reminder")
    ),
    reading=st.sampled_from(sorted(explorer.READINGS.values())),
    plan=st.just("murmur/plus"),
    sends=st.booleans(),
    state=st.sampled_from(["", "TX", "NO", "OR"]).map(lambda code: "" if code == "NO" else code),
)


@settings(max_examples=30, deadline=None)
@given(entered=INPUTS, name=st.sampled_from(sorted(PRESETS)))
def test_what_is_entered_comes_back_from_the_practice_and_from_its_file(
    entered: Inputs, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = explorer.practice_of(PRESETS[name], entered)
    assert explorer.inputs_of(own) == entered
    path = tmp_path_factory.mktemp("file") / f"{explorer.slug(entered.name)}.yaml"
    path.write_bytes(explorer.practice_file(own).encode())
    key, read, digest = practice.load(str(path))
    assert (key, read, digest) == (explorer.slug(entered.name), own, explorer.digest(own))


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
MESSAGES = st.builds(
    Message,
    purpose=st.sampled_from(["reminder", "reminder", "confirmation", "confirmation", "reschedule", "coaching", "team"]),
    direction=st.sampled_from(["out", "in"]),
    per=st.sampled_from(["session", "session", "week", "month", "year"]),
    count=st.integers(0, 4),
    percent=st.sampled_from([0, 1, 25, 33, 99, 100]),
    text=WORDS,
)
PRACTICES = st.builds(
    Practice,
    name=WORDS,
    clinicians=st.integers(1, 10_000),
    staff=st.integers(2, 10_000),
    managers=st.integers(0, 2),
    sessions_per_week=st.integers(1, 100_000),
    messages=st.lists(MESSAGES, min_size=1, max_size=6),
    state=st.sampled_from([None, "TX"]),
    client_states=st.sampled_from([[], ["CA"]]),
    sources=st.just(BASE.sources),
).filter(lambda own: not explorer.inputs_of(own).faults())


@settings(max_examples=150, deadline=None)
@given(base=PRACTICES)
def test_only_what_is_changed_changes(base: Practice) -> None:
    was = explorer.inputs_of(base)
    assert all(message.segments.segments for message in base.messages), "counted before anything is changed"
    assert explorer.practice_of(base, was) == base
    more = was.clinicians % 10_000 + 1
    assert explorer.practice_of(base, replace(was, clinicians=more)) == base.model_copy(update={"clinicians": more})
    again = explorer.practice_of(base, replace(was, text="Until Tuesday at two, then.")).messages
    changed = [(new, old) for new, old in zip(again, base.messages, strict=True) if new != old]
    assert len(changed) == (
        "reminder" in {m.purpose for m in base.messages if m.direction == "out" and m.count * m.percent}
    )
    assert all(new == old.model_copy(update={"text": "Until Tuesday at two, then."}) for new, old in changed)
    assert all(new.segments == count("Until Tuesday at two, then.") for new, _ in changed)
    unticked = explorer.practice_of(base, replace(was, needs=("document_link",))).messages
    assert {m.purpose for m in unticked if m.count * m.percent} == {"document_link"}


def test_replies_are_kept_to_the_message_and_keep_their_purpose() -> None:
    """19 sessions × 52 × 25 % are 247, and 19 × 52 half confirmations of clients' own: the page shows 13 % of 2."""
    messages = [
        Message(purpose="reminder", count=2),
        Message(purpose="reminder", direction="in", percent=25),
        Message(purpose="confirmation", direction="in", percent=50),
    ]
    base = Practice(name="Elm", clinicians=1, sessions_per_week=19, messages=messages)
    given = explorer.inputs_of(base)
    assert (given.reminders, given.replies) == (2, 13)
    assert practice.received_per_year(explorer.practice_of(base, replace(given, clinicians=2))) == 247 + 494
    own = explorer.practice_of(base, replace(given, replies=50))
    assert own.messages == [messages[0], messages[1].model_copy(update={"count": 2, "percent": 50}), messages[2]]


def test_a_reminder_that_follows_no_session_does_once_it_is_counted_by_session() -> None:
    """Three a week in one of four weeks; the page then says two for each of 10 sessions."""
    weekly = Message(purpose="reminder", per="week", count=3, percent=25, text="Soon.")
    base = Practice(name="Elm", clinicians=1, sessions_per_week=10, messages=[weekly])
    given = explorer.inputs_of(base)
    assert (given.reminders, given.text) == (1, "Soon.")
    assert practice.sent_per_year(explorer.practice_of(base, replace(given, text="Later."))) == 39
    assert practice.sent_per_year(explorer.practice_of(base, replace(given, reminders=2))) == 52 * 10 * 2


def test_what_is_assumed_is_what_the_interview_assumes() -> None:
    """Whoever ticks a purpose here, and whoever names it there, sends as many messages."""
    questions = start.load()
    for number, choice in enumerate(questions.step("purposes").choices, 1):
        answers = {"name": "Elm", "clinicians": 1, "staff": 0, "sessions_per_week": 20, "purposes": [number]}
        there = start.compose(questions, answers)
        need = choice.sets.messages[0].purpose
        base = there.model_copy(update={"messages": [Message(purpose="reschedule" if need == "team" else "team")]})
        given = replace(explorer.inputs_of(base), needs=(need,))
        here = explorer.practice_of(base, replace(given, replies=60 if need == "reminder" else 0))
        for counted in (practice.sent_per_year, practice.received_per_year):
            assert counted(here) == counted(there)
        assert [m.text for m in here.messages] == [m.text for m in there.messages]
    assert set(explorer.assumed()) == set(get_args(Purpose)), "every purpose can be ticked"


@pytest.mark.parametrize(
    ("field", "most"),
    [("clinicians", 10_000), ("staff", 10_000), ("sessions", 100_000), ("reminders", 10), ("replies", 100)],
)
def test_a_number_beyond_what_the_interview_takes_is_told(field: str, most: int) -> None:
    assert replace(PLAIN, **{field: most}).faults() == []  # type: ignore[arg-type]
    (fault,) = replace(PLAIN, **{field: most + 1}).faults()  # type: ignore[arg-type]
    assert re.search(f": {most + 1:,} is out of range: write a number from [01] to {most:,}\\.$", fault)


def test_volumes_are_those_that_the_numbers_say() -> None:
    """52 weeks of 10 sessions: 3 reminders each, half of them answered; a bill asked about in 5 of 100 sessions."""
    needs = ("reminder", "billing_question")
    own = explorer.practice_of(BASE, replace(PLAIN, sessions=10, reminders=3, replies=50, needs=needs))
    assert practice.sent_per_year(own) == 520 * 3 + 26
    assert practice.received_per_year(own) == 520 * 3 // 2 + 26
    assert own.purposes == list(needs), "the answers to reminders are reminders where nothing is confirmed"
    said = text_of(explorer.volumes_html(own))
    assert "That is 132 sent and 67 received a month (sent: reminder 130, billing question 2)" in said


@pytest.mark.parametrize("replies", [0, 1, 99, 100])
def test_replies_are_counted_for_each_hundred_reminders(replies: int) -> None:
    own = explorer.practice_of(PRESETS["fifty-clients"], replace(PLAIN, sessions=100, reminders=2, replies=replies))
    received = sum(own.year(m) for m in own.messages if m.direction == "in" and m.purpose == "confirmation")
    assert received == 52 * 2 * replies


def test_without_reminders_there_are_no_replies_to_them() -> None:
    own = explorer.practice_of(BASE, replace(PLAIN, needs=("confirmation",)))
    assert [(message.purpose, message.direction) for message in own.messages] == [("confirmation", "out")]


def test_what_a_file_says_and_the_page_does_not_ask_is_kept() -> None:
    base = BASE.model_copy(update={"client_states": ["CA"], "minors": True, "weeks_per_year": 46})
    own = explorer.practice_of(base, replace(PLAIN, clinicians=9))
    assert (own.client_states, own.minors, own.weeks_per_year, own.clinicians) == (["CA"], True, 46, 9)


def test_all_that_must_be_put_right_is_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        explorer.practice_of(BASE, replace(PLAIN, name=" ", needs=()))
    assert str(caught.value).split("\n") == [
        "The practice has no name: write one.",
        "No kind of message is ticked: tick at least one.",
    ]
    for text, said in (("  ", "The reminder is empty"), ("x" * 1_001, "at most 1,000 characters")):
        with pytest.raises(UserError, match=said):
            explorer.practice_of(BASE, replace(PLAIN, text=text))
    assert explorer.practice_of(BASE, replace(PLAIN, text="x" * 1_000)).messages[0].segments.segments == 7


def test_what_no_model_takes_is_told_in_words() -> None:
    base = BASE.model_copy(update={"prefer": ["sms"]})
    with pytest.raises(UserError, match=r"^'reading: strict' rules out plain texts"):
        explorer.practice_of(base, replace(PLAIN, reading="strict"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Elm Street Counseling", "elm-street-counseling"),
        ("../../x", "x"),
        ("C:\\a|b?.yaml", "c-a-b-yaml"),
        ("=HYPERLINK(1)", "hyperlink-1"),
        ("😊", "practice"),
        ("a" * 500, "a" * 60),
    ],
)
def test_file_names_are_harmless(name: str, safe: str) -> None:
    assert explorer.slug(name) == safe


def test_an_opened_file_is_read_and_a_faulty_one_named_as_the_visitor_names_it() -> None:
    assert explorer.read_practice("../mine.yaml", explorer.practice_file(BASE).encode()) == (
        "mine",
        BASE,
        explorer.digest(BASE),
    )
    with pytest.raises(UserError) as caught:
        explorer.read_practice("my own.yaml", b"name: x\nclinicians: none\n")
    assert "my own.yaml:2: clinicians" in str(caught.value)
    assert "texteval-" not in str(caught.value)
    with pytest.raises(UserError, match=r"^x\.yaml"):
        explorer.read_practice("x.yaml", b"\xff\xfe\x00\x01")


# What is said.


def test_the_answer_is_the_cheapest_proven_tool_with_its_cost(known: Known) -> None:
    """Penny: 12 times 5 for the number; 4,940 reminders, 2,470 confirmations and 593 changes at 0.09."""
    year = 60 + (95 * 52 + 95 * 26 + 593) * 0.09
    said = text_of(explorer.answer_html(found(known)))
    assert "Take Penny Texts" in said
    assert f"${year / 12:,.2f} a month, ${year:,.2f} in the first year" in said
    assert "✓ with configuration" in said
    assert "1 tool would cost less" in said, "Murmur Plus: six seats of 8"


def test_the_short_list_has_a_row_for_each_usable_vendor(known: Known) -> None:
    table = Parts(explorer.shortlist_html(found(known)))
    assert [tag for tag, _ in table.tags].count("caption") == 1
    assert all(marks.get("scope") in ("col", "row") for tag, marks in table.tags if tag == "th")
    for row in ("Porchlight Basic ✓ eligible.", "Murmur Plus ? verify first.", "Hush By quote ? verify first."):
        assert row in table.text
    assert "$144.00" in table.text and "unknown" in table.text
    assert "Chatty" not in table.text and "Murmur Max" not in table.text


def test_segments_move_the_bill_of_a_tool_that_counts_them(known: Known) -> None:
    """Ledger: five clinicians at 30; 0.04 for each segment beyond 100 a month, and 0.003 for all of them."""

    def month(segments: int) -> str:
        return f"${(1_800 + (segments - 1_200) * 0.04 + segments * 0.003) / 12:,.2f}"

    before, after = (text_of(explorer.shortlist_html(found(known, text=text))) for text in ("a" * 71, "a" * 70 + "😊"))
    assert month(8_003) in before and month(8_003 + 4_940) in after


def test_what_is_paid_today_is_kept_and_added_to(known: Known) -> None:
    said = text_of(explorer.answer_html(found(known, plan="ledger/texting", sends=True)))
    assert "Keep Ledger Core with texting and add Penny Texts" in said
    sent = 95 * 52 + 95 * 26
    assert f"Today you pay ${1_800 + (sent - 1_200) * 0.04 + sent * 0.003:,.2f} a year for Ledger" in said
    assert "more than today" in said
    assert "To stay with Ledger Core with texting alone" in said


def test_to_leave_a_phone_for_another_is_to_move(known: Known) -> None:
    said = text_of(explorer.answer_html(found(known, plan="murmur/max")))
    assert "Move to Penny Texts" in said and "less than today" in said


def test_a_premise_that_cannot_be_so_comes_first(known: Known) -> None:
    said = text_of(explorer.answer_html(found(known, plan="chatty/app")))
    assert said.startswith("First: Chatty The app is a consumer app.")
    assert "This leaves Chatty The app aside" in said


def test_where_nothing_qualifies_the_nearest_way_out_is_told(known: Known) -> None:
    none = found(known, needs=("reminder", "team"))
    said = text_of(explorer.answer_html(none))
    assert "No tool qualifies for all that is ticked." in said
    assert "misses least: No channel for team." in said
    assert "No tool can be used" in text_of(explorer.shortlist_html(none))
    assert explorer.outlook(none) is None
    assert "nothing can be simulated" in text_of(explorer.outlook_html(none, None))


def test_what_holds_in_a_state_is_told(known: Known) -> None:
    assert "What else holds" not in explorer.answer_html(found(known))
    assert "Texas" in text_of(explorer.answer_html(found(known, state="TX")))


def test_why_not_tells_reasons_questions_and_cost(known: Known) -> None:
    asked = found(known)
    assert "Choose a tool" in text_of(explorer.why_html(asked, ""))
    assert "It is the one that is advised." in text_of(explorer.why_html(asked, "penny/texts"))
    assert "Not met: BAA: not offered on this plan." in text_of(explorer.why_html(asked, "chatty/app"))
    ledger = text_of(explorer.why_html(asked, "ledger/texting"))
    assert "Open: BAA: yes, but only from a review. Ask: " in ledger
    assert "Ledger looked at, A Reviewer, 2026-04-15" in ledger
    assert "What it charges is not published in full." in text_of(explorer.why_html(asked, "hush/quote"))
    dearer = 1_728 - (60 + (95 * 78 + 593) * 0.09)
    assert f"${dearer:,.2f} a year more than what is advised" in text_of(explorer.why_html(asked, "porchlight/basic"))


def test_the_outlook_shows_bands_and_where_the_cheapest_changes(known: Known) -> None:
    """Three logins: Murmur is 24 a month, Penny 5 and 0.09 a text: equal at 19 / 0.09 = 211.1 texts a month."""
    asked = found(known, clinicians=2, staff=1)
    seen = explorer.outlook(asked)
    assert seen is not None
    assert [option.plan for option in seen.forecast.options] == [
        "penny/texts", "porchlight/basic", "murmur/plus", "ledger/texting",
    ]  # fmt: skip
    assert [(one.plan, one.first) for one in seen.intervals] == [("penny/texts", 0), ("murmur/plus", 212)]
    assert seen.costs["penny/texts"][667] == round((5 + 667 * 0.09) * MICRO)
    page = explorer.outlook_html(asked, seen)
    said = text_of(page)
    assert "Up to 211 messages a month Penny Texts costs least of these. From 212 on, Murmur Plus." in said
    (alt,) = [marks["aria-label"] for tag, marks in Parts(page).tags if tag == "svg" and "aria-label" in marks]
    assert alt and "Murmur Plus $24.00" in alt and "at your 667 messages a month" in alt
    cost = sorted(seen.forecast.bills.cost[seen.forecast.bills.row("penny/texts")] / MICRO)
    low, high = cost[round(0.05 * len(cost))], cost[round(0.95 * len(cost))]
    shown = re.search(r"Penny Texts \$([\d,]+) \$([\d,]+) to \$([\d,]+)", said)
    assert shown is not None
    assert [int(part.replace(",", "")) for part in shown.groups()[1:]] == pytest.approx([low, high], rel=0.01)


def test_a_kept_tool_is_not_priced_into_the_one_that_is_added(known: Known) -> None:
    """Porchlight has both channels; asked beside Ledger, its own bill is that of its seats alone."""
    asked = found(known, plan="ledger/texting", sends=True)
    seen = explorer.outlook(asked)
    assert seen is not None
    assert seen.costs["porchlight/basic"][0] == seen.costs["porchlight/basic"][-1] == 6 * 24 * MICRO


@pytest.mark.parametrize(
    ("most", "step"), [(0.2, 1), (3, 1), (3.1, 2), (14, 5), (15.5, 10), (301, 200), (1_501, 1_000)]
)
def test_the_scale_is_of_round_steps_that_hold_the_most(most: float, step: int) -> None:
    assert explorer_chart.step(most) == step


def test_a_text_is_checked_for_what_it_gives_away() -> None:
    assert explorer.wording_html("  ") == ""
    bare = text_of(explorer.wording_html("Your appointment is tomorrow at 2 PM."))
    assert "Strict reading, when in doubt: fine by text" in bare
    named = text_of(explorer.wording_html("Your appointment with Dr. Smith tomorrow at 2 PM"))
    assert "Strict reading, when in doubt: app or portal only" in named
    assert "Standard reading, with a BAA: fine by text" in named
    assert "A clinician's name or title ( Dr. Smith )" in named.replace("(Dr. Smith)", "( Dr. Smith )")
    assert "Safer: " in named
    assert "script" not in [tag for tag, _ in Parts(explorer.wording_html("Dr. Smith <script>1</script>")).tags]


def test_segments_are_told_with_what_forces_them() -> None:
    assert "its segments are counted here" in text_of(explorer.segments_html("  "))
    assert "1 segment for each text (GSM-7, 5 used, room for 155 more)." in text_of(explorer.segments_html("hello"))
    said = text_of(explorer.segments_html("a" * 69 + "😊"))
    assert "2 segments for each text (UCS-2, 71 used" in said
    assert "😊 (smiling face with smiling eyes) forces UCS-2" in said and "Without: 1 segment." in said


def test_hostile_words_stay_words(known: Known) -> None:
    page = explorer.faults_html(UserError("<script>x</script>\n{{ 7 * 7 }}"))
    assert "script" not in [tag for tag, _ in Parts(page).tags]
    assert "<script>x</script>" in text_of(page) and "{{ 7 * 7 }}" in text_of(page)
    own = explorer.practice_of(BASE, replace(PLAIN, name='"><img src=x onerror=y>', text="<b>&"))
    tags = Parts(explorer.files_html(explorer.slug(own.name), explorer.practice_file(own))).tags
    assert [tag for tag, _ in tags] == ["p", "a", "br", "span"]
    (link,) = [marks for tag, marks in tags if tag == "a"]
    assert link["download"] == "img-src-x-onerror-y.yaml"
    assert link["href"] and base64.b64decode(link["href"].partition("base64,")[2]).decode() == explorer.practice_file(
        own
    )
    assert "b" not in [tag for tag, _ in Parts(explorer.segments_html("<b>ü</b>漢")).tags]


# The object, without a browser.


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Explorer:
    monkeypatch.setenv(explorer.DATA, str(FROZEN))
    return Explorer(DAY)


def test_a_change_is_answered_and_a_fault_told_and_taken_back(page: Explorer) -> None:
    assert "Take Penny Texts" in page._said.value
    page.clinicians.value = 2
    assert text_of(page._said.value).count("$") >= 2 and page.found is not None
    assert page.found.practice.clinicians == 2
    boxes = [box for box in page.needs.values() if box.value]
    for box in boxes:
        box.value = False
    assert 'role="alert"' in page._said.value and page.found is None
    assert page._details.layout.display == "none" and page._file.value == ""
    boxes[0].value = True
    assert "Take Penny Texts" in page._said.value and page._details.layout.display is None


def test_a_text_of_as_many_segments_changes_the_file_and_no_answer(page: Explorer) -> None:
    before, answered = page._file.value, page.found
    page.text.value = "Tomorrow at two."
    assert page.found is answered
    assert (
        page._file.value != before
        and explorer.digest(explorer.practice_of(page._origin[1], page.given)) in page._stamp.value
    )


def test_a_preset_fills_every_field(page: Explorer) -> None:
    page.preset.value = "clinic"
    assert page.given == explorer.inputs_of(PRESETS["clinic"])


def open_file(page: Explorer, content: bytes) -> None:
    page.upload.value = ({"name": "elm.yaml", "type": "", "size": 1, "content": memoryview(content),
                          "last_modified": datetime(2026, 6, 30, tzinfo=UTC)},)  # fmt: skip


def test_an_opened_file_fills_every_field_and_a_faulty_one_none(page: Explorer) -> None:
    own = explorer.practice_of(
        BASE, replace(PLAIN, name="Elm Street", clinicians=8_000, plan="murmur/plus", state="TX")
    )
    file = explorer.practice_file(own)
    open_file(page, file.encode())
    assert page.given == explorer.inputs_of(own) and page.given.clinicians == 8_000
    assert "Opened: Elm Street." in page._uploaded.value
    open_file(page, b"clinicians: 0\n")
    assert 'role="alert"' in page._uploaded.value and "elm.yaml" in page._uploaded.value
    open_file(page, file.replace("murmur/plus", "murmur/gone").encode())
    assert "there is no plan &#39;murmur/gone&#39;" in page._uploaded.value
    assert page.given == explorer.inputs_of(own)


def test_a_sound_file_beyond_what_is_asked_for_is_answered_as_it_is(page: Explorer) -> None:
    beyond = BASE.model_copy(update={"name": "Elm Street", "clinicians": 10_001, "sessions_per_week": 0})
    open_file(page, explorer.practice_file(beyond).encode())
    assert (page.clinicians.value, page.sessions.value) == (10_001, 0)
    assert page.found is not None and page.found.practice == beyond
    page.clinicians.value = 10_002
    assert "Clinicians: 10,002 is out of range: write a number from 1 to 10,000." in text_of(page._said.value)
    page.clinicians.value = 10_001
    assert page.found is not None and page.found.practice == beyond


@pytest.mark.parametrize("weeks", [{}, {"weeks_per_year": 52}, {"weeks_per_year": 46}])
def test_another_name_moves_no_amount_in_any_future(known: Known, weeks: dict[str, int], tmp_path: Path) -> None:
    base = Practice(**{**BASE.model_dump(exclude_unset=True), **weeks})
    own = explorer.practice_of(base, replace(explorer.inputs_of(base), name="Elm"))
    path = tmp_path / "elm.yaml"
    path.write_text(explorer.practice_file(own), encoding="utf-8")
    _, read, _ = practice.load(str(path))
    spreads = []
    for one in (base, own, read):
        seen = explorer.outlook(explorer.find(known, ("elm", one, "0" * 12)))
        assert seen is not None
        spreads.append([(band.title, band.low, band.mean, band.high) for band in explorer_chart.bands(seen)])
    assert spreads[0] == spreads[1] == spreads[2]


def test_a_fault_leaves_no_word_on_the_text_before(page: Explorer) -> None:
    assert "fine by text" in text_of(page._wording.value)
    page.name.value = ""
    page.text.value = "Your EMDR session is tomorrow"
    assert page._wording.value == ""
    page.name.value = "Elm"
    assert "app or portal only" in text_of(page._wording.value)


def test_presets_and_the_opened_file_can_be_chosen_in_turn(page: Explorer) -> None:
    own = BASE.model_copy(update={"name": "Elm Street", "clinicians": 3})
    for name in ("Elm Street", "Oak Street"):
        file = explorer.practice_file(own.model_copy(update={"name": name})).encode()
        open_file(page, file)
        assert [label for label, _ in page.preset.options] == [*(one.name for one in PRESETS.values()), "Your file"]
        assert (page.preset.label, page.name.value) == ("Your file", name)
        page.preset.label = BASE.name
        assert page.given == PLAIN
        page.preset.label = "Your file"
        assert (page.name.value, page.clinicians.value) == (name, 3)


def test_what_is_not_changed_keeps_its_hash_and_its_name(page: Explorer, tmp_path: Path) -> None:
    """That of ``texteval decide --practice small-group``, or of the same file."""
    assert page.found is not None
    comparison = page.found.answer.comparison
    key, _, digest = practice.load("small-group")
    assert (comparison.practice_id, comparison.hash[-12:]) == (key, digest)
    assert comparison.hash in page._stamp.value
    file = tmp_path / "elm.yaml"
    file.write_text("# By hand.\n" + explorer.practice_file(PRESETS["solo"]), encoding="utf-8")
    open_file(page, file.read_bytes())
    assert practice.load(str(file))[2] in page._stamp.value
    page.clinicians.value += 1
    assert practice.load(str(file))[2] not in page._stamp.value
    page.clinicians.value -= 1
    assert practice.load(str(file))[2] in page._stamp.value


def test_a_report_with_facts_of_ones_own_is_named_so(page: Explorer, tmp_path: Path) -> None:
    page.make.click()
    assert f'download="texteval-small-group-{DAY}.html"' in page._report.value
    facts = "sources: {ours: {title: Ours, seen: 2026-06-01, grade: vendor_reply}}\nvendors: {penny: {facts: {}}}\n"
    (tmp_path / "own.yaml").write_text(facts.replace("{}", "{mfa: {value: yes, source: ours}}"), encoding="utf-8")
    page.known = explorer.load(DAY, str(FROZEN), str(tmp_path / "own.yaml"))
    page.make.click()
    assert f'download="texteval-small-group-own-{DAY}.html"' in page._report.value


def test_a_report_that_cannot_be_made_is_told_and_the_button_lives_on(
    page: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the moment before a change is answered, and where texteval itself fails."""

    async def clicked() -> None:
        page.name.value = ""
        page.make.click()
        assert "The practice has no name: write one." in text_of(page._report.value)
        assert not page.make.disabled
        page.name.value = "Elm"
        page.make.click()
        assert page.make.disabled and page._making is not None
        await page._making
        assert "Download" in page._report.value and not page.make.disabled

    asyncio.run(clicked())
    page.known = replace(page.known, requirements=None)  # type: ignore[arg-type]

    async def failed() -> None:
        page.make.click()
        assert page._making is not None
        with pytest.raises(AttributeError):
            await page._making

    asyncio.run(failed())
    assert "could not be made" in text_of(page._report.value) and not page.make.disabled
    page._report.value = ""
    page.make.click()
    assert "could not be made" in text_of(page._report.value) and not page.make.disabled


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (explorer.AS_OF, "30/06/2026", "is not a day: write it like 2026-11-22"),
        (explorer.AS_OF, "1999-01-01", "no price is known on 1999-01-01"),
        (explorer.DATA, "missing.yaml", "missing.yaml"),
    ],
)
def test_what_cannot_be_loaded_is_told_in_the_page(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    page = Explorer()
    assert said in text_of(page._said.value) and 'role="alert"' in page._said.value


def test_the_notebook_holds_no_logic_and_no_output() -> None:
    notebook = nbformat.reads((ROOT / "notebooks" / "explorer.ipynb").read_text(encoding="utf-8"), as_version=4)
    prose, code = notebook.cells
    assert prose.cell_type == "markdown" and prose.source.startswith("# ")
    assert code.source.split() == ["from", "texteval.explorer", "import", "Explorer", "Explorer()"]
    assert code.outputs == [] and code.execution_count is None
    assert code.metadata == {"tags": ["nbval-ignore-output"]}, "widgets have other ids each time: it only has to run"
    assert notebook.metadata == {
        "kernelspec": refresh_notebooks.KERNEL,
        "title": "Which texting tool for your practice?",
    }


# The server and the page.


@dataclass
class Server:
    """A server, with the folder in which it and its kernels may write."""

    process: subprocess.Popen[str]
    said: list[str]
    address: str
    folder: Path

    @property
    def kernels(self) -> int:
        """How many kernels run."""
        return len(list(self.folder.glob("texteval-*/kernels/*/kernel-*.json")))


@contextmanager
def serving(folder: Path, port: int, *more: str) -> Iterator[Server]:
    """Serve the explorer; end it afterwards as a person does, with Ctrl-C."""
    command = [sys.executable, "-m", "texteval", "app", "--port", str(port), "--as-of", DAY, "--data", str(FROZEN)]
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "PYTHONWARNDEFAULTENCODING": ""}
    environment[explorer.OVERLAY] = "left-over-from-yesterday.yaml"
    process = subprocess.Popen(
        [*command, *more], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        cwd=folder, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    said = []
    try:
        while "Ctrl-C" not in (line := process.stdout.readline()):
            assert line, f"it ended: {said}"
            said.append(line.rstrip())
        address = next(line for line in said if line.startswith("The explorer: ")).partition(": ")[2]
        yield Server(process, said, address, folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
        process.stdout.close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served"), free_port(), "--no-browser") as found:
        yield found
    assert found.process.returncode == 0
    assert list(found.folder.iterdir()) == [], "nothing is left behind"


@contextmanager
def visiting(chrome: Browser, server: Server) -> Iterator[tuple[Page, list[str]]]:
    """Open the page as a visitor of one's own; give it once it is drawn, with all that goes wrong in it."""
    faults: list[str] = []
    context = chrome.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.new_page()  # another tab: to close the last one would end the browser before it can say goodbye
    page = context.new_page()
    allowed = (server.address, server.address.replace("http", "ws"), "data:", "blob:")
    page.on("request", lambda r: None if r.url.startswith(allowed) else faults.append(f"request: {r.url[:200]}"))
    page.on("websocket", lambda w: None if w.url.startswith(allowed) else faults.append(f"socket: {w.url}"))
    page.on("response", lambda r: faults.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
    page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.set_default_timeout(PATIENCE)
    try:
        told = page.goto(server.address, wait_until="commit")
        assert told is not None and "default-src 'self'" in told.headers["content-security-policy"]
        page.locator(".texteval .legend").wait_for()
        yield page, faults
    finally:
        page.close(run_before_unload=True)
        time.sleep(0.2)
        context.close()


@pytest.fixture(scope="module")
def visited(chrome: Browser, server: Server) -> Iterator[Page]:
    with visiting(chrome, server) as (page, faults):
        yield page
        assert faults == []


SENT = {"Small group practice": "667 sent", "Solo therapist": "154 sent", "Clinic": "8,424 sent"}
"""Messages a month: 1.62 for each session, in 52 weeks."""


def start_from(page: Page, preset: str) -> None:
    """Put the fields back to those of a preset, by way of another one, so that they surely change."""
    page.get_by_label("What you pay for today").select_option("Nothing yet")
    for name in ("Clinic", preset):
        page.get_by_label("Start from").select_option(name)
        wait_for(page, ".texteval-inputs", SENT[name])


def wait_for(page: Page, where: str, words: str) -> None:
    expect(page.locator(where)).to_contain_text(words, timeout=PATIENCE)


def test_the_page_has_a_name_a_language_and_an_icon_of_its_own(visited: Page) -> None:
    assert visited.title() == "Which texting tool for your practice?"
    assert visited.evaluate("document.documentElement.lang") == "en"
    assert visited.locator("link[rel=icon]").get_attribute("href", timeout=PATIENCE).startswith("data:")  # type: ignore[union-attr]
    assert visited.locator("meta[name=viewport]").count() == 1
    assert visited.get_by_role("main").count() == 1
    assert visited.get_by_role("status").count() >= 4


def golden(page: Page, width: int) -> None:
    """Compare the page with its golden picture, block by block, as it is once it stands still.

    Fonts differ from machine to machine, and so do the places where lines break: a block may be a little higher, and of
    its ink only the rough distribution is compared.
    """
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_function(f"document.documentElement.clientWidth === {width}")
    places = """() => [...document.querySelectorAll(
        '.texteval-answer, .texteval-group, .texteval-details > .widget-html')].map(e => e.getBoundingClientRect())
        .map(r => [r.left + scrollX, r.top + scrollY, r.right + scrollX,
        r.bottom + scrollY].map(Math.round))"""
    path = GOLDEN / f"explorer-{width}.png"
    shots = [b"", page.screenshot(full_page=True)]
    while shots[-1] != shots[-2]:
        page.wait_for_timeout(200)
        shots.append(page.screenshot(full_page=True))
    with Image.open(io.BytesIO(shots[-1])) as shot:
        if os.environ.get("TEXTEVAL_UPDATE_GOLDEN"):
            note = PngInfo()
            note.add_text("blocks", json.dumps(page.evaluate(places)))
            shot.convert("RGB").quantize(48).save(path, optimize=True, pnginfo=note)
        with Image.open(path) as kept:
            assert shot.width == kept.width
            now, then = blocks(shot, page.evaluate(places)), blocks(kept, json.loads(kept.text["blocks"]))
    assert len(now) == len(then) > 5
    for one, other in zip(now, then, strict=True):
        assert alike(one, other) == "alike"


def blocks(picture: Image.Image, places: list[list[int]]) -> list[Image.Image]:
    return [picture.convert("L").crop(tuple(place)) for place in places]


def alike(one: Image.Image, other: Image.Image) -> str:
    """Tell whether two pictures of a block are about the same, or what differs."""
    if one.width != pytest.approx(other.width, abs=2) or abs(one.height - other.height) > max(26, other.height / 6):
        return f"a block of {one.size} was {other.size}"
    small = max(other.width // 24, 1), max(other.height // 24, 1)
    now, then = (picture.filter(ImageFilter.GaussianBlur(12)).resize(small) for picture in (one, other))
    differs = ImageStat.Stat(ImageChops.difference(now, then)).mean[0]
    ink = 255 - ImageStat.Stat(then).mean[0]
    return "alike" if differs < 0.35 * ink else f"{differs:.1f} of an ink of {ink:.1f} differs"


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_looks_as_it_did_and_nothing_is_cut_off(visited: Page, width: int) -> None:
    start_from(visited, "Small group practice")
    wait_for(visited, ".texteval-answer", "$65.02 a month")
    visited.get_by_label("Tool").select_option("Ledger Core with texting")
    wait_for(visited, ".texteval-details", "only from a review")
    visited.locator("svg[aria-label*='at your 667 messages a month']").wait_for()
    wait_for(visited, ".texteval-inputs", "Standard reading: fine by text")
    golden(visited, width)
    assert visited.evaluate("document.documentElement.scrollWidth") == width
    cut = """() => [...document.querySelectorAll('.texteval *')].filter(e => e.clientWidth > 0 &&
        (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) && e.tagName !== 'TEXTAREA' &&
        getComputedStyle(e).overflowX !== 'visible').map(e => e.outerHTML.slice(0, 200))"""
    assert visited.evaluate(cut) == []
    edges = """w => [...document.querySelectorAll('.texteval *')].filter(e => e.getBoundingClientRect().right > w + 1)
        .map(e => e.outerHTML.slice(0, 200))"""
    assert visited.evaluate(edges, width) == []
    assert barriers(visited) == []
    visited.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("number", ["0", "-4", "10001", "99999999999999999999"])
def test_a_number_out_of_range_stays_as_it_was_typed_and_is_told(visited: Page, number: str) -> None:
    start_from(visited, "Small group practice")
    clinicians = visited.get_by_label("Clinicians")
    clinicians.fill(number)
    clinicians.press("Enter")
    wait_for(visited, ".texteval-answer", "write a number from 1 to 10,000")
    assert visited.get_by_role("alert").count() == 1
    assert float(clinicians.input_value()) == float(number)
    clinicians.fill("5")
    clinicians.press("Enter")
    wait_for(visited, ".texteval-answer", "$65.02 a month")


def test_a_number_a_text_and_what_is_paid_today_change_the_answer(visited: Page) -> None:
    start_from(visited, "Small group practice")
    sessions = visited.get_by_label("Sessions a week")
    sessions.fill("50")
    sessions.press("Enter")
    year = 60 + (2_600 + 1_300 + 312) * 0.09
    wait_for(visited, ".texteval-answer", f"${year:,.2f} in the first year")
    ledger = visited.get_by_role("row").filter(has_text="Ledger Core with texting").first
    before = ledger.inner_text()
    text = "Your appointment is on Tuesday, June 2 at 2:00 PM. Please reply C to confirm"
    visited.get_by_label("Text of the reminder").fill(f"{text} 😊")
    wait_for(visited, ".texteval-inputs", "2 segments for each text (UCS-2, 79 used")
    wait_for(visited, ".texteval-inputs", "(smiling face with smiling eyes) forces UCS-2")
    expect(ledger).not_to_have_text(before, timeout=PATIENCE, use_inner_text=True)
    visited.get_by_label("What you pay for today").select_option("Ledger Core with texting")
    wait_for(visited, ".texteval-answer", "Keep Ledger Core with texting and add Penny Texts")
    visited.get_by_label("What you pay for today").select_option("Chatty The app")
    wait_for(visited, ".texteval-answer", "First: Chatty The app is a consumer app.")


def test_what_is_missing_is_told_and_no_traceback_is_shown(visited: Page) -> None:
    start_from(visited, "Small group practice")
    for need in ("Reminder", "Confirmation", "Reschedule"):
        visited.get_by_label(need, exact=True).uncheck()
    alert = visited.get_by_role("alert")
    alert.wait_for()
    assert "No kind of message is ticked: tick at least one." in alert.inner_text()
    assert not visited.get_by_role("heading", name="Short list").is_visible()
    visited.get_by_label("Team", exact=True).check()
    visited.get_by_label("Reminder", exact=True).check()
    wait_for(visited, ".texteval-answer", "No tool qualifies for all that is ticked.")
    assert "Traceback" not in visited.locator("body").inner_text()


def test_the_page_is_worked_with_the_keyboard_alone(visited: Page) -> None:
    start_from(visited, "Small group practice")
    visited.get_by_label("Start from").focus()
    names, outlines = [], []
    for _ in range(40):
        name, outline = visited.evaluate(
            """() => { const e = document.activeElement; const l = e.labels && e.labels[0];
            const style = getComputedStyle(e);
            return [(l || e).innerText.trim(), style.outlineStyle + style.outlineWidth]; }"""
        )
        names.append(name)
        outlines.append(outline)
        if name == "Make the report":
            break
        visited.keyboard.press("Tab")
    order = ["Start from", "Clinicians", "Reminder", "Text of the reminder (no client data)", "What you pay for today"]
    order += ["Download small-group-practice.yaml", "Tool", "Make the report"]
    assert [name for name in names if name in order] == order
    assert all(names) and len(set(names)) == len(names), "each stop has a name, and none is a trap"
    assert set(outlines) == {"solid3px"}, "one sees where one is"
    visited.get_by_label("Clinicians").focus()
    visited.keyboard.press("Control+A")
    visited.keyboard.type("12")
    visited.keyboard.press("Tab")
    wait_for(visited, ".texteval-details", "$312.00")  # Porchlight: 13 logins at 24
    visited.get_by_label("Team", exact=True).focus()
    visited.keyboard.press("Space")
    wait_for(visited, ".texteval-answer", "No tool qualifies")


def test_report_and_practice_file_are_downloaded_and_agree(visited: Page, tmp_path: Path) -> None:
    start_from(visited, "Solo therapist")
    name = visited.get_by_label("Name of the practice")
    name.fill("../Elm & <Street>")
    name.press("Enter")
    link = visited.get_by_role("link", name="Download elm-street.yaml")
    link.wait_for()
    with visited.expect_download() as caught:
        link.click()
    assert caught.value.suggested_filename == "elm-street.yaml"
    mine = tmp_path / "elm-street.yaml"
    caught.value.save_as(mine)
    assert practice.load(str(mine))[1].name == "../Elm & <Street>"
    told = subprocess.run(
        [sys.executable, "-m", "texteval", "decide", "--practice", str(mine), "--json", "--as-of", DAY,
         "--data", str(FROZEN), "--draws", "100"],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    wait_for(visited, ".texteval-details", f"data {json.loads(told.stdout)['data_hash'][:38]}")
    visited.get_by_role("button", name="Make the report").click()
    report = visited.get_by_role("link", name=f"Download texteval-elm-street-{DAY}.html")
    wait_for(visited, ".texteval-details", "Ready:")
    with visited.expect_download() as caught:
        report.click()
    assert caught.value.suggested_filename == f"texteval-elm-street-{DAY}.html"
    page = Path(caught.value.path()).read_text(encoding="utf-8")
    assert "Elm &amp; &lt;Street&gt;" in page and "Penny Texts" in page


def test_two_visitors_do_not_see_what_the_other_enters_and_closing_ends_the_kernel(
    chrome: Browser, server: Server, visited: Page
) -> None:
    start_from(visited, "Small group practice")
    before = server.kernels
    with visiting(chrome, server) as (other, faults):
        assert server.kernels == before + 1
        clinicians = other.get_by_label("Clinicians")
        clinicians.fill("17")
        clinicians.press("Enter")
        wait_for(other, ".texteval-details", "$432.00")  # Porchlight: 18 logins at 24
        assert visited.get_by_label("Clinicians").input_value() == "5"
        assert "$432.00" not in visited.locator(".texteval-details").inner_text()
        assert faults == []
    deadline = time.monotonic() + PATIENCE / 1_000
    while server.kernels > before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.kernels == before


def test_kernels_that_come_and_go_leave_nothing_behind(chrome: Browser, server: Server) -> None:
    """A few here; twenty in a row are tried by hand."""

    def files() -> set[str]:
        return {str(path.relative_to(server.folder)) for path in server.folder.rglob("*") if path.is_file()}

    before = files()
    context = chrome.new_context()
    try:
        for _ in range(3):
            page = context.new_page()
            page.goto(server.address, timeout=PATIENCE, wait_until="domcontentloaded")
            kernel = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
            assert any(kernel in name for name in files())
            page.goto("about:blank")
            context.request.post(f"{server.address}voila/api/shutdown/{kernel}", timeout=PATIENCE)
            page.close()
    finally:
        context.close()
    assert files() - before == set()


def test_a_page_from_elsewhere_is_refused(server: Server, chrome: Browser) -> None:
    """Another name for this machine, as a page from elsewhere could give it, reaches nothing."""
    context = chrome.new_context(extra_http_headers={})
    try:
        found = context.request.get(server.address, headers={"Host": "elsewhere.example"}, timeout=PATIENCE)
        assert found.status == 403
    finally:
        context.close()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_a_taken_port_and_a_missing_browser_are_told_and_nothing_is_left(tmp_path: Path, chrome: Browser) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        environment = {"BROWSER": "no-such-browser", "PATH": str(Path(sys.executable).parent), "DISPLAY": ""}
        before = {name: os.environ.get(name) for name in environment}
        os.environ.update(environment)
        try:
            with serving(tmp_path, port) as found:
                assert (
                    found.said[0] == f"Port {port} is taken: {found.address.rpartition(':')[2][:-1]} is used instead."
                )
                assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", found.address)
                assert found.process.stdout is not None
                assert "No browser could be opened" in found.process.stdout.readline()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
    assert found.process.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", [0, 1, 1_023, 65_536, 70_000])
def test_a_port_that_is_none_is_told(port: int) -> None:
    with pytest.raises(UserError, match=f"^{port} is no port: take one from 1024 to 65535$"):
        app.serve(port, browser=False)


def test_what_is_left_in_the_environment_is_not_taken_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (explorer.AS_OF, explorer.DATA, explorer.OVERLAY)
    for name in names:
        monkeypatch.setenv(name, "of yesterday")
    before = dict(os.environ)
    with app._own_folder({explorer.AS_OF: DAY, explorer.DATA: None, explorer.OVERLAY: None}):
        assert [os.environ.get(name) for name in names] == [DAY, None, None]
    assert dict(os.environ) == before
