"""Bar charts of arrivals, with few bins and many, and with none."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from shared.i18n import use_language
from shared.papers import charts

NAMES = {"svg": "http://www.w3.org/2000/svg"}


def five_minutes(*counts: int) -> list[tuple[str, int]]:
    """Return bins of five minutes from 17:40 on."""
    return [(f"{17 + (40 + 5 * i) // 60:02d}:{(40 + 5 * i) % 60:02d}", count) for i, count in enumerate(counts)]


def draw(bins: list[tuple[str, int]]) -> ET.Element:
    return ET.fromstring(charts.arrivals_svg(bins, title="Arrivals <b>", description="Most checked in 18:00."))


def words(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.findall("svg:text", NAMES)]


def bars(root: ET.Element) -> list[tuple[float, float, float]]:
    """Return x, width and height of every bar."""
    paths = " ".join(path.get("d", "") for path in root.findall("svg:path[@fill]", NAMES))
    numbers = re.findall(r"M([\d.]+) \d+v-([\d.]+)h([\d.]+)", paths)
    return sorted((float(x), float(wide), float(high)) for x, high, wide in numbers)


def test_it_has_a_name_and_a_sentence_for_readers():
    root = draw(five_minutes(1, 2))
    assert root.get("role") == "img"
    assert [root[0].text, root[1].text] == ["Arrivals <b>", "Most checked in 18:00."]


@pytest.mark.parametrize("bins", [[], five_minutes(0), five_minutes(0, 0, 0)])
def test_no_arrivals_become_a_sentence(bins):
    assert words(draw(bins)) == ["No arrivals recorded."]
    with use_language("tg"):
        assert words(draw(bins)) == ["Омадани касе қайд нашудааст."]


@pytest.mark.parametrize("count", [1, 2, 3, 60, 288])
def test_bars_stand_side_by_side_inside_the_chart(count):
    drawn = bars(draw(five_minutes(*range(1, count + 1))))
    assert len(drawn) == count
    assert drawn[0][0] >= 64
    assert drawn[-1][0] + drawn[-1][1] <= 704
    assert all(x + wide < next_x for (x, wide, _), (next_x, _, _) in pairwise(drawn))


def test_heights_are_in_proportion_and_empty_bins_have_no_bar():
    (_, _, low), (_, _, high) = bars(draw(five_minutes(5, 0, 20)))
    assert high == pytest.approx(4 * low, rel=0.01)


def test_the_peak_is_told_in_numbers():
    assert "1,312" in words(draw(five_minutes(3, 1312, 40)))
    with use_language("ru"):
        assert "1\N{NO-BREAK SPACE}312" in words(draw(five_minutes(3, 1312, 40)))


def test_fewer_labels_are_shown_where_they_are_long():
    days = [(f"{7 + number} October, 09:{minute:02}", 1) for number in range(3) for minute in range(0, 60, 5)]
    assert 2 <= len([text for text in words(draw(days)) if "October" in text]) <= 4


@pytest.mark.parametrize("count", [8, 26, 60, 200, 288, 3000])
def test_few_labels_are_shown_and_full_hours_first(count):
    labels = [text for text in words(draw([*five_minutes(*[1] * count)])) if ":" in text]
    assert 2 <= len(labels) <= 8
    assert any(label.endswith(":00") for label in labels)


@pytest.mark.parametrize("most", [1, 4, 5, 9, 41, 99, 1000, 123_456])
def test_there_are_at_most_five_lines_and_the_highest_bar_is_under_the_last(most):
    root = draw(five_minutes(most))
    lines = root.findall("svg:path[@stroke]", NAMES)
    assert 2 <= len(lines) <= 5
    assert max(high for _, _, high in bars(root)) <= 208


def dashed(root: ET.Element) -> list[str]:
    return [path.get("d", "") for path in root.findall("svg:path[@stroke-dasharray]", NAMES)]


def sides(root: ET.Element) -> dict[str, tuple[float, str]]:
    """Return the positions of words, and the sides to which they run."""
    texts = root.findall("svg:text", NAMES)
    return {text.text or "": (float(text.get("x", 0)), text.get("text-anchor", "")) for text in texts}


@pytest.mark.parametrize(("place", "side"), [(0, "start"), (5, "end"), (9, "end")])
def test_a_marked_bar_has_a_line_from_top_to_bottom_and_words_above_all_bars(place: int, side: str):
    marked = (place, "The <event>")
    drawn = charts.bars_svg(five_minutes(*[7] * 10), title="", description="", nothing="", marked=marked)
    root = ET.fromstring(drawn)
    middles = [x + wide / 2 for x, wide, _ in bars(root)]
    (line,) = dashed(root)
    assert float(line[1:].split()[0]) == pytest.approx(middles[place], abs=0.2)
    x, anchor = sides(root)["The <event>"]
    assert (anchor, abs(x - middles[place]) < 9) == (side, True)
    assert max(high for _, _, high in bars(root)) < 180, "a line's room is left above the bars"
    assert not dashed(draw(five_minutes(7)))


def curve(*counts: int, seats: int | None) -> ET.Element:
    limit = None if seats is None else (seats, f"Seats: {seats}")
    drawn = charts.curve_svg(five_minutes(*counts), title="", description="", nothing="Nobody", limit=limit)
    return ET.fromstring(drawn)


@pytest.mark.parametrize(("counts", "seats"), [((10, 40, 20), 50), ((10, 60, 20), 50), ((1, 2, 3), 1000), ((5,), 5)])
def test_a_limit_is_a_line_where_its_number_is(counts: tuple[int, ...], seats: int):
    root = curve(*counts, seats=seats)
    (line,) = dashed(root)
    limit = float(line.partition(" ")[2].partition("H")[0])
    (path,) = [element.get("d", "") for element in root.findall("svg:path[@fill-opacity]", NAMES)]
    peak = min(float(y) for y in re.findall(r"V([\d.]+)h", path))
    assert (236 - peak) / (236 - limit) == pytest.approx(max(counts) / seats, rel=0.02, abs=0.01)
    assert min(limit, peak) >= 28
    assert f"Seats: {seats}" in words(root)


@pytest.mark.parametrize(("counts", "side"), [((9, 1, 1), "end"), ((1, 1, 9), "start")])
def test_a_limit_s_words_stand_where_the_peak_is_not(counts: tuple[int, ...], side: str):
    assert sides(curve(*counts, seats=10))["Seats: 10"][1] == side
    assert not dashed(curve(*counts, seats=None))


def triples(*groups: tuple[int, int, int]) -> ET.Element:
    labelled = [(f"{number:02}.26", group) for number, group in enumerate(groups)]
    return ET.fromstring(charts.triples_svg(labelled, title="", description="", nothing="Nothing"))


@pytest.mark.parametrize("count", [1, 2, 8, 24])
def test_three_counts_stand_side_by_side_in_their_order(count: int):
    root = triples(*[(40, 30, 10)] * count)
    drawn = bars(root)
    assert len(drawn) == 3 * count
    assert [high for *_, high in drawn[:3]] == sorted((high for *_, high in drawn[:3]), reverse=True)
    assert drawn[0][2] == pytest.approx(4 * drawn[2][2], rel=0.01)
    assert drawn[0][0] >= 64
    assert drawn[-1][0] + drawn[-1][1] <= 704
    assert all(x + wide < next_x for (x, wide, _), (next_x, _, _) in pairwise(drawn))
    looks = [(path.get("fill"), path.get("stroke")) for path in root.findall("svg:path[@fill]", NAMES)]
    assert len(set(looks)) == 3
    assert looks[0] == ("none", "currentColor"), "one differs without colours"


@pytest.mark.parametrize("groups", [[], [(0, 0, 0)]])
def test_no_counts_are_said_in_words(groups: list[tuple[int, int, int]]):
    assert words(triples(*groups)) == ["Nothing"]
