"""Questions to a vendor for every open point, and the answers turned into dated evidence."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pydantic

from texteval import kept
from texteval.assess import Finding, finding_of
from texteval.catalog import METER_WORDS, Attribute, Catalog, Plan, Vendor
from texteval.charges import CADENCES, SEATS, Allowance, Unpublished, UnpublishedRate
from texteval.errors import DataError, Problem, UserError, nearest
from texteval.evidence import CHANNELS, GRADE_PHRASES
from texteval.files import Lines, read_yaml, write_whole
from texteval.models import Day, first_day
from texteval.requirements import Requirement, Requirements
from texteval.update import xlsx_rows

ABOUT = ("attribute", "plan", "channel", "question", "known", "answer", "note", "meanings")
"""The columns of the fillable table."""

HEAD = ("vendor", "answered", "answered_by")
"""What stands above it."""

BY_CHANNEL = "baa_covers"
"""The attribute that is asked channel by channel."""

CHANNEL_WORDS = {
    "sms": "SMS",
    "mms": "picture messages (MMS)",
    "secure_message": "in-app or portal messages",
    "team_chat": "team chat",
}

MAX_TEXT = 2000
"""The longest note or answer in words, in characters."""

MAX_NAME = 200
"""The longest name of who replied."""

_Cell = tuple[str, str]
"""A plan and a channel."""


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
    meanings : tuple of pairs of str
        Each of those answers with what it means; none for an answer in free words or a number.
    """

    attribute: str
    plan: str | None
    channel: str | None
    text: str
    known: str
    values: str
    meanings: tuple[tuple[str, str], ...] = ()


