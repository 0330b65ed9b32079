"""Where a newcomer starts: the ten questions, the practice file they make, the working folder, the double click."""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import ROOT, TODAY
from texteval import catalog, practice, start
from texteval.catalog import Catalog
from texteval.cli import main
from texteval.errors import DataError, UserError
from texteval.files import data_folder
from texteval.practice import Message, Now, Practice
from texteval.report import brand
from texteval.start import NotTakenError
from texteval.states import STATES

INTERVIEW = start.load()


def talk(market: Catalog, answers: Sequence[str], interview: start.Interview = INTERVIEW) -> tuple[list[str], Any]:
    """Lead a conversation; return all that was shown, and the practice, or None, or "unfinished"."""
    conversation = start.converse(interview, market, "mine.yaml")
    shown = [next(conversation)]
    try:
        for answer in answers:
            shown.append(conversation.send(answer))
    except StopIteration as end:
        return shown, end.value
    return shown, "unfinished"


def asked(text: str) -> str:
    """Return the question that a text asks."""
    return re.findall(r"(?m)^\d+ of \d+  .*$", text)[-1]


# The questions.


def test_there_are_ten_questions_each_with_its_reason_and_something_to_take() -> None:
    assert len(INTERVIEW.questions) == 10
    for _, step, _ in INTERVIEW.steps:
        assert step.ask.rstrip(".").endswith("?") or "?" in step.ask
        assert step.why.endswith(".") and step.why[0].islower()
        assert step.more != step.why
        assert len(step.ask) <= 70, "one line of a terminal, after its number"


def test_enter_alone_gives_the_practice_of_a_solo_therapist(market: Catalog) -> None:
    shown, found = talk(market, [*[""] * 12])
    assert isinstance(found, Practice)
    solo = practice.presets().practices["solo"]
    counted = mix(found), mix(solo)
    assert counted[0] == counted[1], "the same messages as the preset, whatever their order"
    assert (found.clinicians, found.staff, found.sessions_per_week) == (1, 0, 20)
    assert len(shown) == 12, "ten questions, replies, and the last word"


def mix(one: Practice) -> set[tuple[Any, ...]]:
    return {(m.purpose, m.direction, m.per, m.count, m.percent, m.text) for m in one.messages}


def test_every_question_stands_with_number_reason_and_default(market: Catalog) -> None:
    shown, _ = talk(market, [""] * 11)
    numbers = [re.search(r"(?m)^(\d+) of 10  ", text) for text in shown[:-1]]
    assert [int(found[1]) for found in numbers if found] == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10]
    for text in shown[:-1]:
        assert "Why we ask: " in text
        assert re.search(r"\[[^\]]+\]\s*> $", text)
    assert max(len(line) for text in shown[:-1] for line in text.split("\n")) <= 78


def test_the_sessions_that_are_proposed_follow_the_clinicians(market: Catalog) -> None:
    shown, _ = talk(market, ["", "7", "", ""])
    assert shown[3].endswith("[140] > ")
    assert "That is 20 for each of the 7 clinicians." in shown[4]
    shown, _ = talk(market, ["", "3", "", "50"])
    assert "That is 16.7 for each of the 3 clinicians." in shown[4]


def test_a_question_mark_tells_more_and_asks_again(market: Catalog) -> None:
    shown, _ = talk(market, ["", "?", "2"])
    assert " ".join(shown[2].split()) == f"{INTERVIEW.step('clinicians').more} [1] >"
    assert asked(shown[3]).startswith("3 of 10")


def test_back_returns_to_each_question_before_with_what_was_answered(market: Catalog) -> None:
    shown, _ = talk(market, ["Elm", "3", "back", "back", "", "4", "1", "BACK"])
    assert asked(shown[3]).startswith("2 of 10") and shown[3].endswith("[3] > ")
    assert asked(shown[4]).startswith("1 of 10") and shown[4].endswith("[Elm] > ")
    assert asked(shown[5]).startswith("2 of 10")
    assert asked(shown[8]).startswith("3 of 10") and shown[8].endswith("[1] > ")


def test_back_at_the_first_question_says_so(market: Catalog) -> None:
    shown, _ = talk(market, ["back", "Elm"])
    assert shown[1] == "This is the first question.\n[Our practice] > "
    assert asked(shown[2]).startswith("2 of 10")


def test_back_from_the_last_word_changes_an_answer(market: Catalog) -> None:
    _, found = talk(market, [*[""] * 11, "back", "7", ""])
    assert found.minors is True
    shown, found = talk(market, [*[""] * 11, "what", "no"])
    assert found is None
    assert shown[-1] == "Enter writes the file; otherwise type back, or no.\n> "


