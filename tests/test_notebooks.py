"""Notebooks: fit to be read and re-run by others, and their figures are those of the catalogue."""

from __future__ import annotations

import ast
import html.parser
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

import refresh_notebooks
from conftest import ROOT, TODAY
from texteval import frames
from texteval.catalog import Catalog

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))  # the explorer has tests of its own
MOST_BYTES, MOST_CELLS, MOST_LINES, MOST_PARAMETERS = 200_000, 30, 6, 12
LOGIC = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try,
    ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.With, ast.Match,
)  # fmt: skip
LOCAL_PATH = re.compile(
    r"(?<![\w.:/-])(?:/(?:home|Users|root|tmp|work|var|opt|mnt|private)/|~/|[A-Za-z]:\\)|file://|ipykernel_"
)


def text_of(piece: str | list[str]) -> str:
    return piece if isinstance(piece, str) else "".join(piece)


def output_texts(cell: nbformat.NotebookNode) -> Iterator[str]:
    """Go through the text of a cell's outputs, pictures left out."""
    for output in cell.get("outputs", []):
        texts = [*output.get("data", {}).values(), output.get("text", "")]
        for text in map(text_of, texts):
            yield re.sub(r"base64,[A-Za-z0-9+/=]+", "base64,", text)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def notebook(path: Path) -> nbformat.NotebookNode:
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=nbformat.NO_CONVERT)


def test_notebooks_are_numbered_in_order() -> None:
    numbers = [path.name[:3] for path in NOTEBOOKS]
    assert all(re.fullmatch(r"\d\d-", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert numbers[0] == "01-"
    assert len(NOTEBOOKS) >= 2


def test_every_code_cell_was_run_once_in_order(notebook: nbformat.NotebookNode) -> None:
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_outputs_are_kept_and_free_of_errors(notebook: nbformat.NotebookNode) -> None:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert [output.output_type for output in outputs] == ["execute_result"] * len(outputs)
    shown = [bool(cell.outputs) for cell in code_cells(notebook)]
    assert shown[2:] and all(shown[2:]), "each cell after the parameters and the imports ends on something to see"
    assert all("text/html" in output.data for output in outputs)


def test_metadata_holds_only_what_is_allowed(notebook: nbformat.NotebookNode) -> None:
    assert set(notebook.metadata) == set(refresh_notebooks.NOTEBOOK_METADATA)
    assert notebook.metadata.kernelspec == refresh_notebooks.KERNEL
    assert {key for cell in notebook.cells for key in cell.metadata} <= set(refresh_notebooks.CELL_METADATA)
    assert not any(output.get("metadata") for cell in code_cells(notebook) for output in cell.outputs)


def test_headings_start_with_one_title_and_skip_no_level(notebook: nbformat.NotebookNode) -> None:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, flags=re.MULTILINE)]
    assert notebook.cells[0].source.startswith("# ")
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_it_opens_with_prose_and_closes_with_what_to_do_next(notebook: nbformat.NotebookNode) -> None:
    assert len(notebook.cells[0].source.split("\n\n")) >= 2
    assert notebook.cells[-1].cell_type == "markdown"
    assert "## What to do next" in [cell.source.split("\n")[0] for cell in notebook.cells]


def test_the_first_code_cell_holds_the_parameters_as_plain_literals(notebook: nbformat.NotebookNode) -> None:
    tagged = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert tagged == code_cells(notebook)[:1]
    statements = ast.parse(tagged[0].source).body
    assert all(isinstance(s, ast.Assign) and isinstance(s.value, ast.Constant) for s in statements)
    names = {target.id for s in statements if isinstance(s, ast.Assign) for target in s.targets}
    assert {"practice", "as_of"} <= names


def test_no_logic_stands_in_a_notebook(notebook: nbformat.NotebookNode) -> None:
    found = [type(node).__name__ for cell in code_cells(notebook) for node in ast.walk(ast.parse(cell.source))]
    assert not set(found) & {kind.__name__ for kind in LOGIC}


def test_it_imports_from_texteval_only(notebook: nbformat.NotebookNode) -> None:
    nodes = [node for cell in code_cells(notebook) for node in ast.walk(ast.parse(cell.source))]
    assert not [node for node in nodes if isinstance(node, ast.Import)]
    modules = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert all(module.partition(".")[0] == "texteval" for module in modules)


def test_no_line_ends_in_a_semicolon(notebook: nbformat.NotebookNode) -> None:
    lines = [line.rstrip() for cell in code_cells(notebook) for line in cell.source.split("\n")]
    assert not [line for line in lines if line.endswith(";")]


def test_it_is_short(path: Path, notebook: nbformat.NotebookNode) -> None:
    assert path.stat().st_size < MOST_BYTES
    assert len(notebook.cells) <= MOST_CELLS
    first, *others = [len(cell.source.split("\n")) for cell in code_cells(notebook)]
    assert first <= MOST_PARAMETERS
    assert max(others) <= MOST_LINES
    assert max(len(line) for cell in code_cells(notebook) for line in cell.source.split("\n")) <= 100


