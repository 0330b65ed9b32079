"""What a wording costs a year on the best tools that send it by text, and whether it fits the limits of channels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from texteval.billing import invoice
from texteval.catalog import Catalog
from texteval.decide import Comparison
from texteval.evidence import Source
from texteval.practice import Message, Practice
from texteval.words import Said, evidence

MOST_CHARACTERS = 2_000
"""The longest text that a practice file takes, and so the longest that is priced."""

FEW = 3
"""How many tools are priced, where not more are asked for."""


LIMITS = {"message_limit": "secure message", "away_text_limit": "away text"}
"""The attributes that hold a limit in characters, and what they limit."""


@dataclass(frozen=True)
class Limit:
    """How long a message may be at a vendor, by one source.

    Parameters
    ----------
    vendor, kind : str
        The vendor's name, and what is limited: ``secure message`` or ``away text``.
    most : int
        Characters.
    disputed : bool
        Whether another source gives another number.
    note : str or None
        What to know of it.
    source : Source
        Who says so.
    """

    vendor: str
    kind: str
    most: int
    disputed: bool
    note: str | None
    source: Source

    def fits(self, text: str) -> bool:
        """Tell whether a text fits."""
        return len(text) <= self.most


def limits(catalog: Catalog, on: date) -> list[Limit]:
    """List the limits of messages that sources give, each of them where they differ.

    Parameters
    ----------
    catalog : Catalog
        The facts.
    on : datetime.date
        The day of the question.

    Returns
    -------
    list of Limit
        The shortest first.
    """
    found = []
    for vendor_id, vendor in catalog.vendors.items():
        for attribute, kind in LIMITS.items():
            best: dict[int, Said] = {}
            for said in evidence(catalog, vendor_id, attribute, on):
                if isinstance(most := said.piece.value, int):
                    best.setdefault(most, said)
            found += [
                Limit(vendor.name, kind, most, len(best) > 1, said.piece.note, said.source)
                for most, said in best.items()
            ]
    return sorted(found, key=lambda limit: (limit.most, limit.vendor))


@dataclass(frozen=True)
class Reworded:
    """A tool's bill for a year, by wording.

    Parameters
    ----------
    plan, title : str
        The plan.
    proven : bool
        Whether it can be used now.
    years : tuple of (int or None)
        Micro-dollars for the first year with each wording; None where a price is unknown.
    most : int or None
        Characters that a text may have at this vendor, where that is known.
    """

    plan: str
    title: str
    proven: bool
    years: tuple[int | None, ...]
    most: int | None

    @property
    def apart(self) -> int | None:
        """What the first wording costs more than the last; None where a price is unknown."""
        first, last = self.years[0], self.years[-1]
        return None if first is None or last is None else first - last


def reworded(practice: Practice, purpose: str, text: str) -> Practice:
    """Return a practice whose messages to clients of a purpose are worded so.

    Parameters
    ----------
    practice : Practice
        The practice.
    purpose : str
        Which messages, among those that the practice sends.
    text : str
        The wording.
    """

    def changed(message: Message) -> Message:
        if message.purpose != purpose or message.direction != "out":
            return message
        return Message.model_validate({**message.model_dump(), "text": text})

    messages = [changed(message) for message in practice.messages]
    return Practice.model_validate({**practice.model_dump(), "messages": messages})


def sent_a_year(practice: Practice, purpose: str | None) -> int:
    """Count the messages of a purpose that a practice sends in a year."""
    return sum(
        practice.year(message)
        for message in practice.messages
        if (message.purpose, message.direction) == (purpose, "out")
    )


def rewordings(
    catalog: Catalog, comparison: Comparison, purpose: str | None, texts: Iterable[str], most: int = FEW
) -> list[Reworded]:
    """Price wordings on the first few finished tools that can be used and send the purpose as plain texts.

    Where the wording makes no difference to any of these, the first tool to which it does is added.

    Parameters
    ----------
    catalog : Catalog
        Prices.
    comparison : Comparison
        The options of the practice.
    purpose : str or None
        What the message is for.
    texts : iterable of str
        The wordings.
    most : int
        How many tools.

    Returns
    -------
    list of Reworded
        The tools in their order; empty where the practice sends no such message, or a text is longer than
        :data:`MOST_CHARACTERS`.
    """
    texts = [text.strip() for text in texts]
    practice = comparison.practice
    if (
        not sent_a_year(practice, purpose)
        or purpose is None
        or not all(0 < len(text) <= MOST_CHARACTERS for text in texts)
    ):
        return []
    practices = [reworded(practice, purpose, text) for text in texts]
    found = []
    for option in comparison.best_of_each:
        channels = option.coverage.channels
        if (
            option.shortlisted
            and not option.building_block
            and channels.get(purpose) == "sms"
            and option.year is not None
        ):
            bills = [invoice(catalog, option.plan, one.usage(channels), comparison.on) for one in practices]
            years = tuple(bill.year if bill else None for bill in bills)
            limit = catalog.plan(option.plan).message_limits.get("sms")
            found.append(Reworded(option.plan, option.title, option.proven, years, limit))
    first = found[:most]
    apart = next((row for row in found if row.apart), None)
    return first if apart is None or apart in first else [*first, apart]
