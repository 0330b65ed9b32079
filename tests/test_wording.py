"""The message check: verdicts, findings, purposes, safer wordings, plain twins, costs, bad input, and its accuracy."""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from conftest import ROOT, TODAY
from texteval import accuracy, decide, practice, purposes, rewording, show_wording, wording, wording_frames
from texteval.accuracy import Accuracy
from texteval.catalog import Catalog, Purpose
from texteval.cli import main
from texteval.decide import Comparison
from texteval.errors import DataError, UserError
from texteval.files import data_folder
from texteval.frames import Table
from texteval.messages import GSM7_BASIC, GSM7_EXTENSION, count
from texteval.requirements import Requirements
from texteval.wording import LEVELS, check, plain

TEXT = (data_folder() / "wording.yaml").read_text(encoding="utf-8")
RULES = wording.own().file.rules
ROWS = purposes.examples()


# The guides' own examples.


@pytest.mark.parametrize(
    ("text", "strict", "with_baa", "without"),
    [
        ("appointment tomorrow at 2 PM", "fine by text", "fine by text", "fine by text"),
        (
            "Your appointment with Dr. Smith tomorrow at 2 PM",
            "app or portal only",
            "fine by text",
            "not by text without an agreement (BAA)",
        ),
        ("follow-up for diabetes at 2 PM", *["app or portal only"] * 3),
        ("How are you feeling after yesterday's session?", *["app or portal only"] * 3),
        ("how are you feeling after yesterday’s session?", *["app or portal only"] * 3),
        ("I want to die", *["not in writing: call"] * 3),
    ],
)
def test_the_examples_of_the_guides(text: str, strict: str, with_baa: str, without: str) -> None:
    one = check(text)
    assert one.verdict() == one.verdict("strict") == strict
    assert (one.verdict("standard", True), one.verdict("standard", False)) == (with_baa, without)
    assert one.verdict("request", True) == with_baa, "a client's request is judged by the standard reading"


def test_where_nothing_is_known_of_an_agreement_the_verdict_asks_for_it() -> None:
    assert check("Hi Sarah, see you at 2 PM").verdict("standard") == "only under an agreement (BAA)"


def test_a_friendly_question_is_found_to_reveal_the_relationship_and_to_be_clinical() -> None:
    one = check("How are you feeling after yesterday's session?")
    assert set(one.rules) == {"clinical-talk", "kind-of-care"}
    assert one.purpose == "coaching"


def test_sources_that_differ_are_told() -> None:
    assert any("stricter is the default" in text for text, _ in check("Hi Sarah, see you at 2 PM").disagreements)
    assert any("narrow exception" in text for text, _ in check("See you at 2 PM").disagreements)
    assert check("Your lithium is ready").disagreements == ()


def test_advertising_needs_consent_besides_whatever_else_it_needs() -> None:
    assert check("Sign up today and get 20% off!").verdict() == "only with consent in writing to advertising"
    both = check("Therapy now 20% off!")
    assert both.verdict() == "app or portal only, and with consent to advertising"


# The labelled messages.


@pytest.fixture(scope="module")
def tune() -> Accuracy:
    return accuracy.part("tune")


@pytest.fixture(scope="module")
def hold() -> Accuracy:
    return accuracy.part("hold")


def test_the_labelled_set_is_large_balanced_and_says_what_exists() -> None:
    assert len(ROWS) >= 320
    assert len({row.text for row in ROWS}) == len(ROWS)
    many = Counter(row.purpose for row in ROWS)
    assert set(many) == {*get_args(Purpose), ""}
    assert all(many[purpose] >= 30 for purpose in get_args(Purpose))
    assert all(
        many_held >= 14 for name, many_held in Counter(r.purpose for r in ROWS if r.part == "hold").items() if name
    )
    assert {row.part for row in ROWS} == {"tune", "hold"}
    assert {rule for row in ROWS for rule in row.rules} == set(RULES)
    assert {level for row in ROWS for level in (row.standard, row.strict)} == set(LEVELS)


def test_each_label_agrees_with_itself() -> None:
    for row in ROWS:
        for reading in ("standard", "strict"):
            asked = [getattr(RULES[rule], reading) for rule in row.rules]
            assert getattr(row, reading) == max(asked, key=LEVELS.index, default="fine"), row.text


