"""Shared by all tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from refresh_notebooks import own_ipython
from texteval import catalog, requirements

ROOT = Path(__file__).resolve().parents[1]
TODAY = date(2026, 11, 22)
"""The day on which the catalogue is asked in tests."""


@pytest.fixture(scope="session")
def market() -> catalog.Catalog:
    """texteval's own catalogue."""
    return catalog.load()


@pytest.fixture(scope="session")
def rules() -> requirements.Requirements:
    """texteval's own requirement set."""
    return requirements.load()


LONGEST = ("report", "explorer", "formats", "workbook", "portfolio", "calculator", "report_hostile", "cli_decide")
"""The files of tests that take longest, in that order: begun first, so that no core waits for another at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest."""
    places = {f"test_{name}": place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_configure(config: pytest.Config) -> None:
    """Start the kernels of notebooks without the user's own IPython settings, for as long as the tests run."""
    folder = own_ipython()
    folder.__enter__()
    config.add_cleanup(lambda: folder.__exit__(None, None, None))
