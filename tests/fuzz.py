"""Random and mutated inputs against everything that reads a file: only a UserError may come out.

By hand: ``python tests/fuzz.py --minutes 10``. It goes on after a failure, and at the end prints each kind of failure
once, with the shortest input that showed it. A short run of the same is part of the tests.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import re
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from texteval import catalog, questions, update
from texteval.catalog import VendorFile
from texteval.charges import METERS
from texteval.errors import UserError
from texteval.files import data_folder
from texteval.models import fields

TODAY = date(2026, 11, 22)
SETTINGS = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])

SMALL = """\
sources:
  page: {title: Page, url: https://acme.example, seen: 2026-01-01, grade: vendor_page}
schedules:
  fees: {name: Fees, prices: [{from: 2026, date_is: stated, source: page, charges: [{model: flat, usd: 1}]}]}
vendors:
  acme:
    name: Acme
    kind: business_phone
    facts: {baa: {value: yes, source: page}, trial_days: {value: 14, source: page}}
    not_found: {mfa: Searched.}
    remarks: [{text: A remark., source: page, plans: basic}]
    plans:
      basic:
        name: Basic
        channels: [sms]
        limits: {clinicians: 5}
        prices:
          - from: 2026-01-01
            date_is: stated
            source: page
            schedules: [fees]
            charges:
              - {name: Seats, model: per_unit, meter: login, usd: 30, note: a note}
              - {name: Texts, model: allowance, meter: segment_out, included: 25, then: {model: per_unit, usd: 0.0085}}
              - {name: Pictures, model: tiers, mode: volume, meter: mms_out, tiers: [{up_to: 9, usd: 2}, {usd: 1}]}
              - {name: Discount, model: percent, percent: -10, of: [Seats]}
      plus: {name: Plus, base: basic, prices: [{from: 2026-08, date_is: first_seen, source: page}]}
"""


@cache
def real() -> str:
    """A few vendors of the real catalogue with their sources, as text."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    raw = yaml.load((data_folder() / "vendors.yaml").read_text(encoding="utf-8"), loader)
    vendors = {name: raw["vendors"][name] for name in ("ringcentral", "twilio", "zanda")}
    used = set(re.findall(r"'source': '([^']+)'", str(vendors) + str(raw["schedules"])))
    sources = {name: raw["sources"][name] for name in sorted(used)}
    data = {"sources": sources, "schedules": raw["schedules"], "vendors": vendors}
    return re.sub(r"'(\d[\d.-]*)'", r"\1", yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000))


WORDS = st.sampled_from(
    [
        *("acme", "acme/basic", "basic", "page", "fees", "Seats", "Texts", "Pictures", "zanda", "growth", "starter"),
        *("yes", "no", "on_request", "partial", "stated", "first_seen", "sms", "mms", "vendor_page", "review", "all"),
        *("2026", "2026-08", "2026-06-01", "2026-02-30", "2026-W10-1", "1899-01-01", "9999-12-31", "2026-11-20 10:00"),
        *(
            "31",
            "0.0119",
            "1,250",
            "$5",
            "-1",
            "1e400",
            "1e-400",
            "NaN",
            "sNaN",
            "Infinity",
            "0x10",
            "١٢",
            "",
            " ",
            "~",
        ),
        *("=1+1", "+1", "@a", "-", "---", "...", "%", "&a", "*a", "!!str", "!x", "|", ">", "?", ":", "#", "{", "}"),
        *(
            "[",
            "]",
            "\t",
            "\n",
            "\r\n",
            "\x00",
            "\x0b",
            "\x0c",
            "\x1c",
            "\x85",
            "\u2028",
            "\ufeff",
            "\ud7ff",
            "😊",
            "é",
        ),
        *("<<", "null", "true", "x" * 90, "x" * 2100, "9" * 400, "baa", "baa_covers", "trial_days", "certifications"),
        *sorted(fields(VendorFile)),
        *METERS,
    ]
)
SCALARS = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.integers(-5, 3000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
NESTED = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12
)


