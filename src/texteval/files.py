"""Reading the data files strictly, and writing files whole or not at all.

YAML is read with the C parser where there is one. Only plain numbers, dates, ``true``/``false`` and ``null`` have a
type; ``yes`` and ``no`` stay the words that they are. A number with a decimal point becomes a
:class:`decimal.Decimal`, so a price never passes through binary float.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from texteval.errors import DataError, Problem, UserError, nearest
from texteval.models import TAGS, fields

MAX_BYTES = 5_000_000
"""The largest data file that is read, in bytes."""

_FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TYPED = {
    "tag:yaml.org,2002:null": (r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    "tag:yaml.org,2002:bool": (r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    "tag:yaml.org,2002:int": (r"^[-+]?[0-9][0-9_]*$", list("-+0123456789")),
    "tag:yaml.org,2002:float": (r"^[-+]?[0-9][0-9_]*\.[0-9]+$", list("-+0123456789")),
    "tag:yaml.org,2002:timestamp": (r"^\d{4}-\d\d-\d\d$", list("0123456789")),
}


class _Loader(_FastLoader):  # type: ignore[misc]
    """The safe YAML loader with few implicit types, exact decimals and no duplicate keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Fault("a key is a list or a mapping", "write a name before the colon", key.start_mark)
            if key.value in seen:
                raise _Fault(f"'{key.value}' stands twice", "keep one of the two", key.start_mark)
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=True)
        return mapping


class _Fault(yaml.YAMLError):
    """Something that YAML allows and a data file does not."""

    def __init__(self, wrong: str, right: str, mark: Any) -> None:
        super().__init__(wrong)
        self.wrong, self.right, self.mark = wrong, right, mark


for _tag, (_pattern, _first) in _TYPED.items():
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def _scalar(read: Callable[[str], object]) -> Callable[[Any, Any], object]:
    """Read a scalar; what cannot be read stays text, for the models to refuse with its line."""

    def construct(loader: Any, node: Any) -> object:
        text = loader.construct_scalar(node)
        try:
            return read(text)
        except (ValueError, ArithmeticError, KeyError):
            return text

    return construct


def _mapping(loader: Any, node: Any) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = loader.construct_mapping(node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:int", _scalar(lambda text: int(text.replace("_", ""))))
_Loader.add_constructor("tag:yaml.org,2002:float", _scalar(lambda text: Decimal(text.replace("_", ""))))
_Loader.add_constructor("tag:yaml.org,2002:bool", _scalar(lambda text: {"true": True, "false": False}[text.lower()]))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _scalar(date.fromisoformat))
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


@cache
def data_folder() -> Path:
    """Return the folder of texteval's own data: inside an installed package, or beside ``src`` in a checkout."""
    return _beside("data")


@cache
def notebook_folder() -> Path:
    """Return the folder of the notebooks: inside an installed package, or beside ``src`` in a checkout."""
    return _beside("notebooks")


def _beside(name: str) -> Path:
    here = Path(__file__).resolve().parent
    installed = here / name
    return installed if installed.is_dir() else here.parents[1] / name


def is_file(path: Path) -> bool:
    """Tell whether there is such a file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder; a name that none can have is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def read_text(path: Path) -> str:
    """Read a text file that a person wrote.

    Parameters
    ----------
    path : pathlib.Path
        The file; UTF-8, with or without a byte-order mark, at most :data:`MAX_BYTES` bytes.

    Returns
    -------
    str
        Its text.

    Raises
    ------
    UserError
        If the file is missing, is a folder, cannot be read, is too large, or is not UTF-8.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1) if size <= MAX_BYTES else b""
        if max(size, len(raw)) > MAX_BYTES:
            raise UserError(
                f"{path}: the file has {max(size, len(raw)):,} bytes: a data file has at most {MAX_BYTES:,}; "
                "is this the right file?"
            )
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file: check the name and the folder") from None
    except IsADirectoryError:
        raise UserError(f"{path}: this is a folder: name a file in it") from None
    except OSError as error:
        raise UserError(f"{path}: the file cannot be read ({error.strerror}): check its permissions") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if raw.startswith(b"PK"):
            cure = f"if it is a form of answers, run 'texteval answers {path}' first; else save it as text"
            raise DataError([Problem(str(path), 1, "", "this is a workbook, not text", cure)]) from None
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(
            [Problem(str(path), line, "", "this is not UTF-8 text", "save the file with the encoding UTF-8")]
        ) from None


