"""The doors page: doors, rules, its number of statements, and its live sections."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock
from shared.audit import activity
from shared.door.batches import WalkIn
from shared.models import Account, Device, Door, Event, EventSession, Organization
from tests.conftest import Statements
from tests.factories import make_account, make_device, make_door, make_event, make_pass, make_registration, make_sign_in
from tests.support.scans import claim, hand_in
from tests.web.organizer.conftest import Twice, paired


@pytest.fixture
def address(event: Event) -> str:
    return f"/organize/events/{event.id}/doors/"


def door_named(db: Session, event: Event, name: str) -> Door:
    return db.scalars(select(Door).where(Door.event_id == event.id, Door.name["en"].astext == name)).one()


def test_a_door_is_added_with_its_name_in_the_languages_of_the_event(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    answer = organizer.post(address, data={"name.tg": " Дари  шимолӣ ", "name.ru": "", "name.en": "By the river"})
    door = door_named(db, event, "By the river")
    assert (answer.status_code, door.name) == (303, {"tg": "Дари шимолӣ", "en": "By the river"})
    page = organizer.get(answer.location).text
    assert "By the river" in page
    assert "Door added." in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Enter the name of the door."),
        ("x" * 61, "too long for a phone"),
        ("a\U000e01f5\u0378", "One of the characters cannot be used here."),
    ],
)
def test_a_door_needs_a_name_that_fits(
    organizer: FlaskClient, db: Session, event: Event, address: str, name: str, sentence: str
) -> None:
    before = db.query(Door).count()
    answer = organizer.post(address, data={"name.tg": name, "name.en": "By the <river>"})
    assert answer.status_code == 422
    assert re.search(rf'<p class="error" id="new-name.tg-error">[^<]*{sentence}', answer.text)
    assert 'value="By the &lt;river&gt;"' in answer.text
    assert db.query(Door).count() == before


def test_a_renamed_door_keeps_the_languages_that_the_form_does_not_ask_for(
    organizer: FlaskClient, db: Session, address: str, event: Event
) -> None:
    event.languages = ["ru"]
    door = make_door(db, event, name={"ru": "Север", "en": "North"})
    assert organizer.post(f"{address}{door.id}/name", data={"name.ru": "Север, у реки"}).status_code == 303
    db.refresh(door)
    assert door.name == {"ru": "Север, у реки", "en": "North"}


def test_a_wrong_name_is_refused_at_its_own_door(
    organizer: FlaskClient, db: Session, address: str, event: Event
) -> None:
    door = make_door(db, event)
    answer = organizer.post(f"{address}{door.id}/name", data={"name.tg": ""})
    assert answer.status_code == 422
    assert answer.text.count('class="error"') == 1
    assert f'id="door-{door.id}-name.tg-error"' in answer.text


def test_a_door_is_closed_and_reopened(organizer: FlaskClient, db: Session, address: str, event: Event) -> None:
    door = make_door(db, event)
    make_pass(db, door)
    assert "/door/#" in organizer.get(address).text
    assert organizer.post(f"{address}{door.id}/close").status_code == 303
    assert "/door/#" not in organizer.get(address).text
    assert organizer.post(f"{address}{door.id}/reopen").status_code == 303
    assert "/door/#" in organizer.get(address).text


RULES = {"opens": "30", "held": "10", "unlisted": "stop", "reentry": "1"}


def test_rules_are_saved(organizer: FlaskClient, db: Session, address: str, event: Event) -> None:
    assert organizer.post(f"{address}rules", data=RULES).status_code == 303
    db.refresh(event)
    rules = event.doors_open_minutes, event.held_minutes, event.admit_unlisted, event.walk_ins, event.reentry
    assert rules == (30, 10, False, False, True)
    assert (
        organizer.post(f"{address}rules", data={**RULES, "opens": "", "walk_ins": "1", "initials": "1"}).status_code
        == 303
    )
    db.refresh(event)
    assert (event.doors_open_minutes, event.walk_ins, event.initials) == (None, True, True)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("opens", "-1", "whole minutes"),
        ("opens", "10081", "at most 10080"),
        ("held", "", "whole minutes"),
        ("held", "9" * 30, "whole minutes"),
        ("unlisted", "perhaps", "Choose one of the options"),
    ],
)
def test_invalid_rules_are_refused_at_their_field(
    organizer: FlaskClient, db: Session, address: str, event: Event, field: str, typed: str, sentence: str
) -> None:
    answer = organizer.post(f"{address}rules", data={**RULES, field: typed})
    assert answer.status_code == 422
    assert re.search(rf'<p class="error"[^>]*>[^<]*{sentence}', answer.text)
    db.refresh(event)
    assert event.held_minutes == 15


def test_a_phone_is_described(organizer: FlaskClient, db: Session, address: str, phone: Device) -> None:
    now = clock.now()
    phone.seen_at, phone.waiting, phone.clock_offset = now - timedelta(minutes=2), 3, -7 * 60_000
    phone.version, phone.scans = "2026.11.24-abcdef", 24
    db.flush()
    page = organizer.get(address).text
    for words in (
        "Нигина · North door",
        "2 minutes ago",
        "3 scans waiting to sync",
        "7 minutes fast",
        "24 scans received",
    ):
        assert words in page
    phone.clock_offset, phone.waiting, phone.seen_at = 5000, 0, now
    db.flush()
    page = organizer.get(address).text
    assert "just now" in page
    assert "minutes fast" not in page
    assert "scans waiting" not in page


@pytest.mark.parametrize(("offset", "words"), [(5001, "5 seconds slow"), (-3_600_000, "1 hour fast")])
def test_a_wrong_clock_is_reported(
    organizer: FlaskClient, db: Session, address: str, phone: Device, offset: int, words: str
) -> None:
    phone.clock_offset = offset
    db.flush()
    assert words in organizer.get(address).text


def test_a_revoked_phone_is_marked_and_listed_last(
    organizer: FlaskClient, db: Session, address: str, event: Event, phone: Device
) -> None:
    device = paired(db, event, "Далер")
    device.seen_at = clock.now() - timedelta(hours=1)
    db.flush()
    assert organizer.post(f"{address}phones/{phone.id}/revoke").status_code == 303
    db.refresh(phone)
    first = phone.revoked_at
    assert first is not None
    page = organizer.get(address).text
    assert page.index(f'id="phone-{device.id}"') < page.index(f'id="phone-{phone.id}"')
    assert page.count(">revoked<") == 1
    organizer.post(f"{address}phones/{phone.id}/revoke")
    db.refresh(phone)
    assert phone.revoked_at == first


def test_the_list_of_phones_has_pages(organizer: FlaskClient, db: Session, address: str, event: Event) -> None:
    door_pass = make_pass(db, make_door(db, event), phones=100)
    for _ in range(52):
        make_device(db, door_pass_id=door_pass.id)
    first, second = organizer.get(address).text, organizer.get(f"{address}?phones=2").text
    assert [page.count('id="phone-') for page in (first, second)] == [50, 2]
    assert 'rel="next" href="?phones=2#phones"' in first
    assert 'rel="prev" href="?phones=1#phones"' in second
    assert organizer.get(f"{address}?phones=nonsense&page=-4&pairs=99999999999").status_code == 200


def test_live_sections_are_sent_once_per_change(
    organizer: FlaskClient, db: Session, address: str, event: Event, phone: Device
) -> None:
    first = organizer.get(f"{address}changing.json")
    assert f'id="phone-{phone.id}"' in first.get_json()["html"]
    known = {"If-None-Match": first.headers["ETag"]}
    assert organizer.get(f"{address}changing.json", headers=known).status_code == 304
    hand_in(db, phone, claim(event, person=make_registration(db, event).ticket_id))
    db.refresh(phone)
    changed = organizer.get(f"{address}changing.json", headers=known)
    assert changed.status_code == 200
    assert "1 scan received" in changed.get_json()["html"]
    assert "no-cache" in changed.headers["Cache-Control"]


def test_an_empty_list_says_so_until_its_first_row(
    organizer: FlaskClient, db: Session, event: Event, address: str
) -> None:
    def notices() -> list[bool]:
        texts = organizer.get(address).text, organizer.get(f"{address}changing.json").get_json()["html"]
        return [sentence in text for text in texts for sentence in ("No phone is paired yet.", "There are none.")]

    assert notices() == [True, True, True, True]
    make_device(db, make_door(db, event))
    assert notices() == [False, True, False, True]


def test_live_sections_are_in_the_page_already(
    organizer: FlaskClient, address: str, phone: Device, shown_twice: Twice
) -> None:
    shown_twice()
    page = organizer.get(address).text
    parts = organizer.get(f"{address}changing.json").get_json()["html"]
    names = re.findall(r'data-live="([a-z0-9-]+)"', parts)
    assert {"tab", "open", "conflicts", "phones", "pairs"} < set(names)
    assert all(f'data-live="{name}"' in page for name in names)
    items = re.findall(r"<li class=.*?</li>", parts, re.DOTALL)
    assert items
    assert all(item in page for item in items)


def test_the_script_does_not_replace_a_refused_form(organizer: FlaskClient, address: str) -> None:
    assert "js/live.js" in organizer.get(address).text
    assert "js/live.js" not in organizer.post(address, data={}).text


def test_the_page_needs_the_same_statements_for_any_number_of_rows(
    organizer: FlaskClient, db: Session, address: str, event: Event, shown_twice: Twice, statements: Statements
) -> None:
    counts = []
    for more in (1, 9):
        for _ in range(more):
            shown_twice()
            device = paired(db, event, "Далер")
            walk_in = WalkIn(id=uuid4(), name=make_registration(db, event).name, language="tg")
            hand_in(db, device, claim(event, person=str(walk_in.id)), walk_ins=[walk_in])
        db.expire_all()
        with statements() as executed:
            page = organizer.get(address).text
        counts.append(len(executed))
    assert page.count("data-conflict") == 10
    assert counts[0] == counts[1] <= 18, "\n".join(executed)
    with statements() as executed:
        organizer.get(f"{address}changing.json")
    assert len(executed) <= 17, "\n".join(executed)


ACTS = (
    "{door}/name",
    "{door}/close",
    "{door}/reopen",
    "{door}/passes",
    "passes/{door_pass}/renew",
    "passes/{door_pass}/end",
    "phones/{phone}/revoke",
    "phones/{phone}/allow",
    "phones/{phone}/quarantine/accept",
    "phones/{phone}/quarantine/delete",
    "conflicts/{scan}/{rival}/note",
    "conflicts/{scan}/{rival}/reopen",
)


@pytest.mark.parametrize("whose", ["another event of ours", "another organization's"])
@pytest.mark.parametrize("act", ACTS)
def test_rows_of_another_event_are_not_found(
    organizer: FlaskClient, db: Session, address: str, event: Event, act: str, whose: str
) -> None:
    ours: dict[str, Organization] = {"organization": event.organization} if whose == "another event of ours" else {}
    foreign_event = make_event(db, **ours)
    phones = [paired(db, foreign_event, "Далер") for _ in range(2)]
    scans = [claim(foreign_event, person=make_registration(db, foreign_event).ticket_id) for _ in phones]
    for device, scan in zip(phones, scans, strict=True):
        hand_in(db, device, scan)
    door_pass = phones[0].door_pass
    assert door_pass is not None
    values = {"door": door_pass.door_id, "door_pass": door_pass.id, "phone": phones[0].id}
    path = act.format(**values, scan=scans[0].id, rival=scans[1].id)
    data = {"name.tg": "Дар", "phones": "5", "note": "Known"}
    assert organizer.post(address + path, data=data).status_code == 404
    db.expire_all()
    assert (door_pass.version, door_pass.door.closed_at, phones[0].revoked_at) == (1, None, None)


REFUSED: tuple[tuple[str, dict[str, str]], ...] = (
    ("", {}),
    ("rules", {"opens": "x", "held": "x"}),
    ("{door}/name", {}),
    ("{door}/passes", {"phones": "x", "expires": "x", "sessions": "0"}),
    ("conflicts/{scan}/{rival}/note", {}),
    ("files", {}),
)


@pytest.mark.parametrize(("path", "data"), REFUSED, ids=lambda value: str(value)[:20])
def test_each_error_links_to_its_field(
    organizer: FlaskClient,
    db: Session,
    address: str,
    event: Event,
    shown_twice: Twice,
    path: str,
    data: dict[str, str],
) -> None:
    scan, rival = shown_twice()
    db.add(EventSession(event_id=event.id, title={"en": "Second day"}, position=1))
    db.flush()
    door = make_door(db, event)
    answer = organizer.post(address + path.format(door=door.id, scan=scan, rival=rival), data=data)
    assert answer.status_code == 422
    summary = answer.text.split('class="summary"')[1].split("</div>")[0]
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets
    assert [answer.text.count(f' id="{target}"') for target in targets] == [1] * len(targets)
    assert answer.text.count('class="error') == len(targets)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_changes_nothing(
    organizer: FlaskClient, db: Session, address: str, event: Event, site: str
) -> None:
    answer = organizer.post(f"{address}rules", data=RULES, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403
    db.refresh(event)
    assert event.held_minutes == 15


def test_a_viewer_has_no_doors_tab(client: FlaskClient, db: Session, event: Event, shown_twice: Twice) -> None:
    shown_twice()
    viewer = make_account(db, organization=event.organization, role="viewer")
    client.set_cookie("sign_in", make_sign_in(db, viewer))
    page = client.get(f"/organize/events/{event.id}/live").text
    assert "data-open-conflicts" not in page
    assert f"/organize/events/{event.id}/doors/" not in page


def test_every_action_is_in_the_audit_with_ids_and_no_texts(
    organizer: FlaskClient, db: Session, address: str, event: Event, account: Account
) -> None:
    organizer.post(address, data={"name.tg": "Дари шимолӣ"})
    door = db.scalars(select(Door.id).where(Door.event_id == event.id).order_by(Door.id)).first()
    organizer.post(f"{address}{door}/close")
    acts = activity.of_event(db, event_id=event.id, limit=10)
    assert [(act.action, act.account_id) for act in acts] == [
        ("door.closed", account.id),
        ("door.added", account.id),
    ]
    assert acts[0].details == {"door_id": str(door)}
    assert "шимолӣ" not in str([act.details for act in acts])