def ask(catalog: Catalog, requirements: Requirements, vendor_id: str, on: date) -> list[Question]:
    """List the questions to a vendor: one for each gate that is open, or not met by an old or weak source alone.

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
    everywhere: dict[str, set[_Cell]] = {}
    unsettled: dict[str, dict[str, list[_Cell]]] = {}
    heavy = set()
    for requirement, cell, found in _gates(catalog, requirements, vendor_id, on):
        name = str(requirement.attribute)
        everywhere.setdefault(name, set()).add(cell)
        if found.outcome == "verify" or (found.outcome == "fail" and not _firm(requirement, found)):
            reasons = unsettled.setdefault(name, {})
            if not any(cell in cells for cells in reasons.values()):
                reasons.setdefault(_known(requirement, found), []).append(cell)
            if found.heavy:
                heavy.add(name)
    asked = []
    for name, reasons in unsettled.items():
        attribute = catalog.attributes.attributes[name]
        for known, cells in reasons.items():
            for plan, channel in _folded(cells, everywhere[name], by_channel=name == BY_CHANNEL):
                asked.append(_question(name, attribute, vendor, plan, channel, known))
    return sorted(asked, key=lambda question: question.attribute not in heavy)


def outlook(catalog: Catalog, requirements: Requirements, vendor_id: str, on: date) -> str | None:
    """Say why no answer of a vendor would help: it has no plan that can text, or refuses what must be.

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
    str or None
        One or two sentences; None if asking is worth it.
    """
    name = catalog.vendor(vendor_id).name
    if not _plans(catalog, vendor_id, on):
        return f"{name} has no plan that can text clients, so there is nothing to ask it: look at another vendor."
    cells: set[_Cell] = set()
    refused: dict[_Cell, Finding] = {}
    for _, cell, found in _gates(catalog, requirements, vendor_id, on):
        cells.add(cell)
        if found.outcome == "fail" and found.fact and not found.fact.stale:
            refused.setdefault(cell, found)
    if not cells or cells != set(refused):
        return None
    found = next(iter(refused.values()))
    assert found.fact is not None and found.fact.source is not None
    said = f"{found.reason.rstrip('.')} ({found.fact.source.title}, {found.fact.source.seen})"
    return f"{name} cannot be used, and asking will hardly change it. {said}."


def unpublished(catalog: Catalog, vendor_id: str, on: date) -> list[str]:
    """Word a question for each price that a vendor does not publish.

    Parameters
    ----------
    catalog : Catalog
        The prices.
    vendor_id : str
        The vendor.
    on : datetime.date
        The day of the question.

    Returns
    -------
    list of str
        One question for each line of the bill, with the plans that it is about.
    """
    plans = _plans(catalog, vendor_id, on)
    named: dict[tuple[str, str], list[str]] = {}
    for plan_id, plan in plans.items():
        for line in catalog.price_lines(f"{vendor_id}/{plan_id}", on) or []:
            charge = line.charge
            if isinstance(charge, Unpublished) or (
                isinstance(charge, Allowance) and isinstance(charge.then, UnpublishedRate)
            ):
                named.setdefault((line.name, _cost(charge)), []).append(plan.name)
    texts = []
    for (name, cost), names in named.items():
        where = "" if len(names) == len(plans) else f" ({'; '.join(names)})"
        texts.append(f"You publish no price for '{name}'{where}: {cost}?")
    return texts


def _cost(charge: Unpublished | Allowance) -> str:
    often = CADENCES[charge.cadence].format(charge.months)
    if charge.meter == ["account"]:
        return f"what would we pay {often}"
    words = " and ".join(METER_WORDS[meter] for meter in charge.meter)
    if all(meter in SEATS for meter in charge.meter):
        return f"what would [number] {words} cost us {often}"
    return f"what does each one cost ({words})"


def _plans(catalog: Catalog, vendor_id: str, on: date) -> dict[str, Plan]:
    """Return the plans that can text and are sold on a day."""
    plans = catalog.vendor(vendor_id).plans
    return {name: plan for name, plan in plans.items() if plan.channels and plan.sold(on)}


def _gates(
    catalog: Catalog, requirements: Requirements, vendor_id: str, on: date
) -> Iterator[tuple[Requirement, _Cell, Finding]]:
    """Find what each gate that reads a fact comes to, on each plan and channel."""
    for name, requirement in requirements.all.items():
        if requirement.gate == "never" or requirement.attribute is None or not requirement.holds(on):
            continue
        for plan_id, plan in _plans(catalog, vendor_id, on).items():
            for channel, purposes in plan.channels.items():
                served = requirements.file.purposes if purposes == "all" else purposes
                if any(requirement.applies(channel, purpose) for purpose in served):
                    found = finding_of(catalog, name, requirement, True, f"{vendor_id}/{plan_id}", channel, on)
                    yield requirement, (plan_id, channel), found


def _firm(requirement: Requirement, found: Finding) -> bool:
    """Tell whether a finding rests on a fresh source that is good enough for the requirement."""
    fact = found.fact
    return bool(fact and fact.source and not fact.stale and requirement.accepts_grade(fact.source.grade))


def _known(requirement: Requirement, found: Finding) -> str:
    """Say what is known so far, and why that is not enough."""
    fact = found.fact
    if fact is None or fact.value is None or fact.source is None:
        return "unknown"
    said = f"{str(fact.value).replace('_', ' ')} ({fact.source.title}, {fact.source.seen})"
    if fact.disputed:
        others = " and ".join(f"{piece.value} ({piece.source})" for piece in fact.disputed)
        return f"disputed: {said} against {others}"
    if fact.stale:
        return f"old: {said}"
    if requirement.outcomes.get(str(fact.value)) == "verify" and _firm(requirement, found):
        return f"not enough by itself: {said}"
    return f"only {GRADE_PHRASES[fact.source.grade]}: {said}"


def _folded(cells: list[_Cell], everywhere: set[_Cell], *, by_channel: bool) -> list[tuple[str | None, str | None]]:
    """Put plans and channels together: all, a channel on all its plans, a plan on all its channels, or one of each."""
    if set(cells) == everywhere and not by_channel:
        return [(None, None)]

    def fold(first: int) -> list[tuple[str | None, str | None]]:
        left, folded = set(cells), []
        for axis in (1,) if by_channel else (first, 1 - first):
            for name in dict.fromkeys(cell[axis] for cell in cells):
                whole = {cell for cell in everywhere if cell[axis] == name}
                if whole <= left:
                    folded.append((None, name) if axis else (name, None))
                    left -= whole
        return [*folded, *(cell for cell in cells if cell in left)]

    return min(fold(1), fold(0), key=len)


def _question(
    name: str, attribute: Attribute, vendor: Vendor, plan: str | None, channel: str | None, known: str
) -> Question:
    text = attribute.question or f"What holds for {attribute.title.lower()}?"
    if name == BY_CHANNEL and channel:
        text = f"Does the BAA cover {CHANNEL_WORDS[channel]} by name?"
    elif channel:
        text = f"For {CHANNEL_WORDS[channel]}: {text[0].lower()}{text[1:]}"
    if plan:
        text = f"On the plan {vendor.plans[plan].name}: {text[0].lower()}{text[1:]}"
    if isinstance(attribute.values, dict):
        return Question(name, plan, channel, text, known, ", ".join(attribute.values), tuple(attribute.values.items()))
    return Question(name, plan, channel, text, known, attribute.values)


def as_email(vendor: Vendor, questions: Sequence[Question], prices: Sequence[str] = ()) -> str:
    """Write the questions as an email, with those about unpublished prices after the others."""
    lines = [
        f"Subject: Questions before we text clients with {vendor.name}",
        "",
        "Hello,",
        "",
        f"we are a therapy practice in the United States and consider {vendor.name} for messages to our clients.",
        "Before we decide, we would be grateful for your written answers to these questions:",
        "",
    ]
    texts = list(dict.fromkeys([*_joined(questions), *prices]))
    lines += [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    lines += [
        "",
        "A link to the page or document that says so helps us most. Thank you.",
        "",
        "[name, practice, phone]",
        "",
    ]
    return "\n".join(lines)


def _joined(questions: Sequence[Question]) -> list[str]:
    """Put what is asked of several channels alike, on all plans, into one question."""
    alike: dict[tuple[str, str | None, str | None, bool], list[Question]] = {}
    for question in questions:
        joins = question.plan is None and question.channel is not None
        key = (question.attribute, question.plan, None if joins else question.channel, joins)
        alike.setdefault(key, []).append(question)
    texts = []
    for first, *others in alike.values():
        words = [CHANNEL_WORDS[question.channel] for question in (first, *others) if question.channel]
        together = ", ".join(words[:-1]) + " and " + words[-1] if others and words else ""
        texts.append(first.text.replace(words[0], together, 1) if together else first.text)
    return texts


def as_yaml(vendor_id: str, questions: Sequence[Question]) -> str:
    """Write the questions as a YAML form to fill in."""
    out = [
        "# Fill in 'answer' with one of the values listed above it, and 'answered' with the day of the reply.",
        "# Leave an answer empty that you did not get. Then: texteval answers THIS-FILE -o my-facts.yaml",
        f"vendor: {vendor_id}",
        "answered:          # such as 2026-12-01",
        "answered_by:       # who replied, such as the support team by email",
        "answers:" if questions else "answers: []",
    ]
    for question in questions:
        out.append(f"  # {question.text}")
        out.append(f"  # So far {question.known}.".replace("\n", " "))
        out += [f"  #   {value}: {meaning}" for value, meaning in question.meanings]
        out.append(f"  - attribute: {question.attribute}")
        if question.plan:
            out.append(f"    plan: {question.plan}")
        if question.channel:
            out.append(f"    channel: {question.channel}")
        out.append(f"    answer:        # {question.values}")
        out.append("    note:")
    return "\n".join(out) + "\n"


def as_xlsx(vendor_id: str, questions: Sequence[Question]) -> bytes:
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
        about = (question.attribute, question.plan or "", question.channel or "", question.text, question.known)
        meanings = [f"{value}: {meaning}" for value, meaning in question.meanings]
        sheet.append([*about, "", "", "\n".join(meanings) or f"a {question.values}"])
        if question.meanings:
            choices = DataValidation(type="list", formula1=f'"{question.values.replace(", ", ",")}"', allow_blank=True)
            sheet.add_data_validation(choices)
            choices.add(f"F{i}")
    for column, width in zip("ABCDEFGH", (26, 18, 16, 60, 46, 14, 40, 60), strict=True):
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
    form, lines = _form(path)
    problems = list(_head_faults(catalog, form, lines, path, today))
    answers: list[_Answer] = []
    vendor = catalog.vendors.get(form["vendor"]) if isinstance(form.get("vendor"), str) else None
    if vendor is not None:
        for i, row in enumerate(form["answers"]):
            faults = list(_row_faults(catalog, vendor, row, answers))
            problems += [Problem(str(path), lines[i], *fault) for fault in faults]
            if not faults and _said(row.get("answer")):
                value = _value(catalog.attributes.attributes[row["attribute"]], row["answer"])
                note = str(row["note"]) if _said(row.get("note")) else None
                answers.append(_Answer(row["attribute"], row.get("plan"), row.get("channel"), value, note))
    if problems:
        raise DataError(problems)
    if not answers:
        raise UserError(f"{path}: no answer is filled in: write at least one, then run this again")
    vendor_id, day = form["vendor"], str(form["answered"])
    source_id = f"{vendor_id}-reply-{day}"
    facts: dict[str, list[dict[str, Any]]] = {}
    for answer in answers:
        piece: dict[str, Any] = {"value": answer.value, "source": source_id}
        if answer.plan:
            piece["plans"] = [answer.plan]
        if answer.channel:
            piece["channels"] = [answer.channel]
        if answer.note:
            piece["note"] = answer.note
        facts.setdefault(answer.attribute, []).append(piece)
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


@dataclass(frozen=True)
class _Answer:
    attribute: str
    plan: str | None
    channel: str | None
    value: str | int
    note: str | None

    def contradicts(self, other: _Answer) -> bool:
        """Tell whether two answers to one attribute differ where both speak of the same plan and channel."""
        return (
            (self.attribute, self.value) != (other.attribute, other.value)
            and self.attribute == other.attribute
            and (self.plan == other.plan or None in (self.plan, other.plan))
            and (self.channel == other.channel or None in (self.channel, other.channel))
        )


_Where = dict[int | str, int]
"""The line of each answer, by its number, and of each field above them, by its name."""

_Fault = tuple[str, str, str]
"""The field, what is wrong, and what would be right."""


def _form(path: Path) -> tuple[dict[str, Any], _Where]:
    return _xlsx_form(path) if path.suffix.lower() == ".xlsx" else _yaml_form(path)


def _yaml_form(path: Path) -> tuple[dict[str, Any], _Where]:
    data, text = read_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("answers"), list):
        raise DataError([Problem(str(path), 1, "", "this is no form of answers", "make one with 'texteval questions'")])
    where = Lines(text)
    lines: _Where = {i: where.of(["answers", i]) for i in range(len(data["answers"]))}
    return data, lines | {name: where.of([name]) for name in data}


def _xlsx_form(path: Path) -> tuple[dict[str, Any], _Where]:
    form: dict[str, Any] = {"answers": []}
    lines: _Where = {}
    columns: list[str] = []
    for number, row in xlsx_rows(path):
        cells = [cell.strip() for cell in row]
        if columns:
            if any(cells):
                lines[len(form["answers"])] = number
                pairs = zip(columns, cells, strict=False)
                form["answers"].append({name: cell or None for name, cell in pairs if name or cell})
        elif cells[:1] == ["attribute"]:
            columns = cells
        elif cells and cells[0] in HEAD:
            lines[cells[0]] = number
            form[cells[0]] = cells[1] if len(cells) > 1 else ""
    if not columns:
        raise DataError([Problem(str(path), 1, "", "this is no form of answers", "make one with 'texteval questions'")])
    return form, lines


def _said(answer: object) -> bool:
    """Tell whether an answer is one: an empty cell, or the word *unknown*, is none."""
    return answer is not None and not (isinstance(answer, str) and answer.strip().lower() in ("", "unknown"))


def _value(attribute: Attribute, answer: object) -> str | int:
    """Read an answer as a value of its attribute, in capitals or not.

    Raises
    ------
    ValueError
        If it is none: what would be right.
    """
    if isinstance(attribute.values, dict):
        value = answer.strip().lower().replace(" ", "_") if isinstance(answer, str) else None
        if value not in attribute.values:
            raise ValueError("write one of " + ", ".join(attribute.values))
        return value
    if attribute.values == "text":
        if not isinstance(answer, str) or len(answer) > MAX_TEXT:
            raise ValueError(f"write text of at most {MAX_TEXT} characters, in quotes if it looks like a number")
        return answer.strip()
    if isinstance(answer, bool) or not re.fullmatch(r"[0-9]{1,9}", str(answer).strip()):
        raise ValueError("write a whole number")
    return int(str(answer))


def _head_faults(catalog: Catalog, form: dict[str, Any], lines: _Where, path: Path, today: date) -> Iterator[Problem]:
    def fault(name: str, wrong: str, right: str) -> Problem:
        return Problem(str(path), lines.get(name, 1), name, wrong, right)

    for name in form:
        if name not in (*HEAD, "answers"):
            yield fault(str(name), f"'{name}' is not a field here", nearest(str(name), HEAD))
    vendor_id = form.get("vendor") or ""
    if not isinstance(vendor_id, str) or vendor_id not in catalog.vendors:
        yield fault("vendor", f"there is no vendor '{vendor_id}'", nearest(str(vendor_id), catalog.vendors))
    day = "" if form.get("answered") is None else str(form["answered"])
    try:
        pydantic.TypeAdapter(Day).validate_python(day)
        if first_day(day) > today:
            yield fault("answered", f"{day} is in the future", "write the day of the reply")
    except ValueError:
        yield fault("answered", f"'{day}' is not a day", "write the day of the reply, such as 2026-12-01")
    by = form.get("answered_by")
    if by is not None and (not isinstance(by, str) or len(by) > MAX_NAME):
        yield fault("answered_by", "this is not a name", f"write who replied, in at most {MAX_NAME} characters")


def _row_faults(catalog: Catalog, vendor: Vendor, row: Any, before: Sequence[_Answer]) -> Iterator[_Fault]:
    if not isinstance(row, dict):
        yield "answers", f"{row!r} is no answer", "write attribute: and answer:"
        return
    for key in row:
        if key not in ABOUT:
            yield str(key), f"'{key}' is not a field here", nearest(str(key), ABOUT)
    plan, channel, note = row.get("plan"), row.get("channel"), row.get("note")
    for field, given, known, wrong in (
        ("plan", plan, vendor.plans, f"{vendor.name} has no plan '{plan}'"),
        ("channel", channel, CHANNELS, f"'{channel}' is not a channel"),
    ):
        if given is not None and (not isinstance(given, str) or given not in known):
            yield field, wrong, nearest(str(given), known)
            before = ()
    if isinstance(note, list | dict) or len(str(note)) > MAX_TEXT:
        yield "note", "this is not a note", f"write text of at most {MAX_TEXT} characters"
    attributes, name, answer = catalog.attributes.attributes, row.get("attribute"), row.get("answer")
    if not isinstance(name, str) or name not in attributes:
        yield "attribute", f"'{name}' is not an attribute", nearest(str(name), attributes)
        return
    if not _said(answer):
        return
    try:
        new = _Answer(name, plan, channel, _value(attributes[name], answer), None)
    except ValueError as error:
        yield "answer", f"{answer!r} is not an answer here", str(error)
        return
    for other in before:
        if new.contradicts(other):
            yield "answer", f"'{new.value}' contradicts '{other.value}' further up", "keep one of the two"
            return


def overlay_text(overlay: dict[str, Any]) -> str:
    """Write an overlay as YAML."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(overlay, stream)
    return "# Your own facts, laid over texteval's catalogue with --overlay.\n" + stream.getvalue()


