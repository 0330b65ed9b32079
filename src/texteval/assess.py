"""May we use it? Plan × channel × purpose → a finding per requirement → a verdict with steps and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from texteval.catalog import Catalog
from texteval.evidence import GRADE_PHRASES, GRADES, Fact
from texteval.practice import Practice
from texteval.requirements import Requirement, Requirements

VERDICTS = ("eligible", "with configuration", "verify first", "ineligible")
"""The verdicts, best first."""


@dataclass(frozen=True)
class Finding:
    """What one requirement comes to for a plan, a channel and a purpose.

    Parameters
    ----------
    requirement : str
        The requirement's id, or ``size`` for the plan's own limits.
    title : str
        The requirement in words.
    outcome : str
        ``pass``, ``configure``, ``verify`` or ``fail``.
    gate : bool
        Whether it decides alone.
    reason : str
        Why, in one sentence.
    heavy : bool
        Whether an open point here weighs heavily.
    fact : Fact or None
        The fact that it rests on.
    step : str or None
        What the practice does for it to hold.
    question : str or None
        What to ask the vendor where it is open.
    citation : str
        The rule behind it.
    """

    requirement: str
    title: str
    outcome: str
    gate: bool
    reason: str
    heavy: bool = False
    fact: Fact | None = None
    step: str | None = None
    question: str | None = None
    citation: str = ""


@dataclass(frozen=True)
class Verdict:
    """Whether a plan may be used on a channel for a purpose.

    Parameters
    ----------
    plan, channel, purpose : str
        What was judged.
    verdict : str
        One of :data:`VERDICTS`.
    findings : tuple of Finding
        One for each requirement that applies, gates first.
    limits : tuple of str
        What remains true of the channel whatever the vendor does.
    """

    plan: str
    channel: str
    purpose: str
    verdict: str
    findings: tuple[Finding, ...]
    limits: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Place on the ladder, 0 is best."""
        return VERDICTS.index(self.verdict)

    @cached_property
    def failures(self) -> list[Finding]:
        """Gates that are not met, the heavy ones first."""
        failed = [finding for finding in self.findings if finding.gate and finding.outcome == "fail"]
        return sorted(failed, key=lambda finding: not finding.heavy)

    @cached_property
    def open_points(self) -> list[Finding]:
        """Gates that are open, the heavy ones first."""
        points = [finding for finding in self.findings if finding.gate and finding.outcome == "verify"]
        return sorted(points, key=lambda finding: not finding.heavy)

    @property
    def steps(self) -> list[str]:
        """What the practice does before the first message, each once: for gates, then for the rest."""
        steps = [finding.step for finding in self.findings if finding.step and finding.outcome != "fail"]
        return list(dict.fromkeys(steps))

    @property
    def weakest(self) -> Finding | None:
        """The gate that rests on the weakest evidence: the lowest grade, then the oldest source."""
        resting = [finding for finding in self.findings if finding.gate and finding.fact and finding.fact.source]
        return max(resting, key=_weakness, default=None)

    @property
    def reason(self) -> str:
        """One sentence: why it is not simply eligible."""
        if self.failures:
            return self.failures[0].reason
        if self.open_points:
            return self.open_points[0].reason
        return self.steps[0] if self.verdict == "with configuration" else "All gates are met."


def _weakness(finding: Finding) -> tuple[int, int]:
    assert finding.fact is not None and finding.fact.grade is not None
    return GRADES.index(finding.fact.grade), finding.fact.age_days or 0


