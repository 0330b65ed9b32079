"""The practice, its purposes and volumes, and what they come to a month by meter."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from texteval.catalog import Purpose
from texteval.charges import METER_WORDS, Quantity
from texteval.errors import DataError, Problem, UserError, nearest
from texteval.evidence import Channel, Source
from texteval.files import Lines, check_kind, data_folder, is_file, read_yaml, validate
from texteval.messages import Segments, count
from texteval.models import Id, Strict, Text
from texteval.money import MAX_QUANTITY, half_up
from texteval.states import State

Count = Annotated[int, pydantic.Field(ge=0, le=MAX_QUANTITY)]
AtLeastOne = Annotated[int, pydantic.Field(ge=1, le=MAX_QUANTITY)]

MONTHS = 12


class Message(Strict):
    """One kind of message and how often it happens."""

    purpose: Purpose
    direction: Literal["out", "in"] = "out"
    """``out`` from the practice, ``in`` from clients."""
    per: Literal["session", "week", "month", "year"] = "session"
    count: Count = 1
    """How many for each session, week, month or year."""
    percent: Annotated[int, pydantic.Field(ge=0, le=100)] = 100
    """In how many of a hundred cases it happens."""
    text: Text = "Your next appointment is on Tuesday at 2 PM."
    """An example of the wording, from which segments are counted. Write no client data here."""
    source: Id | None = None
    """Where the volume comes from."""
    note: Text | None = None

    @cached_property
    def segments(self) -> Segments:
        """How the example text is sent."""
        return count(self.text)


class Now(Strict):
    """What the practice pays for and uses today."""

    plan: Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
    """The plan, ``vendor/plan``."""
    account: Literal["paid", "trial", "free", "personal"] = "paid"
    """What kind of account it is; ``personal`` is one that a person opened for private use."""
    reminders: bool = False
    """Whether reminders go out by text already."""


Profession = Literal[
    "psychologist", "social_worker", "counselor", "marriage_family_therapist", "certified_counselor", "psychiatrist"
]
"""Whose code of ethics holds; ``certified_counselor`` is one certified by the NBCC."""


class Practice(Strict):
    """A practice in its own numbers."""

    name: Text
    clinicians: AtLeastOne
    """People who see clients."""
    staff: Count = 0
    """People with a login who are not clinicians: front desk, billers, managers."""
    managers: Count = 0
    """Of the staff, those who are practice managers."""
    sessions_per_week: Count
    """Sessions of the whole practice in a working week."""
    weeks_per_year: Annotated[int, pydantic.Field(ge=1, le=52)] = 52
    """Working weeks; 52 unless the practice says otherwise."""
    active_clients: Count | None = None
    """Clients under treatment; the weekly sessions, if left out."""
    locations: AtLeastOne = 1
    numbers: AtLeastOne = 1
    """Phone numbers that send texts."""
    claims_per_month: Count = 0
    messages: Annotated[list[Message], pydantic.Field(min_length=1)]
    prefer: list[Channel] = ["sms", "secure_message", "team_chat"]  # noqa: RUF012
    """Which channel to use where a plan has several that are equally safe."""
    now: Now | None = None
    """What it pays for today, if anything."""
    reading: Literal["strict", "standard", "request"] = "standard"
    """How the rule is read: ``strict`` keeps every message in the app or portal; ``standard`` lets a plain text carry
    what is not clinical, under an agreement and with limits to its content; ``request`` holds where each client was
    warned and prefers plain texts."""
    state: State | None = None
    """The state in which it practises."""
    client_states: list[State] = []  # noqa: RUF012
    """Other states in which clients are."""
    professions: list[Profession] = []  # noqa: RUF012
    minors: bool = False
    """Whether clients are under age."""
    part2: bool = False
    """Whether it keeps records of a substance-use programme under 42 CFR Part 2."""
    modalities: list[Literal["dbt", "psychodynamic"]] = []  # noqa: RUF012
    employer: Literal["none", "allows", "forbids", "unknown"] = "none"
    """Whether there is an employer or a site with a rule of its own, and what it says of texting."""
    cash_only: bool = False
    """Whether it bills no insurer, nor has anyone bill for it."""
    proposed_rule: bool = False
    """What if the Security Rule proposed in January 2025 were in force?"""
    sources: dict[Id, Source] = {}  # noqa: RUF012
    """Where the volumes come from, by the id that a message names."""
    note: Text | None = None

    @pydantic.model_validator(mode="after")
    def _staff(self) -> Practice:
        if self.managers > self.staff:
            raise ValueError(f"{self.managers} managers among {self.staff} staff: managers are counted among the staff")
        return self

    @pydantic.model_validator(mode="after")
    def _agrees(self) -> Practice:
        if self.now and self.now.reminders and "reminder" not in self.purposes:
            raise ValueError(
                "'now' says that reminders go out, and no reminder is among the messages: "
                "add a message with 'purpose: reminder', or write 'reminders: false'"
            )
        if self.reading == "strict" and self.prefer and set(self.prefer) <= {"sms", "mms"}:
            raise ValueError(
                f"'reading: strict' rules out plain texts, and 'prefer' names only {' and '.join(self.prefer)}: "
                "add secure_message to 'prefer', or choose another reading"
            )
        return self

    @property
    def logins(self) -> int:
        """People with a login."""
        return self.clinicians + self.staff

    @property
    def purposes(self) -> list[str]:
        """The purposes that the practice has messages for, each once."""
        return list(dict.fromkeys(message.purpose for message in self.messages if message.count and message.percent))

    def year(self, message: Message) -> Quantity:
        """Return how many messages of a kind a year brings, in whole messages, rounded half up."""
        base = {
            "session": self.sessions_per_week * self.weeks_per_year,
            "week": self.weeks_per_year,
            "month": MONTHS,
            "year": 1,
        }[message.per]
        return half_up(base * message.count * message.percent, 100)

    def usage_year(self, channels: Mapping[str, str], counts: Sequence[Quantity] | None = None) -> Counter[str]:
        """Count a year's use of every meter that counts what happens.

        Parameters
        ----------
        channels : mapping of str to str
            The channel that serves each purpose; a purpose without one sends nothing.
        counts : sequence of int or numpy.ndarray, optional
            How many messages of each kind a year brings; as :meth:`year` says, if left out.

        Returns
        -------
        collections.Counter
            Counts a year, by meter.
        """
        if counts is None:
            counts = [self.year(message) for message in self.messages]
        return Counter(
            {
                "session": self.sessions_per_week * self.weeks_per_year,
                "claim": self.claims_per_month * MONTHS,
                **by_meter(self.messages, counts, channels),
            }
        )

    def seats(self) -> dict[str, int]:
        """Count what the practice has, by meter; the same every month."""
        return {
            "account": 1,
            "clinician": self.clinicians,
            "staff": self.staff,
            "manager": self.managers,
            "login": self.logins,
            "number": self.numbers,
            "location": self.locations,
            "active_client": self.sessions_per_week if self.active_clients is None else self.active_clients,
        }

    def size(self) -> dict[str, int]:
        """Count what plans set limits to."""
        return {
            "clinicians": self.clinicians,
            "logins": self.logins,
            "locations": self.locations,
            "active_clients": self.seats()["active_client"],
            "sessions_per_month": -(-self.sessions_per_week * self.weeks_per_year // MONTHS),
        }

    def usage(self, channels: Mapping[str, str]) -> list[dict[str, int]]:
        """Spread a year's use over its months.

        Each month gets whole units, and the months add up to the year.

        Parameters
        ----------
        channels : mapping of str to str
            The channel that serves each purpose.

        Returns
        -------
        list of dict
            Twelve months; in each, the count of every meter.

        Raises
        ------
        UserError
            If a month has more of anything than texteval can price.
        """
        year = self.usage_year(channels)
        months = [{**self.seats(), **spread} for spread in spread_year(year)]
        for meter, quantity in months[-1].items():
            if quantity > MAX_QUANTITY:
                raise UserError(f"{self.name}: {too_many(meter, quantity)}")
        return months


def too_many(meter: str, quantity: int) -> str:
    """Say that a month has more of a meter than texteval can price."""
    return f"{quantity:,} {METER_WORDS[meter]} a month are too many: texteval prices up to {MAX_QUANTITY:,}"


def by_meter(
    messages: Sequence[Message],
    counts: Sequence[Quantity],
    channels: Mapping[str, str],
    segments: Sequence[Quantity] | None = None,
) -> dict[str, Quantity]:
    """Turn counts of messages into counts of meters.

    Parameters
    ----------
    messages : sequence of Message
        The kinds of messages.
    counts : sequence of int or numpy.ndarray
        How many of each kind.
    channels : mapping of str to str
        The channel that serves each purpose; a purpose without one sends nothing.
    segments : sequence of int or numpy.ndarray, optional
        How many segments a text of each kind has; those of its example text, if left out.

    Returns
    -------
    dict
        Counts by meter.
    """
    usage: dict[str, Quantity] = {}

    def add(meter: str, many: Quantity) -> None:
        usage[meter] = usage[meter] + many if meter in usage else many

    for i, (message, many) in enumerate(zip(messages, counts, strict=True)):
        way, channel = message.direction, channels.get(message.purpose)
        if channel == "sms":
            add(f"message_{way}", many)
            add(f"segment_{way}", many * (message.segments.segments if segments is None else segments[i]))
        elif channel == "mms":
            add(f"mms_{way}", many)
        elif channel == "secure_message":
            add("secure_message", many)
        if channel and message.purpose == "practice_notice" and way == "out":
            add("broadcast", many)
    return usage


def sent_per_year(practice: Practice) -> int:
    """Count the messages that a practice sends to clients in a year."""
    return sum(practice.year(m) for m in practice.messages if m.direction == "out" and m.purpose != "team")


def received_per_year(practice: Practice) -> int:
    """Count the messages that a practice receives from clients in a year."""
    return sum(practice.year(m) for m in practice.messages if m.direction == "in" and m.purpose != "team")


def spread_year(year: Mapping[str, Quantity]) -> list[dict[str, Quantity]]:
    """Spread yearly counts, or arrays of them, over twelve months in whole units that add up to the year."""
    return [
        {meter: total * (month + 1) // MONTHS - total * month // MONTHS for meter, total in year.items()}
        for month in range(MONTHS)
    ]


class PracticeFile(Strict):
    """The file ``practices.yaml``."""

    sources: dict[Id, Source] = {}  # noqa: RUF012
    practices: dict[Id, Practice]

    @pydantic.model_validator(mode="after")
    def _sources(self) -> PracticeFile:
        for name, practice in self.practices.items():
            for message in practice.messages:
                if message.source and message.source not in {**self.sources, **practice.sources}:
                    raise ValueError(
                        f"a message of '{name}' names the source '{message.source}', which is not listed: "
                        f"{nearest(message.source, self.sources)}"
                    )
        return self


def presets() -> PracticeFile:
    """Read the practices that texteval brings along."""
    path = data_folder() / "practices.yaml"
    data, text = read_yaml(path)
    return validate(PracticeFile, data, path, text)


def _with_sources(practice: Practice, file: PracticeFile) -> Practice:
    """Give a practice those of its file's sources that its messages or its note name."""
    named = {message.source for message in practice.messages}
    own = {key: one for key, one in file.sources.items() if key in named or key in (practice.note or "")}
    return practice.model_copy(update={"sources": {**own, **practice.sources}})