def write_forms(folder: Path, vendor_id: str, email: str, questions: Sequence[Question]) -> list[Path]:
    """Write the email and both forms; a form in which something is filled in is never overwritten.

    Parameters
    ----------
    folder : pathlib.Path
        Where to; it is made if need be.
    vendor_id : str
        The vendor, whose id the files bear.
    email : str
        The text of the email.
    questions : sequence of Question
        What the forms ask.

    Returns
    -------
    list of pathlib.Path
        The email, the YAML form and the workbook.

    Raises
    ------
    UserError
        If ``folder`` is a file, or a form there has an answer; nothing is then written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: this is a file: name a folder with -o")
    contents: dict[Path, str | bytes] = {
        folder / f"{vendor_id}.txt": email,
        folder / f"{vendor_id}.yaml": as_yaml(vendor_id, questions),
        folder / f"{vendor_id}.xlsx": as_xlsx(vendor_id, questions),
    }
    for path in list(contents)[1:]:
        if path.exists() and not _untouched(path):
            raise UserError(
                f"{path}: this form has answers, and would be overwritten: "
                f"name another folder with -o, or run 'texteval answers {path}' and move it away"
            )
    for path, content in contents.items():
        write_whole(path, content)
    return list(contents)


def _untouched(path: Path) -> bool:
    """Tell whether a form is as it was written; one that cannot be read is not."""
    try:
        form, _ = _form(path)
    except UserError:
        return False
    return not any(form.get(name) for name in HEAD[1:]) and all(
        isinstance(row, dict) and not row.get("answer") and not row.get("note") for row in form["answers"]
    )


def write_overlay(path: Path, overlay: dict[str, Any], form: Path) -> None:
    """Write an overlay to a file.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    overlay : dict
        As :func:`read_answers` returns it.
    form : pathlib.Path
        The form that it was read from, which is not overwritten.

    Raises
    ------
    UserError
        If ``path`` is a folder, or the form itself, or holds what somebody has written.
    """
    if path.is_dir():
        raise UserError(f"{path}: this is a folder: name a file with -o, such as {path / 'my-facts.yaml'}")
    if path.exists() and path.samefile(form):
        raise UserError(f"{path}: this is the form itself: name another file with -o")
    made = {path.name: overlay_text(overlay).encode()}
    if names := kept.changed(path.parent, made):
        raise kept.refusal(path.parent, names)
    kept.write(path.parent, made)
