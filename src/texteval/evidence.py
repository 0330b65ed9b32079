"""Sources, their grades and ages, and how several sources become one value with the dispute kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, get_args

import pydantic

from texteval.models import Day, Id, Strict, Text, first_day, one_or_more

Grade = Literal["vendor_page", "vendor_reply", "review", "second_hand", "general_knowledge"]
"""How good a source is, best first."""

GRADES: tuple[str, ...] = get_args(Grade)

GRADE_WORDS = {
    "vendor_page": "vendor's own page or contract",
    "vendor_reply": "vendor's reply to the practice",
    "review": "dated independent review",
    "second_hand": "second-hand quotation or unverified index",
    "general_knowledge": "general knowledge, no source",
}

GRADE_PHRASES = {
    "vendor_page": "from the vendor's own page",
    "vendor_reply": "from the vendor's reply",
    "review": "from a review",
    "second_hand": "second-hand",
    "general_knowledge": "from general knowledge",
}

Channel = Literal["sms", "mms", "secure_message", "team_chat"]
CHANNELS: tuple[str, ...] = get_args(Channel)


class Source(Strict):
    """Where facts and prices were read. Written once, referred to by its id."""

    title: Text
    publisher: Text | None = None
    url: Annotated[str, pydantic.StringConstraints(pattern=r"^https?://\S+$")] | None = None
    """Its address; left out where it has none that can be cited, and ``note`` then says where it was seen."""
    seen: Day
    """The date of what was read: as exact as it is known."""
    dated: Literal["stated", "estimated"] = "stated"
    """Whether ``seen`` is stated by the source, or estimated for a page without a date."""
    grade: Grade
    note: Text | None = None

    @property
    def day(self) -> str:
        """The date as a reader meets it: with ``about`` where it is estimated."""
        return f"about {self.seen}" if self.dated == "estimated" else self.seen


def _words(value: object) -> object:
    """Turn what YAML reads as a truth value, a date or a decimal back to words; a text stays as it is written."""
    return value if isinstance(value, str | list | dict | None) or type(value) is int else str(value).lower()


class Evidence(Strict):
    """What one source says of one attribute."""

    value: Annotated[str | int, pydantic.BeforeValidator(_words)]
    """The attribute's value, from the values that ``attributes.yaml`` lists for it."""
    source: Id
    plans: Annotated[list[Id], one_or_more(Id)] | None = None
    """The plans it speaks of; all plans of the vendor, if left out."""
    channels: Annotated[list[Channel], one_or_more(Channel)] | None = None
    """The channels it speaks of; all, if left out."""
    step: Text | None = None
    """What the practice must do for the value to hold, such as a setting to switch on."""
    note: Text | None = None

    def covers(self, plan: str | None, channel: str | None) -> bool:
        """Tell whether the evidence speaks of a plan and a channel (None asks for any)."""
        return (plan is None or self.plans is None or plan in self.plans) and (
            channel is None or self.channels is None or channel in self.channels
        )


@dataclass(frozen=True)
class Fact:
    """The value of an attribute after weighing its sources.

    Parameters
    ----------
    attribute : str
        The attribute.
    value : str, int or None
        Its value; None is *unknown*.
    used : Evidence or None
        The piece of evidence that decided.
    source : Source or None
        The source of that piece.
    age_days : int or None
        Days from the source's date to the day of the question.
    stale : bool
        Whether that is longer than the shelf life of the attribute's class.
    disputed : tuple of Evidence
        Pieces of the same standing with another value.
    others : tuple of Evidence
        All other pieces, kept for the reader.
    """

    attribute: str
    value: str | int | None = None
    used: Evidence | None = None
    source: Source | None = None
    age_days: int | None = None
    stale: bool = False
    disputed: tuple[Evidence, ...] = ()
    others: tuple[Evidence, ...] = ()

    @property
    def grade(self) -> str | None:
        """The grade of the source that decided."""
        return self.source.grade if self.source else None


def resolve(
    attribute: str,
    pieces: Iterable[Evidence],
    sources: Mapping[str, Source],
    on: date,
    shelf_days: int,
) -> Fact:
    """Weigh the evidence for one attribute as it stood on a day.

    The value is that of the best grade, then of the newest source; a stale source stands behind a fresh one of the
    next grade, so that a vendor's reply of today outweighs its page of years ago, and a review does not. Another
    value makes the fact *disputed* if its source has the same standing: the same grade, both fresh or both stale.

    Parameters
    ----------
    attribute : str
        The attribute.
    pieces : iterable of Evidence
        The pieces that speak of the plan and channel in question.
    sources : mapping of str to Source
        The sources by id.
    on : datetime.date
        The day of the question; sources of a later date do not count.
    shelf_days : int
        The shelf life of the attribute's class, in days.

    Returns
    -------
    Fact
        The value with its source, age and disputes; *unknown* without evidence.
    """
    today = on.isoformat()
    known = [piece for piece in pieces if sources[piece.source].seen <= today]
    if not known:
        return Fact(attribute)

    def is_stale(piece: Evidence) -> bool:
        return (on - first_day(sources[piece.source].seen)).days > shelf_days

    def standing(piece: Evidence) -> float:
        return GRADES.index(sources[piece.source].grade) + (1.5 if is_stale(piece) else 0)

    known.sort(key=lambda piece: sources[piece.source].seen, reverse=True)
    known.sort(key=standing)
    used, *rest = known
    source = sources[used.source]
    stale = is_stale(used)
    disputed = tuple(piece for piece in rest if piece.value != used.value and standing(piece) == standing(used))
    return Fact(
        attribute,
        used.value,
        used,
        source,
        (on - first_day(source.seen)).days,
        stale,
        disputed,
        tuple(piece for piece in rest if piece not in disputed),
    )