def test_no_path_of_a_machine_is_left(notebook: nbformat.NotebookNode) -> None:
    texts = [text for cell in notebook.cells for text in (cell.source, *output_texts(cell))]
    assert not [text for text in texts if LOCAL_PATH.search(text)]


@pytest.mark.parametrize("text", ["/home/ann/x", "read '/Users/ann'", "C:\\Users\\ann", "in /tmp/a", "ipykernel_12/3"])
def test_paths_of_a_machine_are_recognised(text: str) -> None:
    assert LOCAL_PATH.search(text + "/")


@pytest.mark.parametrize("text", ["https://a.com/home/x", "notebooks/work/", "02-what-it-costs.ipynb"])
def test_addresses_and_relative_paths_are_no_paths_of_a_machine(text: str) -> None:
    assert not LOCAL_PATH.search(text)


class Tags(html.parser.HTMLParser):
    """Collects the start tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_pictures_have_alt_text_and_tables_have_captions_and_scoped_headings(notebook: nbformat.NotebookNode) -> None:
    tables = 0
    for cell in code_cells(notebook):
        for output in cell.outputs:
            tags = Tags()
            tags.feed(text_of(output.data["text/html"]))
            names = [tag for tag, _ in tags.found]
            tables += names.count("table")
            assert names.count("table") == names.count("caption")
            assert all(len(marks.get("alt") or "") > 40 for tag, marks in tags.found if tag == "img")
            assert all(marks.get("scope") in ("col", "row") for tag, marks in tags.found if tag == "th")
            assert "script" not in names
    assert tables >= 4


def test_links_to_other_notebooks_lead_somewhere(path: Path, notebook: nbformat.NotebookNode) -> None:
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    links = re.findall(r"\]\(([^)#]+)\)", prose)
    assert links
    assert all((path.parent / link).is_file() for link in links if "://" not in link)


def test_refreshing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    copy = tmp_path / NOTEBOOKS[0].name
    copy.write_bytes(NOTEBOOKS[0].read_bytes())
    refresh_notebooks.refresh(copy)
    assert copy.read_bytes() == NOTEBOOKS[0].read_bytes()


def test_refreshing_leaves_a_notebook_that_fails_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.ipynb"
    cell = nbformat.v4.new_code_cell("1 / 0")
    before = nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))
    broken.write_text(before, encoding="utf-8")
    assert refresh_notebooks.main([str(broken)]) == 1
    assert broken.read_text(encoding="utf-8") == before
    assert "broken.ipynb: left as it was" in capsys.readouterr().err


def test_refreshing_cleans_what_differs_between_machines() -> None:
    cells = [nbformat.v4.new_code_cell("1"), nbformat.v4.new_code_cell("1"), nbformat.v4.new_markdown_cell("1")]
    cells[0].metadata = {"execution": {"iopub.execute_input": "2026"}, "tags": ["parameters"], "collapsed": True}
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata = {"language_info": {"version": "3.11.7"}, "title": "A title", "kernelspec": {"name": "mine"}}
    refresh_notebooks.clean(notebook)
    assert notebook.metadata == {"title": "A title", "kernelspec": refresh_notebooks.KERNEL}
    assert notebook.cells[0].metadata == {"tags": ["parameters"]}
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == 3
    refresh_notebooks.clean(notebook)
    assert [cell.id for cell in notebook.cells] == ids


def test_a_changed_price_makes_the_notebook_fail(tmp_path: Path) -> None:
    """Spruce's seat at 25 in place of 24: the committed outputs are those of the old price, so nbval must object."""
    text = (ROOT / "data" / "vendors.yaml").read_text(encoding="utf-8")
    start = text.index("\n  spruce-health:\n")
    at = re.compile(r"\n      basic:.*?usd: (24)\b", re.DOTALL).search(text, start)
    assert at is not None
    catalogue = tmp_path / "vendors.yaml"
    catalogue.write_text(text[: at.start(1)] + "25" + text[at.end(1) :], encoding="utf-8")
    notebook = next(path for path in NOTEBOOKS if path.name.startswith("02-")).read_text(encoding="utf-8")
    assert notebook.count("data = None ") == 1
    named = json.dumps(f"data = {catalogue.as_posix()!r} ")[1:-1]
    (tmp_path / "copy.ipynb").write_text(notebook.replace("data = None ", named), encoding="utf-8")
    sanitize = f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval_sanitize.cfg'}"
    options = ["-q", "--nbval", "--nbval-current-env", sanitize, "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options, "copy.ipynb"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    seats, once = 6 * 25 * 12, 19.50
    assert f"{seats + once:,.2f}" in run.stdout, "1,819.50, the bill with the new price"
    failed = len(re.findall(r"^FAILED ", run.stdout, flags=re.MULTILINE))
    cells = len(code_cells(nbformat.reads(notebook, as_version=4)))
    assert 3 <= failed < cells, "cells that show the price fail; the others, such as another vendor's bill, do not"


@pytest.fixture(scope="module")
def found() -> frames.Loaded:
    return frames.load("small-group", TODAY)


def test_a_bill_as_a_frame_adds_up_line_by_line(found: frames.Loaded) -> None:
    frame = frames.invoice_frame(found.catalog, found.bill("spruce-health/basic"), total=True)
    seats = frame.loc["Seats"]
    assert seats["year_usd"] == 12 * seats["quantity_per_year"] * seats["unit_price_usd"]
    assert frame["year_usd"].iloc[-1] == round(frame["year_usd"].iloc[:-1].sum(), 2)


def test_an_unpublished_price_is_missing_and_never_zero(found: frames.Loaded) -> None:
    unknown = next(option for option in found.comparison.best_of_each if option.at_least and option.year is None)
    frame = frames.comparison_frame(found.comparison, plans=[unknown.plan])
    assert frame["year_usd"].isna().all()
    page = frames.Table(frame, "One plan")._repr_html_()
    assert f">from {unknown.at_least / 1e6:,.2f}<" in page
    bill = frames.invoice_frame(found.catalog, found.bill(unknown.plan), total=True)
    assert bill["year_usd"].isna().iloc[-1]
    assert ">unknown<" in frames.Table(bill, "Its bill")._repr_html_()


def test_facts_name_a_source_or_are_unknown(market: Catalog) -> None:
    frame = frames.facts_frame(market, "spruce-health", TODAY)
    assert ((frame["value"] == "unknown") == (frame["source"] == "")).all()
    assert set(frame.index) == {attribute.title for attribute in market.attributes.attributes.values()}


def test_consumer_apps_fail_for_want_of_an_agreement(found: frames.Loaded) -> None:
    frame = frames.refusals_frame(found.comparison, kinds=["consumer_app"])
    apps = {option.title for option in found.comparison.best_of_each if option.kind == "consumer_app"}
    without = frame.index[frame["not_met"].str.contains("business associate agreement")]
    assert set(without) == apps


def test_the_break_even_table_changes_order_where_it_says(found: frames.Loaded) -> None:
    plans = "cliniko/standard", "spruce-health/basic"
    frame = frames.break_even_frame(found.catalog, found.break_even(*plans))
    turn = frame.index.get_loc(frame.index[frame["remark"].str.contains("order changes")][0])
    gaps = frame.iloc[:, 0] - frame.iloc[:, 1]
    assert (gaps.iloc[:turn] < 0).all() and (gaps.iloc[turn:] >= 0).all()


def test_an_emoji_doubles_the_segments_of_a_reminder(found: frames.Loaded) -> None:
    """80 units of GSM-7 fit into 160; with an emoji the text is UCS-2, of which only 70 units fit into one part."""
    text = "Reminder: your appointment is on Tuesday, June 2 at 2:00 PM. Reply C to confirm."
    frame = frames.wording_frame(found, "cliniko/standard", {"plain": text, "emoji": "\N{CALENDAR} " + text})
    assert frame["segments_per_message"].to_list() == [1, 2]
    assert frame["encoding"].to_list() == ["GSM-7", "UCS-2"]
    reminders = 95 * 52
    assert frame["year_usd"].diff().iloc[-1] == pytest.approx(0.10 * reminders, abs=20), "one more credit each, by 200"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("small-group", "22/11/2026"), "'22/11/2026' is not a day: write it like 2026-11-22"),
        (("smal-group", "2026-11-22"), "there is no practice 'smal-group'"),
    ],
)
def test_a_wrong_parameter_is_told_in_plain_words(arguments: tuple[str, str], said: str) -> None:
    with pytest.raises(frames.UserError, match=re.escape(said)) as caught:
        frames.load(*arguments)
    (line,) = caught.value._render_traceback_()
    assert line.startswith("texteval: ") and said in line, "a notebook shows this and no traceback"


def test_an_own_price_is_laid_over_in_a_notebook(tmp_path: Path) -> None:
    overlay = tmp_path / "own.yaml"
    overlay.write_text(
        "sources:\n  mine: {title: Our contract, seen: 2026-10-01, grade: vendor_reply}\nvendors:\n  spruce-health:\n"
        "    plans:\n      basic:\n        prices:\n          - {from: 2026-10-01, date_is: stated, source: mine, "
        "charges: [{name: Seats, model: per_unit, meter: login, usd: 20}]}\n",
        encoding="utf-8",
    )
    found = frames.load("small-group", TODAY, overlay=overlay)
    bill = frames.invoice_frame(found.catalog, found.bill("spruce-health/basic"))
    assert bill.loc["Seats", "year_usd"] == 6 * 20 * 12
