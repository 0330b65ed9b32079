"""What else holds for a practice: its states, professions, employer, clients, and how it reads the rule.

Each circumstance is data: when it holds, what it asks for, and the law or code behind it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pydantic

from texteval.catalog import Purpose
from texteval.evidence import Channel, Source
from texteval.models import Day, Id, Strict, Text, first_day, one_or_more
from texteval.practice import Practice, Profession
from texteval.states import State


def _so(value: object) -> object:
    if value is not True:
        raise ValueError("only what is so can be asked for: write true, or leave it out")
    return value


Flag = Annotated[Literal[True], pydantic.BeforeValidator(_so)]
"""Something that must be so."""

NotEmpty = pydantic.Field(min_length=1)


class When(Strict):
    """When a circumstance holds: all that is named must be so."""

    states: Annotated[list[State], NotEmpty, one_or_more(State)] | None = None
    """It practises in one of these states, or has clients there."""
    several_states: Flag | None = None
    """Its clients are in more than one state, or not in its own."""
    professions: Annotated[list[Profession], NotEmpty, one_or_more(Profession)] | None = None
    modalities: Annotated[list[Literal["dbt", "psychodynamic"]], NotEmpty, one_or_more(str)] | None = None
    employer: Annotated[list[Literal["allows", "forbids", "unknown"]], NotEmpty, one_or_more(str)] | None = None
    reading: Literal["strict", "standard", "request"] | None = None
    minors: Flag | None = None
    part2: Flag | None = None
    cash_only: Flag | None = None
    proposed_rule: Flag | None = None

    @pydantic.model_validator(mode="after")
    def _something(self) -> When:
        if all(value is None for _, value in self):
            raise ValueError("it says nothing: name what must hold, such as 'states: TX'")
        return self

    def holds(self, practice: Practice) -> bool:
        """Tell whether it holds for a practice."""
        states = {state for state in (practice.state, *practice.client_states) if state}
        lists = (
            (self.states, states),
            (self.professions, practice.professions),
            (self.modalities, practice.modalities),
            (self.employer, [practice.employer]),
            ([self.reading] if self.reading else None, [practice.reading]),
        )
        flags = (
            (self.several_states, len(states) > 1),
            (self.minors, practice.minors),
            (self.part2, practice.part2),
            (self.cash_only, practice.cash_only),
            (self.proposed_rule, practice.proposed_rule),
        )
        return all(not wanted or bool(set(wanted) & set(have)) for wanted, have in lists) and all(
            have for wanted, have in flags if wanted
        )


class Ban(Strict):
    """Channels that are ruled out, for some purposes or all."""

    channels: Annotated[list[Channel], NotEmpty]
    purposes: list[Purpose] | None = None

    def applies(self, channel: str, purpose: str) -> bool:
        """Tell whether a channel is ruled out for a purpose."""
        return channel in self.channels and (self.purposes is None or purpose in self.purposes)


class Circumstance(Strict):
    """Something about a practice that asks for more, or for less, than the rule for all."""

    title: Text
    when: When
    kind: Literal["state law", "ethics code", "federal law", "employer", "modality", "clients", "reading", "what if"]
    citation: Text
    source: Id
    since: Day | None = None
    """The day from which it holds, where that is known."""
    gates: list[str] = []  # noqa: RUF012
    """Requirements that decide alone for such a practice."""
    lifts: list[str] = []  # noqa: RUF012
    """Requirements that no longer decide alone on plain texts, unless another circumstance makes them gates."""
    bans: Ban | None = None
    steps: list[Text] = []  # noqa: RUF012
    """What the practice does."""
    warnings: list[Text] = []  # noqa: RUF012
    """What it should know."""
    topics: list[Literal["breach", "retention", "training", "ownership"]] = []  # noqa: RUF012
    """Which papers of the kit it belongs into: those on breaches, on filing, for who joins, and for who leaves."""


class CircumstanceFile(Strict):
    """The file ``circumstances.yaml``."""

    sources: dict[Id, Source]
    circumstances: dict[Id, Circumstance]

    def holding(self, practice: Practice, on: date) -> dict[str, Circumstance]:
        """Return what holds for a practice on a day, by id."""
        return {
            name: one
            for name, one in self.circumstances.items()
            if one.when.holds(practice) and (one.since is None or first_day(one.since) <= on)
        }
