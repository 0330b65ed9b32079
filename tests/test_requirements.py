"""The requirement set: which rules are gates, what each value means, and faults told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from texteval import requirements
from texteval.catalog import Purpose, load_attributes
from texteval.errors import DataError
from texteval.evidence import CHANNELS, GRADES
from texteval.files import data_folder
from texteval.requirements import Requirements

GATES = {
    "clinical_content_in_app": "always",
    "baa_available": "always",
    "baa_covers_channel": "always",
    "encryption_in_transit": "always",
    "encryption_at_rest": "always",
    "unique_user_id": "always",
    "audit_controls": "always",
    "role_based_access": "team",
}


def test_these_and_no_others_are_gates(rules: Requirements) -> None:
    assert {name: rule.gate for name, rule in rules.all.items() if rule.gate != "never"} == GATES


def test_end_to_end_encryption_is_no_gate_and_no_value_of_it_counts_against_a_tool(rules: Requirements) -> None:
    rule = rules.all["end_to_end_encryption"]
    assert (rule.gate, set(rule.outcomes.values()), rule.today) == ("never", {"pass"}, "not required")


@pytest.mark.parametrize(("logins", "gate"), [(1, False), (2, True), (50, True)])
def test_roles_are_a_gate_only_where_more_than_one_person_has_a_login(
    rules: Requirements, logins: int, gate: bool
) -> None:
    assert rules.all["role_based_access"].is_gate(logins) is gate
    assert rules.all["baa_available"].is_gate(logins)
    assert not rules.all["mfa"].is_gate(logins)


@pytest.mark.parametrize("channel", CHANNELS)
def test_clinical_coaching_is_forbidden_on_the_carriers_channels_only(rules: Requirements, channel: str) -> None:
    rule = rules.all["clinical_content_in_app"]
    assert rule.forbids
    assert rule.applies(channel, "coaching") is (channel in ("sms", "mms"))
    assert not rule.applies(channel, "reminder")


def test_coaching_is_clinical_and_never_listed_for_sms(rules: Requirements) -> None:
    clinical = {name: entry.channels for name, entry in rules.file.purposes.items() if entry.clinical}
    assert clinical == {"coaching": ["secure_message"]}


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("baa_available", {"vendor_page", "vendor_reply"}),
        ("baa_covers_channel", {"vendor_page", "vendor_reply"}),
        ("encryption_at_rest", {"vendor_page", "vendor_reply", "review"}),
        ("audit_controls", {"vendor_page", "vendor_reply", "review"}),
    ],
)
def test_a_gate_passes_only_on_evidence_of_these_grades(rules: Requirements, name: str, accepted: set[str]) -> None:
    assert {grade for grade in GRADES if rules.all[name].accepts_grade(grade)} == accepted


def test_every_value_of_an_attribute_has_an_outcome(rules: Requirements) -> None:
    attributes, _ = load_attributes()
    for name, rule in rules.all.items():
        if rule.attribute and isinstance(attributes.attributes[rule.attribute].values, dict):
            assert set(rule.outcomes) == set(attributes.attributes[rule.attribute].values), name


def test_every_gate_is_law_with_a_citation_and_a_question_for_the_vendor(rules: Requirements) -> None:
    attributes, _ = load_attributes()
    for name in GATES:
        rule = rules.all[name]
        assert rule.basis == "law"
        assert "45 CFR 164." in rule.citation
        assert rule.attribute is None or attributes.attributes[rule.attribute].question


def test_where_the_outcome_is_configure_the_step_is_told(rules: Requirements) -> None:
    without = [name for name, rule in rules.all.items() if "configure" in rule.outcomes.values() and not rule.step]
    assert without == []


def test_the_channel_limits_say_that_an_sms_is_not_encrypted(rules: Requirements) -> None:
    assert "not encrypted" in rules.channel("sms").limits[0]
    assert all(rules.channel(channel).limits for channel in CHANNELS)


@pytest.fixture(scope="module")
def text() -> str:
    return (data_folder() / "requirements.yaml").read_text(encoding="utf-8")


def line_of(text: str, part: str) -> int:
    return next(i for i, row in enumerate(text.split("\n"), 1) if part in row)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    attribute: mfa\n",
            "    attribute: mfaa\n",
            "requirements.mfa.attribute: 'mfaa' is not an attribute: did you mean 'mfa'?",
        ),
        (
            "    source: medcurity-2026-06\n",
            "    source: medcurity-2026\n",
            "requirements.mfa.source: there is no source 'medcurity-2026': did you mean 'medcurity-2026-06'?",
        ),
        (
            "    outcomes: {yes: pass, on_request: configure, no: fail}\n",
            "    outcomes: {yes: pass, no: fail}\n",
            "requirements.baa_available.outcomes: the outcomes do not fit the attribute's values: "
            "give one for each of yes, on_request, no",
        ),
        (
            "    forbids: true\n",
            "    forbids: false\n",
            "requirements.clinical_content_in_app: it reads no attribute and forbids nothing: "
            "add 'attribute:' or 'forbids: true'",
        ),
        (
            "    gate: team\n",
            "    gate: teams\n",
            "requirements.role_based_access.gate: 'teams' is not known: did you mean 'team'?",
        ),
        (
            "  team_chat:\n",
            "  team_chatt:\n",
            "channels.team_chatt: 'team_chatt' is not known: did you mean 'team_chat'?",
        ),
    ],
    ids=["attribute", "source", "outcomes", "forbids", "gate", "channel"],
)
def test_a_faulty_requirement_set_is_refused_at_its_line(
    tmp_path: Path, text: str, old: str, new: str, message: str
) -> None:
    assert text.count(old) == 1
    path = tmp_path / "rules.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        requirements.load(path)
    line = line_of(path.read_text(encoding="utf-8"), new.strip())
    if "forbids nothing" in message:
        line = line_of(text, "  clinical_content_in_app:")
    assert str(caught.value) == f"{path}:{line}: {message}"


def test_a_configure_without_a_step_is_told(tmp_path: Path, text: str) -> None:
    head, body = text.split("  baa_available:\n")
    rule, rest = body.split("    step:", 1)
    path = tmp_path / "rules.yaml"
    path.write_text(f"{head}  baa_available:\n{rule}{rest.partition(chr(10))[2]}", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        requirements.load(path)
    line = line_of(text, "  baa_available:")
    assert str(caught.value) == (
        f"{path}:{line}: requirements.baa_available: the outcome 'configure' has no step: "
        "add 'step:' with what the practice does"
    )


@pytest.mark.parametrize("gate", ["always", "team", "never"])
@pytest.mark.parametrize("logins", [1, 2])
def test_what_forbids_is_a_gate_whatever_is_written(rules: Requirements, gate: str, logins: int) -> None:
    rule = rules.all["clinical_content_in_app"].model_copy(update={"gate": gate})
    assert rule.is_gate(logins)
    assert rule.model_copy(update={"forbids": False}).is_gate(logins) is (
        gate == "always" or (gate == "team" and logins > 1)
    )


def test_a_missing_purpose_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    kept = [row for row in text.split("\n") if not row.startswith("  coaching:")]
    path.write_text("\n".join(kept).replace("purposes: [coaching]", "purposes: [team]"), encoding="utf-8")
    with pytest.raises(DataError, match=r"purposes: the purpose 'coaching' is missing: add 'coaching:'$"):
        requirements.load(path)


def test_the_purposes_are_those_that_a_practice_can_name(rules: Requirements) -> None:
    assert set(rules.file.purposes) == set(Purpose.__args__)  # type: ignore[attr-defined]
