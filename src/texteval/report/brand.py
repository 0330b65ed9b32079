"""Whose paper it is: the firm's name, contact, logo, colour and the words on its cover.

The file is written by a stranger, as every file is: a picture is decoded before it is used, and a drawing that would
run or fetch something is refused.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from xml.parsers import expat

import pydantic
from PIL import Image, ImageOps

from texteval.files import is_file, is_folder, read_yaml, refuse, validate
from texteval.models import Strict, Text, one_or_more
from texteval.words import isolated

COLOUR = "#0b5394"
"""The colour of texteval's own plain brand."""

CONTRAST = 4.5
"""Least contrast of text against its ground (WCAG 2.2, success criterion 1.4.3)."""

MAX_BYTES = 2_000_000
"""The largest logo that is read, in bytes."""

MAX_PIXELS = 40_000_000
"""The largest picture that is decoded, in pixels."""

SIDE = 1200
"""The longer side, in pixels, to which a larger logo is scaled down."""


def _colour(value: object) -> str:
    if value is None:
        raise ValueError("nothing stands here: put the colour in quotes, as in '#0b5394'")
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f"{str(value)[:40]!r} is not a colour: write # and six digits in quotes, as in '#0b5394'")
    return value.lower()


Line = Annotated[str, pydantic.StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Lines = Annotated[list[Line], pydantic.Field(max_length=6), one_or_more(Line)]
Paragraphs = Annotated[list[Text], pydantic.Field(max_length=6), one_or_more(Text)]


class BrandFile(Strict):
    """A brand, as its file gives it."""

    firm: Line
    """The firm's name, as it stands on the first page and at the foot of each."""
    contact: Lines = pydantic.Field(default_factory=list)
    """How to reach it: one or more lines."""
    logo: Text | None = None
    """A PNG, JPEG or SVG, looked for beside this file."""
    colour: Annotated[str, pydantic.PlainValidator(_colour)] = COLOUR
    """The colour of headings, dark enough to read on white."""
    cover: Paragraphs = pydantic.Field(default_factory=list)
    """Words for the cover: one or more paragraphs."""


@dataclass(frozen=True)
class Logo:
    """A logo that has been proven to be a picture.

    Parameters
    ----------
    data : bytes
        The picture: a PNG written anew from what the file held, or the SVG as it was.
    mime : str
        ``image/png`` or ``image/svg+xml``.
    png : bytes or None
        The same as PNG, for what cannot show SVG; None where this machine cannot draw it.
    """

    data: bytes
    mime: str
    png: bytes | None


@dataclass(frozen=True)
class Brand:
    """Whose paper it is. Without arguments it is texteval's own plain brand.

    Parameters
    ----------
    firm : str
        The firm's name; empty for the plain brand.
    contact : tuple of str
        How to reach it, line by line.
    logo : Logo or None
        Its logo.
    colour : str
        ``#rrggbb``, with a contrast of at least :data:`CONTRAST` against white.
    cover : tuple of str
        Paragraphs for the cover; empty for no cover.
    remarks : tuple of str
        What was asked for and could not be had, in plain words.
    """

    firm: str = ""
    contact: tuple[str, ...] = ()
    logo: Logo | None = None
    colour: str = COLOUR
    cover: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def load(path: Path | None) -> Brand:
    """Load a brand.

    Parameters
    ----------
    path : pathlib.Path or None
        Its YAML file; None for texteval's own plain brand.

    Returns
    -------
    Brand
        The brand. A colour that cannot be read on white is replaced by :data:`COLOUR`, and a remark says so.

    Raises
    ------
    UserError
        If the file cannot be read, or a field is wrong, or the logo is missing, too large, not a picture, or an SVG
        that runs or fetches something.
    """
    if path is None:
        return Brand()
    data, text = read_yaml(path)
    file = validate(BrandFile, data, path, text)
    logo, faults = None, []
    if file.logo is not None:
        try:
            logo = _logo(path.parent / file.logo, file.logo)
        except _LogoError as error:
            faults.append((("logo",), error.wrong, error.right))
    refuse(faults, path, text)
    colour, remarks = file.colour, []
    if contrast(colour) < CONTRAST:
        remarks.append(
            f"{path}: colour: {colour} on white has a contrast of {int(contrast(colour) * 10) / 10:.1f} to 1, and text "
            f"needs {CONTRAST}: {COLOUR} is used instead"
        )
        colour = COLOUR
    if logo is not None and logo.png is None:
        remarks.append(f"{path}: logo: a Word file cannot hold this SVG on this machine: give a PNG to have it there")
    return Brand(file.firm, tuple(file.contact), logo, colour, tuple(file.cover), tuple(remarks))


def prepared(brand: Brand, client: str | None) -> str:
    """Say for whom a paper is made, and by whom; empty where neither is known."""
    whom = f"for {isolated(client)}" if client else ""
    who = f"by {isolated(brand.firm)}" if brand.firm else ""
    return " ".join(filter(None, ["Prepared", whom, who])) if whom or who else ""


def contrast(colour: str) -> float:
    """Return a colour's contrast against white.

    Parameters
    ----------
    colour : str
        ``#rrggbb``.

    Returns
    -------
    float
        From 1 (white) to 21 (black), by the formula of WCAG 2.2 for sRGB.
    """
    linear = []
    for place in (1, 3, 5):
        value = int(colour[place : place + 2], 16) / 255
        linear.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


class _LogoError(Exception):
    """What is wrong with a logo, and what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        super().__init__(wrong)
        self.wrong, self.right = wrong, right


def _logo(path: Path, name: str) -> Logo:
    if is_folder(path):
        raise _LogoError(f"'{name}' is a folder", "name the picture in it")
    if not is_file(path):
        raise _LogoError(f"there is no file '{name}'", "check the name; it is looked for beside this file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _LogoError(f"'{name}' cannot be read ({error.strerror})", "check its permissions") from None
    if len(raw) > MAX_BYTES:
        raise _LogoError(f"'{name}' is larger than {MAX_BYTES:,} bytes", "give a smaller picture")
    no_picture = _LogoError(f"'{name}' is not a picture", "give a PNG, a JPEG or an SVG")
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        for wrong in _unsafe(raw, no_picture):
            raise _LogoError(f"'{name}' {wrong}", "save it as plain shapes, or as a PNG")
        try:
            return Logo(raw, "image/svg+xml", _drawn(raw))
        except ValueError:
            raise no_picture from None
    png = _decoded(raw, no_picture)
    return Logo(png, "image/png", png)


def _decoded(raw: bytes, no_picture: _LogoError) -> bytes:
    """Decode a picture and write it anew, so that nothing but its pixels is taken over."""
    try:
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                wide, high = picture.size
                raise _LogoError(f"the logo has {wide:,} by {high:,} pixels", "give a smaller picture")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise no_picture from None
    upright.thumbnail((SIDE, SIDE))
    out = io.BytesIO()
    upright.save(out, "PNG", optimize=True)
    return out.getvalue()


SVG = "http://www.w3.org/2000/svg"
RUNS = ("script", "foreignobject", "handler", "listener", "iframe", "animate", "set")
"""Elements of an SVG that run, hold a page, or change what the others refer to."""

INSIDE = re.compile(r"\s*(?:#|data:image/(?:png|jpeg);base64,)")
"""References that stay inside the file."""


def _unsafe(raw: bytes, no_picture: _LogoError) -> Iterator[str]:
    """Say what in an SVG would run or fetch something."""
    found: list[str] = []
    root: list[str] = []

    def words(text: str) -> None:
        if "@import" in text.lower() or any(
            not INSIDE.match(one) for one in re.findall(r"url\(\s*[\"']?([^)]*)", text, re.I)
        ):
            found.append("refers to something outside itself")

    def start(name: str, attributes: dict[str, str]) -> None:
        root.append(name)
        if name.rpartition(" ")[2].lower() in RUNS:
            found.append(f"holds <{name.rpartition(' ')[2]}>")
        for attribute, value in attributes.items():
            short = attribute.rpartition(" ")[2].lower()
            if short.startswith("on"):
                found.append(f"holds {short}=")
            if short in ("href", "src") and not INSIDE.match(value):
                found.append("refers to something outside itself")
            words(value)

    def entity(*_: Any) -> None:
        found.append("declares entities")

    def instruction(*_: Any) -> None:
        found.append("holds a processing instruction")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True  # so that a word is not torn
    parser.buffer_size = MAX_BYTES
    parser.StartElementHandler = start
    parser.CharacterDataHandler = words
    parser.EntityDeclHandler = entity
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError, LookupError):
        if not found:
            raise no_picture from None
    if not found and (not root or root[0] != f"{SVG} svg"):
        raise no_picture
    yield from found


def _drawn(svg: bytes) -> bytes | None:
    """Draw an SVG as PNG; None without typst, and ValueError if it cannot be drawn."""
    try:
        import typst
    except ImportError:
        return None
    program = b"""
        #set page(width: auto, height: auto, margin: 0pt, fill: none)
        #image(bytes(json(bytes(sys.inputs.svg))), format: "svg", width: 200pt)
    """
    try:
        text = json.dumps(svg.decode("utf-8-sig"))
        png = typst.compile(program, sys_inputs={"svg": text}, format="png", ppi=216, ignore_system_fonts=True)
    except (typst.TypstError, UnicodeDecodeError):
        raise ValueError("it cannot be drawn") from None
    assert isinstance(png, bytes)
    return png