def plain(text: str) -> Any:
    """Read YAML that is known to be sound."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Change a text in one to five places: letters, words, lines."""
    for _ in range(draw(st.integers(1, 5))):
        lines = text.split("\n")
        way = draw(st.integers(0, 5))
        at, to = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        if way == 0:
            lines.insert(to, lines[at])
        elif way == 1:
            lines[at] = " " * draw(st.integers(0, 20)) + lines[at].lstrip()
        elif way == 2:
            lines[at : at + draw(st.integers(1, 4))] = []
        else:
            line = lines[at]
            start = draw(st.integers(0, len(line)))
            stop = start + draw(st.integers(0, 8))
            if way == 3:
                words = list(re.finditer(r"[^\s{}\[\],:]+", line)) or [re.match("", line)]
                word = words[draw(st.integers(0, len(words) - 1))]
                assert word is not None
                start, stop = word.span()
            lines[at] = line[:start] + draw(WORDS | st.text(max_size=3)) + line[stop:]
        text = "\n".join(lines)
    return text


@st.composite
def replaced(draw: st.DrawFn, data: Any) -> str:
    """Replace one to three values of nested data by random ones, and write it as JSON, which is YAML too."""
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 3))):
        spots: list[tuple[Any, Any]] = []
        stack = [data]
        while stack:
            holder = stack.pop()
            for key in holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ():
                spots.append((holder, key))
                stack.append(holder[key])
        if spots:
            holder, key = spots[draw(st.integers(0, len(spots) - 1))]
            holder[key] = draw(NESTED)
    return json.dumps(data, default=str, ensure_ascii=False)


def load(folder: Path, text: str, overlay: str | None = None) -> catalog.Catalog:
    path, over = folder / "vendors.yaml", folder / "over.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    if overlay is None:
        return catalog.load(path)
    over.write_bytes(overlay.encode("utf-8", "surrogatepass"))
    return catalog.load(path, over)


# What is tried: a strategy of inputs, and what is done with one.

Target = tuple[st.SearchStrategy[Any], Callable[[Path, Any], None]]

TEXTS = st.one_of(
    mutated(SMALL), replaced(plain(SMALL)), NESTED.map(lambda data: json.dumps(data)), st.text(max_size=80)
)


def try_catalogue(folder: Path, text: str) -> None:
    """A catalogue that loads can be asked; one that does not says why."""
    market = load(folder, text)
    for plan in market.plan_ids(texting=False):
        market.price_lines(plan, TODAY)
    for vendor in market.vendors:
        for name in market.attributes.attributes:
            market.fact(vendor, name, "sms", TODAY)


def try_overlay(folder: Path, text: str) -> None:
    load(folder, SMALL, text)


CELLS = st.one_of(
    SCALARS,
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from([TODAY, datetime(2026, 11, 22, 10), clock(10), timedelta(hours=30), 0.1 + 0.2, 0.0119]),
)
HEADERS = [*update.HEADERS, *update.MORE_HEADERS]
GOOD = ["acme/basic", "Seats", "31", "2026-06-01", "stated", "page", "", "", "", ""]


@st.composite
def tables(draw: st.DrawFn) -> list[list[Any]]:
    """A table to import: mostly right, with a few cells, rows or headers changed."""
    rows: list[list[Any]] = [list(HEADERS), *(list(GOOD) for _ in range(draw(st.integers(0, 3))))]
    for _ in range(draw(st.integers(0, 4))):
        row = (
            rows[draw(st.integers(0 if draw(st.integers(0, 9)) == 0 else 1, len(rows) - 1))]
            if len(rows) > 1
            else rows[0]
        )
        if draw(st.integers(0, 5)) and row:
            row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
        else:
            row[:] = draw(st.lists(CELLS, max_size=12))
    return rows


