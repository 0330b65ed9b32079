"""The house: the wheel, ``run.py`` on a bare or broken machine, the lock, and papers that say what is there."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from conftest import ROOT, TODAY
from texteval import __version__, catalog, decide, practice, report, schema
from texteval.catalog import Catalog
from texteval.cli import _parser, main
from texteval.files import parse_yaml, validate
from texteval.kept import LIST
from texteval.requirements import Requirements

PAPERS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LOCK = ROOT / "requirements.lock"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def call(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, with no Python path of the tester's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "UV_"))}
    return subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", cwd=folder, env=clean | environment, timeout=120
    )


def repository() -> list[Path]:
    """List the files that belong to the project: those that git knows or would take, else all but the hidden."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = call(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], ROOT)
        if listed.returncode == 0:
            return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    inside = (path for path in ROOT.rglob("*") if path.is_file())
    return [path for path in inside if not any(part.startswith((".", "__")) for part in path.relative_to(ROOT).parts)]


FILES = repository()


# The wheel.


@dataclass(frozen=True)
class Installed:
    """The wheel, and an environment into which it is installed."""

    wheel: Path
    folder: Path

    @property
    def programs(self) -> Path:
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    def python(self, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return call([str(self.programs / "python"), *words], folder)

    def texteval(self, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        ran = call([str(self.programs / "texteval"), *words], folder)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel, and install it beside the libraries of the tests' own environment, without the network.

    It is built from a copy in which JupyterLab and a file manager have left something behind.
    """
    folder = tmp_path_factory.mktemp("wheel")
    project = folder / "project"
    for path in FILES:
        copy = project / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    for name in ("notebooks/.ipynb_checkpoints/01-checkpoint.ipynb", "src/texteval/__pycache__/cli.pyc"):
        (project / name).parent.mkdir()
        (project / name).write_text("{}", encoding="utf-8")
    uv = [sys.executable, "-m", "uv"]
    built = call([*uv, "build", "--wheel", "--no-build-isolation", "--offline", "-o", str(folder / "dist")], project)
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    fresh = Installed(wheel, folder / "fresh")
    made = call([*uv, "venv", "--offline", "--python", sys.executable, str(fresh.folder)], folder)
    assert made.returncode == 0, made.stderr
    python = str(fresh.programs / "python")
    put = call([*uv, "pip", "install", "--offline", "--no-deps", "--python", python, str(wheel)], folder)
    assert put.returncode == 0, put.stderr
    asked = fresh.python("-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])", folder=folder)
    # A line in a .pth file adds a folder without what its own .pth files add: the checkout stays out.
    libraries = {sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")}
    Path(asked.stdout.strip(), "libraries.pth").write_text("\n".join(sorted(libraries)) + "\n", encoding="utf-8")
    return fresh


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_what_is_imported_is_the_wheel_and_not_the_checkout(installed: Installed, empty: Path) -> None:
    script = (
        "import texteval, texteval.files as f\n"
        "print(texteval.__file__, texteval.__version__, f.data_folder(), f.notebook_folder(), sep='\\n')"
    )
    file, version, data, notebooks = installed.python("-c", script, folder=empty).stdout.splitlines()
    assert version == __version__
    for path in (file, data, notebooks):
        assert Path(path).resolve().is_relative_to(installed.folder.resolve())
        assert not Path(path).resolve().is_relative_to(ROOT)


def test_the_wheel_holds_all_of_the_program_the_data_and_the_notebooks(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
        entry_points = wheel.read(f"texteval-{__version__}.dist-info/entry_points.txt").decode()
        same = {
            path: wheel.read(f"texteval/{path}") == (ROOT / path).read_bytes()
            for path in (f"data/{name}.yaml" for name in schema.MODELS)
        }
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    expected = {name.removeprefix("src/") for name in names if name.startswith("src/")}
    expected |= {f"texteval/{name}" for name in names if name.startswith(("data/", "notebooks/"))}
    assert sorted(held - expected) == []
    assert sorted(expected - held) == []
    assert "texteval/report/templates/report.html.j2" in held
    assert len([name for name in held if name.endswith(".ipynb")]) >= 3
    assert set(same.values()) == {True}
    assert "texteval = texteval.cli:main" in entry_points


def named(need: str) -> tuple[str, str]:
    asked = Requirement(need)
    return canonicalize_name(asked.name), str(asked.specifier)


def test_the_wheel_names_what_it_needs(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        lines = wheel.read(f"texteval-{__version__}.dist-info/METADATA").decode().split("\n\n")[0].splitlines()
    needs = [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ") and "extra ==" not in line]
    assert sorted(map(named, needs)) == sorted(map(named, PYPROJECT["project"]["dependencies"]))
    assert "Requires-Python: >=3.11" in lines


def test_compare_from_the_wheel_says_what_the_checkout_says(
    installed: Installed, empty: Path, market: Catalog, rules: Requirements
) -> None:
    ran = installed.texteval("compare", "--json", "--as-of", TODAY.isoformat(), folder=empty)
    here = decide.as_json(market, decide.compare(market, rules, *practice.load("small-group"), TODAY))
    assert json.loads(ran.stdout) == json.loads(json.dumps(here))
    assert list(empty.iterdir()) == []


def test_report_from_the_wheel_writes_its_files_where_it_is_called(installed: Installed, empty: Path) -> None:
    installed.texteval("report", "--as-of", TODAY.isoformat(), folder=empty)
    found = sorted(path.relative_to(empty) for path in empty.rglob("*") if path.is_file())
    names = [LIST, *(f"texteval-small-group-{TODAY}.{form}" for form in report.FORMATS)]
    assert found == sorted(Path("report", name) for name in names)
    path = empty / "report" / f"texteval-small-group-{TODAY}.html"
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")


def test_check_from_the_wheel_finds_no_fault(installed: Installed, empty: Path) -> None:
    assert "no faults" in installed.texteval("check", folder=empty).stdout
    assert installed.texteval("--version", folder=empty).stdout == f"texteval {__version__}\n"


# run.py.


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with ``run.py`` and what it reads, and no environment."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("run.py", "requirements.lock", "pyproject.toml", "build.in"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def no_network() -> dict[str, str]:
    """Settings with which pip reaches nothing and gives up at once."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return {
        "PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple",
        "PIP_RETRIES": "0",
        "PIP_DEFAULT_TIMEOUT": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }


def run_py(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return call([sys.executable, str(folder / "run.py"), *words], folder.parent, **environment)


def told(ran: subprocess.CompletedProcess[str]) -> str:
    """Return the sentence with which it stopped; there is no traceback."""
    assert ran.returncode not in (0, None)
    assert "Traceback" not in ran.stderr + ran.stdout
    last = ran.stderr.rstrip("\n").split("\n")[-1]
    assert last.startswith("texteval: ")
    assert last.endswith(".")
    return last


def own_words() -> set[str]:
    """Read from ``run.py`` which words it knows itself, besides the commands of texteval."""
    source = (ROOT / "run.py").read_text(encoding="utf-8")
    return set(re.findall(r'words\[0\] == "([a-z]+)"', source)) | {"help"}


@pytest.mark.parametrize("words", [[], ["help"], ["--help"], ["-h"]], ids=str)
def test_help_is_given_without_an_environment(copied: Path, words: list[str]) -> None:
    ran = run_py(copied, *words)
    assert (ran.returncode, ran.stderr) == (0, "")
    for word in ("report", "lab", *own_words()):
        assert re.search(rf"\b{word}\b", ran.stdout)
    assert not (copied / ".venv").exists()


def test_run_py_can_be_read_by_an_old_python() -> None:
    raw = (ROOT / "run.py").read_bytes()
    assert raw.isascii()
    tree = ast.parse(raw, feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.NamedExpr, ast.AnnAssign, ast.AsyncFunctionDef, ast.Match, ast.Starred)
    assert [node for node in ast.walk(tree) if isinstance(node, newer)] == []
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert [f.name for f in functions if f.returns or f.args.kwonlyargs or f.args.posonlyargs] == []


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 4, 10), (3, 10, 15)])
def test_an_old_python_is_told_in_one_sentence(copied: Path, version: tuple[int, ...]) -> None:
    words = ".".join(map(str, version))
    script = (
        f"import runpy, sys; sys.version_info = {version}; sys.version = '{words} (main)'; "
        "sys.argv = ['run.py', 'report']; runpy.run_path('run.py', run_name='__main__')"
    )
    ran = call([sys.executable, "-c", script], copied)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"texteval: Python 3.11 or newer is needed; this is {words}. "
        "Install a newer one from python.org, then run this again.\n"
    )
    assert not (copied / ".venv").exists()


