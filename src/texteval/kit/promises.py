"""What the kit promises, and who or what keeps it: a setting of the tool that is proven, or a person.

A promise that hangs on the tool is made only where a fact of the catalogue bears it out on every channel that the
practice would use. Where the fact is open, the promise is listed as open with its question; where the tool is known not
to do it, that is said. In both cases a person may keep something else in its place.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from texteval.catalog import Attributes, Catalog, load_attributes
from texteval.errors import nearest
from texteval.evidence import GRADE_PHRASES, GRADES, Channel, Fact, Grade
from texteval.files import Fault, data_folder, read_yaml, refuse, validate
from texteval.models import Id, Strict, Text, one_or_more
from texteval.requirements import Requirements
from texteval.words import CHANNEL_WORDS

NAMES = ("tool",)
"""What a sentence may name in braces."""

BLOCK = "messaging_api"
"""The kind of tool that is a building block: people work with the software around it, not with the tool."""


class Person(Strict):
    """Who keeps promises, in a practice of one and in a team."""

    alone: Text
    team: Text


class Promise(Strict):
    """One sentence that a document may hold, with its keeper."""

    says: Text
    """The sentence; ``{tool}`` stands for the tool's name."""
    policy: Text | None = None
    """How the practice's own documents put it, where the sentence is worded for clients."""
    keeper: str
    """The person who keeps it, or sees to the setting that does."""
    attribute: str | None = None
    """The fact of the tool that it hangs on; a promise without one is kept by the person alone."""
    values: Annotated[list[str], one_or_more(str)] = []  # noqa: RUF012
    """The values of the attribute that bear it out."""
    channels: Annotated[list[Channel], one_or_more(Channel)] | None = None
    """The channels on which the fact is asked, where they are used; all that carry messages to clients, if left out."""
    setting: Text | None = None
    """What is set in the tool; a step that the fact's own source names comes first."""
    unless: Text | None = None
    """What the person keeps in its place where the tool does not do it, or nobody knows."""
    where: Id | None = None
    """The circumstance in which it is made, such as the law of a state."""
    screens: bool = False
    """Whether it hangs on the screens that people work with: with a building block, those of the software around it."""
    away_text: bool = False
    """Whether it also needs an away text that fits what the tool takes."""

    @pydantic.model_validator(mode="after")
    def _whole(self) -> Promise:
        if (self.attribute is None) != (not self.values):
            raise ValueError("an attribute and the values that bear it out go together: give both, or neither")
        if self.attribute is None and (self.unless or self.setting or self.channels or self.screens or self.away_text):
            raise ValueError("this hangs on the tool, so it needs an attribute: add one, or name only the keeper")
        for text in (self.says, self.policy or "", self.unless or ""):
            for _, name, *_ in string.Formatter().parse(text):
                if name is not None and name not in NAMES:
                    raise ValueError(f"'{{{name}}}' stands for nothing here: {nearest(name, NAMES)}")
        return self


class PromiseFile(Strict):
    """The file ``kit/promises.yaml``."""

    people: dict[str, Person]
    promises: dict[Id, Promise]


@dataclass(frozen=True)
class Promised:
    """What became of a promise for one plan and practice.

    Parameters
    ----------
    id : str
        The promise.
    outcome : str
        ``kept``; ``open`` where a fact is not proven; ``cannot`` where the tool is known not to do it.
    says, policy : str
        The sentence as clients read it, and as the practice's own documents put it; empty where nothing is promised.
    person : str
        Who keeps that sentence.
    setting : str or None
        What is set in the tool for it.
    asked : str
        The promise itself as the practice puts it, whether made or not.
    why : str
        What it rests on, or why it is not made.
    question : str or None
        What to ask the vendor where it is open.
    facts : tuple of (str, Fact)
        The facts that it hangs on, by channel.
    ask_others : bool
        Whether the question goes to the maker of the software around the tool, and not to the vendor.
    """

    id: str
    outcome: Literal["kept", "open", "cannot"]
    says: str
    policy: str
    person: str
    setting: str | None
    asked: str
    why: str
    question: str | None = None
    facts: tuple[tuple[str, Fact], ...] = ()
    ask_others: bool = False


