"""Event covers woven from the slug: always the same for one event, different for every event.

As on the loom, everything is made of warp threads: columns of nested motifs, mirrored about their middle, whose edges
are feathered along the threads; the cloth ends in a fringe over a quiet band of one colour, which carries the title.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import shake_256
from itertools import chain, count, product
from operator import itemgetter
from typing import TypeVar

from shared.papers.cover import Cover, Polygon

THREAD = 4
"""Width of one warp thread, in the units of the cover."""

_COLOURS = {
    "L": "#1f3f86",  # lapis
    "P": "#951f34",  # pomegranate
    "S": "#e3a32f",  # saffron
    "T": "#178590",  # turquoise
    "D": "#0b5560",  # turquoise in the shade, dark enough to read on
    "W": "#f8f2e4",  # paper
    "N": "#e8dabb",  # undyed cotton: a ground of paper would melt into the page around it
    "I": "#1b1b2f",  # ink
}

# The ground, then for the wide and the narrow column: the field, and the motif's colours from outside in.
_DYES = (
    ("L", "PWLSP", "LSPWL"),
    ("L", "WLSPW", "LWTPS"),
    ("L", "SPWLS", "LWPSW"),
    ("P", "LWPSL", "PSTWP"),
    ("P", "SPWTP", "PWLSP"),
    ("P", "WPLSW", "PSWLS"),
    ("I", "SPWLS", "IWPST"),
    ("I", "PWTSP", "ISLWS"),
    ("I", "LWSPL", "IWTSW"),
    ("D", "WPSTW", "DWLSP"),
    ("D", "SPWLS", "DWPSW"),
    ("D", "PWTSP", "DSWPS"),
    ("N", "PWTSP", "WLSWL"),
    ("N", "LWSPL", "WPSWT"),
    ("N", "TWPSW", "WPSTP"),
)

Half = Callable[[float], tuple[float, float]]
"""From the middle (0) to the edge (1) of a motif: its extent up and down, as a part of its half height."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a shape between two distances from its middle; one that does not begin there appears twice."""

    begin: float
    end: float
    half: Half


@dataclass(frozen=True, slots=True)
class _Column:
    """One type of column: half its width in threads, half a motif's height, and its height in motifs."""

    dyes: str
    motif: str
    threads: int
    reach: int
    pitch: int


@dataclass(frozen=True, slots=True)
class _Layer:
    """One woven shape of a motif: for each thread from the middle, its upper and lower end."""

    ends: tuple[tuple[int, int, int], ...]
    colour: str
    depth: int
    sides: tuple[int, ...] = (0,)


def _lozenge(u: float) -> tuple[float, float]:
    return 1 - u, 1 - u


def _almond(u: float) -> tuple[float, float]:
    return (1 - u) ** 1.35, 0.72 * math.sqrt(1 - u * u)


def _round(u: float) -> tuple[float, float]:
    return 0.8 * math.sqrt(1 - u * u), 0.8 * math.sqrt(1 - u * u)


def _star(u: float) -> tuple[float, float]:
    reach = 0.8 * (1 - u) ** 2 + 0.2 * (1 - u)
    return reach, reach


def _comb(u: float) -> tuple[float, float]:
    tooth = (1 if int(u * 7) % 2 == 0 else 0.55) * (1 - 0.45 * u)
    return tooth, tooth


def _whole(half: Half) -> tuple[_Piece, ...]:
    return (_Piece(0, 1, half),)


def _hook(begin: float, end: float, half: Half) -> tuple[_Piece, _Piece]:
    return _Piece(begin, end, half), _Piece(begin, end, lambda u: half(u)[::-1])


_SHAPES = {
    "lozenge": _whole(_lozenge),
    "almond": _whole(_almond),
    "round": _whole(_round),
    "star": _whole(_star),
    "comb": _whole(_comb),
    "horns": (
        _Piece(0, 0.14, lambda _: (1, 1)),
        _Piece(0.14, 1, lambda u: (0.22 - 0.18 * u, 0.22 - 0.18 * u)),
        *_hook(0.14, 0.62, lambda _: (0.98, -0.70)),
        *_hook(0.62, 0.86, lambda u: (1.48 - 0.8 * u, -0.28)),
        *_hook(0.36, 0.62, lambda _: (0.46, -0.28)),
    ),
}

