"""The kit: the documents of a practice that texts with a chosen tool, rendered from templates in plain Markdown."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal

import jinja2
import pydantic
from jinja2.sandbox import ImmutableSandboxedEnvironment

from texteval import __version__, parameters
from texteval import questions as ask
from texteval.assess import Coverage, Finding, cover
from texteval.catalog import Catalog, Plan, Vendor
from texteval.circumstances import Circumstance
from texteval.decide import compare
from texteval.errors import DataError, Problem, UserError, nearest, program
from texteval.evidence import GRADE_WORDS, Fact, Source
from texteval.files import Fault, data_folder, read_text, read_yaml, refuse, validate
from texteval.kit import promises as promised
from texteval.kit.markdown import BLANK, Markdown, address, escape, plain, tidy
from texteval.kit.promises import Promised, PromiseFile
from texteval.messages import count
from texteval.models import Strict, Text, first_day
from texteval.practice import Practice, received_per_year, sent_per_year
from texteval.requirements import Requirements
from texteval.states import STATES
from texteval.words import CHANNEL_WORDS

FOR_THE_PRACTICE = "## For the practice"
"""The heading that parts a page for clients from what only the practice reads."""

LONGEST_NAME = 120
"""Characters of a practice's name that are printed."""

YEAR = timedelta(days=365)

REACH = ("assigned", "office_all", "all")
"""How far a role reaches, least first."""


class Sheet(Strict):
    """One document of the kit."""

    file: str = pydantic.Field(pattern=r"^\d\d-[a-z-]+$")
    """Its file name without ending, and that of its template."""
    title: Text
    reader: Literal["practice", "team", "client", "vendor"]
    use: Text
    """When it is used, in one line."""
    waits: bool = False
    """Whether it is put to use only once the points that the verdict hinges on are settled."""
    sums_up: bool = False
    """Whether it tells of all others, and so is filled in after them; of those that do, the last one first."""


class AwayText(Strict):
    """One automatic answer; ``{hours}`` and the like stand for blanks."""

    text: Text


class KitFile(Strict):
    """The file ``kit/kit.yaml``: the documents in the order of use, the away texts, and their blanks."""

    documents: list[Sheet]
    blanks: dict[str, int]
    """How many characters the practice may fill into each blank of an away text."""
    away_texts: list[AwayText]


@dataclass(frozen=True)
class Away:
    """An away text, measured against a channel of the tool.

    Parameters
    ----------
    text : str
        The text, with its blanks.
    longest : int
        Its length in characters with every blank filled as far as it may be.
    limit : int or None
        The most characters that the tool takes; None if nobody says.
    encoding, segments : str, int
        How it would be sent as an SMS.
    """

    text: str
    longest: int
    limit: int | None
    encoding: str
    segments: int

    @property
    def opening(self) -> Markdown:
        """Its first words, by which it is told from the others."""
        return Markdown(" ".join(self.text.split()[:5]) + " …")

    @property
    def fits(self) -> bool:
        """Whether it fits, also with every blank filled."""
        return self.limit is None or self.longest <= self.limit


@dataclass(frozen=True)
class Page:
    """A rendered document.

    Parameters
    ----------
    sheet : Sheet
        What it is.
    text : str
        Markdown.
    promises : tuple of Promised
        The promises that it makes, or would make.
    """

    sheet: Sheet
    text: str
    promises: tuple[Promised, ...]

    @property
    def for_clients(self) -> str:
        """The part that clients read, without what is for the practice alone."""
        return self.text.partition(FOR_THE_PRACTICE)[0]


@dataclass(frozen=True)
class Evidence:
    """A fact that a verdict or a promise rests on.

    Parameters
    ----------
    attribute, channel : str
        What it says, and of which channel.
    fact : Fact
        The fact, weighed.
    keeps_until : datetime.date or None
        The day until which its source keeps; None where nothing is known.
    """

    attribute: str
    channel: str
    fact: Fact
    keeps_until: date | None


