"""QR codes, read back by another library."""

import io
import secrets
from base64 import b32encode

import pytest
import resvg_py
import zxingcpp
from PIL import Image
from qrcode.main import QRCode

from shared.papers import qr

CODE = b32encode(secrets.token_bytes(75)).decode()
ADDRESS = f"HTTPS://TURNOUT.EXAMPLE/T/{CODE}"


def read(png: bytes) -> zxingcpp.Barcode:
    [barcode] = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return barcode


def test_the_png_reads_back_at_level_m():
    barcode = read(qr.png(ADDRESS))
    assert len(CODE) == 120
    assert (barcode.text, barcode.ec_level) == (ADDRESS, "M")


def test_the_svg_reads_back_and_is_small():
    svg = qr.svg(ADDRESS)
    assert read(resvg_py.svg_to_bytes(svg_string=svg, width=400)).text == ADDRESS
    assert len(svg) < 5500


def test_a_long_host_falls_to_level_l():
    address = f"HTTPS://{'X' * 40}.EXAMPLE/T/{CODE}"
    barcode = read(qr.png(address, scale=3))
    assert (barcode.text, barcode.ec_level) == (address, "L")


def test_exactly_154_characters_fit_at_level_m():
    assert read(qr.png("A" * 154)).ec_level == "M"
    assert read(qr.png("A" * 155)).ec_level == "L"


def test_a_text_with_lower_case_is_read_back_as_it_is():
    address = "https://turnout.example/door/#Yz-0_Ғӣ"
    assert read(qr.png(address)).text == address


@pytest.mark.parametrize("text", ["A" * 196, "a" * 135])
def test_a_text_that_does_not_fit_is_refused(text):
    with pytest.raises(ValueError, match="do not fit"):
        qr.modules(text)


@pytest.mark.parametrize("scale", [1, 3, 8])
def test_the_png_has_one_bit_a_pixel_and_a_white_quiet_zone(scale):
    with Image.open(io.BytesIO(qr.png(ADDRESS, scale=scale))) as image:
        assert (image.mode, image.size) == ("1", (45 * scale, 45 * scale))
        assert image.crop((0, 0, 45 * scale, 2 * scale)).getextrema() == (255, 255)
        assert image.getpixel((2 * scale, 2 * scale)) == 0


def test_a_code_is_computed_once_for_all_its_pictures(monkeypatch):
    computed = []
    monkeypatch.setattr(qr, "QRCode", lambda **options: computed.append(options) or QRCode(**options))
    text = f"HTTPS://TURNOUT.EXAMPLE/T/{b32encode(secrets.token_bytes(75)).decode()}"
    for draw in (qr.svg, qr.png, qr.path):
        draw(text)
    assert len(computed) == 1


def test_its_own_white_is_enough_on_a_dark_page():
    with Image.open(io.BytesIO(qr.png(ADDRESS, scale=3))) as image:
        page = Image.new("L", (400, 400))
        page.paste(image.convert("L"), (100, 100))
    [barcode] = zxingcpp.read_barcodes(page)
    assert barcode.text == ADDRESS
