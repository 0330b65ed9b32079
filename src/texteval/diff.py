"""What changed between two catalogues, or between two days of one; and what it does to people."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from texteval import catalog as catalogs
from texteval import practice as practices
from texteval.catalog import Catalog
from texteval.charges import Group
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


def view(name: str, today: date, overlay: Path | None = None) -> View:
    """Find a catalogue by a day, a file or a git revision.

    Parameters
    ----------
    name : str
        A day such as ``2026-05-29`` (texteval's own catalogue as it stood), a YAML file, or a git revision of
        ``data/vendors.yaml`` such as ``HEAD~1``.
    today : datetime.date
        The day taken for files and revisions.
    overlay : pathlib.Path, optional
        The user's own facts and prices.

    Raises
    ------
    UserError
        If it is none of the three.
    """
    try:
        return View(name, catalogs.load(None, overlay), date.fromisoformat(name))
    except ValueError:
        pass
    path = Path(name)
    if path.suffix.lower() in (".yaml", ".yml") or is_file(path):
        return View(name, catalogs.load(path, overlay), today)
    shown = subprocess.run(
        ["git", "show", f"{name}:./vendors.yaml"], cwd=data_folder(), capture_output=True, check=False
    )
    if shown.returncode:
        raise UserError(
            f"'{name}' is no day, no file and no git revision: write 2026-05-29, a YAML file, or a revision like HEAD~1"
        )
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / f"vendors-{name.replace('/', '-')}.yaml"
        old.write_bytes(shown.stdout)
        return View(name, catalogs.load(old, overlay), today)


@dataclass(frozen=True)
class Change:
    """One difference: what, before and after; None where it is not there."""

    what: str
    old: Any
    new: Any

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
        Unit prices by plan and line, in micro-dollars.
    facts : list of Change
        Values by vendor or plan and attribute.
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
    def sentence(self) -> str:
        """The closing sentence."""
        if not (self.prices or self.facts or self.costs or self.verdicts):
            return "Nothing changed."
        moved = [c for c in self.costs if isinstance(c.old, int) and isinstance(c.new, int)]
        parts = [f"{_many(len(self.prices), 'price')} and {_many(len(self.facts), 'fact')} changed"]
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


def _price_table(side: View) -> dict[str, int | str]:
    table: dict[str, int | str] = {}
    for plan_id in side.catalog.plan_ids(texting=False):
        prices = side.catalog.price_list(plan_id, side.on)
        for charge in prices.charges if prices else []:
            name = f"{plan_id}: {catalogs.line_name(charge)}"
            unit = getattr(charge, "usd", None)
            then = getattr(charge, "then", None)
            tiers = getattr(charge, "tiers", None) or getattr(then, "tiers", None)
            if isinstance(charge, Group) and charge.model == "percent":
                table[name] = f"{charge.percent / 100:g} percent"
            elif tiers:
                for tier in tiers:
                    bound = f"up to {tier.up_to}" if tier.up_to else "beyond"
                    table[f"{name}, {bound}"] = tier.usd or tier.flat_usd
            elif charge.model == "unpublished" or (then is not None and then.model == "unpublished"):
                table[name] = "unpublished"
            else:
                table[name] = unit if unit is not None else then.usd if then is not None else 0
            included = getattr(charge, "included", None)
            if included is not None:
                table[f"{name}, included"] = f"{included} {'per ' + charge.per if charge.per else 'in all'}"  # type: ignore[union-attr]
    for schedule_id, schedule in side.catalog.file.schedules.items():
        current = catalogs.current(schedule.prices, side.on)
        for charge in current.charges if current else []:
            table[f"{schedule_id}: {catalogs.line_name(charge)}"] = getattr(charge, "usd", 0)
    return table


def _say(fact: Fact) -> str | None:
    if fact.value is None:
        return None
    state = ", disputed" if fact.disputed else ", stale" if fact.stale else ""
    return f"{fact.value}{state}"


def _fact_table(side: View) -> dict[str, str]:
    table = {}
    for vendor_id, vendor in side.catalog.vendors.items():
        for name, pieces in vendor.facts.items():
            for scope in dict.fromkeys((tuple(p.plans or ()), tuple(p.channels or ())) for p in pieces):
                plans, channels = scope
                plan_id = f"{vendor_id}/{plans[0]}" if plans else vendor_id
                said = _say(side.catalog.fact(plan_id, name, channels[0] if channels else None, side.on))
                if said is not None:
                    table[", ".join([f"{plan_id}: {name}", *channels])] = said
    return table


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
    found.prices = _changes(_price_table(old), _price_table(new))
    found.facts = _changes(_fact_table(old), _fact_table(new))
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

    def rows(changes: list[Change], number: Callable[[int], Any] = lambda v: v) -> list[dict[str, Any]]:
        return [
            {
                "what": change.what,
                "sign": change.sign,
                "old": number(change.old) if isinstance(change.old, int) else change.old,
                "new": number(change.new) if isinstance(change.new, int) else change.new,
                "percent": change.percent,
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
    """
    title = f"{found.old.name} → {found.new.name}"
    out = [f"## {title}" if markdown else title, ""]
    sections = (
        ("Prices", found.prices, lambda v: show(v, unit=True) if isinstance(v, int) else str(v)),
        ("Facts", found.facts, str),
        ("Cost a year of the preset practices", found.costs, lambda v: show(v) if isinstance(v, int) else str(v)),
        ("Verdicts", found.verdicts, str),
        ("Places among the usable plans", found.ranks, str),
    )
    for heading, changes, word in sections:
        if not changes:
            continue
        out += [f"### {heading}" if markdown else heading, ""]
        if markdown:
            out += ["| | what | before | after | |", "| --- | --- | --- | --- | --- |"]
        for change in changes:
            before, after = ("–" if v is None else word(v) for v in (change.old, change.new))
            percent = "" if change.percent is None else f"{change.percent:+g} %"
            if markdown:
                out.append(f"| {change.sign} | {change.what} | {before} | {after} | {percent} |")
            else:
                out.append(f"  {change.sign} {change.what}")
                out.append(f"      {before} → {after}" + (f"  ({percent})" if percent else ""))
        out.append("")
    out.append(found.sentence)
    return "\n".join(out)
