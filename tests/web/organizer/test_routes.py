"""Every page of organizers is stored nowhere, and has its tabs with the number of open conflicts."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from shared.door import conflicts
from tests.factories import make_account, make_sign_in
from tests.support.every_route import APP, ROUTES, World, address, method_of, named
from web.access import VISITOR
from web.app import create_app
from web.organizer.routes import OrganizerRoutes, done
from web.routes import Routes

COUNT = '<span class="count" data-open-conflicts>1</span>'
PAGES = [rule for rule in ROUTES if method_of(rule) == "GET" and rule.rule.startswith(("/organize/", "/account/"))]
OF_EVENTS = [rule for rule in PAGES if rule.rule.startswith("/organize/events/<int:event_id>/")]
WITHOUT_TABS = ("/card", "/preview/<language:lang>")
"""Pages to print and to look at as others see them."""


def stored(app: Flask) -> list[str]:
    """List addresses of organizers that do not come from OrganizerRoutes."""
    ours = (rule for rule in app.url_map.iter_rules() if rule.rule.startswith(("/organize/", "/account/")))
    return [
        rule.rule for rule in ours if not isinstance(app.blueprints[rule.endpoint.partition(".")[0]], OrganizerRoutes)
    ]


def test_every_address_of_organizers_comes_from_organizer_routes() -> None:
    assert stored(APP) == []
    pages = Routes("forgetful", __name__, url_prefix="/organize/events/<int:event_id>")
    pages.get("/forgotten", access=VISITOR)(lambda db, by, event_id: "")
    app = create_app(APP.extensions["turnout"].settings)
    app.register_blueprint(pages)
    assert stored(app) == ["/organize/events/<int:event_id>/forgotten"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The events whose open conflicts were counted."""
    events: list[int] = []
    count: Callable[..., int] = conflicts.count_open

    def note_and_count(db: Session, *, event_id: int) -> int:
        events.append(event_id)
        return count(db, event_id=event_id)

    monkeypatch.setattr(conflicts, "count_open", note_and_count)
    return events


@pytest.mark.parametrize("rule", OF_EVENTS, ids=named)
def test_a_page_is_stored_nowhere_and_counts_conflicts_where_it_shows_them(
    rule: Rule, world: World, client: FlaskClient, db: Session, counted: list[int]
) -> None:
    client.set_cookie(
        "sign_in", make_sign_in(db, make_account(db, organization=world.event.organization, role="organizer"))
    )
    with client.get(address(rule, world.values)) as answer:
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert {"no-store", "no-cache"} & set(answer.headers["Cache-Control"].split(", "))
        page = answer.text if answer.mimetype == "text/html" and not rule.rule.endswith(WITHOUT_TABS) else ""
    assert page.count(COUNT) == bool(page)
    assert len(counted) <= 1
    assert page or rule.rule.endswith("/changing.json") or not counted


@pytest.mark.parametrize(("result", "query"), [("saved", {}), ("made", {"channel": 3})])
def test_an_action_ends_at_its_page_with_the_result_in_the_address(result: str, query: dict[str, int]) -> None:
    with APP.test_request_context():
        response = done("/organize/", result, "links", **query)
    more = "".join(f"&{name}={value}" for name, value in query.items())
    assert (response.status_code, response.location) == (303, f"/organize/?said={result}{more}#links")
