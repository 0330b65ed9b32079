"""The commands ``decide`` and ``why-not``: one screen, what stands on it for practices of all kinds, plain messages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from conftest import ROOT
from test_cli import plain, run, run_apart
from texteval.cli import main

__all__ = ["plain"]

PRACTICES = ROOT / "tests" / "practices"
FEW = ["--draws", "64", "--as-of", "2026-11-22"]
SMALL = ["--data", str(ROOT / "tests" / "golden" / "catalogue.yaml"), "--as-of", "2026-06-30", "--draws", "64"]
"""A small catalogue, for what is refused before it matters."""
LINES = 45
"""What an owner reads at once."""

COMMON = {"solo": "solo", "clinic": "clinic", **{path.stem: str(path) for path in sorted(PRACTICES.glob("*.yaml"))}}


@pytest.fixture(scope="module")
def screens() -> dict[str, str]:
    """Show the advice for each practice."""
    import contextlib
    import io

    shown = {}
    for name, where in COMMON.items():
        out = io.StringIO()
        with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as stopped:
            main(["decide", "--practice", where, *FEW])
        assert stopped.value.code == 0
        shown[name] = out.getvalue()
    return shown


def folded(text: str) -> str:
    """Join the lines of a screen, so that a sentence can be looked for."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("name", COMMON)
def test_the_advice_is_one_screen_of_80_columns(screens: dict[str, str], name: str) -> None:
    lines = screens[name].rstrip("\n").split("\n")
    assert [line for line in lines if cell_len(line) > 80 and not line.startswith("Next: ")] == []
    assert 8 < len(lines) <= LINES
    assert lines[-1].startswith("Next: texteval decide --flips --practice ")
    assert "Not legal advice." in screens[name]
    assert not [
        line for line in lines if re.search(r"\bNone\b(?! of the tools)|\bnan\b|[{}]|_", line) and line != lines[-1]
    ]


@pytest.mark.parametrize("name", COMMON)
def test_no_sentence_is_told_twice_in_one_answer(screens: dict[str, str], name: str) -> None:
    for answer in re.split(r"\n\s*\n", screens[name]):
        asked = re.findall(r"[A-Z][^.?]*\?", folded(answer))
        assert len(asked) == len(set(asked))


def test_skills_coaching_has_two_answers(screens: dict[str, str]) -> None:
    text = screens["skills-coaching"]
    assert re.search(r"^Reminder *$", text, re.M)
    assert re.search(r"^Reminder, skills coaching *$", text, re.M)
    assert text.count("Take Spruce Health Basic: $307.50 in the first year.") == 2  # 12 * 24 + 19.50
    assert text.count("By secure message (app or portal). Proven:") == 2


def test_the_premise_of_the_group_comes_first(screens: dict[str, str]) -> None:
    text = folded(screens["group-of-five"])
    assert text.startswith("What Group of five may run First: SimplePractice Essential cannot hold your practice.")
    assert "It takes at most 1 clinician, and you have 5; at most 1 login, and you have 7." in text
    assert "Ask: Look at your invoice: which plan do you really pay for, and who has a login?" in text
    # Plus: 12 * (99 + 4 * 74) + 5 * 20 = 4,840. Spruce Basic for seven logins: 12 * 7 * 24 + 19.50 = 2,035.50.
    assert (
        "If it is SimplePractice Plus (alone: verify first): Keep it and add Spruce Health Basic, $6,875.50 in the "
        "first year, $2,035.50 more than that plan alone." in text
    )
    assert text.index("If it is") < text.index("Take Spruce Health Basic: $2,035.50 in the first year.")


def test_what_is_kept_stands_with_what_is_paid_today(screens: dict[str, str]) -> None:
    text = folded(screens["keeps-its-software"])
    # TherapyNotes: 12 * (79 + 2 * 50) = 2,148, and 1,040 reminders at 0.14 = 145.60. Spruce: 12 * 4 * 24 + 19.50.
    assert "Today you pay $2,293.60 a year, by the price list." in text
    assert (
        "Keep TherapyNotes Group and add Spruce Health Basic: $3,319.50 in the first year, $1,025.90 more than today."
        in text
    )


