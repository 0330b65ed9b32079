"""Segments of a text: published vectors, borders, and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from texteval.messages import GSM7_BASIC, GSM7_EXTENSION, PART, SINGLE, count

EMOJI = "\U0001f600"

TWILIO = "https://github.com/TwilioDevEd/message-segment-calculator"
TWILIO_HELP = (
    "https://support.twilio.com/hc/en-us/articles/"
    "223133407-How-much-does-it-cost-to-send-a-message-with-more-than-160-characters-"
)
TELNYX = "https://developers.telnyx.com/docs/messaging/messages/message-encoding"
SLEEKFLOW = "SleekFlow help centre, 2025"
ZANDA = "https://support.powerdiary.com/article/451-sms-fees"

PUBLISHED = [
    ("a" * 160, "GSM-7", 1, TWILIO),
    ("a" * 161, "GSM-7", 2, TWILIO),
    ("a" * 306, "GSM-7", 2, TELNYX),
    ("a" * 307, "GSM-7", 3, TWILIO),
    ("a" * 1530, "GSM-7", 10, TELNYX),
    ("|" + "a" * 158, "GSM-7", 1, TWILIO),
    ("|" + "a" * 159, "GSM-7", 2, TWILIO),
    ("á" * 70, "UCS-2", 1, TWILIO),
    ("á" * 71, "UCS-2", 2, TWILIO),
    (EMOJI + "a" * 68, "UCS-2", 1, TWILIO),
    (EMOJI + "a" * 69, "UCS-2", 2, TWILIO),
    (EMOJI + "a" * 133, "UCS-2", 3, TWILIO),
    (EMOJI + "]" * 68, "UCS-2", 1, TWILIO),
    (EMOJI + "]" * 69, "UCS-2", 2, TWILIO),
    ("a" * 149 + "\u2019", "UCS-2", 3, TWILIO_HELP),
    ("a" * 300, "GSM-7", 2, SLEEKFLOW),
    ("a" * 299 + EMOJI, "UCS-2", 5, SLEEKFLOW),
    ("a" * 459, "GSM-7", 3, ZANDA),
    ("a" * 5000, "GSM-7", 33, ZANDA),
    ("x" * 160, "GSM-7", 1, ZANDA),
    ("x" * 161, "GSM-7", 2, ZANDA),
    ("x" * 306, "GSM-7", 2, ZANDA),
    ("x" * 307, "GSM-7", 3, ZANDA),
]


@pytest.mark.parametrize(
    ("text", "encoding", "segments", "source"),
    PUBLISHED,
    ids=[f"{text[0]}-{text[-1]}-{len(text)}-{i}" for i, (text, *_) in enumerate(PUBLISHED)],
)
def test_published_counts_are_reproduced(text, encoding, segments, source):
    found = count(text)
    assert (found.encoding, found.segments) == (encoding, segments), source


# Each row by hand: units, then segments from 160 or 153 a part (GSM-7), 70 or 67 (UCS-2).
BORDERS = [
    ("", "GSM-7", 0, 1),
    ("a" * 160, "GSM-7", 160, 1),
    ("a" * 161, "GSM-7", 161, 2),
    ("a" * 306, "GSM-7", 306, 2),
    ("a" * 307, "GSM-7", 307, 3),
    ("…" * 70, "UCS-2", 70, 1),
    ("…" * 71, "UCS-2", 71, 2),
    ("…" * 134, "UCS-2", 134, 2),
    ("…" * 135, "UCS-2", 135, 3),
    ("€" + "a" * 158, "GSM-7", 160, 1),
    ("€" + "a" * 159, "GSM-7", 161, 2),
    ("a" * 158 + "€", "GSM-7", 160, 1),
    ("€" * 80, "GSM-7", 160, 1),
    ("€" * 81, "GSM-7", 162, 2),
    (EMOJI * 35, "UCS-2", 70, 1),
    (EMOJI * 36, "UCS-2", 72, 2),
    (EMOJI + "a" * 132, "UCS-2", 134, 2),
    (EMOJI + "a" * 133, "UCS-2", 135, 3),
    ("one\r\ntwo", "GSM-7", 8, 1),
    ("\r\n" * 80, "GSM-7", 160, 1),
    ("\r\n" * 80 + "a", "GSM-7", 161, 2),
    # A pair that would straddle a border moves as a whole, so these need a part more than units / part, rounded up:
    ("a" * 152 + "€" + "a" * 151, "GSM-7", 305, 2),  # 152 + one lost, then 2 + 151 = 153
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),  # 306 = 2 x 153, but one is lost at the border
    ("€" * 152, "GSM-7", 304, 2),  # 76 pairs a part, one lost in each
    ("€" * 153, "GSM-7", 306, 3),
    ("…" * 66 + EMOJI + "…" * 65, "UCS-2", 133, 2),  # 66 + one lost, then 2 + 65 = 67
    ("…" * 66 + EMOJI + "…" * 66, "UCS-2", 134, 3),  # 134 = 2 x 67, but one is lost at the border
    (EMOJI * 66, "UCS-2", 132, 2),  # 33 pairs a part, one lost in each
    (EMOJI * 67, "UCS-2", 134, 3),
]


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    BORDERS,
    ids=[f"{encoding}-{units}-{segments}-{i}" for i, (_, encoding, units, segments) in enumerate(BORDERS)],
)
def test_borders_by_hand(text, encoding, units, segments):
    found = count(text)
    assert (found.encoding, found.units, found.segments) == (encoding, units, segments)


def test_the_gsm_alphabet_has_127_characters_beside_the_escape_and_ten_in_the_extension():
    assert len(GSM7_BASIC) == 127
    assert sorted(GSM7_EXTENSION) == sorted("|^€{}[]~\\\f")
    assert not GSM7_BASIC & GSM7_EXTENSION


@pytest.mark.parametrize("character", [*"àèéìòùäöüñåæøßÇ¿¡§£¥¤", "\n", "\r", "@", "_", " "])
def test_characters_of_the_basic_alphabet_take_one_unit(character):
    found = count(character)
    assert (found.encoding, found.units, found.forcing) == ("GSM-7", 1, ())


@pytest.mark.parametrize("character", [*"áíóúçêãâ\u2018\u2019\u201c\u201d\u2013\u2014…•`\t\u00a0"])
def test_characters_outside_the_alphabet_turn_the_whole_text_to_ucs2(character):
    found = count("See you {Tuesday}" + character)
    # In UCS-2 the braces take one unit each again.
    assert (found.encoding, found.units, found.forcing) == ("UCS-2", 18, (character,))


def test_forcing_characters_are_listed_once_in_order_with_their_names():
    found = count("It\u2019s on \u2013 don\u2019t be late " + EMOJI)
    assert found.forcing == ("\u2019", "\u2013", EMOJI)
    assert list(found.forcing_names()) == [
        "\u2019 (right single quotation mark)",
        "\u2013 (en dash)",
        f"{EMOJI} (grinning face)",
    ]
    assert list(count("\x85").forcing_names()) == ["U+0085"]


def strict_parts(text: str) -> tuple[int, int]:
    """Encode for real and cut, giving a pair that would be cut to the next part; return units and parts."""
    if all(c in GSM7_BASIC or c in GSM7_EXTENSION for c in text):
        stream = "".join("\x1b" + c if c in GSM7_EXTENSION else c for c in text)
        single, part, opens_pair = 160, 153, lambda unit: unit == "\x1b"
    else:
        raw = text.encode("utf-16-be")
        stream = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
        single, part, opens_pair = 70, 67, lambda unit: 0xD800 <= unit < 0xDC00
    if len(stream) <= single:
        return len(stream), 1
    parts, at = 0, 0
    while at < len(stream):
        end = min(at + part, len(stream))
        at = end - 1 if end < len(stream) and opens_pair(stream[end - 1]) else end
        parts += 1
    return len(stream), parts


pieces = st.lists(
    st.tuples(st.sampled_from(["a", "€", "|", "\n", "…", EMOJI, "á"]), st.integers(1, 160)), max_size=5
).map(lambda runs: "".join(c * n for c, n in runs))
plain_pieces = st.lists(st.tuples(st.sampled_from("a€]"), st.integers(1, 160)), max_size=5).map(
    lambda runs: "".join(c * n for c, n in runs)
)
texts = pieces | plain_pieces | st.text(max_size=200)


@given(texts)
def test_the_count_equals_encoding_and_cutting(text):
    found = count(text)
    assert (found.units, found.segments) == strict_parts(text)


@given(texts)
def test_units_are_at_least_the_characters_and_fit_into_the_segments(text):
    found = count(text)
    assert found.units >= len(text)
    size = SINGLE[found.encoding] if found.segments == 1 else PART[found.encoding]
    assert found.segments * size >= found.units
    assert found.room >= 0


@given(texts, texts)
def test_a_longer_text_never_takes_fewer_segments(text, more):
    assert count(text + more).segments >= count(text).segments


@given(texts)
def test_the_room_can_be_filled_and_not_overfilled(text):
    found = count(text)
    assert count(text + "a" * found.room).segments == found.segments
    assert count(text + "a" * (found.room + 1)).segments == found.segments + 1


def test_room_leaves_out_the_unit_that_is_lost_before_a_pair():
    # Part 1 holds 152 and loses one; part 2 holds the euro sign (2), so 151 are left, though 306 - 154 is 152.
    assert count("a" * 152 + "€" + "a" * 10).room == 141
