"""Tickets, read back as they are drawn: the code by a scanner, the text by a PDF reader."""

import io
from dataclasses import replace
from xml.etree import ElementTree as ET

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFile

from shared.papers import cover, ticket, typeset

ADDRESS = "HTTPS://TURNOUT.EXAMPLE/T/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 3 + "ABCDEFGHIJKLMNOPQRSTUVWX"
PLAIN = ticket.TicketPaper(
    title="iTalk 7",
    when="Saturday 7 October 2017, 18:00, Dushanbe time",
    venue="Rudaki 84, Dushanbe",
    name="Firuza Sharipova",
    short_code="7K3MQ2X9",
    address=ADDRESS,
    organization="Ilmhona",
    slug="italk-7",
    language="en",
)
LONG = ticket.TicketPaper(
    title="Конфронси байналмилалии занон дар соҳаи технология ва рушди иқтисоди рақамӣ",
    when="шанбе, 7 октябри 2026, 18:00, бо вақти Душанбе",
    venue="Китобхонаи миллии Тоҷикистон, хиёбони Исмоили Сомонӣ 25/1, Душанбе",
    name="Ҷаҳонгири Муҳаммадғафури Қодирӯзодаи Хуҷандӣ",
    short_code="7K3MQ2X9",
    address=ADDRESS,
    organization="Созмони ҷамъиятии «Ҷомеаи ӯлум»",
    slug="zanon",
    language="tg",
    door="Толори калон, даромадгоҳи шимолӣ",
    ticket_type="Меҳмони фахрӣ",
)
ENDLESS = replace(
    LONG, title="Ӯ" * 300, name="Ғ " * 150, venue="W" * 200, when="М" * 99, door="Ҳ" * 99, organization="Ҷ" * 99
)
PERSIAN = replace(PLAIN, name="محمد رضا احمدی", title="گفتگو دربارهٔ زنان")
FOREIGN = replace(PLAIN, title="Café 日本 🎉", name="王小明 محمد 🙂 <b>&\x00", venue="", organization="")
PAPERS = [PLAIN, LONG, ENDLESS, PERSIAN, FOREIGN]


def picture(pdf: bytes) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
        return document[0].render(scale=2).to_pil().convert("RGB")