def as_csv(rows: list[list[Any]], delimiter: str = ",") -> bytes:
    """Write rows as CSV, with some cells in quotes and some not."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    quoted = [[f'"{c}"' if delimiter in c and len(c) % 2 else c for c in row] for row in cells]
    return "\n".join(delimiter.join(row) for row in quoted).encode("utf-8", "surrogatepass")


def as_semicolons(rows: list[list[Any]]) -> bytes:
    """Write rows as a European spreadsheet does."""
    return as_csv(rows, ";")


def workbook(rows: list[list[Any]]) -> bytes:
    """Write rows as xlsx; what cannot stand in a cell is left out."""
    book = openpyxl.Workbook()
    for i, row in enumerate(rows, 1):
        for j, value in enumerate(row, 1):
            try:
                book.worksheets[0].cell(i, j, value)
            except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
                book.worksheets[0].cell(i, j, "illegal")
    stream = io.BytesIO()
    try:
        book.save(stream)
    except Exception:  # what cannot be made into a workbook is no input
        return b""
    return stream.getvalue()


Damage = tuple[str, tuple[int, int, str] | None]
"""A part of a workbook, and a span of its text with what stands there instead; None: the part is missing."""


def damaged(damage: Damage) -> bytes:
    """Write a sound table to import as xlsx, and damage one of its parts."""
    whole = zipfile.ZipFile(io.BytesIO(workbook([list(HEADERS), GOOD])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as book:
        for name in whole.namelist():
            text = whole.read(name).decode("utf-8")
            if name == damage[0]:
                if damage[1] is None:
                    continue
                start, stop, instead = damage[1]
                text = text[:start] + instead + text[stop:]
            book.writestr(name, text.encode("utf-8", "surrogatepass"))
    return stream.getvalue()


PARTS = ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml", "docProps/core.xml"]
PARTS += ["xl/_rels/workbook.xml.rels", "_rels/.rels", "[Content_Types].xml", "xl/theme/theme1.xml"]
SPANS = st.tuples(st.integers(0, 1200), st.integers(0, 40), WORDS | st.text(max_size=5))
DAMAGES = st.tuples(st.sampled_from(PARTS), st.none() | SPANS.map(lambda t: (t[0], t[0] + t[1], t[2])))

WAYS: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    "csv": ("new.csv", as_csv),
    "semicolons": ("new.csv", as_semicolons),
    "workbook": ("new.xlsx", workbook),
    "damaged": ("new.xlsx", damaged),
    "csv bytes": ("new.csv", bytes),
    "xlsx bytes": ("new.xlsx", bytes),
}
IMPORTS = st.one_of(
    st.tuples(st.sampled_from(["csv", "semicolons", "workbook"]), tables()),
    st.tuples(st.just("damaged"), DAMAGES),
    st.tuples(st.sampled_from(["csv bytes", "xlsx bytes"]), st.binary(max_size=60)),
)


def try_import(folder: Path, given: tuple[str, Any]) -> None:
    """What is accepted only adds lines, and loads."""
    name, write = WAYS[given[0]]
    path, table = folder / "vendors.yaml", folder / name
    path.write_text(SMALL, encoding="utf-8")
    table.write_bytes(write(given[1]))
    proposal = update.propose(path, update.read_prices(table), table)
    rest = iter(proposal.after.splitlines(keepends=True))
    assert all(any(line == other for other in rest) for line in SMALL.splitlines(keepends=True)), "a line is lost"
    catalog.check_text(proposal.after, path)


ANSWERS = [{"attribute": "baa", "answer": "yes"}, {"attribute": "baa_covers", "channel": "sms", "answer": "no"}]
FORM = {"vendor": "acme", "answered": "2026-11-20", "answered_by": "Kim", "answers": ANSWERS}
ROW = st.dictionaries(st.sampled_from(questions.ABOUT) | WORDS, NESTED, max_size=6)


@st.composite
def forms(draw: st.DrawFn) -> str | list[list[Any]]:
    """A form of answers: as YAML with values replaced, or as a workbook with cells changed."""
    if draw(st.booleans()):
        form = dict(FORM)
        if draw(st.booleans()):
            form["answers"] = [*ANSWERS, *draw(st.lists(ROW | NESTED, max_size=3))]
        text = json.dumps(form, ensure_ascii=False)
        text = draw(st.one_of(replaced(form), mutated(text), st.just(text)))
        return text
    head = list(questions.ABOUT)
    rows: list[list[Any]] = [["vendor", "acme"], ["answered", TODAY], ["answered_by", ""], [], head]
    rows += [["baa", "", "", "?", "unknown", "yes", ""], ["mfa", "basic", "sms", "?", "unknown", "no", "a note"]]
    for _ in range(draw(st.integers(0, 5))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        if row and draw(st.integers(0, 5)):
            row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
        else:
            row[:] = draw(st.lists(CELLS, max_size=8))
    return rows


def try_answers(folder: Path, given: str | list[list[Any]]) -> None:
    """Answers that are accepted make an overlay that loads."""
    market = load(folder, SMALL)
    form = folder / ("form.yaml" if isinstance(given, str) else "form.xlsx")
    form.write_bytes(given.encode("utf-8", "surrogatepass") if isinstance(given, str) else workbook(given))
    overlay = questions.overlay_text(questions.read_answers(market, form, TODAY))
    try:
        load(folder, SMALL, overlay)
    except UserError as error:
        raise AssertionError(f"the overlay made of the answers does not load: {str(error)[-200:]}") from error


TARGETS: dict[str, Target] = {
    "catalogue": (TEXTS, try_catalogue),
    "overlay": (TEXTS, try_overlay),
    "import": (IMPORTS, try_import),
    "answers": (forms(), try_answers),
}


def real_target() -> Target:
    """Vendors of the real catalogue, with a few letters, words or lines changed."""
    return st.one_of(mutated(real()), replaced(plain(real()))), try_catalogue


# Running.


def attempt(name: str, target: Target, folder: Path, examples: int) -> None:
    """Try a target on so many inputs; anything but a UserError is raised, with the input in its notes."""
    inputs, run = target

    @settings(SETTINGS, max_examples=examples, derandomize=True)
    @given(inputs)
    def one(value: Any) -> None:
        try:
            run(folder, value)
        except UserError as error:
            assert str(error).strip(), "a message without words"
        except Exception as error:
            error.add_note(f"{name}: {value!r}")
            raise

    one()


def place(error: BaseException) -> str:
    """Say what failed and where in texteval, so that the same failure counts once."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "texteval" in f.filename and "tests" not in f.filename
    ]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "fuzz"
    field = re.search(r"\.yaml:\d+: ([a-z_.]+)", str(error)) if isinstance(error, AssertionError) else None
    return f"{type(error).__name__} at {where} {field[1] if field else ''}"


