"""Questions to a vendor for every open point, and the replies turned into dated facts."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from conftest import TODAY
from texteval import assess, catalog, cli, practice, questions
from texteval.catalog import Catalog
from texteval.errors import DataError, UserError
from texteval.practice import Practice
from texteval.questions import as_email, as_xlsx, as_yaml, ask, overlay_text, read_answers
from texteval.requirements import Requirements

DAY = "2026-11-20"


@pytest.fixture(scope="module")
def group() -> Practice:
    """A practice of several people, for which every gate holds."""
    return practice.load("small-group")[1]


def with_overlay(market: Catalog, overlay: dict[str, Any], folder: Path) -> Catalog:
    path = folder / "mine.yaml"
    path.write_text(overlay_text(overlay), encoding="utf-8")
    return catalog.load(Path(market.path), path)


def answered(text: str, answer: Callable[[str], str], day: str = DAY) -> str:
    """Fill in a YAML form as a person would: the day, and a value behind each ``answer:``."""
    out, attribute = [], ""
    for line in text.splitlines():
        found = re.match(r"  - attribute: (\w+)$", line)
        attribute = found[1] if found else attribute
        line = re.sub(r"^answered: .*", f"answered: {day}", line)
        out.append(f"    answer: {answer(attribute)}" if line.startswith("    answer:") else line)
    return "\n".join(out) + "\n"


def open_points(market: Catalog, rules: Requirements, vendor: str, group: Practice) -> set[tuple[str, str, str]]:
    """Every gate that is open on a plan and a channel for any purpose: (attribute, plan, channel)."""
    found = set()
    for plan_id, plan in market.vendors[vendor].plans.items():
        if plan.ended:
            continue
        for channel in plan.channels:
            for purpose in rules.file.purposes:
                verdict = assess.judge(market, rules, f"{vendor}/{plan_id}", channel, purpose, group, TODAY)
                for point in verdict.open_points:
                    found.add((str(rules.all[point.requirement].attribute), plan_id, channel))
    return found


# What is asked.


def test_zanda_is_asked_what_the_catalogue_does_not_know_or_knows_from_old_pages(
    market: Catalog, rules: Requirements
) -> None:
    """Read from the catalogue by eye: no word on BAA or encryption; logins, roles and log from pages of 2024."""
    asked = ask(market, rules, "zanda", TODAY)
    assert {(q.attribute, q.plan, q.channel): q.known.partition(":")[0] for q in asked} == {
        ("baa", None, None): "unknown",
        ("baa_covers", None, "sms"): "unknown",
        ("encryption_in_transit", None, None): "unknown",
        ("encryption_at_rest", None, None): "unknown",
        ("unique_logins", None, None): "old",
        ("access_control_roles", None, None): "old",
        ("audit_log", None, None): "old",
    }
    assert (asked[0].attribute, asked[0].values) == ("baa", "yes, on_request, no")
    assert asked[1].text == "Does the BAA cover SMS by name?"


def test_every_open_point_of_every_vendor_is_asked(market: Catalog, rules: Requirements, group: Practice) -> None:
    missing = {}
    for vendor in market.vendors:
        asked = {(q.attribute, q.plan, q.channel) for q in ask(market, rules, vendor, TODAY)}
        missing[vendor] = {
            (attribute, plan, channel)
            for attribute, plan, channel in open_points(market, rules, vendor, group)
            if not any((attribute, p, c) in asked for p in (plan, None) for c in (channel, None))
        }
    assert {vendor: points for vendor, points in missing.items() if points} == {}


def test_heavy_questions_come_first_and_none_comes_twice(market: Catalog, rules: Requirements) -> None:
    heavy = {r.attribute for r in rules.all.values() if r.open_point == "heavy" and r.gate != "never"}
    many = 0
    for vendor in market.vendors:
        asked = ask(market, rules, vendor, TODAY)
        weights = [q.attribute not in heavy for q in asked]
        assert weights == sorted(weights)
        keys = [(q.attribute, q.plan, q.channel) for q in asked]
        assert len(keys) == len(set(keys))
        many += len(asked)
    assert many >= 300


def test_secure_messages_of_spruce_need_no_question_on_the_baa_and_its_texts_do(
    market: Catalog, rules: Requirements
) -> None:
    """The list of August 2026 names secure messages; texts stand only on a page of 2025, pictures on none."""
    asked = {(q.attribute, q.channel): q.known.partition(":")[0] for q in ask(market, rules, "spruce-health", TODAY)}
    assert ("baa", None) not in asked
    assert ("baa_covers", "secure_message") not in asked
    assert asked["baa_covers", "sms"] == "old"
    assert asked["baa_covers", "mms"] == asked["baa_covers", "team_chat"] == "unknown"


def test_what_is_asked_depends_on_the_day(market: Catalog, rules: Requirements) -> None:
    """Zanda's pages of 2024 are dated no closer; they keep 365 days from 2024-01-01."""
    for on, old in ((date(2024, 12, 31), False), (date(2025, 1, 1), True)):
        attributes = {q.attribute for q in ask(market, rules, "zanda", on)}
        assert ("audit_log" in attributes) is old


