"""A language that is added as data is on every page: one with long words, one from right to left."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from shared.config import Settings
from shared.i18n import language_table
from shared.models import Registration
from tests.conftest import browser
from tests.factories import SECRET, make_account, make_sign_in
from tests.support.every_route import ROUTES, World, address, method_of
from tests.support.strange_languages import CODES, strange
from web.app import create_app
from web.current import Resources
from web.limits import Limiter

__all__ = ["strange"]

PAGES = [rule for rule in ROUTES if method_of(rule) == "GET" and "events" not in rule.endpoint]
MOST_PAGES = 55
"""The least number of pages in the test; fewer would mean that many were skipped."""


@pytest.fixture
def client(strange: Path, settings: Settings, sessions: sessionmaker[Session], tmp_path: Path) -> FlaskClient:
    """A browser of an application that was created once the languages existed."""
    local = settings.model_copy(update={"turnout_mailbox": tmp_path})
    limiter = Limiter(local.redis_url, SECRET, on=False)
    app = create_app(local, resources=Resources(local, sessions, sessions, limiter))
    app.config["TESTING"] = True
    return browser(app)


@pytest.mark.parametrize("code", CODES)
def test_every_page_is_in_the_added_language(client: FlaskClient, db: Session, world: World, code: str) -> None:
    account = make_account(db, organization=world.event.organization, role="owner", language=code)
    client.set_cookie("sign_in", make_sign_in(db, account))
    client.set_cookie("language", code)
    db.get_one(Registration, world.values["person_id"]).language = code
    db.commit()
    html = f'<html lang="{code}" dir="{language_table(code).direction}">'
    paths = []
    for rule in PAGES:
        with client.get(address(rule, {**world.values, "lang": code})) as answer:
            assert answer.status_code < 500, rule.rule
            if answer.mimetype == "text/html" and answer.status_code == 200:
                assert html in answer.text, rule.rule
                paths.append(rule.rule)
    assert len(paths) >= MOST_PAGES, paths