# From outside in: a shape, and its part of the motif's width and height.
_MOTIFS = {
    "lozenge": (("lozenge", 1, 1), ("lozenge", 0.74, 0.76), ("lozenge", 0.46, 0.5), ("lozenge", 0.2, 0.22)),
    "almond": (("almond", 1, 1), ("almond", 0.74, 0.74), ("almond", 0.46, 0.46), ("round", 0.2, 0.16)),
    "pomegranate": (("round", 1, 1), ("star", 0.95, 0.95), ("lozenge", 0.5, 0.4), ("lozenge", 0.2, 0.16)),
    "comb": (("comb", 1, 1), ("lozenge", 0.8, 0.66), ("lozenge", 0.5, 0.42), ("lozenge", 0.2, 0.18)),
    "horns": (("horns", 1, 1), ("lozenge", 0.46, 0.5), ("lozenge", 0.28, 0.3), ("lozenge", 0.12, 0.12)),
}
_NARROW = ("lozenge", "almond", "pomegranate")
_DEPTHS = 4

_USUAL_HEM = 240
_FRINGE = 48
_HEADING = 18

_T = TypeVar("_T")
_Place = tuple[int, _Column, bool]


def weave(slug: str, *, width: int = 1200, height: int = 400, quiet: float = 0.4) -> Cover:
    """Weave the cover of the event with this slug; `quiet` is the part of its height that begins with the fringe."""
    dice = _dice(slug)
    ground, wide_dyes, narrow_dyes = _pick(dice, _DYES)
    hem = round(height * (1 - quiet))
    wide = _wide(dice, wide_dyes, hem)
    narrow = _narrow(dice, narrow_dyes, hem, wide.motif)
    rhythm = _pick(dice, ((wide, narrow), (wide, narrow), (wide, narrow, narrow)))
    positions = sorted(_places(rhythm, width, _pick(dice, (0, 1, 2))), key=itemgetter(0))
    shapes = _fields(dice, (wide, narrow), positions, hem, _COLOURS[ground])
    shapes += _motifs(dice, (wide, narrow), positions, hem)
    ink = _COLOURS["I" if ground == "N" else "W"]
    return Cover(width, height, _COLOURS[ground], ink, hem + _FRINGE, tuple(_seen(shapes, width)))


def _dice(slug: str) -> Iterator[float]:
    # Not the random module, whose draws may change between versions of Python: a cover must never change.
    for block in count():
        yield from (byte / 256 for byte in shake_256(f"{slug}/{block}".encode()).digest(128))


def _pick(dice: Iterator[float], choices: Sequence[_T]) -> _T:
    return choices[int(next(dice) * len(choices))]


def _wide(dice: Iterator[float], dyes: str, hem: int) -> _Column:
    motifs, threads = _pick(dice, ((1, (17, 20, 23)), (2, (13, 15, 18)), (2, (14, 16, 19)), (3, (10, 12, 14))))
    return _column(dyes, _pick(dice, tuple(_MOTIFS)), _pick(dice, threads), hem, motifs)


def _narrow(dice: Iterator[float], dyes: str, hem: int, field: str) -> _Column:
    motif = _pick(dice, [name for name in _NARROW if name != field])
    return _column(dyes, motif, _pick(dice, (6, 7, 8)), hem, _pick(dice, (3, 4, 5)))


def _column(dyes: str, motif: str, threads: int, hem: int, motifs: int) -> _Column:
    fitting = max(1, round(motifs * hem / _USUAL_HEM))
    pitch = 2 * round((hem - _HEADING) / fitting / 2)
    return _Column(dyes, motif, threads, round(pitch * 0.46), pitch)


def _places(rhythm: Sequence[_Column], width: int, drop: int) -> Iterator[_Place]:
    # From the middle outwards, so that the cover is its own mirror; every other wide column may hang half a motif off.
    yield width // 2, rhythm[0], drop == 0
    edge = rhythm[0].threads
    for order in count(1):
        column = rhythm[order % len(rhythm)]
        is_dropped = column is rhythm[0] and order // len(rhythm) % 2 == drop
        for side in (-1, 1):
            yield width // 2 + side * (edge + column.threads) * THREAD, column, is_dropped
        edge += 2 * column.threads
        if edge * THREAD >= width // 2:
            return


