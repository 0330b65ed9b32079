"""The cheapest plan over the size of a practice and the messages that it sends: a map of where it changes hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from texteval.assess import largest
from texteval.billing import costs
from texteval.catalog import Catalog
from texteval.decide import Option, compare
from texteval.errors import UserError
from texteval.money import MAX_QUANTITY, half_up
from texteval.practice import Practice, sent_per_year, spread_year, too_many
from texteval.requirements import Requirements

CLINICIANS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 22, 25, 30, 35, 40, 45, 50)
MESSAGES = (
    *(1, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140, 160, 180, 200, 225, 250, 275, 300),
    *(350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 900, 1000, 1100, 1200, 1400, 1600, 1800, 2000),
)
"""The numbers that a map looks at; a practice's own are added to them."""


@dataclass(frozen=True)
class Landscape:
    """The cheapest usable plan for each number of clinicians and of messages sent a week.

    Parameters
    ----------
    practice_id : str
        The practice's name or file.
    practice : Practice
        The practice whose mix and proportions hold everywhere on the map.
    on : datetime.date
        The day of the question.
    hash : str
        The data hash: of catalogue, requirements and practice.
    proven_only : bool
        Whether only plans were looked at that can be used now.
    clinicians, messages : tuple of int
        The rows and the columns: clinicians, and messages sent in a working week.
    own : tuple of int
        The practice's own clinicians, and messages sent in a working week, rounded, at least one.
    titles : dict of str to str
        What a person calls each plan that can be used somewhere, by its id.
    first, second : numpy.ndarray
        int64, shape (clinicians, messages): the place of the cheapest plan and of the next one in ``titles``; -1 where
        there is none.
    year, more : numpy.ndarray
        int64, the same shape: what the cheapest plan costs in the first year, as its bill says, and by how much the
        next one costs more, in micro-dollars; 0 where there is no such plan.
    proven : numpy.ndarray
        bool, the same shape: whether the cheapest plan can be used now.
    unpriced : tuple of str
        Plans that can be used somewhere on the map, but have no known price anywhere on it.
    """

    practice_id: str
    practice: Practice
    on: date
    hash: str
    proven_only: bool
    clinicians: tuple[int, ...]
    messages: tuple[int, ...]
    own: tuple[int, int]
    titles: dict[str, str]
    first: Any
    second: Any
    year: Any
    more: Any
    proven: Any
    unpriced: tuple[str, ...]

    @cached_property
    def plans(self) -> tuple[str, ...]:
        """The plans by their place in ``titles``."""
        return tuple(self.titles)

    @property
    def here(self) -> tuple[int, int]:
        """The row and the column of the practice itself."""
        return self.clinicians.index(self.own[0]), self.messages.index(self.own[1])

    @cached_property
    def winners(self) -> dict[str, Any]:
        """For each plan that is the cheapest somewhere, its cells (bool, shape (clinicians, messages)); most first."""
        places, cells = np.unique(self.first[self.first >= 0], return_counts=True)
        order = sorted(zip(-cells, places, strict=True))
        return {self.plans[place]: self.first == place for _, place in order}

    @property
    def signs(self) -> dict[str, str]:
        """A letter for each plan that is the cheapest somewhere."""
        letters = ascii_uppercase + ascii_lowercase
        return {plan: letters[i] if i < len(letters) else "#" for i, plan in enumerate(self.winners)}

    def sure(self, plan: str) -> bool:
        """Tell whether a plan can be used now wherever it is the cheapest."""
        return bool(self.proven[self.winners[plan]].all())


