"""Reading the data files strictly, and writing files whole or not at all.

YAML is read with the C parser where there is one. Only plain numbers, dates, ``true``/``false`` and ``null`` have a
type; ``yes`` and ``no`` stay the words that they are. A number with a decimal point becomes a
:class:`decimal.Decimal`, so a price never passes through binary float.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Hashable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pydantic
import yaml

from texteval.errors import DataError, Problem, UserError, nearest
from texteval.models import FIELDS

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


class _Duplicate(yaml.MarkedYAMLError):
    """A key that stands twice in one mapping."""


class _Loader(_FastLoader):  # type: ignore[misc]
    """The safe YAML loader with few implicit types, exact decimals and no duplicate keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=True)
        if len(mapping) != len(node.value):
            seen = set()
            for key_node, _ in node.value:
                if key_node.value in seen:
                    raise _Duplicate(problem=f"'{key_node.value}' stands twice", problem_mark=key_node.start_mark)
                seen.add(key_node.value)
        return mapping


for _tag, (_pattern, _first) in _TYPED.items():
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


def _int(loader: Any, node: Any) -> int:
    return int(node.value.replace("_", ""))


def _decimal(loader: Any, node: Any) -> Decimal:
    return Decimal(node.value.replace("_", ""))


def _mapping(loader: Any, node: Any) -> dict[Hashable, Any]:
    result: dict[Hashable, Any] = loader.construct_mapping(node, deep=True)
    return result


_Loader.add_constructor("tag:yaml.org,2002:int", _int)
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
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
        if size > MAX_BYTES:
            raise UserError(
                f"{path}: the file has {size:,} bytes: a data file has at most {MAX_BYTES:,}; is this the right file?"
            )
        raw = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such file: check the name and the folder") from None
    except IsADirectoryError:
        raise UserError(f"{path}: this is a folder: name a file in it") from None
    except OSError as error:
        raise UserError(f"{path}: the file cannot be read ({error.strerror}): check its permissions") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
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

    def fault(mark: Any, wrong: str, right: str) -> DataError:
        return DataError([Problem(str(path), mark.line + 1 if mark else 1, "", wrong, right)])

    try:
        if re.search(r"(?:^|[\s\[,{:-])\*[\w-]", text):
            for event in yaml.parse(text, Loader=_FastLoader):
                if isinstance(event, yaml.AliasEvent):
                    raise fault(event.start_mark, f"'*{event.anchor}' is an alias", "write the value itself")
        return yaml.load(text, Loader=_Loader)
    except _Duplicate as error:
        raise fault(error.problem_mark, str(error.problem), "keep one of the two") from None
    except yaml.MarkedYAMLError as error:
        what = " ".join(filter(None, (error.context, error.problem)))
        raise fault(error.problem_mark or error.context_mark, f"not YAML ({what})", "check indent and quotes") from None
    except yaml.YAMLError as error:
        raise fault(None, f"not YAML ({str(error).splitlines()[0]})", "remove control characters") from None
    except (RecursionError, ValueError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise fault(None, f"not readable ({reason})", "write the value as the examples show") from None


Model = TypeVar("Model", bound=pydantic.BaseModel)


def validate(model: type[Model], data: Any, path: Path | str, text: str) -> Model:
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
        for fault in error.errors(include_url=False):
            wrong, right = _explain(fault)
            location = [part for part in fault["loc"] if not _is_branch(part)]
            problems.append(Problem(str(path), lines.of(location), lines.name(location), wrong, right))
        raise DataError(problems) from None


_BRANCHES = re.compile(r"^(?:function-|list\[|dict\[|nullable|union|constrained|literal\[|tagged-union)")


def _is_branch(part: int | str) -> bool:
    """Tell whether a step of pydantic's location names a branch of a type rather than a key of the file."""
    return isinstance(part, str) and bool(_BRANCHES.match(part))


def _explain(fault: Any) -> tuple[str, str]:
    """Put a pydantic fault into plain words: what is wrong, what would be right."""
    kind, context = fault["type"], fault.get("ctx", {})
    last = fault["loc"][-1] if fault["loc"] else "the file"
    if kind == "missing":
        return f"'{last}' is missing", f"add '{last}:'"
    if kind == "extra_forbidden":
        hint = nearest(str(last), FIELDS)
        return f"'{last}' is not a field here", hint if hint.startswith("did") else "remove it"
    if kind in ("literal_error", "enum"):
        expected = str(context.get("expected", ""))
        words = re.findall(r"'([^']*)'", expected)
        hint = nearest(str(fault["input"]), words)
        return f"{fault['input']!r} is not known", hint if hint.startswith("did") else f"write one of {expected}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        expected = str(context.get("expected_tags", ""))
        tag = str(context.get("tag", ""))
        words = re.findall(r"'([^']*)'", expected)
        wrong = f"{tag!r} is not a charge model" if tag else "'model' is missing"
        return wrong, nearest(tag, words) if tag else f"write one of {expected}"
    if kind in ("value_error", "assertion_error"):
        message = str(context.get("error", fault["msg"]))
        wrong, _, right = message.partition(": ")
        return wrong, right or "see the examples in the file"
    shown = repr(fault["input"])
    shown = shown if len(shown) <= 60 else shown[:57] + "…"
    return f"{shown} does not fit here", fault["msg"][0].lower() + fault["msg"][1:]


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

    def name(self, location: Sequence[int | str]) -> str:
        """Return the location in words: keys joined by dots, list items counted from 1 in brackets."""
        return self._walk(location)[1]

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

    def _walk(self, location: Sequence[int | str]) -> tuple[int, str]:
        node, line, name = self._root, 1, ""
        for part in location:
            if isinstance(part, int) and not isinstance(node, yaml.SequenceNode):
                continue  # one item, written without a list
            if isinstance(node, yaml.MappingNode):
                name = f"{name}.{part}" if name else str(part)
                for key, value in node.value:
                    if key.value == str(part):
                        node, line = value, key.start_mark.line + 1
                        break
                else:
                    node = None
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                name += f"[{part + 1}]"
                if part < len(node.value):
                    node = node.value[part]
                    line = node.start_mark.line + 1
                else:
                    node = None
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
        If the folder or the file cannot be written; the old file is then untouched.
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
        raise UserError(
            f"{path}: the file cannot be written ({error.strerror}): choose another folder, or close the file if it "
            "is open in another program"
        ) from None
