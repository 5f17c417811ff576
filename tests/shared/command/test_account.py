"""`turnout account` and `turnout organization`, and the code that is printed until there is an account."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from shared.accounts import second_factors
from shared.command import first_account, main
from shared.command.demo import load
from shared.command.home import DATA, Home
from shared.command.installation import publish, unpublish
from shared.command.tour import Tour, lines
from shared.models import Account, Membership, Organization
from tests.conftest import Committed, make_settings
from tests.factories import SECRET, make_account

SETTINGS = ("redis_url", "smtp_url", "mail_from", "secret_key", "base_url")


@pytest.fixture
def turnout(committed: Committed, monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs a command on a database of its own."""
    settings = committed.settings
    for name in ("database_url", *SETTINGS):
        monkeypatch.setenv(name.upper(), getattr(settings, name))
    return lambda *words, **more: CliRunner().invoke(main, list(words), **more)


CREATE = ("account", "create", "zarina@example.org", "--name", "Зарина", "--organization", "Пешрафт")


def test_an_account_that_owns_an_organization_is_made_once(turnout, committed: Committed) -> None:
    first_time = turnout(*CREATE, "--password", "a good password", "--language", "tg")
    assert (first_time.exit_code, first_time.output) == (0, "zarina@example.org owns Пешрафт\n")
    assert turnout(*CREATE, "--password", "a good password").exit_code == 2
    with committed.sessions.begin() as db:
        [membership] = db.scalars(select(Membership)).all()
        assert membership.role == "owner"
        assert db.scalars(select(Organization)).one().languages == ["tg", "en", "ru"]


def test_an_account_does_not_become_an_owner_of_the_demo(turnout, committed: Committed) -> None:
    load(committed.settings)
    with committed.sessions.begin() as db:
        name = db.scalars(select(Organization.slug)).one()
    refused = turnout(*CREATE[:-1], name, "--password", "a good password")
    assert (refused.exit_code, refused.output) == (2, "Error: this name belongs to the demo: choose another name\n")
    with committed.sessions.begin() as db:
        assert "zarina@example.org" not in db.scalars(select(Account.email)).all()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((*CREATE, "--password", "a good password"), "there is an account of this email address already"),
        (("organization", "create", "Пешрафт", "--owner", CREATE[2]), "there is an organization of this name already"),
        ((*CREATE[:2], "zarina", *CREATE[3:], "--password", "a good password"), "this is not an email address"),
    ],
)
def test_what_cannot_be_made_is_said_in_words(turnout, words: tuple[str, ...], reason: str) -> None:
    assert turnout(*CREATE, "--password", "a good password").exit_code == 0
    refused = turnout(*words)
    assert refused.exit_code == 2
    assert reason in refused.output


def test_a_second_organization_is_made_for_an_account_that_there_is(turnout, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        make_account(db, email="zarina@example.org")
    second = turnout("organization", "create", "Дониш", "--owner", "zarina@example.org")
    assert second.exit_code == 0, second.output
    assert turnout("organization", "create", "Дониш", "--owner", "zarina@example.org").exit_code == 2
    assert turnout("organization", "create", "Другая", "--owner", "nobody@example.org").exit_code == 2
    with committed.sessions.begin() as db:
        assert db.scalars(select(Organization.slug)).all() == ["дониш"]


def test_the_administrator_can_turn_off_two_step_verification(turnout, committed: Committed) -> None:
    with committed.sessions.begin() as db:
        second_factors.start(db, account=make_account(db, email="zarina@example.org"), password="", secrets=(SECRET,))
    assert turnout("account", "without-second-step", "zarina@example.org").exit_code == 0
    with committed.sessions.begin() as db:
        assert db.scalars(select(Account)).one().totp_secret is None


def test_the_code_is_printed_until_there_is_an_account_besides_the_demos(committed: Committed) -> None:
    load(committed.settings)
    sentence = first_account.sentence(committed.settings)
    assert sentence.startswith("Create your own organization at http://127.0.0.1:8000/account/first, with the code ")
    with committed.sessions.begin() as db:
        make_account(db)
    assert first_account.sentence(committed.settings) == first_account.code(committed.settings) == ""


def test_a_server_without_its_database_says_nothing() -> None:
    assert first_account.sentence(make_settings("postgresql://127.0.0.1:1/nothing", "unix:///nowhere")) == ""


def test_the_tour_of_an_empty_installation_is_creating_an_organization() -> None:
    tour = Tour(own="http://127.0.0.1:8000/account/first", code="ABCDE-FGHIJ")
    assert Tour.from_json(tour.to_json()) == tour
    assert "make your own organization, with the code ABCDE-FGHIJ" in "\n".join(lines(tour, command=""))


def test_an_account_is_made_in_the_installation_that_runs_on_a_folder(
    committed: Committed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    variables = {"DATABASE_URL": committed.settings.database_url.replace("+psycopg", "")}
    variables |= {name.upper(): getattr(committed.settings, name) for name in SETTINGS}
    home = Home(DATA)
    with home.lock("http://127.0.0.1:8000"):
        publish(home, variables)
        for folder in ((), ("--data", str(tmp_path / DATA))):
            result = CliRunner().invoke(main, ["organization", "create", "Дониш", "--owner", "no@example.org", *folder])
            assert result.output == "Error: there is no account of no@example.org\n"
        result = CliRunner().invoke(main, [*CREATE, "--password", "a good password"])
        assert (result.exit_code, result.output) == (0, "zarina@example.org owns Пешрафт\n")
        assert (home.path / "environment.json").stat().st_mode & 0o077 == 0


def test_where_no_installation_runs_a_command_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def outcome() -> tuple[int, str]:
        asked = CliRunner().invoke(main, [*CREATE, "--password", "a good password"])
        return asked.exit_code, asked.stderr

    absent = f"turnout: no Turnout runs on {tmp_path / DATA}: start it with `turnout up`, or set DATABASE_URL\n"
    assert outcome() == (2, absent)
    assert not DATA.exists()
    home = Home(DATA)
    publish(home, {})
    assert outcome() == (2, absent)
    with home.lock("http://127.0.0.1:8000"):
        unpublish(home)
        assert outcome() == (
            2,
            f"turnout: Turnout on {home.path} is still starting: wait until it has printed its tour\n",
        )


@pytest.mark.parametrize("zone", ["Europe", "localtime"])
def test_a_zone_that_is_none_is_refused_in_one_line(turnout, committed: Committed, zone: str) -> None:
    refused = turnout(*CREATE, "--password", "a good password", "--zone", zone)
    assert (refused.exit_code, refused.output) == (
        2,
        "Error: there is no such time zone: give a name like Asia/Dushanbe\n",
    )
    with committed.sessions.begin() as db:
        assert db.scalars(select(Account)).all() == []