def landscape(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    *,
    proven_only: bool = False,
) -> Landscape:
    """Find the cheapest usable plan over clinicians and messages.

    Everywhere on the map the practice keeps its proportions. Other staff, managers, locations, phone numbers, sessions,
    active clients and claims are as many for each clinician as it has, rounded half up, with at least one location and
    one number. Of the messages sent, the purposes keep their shares, and those received their ratio to those sent.

    A plan is usable where it is shortlisted, takes a practice of that size, and is a finished tool; it is judged once
    for one person and once for more, since only these two differ in what is asked of a tool. A price that nobody
    publishes never wins.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts, prices and rules.
    practice_id, practice, practice_hash : str, Practice, str
        As :func:`texteval.practice.load` gives them.
    on : datetime.date
        The day of the question.
    proven_only : bool
        Look only at plans that can be used now.

    Raises
    ------
    UserError
        If the day is before the first price list, the practice sends nothing, or a cell of the map has more of
        anything than texteval prices.
    """
    sent = sent_per_year(practice)
    if not sent:
        raise UserError(f"{practice.name} sends no messages, so it has no mix to go by: give it messages to send")
    own = practice.clinicians, max(int(half_up(sent, practice.weeks_per_year)), 1)
    clinicians, messages = _axis(CLINICIANS, own[0]), _axis(MESSAGES, own[1])
    cells, counts = _cells(practice, clinicians, messages)
    # Judged for the smallest practice of one person and of two, which no limit shuts out: limits hold cell by cell.
    options = [
        (option, where)
        for staff, where in ((0, cells.logins == 1), (1, cells.logins > 1))
        for option in compare(
            catalog, requirements, practice_id, _smallest(practice, staff), practice_hash, on
        ).shortlist
        if not option.building_block and (option.proven or not proven_only)
    ]
    options.sort(key=lambda each: not each[0].proven)  # of plans that cost the same the first one is taken
    titles = {option.plan: option.title for option, _ in options}
    places = {plan: place for place, plan in enumerate(titles)}
    unknown = np.iinfo(np.int64).max
    year = np.full((len(titles) + 1, len(counts[0])), unknown)  # in the last row the plan that there is not
    proven = np.zeros(year.shape, np.bool_)
    by_channels: dict[tuple[tuple[str, str], ...], list[tuple[Option, Any]]] = {}
    for option, where in options:
        if option.invoice is not None:
            by_channels.setdefault(tuple(sorted(option.coverage.channels.items())), []).append((option, where))
    for channels, served in by_channels.items():
        price_lists = {option.plan: catalog.price_lines(option.plan, on) or [] for option, _ in served}
        priced = costs(price_lists, _usage(cells, counts, dict(channels)), printed=True)
        for option, where in served:
            row, place = priced.plans.index(option.plan), places[option.plan]
            fits = where & priced.known[row] & _fits(cells, largest(catalog, option.plan))
            year[place, fits] = priced.micro_usd[row, fits]
            proven[place, fits] = option.proven
    shape, column = (len(clinicians), len(messages)), np.arange(year.shape[1])
    unpriced = tuple(plan for plan, place in places.items() if (year[place] == unknown).all())
    first = year.argmin(axis=0)
    least, sure = year[first, column], proven[first, column]
    year[first, column] = unknown
    second = year.argmin(axis=0)
    next_one = year[second, column]
    some, two = least < unknown, next_one < unknown
    return Landscape(
        practice_id,
        practice,
        on,
        f"{catalog.hash}-{requirements.hash}-{practice_hash}",
        proven_only,
        clinicians,
        messages,
        own,
        titles,
        np.where(some, first, -1).reshape(shape),
        np.where(two, second, -1).reshape(shape),
        np.where(some, least, 0).reshape(shape),
        np.where(two, next_one - least, 0).reshape(shape),
        sure.reshape(shape),
        unpriced,
    )


def _axis(values: Sequence[int], own: int) -> tuple[int, ...]:
    """Put a practice's own number among those of an axis; lead the axis up to it where it ends below."""
    beyond = np.rint(np.geomspace(values[-1], max(own, values[-1]), 7)).astype(int).tolist()
    return tuple(sorted({*values, *beyond, own}))


def _smallest(practice: Practice, staff: int) -> Practice:
    """Return the smallest practice with a practice's messages: one clinician, with or without other staff."""
    least = {"clinicians": 1, "staff": staff, "managers": 0, "sessions_per_week": 0, "active_clients": 0}
    return practice.model_copy(update={**least, "locations": 1, "numbers": 1, "claims_per_month": 0})


def _cells(practice: Practice, clinicians: Sequence[int], messages: Sequence[int]) -> tuple[Practice, list[Any]]:
    """Return the practices of all cells, row by row, as one of arrays, and for each kind of message a year's counts."""
    many = np.repeat(np.array(clinicians, np.int64), len(messages))
    total = np.tile(np.array(messages, np.int64) * practice.weeks_per_year, len(clinicians))

    def for_each(own: int) -> Any:
        return half_up(own * many, practice.clinicians)

    cells = Practice.model_construct(
        **{
            **dict(practice),
            "clinicians": many,
            "staff": for_each(practice.staff),
            "managers": for_each(practice.managers),
            "sessions_per_week": for_each(practice.sessions_per_week),
            "active_clients": None if practice.active_clients is None else for_each(practice.active_clients),
            "locations": np.maximum(for_each(practice.locations), 1),
            "numbers": np.maximum(for_each(practice.numbers), 1),
            "claims_per_month": for_each(practice.claims_per_month),
        }
    )
    sent, below, counts = sent_per_year(practice), 0, []
    for message in practice.messages:
        year = practice.year(message)
        if message.direction == "out" and message.purpose != "team":  # in whole messages that add up to all sent
            counts.append(half_up(total * (below + year), sent) - half_up(total * below, sent))
            below += year
        else:
            counts.append(half_up(total * year, sent))
    return cells, counts


def _usage(cells: Practice, counts: Sequence[Any], channels: Mapping[str, str]) -> dict[str, Any]:
    """Count every meter: shape (months, cells), or (cells,) for what is the same every month."""
    months = spread_year(cells.usage_year(channels, counts))
    flows = {meter: np.stack([month[meter] for month in months]) for meter in months[0]}
    usage = {**{meter: many + np.zeros_like(counts[0]) for meter, many in cells.seats().items()}, **flows}
    for meter, many in usage.items():
        if many.max() > MAX_QUANTITY:
            raise UserError(f"{cells.name}, at the far end of the map: {too_many(meter, int(many.max()))}")
    return usage


def _fits(cells: Practice, limits: Mapping[str, int]) -> Any:
    """Tell which cells a plan with these limits takes."""
    size = cells.size()
    return np.logical_and.reduce([np.asarray(size[name]) <= allowed for name, allowed in limits.items()])
