"""The report as data: what its pages rest on, in the shapes of the commands' ``--json``."""

from __future__ import annotations

import json
from typing import Any

from texteval import show, show_advice
from texteval.advise import ways_out
from texteval.decide import as_json
from texteval.exposure import MOST_CLINICIANS
from texteval.report import pages
from texteval.report.model import Report


def as_data(report: Report) -> dict[str, Any]:
    """Return everything that a report says as plain data.

    Parameters
    ----------
    report : Report
        As :func:`texteval.report.build` gathers it.

    Returns
    -------
    dict
        The stamp, the answer in words, and a part for each of ``compare``, ``decide``, ``simulate``, ``map``,
        ``exposure`` and ``parameters`` in the shape that the command of that name prints with ``--json``; parts that a
        practice has nothing for are None.
    """
    marks, practice_id = report.stamp, report.comparison.practice_id
    advice, found, on = report.advice, report.exposure, report.on
    decided = None
    if advice is not None:
        rankings = [*[None] * (len(advice.answers) - 1), report.ranking]
        flips = [*[[]] * (len(advice.answers) - 1), report.flips]
        out = ways_out(report.catalog, report.requirements, advice)
        decided = show_advice.advice_json(report.catalog, report.requirements, advice, rankings, out, flips, marks)
    few = report.practice.clinicians <= MOST_CLINICIANS
    penalised = found.file.penalties[0].start <= on
    loss = found.loss_range(report.practice.clinicians, on) if few and penalised else ()
    return {
        **marks,
        "practice": report.practice.model_dump(mode="json", exclude={"sources"}, exclude_none=True),
        "answer": report.answer,
        "next_steps": pages.next_steps(report),
        "matrix": [
            {"plan": row.option.plan, **{name: cell and cell.verdict for name, cell in row.cells.items()}}
            for row in report.matrix
        ],
        "compare": as_json(report.catalog, report.comparison),
        "decide": decided,
        "simulate": [show.forecast_json(one, marks) for one in report.forecasts],
        "map": report.landscape and show.landscape_json(report.landscape, marks),
        "exposure": show.exposure_json(found, practice_id, on, loss, [], marks) if penalised else None,
        "parameters": show.parameters_json(report.parameters),
        "vendors": {
            vendor_id: show.vendor_json(report.catalog, report.comparison, vendor_id)
            for vendor_id in report.catalog.vendors
        },
    }


def render(report: Report) -> str:
    """Render a report as JSON; the same text each time for the same report."""
    return json.dumps(as_data(report), indent=1, ensure_ascii=False) + "\n"
