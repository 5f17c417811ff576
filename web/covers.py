"""An event's cover on a page: its ikat cloth, and the plain ground beneath it behind the title.

The cloth is woven from the slug, or is the event's photograph: this module decides, for all pages. They all contain the
event's title as well, so a private event's photograph reveals no more than they do.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup

from shared import links
from shared.models import Event
from shared.papers.cover import content
from shared.papers.ikat import weave


@dataclass(frozen=True, slots=True)
class CoverArt:
    """Two decorative pictures: `cloth` ends in a fringe over the colour of `ground`, which stretches to any size.

    `ink` is "light" or "dark": the colour of text on the ground.
    """

    cloth: Markup
    ground: Markup
    ink: str


def wide(event: Event) -> CoverArt:
    """Return the cover for the head of a page."""
    return _fronted(_woven(event.slug, width=720, height=240, quiet=0.2), event, "wide")


def banner(event: Event) -> CoverArt:
    """Return the cover for the head of a ticket; its photograph is cached since the event's page."""
    return _fronted(_woven(event.slug, width=720, height=112, quiet=0.45), event, "wide")


def tile(event: Event) -> CoverArt:
    """Return the cover for a list."""
    return _fronted(_woven(event.slug, width=200, height=200, quiet=0.25), event, "tile", loading="lazy")


def _fronted(woven: CoverArt, event: Event, size: str, loading: str = "eager") -> CoverArt:
    if not event.picture:
        return woven
    picture = Markup('<img class="cloth photograph" src="{}" alt="" loading="{}">')
    return replace(woven, cloth=picture.format(links.picture(event.picture, size), loading))


# At most 10 MB: a wide one takes 5 ms to weave, and 19 kB.
@lru_cache(maxsize=512)
def _woven(slug: str, *, width: int, height: int, quiet: float) -> CoverArt:
    cover = weave(slug, width=width, height=height, quiet=quiet)
    # The lower edge is visible in a box of any shape: the fringe joins the ground.
    cloth = _svg("cloth", f"{width} {height}", "xMidYMax slice", content(cover))
    ground = _svg("ground", "1 1", "none", f'<path fill="{cover.background}" d="M0 0h1v1H0z"/>')
    return CoverArt(cloth, ground, "light" if cover.ink.lower() > "#8" else "dark")


def _svg(kind: str, box: str, fit: str, inside: str) -> Markup:
    # Made of numbers and colours of our own, no text: safe.
    return Markup(  # noqa: S704 - see above
        f'<svg class="{kind}" viewBox="0 0 {box}" preserveAspectRatio="{fit}" aria-hidden="true">{inside}</svg>'
    )
