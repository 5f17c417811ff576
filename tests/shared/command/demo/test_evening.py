"""`turnout demo evening`: the report shows what the phones scanned, and an error says why it cannot be played."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from shared.command.demo import evening, load
from shared.command.demo.command import demo
from shared.command.demo.phones import Phone, UnexpectedAnswer
from shared.command.demo.story import Arrival
from shared.command.home import free_port
from shared.command.transaction import transaction
from shared.config import Settings
from shared.models import Device, Event, OutboxMessage, Registration, Report, Scan
from shared.reports.reports import latest
from tests.conftest import Committed, own_database
from web.app import create_app, make_resources


@pytest.fixture(scope="module")
def committed(settings: Settings) -> Iterator[Committed]:
    """Return one database for all evenings."""
    with own_database(settings) as committed:
        yield committed


@pytest.fixture(scope="module")
def served(committed: Committed) -> Iterator[Settings]:
    """Run the demo on a real web server, with evenings of 40."""
    port = free_port()
    address = {"base_url": f"http://127.0.0.1:{port}", "turnout_rate_limits": "on"}
    settings = committed.settings.model_copy(update=address)
    load(settings)
    server = make_server(
        "127.0.0.1", port, create_app(settings, resources=make_resources(settings, committed.engine)), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(evening, "ARRIVALS", 40)
        changed.setattr(evening, "TELLS_EVERY", 0)
        changed.setattr(evening, "PLAYED", replace(evening.PLAYED, capacity=60, people=40, walk_ins=4))
        yield settings
    server.shutdown()
    thread.join()
    server.server_close()


def last_played(db: Session) -> Event:
    played = select(Event).where(Event.slug.startswith("played-evening"))
    return db.scalars(played.order_by(Event.id.desc()).limit(1)).one()


def outcomes(db: Session, event: Event) -> tuple[set[str | None], set[str | None]]:
    """Return the outcomes of an event's emails: to people with an address, and to those without one."""
    of_event = select(OutboxMessage.outcome).join(Registration, Registration.id == OutboxMessage.subject)
    of_event = of_event.where(Registration.event_id == event.id)
    with_email, without = Registration.email.is_not(None), Registration.email.is_(None)
    return set(db.scalars(of_event.where(with_email))), set(db.scalars(of_event.where(without)))


def test_the_report_shows_what_was_played_and_the_next_evening_is_another(
    served: Settings, committed: Committed
) -> None:
    lines: list[str] = []
    figures = evening.play(served, seconds=1, echo=lines.append)
    assert (figures["people"], figures["walk_ins"], figures["conflicts"], figures["refused"]) == (40, 4, 1, 3)
    assert figures["main"] + figures["side"] == 40
    with committed.sessions.begin() as db:
        event = db.scalars(select(Event).where(Event.slug.startswith("played-evening"))).one()
        report = db.scalars(select(Report)).one()
        assert (report.event_id, report.version) == (event.id, 1)
        assert figures["no_shows"] == report.figures["registered"] - 36
        assert event.doors_closed_at is not None
        assert len(set(db.scalars(select(Scan.door_id)))) == 2
        # There is no worker here that would finish what is for people without an address.
        assert outcomes(db, event) == ({"sent"}, {None})
        assert event.closes_at is not None
    live, page = f"/organize/events/{event.id}/live", f"/organize/events/{event.id}/report"
    assert [line for line in lines if line.endswith(live)] == lines[1:2]
    assert lines[-1].endswith(page)
    assert len([line for line in lines if line.endswith("a phone at the side door loses the network.")]) == 1
    assert len([line for line in lines if "its network is back: it sends " in line]) == 1

    evening.play(served, seconds=0, echo=lines.append)
    assert not lines[-1].endswith(page)


def test_a_report_that_shows_anything_else_is_an_error(served: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    figures_of = evening._shown
    monkeypatch.setattr(evening, "_shown", lambda report: figures_of(report) | {"people": 39})
    with pytest.raises(click.ClickException, match="the report differs"):
        evening.play(served, seconds=0, echo=lambda _: None)


def test_a_phone_that_is_revoked_ends_it(
    served: Settings, committed: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronize = Phone.synchronize

    def revoked(phone: Phone) -> None:
        with committed.sessions.begin() as db:
            db.execute(update(Device).values(revoked_at=Device.stamps_from))
        synchronize(phone)

    monkeypatch.setattr(Phone, "synchronize", revoked)
    with pytest.raises(UnexpectedAnswer, match="answered revoked"):
        evening.play(served, seconds=0, echo=lambda _: None)
    with committed.sessions.begin() as db:
        # Nothing was scanned: there is no report of it, and no email about it.
        event = last_played(db)
        assert (event.state, event.doors_closed_at, latest(db, event_id=event.id)) == ("cancelled", None, None)
        assert "sent" in outcomes(db, event)[0]
        assert {None} == outcomes(db, event)[1]


def test_one_that_is_interrupted_has_its_doors_closed_and_a_report_of_who_had_come(
    served: Settings, committed: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan, scans_left = Phone.scan, iter(range(10))

    def until_interrupted(phone: Phone, arrival: Arrival) -> None:
        if next(scans_left, None) is None:
            raise KeyboardInterrupt
        scan(phone, arrival)

    monkeypatch.setattr(Phone, "scan", until_interrupted)
    with pytest.raises(KeyboardInterrupt):
        evening.play(served, seconds=0, echo=lambda _: None)
    with committed.sessions.begin() as db:
        event, report = last_played(db), latest(db, event_id=last_played(db).id)
        assert event.doors_closed_at is not None
        assert report is not None
        assert report.scans == 10


def test_where_the_database_is_gone_too_it_still_says_what_was_wrong(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        gone = served.model_copy(update={"database_url": served.database_url.replace("/turnout_", "/gone_")})
        monkeypatch.setattr(evening, "transaction", lambda _: transaction(gone))
        raise OSError("refused")

    monkeypatch.setattr(Phone, "scan", stopped)
    with pytest.raises(OSError, match="refused"):
        evening.play(served, seconds=0, echo=lambda _: None)


def why_not(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the error of `turnout demo evening`."""
    monkeypatch.setattr(evening, "find_settings", lambda _: settings)
    result = CliRunner().invoke(demo, ["evening"])
    assert result.exit_code == 2
    return result.output


def test_under_a_public_address_it_is_not_played(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    public = settings.model_copy(update={"base_url": "https://turnout.example"})
    assert "on a machine of one's own only, not at https://turnout.example" in why_not(public, monkeypatch)


def test_without_the_demo_it_says_how_to_load_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the demo is not loaded: run `turnout demo` first" in why_not(settings, monkeypatch)


def test_a_service_that_does_not_answer_is_told_in_a_sentence(
    served: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = served.model_copy(update={"base_url": f"http://127.0.0.1:{free_port()}"})
    assert "does not answer a phone" in why_not(away, monkeypatch)


@pytest.mark.parametrize("arguments", [["evening", "--data", "{folder}"], ["--data", "{folder}", "evening"]])
def test_without_an_installation_the_error_says_how_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    result = CliRunner().invoke(demo, [argument.format(folder=tmp_path) for argument in arguments])
    assert f"no Turnout runs on {tmp_path}: start it with `turnout up`" in str(result.exception)


@pytest.mark.parametrize("option", ["--reset", "--remove"])
def test_what_would_not_be_done_is_refused(option: str) -> None:
    result = CliRunner().invoke(demo, [option, "evening"])
    assert result.exit_code == 2
    assert result.output.endswith(f"Error: give {option} alone, and then evening\n")
