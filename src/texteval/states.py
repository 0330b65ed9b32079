"""The states of the United States, by their postal codes."""

from __future__ import annotations

from typing import Annotated

import pydantic

from texteval.errors import nearest

# fmt: off
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}
# fmt: on
"""What each code stands for; with the District of Columbia and Puerto Rico."""


def _state(value: object) -> str:
    code = str(value).strip()
    if code in STATES:
        return code
    by_name = {name.lower(): code for code, name in STATES.items()}
    if code.lower() in by_name:
        raise ValueError(f"'{code}' is not a code: write {by_name[code.lower()]}")
    if code.upper() in STATES:
        raise ValueError(f"'{code}' is not a code: write {code.upper()}, in capitals")
    if value is False:  # YAML reads a bare NO as a truth value
        raise ValueError("a truth value is no state: write it in quotes")
    hint = nearest(code.upper(), STATES) if len(code) <= 3 else nearest(code, STATES.values())
    raise ValueError(f"there is no state '{code[:40]}': {hint}; write its two-letter code, such as TX")


State = Annotated[
    str, pydantic.PlainValidator(_state), pydantic.WithJsonSchema({"type": "string", "enum": list(STATES)})
]
"""A state by its two-letter code."""
