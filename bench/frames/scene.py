"""A frame of a camera that looks at a phone's screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import cos, radians, sin, sqrt
from random import Random

from PIL import Image

WIDTH, HEIGHT = 1280, 720
PIXELS = 400_000
"""The size to which the door scales a frame down."""
_FINE = 2  # a pixel of the camera is the mean of 2 × 2
_DISTANCE = 5  # from lens to screen, in sides of the code
_BEZEL, _BLACK, _WHITE = 12, 35, 230

Point = tuple[float, float]


@dataclass(frozen=True)
class Shot:
    """The position of the code in the picture, and the random source of everything drawn."""

    chance: Random
    centre: Point
    side: float

    def near(self, reach: float) -> Point:
        """Return a point at most so many sides off the centre, across and down."""
        x, y = self.centre
        return x + self.chance.uniform(-reach, reach) * self.side, y + self.chance.uniform(-reach, reach) * self.side


Mark = Callable[[Image.Image, Shot], Image.Image]
"""Spoils a picture in one way."""


@dataclass(frozen=True)
class Condition:
    """The display of a code: at most so many degrees turned and tilted, marks on the glass, then the camera's."""

    name: str
    camera: Sequence[Mark]
    glass: Sequence[Mark] = ()
    turn: float = 4
    tilt: float = 4


def frame(code: Image.Image, side: int, condition: Condition, sample: int) -> Image.Image:
    """Return the frame, 8 bits grey: the same for the same arguments; the scene does not depend on the code."""
    chance = Random(f"{condition.name} {side} {sample}")
    reach_x, reach_y = (max(0, (length - 1.3 * side) / 2) for length in (WIDTH, HEIGHT))
    centre = (WIDTH / 2 + chance.uniform(-1, 1) * reach_x / 2, HEIGHT / 2 + chance.uniform(-1, 1) * reach_y / 2)
    phone = _phone(code, side * _FINE, chance)
    on_glass = Shot(chance, (phone.width / 2, phone.height / 2), side * _FINE)
    phone = reduce(lambda picture, mark: mark(picture, on_glass), condition.glass, phone)
    picture = _hold(phone, _turned(condition, chance), side * _FINE)
    scene = _room(chance)
    left, top = (round(at - picture.width / 2) for at in centre)
    scene.paste(picture.getchannel("L"), (left, top), picture.getchannel("A"))
    shot = Shot(chance, centre, side)
    return reduce(lambda picture, mark: mark(picture, shot), condition.camera, scene)


def hand_over(picture: Image.Image, pixels: int = PIXELS, *, share: float = 1, is_smooth: bool = False) -> Image.Image:
    """Return the picture that the door's reader gets: the middle `share` of each side, scaled down to at most so many
    pixels.

    drawImage samples without a filter, and so does this, with the same aliasing, unless `is_smooth`.
    """
    width, height = picture.width * share, picture.height * share
    left, top = (picture.width - width) / 2, (picture.height - height) / 2
    scale = min(1, sqrt(pixels / (width * height)))
    size = (int(width * scale + 0.5), int(height * scale + 0.5))
    box, bilinear = (left, top, left + width, top + height), Image.Resampling.BILINEAR
    if is_smooth:
        return picture.resize(size, bilinear, box)
    # EXTENT samples; resize filters.
    return picture.transform(size, Image.Transform.EXTENT, box, bilinear)


def _phone(code: Image.Image, side: int, chance: Random) -> Image.Image:
    """Draw a screen with the code in the middle of a light or a dark page; white and black as a screen has them."""
    code = code.resize((side, side), Image.Resampling.BOX)
    page = chance.choice((0, 255))
    width, height, bezel = round(side * 1.3), round(side * 1.7), round(side * 0.05)
    screen = Image.new("L", (width, height), page)
    screen.paste(code, ((width - side) // 2, (height - side) // 2))
    phone = Image.new("L", (width + 2 * bezel, height + 2 * bezel), _BEZEL)
    phone.paste(screen.point(lambda level: _BLACK + level * (_WHITE - _BLACK) / 255), (bezel, bezel))
    return phone


def _room(chance: Random) -> Image.Image:
    blobs = Image.frombytes("L", (16, 9), bytes(chance.randrange(40, 150) for _ in range(16 * 9)))
    return blobs.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


_Row = tuple[float, float, float]


def _turned(condition: Condition, chance: Random) -> list[_Row]:
    turn = radians(chance.uniform(-condition.turn, condition.turn))
    # At least half of the tilt, or a tilted code may stand straight.
    tilt = radians(chance.uniform(condition.tilt / 2, condition.tilt))
    axis = radians(chance.uniform(0, 360))
    return _times(_times(_about_z(axis), _about_x(tilt)), _about_z(turn - axis))


def _about_z(angle: float) -> list[_Row]:
    return [(cos(angle), -sin(angle), 0), (sin(angle), cos(angle), 0), (0, 0, 1)]


def _about_x(angle: float) -> list[_Row]:
    return [(1, 0, 0), (0, cos(angle), -sin(angle)), (0, sin(angle), cos(angle))]


def _times(first: list[_Row], second: list[_Row]) -> list[_Row]:
    a, b, c = zip(*second, strict=True)
    return [(_dot(row, a), _dot(row, b), _dot(row, c)) for row in first]


def _dot(first: Sequence[float], second: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(first, second, strict=True))


def _hold(phone: Image.Image, turned: list[_Row], side: int) -> Image.Image:
    """Draw the phone in perspective, on nothing (LA), in the camera's pixels."""
    away = _DISTANCE * side
    extent = (round(1.35 * (phone.width**2 + phone.height**2) ** 0.5) // (2 * _FINE) * 2) * _FINE
    # From a point of the phone (from its centre) to a point of the picture: lens × [first two columns | distance].
    middle = extent / 2
    placed = [(row[0], row[1], away if row is turned[2] else 0.0) for row in turned]
    lens: list[_Row] = [(away, 0, middle), (0, away, middle), (0, 0, 1)]
    centred: list[_Row] = [(1, 0, -phone.width / 2), (0, 1, -phone.height / 2), (0, 0, 1)]
    back = _inverse(_times(_times(lens, placed), centred))
    coefficients = [value / back[2][2] for row in back for value in row][:8]
    opaque = Image.merge("LA", (phone, Image.new("L", phone.size, 255)))
    picture = opaque.transform((extent, extent), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR)
    return picture.reduce(_FINE)


def _inverse(matrix: list[_Row]) -> list[_Row]:
    """Return the inverse except for a factor, which a homography ignores: its columns are the rows' cross products."""
    a, b, c = matrix
    return list(zip(_cross(b, c), _cross(c, a), _cross(a, b), strict=True))


def _cross(first: _Row, second: _Row) -> _Row:
    return (
        first[1] * second[2] - first[2] * second[1],
        first[2] * second[0] - first[0] * second[2],
        first[0] * second[1] - first[1] * second[0],
    )
