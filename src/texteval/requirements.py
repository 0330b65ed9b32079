"""The requirement set: citation, gate or graded, what each applies to; and the purposes and channels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, cast, get_args

import pydantic

from texteval.catalog import Attributes, Kind, Purpose, load_attributes
from texteval.circumstances import Ban, Circumstance, CircumstanceFile
from texteval.errors import nearest
from texteval.evidence import CHANNELS, GRADES, Channel, Grade, Source
from texteval.files import Fault, data_folder, read_yaml, refuse, validate
from texteval.models import Day, Id, Strict, Text, first_day
from texteval.practice import Practice

Outcome = Literal["pass", "configure", "verify", "fail"]
"""What a value means for a requirement: met; met once the step is done; open until asked; not met."""


class Requirement(Strict):
    """One thing that a tool must or should do."""

    title: Text
    why: Text
    """Why it matters, in plain words."""
    citation: Text
    basis: Literal["law", "state", "ethics", "carrier", "practice"]
    today: Literal["required", "addressable", "standard", "privacy rule", "not required"]
    """Its standing in HIPAA today; *addressable*: do it, do an equal alternative, or document why not."""
    source: Id
    attribute: str | None = None
    """The attribute that it reads; left out where ``forbids`` decides."""
    outcomes: dict[str, Outcome] = {}  # noqa: RUF012
    """What each value of the attribute means here."""
    forbids: bool = False
    """Whether what it applies to is ruled out as such, whatever the vendor."""
    gate: Literal["always", "team", "never"] = "never"
    """A gate decides alone; ``team``: only where more than one person has a login."""
    accepts: Grade = "review"
    """The weakest grade of source on which it may pass."""
    open_point: Literal["heavy", "light"] = "light"
    """How much an open point weighs."""
    channels: list[Channel] | None = None
    """The channels it applies to; all, if left out."""
    purposes: list[Purpose] | None = None
    """The purposes it applies to; all, if left out."""
    step: Text | None = None
    """What the practice does where the outcome is *configure*."""
    since: Day | None = None
    """The day from which it holds, where that is known; on earlier days it is not asked."""

    def holds(self, on: date) -> bool:
        """Tell whether it holds on a day."""
        return self.since is None or first_day(self.since) <= on

    def applies(self, channel: str, purpose: str) -> bool:
        """Tell whether it applies to a channel and a purpose."""
        return (self.channels is None or channel in self.channels) and (
            self.purposes is None or purpose in self.purposes
        )

    def is_gate(self, logins: int) -> bool:
        """Tell whether it is a gate for a practice in which so many people have a login; what forbids always is."""
        return self.forbids or self.gate == "always" or (self.gate == "team" and logins > 1)

    def accepts_grade(self, grade: str) -> bool:
        """Tell whether a source of this grade is good enough to pass on."""
        return GRADES.index(grade) <= GRADES.index(self.accepts)


class PurposeEntry(Strict):
    """Why a message is sent."""

    title: Text
    means: Text
    clinical: bool = False
    """Whether the content is clinical."""
    channels: Annotated[list[Channel], pydantic.Field(min_length=1)]
    """The channels that can serve it, the usual one first."""


class ChannelEntry(Strict):
    """A way for a message to travel."""

    title: Text
    limits: list[Text]
    """What remains true of the channel whatever the vendor does."""


class KindEntry(Strict):
    """What a kind of tool asks of the practice, whoever the vendor is."""

    title: Text
    why: Text
    step: Text


class RequirementFile(Strict):
    """The file ``requirements.yaml``."""

    sources: dict[Id, Source]
    purposes: dict[str, PurposeEntry]
    channels: dict[Channel, ChannelEntry]
    kinds: dict[Kind, KindEntry] = {}  # noqa: RUF012
    requirements: dict[str, Requirement]


NONE_HOLD = CircumstanceFile(sources={}, circumstances={})


@dataclass(frozen=True)
class Requirements:
    """The requirement set with its hash."""

    file: RequirementFile
    hash: str
    circumstances: CircumstanceFile = NONE_HOLD
    _facing: dict[tuple[str, ...], Requirements] = field(default_factory=dict, compare=False, repr=False)

    def holding(self, practice: Practice, on: date) -> dict[str, Circumstance]:
        """Return the circumstances that hold for a practice on a day, by id."""
        return self.circumstances.holding(practice, on)

    def facing(self, practice: Practice, on: date) -> Requirements:
        """Return the requirement set as it stands for a practice: with the gates and bans of its circumstances.

        What one circumstance makes a gate, no other lifts.
        """
        if not self.circumstances.circumstances:
            return self
        holding = self.holding(practice, on)
        if tuple(holding) not in self._facing:
            bans = {name: _ban(one, one.bans) for name, one in holding.items() if one.bans}
            asked = {**bans, **self.all}
            gates = {gate for one in holding.values() for gate in one.gates}
            for gate in gates:
                asked[gate] = asked[gate].model_copy(update={"gate": "always", "since": None})
            for lifted in [lifted for one in holding.values() for lifted in one.lifts if lifted not in gates]:
                usual = self.all[lifted]
                channels: list[Channel] = usual.channels or list(get_args(Channel))
                texts = [channel for channel in channels if channel in TEXTS]
                others = [channel for channel in channels if channel not in TEXTS]
                asked[lifted] = usual.model_copy(update={"channels": others})
                asked[f"{lifted}-on-texts"] = usual.model_copy(update={"channels": texts, "gate": "never"})
            file = self.file.model_copy(update={"requirements": asked})
            self._facing[tuple(holding)] = Requirements(file, self.hash)
        return self._facing[tuple(holding)]

    def channel(self, name: str) -> ChannelEntry:
        """Return what is said of a channel."""
        return self.file.channels[cast(Channel, name)]

    @property
    def all(self) -> dict[str, Requirement]:
        """The requirements by id, in the order of the file."""
        return self.file.requirements


TEXTS = ("sms", "mms")
"""The channels of plain texts."""


def _ban(one: Circumstance, bans: Ban) -> Requirement:
    """Turn what a circumstance rules out into a requirement."""
    return Requirement(
        title=one.title,
        why=one.title,
        citation=one.citation,
        basis="practice",
        today="not required",
        source=one.source,
        forbids=True,
        gate="always",
        open_point="heavy",
        channels=bans.channels,
        purposes=bans.purposes,
    )


def load(path: Path | None = None, beside: Path | None = None) -> Requirements:
    """Read the requirement set, and the circumstances that change it.

    Parameters
    ----------
    path, beside : pathlib.Path, optional
        A file like ``requirements.yaml``, and one like ``circumstances.yaml``; texteval's own by default.

    Raises
    ------
    DataError
        All faults of a file, with their lines.
    """
    path = path or data_folder() / "requirements.yaml"
    attributes, _ = load_attributes()
    data, text = read_yaml(path)
    file = validate(RequirementFile, data, path, text)
    refuse(_dangling(file, attributes), path, text)
    beside = beside or data_folder() / "circumstances.yaml"
    data, more = read_yaml(beside)
    circumstances = validate(CircumstanceFile, data, beside, more)
    refuse(_loose(circumstances, file), beside, more)
    return Requirements(file, hashlib.sha256((text + more).encode()).hexdigest()[:12], circumstances)


def _loose(circumstances: CircumstanceFile, file: RequirementFile) -> Iterator[Fault]:
    """Find what circumstances name and nobody knows."""
    for name, one in circumstances.circumstances.items():
        at = ["circumstances", name]
        if name in file.requirements:
            yield at, f"a requirement bears the name '{name}' already", "give it another"
        if one.source not in circumstances.sources:
            yield [*at, "source"], f"there is no source '{one.source}'", nearest(one.source, circumstances.sources)
        for key in ("gates", "lifts"):
            for requirement in getattr(one, key):
                if requirement not in file.requirements:
                    wrong = f"there is no requirement '{requirement}'"
                    yield [*at, key], wrong, nearest(requirement, file.requirements)


def _dangling(file: RequirementFile, attributes: Attributes) -> Iterator[Fault]:
    for channel in CHANNELS:
        if channel not in file.channels:
            yield ["channels"], f"the channel '{channel}' is missing", f"add '{channel}:'"
    for purpose in get_args(Purpose):
        if purpose not in file.purposes:
            yield ["purposes"], f"the purpose '{purpose}' is missing", f"add '{purpose}:'"
    for purpose in file.purposes:
        if purpose not in get_args(Purpose):
            yield ["purposes", purpose], f"there is no purpose '{purpose}'", nearest(purpose, get_args(Purpose))
    for name, requirement in file.requirements.items():
        at = ["requirements", name]
        if requirement.source not in file.sources:
            yield (
                [*at, "source"],
                f"there is no source '{requirement.source}'",
                nearest(requirement.source, file.sources),
            )
        if "configure" in requirement.outcomes.values() and requirement.step is None:
            yield at, "the outcome 'configure' has no step", "add 'step:' with what the practice does"
        if requirement.attribute is None:
            if not requirement.forbids:
                yield at, "it reads no attribute and forbids nothing", "add 'attribute:' or 'forbids: true'"
            continue
        attribute = attributes.attributes.get(requirement.attribute)
        if attribute is None:
            known = attributes.attributes
            yield (
                [*at, "attribute"],
                f"'{requirement.attribute}' is not an attribute",
                nearest(requirement.attribute, known),
            )
        elif isinstance(attribute.values, dict) and set(attribute.values) != set(requirement.outcomes):
            yield (
                [*at, "outcomes"],
                "the outcomes do not fit the attribute's values",
                "give one for each of " + ", ".join(attribute.values),
            )
