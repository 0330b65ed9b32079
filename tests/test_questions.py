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


@pytest.mark.parametrize("vendor", ["spruce-health", "zanda", "simplepractice", "ohmd"])
def test_favourable_answers_move_every_verdict_off_verify_first(
    market: Catalog, rules: Requirements, group: Practice, best: dict[str, str], tmp_path: Path, vendor: str
) -> None:
    def open_verdicts(side: Catalog) -> list[assess.Verdict]:
        verdicts = [
            assess.judge(side, rules, f"{vendor}/{plan_id}", channel, purpose, group, TODAY)
            for plan_id, plan in side.vendors[vendor].plans.items()
            if plan.sold(TODAY)
            for channel in plan.channels
            for purpose in rules.file.purposes
        ]
        return [verdict for verdict in verdicts if verdict.verdict == "verify first"]

    form = tmp_path / "form.yaml"
    text = as_yaml(vendor, ask(market, rules, vendor, TODAY))
    form.write_text(answered(text, best.__getitem__), encoding="utf-8")
    own = with_overlay(market, read_answers(market, form, TODAY), tmp_path)
    assert open_verdicts(market)
    left = [  # but those that a fresh page of the vendor itself leaves open
        verdict
        for verdict in open_verdicts(own)
        if not all(point.fact and point.fact.grade == "vendor_page" for point in verdict.open_points)
    ]
    assert left == []
    if vendor in ("spruce-health", "zanda"):
        assert open_verdicts(own) == []


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


@pytest.fixture
def acme(tmp_path: Path) -> Callable[[str, str], Catalog]:
    """Make a catalogue of one vendor, of whom nothing is known."""

    def make(plans: str, facts: str = "{}") -> Catalog:
        path = tmp_path / "acme.yaml"
        page = PAGE.replace("DAY", TODAY.isoformat()).partition("    facts:")[0]
        path.write_text(f"{page}    facts: {facts}\n    plans: {plans}\n", encoding="utf-8")
        return catalog.load(path)

    return make  # type: ignore[return-value]


BASIC = "{basic: {name: Basic, channels: [sms, secure_message]}}"


def only(rules: Requirements, name: str, **changed: Any) -> Requirements:
    """Keep one requirement, changed."""
    one = rules.all[name].model_copy(update=changed)
    return Requirements(rules.file.model_copy(update={"requirements": {name: one}}), rules.hash)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, [("audit_log", None, None)]),
        ({"since": "2030"}, []),
        ({"gate": "never"}, []),
        ({"channels": ["sms"]}, [("audit_log", None, None)]),
        ({"channels": ["mms"]}, []),
        ({"purposes": ["coaching"]}, [("audit_log", None, None)]),
        ({"purposes": ["coaching"], "channels": ["team_chat"]}, []),
    ],
    ids=str,
)
def test_a_rule_is_asked_only_where_and_when_it_holds(
    rules: Requirements,
    acme: Callable[..., Catalog],
    changed: dict[str, Any],
    expected: list[tuple[str, str | None, str | None]],
) -> None:
    asked = ask(acme(BASIC), only(rules, "audit_controls", **changed), "acme", TODAY)
    assert [(q.attribute, q.plan, q.channel) for q in asked] == expected


def test_a_channel_without_the_purpose_of_a_rule_is_not_asked_about(
    rules: Requirements, acme: Callable[..., Catalog]
) -> None:
    market = acme("{basic: {name: Basic, channels: {sms: [reminder]}}}")
    assert ask(market, only(rules, "audit_controls", purposes=["coaching"]), "acme", TODAY) == []
    assert ask(market, only(rules, "audit_controls", purposes=["reminder"]), "acme", TODAY)


@pytest.mark.parametrize(("ended", "asks"), [(TODAY, False), (TODAY + timedelta(days=1), True)])
def test_a_plan_is_asked_about_as_long_as_it_is_sold(
    rules: Requirements, acme: Callable[..., Catalog], ended: date, asks: bool
) -> None:
    market = acme(f"{{basic: {{name: Basic, channels: [sms], ended: {ended}}}}}")
    assert bool(ask(market, rules, "acme", TODAY)) is asks