def test_what_does_not_apply_is_not_asked_and_an_answer_to_it_does_not_count(market: Catalog) -> None:
    shown, found = talk(market, ["", "", "", "", "4", "", "", "", "", ""])
    assert not [text for text in shown if "6 of 10" in text], "no reminders, so no question about them"
    assert [message.purpose for message in found.messages] == ["admin_follow_up"]
    # Two reminders and a tool of today, then back to leave both out: what was said of them falls away.
    chosen = [
        "",
        "",
        "",
        "",
        "1",
        "2",
        "50",
        "",
        "spruce-health/basic",
        "y",
        *["back"] * 6,
        "4",
        "",
        "none",
        "",
        "",
        "",
    ]
    shown, found = talk(market, chosen)
    assert asked(shown[16]).startswith("5 of 10")
    assert found.now is None
    assert [(message.purpose, message.count) for message in found.messages] == [("admin_follow_up", 1)]


def test_the_segments_of_the_wording_are_told_at_once(market: Catalog) -> None:
    wording = ["", "", "", "", "", "", ""]
    assert "no client data" in asked(talk(market, wording)[0][-1])
    for text, said in {
        "": "Billed as 1 segment: 104 of 160 units (GSM-7).",
        "a" * 161: "Billed as 2 segments: 161 units (GSM-7), where 160 fit into one.",
        "See you 📅": "Billed as 1 segment: 10 of 70 units (UCS-2). Because of 📅 (calendar) the whole text",
        "“" + "a" * 70: "Billed as 2 segments: 71 units (UCS-2), where 70 fit into one. Because of “ (left double",
    }.items():
        assert said in " ".join(talk(market, [*wording, text])[0][-1].split())


def test_the_wording_is_that_of_the_first_message_that_is_sent(market: Catalog) -> None:
    """Moving an appointment begins with what the client writes; the answer is about what the practice sends."""
    shown, found = talk(market, ["", "", "", "", "3", "Thursday at 3 is free.", "", "", "", ""])
    assert "[Thursday, June 4 at 3:00 PM is free. Reply Y to take it.]" in shown[5].replace("\n", " ")
    assert [message.text for message in found.messages] == ["Can I move Tuesday to Thursday?", "Thursday at 3 is free."]


