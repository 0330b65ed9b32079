"""Shared by all tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

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
