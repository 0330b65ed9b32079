"""What changed between two catalogues, or between two days of one; and what it does to people."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from texteval import catalog as catalogs
from texteval import practice as practices
from texteval.catalog import Catalog, Vendor
from texteval.charges import Allowance, Charge, Group
from texteval.decide import Comparison, compare
from texteval.errors import UserError
from texteval.evidence import Fact
from texteval.files import data_folder, is_file
from texteval.money import dollars, exact_dollars, show
from texteval.requirements import Requirements


@dataclass(frozen=True)
class View:
    """A catalogue as it stood on a day.

    Parameters
    ----------
    name : str
        What the user called it.
    catalog : Catalog
        The catalogue.
    on : datetime.date
        The day.
    """

    name: str
    catalog: Catalog
    on: date


def view(name: str, on: date, overlay: Path | None = None) -> View:
    """Find a catalogue by a day, a file or a git revision.

    Parameters
    ----------
    name : str
        A day such as ``2026-05-29`` (texteval's own catalogue as it stood), a YAML file, or a git revision of
        ``data/vendors.yaml`` such as ``HEAD~1``.
    on : datetime.date
        The day on which a file or a revision is judged; a day is judged as of itself.
    overlay : pathlib.Path, optional
        The user's own facts and prices.

    Raises
    ------
    UserError
        If it is none of the three.
    """
    day = _day(name)
    if day is not None:
        return View(name, catalogs.load(None, overlay), day)
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or is_file(path):
        return View(name, catalogs.load(path, overlay), on)
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / f"vendors-{name.replace('/', '-')}.yaml"
        old.write_bytes(_revision(name))
        return View(name, catalogs.load(old, overlay), on)


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name)
    except ValueError:
        return None


def _revision(name: str) -> bytes:
    """Read ``vendors.yaml`` of a git revision."""
    try:
        shown = subprocess.run(
            ["git", "show", f"{name}:./vendors.yaml"], cwd=data_folder(), capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        raise UserError(
            f"'{name}' is no day, no file and no git revision: write 2026-05-29, a YAML file, or a revision like HEAD~1"
        ) from None
    return shown.stdout


@dataclass(frozen=True)
class Change:
    """One difference: what, before and after; None where it is not there."""

    what: str
    old: Any
    new: Any
    title: str = ""
    """How a person is told of it, if not by ``what``."""

    @property
    def sign(self) -> str:
        """``+`` for what is new, ``−`` for what is gone, ``~`` for what changed."""
        return "+" if self.old is None else "−" if self.new is None else "~"

    @property
    def percent(self) -> float | None:
        """The change of an amount in percent, to one decimal."""
        if isinstance(self.old, int) and isinstance(self.new, int) and self.old:
            return round((self.new - self.old) * 100 / self.old, 1)
        return None


@dataclass
class Difference:
    """All that changed, and what it does to people.

    Parameters
    ----------
    old, new : View
        The two sides.
    prices : list of Change
        Unit prices by plan and line, in micro-dollars; what is no plain price in words.
    facts : list of Change
        Values by vendor or plan and attribute, and by channel where that makes a difference.
    costs : list of Change
        A year's cost by preset practice and plan, in micro-dollars.
    verdicts, ranks : list of Change
        By preset practice and plan: the verdict; the place among the usable plans.
    """

    old: View
    new: View
    prices: list[Change] = field(default_factory=list)
    facts: list[Change] = field(default_factory=list)
    costs: list[Change] = field(default_factory=list)
    verdicts: list[Change] = field(default_factory=list)
    ranks: list[Change] = field(default_factory=list)

    @property
    def changed_facts(self) -> list[Change]:
        """The facts whose value was known before."""
        return [change for change in self.facts if change.old is not None]

    @property
    def new_facts(self) -> list[Change]:
        """The facts that were unknown before."""
        return [change for change in self.facts if change.old is None]

    @property
    def sentence(self) -> str:
        """The closing sentence."""
        if not (self.prices or self.facts or self.costs or self.verdicts):
            return "Nothing changed."
        moved = [c for c in self.costs if isinstance(c.old, int) and isinstance(c.new, int)]
        parts = [f"{_many(len(self.prices), 'price')} and {_many(len(self.changed_facts), 'fact')} changed"]
        if self.new_facts:
            parts.append(f"{_many(len(self.new_facts), 'fact')} newly recorded")
        if moved:
            most = max(moved, key=lambda c: abs(c.new - c.old))
            sign = "more" if most.new > most.old else "less"
            parts.append(f"the largest move is {show(abs(most.new - most.old))} a year {sign} ({most.what})")
        else:
            parts.append("no preset practice pays more or less")
        parts.append(f"{_many(len(self.verdicts), 'verdict')} changed")
        return "; ".join(parts) + "."


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


_Parts = dict[str, int | str]
"""What a line says: micro-dollars or words, by the end of the name under which a change of it is told."""

_TOLD_APART = {"name", "source", "note", "model", "meter", "usd", "percent", "included", "per", "tiers", "then"}
_PLAIN_MODELS = ("per_unit", "unpublished", "tiers", "percent")
"""Charge models that show in the price itself."""


def _price_table(side: View) -> dict[str, _Parts]:
    """Return what each line of the price lists in force says, by plan or schedule and line."""
    lists = {plan_id: side.catalog.price_list(plan_id, side.on) for plan_id in side.catalog.plan_ids(texting=False)}
    for schedule_id, schedule in side.catalog.file.schedules.items():
        lists[schedule_id] = catalogs.current(schedule.prices, side.on)
    table: dict[str, _Parts] = {}
    for origin, prices in lists.items():
        for charge in prices.charges if prices else []:
            table[f"{origin}: {catalogs.line_name(charge)}"] = _parts(charge)
        if prices and prices.schedules:
            table[f"{origin}: shared fees"] = {"": ", ".join(prices.schedules)}
    return table


def _parts(charge: Charge) -> _Parts:
    rate: Any = getattr(charge, "then", charge)
    parts: _Parts = {}
    if rate.model == "tiers":
        for tier in rate.tiers:
            bound = f", up to {tier.up_to}" if tier.up_to else ", beyond"
            stairs = rate.mode == "stairstep"
            parts[bound] = tier.flat_usd if stairs else tier.usd
            if tier.flat_usd and not stairs:
                parts[f"{bound}, for the tier as a whole"] = tier.flat_usd
    elif rate.model == "percent":
        parts[""] = f"{rate.percent / 100:g} percent"
    else:
        parts[""] = getattr(rate, "usd", str(rate.model))
    if isinstance(charge, Allowance):
        parts[", included"] = f"{charge.included} {'per ' + charge.per if charge.per else 'in all'}"
    parts[", terms"] = _terms(charge, rate)
    return parts


def _terms(charge: Charge, rate: Any) -> str:
    """Say everything of a line but its price, so that no change of it goes unseen."""
    said = [] if rate.model in _PLAIN_MODELS else [str(rate.model)]
    if not isinstance(charge, Group):
        said.append("by " + " and ".join(catalogs.METER_WORDS[meter] for meter in charge.meter))
    more = {**charge.model_dump(mode="json"), **rate.model_dump(mode="json")}
    said += [f"{key.replace('_', ' ')} {_plain(more[key])}" for key in more if key not in _TOLD_APART and more[key]]
    return ", ".join(said)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    return " and ".join(_plain(inner) for inner in value) if isinstance(value, list) else str(value)


def _price_changes(old: dict[str, _Parts], new: dict[str, _Parts]) -> list[Change]:
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = ({f"{name}{end}": said for end, said in table.get(name, {}).items()} for table in (old, new))
        terms = f"{name}, terms"
        found += [c for c in _changes(before, after) if c.what != terms or (terms in before and terms in after)]
    return found


def _say(fact: Fact) -> str | None:
    if fact.value is None:
        return None
    state = ", disputed" if fact.disputed else ", stale" if fact.stale else ""
    return f"{fact.value}{state}"


_Said = tuple[str | None, str | None]
"""The value of a fact before and after."""


def _fact_changes(old: View, new: View) -> list[Change]:
    """Compare every fact on every plan and channel; tell once what holds for a whole plan or vendor."""
    found = []
    for vendor_id in dict.fromkeys([*old.catalog.vendors, *new.catalog.vendors]):
        vendors = [side.catalog.vendors[vendor_id] for side in (old, new) if vendor_id in side.catalog.vendors]
        for name in dict.fromkeys(name for vendor in vendors for name in vendor.facts):
            title = (new.catalog.attributes.attributes.get(name) or old.catalog.attributes.attributes[name]).title
            said: dict[str, dict[str | None, _Said]] = {}
            for plan_id, channel in _places(vendors, name):
                place = f"{vendor_id}/{plan_id}" if plan_id else vendor_id
                said.setdefault(place, {})[channel] = (_ask(old, place, name, channel), _ask(new, place, name, channel))
            for place, channel, (before, after) in _folded(vendor_id, said):
                end = f", {channel}" if channel else ""
                if before != after:
                    found.append(
                        Change(f"{place}: {name}{end}", before, after, f"{place}: {title}{end.replace('_', ' ')}")
                    )
    return found


def _places(vendors: list[Vendor], name: str) -> list[tuple[str | None, str | None]]:
    """List the plans and channels on which a fact may differ; None for a vendor without plans and a plan without."""
    named = [c for vendor in vendors for piece in vendor.facts.get(name, []) for c in piece.channels or []]
    places: list[tuple[str | None, str | None]] = []
    for vendor in vendors:
        for plan_id, plan in vendor.plans.items():
            places += [(plan_id, channel) for channel in (*plan.channels, *named)] or [(plan_id, None)]
    return list(dict.fromkeys(places)) or [(None, None)]


def _ask(side: View, place: str, name: str, channel: str | None) -> str | None:
    vendor_id, _, plan_id = place.partition("/")
    vendor = side.catalog.vendors.get(vendor_id)
    if vendor is None or (plan_id and plan_id not in vendor.plans):
        return None
    return _say(side.catalog.fact(place, name, channel, side.on))


def _folded(vendor_id: str, said: dict[str, dict[str | None, _Said]]) -> Iterator[tuple[str, str | None, _Said]]:
    """Say once what is the same on all plans and channels, or on all channels of a plan, or on a channel of all."""
    by_plan = {place: set(channels.values()) for place, channels in said.items()}
    everywhere = set().union(*by_plan.values())
    if len(everywhere) == 1:
        yield vendor_id, None, everywhere.pop()
    elif all(len(found) == 1 for found in by_plan.values()):
        yield from ((place, None, found.pop()) for place, found in by_plan.items())
    else:
        for channel in dict.fromkeys(channel for channels in said.values() for channel in channels):
            at = {place: channels[channel] for place, channels in said.items() if channel in channels}
            if len(set(at.values())) == 1:
                yield vendor_id, channel, next(iter(at.values()))
            else:
                yield from ((place, channel, one) for place, one in at.items())


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    names = [*old, *(name for name in new if name not in old)]
    return [Change(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def difference(old: View, new: View, requirements: Requirements) -> Difference:
    """Compare two views of the catalogue.

    Parameters
    ----------
    old, new : View
        The two sides.
    requirements : Requirements
        The rules, the same for both.

    Returns
    -------
    Difference
        Prices and facts that changed, and the preset practices' costs, verdicts and ranks.
    """
    found = Difference(old, new)
    found.prices = _price_changes(_price_table(old), _price_table(new))
    found.facts = _fact_changes(old, new)
    for name in practices.presets().practices:
        before, after = (
            _people(compare(side.catalog, requirements, *practices.load(name), side.on)) for side in (old, new)
        )
        for part, target in (("cost", found.costs), ("verdict", found.verdicts), ("rank", found.ranks)):
            target.extend(_changes(before[part], after[part]))
    return found


def _people(comparison: Comparison) -> dict[str, dict[str, Any]]:
    who = comparison.practice_id
    usable = [option for option in comparison.options if option.shortlisted and option.year is not None]
    return {
        "cost": {
            f"{who}, {o.plan}": o.year if o.year is not None else "unknown"
            for o in comparison.options
            if o.invoice is not None
        },
        "verdict": {f"{who}, {o.plan}": o.verdict for o in comparison.options if o.invoice is not None},
        "rank": {f"{who}, {o.plan}": place for place, o in enumerate(usable, 1)},
    }


def as_json(found: Difference) -> dict[str, Any]:
    """Return a difference as plain data."""

    def rows(changes: list[Change], number: Callable[[int], Any] | None = None) -> list[dict[str, Any]]:
        """Amounts are turned to dollars by ``number``; other numbers have no percentage."""
        return [
            {
                "what": change.what,
                "sign": change.sign,
                "old": number(change.old) if number and isinstance(change.old, int) else change.old,
                "new": number(change.new) if number and isinstance(change.new, int) else change.new,
                "percent": change.percent if number else None,
            }
            for change in changes
        ]

    return {
        "old": {"name": found.old.name, "as_of": found.old.on.isoformat(), "data_hash": found.old.catalog.hash},
        "new": {"name": found.new.name, "as_of": found.new.on.isoformat(), "data_hash": found.new.catalog.hash},
        "prices_usd": rows(found.prices, exact_dollars),
        "facts": rows(found.facts),
        "costs_year_usd": rows(found.costs, dollars),
        "verdicts": rows(found.verdicts),
        "ranks": rows(found.ranks),
        "sentence": found.sentence,
    }


def as_text(found: Difference, *, markdown: bool = False) -> str:
    """Write a difference for a person: plain for the terminal, or as Markdown for a pull request.

    Parameters
    ----------
    found : Difference
        What changed.
    markdown : bool
        Whether to write tables of Markdown.

    Notes
    -----
    Ranks are left to :func:`as_json`: they follow from costs and verdicts. Facts that were unknown before are counted.
    """
    title = f"{_side(found.old)} → {_side(found.new)}"
    out = [f"## {title}" if markdown else title, ""]
    sections = (
        ("Prices", found.prices, lambda v: show(v, unit=True) if isinstance(v, int) else str(v)),
        ("Facts that changed", found.changed_facts, lambda v: v.replace("_", " ")),
        ("Cost a year of the preset practices", found.costs, lambda v: show(v) if isinstance(v, int) else str(v)),
        ("Verdicts", found.verdicts, str),
    )
    for heading, changes, word in sections:
        if not changes:
            continue
        out += [f"### {heading}" if markdown else heading, ""]
        if markdown:
            out += ["| | what | before | after | |", "| --- | --- | --- | --- | --- |"]
        for change in changes:
            what = change.title or change.what
            before, after = ("–" if v is None else word(v) for v in (change.old, change.new))
            percent = "" if change.percent is None else f"{change.percent:+g} %"
            if markdown:
                cells = (change.sign, what, before, after, percent)
                out.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
            else:
                out.append(f"  {change.sign} {what}")
                out.append(f"      {before} → {after}" + (f"  ({percent})" if percent else ""))
        out.append("")
    if found.new_facts:
        heading = "Newly recorded facts, unknown before"
        out += [f"### {heading}" if markdown else heading, ""]
        many = Counter(change.what.partition(":")[0].partition("/")[0] for change in found.new_facts)
        out += [f"{'-' if markdown else ' '} {vendor}: {_many(number, 'fact')}" for vendor, number in many.items()]
        out.append("")
    out.append(found.sentence)
    return "\n".join(out)


def _side(side: View) -> str:
    day = side.on.isoformat()
    return side.name if side.name == day else f"{side.name} on {day}"