@dataclass(frozen=True)
class Kit:
    """All that the documents of one practice say.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    practice : Practice
        The practice.
    plan_id : str
        The chosen plan, ``vendor/plan``.
    on : datetime.date
        The day.
    coverage : Coverage
        The plan's verdicts for the practice.
    circumstances : dict of str to Circumstance
        What else holds for the practice.
    promise_file : PromiseFile
        Everything that may be promised.
    file : KitFile
        The documents.
    parameters : Parameters
        What is assumed where nothing is known, such as the minutes of filing.
    hash : str
        The data hash.
    folder : pathlib.Path
        Where the templates are.
    """

    catalog: Catalog
    requirements: Requirements
    practice: Practice
    plan_id: str
    on: date
    coverage: Coverage
    circumstances: dict[str, Circumstance]
    promise_file: PromiseFile
    file: KitFile
    parameters: parameters.Parameters
    hash: str
    folder: Path
    _judged: dict[str, Promised | None] = field(default_factory=dict, compare=False, repr=False)

    @property
    def vendor(self) -> Vendor:
        """The maker of the tool."""
        return self.catalog.vendors[self.plan_id.partition("/")[0]]

    @property
    def plan(self) -> Plan:
        """The chosen plan."""
        return self.catalog.plan(self.plan_id)

    @property
    def tool(self) -> str:
        """What a person calls the tool."""
        return self.catalog.title(self.plan_id)

    @property
    def name(self) -> str:
        """The practice's name, on one line and no longer than a line takes."""
        name = plain(self.practice.name)
        return name if len(name) <= LONGEST_NAME else plain(name[:LONGEST_NAME]) + "…"

    @property
    def alone(self) -> bool:
        """Whether one person is the whole practice."""
        return self.practice.logins == 1

    @cached_property
    def channels(self) -> dict[str, list[str]]:
        """The channels to clients that the practice would use, each with its purposes."""
        used: dict[str, list[str]] = {}
        for purpose, channel in self.coverage.channels.items():
            if purpose != "team":
                used.setdefault(channel, []).append(purpose)
        return used

    def judged(self, name: str) -> Promised | None:
        """Return what became of a promise; None if it does not concern the practice.

        Raises
        ------
        UserError
            If there is no such promise.
        """
        file = self.promise_file
        if name not in file.promises:
            raise UserError(f"there is no promise '{name}' in promises.yaml: {nearest(name, file.promises)}")
        where = file.promises[name].where
        if where is not None and where not in self.circumstances:
            return None
        if name not in self._judged:
            channels = [*self.channels, *(["team_chat"] if "team_chat" in self.coverage.channels.values() else [])]
            wanted = file.promises[name].channels
            asked = channels if wanted and "team_chat" in wanted else [one for one in channels if one != "team_chat"]
            found = promised.judge(
                file, name, self.catalog, self.requirements, self.plan_id, asked, self.on, alone=self.alone
            )
            if found and found.outcome == "kept" and file.promises[name].away_text:
                full = [channel for channel, _ in found.facts if not any(text.fits for text in self.away(channel))]
                if full:
                    why = f"no away text of this kit fits into {self.away(full[0])[0].limit} characters"
                    found = replace(found, outcome="cannot", says="", policy="", setting=None, why=why)
            self._judged[name] = found
        return self._judged[name]

    @cached_property
    def open_gates(self) -> list[Finding]:
        """The points that the verdict hinges on, the heavy ones first."""
        return self.coverage.open_points

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The documents in the order of use.

        Raises
        ------
        DataError
            If a template is faulty, with its file and line.
        """
        printer = _Printer(self)
        sheets = self.file.documents
        made: dict[str, Page] = {}
        for sheet in [*(one for one in sheets if not one.sums_up), *(one for one in reversed(sheets) if one.sums_up)]:
            made[sheet.file] = printer.page(sheet, [made[one.file] for one in sheets if one.file in made])
        return tuple(made[sheet.file] for sheet in sheets)

    def summary(self, pages: Sequence[Page]) -> list[tuple[Promised, list[Sheet]]]:
        """Return every promise of some documents with those that it stands in, or would stand in."""
        found: dict[str, list[Sheet]] = {}
        for page in pages:
            for one in page.promises:
                found.setdefault(one.id, []).append(page.sheet)
        return [(judged, sheets) for name, sheets in found.items() if (judged := self.judged(name))]

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The facts that the verdict and the promises rest on, each once."""
        asked = [
            (finding.fact.attribute, verdict.channel)
            for verdict in self.coverage.verdicts.values()
            for finding in verdict.findings
            if finding.fact
        ]
        judged = [one for name in self.promise_file.promises if (one := self.judged(name))]
        asked += [(fact.attribute, channel) for one in judged for channel, fact in one.facts]
        rows = []
        for attribute, channel in dict.fromkeys(asked):
            fact = self.catalog.fact(self.plan_id, attribute, channel, self.on)
            shelf = self.catalog.attributes.shelf_life_days[self.catalog.attributes.attributes[attribute].shelf]
            until = first_day(fact.source.seen) + timedelta(days=shelf) if fact.source else None
            rows.append(Evidence(attribute, channel, fact, until))
        return rows

    @cached_property
    def next_review(self) -> date:
        """The day of the next review: when the first of the facts in use grows old, and within a year at the latest."""
        days = [row.keeps_until for row in self.evidence if row.keeps_until and row.keeps_until > self.on]
        return min([*days, self.on + YEAR])

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The sources of those facts, with what contradicts them, by id."""
        used: dict[str, Source] = {}
        for row in self.evidence:
            for piece in (row.fact.used, *row.fact.disputed):
                if piece:
                    used[piece.source] = self.catalog.sources[piece.source]
        return used

    def limits(self, attribute: str, channel: str) -> dict[int, str]:
        """Return every limit to the length of a text that a source names, the strictest first, with the source."""
        fact = self.catalog.fact(self.plan_id, attribute, channel, self.on)
        pieces = [piece for piece in (fact.used, *fact.disputed, *fact.others) if piece]
        found: dict[int, str] = {}
        for piece in pieces:
            found.setdefault(int(piece.value), self.catalog.sources[piece.source].title)
        if attribute == "message_limit":
            for name, most in self.plan.message_limits.items():
                if name == channel:
                    found.setdefault(most, "the catalogue")
        return dict(sorted(found.items()))

    def away(self, channel: str) -> list[Away]:
        """Measure each away text against what the tool takes on a channel."""
        limits = [*self.limits("away_text_limit", channel)] or [*self.limits("message_limit", channel)]
        texts = []
        for one in self.file.away_texts:
            filled = one.text.format(**{name: "0" * room for name, room in self.file.blanks.items()})
            shown = Markdown(escape(one.text).format(**dict.fromkeys(self.file.blanks, BLANK)))
            sent = count(filled)
            limit = min(limits, default=None)
            texts.append(Away(shown, len(filled), limit, sent.encoding, sent.segments))
        return texts

    def away_choice(self, channel: str) -> Away | None:
        """Return the longest away text that fits; where no limit is known, the longest that is one SMS."""
        texts = [text for text in self.away(channel) if text.fits and (text.limit or text.segments == 1)]
        return max(texts, key=lambda text: text.longest, default=None)

    def reach(self, role: str) -> list[tuple[str, str, bool]]:
        """Say on each channel whom a role can write to in this tool, and whether that is more than it needs.

        Where equally good sources differ, the wider reach counts.

        Parameters
        ----------
        role : str
            ``clinician``, ``office`` for schedulers and billers, ``supervisor`` or ``manager``.

        Returns
        -------
        list of (str, str, bool)
            The channel, whom the role reaches, and whether that is wider than clients given to it.
        """
        found = []
        for channel in self.channels:
            fact = self.catalog.fact(self.plan_id, "role_reach", channel, self.on)
            unsure = promised.unproven(fact, "review")
            said = [str(piece.value) for piece in (fact.used, *fact.disputed) if piece]
            widest = max(said, key=REACH.index, default=None)
            if widest is None or (role == "manager" and widest != "all"):
                words, wide, unsure = "not known (ask)", False, None
            elif widest == "all" or (widest == "office_all" and role == "office"):
                words, wide = "every client", True
            else:
                words, wide = "clients given to them", False
            doubt = " (to be checked)" if unsure else ""
            found.append((channel, words + doubt, wide))
        return found

    @property
    def wide_roles(self) -> list[str]:
        """The roles that can write to more clients than the work of most people needs."""
        names = {"clinician": "clinicians", "office": "schedulers and billers", "supervisor": "supervisors"}
        return [name for role, name in names.items() if any(wide for _, _, wide in self.reach(role))]


class RefusedError(UserError):
    """A plan for which there is no kit, since the practice cannot use it.

    Parameters
    ----------
    message : str
        Why.
    nearest : str or None
        The plan that comes nearest to it and can be used; None if there is none.
    """

    def __init__(self, message: str, nearest: str | None) -> None:
        super().__init__(message)
        self.nearest = nearest


def load(folder: Path | None = None) -> tuple[KitFile, str]:
    """Read the list of documents and the away texts.

    Raises
    ------
    DataError
        All faults of the file, with their lines.
    """
    path = (folder or data_folder() / "kit") / "kit.yaml"
    data, text = read_yaml(path)
    file = validate(KitFile, data, path, text)
    known = dict.fromkeys(file.blanks, "")
    faults: list[Fault] = []
    for i, one in enumerate(file.away_texts):
        try:
            one.text.format(**known)
        except (KeyError, ValueError, IndexError) as error:
            wrong = f"this text cannot be filled in ({error})"
            faults.append((["away_texts", i], wrong, "name only blanks: " + ", ".join(f"{{{name}}}" for name in known)))
    refuse(faults, path, text)
    return file, hashlib.sha256(text.encode()).hexdigest()[:12]


def build(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    plan_id: str,
    on: date,
    folder: Path | None = None,
) -> Kit:
    """Gather the kit of a practice for a chosen plan.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    practice_id, practice, practice_hash : str, Practice, str
        As :func:`texteval.practice.load` gives them.
    plan_id : str
        ``vendor/plan``.
    on : datetime.date
        The day.
    folder : pathlib.Path, optional
        The folder of the templates and their data; texteval's own by default.

    Returns
    -------
    Kit
        The kit; its documents are rendered when they are first asked for.

    Raises
    ------
    UserError
        If there is no such plan.
    RefusedError
        If the practice cannot use it: with the reason, and the nearest that it can.
    """
    folder = folder or data_folder() / "kit"
    catalog.plan(plan_id)
    circumstances = requirements.holding(practice, on)
    coverage = cover(catalog, requirements, plan_id, practice, on)
    if coverage.verdict == "ineligible" or not catalog.plan(plan_id).sold(on):
        raise _refusal(catalog, requirements, practice_id, practice, practice_hash, coverage, on)
    if all(purpose == "team" for purpose in coverage.channels):
        raise UserError(
            f"{practice.name} sends nothing to clients, and this kit is about messages to them: add to its 'messages:' "
            "what it would send, such as {purpose: reminder}"
        )
    promise_file, promise_hash = promised.load(folder)
    _check_circumstances(promise_file, requirements, folder)
    file, file_hash = load(folder)
    assumed = parameters.load()
    texts = [f"{path.name} {_digest(read_text(path))}" for path in sorted(folder.glob("*.md.j2"))]
    mark = _digest("\n".join([promise_hash, file_hash, *texts]))[:12]
    digest = f"{catalog.hash}-{requirements.hash}-{practice_hash}-{mark}-{assumed.hash}"
    return Kit(
        catalog,
        requirements,
        practice,
        plan_id,
        on,
        coverage,
        circumstances,
        promise_file,
        file,
        assumed,
        digest,
        folder,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_circumstances(file: PromiseFile, requirements: Requirements, folder: Path) -> None:
    known = requirements.circumstances.circumstances
    path = folder / "promises.yaml"
    refuse(
        (
            (["promises", name, "where"], f"there is no circumstance '{one.where}'", nearest(one.where, known))
            for name, one in file.promises.items()
            if one.where is not None and one.where not in known
        ),
        path,
        read_text(path),
    )


def _refusal(
    catalog: Catalog,
    requirements: Requirements,
    practice_id: str,
    practice: Practice,
    practice_hash: str,
    coverage: Coverage,
    on: date,
) -> RefusedError:
    """Say why there is no kit for a plan, and which plan comes nearest: of its vendor first, then the best of all."""
    plan_id = coverage.plan
    plan = catalog.plan(plan_id)
    why = coverage.reason if plan.channels else "It sends no messages."
    if not plan.sold(on):
        why = f"It is no longer sold since {plan.ended}."
    said = f"{plan_id} cannot be used by this practice, so there is no kit for it. {why}"
    options = compare(catalog, requirements, practice_id, practice, practice_hash, on).shortlist
    vendor_id = plan_id.partition("/")[0]
    best = next((one for one in options if one.vendor == vendor_id), None) or next(iter(options), None)
    if best is None:
        return RefusedError(f"{said} No plan can be used by it: see '{program()} decide'.", None)
    how = "which can be used now" if best.proven else "which can be used once its open points are settled"
    return RefusedError(f"{said} The nearest is {best.title}, {how}.", best.plan)


@cache
def _environment(folder: Path) -> ImmutableSandboxedEnvironment:
    """Return what reads the templates of a folder; a template that has changed is read again."""

    def source(name: str) -> tuple[str, str, Callable[[], bool]]:
        if Path(name).name != name:
            raise UserError(f"'{name}' is not in the folder of the templates: name one that is")
        path = folder / name
        text = read_text(path)
        return text, str(path), lambda: read_text(path) == text

    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FunctionLoader(source),
        undefined=jinja2.StrictUndefined,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters = {name: environment.filters[name] for name in ("join", "length", "lower", "first", "last")}
    return environment


class _Printer:
    """Renders the templates: everything that they print is escaped, but for what is Markdown already."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.environment = _environment(kit.folder)

    def page(self, sheet: Sheet, before: Sequence[Page]) -> Page:
        """Render one document in its frame; it may sum up those rendered before."""
        said: dict[str, Promised] = {}

        def made(*names: str) -> list[Promised]:
            found = [one for name in names if (one := self.kit.judged(name))]
            said.update({one.id: one for one in found})
            return [one for one in found if one.says]

        def promises(*names: str) -> Markdown:
            return Markdown("\n".join(f"- {escape(one.says)}" for one in made(*names)))

        def kept(*names: str) -> Markdown:
            return Markdown("\n".join(f"- {_with_keeper(one)}" for one in made(*names)))

        things = {**self._things(), "promises": promises, "kept": kept, "sheet": sheet, "pages": before}
        body = self._render(f"{sheet.file}.md.j2", things).strip()
        main, heading, practice = body.partition(FOR_THE_PRACTICE)
        frame = {
            **things,
            "body": Markdown(main.strip()),
            "for_the_practice": Markdown(practice.strip()) if heading else None,
            "open": [found for found in said.values() if found.outcome == "open"],
            "cannot": [found for found in said.values() if found.outcome == "cannot"],
        }
        text = tidy(self._render("frame.md.j2", frame))
        return Page(sheet, text, tuple(said.values()))

    def _render(self, name: str, things: dict[str, Any]) -> str:
        path = str(self.kit.folder / name)
        try:
            return self.environment.get_template(name).render(things)
        except UserError as error:
            if isinstance(error, DataError):
                raise
            raise _fault(error, path) from None
        except jinja2.TemplateSyntaxError as error:
            where = error.filename or path
            wrong = f"this template cannot be read ({error.message})"
            raise DataError(
                [Problem(where, error.lineno, "", wrong, "check the braces and what stands in them")]
            ) from None
        except Exception as error:  # whatever a template asks for that cannot be done
            raise _fault(error, path) from None

    def _things(self) -> dict[str, Any]:
        """Return what a template can name."""
        kit = self.kit
        minutes = self.kit.parameters["filing_minutes"]
        stated = [*dict.fromkeys(filter(None, (kit.practice.state, *kit.practice.client_states)))]
        entries = kit.requirements.circumstances.circumstances.values()
        with_entry = {state for one in entries for state in one.when.states or ()}
        return {
            "kit": kit,
            "practice": kit.practice,
            "name": kit.name,
            "alone": kit.alone,
            "plan_title": kit.tool,
            "tool": kit.vendor.name,
            "building_block": kit.vendor.kind == promised.BLOCK,
            "vendor": kit.vendor,
            "plan": kit.plan,
            "channels": kit.channels,
            "purposes": [purpose for purpose in kit.coverage.channels if purpose != "team"],
            "purpose_words": {name: one.title for name, one in kit.requirements.file.purposes.items()},
            "purpose_means": {name: one.means for name, one in kit.requirements.file.purposes.items()},
            "channel_words": CHANNEL_WORDS,
            "channel_titles": {name: one.title for name, one in kit.requirements.file.channels.items()},
            "uses": lambda *names: any(name in kit.channels for name in names),
            "fact": lambda attribute, channel: _Told(kit, attribute, channel),
            "rules": lambda *kinds: [one for one in kit.circumstances.values() if one.kind in kinds],
            "about_topic": lambda topic: [one for one in kit.circumstances.values() if topic in one.topics],
            "source": self._circumstance_source,
            "states": [STATES[state] for state in stated],
            "states_without_entry": [STATES[state] for state in stated if state not in with_entry],
            "blank": Markdown(BLANK),
            "address": address,
            "questions": self._questions,
            "evidence_of": self._evidence,
            "minutes": {"low": f"{minutes.low:g}", "likely": f"{minutes.likely:g}", "high": f"{minutes.high:g}"},
            "messages_a_year": f"{sent_per_year(kit.practice) + received_per_year(kit.practice):,}",
            "on": kit.on.isoformat(),
            "version": __version__,
        }

    def _circumstance_source(self, one: Circumstance) -> str:
        source = self.kit.requirements.circumstances.sources[one.source]
        return ", ".join(filter(None, (source.title, source.publisher, source.day)))

    def _questions(self, *, around: bool = False) -> list[dict[str, str]]:
        """List what to ask, each once: for the verdict first, then for the promises that are open.

        Parameters
        ----------
        around : bool
            What to ask the maker of the software around a building block, in place of the vendor.
        """
        kit = self.kit
        vendor_id, _, plan = kit.plan_id.partition("/")
        used = [*kit.coverage.channels.values()]
        facing = kit.requirements.facing(kit.practice, kit.on)
        asked = [
            one
            for one in ask.ask(kit.catalog, facing, vendor_id, kit.on)
            if one.plan in (None, plan) and (one.channel is None or one.channel in used) and not around
        ]
        rows = {one.text: one.known for one in asked}
        about = {one.attribute for one in asked}
        for name in kit.promise_file.promises:
            found = kit.judged(name)
            if found and found.question and found.ask_others == around and found.facts[0][1].attribute not in about:
                rows.setdefault(found.question, found.why)
        if not around:
            rows.update(dict.fromkeys(ask.unpublished(kit.catalog, vendor_id, kit.on), "no published price"))
        return [{"text": text, "known": known} for text, known in rows.items()]

    def _evidence(self) -> list[dict[str, str]]:
        kit = self.kit
        rows = []
        for row in kit.evidence:
            source = row.fact.source
            value = "unknown" if row.fact.value is None else str(row.fact.value).replace("_", " ")
            marks = [word for word, holds in (("old", row.fact.stale), ("disputed", bool(row.fact.disputed))) if holds]
            rows.append(
                {
                    "title": kit.catalog.attributes.attributes[row.attribute].title,
                    "channel": CHANNEL_WORDS[row.channel],
                    "value": value + (f" ({', '.join(marks)})" if marks else ""),
                    "source": f"{source.title}, {source.day}" if source else "no source",
                    "grade": GRADE_WORDS[source.grade] if source else "",
                    "until": row.keeps_until.isoformat() if row.keeps_until else "",
                }
            )
        return rows