def read_yaml(path: Path) -> tuple[Any, str]:
    """Read a YAML data file strictly.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    data : object
        What the file holds, in plain Python types; numbers with a decimal point are Decimal.
    text : str
        Its text, from which :func:`validate` finds line numbers.

    Raises
    ------
    UserError
        As :func:`read_text`; and, with file and line, for text that is not YAML, a key that stands twice, aliases
        (``*name``), or nesting without end.
    """
    text = read_text(path)
    return parse_yaml(text, path), text


def parse_yaml(text: str, path: Path) -> Any:
    """Parse YAML text strictly, as :func:`read_yaml` does; ``path`` is for the messages."""

    def fault(line: int, wrong: str, right: str) -> DataError:
        return DataError([Problem(str(path), line, "", wrong, right)])

    try:
        if re.search(r"(?:^|[\s\[,{:-])\*[\w-]", text):
            for event in yaml.parse(text, Loader=_FastLoader):
                if isinstance(event, yaml.AliasEvent):
                    raise _Fault(f"'*{event.anchor}' is an alias", "write the value itself", event.start_mark)
        return yaml.load(text, Loader=_Loader)
    except _Fault as error:
        raise fault(error.mark.line + 1, error.wrong, error.right) from None
    except yaml.MarkedYAMLError as error:
        what = " ".join(filter(None, (error.context, error.problem)))
        begun = error.context_mark if "end of stream" in what else None
        mark = begun or error.problem_mark or error.context_mark
        raise fault(mark.line + 1 if mark else 1, f"not YAML ({what})", "check indent and quotes") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        what = str(error).splitlines()[0]
        raise fault(line, f"not YAML ({what})", "remove control characters") from None
    except yaml.YAMLError as error:
        what = str(error).splitlines()[0]
        raise fault(1, f"not YAML ({what})", "write the value as the examples show") from None
    except (RecursionError, ValueError, TypeError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise fault(1, f"not readable ({reason})", "write the value as the examples show") from None


Model = TypeVar("Model", bound=pydantic.BaseModel)


Place = tuple[int | str, ...]
"""Where a value stands in what a file holds: keys, and places in lists from 0."""

Fault = tuple[Sequence[int | str], str, str]
"""A fault that only the whole file shows: where, what is wrong, what would be right."""


def _here(place: Place) -> Place:
    return place


def validate(
    model: type[Model], data: Any, path: Path | str, text: str, stands: Callable[[Place], Place] = _here
) -> Model:
    """Build a model from what a file holds; tell all faults at once, with their lines.

    Parameters
    ----------
    model : type
        The pydantic model of the file.
    data : object
        What the file holds.
    path : pathlib.Path or str
        The file, for the messages.
    text : str
        The file's text.
    stands : callable, optional
        Gives the place in the file of a place in ``data``, where the two differ.

    Returns
    -------
    pydantic.BaseModel
        An instance of ``model``.

    Raises
    ------
    DataError
        All faults of the file.
    """
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        lines = Lines(text)
        problems = []
        told: set[Place] = set()
        faults = error.errors(include_url=False)
        places = [tuple(part for part in fault["loc"] if not _is_branch(part)) for fault in faults]
        for fault, place in zip(faults, places, strict=True):
            deeper = any(other[: len(place)] == place and len(other) > len(place) for other in places)
            if deeper and fault["type"] in ("literal_error", "list_type", "dict_type"):
                continue  # one branch of a choice; another branch got further
            if place in told and fault["type"] in ("literal_error", "list_type", "string_type", "int_type"):
                continue  # another branch of the same choice
            told.add(place)
            keep_last = fault["type"] in ("missing", "extra_forbidden")
            wrong, right = _explain(fault, fields(model))
            at = stands(place)
            problems.append(Problem(str(path), lines.of(at), lines.name(at, keep_last=keep_last), wrong, right))
        raise DataError(problems) from None


def refuse(faults: Iterable[Fault], path: Path, text: str, stands: Callable[[Place], Place] = _here) -> None:
    """Tell all faults that only the whole file shows, with their lines; do nothing if there are none.

    Parameters
    ----------
    faults : iterable of Fault
        What is wrong.
    path, text, stands
        As in :func:`validate`.

    Raises
    ------
    DataError
        If there is any fault.
    """
    found = list(faults)
    if found:
        lines = Lines(text)
        raise DataError(
            Problem(str(path), lines.of(at), lines.name(at), wrong, right)
            for at, wrong, right in ((stands(tuple(where)), wrong, right) for where, wrong, right in found)
        )


_KINDS = (
    ({"answers"}, "a form of answers", "run 'texteval answers {path}' first, and give the file it writes to --overlay"),
    ({"practices"}, "a practice file", "give it to --practice"),
    ({"clinicians", "sessions_per_week"}, "a practice file", "give it to --practice"),
    ({"messages"}, "a practice file", "give it to --practice"),
    ({"vendors"}, "a catalogue or an overlay", "give it to --data or --overlay"),
    ({"requirements"}, "a set of requirements", "texteval reads its own from its data folder: leave this file out"),
    ({"shelf_life_days"}, "a list of attributes", "texteval reads its own from its data folder: leave this file out"),
)


def check_kind(data: object, path: Path, *wanted: str) -> None:
    """Refuse a file that is plainly meant for another option or command, and say for which.

    Parameters
    ----------
    data : object
        What the file holds.
    path : pathlib.Path
        The file, for the message.
    *wanted : str
        Keys one of which a right file has, such as ``vendors``.

    Raises
    ------
    DataError
        If the file has none of the wanted keys, and those of another kind of file.
    """
    if not isinstance(data, dict) or any(key in data for key in wanted):
        return
    for keys, kind, cure in _KINDS:
        if keys <= set(data):
            raise DataError([Problem(str(path), 1, "", f"this looks like {kind}", cure.format(path=path))])


_BRANCHES = re.compile(r"^(?:function-|list\[|dict\[|nullable|union|constrained|literal\[|tagged-union|\[key\]$)")


def _is_branch(part: int | str) -> bool:
    """Tell whether a step of pydantic's location names a branch of a type rather than a key of the file."""
    return isinstance(part, str) and bool(_BRANCHES.match(part))


_PATTERNS = {
    r"^https?://\S+$": "write an address that begins with https://",
    r"^[a-z0-9][a-z0-9-]*$": "write lower case, digits and hyphens",
}


def _explain(fault: Any, known: Collection[str]) -> tuple[str, str]:
    """Put a pydantic fault into plain words: what is wrong, what would be right; a misspelt field among those known."""
    kind, context, given = fault["type"], fault.get("ctx", {}), fault["input"]
    last = fault["loc"][-1] if fault["loc"] else "the file"
    if kind == "missing":
        return f"'{last}' is missing", f"add '{last}:'"
    if kind == "extra_forbidden":
        hint = nearest(str(last), known)
        useful = hint.startswith("did") and hint != f"did you mean '{last}'?"
        return f"'{last}' is not a field here", hint if useful else "remove it"
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        words = re.findall(r"'([^']*)'", expected)
        return f"{_shown(given)} is not known", nearest(str(given), words)
    if kind == "union_tag_not_found":
        return "'model' is missing", "write one of " + ", ".join(sorted(TAGS))
    if kind == "union_tag_invalid":
        tags = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        return f"'{context.get('tag')}' is not a charge model", nearest(str(context.get("tag")), tags)
    if kind in ("value_error", "assertion_error"):
        wrong, _, right = str(context.get("error", fault["msg"])).partition(": ")
        return wrong, right or "see the examples in the file"
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        what = "nothing" if given is None else "a list" if isinstance(given, list) else _shown(given)
        return f"{what} stands here", "write lines of the form 'name: value'"
    if kind == "list_type":
        return f"{_shown(given)} does not fit here", "write a list, one item a line, each after '- '"
    if last == "[key]":
        return f"{_shown(given)} does not fit here", _PATTERNS.get(str(context.get("pattern")), "put it in quotes")
    if given is None:
        return "nothing stands here", "fill it in, or remove the line"
    bounds = {"ge": "{} or more", "gt": "more than {}", "le": "{} or less", "lt": "less than {}"}
    bound = next((words.format(context[key]) for key, words in bounds.items() if key in context), None)
    right = {
        "int_type": "write a whole number",
        "int_from_float": "write a whole number",
        "string_type": "write text, in quotes if it looks like a number",
        "string_too_short": "write some text",
        "string_too_long": f"write at most {context.get('max_length')} characters",
        "too_short": "write at least one",
        "bool_type": "write true or false",
        "string_pattern_mismatch": _PATTERNS.get(str(context.get("pattern")), "write it as the examples show"),
    }.get(kind, fault["msg"][0].lower() + fault["msg"][1:])
    return f"{_shown(given)} does not fit here", f"write {bound}" if bound else right


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, Decimal | date) else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


