"""Contrast of the colours: measured from the file that defines them, in both themes (WCAG 2.2, 1.4.3 and 1.4.6)."""

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).parents[3] / "web/static/css/tokens.css").read_text(encoding="utf-8")
LIGHT, DARK = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in SHEET.split("@media"))
BODY = [("ink", "paper"), ("ink", "sheet"), ("ink", "tint"), ("accent", "sheet"), ("accent", "paper")]
SMALL = [
    ("soft", "paper"),
    ("soft", "sheet"),
    ("pomegranate", "sheet"),
    ("pomegranate", "paper"),
    ("pomegranate", "tint"),
]
SMALL += [("turquoise", "paper"), ("turquoise", "sheet"), ("on-accent", "accent"), ("on-accent", "accent-deep")]
EDGES = [("edge", "paper"), ("edge", "sheet")]


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, background: str) -> float:
    dark, light = sorted((luminance(colour), luminance(background)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, {**LIGHT, **DARK}], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("pairs", "least"), [(BODY, 7), (SMALL, 4.5), (EDGES, 3)], ids=["body text", "other text", "edges of fields"]
)
def test_text_has_enough_contrast(theme, pairs, least):
    ratios = {pair: round(contrast(theme[pair[0]], theme[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in ratios.items() if ratio < least}


def test_every_colour_of_the_pages_is_a_token():
    sheet = (Path(__file__).parents[3] / "web/static/css/site.css").read_text(encoding="utf-8")
    used = set(re.findall(r"#[0-9a-f]{3,8}\b", sheet))
    assert used <= {"#fff", "#1b1b2f"}, "a ticket is white in both themes; everything else has a name"
