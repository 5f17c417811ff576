"""The differences between two versions of a report, figure by figure. Pure: two reports' figures in, JSON out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Figures = Mapping[str, Any]
Named = tuple[str, Any, tuple[Any, ...]]
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
    earlier, later = named(before, by_name=by_name), named(now, by_name=by_name)
    found: dict[str, list[Any]] = {}
    for name in sorted(earlier.keys() | later.keys()):
        nothing = 0 if name.startswith(COUNTED) and not name.endswith(f".{PACE}") else None
        was, whose = earlier.get(name, (nothing, ()))
        now_is, whose = later.get(name, (nothing, whose))
        if was != now_is:
            found[name] = [was, now_is, *whose]
    return found


def named(given: Figures, *, by_name: bool = False) -> dict[str, tuple[Any, tuple[Any, ...]]]:
    """Return every figure by its name, with its owner; except the five-minute figures of arrivals and people inside.

    Doors are matched by their ids, or by their names beside a version without ids.
    """
    every = [*_single(given), *_sessions(given), *_doors(given, by_name), *_groups(given)]
    return {name: (value, whose) for name, value, whose in every}


def _single(given: Figures, under: str = "") -> Iterator[Named]:
    for name, value in given.items():
        if isinstance(value, Mapping):
            yield from _single(value, f"{under}{name}.")
        elif not isinstance(value, (list, tuple)):
            yield under + name, value, ()


def _sessions(given: Figures) -> Iterator[Named]:
    for one in given.get("sessions", []):
        for figure in ("attended", "people"):
            yield f"sessions.{one['id']}.{figure}", one[figure], (one["title"],)


def door_key(one: Figures, *, by_name: bool = False) -> str:
    """Return the key of a door in a report: its id; up to rule 3 there is only its name."""
    return word(one["door"] if by_name else one.get("id", one["door"]))


def _has_door_ids(given: Figures) -> bool:
    return all("id" in one for one in given.get("doors", []))


def _doors(given: Figures, by_name: bool) -> Iterator[Named]:
    """Yield the figures of the doors, all volunteers together."""
    counts = Counter[tuple[str, str]]()
    names = {}
    for one in given.get("doors", []):
        key = door_key(one, by_name=by_name)
        names[key] = one["door"]
        counts.update({(key, figure): one[figure] for figure in AT_A_DOOR})
        counts.update({(key, f"refused.{reason}"): count for reason, count in one["refused"].items()})
    for (key, figure), count in counts.items():
        yield f"doors.{key}.{figure}", count, (names[key],)
    for one in given.get("paces", []):
        yield f"doors.{door_key(one, by_name=by_name)}.{PACE}", one[PACE], (one["door"],)


def _groups(given: Figures) -> Iterator[Named]:
    breakdowns = given.get("breakdowns", {})
    for kind in GROUPED:
        for value, count in breakdowns.get(kind, []):
            yield f"breakdowns.{kind}.{word(value)}", count, (value,)
    for one in breakdowns.get("questions", []):
        for value, count in one["groups"]:
            yield f"breakdowns.questions.{one['key']}.{word(value)}", count, (one["label"], value)


def word(value: Any) -> str:
    """Return the same word for the same texts in any reader's language: the first by language code."""
    return str(value[min(value)]) if isinstance(value, Mapping) and value else str(value)