def test_questions_are_put_together_over_plans_and_channels(rules: Requirements, acme: Callable[..., Catalog]) -> None:
    plans = "{a: {name: A, channels: [sms, mms]}, b: {name: B, channels: [sms, mms]}}"
    rule = only(rules, "audit_controls")

    def scopes(facts: str) -> list[tuple[str | None, str | None]]:
        return [(q.plan, q.channel) for q in ask(acme(plans, f"{{audit_log: {facts}}}"), rule, "acme", TODAY)]

    assert scopes("{value: yes, source: page}") == []
    assert scopes("{value: yes, source: page, channels: sms}") == [(None, "mms")]
    assert scopes("{value: yes, source: page, plans: a}") == [("b", None)]
    assert scopes("{value: yes, source: page, plans: a, channels: sms}") in (
        [(None, "mms"), ("b", "sms")],
        [("b", None), ("a", "mms")],
    )


# What an answer may look like.


@pytest.mark.parametrize(
    ("said", "value"),
    [("YES", "yes"), ("Yes", "yes"), ("' No '", "no"), ("On_Request", "on_request"), ("on request", "on_request")],
)
def test_an_answer_may_be_in_capitals(market: Catalog, tmp_path: Path, said: str, value: str) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(f"{HEAD}  - {{attribute: baa, answer: {said}}}\n", encoding="utf-8")
    facts = read_answers(market, form, TODAY)["vendors"]["zanda"]["facts"]
    assert [piece["value"] for piece in facts["baa"]] == [value]


def test_the_answer_unknown_is_none(market: Catalog, tmp_path: Path) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(
        f"{HEAD}  - {{attribute: baa, answer: Unknown}}\n  - {{attribute: trial_days, answer: '14'}}\n",
        encoding="utf-8",
    )
    facts = read_answers(market, form, TODAY)["vendors"]["zanda"]["facts"]
    assert {name: [piece["value"] for piece in pieces] for name, pieces in facts.items()} == {"trial_days": [14]}


@pytest.mark.parametrize("scope", ["", "plan: growth, ", "channel: sms, ", "plan: growth, channel: sms, "])
def test_contradicting_answers_are_refused(market: Catalog, tmp_path: Path, scope: str) -> None:
    form = tmp_path / "form.yaml"
    form.write_text(f"{HEAD}{OTHER}  - {{attribute: baa, {scope}answer: no}}\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_answers(market, form, TODAY)
    (problem,) = caught.value.problems
    assert (problem.line, problem.wrong) == (5, "'no' contradicts 'yes' further up")


def test_both_forms_say_what_each_answer_means(market: Catalog, rules: Requirements) -> None:
    asked = ask(market, rules, "spruce-health", TODAY)
    text = as_yaml("spruce-health", asked)
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx("spruce-health", asked))).worksheets[0]
    for row, question in enumerate(asked, 6):
        values = market.attributes.attributes[question.attribute].values
        assert isinstance(values, dict)
        for value, meaning in values.items():
            assert f"  #   {value}: {meaning}\n" in text
            assert f"{value}: {meaning}" in sheet[f"H{row}"].value


def test_a_question_answered_in_free_words_has_no_list_to_choose_from(market: Catalog) -> None:
    question = questions.Question("certifications", None, None, "Which?", "unknown", "text")
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx("zanda", [question]))).worksheets[0]
    assert not sheet.data_validations.dataValidation


# Writing, and what is never overwritten.