def judge(
    catalog: Catalog,
    requirements: Requirements,
    plan_id: str,
    channel: str,
    purpose: str,
    practice: Practice,
    on: date,
) -> Verdict:
    """Judge a plan on a channel for a purpose.

    A gate that fails makes it *ineligible*; a "no" from general knowledge alone, or against an equally good "yes",
    is an open point instead. A gate that passes only on unknown, stale, disputed or weak evidence, or
    on part of what is asked, makes it *verify first*. A gate that needs a step makes it *with configuration*.

    Parameters
    ----------
    catalog : Catalog
        The facts.
    requirements : Requirements
        The rules.
    plan_id : str
        ``vendor/plan``.
    channel, purpose : str
        What the plan would be used for.
    practice : Practice
        Whose size decides which gates hold and whether the plan fits.
    on : datetime.date
        The day of the question.

    Returns
    -------
    Verdict
        The verdict with every finding.
    """
    requirements = requirements.facing(practice, on)
    findings = [_size(largest(catalog, plan_id), practice)]
    kind = requirements.file.kinds.get(catalog.vendors[plan_id.partition("/")[0]].kind)
    if kind is not None:
        findings.append(Finding("kind", kind.title, "configure", True, kind.why, step=kind.step))
    for name, requirement in requirements.all.items():
        if requirement.applies(channel, purpose) and requirement.holds(on):
            gate = requirement.is_gate(practice.logins)
            findings.append(finding_of(catalog, name, requirement, gate, plan_id, channel, on))
    findings.sort(key=lambda finding: not finding.gate)
    limits = tuple(requirements.channel(channel).limits)
    return Verdict(plan_id, channel, purpose, conclude(findings), tuple(findings), limits)


def conclude(findings: Iterable[Finding]) -> str:
    """Return the verdict that findings come to: the worst outcome of a gate decides."""
    outcomes = {finding.outcome for finding in findings if finding.gate}
    if "fail" in outcomes:
        return "ineligible"
    if "verify" in outcomes:
        return "verify first"
    return "with configuration" if "configure" in outcomes else "eligible"


def largest(catalog: Catalog, plan_id: str) -> dict[str, int]:
    """Return the largest practice that a plan takes, with the plan that it is added to: limits by what is counted."""
    plan = catalog.plan(plan_id)
    base = [catalog.plan(f"{plan_id.partition('/')[0]}/{plan.base}").limits] if plan.base else []
    least: dict[str, int] = {}
    for limit in [*base, plan.limits]:
        for name, allowed in limit:
            if allowed is not None:
                least[name] = min(allowed, least.get(name, allowed))
    return least


def _size(least: Mapping[str, int], practice: Practice) -> Finding:
    asked = practice.size()
    over = [
        f"{allowed:,} {thing(name, allowed)} (the practice has {asked[name]:,})"
        for name, allowed in least.items()
        if asked[name] > allowed
    ]
    title = "The plan takes a practice of this size"
    if over:
        return Finding("size", title, "fail", True, "The plan allows at most " + " and ".join(over) + ".")
    return Finding("size", title, "pass", True, "The plan takes a practice of this size.")


def thing(name: str, many: int) -> str:
    """Name what a limit counts: ``1 login``, ``2 logins``."""
    words = name.replace("_", " ")
    return words.replace("sessions", "session") if many == 1 and "per" in words else words[:-1] if many == 1 else words


def finding_of(
    catalog: Catalog, name: str, requirement: Requirement, gate: bool, plan_id: str, channel: str, on: date
) -> Finding:
    """Ask one requirement of a plan on a channel.

    Parameters
    ----------
    catalog : Catalog
        The facts.
    name, requirement : str, Requirement
        The requirement's id and text; it must apply to the channel and hold on the day.
    gate : bool
        Whether it decides alone.
    plan_id, channel : str
        What is judged.
    on : datetime.date
        The day of the question.

    Returns
    -------
    Finding
        The outcome, with its reason; the same one each time, so that it is worked out once.
    """
    key = (id(requirement), name, gate, plan_id, channel, on)
    if key not in catalog.findings:  # the requirement is kept too, so that its id stays its own
        found = _finding(catalog, name, requirement, gate, plan_id, channel, on)
        catalog.findings[key] = requirement, found
    finding: Finding = catalog.findings[key][1]
    return finding