def test_an_unknown_vendor_is_refused_with_a_suggestion(market: Catalog, rules: Requirements) -> None:
    with pytest.raises(UserError, match=r"there is no vendor 'zandaa': did you mean 'zanda'\?"):
        ask(market, rules, "zandaa", TODAY)


def test_the_email_has_every_question_once_numbered(market: Catalog, rules: Requirements) -> None:
    asked = ask(market, rules, "zanda", TODAY)
    email = as_email(market.vendors["zanda"], asked)
    assert email.startswith("Subject: Questions before we text clients with Zanda\n")
    numbered = re.findall(r"^(\d+)\. (.*)$", email, flags=re.M)
    assert [number for number, _ in numbered] == [str(n) for n in range(1, len(asked) + 1)]
    assert {text for _, text in numbered} == {q.text for q in asked}


def test_both_forms_hold_the_same_rows(market: Catalog, rules: Requirements) -> None:
    for vendor in market.vendors:
        asked = ask(market, rules, vendor, TODAY)
        expected = [(q.attribute, q.plan, q.channel, None) for q in asked]
        form = yaml.safe_load(as_yaml(vendor, asked))
        assert (form["vendor"], form["answered"], form["answered_by"]) == (vendor, None, None)
        rows = form["answers"] or []
        assert [(r["attribute"], r.get("plan"), r.get("channel"), r["answer"]) for r in rows] == expected
    for vendor in ("zanda", "spruce-health"):
        asked = ask(market, rules, vendor, TODAY)
        sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(vendor, asked))).worksheets[0]
        cells = list(sheet.iter_rows(min_row=6, values_only=True))
        assert [(c[0], c[1], c[2], c[5]) for c in cells] == [(q.attribute, q.plan, q.channel, None) for q in asked]
        assert [cell.value for cell in sheet[5]] == list(questions.ABOUT)
        choices = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
        assert choices["F6"] == f'"{asked[0].values.replace(", ", ",")}"'


# Answers.


@pytest.fixture(scope="module")
def best(rules: Requirements) -> dict[str, str]:
    """For each attribute that a gate reads, an answer on which it passes."""
    return {
        str(r.attribute): next(value for value, outcome in r.outcomes.items() if outcome == "pass")
        for r in rules.all.values()
        if r.attribute and r.gate != "never"
    }


def test_answering_everything_settles_zanda(
    market: Catalog, rules: Requirements, group: Practice, best: dict[str, str], tmp_path: Path
) -> None:
    def verdict(side: Catalog) -> str:
        return assess.judge(side, rules, "zanda/growth", "sms", "reminder", group, TODAY).verdict

    form = tmp_path / "zanda.yaml"
    text = as_yaml("zanda", ask(market, rules, "zanda", TODAY))
    form.write_text(answered(text, best.__getitem__), encoding="utf-8")
    own = with_overlay(market, read_answers(market, form, TODAY), tmp_path)
    before, after = (side.fact("zanda/growth", "baa", "sms", TODAY) for side in (market, own))
    assert before.value is None
    assert (after.value, after.grade, after.source.seen) == ("yes", "vendor_reply", DAY)  # type: ignore[union-attr]
    assert verdict(market) == "verify first"
    assert verdict(own) in ("eligible", "with configuration")
    assert open_points(own, rules, "zanda", group) == set()
    assert ask(own, rules, "zanda", TODAY) == []