def test_purposes_are_not_learnt_from_the_held_out_part() -> None:
    learnt = purposes.own()
    assert sum(learnt.many.values()) == sum(row.part == "tune" for row in ROWS)
    assert not {purposes.bare(row.text) for row in ROWS if row.part == "hold"} & set(learnt.same)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_knows_what_it_was_tuned_on(tune: Accuracy, rule: str) -> None:
    score = tune.rules[rule]
    assert score.labelled >= 10
    assert (score.precision or 0) >= 0.9
    assert (score.recall or 0) >= 0.9


OPEN = {"crisis": 0.5, "clinical-talk": 0.55, "symptom": 0.7, "stop-word": 0.6, "amount-due": 0.8}
"""What people say in their own words is found less often; these are the shares below which it shall not fall."""


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_does_what_it_can_on_held_out_messages(hold: Accuracy, rule: str) -> None:
    score = hold.rules[rule]
    assert (score.precision or 0) >= 0.8
    assert (score.recall or 0) >= OPEN.get(rule, 0.9)


def test_verdicts_and_purposes_on_held_out_messages(hold: Accuracy) -> None:
    many = len(hold.checked)
    assert hold.verdicts >= 0.9 * many
    assert hold.lenient <= 0.08 * many
    assert hold.purposes >= 0.7 * many


def test_the_page_of_figures_is_that_of_today() -> None:
    assert (ROOT / "docs" / "wording.md").read_text(encoding="utf-8") == accuracy.page(), (
        "write it anew: python -m texteval.accuracy"
    )


def test_the_shares_are_worked_out_by_hand() -> None:
    row = purposes.Example
    measured = accuracy.accuracy(
        [
            row("hold", "reminder", frozenset({"client-name"}), "agreement", "app", "Hi Sarah, see you at 2 PM"),
            row("hold", "reminder", frozenset({"client-name"}), "agreement", "app", "See you at 2 PM"),
            row("hold", "reminder", frozenset(), "fine", "fine", "Hi Tom, see you at 3 PM"),
        ]
    )
    score = measured.rules["client-name"]
    assert (score.right, score.wrong, score.missed, score.precision, score.recall) == (1, 1, 1, 0.5, 0.5)
    assert (measured.verdicts, measured.lenient) == (1, 1)
    assert measured.rules["crisis"].precision is None and measured.rules["crisis"].recall is None


# Words that look like findings and are none, and the other way round.


@pytest.mark.parametrize(
    "text",
    [
        "May I come on April 9? Will June 3 work?",
        "The press is here.",
        "I am anxious to hear how it went",
        "Please be patient, we are running late",
        "Merry Christmas! Tomorrow at 9?",
        "We meet on Will Rogers Street",
        "This printer will be the death of me, I'm dying for a coffee",
        "Please bring a photo ID",
        "Call us at 555-0100 or write to office@example.com",
        "In a crisis call or text 988; in an emergency call 911",
        "Read more at https://www.example.com/holiday-hours-2026",
        "Our car insurance is not your concern",
        "PLEASE ACT NOW AND ADD YOUR NAME TO THE LIST",
        "Reply 1 to confirm or 2 to cancel.",
        "Reply STOP to opt out of texts.",
    ],
)
def test_what_only_looks_like_a_finding_is_none(text: str) -> None:
    assert check(text).rules in ((), ("marketing",) if "ACT NOW" in text else ())


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("Dear Ms. Chen, see you", "client-name", "Ms. Chen"),
        ("hi sarah, see you", "client-name", "sarah"),
        ("with Jane Doe, LCSW on Monday", "clinician", "Jane Doe, LCSW"),
        ("Elm Street Counseling is open", "practice-name", "Elm Street Counseling"),
        ("see https://sunrisetherapy.com/x", "practice-name", "https://sunrisetherapy.com"),
        ("code F32.1 was denied", "diagnosis", "F32.1"),
        ("Bring your Zoloft", "medication", "Zoloft"),
        ("your son's visit", "family-member", "your son's"),
        ("SSN 123-45-6789", "id-number", "123-45-6789"),
        ("born 02/17/1964", "date-of-birth", "born 02/17/1964"),
        ("card 4111 1111 1111 1111", "payment-card", "4111 1111 1111 1111"),
        ("Your balance is $45.00.", "amount-due", "$45.00"),
        ("is mike@example.com yours?", "contact-details", "mike@example.com"),
        ("See the attached flyer", "attachment", "attached"),
        ("anxious and can’t sleep", "symptom", "can’t sleep"),
        ("cognitive behavioral therapy", "treatment", "cognitive behavioral therapy"),
    ],
)
def test_the_words_are_those_of_the_text(text: str, rule: str, words: str) -> None:
    finding = next(finding for finding in check(text).findings if finding.rule == rule)
    assert words in finding.words


