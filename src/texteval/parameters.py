"""What a practice's future may look like: low, likely and high values with their shape, evidence and source."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from texteval.errors import DataError, Problem, UserError, nearest
from texteval.evidence import Source
from texteval.files import Fault, check_kind, data_folder, is_file, read_yaml, refuse, validate, write_whole
from texteval.models import Id, Strict, Text

UNITS = {
    "share": (0, 1),
    "factor": (0, 10),
    "per year": (-0.9, 5),
    "per message": (0, 20),
    "weeks": (1, 52),
    "months": (0, 60),
    "characters": (1, 1600),
    "minutes": (0, 600),
    "hours": (0, 10_000),
    "dollars": (0, 10_000),
    "number": (0.001, 1_000_000),
}
"""The units, each with the smallest and the largest value that makes sense."""

EVIDENCE = {
    "measured": "a study or an official statistic",
    "survey": "a survey",
    "rule_of_thumb": "a rule of thumb of a vendor or a blog",
    "assumption": "an assumption: no source was found",
    "own": "your own number",
}
"""How good a parameter's evidence is, in words."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"{str(value)[:40]!r} is not a number: write a plain number, such as 0.12")
    try:
        number = float(value)
    except OverflowError:  # an int of hundreds of digits
        number = math.inf
    if not abs(number) < 1e12:
        raise ValueError(f"{str(value)[:20]} is too large to be meant: write a plain number, such as 0.12")
    return number


Number = Annotated[float, pydantic.PlainValidator(_number), pydantic.WithJsonSchema({"type": "number"})]


class Parameter(Strict):
    """One assumption about the practice: a range with its evidence."""

    title: Text
    unit: Literal[
        "share",
        "factor",
        "per year",
        "per message",
        "weeks",
        "months",
        "characters",
        "minutes",
        "hours",
        "dollars",
        "number",
    ]
    low: Number
    likely: Number
    high: Number
    own_at: Number | None = None
    """Where it scales a number of the practice: the value at which the practice's own number holds."""
    shape: Literal["pert", "triangular", "uniform", "fixed"]
    """How likely the values between low and high are; ``pert`` is a beta distribution with its peak at likely."""
    evidence: Literal["measured", "survey", "rule_of_thumb", "assumption", "own"]
    source: Id | None = None
    note: Text | None = None

    @pydantic.model_validator(mode="after")
    def _in_order(self) -> Parameter:
        if not self.low <= self.likely <= self.high:
            raise ValueError(
                f"low {self.low:g}, likely {self.likely:g} and high {self.high:g} are out of order: "
                "low is the smallest, high the largest"
            )
        if self.shape == "fixed" and self.low != self.high:
            raise ValueError("a fixed value has low, likely and high alike: make them equal, or take another shape")
        if self.own_at is not None and self.own_at <= 0:
            raise ValueError(f"own_at {self.own_at:g} scales nothing: it is above zero")
        least, most = UNITS[self.unit]
        if self.low < least or self.high > most:
            outside = self.low if self.low < least else self.high
            raise ValueError(f"{outside:g} is out of range ({self.unit}): write {least:g} to {most:g}")
        return self

    @property
    def varies(self) -> bool:
        """Whether it has more than one value."""
        return self.low < self.high


class ParameterFile(Strict):
    """The file ``practice_parameters.yaml``."""

    sources: dict[Id, Source] = {}  # noqa: RUF012
    parameters: dict[str, Parameter]


@dataclass(frozen=True)
class Parameters:
    """The parameters with their hash.

    Parameters
    ----------
    file : ParameterFile
        What the file holds, with the user's own values laid over it.
    hash : str
        The first 12 digits of the SHA-256 of the files.
    """

    file: ParameterFile
    hash: str

    def __getitem__(self, name: str) -> Parameter:
        """Return a parameter."""
        return self.file.parameters[name]

    @property
    def all(self) -> dict[str, Parameter]:
        """The parameters by id, in the order of the file."""
        return self.file.parameters