def test_a_refusal_makes_zanda_ineligible(
    market: Catalog, rules: Requirements, group: Practice, tmp_path: Path
) -> None:
    form = tmp_path / "zanda.yaml"
    form.write_text(f"vendor: zanda\nanswered: {DAY}\nanswers:\n  - {{attribute: baa, answer: no}}\n", encoding="utf-8")
    own = with_overlay(market, read_answers(market, form, TODAY), tmp_path)
    assert assess.judge(own, rules, "zanda/growth", "sms", "reminder", group, TODAY).verdict == "ineligible"


def test_answering_everything_leaves_open_only_what_a_fresh_page_of_the_vendor_says_otherwise(
    market: Catalog, rules: Requirements, group: Practice, best: dict[str, str], tmp_path: Path
) -> None:
    everything: dict[str, Any] = {"sources": {}, "vendors": {}}
    for vendor in market.vendors:
        asked = ask(market, rules, vendor, TODAY)
        if asked:
            form = tmp_path / f"{vendor}.yaml"
            form.write_text(answered(as_yaml(vendor, asked), best.__getitem__), encoding="utf-8")
            overlay = read_answers(market, form, TODAY)
            everything["sources"] |= overlay["sources"]
            everything["vendors"] |= overlay["vendors"]
    own = with_overlay(market, everything, tmp_path)
    for vendor in market.vendors:
        for attribute, plan, channel in open_points(own, rules, vendor, group):
            fact = own.fact(f"{vendor}/{plan}", attribute, channel, TODAY)
            assert (fact.grade, fact.stale) == ("vendor_page", False), (vendor, attribute, plan, channel)


def test_the_same_answers_in_yaml_and_in_a_workbook_make_the_same_facts(
    market: Catalog, rules: Requirements, best: dict[str, str], tmp_path: Path
) -> None:
    asked = ask(market, rules, "zanda", TODAY)
    form = tmp_path / "zanda.yaml"
    text = answered(as_yaml("zanda", asked), best.__getitem__).replace("answered_by:", "answered_by: support")
    form.write_text(text.replace("    note:", "    note: by email"), encoding="utf-8")
    for day in (DAY, date.fromisoformat(DAY)):
        book = openpyxl.load_workbook(io.BytesIO(as_xlsx("zanda", asked)))
        sheet = book.worksheets[0]
        sheet["B2"], sheet["B3"] = day, "support"
        for row, question in enumerate(asked, 6):
            sheet[f"F{row}"], sheet[f"G{row}"] = best[question.attribute], "by email"
        book.save(tmp_path / "zanda.xlsx")
        assert read_answers(market, tmp_path / "zanda.xlsx", TODAY) == read_answers(market, form, TODAY)


def test_an_answer_becomes_a_dated_piece_of_evidence_with_its_scope(market: Catalog, tmp_path: Path) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(
        f"vendor: zanda\nanswered: {DAY}\nanswered_by: Kim of the support team\nanswers:\n"
        "  - {attribute: baa, plan: growth, answer: on_request, note: 'costs nothing: ask'}\n"
        "  - {attribute: baa_covers, channel: sms, answer: yes}\n"
        "  - {attribute: audit_log, answer: }\n",
        encoding="utf-8",
    )
    assert read_answers(market, form, TODAY) == {
        "sources": {
            f"zanda-reply-{DAY}": {
                "title": "Reply of Zanda to our questions, Kim of the support team",
                "publisher": "Zanda",
                "seen": date.fromisoformat(DAY),
                "grade": "vendor_reply",
            }
        },
        "vendors": {
            "zanda": {
                "facts": {
                    "baa": [
                        {
                            "value": "on_request",
                            "source": f"zanda-reply-{DAY}",
                            "plans": ["growth"],
                            "note": "costs nothing: ask",
                        }
                    ],
                    "baa_covers": [{"value": "yes", "source": f"zanda-reply-{DAY}", "channels": ["sms"]}],
                }
            }
        },
    }


# A reply beside the vendor's page.

PAGE = """\
sources:
  page: {title: Page, url: https://acme.example, seen: DAY, grade: vendor_page}
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts: {baa: {value: no, source: page}}
    plans: {basic: {name: Basic, channels: [sms]}}
"""