def test_of_two_overlapping_matches_the_longer_counts() -> None:
    assert check("Willow Creek Counseling").rules == ("practice-name",), "'Counseling' is part of the name"
    assert check("panic disorder").rules == ("diagnosis",)


@pytest.mark.parametrize(
    ("text", "trap"),
    [
        ("Reply C to confirm or CANCEL to cancel.", True),
        ("reply cancel to cancel", True),
        ('Answer "cancel" to give it up', True),
        ("Reply END to end your appointment slot.", True),
        ("If you can't make it, reply STOP.", True),
        ("Reply STOP to stop these texts.", False),
        ("Text STOP to unsubscribe.", False),
        ("Reply CANCEL to get no more texts.", False),
        ("Reply N to cancel.", False),
        ("Please reply by the end of the day.", False),
        ("I have to cancel tomorrow.", False),
    ],
)
def test_an_invitation_to_answer_with_a_stop_word_is_a_trap(text: str, trap: bool) -> None:
    assert ("stop-word" in check(text).rules) == trap


@pytest.mark.parametrize("word", ["STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE", "STOPALL"])
def test_a_stop_word_alone_is_told_in_any_case(word: str) -> None:
    """The first seven are those of 47 CFR 64.1200(a)(10)."""
    for text in (word, word.lower(), f" {word.title()}. "):
        assert check(text).keyword == "stops"
        assert check(text).safer is None
    assert check(f"{word} it please").keyword is None


def test_other_words_of_carriers() -> None:
    assert [check(word).keyword for word in ("start", "UNSTOP", "help", "C")] == ["starts", "starts", "helps", None]


def test_a_trap_is_told_in_the_verdict_though_nothing_else_is_wrong() -> None:
    assert (
        check("See you at 2 PM. Reply CANCEL to cancel.").verdict() == "fine by text, with another word for the reply"
    )


# Safer wordings.

LONGEST = {
    "<when>": "on Wednesday, September 30 at 12:30 PM",
    "<day>": "Wednesday, September 30",
    "<number>": "(555) 555-0100",
    "<office>": "Elm Street Office",
    "<time>": "12:30 PM",
}
SAFER = {**wording.own().file.safer, "crisis": wording.own().file.crisis_text}


@pytest.mark.parametrize("name", SAFER)
def test_a_safer_wording_fits_into_one_text_and_is_itself_fine(name: str) -> None:
    text: str = SAFER[name]  # type: ignore[index]
    for blank, value in LONGEST.items():
        text = text.replace(blank, value)
    assert "<" not in text
    assert (count(text).encoding, count(text).segments) == ("GSM-7", 1)
    assert check(text).strict == "fine", check(text).findings
    assert "!" not in text


def test_there_is_a_safer_wording_for_each_purpose() -> None:
    assert set(wording.own().file.safer) == set(get_args(Purpose))


def test_a_crisis_is_answered_by_a_call_and_988() -> None:
    safer = check("I want to kill myself tonight").safer or ""
    assert "988" in safer and "911" in safer and "calling" in safer


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Hi Ann, tomorrow at 2 PM", "tomorrow at 2 PM"),
        ("Dr. Lee on Tuesday, June 2 at 2:00 PM", "on Tuesday, June 2 at 2:00 PM"),
        ("Monday or Tuesday at 2 PM", "on <day> at 2 PM"),
        ("see you", "on <day> at <time>"),
    ],
)
def test_the_day_and_time_of_the_text_are_kept(text: str, when: str) -> None:
    assert wording.when(text) == when


def test_a_text_that_is_fine_needs_no_other_wording() -> None:
    assert check("appointment tomorrow at 2 PM").safer is None


