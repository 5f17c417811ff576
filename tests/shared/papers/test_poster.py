"""The poster: one page, its words in the right letters, its code readable, long texts bounded."""

import io
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from shared.papers import poster, share
from shared.papers.poster import PosterPaper
from shared.papers.share import SharePaper

PAPER = PosterPaper(
    slug="italk-8",
    title="iTalk 8: Он чи худ аз сар гузаронидем",
    when="шанбе, 5 декабр, 18:00–20:30, вақти Душанбе",
    venue="Китобхонаи миллӣ, Душанбе",
    organization="Пешрафт",
    address="https://turnout.example.org/l/abc234",
    call="Барои бақайдгирӣ скан кунед",
    language="tg",
)


def photograph() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 400), "teal").save(file, "WEBP")
    return file.getvalue()


def test_it_is_read_as_text_and_its_code_by_a_camera() -> None:
    with pypdfium2.PdfDocument(poster.pdf(PAPER)) as document:
        words = " ".join(document[0].get_textpage().get_text_range().split())
        picture = document[0].render(scale=2).to_pil()
    for text in (PAPER.title, "Китобхонаи миллӣ, Душанбе", "turnout.example.org/l/abc234", "скан кунед"):
        assert text in words
    (code,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert code.text == PAPER.address


@pytest.mark.parametrize("title", ["", "Ғ", "Мубоҳисаи озод дар бораи пиёдароҳҳо " * 20, "W" * 300])
def test_any_title_fits_one_page(title: str) -> None:
    with pypdfium2.PdfDocument(poster.pdf(replace(PAPER, title=title), photograph())) as document:
        assert len(document) == 1


def test_title_and_venue_stay_on_the_coloured_part_under_a_long_title() -> None:
    long = replace(PAPER, title="Мубоҳисаи озод дар бораи пиёдароҳҳо " * 3, venue="Китобхонаи миллии Тоҷикистон, " * 3)
    for paper in (PAPER, long):
        with pypdfium2.PdfDocument(poster.pdf(paper)) as document:
            page = document[0].get_textpage()
            placed = [page.get_charbox(n)[1] for n in range(page.count_chars())]
            text = page.get_text_range()
        place = text.index(paper.venue.split(",")[0].split()[-1])
        assert placed[place] > (2970 - 2000) / 2970 * 842, "points above the white part"


MORE = replace(
    PAPER,
    summary="Шаш нафар дар бораи он чи худ аз сар гузаронидаанд, сухан мегӯянд.",
    speakers="Суханронҳо: Мадина Раҳимова, Ҷаҳонгир Қодиров",
    partners="Шарикон: Маркази исмоилиён",
)


def words_of(paper: PosterPaper) -> str:
    with pypdfium2.PdfDocument(poster.pdf(paper)) as document:
        return " ".join(document[0].get_textpage().get_text_range().split())


def test_what_it_is_who_speaks_and_who_helps_stand_there_too() -> None:
    words = words_of(MORE)
    for text in (MORE.title, MORE.summary, MORE.speakers, MORE.partners):
        assert text in words


def test_what_is_endless_leaves_the_title_and_the_code_their_room() -> None:
    endless = replace(MORE, title="Мубоҳисаи озод " * 20, speakers="Ҷаҳонгир " * 15 + "!", partners="Шарик " * 200)
    with pypdfium2.PdfDocument(poster.pdf(endless)) as document:
        page = document[0].get_textpage()
        placed = [page.get_charbox(n)[1] for n in range(page.count_chars())]
        (last,) = (n for n, letter in enumerate(page.get_text_range()) if letter == "!")
        (code,) = zxingcpp.read_barcodes(document[0].render(scale=2).to_pil().convert("L"))
    assert code.text == PAPER.address
    assert min(placed) > 30, "points from the lower edge"
    assert placed[last] > (2970 - 2000) / 2970 * 842, "points above the white part"


def test_the_same_values_give_the_same_bytes() -> None:
    assert poster.pdf(PAPER) == poster.pdf(PAPER)


@pytest.mark.parametrize("shape", [share.WIDE, share.SQUARE])
def test_a_photograph_replaces_the_cover_in_the_link_preview(shape: share.Shape) -> None:
    paper = SharePaper("italk-8", PAPER.title, PAPER.when, PAPER.organization)
    with Image.open(io.BytesIO(share.png(paper, photograph(), shape))) as image:
        assert image.size == (shape.width, shape.height)
        red, green, blue = image.convert("RGB").getpixel((shape.width // 2, 40))  # type: ignore[misc]  # three channels
    assert max(abs(red), abs(green - 128), abs(blue - 128)) < 6