@pytest.mark.parametrize("touched", ["yaml", "xlsx"])
def test_a_form_with_an_answer_is_never_overwritten(
    market: Catalog, rules: Requirements, tmp_path: Path, touched: str
) -> None:
    asked = ask(market, rules, "zanda", TODAY)
    _, form, table = questions.write_forms(tmp_path, "zanda", "An email", asked)
    questions.write_forms(tmp_path, "zanda", "Another", asked)
    if touched == "yaml":
        form.write_text(
            answered(form.read_text(encoding="utf-8"), lambda name: "yes" if name == "baa" else ""), "utf-8"
        )
    else:
        book = openpyxl.load_workbook(table)
        book.worksheets[0]["F6"] = "yes"
        book.save(table)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UserError, match=rf"zanda\.{touched}: this form has answers.* -o, or run 'texteval answers"):
        questions.write_forms(tmp_path, "zanda", "A third", asked)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_for_a_folder_and_a_folder_for_a_file_are_told_so(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(UserError, match="file: this is a file: name a folder with -o"):
        questions.write_forms(file, "zanda", "", [])
    with pytest.raises(UserError, match="this is a folder: name a file with -o"):
        questions.write_overlay(tmp_path, {}, file)
    with pytest.raises(UserError, match="this is the form itself"):
        questions.write_overlay(file, {}, file)
    assert file.read_text(encoding="utf-8") == "mine"


def test_what_somebody_wrote_is_not_overwritten_by_answers(tmp_path: Path) -> None:
    form, own, facts = tmp_path / "form.yaml", tmp_path / "own.yaml", tmp_path / "facts.yaml"
    form.write_text("# the form", encoding="utf-8")
    own.write_text("# my contract", encoding="utf-8")
    with pytest.raises(UserError, match=r"own\.yaml was changed since it was written, or is not of texteval's making"):
        questions.write_overlay(own, {"sources": {}, "vendors": {}}, form)
    assert own.read_text(encoding="utf-8") == "# my contract"
    for overlay in ({"sources": {}, "vendors": {}}, {"sources": {}, "vendors": {"acme": {}}}):
        questions.write_overlay(facts, overlay, form)
    facts.write_text(facts.read_text(encoding="utf-8") + "# my notes", encoding="utf-8")
    with pytest.raises(UserError, match=r"facts\.yaml was changed"):
        questions.write_overlay(facts, {"sources": {}, "vendors": {}}, form)
    assert "# my notes" in facts.read_text(encoding="utf-8")


# Vendors of whom other things are asked, or nothing.


def test_unpublished_prices_are_asked_for(acme: Callable[..., Catalog], rules: Requirements) -> None:
    market = acme(
        "{basic: {name: Basic, channels: [sms], prices: [{from: 2026, date_is: stated, source: page, charges: ["
        "{name: Seats, model: unpublished, meter: login}, {name: Set-up, model: unpublished, meter: account, "
        "cadence: once}, {name: Texts, model: allowance, meter: message_out, included: 9, then: {model: unpublished}}, "
        "{name: Line, model: flat, usd: 5}]}]}, plus: {name: Plus, channels: [sms]}}"
    )
    asked = questions.unpublished(market, "acme", TODAY)
    assert asked == [
        "You publish no price for 'Seats' (Basic): what would [number] people with a login cost us a month?",
        "You publish no price for 'Set-up' (Basic): what would we pay once?",
        "You publish no price for 'Texts' (Basic): what does each one cost (texts sent)?",
    ]
    email = as_email(market.vendors["acme"], ask(market, rules, "acme", TODAY), asked)
    assert all(question in email for question in asked)


def test_what_is_asked_of_several_channels_is_one_question_of_the_email(market: Catalog, rules: Requirements) -> None:
    email = as_email(market.vendors["spruce-health"], ask(market, rules, "spruce-health", TODAY))
    assert "1. Does the BAA cover SMS, picture messages (MMS) and team chat by name?\n" in email
    assert "\n4. " not in email


def test_a_vendor_that_cannot_help_is_told_of_in_a_sentence(market: Catalog, rules: Requirements) -> None:
    said = {name: questions.outlook(market, rules, name, TODAY) for name in market.vendors}
    assert said["zanda"] is said["spruce-health"] is None
    assert "has no plan that can text clients" in str(said["doxy-me"])
    assert str(said["whatsapp"]).startswith(
        "WhatsApp Messenger cannot be used, and asking will hardly change it. BAA: not offered on this plan ("
    )


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