def _fields(
    dice: Iterator[float], columns: Sequence[_Column], positions: Sequence[_Place], hem: int, ground: str
) -> list[Polygon]:
    shapes = []
    for column in columns:
        colour = _COLOURS[column.dyes[0]]
        ends = [(i, -hem, 2 * round(next(dice) ** 2 * 18) - 18 + (6 if i % 2 else 0)) for i in range(column.threads)]
        longer = [(i, upper, lower + (0 if i % 3 == 1 else 20)) for i, upper, lower in ends]
        for layer in (_Layer(tuple(longer), _mix(colour, ground), 0), _Layer(tuple(ends), colour, 0)):
            shapes += [_polygon(layer, x, hem) for x, owner, _ in positions if owner is column and colour != ground]
    return shapes


def _motifs(
    dice: Iterator[float], columns: Sequence[_Column], positions: Sequence[_Place], hem: int
) -> Iterator[Polygon]:
    woven = [list(_layers(dice, column)) for column in columns]
    spots = [list(_spots(column, positions, hem)) for column in columns]
    for depth in range(_DEPTHS):
        for layers, places in zip(woven, spots, strict=True):
            for layer in (layer for layer in layers if layer.depth == depth):
                visible = [(x, y) for x, y, begin in places if depth >= begin]
                yield from (_polygon(layer, x, y, side) for side in layer.sides for x, y in visible)


def _spots(column: _Column, positions: Sequence[_Place], hem: int) -> Iterator[tuple[int, int, int]]:
    # x, y and the depth at which the motif begins: only a heart fills the gap that a dropped row leaves at the hem.
    for x, owner, is_dropped in positions:
        if owner is not column:
            continue
        if is_dropped:
            yield x, hem - _HEADING - column.reach // 2, _DEPTHS - 2
        lowest = hem - _HEADING - column.reach - (column.pitch // 2 if is_dropped else 0)
        yield from ((x, y, 0) for y in range(lowest, -column.reach, -column.pitch))


def _layers(dice: Iterator[float], column: _Column) -> Iterator[_Layer]:
    for depth, (shape, wide, high) in enumerate(_MOTIFS[column.motif]):
        before, colour = (_COLOURS[dye] for dye in column.dyes[depth : depth + 2])
        # The two outer shapes are dyed twice, as where dyes run into each other along the thread; hooks are too thin.
        is_crisp = depth >= 2 or len(_SHAPES[shape]) > 1
        blurs = ((column.reach * 0.1, _mix(before, colour)), (0, colour))[is_crisp:]
        threads = max(1, round(column.threads * wide * 0.94))
        for (blur, dyed), piece in product(blurs, _SHAPES[shape]):
            feather = column.reach * 0.07 + blur * 0.3
            ends = tuple(_ends(dice, piece, threads, column.reach * high + blur, feather))
            if ends:
                yield _Layer(ends, dyed, depth, (1, -1) if piece.begin else (0,))


def _ends(
    dice: Iterator[float], piece: _Piece, threads: int, reach: float, feather: float
) -> Iterator[tuple[int, int, int]]:
    # For each thread, counted from the middle, the two ends of its colour: neighbours are never quite alike.
    for i in range(threads):
        u = (i + 0.5) / threads
        if not piece.begin <= u < piece.end:
            continue
        up, down = (share * reach + feather * (2 * next(dice) - 1 - 0.8 * (i % 2)) for share in piece.half(u))
        upper, lower = -2 * round(up / 2), 2 * round(down / 2)
        if lower > upper:
            yield i, upper, lower


def _polygon(layer: _Layer, x: int, y: int, side: int = 0) -> Polygon:
    # To the right of the middle (1), mirrored to its left (-1), or both in one outline (0).
    right = [(x + i * THREAD, y + upper, y + lower) for i, upper, lower in layer.ends]
    left = [(x - (i + 1) * THREAD, y + upper, y + lower) for i, upper, lower in reversed(layer.ends)]
    threads = {1: right, -1: left, 0: left + right}[side]
    top = [point for at, upper, _ in threads for point in ((at, upper), (at + THREAD, upper))]
    bottom = [point for at, _, lower in reversed(threads) for point in ((at + THREAD, lower), (at, lower))]
    return Polygon(array("h", chain.from_iterable(top + bottom)), layer.colour)


def _mix(first: str, second: str) -> str:
    pairs = ((int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in pairs)


def _seen(shapes: Iterable[Polygon], width: int) -> Iterator[Polygon]:
    for shape in shapes:
        xs, ys = shape.outline[::2], shape.outline[1::2]
        if xs[0] < width and max(xs) > 0 and max(ys) > 0:
            yield shape
