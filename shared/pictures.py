"""Pictures as they are stored: read within bounds, turned upright, made small, and re-encoded.

Re-encoding drops what a camera adds (locations, names) and anything that a file hides behind its pixels.
"""

import io
import struct
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

UPLOAD_BYTES = 10_000_000
UPLOAD_PIXELS = 50_000_000
SIDE = 1600
STORED_BYTES = 300_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITIES = (82, 70, 55, 40)
TURNS: Mapping[object, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The turn that makes a photograph upright, by its EXIF orientation. Pillow's own way rewrites the whole EXIF, and
fails on one nonsensical value.
"""


class NotAPicture(ValueError):
    """Not a picture, or one too large to open; the word says which: format, bytes or pixels."""


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """A picture as WebP, at most 300 kB and 1600 pixels a side."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Return the hash under which it is stored."""
        return sha256(self.content).hexdigest()


def reencode(content: bytes) -> StoredPicture:
    """Return an uploaded picture in the form in which it is stored.

    Bytes are bounded before anything is read (10 MB), pixels before anything is decoded (50 million). Raises
    NotAPicture.
    """
    if len(content) > UPLOAD_BYTES:
        raise NotAPicture("bytes")
    image = _open(content)
    image.thumbnail((SIDE, SIDE))
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, "WEBP", quality=quality, method=4)
        if file.tell() <= STORED_BYTES:
            return StoredPicture(file.getvalue(), *image.size)
        image.thumbnail((image.width * 3 // 4, image.height * 3 // 4))
    raise NotAPicture("bytes")


def _open(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # all else that the camera wrote is dropped
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > UPLOAD_PIXELS:
                raise NotAPicture("pixels")
            turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
            upright = image if turn is None else image.transpose(turn)
            return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture("pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, struct.error) as error:
        if isinstance(error, NotAPicture):
            raise
        raise NotAPicture("format") from None


@lru_cache(maxsize=32)
def cut(content: bytes, width: int, height: int, *, kind: Literal["JPEG", "WEBP"] = "JPEG", most: int) -> bytes:
    """Return the middle of a stored picture in another shape, never enlarged; transparent pixels become white.

    Its quality, then its size, is reduced until it has at most `most` bytes, possibly one for every eight pixels.
    """
    with Image.open(io.BytesIO(content)) as picture:
        shrunk = min(1, picture.width / width, picture.height / height)
        image = ImageOps.fit(_on_white(picture), (max(1, round(width * shrunk)), max(1, round(height * shrunk))))
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, kind, quality=quality)
        if file.tell() <= most:
            break
        image.thumbnail((max(1, image.width * 4 // 5), max(1, image.height * 4 // 5)))
    return file.getvalue()


@lru_cache(maxsize=32)
def fitted(content: bytes, width: int, height: int) -> bytes:
    """Return a whole stored picture, such as a logo, as WebP in these bounds; transparent pixels stay transparent."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.thumbnail((width, height))
        file = io.BytesIO()
        picture.save(file, "WEBP", quality=QUALITIES[0])
    return file.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
