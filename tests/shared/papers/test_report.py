"""The report's page: its head, its partners by name and logo, and the lines that give way on a full one."""

import io
from dataclasses import replace
from functools import reduce

import pypdfium2
import pytest
from PIL import Image, ImageChops

from shared.papers import report
from shared.papers.report import ChartPaper, PartnersPaper, ReportPaper

BINS = [(f"17:{minute:02}", minute) for minute in range(0, 60, 5)]
PAPER = ReportPaper(
    title="Шоми суханронӣ",
    when="шанбе, 5 декабр, 18:00–20:30",
    venue="Китобхонаи миллӣ, Душанбе",
    organization="Пешрафт",
    slug="italk-8",
    language="tg",
    summary="Аз 40 нафари ба қайд гирифташуда 31 нафар омад.",
    note="",
    headline=[("Ҳамагӣ омаданд", "36"), ("Омаданд", "31")],
    charts=[ChartPaper("Омадани иштирокчиён", "Аз ҳама бештар соати 17:55.", BINS)],
    provenance="Нусхаи 1",
    sections=[("Даромадгоҳҳо", [("Шимолӣ", "36")])],
)


def picture(colour: str, size: tuple[int, int], mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, "WEBP", lossless=True)
    return file.getvalue()


def page(paper: ReportPaper) -> Image.Image:
    with pypdfium2.PdfDocument(report.pdf(paper)) as document:
        assert len(document) == 1
        return document[0].render(scale=1).to_pil().convert("RGB")


def words(paper: ReportPaper) -> str:
    with pypdfium2.PdfDocument(report.pdf(paper)) as document:
        return " ".join(document[0].get_textpage().get_text_range().split())


def box_of(colour: tuple[int, int, int], image: Image.Image) -> tuple[int, int, int, int] | None:
    """Return the box of a colour on a page."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, colour)).split()
    most = reduce(ImageChops.lighter, apart)
    return most.point([255] * 12 + [0] * 244).getbbox()


SPOKEN = [
    "title",
    "organization",
    "venue",
    "summary",
    "note",
    "provenance",
    "headline",
    "charts",
    "partners",
    "sections",
]


@pytest.mark.parametrize("field", SPOKEN)
def test_words_in_arabic_letters_are_drawn(field: str) -> None:
    def paper(text: str) -> ReportPaper:
        texts = {
            "headline": [(text, text)],
            "charts": [ChartPaper(text, text, [(text, 3)], (80, text))],
            "partners": PartnersPaper(text, text),
            "sections": [(text, [(text, text)])],
        }
        return replace(PAPER, **{field: texts.get(field, text)})

    # Words of as many letters: where a letter is left blank, the pages are the same.
    library, gathering = (page(paper(words)) for words in ("کتابخانه", "گردهمایی"))
    assert library.tobytes() != gathering.tobytes()


def test_a_photograph_heads_the_page_from_edge_to_edge() -> None:
    image = page(replace(PAPER, photograph=picture("#00ff00", (1200, 800))))
    left, top, right, bottom = box_of((0, 255, 0), image) or (1, 1, 1, 1)
    assert (left, top, right) == (0, 0, image.width)
    assert 80 <= bottom <= 90, "30 mm"
    assert box_of((0, 255, 0), page(PAPER)) is None


def test_partners_stand_by_name_and_with_logos_of_one_height() -> None:
    logos = [picture("#00ff00", (300, 300)), picture("#ff00ff", (600, 300)), picture("#00ffff", (3000, 150))]
    partners = PartnersPaper("Шарикон", "Макон: Китобхонаи миллӣ · Чой: Чойхона", logos)
    image = page(replace(PAPER, partners=partners))
    square, twice, long = (box_of(colour, image) for colour in ((0, 255, 0), (255, 0, 255), (0, 255, 255)))
    assert square
    assert twice
    assert long
    assert abs((square[3] - square[1]) - (twice[3] - twice[1])) <= 1
    assert square[2] < twice[0] < twice[2] < long[0] < long[2] < image.width
    assert "Шарикон" in words(replace(PAPER, partners=partners))
    assert "Макон: Китобхонаи миллӣ · Чой: Чойхона" in words(replace(PAPER, partners=partners))


def test_logos_beyond_the_row_are_left_out_and_their_names_stay() -> None:
    partners = PartnersPaper(
        "Шарикон", ", ".join(f"Шарик {n}" for n in range(20)), [picture("#00ff00", (600, 150))] * 20
    )
    paper = replace(PAPER, partners=partners)
    _, _, right, _ = box_of((0, 255, 0), page(paper)) or (0, 0, 9999, 0)
    assert right <= 550, "inside the margin of 16 mm"
    assert "Шарик 19" in words(paper)


def test_a_logo_without_a_ground_lies_on_the_paper() -> None:
    paper = replace(PAPER, partners=PartnersPaper("Шарикон", "Чойхона", [picture("#00000000", (300, 300), "RGBA")]))
    bare = replace(PAPER, partners=PartnersPaper("Шарикон", "Чойхона", [picture("#ffffff", (300, 300))]))
    assert page(paper).tobytes() == page(bare).tobytes()


@pytest.mark.parametrize("long", ["W" * 2000, "Созмони ҷамъиятии «Ҷомеаи ӯлум», " * 60])
def test_the_page_stays_one_with_any_partners(long: str) -> None:
    partners = PartnersPaper(long, long, [picture("#00ff00", (1, 400)), picture("#00ff00", (1600, 1))])
    assert words(replace(PAPER, partners=partners)).endswith("Нусхаи 1")


def test_a_long_label_is_whole_beside_a_long_value() -> None:
    label = "Бақайдгириҳои то оғоз бекоршуда, яъне пеш аз он ки даромадгоҳҳо кушода шаванд"
    section = ("Бақайдгирӣ", [(label, "дар рӯйхати интизорӣ"), ("Аз ҷой", "9")])
    assert label in words(replace(PAPER, sections=[section]))


def test_the_same_values_give_the_same_bytes() -> None:
    paper = replace(PAPER, photograph=picture("teal", (900, 600)), partners=PartnersPaper("Шарикон", "Чойхона"))
    assert report.pdf(paper) == report.pdf(paper)
