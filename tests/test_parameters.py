"""What a practice's future may look like: the file, the user's own laid over it, and the shapes that it names."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from pathlib import Path

import numpy as np
import pydantic
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from conftest import TODAY
from texteval import parameters, simulate
from texteval.errors import DataError, UserError
from texteval.files import data_folder
from texteval.models import first_day
from texteval.ownership import OWNED
from texteval.parameters import UNITS, Parameter, Parameters, load, write_own
from texteval.simulate import DRAWN, quantile

SHIPPED = data_folder() / "practice_parameters.yaml"


def laid(folder: Path, text: str) -> Parameters:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def faults(folder: Path, text: str) -> list[str]:
    """Load a faulty file, and return what is told of it, without the name of the file."""
    with pytest.raises(DataError) as caught:
        laid(folder, text)
    return str(caught.value).replace(f"{folder / 'own.yaml'}:", "").split("\n")


def numbers(one: Parameter) -> tuple[float, float, float, str]:
    return one.low, one.likely, one.high, one.shape


# The file.


def test_every_parameter_of_the_simulation_is_in_the_file_and_the_hash_is_that_of_its_text():
    found = load()
    assert set(DRAWN) | {"discount_rate"} <= set(found.all)
    text = SHIPPED.read_bytes()
    assert found.hash == hashlib.sha256(text).hexdigest()[:12]
    assert numbers(found["working_weeks"]) == (44, 48, 50, "triangular")
    assert found["season"].varies
    assert not found["client_spread"].varies


def test_every_row_says_on_what_it_rests():
    found = load()
    for name, one in found.all.items():
        assert (one.source in found.file.sources) or (one.source is None and one.evidence == "assumption"), name
        assert one.low < one.high or one.shape == "fixed", name
    assert {one.evidence for one in found.all.values()} == {"measured", "survey", "rule_of_thumb", "assumption"}
    for name, source in found.file.sources.items():
        assert first_day(source.seen) <= TODAY, name


def test_the_figures_worked_out_from_a_source_follow_from_it():
    # A negative binomial with mean m and standard deviation s has k = m^2 / (s^2 - m).
    assert f"{2.55**2 / (4.49**2 - 2.55):.2f}" == "0.37"
    assert load()["client_spread"].likely == 0.37
    # 153 percent more in five years.
    assert f"{2.53 ** (1 / 5) - 1:.3f}" == "0.204"
    assert load()["message_growth"].high == 0.204
    # A carrier's part of a Dirichlet with the sum 50 is a beta.
    low, high = stats.beta(50 * 0.35, 50 * 0.65).ppf([0.05, 0.95])
    assert (f"{low:.0%}", f"{high:.0%}") == ("24%", "46%")
    assert "between 24 and 46 percent" in load()["carrier_mix"].note


def test_a_fault_of_the_file_itself_is_told_like_any_other(tmp_path, monkeypatch):
    text = SHIPPED.read_text(encoding="utf-8")
    line = text[: text.index("  bls-secretaries-2023:")].count("\n")
    rows = text.split("\n")
    del rows[line]
    (tmp_path / SHIPPED.name).write_text("\n".join(rows), encoding="utf-8")
    monkeypatch.setattr(parameters, "data_folder", lambda: tmp_path)
    with pytest.raises(DataError, match=r"parameters\.wage\.source: there is no source 'bls-secretaries-2023'"):
        load()


# The user's own values.


def test_a_plain_number_fixes_a_parameter_and_the_source_no_longer_speaks_of_it(tmp_path):
    before, after = load(), laid(tmp_path, "parameters:\n  working_weeks: 46\n")
    one = after["working_weeks"]
    assert numbers(one) == (46, 46, 46, "fixed")
    assert (one.evidence, one.source, one.note, one.varies) == ("own", None, None, False)
    assert (one.title, one.unit) == (before["working_weeks"].title, "weeks")
    assert {name for name in before.all if after[name] != before[name]} == {"working_weeks"}
    assert list(after.all) == list(before.all)
    assert after.hash == hashlib.sha256(SHIPPED.read_bytes() + b"parameters:\n  working_weeks: 46\n").hexdigest()[:12]


def test_a_decimal_number_is_read_as_it_stands(tmp_path):
    assert laid(tmp_path, "parameters:\n  no_shows: 0.13\n")["no_shows"].likely == 0.13
    assert laid(tmp_path, "parameters:\n  session_growth: -0.03\n")["session_growth"].low == -0.03


@pytest.mark.parametrize("field", ["low", "likely", "high"])
def test_some_fields_change_and_the_others_stay(tmp_path, field):
    value = {"low": 0.1, "likely": 0.3, "high": 0.6}[field]
    expected = {"low": 0.18, "likely": 0.32, "high": 0.49, "shape": "pert", field: value}
    one = laid(tmp_path, f"parameters:\n  turnover: {{{field}: {value}}}\n")["turnover"]
    assert numbers(one) == tuple(expected.values())
    assert (one.evidence, one.source, one.note) == ("own", None, None)


def test_another_shape_leaves_the_source_of_the_numbers(tmp_path):
    one = laid(tmp_path, "parameters:\n  turnover: {shape: uniform}\n")["turnover"]
    assert numbers(one) == (0.18, 0.32, 0.49, "uniform")
    assert (one.evidence, one.source) == ("measured", "clinician-turnover-2019")


def test_own_numbers_may_bring_their_own_source_and_note(tmp_path):
    text = (
        "sources:\n  ours: {title: Our own books, seen: 2026-10-01, grade: vendor_reply}\n"
        "parameters:\n  no_shows: {low: 0.03, likely: 0.04, high: 0.08, evidence: measured, source: ours, note: Us.}\n"
    )
    found = laid(tmp_path, text)
    one = found["no_shows"]
    assert (one.evidence, one.source, one.note) == ("measured", "ours", "Us.")
    assert found.file.sources["ours"].title == "Our own books"


FAULTS = {
    "an unknown name": (
        "parameters:\n  working_week: 46\n",
        "2: parameters.working_week: there is no parameter 'working_week': did you mean 'working_weeks'?",
    ),
    "out of order": (
        "parameters:\n  wage: 20\n  replies: {likely: 1.5}\n",
        "3: parameters.replies: low 0.2, likely 1.5 and high 1.2 are out of order: low is the smallest, high the "
        "largest",
    ),
    "low above high": (
        "parameters:\n  season:\n    low: 0.3\n    likely: 0.2\n    high: 0.1\n",
        "2: parameters.season: low 0.3, likely 0.2 and high 0.1 are out of order: low is the smallest, high the "
        "largest",
    ),
    "not a number": (
        "parameters:\n  season: .nan\n",
        "2: parameters.season: '.nan' is not a number: write a plain number, such as 0.12",
    ),
    "infinite": (
        "parameters:\n  season: {high: -.inf}\n",
        "2: parameters.season.high: '-.inf' is not a number: write a plain number, such as 0.12",
    ),
    "hundreds of digits": (
        f"parameters:\n  wage: 1{'0' * 400}\n",
        f"2: parameters.wage: 1{'0' * 19} is too large to be meant: write a plain number, such as 0.12",
    ),
    "text": (
        "parameters:\n  no_shows: one in ten\n",
        "2: parameters.no_shows: 'one in ten' is not a number: write a plain number, such as 0.12",
    ),
    "percent": (
        "parameters:\n  no_shows: 13%\n",
        "2: parameters.no_shows: '13%' is not a number: write a plain number, such as 0.12",
    ),
    "an exponent": (
        "parameters:\n  client_spread: 1e3\n",
        "2: parameters.client_spread: '1e3' is not a number: write a plain number, such as 0.12",
    ),
    "true": (
        "parameters:\n  no_shows: true\n",
        "2: parameters.no_shows: 'True' is not a number: write a plain number, such as 0.12",
    ),
    "nothing": (
        "parameters:\n  wage:\n",
        "2: parameters.wage: 'None' is not a number: write a plain number, such as 0.12",
    ),
    "a list": (
        "parameters:\n  vacancy: [1, 2]\n",
        "2: parameters.vacancy: '[1, 2]' is not a number: write a plain number, such as 0.12",
    ),
    "a probability above one": (
        "parameters:\n  cancellations: 12\n",
        "2: parameters.cancellations: 12 is out of range (share): write 0 to 1",
    ),
    "a probability below zero": (
        "parameters:\n  cancellations: {low: -0.05}\n",
        "2: parameters.cancellations: -0.05 is out of range (share): write 0 to 1",
    ),
    "weeks above 52": (
        "parameters:\n  working_weeks: 53\n",
        "2: parameters.working_weeks: 53 is out of range (weeks): write 1 to 52",
    ),
    "fixed that varies": (
        "parameters:\n  client_spread: {low: 0.2}\n",
        "2: parameters.client_spread: a fixed value has low, likely and high alike: make them equal, or take another "
        "shape",
    ),
    "an unknown source": (
        "parameters:\n  wage: {low: 20, source: bls-secretary}\n",
        "2: parameters.wage.source: there is no source 'bls-secretary': did you mean 'bls-secretaries-2023'?",
    ),
    "measured without a source": (
        "parameters:\n  wage: {low: 20, evidence: measured}\n",
        "2: parameters.wage: it is called measured and names no source: add 'source:', or write 'evidence: assumption'",
    ),
    "an unknown shape": (
        "parameters:\n  wage: {shape: prt}\n",
        "2: parameters.wage.shape: 'prt' is not known: did you mean 'pert'?",
    ),
    "an unknown field": (
        "parameters:\n  wage: {lowest: 20}\n",
        "2: parameters.wage.lowest: 'lowest' is not a field here: did you mean 'low'?",
    ),
    "a name twice": (
        "parameters:\n  wage: 20\n  wage: 21\n",
        "3: 'wage' stands twice: keep one of the two",
    ),
    "an empty file": (
        "",
        "1: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'",
    ),
    "a list of lines": (
        "- working_weeks: 46\n",
        "1: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'",
    ),
    "plain text": (
        "46 weeks\n",
        "1: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'",
    ),
    "nothing under the heading": (
        "# as it was written\nparameters:\n",
        "2: parameters: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'",
    ),
    "a list of sources": (
        "parameters:\n  wage: 20\nsources: [ours]\n",
        "3: sources: a list stands here: write lines of the form 'name: value'",
    ),
    "a practice file": (
        "name: Ours\nclinicians: 3\nsessions_per_week: 60\nmessages: []\n",
        "1: this looks like a practice file: give it to --practice",
    ),
    "an overlay": (
        "sources: {}\nvendors: {}\n",
        "1: this looks like a catalogue or an overlay: give it to --data or --overlay",
    ),
}


@pytest.mark.parametrize(("text", "told"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_file_is_told_with_line_field_and_cure(tmp_path, text, told):
    assert faults(tmp_path, text) == [told]


def test_numbers_without_the_heading_are_told_where_they_belong(tmp_path):
    assert faults(tmp_path, "working_weeks: 46\n") == [
        "1: parameters: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'",
        "1: working_weeks: 'working_weeks' does not belong here: write 'sources:' and 'parameters:' only",
    ]


def test_all_faults_are_told_at_once(tmp_path):
    text = (
        "parameters:\n"
        "  turnover: {low: 0.6}\n"
        "  no_show: 0.1\n"
        "  no_shows: many\n"
        "  working_weeks: 60\n"
        "  session_level:\n"
        "    shape: flat\n"
        "currency: USD\n"
    )
    assert faults(tmp_path, text) == [
        "2: parameters.turnover: low 0.6, likely 0.32 and high 0.49 are out of order: low is the smallest, high the "
        "largest",
        "3: parameters.no_show: there is no parameter 'no_show': did you mean 'no_shows'?",
        "4: parameters.no_shows: 'many' is not a number: write a plain number, such as 0.12",
        "5: parameters.working_weeks: 60 is out of range (weeks): write 1 to 52",
        "7: parameters.session_level.shape: 'flat' is not known: known are fixed, pert, triangular, uniform",
        "8: currency: 'currency' does not belong here: write 'sources:' and 'parameters:' only",
    ]
    dangling = faults(tmp_path, "parameters:\n  wage: {low: 20, source: nowhere-at-all}\n  no_show: 0.1\n")
    assert [told.split(": ")[:2] for told in dangling] == [["2", "parameters.wage.source"], ["3", "parameters.no_show"]]


def test_the_fault_of_a_nested_value_is_told_at_its_own_line(tmp_path):
    text = "# ours\nparameters:\n  no_shows:\n    low: 0.01\n    likely: 0.02\n    high: .inf\n"
    assert faults(tmp_path, text) == [
        "6: parameters.no_shows.high: '.inf' is not a number: write a plain number, such as 0.12"
    ]


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e12", "1e400"])
@pytest.mark.parametrize("kind", [float, Decimal])
def test_what_is_no_finite_number_is_refused_from_a_program_too(kind, text):
    fields = {"title": "A", "unit": "number", "low": 1, "likely": kind(text), "high": 2}
    with pytest.raises(pydantic.ValidationError, match="is too large to be meant"):
        Parameter.model_validate(fields | {"shape": "uniform", "evidence": "own"})


@pytest.mark.parametrize(("unit", "ends"), UNITS.items())
def test_the_ends_of_a_units_range_are_inside_it_and_what_is_beyond_is_refused(unit, ends):
    def made(value):
        fields = dict.fromkeys(("low", "likely", "high"), value)
        return Parameter.model_validate(fields | {"title": "A", "unit": unit, "shape": "fixed", "evidence": "own"})

    least, most = ends
    assert (made(least).low, made(most).high) == ends
    for beyond in (least - 0.0001, most + 0.0001):
        with pytest.raises(pydantic.ValidationError, match=re.escape(f"write {least:g} to {most:g}")):
            made(beyond)


# A file to start from.


def without_the_sign(text: str, *names: str) -> str:
    """Take the ``#`` away from the lines of some parameters, or of all."""
    return re.sub(rf"^  #({'|'.join(names) or '[a-z_]+'}): \{{", r"  \1: {", text, flags=re.M)


