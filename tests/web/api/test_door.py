"""The door API: the requests of phones, and the answers."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.door import passes, phones
from shared.models import Admission, Device, Event, EventSession, Quarantined, Registration, Scan, Shift
from tests.conftest import Statements
from tests.factories import SECRET, make_account, make_device, make_door, make_pass, make_registration
from tests.support.door_api import Answer, results, scan


@pytest.fixture
def hand_in(client: FlaskClient, bearer: dict[str, str]) -> Callable[..., Answer]:
    def send(*scans: object, **more: object) -> Answer:
        batch = {"device_time": 1, "handed_in": 0, "shifts": [], "walk_ins": [], **more, "scans": list(scans)}
        answer = client.post("/api/door/scans", json=batch, headers=bearer)
        assert answer.status_code == 200, answer.text
        received: Answer = answer.get_json()
        return received

    return send


# Pairing -------------------------------------------------------------------------------------------------------------


def secret_for(db: Session, event: Event) -> str:
    door_pass = make_pass(db, make_door(db, event))
    return tokens.make(SECRET, "pairing", id=door_pass.id, version=door_pass.version)


def pair(client: FlaskClient, secret: str, **more: object) -> Any:
    return client.post(
        "/api/door/pair", json={"secret": secret, "volunteer": " Манижа ", "device": str(uuid4()), **more}
    )


def test_a_pass_pairs_a_phone_with_all_it_needs_to_decide_offline(
    client: FlaskClient, db: Session, event: Event
) -> None:
    answer = pair(client, secret_for(db, event))
    received = answer.get_json()
    assert answer.status_code == 200
    assert received["event"] == {
        "id": event.id,
        "title": event.title,
        "starts_at": clock.milliseconds(event.starts_at),
        "ends_at": clock.milliseconds(event.ends_at),
        "zone": "Asia/Dushanbe",
        "languages": ["tg", "ru", "en"],
    }
    assert received["door"]["name"]["en"] == "North door"
    assert [door["name"]["en"] for door in received["doors"]] == ["Main door", "North door"]
    assert [session["id"] for session in received["sessions"]] == [event.sessions[0].id]
    assert [key["event"] for key in received["keys"]] == [event.id]
    assert set(received["rules"]) >= {"admit_unlisted", "initials", "held_until"}
    assert abs(received["server_time"] - clock.milliseconds(clock.now())) < 60_000
    assert db.scalars(select(Shift.name)).one() == "Манижа"


def test_a_pass_shows_its_event_and_door_without_counting_a_phone(
    client: FlaskClient, db: Session, event: Event
) -> None:
    door_pass = make_pass(db, make_door(db, event), phones=1)
    secret = tokens.make(SECRET, "pairing", id=door_pass.id, version=1)
    for _ in range(2):
        answer = client.post("/api/door/pass", json={"secret": secret})
        received = answer.get_json()
        assert answer.status_code == 200
        assert received["event"] == {"title": event.title, "languages": ["tg", "ru", "en"]}
        assert received["door"]["name"]["en"] == "North door"
    assert db.scalars(select(Device)).all() == []
    assert pair(client, secret).status_code == 200


def test_an_invalid_pass_shows_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event))
    valid, misused = (tokens.make(SECRET, purpose, id=door_pass.id, version=1) for purpose in ("pairing", "report"))

    def received(secret: str) -> tuple[int, str]:
        answer = client.post("/api/door/pass", json={"secret": secret})
        return answer.status_code, answer.get_json(force=True)["type"]

    assert [received(secret) for secret in ("nonsense", misused)] == [(401, "/problems/pass")] * 2
    door_pass.expires_at = clock.now()
    db.flush()
    assert received(valid) == (401, "/problems/pass-expired")
    door_pass.version = 2
    db.flush()
    assert received(valid) == (401, "/problems/pass")


def test_the_token_of_a_pairing_opens_the_roster(client: FlaskClient, db: Session, event: Event) -> None:
    token = pair(client, secret_for(db, event)).get_json()["token"]
    assert client.get("/api/door/roster", headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("secret", ["", "1.1.forged", "not a token", "1.1." + "A" * 22])
def test_a_wrong_secret_pairs_nothing(client: FlaskClient, secret: str) -> None:
    answer = pair(client, secret)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_the_token_of_another_purpose_pairs_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event))
    token = tokens.make(SECRET, "registration", id=door_pass.id, version=door_pass.version)
    assert pair(client, token).status_code == 401


def test_a_revoked_pass_pairs_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), version=2)
    assert pair(client, tokens.make(SECRET, "pairing", id=door_pass.id, version=1)).status_code == 401


def test_a_pass_that_is_used_up_says_so(client: FlaskClient, db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), phones=1)
    secret = tokens.make(SECRET, "pairing", id=door_pass.id, version=1)
    assert pair(client, secret).status_code == 200
    answer = pair(client, secret)
    assert answer.status_code == 401
    assert answer.get_json(force=True)["type"] == "/problems/pass-used-up"


@pytest.mark.parametrize("body", [{}, {"secret": "x", "volunteer": "  ", "device": str(uuid4())}, [], "text"])
def test_an_incomplete_pairing_names_the_missing_field(client: FlaskClient, body: object) -> None:
    answer = client.post("/api/door/pair", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json(force=True)["errors"]


def test_a_body_that_is_not_json_is_refused_as_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/door/pair", data="{", content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


# Roster --------------------------------------------------------------------------------------------------------------


def test_the_roster_tells_names_and_scans_and_no_contact(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str], hand_in: Callable[..., Answer]
) -> None:
    guest = make_registration(db, event, name="Фарзона", email="farzona@example.org", phone="+992900112233")
    hand_in(scan(event, guest.ticket_id))
    answer = client.get("/api/door/roster", headers=bearer)
    received = answer.get_json()
    (entry,) = received["entries"]
    assert (entry["id"], entry["name"], entry["status"]) == (guest.ticket_id, "Фарзона", "confirmed")
    assert entry["sessions"] == [event.sessions[0].id]
    assert entry["short"] == guest.short_code
    assert [row["person"] for row in received["scans"]] == [guest.ticket_id]
    assert "farzona@example.org" not in answer.text
    assert "112233" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_invalid_cursor_returns_the_whole_roster(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str]
) -> None:
    make_registration(db, event)
    for since in ("", "nonsense", "9" * 30, "-1", "²"):
        received = client.get("/api/door/roster", query_string={"since": since}, headers=bearer).get_json()
        assert len(received["entries"]) == 1


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer nobody", "Basic dXNlcjpwYXNz"])
def test_without_a_good_token_there_is_no_roster(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/door/roster", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_phone_gets_no_roster_but_may_still_send_scans(
    client: FlaskClient, db: Session, event: Event
) -> None:
    guest = make_registration(db, event)
    device, token = make_device(db, make_door(db, event))
    phones.revoke(db, device=device, by=make_account(db))
    headers = {"Authorization": f"Bearer {token}"}
    late = scan(event, guest.ticket_id, at=clock.milliseconds(clock.now()) + 60_000)
    assert client.get("/api/door/roster", headers=headers).status_code == 401
    answer = client.post("/api/door/scans", json={"device_time": 1, "scans": [late]}, headers=headers)
    assert answer.status_code == 200
    assert db.scalars(select(Quarantined.key)).all() == [late["id"]]


# Scans ---------------------------------------------------------------------------------------------------------------


def test_a_scan_is_accepted_once_and_then_a_replay(db: Session, event: Event, hand_in: Callable[..., Answer]) -> None:
    claim = scan(event, make_registration(db, event).ticket_id)
    assert results(hand_in(claim)) == ["accepted"]
    assert results(hand_in(claim)) == ["replay"]
    assert db.scalars(select(Admission.entries)).one() == 1


def test_each_scan_gets_its_own_result_in_order(db: Session, event: Event, hand_in: Callable[..., Answer]) -> None:
    first, last = make_registration(db, event), make_registration(db, event)
    nonsense: list[object] = [None, "text", 7, [], {}, {"id": "no uuid"}, scan(event, "someone"), scan(event, at=-1)]
    nonsense += [scan(event, first.ticket_id, kind="dance"), scan(event, first.ticket_id, session=10**30)]
    answer = hand_in(scan(event, first.ticket_id), *nonsense, scan(event, last.ticket_id))
    assert results(answer) == ["accepted", *["invalid"] * len(nonsense), "accepted"]
    assert all(result["reason"] for result in answer["results"] if result["result"] == "invalid")


def test_an_invalid_scan_is_answered_under_the_id_it_came_with(event: Event, hand_in: Callable[..., Answer]) -> None:
    wrong = scan(event, at="yesterday")
    (received,) = hand_in(wrong)["results"]
    assert received == {"id": wrong["id"], "result": "invalid", "reason": "at"}


def test_a_code_proves_a_ticket_that_no_roster_had(db: Session, event: Event, hand_in: Callable[..., Answer]) -> None:
    guest = make_registration(db, event)
    assert results(hand_in(scan(event, code=f"HTTPS://TURNOUT.EXAMPLE/T/{guest.code}"))) == ["accepted"]
    assert db.scalars(select(Scan.person)).one() == guest.ticket_id


def test_fields_of_another_version_are_ignored(db: Session, event: Event, hand_in: Callable[..., Answer]) -> None:
    newer = scan(event, make_registration(db, event).ticket_id, battery=0.4)
    assert results(hand_in(newer, weather="rain")) == ["accepted"]


def test_a_walk_in_and_a_shift_come_with_the_batch(db: Session, event: Event, hand_in: Callable[..., Answer]) -> None:
    newcomer = {"id": str(uuid4()), "name": "Гули", "language": "de"}
    answer = hand_in(
        scan(event, newcomer["id"]), walk_ins=[newcomer], shifts=[{"name": "Сорбон", "since": 1_760_000_000_000}]
    )
    assert results(answer) == ["accepted"]
    walk_in = db.scalars(select(Registration).where(Registration.walk_in)).one()
    assert (walk_in.name, walk_in.language) == ("Гули", "en")
    assert db.scalars(select(Shift.name)).one() == "Сорбон"


def test_a_server_that_lost_acknowledged_scans_asks_for_them_again(hand_in: Callable[..., Answer]) -> None:
    assert hand_in(handed_in=1)["resend"] is True
    assert hand_in(handed_in=0)["resend"] is False


@pytest.mark.parametrize(
    "more", [{"shifts": [{"name": " ", "since": 1}, 7] * 60}, {"walk_ins": [{"id": "x", "name": ""}, None]}]
)
def test_an_invalid_name_does_not_stop_the_batch(hand_in: Callable[..., Answer], more: dict[str, Any]) -> None:
    assert hand_in(**more)["results"] == []


@pytest.mark.parametrize(("field", "most"), [("scans", 500), ("walk_ins", 100)])
def test_a_batch_that_is_too_long_is_refused_whole(
    client: FlaskClient, bearer: dict[str, str], field: str, most: int
) -> None:
    batch = {"device_time": 1, field: [{}] * (most + 1)}
    answer = client.post("/api/door/scans", json=batch, headers=bearer)
    assert answer.status_code == 422
    assert answer.get_json(force=True)["errors"] == [{"field": field, "reason": "too_long"}]


@pytest.mark.parametrize("many", [1, 100])
def test_a_batch_costs_two_statements_however_long_it_is(
    db: Session, event: Event, hand_in: Callable[..., Answer], statements: Statements, many: int
) -> None:
    scans = [scan(event, make_registration(db, event).ticket_id) for _ in range(many)]
    db.expire_all()
    with statements() as executed:
        assert results(hand_in(*scans)) == ["accepted"] * many
    assert len(executed) == 2, "\n".join(executed)


# The state of a phone -------------------------------------------------------------------------------------------------


def test_an_empty_batch_reports_the_state_of_the_phone(
    db: Session, event: Event, hand_in: Callable[..., Answer]
) -> None:
    fast = clock.milliseconds(clock.now()) + 7 * 60_000
    assert hand_in(device_time=fast, waiting=12, version="0123abcd")["results"] == []
    device = db.scalars(select(Device)).one()
    assert (device.waiting, device.version) == (12, "0123abcd")
    assert device.clock_offset is not None
    assert abs(device.clock_offset + 7 * 60_000) < 5_000


def test_an_earlier_version_without_a_state_is_understood(
    db: Session, event: Event, hand_in: Callable[..., Answer]
) -> None:
    hand_in(waiting=3, version="0123abcd")
    hand_in()
    device = db.scalars(select(Device)).one()
    assert (device.waiting, device.version) == (3, "0123abcd")


@pytest.mark.parametrize("door", [None, "north", -1, 10**30, True, {"en": "North"}])
def test_an_invalid_door_counts_as_the_phones_own(
    db: Session, event: Event, hand_in: Callable[..., Answer], door: object
) -> None:
    assert results(hand_in(scan(event, make_registration(db, event).ticket_id, door=door))) == ["accepted"]
    device = db.scalars(select(Device)).one()
    assert device.door_pass is not None
    assert db.scalars(select(Scan.door_id)).one() == device.door_pass.door_id


# Rules of a door ------------------------------------------------------------------------------------------------------


def test_a_pass_for_one_day_shows_that_day_alone(client: FlaskClient, db: Session, event: Event) -> None:
    second = EventSession(event_id=event.id, title={"en": "Day 2"}, position=1)
    db.add(second)
    db.flush()
    db.refresh(event)
    door_pass = passes.create(db, door=make_door(db, event), sessions=[second.id], by=make_account(db))
    received = pair(client, tokens.make(SECRET, "pairing", id=door_pass.id, version=1)).get_json()
    assert [session["id"] for session in received["sessions"]] == [second.id]


def test_each_session_has_its_opening_time_and_capacity(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str]
) -> None:
    event.doors_open_minutes, event.capacity, event.ticket_types[0].capacity = 30, 22, 40
    db.flush()
    [session] = client.get("/api/door/roster", headers=bearer).get_json()["sessions"]
    assert session["opens_at"] == session["starts_at"] - 30 * 60_000
    assert session["capacity"] == 22
    event.doors_open_minutes, event.capacity, event.ticket_types[0].capacity = None, None, None
    db.flush()
    [session] = client.get("/api/door/roster", headers=bearer).get_json()["sessions"]
    assert (session["opens_at"], session["capacity"]) == (None, None)


def test_after_the_pass_is_over_no_name_is_told_and_scans_are_still_taken(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str], hand_in: Callable[..., Answer]
) -> None:
    guest = make_registration(db, event)
    device = db.scalars(select(Device)).one()
    assert device.door_pass is not None
    passes.revoke(db, door_pass=device.door_pass, by=make_account(db))
    answer = client.get("/api/door/roster", headers=bearer)
    assert (answer.status_code, answer.get_json(force=True)["type"].rpartition("/")[2]) == (401, "device-expired")
    assert guest.name not in answer.text
    assert results(hand_in(scan(event, guest.ticket_id))) == ["accepted"]


def test_a_revoked_phone_gets_the_reason_revoked(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str]
) -> None:
    phones.revoke(db, device=db.scalars(select(Device)).one(), by=make_account(db))
    answer = client.get("/api/door/roster", headers=bearer)
    assert (answer.status_code, answer.get_json(force=True)["type"].rpartition("/")[2]) == (401, "device-revoked")


def test_an_expired_pass_pairs_no_phone_and_says_why(client: FlaskClient, db: Session, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), expires_at=clock.now())
    answer = pair(client, tokens.make(SECRET, "pairing", id=door_pass.id, version=1))
    assert (answer.status_code, answer.get_json(force=True)["type"].rpartition("/")[2]) == (401, "pass-expired")


def test_a_walk_in_is_in_the_roster_of_every_phone(
    client: FlaskClient, db: Session, event: Event, bearer: dict[str, str], hand_in: Callable[..., Answer]
) -> None:
    newcomer = {"id": str(uuid4()), "name": "Гули", "language": "tg"}
    hand_in(scan(event, newcomer["id"]), walk_ins=[newcomer])
    [entry] = client.get("/api/door/roster", headers=bearer).get_json()["entries"]
    assert (entry["id"], entry["name"], entry["walk_in"], entry["short"]) == (newcomer["id"], "Гули", True, None)


@pytest.mark.parametrize("name", ["а\U0001e08f\u0323", "\U000105d2\u0307", "Гули\ue000", "Гули\u0378"])
def test_an_unknown_character_does_not_stop_the_batch(event: Event, hand_in: Callable[..., Answer], name: str) -> None:
    newcomer = {"id": str(uuid4()), "name": f"Гули {name}", "language": "tg"}
    assert results(hand_in(scan(event, newcomer["id"]), walk_ins=[newcomer], version="a\0b")) == ["accepted"]


def test_an_id_that_is_not_a_text_is_not_echoed(event: Event, hand_in: Callable[..., Answer]) -> None:
    assert hand_in({"id": float("nan")})["results"][0]["id"] is None
