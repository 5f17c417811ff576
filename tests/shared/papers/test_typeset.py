"""Lines, as wide as the paper leaves room for, and drawn where they belong."""

import io

import pypdfium2
import pytest
from PIL import Image, ImageOps
from reportlab.pdfgen.canvas import Canvas

from shared.papers import typeset

TEXT = "Ҷаҳонгири Муҳаммадғафури Қодирӯзодаи Хуҷандӣ"


@pytest.mark.parametrize("text", [TEXT, "Ӯ" * 80, "a" * 50 + " b", "日本" * 30])
@pytest.mark.parametrize("font", [typeset.REGULAR, typeset.BOLD])
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text, font):
    split = typeset.lines(text, 40, 500, font=font)
    assert all(typeset.width(line, 40, font=font) <= 500 for line in split)
    assert "".join(split).replace(" ", "") == text.replace(" ", "")


def test_a_letter_that_is_wider_than_the_room_still_ends():
    assert typeset.lines("WW", 40, 1) == ["W", "W"]


def test_the_largest_size_that_fits_is_taken():
    assert typeset.fit("iTalk 7", (60, 40), 900, 1) == (60, ["iTalk 7"])
    size, split = typeset.fit(TEXT, (60, 30), 900, 1)
    assert (size, split) == (30, [TEXT])


def test_what_fits_at_no_size_is_cut_and_says_so():
    size, split = typeset.fit(TEXT * 9, (60, 30), 900, 2)
    assert (size, len(split)) == (30, 2)
    assert split[-1].endswith("…")
    assert typeset.width(split[-1], 30) <= 900


def test_our_own_fonts_have_the_letters_of_our_languages():
    assert typeset.is_covered("Ғ Ӣ Қ Ӯ Ҳ Ҷ ғ ӣ қ ӯ ҳ ҷ Ё ё « » — – … № ’ oʻ gʻ é ş ğ €")
    assert typeset.is_covered("محمد رضا احمدی، پښتو گچ ژاله ۱۴۰۵")
    assert not typeset.is_covered("王")


def ink(text: str, align: str = "left") -> Image.Image:
    """Return a page of 400 by 200 points with a line of 20 at 200, 100: white where there is ink."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(400, 200))
    typeset.draw(canvas, text, 200, 100, size=20, colour="#000000", align=align)
    canvas.save()
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        drawn = document[0].render(scale=1).to_pil().convert("L")
    return ImageOps.invert(drawn).point(lambda shade: 255 * (shade > 64))


def box(image: Image.Image) -> tuple[int, int, int, int]:
    bounds = image.getbbox()
    assert bounds is not None, "nothing is drawn"
    return bounds


@pytest.mark.parametrize("text", ["Мадина", "محمد رضا", "Али محمد"])
def test_a_line_of_any_letters_is_drawn_where_it_belongs(text: str) -> None:
    left, centre, right = (box(ink(text, align)) for align in ("left", "centre", "right"))
    assert left[0] == pytest.approx(200, abs=3)
    assert right[2] == pytest.approx(200, abs=3)
    assert (centre[0] + centre[2]) / 2 == pytest.approx(200, abs=3)
    assert all(80 <= top < bottom <= 108 for _, top, _, bottom in (left, centre, right)), "on its baseline"


def test_arabic_letters_are_joined() -> None:
    """Alone, the first two letters of the name go far below the line."""
    joined, apart = box(ink("محمد")), box(ink("\u200c".join("محمد")))
    assert joined[3] + 3 < apart[3]


def test_arabic_runs_from_the_right() -> None:
    """The last letter is the only tall one, and stands at the left."""
    page = ink("بببببا")
    left, top, right, bottom = box(page)
    first, last = (page.crop((start, top, start + 5, bottom)) for start in (right - 5, left))
    assert box(last)[1] + 5 < box(first)[1]


@pytest.mark.parametrize("organization", ["Ilmhona", ""])
def test_a_pdf_tells_whose_it_is_and_nothing_of_who_wrote_the_library(organization):
    files = [io.BytesIO() for _ in range(2)]
    for file in files:
        canvas = typeset.canvas(file, (100, 100), title="iTalk 7", organization=organization, language="tg")
        canvas.drawString(10, 10, "iTalk")
        canvas.save()
    with pypdfium2.PdfDocument(files[0].getvalue()) as document:
        described = document.get_metadata_dict(skip_empty=True)
    metadata = {key: described.get(key, "") for key in ("Title", "Author", "Subject", "Creator", "Producer")}
    assert metadata == {
        "Title": "iTalk 7",
        "Author": organization,
        "Subject": "",
        "Creator": "Turnout",
        "Producer": "Turnout",
    }
    assert files[0].getvalue() == files[1].getvalue()