@pytest.mark.parametrize(
    ("age", "value", "grade"),
    [(0, "no", "vendor_page"), (365, "no", "vendor_page"), (366, "yes", "vendor_reply"), (900, "yes", "vendor_reply")],
)
def test_a_fresh_reply_outweighs_the_vendors_stale_page_but_not_its_fresh_one(
    tmp_path: Path, age: int, value: str, grade: str
) -> None:
    base, form = tmp_path / "base.yaml", tmp_path / "form.yaml"
    base.write_text(PAGE.replace("DAY", (TODAY - timedelta(days=age)).isoformat()), encoding="utf-8")
    form.write_text(f"vendor: acme\nanswered: {DAY}\nanswers: [{{attribute: baa, answer: yes}}]\n", encoding="utf-8")
    market = catalog.load(base)
    fact = with_overlay(market, read_answers(market, form, TODAY), tmp_path).fact("acme/basic", "baa", "sms", TODAY)
    assert (fact.value, fact.grade, fact.disputed) == (value, grade, ())


@pytest.mark.parametrize("day", ["2026", "2026-11", DAY, TODAY.isoformat()])
def test_the_day_of_a_reply_may_be_as_exact_as_it_is_known(tmp_path: Path, day: str) -> None:
    base, form = tmp_path / "base.yaml", tmp_path / "form.yaml"
    base.write_text(PAGE.replace("DAY", "2024"), encoding="utf-8")
    form.write_text(f"vendor: acme\nanswered: {day}\nanswers: [{{attribute: baa, answer: yes}}]\n", encoding="utf-8")
    market = catalog.load(base)
    own = with_overlay(market, read_answers(market, form, TODAY), tmp_path)
    assert own.sources[f"acme-reply-{day}"].seen == day


# What is refused: the form, with "# here" at the faulty line, and what is said of it.