# Plain twins.


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("Don’t", "Don't"),
        ("“Hi”", '"Hi"'),
        ("2–3 PM — or later…", "2-3 PM - or later..."),
        ("a\u00a0b", "a b"),
        ("Señor Łukasz ć", "Señor Łukasz c"),
        ("cafe\u0301", "café"),
        ("See you 😊 soon 👍🏽", "See you soon"),
        ("zero\u200bwidth\u202e", "zerowidth"),
        ("bell\x07", "bell"),
        ("שלום", "שלום"),
        ("😊", ""),
    ],
)
def test_plain_twins(text: str, twin: str) -> None:
    assert plain(text) == twin


def test_every_twin_is_plain() -> None:
    for character, twin in wording.own().file.twins.items():
        assert character not in GSM7_BASIC and character not in GSM7_EXTENSION
        assert all(c in GSM7_BASIC for c in twin)


@given(st.text(max_size=80))
def test_the_plain_twin_of_a_plain_twin_is_itself(text: str) -> None:
    once = plain(text)
    assert plain(once) == once
    assert count(once).segments <= count(text).segments or not once.isascii()


def test_the_characters_that_force_ucs2_are_named_with_their_twins() -> None:
    one = check("Don’t be late… 😊 ж")
    assert [(swap.character, swap.twin) for swap in one.swaps] == [("’", "'"), ("…", "..."), ("😊", ""), ("ж", None)]
    assert "right single quotation mark" in one.swaps[0].name
    assert one.segments.encoding == one.plain_segments.encoding == "UCS-2", "the Cyrillic letter stays"


# Any text.


@given(st.text(min_size=1, max_size=200))
def test_any_text_gets_an_answer_that_agrees_with_itself(text: str) -> None:
    if not text.strip():
        with pytest.raises(UserError, match="there is no text"):
            check(text)
        return
    one = check(text)
    assert LEVELS.index(one.standard) <= LEVELS.index(one.strict)
    for finding in one.findings:
        assert finding.words == tuple(dict.fromkeys(text[start:end] for start, end in finding.spans))
        assert all(0 <= start < end <= len(text) for start, end in finding.spans)
    assert check(text) == one, "the same text, the same answer"


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_told(text: str) -> None:
    with pytest.raises(UserError, match="there is no text: write the message in quotes"):
        check(text)


def test_a_text_that_is_too_long_is_told() -> None:
    with pytest.raises(UserError, match="100,001 characters: a message has at most 100,000"):
        check("a" * 100_001)


PIECES = ["a", "a.", "Ab ", "1 ", "https://", "a@", "O'", "/1a", "pay $", "hi ", "😊", "שלום ", "reply ", "\n"]


@pytest.mark.parametrize("piece", PIECES)
def test_long_texts_are_checked_whatever_they_are_made_of(piece: str) -> None:
    text = (piece * 100_000)[:20_000] + " x Dr. Smith"
    assert "clinician" in check(text).rules or piece in ("Ab ", "O'")


def test_a_hundred_thousand_characters_of_prose_are_checked_to_the_end() -> None:
    words = random.Random(1).choices(["see", "you", "at", "the", "office", "on", "time", "bring", "form"], k=30_000)
    assert check(" ".join(words)[:99_980] + " with your Zoloft").rules == ("medication",)


@pytest.mark.parametrize("text", ["😊😊", "?", "…"])
def test_signs_alone_have_no_purpose(text: str) -> None:
    assert check(text).purpose is None


def test_a_thumb_up_is_a_confirmation() -> None:
    assert check("👍").purpose == "confirmation"


def test_right_to_left_text_is_checked_and_closed_off_where_it_is_shown() -> None:
    assert check("הפגישה שלך מחר ב-14:00, Zoloft").rules == ("medication", "other-language")
    assert show_wording.shown("הפגישה שלך מחר") == "\u2068הפגישה שלך מחר\u2069"


# Files.


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "templates.txt"
    path.write_text("See you at 2 PM\n\n  Hi Sarah  \n", encoding="utf-8")
    assert wording.read_messages(path) == [(1, "See you at 2 PM", False), (3, "Hi Sarah", False)]


