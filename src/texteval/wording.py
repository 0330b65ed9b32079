"""The message check: what a text gives away, whether it may go by text, and how to say it instead.

``check(text, wording=None) -> Checked`` is a pure function: it reads a text, keeps nothing and sends nothing.
``Checked`` has ``purpose``, ``findings`` (``rule``, ``title``, ``words``, ``spans``, ``why``, ``says``, ``citation``,
``source``, ``instead``), ``strict`` and ``standard`` (levels), ``verdict(reading, agreement)`` (in words), ``safer``,
``segments``, ``plain``, ``plain_segments``, ``swaps`` and ``keyword``. What it costs, and the limits of the tools'
channels, are in :mod:`texteval.rewording`.

The rules are lexicons and patterns in ``data/wording.yaml``. No model for general entity detection is used: those that
run offline come as separate downloads, and know people and dates but neither medicines nor modalities. They find
what can be listed (diagnoses, medicines, insurers, names) nearly always, free talk of symptoms or danger less often;
``docs/wording.md`` has the figures for each rule.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

import pydantic

from texteval import purposes
from texteval.catalog import Purpose
from texteval.errors import DataError, Problem, UserError, nearest
from texteval.evidence import Source
from texteval.files import Fault, Lines, check_kind, data_folder, is_file, read_text, read_yaml, refuse, validate
from texteval.messages import GSM7_BASIC, GSM7_EXTENSION, Segments, count
from texteval.models import Id, Strict, Text
from texteval.practice import Practice, PracticeFile

Level = Literal["fine", "opt-in", "agreement", "app", "call"]
"""What a message asks for: nothing, consent to advertising, an agreement (BAA), an app or portal, a voice."""

LEVELS: tuple[str, ...] = get_args(Level)

LEVEL_WORDS = {
    "fine": "fine by text",
    "opt-in": "only with consent in writing to advertising",
    "agreement": "only under an agreement (BAA)",
    "app": "app or portal only",
    "call": "not in writing: call",
}
"""What a level means for a message, in words."""

Reading = Literal["strict", "standard"]
"""How the rule is read; the practice's ``request`` is judged as ``standard``."""

MAX_CHARACTERS = 100_000
"""The longest text that is checked."""

MAX_MESSAGES = 2_000
"""The most messages of one file."""

_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = re.compile(
    rf"(?i:\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?:, {_MONTH} \d{{1,2}})?)\b)"
    rf"|\b{_MONTH} \d{{1,2}}\b|\b\d{{1,2}}/\d{{1,2}}\b"
)
_TIME = re.compile(r"(?i:\b(?:\d{1,2}(?::\d\d)? ?[ap]\.?m\b\.?|\d{1,2}:\d\d|noon)\b)")

_NAME = r"[A-ZÀ-Þ][a-zß-ÿ']{1,24}(?:-[A-ZÀ-Þ][a-zß-ÿ]{1,24})?"
_CARE = (
    r"(?:therapist|counselor|counsellor|psychologist|psychiatrist|clinician|psychotherapist|social worker|coach"
    r"|nurse practitioner|nurse)"
)

