"""The rates as tables on the screen."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from statistics import fmean
from typing import Literal

from bench.frames.rates import Cell, gain, rate, smallest


def by_size(cells: Sequence[Cell]) -> str:
    """Return a line for each condition, a column for each side, and the smallest side with 95 % read."""
    sides = sorted({cell.side for cell in cells})
    conditions = list(dict.fromkeys(cell.condition for cell in cells))
    lines = ["condition " + "".join(f"{side:>6}" for side in sides) + "  95 % from"]
    lines += [_line(name, [cell for cell in cells if cell.condition == name], sides) for name in conditions]
    return "\n".join((*lines, _line("all", cells, sides)))


def ranking(cells: Sequence[Cell], by: Literal["variant", "way"]) -> str:
    """Return a line for each variant or way, the best first: its rate, its gain over the first one, rates by side."""
    name_of = attrgetter(by)
    groups = {name: [cell for cell in cells if name_of(cell) == name] for name in dict.fromkeys(map(name_of, cells))}
    first, sides = next(iter(groups.values())), sorted({cell.side for cell in cells})
    head = f"{by:<18}{'rate':>6}{'gain':>8}{'±':>7}  " + "".join(f"{side:>6}" for side in sides) + "    ms"
    ranked = sorted(groups.items(), key=lambda group: -rate(group[1]))
    return "\n".join((head, *(_ranked(name, group, first, sides) for name, group in ranked)))


def _ranked(name: str, cells: Sequence[Cell], first: Sequence[Cell], sides: Iterable[int]) -> str:
    mean, error = gain(cells, first)
    ms = fmean(cell.ms for cell in cells)
    return f"{name:<18}{rate(cells):>6.3f}{mean:>+8.3f}{error:>7.3f}  {_rates(cells, sides)}{ms:>6.1f}"


def _line(name: str, cells: Sequence[Cell], sides: Iterable[int]) -> str:
    return f"{name:<10}{_rates(cells, sides)}{smallest(cells) or '-':>11}"


def _rates(cells: Sequence[Cell], sides: Iterable[int]) -> str:
    return "".join(f"{rate(cell for cell in cells if cell.side == side):>6.2f}" for side in sides)