def test_the_oldest_python_is_the_same_in_run_py_and_in_the_project() -> None:
    assert PYPROJECT["project"]["requires-python"] == ">=3.11"
    assert "sys.version_info < (3, 11)" in (ROOT / "run.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["ensurepip", "venv"])
def test_a_python_that_cannot_make_environments_is_told_with_the_cure(copied: Path, missing: str) -> None:
    place = copied.parent / "site"
    place.mkdir()
    (place / "sitecustomize.py").write_text(f"import sys\nsys.modules['{missing}'] = None\n", encoding="utf-8")
    ran = run_py(copied, "report", PYTHONPATH=str(place))
    assert told(ran) == (
        "texteval: this Python cannot make environments. "
        "On Debian or Ubuntu: sudo apt install python3-venv; then again."
    )
    assert ran.stderr.count("\n") == 1
    assert not (copied / ".venv").exists()


def test_without_a_network_a_half_made_environment_is_made_anew_and_the_stop_is_told(
    copied: Path, no_network: dict[str, str]
) -> None:
    left = copied / ".venv" / "half-made.txt"
    left.parent.mkdir()
    left.write_text("left by a run that was broken off", encoding="utf-8")
    ran = run_py(copied, "report", **no_network)
    assert "connect it; then run the same command again" in told(ran)
    assert "First run: setting up .venv, once" in ran.stdout
    assert not left.exists()
    assert not (copied / ".venv" / "texteval-stamp").exists()
    assert len(ran.stderr) < 3000


def test_a_file_where_the_environment_shall_stand_is_told_or_replaced(copied: Path, no_network: dict[str, str]) -> None:
    (copied / ".venv").write_text("I am a file", encoding="utf-8")
    assert re.search("cannot be made|the installation stopped", told(run_py(copied, "report", **no_network)))


@pytest.mark.skipif(os.name == "nt", reason="no folder on Windows can be called so")
def test_a_folder_with_a_colon_in_its_name_is_told(copied: Path) -> None:
    folder = copied.rename(copied.with_name("at 2:30"))
    ran = run_py(folder, "report")
    assert "cannot be made" in told(ran)
    assert str(folder) in ran.stderr


def test_a_folder_that_may_not_be_written_is_told(copied: Path) -> None:
    place = copied.parent / "site"
    place.mkdir()
    # As on a disk that may only be read; permissions alone would not stop an administrator.
    (place / "sitecustomize.py").write_text(
        "import errno, os\n"
        "made = os.makedirs\n"
        "def makedirs(name, *more, **other):\n"
        "    if '.venv' in str(name):\n"
        "        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(name))\n"
        "    return made(name, *more, **other)\n"
        "os.makedirs = makedirs\n",
        encoding="utf-8",
    )
    ran = run_py(copied, "report", PYTHONPATH=str(place))
    assert f"Check that you may write to {copied}" in told(ran)
    assert ran.stderr.count("\n") == 1


def test_a_copy_without_the_lock_is_told(copied: Path, no_network: dict[str, str]) -> None:
    (copied / "requirements.lock").unlink()
    assert "requirements.lock" in told(run_py(copied, "report", **no_network))


# The lock.


def locked() -> dict[str, list[tuple[str, list[str]]]]:
    """Read the lock: for each package its versions, each with its hashes."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", LOCK.read_text(encoding="utf-8")):
        if head := re.match(r"([A-Za-z0-9._-]+)==([^ ;\\]+)", block):
            hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})\b", block)
            found.setdefault(canonicalize_name(head[1]), []).append((head[2], hashes))
        else:
            assert all(line.startswith((" ", "#")) or not line for line in block.splitlines()), block[:80]
    return found


def test_the_lock_names_no_host_and_has_hashes_for_every_package() -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    assert "-url" not in text
    assert re.findall(r"(?m)^ *-(?!-hash=sha256:[0-9a-f]{64}\b).*$", text) == []
    packages = locked()
    assert len(packages) > 90
    assert [name for name, versions in packages.items() for _, hashes in versions if not hashes] == []


def needed() -> Iterator[str]:
    yield from PYPROJECT["project"]["dependencies"]
    yield from PYPROJECT["project"]["optional-dependencies"]["test"]
    yield from PYPROJECT["build-system"]["requires"]
    yield from (ROOT / "build.in").read_text(encoding="utf-8").split()


@pytest.mark.parametrize("need", sorted(set(needed())))
def test_the_lock_holds_what_the_project_needs_in_a_version_that_fits(need: str) -> None:
    asked = Requirement(need)
    versions = locked().get(canonicalize_name(asked.name), [])
    assert versions
    assert [version for version, _ in versions if version not in asked.specifier] == []


# What must not stand in any file. Each pattern is put together so that this file does not hold it.

REGISTRIES = "|".join(("py" + r"pi\.", "python" + "hosted", r"registry\.n" + "pmjs", r"deb\.deb" + "ian"))
MACHINE = "|".join(
    (
        r"(?<![\w.])/(?:wor" + "k|far" + "m|roo" + "t)/",
        r"(?<![\w.])/(?:ho" + r"me|Us" + r"ers)/(?!ann\b)\w",  # Ann is the person of our examples
        r"\b[A-Z]:\\+Us" + r"ers\\+(?!ann\b)\w",
        r"\.\./shar" + "ed",
    )
)
UNFINISHED = "|".join(
    ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error", r"pytest\.mark\.(?:sk" + r"ip|xf" + r"ail)\b")
)


def lines_with(pattern: str, *folders: str) -> list[str]:
    found = []
    for path in FILES:
        name = path.relative_to(ROOT).as_posix()
        if folders and not name.startswith(folders):
            continue
        raw = path.read_bytes()
        if b"\0" not in raw:
            lines = raw.decode("utf-8").splitlines()
            found += [f"{name}:{i}: {line[:160]}" for i, line in enumerate(lines, 1) if re.search(pattern, line)]
    return found


def test_the_files_are_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert {"run.py", "README.md", "src/texteval/cli.py", "data/vendors.yaml", "tests/test_house.py"} <= names
    assert not [name for name in names if name.startswith(".venv/")]


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (REGISTRIES, "https://py" + "pi.org/simple"),
        (REGISTRIES, "files.python" + "hosted.org"),
        (MACHINE, "in /wor" + "k/main"),
        (MACHINE, "'/ho" + "me/jo/x'"),
        (MACHINE, "C:\\Us" + "ers\\Jo"),
        (MACHINE, "see ../shar" + "ed/x"),
        (UNFINISHED, "# TO" + "DO: later"),
        (UNFINISHED, "@pytest.mark.sk" + "ip(reason='')"),
    ],
)
def test_the_patterns_find_what_they_shall(pattern: str, line: str) -> None:
    assert re.search(pattern, line)


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_a_machine() -> None:
    assert lines_with(MACHINE) == []


def test_nothing_in_the_program_and_its_tests_is_left_unfinished() -> None:
    assert lines_with(UNFINISHED, "src/", "tests/") == []


def test_no_file_is_larger_than_a_reader_would_like() -> None:
    assert [str(path.relative_to(ROOT)) for path in FILES if path.stat().st_size > 1_500_000] == []


# The papers.


def commands() -> Iterator[tuple[str, str]]:
    """Go through the commands in the papers: the paper, and what follows ``run.py``."""
    for paper in PAPERS:
        text = paper.read_text(encoding="utf-8").replace("\\\n", " ")
        for found in re.finditer(r"(?:python3?|py|\.venv/bin/python) run\.py ([^\n`]*)", text):
            words = shlex.split(found[1], comments=True)
            if "..." not in words:
                yield paper.name, shlex.join(words)


COMMANDS = sorted(set(commands()))


def test_the_papers_hold_commands() -> None:
    assert {paper for paper, _ in COMMANDS} >= {"README.md", "CONTRIBUTING.md"}
    assert {shlex.split(words)[0] for _, words in COMMANDS} >= {"report", "test", "compare", "check", "lint", "lock"}


@pytest.mark.parametrize(("paper", "line"), COMMANDS, ids=[f"{paper}: {line[:60]}" for paper, line in COMMANDS])
def test_a_command_in_the_papers_exists_and_names_what_exists(paper: str, line: str, market: Catalog) -> None:
    words = shlex.split(line)
    if words[0] in own_words():
        benchmark = words[0] == "bench" and (ROOT / "benchmarks" / f"{words[-1]}.py").exists()
        assert words[1:] == [] or benchmark
        return
    arguments: dict[str, Any] = vars(_parser().parse_args(words))
    if "vendor" in arguments:
        assert arguments["vendor"] in market.vendors
    for name in ("plan", "a", "b"):
        if arguments.get(name) is not None:
            known_to_why_not = list(market.vendors) if words[0] == "why-not" else []
            assert arguments[name] in [*market.plan_ids(texting=False), *known_to_why_not]
    assert set(arguments.get("plans", [])) <= set(market.plan_ids())
    known = arguments.get("practice", "solo")
    assert known in practice.presets().practices or known.endswith(".yaml")


@pytest.mark.parametrize(
    "words", sorted({tuple(shlex.split(line)[: 2 if " price " in f" {line}" else 1]) for _, line in COMMANDS}), ids=str
)
def test_every_command_of_the_papers_has_help(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    if words[0] in own_words():
        return
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: texteval {' '.join(words)} ")


@pytest.mark.parametrize("paper", PAPERS, ids=[paper.name for paper in PAPERS])
def test_every_link_and_path_in_a_paper_leads_to_a_file(paper: Path) -> None:
    text = paper.read_text(encoding="utf-8")
    links = [to for to in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if not re.match("[a-z]+:", to)]
    missing = [to for to in links if not (paper.parent / to).exists()]
    places = re.findall(
        r"(?<![\w/.])((?:src|data|tests|docs|notebooks|benchmarks)/[\w./-]*\w)", re.sub(r"https?:\S+", "", text)
    )
    missing += [to for to in places if not (ROOT / to).exists()]
    assert missing == []


def test_the_version_is_that_of_the_newest_entry_in_the_changelog() -> None:
    found = re.search(r"(?m)^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == __version__


def test_the_readme_counts_the_tools_and_names_the_practices(market: Catalog) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"facts and prices of (\d+) vendors' tools", text)
    assert found is not None
    assert int(found[1]) == len(market.vendors)
    listed = re.search(r"Practices to start from: ([^.]+)\.", text)
    assert listed is not None
    assert re.findall("`([a-z-]+)`", listed[1]) == list(practice.presets().practices)


def test_the_examples_in_the_papers_are_sound(tmp_path: Path) -> None:
    own, more, overlay = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    path = tmp_path / "mine.yaml"
    path.write_text(own, encoding="utf-8")
    name, mine, _ = practice.load(str(path))
    assert (name, mine.name, mine.logins) == ("mine", "Elm Street Counseling", 4)
    path.write_text(own + more, encoding="utf-8")
    _, mine, _ = practice.load(str(path))
    assert mine.now is not None
    assert (mine.now.plan, mine.state, mine.reading) == ("simplepractice/plus", "TX", "standard")
    (tmp_path / "own.yaml").write_text(overlay, encoding="utf-8")
    plain, laid = (
        catalog.load(overlay=over).price_lines("spruce-health/basic", date(2026, 11, 1))
        for over in (None, tmp_path / "own.yaml")
    )
    assert plain is not None
    assert laid is not None
    assert [line.name for line in laid] == [line.name for line in plain]
    assert [(line.name, line.charge.usd, line.own) for line in laid if line.own] == [("Seats", 20_000_000, True)]
    examples = re.findall(r"```yaml\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.S)
    for example in examples:
        for prices in parse_yaml(example, path):
            assert validate(catalog.PriceList, prices, path, example).charges


def test_the_readme_lists_every_notebook() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\(notebooks/([^)]+\.ipynb)\)", text)
    assert linked == sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