def test_a_practice_file_gives_its_messages_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    text = (
        "name: Mine\nclinicians: 1\nsessions_per_week: 5\nmessages:\n"
        "  - {purpose: reminder, text: See you}\n  - {purpose: confirmation}\n  - purpose: team\n    text: Room 2\n"
    )
    path.write_text(text, encoding="utf-8")
    assert wording.read_messages(path) == [(5, "See you", False), (8, "Room 2", False)]
    assert [one.line for one in wording.read_messages(data_folder() / "practices.yaml")] == [
        number
        for number, line in enumerate((data_folder() / "practices.yaml").read_text(encoding="utf-8").split("\n"), 1)
        if " text: " in line
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "x.txt:1: this is not UTF-8 text"),
        (b"ab\ncd\x00", "x.txt:2: this is not a text file"),
        (b"PK\x03\x04\xff", "x.txt:1: this is a workbook, not text"),
        (b" \n\n", "there is no message in it: write one on each line"),
        (b"a\n" * 2001, "it has 2,001 messages: a file has at most 2,000"),
    ],
)
def test_a_file_that_cannot_be_checked_is_told(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=re.escape(said)):
        wording.read_messages(path)


def test_a_message_is_told_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Hello").write_text("Hi", encoding="utf-8")
    assert wording.as_file("Hello") == Path("Hello"), "a name that exists is a file"
    assert wording.as_file("templates.txt") == Path("templates.txt"), "a name that ends like a file's is one"
    for text in ("See you in mine.txt", "Hello?", "https://example.com/a.txt", "a" * 5000, "x\0y"):
        assert wording.as_file(text) is None


# What it costs, and limits.


@pytest.fixture(scope="module")
def group(market: Catalog, rules: Requirements) -> Comparison:
    return decide.compare(market, rules, *practice.load("small-group"), TODAY)


CURLY = "Don’t forget: your appointment is tomorrow at 2 PM – please reply C to confirm 😊"


def test_the_cost_is_that_of_a_practice_which_words_its_reminders_so(
    market: Catalog, rules: Requirements, group: Comparison
) -> None:
    """The other way round: write the text into the practice and compare anew."""
    priced = rewording.rewordings(market, group, "reminder", [CURLY, plain(CURLY)], 8)
    assert len(priced) == 8
    assert any(row.apart for row in priced) and not all(row.apart for row in priced)
    for i, text in enumerate([CURLY, plain(CURLY)]):
        data = group.practice.model_dump()
        for message in data["messages"]:
            if message["purpose"] == "reminder":
                message["text"] = text
        other = practice.Practice.model_validate(data)
        anew = decide.compare(market, rules, "x", other, "x", TODAY, among=[row.plan for row in priced])
        for row in priced:
            assert row.years[i] == anew.option(row.plan).year


def test_a_second_segment_costs_cliniko_one_credit_for_each_reminder(market: Catalog, group: Comparison) -> None:
    """95 sessions a week: 4,940 reminders a year, a credit at 0.10 each; credits are sold by 200."""
    priced = rewording.rewordings(market, group, "reminder", [CURLY, plain(CURLY)], 20)
    apart = next(row.apart for row in priced if row.plan == "cliniko/standard")
    assert rewording.sent_a_year(group.practice, "reminder") == 4_940
    assert abs((apart or 0) / 1e6 - 494) <= 20


def test_a_tool_to_which_the_wording_matters_is_among_the_few(market: Catalog, group: Comparison) -> None:
    few = rewording.rewordings(market, group, "reminder", [CURLY, plain(CURLY)])
    assert len(few) <= rewording.FEW + 1
    assert any(row.apart for row in few)


def test_what_is_not_sent_or_too_long_has_no_price(market: Catalog, group: Comparison) -> None:
    assert rewording.rewordings(market, group, "practice_notice", ["We are closed"]) == []
    assert rewording.rewordings(market, group, None, ["Hm"]) == []
    assert rewording.rewordings(market, group, "reminder", ["a" * 2001]) == []
    assert rewording.sent_a_year(group.practice, "practice_notice") == 0


def test_only_messages_to_clients_of_that_purpose_are_reworded() -> None:
    _, one, _ = practice.load("small-group")
    other = rewording.reworded(one, "confirmation", "Booked.")
    changed = [(a.purpose, a.direction) for a, b in zip(one.messages, other.messages, strict=True) if a.text != b.text]
    assert changed == [("confirmation", "out")]


def test_limits_come_from_the_catalogue_and_show_a_dispute(market: Catalog) -> None:
    found = [limit for limit in rewording.limits(market, TODAY) if limit.vendor == "SimplePractice"]
    assert [(limit.kind, limit.most, limit.disputed) for limit in found] == [
        ("away text", 600, False),
        ("secure message", 1000, True),
        ("secure message", 5000, True),
    ]
    away = found[0]
    assert away.fits("a" * 600) and not away.fits("a" * 601)
    before = [limit.source.seen for limit in rewording.limits(market, date(2025, 1, 1))]
    assert before and max(before) < "2025-01-02"