_FOLD = str.maketrans(
    dict.fromkeys("‘’‛′´`", "'")
    | dict.fromkeys("“”„″", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\t", " ")
)
"""Signs that mean the same to a rule; each stands for one character, so that places in the text stay."""


class Rule(Strict):
    """Something that a message should not give away, or should not ask for."""

    title: Text
    why: Text
    """Why it matters, in plain words."""
    says: Text
    """What the law or the guide says of it, in our own words."""
    citation: Text
    source: Id
    standard: Level
    strict: Level
    instead: Text
    """What to do."""
    words: list[str] = []  # noqa: RUF012
    """Lexicons."""
    patterns: list[str] = []  # noqa: RUF012
    """Patterns for the text in lower case; where one has a group ``hit``, that group is what was found."""
    cased: list[str] = []  # noqa: RUF012
    """The same for the text as it is written."""
    except_words: list[str] = []  # noqa: RUF012
    """Lexicons of phrases in which a word means something else."""
    except_: Annotated[list[str], pydantic.Field(alias="except")] = []  # noqa: RUF012
    """Patterns of the same kind."""


class Disagreement(Strict):
    """Something on which sources differ."""

    about: list[str]
    """The rules that it concerns; empty for a message in which nothing was found."""
    text: Text
    source: Id


class Keyword(Strict):
    """A word that carriers act upon."""

    does: Literal["stops", "starts", "helps"]
    source: Id


class WordingFile(Strict):
    """The file ``wording.yaml``."""

    sources: dict[Id, Source]
    disagreements: list[Disagreement]
    keywords: dict[str, Keyword]
    twins: dict[Annotated[str, pydantic.StringConstraints(min_length=1, max_length=1)], str]
    """What stands for a character that GSM-7 lacks."""
    lexicons: dict[str, list[str]]
    rules: dict[Id, Rule]
    safer: dict[Purpose, Text]
    """For each purpose a wording for one text, with the blanks ``<when>``, ``<day>``, ``<office>`` and ``<number>``."""
    crisis_text: Text
    """What may be written in a crisis, beside the call."""


def _any(patterns: Iterable[str]) -> str:
    """Join alternatives, the longest first and grouped by their first letter, so that few are tried at each place."""
    groups: dict[str, list[str]] = {}
    for pattern in sorted(patterns, key=len, reverse=True):
        groups.setdefault(pattern[:1], []).append(pattern[1:])
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in groups.items())


def _words(entries: Sequence[str]) -> re.Pattern[str] | None:
    """Make one pattern of a lexicon: a star for any ending, else a plural or possessive s."""

    def one(entry: str) -> str:
        stem = re.escape(entry.rstrip("*")).replace(r"\ ", "[ -]").replace(r"\-", "[ -]?")
        return stem + (r"\w{0,20}" if entry.endswith("*") else "(?:'?s)?")

    return re.compile(rf"\b(?:{_any(map(one, entries))})(?!\w)") if entries else None


@dataclass(frozen=True)
class _Finder:
    """What a rule looks for, compiled: in the text in lower case, in that as written, and what stands in capitals."""

    lower: tuple[re.Pattern[str], ...]
    cased: tuple[re.Pattern[str], ...]
    capitals: re.Pattern[str] | None

    def spans(self, text: str, lower: str) -> Iterator[tuple[int, int]]:
        """Go through the places where something is found."""
        if self.capitals and text != text.upper():
            yield from (match.span() for match in self.capitals.finditer(text))
        for patterns, place in ((self.lower, lower), (self.cased, text)):
            for pattern in patterns:
                group = "hit" if "hit" in pattern.groupindex else 0
                yield from (match.span(group) for match in pattern.finditer(place))


@dataclass(frozen=True)
class Wording:
    """The rules of wording, ready to be used.

    Parameters
    ----------
    file : WordingFile
        What the file says.
    hash : str
        The first 12 digits of its SHA-256.
    """

    file: WordingFile
    hash: str

    @cached_property
    def _given(self) -> str:
        return _any(map(re.escape, self.file.lexicons.get("given_names", ["-"])))

    @cached_property
    def _foreign(self) -> str:
        return _any(map(re.escape, self.file.lexicons.get("foreign", ["-"])))

    def pattern(self, text: str) -> re.Pattern[str]:
        """Compile a pattern of the file: with ``%given%``, ``%foreign%``, ``%name%`` and ``%care%`` filled in."""
        filled = text.replace("%given%", f"(?:{self._given})").replace("%name%", _NAME).replace("%care%", _CARE)
        return re.compile(filled.replace("%foreign%", f"(?:{self._foreign})"))

    def _finder(self, lexicons: Sequence[str], patterns: Sequence[str], cased: Sequence[str] = ()) -> _Finder:
        entries = [entry for name in lexicons for entry in self.file.lexicons[name]]
        words = _words([entry for entry in entries if not entry.isupper()])
        lower = (*([words] if words else []), *map(self.pattern, patterns))
        capitals = _words([entry for entry in entries if entry.isupper()])
        return _Finder(lower, tuple(map(self.pattern, cased)), capitals)

    @cached_property
    def finders(self) -> dict[str, tuple[_Finder, _Finder]]:
        """For each rule what it looks for, and in what that means something else."""
        return {
            name: (self._finder(rule.words, rule.patterns, rule.cased), self._finder(rule.except_words, rule.except_))
            for name, rule in self.file.rules.items()
        }

    @cached_property
    def invitation(self) -> re.Pattern[str]:
        """A request to answer with a word that stops all texts, and what follows it."""
        stops = "|".join(sorted((w for w, k in self.file.keywords.items() if k.does == "stops"), key=len, reverse=True))
        word = rf"(?:(?P<capital>{stops})|[\"'](?P<quoted>(?i:{stops}))[\"'])"
        bare = rf"(?P<bare>(?i:{stops}))"
        verb = r"(?i:\b(?:reply|respond|answer|text|send|write))"
        return re.compile(
            rf"{verb}(?:\b[^.!?\n]{{0,60}}?(?<!to )(?<!\w){word}|(?i: (?:with |back |the word )?){bare})(?!\w)"
            r"(?P<after>[^.!?\n]{0,40})"
        )


