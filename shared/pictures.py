"""Pictures as they are kept: read within bounds, turned upright, made small, and written anew.

Writing anew drops what a camera adds (places, names) and whatever a file hides behind its pixels.
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
KEPT_BYTES = 300_000
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
"""What makes a photograph upright, by its EXIF orientation. Pillow's own way writes the whole EXIF anew for it, and one
nonsensical value breaks that."""


class NotAPicture(ValueError):
    """Not a picture, or one that is too large to open; the word says which: format, bytes or pixels."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture as WebP, at most 300 kB and 1600 pixels a side."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """What it is kept under."""
        return sha256(self.content).hexdigest()


def reencode(content: bytes) -> Kept:
    """Make a picture that can be kept from one that was uploaded.

    Bytes are bounded before anything is read (10 MB), pixels before anything is decoded (50 million).
    Raises NotAPicture.
    """
    if len(content) > UPLOAD_BYTES:
        raise NotAPicture("bytes")
    image = _open(content)
    image.thumbnail((SIDE, SIDE))
    for quality in QUALITIES:
        kept = io.BytesIO()
        image.save(kept, "WEBP", quality=quality, method=4)
        if kept.tell() <= KEPT_BYTES:
            return Kept(kept.getvalue(), *image.size)
        image.thumbnail((image.width * 3 // 4, image.height * 3 // 4))
    raise NotAPicture("bytes")


def _open(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # whatever else the camera wrote is dropped
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
    """The middle of a kept picture in another shape, never enlarged; what is transparent becomes white.

    It is made plainer and then smaller until it has at most `most` bytes, which may be one for every eight pixels.
    """
    with Image.open(io.BytesIO(content)) as kept:
        shrunk = min(1, kept.width / width, kept.height / height)
        image = ImageOps.fit(_on_white(kept), (max(1, round(width * shrunk)), max(1, round(height * shrunk))))
    for quality in QUALITIES:
        file = io.BytesIO()
        image.save(file, kind, quality=quality)
        if file.tell() <= most:
            break
        image.thumbnail((max(1, image.width * 4 // 5), max(1, image.height * 4 // 5)))
    return file.getvalue()


@lru_cache(maxsize=32)
def fitted(content: bytes, width: int, height: int) -> bytes:
    """A whole kept picture, such as a logo, as WebP inside these bounds; what is transparent stays so."""
    with Image.open(io.BytesIO(content)) as kept:
        kept.thumbnail((width, height))
        file = io.BytesIO()
        kept.save(file, "WEBP", quality=QUALITIES[0])
    return file.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
