"""Threads that are lent to slow clients."""

import pytest
from flask import Request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import EnvironBuilder

from shared.command import front
from web.lanes import HELD_IN_FRONT, Lanes


def upload(size: int) -> Request:
    return Request(EnvironBuilder(method="POST").get_environ() | {"CONTENT_LENGTH": str(size)})


def test_half_of_the_threads_are_lent_and_no_more() -> None:
    lanes = Lanes(2)
    with lanes.one(), lanes.one(), pytest.raises(ServiceUnavailable), lanes.one():
        pass
    with lanes.one():
        pass


def test_only_a_body_that_may_still_be_coming_takes_a_lane() -> None:
    lanes = Lanes(1)
    with lanes.one():
        with lanes.for_body(upload(HELD_IN_FRONT)):
            pass
        with pytest.raises(ServiceUnavailable), lanes.for_body(upload(HELD_IN_FRONT + 1)):
            pass


def test_what_the_front_holds_is_known_here() -> None:
    assert HELD_IN_FRONT == front.BUFFERED
