"""The three writers of a cover draw the same picture."""

import io
from array import array
from xml.etree import ElementTree as ET

import pypdfium2
from PIL import Image, ImageChops, ImageStat
from reportlab.pdfgen.canvas import Canvas

from shared.papers import cover, ikat

SMALL = cover.Cover(
    width=40,
    height=20,
    background="#112233",
    ink="#ffffff",
    quiet=15,
    shapes=(
        cover.Polygon(array("h", (0, 0, 10, 0, 10, 10, 0, 10)), "#ff0000"),
        cover.Polygon(array("h", (20, 0, 30, 0, 25, 10)), "#ff0000"),
        cover.Polygon(array("h", (2, 2, 4, 2, 4, 4, 2, 4)), "#00ff00"),
        cover.Polygon(array("h", (36, 2, 60, 2, 60, 4, 36, 4)), "#0000ff"),
    ),
)


def photograph() -> bytes:
    """Return a picture that is teal to the left and the paper's colour to the right."""
    image = Image.new("RGB", (1600, 1000), "teal")
    image.paste((248, 242, 228), (800, 0, 1600, 1000))
    file = io.BytesIO()
    image.save(file, "WEBP", quality=95)
    return file.getvalue()


def is_like(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return max(abs(level - expected) for level, expected in zip(pixel, colour, strict=True)) < 12


def test_a_photograph_covers_the_weave_in_all_three_writers() -> None:
    woven = ikat.weave("italk-8")
    fronted = cover.fronted(woven, photograph())
    file = io.BytesIO()
    page = Canvas(file, pagesize=(400, 200))
    cover.draw_pdf(page, fronted, 50, 50, 300)
    page.save()
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        on_paper = document[0].render(scale=2).to_pil().convert("RGB").crop((100, 100, 700, 300))
    with Image.open(io.BytesIO(cover.png(fronted, 600))) as image:
        drawn = image.convert("RGB")
    for picture in (on_paper, drawn):
        assert picture.size == (600, 200)
        assert is_like(picture.getpixel((150, 100)), (0, 128, 128))
        assert is_like(picture.getpixel((450, 195)), (248, 242, 228))
    assert cover.svg(fronted).count("<path") == 0
    assert (fronted.background, fronted.ink) == (woven.background, woven.ink)


def test_without_a_photograph_the_cover_is_what_is_woven() -> None:
    assert cover.fronted(SMALL, None) is SMALL


def test_a_photograph_weighs_no_more_than_its_paper_allows() -> None:
    noise = io.BytesIO()
    Image.effect_noise((1600, 1000), 90).convert("RGB").save(noise, "WEBP", quality=90)
    fronted = cover.fronted(ikat.weave("italk-8"), noise.getvalue())
    assert 20_000 < len(fronted.photograph) <= 1200 * 400 // cover.PIXELS_A_BYTE


def test_neighbours_of_one_colour_share_a_path():
    root = ET.fromstring(cover.svg(SMALL))
    assert [path.get("fill") for path in root] == ["#112233", "#ff0000", "#00ff00", "#0000ff"]
    assert root[1].get("d") == "m0 0h10v10h-10zm20 0h10l-5 10z"


def test_the_png_has_the_asked_width_and_later_shapes_lie_over_earlier_ones():
    with Image.open(io.BytesIO(cover.png(SMALL, 80))) as image:
        assert image.size == (80, 40)
        at = {point: image.convert("RGB").getpixel(point) for point in [(2, 2), (6, 6), (78, 6), (50, 4), (20, 36)]}
    assert at == {
        (2, 2): (255, 0, 0),
        (6, 6): (0, 255, 0),
        (78, 6): (0, 0, 255),
        (50, 4): (255, 0, 0),
        (20, 36): (0x11, 0x22, 0x33),
    }


def test_the_pdf_shows_what_the_png_shows_and_nothing_outside_the_frame():
    woven = ikat.weave("italk-8")
    file = io.BytesIO()
    page = Canvas(file, pagesize=(400, 200))
    cover.draw_pdf(page, woven, 50, 50, 300)
    page.save()
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        rendered = document[0].render(scale=2).to_pil().convert("RGB")
    with Image.open(io.BytesIO(cover.png(woven, 600))) as image:
        difference = ImageChops.difference(rendered.crop((100, 100, 700, 300)), image.convert("RGB"))
    assert max(ImageStat.Stat(difference).mean) < 6
    assert rendered.crop((0, 0, 800, 98)).getextrema() == ((255, 255),) * 3
    assert rendered.crop((702, 0, 800, 400)).getextrema() == ((255, 255),) * 3