def test_a_consumer_app_has_ways_out_and_is_not_paid_for(screens: dict[str, str]) -> None:
    text = folded(screens["consumer-app"])
    assert "First: Google Voice (personal) Personal is a consumer app." in text
    assert text.count("If it is Google Workspace Voice") == 3
    assert "more way out with --all." in text or "more ways out with --all." in text
    assert "Today you pay" not in text


def test_what_holds_is_told_with_its_first_step_and_in_full_with_all(
    screens: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    short = folded(screens["two-states"])
    assert "What else holds for you (in full with --all)" in short
    for state in ("California: ", "Texas: "):
        assert state in short
    assert "Civil penalties go up to $250,000." not in short
    _, out, _ = run(capsys, "decide", "--practice", COMMON["two-states"], "--all", *FEW)
    full = folded(out)
    assert "What else holds for you California" in full
    assert "Civil penalties go up to $250,000." in full
    assert "with --all" not in full
    assert len(full) > len(short)


def test_where_nothing_qualifies_the_one_thing_is_named(screens: dict[str, str]) -> None:
    text = folded(screens["forbidden"])
    assert (
        "None of the tools qualifies. One thing alone stands in the way of this: Take Spruce Health Basic, $307.50"
        in text
    )
    assert "in the first year. The employer or site forbids texting with clients." in text
    assert "Ranked by" not in text


# Options.


def test_flips_and_the_table_come_on_demand(capsys: pytest.CaptureFixture[str], screens: dict[str, str]) -> None:
    assert "What alone would change" not in screens["solo"]
    golden = ["--practice", str(ROOT / "tests" / "golden" / "practice.yaml"), *SMALL]
    code, out, err = run(capsys, "decide", "--flips", "--ranking", *golden)
    assert (code, err) == (0, "")
    text = folded(out)
    # Penny: 12 * 5 + 2240 * p, Porchlight: 12 * 3 * 24 = 864. Penny is dearer from p = 804.005 / 2240 = 0.358931 on.
    assert "Take Penny Texts: $261.60 in the first year." in text
    assert "Penny Texts, Texts sent: $0.09 now; at or above $0.359 Porchlight Basic is first." in text
    assert "Porchlight Basic would be first if at Penny any one of these were not met (met now): " in text
    assert "weights: first-year cost a month for each person with a login 20%" in text
    assert re.search(r"1 +\w+/\w+ +0\.\d{3} +(over )?\d+%", out)
    assert "Next: " not in out
    assert [line for line in out.split("\n") if cell_len(line) > 80] == []


def test_the_data_is_that_of_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "decide", "--practice", COMMON["keeps-its-software"], "--json", *FEW)
    data = json.loads(out)
    assert (data["now_year_usd"], data["premises"]) == (2293.60, [])
    (answer,) = data["answers"]
    assert answer["first"] == answer["options"][0]
    assert {k: answer["first"][k] for k in ("plan", "way", "kept", "year_usd", "more_than_today_usd")} == {
        "plan": "spruce-health/basic",
        "way": "add",
        "kept": "therapynotes/group",
        "year_usd": 3319.50,
        "more_than_today_usd": 1025.90,
    }
    assert answer["flips"] is None
    assert sum(answer["ranking"]["weights"].values()) == pytest.approx(1)
    assert sum(row["first_share_near"] for row in answer["ranking"]["options"]) == pytest.approx(1, abs=1e-4)
    assert re.fullmatch(r"[0-9a-f]{12}(-[0-9a-f]{12}){4}", data["data_hash"])


def test_the_same_seed_gives_the_same_screen(capsys: pytest.CaptureFixture[str], screens: dict[str, str]) -> None:
    _, again, _ = run(capsys, "decide", "--practice", "solo", *FEW)
    assert again == screens["solo"]
    _, other, _ = run(capsys, "decide", "--practice", "solo", *FEW, "--seed", "7")
    assert other != again


