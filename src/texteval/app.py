"""The explorer served to a browser on this machine, and to nobody else."""

from __future__ import annotations

import os
import tempfile
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

from traitlets.config import Config
from voila.app import Voila

from texteval.errors import UserError
from texteval.files import notebook_folder

ADDRESS = "127.0.0.1"
"""Only this machine reaches it."""

PORT = 8866
"""The port that is tried first."""

PORTS = 50
"""How many ports are tried."""

IDLE_SECONDS = 300
"""How long a kernel is kept for which no page is open any more, where the page did not say goodbye."""

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""What the page may fetch, enforced by the browser: nothing from elsewhere."""

EXTENSIONS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager"]
"""What of a JupyterLab's extensions the page needs; others that a user has installed stay out."""

KERNEL = """\
c = get_config()
c.HistoryManager.enabled = False
# Each start would otherwise warn that the kernel talks over TCP unencrypted; it does so within this machine.
c.IPKernelApp.log_level = 40
"""
"""The settings of the kernels: no history is kept."""


class Served(Voila):  # type: ignore[misc]
    """Voila, telling where the page is in plain words."""

    asked = PORT
    show_browser = True

    def random_ports(self, port: int, n: int) -> Iterator[int]:
        """Try the ports one after the other."""
        return iter(range(port, min(port + n, 65_536)))

    def launch_browser(self) -> None:
        """Say where the page is, once somebody listens there, and open it."""
        address = f"http://{ADDRESS}:{self.port}/"
        if self.port != self.asked:
            print(f"Port {self.asked} is taken: {self.port} is used instead.")
        print(f"The explorer: {address}")
        print("It runs on this machine only. Close it with Ctrl-C.", flush=True)
        if self.show_browser:  # beside the server, for some browsers hold up who opened them
            threading.Thread(target=_open, args=[address], daemon=True).start()


def _open(address: str) -> None:
    opened = False
    with suppress(webbrowser.Error, OSError):
        opened = webbrowser.open(address)
    if not opened:
        print("No browser could be opened: open that address in yours.", flush=True)


@contextmanager
def _own_folder(asked: Mapping[str, object]) -> Iterator[Path]:
    """Give the server and its kernels a folder for all that they write, and what is asked; no settings from before."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="texteval-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "profile_default").mkdir()
        (folder / "profile_default" / "ipython_kernel_config.py").write_text(KERNEL, encoding="utf-8")
        (folder / "kernels").mkdir()
        os.environ.update(
            IPYTHONDIR=name,
            JUPYTER_CONFIG_DIR=name,
            JUPYTER_DATA_DIR=name,
            JUPYTER_RUNTIME_DIR=name,
            JUPYTER_PATH=str(Path(__file__).resolve().parent),  # in it lies the template
        )
        for variable, value in asked.items():
            os.environ.pop(variable, None)
            if value:
                os.environ[variable] = str(value)
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


def serve(
    port: int = PORT,
    *,
    browser: bool = True,
    on: date | None = None,
    data: Path | None = None,
    overlay: Path | None = None,
) -> None:
    """Serve the explorer until Ctrl-C.

    Parameters
    ----------
    port : int
        The port to try first; where it is taken, the next free one is.
    browser : bool
        Whether to open it in a browser.
    on : datetime.date, optional
        The day of the question; today, whenever a page is opened, if left out.
    data, overlay : pathlib.Path, optional
        As :func:`texteval.catalog.load` takes them.

    Raises
    ------
    UserError
        If the port is none, or the notebook is missing.
    """
    if not 1_024 <= port <= 65_535:
        raise UserError(f"{port} is no port: take one from 1024 to 65535")
    notebook = notebook_folder() / "explorer.ipynb"
    if not notebook.is_file():
        raise UserError(f"{notebook} is missing: get the whole of texteval again")
    asked = {
        "TEXTEVAL_AS_OF": on,
        "TEXTEVAL_DATA": data and data.resolve(),
        "TEXTEVAL_OVERLAY": overlay and overlay.resolve(),
    }
    with _own_folder(asked) as folder:
        app = Served(config=_settings(port, folder))
        app.asked, app.show_browser, app.notebook_path = port, browser, str(notebook)
        app.initialize([])
        with suppress(KeyboardInterrupt):  # Ctrl-C just before it listens to Ctrl-C itself
            app.start()


def _settings(port: int, folder: Path) -> Config:
    """Return Voila's settings: this machine only, this template only, no file but the page."""
    config: Any = Config()
    config.Voila.ip = ADDRESS
    config.Voila.port = port
    config.Voila.port_retries = PORTS
    config.Voila.log_level = "ERROR"
    config.Voila.connection_dir_root = str(folder / "kernels")
    config.Voila.config_file_paths = []
    config.Voila.tornado_settings = {
        "allow_remote_access": False,  # a page from elsewhere that names this address as its own is refused
        "disable_check_xsrf": True,  # else a page that closes may not end its kernel; to do so one must know its id
        "ws_ping_interval": 0,  # pings are for connections that may vanish, and within a machine none does
        "headers": {"Content-Security-Policy": POLICY},
    }
    config.VoilaConfiguration.template = "texteval"
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.extension_allowlist = EXTENSIONS
    config.VoilaConfiguration.file_allowlist = []
    config.MappingKernelManager.cull_idle_timeout = IDLE_SECONDS
    config.MappingKernelManager.cull_interval = IDLE_SECONDS // 5
    return config  # type: ignore[no-any-return]