def test_a_bad_stop_word_is_told_with_an_agreement_too() -> None:
    one = check("Hi Anna, your visit is Tuesday at 2 PM. Reply YES to confirm or CANCEL to cancel.")
    assert one.standard == "agreement" and "stop-word" in one.rules
    assert one.verdict("standard", True) == "fine by text, with another word for the reply"
    assert one.verdict("standard", False) == "not by text without an agreement (BAA)"


def test_every_word_of_every_list_is_found_as_it_is_written() -> None:
    """An entry that could never match, such as one in mixed case, would be a hole."""
    file = wording.own().file
    for name, rule in file.rules.items():
        for lexicon in rule.words:
            for entry in file.lexicons[lexicon]:
                finder, _ = wording.own().finders[name]
                word = entry.rstrip("*")
                assert finder.spans(word, word.lower()), (name, lexicon, entry)


# The command.


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stopped:
        main(["message", *words])
    said = capsys.readouterr()
    return int(stopped.value.code or 0), said.out, said.err


def as_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, err = run(capsys, *words, "--json", "--as-of", TODAY.isoformat())
    assert (code, err) == (0, "")
    return dict(json.loads(out))


def test_a_message_as_data(capsys: pytest.CaptureFixture[str], market: Catalog) -> None:
    data = as_json(capsys, "Your appointment with Dr. Smith tomorrow at 2 PM")
    assert data["as_of"] == TODAY.isoformat() and market.hash in data["data_hash"]
    examples = hashlib.sha256((data_folder() / "messages.csv").read_bytes()).hexdigest()[:12]
    assert data["data_hash"].endswith(f"-{wording.own().hash}-{examples}"), "rules, and what purposes are learnt from"
    assert data["purpose"] == "reminder"
    assert data["strict"] == {"level": "app", "verdict": "app or portal only"}
    assert data["standard"]["with_agreement"] == "fine by text"
    (finding,) = data["findings"]
    assert (finding["rule"], finding["words"], finding["places"]) == ("clinician", ["Dr. Smith"], [[22, 31]])
    assert finding["source_url"].startswith("https://")
    assert data["messages_per_year"] == 4_940 and data["cost"]
    assert {limit["characters"] for limit in data["limits"]} >= {600, 1000, 5000}