def _finding(
    catalog: Catalog, name: str, requirement: Requirement, gate: bool, plan_id: str, channel: str, on: date
) -> Finding:
    heavy = requirement.open_point == "heavy"
    if requirement.forbids:
        return Finding(
            name,
            requirement.title,
            "fail",
            gate,
            f"{requirement.title}.",
            heavy,
            citation=requirement.citation,
        )
    assert requirement.attribute is not None
    attribute = catalog.attributes.attributes[requirement.attribute]
    fact = catalog.fact(plan_id, requirement.attribute, channel, on)
    thing = attribute.short or attribute.title

    def finding(outcome: str, reason: str, step: str | None = None) -> Finding:
        question = attribute.question if outcome in ("verify", "fail") else None
        return Finding(
            name, requirement.title, outcome, gate, reason, heavy, fact, step, question, requirement.citation
        )

    if fact.value is None or fact.used is None or fact.source is None:
        return finding("verify", f"{thing}: unknown.", requirement.step)
    step = fact.used.step or requirement.step  # what is not sure to be there is better done
    outcome = requirement.outcomes.get(str(fact.value), "pass")
    meaning = attribute.values[str(fact.value)] if isinstance(attribute.values, dict) else str(fact.value)
    said = f"{thing}: {str(fact.value).replace('_', ' ')}"
    if fact.disputed:
        others = ", ".join(sorted({str(piece.value) for piece in fact.disputed}))
        return finding("verify", f"{said}, but an equally good source says {others}.", step)
    if outcome == "fail":
        if fact.source.grade == GRADES[-1]:
            return finding("verify", f"{said}, but only {GRADE_PHRASES[fact.source.grade]}.")
        return finding("fail", f"{thing}: {meaning}.")
    if fact.stale:
        return finding("verify", f"{said}, but the source is of {fact.source.seen}: too old.", step)
    if not requirement.accepts_grade(fact.source.grade):
        return finding("verify", f"{said}, but only {GRADE_PHRASES[fact.source.grade]}.", step)
    if outcome == "verify":
        return finding("verify", f"{said} ({meaning}); ask whether that is enough.", step)
    step = fact.used.step or (requirement.step if outcome == "configure" else None)
    if step and outcome == "pass":
        outcome = "configure"
    return finding(outcome, f"{said}.", step)