def load(folder: Path | None = None) -> tuple[PromiseFile, str]:
    """Read the promises.

    Parameters
    ----------
    folder : pathlib.Path, optional
        The folder of the kit's texts; texteval's own by default.

    Returns
    -------
    file : PromiseFile
        The promises and the people.
    hash : str
        The first 12 digits of the SHA-256 of the file.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = (folder or data_folder() / "kit") / "promises.yaml"
    data, text = read_yaml(path)
    file = validate(PromiseFile, data, path, text)
    refuse(_dangling(file, load_attributes()[0]), path, text)
    return file, hashlib.sha256(text.encode()).hexdigest()[:12]


def _dangling(file: PromiseFile, attributes: Attributes) -> Iterator[Fault]:
    for name, promise in file.promises.items():
        at = ["promises", name]
        if promise.keeper not in file.people:
            yield [*at, "keeper"], f"there is no person '{promise.keeper}'", nearest(promise.keeper, file.people)
        if promise.attribute is None:
            continue
        attribute = attributes.attributes.get(promise.attribute)
        if attribute is None:
            right = nearest(promise.attribute, attributes.attributes)
            yield [*at, "attribute"], f"'{promise.attribute}' is not an attribute", right
        elif not isinstance(attribute.values, dict):
            yield [*at, "attribute"], f"'{promise.attribute}' has no values to choose from", "name another attribute"
        else:
            for value in promise.values:
                if value not in attribute.values:
                    right = "write one of " + ", ".join(attribute.values)
                    yield [*at, "values"], f"'{value}' is not a value of {promise.attribute}", right


def unproven(fact: Fact, accepts: str) -> str | None:
    """Say why a fact cannot be relied on, or return None where it can.

    Parameters
    ----------
    fact : Fact
        The fact, weighed.
    accepts : str
        The weakest grade of source that is good enough.

    Returns
    -------
    str or None
        ``unknown``, ``disputed``, ``old`` or the grade that is too weak, in words.
    """
    if fact.value is None or fact.source is None:
        return "unknown"
    said = str(fact.value).replace("_", " ")
    if fact.disputed:
        return f"{said}, but an equally good source says otherwise"
    if fact.stale:
        return f"{said}, but the source is of {fact.source.day}: too old"
    if GRADES.index(fact.source.grade) > GRADES.index(accepts):
        return f"{said}, but only {GRADE_PHRASES[fact.source.grade]}"
    return None


def accepted(requirements: Requirements, attribute: str) -> Grade:
    """Return the weakest grade on which an attribute may be relied: that of its requirement, else a review."""
    asked = [one.accepts for one in requirements.all.values() if one.attribute == attribute]
    return min(asked, key=GRADES.index, default="review")


def judge(
    file: PromiseFile,
    name: str,
    catalog: Catalog,
    requirements: Requirements,
    plan_id: str,
    channels: Collection[str],
    on: date,
    *,
    alone: bool,
) -> Promised | None:
    """Find out whether a promise can be made, and who keeps it.

    Parameters
    ----------
    file : PromiseFile
        The promises.
    name : str
        The promise.
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    plan_id : str
        ``vendor/plan``.
    channels : collection of str
        The channels on which the practice would use the plan.
    on : datetime.date
        The day of the question.
    alone : bool
        Whether one person is the whole practice.

    Returns
    -------
    Promised or None
        None if it speaks of channels that the practice would not use.
    """
    promise, attributes = file.promises[name], catalog.attributes.attributes
    vendor = catalog.vendors[plan_id.partition("/")[0]]
    names = {"tool": vendor.name}
    person = file.people[promise.keeper]
    keeper = person.alone if alone else person.team
    says = promise.says.format(**names)
    policy = promise.policy.format(**names) if promise.policy else says
    if promise.attribute is None:
        return Promised(name, "kept", says, policy, keeper, None, policy, "a person keeps it")
    asked = [channel for channel in promise.channels or channels if channel in channels]
    if not asked:
        return None
    facts = tuple((channel, catalog.fact(plan_id, promise.attribute, channel, on)) for channel in asked)
    attribute, accepts = attributes[promise.attribute], accepted(requirements, promise.attribute)
    title, short = attribute.title, attribute.short or attribute.title
    question = attribute.question or f"What holds for {title.lower()}?"
    unless = promise.unless.format(**names) if promise.unless else ""
    if promise.screens and vendor.kind == BLOCK:
        why = f"{short}: unknown for the software around {vendor.name}"
        return Promised(name, "open", unless, unless, keeper, None, policy, why, question, facts, ask_others=True)
    refused = [fact for _, fact in facts if not unproven(fact, accepts) and fact.value not in promise.values]
    if refused:
        fact = refused[0]
        meaning = attribute.values[str(fact.value)] if isinstance(attribute.values, dict) else str(fact.value)
        why = f"{short}: {meaning}"
        return Promised(name, "cannot", unless, unless, keeper, None, policy, why, facts=facts)
    doubts = [(channel, doubt) for channel, fact in facts if (doubt := unproven(fact, accepts))]
    if doubts:
        said = dict.fromkeys(doubt for _, doubt in doubts)
        if len(doubts) == len(facts) and len(said) == 1:
            why = f"{short}: {doubts[0][1]}"
        else:
            why = f"{short}, " + "; ".join(f"on {CHANNEL_WORDS[channel]}: {doubt}" for channel, doubt in doubts)
            named = " and ".join(CHANNEL_WORDS[channel] for channel, _ in doubts)
            question = f"For {named}: {question[0].lower()}{question[1:]}"
        return Promised(name, "open", unless, unless, keeper, None, policy, why, question, facts)
    steps = dict.fromkeys(fact.used.step for _, fact in facts if fact.used and fact.used.step)
    setting = " ".join(steps) or promise.setting
    basis = dict.fromkeys(f"{fact.source.title}, {fact.source.day}" for _, fact in facts if fact.source)
    return Promised(name, "kept", says, policy, keeper, setting, policy, "; ".join(basis), facts=facts)
