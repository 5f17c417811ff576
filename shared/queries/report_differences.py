"""What differs between two versions of a report, figure by figure. Pure: two reports' figures in, JSON out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Figures = Mapping[str, Any]
Named = tuple[str, Any, tuple[Any, ...]]
"""A figure: where it stands, what it is, and whose it is: texts by language, or a word that the rule uses."""

COUNTED = ("refused.", "doors.")
"""Where what is not named was counted too, and is 0."""
PACE = "seconds_between"
"""What is no count, though it stands among those of a door: unknown where it is not named."""
AT_A_DOOR = ("admitted", "scans", "conflicts")
GROUPED = ("ticket_type", "language", "source")


def between(before: Figures, now: Figures) -> dict[str, list[Any]]:
    """Every figure that differs: its name to [before, now, whose ...]. None is what a version does not say.

    What arrivals and people inside were every five minutes is left to the two charts, and how a single volunteer
    worked to the doors.
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
    """Every figure by its name, with whose it is; but for arrivals and people inside in their five minutes. Doors are
    told apart by their ids, or by their names beside a version that has no ids.
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
    """What tells a door of a report from the others: its id; up to rule 3 there is only its name."""
    return word(one["door"] if by_name else one.get("id", one["door"]))


def _has_door_ids(given: Figures) -> bool:
    return all("id" in one for one in given.get("doors", []))


def _doors(given: Figures, by_name: bool) -> Iterator[Named]:
    """Doors, whoever stood there."""
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
    """The same word for the same texts, whatever language is read: the first of English, Russian and Tajik."""
    return str(value[min(value)]) if isinstance(value, Mapping) and value else str(value)
