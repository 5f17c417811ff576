"""Threads that slow clients occupy."""

import pytest
from flask import Request
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import EnvironBuilder

from shared.command import front
from web.lanes import BUFFERED_IN_FRONT, Lanes


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
