"""Questions to a vendor for every open point, and the answers turned into dated evidence."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from texteval.catalog import Attribute, Catalog, Vendor
from texteval.errors import DataError, Problem, UserError, nearest
from texteval.evidence import GRADE_PHRASES, Fact
from texteval.files import Lines, read_yaml
from texteval.models import first_day
from texteval.requirements import Requirements
from texteval.update import xlsx_rows

ABOUT = ("attribute", "plan", "channel", "question", "known", "answer", "note")
"""The columns of the fillable table."""


@dataclass(frozen=True)
class Question:
    """One thing to ask a vendor.

    Parameters
    ----------
    attribute : str
        What it is about.
    plan, channel : str or None
        The plan and the channel it is about; None for all.
    text : str
        The question.
    known : str
        What is known so far, and why that is not enough.
    values : str
        The answers that can be recorded.
    """

    attribute: str
    plan: str | None
    channel: str | None
    text: str
    known: str
    values: str


def ask(catalog: Catalog, requirements: Requirements, vendor_id: str, on: date) -> list[Question]:
    """List the questions to a vendor: one for each verdict-bearing fact that is unknown, stale, disputed or weak.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    vendor_id : str
        The vendor.
    on : datetime.date
        The day of the question.

    Returns
    -------
    list of Question
        Heavy points first. A question about single channels or plans comes once for each that is open.

    Raises
    ------
    UserError
        If there is no such vendor.
    """
    vendor = catalog.vendor(vendor_id)
    plans = {name: plan for name, plan in vendor.plans.items() if plan.channels and not plan.ended}
    asked: list[tuple[bool, Question]] = []
    for requirement in requirements.all.values():
        if requirement.gate == "never" or requirement.attribute is None:
            continue
        attribute = catalog.attributes.attributes[requirement.attribute]
        by_channel = requirement.attribute == "baa_covers"
        channels: list[str | None] = (
            list(dict.fromkeys(c for p in plans.values() for c in p.channels)) if by_channel else [None]
        )
        for channel in channels:
            open_in = {}
            for plan_id, plan in plans.items():
                if channel is None or channel in plan.channels:
                    fact = catalog.fact(f"{vendor_id}/{plan_id}", requirement.attribute, channel, on)
                    why = _open(fact, requirement.accepts_grade)
                    if why:
                        open_in[plan_id] = why
            reasons: dict[str, list[str]] = {}
            for plan_id, why in open_in.items():
                reasons.setdefault(why, []).append(plan_id)
            for why, named in reasons.items():
                everywhere = len(named) == sum(1 for p in plans.values() if channel is None or channel in p.channels)
                for plan_name in [None] if everywhere else named:
                    heavy = requirement.open_point == "heavy"
                    asked.append((heavy, _question(requirement.attribute, attribute, vendor, plan_name, channel, why)))
    return [question for heavy, question in sorted(asked, key=lambda item: not item[0])]


def _open(fact: Fact, accepts: Any) -> str:
    """Say why a fact is no answer yet; nothing if it is one."""
    if fact.value is None or fact.source is None:
        return "unknown"
    said = f"{str(fact.value).replace('_', ' ')} ({fact.source.title}, {fact.source.seen})"
    if fact.disputed:
        others = " and ".join(f"{piece.value} ({piece.source})" for piece in fact.disputed)
        return f"disputed: {said} against {others}"
    if fact.stale:
        return f"old: {said}"
    if not accepts(fact.source.grade):
        return f"only {GRADE_PHRASES[fact.source.grade]}: {said}"
    return f"in part: {said}" if fact.value == "partial" else ""


def _question(
    name: str, attribute: Attribute, vendor: Vendor, plan: str | None, channel: str | None, known: str
) -> Question:
    words = {
        "sms": "SMS",
        "mms": "picture messages (MMS)",
        "secure_message": "in-app or portal messages",
        "team_chat": "team chat",
    }
    text = attribute.question or f"What holds for {attribute.title.lower()}?"
    if name == "baa_covers" and channel:
        text = f"Does the BAA cover {words[channel]} by name?"
    if plan:
        text = f"On the plan {vendor.plans[plan].name}: {text[0].lower()}{text[1:]}"
    values = ", ".join(attribute.values) if isinstance(attribute.values, dict) else str(attribute.values)
    return Question(name, plan, channel, text, known, values)


def as_email(vendor: Vendor, questions: list[Question]) -> str:
    """Write the questions as an email."""
    lines = [
        f"Subject: Questions before we text clients with {vendor.name}",
        "",
        "Hello,",
        "",
        f"we are a therapy practice in the United States and consider {vendor.name} for messages to our clients.",
        "Before we decide, we would be grateful for your written answers to these questions:",
        "",
    ]
    texts = list(dict.fromkeys(question.text for question in questions))
    lines += [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    lines += [
        "",
        "A link to the page or document that says so helps us most. Thank you.",
        "",
        "[name, practice, phone]",
        "",
    ]
    return "\n".join(lines)


def as_yaml(vendor_id: str, questions: list[Question]) -> str:
    """Write the questions as a YAML form to fill in."""
    out = [
        "# Fill in 'answer' with one of the values beside it, and 'answered' with the day of the reply.",
        "# Leave an answer empty that you did not get. Then: texteval answers THIS-FILE -o my-facts.yaml",
        f"vendor: {vendor_id}",
        "answered:          # such as 2026-12-01",
        "answered_by:       # who replied, such as the support team by email",
        "answers:",
    ]
    for question in questions:
        out.append(f"  # {question.text}")
        out.append(f"  # So far {question.known}.".replace("\n", " "))
        out.append(f"  - attribute: {question.attribute}")
        if question.plan:
            out.append(f"    plan: {question.plan}")
        if question.channel:
            out.append(f"    channel: {question.channel}")
        out.append(f"    answer:        # {question.values}")
        out.append("    note:")
    return "\n".join(out) + "\n"


def as_xlsx(vendor_id: str, questions: list[Question]) -> bytes:
    """Write the questions as a workbook to fill in."""
    import openpyxl
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.datavalidation import DataValidation

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Answers"
    for row in (("vendor", vendor_id), ("answered", ""), ("answered_by", ""), ()):
        sheet.append(row)
    sheet.append(ABOUT)
    for cell in sheet[5]:
        cell.font = Font(bold=True)
    for i, question in enumerate(questions, 6):
        sheet.append(
            [question.attribute, question.plan or "", question.channel or "", question.text, question.known, "", ""]
        )
        choices = DataValidation(type="list", formula1=f'"{question.values.replace(", ", ",")}"', allow_blank=True)
        sheet.add_data_validation(choices)
        choices.add(f"F{i}")
    for column, width in zip("ABCDEFG", (26, 18, 16, 60, 46, 14, 40), strict=True):
        sheet.column_dimensions[column].width = width
    for row_cells in sheet.iter_rows(min_row=5):
        for cell in row_cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A6"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read_answers(catalog: Catalog, path: Path, today: date) -> dict[str, Any]:
    """Turn a filled-in form into an overlay: dated evidence of grade *vendor's reply*.

    Parameters
    ----------
    catalog : Catalog
        Against which the answers are checked.
    path : pathlib.Path
        The form, YAML or xlsx.
    today : datetime.date
        No answer can be from a later day.

    Returns
    -------
    dict
        An overlay as plain data, for ``--overlay``.

    Raises
    ------
    DataError
        For an unknown vendor, attribute, plan or value, a missing or future day: all at once, with line or row.
    UserError
        If nothing is answered, or the file cannot be read.
    """
    form, lines = _xlsx_form(path) if path.suffix.lower() == ".xlsx" else _yaml_form(path)
    problems = list(_form_faults(catalog, form, lines, path, today))
    if problems:
        raise DataError(problems)
    answered = [row for row in form["answers"] if row.get("answer") not in (None, "")]
    if not answered:
        raise UserError(f"{path}: no answer is filled in: write at least one, then run this again")
    vendor_id, day = form["vendor"], str(form["answered"])
    source_id = f"{vendor_id}-reply-{day}"
    facts: dict[str, list[dict[str, Any]]] = {}
    for row in answered:
        piece: dict[str, Any] = {"value": row["answer"], "source": source_id}
        if row.get("plan"):
            piece["plans"] = [row["plan"]]
        if row.get("channel"):
            piece["channels"] = [row["channel"]]
        if row.get("note"):
            piece["note"] = str(row["note"])
        facts.setdefault(row["attribute"], []).append(piece)
    who = f", {form['answered_by']}" if form.get("answered_by") else ""
    name = catalog.vendors[vendor_id].name
    return {
        "sources": {
            source_id: {
                "title": f"Reply of {name} to our questions{who}",
                "publisher": name,
                "seen": first_day(day) if len(day) == 10 else day,
                "grade": "vendor_reply",
            }
        },
        "vendors": {vendor_id: {"facts": facts}},
    }


_Where = dict[int, int]


def _yaml_form(path: Path) -> tuple[dict[str, Any], _Where]:
    data, text = read_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("answers"), list):
        raise DataError([Problem(str(path), 1, "", "this is no form of answers", "make one with 'texteval questions'")])
    where = Lines(text)
    return data, {i: where.of(["answers", i]) for i in range(len(data["answers"]))}


def _xlsx_form(path: Path) -> tuple[dict[str, Any], _Where]:
    rows = xlsx_rows(path)
    form: dict[str, Any] = {"answers": []}
    lines: _Where = {}
    head: list[str] = []
    for number, cells in rows:
        cells = [cell.strip() for cell in cells]
        if head:
            record = dict(zip(head, cells, strict=False))
            if any(cells):
                lines[len(form["answers"])] = number
                form["answers"].append(record)
        elif cells[:1] == ["attribute"]:
            head = cells
        elif cells and cells[0]:
            form[cells[0]] = cells[1] if len(cells) > 1 else ""
    if not head:
        raise DataError([Problem(str(path), 1, "", "this is no form of answers", "make one with 'texteval questions'")])
    return form, lines


def _form_faults(catalog: Catalog, form: dict[str, Any], lines: _Where, path: Path, today: date) -> Iterable[Problem]:
    vendor = catalog.vendors.get(form.get("vendor") or "")
    if vendor is None:
        yield Problem(
            str(path),
            1,
            "vendor",
            f"there is no vendor '{form.get('vendor')}'",
            nearest(str(form.get("vendor")), catalog.vendors),
        )
        return
    day = str(form.get("answered") or "")
    try:
        if first_day(day) > today:
            yield Problem(str(path), 1, "answered", f"{day} is in the future", "write the day of the reply")
    except ValueError:
        yield Problem(
            str(path), 1, "answered", f"'{day}' is not a day", "write the day of the reply, such as 2026-12-01"
        )
    known = catalog.attributes.attributes
    for i, row in enumerate(form["answers"]):
        line = lines[i]
        if not isinstance(row, dict):
            yield Problem(str(path), line, "answers", f"{row!r} is no answer", "write attribute: and answer:")
            continue
        for key in row:
            if key not in ABOUT:
                yield Problem(str(path), line, str(key), f"'{key}' is not a field here", nearest(str(key), ABOUT))
        name = row.get("attribute")
        if name not in known:
            yield Problem(str(path), line, "attribute", f"'{name}' is not an attribute", nearest(str(name), known))
            continue
        plan = row.get("plan")
        if plan and plan not in vendor.plans:
            yield Problem(
                str(path), line, "plan", f"{vendor.name} has no plan '{plan}'", nearest(str(plan), vendor.plans)
            )
        answer, values = row.get("answer"), known[name].values
        if answer in (None, "") or not isinstance(values, dict):
            continue
        if answer not in values:
            yield Problem(
                str(path), line, "answer", f"{answer!r} is not an answer here", "write one of " + ", ".join(values)
            )


def overlay_text(overlay: dict[str, Any]) -> str:
    """Write an overlay as YAML."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(overlay, stream)
    return "# Your own facts, laid over texteval's catalogue with --overlay.\n" + stream.getvalue()
