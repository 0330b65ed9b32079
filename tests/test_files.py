"""Reading strictly, telling faults by line, writing whole or not at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from texteval import catalog
from texteval.errors import DataError, UserError
from texteval.files import MAX_BYTES, data_folder, read_text, read_yaml, validate, write_whole

FUZZ = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(folder: Path, text: str | bytes, name: str = "file.yaml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


# What a plain scalar is read as.

SCALARS = [
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("off", "off"),
    ("Yes", "Yes"),
    ("y", "y"),
    ("true", True),
    ("FALSE", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("none", "none"),
    ("49", 49),
    ("010", 10),
    ("-3", -3),
    ("+5", 5),
    ("1_000", 1000),
    ("1_000.50", Decimal("1000.50")),
    ("0.10", Decimal("0.10")),
    ("-0.0083", Decimal("-0.0083")),
    ("1e3", "1e3"),
    (".5", ".5"),
    ("5.", "5."),
    ("0x10", "0x10"),
    (".nan", ".nan"),
    (".inf", ".inf"),
    ("1:30", "1:30"),
    ("2026", 2026),
    ("2026-08", "2026-08"),
    ("2026-08-11", date(2026, 8, 11)),
    ("2026-08-11 10:00:00", "2026-08-11 10:00:00"),
    ("'0.10'", "0.10"),
    ('"true"', "true"),
]


@pytest.mark.parametrize(("plain", "value"), SCALARS)
def test_a_plain_scalar_has_few_types_and_words_stay_words(tmp_path: Path, plain: str, value: Any) -> None:
    data, _ = read_yaml(written(tmp_path, f"key: {plain}\n"))
    assert data == {"key": value}
    assert type(data["key"]) is type(value)


def test_a_decimal_keeps_its_digits_and_never_passes_through_float(tmp_path: Path) -> None:
    data, _ = read_yaml(written(tmp_path, "usd: 0.10\nfine: 0.1000000000000000055511151231257827\n"))
    assert str(data["usd"]) == "0.10"
    assert str(data["fine"]) == "0.1000000000000000055511151231257827"


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


@pytest.mark.parametrize("name", ["attributes", "requirements", "practices", "vendors", "exposure"])
def test_no_data_file_holds_a_binary_float(name: str) -> None:
    data, _ = read_yaml(data_folder() / f"{name}.yaml")
    kinds = {type(leaf) for leaf in leaves(data)}
    assert kinds <= {str, int, bool, Decimal, date, type(None)}
    assert str in kinds


# Files that cannot be read.


def test_a_file_of_50_mb_is_refused_at_once_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    start = time.perf_counter()
    with pytest.raises(UserError) as caught:
        read_text(path)
    assert time.perf_counter() - start < 0.1
    assert str(caught.value) == (
        f"{path}: the file has 52,428,800 bytes: a data file has at most 5,000,000; is this the right file?"
    )


@pytest.mark.parametrize(("size", "refused"), [(MAX_BYTES, False), (MAX_BYTES + 1, True)])
def test_the_size_limit_is_inclusive(tmp_path: Path, size: int, refused: bool) -> None:
    path = written(tmp_path, b"a" * size)
    if refused:
        with pytest.raises(UserError, match="5,000,001 bytes"):
            read_text(path)
    else:
        assert len(read_text(path)) == size


def test_latin_1_is_refused_with_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "name: Acme\nnote: café\n".encode("latin-1"))
    with pytest.raises(DataError) as caught:
        read_text(path)
    assert str(caught.value) == f"{path}:2: this is not UTF-8 text: save the file with the encoding UTF-8"


def test_utf_16_is_refused_with_the_line(tmp_path: Path) -> None:
    path = written(tmp_path, "name: Acme\n".encode("utf-16"))
    with pytest.raises(DataError, match=r"file\.yaml:1: this is not UTF-8 text"):
        read_text(path)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    data, _ = read_yaml(written(tmp_path, b"\xef\xbb\xbfname: caf\xc3\xa9\r\nusd: 0.10\r\n"))
    assert data == {"name": "café", "usd": Decimal("0.10")}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    with pytest.raises(UserError) as caught:
        read_text(path)
    assert str(caught.value) == f"{path}: there is no such file: check the name and the folder"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read_text(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder: name a file in it"


def test_a_file_inside_a_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a: 1\n") / "inner.yaml"
    with pytest.raises(UserError) as caught:
        read_text(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_name_longer_than_the_system_allows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"check (its permissions|the name and the folder)$"):
        read_text(tmp_path / ("x" * 5000 + ".yaml"))


# Writing.


@pytest.mark.parametrize("content", ["é 😊\nno change of line ends\r\n", b"\x00\xff bytes", ""])
def test_a_file_is_written_as_given_with_its_folders(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "new" / "deep" / "file.txt"
    write_whole(path, content)
    assert path.read_bytes() == (content.encode("utf-8") if isinstance(content, str) else content)
    assert [entry.name for entry in path.parent.iterdir()] == ["file.txt"]


def test_a_file_is_replaced(tmp_path: Path) -> None:
    path = written(tmp_path, "old")
    write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_written_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    write_whole(tmp_path / "ours", "x")
    written(tmp_path, "x", "theirs")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


def test_a_folder_that_is_a_file_cannot_be_written_into_and_stays_whole(tmp_path: Path) -> None:
    folder = written(tmp_path, "I am a file", "out")
    with pytest.raises(UserError, match=r"report\.html: the file cannot be written \(.*out is a file, not a folder\)"):
        write_whole(folder / "report.html", "new")
    assert folder.read_text(encoding="utf-8") == "I am a file"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_a_folder_in_the_place_of_the_file_stays_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    (place / "inner").mkdir(parents=True)
    with pytest.raises(UserError, match=r"there is a folder of that name.*: choose another folder, or close the file"):
        write_whole(place, "new")
    assert (place / "inner").is_dir()
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_when_the_disk_refuses_midway_the_old_file_stays_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "the old report", "report.html")
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from texteval.errors import UserError\n"
        "from texteval.files import write_whole\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try:\n"
        "    write_whole(Path(sys.argv[1]), 'x' * 100_000)\n"
        "except UserError as error:\n"
        "    sys.exit(0 if 'cannot be written' in str(error) else 1)\n"
        "sys.exit(3)\n"
    )
    ran = subprocess.run([sys.executable, "-B", "-c", script, str(path)], check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr
    assert path.read_text(encoding="utf-8") == "the old report"
    assert os.listdir(tmp_path) == ["report.html"]  # noqa: PTH208


# Whatever a file holds, only a plain message comes out.

VENDORS = ("spruce-health", "twilio")


def section(text: str, heading: str, names: tuple[str, ...] | set[str]) -> str:
    """Cut the entries of these names out of a section of a data file."""
    body = re.split(rf"^{heading}:\n", text, flags=re.M)[1]
    body = re.split(r"^\S", body, maxsplit=1, flags=re.M)[0]
    entries = re.split(r"^(?=  [a-z0-9])", body, flags=re.M)
    return f"{heading}:\n" + "".join(e for e in entries if e.strip().partition(":")[0] in names)


@pytest.fixture(scope="module")
def real() -> str:
    """Two vendors as they stand in the catalogue."""
    _, text = read_yaml(data_folder() / "vendors.yaml")
    vendors = section(text, "vendors", VENDORS)
    schedules = section(text, "schedules", {"us-10dlc-carrier-surcharges", "us-10dlc-low-volume-registration"})
    used = set(re.findall(r"source: ([a-z0-9-]+)", vendors + schedules))
    return section(text, "sources", used) + "\n" + schedules + "\n" + vendors


def refused_in_words(path: Path) -> bool:
    """Load a catalogue; tell whether it was refused. Anything but a plain message is an error of the test."""
    try:
        catalog.load(path)
    except UserError as error:
        assert str(error).strip()
        assert "Traceback" not in str(error)
        return True
    return False


def test_the_unchanged_entries_load(real: str, tmp_path: Path) -> None:
    market = catalog.load(written(tmp_path, real))
    assert sorted(market.vendors) == sorted(VENDORS)


@FUZZ
@given(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet=":-[]{}&*!#|>'\"%@,?~\n\t ab01.<=", max_size=60),
        st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    )
)
@example("!!float abc")
@example("!!bool maybe")
@example("!!timestamp soon")
@example("!!int x")
@example("? [a]\n: b")
@example("a: !!python/object/apply:os.system [ls]")
@example("{<<: *a}")
@example("9" * 5000)
@example("2026-02-30")
@example("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"))
def test_random_text_is_refused_in_words(tmp_path: Path, text: str) -> None:
    assert refused_in_words(written(tmp_path, text.encode("utf-8", "replace")))


@FUZZ
@given(st.binary(max_size=40))
def test_random_bytes_are_refused_in_words(tmp_path: Path, raw: bytes) -> None:
    assert refused_in_words(written(tmp_path, raw))


SNIPPETS = ["", "\n", " ", "  ", "\t", ":", ": ", "- ", "[", "]", "{", "}", '"', "'", "#", "*a ", "&a ", "!!str ", "?"]
SNIPPETS += ["~", "0", "-1", "1e999", "yes", "2026-02-30", "é", "\x07", "\u2028", "😊", "|", ">", "%", "@", "null"]


@settings(FUZZ, max_examples=50)
@given(st.data())
def test_a_real_file_with_a_few_characters_changed_loads_or_is_refused_in_words(
    real: str, tmp_path: Path, data: st.DataObject
) -> None:
    text = real
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(SNIPPETS)) + text[at + cut :]
    assert refused_in_words(written(tmp_path, text)) in (True, False)


STRANGE: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    Decimal("1.5"),
    Decimal("-0.00000001"),
    date(2026, 1, 1),
    "",
    "x" * 3000,
    "1e999999",
    "2026-13-01",
    [],
    [None],
    [["sms"]],
    [{"sms": "all"}],
    {},
    {"model": "per_unit"},
    {1: 2},
    {None: None},
]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Go through every container and key of nested data."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from places(value[key])


@settings(FUZZ, max_examples=50)
@given(st.data())
def test_a_real_file_with_a_value_replaced_loads_or_is_refused_in_words(
    real: str, tmp_path: Path, data: st.DataObject
) -> None:
    path = written(tmp_path, real)
    raw, text = read_yaml(path)
    spots = list(places(raw))
    container, key = spots[data.draw(st.integers(0, len(spots) - 1))]
    container[key] = data.draw(st.sampled_from(STRANGE))
    try:
        validate(catalog.VendorFile, raw, path, text)
    except UserError as error:
        assert str(error).startswith(f"{path}:")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[sms]", "[[sms]]"),
        ("[sms]", "[{sms: all}]"),
        ("0.09", "1e999999"),
        ("0.09", "!!float abc"),
        ("0.09", "!!bool abc"),
        ("0.09", "!!timestamp abc"),
        ("0.09", "!!int abc"),
        ("0.09", "!!binary abc"),
        ("0.09", "[0.09]"),
        ("0.09", "sNaN"),
        ("0.09", "9" * 5000),
    ],
    ids=lambda text: text[:20],
)
def test_a_hostile_value_is_refused_in_words_and_with_its_line(tmp_path: Path, old: str, new: str) -> None:
    source = {"title": "t", "seen": "2026-06-01", "grade": "review", "url": "https://a.example"}
    text = (
        f"sources: {{page: {json.dumps(source)}}}\n"
        "vendors:\n  acme:\n    name: Acme\n    kind: business_phone\n    plans:\n      basic:\n        name: Basic\n"
        "        channels: [sms]\n        prices:\n"
        "          - {from: 2026-06-01, date_is: stated, source: page, charges: [{model: flat, usd: 0.09}]}\n"
    )
    line = next(i for i, row in enumerate(text.splitlines(), 1) if old in row)
    with pytest.raises(DataError) as caught:
        catalog.load(written(tmp_path, text.replace(old, new)))
    assert {problem.line for problem in caught.value.problems} == {line}


# A file meant for another option or command.

PRACTICE = "name: Ours\nclinicians: 2\nsessions_per_week: 20\nmessages:\n  - {purpose: reminder}\n"
FORM = "vendor: acme\nanswered: 2026-10-01\nanswers:\n  - {attribute: baa, answer: yes}\n"
STRANGERS = [
    (PRACTICE, "this looks like a practice file: give it to --practice"),
    ("sources: {}\npractices: {ours: {}}\n", "this looks like a practice file: give it to --practice"),
    (FORM, "this looks like a form of answers: run 'texteval answers {path}' first, and give the file it writes to"),
    ("sources: {}\nrequirements: {}\n", "this looks like a set of requirements: texteval reads its own"),
    ("attributes: {}\nshelf_life_days: {}\n", "this looks like a list of attributes: texteval reads its own"),
]


@pytest.mark.parametrize("option", ["data", "overlay"])
@pytest.mark.parametrize(("text", "says"), STRANGERS)
def test_a_file_for_another_option_is_told_by_what_it_looks_like(
    tmp_path: Path, option: str, text: str, says: str
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DataError) as caught:
        catalog.load(path) if option == "data" else catalog.load(None, path)
    assert str(caught.value).startswith(f"{path}:1: {says.format(path=path)}")


def test_a_workbook_given_as_overlay_is_told_what_to_do_with_it(tmp_path: Path) -> None:
    path = written(tmp_path, b"PK\x03\x04\xff\xfe", "answers.xlsx")
    with pytest.raises(DataError, match=r"answers\.xlsx:1: this is a workbook, not text: .*run 'texteval answers "):
        catalog.load(None, path)