def test_a_written_file_with_its_signs_taken_away_gives_the_same_values(tmp_path):
    before, path = load(), tmp_path / "new" / "own.yaml"
    write_own(path, before.all)
    text = path.read_text(encoding="utf-8")
    assert yaml.safe_load(text) == {"parameters": None}
    for one in before.all.values():
        assert f"  # {one.title} ({one.unit}; " in text
    after = laid(tmp_path, without_the_sign(text))
    assert {name: numbers(one) for name, one in after.all.items()} == {
        name: numbers(one) for name, one in before.all.items()
    }
    assert {one.evidence for one in after.all.values()} == {"own"}
    some = laid(tmp_path, without_the_sign(text, "wage", "replies"))
    assert {name for name, one in some.all.items() if one != before[name]} == {"wage", "replies"}


def test_a_written_file_in_which_nothing_was_changed_says_so(tmp_path):
    write_own(tmp_path / "start.yaml", load().all)
    assert faults(tmp_path, (tmp_path / "start.yaml").read_text(encoding="utf-8")) == [
        "3: parameters: there is no parameter in it: write one under 'parameters:', such as 'working_weeks: 46'"
    ]


@pytest.mark.parametrize("value", [1 / 3, 0.001, 1_000_000, 123_456.789, 0.1 + 0.2])
def test_a_number_is_written_with_all_its_digits_and_no_exponent(tmp_path, value):
    fields = {"low": value, "likely": value, "high": value, "shape": "fixed", "evidence": "own"}
    own = load()["carrier_mix"].model_copy(update=fields)
    write_own(tmp_path / "start.yaml", {"carrier_mix": own})
    text = without_the_sign((tmp_path / "start.yaml").read_text(encoding="utf-8"))
    assert numbers(laid(tmp_path, text)["carrier_mix"]) == (value, value, value, "fixed")


