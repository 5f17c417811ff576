"""Threads that slow clients occupy, and those that wait for one event."""

from threading import Barrier, Event, Thread, Timer
from time import monotonic

import pytest
from flask import Request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import EnvironBuilder

from shared.command import front
from web.lanes import BUFFERED_IN_FRONT, Lanes, Turns


def upload(size: int) -> Request:
    return Request(EnvironBuilder(method="POST").get_environ() | {"CONTENT_LENGTH": str(size)})


def test_at_most_half_of_the_threads_are_occupied() -> None:
    lanes = Lanes(2)
    with lanes.take(), lanes.take(), pytest.raises(ServiceUnavailable), lanes.take():
        pass
    with lanes.take():
        pass


def test_only_a_body_that_the_front_does_not_buffer_takes_a_lane() -> None:
    lanes = Lanes(1)
    with lanes.take():
        with lanes.for_body(upload(BUFFERED_IN_FRONT)):
            pass
        with pytest.raises(ServiceUnavailable), lanes.for_body(upload(BUFFERED_IN_FRONT + 1)):
            pass


def test_the_front_buffers_as_many_bytes_as_we_assume() -> None:
    assert BUFFERED_IN_FRONT == front.BUFFERED


def test_an_event_that_stands_still_takes_half_of_the_threads_and_leaves_one_to_others() -> None:
    turns = Turns(each=2, together=3, patience=0.0)
    with turns.take("held"), turns.take("held"):
        with pytest.raises(ServiceUnavailable), turns.take("held"):
            pass
        with turns.take("other"), pytest.raises(ServiceUnavailable), turns.take("third"):
            pass
        with turns.take("third"):
            pass
    with turns.take("held"):
        pass


def test_a_crowd_that_is_served_waits_for_its_turn() -> None:
    turns, begun, end = Turns(each=1, patience=60.0), Barrier(2, timeout=30), Event()

    def occupy() -> None:
        with turns.take("hot"):
            begun.wait()
            assert end.wait(30)

    thread = Thread(target=occupy)
    thread.start()
    begun.wait()
    Timer(0.05, end.set).start()
    with turns.take("hot"):
        assert end.is_set()
    thread.join()


def test_once_refused_the_next_is_refused_at_once() -> None:
    turns = Turns(each=1, patience=0.2)
    with turns.take("held"):
        for longest in (5.0, 0.1):
            began = monotonic()
            with pytest.raises(ServiceUnavailable), turns.take("held"):
                pass
            assert monotonic() - began < longest