@dataclass(frozen=True)
class Coverage:
    """How a plan serves a practice: the best channel for each of its purposes.

    Parameters
    ----------
    plan : str
        ``vendor/plan``.
    verdicts : dict of str to Verdict
        For each purpose that the plan has a channel for, the verdict on the channel chosen.
    uncovered : tuple of str
        Purposes for which it has no channel.
    judged : dict of str to tuple of Verdict
        For each purpose the verdicts on all channels, from which one was chosen.
    """

    plan: str
    verdicts: dict[str, Verdict]
    uncovered: tuple[str, ...]
    judged: dict[str, tuple[Verdict, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def worst(self) -> Verdict | None:
        """The weakest of its verdicts: it decides for the plan."""
        return max(self.verdicts.values(), key=lambda verdict: verdict.rank, default=None)

    @property
    def verdict(self) -> str:
        """The plan's verdict for the practice."""
        return self.worst.verdict if self.worst and not self.uncovered else "ineligible"

    @property
    def reason(self) -> str:
        """One sentence: why it is not simply eligible."""
        if self.worst and self.worst.verdict == "ineligible":
            return self.worst.reason
        if self.uncovered:
            return "No channel for " + ", ".join(name.replace("_", " ") for name in self.uncovered) + "."
        return self.worst.reason if self.worst else "It sends no messages."

    @property
    def channels(self) -> dict[str, str]:
        """The channel chosen for each purpose."""
        return {purpose: verdict.channel for purpose, verdict in self.verdicts.items()}

    @cached_property
    def open_points(self) -> list[Finding]:
        """Open gates over all purposes, each once, the heavy ones first."""
        points = self._each_once(lambda verdict: verdict.open_points)
        return sorted(points, key=lambda finding: not finding.heavy)

    @cached_property
    def failures(self) -> list[Finding]:
        """Gates not met over all purposes, each once."""
        return self._each_once(lambda verdict: verdict.failures)

    def _each_once(self, of: Callable[[Verdict], list[Finding]]) -> list[Finding]:
        """Gather findings by requirement; where verdicts differ, that of the weakest, which decides, speaks."""
        found: dict[str, Finding] = {}
        for verdict in sorted(self.verdicts.values(), key=lambda verdict: -verdict.rank):
            for finding in of(verdict):
                found.setdefault(finding.requirement, finding)
        return list(found.values())

    @property
    def cautions(self) -> list[str]:
        """What the plan does not do, or does in part, that is no gate: to know before buying."""
        short = [
            " ".join([finding.reason, *_sentence(finding.fact.used.note)])
            for verdict in self.verdicts.values()
            for finding in verdict.findings
            if not finding.gate
            and finding.fact
            and finding.fact.used
            and finding.fact.value in ("no", "partial", "none")
            if finding.requirement != "end_to_end_encryption"
        ]
        return list(dict.fromkeys(short))

    @property
    def by_hand(self) -> bool:
        """Whether reminders are known not to go out by themselves, or not all of them."""
        found = self.verdicts.get("reminder")
        return found is not None and any(
            finding.requirement == "automatic_reminders" and finding.fact and finding.fact.value in ("no", "partial")
            for finding in found.findings
        )

    @property
    def steps(self) -> list[str]:
        """What the practice does before the first message."""
        return list(dict.fromkeys(step for verdict in self.verdicts.values() for step in verdict.steps))

    @property
    def limits(self) -> list[str]:
        """What remains at risk whatever the vendor does."""
        return list(dict.fromkeys(limit for verdict in self.verdicts.values() for limit in verdict.limits))


def _sentence(note: str | None) -> list[str]:
    """Return a note as a sentence, if there is one."""
    return [f"{note[0].upper()}{note[1:].rstrip('.')}."] if note else []


def cover(catalog: Catalog, requirements: Requirements, plan_id: str, practice: Practice, on: date) -> Coverage:
    """Choose, for each purpose of a practice, the channel of a plan with the best verdict.

    Among channels with the same verdict the one with fewer grave open points comes first, then the practice's
    preference decides. A channel in which every text would be forbidden is chosen only if there is no other, so that
    the reason is told.

    Parameters
    ----------
    catalog, requirements : Catalog, Requirements
        Facts and rules.
    plan_id : str
        ``vendor/plan``.
    practice : Practice
        Its purposes, size and preference.
    on : datetime.date
        The day of the question.

    Returns
    -------
    Coverage
        The choice, with a verdict for each purpose.
    """
    requirements = requirements.facing(practice, on)
    plan = catalog.plan(plan_id)
    judged = {
        purpose: tuple(
            judge(catalog, requirements, plan_id, channel, purpose, practice, on)
            for channel, purposes in plan.channels.items()
            if channel in requirements.file.purposes[purpose].channels or _forbidden(requirements, channel, purpose, on)
            if purposes == "all" or purpose in purposes
        )
        for purpose in practice.purposes
    }
    return _choose(plan_id, judged, practice)


def _choose(plan_id: str, judged: dict[str, tuple[Verdict, ...]], practice: Practice) -> Coverage:
    chosen = {
        purpose: min(verdicts, key=lambda v: (v.rank, _grave(v), _preference(practice, v.channel)))
        for purpose, verdicts in judged.items()
        if verdicts
    }
    return Coverage(plan_id, chosen, tuple(purpose for purpose in judged if purpose not in chosen), judged)


def with_outcomes(coverage: Coverage, practice: Practice, outcome: Callable[[Finding], str]) -> Coverage:
    """Choose the channels of a plan anew, as if its findings had other outcomes.

    Parameters
    ----------
    coverage : Coverage
        As :func:`cover` returns it.
    practice : Practice
        The practice that it is for.
    outcome : callable
        Gives the outcome of each finding.

    Returns
    -------
    Coverage
        The choice; the same one if no outcome differs.
    """
    judged = {}
    for purpose, verdicts in coverage.judged.items():
        changed = []
        for verdict in verdicts:
            outcomes = [outcome(finding) for finding in verdict.findings]
            if outcomes != [finding.outcome for finding in verdict.findings]:
                pairs = zip(verdict.findings, outcomes, strict=True)
                findings = tuple(replace(finding, outcome=new) for finding, new in pairs)
                verdict = replace(verdict, findings=findings, verdict=conclude(findings))
            changed.append(verdict)
        judged[purpose] = tuple(changed)
    return coverage if judged == coverage.judged else _choose(coverage.plan, judged, practice)


def _forbidden(requirements: Requirements, channel: str, purpose: str, on: date) -> bool:
    return any(r.forbids and r.holds(on) and r.applies(channel, purpose) for r in requirements.all.values())


def _grave(verdict: Verdict) -> int:
    return sum(point.heavy for point in verdict.open_points)


def _preference(practice: Practice, channel: str) -> int:
    return practice.prefer.index(channel) if channel in practice.prefer else len(practice.prefer)