HEAD = f"vendor: zanda\nanswered: {DAY}\nanswers:\n"
OTHER = "  - {attribute: baa, answer: yes}\n"
FAULTS = {
    "an unknown attribute": (
        f"{HEAD}{OTHER}  - {{attribute: audit, answer: yes}}  # here\n",
        "attribute: 'audit' is not an attribute: did you mean 'audit_log'?",
    ),
    "an unknown value": (
        f"{HEAD}{OTHER}  - {{attribute: baa, answer: perhaps}}  # here\n",
        "answer: 'perhaps' is not an answer here: write one of yes, on_request, no",
    ),
    "an unknown plan": (
        f"{HEAD}{OTHER}  - {{attribute: baa, plan: grwth, answer: yes}}  # here\n",
        "plan: Zanda has no plan 'grwth': did you mean 'growth'?",
    ),
    "an unknown channel": (
        f"{HEAD}{OTHER}  - {{attribute: baa_covers, channel: smss, answer: yes}}  # here\n",
        "channel: ",
    ),
    "a misspelt field": (
        f"{HEAD}{OTHER}  - {{attribute: baa, anser: yes}}  # here\n",
        "anser: 'anser' is not a field here: did you mean 'answer'?",
    ),
    "a row that is none": (f"{HEAD}{OTHER}  - yes  # here\n", "answers: 'yes' is no answer"),
    "an answer that is a list": (f"{HEAD}  - {{attribute: baa, answer: [yes]}}  # here\n", "answer: "),
    "an attribute that is a list": (f"{HEAD}  - {{attribute: [baa], answer: yes}}  # here\n", "attribute: "),
    "a plan that is a list": (f"{HEAD}  - {{attribute: baa, plan: [growth], answer: yes}}  # here\n", "plan: "),
    "a number for words": (f"{HEAD}  - {{attribute: certifications, answer: 5}}  # here\n", "answer: "),
    "words for a number": (f"{HEAD}  - {{attribute: trial_days, answer: some}}  # here\n", "answer: "),
    "no attribute": (f"{HEAD}  - {{answer: yes}}  # here\n", "attribute: "),
    "no day": ("vendor: zanda\nanswered:  # here\nanswers:\n" + OTHER, "answered: '' is not a day"),
    "no line for the day": ("vendor: zanda  # here\nanswers:\n" + OTHER, "answered: '' is not a day"),
    "a day of tomorrow": (
        f"vendor: zanda\nanswered: {TODAY + timedelta(days=1)}  # here\nanswers:\n{OTHER}",
        f"answered: {TODAY + timedelta(days=1)} is in the future: write the day of the reply",
    ),
    "no day in words": (
        "vendor: zanda\nanswered: last week  # here\nanswers:\n" + OTHER,
        "answered: 'last week' is not a day: write the day of the reply, such as 2026-12-01",
    ),
    "a day with its hour": (f"vendor: zanda\nanswered: {DAY} 10:00  # here\nanswers:\n{OTHER}", "answered: "),
    "a day of a week": (f"vendor: zanda\nanswered: 2026-W10-1  # here\nanswers:\n{OTHER}", "answered: "),
    "a day of another age": ("vendor: zanda\nanswered: 1026-11-20  # here\nanswers:\n" + OTHER, "answered: "),
    "a channel that is a list": (
        f"{HEAD}  - {{attribute: baa_covers, channel: [sms, 0.6], answer: yes}}  # here\n",
        "channel: ",
    ),
    "an unknown vendor": (
        f"vendor: zandda  # here\nanswered: {DAY}\nanswers:\n{OTHER}",
        "vendor: there is no vendor 'zandda': did you mean 'zanda'?",
    ),
    "a vendor that is a list": (f"vendor: [zanda]  # here\nanswered: {DAY}\nanswers:\n{OTHER}", "vendor: "),
    "no vendor": (f"answered: {DAY}  # here\nanswers:\n{OTHER}", "vendor: "),
    "answers that are no list": (
        f"vendor: zanda  # here\nanswered: {DAY}\nanswers: yes\n",
        "this is no form of answers",
    ),
    "no form": ("- zanda  # here\n", "this is no form of answers: make one with 'texteval questions'"),
    "an empty file": ("# here\n", "this is no form of answers"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_form_is_refused_at_its_line(market: Catalog, tmp_path: Path, name: str) -> None:
    text, says = FAULTS[name]
    form = tmp_path / "form.yaml"
    form.write_text(text, encoding="utf-8")
    (line,) = [number for number, row in enumerate(text.splitlines(), 1) if row.endswith("# here")]
    with pytest.raises(DataError) as caught:
        read_answers(market, form, TODAY)
    (problem,) = caught.value.problems
    assert says in str(problem)
    assert (problem.file, problem.line) == (str(form), line)


def test_all_faults_are_told_at_once_in_their_order(market: Catalog, tmp_path: Path) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(
        f"{HEAD}  - {{attribute: baa, answer: perhaps}}\n{OTHER}  - {{attribute: audit, answer: yes}}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        read_answers(market, form, TODAY)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [(4, "answer"), (6, "attribute")]


def test_a_form_in_which_nothing_is_answered_is_refused(market: Catalog, rules: Requirements, tmp_path: Path) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(answered(as_yaml("zanda", ask(market, rules, "zanda", TODAY)), lambda _: ""), encoding="utf-8")
    with pytest.raises(UserError, match=r"form\.yaml: no answer is filled in: write at least one, then run this again"):
        read_answers(market, form, TODAY)


# Workbooks.


@pytest.fixture
def book(market: Catalog, rules: Requirements) -> openpyxl.Workbook:
    """The form for Zanda with its day and one answer, on the BAA."""
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx("zanda", ask(market, rules, "zanda", TODAY))))
    sheet = book.worksheets[0]
    sheet["B2"], sheet["F6"] = DAY, "yes"
    return book


def test_a_faulty_workbook_is_refused_at_its_row(market: Catalog, book: openpyxl.Workbook, tmp_path: Path) -> None:
    sheet = book.worksheets[0]
    sheet["F7"], sheet["A8"], sheet["B9"] = "perhaps", "encryption", "grwth"
    book.save(tmp_path / "form.xlsx")
    with pytest.raises(DataError) as caught:
        read_answers(market, tmp_path / "form.xlsx", TODAY)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (7, "answer"),
        (8, "attribute"),
        (9, "plan"),
    ]