def top(page: Image.Image) -> Image.Image:
    return page.crop((0, 0, page.width, page.height // 7))


def words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(document[0].get_textpage().get_text_range().split())


def codes(image: Image.Image) -> list[str]:
    return [barcode.text for barcode in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("paper", PAPERS, ids=["plain", "long", "endless", "persian", "foreign"])
@pytest.mark.parametrize("size", ["A6", "A4"])
def test_the_code_in_the_pdf_is_read_back(paper, size):
    assert codes(picture(ticket.pdf(paper, size))) == [ADDRESS]


@pytest.mark.parametrize("paper", PAPERS, ids=["plain", "long", "endless", "persian", "foreign"])
def test_the_code_in_the_png_is_read_back(paper):
    with Image.open(io.BytesIO(ticket.png(paper))) as image:
        assert image.size == (1050, 1480)
        assert codes(image.convert("RGB")) == [ADDRESS]


def test_the_code_is_read_from_a_small_picture():
    with Image.open(io.BytesIO(ticket.png(LONG, width=360))) as image:
        assert codes(image.convert("RGB")) == [ADDRESS]


def test_every_word_is_in_the_pdf_with_the_letters_of_tajik():
    text = words(ticket.pdf(LONG))
    for part in (LONG.title, LONG.when, LONG.venue, LONG.name, LONG.door, LONG.ticket_type, LONG.organization):
        assert part in text
    assert "7K3M Q2X9" in text


def test_a_persian_name_stands_on_the_ticket():
    named, nameless = (picture(ticket.pdf(paper)) for paper in (PERSIAN, replace(PERSIAN, name=" ")))
    box = ImageChops.difference(named, nameless).getbbox()
    assert box is not None
    assert box[2] - box[0] > named.width // 5


def test_the_pdf_names_its_event_only_and_is_always_the_same():
    first = ticket.pdf(PLAIN)
    assert first == ticket.pdf(PLAIN)
    assert len(first) < 35_000
    assert b"ASCII85" not in first
    with pypdfium2.PdfDocument(first) as document:
        described = document.get_metadata_dict()
    assert described["Title"] == "iTalk 7 · Firuza Sharipova · 7K3MQ2X9"
    assert (described["Author"], described["Creator"]) == ("Ilmhona", "Turnout")


def test_texts_stay_clear_of_the_edges():
    for image in (picture(ticket.pdf(paper)) for paper in (LONG, ENDLESS)):
        below = image.crop((0, image.height * 3 // 5, 30, image.height))
        assert below.getextrema() == ((255, 255),) * 3


def test_a_photograph_replaces_the_cover_and_the_code_stays_readable():
    file = io.BytesIO()
    Image.new("RGB", (900, 600), "teal").save(file, "WEBP")
    paper = replace(LONG, photograph=file.getvalue())
    with Image.open(io.BytesIO(ticket.png(paper))) as image:
        images = [image.convert("RGB"), picture(ticket.pdf(paper))]
    for page in images:
        red, green, blue = page.getpixel((page.width // 2, 20))
        assert max(red, abs(green - 128), abs(blue - 128)) < 10
        assert codes(page) == [ADDRESS]
    assert ticket.pdf(paper) == ticket.pdf(paper)


def test_a_photograph_is_cut_once_and_not_decoded_again(monkeypatch):
    file = io.BytesIO()
    Image.new("RGB", (900, 600), "navy").save(file, "WEBP")
    paper = replace(LONG, photograph=file.getvalue())
    pdf = ticket.pdf(paper)
    monkeypatch.delattr(ImageFile.ImageFile, "load")
    assert ticket.pdf(paper) == pdf


def test_the_svg_is_well_formed_and_has_a_name_for_readers():
    root = ET.fromstring(ticket.svg(FOREIGN))
    assert root[0].text == "Café 日本 🎉 · 王小明 محمد 🙂 <b>& · 7K3MQ2X9"


def test_the_name_stands_above_the_middle_of_its_code():
    root = ET.fromstring(ticket.svg(PLAIN))
    name = next(element for element in root.iter() if element.text == PLAIN.name)
    assert (name.get("text-anchor"), name.get("x")) == ("middle", "525")


def test_the_cover_is_composed_once_for_the_tickets_of_an_event(monkeypatch):
    composed = []
    fills = cover._fills
    monkeypatch.setattr(cover, "_fills", lambda shapes: composed.append(shapes) or fills(shapes))
    event = replace(PLAIN, slug="composed-once")
    first, second, another = (
        picture(ticket.pdf(paper))
        for paper in (event, replace(event, name="Manizha"), replace(event, slug="composed-twice"))
    )
    assert len(composed) == 2
    assert ImageChops.difference(top(first), top(second)).getbbox() is None
    assert ImageChops.difference(top(first), top(another)).getbbox() is not None


def test_the_title_is_laid_out_once_for_the_tickets_of_an_event(monkeypatch):
    fitted = []
    fit = typeset.fit
    monkeypatch.setattr(typeset, "fit", lambda text, *rest, **font: fitted.append(text) or fit(text, *rest, **font))
    event = replace(PLAIN, title="Laid out once")
    first, second, moved = (
        words(ticket.pdf(paper)) for paper in (event, replace(event, name="Manizha"), replace(event, venue="Khujand"))
    )
    assert fitted.count("Laid out once") == 2
    assert first.replace(event.name, "Manizha") == second
    assert "Khujand" in moved


def test_an_address_that_fits_no_code_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        ticket.pdf(replace(PLAIN, address="x" * 135))
