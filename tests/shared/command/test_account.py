"""`turnout account` and `turnout organization`, and what is printed while nobody has an account."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from shared.command import first, main
from shared.command.tour import Tour, lines
from shared.models import Account, Membership, Organization
from shared.operations import second_factors
from tests.conftest import Committed, make_settings
from tests.factories import SECRET, make_account


@pytest.fixture
def turnout(committed: Committed, monkeypatch: pytest.MonkeyPatch):
    """Runs a command on a database of its own."""
    settings = committed.settings
    for name in ("database_url", "redis_url", "smtp_url", "mail_from", "secret_key", "base_url"):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    return lambda *words, **more: CliRunner().invoke(main, list(words), **more)


CREATE = ("account", "create", "zarina@example.org", "--name", "Зарина", "--organization", "Пешрафт")


def test_an_account_that_owns_an_organization_is_made_once(turnout, committed: Committed) -> None:
    first_time = turnout(*CREATE, "--password", "a good password", "--language", "tg")
    assert (first_time.exit_code, first_time.output) == (0, "zarina@example.org owns Пешрафт\n")
    assert turnout(*CREATE, "--password", "a good password").exit_code == 1
    with committed.sessions.begin() as db:
        [membership] = db.scalars(select(Membership)).all()
        assert membership.role == "owner"
        assert db.scalars(select(Organization)).one().languages == ["tg", "en", "ru"]


def test_a_second_organization_is_made_for_an_account_that_there_is(turnout, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_account(db, email="zarina@example.org")
    second = turnout("organization", "create", "Дониш", "--owner", "zarina@example.org")
    assert second.exit_code == 0, second.output
    assert turnout("organization", "create", "Дониш", "--owner", "zarina@example.org").exit_code == 1
    assert turnout("organization", "create", "Другая", "--owner", "nobody@example.org").exit_code == 1
    with committed.sessions.begin() as db:
        assert db.scalars(select(Organization.slug)).all() == ["дониш"]


def test_a_lost_phone_is_helped_by_who_runs_the_installation(turnout, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        second_factors.start(db, account=make_account(db, email="zarina@example.org"), password="", secrets=(SECRET,))
    assert turnout("account", "without-second-step", "zarina@example.org").exit_code == 0
    with committed.sessions.begin() as db:
        assert db.scalars(select(Account)).one().totp_secret is None


def test_the_code_is_printed_until_somebody_has_an_account(committed: Committed) -> None:
    said = first.sentence(committed.settings)
    assert said.startswith("Nobody has an account yet. Open http://127.0.0.1:8000/account/first with the code ")
    with committed.sessions.begin() as db:
        make_account(db)
    assert first.sentence(committed.settings) == first.code(committed.settings) == ""


def test_a_server_without_its_database_says_nothing() -> None:
    assert first.sentence(make_settings("postgresql://127.0.0.1:1/nothing", "unix:///nowhere")) == ""


def test_the_tour_of_an_empty_installation_is_its_first_visit() -> None:
    tour = Tour(first="http://127.0.0.1:8000/account/first", code="ABCDE-FGHIJ")
    assert Tour.from_json(tour.to_json()) == tour
    assert "make the first account, with the code ABCDE-FGHIJ" in "\n".join(lines(tour))


@pytest.mark.parametrize("zone", ["Europe", "localtime"])
def test_a_zone_that_is_none_is_refused_in_one_line(turnout, committed: Committed, zone: str) -> None:
    refused = turnout(*CREATE, "--password", "a good password", "--zone", zone)
    assert (refused.exit_code, refused.output) == (1, "Error: zone_unknown\n")
    with committed.sessions.begin() as db:
        assert db.scalars(select(Account)).all() == []