def test_replies_follow_the_reminders(market: Catalog) -> None:
    """30 sessions a week, 2 reminders each, 25 answers in a hundred: 3,120 reminders and 780 replies a year."""
    _, found = talk(market, ["", "", "", "30", "1", "2", "25", "", "", "", "", ""])
    reminder, reply = found.messages
    assert (found.year(reminder), found.year(reply)) == (30 * 52 * 2, 30 * 52 * 2 // 4)
    _, found = talk(market, ["", "", "", "30", "1", "2", "0", "", "", "", "", ""])
    assert [message.purpose for message in found.messages] == ["reminder"]


def test_a_tool_is_found_by_its_name_and_chosen_by_number(market: Catalog) -> None:
    before = [""] * 8
    shown, found = talk(market, [*before, "Simple practice", "3", "y", "", "", ""])
    assert "   3  SimplePractice Plus\n" in shown[9]
    assert "Taken: SimplePractice Plus (simplepractice/plus)." in shown[10]
    assert found.now == Now(plan="simplepractice/plus", reminders=True)
    shown, found = talk(market, [*before, "simplepractise", "?", "1", "n", "", "", ""])
    assert "There is no plan 'simplepractise'. Is it one of these?" in shown[9]
    assert found.now == Now(plan="simplepractice/starter", reminders=False)
    shown, found = talk(market, [*before, "simplepractise", "none", "", "", ""])
    assert found.now is None, "no second part without a first"


def test_too_many_messages_are_told_and_the_sessions_asked_again(market: Catalog) -> None:
    """100,000 sessions a week with 10 reminders are 4,333,333 a month; texteval prices up to a million."""
    first, second = ["", "", "", "100000", "1", "10", "0", "Hi", "", "", ""], ["100", *[""] * 8]
    shown, found = talk(market, [*first, *second])
    said = " ".join(shown[len(first)].split())
    assert said.startswith(
        "These answers do not go together: Our practice: 4,333,334 texts sent a month are too many: texteval prices up "
        "to 1,000,000. 4 of 10 "
    )
    assert (found.sessions_per_week, found.messages[0].count) == (100, 10), "what else was answered is kept"


def test_the_last_word_shows_the_file_and_what_it_comes_to(market: Catalog) -> None:
    """22 sessions × 52 ÷ 12 × (1 + 0.5 + 0.12) sent = 154.4, and × (0.6 + 0.12) received = 68.6."""
    shown, found = talk(market, ["Elm", "", "", "22", *[""] * 8])
    assert "about 154 messages sent and 69 received a month" in shown[11]
    for line in start.as_yaml(found).split("\n\n\n")[0].split("\n"):
        assert line.startswith("#") or line in shown[11]


# Answers, good and bad.

GOOD = [
    ("name", "  Élan   Café 😊 ", "Élan Café 😊"),
    ("clinicians", "1,200", 1200),
    ("clinicians", "10000", 10_000),
    ("staff", "0", 0),
    ("purposes", "3, 1 1", [1, 3]),
    ("purposes", "9;", [9]),
    ("circumstances", "none", []),
    ("circumstances", "1,3 7", [1, 3, 7]),
    ("now.plan", "none", None),
    ("now.plan", "spruce-health/basic", "spruce-health/basic"),
    ("now.plan", "SPRUCE HEALTH  basic", "spruce-health/basic"),
    ("now.reminders", "Y", True),
    ("now.reminders", "no", False),
    ("state", "tx", "TX"),
    ("state", "new york", "NY"),
    ("state", "-", None),
    ("client_states", "CA, new york and Texas", ["CA", "NY", "TX"]),
    ("client_states", "ca NY ca", ["CA", "NY"]),
    ("client_states", "North Carolina", ["NC"]),
]


@pytest.mark.parametrize(("fills", "answer", "value"), GOOD)
def test_an_answer_is_read(market: Catalog, fills: str, answer: str, value: object) -> None:
    found = start.read(INTERVIEW.step(fills), answer, market)
    assert (found, type(found)) == (value, type(value))


BAD = [
    ("name", " ", "Some text is needed."),
    ("name", "a\x1b[A", "There is a character in it that cannot be printed: type it anew."),
    ("name", "a\ud800", "There is a character in it that cannot be printed: type it anew."),
    ("name", "x" * 81, "That has 81 characters, and at most 80 are taken."),
    ("clinicians", "0", "0 is out of range: write a number from 1 to 10,000."),
    ("clinicians", "10001", "10,001 is out of range: write a number from 1 to 10,000."),
    ("clinicians", "three", "'three' is not a whole number: write it in digits, such as 1."),
    ("clinicians", "2.5", "'2.5' is not a whole number: write it in digits, such as 1."),
    ("clinicians", "1,20", "'1,20' is not a whole number: write it in digits, such as 1."),
    ("clinicians", "٣", "'٣' is not a whole number: write it in digits, such as 1."),
    ("staff", "-1", "-1 is out of range: write a number from 0 to 10,000."),
    ("replies", "120", "120 is out of range: write a number from 0 to 100."),
    ("purposes", "none", "At least one is needed: without messages there is nothing to compare."),
    ("purposes", "0", "'0' is none of the numbers 1 to 9: write some, such as 1, 2."),
    ("purposes", "1, 10", "'10' is none of the numbers 1 to 9: write some, such as 1, 2."),
    ("purposes", "reminders", "'reminders' is none of the numbers 1 to 9: write some, such as 1, 2."),
    ("circumstances", "9, 10", "9 and 10 exclude each other: leave one of them out."),
    ("circumstances", "11 7 12", "11 and 12 exclude each other: leave one of them out."),
    ("now.reminders", "perhaps", "'perhaps' is neither yes nor no: write y or n."),
    ("now.plan", "zzzzqqq", "There is nothing like 'zzzzqqq' in the catalogue: try another part of the name, or none."),
    ("now.plan", "!!", "There is nothing like '!!' in the catalogue: try another part of the name, or none."),
    (
        "state",
        "texsa",
        "There is no state 'texsa'. Did you mean 'Texas'? Write its name or its two letters, such as TX.",
    ),
    ("state", "XQ", "There is no state 'XQ'. Write its name or its two letters, such as TX."),
    ("client_states", "CA, Bavaria", "There is no state 'Bavaria'."),
]


@pytest.mark.parametrize(("fills", "answer", "said"), BAD)
def test_a_bad_answer_is_explained(market: Catalog, fills: str, answer: str, said: str) -> None:
    with pytest.raises(NotTakenError) as refused:
        start.read(INTERVIEW.step(fills), answer, market)
    assert str(refused.value).startswith(said)


def test_a_bad_answer_is_asked_again_with_the_same_default(market: Catalog) -> None:
    shown, _ = talk(market, ["", "many", "2"])
    assert shown[2] == "'many' is not a whole number: write it in digits, such as 1.\n[1] > "
    assert asked(shown[3]).startswith("3 of 10")


@pytest.mark.parametrize("number", [1, 2, 9, 14])
def test_a_number_is_no_choice_where_nothing_is_offered(market: Catalog, number: int) -> None:
    shown, _ = talk(market, [*[""] * 8, str(number)])
    assert shown[-1] == f"There is no '{number}' to choose: write a part of the tool's name, or none.\n[none] > "


def test_every_plan_is_found_by_its_id_and_by_its_name(market: Catalog) -> None:
    by_title: dict[str, list[str]] = {}
    for plan in market.plan_ids(texting=False):
        assert start.find_plans(market, plan) == ([plan], [])
        by_title.setdefault(market.title(plan).upper(), []).append(plan)
    for title, plans in by_title.items():
        found, near = start.find_plans(market, title)
        assert near == []
        assert set(found) & set(plans)


def test_a_misspelt_vendor_is_suggested(market: Catalog) -> None:
    for vendor in ("spruce-health", "therapynotes", "ringcentral"):
        name = market.vendors[vendor].name
        found, near = start.find_plans(market, name[:3] + name[4:])
        assert found == []
        assert any(plan.startswith(f"{vendor}/") for plan in near)


# Any answers within the ranges.

NUMBERS = {name: INTERVIEW.step(name) for name in ("clinicians", "staff", "sessions_per_week", "reminders", "replies")}
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=80).map(
    lambda text: " ".join(text.split())
)


