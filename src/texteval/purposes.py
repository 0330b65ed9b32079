"""The purpose that a message fits best, learnt from labelled examples in ``data/messages.csv``.

Each word, each pair of neighbouring words and each rule of wording that found something speaks for the purposes in
whose examples it is frequent (naive Bayes, with smoothed rates). To teach it, add examples. Those of the part ``hold``
are not learnt from: they measure.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import get_args

from texteval.catalog import Purpose
from texteval.errors import DataError, Problem, nearest
from texteval.files import data_folder, read_text

SMOOTHING = 0.005
"""What is added to each rate, so that a word that a purpose never had does not rule it out."""

COLUMNS = ["part", "purpose", "rules", "standard", "strict", "text"]
"""The columns of the file of examples."""

HEAD = f"begin with the line {','.join(COLUMNS)}"
"""What is right where they are not there."""

PARTS = ("tune", "hold")
"""What examples are for: to learn from, or to measure with."""

MOST_CHARACTERS = 2_000
"""How much of a text is looked at."""

_SHAPES = (
    (re.compile(r"https?://\S+"), " xlink "),
    (re.compile(r"\$ ?\d[\d.,]*"), " xamount "),
    (re.compile(r"\b\d{1,2}(?::\d\d)? ?[ap]\.?m?\b\.?|\b\d{1,2}:\d\d\b|\bnoon\b"), " xtime "),
    (
        re.compile(
            r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b"
            r"|\bthe \d{1,2}(?:th|st|nd|rd)\b"
            r"|\b(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}\b"
        ),
        " xday ",
    ),
    (re.compile(r"\d+"), " xnumber "),
)


@dataclass(frozen=True)
class Example:
    """A labelled message.

    Parameters
    ----------
    part : str
        ``tune`` to learn from, ``hold`` to measure with.
    purpose : str
        Its purpose; empty for none.
    rules : frozenset of str
        The rules of wording that should find something.
    standard, strict : str
        What it asks for under each reading, of :data:`texteval.wording.LEVELS`.
    text : str
        The message.
    """

    part: str
    purpose: str
    rules: frozenset[str]
    standard: str
    strict: str
    text: str


@cache
def examples(path: Path | None = None) -> tuple[Example, ...]:
    """Read the labelled messages.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file like ``messages.csv``; texteval's own by default.

    Raises
    ------
    UserError
        If it cannot be read.
    DataError
        All faults of the file, with their lines.
    """
    path = path or data_folder() / "messages.csv"
    found: list[Example] = []
    problems: list[Problem] = []
    rows = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    line = 1
    try:
        for row in rows:
            at, line = line, rows.line_num + 1
            if at == 1 and row == COLUMNS:
                continue
            faults = list(_faults(row)) if at > 1 else [("", f"the columns are {','.join(row)}", HEAD)]
            problems += [Problem(str(path), at, name, wrong, right) for name, wrong, right in faults]
            if at == 1 and faults:
                break  # without its columns nothing else can be read
            if not faults:
                part, purpose, rules, standard, strict, text = row
                found.append(Example(part, purpose, frozenset(rules.split()), standard, strict, text))
    except csv.Error as error:
        problems.append(Problem(str(path), line, "", f"this is not CSV ({error})", "check its quotes"))
    if line == 1 and not problems:
        problems.append(Problem(str(path), 1, "", "the file is empty", HEAD))
    if problems:
        raise DataError(problems)
    return tuple(found)


def _faults(row: list[str]) -> Iterator[tuple[str, str, str]]:
    """Find what is wrong in a row: the column, what is wrong, what would be right."""
    from texteval import wording  # not above: the check of wording asks for purposes

    if len(row) != len(COLUMNS):
        yield "", f"this row has {len(row)} values", f"write {len(COLUMNS)}, with quotes around a text with a comma"
        return
    value = dict(zip(COLUMNS, row, strict=True))
    known = {"part": PARTS, "purpose": ("", *get_args(Purpose)), "standard": wording.LEVELS, "strict": wording.LEVELS}
    for name, words in known.items():
        if value[name] not in words:
            yield name, f"'{value[name]}' is not known", nearest(value[name], words)
    for rule in value["rules"].split():
        if rule not in wording.own().file.rules:
            yield "rules", f"there is no rule '{rule}'", nearest(rule, wording.own().file.rules)
    if not value["text"].strip():
        yield "text", "there is no text", "write the message"


@cache
def examples_hash() -> str:
    """Return the first 12 digits of the SHA-256 of texteval's own labelled messages."""
    return hashlib.sha256(read_text(data_folder() / "messages.csv").encode()).hexdigest()[:12]


def features(text: str, rules: Iterable[str]) -> set[str]:
    """Return what speaks for a purpose: words, pairs of words, the first word, and the rules that found something."""
    lower = text[:MOST_CHARACTERS].lower().replace("’", "'")
    for shape, name in _SHAPES:
        lower = shape.sub(name, lower)
    words = re.findall(r"[^\W\d_][\w']*|[^\w\s.,;:!\"'()-]", lower)
    pairs = (f"{one} {other}" for one, other in pairwise(words))
    return {*words, *pairs, *(f"^{word}" for word in words[:1]), *(f"={rule}" for rule in rules)}


def bare(text: str) -> str:
    """Return a text in lower case, without full stops and spaces around it."""
    return text.strip(" .!\n").lower()


@dataclass(frozen=True)
class Learnt:
    """How often each feature stands in the examples of each purpose.

    Parameters
    ----------
    many : collections.Counter
        Examples of each purpose.
    seen : dict of str to collections.Counter
        For each feature, in how many examples of each purpose it stands.
    same : dict of str to str
        The purpose of each example, by its text as :func:`bare` gives it.
    """

    many: Counter[str]
    seen: dict[str, Counter[str]]
    same: dict[str, str]

    def purpose(self, text: str, rules: Collection[str] = ()) -> str | None:
        """Return the purpose that a text fits best; None if it fits none or nothing in it is known.

        What is an example word for word has its purpose; signs without a letter or digit have no other.
        """
        if bare(text) in self.same or not any(sign.isalnum() for sign in text):
            return self.same.get(bare(text)) or None
        scores = dict.fromkeys(self.many, 0.0)
        known = [self.seen[feature] for feature in sorted(features(text, rules)) if feature in self.seen]
        for seen in known:
            for purpose in scores:
                scores[purpose] += math.log(seen[purpose] / self.many[purpose] + SMOOTHING)
        return (max(scores, key=lambda purpose: scores[purpose]) or None) if known else None


def learn(taught: Iterable[Example]) -> Learnt:
    """Learn from labelled messages.

    Parameters
    ----------
    taught : iterable of Example
        The messages.
    """
    many: Counter[str] = Counter()
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    same: dict[str, str] = {}
    for example in taught:
        many[example.purpose] += 1
        same[bare(example.text)] = example.purpose
        for feature in features(example.text, example.rules):
            seen[feature][example.purpose] += 1
    return Learnt(many, dict(seen), same)


@cache
def own() -> Learnt:
    """Return what is learnt from texteval's own examples."""
    return learn(example for example in examples() if example.part == "tune")
