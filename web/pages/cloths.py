"""An event's ikat as a page shows it: its cloth, and the plain ground beneath it on which the title is read."""

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from shared.papers.cover import content
from shared.papers.ikat import weave


@dataclass(frozen=True, slots=True)
class Cloth:
    """Two pictures for decoration: `cloth` ends in a fringe over the colour of `ground`, which stretches to any size.

    `ink` is "light" or "dark": what is read on the ground.
    """

    cloth: Markup
    ground: Markup
    ink: str


@lru_cache(maxsize=512)
def wide(slug: str) -> Cloth:
    """For the head of a page."""
    return _woven(slug, width=720, height=240, quiet=0.2)


@lru_cache(maxsize=512)
def strip(slug: str) -> Cloth:
    """For the head of a ticket."""
    return _woven(slug, width=720, height=112, quiet=0.45)


@lru_cache(maxsize=512)
def tile(slug: str) -> Cloth:
    """For a list."""
    return _woven(slug, width=200, height=200, quiet=0.25)


def _woven(slug: str, *, width: int, height: int, quiet: float) -> Cloth:
    cover = weave(slug, width=width, height=height, quiet=quiet)
    # The lower edge stays in sight in a box of any shape: the fringe joins the ground.
    cloth = _svg("cloth", f"{width} {height}", "xMidYMax slice", content(cover))
    ground = _svg("ground", "1 1", "none", f'<path fill="{cover.background}" d="M0 0h1v1H0z"/>')
    return Cloth(cloth, ground, "light" if cover.ink.lower() > "#8" else "dark")


def _svg(kind: str, box: str, fit: str, inside: str) -> Markup:
    # Made of numbers and colours of our own, no text: safe.
    return Markup(  # noqa: S704 - see above
        f'<svg class="{kind}" viewBox="0 0 {box}" preserveAspectRatio="{fit}" aria-hidden="true">{inside}</svg>'
    )