class Lines:
    """Where each value of a YAML text stands.

    Parameters
    ----------
    text : str
        The text of the file.
    """

    def __init__(self, text: str) -> None:
        self._root = yaml.compose(text, Loader=_Loader)

    def of(self, location: Sequence[int | str]) -> int:
        """Return the line, from 1, of the value at a location; of its nearest ancestor where there is none."""
        return self._walk(location)[0]

    def name(self, location: Sequence[int | str], *, keep_last: bool = True) -> str:
        """Return the location in words: keys joined by dots, list items counted from 1 in brackets.

        A step that is not in the file is left out; the last one only if ``keep_last`` is false.
        """
        return self._walk(location, keep_last=keep_last)[1]

    def span(self, location: Sequence[int | str]) -> tuple[int, int, int]:
        """Return the first line, the last line (both from 1) and the first column (from 0) of a value.

        The last line is that before the next value begins, so blank lines and comments after the value are in it.
        """
        node = self._node(location)
        end = node.end_mark.line + (1 if node.flow_style else 0)
        return node.start_mark.line + 1, end, node.start_mark.column

    def _node(self, location: Sequence[int | str]) -> Any:
        node: Any = self._root
        for part in location:
            if isinstance(node, yaml.MappingNode):
                node = next(value for key, value in node.value if key.value == str(part))
            else:
                node = node.value[part]
        return node

    def _walk(self, location: Sequence[int | str], *, keep_last: bool = True) -> tuple[int, str]:
        node: Any = self._root
        line, name = 1, ""
        for i, part in enumerate(location):
            if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
                node = node.value[part]
                line, name = node.start_mark.line + 1, f"{name}[{part + 1}]"
            elif isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(part)]
                if found:
                    (key, node), *_ = found
                    line = key.start_mark.line + 1
                if found or (keep_last and i == len(location) - 1):
                    name = f"{name}.{part}" if name else str(part)
        return line, name


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed into it.

    Parameters
    ----------
    path : pathlib.Path
        The file; its folder is made if need be.
    content : str or bytes
        What it shall hold; text is written as UTF-8, with its line ends as they are.

    Raises
    ------
    UserError
        If the folder or the file cannot be written (or one stands where the other is meant); the old
        file is then untouched.
    """
    raw = content.encode("utf-8") if isinstance(content, str) else content
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        umask = os.umask(0)
        os.umask(umask)
        Path(beside).chmod(0o666 & ~umask)
        Path(beside).replace(path)
    except OSError as error:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
        blocking = next((folder for folder in path.parents if is_file(folder)), None)
        reason = f"{blocking} is a file, not a folder" if blocking else error.strerror
        if is_folder(path):
            reason = "there is a folder of that name"
        raise UserError(
            f"{path}: the file cannot be written ({reason}): choose another folder, or close the file if it "
            "is open in another program"
        ) from None