def load(own: Path | None = None) -> Parameters:
    """Read the parameters.

    Parameters
    ----------
    own : pathlib.Path, optional
        A file with values of the user's own, laid over texteval's: ``parameters:`` with some of the ids, each with the
        fields that differ. A plain number fixes a parameter.

    Raises
    ------
    DataError
        All faults of the files, with their lines.
    """
    path = data_folder() / "practice_parameters.yaml"
    data, text = read_yaml(path)
    file = validate(ParameterFile, data, path, text)
    refuse(_dangling(file), path, text)
    digest = text
    if own is not None:
        over, own_text = read_yaml(own)
        check_kind(over, own, "parameters")
        file = _laid_over(data, over, own, own_text)
        digest += own_text
    return Parameters(file, hashlib.sha256(digest.encode()).hexdigest()[:12])


def _laid_over(data: dict[str, Any], over: Any, path: Path, text: str) -> ParameterFile:
    """Lay the user's values over the file's."""
    over = over if isinstance(over, dict) else {}
    given, sources = over.get("parameters"), over.get("sources") or {}
    if isinstance(sources, dict):
        sources = {**data["sources"], **sources}
    faults: list[Fault] = [
        ([name], f"'{name}' does not belong here", "write 'sources:' and 'parameters:' only")
        for name in over
        if name not in ("sources", "parameters")
    ]
    if not isinstance(given, dict) or not given:
        cure = "write one under 'parameters:', such as 'working_weeks: 46'"
        faults.append((["parameters"], "there is no parameter in it", cure))
        given = {}
    merged: dict[str, Any] = dict(data["parameters"])
    for name, value in given.items():
        if name not in merged:
            faults.append((["parameters", name], f"there is no parameter '{name}'", nearest(str(name), merged)))
            continue
        if isinstance(value, dict) and "own_at" in value:
            wrong = "'own_at' is texteval's: it says at which value the practice's own number holds"
            faults.append((["parameters", name, "own_at"], wrong, "leave it out"))
        if not isinstance(value, dict):
            value = {"low": value, "likely": value, "high": value, "shape": "fixed"}
        if {"low", "likely", "high"} & set(value):  # the old source and note do not speak of the new number
            merged[name] = {key: old for key, old in merged[name].items() if key not in ("source", "note")}
            merged[name]["evidence"] = "own"
        merged[name] = {**merged[name], **value}
    problems: list[Problem] = []
    try:
        file = validate(ParameterFile, {"sources": sources, "parameters": merged}, path, text)
        faults += _dangling(file)
    except DataError as error:
        problems += error.problems
    try:
        refuse(faults, path, text)
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError(problems)
    return file


def _dangling(file: ParameterFile) -> Iterator[Fault]:
    for name, parameter in file.parameters.items():
        if parameter.source and parameter.source not in file.sources:
            yield (
                ["parameters", name, "source"],
                f"there is no source '{parameter.source}'",
                nearest(parameter.source, file.sources),
            )
        if parameter.source is None and parameter.evidence not in ("assumption", "own"):
            yield (
                ["parameters", name],
                f"it is called {parameter.evidence} and names no source",
                "add 'source:', or write 'evidence: assumption'",
            )


def _plain(number: float) -> str:
    """Write a number so that it is read back as the same, without an exponent."""
    return np.format_float_positional(number, trim="-")


def write_own(path: Path, parameters: Mapping[str, Parameter]) -> None:
    """Write a file in which the user changes what differs.

    Parameters
    ----------
    path : pathlib.Path
        Where; an existing file is not touched.
    parameters : mapping of str to Parameter
        What to start from; every line is a comment until the user takes its ``#`` away.

    Raises
    ------
    UserError
        If there is such a file, or it cannot be written.
    """
    if is_file(path):
        raise UserError(f"{path}: there is such a file already: name another, so that what is in it stays")
    lines = [
        "# Your own values, laid over texteval's: pass this file with --parameters.",
        "# Take the # away from a line that you change. One number fixes a value: 'working_weeks: 46'.",
        "parameters:",
    ]
    for name, one in parameters.items():
        lines += ["", f"  # {one.title} ({one.unit}; {EVIDENCE[one.evidence]})"]
        low, likely, high = map(_plain, (one.low, one.likely, one.high))
        lines.append(f"  #{name}: {{low: {low}, likely: {likely}, high: {high}, shape: {one.shape}}}")
    write_whole(path, "\n".join(lines) + "\n")
