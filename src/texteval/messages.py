"""SMS encoding and segments of a text.

The rules are those of GSM 03.38 and of concatenated SMS, checked against the published tests of Twilio's segment
calculator [1]_ and Telnyx's encoding reference [2]_.

References
----------
.. [1] TwilioDevEd/message-segment-calculator, github.com, tests of 2024-06-26.
.. [2] Telnyx, "Message encoding", developers.telnyx.com, read 2026.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Characters of one septet."""

GSM7_EXTENSION = frozenset("\f^{}\\[~]|€")
"""Characters of two septets: an escape and the character; the pair is never split across parts."""

SINGLE = {"GSM-7": 160, "UCS-2": 70}
"""Units that fit into a text of one part."""

PART = {"GSM-7": 153, "UCS-2": 67}
"""Units that fit into each part of a longer text; the rest is its header."""


@dataclass(frozen=True)
class Segments:
    """How a text is sent.

    Parameters
    ----------
    encoding : str
        ``GSM-7`` or ``UCS-2``.
    units : int
        Length in septets (GSM-7) or in 16-bit units (UCS-2).
    segments : int
        Parts that are billed; an empty text is billed as one.
    room : int
        Units that still fit into the last part.
    forcing : tuple of str
        The characters, each once and in order, that are not in GSM-7 and turn the whole text to UCS-2.
    """

    encoding: str
    units: int
    segments: int
    room: int
    forcing: tuple[str, ...]

    def forcing_names(self) -> Iterator[str]:
        """Name each character that forces UCS-2, for a person who cannot see the difference."""
        for character in self.forcing:
            code = f"U+{ord(character):04X}"
            name = unicodedata.name(character, "").lower()
            yield f"{character} ({name or code})" if character.isprintable() else name or code


def count(text: str) -> Segments:
    """Count the segments of a text.

    GSM-7 holds 160 septets alone or 153 a part; extension characters count two. One character outside it turns the
    whole text to UCS-2, which holds 70 units alone or 67 a part, counted in UTF-16, so that most emoji count two. A
    pair is never split across parts.

    Parameters
    ----------
    text : str
        The message as it is sent.

    Returns
    -------
    Segments
        Encoding, units, segments, and the characters that force UCS-2.
    """
    forcing = tuple(dict.fromkeys(c for c in text if c not in GSM7_BASIC and c not in GSM7_EXTENSION))
    if forcing:
        encoding = "UCS-2"
        sizes = [2 if ord(c) > 0xFFFF else 1 for c in text]
    else:
        encoding = "GSM-7"
        sizes = [2 if c in GSM7_EXTENSION else 1 for c in text]
    units = sum(sizes)
    if units <= SINGLE[encoding]:
        return Segments(encoding, units, 1, SINGLE[encoding] - units, forcing)
    parts, filled = 1, 0
    for size in sizes:
        if filled + size > PART[encoding]:
            parts, filled = parts + 1, 0
        filled += size
    return Segments(encoding, units, parts, PART[encoding] - filled, forcing)
