"""The message check as pandas tables for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from texteval.accuracy import Accuracy, part
from texteval.evidence import GRADE_WORDS
from texteval.frames import Loaded
from texteval.money import dollars
from texteval.rewording import FEW, rewordings
from texteval.show_wording import found_words, purpose_title
from texteval.wording import Checked, check, own


def verdicts_frame(loaded: Loaded, texts: Iterable[str]) -> pd.DataFrame:
    """Tabulate whether texts may go as plain texts.

    Parameters
    ----------
    loaded : Loaded
        The question, for the names of the purposes.
    texts : iterable of str
        The texts.

    Returns
    -------
    pandas.DataFrame
        A row for each text: its purpose, the verdict by the strict reading, and by the standard one with and without an
        agreement.
    """
    found = [check(text) for text in texts]
    return pd.DataFrame(
        {
            "purpose": [purpose_title(loaded.requirements, one.purpose) for one in found],
            "strict reading": [one.verdict("strict") for one in found],
            "standard reading, with a BAA": [one.verdict("standard", True) for one in found],
            "standard reading, without": [one.verdict("standard", False) for one in found],
        },
        index=pd.Index([one.text for one in found], name="text"),
    )


def findings_frame(checked: Checked) -> pd.DataFrame:
    """Tabulate what a text gives away, with the law or guide behind each finding.

    Parameters
    ----------
    checked : Checked
        The text after the check.

    Returns
    -------
    pandas.DataFrame
        A row for each finding, indexed by the words; empty, with its columns, where nothing was found.
    """
    columns = [
        "words",
        "what_it_is",
        "why_it_matters",
        "what_the_law_or_guide_says",
        "instead",
        "source",
        "source_date",
        "grade",
        "url",
    ]
    rows = [
        {
            "words": found_words(finding),
            "what_it_is": finding.title,
            "why_it_matters": finding.why,
            "what_the_law_or_guide_says": f"{finding.says} ({finding.citation})",
            "instead": finding.instead,
            "source": finding.source.title,
            "source_date": finding.source.day,
            "grade": GRADE_WORDS[finding.source.grade],
            "url": finding.source.url or "",
        }
        for finding in checked.findings
    ]
    return pd.DataFrame(rows, columns=columns).set_index("words")


def safer_frame(texts: Sequence[str]) -> pd.DataFrame:
    """Tabulate safer wordings.

    Returns
    -------
    pandas.DataFrame
        A row for each text: another wording, and what it asks for then.
    """
    found = [check(text) for text in texts]
    safer = [one.safer or "needs no other wording" for one in found]
    after = [check(one.safer).verdict("strict") if one.safer else one.verdict("strict") for one in found]
    rows = {"say_instead": safer, "strict reading then": after}
    return pd.DataFrame(rows, index=pd.Index([one.text for one in found], name="text"))


def sending_frame(texts: Sequence[str]) -> pd.DataFrame:
    """Tabulate how texts are sent, and their plain twins.

    Returns
    -------
    pandas.DataFrame
        A row for each text: encoding and segments as it is, the characters that force UCS-2, and the plain twin.
    """
    found = [check(text) for text in texts]
    return pd.DataFrame(
        {
            "encoding": [one.segments.encoding for one in found],
            "segments": [one.segments.segments for one in found],
            "forced by": [", ".join(swap.name for swap in one.swaps) or "nothing" for one in found],
            "plain twin": [one.plain for one in found],
            "segments of the twin": [one.plain_segments.segments for one in found],
        },
        index=pd.Index([one.text for one in found], name="text"),
    )


def rewording_frame(loaded: Loaded, checked: Checked, most: int = FEW) -> pd.DataFrame:
    """Tabulate what a text costs a year as it is and in plain characters, on the first few tools that send it by text.

    Parameters
    ----------
    loaded : Loaded
        The question: the practice's messages of this purpose are worded so.
    checked : Checked
        The text after the check.
    most : int
        How many tools.

    Returns
    -------
    pandas.DataFrame
        A row for each tool; empty where the practice sends no such message by text.
    """
    texts = [checked.text, checked.plain or checked.text]
    priced = rewordings(loaded.catalog, loaded.comparison, checked.purpose, texts, most)
    return pd.DataFrame(
        {
            "as_it_is_year_usd": [dollars(row.years[0]) for row in priced],
            "plain_year_usd": [dollars(row.years[-1]) for row in priced],
            "difference_usd": [dollars(row.apart) for row in priced],
            "usable": ["now" if row.proven else "verify first" for row in priced],
        },
        index=pd.Index([row.title for row in priced], name="plan"),
    )


def accuracy_frame(measured: Accuracy | None = None) -> pd.DataFrame:
    """Tabulate how well each rule does on labelled messages; on those that were held out, if none are given.

    Returns
    -------
    pandas.DataFrame
        A row for each rule that something is labelled with: messages with something to find, precision and recall.
    """

    def percent(share: float | None) -> int | None:
        return None if share is None else round(100 * share)

    rules = {name: score for name, score in (measured or part("hold")).rules.items() if score.labelled}
    return pd.DataFrame(
        {
            "messages": [score.labelled for score in rules.values()],
            "precision_percent": pd.array([percent(score.precision) for score in rules.values()], dtype="Int64"),
            "recall_percent": pd.array([percent(score.recall) for score in rules.values()], dtype="Int64"),
        },
        index=pd.Index([own().file.rules[name].title for name in rules], name="rule"),
    )
