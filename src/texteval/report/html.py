"""The report as one self-contained HTML file: no network, figures with alt text, a table to sort and to search."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from texteval.report import calculator, pages
from texteval.report.brand import Brand
from texteval.report.document import Block, Document
from texteval.report.model import Report
from texteval.words import MARKS, TONES


def render(report: Report, document: Document | None = None, brand: Brand | None = None) -> str:
    """Render a report as HTML.

    Parameters
    ----------
    report : Report
        As :func:`texteval.report.build` gathers it.
    document : Document, optional
        What it says; written from the report, if left out.
    brand : Brand, optional
        Whose it is.

    Returns
    -------
    str
        A whole page; the same text each time for the same report.
    """
    vendors = [
        (f"v-{vendor_id}", vendor.name, pages.vendor_blocks(report, vendor_id))
        for vendor_id, vendor in report.catalog.vendors.items()
    ]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            document=document or pages.document(report),
            brand=brand or Brand(),
            vendors=vendors,
            calculator=calculator.fragment(report),
            tones=TONES,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("texteval.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        img=lambda figure: Markup(figure.img()),
        kind=_kind,
        marks=MARKS,
        logo=_logo,
    )
    return environment


def _kind(block: Block) -> str:
    """Name a block, for the template."""
    return type(block).__name__


def _logo(brand: Any) -> str:
    """Return a brand's logo as an address that holds the picture itself."""
    return f"data:{brand.logo.mime};base64,{base64.b64encode(brand.logo.data).decode()}"
