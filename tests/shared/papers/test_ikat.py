"""Covers are always the same for one event, different for every event, small, and leave room for a title."""

import gzip
import tracemalloc
from hashlib import sha256

import pytest

from shared.papers import cover, ikat

SLUGS = [f"italk-{n}" for n in range(60)]


def brightness(colour: str) -> float:
    """Return the relative luminance, as WCAG 2.2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_cover_never_changes():
    svg = cover.svg(ikat.weave("italk-7"))
    assert svg == cover.svg(ikat.weave("italk-7"))
    assert sha256(svg.encode()).hexdigest()[:16] == "89c82b2adec20f13"


def test_every_event_has_a_cover_of_its_own():
    assert len({cover.svg(ikat.weave(slug)) for slug in SLUGS}) == len(SLUGS)


def test_a_cover_costs_less_than_two_kilobytes():
    assert max(len(gzip.compress(cover.svg(ikat.weave(slug)).encode(), 6)) for slug in SLUGS) < 2000


@pytest.mark.parametrize("ground", sorted({ikat.weave(slug).background for slug in SLUGS}))
def test_the_title_is_read_at_seven_to_one(ground):
    ink = next(woven.ink for woven in map(ikat.weave, SLUGS) if woven.background == ground)
    light, dark = sorted((brightness(ink), brightness(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 7


def test_no_ground_is_the_paper_of_the_pages():
    assert "#f8f2e4" not in {ikat.weave(slug).background for slug in SLUGS}


@pytest.mark.parametrize(
    ("width", "height", "quiet"), [(1200, 400, 0.4), (1200, 200, 0.5), (600, 600, 0.3), (1200, 630, 0.5)]
)
def test_the_quiet_band_is_empty_and_the_cloth_is_full(width, height, quiet):
    for slug in SLUGS[:20]:
        woven = ikat.weave(slug, width=width, height=height, quiet=quiet)
        points = [point for shape in woven.shapes for point in shape.points]
        assert max(y for _, y in points) <= woven.quiet < height
        assert min(x for x, _ in points) <= ikat.THREAD
        assert max(x for x, _ in points) >= width - ikat.THREAD


def test_a_cover_is_its_own_mirror():
    woven = ikat.weave("italk-7")
    outlines = {(shape.colour, frozenset(shape.points)) for shape in woven.shapes}
    mirrored = {(colour, frozenset((woven.width - x, y) for x, y in points)) for colour, points in outlines}
    assert mirrored == outlines


def test_a_process_keeps_a_weave_in_few_bytes():
    tracemalloc.start()
    woven = ikat.weave("kept-in-few-bytes")
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(shape.points) for shape in woven.shapes) > 5_000
    assert kept < 250_000
