"""Pictures: bounded before they are opened, upright, small, and without hidden content."""

import io
import struct
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps

from shared import pictures


def written(image: Image.Image, kind: str, **more: object) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


def noise(side: int) -> Image.Image:
    return Image.effect_noise((side, side), 90).convert("RGB")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_webp(kind: str) -> None:
    picture = pictures.reencode(written(Image.new("RGB", (300, 200), "teal"), kind))
    assert Image.open(io.BytesIO(picture.content)).format == "WEBP"
    assert (picture.width, picture.height) == (300, 200)


def test_the_worst_picture_still_fits() -> None:
    picture = pictures.reencode(written(noise(2500), "JPEG", quality=95))
    assert len(picture.content) <= pictures.STORED_BYTES
    assert max(picture.width, picture.height) <= pictures.SIDE


def test_a_picture_taken_sideways_is_turned_and_loses_its_location() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Dushanbe, at home"
    picture = pictures.reencode(written(Image.new("RGB", (300, 200)), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (200, 300)
    assert b"Dushanbe" not in picture.content


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(pictures.NotAPicture, match="pixels"):
        pictures.reencode(written(Image.new("1", (20_000, 20_000)), "PNG"))


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(pictures.NotAPicture, match="bytes"):
        pictures.reencode(b"\0" * (pictures.UPLOAD_BYTES + 1))


@given(st.binary(max_size=2000) | st.binary(max_size=500).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail))
def test_anything_else_is_not_a_picture(content: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.reencode(content)


def stored(width: int, height: int, *, noisy: bool = False) -> bytes:
    image = (
        Image.effect_noise((width, height), 90).convert("RGB") if noisy else Image.new("RGB", (width, height), "teal")
    )
    return pictures.reencode(written(image, "PNG")).content


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
@pytest.mark.parametrize(("width", "height"), [(1200, 400), (960, 480), (256, 256)])
def test_a_cut_has_its_shape_and_at_most_its_weight(kind: Literal["JPEG", "WEBP"], width: int, height: int) -> None:
    most = width * height // 8
    content = pictures.cut(stored(1600, 1000, noisy=True), width, height, kind=kind, most=most)
    image = Image.open(io.BytesIO(content))
    assert len(content) <= most
    assert image.format == kind
    assert image.width / image.height == pytest.approx(width / height, rel=0.02)


def test_a_small_picture_is_cut_and_never_enlarged() -> None:
    image = Image.open(io.BytesIO(pictures.cut(stored(300, 400), 1200, 400, most=40_000)))
    assert image.size == (300, 100)


def test_transparent_pixels_are_cut_as_white_and_fitted_as_transparent() -> None:
    clear = pictures.reencode(written(Image.new("RGBA", (300, 100), (0, 128, 128, 0)), "PNG")).content
    assert Image.open(io.BytesIO(pictures.cut(clear, 100, 100, most=9_000))).getpixel((50, 50)) == (255, 255, 255)
    whole = Image.open(io.BytesIO(pictures.fitted(clear, 120, 80)))
    assert (whole.size, whole.mode) == ((120, 40), "RGBA")


def test_a_photograph_with_nonsensical_metadata_is_turned_upright() -> None:
    # Two entries: the orientation, and a width that is a word.
    entries = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack("<HHI4s", 0x0100, 2, 4, b"abc\0")
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 0)
    picture = pictures.reencode(written(Image.new("RGB", (300, 200)), "JPEG", exif=exif))
    assert (picture.width, picture.height) == (200, 300)


@pytest.mark.parametrize("orientation", range(10))
def test_every_way_to_hold_a_camera_is_turned_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photograph = Image.new("RGB", (300, 200), "teal")
    photograph.paste("white", (0, 0, 150, 100))
    content = written(photograph, "PNG", exif=exif)
    picture = Image.open(io.BytesIO(pictures.reencode(content).content))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert picture.size == upright.size
    assert ImageChops.difference(picture.convert("L"), upright.convert("L")).getextrema()[1] < 60
