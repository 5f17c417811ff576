"""Limits on trust in a phone: once it is revoked, when walk-ins flood in, and for other phones' scans."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from shared import clock, tokens
from shared.models import Admission, Device, Event, Registration, Scan
from tests.factories import SECRET, make_device, make_door, make_registration
from tests.support.door_api import results, scan
from web.access import UNKNOWN_TOKENS
from web.api.door import ROSTER_LIMIT, SCANS_LIMIT
from web.current import resources
from web.limits import Limit

MINUTE = 60_000
Answer = Any


def bearer_of(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def send(client: FlaskClient) -> Callable[..., Answer]:
    def hand_in(token: str, *scans: object, **more: object) -> Answer:
        batch = {"device_time": clock.milliseconds(clock.now()), "scans": list(scans), **more}
        return client.post("/api/door/scans", json=batch, headers=bearer_of(token))

    return hand_in


@pytest.fixture
def limited(client: FlaskClient) -> Iterator[None]:
    """Limits are on."""
    with client.application.app_context():
        limiter = resources().limiter
    limiter.on = True
    yield
    limiter.on = False


@pytest.fixture
def revoked(db: Session, event: Event) -> tuple[Device, str]:
    """A phone that was revoked an hour ago."""
    now = clock.now()
    return make_device(
        db, make_door(db, event), stamps_from=now - timedelta(hours=2), revoked_at=now - timedelta(hours=1)
    )


def newcomer(name: str = "Гули") -> dict[str, Any]:
    return {"id": str(uuid4()), "name": name, "language": "tg"}


def ago(minutes: float) -> int:
    return clock.milliseconds(clock.now() - timedelta(minutes=minutes))


def roster(client: FlaskClient, token: str) -> Answer:
    return client.get("/api/door/roster", headers=bearer_of(token)).get_json()


# Revoked phones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [90, 1], ids=["stamped before", "stamped after"])
def test_what_a_revoked_phone_hands_in_counts_for_nothing_and_is_on_no_list(
    client: FlaskClient,
    db: Session,
    event: Event,
    send: Callable[..., Answer],
    revoked: tuple[Device, str],
    minutes: int,
) -> None:
    guest, walk_in = make_registration(db, event), newcomer("Thief's friend")
    scans = [scan(event, person, at=ago(minutes)) for person in (guest.ticket_id, walk_in["id"])]
    for handed_in in (0, 2):
        received = send(revoked[1], *scans, walk_ins=[walk_in], handed_in=handed_in).get_json()
        assert (results(received), received["resend"]) == (["revoked", "revoked"], False)
    assert db.scalars(select(Scan)).all() == []
    assert db.scalars(select(Registration.name).where(Registration.walk_in)).all() == []
    assert db.scalars(select(Admission).where(Admission.first.is_not(None))).all() == []
    received = roster(client, make_device(db, make_door(db, event))[1])
    assert ([entry["id"] for entry in received["entries"]], received["scans"]) == ([guest.ticket_id], [])


def test_a_scan_recorded_before_the_phone_was_revoked_stands(
    db: Session, event: Event, send: Callable[..., Answer]
) -> None:
    device, token = make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=2))
    first = scan(event, make_registration(db, event).ticket_id, at=ago(90))
    send(token, first)
    device.revoked_at = clock.now()
    db.flush()
    again = {**first, "person": make_registration(db, event).ticket_id}
    unread = {**first, "id": "nonsense"}
    assert results(send(token, first, again, unread, scan(event, first["person"])).get_json()) == [
        "replay",
        "invalid",
        "invalid",
        "revoked",
    ]
    assert db.scalars(select(Scan.standing)).all() == [True]


def test_a_revoked_phone_sends_nothing_later_than_two_weeks_after_the_event(
    db: Session, event: Event, send: Callable[..., Answer], revoked: tuple[Device, str]
) -> None:
    late = scan(event, make_registration(db, event).ticket_id, at=ago(90))
    event.starts_at, event.ends_at = clock.now() - timedelta(days=16), clock.now() - timedelta(days=13)
    db.flush()
    assert send(revoked[1], late).status_code == 200
    event.ends_at = clock.now() - timedelta(days=15)
    db.flush()
    answer = send(revoked[1], late)
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (401, "/problems/device-revoked")


def test_what_a_revoked_phone_may_leave_has_an_end(
    monkeypatch: pytest.MonkeyPatch, event: Event, send: Callable[..., Answer], revoked: tuple[Device, str]
) -> None:
    monkeypatch.setattr("shared.door.quarantine.MOST", 3)
    scans = [scan(event, f"{number:016x}", at=ago(90)) for number in range(4)]
    assert send(revoked[1], *scans[:3]).status_code == 200
    assert send(revoked[1], *scans[:3]).status_code == 200
    assert send(revoked[1], scans[3]).status_code == 401


def test_a_quarantined_scan_is_a_security_event(
    db: Session, event: Event, send: Callable[..., Answer], revoked: tuple[Device, str]
) -> None:
    guest = make_registration(db, event)
    with capture_logs() as lines:
        send(revoked[1], scan(event, guest.ticket_id))
    [line] = [line for line in lines if line["event"] == "security"]
    assert (line["security"], line["event_id"], line["device_id"]) == ("scan_quarantined", event.id, revoked[0].id)
    assert guest.name not in str(lines)


def test_a_pass_does_not_pair_a_revoked_phone_again(
    client: FlaskClient, db: Session, revoked: tuple[Device, str]
) -> None:
    device = revoked[0]
    assert device.door_pass is not None
    secret = tokens.make(SECRET, "pairing", id=device.door_pass.id, version=device.door_pass.version)

    def pair(phone: object) -> Answer:
        body = {"secret": secret, "volunteer": "Манижа", "device": str(phone)}
        return client.post("/api/door/pair", json=body)

    answer = pair(device.phone)
    assert (answer.status_code, answer.get_json(force=True)["type"]) == (401, "/problems/device-revoked")
    assert pair(uuid4()).status_code == 200


# Other phones' scans -------------------------------------------------------------------------------------------------


def test_a_phone_does_not_undo_what_another_one_scanned(
    client: FlaskClient, db: Session, event: Event, send: Callable[..., Answer]
) -> None:
    (_, north), (_, south) = (make_device(db, make_door(db, event)) for _ in range(2))
    guest = make_registration(db, event)
    first = scan(event, guest.ticket_id)
    send(north, first)
    undo = scan(event, guest.ticket_id, kind="undo", undoes=first["id"])
    assert results(send(south, undo).get_json()) == ["revoked"]
    assert db.scalars(select(Admission.entries)).one() == 1
    assert [row["standing"] for row in roster(client, south)["scans"]] == [True, False]
    assert results(send(north, {**undo, "id": str(uuid4())}).get_json()) == ["accepted"]
    db.expire_all()
    assert db.scalars(select(Admission.entries)).one() == 0


# Walk-ins ------------------------------------------------------------------------------------------------------------


def flood(event: Event, number: int, *, spread: int, newest: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return walk-ins, one every `spread` milliseconds until the newest, and the scans that check them in."""
    walk_ins = [newcomer(f"Guest {n}") for n in range(number)]
    stamps = range(newest - spread * (number - 1), newest + 1, spread) if spread else [newest] * number
    return walk_ins, [scan(event, walk_in["id"], at=at) for walk_in, at in zip(walk_ins, stamps, strict=True)]


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize("newest", [10, -600], ids=["ten minutes ago", "a clock that is ahead"])
def test_walk_ins_faster_than_anyone_types_are_quarantined_and_the_rest_of_the_batch_counts(
    client: FlaskClient, db: Session, event: Event, send: Callable[..., Answer], newest: int
) -> None:
    token = make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=2))[1]
    guest = make_registration(db, event)
    people, scans = flood(event, 100, spread=1, newest=ago(newest) // MINUTE * MINUTE + 500)
    received = results(send(token, scan(event, guest.ticket_id), *scans, walk_ins=people).get_json())
    assert received == ["accepted"] * 31 + ["revoked"] * 70
    assert results(send(token, *scans[50:60], walk_ins=people[50:60]).get_json()) == ["revoked"] * 10
    assert results(send(token, *scans[:30], walk_ins=people[:30]).get_json()) == ["replay"] * 30
    assert len(roster(client, token)["entries"]) == 31
    assert len(db.scalars(select(Admission).where(Admission.first.is_not(None))).all()) == 31


@pytest.mark.usefixtures("limited")
def test_walk_ins_without_a_scan_are_limited_too(
    client: FlaskClient, db: Session, event: Event, send: Callable[..., Answer]
) -> None:
    token = make_device(db, make_door(db, event))[1]
    for _ in range(2):
        send(token, walk_ins=[newcomer() for _ in range(40)])
    assert 30 <= len(roster(client, token)["entries"]) <= 60, "in one minute, or about its end"


@pytest.mark.usefixtures("limited")
def test_an_offline_phone_sends_an_evening_of_walk_ins_at_once(
    db: Session, event: Event, send: Callable[..., Answer]
) -> None:
    token = make_device(db, make_door(db, event), stamps_from=clock.now() - timedelta(hours=3))[1]
    people, scans = flood(event, 300, spread=20_000, newest=ago(1))
    for start in range(0, 300, 100):
        piece = slice(start, start + 100)
        assert results(send(token, *scans[piece], walk_ins=people[piece]).get_json()) == ["accepted"] * 100


def test_without_limits_walk_ins_are_not_counted(db: Session, event: Event, send: Callable[..., Answer]) -> None:
    token = make_device(db, make_door(db, event))[1]
    people, scans = flood(event, 50, spread=0, newest=ago(0))
    assert results(send(token, *scans, walk_ins=people).get_json()) == ["accepted"] * 50


# Limits --------------------------------------------------------------------------------------------------------------


def use_up(client: FlaskClient, limit: Limit, key: str) -> None:
    with client.application.app_context():
        assert all(resources().limiter.allows(limit, key) for _ in range(limit.count - 1))


@pytest.mark.usefixtures("limited")
def test_guessing_tokens_is_limited_without_stopping_the_halls_phones(
    client: FlaskClient, db: Session, event: Event
) -> None:
    valid = make_device(db, make_door(db, event))[1]
    network = f"2001:0db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}"
    use_up(client, UNKNOWN_TOKENS, f"{network}::/64")

    def ask(token: str) -> int:
        where = {"REMOTE_ADDR": f"{network}::1"}
        return client.get("/api/door/roster", headers=bearer_of(token), environ_base=where).status_code

    assert [ask(f"guess {number}") for number in range(3)] == [401, 429, 429]
    assert ask(valid) == 200


@pytest.mark.usefixtures("limited")
@pytest.mark.parametrize(
    ("method", "address", "limit"), [("GET", "roster", ROSTER_LIMIT), ("POST", "scans", SCANS_LIMIT)]
)
def test_only_the_phone_that_asks_too_often_has_to_wait(
    client: FlaskClient, db: Session, event: Event, method: str, address: str, limit: Limit
) -> None:
    (_, greedy), (_, patient) = (make_device(db, make_door(db, event)) for _ in range(2))
    use_up(client, limit, tokens.digest(greedy).hex())

    def ask(token: str) -> int:
        body = {"device_time": 1}
        return client.open(f"/api/door/{address}", method=method, json=body, headers=bearer_of(token)).status_code

    assert [ask(token) for token in (greedy, greedy, patient)] == [200, 429, 200]