def test_a_file_as_data(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "m.txt"
    path.write_text("See you at 2 PM\n\nTake your Zoloft\n", encoding="utf-8")
    data = as_json(capsys, str(path))
    assert [(one["line"], one["strict"]["level"]) for one in data["messages"]] == [(1, "fine"), (3, "app")]


@pytest.fixture
def screen(market: Catalog, rules: Requirements, group: Comparison) -> Callable[[str], list[str]]:
    """Show the check of a text as in a terminal of 80 columns; return the lines."""

    def show(text: str) -> list[str]:
        one = check(text)
        out = io.StringIO()
        priced = rewording.rewordings(market, group, one.purpose, [one.text, one.plain or one.text])
        sent = rewording.sent_a_year(group.practice, one.purpose)
        console = Console(file=out, width=80, force_terminal=False)
        stamp = decide.stamp(TODAY, f"{group.hash}-{'0' * 12}")
        show_wording.message(console, rules, one, rewording.limits(market, TODAY), priced, sent, stamp)
        return [line.rstrip() for line in out.getvalue().rstrip().split("\n")]

    return show


@pytest.mark.parametrize(
    "text", ["See you, Ann", CURLY, "CANCEL", "I want to die", "a" * 700, "\x07\x1b[31m red", "😊"]
)
def test_a_message_is_shown_within_80_columns_and_one_screen(screen: Callable[[str], list[str]], text: str) -> None:
    lines = screen(text)
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    said = " ".join(" ".join(lines).split())
    assert "\x07" not in said and "\x1b" not in said
    assert "Nothing is stored or sent" in said and "Not legal advice" in said


def test_it_says_that_it_must_not_watch_clients(screen: Callable[[str], list[str]]) -> None:
    assert "never let it watch" in " ".join(" ".join(screen("I want to die")).split())


def test_a_practice_that_keeps_all_in_the_app_is_told_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    messages = "[{purpose: reminder, text: See you}]"
    path.write_text(
        f"name: Mine\nclinicians: 1\nsessions_per_week: 5\nreading: strict\nmessages: {messages}\n", encoding="utf-8"
    )
    _, out, _ = run(capsys, "See you at 2 PM", "--practice", str(path), "--as-of", TODAY.isoformat())
    assert "keeps this one in the app or portal too" in " ".join(out.split())
    assert "First year" not in out, "no plain text, no price of one"


STRICT = (
    "name: Mine\nclinicians: 1\nsessions_per_week: 5\nreading: strict\n"
    "messages:\n  - {purpose: reminder, text: See you}\n  - {purpose: team, text: Take your Zoloft}\n"
)


@pytest.mark.parametrize("file", ["mine.yaml", "m.txt"])
def test_a_file_of_a_practice_that_keeps_all_in_the_app_is_told_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(STRICT, encoding="utf-8")
    Path("m.txt").write_text("See you at 2 PM\nTake your Zoloft\n", encoding="utf-8")
    words = [file, *(["--practice", "mine.yaml"] if file == "m.txt" else []), "--as-of", TODAY.isoformat()]
    _, out, _ = run(capsys, *words)
    said = " ".join(out.split())
    assert said.count("fine by text; your practice keeps it in the app or portal too.") == 1
    assert "it keeps 1 of these in the app or portal too" in said
    _, out, _ = run(capsys, "m.txt", "--practice", "solo")
    assert "too." not in out


def test_a_file_is_stamped_with_what_it_rests_on_and_refuses_what_changes_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rules: Requirements
) -> None:
    path = tmp_path / "m.txt"
    path.write_text("See you at 2 PM\n", encoding="utf-8")
    one, other = (as_json(capsys, str(path), "--practice", name)["data_hash"] for name in ("solo", "group"))
    assert one.startswith(f"{rules.hash}-{practice.load('solo')[2]}-")
    assert other.startswith(f"{rules.hash}-{practice.load('group')[2]}-")
    for option in ("--data", "--overlay"):
        code, out, err = run(capsys, str(path), option, "own.yaml")
        assert (code, out) == (2, "")
        assert "change nothing for a file of messages" in err
    assert run(capsys, str(path), "--practice", "sole")[0] == 2


def test_what_is_too_long_for_a_portal_is_told(screen: Callable[[str], list[str]]) -> None:
    said = " ".join(" ".join(screen("a" * 1001)).split())
    assert "Too long for an away text of SimplePractice: 1,001 of 600 characters" in said
    assert "Too long for a secure message of SimplePractice: 1,001 of 1,000 characters. Its help pages differ" in said
    assert "of 5,000" not in said


@pytest.mark.parametrize(
    ("argument", "said"),
    [("", "there is no text"), ("none.txt", "there is no such file"), ("a" * 100_001, "at most 100,000")],
)
def test_a_wrong_argument_ends_with_one_sentence(capsys: pytest.CaptureFixture[str], argument: str, said: str) -> None:
    code, out, err = run(capsys, argument)
    assert (code, out) == (2, "")
    assert said in err and "Traceback" not in err and err.count("\n") == 1


