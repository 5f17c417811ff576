"""Charts drawn on the server: no script, readable from the back of a hall, in the colours of the page around them.

Each contains a title and a description for screen readers; the page puts the table of the same figures beside it.
"""

from collections.abc import Iterator, Sequence
from html import escape

from shared.i18n import format_number, gettext

_WIDTH, _HEIGHT = 720, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 704, 28, 236
_WIDEST_BAR = 56
_MOST_TICKS = 7
_LETTER = 9
"""The assumed width of a label's letter, with its share of the space between two labels."""
# Bins are five minutes: ticks then stand at 5, 10, 15 and 30 minutes, at hours and at their multiples.
_STRIDES = (1, 2, 3, 6, 12, 24, 48, 144, 288)

_BAR, _PEAK, _GRID = "var(--turquoise,currentColor)", "var(--pomegranate,currentColor)", "var(--line,currentColor)"
_DASHED = 'stroke-width="2" stroke-dasharray="7 5"'


Points = Sequence[tuple[str, int]]
"""Label and count, 0 or more."""
Note = tuple[int, str]
"""The position of a line, and its label."""
Triples = Sequence[tuple[str, tuple[int, int, int]]]
"""Label and three counts, each 0 or more."""


def arrivals_svg(bins: Points, *, title: str, description: str) -> str:
    """Draw arrivals as bars, one for each bin, the highest in its own colour and with its number.

    Colours are the page's `--turquoise`, `--pomegranate` and `--line`, text is currentColor: light and dark both work.
    No bins, or only empty ones, become a sentence.
    """
    return bars_svg(bins, title=title, description=description, nothing=gettext("common.no_arrivals"))


def bars_svg(bars: Points, *, title: str, description: str, nothing: str, marked: Note | None = None) -> str:
    """Draw counts side by side; `nothing` is the sentence where all are 0.

    One position, such as a certain day, may be `marked`.
    """
    most = max((count for _, count in bars), default=0)
    return _chart("".join(_bars(bars, most, marked)) if most else "", nothing, title, description)


def curve_svg(points: Points, *, title: str, description: str, nothing: str, limit: Note | None = None) -> str:
    """Draw a number that stays until it changes, such as people inside: a step for each point, at even distances.

    A line marks its `limit`, such as the number of seats.
    """
    most = max((count for _, count in points), default=0)
    return _chart("".join(_curve(points, most, limit)) if most else "", nothing, title, description)


def triples_svg(groups: Triples, *, title: str, description: str, nothing: str) -> str:
    """Draw three counts side by side for each label: hollow, plain and in the highlight colour, so that they differ
    without colours too. The page beside it explains the three.
    """
    most = max((count for _, counts in groups for count in counts), default=0)
    return _chart("".join(_triples(groups, most)) if most else "", nothing, title, description)


def _chart(drawing: str, nothing: str, title: str, description: str) -> str:
    """Return the drawing, or a sentence; a page that has the sentence already may hide it by its class."""
    css_class = 'class="chart"' if drawing else 'class="chart is-empty"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" {css_class}'
        f' fill="currentColor" font-size="17"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        f"{drawing or _said(nothing)}</svg>"
    )


def _said(words: str) -> str:
    text = escape(words)
    return f'<text x="{_WIDTH // 2}" y="{_HEIGHT // 2}" text-anchor="middle">{text}</text>{_line(_BOTTOM)}'


