"""The ticket's code, and its alternatives: error level, encoding, quiet zone, mask, colours, shape, host."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from PIL import Image, ImageChops
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.main import QRCode

from shared.papers import qr

_HOST, _SHORT_HOST, _LONG_HOST = "turnout.example", "t.tj", "registration.conference.example"
_DOTS = 16  # pixels a module, before it is scaled to its size in the frame


@dataclass(frozen=True)
class Variant:
    """A way to draw 75 bytes. `modules` are the dark ones; `quiet` is the white around, in modules."""

    name: str
    text: Callable[[bytes], str]
    modules: Callable[[str], qr.Modules]
    quiet: int = qr.QUIET
    is_inverted: bool = False
    is_round: bool = False

    def picture(self, number: int) -> tuple[str, Image.Image]:
        """Return the text of the code of this number, and the code with its quiet zone."""
        text = self.text(Random(f"code {number}").randbytes(75))
        rows = self.modules(text)
        bits = bytes(0 if dark else 255 for row in rows for dark in row)
        small = Image.new("L", (len(rows) + 2 * self.quiet,) * 2, 255)
        small.paste(Image.frombytes("L", (len(rows),) * 2, bits), (self.quiet,) * 2)
        large = small.resize((small.width * _DOTS,) * 2, Image.Resampling.NEAREST)
        shaped = ImageChops.add(large, _beads(small.size)) if self.is_round else large
        return text, ImageChops.invert(shaped) if self.is_inverted else shaped


def _upper(host: str, raw: bytes) -> str:
    return f"HTTPS://{host.upper()}/T/{base64.b32encode(raw).decode()}"


def _mixed_case(host: str, raw: bytes) -> str:
    return f"https://{host}/T/{base64.urlsafe_b64encode(raw).decode()}"


def _digits(host: str, raw: bytes) -> str:
    return f"HTTPS://{host.upper()}/T/{int.from_bytes(raw, 'big'):0181d}"


def _modules(text: str, *, version: int, level: int, mask: int = 2) -> qr.Modules:
    """Return the dark modules.

    Raises qrcode's DataOverflowError where the text does not fit, so that no variant is larger than stated.
    """
    code = QRCode(version=version, error_correction=level, mask_pattern=mask, border=0)
    code.add_data(text, optimize=20)  # a run of 20 digits or more in a mode of its own
    code.make(fit=False)
    return [[bool(dark) for dark in row] for row in code.modules]


def _beads(size: tuple[int, int]) -> Image.Image:
    """Draw white where a round module leaves its square."""
    centre = (_DOTS - 1) / 2
    is_out = [(x - centre) ** 2 + (y - centre) ** 2 > (_DOTS / 2) ** 2 for y in range(_DOTS) for x in range(_DOTS)]
    bead = Image.frombytes("L", (_DOTS, _DOTS), bytes(255 if out else 0 for out in is_out))
    beads = Image.new("L", (size[0] * _DOTS, size[1] * _DOTS))
    for x in range(size[0]):
        beads.paste(bead, (x * _DOTS, 0))
    row = beads.crop((0, 0, beads.width, _DOTS))
    for y in range(size[1]):
        beads.paste(row, (0, y * _DOTS))
    return beads


_ours = partial(_upper, _HOST)

OURS = Variant("ours: base32, 6-M", _ours, qr.modules)
VARIANTS = (
    OURS,
    Variant("5-L", _ours, partial(_modules, version=5, level=ERROR_CORRECT_L)),
    Variant("6-L", _ours, partial(_modules, version=6, level=ERROR_CORRECT_L)),
    Variant("8-Q", _ours, partial(_modules, version=8, level=ERROR_CORRECT_Q)),
    Variant("10-H", _ours, partial(_modules, version=10, level=ERROR_CORRECT_H)),
    Variant("base64url, 6-L", partial(_mixed_case, _HOST), partial(_modules, version=6, level=ERROR_CORRECT_L)),
    Variant("base64url, 8-M", partial(_mixed_case, _HOST), partial(_modules, version=8, level=ERROR_CORRECT_M)),
    Variant("digits, 6-M", partial(_digits, _HOST), partial(_modules, version=6, level=ERROR_CORRECT_M)),
    Variant("host of 4", partial(_upper, _SHORT_HOST), qr.modules),
    Variant("host of 31, 6-L", partial(_upper, _LONG_HOST), qr.modules),
    Variant("quiet zone of 1", _ours, qr.modules, quiet=1),
    Variant("quiet zone of 3", _ours, qr.modules, quiet=3),
    Variant("quiet zone of 4", _ours, qr.modules, quiet=4),
    Variant("light on dark", _ours, qr.modules, is_inverted=True),
    Variant("round modules", _ours, qr.modules, is_round=True),
    *(
        Variant(f"mask {mask}", _ours, partial(_modules, version=6, level=ERROR_CORRECT_M, mask=mask))
        for mask in (0, 1, 3, 4, 5, 6, 7)
    ),
)
"""Ours first."""