def test_nothing_is_stored(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(capsys, "Hi Sarah, take your Zoloft")
    assert list(tmp_path.rglob("*")) == []


# The data.


def test_every_rule_names_its_law_or_guide() -> None:
    file = wording.own().file
    for rule in file.rules.values():
        assert rule.citation and file.sources[rule.source].url
        assert LEVELS.index(rule.standard) <= LEVELS.index(rule.strict)
        assert not re.search(r"(?i:violat|illegal|fine of|penalt)", f"{rule.why} {rule.instead}"), "calm"
    used = {r.source for r in file.rules.values()} | {k.source for k in file.keywords.values()}
    used |= {one.source for one in file.disagreements}
    assert set(file.sources) == used


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    words: [symptoms]", "    words: [symptom]", "there is no lexicon 'symptom': did you mean 'symptoms'?"),
        ("    source: mondaq-revocation", "    source: mondaq", "there is no source 'mondaq'"),
        ("'\\b\\d{3}-\\d{2}-\\d{4}\\b'", "'\\b(\\d{3}'", "the pattern cannot be read"),
        ("    strict: opt-in", "    strict: optin", "strict"),
        ("  - about: [marketing]", "  - about: [advertising]", "there is no rule 'advertising'"),
        ('  coaching: "Thank', '  coachin: "Thank', "coachin"),
        ("    words: [insurers]", "    word: [insurers]", "word"),
        ("  not_care:\n    [patient number,", "  not_care:\n    ['*',", "an empty word matches everything"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert TEXT.count(old) == 1
    path = tmp_path / "wording.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as told:
        wording.load(path)
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    assert said in str(told.value)
    assert any(abs(problem.line - line) <= 1 or problem.path.startswith("safer") for problem in told.value.problems)


def test_a_word_that_is_added_is_found(tmp_path: Path) -> None:
    path = tmp_path / "wording.yaml"
    path.write_text(TEXT.replace("sertraline, zoloft,", "sertraline, zoloft, newdrug*,"), encoding="utf-8")
    assert check("Your Newdrugol is here", wording.load(path)).rules == ("medication",)
    assert check("Your Newdrugol is here").rules == ()


EXAMPLES = "part,purpose,rules,standard,strict,text\ntune,reminder,clinician,agreement,app,With Dr. Smith at 2\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (",purpose", "", "1: the columns are part,rules,standard,strict,text: begin with the line part,purpose,rules,"),
        ("reminder", "remindr", "2: purpose: 'remindr' is not known: did you mean 'reminder'?"),
        ("tune", "learn", "2: part: 'learn' is not known"),
        ("agreement", "agrement", "2: standard: 'agrement' is not known: did you mean 'agreement'?"),
        (",app,", ",ap,", "2: strict: 'ap' is not known: did you mean 'app'?"),
        ("clinician", "clinican", "2: rules: there is no rule 'clinican': did you mean 'clinician'?"),
        ("With Dr. Smith at 2", " ", "2: text: there is no text: write the message"),
        (",With", "", "2: this row has 5 values: write 6"),
        ("at 2", "at 2, or 3", "2: this row has 7 values: write 6, with quotes around a text with a comma"),
        ("With", '"With', "2: this is not CSV"),
        (EXAMPLES, "", "1: the file is empty: begin with the line part,purpose,rules,"),
    ],
)
def test_a_fault_in_the_examples_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(EXAMPLES, encoding="utf-8")
    assert len(purposes.examples(path)) == 1
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(EXAMPLES.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError) as told:
        purposes.examples(wrong)
    assert f"{wrong}:{said}" in str(told.value)


def test_all_faults_of_the_examples_are_told_at_once_also_after_a_text_of_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(f'{EXAMPLES}tune,,,fine,fine,"Two\nlines"\ntune,x,,fine,y,Hm\n', encoding="utf-8")
    with pytest.raises(DataError) as told:
        purposes.examples(path)
    assert [(problem.line, problem.path) for problem in told.value.problems] == [(5, "purpose"), (5, "strict")]


# Tables for a notebook.


def test_a_message_in_which_nothing_is_found_gives_an_empty_table_with_its_caption() -> None:
    found, none = (wording_frames.findings_frame(check(text)) for text in ("Hi Ann", "See you at 2 PM"))
    assert (len(none), none.index.name, [*none.columns]) == (0, "words", [*found.columns])
    shown = Table(none, "See you at 2 PM")._repr_html_()
    assert "See you at 2 PM</caption>" in shown and "<tbody></tbody>" in shown


def test_tables(market: Catalog, rules: Requirements, group: Comparison) -> None:
    from texteval.frames import Loaded

    found = Loaded(market, rules, group)
    verdicts = wording_frames.verdicts_frame(found, ["See you at 2 PM", "Hi Ann, see you"])
    assert verdicts["strict reading"].to_list() == ["fine by text", "app or portal only"]
    assert wording_frames.sending_frame([CURLY])["segments of the twin"].to_list() == [1]
    money = wording_frames.rewording_frame(found, check(CURLY))
    assert (money["as_it_is_year_usd"] - money["plain_year_usd"]).round(2).equals(money["difference_usd"].round(2))
    assert 'href="http' in Table(wording_frames.findings_frame(check("Hi Ann")), "x")._repr_html_()
    assert set(wording_frames.safer_frame(["Hi Ann, tomorrow at 2 PM"])["strict reading then"]) == {"fine by text"}
    assert wording_frames.accuracy_frame()["recall_percent"].between(0, 100).all()
