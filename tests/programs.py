"""Programs that are no Python: without them a test is passed over, and fails where all must run (``CI=true``)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def program(*names: str, lost: str) -> str:
    """Return the first program that there is; without one skip the test, or fail it where ``CI=true``.

    Parameters
    ----------
    *names : str
        What it may be called.
    lost : str
        What is not tested without it.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = f"there is no {names[0]} on this machine, so {lost}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def office(folder: Path, *arguments: str) -> None:
    """Let LibreOffice work without a window, with a profile of its own in a folder."""
    command = [program("soffice", "libreoffice", lost="no file is opened in an office program")]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run([*command, profile, "--headless", *arguments], check=True, capture_output=True, timeout=300)


def pdf_words(path: Path, *options: str) -> str:
    """Return what stands in a PDF, in the order of its pages."""
    command = program("pdftotext", lost="no PDF is read back")
    return subprocess.run([command, *options, str(path), "-"], check=True, capture_output=True).stdout.decode()
