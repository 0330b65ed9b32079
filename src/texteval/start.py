"""Where a newcomer starts: ten questions that make a practice file, and a folder to work in.

The questions stand in ``interview.yaml``. The conversation is a generator: it yields what to show and is sent what was
typed, so that it reads no keyboard and prints nothing itself.
"""

from __future__ import annotations

import difflib
import json
import re
import textwrap
import unicodedata
from collections.abc import Generator, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import pydantic

from texteval.catalog import Catalog, Purpose
from texteval.errors import UserError, nearest
from texteval.files import data_folder, is_file, is_folder, notebook_folder, read_text, read_yaml, validate, write_whole
from texteval.messages import SINGLE, count
from texteval.models import Strict, Text
from texteval.money import half_up
from texteval.practice import MONTHS, Message, Practice, Profession, received_per_year, sent_per_year
from texteval.practice import load as load_practice
from texteval.states import STATES

WIDTH = 78
"""The longest line that is shown, in characters."""

MOST_OFFERED = 15
"""How many plans are listed to choose from."""


class Part(Strict):
    """What a choice says of a practice: some fields of its file."""

    messages: list[Message] = []  # noqa: RUF012
    professions: list[Profession] = []  # noqa: RUF012
    modalities: list[Literal["dbt", "psychodynamic"]] = []  # noqa: RUF012
    minors: bool = False
    part2: bool = False
    cash_only: bool = False
    employer: Literal["none", "allows", "forbids", "unknown"] = "none"
    reading: Literal["strict", "standard", "request"] = "standard"


class Choice(Strict):
    """One of several answers, of which any number may be taken together."""

    title: Text
    sets: Part


class Step(Strict):
    """A question, or the second part of one."""

    ask: Text
    why: Text
    """The reason, as it goes on after "Why we ask:"."""
    more: Text
    """What ``?`` tells."""
    kind: Literal["text", "number", "choices", "plan", "state", "states", "yes_no"]
    """How the answer is read."""
    fills: Literal[
        "name",
        "clinicians",
        "staff",
        "sessions_per_week",
        "purposes",
        "reminders",
        "replies",
        "wording",
        "now.plan",
        "now.reminders",
        "state",
        "client_states",
        "circumstances",
    ]
    """What the answer fills: a field of the practice file, or the messages, what stands in them, or what else holds."""
    default: str | int | bool | list[int] | None = None
    """What Enter takes; nothing, or the example text of the message, if left out."""
    for_each: Literal["clinicians"] | None = None
    """The default is multiplied by this."""
    least: int = 0
    """The smallest number."""
    most: int = 2000
    """The largest number; the most characters of a text."""
    choices: list[Choice] = []  # noqa: RUF012
    only_for: Purpose | None = None
    """It is asked only if messages of this purpose are sent."""
    then: Step | None = None
    """Asked afterwards, if this has an answer."""

    @pydantic.model_validator(mode="after")
    def _sound(self) -> Step:
        wanted = {"number": int, "text": str, "yes_no": bool, "choices": list}.get(self.kind)
        if self.default is not None and type(self.default) is not wanted:
            raise ValueError(f"the default {self.default!r} is no answer of the kind '{self.kind}': change one of them")
        if (self.kind == "choices") != bool(self.choices):
            raise ValueError("a question of the kind 'choices' has choices, and no other has: add or remove them")
        if self.kind in ("number", "yes_no") and self.default is None:
            raise ValueError(f"a question of the kind '{self.kind}' needs a default: add 'default:'")
        if isinstance(self.default, list) and not set(self.default) <= set(range(1, len(self.choices) + 1)):
            raise ValueError(f"the default {self.default} names a choice that is not there: count from 1")
        if self.kind == "number" and isinstance(self.default, int) and not self.least <= self.default <= self.most:
            raise ValueError(
                f"the default {self.default} is not within {self.least} and {self.most}: change one of them"
            )
        return self


NEEDED = ("name", "clinicians", "staff", "sessions_per_week", "purposes", "reminders", "replies", "wording")
"""What a question fills at the least: the explorer asks for it too, within the limits that stand there."""


