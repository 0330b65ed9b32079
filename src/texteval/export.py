"""The catalogue as tidy tables for others to build on, with a data dictionary."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from texteval import __version__
from texteval.catalog import Catalog, PriceList
from texteval.charges import Group, line_name
from texteval.files import write_whole
from texteval.money import exact_dollars
from texteval.requirements import Requirements

COLUMNS: dict[str, dict[str, str]] = {
    "vendors": {
        "vendor": "id of the vendor",
        "name": "what it is called",
        "kind": "practice_management, healthcare_messaging, business_phone, messaging_api or consumer_app",
        "homepage": "its address",
        "also": "other names, separated by semicolons",
    },
    "plans": {
        "plan": "id of the plan, vendor/plan",
        "vendor": "id of the vendor",
        "name": "what it is called",
        "channels": "channels, separated by semicolons; empty: it cannot send messages alone",
        "base": "id of the plan that must be bought first",
        "most_clinicians": "the largest number of clinicians it takes",
        "most_logins": "the largest number of logins it takes",
        "ended": "the day from which it is no longer sold",
        "note": "a remark",
    },
    "prices": {
        "plan": "id of the plan or of the shared schedule",
        "from": "the first day the price holds, as exact as it is known",
        "date_is": "stated by the vendor, or first_seen",
        "line": "what the line is called on the invoice",
        "model": "flat, per_unit, tiers, package, allowance, mix, percent, minimum, maximum or unpublished",
        "mode": "of tiers: graduated, volume or stairstep",
        "meter": "what is counted, separated by semicolons",
        "cadence": "monthly, annual, once or every_n_months",
        "included": "units included in the period",
        "included_per": "the seat that the included units are for",
        "size": "units in a package",
        "up_to": "the last unit of the tier, inclusive; empty: open, or no tier",
        "unit_usd": "price of a unit or package, in US dollars; empty: unpublished",
        "flat_usd": "price of a tier as a whole, in US dollars",
        "percent": "percent of the group, below zero a discount",
        "low_usd": "where unpublished: the low end of an estimate, in US dollars a period",
        "high_usd": "where unpublished: the high end of an estimate, in US dollars a period",
        "source": "id of the source",
        "seen": "the date of the source",
        "grade": "the grade of the source",
        "note": "a remark",
    },
    "facts": {
        "vendor": "id of the vendor",
        "attribute": "what is asked",
        "value": "the answer, one of the attribute's values",
        "plans": "the plans it speaks of, separated by semicolons; empty: all",
        "channels": "the channels it speaks of, separated by semicolons; empty: all",
        "step": "what the practice must do for it to hold",
        "source": "id of the source",
        "seen": "the date of the source",
        "grade": "the grade of the source",
        "note": "a remark",
    },
    "requirements": {
        "requirement": "id of the requirement",
        "title": "what it asks",
        "citation": "the rule behind it",
        "basis": "law, state, ethics, carrier or practice",
        "today": "its standing in HIPAA today",
        "gate": "always, team or never",
        "attribute": "the attribute that it reads",
        "accepts": "the weakest grade on which it may pass",
        "open_point": "heavy or light",
        "source": "id of its source",
    },
    "sources": {
        "source": "id of the source",
        "title": "its title",
        "publisher": "who published it",
        "url": "its address",
        "seen": "its date, as exact as it is known",
        "dated": "whether the date is stated or estimated",
        "grade": "vendor_page, vendor_reply, review, second_hand or general_knowledge",
        "note": "a remark",
    },
}
"""Every table with its columns and their meaning: the data dictionary."""

COUNTS = ("most_clinicians", "most_logins", "included", "size", "up_to")
"""The columns of whole numbers; an empty cell in them stays empty."""

FORMATS = ("csv", "parquet", "json")


def tables(catalog: Catalog, requirements: Requirements) -> dict[str, pd.DataFrame]:
    """Make the tidy tables.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        What is exported.

    Returns
    -------
    dict of str to pandas.DataFrame
        The tables of :data:`COLUMNS`, one row for each vendor, plan, price, piece of evidence, requirement, source.
    """
    rows = {
        "vendors": _vendors(catalog),
        "plans": _plans(catalog),
        "prices": _prices(catalog),
        "facts": _facts(catalog),
        "requirements": _requirements(requirements),
        "sources": _sources(catalog),
    }
    return {name: _table(name, found) for name, found in rows.items()}


def _table(name: str, rows: Iterator[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(COLUMNS[name]))
    return frame.astype({column: "Int64" for column in COUNTS if column in frame})


def _join(values: Any) -> str | None:
    return "; ".join(values) if values else None


def _vendors(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for vendor_id, v in catalog.vendors.items():
        yield {"vendor": vendor_id, "name": v.name, "kind": v.kind, "homepage": v.homepage, "also": _join(v.also)}


def _plans(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for plan_id in catalog.plan_ids(texting=False):
        plan = catalog.plan(plan_id)
        vendor_id = plan_id.partition("/")[0]
        yield {
            "plan": plan_id,
            "vendor": vendor_id,
            "name": plan.name,
            "channels": _join(plan.channels),
            "base": f"{vendor_id}/{plan.base}" if plan.base else None,
            "most_clinicians": plan.limits.clinicians,
            "most_logins": plan.limits.logins,
            "ended": plan.ended,
            "note": plan.note,
        }


def _prices(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for plan_id in catalog.plan_ids(texting=False):
        yield from _lists(catalog, plan_id, catalog.plan(plan_id).prices)
    for schedule_id, schedule in catalog.file.schedules.items():
        yield from _lists(catalog, schedule_id, schedule.prices)


def _lists(catalog: Catalog, owner: str, lists: list[PriceList]) -> Iterator[dict[str, Any]]:
    for prices in lists:
        for charge in prices.charges:
            source_id = charge.source or prices.source
            source = catalog.sources[source_id]
            rate = getattr(charge, "then", charge)
            row = {
                "plan": owner,
                "from": prices.from_,
                "date_is": prices.date_is,
                "line": line_name(charge),
                "model": charge.model,
                "mode": getattr(rate, "mode", None),
                "meter": None if isinstance(charge, Group) else _join(charge.meter),
                "cadence": getattr(charge, "cadence", None),
                "included": getattr(charge, "included", None),
                "included_per": getattr(charge, "per", None),
                "size": getattr(rate, "size", None),
                "unit_usd": exact_dollars(getattr(rate, "usd", None)),
                "percent": charge.percent / 100 if charge.model == "percent" else None,
                "low_usd": exact_dollars(getattr(rate, "low_usd", None)),
                "high_usd": exact_dollars(getattr(rate, "high_usd", None)),
                "source": source_id,
                "seen": source.seen,
                "grade": source.grade,
                "note": charge.note,
            }
            tiers = getattr(rate, "tiers", None)
            for tier in tiers or ():
                unit, flat = exact_dollars(tier.usd), exact_dollars(tier.flat_usd)
                yield {**row, "up_to": tier.up_to, "unit_usd": unit, "flat_usd": flat}
            if not tiers:
                yield row


def _facts(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for vendor_id, vendor in catalog.vendors.items():
        for attribute, pieces in vendor.facts.items():
            for piece in pieces:
                source = catalog.sources[piece.source]
                yield {
                    "vendor": vendor_id,
                    "attribute": attribute,
                    "value": str(piece.value),
                    "plans": _join(piece.plans),
                    "channels": _join(piece.channels),
                    "step": piece.step,
                    "source": piece.source,
                    "seen": source.seen,
                    "grade": source.grade,
                    "note": piece.note,
                }


def _requirements(requirements: Requirements) -> Iterator[dict[str, Any]]:
    for name, r in requirements.all.items():
        yield {"requirement": name, **{key: getattr(r, key) for key in COLUMNS["requirements"] if key != "requirement"}}


def _sources(catalog: Catalog) -> Iterator[dict[str, Any]]:
    for source_id, source in catalog.sources.items():
        yield {"source": source_id, **{key: getattr(source, key) for key in COLUMNS["sources"] if key != "source"}}


def write(catalog: Catalog, requirements: Requirements, folder: Path, formats: tuple[str, ...] = FORMATS) -> list[Path]:
    """Write the tables and their dictionary into a folder.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        What is exported.
    folder : pathlib.Path
        Where to; made if need be.
    formats : tuple of str
        Any of :data:`FORMATS`.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    UserError
        If a file cannot be written.
    """
    written = []
    for name, frame in tables(catalog, requirements).items():
        for form in formats:
            path = folder / f"{name}.{form}"
            write_whole(path, _as(frame, form))
            written.append(path)
    dictionary = {
        "texteval": __version__,
        "data_hash": f"{catalog.hash}-{requirements.hash}",
        "missing": "an empty cell or null is unknown or does not apply: never zero",
        "tables": COLUMNS,
    }
    path = folder / "dictionary.json"
    write_whole(path, json.dumps(dictionary, indent=2, ensure_ascii=False) + "\n")
    return [*written, path]


def _as(frame: pd.DataFrame, form: str) -> bytes:
    if form == "csv":
        return frame.apply(_harmless).to_csv(index=False, lineterminator="\n").encode("utf-8")
    if form == "json":
        return (frame.to_json(orient="records", indent=1, force_ascii=False) + "\n").encode("utf-8")
    stream = io.BytesIO()
    frame.to_parquet(stream, index=False)
    return stream.getvalue()


def _harmless(column: pd.Series[Any]) -> pd.Series[Any]:
    """Keep a spreadsheet from taking text for a formula."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    risky = ("=", "+", "-", "@", "\t", "\r")
    return column.map(lambda value: f"'{value}" if isinstance(value, str) and value.startswith(risky) else value)