def _scale(most: int) -> float:
    """Return the drawing's units for a count of one."""
    step = _step(most)
    return (_BOTTOM - _TOP) / (step * -(-most // step))


def _grid(most: int) -> Iterator[str]:
    for value in range(0, most + _step(most), _step(most)):
        y = _BOTTOM - value * _scale(most)
        yield f'{_line(y)}<text x="{_LEFT - 10}" y="{y + 6:.1f}" text-anchor="end">{format_number(value)}</text>'


def _names(points: Points, room: float) -> Iterator[str]:
    for i in _ticks([label for label, _ in points]):
        x = _LEFT + (i + 0.5) * room
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 26}" text-anchor="middle">{escape(points[i][0])}</text>'


def _curve(points: Points, most: int, limit: Note | None) -> Iterator[str]:
    high = max(most, limit[0] if limit else 0)
    room, scale = (_RIGHT - _LEFT) / len(points), _scale(high)
    yield from _grid(high)
    steps = "".join(f"V{_BOTTOM - count * scale:.1f}h{room:.2f}" for _, count in points)
    colours = f'fill="{_BAR}" fill-opacity="0.25" stroke="{_BAR}" stroke-width="2"'
    yield f'<path {colours} d="M{_LEFT} {_BOTTOM}{steps}V{_BOTTOM}z"/>'
    peak = next(i for i, (_, count) in enumerate(points) if count == most)
    if limit:
        yield _limit(limit[1], _BOTTOM - limit[0] * scale, is_left=peak >= len(points) / 2)
    yield _height(most, _LEFT + (peak + 0.5) * room, _BOTTOM - most * scale - 7)
    yield from _names(points, room)


def _height(most: int, x: float, y: float) -> str:
    """Draw the number of the highest bar, on a background of its own where a line runs behind it."""
    ground = 'paint-order="stroke" stroke="var(--paper,Canvas)" stroke-width="5"'
    number = format_number(most)
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-weight="700" {ground}>{number}</text>'


def _limit(words: str, y: float, *, is_left: bool) -> str:
    """Draw a line from side to side, its label on the side without the peak."""
    x, anchor = (_LEFT + 4, "start") if is_left else (_RIGHT, "end")
    line = f'<path stroke="{_PEAK}" {_DASHED} d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'
    return f'{line}<text x="{x}" y="{y - 7:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _bars(bins: Points, most: int, marked: Note | None) -> Iterator[str]:
    # A mark's label is above all bars: it gets the space of one line.
    high = most + _step(most) if marked else most
    room, scale = (_RIGHT - _LEFT) / len(bins), _scale(high)
    yield from _grid(high)
    if marked:
        yield _mark(marked[1], _LEFT + (marked[0] + 0.5) * room)
    counts = [count for _, count in bins]
    peak = counts.index(most)
    yield f'<path fill="{_BAR}" d="{"".join(_bar(i, counts[i], room, scale) for i in range(len(bins)) if i != peak)}"/>'
    yield f'<path fill="{_PEAK}" d="{_bar(peak, most, room, scale)}"/>'
    yield _height(most, _LEFT + (peak + 0.5) * room, _BOTTOM - most * scale - 7)
    yield from _names(bins, room)


def _mark(words: str, x: float) -> str:
    """Draw a line from top to bottom, its label on the side with more space."""
    beside, anchor = (8, "start") if x < (_LEFT + _RIGHT) / 2 else (-8, "end")
    line = f'<path stroke="currentColor" {_DASHED} d="M{x:.1f} {_TOP - 22}V{_BOTTOM}"/>'
    return f'{line}<text x="{x + beside:.1f}" y="{_TOP - 6}" text-anchor="{anchor}">{escape(words)}</text>'


def _triples(groups: Triples, most: int) -> Iterator[str]:
    room, scale = (_RIGHT - _LEFT) / len(groups), _scale(most)
    yield from _grid(most)
    wide = min(_WIDEST_BAR, room * 0.8 / 3)
    for index, look in enumerate(('fill="none" stroke="currentColor"', f'fill="{_BAR}"', f'fill="{_PEAK}"')):
        bars = (
            f"M{_LEFT + (i + 0.5) * room + (index - 1.5) * wide:.1f} {_BOTTOM}"
            f"v{-counts[index] * scale:.1f}h{wide * 0.9:.1f}v{counts[index] * scale:.1f}z"
            for i, (_, counts) in enumerate(groups)
            if counts[index]
        )
        yield f'<path {look} d="{"".join(bars)}"/>'
    yield from _names([(label, 0) for label, _ in groups], room)


def _bar(i: int, count: int, room: float, scale: float) -> str:
    if not count:
        return ""
    wide = min(_WIDEST_BAR, room * (0.78 if room > 6 else 0.9))
    x, high = _LEFT + (i + 0.5) * room - wide / 2, count * scale
    return f"M{x:.1f} {_BOTTOM}v{-high:.1f}h{wide:.1f}v{high:.1f}z"


def _line(y: float) -> str:
    return f'<path stroke="{_GRID}" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'


def _step(most: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 ... that needs at most four lines above the ground."""
    step, factors = 1, (2, 2.5, 2)
    for i in range(40):
        if most <= 4 * step:
            break
        step = int(step * factors[i % 3])
    return step


def _ticks(labels: Sequence[str]) -> range:
    """Return the labels to draw: at most seven, as many as fit, at full hours where there are any."""
    longest = max(map(len, labels), default=1)
    most = max(1, min(_MOST_TICKS, (_RIGHT - _LEFT) // (_LETTER * (longest + 1))))
    fitting = (stride for stride in _STRIDES if len(labels) <= stride * most)
    stride = next(fitting, -(-len(labels) // most))
    hour = next((i for i, label in enumerate(labels) if label.endswith(":00")), 0)
    return range(hour % stride, len(labels), stride)
