"""A short run of the fuzzer; the long one is ``python tests/fuzz.py --minutes 10``."""

from __future__ import annotations

from pathlib import Path

import pytest

import fuzz

EXAMPLES = {"catalogue": 60, "overlay": 50, "import": 40, "answers": 40}


@pytest.mark.filterwarnings("ignore::UserWarning")  # openpyxl's, on damaged workbooks
@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_random_input_is_read_or_refused_in_words(name: str, tmp_path: Path) -> None:
    fuzz.attempt(name, fuzz.TARGETS[name], tmp_path, EXAMPLES[name])


def test_the_unchanged_inputs_are_accepted(tmp_path: Path) -> None:
    """So that what is refused is refused for what was changed."""
    fuzz.try_catalogue(tmp_path, fuzz.SMALL)
    fuzz.try_catalogue(tmp_path, fuzz.real())
    fuzz.try_overlay(tmp_path, fuzz.SMALL)
    for way in ("csv", "semicolons", "workbook"):
        fuzz.try_import(tmp_path, (way, [fuzz.HEADERS, fuzz.GOOD]))
    fuzz.try_answers(tmp_path, fuzz.json.dumps(fuzz.FORM))
