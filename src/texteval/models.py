"""The strict base of every model of a data file, and the small types that they share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, Any, get_args

import pydantic

TAGS: set[str] = set()
"""Names of all charge models."""


class Strict(pydantic.BaseModel):
    """A model that accepts only what it names, in the type that it names, and does not change afterwards."""

    model_config = pydantic.ConfigDict(
        strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        if "model" in cls.model_fields:
            TAGS.update(get_args(cls.model_fields["model"].annotation))


@cache
def fields(model: type[pydantic.BaseModel]) -> frozenset[str]:
    """Return the names of all fields of a model and of the models in it, from which a misspelt one is put right."""
    names: set[str] = set()
    seen: set[type[pydantic.BaseModel]] = set()
    waiting = [model]
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            names.update(field.alias or name for name, field in one.model_fields.items())
            waiting.extend(inner for field in one.model_fields.values() for inner in _models(field.annotation))
    return frozenset(names)


def _models(annotation: Any) -> Iterator[type[pydantic.BaseModel]]:
    """Go through the models that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _day(value: object) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    if not re.fullmatch(r"(19|20)\d\d(-(0[1-9]|1[0-2])(-\d\d)?)?", text) or isinstance(value, bool | float):
        raise ValueError(f"'{text[:40]}' is not a date: write 2026-08-11, or 2026-08 or 2026 where no more is known")
    first_day(text)
    return text


def first_day(day: str) -> date:
    """Return the first calendar day of a date that may name only a month or a year.

    Parameters
    ----------
    day : str
        ``2026-08-11``, ``2026-08`` or ``2026``.

    Returns
    -------
    datetime.date
        The earliest day that it can mean, so that ages come out no younger than they are.

    Raises
    ------
    ValueError
        If there is no such day.
    """
    try:
        return date.fromisoformat((day + "-01-01")[:10])
    except ValueError:
        raise ValueError(f"{day!r} is not a date: there is no such day") from None


Day = Annotated[
    str,
    pydantic.PlainValidator(_day),
    pydantic.WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$"}, {"type": "integer"}]}
    ),
]
"""A date as exact as its source gives it: a day, a month or a year. Dates compare as text."""


def _one_or_more(value: object) -> object:
    return value if isinstance(value, list) else [value]


def one_or_more(item: Any) -> pydantic.BeforeValidator:
    """Let a data file write one item where a list of such items is meant."""
    return pydantic.BeforeValidator(_one_or_more, json_schema_input_type=item | list[item])


Text = Annotated[str, pydantic.StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Id = Annotated[str, pydantic.StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
"""A name in lower case, digits and hyphens."""