def _faults(file: WordingFile) -> Iterator[Fault]:
    """Find what the file names and does not hold, and patterns that cannot be read."""
    named: list[tuple[list[int | str], str]] = []
    named += [(["disagreements", i], one.source) for i, one in enumerate(file.disagreements)]
    named += [(["keywords", word], keyword.source) for word, keyword in file.keywords.items()]
    named += [(["rules", name], rule.source) for name, rule in file.rules.items()]
    for at, source in named:
        if source not in file.sources:
            yield [*at, "source"], f"there is no source '{source}'", nearest(source, file.sources)
    for i, one in enumerate(file.disagreements):
        for name in one.about:
            if name not in file.rules:
                yield ["disagreements", i, "about"], f"there is no rule '{name}'", nearest(name, file.rules)
    for name, rule in file.rules.items():
        for key, lexicons in (("words", rule.words), ("except_words", rule.except_words)):
            for lexicon in lexicons:
                if lexicon not in file.lexicons:
                    wrong = f"there is no lexicon '{lexicon}'"
                    yield ["rules", name, key], wrong, nearest(lexicon, file.lexicons)
        for key, patterns in (("patterns", rule.patterns), ("cased", rule.cased), ("except", rule.except_)):
            for i, pattern in enumerate(patterns):
                try:
                    Wording(file, "").pattern(pattern)
                except re.error as error:
                    yield ["rules", name, key, i], f"the pattern cannot be read: {error}", "look at its brackets"
    for name, entry in file.lexicons.items():
        for i, word in enumerate(entry):
            if not word.strip("* "):
                yield ["lexicons", name, i], "an empty word matches everything", "take it out"
    for name in ("crisis", "marketing", "stop-word"):
        if name not in file.rules:
            yield ["rules"], f"the rule '{name}' is missing", "add it: the check does more for it than find its words"
    for name, rule in file.rules.items():
        if name != "stop-word" and not (rule.words or rule.patterns or rule.cased):
            yield ["rules", name], "it would find nothing", "add 'words:', 'patterns:' or 'cased:'"
    for purpose in get_args(Purpose):
        if purpose not in file.safer:
            yield ["safer"], f"the purpose '{purpose}' is missing", f"add '{purpose}:'"


def load(path: Path | None = None) -> Wording:
    """Read the rules of wording.

    Parameters
    ----------
    path : pathlib.Path, optional
        A file like ``wording.yaml``; texteval's own by default.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = path or data_folder() / "wording.yaml"
    data, text = read_yaml(path)
    file = validate(WordingFile, data, path, text)
    refuse(_faults(file), path, text)
    return Wording(file, hashlib.sha256(text.encode()).hexdigest()[:12])


@cache
def own() -> Wording:
    """Return texteval's own rules of wording, read once."""
    return load()


@dataclass(frozen=True)
class Finding:
    """What a rule found in a text.

    Parameters
    ----------
    rule : str
        The rule's id.
    title, why, says, citation, instead : str
        What it is, why it matters, what the law or guide says of it and where, and what to do.
    source : Source
        Where that was read.
    standard, strict : str
        What it asks for under each reading, of :data:`LEVELS`.
    spans : tuple of (int, int)
        Where it stands in the text.
    words : tuple of str
        What stands there, each once.
    """

    rule: str
    title: str
    why: str
    says: str
    citation: str
    instead: str
    source: Source
    standard: str
    strict: str
    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Swap:
    """A character that forces UCS-2, and its plain twin.

    Parameters
    ----------
    character : str
        The character.
    name : str
        What it is called.
    twin : str or None
        What stands for it; empty where it is left out, None where nothing can.
    """

    character: str
    name: str
    twin: str | None


