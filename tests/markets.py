"""Small invented markets for tests of the advice, and ways to change one thing in a market, whatever its size.

A market is a catalogue with the plain data that it was built from; a change is made in the data, so that it does not
hang on the code that is tested.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from texteval.catalog import Catalog, Schedule, Vendor, VendorFile, load_attributes
from texteval.evidence import Evidence, Source
from texteval.files import data_folder, read_yaml
from texteval.models import first_day
from texteval.money import MICRO
from texteval.practice import Practice
from texteval.requirements import Requirements

ON = date(2026, 6, 30)
"""The day on which invented markets are asked."""

SOURCES = {
    "page": {"title": "Pages", "url": "https://a.example", "seen": "2026-06-01", "grade": "vendor_page"},
    "old-page": {"title": "Old pages", "url": "https://b.example", "seen": "2020-01-01", "grade": "vendor_page"},
    "review": {"title": "A review", "url": "https://c.example", "seen": "2026-05-01", "grade": "review"},
    "rumour": {"title": "A rumour", "url": "https://d.example", "seen": "2026-05-01", "grade": "second_hand"},
}
GATES = (
    "baa",
    "baa_covers",
    "encryption_in_transit",
    "encryption_at_rest",
    "unique_logins",
    "access_control_roles",
    "audit_log",
)
"""The attributes behind the gates that always stand, or stand for a team."""


@dataclass(frozen=True)
class Market:
    """A catalogue with the data that it was built from."""

    raw: dict[str, Any]
    catalog: Catalog
    on: date = ON

    def with_vendor(self, vendor_id: str, vendor: dict[str, Any]) -> Catalog:
        """Return the catalogue with another vendor in place of one."""
        vendors = {**self.catalog.vendors, vendor_id: Vendor.model_validate(vendor)}
        return _fresh(self.catalog, vendors=vendors)

    def with_price(self, owner: str, line: str, place: Sequence[str | int], usd: int) -> Catalog:
        """Return the catalogue with another price, in micro-dollars, at a place of a line of a plan or schedule."""
        if owner in self.catalog.file.schedules:
            schedule = copy.deepcopy(self.raw["schedules"][owner])
            _set(_charge(schedule["prices"], line, self.on), place, usd)
            schedules = {**self.catalog.file.schedules, owner: Schedule.model_validate(schedule)}
            return _fresh(self.catalog, schedules=schedules)
        vendor_id, _, plan = owner.partition("/")
        vendor = copy.deepcopy(self.raw["vendors"][vendor_id])
        _set(_charge(vendor["plans"][plan]["prices"], line, self.on), place, usd)
        return self.with_vendor(vendor_id, vendor)

    def with_first_year(self, plan_id: str, usd: int) -> Catalog:
        """Return the catalogue with a plan that publishes one price: what a year costs, in micro-dollars."""
        vendor_id, _, plan = plan_id.partition("/")
        vendor = copy.deepcopy(self.raw["vendors"][vendor_id])
        charge = {"name": "A year", "model": "flat", "cadence": "annual", "usd": _dollars(usd)}
        source = vendor["plans"][plan]["prices"][0]["source"]
        prices = [{"from": "2026-01-01", "date_is": "stated", "source": source, "charges": [charge]}]
        vendor["plans"][plan] = {**vendor["plans"][plan], "prices": prices, "base": None}
        return self.with_vendor(vendor_id, vendor)

    def with_fact(self, plan_id: str, channel: str, attribute: str, value: str) -> Catalog:
        """Return the catalogue with another value of a fact, from the vendor's own page of that day.

        It is set for every plan and channel of which the same evidence speaks, or, where nothing is known, of which
        nothing is known.
        """
        vendor_id = plan_id.partition("/")[0]
        vendor = self.catalog.vendors[vendor_id]
        used = self.catalog.fact(plan_id, attribute, channel, self.on).used
        pairs = [(name, way) for name, plan in vendor.plans.items() for way in plan.channels]
        scope = [
            (name, way)
            for name, way in pairs
            if self.catalog.fact(f"{vendor_id}/{name}", attribute, way, self.on).used is used
        ]
        told = Source(title="Told today", seen=self.on.isoformat(), grade="vendor_page")
        pieces = [
            old.model_copy(update={"plans": [name], "channels": [way]})
            for old in vendor.facts.get(attribute, [])
            for name, way in pairs
            if old.covers(name, way) and (name, way) not in scope
        ]
        pieces += [Evidence(value=value, source="told-today", plans=[name], channels=[way]) for name, way in scope]
        changed = vendor.model_copy(update={"facts": {**vendor.facts, attribute: pieces}})
        return _fresh(
            self.catalog,
            vendors={**self.catalog.vendors, vendor_id: changed},
            sources={**self.catalog.sources, "told-today": told},
        )


def build(vendors: dict[str, Any], schedules: dict[str, Any] | None = None) -> Market:
    """Build a market of invented vendors, with the sources of :data:`SOURCES`."""
    raw = {"sources": SOURCES, "schedules": schedules or {}, "vendors": vendors}
    raw = json.loads(json.dumps(raw, default=str))
    return Market(raw, Catalog(VendorFile.model_validate(raw), load_attributes()[0], "market", "0" * 12))


def real(catalog: Catalog, on: date, *vendor_ids: str) -> Market:
    """Return texteval's own catalogue as a market; of some vendors only, where they are named."""
    vendors = {name: one for name, one in catalog.vendors.items() if not vendor_ids or name in vendor_ids}
    return Market(_own_data(), _fresh(catalog, vendors=vendors), on)