def test_merged_cells_of_a_form_are_refused_by_name(market: Catalog, book: openpyxl.Workbook, tmp_path: Path) -> None:
    book.worksheets[0].merge_cells("F6:F8")
    book.save(tmp_path / "form.xlsx")
    with pytest.raises(DataError, match=r"form\.xlsx:1: F6:F8: cells are merged: split them, one value in each cell"):
        read_answers(market, tmp_path / "form.xlsx", TODAY)


@pytest.mark.parametrize("rows", [[], [["vendor", "zanda"]], [["plan", "line", "usd"]]])
def test_a_workbook_that_is_no_form_is_told_so(market: Catalog, tmp_path: Path, rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(tmp_path / "form.xlsx")
    with pytest.raises(
        DataError, match=r"form\.xlsx:1: this is no form of answers: make one with 'texteval questions'"
    ):
        read_answers(market, tmp_path / "form.xlsx", TODAY)


def test_a_coloured_empty_column_beside_the_table_does_no_harm(
    market: Catalog, book: openpyxl.Workbook, tmp_path: Path
) -> None:
    book.worksheets[0]["I7"].fill = openpyxl.styles.PatternFill("solid", "FFFF00")
    book.save(tmp_path / "form.xlsx")
    assert list(read_answers(market, tmp_path / "form.xlsx", TODAY)["vendors"]["zanda"]["facts"]) == ["baa"]


def test_a_row_called_answers_above_the_table_does_no_harm(
    market: Catalog, book: openpyxl.Workbook, tmp_path: Path
) -> None:
    book.worksheets[0]["A4"], book.worksheets[0]["B4"] = "answers", "see below"
    book.save(tmp_path / "form.xlsx")
    assert list(read_answers(market, tmp_path / "form.xlsx", TODAY)["vendors"]["zanda"]["facts"]) == ["baa"]


# The commands.


def run(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    return int(caught.value.code or 0)


def test_from_questions_to_facts_by_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = tmp_path / "base.yaml"
    base.write_text(PAGE.replace("DAY", "2024-01-01"), encoding="utf-8")
    data = ["--data", str(base)]
    assert run(["questions", "acme", *data, "--as-of", TODAY.isoformat(), "-o", str(tmp_path / "ask")]) == 0
    assert sorted(path.name for path in (tmp_path / "ask").iterdir()) == ["acme.txt", "acme.xlsx", "acme.yaml"]
    email = (tmp_path / "ask" / "acme.txt").read_text(encoding="utf-8")
    assert capsys.readouterr().out.startswith(email)
    form = tmp_path / "ask" / "acme.yaml"
    today = date.today().isoformat()
    text = answered(form.read_text(encoding="utf-8"), lambda name: "yes" if name == "baa" else "", today)
    form.write_text(text, encoding="utf-8")
    assert run(["answers", str(form), *data]) == 0
    overlay = tmp_path / "ask" / "acme-facts.yaml"
    assert capsys.readouterr().out == (f"Written: {overlay}\nUse it: texteval vendor acme --overlay {overlay}\n")
    fact = catalog.load(base, overlay).fact("acme/basic", "baa", None, date.today())
    assert (fact.value, fact.grade) == ("yes", "vendor_reply")


def test_a_vendor_of_whom_everything_is_proven_is_asked_nothing(
    rules: Requirements, best: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "base.yaml"
    facts = ", ".join(f"{name}: {{value: {value}, source: page}}" for name, value in best.items())
    text = PAGE.replace("DAY", TODAY.isoformat()).replace("baa: {value: no, source: page}", facts)
    base.write_text(text, encoding="utf-8")
    assert ask(catalog.load(base), rules, "acme", TODAY) == []
    folder = tmp_path / "ask"
    assert run(["questions", "acme", "--data", str(base), "--as-of", TODAY.isoformat(), "-o", str(folder)]) == 0
    assert capsys.readouterr().out == "There is nothing to ask Acme: every gate rests on good, fresh evidence.\n"
    assert not folder.exists()


def test_a_faulty_form_ends_the_command_with_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, form = tmp_path / "base.yaml", tmp_path / "form.yaml"
    base.write_text(PAGE.replace("DAY", "2024-01-01"), encoding="utf-8")
    form.write_text("vendor: acme\nanswered: soon\nanswers: []\n", encoding="utf-8")
    assert run(["answers", str(form), "--data", str(base)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "'soon' is not a day" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.yaml", "form.yaml"]
