"""The differences between two versions of a report, figure by figure. Pure: two reports' figures in, JSON out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Figures = Mapping[str, Any]
NamedFigure = tuple[str, Any, tuple[Any, ...]]
"""A figure: its name, its value, and its owner: texts by language, or a word that the rule uses."""

COUNTED = ("refused.", "doors.")
"""Figures of which a missing one was counted too, and is 0."""
PACE = "seconds_between"
"""A figure of a door that is no count: unknown where it is missing."""
AT_A_DOOR = ("admitted", "scans", "conflicts")
GROUPED = ("ticket_type", "language", "source")


def between(before: Figures, now: Figures) -> dict[str, list[Any]]:
    """Return every figure that differs: its name to [before, now, owner ...]. None is a figure that a version lacks.

    The five-minute figures of arrivals and people inside are left to the two charts, and those of single volunteers to
    the doors.
    """
    by_name = not (_has_door_ids(before) and _has_door_ids(now))
    earlier, later = figures_by_name(before, by_name=by_name), figures_by_name(now, by_name=by_name)
    differences: dict[str, list[Any]] = {}
    for name in sorted(earlier.keys() | later.keys()):
        default = 0 if name.startswith(COUNTED) and not name.endswith(f".{PACE}") else None
        value_before, owner = earlier.get(name, (default, ()))
        value_now, owner = later.get(name, (default, owner))
        if value_before != value_now:
            differences[name] = [value_before, value_now, *owner]
    return differences


def figures_by_name(figures: Figures, *, by_name: bool = False) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Return every figure by its name, with its owner; except the five-minute figures of arrivals and people inside.

    Doors are matched by their ids, or by their names beside a version without ids.
    """
    entries = [*_single(figures), *_sessions(figures), *_doors(figures, by_name), *_groups(figures)]
    return {name: (value, owner) for name, value, owner in entries}


def _single(figures: Figures, prefix: str = "") -> Iterator[NamedFigure]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            yield from _single(value, f"{prefix}{name}.")
        elif not isinstance(value, (list, tuple)):
            yield prefix + name, value, ()


def _sessions(figures: Figures) -> Iterator[NamedFigure]:
    for session in figures.get("sessions", []):
        for figure in ("attended", "people"):
            yield f"sessions.{session['id']}.{figure}", session[figure], (session["title"],)


def door_key(door: Figures, *, by_name: bool = False) -> str:
    """Return the key of a door in a report: its id; up to rule 3 there is only its name."""
    return word(door["door"] if by_name else door.get("id", door["door"]))


def _has_door_ids(figures: Figures) -> bool:
    return all("id" in door for door in figures.get("doors", []))


def _doors(figures: Figures, by_name: bool) -> Iterator[NamedFigure]:
    """Yield the figures of the doors, all volunteers together."""
    counts = Counter[tuple[str, str]]()
    names = {}
    for door in figures.get("doors", []):
        key = door_key(door, by_name=by_name)
        names[key] = door["door"]
        counts.update({(key, figure): door[figure] for figure in AT_A_DOOR})
        counts.update({(key, f"refused.{reason}"): count for reason, count in door["refused"].items()})
    for (key, figure), count in counts.items():
        yield f"doors.{key}.{figure}", count, (names[key],)
    for door in figures.get("paces", []):
        yield f"doors.{door_key(door, by_name=by_name)}.{PACE}", door[PACE], (door["door"],)


def _groups(figures: Figures) -> Iterator[NamedFigure]:
    breakdowns = figures.get("breakdowns", {})
    for group in GROUPED:
        for value, count in breakdowns.get(group, []):
            yield f"breakdowns.{group}.{word(value)}", count, (value,)
    for question in breakdowns.get("questions", []):
        for value, count in question["groups"]:
            yield f"breakdowns.questions.{question['key']}.{word(value)}", count, (question["label"], value)


def word(value: Any) -> str:
    """Return the same word for the same texts in any reader's language: the first by language code."""
    return str(value[min(value)]) if isinstance(value, Mapping) and value else str(value)
