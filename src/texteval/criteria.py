"""By what usable tools are ranked: the criteria with their declared ranges, the presets, and each option's values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import pydantic

from texteval.catalog import Attributes, Catalog, load_attributes
from texteval.decide import Option
from texteval.errors import UserError, nearest
from texteval.files import Fault, check_kind, data_folder, read_yaml, refuse, validate
from texteval.models import Strict, Text
from texteval.money import MICRO
from texteval.parameters import Number
from texteval.practice import MONTHS, Practice


class CriterionEntry(Strict):
    """One criterion with its declared range."""

    title: Text
    unit: Text
    from_: Literal["cost", "spread", "open_points"] | None = pydantic.Field(default=None, alias="from")
    """What is worked out; left out where attributes are read."""
    attributes: dict[str, dict[str, Number]] = {}  # noqa: RUF012
    """For each attribute the points of each value; they are added up."""
    worst: Number
    best: Number
    direction: Literal["cost", "benefit"]
    """Whether less or more is better."""

    @pydantic.model_validator(mode="after")
    def _ranged(self) -> CriterionEntry:
        if self.worst == self.best:
            raise ValueError(f"worst and best are both {self.worst:g}: a criterion that never varies ranks nothing")
        if (self.direction == "cost") != (self.best < self.worst):
            raise ValueError(f"worst {self.worst:g} and best {self.best:g} do not fit the direction {self.direction}")
        if (self.from_ is None) == (not self.attributes):
            raise ValueError("it needs either 'from' or 'attributes'")
        return self


class Preset(Strict):
    """Weights to start from."""

    title: Text
    up_to_logins: Annotated[int, pydantic.Field(gt=0)] | None = None
    """The largest practice that it is meant for; left out in the last."""
    weights: dict[str, Number]


class CriteriaFile(Strict):
    """The file ``criteria.yaml``."""

    criteria: Annotated[dict[str, CriterionEntry], pydantic.Field(min_length=1)]
    presets: Annotated[dict[str, Preset], pydantic.Field(min_length=1)]


class WeightsFile(Strict):
    """A file of weights of the user's own."""

    weights: dict[str, Number]


@dataclass(frozen=True)
class Criteria:
    """The criteria with their hash."""

    file: CriteriaFile
    hash: str

    @property
    def all(self) -> dict[str, CriterionEntry]:
        """The criteria by id, in the order of the file."""
        return self.file.criteria

    def preset(self, practice: Practice) -> str:
        """Return the preset that fits a practice's size."""
        for name, preset in self.file.presets.items():
            if preset.up_to_logins is None or practice.logins <= preset.up_to_logins:
                return name
        return name


