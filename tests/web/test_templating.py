"""The globals and filters of templates."""

import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_event
from tests.web.conftest import page_of


@pytest.mark.parametrize(
    ("attributes", "html"),
    [
        ({"required": True}, '<p required="">'),
        ({"required": None, "maxlength": 120}, '<p maxlength="120">'),
        ({"spellcheck": "false", "title": '"<'}, '<p spellcheck="false" title="&#34;&lt;">'),
        ({}, "<p>"),
    ],
)
def test_a_boolean_attribute_is_there_or_not(app: Flask, attributes: dict[str, object], html: str) -> None:
    with app.test_request_context():
        assert render_template_string("<p{{ given | attributes }}>", given=attributes) == html


def test_a_form_requires_its_fields_as_html_says_it(client: FlaskClient, db: Session) -> None:
    page = page_of(client, f"/en/e/{make_event(db).slug}")
    assert set(re.findall(r'\brequired(?:="[^"]*")?', page)) == {'required=""'}