class _Told:
    """A fact, as a template sees it."""

    def __init__(self, kit: Kit, attribute: str, channel: str) -> None:
        known = kit.catalog.attributes.attributes
        if attribute not in known:
            raise UserError(f"'{attribute}' is not an attribute: {nearest(attribute, known)}")
        found = kit.catalog.fact(kit.plan_id, attribute, channel, kit.on)
        self.value = None if found.value is None else str(found.value)
        self.words = "unknown" if found.value is None else str(found.value).replace("_", " ")
        note = found.used.note if found.used else None
        self.note = f"{note[0].upper()}{note[1:].rstrip('.')}." if note else None
        self.step = found.used.step if found.used else None
        self.source = f"{found.source.title}, {found.source.day}" if found.source else "no source"
        self.doubt = promised.unproven(found, promised.accepted(kit.requirements, attribute))


def _with_keeper(found: Promised) -> Markdown:
    """Print a promise with the setting or the person that keeps it."""
    if found.outcome != "kept" or not found.facts:
        kept = f"Kept by {escape(found.person)}"
    elif found.setting:
        kept = f"Setting: {escape(found.setting.rstrip('.'))}; seen to by {escape(found.person)}"
    else:
        kept = f"Kept by the tool itself; watched by {escape(found.person)}"
    return Markdown(f"{escape(found.policy)} *({kept}.)*")


def _fault(error: Exception, path: str) -> DataError:
    """Turn whatever a template did into a fault with its file and line."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".md.j2")]
    where, line = (lines[-1].filename, lines[-1].lineno or 1) if lines else (path, 1)
    wrong = f"this template cannot be filled in ({error})"
    return DataError([Problem(where, line, "", wrong, "compare it with the other templates beside it")])
