"""Run the notebooks anew and keep their outputs, so that two runs give the same bytes.

    python tests/refresh_notebooks.py              all notebooks
    python tests/refresh_notebooks.py FILE...      only these

A notebook that raises an error is left as it was. What would differ from one machine to the next is left out: times,
the version of Python, the editor's own marks.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from texteval.files import write_whole

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NOTEBOOK_METADATA = ("kernelspec", "title")
CELL_METADATA = ("tags",)

SETTINGS = """\
c = get_config()
c.HistoryManager.enabled = False
# Since ipykernel 7.3 each start warns that the kernel talks over TCP unencrypted; it does so within one machine.
c.IPKernelApp.log_level = 40
# With PYTHONWARNDEFAULTENCODING set, other people's packages would warn into the outputs.
c.InteractiveShellApp.exec_lines = ["import warnings", "warnings.simplefilter('ignore', EncodingWarning)"]
"""
"""The settings of a kernel that runs notebooks here."""


@contextmanager
def own_ipython() -> Iterator[None]:
    """Give kernels an IPython folder of their own for a while: no start-up files of the user, no warnings about TCP."""
    before = os.environ.get("IPYTHONDIR")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        profile = Path(folder, "profile_default")
        profile.mkdir()
        Path(profile, "ipython_kernel_config.py").write_text(SETTINGS, encoding="utf-8")
        os.environ["IPYTHONDIR"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["IPYTHONDIR"]
            else:
                os.environ["IPYTHONDIR"] = before


def clean(notebook: nbformat.NotebookNode) -> None:
    """Drop what is not on the allow-list, and name each cell by its content."""
    notebook.metadata = {key: notebook.metadata[key] for key in NOTEBOOK_METADATA if key in notebook.metadata}
    notebook.metadata["kernelspec"] = KERNEL
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in CELL_METADATA if key in cell.metadata}
        cell.source = cell.source.strip("\n")
        name = text = f"{cell.cell_type}:{cell.source}"
        while (digest := hashlib.sha256(name.encode()).hexdigest()[:8]) in taken:
            name += text
        taken.add(digest)
        cell.id = digest


def refresh(path: Path) -> None:
    """Run a notebook and write it back with its outputs."""
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    place = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False, resources=place).execute()
    clean(notebook)
    nbformat.validate(notebook)
    write_whole(path, nbformat.writes(notebook) + "\n")


def main(files: Sequence[str]) -> int:
    """Refresh the notebooks named, or all."""
    failed = 0
    with own_ipython():
        for path in [Path(name) for name in files] or sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
            try:
                refresh(path)
            except CellExecutionError as error:
                failed = 1
                print(f"{path.name}: left as it was, for it stops with {error.ename}: {error.evalue}", file=sys.stderr)
            else:
                print(f"{path.name}: run anew")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
