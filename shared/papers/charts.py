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


def arrivals_svg(bins: Sequence[tuple[str, int]], *, title: str, description: str) -> str:
    """Arrivals as bars, one for each bin of (label, count), the highest one in its own colour and with its number.

    Colours are the page's `--turquoise`, `--pomegranate` and `--line`, text is currentColor: light and dark both work.
    Counts are 0 or more; no bins, or nobody in them, is said in words.
    """
    most = max((count for _, count in bins), default=0)
    content = "".join(_bars(bins, most)) if most else _nobody()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" class="chart"'
        f' fill="currentColor" font-size="17"><title>{escape(title)}</title><desc>{escape(description)}</desc>'
        f"{content}</svg>"
    )


def _nobody() -> str:
    words = escape(gettext("No arrivals recorded."))
    return f'<text x="{_WIDTH // 2}" y="{_HEIGHT // 2}" text-anchor="middle">{words}</text>{_line(_BOTTOM)}'


def _bars(bins: Sequence[tuple[str, int]], most: int) -> Iterator[str]:
    step, room = _step(most), (_RIGHT - _LEFT) / len(bins)
    scale = (_BOTTOM - _TOP) / (step * -(-most // step))
    for value in range(0, most + step, step):
        y = _BOTTOM - value * scale
        yield f'{_line(y)}<text x="{_LEFT - 10}" y="{y + 6:.1f}" text-anchor="end">{format_number(value)}</text>'
    counts = [count for _, count in bins]
    peak = counts.index(most)
    yield f'<path fill="{_BAR}" d="{"".join(_bar(i, counts[i], room, scale) for i in range(len(bins)) if i != peak)}"/>'
    yield f'<path fill="{_PEAK}" d="{_bar(peak, most, room, scale)}"/>'
    x, y = _LEFT + (peak + 0.5) * room, _BOTTOM - most * scale - 7
    yield f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-weight="700">{format_number(most)}</text>'
    for i in _ticks([label for label, _ in bins]):
        x = _LEFT + (i + 0.5) * room
        yield f'<text x="{x:.1f}" y="{_BOTTOM + 26}" text-anchor="middle">{escape(bins[i][0])}</text>'


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