def check_now(name: str, plans: Collection[str]) -> None:
    """Check that the plan which a practice file says is paid for today is in the catalogue.

    Parameters
    ----------
    name : str
        As :func:`load` takes it.
    plans : collection of str
        The plans that there are.

    Raises
    ------
    DataError
        If it is not, with the line of the file.
    """
    key, practice, _ = load(name)
    if practice.now is None or practice.now.plan in plans:
        return
    data, text = read_yaml(Path(name))
    place = ("practices", key, "now", "plan") if "practices" in data else ("now", "plan")
    wrong, lines = f"there is no plan '{practice.now.plan}'", Lines(text)
    raise DataError([Problem(name, lines.of(place), lines.name(place), wrong, nearest(practice.now.plan, plans))])


def load(name: str) -> tuple[str, Practice, str]:
    """Read a practice by the name of a preset or from a file.

    Parameters
    ----------
    name : str
        A preset such as ``solo``, or a YAML file of one practice: the fields of a practice, or ``practices:`` with
        one of them.

    Returns
    -------
    id : str
        The preset's name, or the file's name without ending.
    practice : Practice
        The practice.
    hash : str
        The first 12 digits of the SHA-256 of its file, or of a preset's fields.

    Raises
    ------
    UserError
        If there is no such preset or file, or the file is faulty.
    """
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or (is_file(path) and name not in presets().practices):
        data, text = read_yaml(path)
        check_kind(data, path, "practices", "clinicians", "messages")
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        if isinstance(data, dict) and "practices" in data:
            file = validate(PracticeFile, data, path, text)
            if len(file.practices) != 1:
                raise UserError(f"{path}: the file has {len(file.practices)} practices: leave one in it")
            key, practice = next(iter(file.practices.items()))
            return key, _with_sources(practice, file), digest
        return path.stem, validate(Practice, data, path, text), digest
    file = presets()
    if name not in file.practices:
        own = path.with_name(f"{path.name}.yaml") if path.name else path
        hint = f"did you mean '{own}'?" if is_file(own) else f"{nearest(name, file.practices)}"
        presets_are = "" if hint.startswith("known") else f" Presets are {', '.join(file.practices)};"
        raise UserError(f"there is no practice '{name}': {hint}{presets_are} or name a YAML file of your own")
    text = file.practices[name].model_dump_json(exclude={"sources"})
    return name, _with_sources(file.practices[name], file), hashlib.sha256(text.encode()).hexdigest()[:12]