Found = dict[str, tuple[str, BaseException, int]]
"""For each kind of failure its shortest input, the error, and how often it came."""


def collect(name: str, target: Target, folder: Path, examples: int, found: Found) -> None:
    """Try a target on so many inputs and go on after a failure."""
    inputs, run = target

    @settings(SETTINGS, max_examples=examples)
    @given(inputs)
    def one(value: Any) -> None:
        try:
            run(folder, value)
        except UserError:
            pass
        except Exception as error:
            key = f"{name}: {place(error)}"
            shown, _, times = found.get(key, (repr(value), error, 0))
            found[key] = (min(shown, repr(value), key=len), error, times + 1)

    one()


def search(minutes: float, folder: Path) -> Found:
    """Go round all targets until the time is up."""
    found: Found = {}
    rounds, end = 0, time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        for name, target in TARGETS.items():
            collect(name, target, folder, 200, found)
        collect("real", real_target(), folder, 20, found)
        rounds += 1
    print(f"{rounds} rounds of {200 * len(TARGETS) + 20} inputs.", flush=True)
    return found


def main() -> int:
    """Run for a while and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    minutes = parser.parse_args().minutes
    warnings.simplefilter("ignore", UserWarning)  # openpyxl's, on damaged workbooks
    with tempfile.TemporaryDirectory() as folder:
        found = search(minutes, Path(folder))
    for key, (value, error, times) in sorted(found.items()):
        print(f"\n{key} ({times} times)\n  {str(error)[:300]}\n  {value[:1500]}")
    print(f"{len(found)} kinds of failure.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
