"""One run → one report model → a self-contained HTML file.

The report is a library function: the command line and the notebooks call :func:`build` and :func:`write`.
"""

from texteval.report.html import render, write
from texteval.report.model import Report, build

__all__ = ["Report", "build", "render", "write"]