def test_own_weights_change_the_ranking_and_not_the_advice(
    capsys: pytest.CaptureFixture[str], screens: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("weights: {evidence: 1}\n", encoding="utf-8")
    _, out, _ = run(capsys, "decide", "--practice", "solo", "--weights", str(path), *FEW)
    assert "Take Spruce Health Basic: $307.50" in out
    assert "(weights: mine.yaml) Spruce Health Basic" in folded(out)
    assert "(weights: solo) Carepatron Free (verify first)" in folded(screens["solo"])


# What is refused.

PRACTICE = """\
name: P
clinicians: 1
sessions_per_week: 20
messages:
  - {purpose: reminder}
"""


STRICT = "'reading: strict' rules out plain texts, and 'prefer' names only"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "now: {plan: penny/text}",
            "FILE:6: now.plan: there is no plan 'penny/text': did you mean 'penny/texts'?",
        ),
        ("now: {plan: penny}", "FILE:6: now.plan: 'penny' does not fit here"),
        ("now: {plan: penny/texts, account: fre}", "FILE:6: now.account: 'fre' is not known: did you mean 'free'?"),
        ("now: {plan: penny/texts, acount: free}", "FILE:6: now.acount: 'acount' is not a field here: did you mean"),
        ("state: Texas", "FILE:6: state: 'Texas' is not a code: write TX"),
        ("state: TY", "FILE:6: state: there is no state 'TY'"),
        ("client_states: [CA, ZZ]", "FILE:6: client_states[2]: there is no state 'ZZ'"),
        ("professions: [psychologists]", "FILE:6: professions[1]: 'psychologists' is not known: did you mean 'psych"),
        ("reading: stict", "FILE:6: reading: 'stict' is not known: did you mean 'strict'?"),
        ("employer: forbid", "FILE:6: employer: 'forbid' is not known: did you mean 'forbids'?"),
        ("reading: strict\nprefer: [sms, mms]", f"{STRICT} sms and mms: add secure_message to 'prefer', or choose"),
        ("reading: strict\nprefer: [sms]", f"{STRICT} sms: add secure_message"),
    ],
)
def test_a_practice_that_cannot_be_is_refused_in_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, lines: str, said: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"{PRACTICE}{lines}\n", encoding="utf-8")
    code, out, err = run(capsys, "decide", "--practice", str(path), *SMALL)
    assert (code, out) == (2, "")
    assert said.replace("FILE", str(path)) in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "message", ["{purpose: coaching}", "{purpose: reminder, count: 0}", "{purpose: reminder, percent: 0}"]
)
def test_reminders_that_go_out_and_are_not_among_the_messages(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, message: str
) -> None:
    text = PRACTICE.replace("{purpose: reminder}", message)
    path = tmp_path / "mine.yaml"
    path.write_text(text + "now: {plan: ledger/core, reminders: true}\n", encoding="utf-8")
    code, _, err = run(capsys, "decide", "--practice", str(path), *SMALL)
    assert code == 2
    assert "'now' says that reminders go out, and no reminder is among the messages" in err
    path.write_text(text + "now: {plan: ledger/core, reminders: false}\n", encoding="utf-8")
    code, _, err = run(capsys, "decide", "--practice", str(path), *SMALL)
    assert "reminders go out" not in err


