"""The report as one self-contained HTML file: no network, figures with alt text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import jinja2
from markupsafe import Markup

from texteval import __version__
from texteval.catalog import Catalog
from texteval.evidence import GRADE_WORDS
from texteval.files import write_whole
from texteval.practice import Practice
from texteval.report.model import Report, build
from texteval.requirements import Requirements
from texteval.words import OLD_PRICE, ORDER, channel_words, evidence, month_cost, year_cost

MARKS = {"eligible": "✓", "with configuration": "✓", "verify first": "?", "ineligible": "✗"}
"""A sign beside each verdict, so that colour is never alone."""


def render(report: Report) -> str:
    """Render a report as HTML.

    Parameters
    ----------
    report : Report
        As :func:`texteval.report.build` gathers it.

    Returns
    -------
    str
        A whole page; the same text each time for the same report.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("texteval.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        month=month_cost,
        year=year_cost,
        channel_words=channel_words,
        evidence=evidence,
        old_price=OLD_PRICE,
        order=ORDER,
        img=lambda figure: Markup(figure.img()),
        grades=GRADE_WORDS,
        marks=MARKS,
        version=__version__,
    )
    return environment.get_template("report.html.j2").render(
        report=report,
        catalog=report.catalog,
        comparison=report.comparison,
        practice=report.comparison.practice,
        sources=_sources(report),
        practice_sources=_practice_sources(report),
    )


def _sources(report: Report) -> list[str]:
    """List the ids of all sources that the catalogue's vendors and prices rest on, in the order of the file."""
    used: set[str] = set()
    for vendor in report.catalog.vendors.values():
        used.update(piece.source for pieces in vendor.facts.values() for piece in pieces)
        used.update(remark.source for remark in vendor.remarks)
        for plan in vendor.plans.values():
            for prices in plan.prices:
                used.add(prices.source)
                used.update(charge.source for charge in prices.charges if charge.source)
                used.update(remark.source for remark in prices.disputes)
    for schedule in report.catalog.file.schedules.values():
        used.update(prices.source for prices in schedule.prices)
    return [source_id for source_id in report.catalog.sources if source_id in used]


def _practice_sources(report: Report) -> dict[str, str]:
    return {
        key: f"{source.title}, {source.seen} ({GRADE_WORDS[source.grade]})"
        for key, source in report.comparison.practice.sources.items()
    }


def write(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    on: date,
    folder: Path,
    tell: Callable[[str], object] = lambda step: None,
) -> Path:
    """Build the report and write it into a folder.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    UserError
        If the folder cannot be written; an older report there is then untouched.
    """
    report = build(catalog, requirements, practice_id, practice, practice_hash, on, tell)
    tell("writing")
    name = re.sub(r"[^\w-]+", "-", practice_id)[:60].strip("-") or "practice"
    own = "-own" if catalog.own or catalog.own_prices else ""  # beside the report without one's own facts
    path = folder / f"texteval-{name}{own}-{on}.html"
    write_whole(path, render(report))
    return path
