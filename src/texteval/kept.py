"""What texteval writes for a person to work on, and never overwrites once that person has changed it.

Each folder holds a list of the files written into it with their hashes, from which a later run tells which of them are
still as they were written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Set
from pathlib import Path

from texteval.errors import UserError
from texteval.files import is_file, is_folder, read_text, write_whole

LIST = ".texteval-written"
"""The list of a folder's files with the hashes that they had when they were written."""

HEAD = "texteval wrote these files. From this list it tells which of them somebody has changed since."
"""The first line of that list; a file of its name that begins otherwise is somebody else's."""


def changed(folder: Path, made: Mapping[str, bytes]) -> list[str]:
    """List what may not be written: files that somebody has changed, or that texteval did not write.

    Parameters
    ----------
    folder : pathlib.Path
        Where.
    made : mapping of str to bytes
        What would be written, by file name. A file that is as it would become may be written.

    Raises
    ------
    UserError
        If a file that is there cannot be read.
    """
    known = _listed(folder)
    names = [LIST] if known is None else []
    return names + [name for name, held in made.items() if not _ours(folder / name, held, known or set())]


def write(folder: Path, made: Mapping[str, bytes]) -> list[Path]:
    """Write files and list them, the list first and last, so that a run which was cut short can be done again.

    Parameters
    ----------
    folder, made : pathlib.Path, mapping of str to bytes
        As :func:`changed` takes them, which tells beforehand whether this would overwrite somebody's work.

    Returns
    -------
    list of pathlib.Path
        The files written.

    Raises
    ------
    UserError
        If a file cannot be written.
    """
    known = _listed(folder) or set()
    become = {(_hash(held), name) for name, held in made.items()}
    write_whole(folder / LIST, _list(known | become))
    written: list[Path] = []
    try:
        for name, held in made.items():
            write_whole(folder / name, held)
            written.append(folder / name)
    finally:
        if not (written or known):
            (folder / LIST).unlink()
    write_whole(folder / LIST, _list({(digest, name) for digest, name in known if name not in made} | become))
    return written


def refusal(folder: Path, names: list[str]) -> UserError:
    """Say that files would be overwritten which somebody has changed, and what to do."""
    one = len(names) == 1
    were, they_were, are, them = ("was", "it was", "is", "it") if one else ("were", "they were", "are", "them")
    return UserError(
        f"{folder}: {', '.join(names)} {were} changed since {they_were} written, or {are} not of texteval's making, "
        f"and would be overwritten: write elsewhere with -o, or move {them} away"
    )


def _ours(path: Path, held: bytes, known: Set[tuple[str, str]]) -> bool:
    """Tell whether a file may be written: it is not there, or as it was written, or as it would become."""
    if is_folder(path):
        return False
    if not is_file(path):
        return True
    try:
        there = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: the file cannot be read ({error.strerror}): check its permissions") from None
    return there == held or (_hash(there), path.name) in known


def _hash(held: bytes) -> str:
    return hashlib.sha256(held).hexdigest()


def _list(known: Set[tuple[str, str]]) -> str:
    return "".join(f"{line}\n" for line in (HEAD, *(f"{digest}  {name}" for digest, name in sorted(known))))


def _listed(folder: Path) -> set[tuple[str, str]] | None:
    """Read the hashes and names of a folder's list; None where a file of its name is not such a list."""
    path = folder / LIST
    if is_folder(path):
        return None
    if not is_file(path):
        return set()
    head, *lines = read_text(path).splitlines() or [""]
    parted = [line.partition("  ") for line in lines]
    known = {(digest, name) for digest, _, name in parted}
    return known if head == HEAD else None
