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


def pytest_configure(config: pytest.Config) -> None:
    """Start the kernels of notebooks without the user's own IPython settings, for as long as the tests run."""
    folder = own_ipython()
    folder.__enter__()
    config.add_cleanup(lambda: folder.__exit__(None, None, None))
