"""A kit on disk: Markdown and Word, the evidence as one zip with hashes; what a person has changed stays."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from texteval import __version__, kept
from texteval.errors import UserError
from texteval.files import is_file
from texteval.kit.documents import Kit
from texteval.kit.markdown import document
from texteval.kit.promises import Promised

EVIDENCE = "evidence-pack.zip"
"""The file that holds the documents and the data behind them."""

MANIFEST = "SHA256SUMS"
"""The list of the zip's files with their hashes, as ``sha256sum -c`` reads it."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the zip, so that the same kit gives the same bytes."""


def files(kit: Kit, tell: Callable[[str], object] = lambda step: None) -> dict[str, bytes]:
    """Make all files of a kit.

    Parameters
    ----------
    kit : Kit
        The kit.
    tell : callable
        Called with a few words at each step, for a progress line.

    Returns
    -------
    dict of str to bytes
        For each file name what it holds: the same bytes each time for the same kit.
    """
    from texteval.report import word
    from texteval.report.brand import Brand

    tell("documents")
    texts = {f"{page.sheet.file}.md": page.text.encode() for page in kit.pages}
    made = dict(texts)
    stamp = f"As of {kit.on}, data {kit.hash}, texteval {__version__}"
    for page in kit.pages:
        tell(f"Word: {page.sheet.title}")
        made[f"{page.sheet.file}.docx"] = word.render(document(page.text, kit.tool, stamp), Brand(firm=kit.name), None)
    tell("evidence")
    data = {f"data/{name}.json": _json(held) for name, held in _data(kit).items()}
    made[EVIDENCE] = _zip({f"documents/{name}": text for name, text in texts.items()} | data)
    return made


def write(kit: Kit, folder: Path, tell: Callable[[str], object] = lambda step: None) -> list[Path]:
    """Write a kit into a folder; a file that somebody has changed is never overwritten.

    Parameters
    ----------
    kit : Kit
        The kit.
    folder : pathlib.Path
        Where; it is made if need be.
    tell : callable
        Called with a few words at each step.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    UserError
        If ``folder`` is a file, or a file in it cannot be read, was changed or is not of a kit; then nothing is
        written.
    DataError
        If a template is faulty; nothing is then written.
    """
    if is_file(folder):
        raise UserError(f"{folder}: this is a file: name a folder with -o")
    made = files(kit, tell)
    if names := kept.changed(folder, made):
        raise kept.refusal(folder, names)
    return kept.write(folder, made)


def _hash(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()


def _manifest(made: Mapping[str, bytes]) -> str:
    return "".join(f"{_hash(held)}  {name}\n" for name, held in sorted(made.items()))


def _zip(held: dict[str, bytes]) -> bytes:
    """Pack files so that the same files give the same bytes on every machine."""
    held = held | {MANIFEST: _manifest(held).encode()}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as pack:
        for name in sorted(held):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, held[name])
    return stream.getvalue()


def _json(held: Any) -> bytes:
    return (json.dumps(held, indent=1, ensure_ascii=False) + "\n").encode()


def _data(kit: Kit) -> dict[str, Any]:
    """Gather what the documents rest on, as plain data."""
    coverage = kit.coverage
    return {
        "verdict": {
            "practice": kit.name,
            "plan": kit.plan_id,
            "as_of": kit.on.isoformat(),
            "data_hash": kit.hash,
            "texteval": __version__,
            "verdict": coverage.verdict,
            "reason": coverage.reason,
            "next_review": kit.next_review.isoformat(),
            "steps": coverage.steps,
            "limits": coverage.limits,
            "purposes": {
                purpose: {
                    "channel": verdict.channel,
                    "verdict": verdict.verdict,
                    "findings": [
                        {
                            "requirement": finding.requirement,
                            "gate": finding.gate,
                            "outcome": finding.outcome,
                            "reason": finding.reason,
                            "citation": finding.citation,
                        }
                        for finding in verdict.findings
                    ],
                }
                for purpose, verdict in coverage.verdicts.items()
            },
        },
        "facts": [
            {
                "attribute": row.attribute,
                "channel": row.channel,
                "value": row.fact.value,
                "source": row.fact.used.source if row.fact.used else None,
                "note": row.fact.used.note if row.fact.used else None,
                "old": row.fact.stale,
                "disputed_by": [piece.source for piece in row.fact.disputed],
                "keeps_until": row.keeps_until.isoformat() if row.keeps_until else None,
            }
            for row in kit.evidence
        ],
        "sources": {name: source.model_dump(mode="json") for name, source in kit.sources.items()},
        "promises": [_promise(one) | {"documents": [s.file for s in sheets]} for one, sheets in kit.summary(kit.pages)],
        "circumstances": {name: one.model_dump(mode="json") for name, one in kit.circumstances.items()},
        "practice": kit.practice.model_dump(mode="json", exclude={"sources"}),
    }


def _promise(one: Promised) -> dict[str, Any]:
    return {
        "promise": one.id,
        "outcome": one.outcome,
        "asked": one.asked,
        "made": one.policy or None,
        "person": one.person if one.policy else None,
        "setting": one.setting,
        "why": one.why,
        "question": one.question,
    }