@cache
def _own_data() -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(data_folder() / "vendors.yaml")[0]
    return data


def vendor(
    plans: dict[str, Any], kind: str = "healthcare_messaging", name: str = "A vendor", **facts: Any
) -> dict[str, Any]:
    """Describe a vendor that meets every gate by its own page, but for the facts that are named; None is unknown."""
    told = {gate: {"value": "yes", "source": "page"} for gate in GATES} | facts
    return {"name": name, "kind": kind, "facts": {k: v for k, v in told.items() if v is not None}, "plans": plans}


def plan(*charges: dict[str, Any], channels: Any = ("secure_message",), **more: Any) -> dict[str, Any]:
    """Describe a plan with one price list."""
    prices = {"from": "2026-01-01", "date_is": "stated", "source": "page", "charges": list(charges)}
    schedules = more.pop("schedules", None)
    if schedules:
        prices["schedules"] = schedules
    return {"name": more.pop("name", "Plan"), "channels": channels, "prices": [prices], **more}


def flat(usd: Any, name: str = "Subscription", **more: Any) -> dict[str, Any]:
    """Describe a flat charge."""
    return {"name": name, "model": "flat", "usd": str(usd), **more}


def each(meter: str, usd: Any, name: str = "Each", **more: Any) -> dict[str, Any]:
    """Describe a charge for each unit of a meter."""
    return {"name": name, "model": "per_unit", "meter": meter, "usd": str(usd), **more}


def hidden(meter: str = "account", name: str = "Not published") -> dict[str, Any]:
    """Describe a charge that nobody publishes."""
    return {"name": name, "model": "unpublished", "meter": meter}


def practice(**fields: Any) -> Practice:
    """Describe a practice; by default one person with twenty sessions a week and a reminder for each."""
    usual = {"name": "P", "clinicians": 1, "sessions_per_week": 20, "messages": [{"purpose": "reminder"}]}
    return Practice.model_validate({**usual, **fields})


def attribute_of(requirements: Requirements, name: str) -> str:
    """Return the attribute that a requirement reads."""
    attribute = requirements.all[name].attribute
    assert attribute is not None
    return attribute


def value_for(requirements: Requirements, practice: Practice, name: str, outcome: str, on: date) -> str:
    """Return a value of a requirement's attribute that comes to an outcome."""
    outcomes = requirements.facing(practice, on).all[name].outcomes
    return next(value for value, then in outcomes.items() if then == outcome)


def _fresh(catalog: Catalog, **changed: Any) -> Catalog:
    return Catalog(catalog.file.model_copy(update=changed), catalog.attributes, catalog.path, catalog.hash)


def _charge(prices: list[dict[str, Any]], line: str, on: date) -> dict[str, Any]:
    """Return a charge of the price list in force, by its name."""
    held = [one for one in prices if first_day(str(one["from"])) <= on]
    (charge,) = [charge for charge in held[-1]["charges"] if charge.get("name") == line]
    found: dict[str, Any] = charge
    return found


def _set(charge: dict[str, Any], place: Sequence[str | int], usd: int) -> None:
    holder: Any = charge
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = _dollars(usd)


def _dollars(micro: int) -> Decimal:
    return Decimal(micro) / MICRO