def test_a_file_that_is_there_is_not_written_over(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("parameters:\n  wage: 30\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"own\.yaml: there is such a file already: name another"):
        write_own(path, load().all)
    assert path.read_text(encoding="utf-8") == "parameters:\n  wage: 30\n"
    assert list(tmp_path.iterdir()) == [path]


# The shapes.

values = st.floats(-1000, 1000).map(lambda value: round(value, 3))
shares = st.lists(st.integers(0, 2**30).map(lambda many: many / 2**30), min_size=1, max_size=20)
"""Probabilities as Sobol points have them: multiples of 2^-30, with 0."""


def parameter(low, likely, high, shape):
    return Parameter.model_construct(low=low, likely=likely, high=high, shape=shape)


@st.composite
def ranges(draw):
    low, likely, high = sorted(draw(st.tuples(values, values, values)))
    assume(high - low > 0.01)
    return low, likely, high


@given(ranges(), shares)
def test_the_quantiles_of_pert_are_those_of_its_beta(ends, share):
    low, likely, high = ends
    width = high - low
    beta = stats.beta(1 + 4 * (likely - low) / width, 1 + 4 * (high - likely) / width, low, width)
    found = quantile(parameter(*ends, "pert"), np.array(share))
    assert np.abs(found - beta.ppf(share)).max() <= 1e-9
    assert beta.mean() == pytest.approx((low + 4 * likely + high) / 6, abs=1e-9)


@given(ranges(), shares)
def test_the_quantiles_of_triangular_are_scipys(ends, share):
    low, likely, high = ends
    triangle = stats.triang((likely - low) / (high - low), low, high - low)
    found = quantile(parameter(*ends, "triangular"), np.array(share))
    assert np.abs(found - triangle.ppf(share)).max() <= 1e-9


@given(ranges(), shares)
def test_the_quantiles_of_uniform_lie_on_a_line_whatever_is_likely(ends, share):
    low, _, high = ends
    found = quantile(parameter(*ends, "uniform"), np.array(share))
    assert np.abs(found - [low + one * (high - low) for one in share]).max() <= 1e-9


@given(ranges(), st.sampled_from(["pert", "triangular", "uniform"]), shares)
def test_quantiles_begin_at_low_end_at_high_and_never_fall(ends, shape, share):
    found = quantile(parameter(*ends, shape), np.array(sorted([0.0, *share, 1.0])))
    assert (found[0], found[-1]) == (ends[0], ends[2])
    assert (np.diff(found) >= 0).all()
    assert (found == np.round(found, 9)).all()


@pytest.mark.parametrize("shape", ["pert", "triangular", "uniform", "fixed"])
@pytest.mark.parametrize("share", [np.array([0, 1]), np.array([[0.25], [0.5]]), np.array([])])
def test_what_does_not_vary_has_one_value_of_the_shape_asked_for(shape, share):
    found = quantile(parameter(0.37, 0.37, 0.37, shape), share)
    assert found.tolist() == np.full(share.shape, 0.37).tolist()


@pytest.mark.parametrize("likely", [0, 0.05, 0.12, 0.4])
def test_pert_has_the_mean_and_the_variance_of_its_formula(likely):
    # The mean over evenly spread probabilities is the mean; (m - low)(high - m) / 7 is the variance of the beta.
    low, high = 0.0, 0.4
    drawn = quantile(parameter(low, likely, high, "pert"), (np.arange(100_000) + 0.5) / 100_000)
    mean = (low + 4 * likely + high) / 6
    assert drawn.mean() == pytest.approx(mean, abs=1e-6)
    assert drawn.var() == pytest.approx((mean - low) * (high - mean) / 7, rel=1e-4)


def test_likely_gives_every_parameter_its_likely_value_in_every_draw():
    found = simulate.likely(load(), 3)
    assert set(found) == set(DRAWN)
    assert found["working_weeks"].tolist() == [48.0] * 3


def test_where_a_parameter_scales_the_practices_own_number_it_says_at_which_value_that_holds(tmp_path: Path) -> None:
    shipped = load()
    assert {name: one.own_at for name, one in shipped.all.items() if one.own_at is not None} == {
        "reschedules": 0.12,
        "replies": 0.6,
        "text_length": 130,
    }
    path = tmp_path / "mine.yaml"
    path.write_text("parameters:\n  replies: 0.9\n", encoding="utf-8")
    assert (load(path)["replies"].likely, load(path)["replies"].own_at) == (0.9, 0.6)  # half as many again
    for value in ("0", "null", "0.6"):
        path.write_text(f"parameters:\n  replies: {{own_at: {value}}}\n", encoding="utf-8")
        with pytest.raises(DataError, match=r":2: parameters\.replies\.own_at: 'own_at' is texteval's: .*leave it out"):
            load(path)


def test_every_parameter_is_drawn_or_used() -> None:
    """One that nothing reads would be shown to people, and change nothing."""
    assert set(load().all) == {*DRAWN, *OWNED, "discount_rate"}