class Interview(Strict):
    """The file ``interview.yaml``."""

    questions: Annotated[list[Step], pydantic.Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Interview:
        filled = [step.fills for _, step, _ in self.steps]
        for need in NEEDED:
            if need not in filled:
                raise ValueError(f"no question fills '{need}', which the explorer asks too: add one")
        for name in filled:
            if filled.count(name) > 1:
                raise ValueError(f"two questions fill '{name}': keep one of them")
        if any(not choice.sets.messages for choice in self.step("purposes").choices):
            raise ValueError("a choice of 'purposes' brings no message: add 'messages:' under its 'sets:'")
        return self

    @cached_property
    def steps(self) -> list[tuple[int, Step, Step | None]]:
        """All steps in order: the number of the question, the step, and the step that it follows up."""
        found: list[tuple[int, Step, Step | None]] = []
        for number, question in enumerate(self.questions, 1):
            step: Step | None = question
            before: Step | None = None
            while step is not None:
                found.append((number, step, before))
                step, before = step.then, step
        return found

    def step(self, fills: str) -> Step:
        """Return the step that fills something."""
        return next(step for _, step, _ in self.steps if step.fills == fills)

    def parts(self, fills: str, values: Mapping[str, Any]) -> list[Part]:
        """Return what the choices that were taken say."""
        return [self.step(fills).choices[i - 1].sets for i in values[fills]] if fills in values else []

    def held(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the values of those steps that are asked, given the values before them."""
        kept: dict[str, Any] = {}
        for _, step, before in self.steps:
            if step.fills in values and self.asked(step, before, kept):
                kept[step.fills] = values[step.fills]
        return kept

    def asked(self, step: Step, before: Step | None, kept: Mapping[str, Any]) -> bool:
        """Tell whether a step is asked, given the values before it."""
        purposes = {message.purpose for part in self.parts("purposes", kept) for message in part.messages}
        return (before is None or kept.get(before.fills) is not None) and step.only_for in (None, *purposes)


def load(path: Path | None = None) -> Interview:
    """Read the questions.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file like ``interview.yaml``; texteval's own by default.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = path or data_folder() / "interview.yaml"
    data, text = read_yaml(path)
    return validate(Interview, data, path, text)


# ------------------------------------------------------------------------------------------------ reading an answer


class NotTakenError(Exception):
    """An answer that cannot be taken.

    Parameters
    ----------
    why : str
        What is wrong and what would be right.
    offered : list of str
        Plans to choose from by number.
    """

    def __init__(self, why: str, offered: list[str] | None = None) -> None:
        super().__init__(why)
        self.offered = offered or []


NONE = ("", "none", "nothing", "-")
YES_NO = {"yes": True, "y": True, "no": False, "n": False}


def read(step: Step, answer: str, catalog: Catalog) -> Any:
    """Read an answer.

    Parameters
    ----------
    step : Step
        What was asked.
    answer : str
        What was typed.
    catalog : Catalog
        The plans that can be named.

    Returns
    -------
    str, int, bool, list or None
        A text, a number, yes or no, the numbers of the choices, a plan's id, a state's code or several; None for
        nothing.

    Raises
    ------
    NotTakenError
        If it is no answer to the question.
    """
    answer = " ".join(answer.split())
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn", "Zl", "Zp") for character in answer):
        raise NotTakenError("There is a character in it that cannot be printed: type it anew.")
    if step.kind == "text":
        return _text(step, answer)
    if step.kind == "number":
        return _number(step, answer)
    if step.kind == "choices":
        return _choices(step, answer)
    if step.kind == "yes_no":
        if answer.lower() not in YES_NO:
            raise NotTakenError(f"{_shown(answer)} is neither yes nor no: write y or n.")
        return YES_NO[answer.lower()]
    if answer.lower() in NONE:
        return None
    if step.kind == "plan":
        return _plan(answer, catalog)
    return _states(answer) if step.kind == "states" else _state(answer)


def _shown(answer: str) -> str:
    return f"'{answer if len(answer) <= 40 else answer[:39] + '…'}'"


def _text(step: Step, answer: str) -> str:
    if not answer:
        raise NotTakenError("Some text is needed.")
    if len(answer) > step.most:
        raise NotTakenError(f"That has {len(answer):,} characters, and at most {step.most:,} are taken.")
    return answer


def _number(step: Step, answer: str) -> int:
    if not re.fullmatch(r"-?(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})", answer):
        raise NotTakenError(f"{_shown(answer)} is not a whole number: write it in digits, such as {step.default}.")
    number = int(answer.replace(",", ""))
    if not step.least <= number <= step.most:
        raise NotTakenError(f"{number:,} is out of range: write a number from {step.least:,} to {step.most:,}.")
    return number


def _choices(step: Step, answer: str) -> list[int]:
    words = [] if answer.lower() in NONE else re.split(r"[\s,;]+", answer.strip(" ,;"))
    chosen: list[int] = []
    for word in words:
        if not re.fullmatch("[0-9]{1,3}", word) or not 1 <= int(word) <= len(step.choices):
            raise NotTakenError(
                f"{_shown(word)} is none of the numbers 1 to {len(step.choices)}: write some, such as 1, 2."
            )
        chosen.append(int(word))
    chosen = sorted(set(chosen))
    if not chosen and step.fills == "purposes":
        raise NotTakenError("At least one is needed: without messages there is nothing to compare.")
    said: dict[str, tuple[Any, int]] = {}
    for number in chosen:
        for name, value in step.choices[number - 1].sets.model_dump(exclude_unset=True).items():
            other, before = said.setdefault(name, (value, number))
            if not isinstance(value, list) and other != value:
                raise NotTakenError(f"{before} and {number} exclude each other: leave one of them out.")
    return chosen


def _squeezed(words: str) -> str:
    return re.sub(r"[\W_]+", "", words.casefold())


def find_plans(catalog: Catalog, words: str) -> tuple[list[str], list[str]]:
    """Find plans by words of their names.

    Parameters
    ----------
    catalog : Catalog
        Where to look.
    words : str
        A plan's id or name, or some words of it; spaces, capitals and punctuation do not matter.

    Returns
    -------
    found : list of str
        Plans, ``vendor/plan``: the one that is called so, else all whose name holds every word.
    near : list of str
        If none is found, the plans of vendors whose names are spelt nearly so.
    """
    wanted = _squeezed(words)
    if not wanted:
        return [], []
    names = {}
    for plan in catalog.plan_ids(texting=False):
        if wanted in (_squeezed(plan), _squeezed(catalog.title(plan))):
            return [plan], []
        also = catalog.vendors[plan.partition("/")[0]].also
        names[plan] = _squeezed(" ".join((catalog.title(plan), *also, plan)))
    each = [_squeezed(word) for word in words.split()]
    found = [plan for plan, name in names.items() if wanted in name or all(word in name for word in each)]
    if found:
        return found, []
    vendors: dict[str, list[str]] = {}
    for vendor_id, vendor in catalog.vendors.items():
        for name in (vendor_id, vendor.name, *vendor.also):
            vendors.setdefault(_squeezed(name), []).append(vendor_id)
    close = [
        vendor
        for one in dict.fromkeys((wanted, *each))
        for name in difflib.get_close_matches(one, vendors, n=3, cutoff=0.7)
        for vendor in vendors[name]
    ]
    return [], [plan for vendor in dict.fromkeys(close) for plan in names if plan.partition("/")[0] == vendor]


def _plan(answer: str, catalog: Catalog) -> str:
    if answer.isdecimal():
        raise NotTakenError(f"There is no {_shown(answer)} to choose: write a part of the tool's name, or none.")
    found, near = find_plans(catalog, answer)
    if len(found) == 1:
        return found[0]
    if len(found) > MOST_OFFERED:
        raise NotTakenError(f"{len(found)} plans have {_shown(answer)} in their names: write more of it.")
    if found:
        raise NotTakenError("Which of these? Write its number, or none.", found)
    if near:
        raise NotTakenError(f"There is no plan {_shown(answer)}. Is it one of these? Write its number, or none.",
                       near[:MOST_OFFERED])  # fmt: skip
    raise NotTakenError(
        f"There is nothing like {_shown(answer)} in the catalogue: try another part of the name, or none."
    )


def _state(answer: str) -> str:
    codes = {_squeezed(name): code for code, name in STATES.items()} | {code.lower(): code for code in STATES}
    if _squeezed(answer) not in codes:
        hint = nearest(answer, STATES.values()) if len(answer) > 2 else nearest(answer.upper(), STATES)
        hint = f" {hint[0].upper()}{hint[1:]}" if hint.startswith("did") else ""
        raise NotTakenError(f"There is no state {_shown(answer)}.{hint} Write its name or its two letters, such as TX.")
    return codes[_squeezed(answer)]


def _states(answer: str) -> list[str]:
    pieces = [piece.strip() for piece in re.split(r"[,;]|\band\b", answer) if piece.strip()]
    words = answer.split()
    if len(words) > 1 and all(word.upper() in STATES for word in words):
        pieces = words  # codes with nothing but spaces between them
    if not pieces:
        raise NotTakenError("Name a state, such as TX, or write none.")
    return list(dict.fromkeys(map(_state, pieces)))


# ------------------------------------------------------------------------------------------------ the conversation


def compose(interview: Interview, values: Mapping[str, Any]) -> Practice:
    """Make a practice of the answers.

    Parameters
    ----------
    interview : Interview
        The questions.
    values : mapping of str to object
        What :func:`read` returned, by what it fills. Those of steps that are not asked do not count.

    Returns
    -------
    Practice
        The practice.

    Raises
    ------
    UserError
        If the answers do not go together, or a month has more of anything than texteval can price.
    """
    values = interview.held(values)
    fields: dict[str, Any] = {}
    for name in ("purposes", "circumstances"):
        for part in interview.parts(name, values):
            for field, value in part.model_dump(exclude_unset=True).items():
                fields[field] = [*fields.get(field, []), *value] if isinstance(value, list) else value
    for name in ("name", "clinicians", "staff", "sessions_per_week", "state", "client_states"):
        if values.get(name) is not None:
            fields[name] = values[name]
    if "state" in fields and "client_states" in fields:
        fields["client_states"] = [state for state in fields["client_states"] if state != fields["state"]]
    if values.get("now.plan"):
        fields["now"] = {"plan": values["now.plan"], "reminders": values.get("now.reminders", False)}
    fields["messages"] = list(_messages(fields.get("messages", []), values))
    try:
        practice = Practice.model_validate(fields)
    except pydantic.ValidationError as error:
        raise UserError("; ".join(fault["msg"].removeprefix("Value error, ") for fault in error.errors())) from None
    practice.usage(dict.fromkeys(practice.purposes, "sms"))
    return practice


def _messages(chosen: list[dict[str, Any]], values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Put the answers into the messages: replies follow reminders, and the first that is sent has the wording."""
    first = next((message for message in chosen if message.get("direction") != "in"), None)
    for message in chosen:
        said = dict(message)
        out = message.get("direction") != "in"
        if "reminders" in values and message["purpose"] == ("reminder" if out else "confirmation"):
            said["count"] = values["reminders"]
            if not out and "replies" in values:
                said["percent"] = values["replies"]
        if message is first and values.get("wording"):
            said["text"] = values["wording"]
        if said.get("percent") != 0:
            yield said


Talk = Generator[str, str, Practice | None]


def converse(interview: Interview, catalog: Catalog, file: str) -> Talk:
    """Ask the questions, one at a time.

    Parameters
    ----------
    interview : Interview
        The questions.
    catalog : Catalog
        The plans that can be named.
    file : str
        The file that will be written, to be named in the last question.

    Yields
    ------
    str
        What to show; its last line is the prompt. What was typed is to be sent.

    Returns
    -------
    Practice or None
        The practice; None if it shall not be written after all.
    """
    steps, total = interview.steps, len(interview.questions)
    typed: dict[str, str] = {}
    values: dict[str, Any] = {}
    passed: list[int] = []
    at, said = 0, [
        f"{total} questions. Enter takes what stands in brackets, ? tells more, 'back' goes one question back. "
        "Ctrl-C leaves, and nothing is written."
    ]  # fmt: skip
    while True:
        while at < len(steps) and not interview.asked(*steps[at][1:], interview.held(values)):
            at += 1
        if at == len(steps):
            try:
                practice = compose(interview, values)
            except UserError as error:
                said = [f"These answers do not go together: {error}."]
                at = next(i for i, (_, step, _) in enumerate(steps) if step.fills == "sessions_per_week")
                passed = [i for i in passed if i < at]
                continue
            answer = yield "\n\n".join([*map(_wrapped, said), _review(practice, file)])
            while (word := answer.strip().lower()) not in ("", "y", "yes", "n", "no", "back"):
                answer = yield "Enter writes the file; otherwise type back, or no.\n> "
            if word != "back":
                return None if word in ("n", "no") else practice
            at, said = passed.pop(), []
            continue
        number, step, _ = steps[at]
        default = typed.get(step.fills, _default(interview, step, values))
        question = _question(number, total, step)
        shown = [*map(_wrapped, said), question] if said else [f"\n{question}"]
        offered: list[str] = []
        while True:
            answer = (yield "\n".join(filter(None, ["\n\n".join(shown), _prompt(default)]))).strip()
            if answer == "?":
                shown = [_wrapped(step.more)]
            elif answer.lower() == "back":
                if passed:
                    at, said = passed.pop(), []
                    break
                shown = ["This is the first question."]
            else:
                if re.fullmatch("[0-9]{1,2}", answer) and 1 <= int(answer) <= len(offered):
                    answer = offered[int(answer) - 1]
                try:
                    value = read(step, answer or default, catalog)
                except NotTakenError as error:
                    offered = error.offered or offered
                    listed = [f"{i:4}  {catalog.title(plan)}" for i, plan in enumerate(error.offered, 1)]
                    shown = ["\n".join([_wrapped(str(error)), *listed])]
                    continue
                values[step.fills], typed[step.fills] = value, _as_typed(value)
                said = list(_remarks(step, value, values, catalog))
                passed.append(at)
                at += 1
                break


def _default(interview: Interview, step: Step, values: Mapping[str, Any]) -> str:
    """Return what Enter takes, as it would be typed."""
    value: Any = step.default
    if step.for_each and isinstance(value, int):
        value = min(value * values.get(step.for_each, 1), step.most)
    if step.fills == "wording" and value is None:
        messages = [message for part in interview.parts("purposes", values) for message in part.messages]
        value = next((message.text for message in messages if message.direction == "out"), messages[0].text)
    return _as_typed(value)


def _as_typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _wrapped(text: str, indent: str = "") -> str:
    return "\n".join(
        textwrap.fill(line, WIDTH, subsequent_indent=indent, break_on_hyphens=False) for line in text.split("\n")
    )


def _question(number: int, total: int, step: Step) -> str:
    head = f"{number} of {total}  "
    lines = [_wrapped(head + step.ask, " " * len(head)), _wrapped(f"Why we ask: {step.why}", " " * 12)]
    lines += [_wrapped(f"{i:4}  {choice.title}", " " * 6) for i, choice in enumerate(step.choices, 1)]
    return "\n".join(lines)


def _prompt(default: str) -> str:
    return f"[{default}] > " if len(default) <= 50 else f"{_wrapped(f'[{default}]')}\n> "


def _remarks(step: Step, value: Any, values: Mapping[str, Any], catalog: Catalog) -> Iterator[str]:
    """Say how an answer was understood, where that is not plain."""
    if step.fills == "wording":
        counted = count(value)
        alone = SINGLE[counted.encoding]
        if counted.segments == 1:
            said = f"Billed as 1 segment: {counted.units} of {alone} units ({counted.encoding})."
        else:
            said = (
                f"Billed as {counted.segments} segments: {counted.units} units ({counted.encoding}), where {alone} fit "
                "into one."
            )
        if counted.forcing:
            names = ", ".join(list(counted.forcing_names())[:5])
            said += (
                f" Because of {names} the whole text takes {counted.encoding}, of which a segment holds {alone} in "
                f"place of {SINGLE['GSM-7']}. 'back' lets you change it."
            )
        yield said
    elif step.kind == "plan" and value:
        yield f"Taken: {catalog.title(value)} ({value})."
    elif step.kind in ("state", "states") and value:
        codes = value if isinstance(value, list) else [value]
        yield f"Taken: {', '.join(STATES[code] for code in codes)}."
    elif step.for_each and values.get(step.for_each, 1) > 1:
        each = half_up(10 * value, values[step.for_each])
        yield f"That is {each / 10:,g} for each of the {values[step.for_each]:,} clinicians."


def _review(practice: Practice, file: str) -> str:
    sent, received = (half_up(many, MONTHS) for many in (sent_per_year(practice), received_per_year(practice)))
    return (
        f"That was all. This is the file, with comments left out:\n\n{''.join(_fields(practice))}\n"
        f"It comes to about {sent:,} messages sent and {received:,} received a month.\n"
        f"Enter writes it to {file}; 'back' changes an answer; 'no' writes nothing.\n> "
    )


# ------------------------------------------------------------------------------------------------ the practice file

EXAMPLES: dict[str, Any] = {
    "staff": 1,
    "managers": 1,
    "weeks_per_year": 48,
    "active_clients": 80,
    "locations": 2,
    "numbers": 2,
    "claims_per_month": 120,
    "prefer": ["secure_message", "sms", "team_chat"],
    "now": {"plan": "simplepractice/plus", "account": "paid", "reminders": True},
    "reading": "strict",
    "state": "TX",
    "client_states": ["CA", "NY"],
    "professions": ["social_worker"],
    "minors": True,
    "part2": True,
    "modalities": ["dbt"],
    "employer": "unknown",
    "cash_only": True,
    "proposed_rule": True,
    "note": "Counted in October.",
}
"""For each field that may be left out, a value that shows how it is written."""

MEANINGS = {
    "messages": "What is sent, and how often: count for each session, week, month or year (per), in so many of a "
    "hundred cases (percent). direction: in is what clients send. text is an example, from which segments are counted.",
    "sources": "Where the volumes come from.",
    "claims_per_month": "Insurance claims filed.",
    "professions": "Whose codes of ethics hold.",
    "modalities": "Treatments that have something to say about messages.",
}
"""What fields mean, where the model leaves it to their names."""

ALWAYS = ("name", "clinicians", "staff", "sessions_per_week", "messages")


def as_yaml(practice: Practice, about: str = "") -> str:
    """Write a practice as the text of a file that a person can read and change.

    Parameters
    ----------
    practice : Practice
        The practice.
    about : str
        A remark for the head of the file.

    Returns
    -------
    str
        YAML: the fields that say something, each below what it means; then the others, as comments with an example.
    """
    head = (about, "Pass this file with --practice. Change a number and ask again. Write no client data into it.")
    lines = ["\n".join(_comment(line) for line in head if line) + "\n"]
    said = dict(_said(practice))
    for name, text in said.items():
        lines.append(f"\n{_meaning(name)}{text}")
    lines.append(
        "\n\n"
        + _comment("What else can be said. Take the # away from a line that begins with it, and change it.")
        + "\n"
    )
    for name, example in EXAMPLES.items():
        if name not in said:
            lines.append(f"\n{_meaning(name)}#{name}: {_flow(example)}\n")
    return "".join(lines)


def _fields(practice: Practice) -> Iterator[str]:
    yield from dict(_said(practice)).values()


def _said(practice: Practice) -> Iterator[tuple[str, str]]:
    """Go through the fields that say something: the name, and the lines of the file."""
    for name, field in Practice.model_fields.items():
        value = getattr(practice, name)
        stated = name == "weeks_per_year" and name in practice.model_fields_set  # else futures draw the weeks
        if name not in ALWAYS and value == field.default and not stated:
            continue
        if name in ("messages", "sources"):
            plain = practice.model_dump(mode="json", include={name}, exclude_unset=True)[name]
            rows = plain if name == "messages" else {key: plain[key] for key in value}
            lines = [f"- {_flow(row)}" for row in rows] if name == "messages" else _keyed(rows)
            yield name, "".join([f"{name}:\n", *(f"  {line}\n" for line in lines)])
        else:
            plain = value.model_dump(mode="json", exclude_unset=True) if isinstance(value, Strict) else value
            yield name, f"{name}: {_flow(plain)}\n"


def _keyed(rows: Mapping[str, Any]) -> list[str]:
    return [f"{_flow(key)}: {_flow(row)}" for key, row in rows.items()]


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH + 2, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _meaning(name: str) -> str:
    """Say what a field means, and what may stand there, as a comment."""
    field = Practice.model_fields[name]
    text = MEANINGS.get(name) or (field.description or "").replace("``", "").replace("\n", " ")
    if words := list(_literals(field.annotation)):
        text += f" {'Any' if isinstance(field.default, list) else 'One'} of: {', '.join(words)}."
    return f"{_comment(text.strip())}\n" if text.strip() else ""


def _literals(annotation: Any) -> Iterator[str]:
    """Go through the words that an annotation allows; the fields of a model are left out."""
    for argument in get_args(annotation):
        yield from [argument] if isinstance(argument, str) else _literals(argument)


def _flow(value: Any) -> str:
    """Write a plain value on one line of YAML; words that could be read as something else stand in quotes."""
    if isinstance(value, dict):
        return f"{{{', '.join(_keyed(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, bool | int):
        return str(value).lower()
    if re.fullmatch(r"[A-Za-z][\w-]*(?:/[\w-]+)?", value, re.ASCII) and value.lower() not in ("true", "false", "null"):
        return str(value)
    quoted = json.dumps(value, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda found: f"\\u{ord(found[0]):04X}", quoted)


# ------------------------------------------------------------------------------------------------ the working folder

PLACES = {
    "mine.yaml": "your practice, for --practice",
    "own-facts.yaml": "your own facts and prices, for --overlay",
    "brand.yaml": "your name and colour on a report, for --brand",
}
"""What is put into a working folder beside the notebooks, and what it is for."""


def contents(preset: str) -> dict[str, str]:
    """Return what belongs into a working folder.

    Parameters
    ----------
    preset : str
        The practice to start from, by the name of a preset.

    Returns
    -------
    dict of str to str
        For each file name its text: the notebooks, a practice file, an overlay and a brand.
    """
    _, practice, _ = load_practice(preset)
    about = f"A practice to start from: texteval's own '{preset}'. Put in your own numbers."
    # texteval's own notebooks show a fixed day, so that they can be checked; in a person's folder they show today's.
    fixed = re.compile(r'as_of = \\"[\d-]+\\"(?=[^\n]*empty for today)')
    notebooks = {
        path.name: fixed.sub(r'as_of = \\"\\"', read_text(path)) for path in sorted(notebook_folder().glob("*.ipynb"))
    }
    return notebooks | {
        "mine.yaml": as_yaml(practice, about),
        "own-facts.yaml": read_text(data_folder() / "overlay-template.yaml"),
        "brand.yaml": read_text(data_folder() / "brand-template.yaml"),
    }


def fill(folder: Path, preset: str) -> tuple[list[str], list[str]]:
    """Put what a newcomer needs into a working folder; leave alone what is there.

    Parameters
    ----------
    folder : pathlib.Path
        The folder; made if need be.
    preset : str
        The practice to start from.

    Returns
    -------
    written : list of str
        The names of the files that are new.
    left : list of str
        The names of those that were there, and are as they were.

    Raises
    ------
    UserError
        If the folder cannot be made or written.
    """
    if is_file(folder):
        raise UserError(f"{folder}: this is a file: name a folder, which is made if need be")
    written, left = [], []
    for name, text in contents(preset).items():
        place = folder / name
        if place.exists() or place.is_symlink():
            left.append(name)
        else:
            write_whole(place, text)
            written.append(name)
    return written, left


def check_place(path: Path) -> None:
    """Refuse a place where a practice file cannot be written, before ten questions are asked.

    Raises
    ------
    UserError
        If the name does not end in .yaml, or there is a folder of that name, or a file where its folder should be.
    """
    if is_folder(path):
        raise UserError(f"{path}: this is a folder: name a file in it, such as {path / 'mine.yaml'}")
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise UserError(f"{path}: a practice file ends in .yaml: write {path}.yaml")
    for folder in path.parents:
        if is_file(folder):
            raise UserError(f"{path}: {folder} is a file, not a folder: choose another place")
