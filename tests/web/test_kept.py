"""The laws of what a process keeps."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic
from weakref import WeakValueDictionary

import pytest

from web import kept
from web.kept import Kept


class Talk:
    """A value that can be seen to be gone."""


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Set the clock by which values grow old, in seconds."""

    def travel(second: float) -> None:
        monkeypatch.setattr(kept, "monotonic", lambda: 1_000 + second)

    travel(0)
    return travel


def test_a_value_is_made_once_in_a_second(at: Callable[[float], None]) -> None:
    values, made = Kept[str, int](), iter(range(9))
    assert [values.get("talk", lambda: next(made)) for _ in range(3)] == [0, 0, 0]
    at(0.99)
    assert values.get("talk", lambda: next(made)) == 0
    at(1)
    assert values.get("talk", lambda: next(made)) == 1


def test_its_second_begins_before_it_is_made(at: Callable[[float], None]) -> None:
    values = Kept[str, int]()

    def make() -> int:
        at(0.9)
        return 1

    values.get("talk", make)
    at(1.1)
    assert values.get("talk", lambda: 2) == 2


def test_what_cannot_be_made_is_not_kept() -> None:
    values = Kept[str, int]()
    with pytest.raises(ZeroDivisionError):
        values.get("talk", lambda: 1 // 0)
    assert values.get("talk", lambda: 1) == 1


def test_nothing_is_older_than_a_forgetting() -> None:
    values = Kept[str, int]()
    values.get("kept", lambda: 1)

    def make() -> int:
        values.forget()
        return 1

    assert values.get("being made", make) == 1
    assert [values.get(key, lambda: 2) for key in ("kept", "being made")] == [2, 2]


def test_one_value_is_forgotten_and_the_others_stay() -> None:
    values = Kept[str, int](seconds=60)
    for key in ("a", "b"):
        values.get(key, lambda: 1)
    values.forget("a")
    assert [values.get(key, lambda: 2) for key in ("a", "b")] == [2, 1]


def test_the_oldest_value_makes_room() -> None:
    values, made = Kept[str, int](most=2), iter(range(9))
    for key in ("a", "b", "c"):
        values.get(key, lambda: next(made))
    assert values.get("c", lambda: next(made)) == 2
    assert values.get("a", lambda: next(made)) == 3


def test_with_no_seconds_every_value_is_made_anew() -> None:
    values, made = Kept[str, int](seconds=0), iter(range(9))
    assert [values.get("talk", lambda: next(made)) for _ in range(2)] == [0, 1]


def test_of_many_threads_one_makes_a_value_and_the_others_wait_for_it() -> None:
    values, made = Kept[str, float](seconds=60), []
    together = Barrier(8)

    def make() -> float:
        # Until the others have surely asked: a thread that did not wait would make a value of its own meanwhile.
        Event().wait(0.05)
        made.append(monotonic())
        return made[-1]

    def ask(_: int) -> float:
        together.wait(timeout=30)
        return values.get("talk", make)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(ask, range(8)))
    assert answers == set(made)
    assert len(made) == 1


def test_what_is_too_old_is_dropped_by_the_next_that_is_kept(at: Callable[[float], None]) -> None:
    values = Kept[str, Talk]()
    talks = {name: values.get(name, Talk) for name in ("first", "second")}
    at(0.5)
    talks["third"] = values.get("third", Talk)
    alive = WeakValueDictionary(talks)
    talks.clear()
    at(1.2)
    values.get("fourth", Talk)
    assert set(alive) == {"third"}