@st.composite
def valid_values(draw: st.DrawFn) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: draw(st.integers(step.least, min(step.most, 2_000))) for name, step in NUMBERS.items()
    }
    values["name"], values["wording"] = draw(WORDS.filter(bool)), draw(WORDS.filter(bool))
    values["purposes"] = sorted(draw(st.sets(st.integers(1, 9), min_size=1)))
    values["now.plan"] = draw(st.sampled_from([None, "spruce-health/basic", "simplepractice/plus"]))
    values["now.reminders"] = draw(st.booleans())
    values["state"] = draw(st.sampled_from([None, *STATES]))
    values["client_states"] = draw(st.none() | st.lists(st.sampled_from(list(STATES)), unique=True, min_size=1))
    held = draw(st.sets(st.integers(1, 14)))
    values["circumstances"] = sorted(held - {10 if 9 in held else 0, 12 if 11 in held else 0})
    return values


@given(values=valid_values())
@settings(max_examples=80, deadline=None)
def test_any_answers_give_a_file_that_is_read_back_with_these_values(
    values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = start.compose(INTERVIEW, values)
    path = tmp_path_factory.mktemp("any") / "mine.yaml"
    path.write_text(start.as_yaml(made), encoding="utf-8", newline="")
    name, read, _ = practice.load(str(path))
    assert (name, read) == ("mine", made)
    assert (read.name, read.clinicians, read.staff) == (values["name"], values["clinicians"], values["staff"])
    assert (read.sessions_per_week, read.state) == (values["sessions_per_week"], values["state"])
    others = [state for state in values["client_states"] or [] if state != values["state"]]
    assert read.client_states == (others if values["state"] else [])
    out = next((message for message in read.messages if message.direction == "out"), None)
    assert out is not None
    assert out.text == values["wording"]
    reminders = [message for message in read.messages if message.purpose == "reminder"]
    assert [message.count for message in reminders] == ([values["reminders"]] if 1 in values["purposes"] else [])
    assert bool(read.now) == bool(values["now.plan"])
    assert (read.now is not None and read.now.reminders) == bool(
        values["now.plan"] and values["now.reminders"] and 1 in values["purposes"]
    )
    held = values["circumstances"]
    assert (read.minors, read.part2, read.cash_only) == (7 in held, 8 in held, 14 in held)
    assert read.employer == ("forbids" if 9 in held else "unknown" if 10 in held else "none")
    assert read.reading == ("strict" if 11 in held else "request" if 12 in held else "standard")
    assert len(read.professions) == len({1, 2, 3, 4, 5, 6} & set(held))


@given(values=valid_values())
@settings(max_examples=40, deadline=None)
def test_what_is_typed_gives_what_was_meant(values: dict[str, Any], market: Catalog) -> None:
    """The same answers, written as a person would, through the whole conversation."""
    for name in ("name", "wording"):  # these words are commands or the default there
        values[name] = f"Elm {values[name]}"[:80].strip()
    kept = INTERVIEW.held(values)
    typed = [start._as_typed(kept[step.fills]) for _, step, _ in INTERVIEW.steps if step.fills in kept]
    _, found = talk(market, [*typed, ""])
    assert found == start.compose(INTERVIEW, values)


# The practice file.


@given(text=WORDS.filter(bool), note=st.none() | WORDS.filter(bool))
@settings(max_examples=150, deadline=None)
def test_any_words_are_written_so_that_they_are_read_back(
    text: str, note: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = Practice(
        name=text, clinicians=1, sessions_per_week=1, messages=[Message(purpose="reminder", text=text)], note=note
    )
    path = tmp_path_factory.mktemp("words") / "mine.yaml"
    path.write_text(start.as_yaml(made), encoding="utf-8", newline="")
    assert practice.load(str(path))[1] == made


@pytest.mark.parametrize(
    "text", ["08", "true", "null", "2026-01-01", "yes", "a: b", "# no", "{{x}}", "'", '"\\', "~", "é😊"]
)
def test_words_that_yaml_reads_otherwise_stay_words(text: str, tmp_path: Path) -> None:
    made = Practice(name=text, clinicians=1, sessions_per_week=1, messages=[Message(purpose="reminder", text=text)])
    path = tmp_path / "mine.yaml"
    path.write_text(start.as_yaml(made), encoding="utf-8")
    assert practice.load(str(path))[1] == made


FILES = [*practice.presets().practices, *map(str, sorted((Path(__file__).parent / "practices").glob("*.yaml")))]


@pytest.mark.parametrize("name", FILES, ids=lambda name: Path(name).stem)
def test_every_practice_at_hand_is_written_and_read_back(name: str, tmp_path: Path) -> None:
    _, made, _ = practice.load(name)
    path = tmp_path / "mine.yaml"
    path.write_text(start.as_yaml(made, "A remark."), encoding="utf-8")
    _, read, _ = practice.load(str(path))
    assert read.model_copy(update={"sources": {}}) == made.model_copy(update={"sources": {}})
    named = {message.source for message in made.messages if message.source}
    assert named <= set(read.sources)
    assert all(made.sources[key] == source for key, source in read.sources.items())


@pytest.mark.parametrize("name", start.EXAMPLES)
def test_each_line_that_is_a_comment_holds_once_its_mark_is_taken_away(name: str, tmp_path: Path) -> None:
    made = Practice(name="Elm", clinicians=2, sessions_per_week=30, messages=[Message(purpose="reminder")])
    text = start.as_yaml(made)
    freed = re.sub(rf"(?m)^#?{name}: .*\n", "", text) + f"{name}: {start._flow(start.EXAMPLES[name])}\n"
    if name != "staff":
        assert f"\n#{name}: {start._flow(start.EXAMPLES[name])}\n" in text
        freed = re.sub(rf"(?m)^#(?={name}: )", "", text).replace("staff: 0", "staff: 2")
    path = tmp_path / "mine.yaml"
    path.write_text(freed, encoding="utf-8")
    found = getattr(practice.load(str(path))[1], name)
    assert (found.model_dump() if isinstance(found, Now) else found) == start.EXAMPLES[name]


def test_every_field_of_a_practice_is_asked_written_or_shown_as_a_comment() -> None:
    assert set(start.EXAMPLES) | set(start.ALWAYS) | {"sources"} == set(Practice.model_fields)


# The file of the questions.

OWN = (data_folder() / "interview.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    kind: number\n    fills: clinicians", "    kind: numbr\n    fills: clinicians", "did you mean 'number'?"),
        ("    default: 1\n    least: 1\n    most: 10000", "    default: 0\n    least: 1\n    most: 10000",
         "the default 0 is not within 1 and 10000: change one of them"),
        ("default: Our practice", "default: 3", "the default 3 is no answer of the kind 'text': change one of them"),
        ("default: [1, 2, 3]", "default: [1, 2, 33]",
         "the default [1, 2, 33] names a choice that is not there: count from 1"),
        ("    fills: state\n", "    fills: client_states\n", "two questions fill 'client_states': keep one of them"),
        ("    fills: sessions_per_week", "    fills: state", "no question fills 'sessions_per_week'"),
        ("    default: 0\n", "", "a question of the kind 'number' needs a default: add 'default:'"),
        ("sets: {minors: true}", "sets: {minors: perhaps}", "write true or false"),
        ("sets: {minors: true}", "sets: {minor: true}", "did you mean 'minors'?"),
        ("    why: many plans charge", "    because: many plans charge", "'why' is missing"),
        ("    kind: plan\n", "    kind: choices\n", "add or remove them"),
        ("{purpose: team, text:", "{purpose: teem, text:", "did you mean 'team'?"),
    ],
)  # fmt: skip
def test_a_fault_in_the_questions_is_told_with_its_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in OWN
    path = tmp_path / "interview.yaml"
    path.write_text(OWN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(said)) as refused:
        start.load(path)
    assert all(problem.line for problem in refused.value.problems)


