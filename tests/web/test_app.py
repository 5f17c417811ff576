"""The frame: what holds for every request."""

import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_device, make_event, make_registration


def test_a_page_that_does_not_exist_is_told_in_the_language_of_its_address(client: FlaskClient) -> None:
    answer = client.get("/ru/nothing")
    assert answer.status_code == 404
    assert '<html lang="ru"' in answer.text


def test_factories(db: Session) -> None:
    make_registration(db)
    make_device(db)
    make_registration(db, make_event(db), state="waiting", confirmed_at=None)