def load(path: Path | None = None) -> Criteria:
    """Read the criteria.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = path or data_folder() / "criteria.yaml"
    data, text = read_yaml(path)
    file = validate(CriteriaFile, data, path, text)
    refuse(_dangling(file, load_attributes()[0]), path, text)
    return Criteria(file, hashlib.sha256(text.encode()).hexdigest()[:12])


def _dangling(file: CriteriaFile, attributes: Attributes) -> Iterator[Fault]:
    for name, criterion in file.criteria.items():
        for attribute, points in criterion.attributes.items():
            at = ["criteria", name, "attributes", attribute]
            known = attributes.attributes.get(attribute)
            if known is None:
                yield at, f"'{attribute}' is not an attribute", nearest(attribute, attributes.attributes)
            elif not isinstance(known.values, dict):
                yield at, f"'{attribute}' can be any {known.values}", "name one that has a list of values"
            elif set(known.values) != set(points):
                yield at, "the points do not fit the attribute's values", "give each of " + ", ".join(known.values)
    for name, preset in file.presets.items():
        for criterion_id, weight in preset.weights.items():
            at = ["presets", name, "weights", criterion_id]
            if criterion_id not in file.criteria:
                yield at, f"there is no criterion '{criterion_id}'", nearest(criterion_id, file.criteria)
            elif weight < 0:
                yield at, f"the weight {weight:g} is below zero", "write a number from zero up"
        for criterion_id in file.criteria:
            if criterion_id not in preset.weights:
                wrong = f"the criterion '{criterion_id}' has no weight"
                yield ["presets", name, "weights"], wrong, f"add '{criterion_id}:', 0 if it does not count"
        if not any(weight > 0 for weight in preset.weights.values()):
            yield ["presets", name, "weights"], "no weight is above zero", "write one"
    *earlier, last = file.presets.values()
    if last.up_to_logins is not None or any(preset.up_to_logins is None for preset in earlier):
        yield ["presets"], "the last preset, and only it, is for all larger practices", "leave out its 'up_to_logins'"


def read_weights(path: Path, criteria: Criteria) -> dict[str, float]:
    """Read weights of the user's own: a file with ``weights:`` and a number for each criterion.

    Raises
    ------
    UserError
        All faults of the file, with their lines.
    """
    data, text = read_yaml(path)
    check_kind(data, path, "weights")
    given = validate(WeightsFile, {} if data is None else data, path, text).weights
    faults: list[Fault] = []
    for name, weight in given.items():
        if name not in criteria.all:
            faults.append((["weights", name], f"there is no criterion '{name}'", nearest(name, criteria.all)))
        if weight < 0:
            faults.append((["weights", name], f"the weight {weight:g} is below zero", "write a number from zero up"))
    if not faults and not any(given.values()):
        wrong = "every weight is zero" if given else "there are no weights"
        faults.append((["weights"], wrong, f"write a number above zero for some of {', '.join(criteria.all)}"))
    refuse(faults, path, text)
    return given


@dataclass(frozen=True)
class Values:
    """What each option is worth by each criterion.

    Parameters
    ----------
    plans : tuple of str
        The options, one for each row.
    criteria : tuple of str
        The criteria, one for each column.
    numbers : numpy.ndarray
        float64, shape (options, criteria), in each criterion's unit.
    unknown : tuple of (str, str)
        Option and attribute of every value that is not known; it counts as the worst.
    """

    plans: tuple[str, ...]
    criteria: tuple[str, ...]
    numbers: Any
    unknown: tuple[tuple[str, str], ...]


def values(
    catalog: Catalog,
    criteria: Criteria,
    options: Sequence[Option],
    costs: Any,
    spread: Any,
    practice: Practice,
    on: date,
) -> Values:
    """Value options by every criterion; where an option's channels differ in a fact, by the worse.

    Parameters
    ----------
    catalog, criteria : Catalog, Criteria
        Facts, and what they are worth.
    options : sequence of Option
        Usable ones with a known price.
    costs : numpy.ndarray
        What each costs in its first year, in micro-dollars.
    spread : numpy.ndarray
        How far its months lie apart, in micro-dollars.
    practice : Practice
        Among whose logins the cost is shared.
    on : datetime.date
        The day of the question.
    """
    unknown = []
    rows = np.empty((len(options), len(criteria.all)))
    for i, option in enumerate(options):
        for j, criterion in enumerate(criteria.all.values()):
            if criterion.from_ == "cost":
                rows[i, j] = costs[i] / MONTHS / practice.logins / MICRO
            elif criterion.from_ == "spread":
                rows[i, j] = 100 * spread[i] / (costs[i] / MONTHS) if costs[i] else 0
            elif criterion.from_ == "open_points":
                rows[i, j] = sum(2 if point.heavy else 1 for point in option.coverage.open_points)
            else:
                worst = max if criterion.direction == "cost" else min
                channels = set(option.coverage.channels.values())
                points = 0.0
                for attribute, worth in criterion.attributes.items():
                    found = {catalog.fact(option.plan, attribute, channel, on).value for channel in channels}
                    if None in found:
                        unknown.append((option.plan, attribute))
                        points += worst(worth.values())
                    else:
                        points += worst(worth[str(value)] for value in found)
                rows[i, j] = points
    plans = tuple(option.plan for option in options)
    return Values(plans, tuple(criteria.all), rows, tuple(unknown))


def choose(criteria: Criteria, name: str) -> tuple[str, Mapping[str, float]]:
    """Return weights with what they are called: of a preset, or of a YAML file of the user's own.

    Raises
    ------
    UserError
        If there is no such preset, or the file is faulty.
    """
    if name.endswith((".yaml", ".yml")):
        return Path(name).name, read_weights(Path(name), criteria)
    if name not in criteria.file.presets:
        known = nearest(name, criteria.file.presets)
        raise UserError(f"there is no preset '{name}', and it names no YAML file with weights: {known}")
    return name, criteria.file.presets[name].weights
