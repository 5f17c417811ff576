"""The conditions that spoil a frame: one table, from a clean one to everything at once."""

import io
from functools import cache
from math import cos, pi, radians, sin
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from bench.frames.scene import Condition, Mark, Shot

_STEPS = 32  # of a period of a grating


def focus(least: float, most: float) -> Mark:
    """Blur each point by so many pixels, like a lens (the deviation of a Gaussian)."""
    return lambda picture, shot: picture.filter(ImageFilter.GaussianBlur(shot.chance.uniform(least, most)))


def shake(least: float, most: float) -> Mark:
    """Move by so many pixels while the shutter is open, in any direction, like a hand."""

    def blur(picture: Image.Image, shot: Shot) -> Image.Image:
        length, angle = shot.chance.uniform(least, most), shot.chance.uniform(0, pi)
        for share in (1 / 2, 1 / 4, 1 / 8):
            picture = Image.blend(
                picture, _moved(picture, length * share * cos(angle), length * share * sin(angle)), 0.5
            )
        return picture

    return blur


def grain(deviation: float) -> Mark:
    """Add the sensor's noise, of so many levels of 255."""

    def add(picture: Image.Image, shot: Shot) -> Image.Image:
        noise = Image.frombytes("L", picture.size, shot.chance.randbytes(picture.width * picture.height))
        return ImageChops.add(picture, noise.point(_normal(deviation)), offset=-128)

    return add


def dim(least: float, most: float) -> Mark:
    """Reduce the contrast to so much, like a dark screen."""

    def darken(picture: Image.Image, shot: Shot) -> Image.Image:
        contrast, floor = shot.chance.uniform(least, most), shot.chance.uniform(10, 60)
        return picture.point(lambda level: floor + level * contrast)

    return darken


def glare(picture: Image.Image, shot: Shot) -> Image.Image:
    """Mirror a lamp in the screen, up to white over a part of the code, with a veil of light that fades across it."""
    light = Image.new("L", picture.size)
    veil = Image.linear_gradient("L").rotate(shot.chance.uniform(0, 360)).crop((38, 38, 218, 218)).resize(picture.size)
    width, height = (round(shot.side * shot.chance.uniform(0.4, 0.8)) for _ in "xy")
    # The gradient ends at the corners: at the middle of an edge the rest is cut off, or the lamp would be square.
    strength = shot.chance.uniform(0.6, 1.5)
    lamp = Image.radial_gradient("L").point(lambda level: max(0, 180 - level) * strength).resize((width, height))
    x, y = shot.near(0.5)
    light.paste(lamp, (round(x - width / 2), round(y - height / 2)))
    return ImageChops.add(ImageChops.add(picture, light), veil.point(lambda level: level * 0.3))


def cracks(picture: Image.Image, shot: Shot) -> Image.Image:
    """Draw thin lines, light and dark, that break from one point of the glass."""
    cracked = picture.copy()
    draw, start = ImageDraw.Draw(cracked), shot.near(0.5)
    for _ in range(shot.chance.randrange(4, 9)):
        points, angle = [start], shot.chance.uniform(0, 2 * pi)
        for _ in range(6):
            angle += shot.chance.uniform(-0.5, 0.5)
            length = shot.side * shot.chance.uniform(0.1, 0.3)
            points.append((points[-1][0] + length * cos(angle), points[-1][1] + length * sin(angle)))
        draw.line(points, fill=shot.chance.choice((15, 120, 255)), width=max(1, round(shot.side * 0.006)))
    return cracked


def jpeg(least: int, most: int) -> Mark:
    """Compress with this quality, like a cheap camera."""

    def press(picture: Image.Image, shot: Shot) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=shot.chance.randint(least, most))
        return Image.open(file).convert("L")

    return press


def moire(picture: Image.Image, shot: Shot) -> Image.Image:
    """Overlay two gratings, like the pixels of a screen and those of a sensor."""
    for _ in "xy":
        period, angle = shot.chance.uniform(2.5, 9), shot.chance.uniform(0, pi)
        picture = ImageChops.multiply(picture, _grating(picture.size, period, angle, shot.chance.uniform(0.08, 0.25)))
    return picture


def _moved(picture: Image.Image, x: float, y: float) -> Image.Image:
    return picture.transform(picture.size, Image.Transform.AFFINE, (1, 0, x, 0, 1, y), Image.Resampling.BILINEAR)


@cache
def _normal(deviation: float) -> list[int]:
    """Return a table from a uniform byte to a normal one around 128."""
    normal = NormalDist(128, deviation)
    return [min(255, max(0, round(normal.inv_cdf((byte + 0.5) / 256)))) for byte in range(256)]


def _grating(size: tuple[int, int], period: float, angle: float, depth: float) -> Image.Image:
    across, down = (abs(turned) * _STEPS / period for turned in (cos(angle), sin(angle)))
    wave = [round(255 * (1 - depth * (1 + sin(2 * pi * step / _STEPS)) / 2)) for step in range(_STEPS)]
    periods = int((size[0] * across + size[1] * down) / _STEPS) + 2
    row = Image.frombytes("L", (periods * _STEPS, 1), bytes(wave) * periods)
    grating = row.transform(size, Image.Transform.AFFINE, (across, down, 0, 0, 0, 0.5))
    return grating if angle < radians(90) else grating.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


_LENS, _GRAIN = focus(0.5, 0.8), grain(3)

CONDITIONS = (
    Condition("clean", camera=(_LENS, _GRAIN)),
    Condition("dim", camera=(_LENS, dim(0.12, 0.3), grain(7))),
    Condition("blur", camera=(focus(0.8, 1.6), shake(1, 5), _GRAIN)),
    Condition("rotated", turn=180, camera=(_LENS, _GRAIN)),
    Condition("tilted", turn=180, tilt=50, camera=(_LENS, _GRAIN)),
    Condition("glare", camera=(glare, _LENS, _GRAIN)),
    Condition("cracked", glass=(cracks,), camera=(_LENS, _GRAIN)),
    Condition("jpeg", camera=(_LENS, _GRAIN, jpeg(8, 25))),
    Condition("moire", camera=(moire, _LENS, _GRAIN)),
    Condition(
        "mixed",
        turn=30,
        tilt=30,
        glass=(cracks,),
        camera=(glare, focus(0.6, 1.0), shake(0.5, 2.5), dim(0.35, 0.7), grain(4), jpeg(30, 60)),
    ),
)
"""From a clean frame to all at once."""
