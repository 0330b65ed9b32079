"""The brand: what it takes over, what it refuses and in which words, and what it does with a pale colour."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from papers import SVG, png
from texteval import assess, words
from texteval.errors import DataError, UserError
from texteval.report import brand
from texteval.report.brand import Brand


def written(folder: Path, text: str, **files: bytes | str) -> Path:
    for name, held in files.items():
        path = folder / name.replace("_", ".")
        path.write_bytes(held.encode() if isinstance(held, str) else held)
    path = folder / "brand.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        brand.load(path)
    return str(caught.value).replace(str(path), "brand.yaml")


def test_without_a_file_it_is_the_plain_brand() -> None:
    assert brand.load(None) == Brand()
    assert brand.load(None).firm == ""
    assert brand.contrast(Brand().colour) >= 4.5


def test_a_whole_brand_is_taken_over(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'firm: " Harbor & Co "\ncontact: [a@b.example, 555 0100]\nlogo: logo.png\ncolour: "#7A1F5C"\ncover: One\n',
        logo_png=png(),
    )
    found = brand.load(path)
    assert (found.firm, found.contact, found.colour) == ("Harbor & Co", ("a@b.example", "555 0100"), "#7a1f5c")
    assert (found.cover, found.remarks) == (("One",), ())
    assert found.logo is not None
    assert found.logo.mime == "image/png"
    with Image.open(io.BytesIO(found.logo.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (40, 20))


def test_the_template_that_people_start_from_is_a_brand() -> None:
    path = Path(__file__).resolve().parents[1] / "data" / "brand-template.yaml"
    assert brand.load(path).remarks == ()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none.yaml: there is no such file"):
        brand.load(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contact: x\n", "brand.yaml:1: firm: 'firm' is missing: add 'firm:'"),
        ("firm: A\ncolor: '#123456'\n", "brand.yaml:2: color: 'color' is not a field here: did you mean 'colour'?"),
        (
            "firm: A\ncolour: #123456\n",
            "brand.yaml:2: colour: nothing stands here: put the colour in quotes, as in '#0b5394'",
        ),
        (
            "firm: A\ncolour: blue\n",
            "brand.yaml:2: colour: 'blue' is not a colour: write # and six digits in quotes, as in '#0b5394'",
        ),
        (
            "firm: A\n\ncolour: 123456\n",
            "brand.yaml:3: colour: '123456' is not a colour: write # and six digits in quotes, as in '#0b5394'",
        ),
        ("firm: A\ncontact:\n- x\n- 5\n", "brand.yaml:4: contact[2]: 5 does not fit here: write text, in quotes"),
        (f"firm: {'x' * 121}\n", "write at most 120 characters"),
        ("firm: ''\n", "brand.yaml:1: firm: '' does not fit here: write some text"),
        ("firm: A\nfirm: B\n", "brand.yaml:2: 'firm' stands twice: keep one of the two"),
        ("firm: A\nlogo: no.png\n", "brand.yaml:2: logo: there is no file 'no.png': check the name; it is looked for"),
        ("firm: A\nlogo: ''\n", "brand.yaml:2: logo: '' does not fit here: write some text"),
        ("firm: A\nlogo: .\n", "brand.yaml:2: logo: '.' is a folder: name the picture in it"),
        ('firm: A\nlogo: "a\\0b"\n', "brand.yaml:2: logo: there is no file"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(written(tmp_path, text))


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = refused(written(tmp_path, "firm: ''\ncolour: red\nlogo: 5\n"))
    assert [line.split(": ")[0] for line in told.splitlines()] == ["brand.yaml:1", "brand.yaml:2", "brand.yaml:3"]


NO_PICTURE = "brand.yaml:2: logo: 'logo.png' is not a picture: give a PNG, a JPEG or an SVG"


@pytest.mark.parametrize(
    "held",
    [b"", b"hello", png()[:60], b"GIF89a" + b"\0" * 60, b"\x89PNG\r\n\x1a\n" + b"\0" * 60, b"%PDF-1.7", b"<html/>"],
    ids=["empty", "words", "half", "gif", "only a head", "pdf", "html"],
)
def test_what_is_not_a_picture_is_refused(tmp_path: Path, held: bytes) -> None:
    assert refused(written(tmp_path, "firm: A\nlogo: logo.png\n", logo_png=held)) == NO_PICTURE


def test_a_logo_too_large_to_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "firm: A\nlogo: logo.png\n", logo_png=png() + b"\0" * (brand.MAX_BYTES - len(png()) + 1))
    assert refused(path) == "brand.yaml:2: logo: 'logo.png' is larger than 2,000,000 bytes: give a smaller picture"
    (tmp_path / "logo.png").write_bytes(png() + b"\0" * (brand.MAX_BYTES - len(png())))
    assert brand.load(path).logo is not None


def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 5001)).save(out, "PNG")
    path = written(tmp_path, "firm: A\nlogo: logo.png\n", logo_png=out.getvalue())
    assert refused(path) == "brand.yaml:2: logo: the logo has 8,000 by 5,001 pixels: give a smaller picture"


def test_nothing_but_the_pixels_is_taken_over(tmp_path: Path) -> None:
    from PIL import PngImagePlugin

    words, out = PngImagePlugin.PngInfo(), io.BytesIO()
    words.add_text("Comment", "SECRET")
    Image.new("RGB", (3000, 30)).save(out, "PNG", pnginfo=words)
    found = brand.load(written(tmp_path, "firm: A\nlogo: logo.png\n", logo_png=out.getvalue() + b"SECRET")).logo
    assert found is not None
    assert b"SECRET" not in found.data
    with Image.open(io.BytesIO(found.data)) as picture:
        assert picture.size == (1200, 12)


def test_a_jpeg_stands_upright(tmp_path: Path) -> None:
    out = io.BytesIO()
    turned = Image.Exif()
    turned[0x0112] = 6  # a quarter turn
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=turned)
    found = brand.load(written(tmp_path, "firm: A\nlogo: l.jpg\n", l_jpg=out.getvalue())).logo
    assert found is not None
    with Image.open(io.BytesIO(found.data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (20, 40))


def test_an_svg_that_refers_to_itself_is_taken_and_drawn(tmp_path: Path) -> None:
    found = brand.load(written(tmp_path, "firm: A\nlogo: l.svg\n", l_svg=SVG)).logo
    assert found is not None
    assert (found.mime, found.data) == ("image/svg+xml", SVG.encode())
    assert found.png is not None
    with Image.open(io.BytesIO(found.png)) as picture:
        assert picture.width == 3 * picture.height
        assert picture.convert("RGB").getpixel((30, 20)) == (0x20, 0x40, 0x60)


INSIDE = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'"
OUTSIDE = "refers to something outside itself"


@pytest.mark.parametrize(
    ("svg", "wrong"),
    [
        (f"<svg {INSIDE}><script>x</script></svg>", "holds <script>"),
        (f"<svg {INSIDE}><x:SCRIPT xmlns:x='http://www.w3.org/2000/svg'/></svg>", "holds <SCRIPT>"),
        (f"<svg {INSIDE} onload='x()'/>", "holds onload="),
        (f"<svg {INSIDE}><foreignObject/></svg>", "holds <foreignObject>"),
        (f"<svg {INSIDE}><image href='https://x.example/a.png'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><image xlink:href='/etc/passwd'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><image href='data:image/svg+xml;base64,AA'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><use href='other.svg#a'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><a href='javascript:x'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><rect fill='URL(https://x.example)'/></svg>", OUTSIDE),
        (f"<svg {INSIDE}><style>rect {{ fill: url( 'x.png' ) }}</style></svg>", OUTSIDE),
        (f"<svg {INSIDE}><style>@import 'x.css';</style></svg>", OUTSIDE),
        (f"<svg {INSIDE}><style>@IMPORT 'https://x.example/a.css';</style></svg>", OUTSIDE),
        (f"<?xml-stylesheet href='x.css'?><svg {INSIDE}/>", "holds a processing instruction"),
        (f"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg {INSIDE}>&a;</svg>", "declares entities"),
        (f"<!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg {INSIDE}>&a;</svg>", "declares entities"),
    ],
)
def test_an_svg_that_runs_or_fetches_is_refused(tmp_path: Path, svg: str, wrong: str) -> None:
    told = refused(written(tmp_path, "firm: A\nlogo: l.svg\n", l_svg=svg))
    assert told == f"brand.yaml:2: logo: 'l.svg' {wrong}: save it as plain shapes, or as a PNG"


@pytest.mark.parametrize("svg", ["<svg", "<svg/>", "<svg xmlns='http://www.w3.org/2000/svg'><rect></svg>", "<a/>"])
def test_what_is_no_svg_is_refused(tmp_path: Path, svg: str) -> None:
    told = refused(written(tmp_path, "firm: A\nlogo: logo.png\n", logo_png=svg))
    assert told == NO_PICTURE


def test_an_entity_bomb_is_refused_at_once(tmp_path: Path) -> None:
    bomb = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
    path = written(
        tmp_path,
        "firm: A\nlogo: l.svg\n",
        l_svg=f"<!DOCTYPE svg [<!ENTITY a0 'x'>{bomb}]><svg {INSIDE}>&a11;</svg>",
    )
    assert "declares entities" in refused(path)


def test_an_svg_without_typst_is_kept_and_the_word_file_goes_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)  # as on Windows on ARM
    path = written(tmp_path, "firm: A\nlogo: l.svg\n", l_svg=SVG)
    found = brand.load(path)
    assert found.logo is not None
    assert found.logo.png is None
    assert found.remarks == (
        f"{path}: logo: a Word file cannot hold this SVG on this machine: give a PNG to have it there",
    )


# Colour. The figures are those of the W3C's own examples: #767676 is the lightest grey that passes.


@pytest.mark.parametrize(
    ("colour", "right"), [("#000000", 21), ("#ffffff", 1), ("#767676", 4.54), ("#777777", 4.48), ("#ff0000", 3.998)]
)
def test_contrast_is_that_of_the_standard(colour: str, right: float) -> None:
    assert brand.contrast(colour) == pytest.approx(right, abs=0.005)


def test_the_lightest_grey_that_passes_is_kept_and_the_next_is_replaced(tmp_path: Path) -> None:
    kept = brand.load(written(tmp_path, "firm: A\ncolour: '#767676'\n"))
    assert (kept.colour, kept.remarks) == ("#767676", ())
    path = written(tmp_path, "firm: A\ncolour: '#777777'\n")
    pale = brand.load(path)
    assert pale.colour == Brand().colour
    assert pale.remarks == (
        f"{path}: colour: #777777 on white has a contrast of 4.4 to 1, and text needs 4.5: #0b5394 is used instead",
    )


def test_every_verdict_has_a_sign_and_a_colour_that_can_be_read() -> None:
    assert set(words.MARKS) == set(words.TONES) == set(assess.VERDICTS)
    assert all(brand.contrast(tone) >= 4.5 for tone in words.TONES.values())


@pytest.mark.parametrize(
    ("firm", "client", "words"),
    [
        ("", None, ""),
        ("A", None, "Prepared by A"),
        ("", "B", "Prepared for B"),
        ("A", "B", "Prepared for B by A"),
        ("A", "שלום", "Prepared for \u2068שלום\u2069 by A"),
    ],
)
def test_for_whom_and_by_whom(firm: str, client: str | None, words: str) -> None:
    assert brand.prepared(Brand(firm=firm), client) == words
