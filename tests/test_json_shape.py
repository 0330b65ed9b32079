"""What ``--json`` prints is what ``docs/json.md`` says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import ROOT
from texteval.cli import main

DOC = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
COMMANDS = [
    ["compare", "--practice", "fifty-clients"],
    ["vendor", "zanda"],
    ["bill", "cliniko/standard"],
    ["breakeven", "cliniko/standard", "spruce-health/basic"],
    ["breakeven", "cliniko/standard", "spruce-health/basic", "--curve"],
    ["breakeven"],
    ["map"],
    ["segments", "See you"],
    ["message", "Don’t forget your appointment with Dr. Smith tomorrow at 2 PM"],
    ["message", "tests/practices/clinic-texas.yaml"],
    ["check"],
    ["check", "--coverage"],
    ["diff", "2026-05-29", "2026-05-30"],
    ["exposure", "--violations", "3", "--tier", "2"],
    ["decide", "--practice", "tests/practices/group-of-five.yaml", "--draws", "64", "--flips"],
    ["decide", "--practice", "tests/practices/forbidden.yaml", "--draws", "64"],
    ["tco", "cliniko/standard", "--with", "all", "--new-reminders", "--draws", "64"],
]
NAMES = {
    "channels",
    "findings",
    "facts",
    "not_found",
    "left_out",
    "verdicts",
    "classes",
    "source",
    "sources",
    "months_usd",
    "weights",
    "values",
}
"""Keys whose value is keyed by names of the data, or told in full elsewhere."""


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in NAMES and key not in ("remarks",):
                yield from keys(inner)
    elif isinstance(value, list):
        for item in value:
            yield from keys(item)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_key_is_documented(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as ended:
        main([*command, "--json"])
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    section = re.split(r"^## ", DOC, flags=re.M)
    text = section[0] + next(part for part in section if part.startswith(command[0]))
    documented = set(re.findall(r"`(?:\w+\[\]\.)?(\w+)`", text))
    assert set(keys(printed)) - documented == set()