@dataclass(frozen=True)
class Checked:
    """A text after the check.

    Parameters
    ----------
    text : str
        The text.
    purpose : str or None
        The purpose that it fits best; None where it fits none. ``coaching`` is clinical content.
    findings : tuple of Finding
        What it gives away, the gravest first.
    safer : str or None
        Another wording, for one text; None where the text needs none, or none is known.
    keyword : str or None
        What carriers do where the text is one of their words: ``stops``, ``starts`` or ``helps``.
    plain : str
        The text with plain characters.
    swaps : tuple of Swap
        The characters that force UCS-2, each once and in order.
    disagreements : tuple of (str, Source)
        On what sources differ.
    """

    text: str
    purpose: str | None
    findings: tuple[Finding, ...]
    safer: str | None
    keyword: str | None
    plain: str
    swaps: tuple[Swap, ...]
    disagreements: tuple[tuple[str, Source], ...]

    @cached_property
    def segments(self) -> Segments:
        """How the text is sent."""
        return count(self.text)

    @cached_property
    def plain_segments(self) -> Segments:
        """How its plain twin is sent."""
        return count(self.plain)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that found something."""
        return tuple(finding.rule for finding in self.findings)

    @property
    def strict(self) -> str:
        """What it asks for by the strict reading, of :data:`LEVELS`."""
        return max((finding.strict for finding in self.findings), key=LEVELS.index, default="fine")

    @property
    def standard(self) -> str:
        """What it asks for by the standard reading, of :data:`LEVELS`."""
        return max((finding.standard for finding in self.findings), key=LEVELS.index, default="fine")

    def level(self, reading: str = "strict") -> str:
        """Return what it asks for by a reading: ``strict``, the default, or ``standard`` (as is ``request``)."""
        return self.strict if reading == "strict" else self.standard

    def verdict(self, reading: str = "strict", agreement: bool | None = None) -> str:
        """Say in words whether it may go by text.

        Parameters
        ----------
        reading : str
            ``strict``, the default, or ``standard``.
        agreement : bool, optional
            Whether the vendor has signed an agreement (BAA) for texts; None where that is not known.

        Returns
        -------
        str
            Such as ``fine by text``, ``only under an agreement (BAA)`` or ``app or portal only``.
        """
        level = self.level(reading)
        words = LEVEL_WORDS[level]
        if level == "agreement" and agreement is not None:
            words = LEVEL_WORDS["fine"] if agreement else "not by text without an agreement (BAA)"
        if words == LEVEL_WORDS["fine"] and "stop-word" in self.rules and not self.keyword:
            return f"{words}, with another word for the reply"
        advertises = any("opt-in" in (finding.standard, finding.strict) for finding in self.findings)
        return f"{words}, and with consent to advertising" if advertises and level != "opt-in" else words


def _lower(text: str) -> str:
    """Lower a text without changing its length."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


_MEANT_SO = re.compile(
    r"(?i:^[\"']?,? *(?:(?:to|if you want to|and we will|at any time to|anytime to) )?"
    r"(?:opt|stop|unsubscribe|end (?:these|the|all)|get no more|receive no more|no longer get|texts|messages"
    r"|reminders|$))"
)
"""What follows a stop word where it is meant as one."""

_A_VISIT = re.compile(
    r"(?i:\b(?:to (?:cancel|drop|change|release)|can't make it|appointment|visit|booking|slot|your time"
    r"|if (?:that|this|it|you) (?:is|can't|cannot|does|need|wish))\b)"
)


def _keyword(wording: Wording, text: str) -> Keyword | None:
    """Return what carriers know of a text that is nothing but one of their words."""
    return wording.file.keywords.get(text.strip(" .!\n").upper())