def test_other_words_and_fewer_questions_do_as_well(market: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "interview.yaml"
    text = OWN.replace("What is your practice called?", "Ihr Name?")
    path.write_text(re.sub(r"(?s)  - ask: In which state do you.*?(?=  - ask: Which)", "", text), encoding="utf-8")
    shown, found = talk(market, [""] * 11, start.load(path))
    assert "1 of 9  Ihr Name?" in shown[0]
    assert (found.state, found.client_states) == (None, [])


def test_a_notebook_in_a_working_folder_asks_for_today() -> None:
    made = {name: text for name, text in start.contents("solo").items() if name[:2] in ("01", "02", "03", "05", "06")}
    assert len(made) == 5
    assert all('"as_of = \\"\\"  # ' in text and '"as_of = \\"2' not in text for text in made.values())


# The commands.


def texteval(folder: Path, *words: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TEXTEVAL_COMMAND"}
    return subprocess.run(
        [sys.executable, "-m", "texteval", *words],
        input=answers, check=False, capture_output=True, encoding="utf-8", cwd=folder, env=environment, timeout=120,
    )  # fmt: skip


Here = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    """Run a command in this process, in a folder of its own: exit code, output and messages."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TEXTEVAL_COMMAND", raising=False)

    def run(*words: str, answers: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answers.encode()), encoding="ascii"))
        with pytest.raises(SystemExit) as stopped:
            main(words)
        out, err = capsys.readouterr()
        assert isinstance(stopped.value.code, int)
        return stopped.value.code, out, err

    return run


def test_answers_from_a_pipe_make_a_file_that_decide_takes(tmp_path: Path) -> None:
    answers = ["Élan Street 😊", "3", "1", "60", "1", "1", "60", "", "spruce basic", "y", "Texas", "CA", "2, 7", ""]
    ran = texteval(tmp_path, "new-practice", "-o", "our practice.yaml", answers="\n".join(answers) + "\n")
    assert (ran.returncode, ran.stderr) == (0, "")
    next_command = "Next: texteval decide --practice 'our practice.yaml'"
    assert ran.stdout.endswith(f"Written: our practice.yaml\n{next_command}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["our practice.yaml"]
    _, found, _ = practice.load(str(tmp_path / "our practice.yaml"))
    assert (found.name, found.logins, found.state, found.client_states) == ("Élan Street 😊", 4, "TX", ["CA"])
    assert found.now == Now(plan="spruce-health/basic", reminders=True)
    ran = texteval(
        tmp_path, "decide", "--practice", "our practice.yaml", "--draws", "200", "--as-of", TODAY.isoformat()
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Élan Street 😊" in ran.stdout


@pytest.mark.parametrize("answers", ["", "Elm\n3\n", "\n" * 11])
def test_answers_that_end_too_soon_write_nothing(here: Here, tmp_path: Path, answers: str) -> None:
    code, _, err = here("new-practice", answers=answers)
    assert code == 2
    assert err == "texteval: the answers ended before the last question: nothing is written\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to a process otherwise on Windows")
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "texteval", "new-practice"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=tmp_path
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write("Elm\n" + "\n" * 10)
        process.stdin.flush()
        while "It comes to about" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        assert process.stderr.read() == "texteval: stopped.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_only_replaced_when_asked(here: Here, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("old", encoding="utf-8")
    for answers in ("\n", "n\n", ""):
        code, out, err = here("new-practice", answers=answers)
        assert (code, err, mine.read_text(encoding="utf-8")) == (0, "", "old")
        assert "mine.yaml is there already. Shall the new file take its place? [y/N] " in out
        assert out.endswith("Nothing is changed. Name another file with -o.\n")
    code, out, _ = here("new-practice", answers="y\n" + "\n" * 11 + "no\n")
    assert (code, mine.read_text(encoding="utf-8")) == (0, "old")
    assert out.endswith("Nothing is written.\n")
    assert here("new-practice", answers="y\nÉlan\n" + "\n" * 11)[0] == 0
    assert practice.load(str(mine))[1].name == "Élan"


def test_a_place_that_cannot_be_written_is_told_before_the_first_question(here: Here, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "folder.yaml").mkdir()
    for place, said in {
        "folder.yaml": "this is a folder: name a file in it, such as",
        "mine.txt": "a practice file ends in .yaml: write mine.txt.yaml",
        "file/mine.yaml": "file is a file, not a folder: choose another place",
    }.items():
        code, out, err = here("new-practice", "-o", place)
        assert (code, out) == (2, "")
        assert err.replace("\\", "/").startswith(f"texteval: {place}: ")
        assert said in err


# The working folder.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("work") / "Élan & Co"
    written, left = start.fill(place, "small-group")
    assert left == []
    assert sorted(written) == sorted(path.name for path in place.iterdir())
    return place


def test_the_folder_holds_every_notebook_and_the_three_files(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert names == {path.name for path in notebooks} | {"mine.yaml", "own-facts.yaml", "brand.yaml"}
    today, fixed = b'as_of = \\"\\"', f'as_of = \\"{TODAY}\\"'.encode()
    assert all((folder / path.name).read_bytes().replace(today, fixed) == path.read_bytes() for path in notebooks)


def test_the_practice_of_the_folder_is_the_preset(folder: Path) -> None:
    _, mine, _ = practice.load(str(folder / "mine.yaml"))
    preset = practice.presets().practices["small-group"]
    assert mine.model_copy(update={"sources": {}}) == preset


def test_the_overlay_of_the_folder_changes_nothing_until_its_lines_are_freed(
    folder: Path, tmp_path: Path, market: Catalog
) -> None:
    laid = catalog.load(overlay=folder / "own-facts.yaml")
    assert laid.vendors == market.vendors
    text = (folder / "own-facts.yaml").read_text(encoding="utf-8")
    head, _, rest = text.partition("\nsources:")
    freed = tmp_path / "freed.yaml"
    freed.write_text(f"{head}\nsources:{re.sub('(?m)^#', '', rest)}", encoding="utf-8")
    freed_catalog = catalog.load(overlay=freed)
    lines = freed_catalog.price_lines("spruce-health/basic", TODAY)
    assert lines is not None
    assert [(line.name, line.charge.usd) for line in lines if line.own] == [("Seats", 20_000_000)]
    first = freed_catalog.vendors["spruce-health"].facts["data_in_us"][0]
    assert (first.value, freed_catalog.sources[first.source].title) == ("yes", "Our contract with Spruce Health")


def test_the_brand_of_the_folder_is_one(folder: Path) -> None:
    look = brand.load(folder / "brand.yaml")
    assert (look.firm, look.logo, look.remarks) == ("Our practice", None, ())
    assert look.contact and look.cover


def test_the_next_init_leaves_alone_what_is_there(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "work"
    shutil.copytree(folder, place)
    (place / "mine.yaml").write_text("my own", encoding="utf-8")
    (place / "brand.yaml").unlink()
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    ran = texteval(tmp_path, "init", "work")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Written to work:\n  brand.yaml " in ran.stdout
    assert ran.stdout.count("\n  ") == 4, "the one file, and three commands"
    assert f"Left as they were: {', '.join(sorted(name for name in before if name.endswith('.ipynb')))}" in ran.stdout
    assert {name: (place / name).read_bytes() for name in before} == before
    assert (place / "brand.yaml").read_bytes() == (folder / "brand.yaml").read_bytes()


def test_init_tells_what_to_do_next_with_paths_that_a_shell_takes(tmp_path: Path) -> None:
    ran = texteval(tmp_path, "init", "our work")
    assert (ran.returncode, ran.stderr) == (0, "")
    for line in (
        "  texteval new-practice -o 'our work/mine.yaml'\n",
        "  texteval decide --practice 'our work/mine.yaml' --overlay 'our work/own-facts.yaml'\n",
        "  texteval lab 'our work'\n",
    ):
        assert line in ran.stdout.replace("\\", "/")
    assert max(map(len, ran.stdout.split("\n"))) <= 100


def test_init_at_a_file_and_lab_without_a_folder_are_told(here: Here, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    told = "texteval: file: this is a file: name a folder, which is made if need be\n"
    assert here("init", "file") == (2, "", told)
    told = "texteval: nowhere: there is no such folder: 'texteval init nowhere' makes one\n"
    assert here("lab", "nowhere") == (2, "", told)
    with pytest.raises(UserError, match="is a file"):
        start.fill(tmp_path / "file" / "below", "small-group")


def test_a_notebook_of_the_folder_runs_there_with_the_practice_beside_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "Élan & Co"
    shutil.copytree(folder, place)
    text = (place / "mine.yaml").read_text(encoding="utf-8")
    (place / "mine.yaml").write_text(text.replace("Small group practice", "Our own name"), encoding="utf-8")
    notebook = nbformat.read(place / "01-compare-vendors.ipynb", as_version=4)
    parameters, *others = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert 'practice = "small-group"' in parameters
    monkeypatch.chdir(place)  # as a kernel is started in the folder of its notebook
    names: dict[str, Any] = {}
    for source in (parameters.replace('"small-group"', '"mine.yaml"'), *others):
        exec(source, names)
    assert names["found"].practice.name == "Our own name"


# The double click.

CMD, COMMAND = ROOT / "Start texteval.cmd", ROOT / "start-texteval.command"
STUB = "import os, sys\nprint('started', sys.argv[1:], os.path.basename(os.getcwd()))\nsys.exit(%d)\n"
on_posix = pytest.mark.skipif(os.name == "nt", reason="the Mac's launcher needs bash")


def double_click(place: Path, path: str | None = None, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Start the Mac's launcher as Finder does: by its full path, from elsewhere; Return closes the window."""
    place.mkdir(exist_ok=True)
    shutil.copy(COMMAND, place)
    if code is not None:
        (place / "run.py").write_text(STUB % code, encoding="utf-8")
    environment = os.environ | ({} if path is None else {"PATH": path})
    bash = shutil.which("bash")
    assert bash is not None
    return subprocess.run(
        [bash, str(place / COMMAND.name)],
        input="\n", check=False, capture_output=True, encoding="utf-8", cwd=place.parent, env=environment, timeout=60,
    )  # fmt: skip


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder that is the whole PATH, in which this Python is called python3."""
    place = tmp_path / "bin"
    place.mkdir()
    (place / "python3").symlink_to(sys.executable)
    return place


@on_posix
@pytest.mark.parametrize("name", ["a folder", "Élan's $HOME & Co", "-x"])
def test_a_double_click_runs_the_app_in_its_own_folder(tmp_path: Path, programs: Path, name: str) -> None:
    ran = double_click(tmp_path / name, str(programs))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"started ['app'] {name}\n", "")


@on_posix
def test_a_stop_keeps_the_window_open_and_control_c_does_not(tmp_path: Path, programs: Path) -> None:
    ran = double_click(tmp_path / "a", str(programs), code=2)
    assert ran.returncode == 1
    assert "texteval: it stopped; the reason stands above.\n\nPress Return to close this window." in ran.stdout
    ran = double_click(tmp_path / "a", str(programs), code=130)
    assert (ran.returncode, ran.stdout) == (0, "started ['app'] a\n")


@on_posix
def test_without_python_or_with_an_old_one_the_sentence_comes(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    old = tmp_path / "old"
    old.mkdir()
    (old / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (old / "python3").chmod(0o755)
    for path in (tmp_path / "empty", old):
        ran = double_click(tmp_path / "a", str(path))
        assert (ran.returncode, ran.stderr) == (1, "")
        assert ran.stdout.startswith(
            "texteval: Python 3.11 or newer is needed, and was not found. Get it from https://"
        )
        assert "Press Return" in ran.stdout


@on_posix
def test_the_newest_python_is_taken_before_an_older_default(tmp_path: Path, programs: Path) -> None:
    (programs / "python3").rename(programs / "python3.12")
    (programs / "python3").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (programs / "python3").chmod(0o755)
    assert double_click(tmp_path / "a", str(programs)).stdout == "started ['app'] a\n"


@on_posix
def test_a_launcher_without_run_py_says_what_is_missing(tmp_path: Path) -> None:
    ran = double_click(tmp_path / "a", code=None)
    assert ran.returncode == 1
    assert ran.stdout.startswith("texteval: run.py is missing beside this file.")


@on_posix
def test_the_launcher_for_the_mac_may_be_run_and_needs_no_newer_bash() -> None:
    assert COMMAND.stat().st_mode & stat.S_IXUSR
    raw = COMMAND.read_bytes()
    assert raw.isascii() and b"\r" not in raw
    assert raw.startswith(b"#!/bin/bash\n")
    assert not re.search(rb"\[\[|\$\{\w+[,^]|mapfile|declare -A|\|&", raw), "a Mac has bash 3.2"


def test_the_launcher_for_windows_is_sound_as_far_as_it_can_be_read_here() -> None:
    """There is no Windows here: line ends, labels, quotes and the way out are read, not run."""
    raw = CMD.read_bytes()
    assert raw.isascii()
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r") > 20
    lines = raw.decode().split("\r\n")
    assert lines[0] == "@echo off"
    labels = {line[1:] for line in lines if line.startswith(":")}
    jumps = {name for line in lines for name in re.findall(r"(?:goto|call) :?(\w+)", line)}
    assert jumps - {"eof"} == labels - {"failed"} | {"failed"}
    assert 'pushd "%~dp0" || goto nofolder' in lines, "in quotes, for spaces; pushd, for a folder on a server"
    assert "%found% run.py app" in lines
    assert all(line.count('"') % 2 == 0 for line in lines)
    failed = lines[lines.index(":failed") :]
    assert failed.index("pause") < failed.index("exit /b 1"), "the window stays open"
    assert "https://www.python.org/downloads/" in raw.decode()
    assert (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()[1:] == ["*.cmd -text", "*.command -text"]
