"""Pictures as they are kept: read within bounds, turned upright, made small, and written anew.

Writing anew drops what a camera adds (places, names) and whatever a file hides behind its pixels.
"""

import io
import warnings
from dataclasses import dataclass
from hashlib import sha256

from PIL import Image, ImageOps, UnidentifiedImageError

UPLOAD_BYTES = 10_000_000
UPLOAD_PIXELS = 50_000_000
SIDE = 1600
KEPT_BYTES = 300_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITIES = (82, 70, 55, 40)


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
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > UPLOAD_PIXELS:
                raise NotAPicture("pixels")
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NotAPicture("pixels") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        if isinstance(error, NotAPicture):
            raise
        raise NotAPicture("format") from None
