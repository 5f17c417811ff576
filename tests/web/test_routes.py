"""The transaction around a view, with real commits."""

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from shared.errors import DomainError, Full
from shared.models import Organization
from tests.conftest import Committed
from tests.factories import make_organization
from web.access import VISITOR, Visitor
from web.app import create_app, make_resources
from web.routes import Routes

pages = Routes("tried", __name__)


def body(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    return f"told: {error.reason}, {db.scalar(select(func.count()).select_from(Organization))} stay"


@pages.post("/tried/kept", access=VISITOR)
def keep(db: Session, by: Visitor) -> ResponseReturnValue:
    make_organization(db)
    return "kept"


@pages.post("/tried/refused", access=VISITOR)
def refuse(db: Session, by: Visitor) -> ResponseReturnValue:
    make_organization(db)
    raise Full


@pages.post("/tried/told", access=VISITOR, refused=body)
def refuse_with_a_form(db: Session, by: Visitor) -> ResponseReturnValue:
    make_organization(db)
    raise Full


@pages.post("/tried/broken", access=VISITOR)
def break_down(db: Session, by: Visitor) -> ResponseReturnValue:
    make_organization(db)
    raise ZeroDivisionError


@pages.post("/tried/unkeepable", access=VISITOR)
def promise_too_much(db: Session, by: Visitor) -> ResponseReturnValue:
    db.execute(text("CREATE TABLE later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
    db.execute(text("INSERT INTO later VALUES (1), (1)"))
    return "this must not be answered: the commit fails"


def at_once(db: Session, by: Visitor) -> ResponseReturnValue | None:
    word = request.form["word"]
    if word == "refused":
        raise Full
    if word == "interrupted":
        db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    return word if word == "done" else None


@pages.post("/tried/at-once", access=VISITOR, at_once=at_once, refused=body)
def look_closer(db: Session, by: Visitor) -> ResponseReturnValue:
    return "looked closer"


@pages.get("/tried/one-statement", access=VISITOR, single_statement=True)
def isolation(db: Session, by: Visitor) -> ResponseReturnValue:
    first = db.scalar(text("SELECT pg_current_xact_id()"))
    return "one transaction" if first == db.scalar(text("SELECT pg_current_xact_id()")) else "autocommit"


@pytest.fixture
def tried(committed: Committed) -> FlaskClient:
    app: Flask = create_app(committed.settings, resources=make_resources(committed.settings, committed.engine))
    app.register_blueprint(pages)
    return app.test_client()


def stored(committed: Committed) -> int:
    with committed.sessions() as db:
        return db.scalar(select(func.count()).select_from(Organization)) or 0


def test_a_response_is_sent_after_the_commit(tried: FlaskClient, committed: Committed) -> None:
    assert tried.post("/tried/kept").status_code == 200
    assert stored(committed) == 1


@pytest.mark.parametrize(("path", "status"), [("refused", 409), ("told", 409), ("broken", 500), ("unkeepable", 500)])
def test_any_error_rolls_back(tried: FlaskClient, committed: Committed, path: str, status: int) -> None:
    assert tried.post(f"/tried/{path}").status_code == status
    assert stored(committed) == 0


def test_a_refusal_can_be_a_page_of_the_routes_own_with_the_refusals_status(tried: FlaskClient) -> None:
    answer = tried.post("/tried/told")
    assert (answer.status_code, answer.text) == (409, "told: full, 0 stay")


def test_a_route_of_one_statement_runs_without_a_transaction_around_it(tried: FlaskClient) -> None:
    assert tried.get("/tried/one-statement").text == "autocommit"


def test_a_route_without_access_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="access"):
        Routes("open", __name__).get("/open")  # type: ignore[call-arg]  # this is what is tried


def test_a_closed_connection_fails_no_request(tried: FlaskClient, committed: Committed) -> None:
    tried.post("/tried/kept")
    count_terminated = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
    )
    with committed.sessions() as db:
        assert db.scalar(text(f"{count_terminated} AND pid <> pg_backend_pid()")) == 0, (
            "this very connection is the pool's"
        )
        pid = db.scalar(text("SELECT pg_backend_pid()"))
    with create_engine(committed.settings.database_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert tried.post("/tried/kept").status_code == 200
    assert stored(committed) == 2


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("done", "done"),
        ("unusual", "looked closer"),
        ("interrupted", "looked closer"),
        ("refused", "told: full, 0 stay"),
    ],
)
def test_what_is_tried_at_once_is_looked_at_more_closely_only_if_it_has_no_answer(
    tried: FlaskClient, word: str, answer: str
) -> None:
    assert tried.post("/tried/at-once", data={"word": word}).text == answer
