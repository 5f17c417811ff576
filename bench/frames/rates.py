"""Read rates: every cell of variant, way of reading, condition and side, on the same scenes."""

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from math import sqrt
from statistics import median

from PIL import Image

from bench.frames.conditions import CONDITIONS
from bench.frames.phone import Options, Phone, Reading, find_in_python
from bench.frames.scene import PIXELS, Condition, frame, hand_over
from bench.frames.variants import OURS, Variant

ENOUGH = 0.95


@dataclass(frozen=True)
class Way:
    """The middle parts of a frame to read, one look after the other, and the reader's options."""

    name: str
    pixels: int = PIXELS
    parts: Sequence[float] = (1,)
    is_smooth: bool = False
    options: Options = None
    in_python: bool = False


DOOR = Way("the door's", parts=(0.6, 1))
PYTHON = Way("zxing-cpp", in_python=True)


@dataclass(frozen=True)
class Cell:
    """The results for the frames in the order of their samples, and the median time of one."""

    variant: str
    way: str
    condition: str
    side: int
    was_read: tuple[bool, ...]
    ms: float


@dataclass(frozen=True)
class _Job:
    variants: Sequence[Variant]
    ways: Sequence[Way]
    condition: int  # an index in CONDITIONS: its marks cannot be sent to another process
    side: int
    samples: int


Read = Callable[[Image.Image, Way], Reading]


def measure(
    sides: Sequence[int], samples: int, *, variants: Sequence[Variant] = (OURS,), ways: Sequence[Way] = (DOOR,)
) -> list[Cell]:
    """Read so many frames for each cell, on all processors. Raises ValueError when a code is read as another."""
    jobs = [
        _Job(variants, ways, condition, side, samples) for side, condition in product(sides, range(len(CONDITIONS)))
    ]
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        return [cell for cells in pool.map(_do, jobs) for cell in cells]


def rate(cells: Iterable[Cell]) -> float:
    """Return the share of the frames of these cells that was read."""
    reads = [was_read for cell in cells for was_read in cell.was_read]
    return sum(reads) / len(reads)


def smallest(cells: Sequence[Cell]) -> int | None:
    """Return the side from which on, and at every larger one measured, at least 95 % are read."""
    enough = None
    for side in sorted({cell.side for cell in cells}, reverse=True):
        if rate(cell for cell in cells if cell.side == side) < ENOUGH:
            break
        enough = side
    return enough


def gain(cells: Sequence[Cell], over: Sequence[Cell]) -> tuple[float, float]:
    """Return the difference in read rate from `over` on the same frames, and two standard errors of it."""
    pairs = [
        (is_read, was_read_before)
        for cell, baseline in zip(cells, over, strict=True)
        for is_read, was_read_before in zip(cell.was_read, baseline.was_read, strict=True)
    ]
    differences = [is_read - was_read_before for is_read, was_read_before in pairs]
    mean = sum(differences) / len(pairs)
    spread = sum((difference - mean) ** 2 for difference in differences) / len(pairs)
    return mean, 2 * sqrt(spread / len(pairs))


def read_all(
    read: Read, variants: Sequence[Variant], ways: Sequence[Way], condition: Condition, side: int, samples: int
) -> list[Cell]:
    """Return the cells of one condition and side."""
    of_cells: dict[tuple[str, str], list[Reading]] = {(v.name, w.name): [] for v, w in product(variants, ways)}
    for sample, variant in product(range(samples), variants):
        text, code = variant.picture(sample)
        picture = frame(code, side, condition, sample)
        for way in ways:
            reading = _look(read, picture, way)
            if reading.text not in (None, text):
                raise ValueError(f"{text} was read as {reading.text}")
            of_cells[variant.name, way.name].append(reading)
    return [
        Cell(
            *names,
            condition.name,
            side,
            tuple(reading.text is not None for reading in readings),
            median(reading.ms for reading in readings),
        )
        for names, readings in of_cells.items()
    ]


def _look(read: Read, picture: Image.Image, way: Way) -> Reading:
    """Return the first successful look, and the total time of all looks up to it."""
    took = 0.0
    for share in way.parts:
        reading = read(hand_over(picture, way.pixels, share=share, is_smooth=way.is_smooth), way)
        took += reading.ms
        if reading.text is not None:
            break
    return Reading(reading.text, took)


def read_in_python(picture: Image.Image, way: Way = PYTHON) -> Reading:
    """Read with zxing-cpp and the door's options, whatever the way."""
    return Reading(find_in_python(picture), 0)


def _do(job: _Job) -> list[Cell]:
    indices = {way.name: index for index, way in enumerate(job.ways)}
    with Phone([way.options for way in job.ways]) as phone:

        def read(picture: Image.Image, way: Way) -> Reading:
            return read_in_python(picture) if way.in_python else phone.read(picture, indices[way.name])

        return read_all(read, job.variants, job.ways, CONDITIONS[job.condition], job.side, job.samples)