@pytest.mark.parametrize("zero", ["count: 0", "percent: 0"])
def test_a_practice_that_sends_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path, zero: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(PRACTICE.replace("reminder}", f"reminder, {zero}}}"), encoding="utf-8")
    code, _, err = run(capsys, "decide", "--practice", str(path), *SMALL)
    assert (code, err) == (2, "texteval: P has no messages: every count is zero; write how many you send\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--weights", "soloo"], "there is no preset 'soloo', and it names no YAML file with weights: did you mean"),
        (["--weights", "nowhere.yaml"], "nowhere.yaml: there is no such file: check the name and the folder"),
        (["--draws", "0"], "0 draws cannot be simulated: take 1 to 1,048,576"),
        (["--draws", "-3"], "-3 draws cannot be simulated: take 1 to 1,048,576"),
        (["--seed", "-1"], "-1 is no seed: take a whole number from 0"),
        (["--practice", "soloo"], "there is no practice 'soloo': did you mean 'solo'?"),
        (["--as-of", "1999-01-01"], "no price is known on 1999-01-01"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    code, out, err = run(capsys, "decide", "--practice", "solo", *SMALL, *words)
    assert (code, out) == (2, "")
    assert err.startswith(f"texteval: {said}")
    assert err.count("\n") == 1


def test_all_faults_of_a_weights_file_are_told_with_their_lines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("weights:\n  cost: -1\n  teem: 2\n", encoding="utf-8")
    code, _, err = run(capsys, "decide", "--practice", "solo", "--weights", str(path), *SMALL)
    assert code == 2
    assert err.splitlines() == [
        f"{path}:2: weights.cost: the weight -1 is below zero: write a number from zero up",
        f"{path}:3: weights.teem: there is no criterion 'teem': did you mean 'team'?",
    ]


def test_in_a_process_of_its_own_nothing_but_the_screen_is_written(tmp_path: Path, screens: dict[str, str]) -> None:
    shown = run_apart("decide", "--practice", "solo", *FEW, cwd=tmp_path)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout == screens["solo"]
    assert list(tmp_path.iterdir()) == []


# Why not.


def test_why_a_plan_is_not_the_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(
        capsys, "why-not", "simplepractice", "--practice", COMMON["group-of-five"], "--as-of", "2026-11-22"
    )
    assert (code, err) == (0, "")
    text = folded(out)
    assert text.startswith(
        "Reminder, confirmation: why not SimplePractice Plus? Open: BAA: yes, but only from a review"
    )
    assert "Rule: 45 CFR 164.502(e)" in text
    assert "Ask: Do you sign a business associate agreement" in text
    # 4,840.00 against 2,035.50
    assert "$4,840.00 in the first year: $2,804.50 more than Spruce Health Basic, which is advised." in text
    assert f"Next: texteval vendor simplepractice --practice {COMMON['group-of-five']}" in out
    assert [line for line in out.split("\n") if cell_len(line) > 80 and not line.startswith("Next: ")] == []


def test_the_one_that_is_advised_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(
        capsys, "why-not", "spruce-health", "--practice", COMMON["skills-coaching"], "--as-of", "2026-11-22"
    )
    assert out.count("It is the one that is advised: $307.50 in the first year.") == 2
    assert "\n\n\n" not in out


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("whatsapp/app", "Not met: BAA: "),
        ("google-workspace-voice", "Not met: Clinical content stays in the app or portal."),
        ("simplepractice/starter", "No channel for: Skills coaching."),
        ("medesk", "What it charges is not published in full."),
        ("aws-end-user-messaging", "It is a building block: software must be made or bought around it."),
    ],
)
def test_what_keeps_a_plan_back_is_told(capsys: pytest.CaptureFixture[str], plan: str, said: str) -> None:
    _, out, _ = run(capsys, "why-not", plan, "--practice", COMMON["skills-coaching"], "--as-of", "2026-11-22")
    assert said in folded(out)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("simplepractise", "there is no vendor 'simplepractise': did you mean 'simplepractice'?"),
        ("simplepractice/pluss", "there is no plan 'simplepractice/pluss' that sends messages on 2026-11-22: did you"),
        ("ensora-mental-health/legacy", "there is no plan 'ensora-mental-health/legacy' that sends messages on"),
        ("doxy-me", "doxy-me has no plan that sends messages and is sold on 2026-11-22"),
    ],
)  # fmt: skip
def test_a_plan_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], plan: str, said: str) -> None:
    code, out, err = run(capsys, "why-not", plan, "--practice", "solo", "--as-of", "2026-11-22")
    assert (code, out) == (2, "")
    assert err.startswith(f"texteval: {said}")


def test_every_key_of_the_data_has_a_value_that_can_be_read_again(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "decide", "--practice", COMMON["two-states"], "--json", "--flips", *FEW)

    def numbers(value: Any) -> list[float]:
        if isinstance(value, dict):
            return [n for item in value.values() for n in numbers(item)]
        if isinstance(value, list):
            return [n for item in value for n in numbers(item)]
        return [value] if isinstance(value, float) else []

    data = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert numbers(data)
    flips = data["answers"][0]["flips"]
    assert {flip["kind"] for flip in flips} == {"price", "fact"}
    seats = next(flip for flip in flips if flip["what"] == "Seats" and flip["plan"] == "spruce-health/basic")
    # Two logins: 24 * p + 19.50 is a cent dearer than 24 * 49 + 19.50 from 49 + 0.005 / 24 = 49.000208 on.
    assert (seats["now"], seats["then"]) == (24, 49.000209)
