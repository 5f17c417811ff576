"""Charts drawn on the server: no script, readable from the back of a hall, in the colours of the page around them.

Each has a name and a sentence for readers inside it; the page puts the table of the same figures beside it.
"""

from collections.abc import Iterator, Sequence
from html import escape

from shared.i18n import format_number, gettext

_WIDTH, _HEIGHT = 720, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 704, 28, 236
_WIDEST_BAR = 56
_MOST_TICKS = 7
# Bins are five minutes: ticks then stand at 5, 10, 15 and 30 minutes, at hours and at their multiples.
_STRIDES = (1, 2, 3, 6, 12, 24, 48, 144, 288)

_BAR, _PEAK, _GRID = "var(--turquoise,currentColor)", "var(--pomegranate,currentColor)", "var(--line,currentColor)"


Points = Sequence[tuple[str, int]]
"""Label and count, 0 or more."""


def arrivals_svg(bins: Points, *, title: str, description: str) -> str:
    """Arrivals as bars, one for each bin, the highest one in its own colour and with its number.

    Colours are the page's `--turquoise`, `--pomegranate` and `--line`, text is currentColor: light and dark both work.
    No bins, or nobody in them, is said in words.
    """
    return bars_svg(bins, title=title, description=description, nothing=gettext("No arrivals recorded."))


def bars_svg(bars: Points, *, title: str, description: str, nothing: str) -> str:
    """Counts side by side; `nothing` is said where all are 0."""
    most = max((count for _, count in bars), default=0)
    return _chart("".join(_bars(bars, most)) if most else _said(nothing), title, description)


def curve_svg(points: Points, *, title: str, description: str, nothing: str) -> str:
    """A number that stays until it changes, such as people inside: a step for each point, at even distances."""
    most = max((count for _, count in points), default=0)
    return _chart("".join(_curve(points, most)) if most else _said(nothing), title, description)


def _chart(content: str, title: str, description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="chart"'
        f' fill="currentColor" font-size="17"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        f"{content}</svg>"
    )


def _said(words: str) -> str:
    shown = escape(words)
    return f'<text x="{_WIDTH // 2}" y="{_HEIGHT // 2}" text-anchor="middle">{shown}</text>{_line(_BOTTOM)}'


def _scale(most: int) -> float:
    """Units of the drawing for one of what is counted."""
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


def _curve(points: Points, most: int) -> Iterator[str]:
    room, scale = (_RIGHT - _LEFT) / len(points), _scale(most)
    yield from _grid(most)
    steps = "".join(f"V{_BOTTOM - count * scale:.1f}h{room:.2f}" for _, count in points)
    colours = f'fill="{_BAR}" fill-opacity="0.25" stroke="{_BAR}" stroke-width="2"'
    yield f'<path {colours} d="M{_LEFT} {_BOTTOM}{steps}V{_BOTTOM}z"/>'
    peak = next(i for i, (_, count) in enumerate(points) if count == most)
    x, y = _LEFT + (peak + 0.5) * room, _BOTTOM - most * scale - 7
    yield f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-weight="700">{format_number(most)}</text>'
    yield from _names(points, room)


def _bars(bins: Points, most: int) -> Iterator[str]:
    room, scale = (_RIGHT - _LEFT) / len(bins), _scale(most)
    yield from _grid(most)
    counts = [count for _, count in bins]
    peak = counts.index(most)
    yield f'<path fill="{_BAR}" d="{"".join(_bar(i, counts[i], room, scale) for i in range(len(bins)) if i != peak)}"/>'
    yield f'<path fill="{_PEAK}" d="{_bar(peak, most, room, scale)}"/>'
    x, y = _LEFT + (peak + 0.5) * room, _BOTTOM - most * scale - 7
    yield f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-weight="700">{format_number(most)}</text>'
    yield from _names(bins, room)


def _bar(i: int, count: int, room: float, scale: float) -> str:
    if not count:
        return ""
    wide = min(_WIDEST_BAR, room * (0.78 if room > 6 else 0.9))
    x, high = _LEFT + (i + 0.5) * room - wide / 2, count * scale
    return f"M{x:.1f} {_BOTTOM}v{-high:.1f}h{wide:.1f}v{high:.1f}z"


def _line(y: float) -> str:
    return f'<path stroke="{_GRID}" d="M{_LEFT} {y:.1f}H{_RIGHT}"/>'


def _step(most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20 ... that needs at most four lines above the ground."""
    step, factors = 1, (2, 2.5, 2)
    for i in range(40):
        if most <= 4 * step:
            break
        step = int(step * factors[i % 3])
    return step


def _ticks(labels: Sequence[str]) -> range:
    """Which labels are shown: at most seven, at full hours where there are any."""
    fitting = (stride for stride in _STRIDES if len(labels) <= stride * _MOST_TICKS)
    stride = next(fitting, -(-len(labels) // _MOST_TICKS))
    hour = next((i for i, label in enumerate(labels) if label.endswith(":00")), 0)
    return range(hour % stride, len(labels), stride)
