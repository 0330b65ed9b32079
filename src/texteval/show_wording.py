"""The message check for a person in a terminal of 80 columns, and as plain data for ``--json``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from texteval.messages import SINGLE, Segments
from texteval.money import dollars, show
from texteval.requirements import Requirements
from texteval.rewording import Limit, Reworded
from texteval.wording import LEVEL_WORDS, LEVELS, Checked, Finding
from texteval.words import count, isolated

MOST_SHOWN = 240
"""How much of a text is shown, in characters."""

STYLE = {"fine": "green", "opt-in": "yellow", "agreement": "yellow", "app": "red", "call": "bold red"}
"""Colour of a level; the words always stand beside it."""

KEYWORDS = {
    "stops": "To carriers this word alone means: no more texts from this number. If it was meant otherwise, call.",
    "starts": "To carriers this word alone means: texts from this number are welcome again.",
    "helps": "To carriers this word alone asks who sends these texts, and how to stop them.",
}
"""What carriers do with a text that is one of their words."""

NOT_A_WATCH = (
    "The check is for what you write. It knows words, not people: it does not find every crisis, so never let it watch "
    "what clients write."
)
"""What the check must not be used for."""


def _say(console: Console, text: str, style: str = "", indent: int = 0) -> None:
    console.print(Padding(Text(text, style=style), (0, 0, 0, indent)))


def shown(text: str) -> str:
    """Return a text as it is shown: on one line, without invisible signs, shortened if it is long."""
    line = "".join(c if c.isprintable() else " " for c in text[: MOST_SHOWN + 1])
    return isolated(line[:MOST_SHOWN] + ("…" if len(text) > MOST_SHOWN else ""))


def purpose_title(requirements: Requirements, purpose: str | None) -> str:
    """Say what a message is for."""
    if purpose == "coaching":
        return "clinical content, not for plain texts"
    return requirements.file.purposes[purpose].title.lower() if purpose else "none of the usual ones"


def found_words(finding: Finding, most: int = 4) -> str:
    """List the words that a rule found."""
    words = [shown(word)[:60] for word in finding.words]
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def sent(counted: Segments) -> str:
    """Say how a text is sent."""
    room = f"{counted.units} of {SINGLE[counted.encoding]} units" if counted.segments == 1 else f"{counted.units} units"
    return f"{count(counted.segments, 'text')}, {counted.encoding}, {room}"


def verdicts(checked: Checked) -> list[tuple[str, str, str]]:
    """Return the verdict by each reading: the reading, the verdict in words, and its level."""
    rows = [("Strict reading, when in doubt", checked.verdict("strict"), checked.strict)]
    if checked.standard == "agreement":
        return [
            *rows,
            ("Standard reading, with a BAA", checked.verdict("standard", True), "fine"),
            ("Standard reading, without", checked.verdict("standard", False), "app"),
        ]
    return [*rows, ("Standard reading", checked.verdict("standard"), checked.standard)]


def message(
    console: Console,
    requirements: Requirements,
    checked: Checked,
    limits: Sequence[Limit],
    priced: Sequence[Reworded],
    sent_a_year: int,
    stamp: Mapping[str, str],
    *,
    app_only: bool = False,
    of: str = "",
) -> None:
    """Show the check of one message on one screen.

    Parameters
    ----------
    console : rich.console.Console
        Where to print.
    requirements : Requirements
        Names of the purposes.
    checked : Checked
        The message after the check.
    limits : sequence of Limit
        The limits of messages that vendors set.
    priced : sequence of Reworded
        What the text costs, and its plain twin.
    sent_a_year : int
        How many such messages the practice sends in a year.
    stamp : mapping of str to str
        What every result carries.
    app_only : bool
        Whether the practice keeps every message in the app or portal, whatever it says.
    of : str
        Whose costs are shown.
    """
    _say(console, shown(checked.text), "bold")
    _say(console, f"Purpose: {purpose_title(requirements, checked.purpose)}")
    console.print()
    for reading, words, level in verdicts(checked):
        console.print(Text.assemble(f"{reading:<32}", (words, STYLE[level])))
    if app_only and _kept_in_app(checked):
        _say(console, "Your practice reads the rule strictly: it keeps this one in the app or portal too.", "yellow")
    if checked.keyword:
        _say(console, KEYWORDS[checked.keyword], "yellow")
    _findings(console, checked)
    if checked.safer:
        console.print()
        _say(console, "Say instead", "bold")
        _say(console, checked.safer, "green", 2)
        if "<office>" in checked.safer:
            _say(
                console, "Fill in what stands in <>; <office> is a name that does not tell the kind of care.", "dim", 2
            )
    _sending(console, checked, limits)
    _cost(console, checked, priced, sent_a_year, of)
    console.print()
    for text, _ in checked.disagreements:
        _say(console, f"Sources differ: {text}", "dim")
    if checked.strict == "call" or checked.purpose == "coaching":
        _say(console, NOT_A_WATCH, "dim")
    _stamp(console, stamp)


def _kept_in_app(checked: Checked) -> bool:
    """Tell whether a practice that keeps every message in the app asks for more than the strict reading does."""
    return checked.strict in ("fine", "opt-in")


def _stamp(console: Console, stamp: Mapping[str, str]) -> None:
    _say(
        console,
        f"Nothing is stored or sent. As of {stamp['as_of']}, data {stamp['data_hash']}, texteval {stamp['texteval']}. "
        "Not legal advice.",
        "dim",
    )


def _findings(console: Console, checked: Checked) -> None:
    console.print()
    if not checked.findings:
        _say(
            console,
            "Nothing was found in it that names anybody or tells of the care: a narrow exception for bare "
            "messages. The check reads English only, and knows what can be listed; what it misses, you must see.",
        )
        _say(console, "The vendor keeps your clients' numbers all the same, so have its agreement signed.", "dim")
        return
    _say(console, "What stands in the way" if checked.strict != "fine" else "What to look at", "bold")
    full = len(checked.findings) <= 3
    for finding in checked.findings:
        console.print(
            Padding(Text.assemble((found_words(finding), STYLE[finding.strict]), f": {finding.title}"), (0, 0, 0, 2))
        )
        if full:
            _say(console, finding.why, "", 4)
            by = f"{finding.source.publisher or finding.source.title}, {finding.source.day}"
            _say(console, f"{finding.says} ({finding.citation}; {by})", "dim", 4)
        _say(console, finding.instead, "", 4)


def _sending(console: Console, checked: Checked, limits: Sequence[Limit]) -> None:
    console.print()
    _say(console, f"As it is: {sent(checked.segments)}", "bold")
    if checked.swaps:
        named = "; ".join(
            f"{swap.name}: "
            + ("no plain twin" if swap.twin is None else "leave out" if not swap.twin.strip() else f"write {swap.twin}")
            for swap in checked.swaps[:6]
        )
        more = f"; and {len(checked.swaps) - 6} more" if len(checked.swaps) > 6 else ""
        _say(console, f"These turn it to UCS-2, which holds 70 in place of 160: {named}{more}", "yellow", 2)
        if checked.plain != checked.text and checked.plain:
            _say(console, f"In plain characters: {sent(checked.plain_segments)}", "", 2)
            _say(console, shown(checked.plain), "green", 4)
    over = [limit for limit in limits if not limit.fits(checked.text)]
    for limit in over:
        differ = " Its help pages differ; keep to the smaller number." if limit.disputed else ""
        _say(
            console,
            f"Too long for {'an away text' if limit.kind == 'away text' else 'a secure message'} of {limit.vendor}: "
            f"{len(checked.text):,} of {limit.most:,} characters.{differ}",
            "yellow",
            2,
        )


def _cost(console: Console, checked: Checked, priced: Sequence[Reworded], sent_a_year: int, of: str) -> None:
    if not priced:
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    plain = len(priced[0].years) > 1
    table.add_column(f"First year with {sent_a_year:,} of these", overflow="fold")
    table.add_column("As it is", justify="right")
    if plain:
        table.add_column("Plain", justify="right")
    table.add_column("")
    for row in priced:
        years = [show(year) if year is not None else "unknown" for year in row.years]
        long = f"at most {row.most:,} characters here" if row.most and len(checked.text) > row.most else ""
        table.add_row(row.title, *years, long or ("" if row.proven else "verify first"))
    console.print()
    console.print(table)
    if of:
        _say(console, f"For this practice: {of}. --practice takes another size, or a file of your own.", "dim")
    if plain and not all(row.apart for row in priced):
        _say(console, "Where both are the same, the plan does not bill by the part.", "dim")


def messages(
    console: Console,
    requirements: Requirements,
    checked: Sequence[tuple[int, Checked]],
    stamp: Mapping[str, str],
    app_only: Collection[int] = (),
) -> None:
    """Show the checks of a file's messages, a line of the file each, those that need a change with the reason.

    Parameters
    ----------
    console, requirements, stamp
        As in :func:`message`.
    checked : sequence of (int, Checked)
        Each message with its line.
    app_only : collection of int
        The lines of the messages whose practice keeps every message in the app or portal, whatever it says.
    """
    kept = [line for line, one in checked if line in app_only and _kept_in_app(one)]
    for line, one in checked:
        text = shown(one.text)
        console.print(Text.assemble((f"{line:>4}  ", "dim"), text if len(text) <= 74 else text[:73] + "…"))
        console.print(
            Padding(
                Text.assemble(
                    (one.verdict("strict"), STYLE[one.strict]),
                    "" if one.standard == one.strict else f"; by the standard reading {one.verdict('standard')}",
                    ("; your practice keeps it in the app or portal too", "yellow") if line in kept else "",
                    f". {count(one.segments.segments, 'text')}, {purpose_title(requirements, one.purpose)}",
                ),
                (0, 0, 0, 6),
            )
        )
        if one.findings:
            named = "; ".join(f"{finding.title.lower()} ({found_words(finding, 2)})" for finding in one.findings)
            _say(console, named, "dim", 6)
    console.print()
    levels = [one.strict for _, one in checked]
    parts = [f"{levels.count(level):,} {LEVEL_WORDS[level]}" for level in LEVELS if level in levels]
    _say(console, f"{count(len(checked), 'message')}: {', '.join(parts)}, by the strict reading.", "bold")
    if kept:
        said = f"Your practice reads the rule strictly: it keeps {len(kept):,} of these in the app or portal too."
        _say(console, said, "yellow")
    _say(console, 'To see one in full: message "TEXT"', "dim")
    _stamp(console, stamp)


def message_json(
    checked: Checked,
    line: int | None = None,
    limits: Sequence[Limit] = (),
    priced: Sequence[Reworded] = (),
    sent_a_year: int | None = None,
) -> dict[str, Any]:
    """Return the check of a message as plain data."""
    place = {} if line is None else {"line": line}
    return {
        **place,
        "text": checked.text,
        "purpose": checked.purpose,
        "strict": {"level": checked.strict, "verdict": checked.verdict("strict")},
        "standard": {
            "level": checked.standard,
            "verdict": checked.verdict("standard"),
            "with_agreement": checked.verdict("standard", True),
            "without_agreement": checked.verdict("standard", False),
        },
        "findings": [
            {
                "rule": finding.rule,
                "title": finding.title,
                "words": list(finding.words),
                "places": [list(span) for span in finding.spans],
                "strict": finding.strict,
                "standard": finding.standard,
                "why": finding.why,
                "says": finding.says,
                "citation": finding.citation,
                "source": finding.source.title,
                "source_date": finding.source.seen,
                "source_url": finding.source.url,
                "instead": finding.instead,
            }
            for finding in checked.findings
        ],
        "safer": checked.safer,
        "keyword": checked.keyword,
        "encoding": checked.segments.encoding,
        "units": checked.segments.units,
        "segments": checked.segments.segments,
        "forcing_ucs2": [{"character": swap.character, "name": swap.name, "twin": swap.twin} for swap in checked.swaps],
        "plain": {
            "text": checked.plain,
            "encoding": checked.plain_segments.encoding,
            "segments": checked.plain_segments.segments,
        },
        "limits": [
            {
                "vendor": limit.vendor,
                "kind": limit.kind,
                "characters": limit.most,
                "fits": limit.fits(checked.text),
                "disputed": limit.disputed,
            }
            for limit in limits
        ],
        "messages_per_year": sent_a_year,
        "cost": [
            {
                "plan": row.plan,
                "proven": row.proven,
                "year_usd": dollars(row.years[0]),
                "plain_year_usd": dollars(row.years[-1]),
            }
            for row in priced
        ],
        "disagreements": [text for text, _ in checked.disagreements],
    }