def _stop_words(wording: Wording, text: str) -> Iterator[tuple[int, int]]:
    """Find where a text asks for an answer that stops all texts though something else is meant, or is such a word."""
    keyword = _keyword(wording, text)
    if keyword and keyword.does == "stops":
        yield 0, len(text)
        return
    for match in wording.invitation.finditer(text):
        named = next(name for name in ("capital", "quoted", "bare") if match[name])
        before = re.split(r"[.!?\n]", text[max(0, match.start() - 80) : match.start(named)])[-1]
        after = match["after"]
        about_texts = re.search(r"(?i:\b(?:texts|messages|opt|reminders)\b)", after)
        meant = bool(_MEANT_SO.match(after)) and not _A_VISIT.search(after)
        if match[named].upper() == "CANCEL":
            meant = bool(about_texts)
        elif not after.strip("\"' ,"):
            meant = not _A_VISIT.search(before)
        if not meant:
            yield match.span(named)


def _find(wording: Wording, text: str) -> list[Finding]:
    """Find what a text gives away; where two matches overlap, the longer one counts."""
    folded = text.translate(_FOLD)
    lower = _lower(folded)
    found: list[tuple[int, int, str]] = []
    for name, (finder, excepted) in wording.finders.items():
        spans = set(_stop_words(wording, folded) if name == "stop-word" else finder.spans(folded, lower))
        if spans:
            spared = bytearray(len(text))
            for start, end in excepted.spans(folded, lower):
                spared[start:end] = b"\1" * (end - start)
            found += [(start, end, name) for start, end in spans if start < end and not any(spared[start:end])]
    order = {name: place for place, name in enumerate(wording.file.rules)}
    found.sort(key=lambda span: (span[0] - span[1], order[span[2]], span[0]))
    claimed = bytearray(len(text))
    kept: dict[str, list[tuple[int, int]]] = {}
    for start, end, name in found:
        if name == "stop-word" or not any(claimed[start:end]):
            if name != "stop-word":
                claimed[start:end] = b"\1" * (end - start)
            kept.setdefault(name, []).append((start, end))
    findings = [_finding(wording, name, sorted(spans), text) for name, spans in kept.items()]
    gravity = {level: place for place, level in enumerate(LEVELS)}
    return sorted(findings, key=lambda one: (-gravity[one.strict], -gravity[one.standard], order[one.rule]))


def _finding(wording: Wording, name: str, spans: list[tuple[int, int]], text: str) -> Finding:
    rule = wording.file.rules[name]
    return Finding(
        name,
        rule.title,
        rule.why,
        rule.says,
        rule.citation,
        rule.instead,
        wording.file.sources[rule.source],
        rule.standard,
        rule.strict,
        tuple(spans),
        tuple(dict.fromkeys(text[start:end] for start, end in spans)),
    )


def when(text: str) -> str:
    """Return the day and time that a text names, as words for a reminder; blanks for what it does not name once."""
    days, times = ({match.group() for match in pattern.finditer(text)} for pattern in (_DAY, _TIME))
    day = days.pop() if len(days) == 1 else "<day>"
    time = times.pop() if len(times) == 1 else "<time>"
    on = "" if day.lower() in ("today", "tonight", "tomorrow") else "on "
    return f"{on}{day} at {time}"


def _safer(wording: Wording, text: str, purpose: str | None, findings: Sequence[Finding]) -> str | None:
    rules = {finding.rule for finding in findings}
    if "crisis" in rules:
        return wording.file.crisis_text
    if not rules - {"marketing"} or purpose is None or _keyword(wording, text):
        return None
    return wording.file.safer[purpose].replace("<when>", when(text))  # type: ignore[index]


def _twin(wording: Wording, character: str) -> str | None:
    """Return what stands for a character that GSM-7 lacks: empty to leave it out, None where nothing does."""
    if character in wording.file.twins:
        return wording.file.twins[character]
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category in ("Cc", "Cf", "Co", "Cn", "So", "Sk") or "\ufe00" <= character <= "\ufe0f" or character == "\u20e3":
        return ""
    base = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    return base if base and all(c in GSM7_BASIC or c in GSM7_EXTENSION for c in base) else None


def plain(text: str, wording: Wording | None = None) -> str:
    """Write a text in plain characters, as far as there are any for it.

    Curly quotes, dashes, ellipses and unusual spaces become plain ones, accents that GSM-7 lacks are dropped, emoji and
    invisible signs are left out. What has no twin, such as another alphabet, stays.

    Parameters
    ----------
    text : str
        The text.
    wording : Wording, optional
        The rules; texteval's own by default.
    """
    wording = wording or own()
    left_out = False
    signs = []
    for character in unicodedata.normalize("NFC", text):
        if character in GSM7_BASIC or character in GSM7_EXTENSION:
            signs.append(character)
            continue
        twin = _twin(wording, character)
        left_out |= twin == ""
        signs.append(character if twin is None else twin)
    written = "".join(signs)
    return re.sub(" {2,}", " ", written).strip(" ") if left_out else written


