"""The command line: exit codes, plain messages, data for machines, and frozen outputs.

To write the golden outputs anew after a wanted change: ``TEXTEVAL_UPDATE_GOLDEN=1 python -m pytest tests/test_cli.py``,
then read the difference.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from texteval import __version__
from texteval.cli import main

GOLDEN = Path(__file__).parent / "golden"
BROKEN = Path(__file__).parent / "broken"
DATA = ["--data", str(GOLDEN / "catalogue.yaml"), "--as-of", "2026-06-30"]
PRACTICE = ["--practice", str(GOLDEN / "practice.yaml")]
FROZEN = [*DATA, *PRACTICE]


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No colours and no width of the tester's terminal."""
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command line here; return exit code, output and messages."""
    with pytest.raises(SystemExit) as stopped:
        main(words)
    out, err = capsys.readouterr()
    code = stopped.value.code
    assert isinstance(code, int)
    return code, out, err


def run_apart(*words: str, cwd: Path | None = None, python: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, *python, "-m", "texteval", *words],
        check=False,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
    )


# Golden outputs.

OUTPUTS = {
    "compare": ["compare", *FROZEN],
    "compare-all": ["compare", "--all", *FROZEN],
    "vendor": ["vendor", "ledger", *FROZEN],
    "bill": ["bill", "ledger/texting", *FROZEN],
    "bill-unpublished": ["bill", "hush/quote", *FROZEN],
    "breakeven": ["breakeven", "penny/texts", "porchlight/basic", *FROZEN],
    "segments": ["segments", "See you at 2 PM 😊"],
}


def masked(text: str) -> str:
    """Leave out what changes with the rules, the version and the machine; and blanks at line ends."""
    text = re.sub(r" +$", "", text, flags=re.M)
    text = re.sub(r"[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{12}", "HASH", text)
    return text.replace(f"texteval {__version__}", "texteval VERSION").replace(f"{GOLDEN}{os.sep}", "")


@pytest.mark.parametrize(("name", "words"), OUTPUTS.items(), ids=list(OUTPUTS))
def test_the_output_is_as_it_was(capsys: pytest.CaptureFixture[str], name: str, words: list[str]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("TEXTEVAL_UPDATE_GOLDEN"):
        path.write_text(masked(out), encoding="utf-8", newline="\n")
    assert masked(out) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OUTPUTS)
def test_no_line_is_wider_than_80_columns(name: str) -> None:
    lines = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if cell_len(line) > 80 and not line.startswith("Next: ")] == []
    assert len(lines) > 2


# Figures that must stand in the golden outputs, by hand (the practice sends 2,240 texts in 2,480 segments a year).
FIGURES = {
    "compare": [
        r"187 messages sent and 100 received a month",  # 2240 / 12 = 186.67; 1200 / 12
        r"penny/texts +\$21\.80 +\$261\.60",  # 12 * 5 + 2240 * 0.09
        r"porchlight/basic +\$72\.00 +\$864\.00",  # 3 * 24
        r"wire/metered +\$3\.52 +\$42\.28",  # 2480 * 0.011 + 15
        r"murmur/plus +\$24\.00 +\$288\.00",  # 3 * 8
        r"hush/quote +unknown +unknown",
        r"ledger/texting +\$64\.89 +\$778\.64",  # 720 + 51.20 + 7.44; / 12 = 64.887
        r"Can be used now \(3\)",
        r"Verify first: ask before you pay \(3\)",
        r"Not usable \(1\)",
    ],
    "compare-all": [r"murmur/max +\$60\.00 +\$720\.00", r"Verify first: ask before you pay \(4\)"],
    "bill": [
        r"Record system \[\d\] +2 +\$30\.00 +\$60\.00 +\$720\.00",
        r"Texts sent \[\d\] +1,280 +\$0\.04 +\$4\.27 +\$51\.20",  # (4 * 106 + 8 * 107) * 0.04; / 12 = 4.267
        r"Carrier fee \[\d\] +2,480 +\$0\.003 +\$0\.62 +\$7\.44",  # 2480 * 0.003
        r"Total +\$64\.89 +\$778\.64",
        r"Another reading: A reviewer counts 120 included texts\.",
    ],
    "bill-unpublished": [r"Subscription \[1\] +3 +unknown +unknown", r"Total +unknown +unknown"],
    "breakeven": [
        # (72 - 5) / 0.09 = 744.44 a month; * 12 / 50 = 178.67 a week
        r"Up to 744 messages a month .*Penny.* is cheaper; +from +745",
        r"744\.4 a month, +178\.7 a +week",
        r" 0 +\$5\.00 +\$72\.00",
        r"187 \(yours\) +\$21\.83 +\$72\.00",  # 5 + 187 * 0.09
        r"745 +\$72\.05 +\$72\.00",
        r"1,490 +\$139\.10 +\$72\.00",
    ],
    "segments": [
        r"1 text \(1 segment\), UCS-2",
        r"18 of 70 units used; 52 left\.",  # 16 characters and an emoji of two units
        r"😊 \(smiling face with smiling eyes\)",
    ],
    "vendor": [
        r"Ledger \(also Ledger EHR\): practice management",
        r"texting +verify first +\$64\.89",
        r"vendor's own page or contract, 2026-05 \[2\]",
    ],
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_the_golden_outputs_are_those_reckoned_by_hand(name: str) -> None:
    text = re.sub(r"\s*\n\s*", " ", (GOLDEN / f"{name}.txt").read_text(encoding="utf-8"))
    assert [figure for figure in FIGURES[name] if not re.search(figure, text)] == []


# Data.

STAMP = {"texteval", "as_of", "data_hash"}
KEYS = {
    "compare": (["compare", *FROZEN], STAMP | {"practice", "plans", "break_even"}),
    "vendor": (
        ["vendor", "ledger", *FROZEN],
        STAMP | {"vendor", "name", "kind", "practice", "plans", "facts", "unknown", "not_found", "remarks"},
    ),
    "bill": (
        ["bill", "ledger/texting", *FROZEN],
        STAMP | {"plan", "practice", "verdict", "channels", "lines", "month_usd", "year_usd", "at_least_year_usd"},
    ),
    "breakeven": (
        ["breakeven", "penny/texts", "porchlight/basic", *FROZEN],
        STAMP | {"practice", "a", "b", "your_messages_per_month", "left_out", "verdicts", "crossings"},
    ),
    "segments": (["segments", "hi"], {"segments", "encoding", "units", "room", "characters", "forcing_ucs2"}),
    "check": (["check", FROZEN[1]], {"errors", "warnings"}),
}


@pytest.mark.parametrize(("words", "keys"), KEYS.values(), ids=list(KEYS))
def test_json_is_one_valid_document_with_these_keys(
    capsys: pytest.CaptureFixture[str], words: list[str], keys: set[str]
) -> None:
    code, out, err = run(capsys, *words, "--json")
    assert (code, err) == (0, "")
    data = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert set(data) == keys


def as_data(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    return json.loads(out)


def test_the_bill_as_data_has_the_same_figures_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    bill = as_data(capsys, "bill", "ledger/texting", *FROZEN)
    assert [(line["line"], line["year_usd"]) for line in bill["lines"]] == [
        ("Record system", 720.0),
        ("Texts sent", 51.2),
        ("Carrier fee", 7.44),
    ]
    assert (bill["year_usd"], bill["at_least_year_usd"]) == (778.64, 778.64)
    assert bill["lines"][2]["unit_usd"] == 0.003
    assert sum(bill["lines"][1]["months_usd"]) == pytest.approx(51.2)
    for line in bill["lines"]:
        assert {"id", "title", "seen", "grade", "url"} <= set(line["source"])
        assert line["since"] == "2026-01-01"


def test_an_unknown_price_is_null_and_its_published_part_is_given(capsys: pytest.CaptureFixture[str]) -> None:
    bill = as_data(capsys, "bill", "hush/quote", *FROZEN)
    assert (bill["year_usd"], bill["month_usd"], bill["at_least_year_usd"]) == (None, None, 0.0)


def test_the_crossing_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_data(capsys, "breakeven", "penny/texts", "porchlight/basic", *FROZEN)
    assert found["crossings"] == [
        {
            "messages_per_month": 744.4,
            "messages_per_week": 178.7,
            "first_whole_messages_per_month": 745,
            "cheaper_below": "penny/texts",
            "cheaper_above": "porchlight/basic",
        }
    ]
    assert found["your_messages_per_month"] == 187  # 2240 / 12 = 186.67


def test_compare_as_data_has_every_plan_and_the_practice_in_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_data(capsys, "compare", *FROZEN)
    assert len(found["plans"]) == 8
    assert found["practice"]["messages_sent_per_year"] == 2240
    assert found["practice"]["messages_received_per_year"] == 1200
    assert found["as_of"] == "2026-06-30"
    assert set(found["plans"][0]) >= {
        "plan",
        "title",
        "kind",
        "verdict",
        "shortlisted",
        "reason",
        "channels",
        "uncovered",
        "open_points",
        "steps",
        "limits",
        "month_usd",
        "year_usd",
        "at_least_year_usd",
        "fixed_year_usd",
        "usage_year_usd",
    }


def test_the_same_question_gets_the_same_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "compare", *FROZEN, "--json") == run(capsys, "compare", *FROZEN, "--json")


# Faults of the user's: exit code 2, one plain message, no output.

MISTAKES = [
    (["vendor", "lejer", *FROZEN], "texteval: there is no vendor 'lejer': did you mean 'ledger'?"),
    (["bill", "ledger/textin", *FROZEN], "texteval: there is no plan 'ledger/textin': Ledger has "),
    (["bill", "ledger", *FROZEN], "texteval: there is no plan 'ledger': Ledger has ledger/"),
    (["bill", "", *FROZEN], "texteval: there is no plan ''"),
    (
        ["breakeven", "penny/texts", "porchlite/basic", *FROZEN],
        "did you mean 'porchlight/basic'?",
    ),
    (["breakeven", "hush/quote", "wire/metred", *FROZEN], "there is no plan 'wire/metred'"),
    (
        ["compare", "--practice", "smal-group"],
        "there is no practice 'smal-group': did you mean 'small-group'?",
    ),
    (
        ["compare", *DATA, "--practice", "nowhere.yaml"],
        "nowhere.yaml: there is no such file: check the name and the folder",
    ),
    (["compare", *DATA, "--practice", "x" * 300], "texteval: "),
    (["compare", *DATA, "--practice", "."], "texteval: "),
    (["compare", *DATA, "--practice", ""], "texteval: "),
    (["compare", "--data", "nowhere.yaml"], "nowhere.yaml: there is no such file: check the name and the folder"),
    (["compare", "--data", "."], ".: this is a folder: name a file in it"),
    (
        ["compare", *FROZEN[:2], "--as-of", "2025-12-31"],
        "the first price list is of 2026-01-01; choose a later day",
    ),
    (["vendor", "ledger", *FROZEN[:2], "--as-of", "0001-01-01"], "no price is known on 0001-01-01"),
    (
        ["bill", "penny/texts", *FROZEN[:2], "--as-of", "2025-12-31"],
        "no price list on 2025-12-31; its first is of 2026-01-01",
    ),
    (["compare", "--as-of", "2026-02-30"], "'2026-02-30' is not a day: write it like 2026-08-31"),
    (["compare", "--as-of", "yesterday"], "'yesterday' is not a day: write it like 2026-08-31"),
    (["compare", "--as-of", ""], "'' is not a day: write it like 2026-08-31"),
    (["check", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
    ([], "COMMAND"),
    (["compair"], "compair"),
    (["compare", "--practise", "solo"], "--practise"),
    (["vendor"], "ID"),
    (["segments"], "TEXT"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words)[:50] for words, _ in MISTAKES])
def test_a_mistake_gives_exit_code_2_and_one_plain_message(
    capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", [["compare"], ["vendor", "acme"], ["bill", "acme/basic"]], ids=str)
def test_a_broken_catalogue_is_told_with_all_its_lines(capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    path = BROKEN / "several-dangling.yaml"
    code, out, err = run(capsys, *command, "--data", str(path))
    assert (code, out) == (2, "")
    assert [line.startswith(f"{path}:") for line in err.strip().split("\n")] == [True] * 9


def test_check_lists_every_fault_and_counts_them(capsys: pytest.CaptureFixture[str]) -> None:
    path = BROKEN / "several-dangling.yaml"
    code, out, err = run(capsys, "check", str(path))
    assert (code, err) == (2, "9 to put right.\n")
    assert len(out.strip().split("\n")) == 9
    code, out, err = run(capsys, "check", str(path), "--json")
    assert (code, err) == (2, "")
    faults = json.loads(out)["errors"]
    assert len(faults) == 9
    assert all(set(fault) == {"file", "line", "path", "wrong", "right"} for fault in faults)


def test_check_finds_no_fault_in_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check")
    assert code == 0
    assert "no faults" in out


@pytest.mark.parametrize(
    "command", [["compare"], ["bill", "penny/texts"], ["breakeven", "penny/texts", "porchlight/basic"]], ids=str
)
def test_enormous_counts_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "huge.yaml"
    path.write_text(
        "name: Huge\nclinicians: 1\nsessions_per_week: 1000000\n"
        f"messages:\n  - {{purpose: reminder, count: 1000000, text: '{'long ' * 300}'}}\n",
        encoding="utf-8",
    )
    code, out, err = run(capsys, *command, *DATA, "--practice", str(path))
    assert (code, out) == (2, "")
    assert "are too many: texteval prices up to 1,000,000" in err


def test_a_break_even_is_told_to_a_practice_that_sends_more_than_the_volumes_searched(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "big.yaml"
    text = "name: Big\nclinicians: 1\nsessions_per_week: 6000\nmessages: [{purpose: reminder}]\n"
    path.write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "breakeven", "penny/texts", "porchlight/basic", *DATA, "--practice", str(path))
    assert code == 0
    assert "26,000 (yours)" in out  # 6000 * 52 / 12


def test_a_day_far_ahead_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "compare", *DATA[:2], "--as-of", "9999-12-31", *PRACTICE)
    assert code == 0
    assert "As of 9999-12-31" in out


@pytest.mark.parametrize("text", ["", " ", "\n", "[bold]x[/bold]", "a" * 5000, "\x1b[31mred", "😊" * 200, ":smile:"])
def test_any_text_can_be_counted(capsys: pytest.CaptureFixture[str], text: str) -> None:
    code, out, err = run(capsys, "segments", text)
    assert (code, err) == (0, "")
    assert re.match(r"\d+ texts? \(\d+ segments?\), (GSM-7|UCS-2)\n", out)
    assert "\x1b" not in out


def test_a_report_folder_that_cannot_be_written_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = tmp_path / "out"
    place.write_text("I am a file", encoding="utf-8")
    code, _, err = run(capsys, "report", *FROZEN, "-o", str(place), "--format", "html")
    assert code == 2
    assert "cannot be written" in err
    assert place.read_text(encoding="utf-8") == "I am a file"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# In a process of its own.


def test_a_run_of_its_own_says_it_all_on_the_right_stream(tmp_path: Path) -> None:
    good = run_apart("segments", "hi", cwd=tmp_path)
    assert (good.returncode, good.stdout.split("\n")[0], good.stderr) == (0, "1 text (1 segment), GSM-7", "")
    bad = run_apart("vendor", "lejer", *FROZEN, cwd=tmp_path)
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "texteval: there is no vendor 'lejer': did you mean 'ledger'?\n"
    assert list(tmp_path.iterdir()) == []


def test_a_run_under_an_ascii_locale_prints_all_the_same(tmp_path: Path) -> None:
    clean = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    clean |= {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "PYTHONPATH") if name in os.environ}
    ran = subprocess.run(
        [sys.executable, "-m", "texteval", "segments", "😊"], check=False, capture_output=True, env=clean, cwd=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    assert "smiling face with smiling eyes" in ran.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_fault(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "texteval", "compare", *FROZEN, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read().decode("utf-8")
    assert "Traceback" not in told
    assert "Exception ignored" not in told


@pytest.mark.parametrize("module", ["texteval", "texteval.cli"])
def test_importing_texteval_pulls_in_none_of_the_heavy_libraries(module: str) -> None:
    script = (
        f"import sys, {module}\n"
        "heavy = ('pandas', 'matplotlib', 'rich', 'numpy', 'jinja2')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8")
    assert ran.stdout == "[]\n"


def test_a_comparison_needs_neither_pandas_nor_matplotlib() -> None:
    script = (
        "import sys\nfrom texteval.cli import main\n"
        "try:\n    main(['compare', *sys.argv[1:]])\n"
        "except SystemExit as stopped:\n    assert stopped.code == 0\n"
        "print([name for name in ('pandas', 'matplotlib') if name in sys.modules], file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, *FROZEN], check=True, capture_output=True, encoding="utf-8")
    assert ran.stderr == "[]\n"


def test_help_and_version_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"texteval {__version__}\n", "")
    code, out, err = run(capsys, "--help")
    assert (code, err) == (0, "")
    for command in ("compare", "vendor", "bill", "breakeven", "segments", "report", "check", "lab"):
        assert f"\n    {command} " in out or f"\n    {command}\n" in out


def test_a_plan_paid_for_today_that_is_none_is_told_with_file_and_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    text = "name: Elm\nclinicians: 1\nsessions_per_week: 20\nmessages: [{purpose: reminder}]\nnow:\n"
    text += "  plan: simplepractce/plus\n"
    (tmp_path / "elm.yaml").write_text(text, encoding="utf-8")
    for command in ("decide", "report", "compare"):
        with pytest.raises(SystemExit) as caught:
            main([command, "--practice", str(tmp_path / "elm.yaml")])
        assert caught.value.code == 2
        told = capsys.readouterr()
        said = "now.plan: there is no plan 'simplepractce/plus': did you mean 'simplepractice/plus'?"
        assert f"{tmp_path / 'elm.yaml'}:6: {said}" in told.out + told.err