def check(text: str, wording: Wording | None = None) -> Checked:
    """Check a message before it is sent, or when it has come in.

    Parameters
    ----------
    text : str
        The message.
    wording : Wording, optional
        The rules; texteval's own by default.

    Returns
    -------
    Checked
        Its purpose, what it gives away, the verdict by both readings, a safer wording, and how it is sent.

    Raises
    ------
    UserError
        If the text is empty, or longer than :data:`MAX_CHARACTERS`.
    """
    wording = wording or own()
    if not text.strip():
        raise UserError("there is no text: write the message in quotes, or name a file")
    if len(text) > MAX_CHARACTERS:
        raise UserError(f"the text has {len(text):,} characters: a message has at most {MAX_CHARACTERS:,}")
    findings = _find(wording, text)
    purpose = purposes.own().purpose(text, [finding.rule for finding in findings])
    sent = count(text)
    written = plain(text, wording)
    names = list(sent.forcing_names())
    keyword = _keyword(wording, text)
    sources = wording.file.sources
    return Checked(
        text,
        purpose,
        tuple(findings),
        _safer(wording, text, purpose, findings),
        keyword.does if keyword else None,
        written,
        tuple(Swap(sign, name, _twin(wording, sign)) for sign, name in zip(sent.forcing, names, strict=True)),
        tuple(
            (one.text, sources[one.source])
            for one in wording.file.disagreements
            if (set(one.about) & {finding.rule for finding in findings} if one.about else not findings)
        ),
    )


def as_file(argument: str) -> Path | None:
    """Tell a file from a message: a name that exists, or that ends like a file's and has no space in it.

    Returns
    -------
    pathlib.Path or None
        The file, which need not exist; None where it is a message.
    """
    path = Path(argument)
    looks = path.suffix.lower() in (".txt", ".yaml", ".yml", ".csv", ".docx", ".md") and not re.search(
        r"\s|://", argument
    )
    return path if is_file(path) or looks else None


class Written(NamedTuple):
    """A message of a file."""

    line: int
    """Its line."""
    text: str
    """The message."""
    app_only: bool = False
    """Whether it stands in the file of a practice that keeps every message in the app or portal."""


def read_messages(path: Path) -> list[Written]:
    """Read the messages of a file: a text file with one on each line, or a practice's YAML file.

    Parameters
    ----------
    path : pathlib.Path
        A text file, or one that ends in ``.yaml`` or ``.yml``.

    Returns
    -------
    list of Written
        Each message with its line; empty lines are passed over.

    Raises
    ------
    UserError
        If the file cannot be read, is no text, or has no message or too many.
    """
    yaml = path.suffix.lower() in (".yaml", ".yml")
    messages = _practice_messages(path) if yaml else _lines_of(path)
    if not messages:
        right = "give a message a 'text:'" if yaml else "write one on each line"
        raise UserError(f"{path}: there is no message in it: {right}")
    if len(messages) > MAX_MESSAGES:
        raise UserError(f"{path}: it has {len(messages):,} messages: a file has at most {MAX_MESSAGES:,}")
    return messages


def _lines_of(path: Path) -> list[Written]:
    text = read_text(path)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise DataError([Problem(str(path), line, "", "this is not a text file", "name a file with a message a line")])
    return [Written(number, line.strip()) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _practice_messages(path: Path) -> list[Written]:
    data, text = read_yaml(path)
    check_kind(data, path, "practices", "clinicians", "messages")
    lines = Lines(text)
    if isinstance(data, dict) and "practices" in data:
        practices: dict[tuple[str, ...], Practice] = {
            ("practices", name): practice
            for name, practice in validate(PracticeFile, data, path, text).practices.items()
        }
    else:
        practices = {(): validate(Practice, data, path, text)}
    return [
        Written(lines.of((*place, "messages", i, "text")), message.text, practice.reading == "strict")
        for place, practice in practices.items()
        for i, message in enumerate(practice.messages)
        if "text" in message.model_fields_set
    ]
