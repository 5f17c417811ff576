"""What each kind of promise becomes: the facts of every mail as it arrives, and what makes a promise untrue."""

import email
import email.policy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlalchemy.orm import Session

from shared import clock, i18n, links, outbox, tokens
from shared.config import Settings
from shared.models import Event, Promise, Registration
from shared.operations import events, mailings, registrations
from tests.factories import make_event, make_registration
from tests.postbox import Postbox
from tests.worker.arrived import entries_of, files, links_of, page_of, text_of
from tests.worker.conftest import Post, promise
from worker.deliveries import prepare
from worker.mail import Mail, Skipped

STARTS = datetime(clock.now().year + 1, 12, 5, 13, 0, tzinfo=UTC)
RECAP = {"en": "Forty people came.\n\nThe <slides> are on the page."}
BECAUSE = {"en": "The speaker is ill.", "ru": "Докладчик болеет.", "tg": "Суханвар бемор аст."}
WICKED = 'Шариф" <x@y>\r\nBcc: all@example.org <b>{{ 7 * 7 }}'
NEWS = {"reminder", "thanks"}
Story = Callable[..., Registration]


def held(state: str) -> Story:
    def sign_up(db: Session, event: Event, **who: Any) -> Registration:
        until = {"state": state, "confirmed_at": None, "deadline": STARTS - timedelta(days=1, minutes=10)}
        return make_registration(db, event, **{**until, **who})

    return sign_up


def waiting(db: Session, event: Event, **who: Any) -> Registration:
    return make_registration(db, event, state="waiting", confirmed_at=None, waited_at=clock.now(), **who)


def lapsed(db: Session, event: Event, **who: Any) -> Registration:
    gone = {"state": "cancelled", "confirmed_at": None, "cancelled_at": clock.now(), "cancelled_by": "lapsed"}
    return make_registration(db, event, **gone, **who)


def cancelled(by: str) -> Story:
    def sign_up_and_cancel(db: Session, event: Event, **who: Any) -> Registration:
        registration = make_registration(db, event, **who)
        return registrations.cancel(db, registration_id=registration.id, by=by)

    return sign_up_and_cancel


def called_off(db: Session, event: Event, **who: Any) -> Registration:
    registration = make_registration(db, event, **who)
    events.cancel(db, event=event, because=BECAUSE)
    return registration


def moved(db: Session, event: Event, **who: Any) -> Registration:
    registration = make_registration(db, event, **who)
    starts = event.starts_local.replace(hour=19)
    events.move(db, event=event, starts=starts, ends=starts + timedelta(hours=2))
    return registration


STORIES: Mapping[str, Story] = {
    "registration_confirmed": make_registration,
    "ticket_again": make_registration,
    "please_confirm": held("unconfirmed"),
    "joined_waiting_list": waiting,
    "seat_offered": held("offered"),
    "offer_lapsed": lapsed,
    "event_full": lapsed,
    "place_given_up": cancelled("self"),
    "place_taken_back": cancelled("organizer"),
    "event_cancelled": called_off,
    "event_changed": moved,
    "reminder": make_registration,
    "thanks": make_registration,
}
KEYS = {"event_changed": "1:time", "reminder": "2d"}
every_kind = pytest.mark.parametrize("kind", list(STORIES))


def event_for(db: Session, kind: str, **overrides: Any) -> Event:
    if kind == "thanks":
        overrides = {"starts_at": clock.now() - timedelta(days=1), "recap": RECAP, **overrides}
    return make_event(db, **{"starts_at": STARTS, "venue": {"en": "National Library"}, **overrides})


@pytest.fixture
def tell(db: Session, post: Post) -> Callable[..., EmailMessage]:
    """Tells the story of a kind up to its mail, and gives back what arrived."""

    def live_and_post(kind: str, event: Event | None = None, **who: Any) -> EmailMessage:
        event = event or event_for(db, kind)
        registration = STORIES[kind](db, event, **{"language": "en", "name": "Шариф", **who})
        return post(registration, kind, KEYS.get(kind, ""))

    return live_and_post


def test_every_kind_has_its_story():
    assert set(STORIES) == set(outbox.PRIORITIES)


# What all have in common ---------------------------------------------------------------------------------------------


@every_kind
def test_it_survives_a_round_trip_and_says_the_same_as_text_and_as_a_page(tell, postbox: Postbox, kind):
    message = tell(kind)
    [content] = postbox.contents
    read = email.message_from_bytes(content, policy=email.policy.default)
    assert [part.defects for part in read.walk() if part.defects] == []
    assert read.as_bytes(policy=email.policy.SMTP).count(b"\nSubject:") == 1
    assert max(map(len, content.splitlines())) <= 998
    for words in (text_of(message), page_of(message)):
        assert "Hello, Шариф." in words
        assert "An evening of talks" in words
        assert not {"{{", "{%", "%(", "None"} & set(words.split())
    assert "\n\n\n" not in text_of(message).replace("\r", "")
    assert links_of(message)


@every_kind
@pytest.mark.parametrize("language", ["ru", "tg"])
def test_it_is_in_the_persons_language(tell, kind, language):
    message, english = tell(kind, language=language), tell(kind)
    assert message["Content-Language"] == language
    assert message["Subject"] != english["Subject"]
    ours = [line for line in text_of(message).splitlines() if line and "http" not in line and "@" not in line]
    shared = set(ours) & set(text_of(english).splitlines())
    assert shared <= {"-- ", "Шариф", "National Library", *RECAP["en"].splitlines()}


@every_kind
def test_names_and_titles_are_text_and_never_a_header(tell, db, postbox: Postbox, kind):
    event = event_for(db, kind, title={"en": f"Talks {WICKED}"}, contact=WICKED, bring={"en": WICKED})
    message = tell(kind, event, name=i18n.normalize(WICKED))
    assert message["Bcc"] is None
    assert postbox.recipients == [message["To"].addresses[0].addr_spec]
    assert "<b>" not in page_of(message)
    assert "49" not in text_of(message).replace(WICKED, "").split()
    assert [entry["ATTENDEE"].count("\n") for entry in entries_of(message, method_of(message))] in ([], [0])


def method_of(message: EmailMessage) -> str:
    methods = {part.get_param("method") for name, part in files(message).items() if name.endswith(".ics")}
    assert len(methods) <= 1
    return methods.pop() if methods else ""


@every_kind
def test_a_private_event_is_not_named_where_others_look(tell, db, kind):
    message = tell(kind, event_for(db, kind, private=True, confirm_by_mail=True))
    assert "talks" not in message["Subject"]
    assert message["Subject"].strip()
    assert [entry["SUMMARY"] for entry in entries_of(message, method_of(message))] in ([], ["Peshraft"])
    assert [name for name in files(message) if "evening" in name or "talks" in name] == []


@every_kind
def test_only_news_can_be_refused_and_with_one_click(tell, mailing: Settings, kind):
    message = tell(kind)
    if kind not in NEWS:
        assert message["List-Unsubscribe"] is None
        assert message["List-Unsubscribe-Post"] is None
        assert "/u/" not in text_of(message)
        return
    address = message["List-Unsubscribe"].strip("<>")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert links_of(message)[-1] == address
    assert tokens.verify(mailing.secrets, "unsubscribe", address.rpartition("/")[2]) is not None


@every_kind
def test_pictures_come_with_the_mail_and_the_facts_without_them(tell, kind):
    message = tell(kind)
    shown = {f"cid:{part['Content-ID'][1:-1]}" for part in message.walk() if part.get_content_disposition() == "inline"}
    assert {f"cid:{name}" for name in files(message) if name.endswith(".png")} == shown
    assert all(source in page_of(message) for source in shown)
    assert "url(" not in page_of(message)
    assert "prefers-color-scheme: dark" in page_of(message)


@every_kind
def test_without_an_address_it_is_skipped(db, mailing, kind):
    registration = STORIES[kind](db, event_for(db, kind), email=None, phone="+992900000001")
    assert prepare(db, promise(db, registration, kind, KEYS.get(kind, "")), mailing) == Skipped("no address")


@every_kind
def test_a_registration_that_was_erased_is_skipped(db, mailing, kind):
    outbox.promise(db, kind, subject=999_999, key=KEYS.get(kind, ""))
    owed = db.query(Promise).filter_by(subject=999_999, kind=kind).one()
    assert prepare(db, owed, mailing) == Skipped("there is no such registration any more")


# What each says ------------------------------------------------------------------------------------------------------


def test_a_confirmation_is_asked_for_with_its_deadline_and_a_link_that_only_shows(tell, mailing: Settings):
    message = tell("please_confirm")
    assert message["Subject"] == "Please confirm that you are coming: An evening of talks"
    assert f"4 December {STARTS.year}, 17:50, Dushanbe time" in text_of(message)
    [address] = links_of(message)
    assert address.startswith("https://turnout.example/en/r/")
    assert tokens.verify(mailing.secrets, "registration", address.rpartition("/")[2]) is not None


def test_who_waits_learns_the_place_in_line(tell, db, post: Post):
    event = event_for(db, "joined_waiting_list")
    waiting(db, event)
    message = tell("joined_waiting_list", event)
    assert message["Subject"] == "You are on the waiting list: An evening of talks"
    assert "Your place in line: 2" in text_of(message)
    assert ".ics" not in "".join(files(message))


def test_an_offer_says_until_when_the_seats_are_held(db, tell, post: Post):
    event = event_for(db, "seat_offered")
    host = held("offered")(db, event, language="ru")
    held("offered")(db, event, host_id=host.id, email=None, contact_key=None)
    message = post(host, "seat_offered")
    assert "Для вас свободны 2 места." in text_of(message)
    assert f"4 декабря {STARTS.year} года, 17:50" in text_of(message)
    assert "/ru/r/" in links_of(message)[0]


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("offer_lapsed", "The seat is not held any more: An evening of talks"),
        ("event_full", "No seats left: An evening of talks"),
    ],
)
def test_who_got_no_seat_is_led_to_the_event(db, tell, kind, subject):
    event = event_for(db, kind)
    message = tell(kind, event)
    assert message["Subject"] == subject
    assert links_of(message) == [f"https://turnout.example{links.event('en', event.slug)}"]


@pytest.mark.parametrize(
    ("kind", "subject", "words"),
    [
        ("place_given_up", "A place is given back: An evening of talks", "Your place is given back, as you asked."),
        ("place_taken_back", "A place is cancelled: An evening of talks", "The organizer has cancelled your place."),
        ("event_cancelled", "Cancelled: An evening of talks", "The speaker is ill."),
    ],
)
def test_what_is_cancelled_leaves_the_calendar(db, tell, post: Post, kind, subject, words):
    event = event_for(db, kind)
    registration = make_registration(db, event, language="en")
    [before] = entries_of(post(registration))
    message = cancel_and_post(db, post, kind, registration)
    assert message["Subject"] == subject
    assert words in text_of(message)
    assert words in page_of(message)
    [entry] = entries_of(message, "CANCEL")
    assert entry["UID"] == before["UID"]
    assert entry["SEQUENCE"] > before["SEQUENCE"]
    assert entry["STATUS"] == "CANCELLED"
    assert entry["ATTENDEE"] == f"mailto:{registration.email}"


def cancel_and_post(db: Session, post: Post, kind: str, registration: Registration) -> EmailMessage:
    if kind == "event_cancelled":
        events.cancel(db, event=registration.event, because=BECAUSE)
    else:
        by = "self" if kind == "place_given_up" else "organizer"
        registrations.cancel(db, registration_id=registration.id, by=by)
    return post(registration, kind)


def test_who_only_waited_has_nothing_in_the_calendar_to_take_out(db, post: Post):
    registration = waiting(db, event_for(db, "place_given_up"), language="en")
    registrations.cancel(db, registration_id=registration.id, by="self")
    message = post(registration, "place_given_up")
    assert "Your registration is withdrawn, as you asked." in text_of(message)
    assert entries_of(message, "CANCEL") == []


def party(db: Session, kind: str = "ticket", **overrides: Any) -> tuple[Registration, Registration]:
    event = event_for(db, kind, **overrides)
    host = make_registration(db, event, language="en", name="Манижа")
    return host, make_registration(db, event, host_id=host.id, email=None, contact_key=None, name="Фарзона")


def test_a_companion_who_is_cancelled_alone_is_told_of_at_the_hosts_address(db, post: Post, postbox: Postbox):
    host, companion = party(db)
    registrations.cancel(db, registration_id=companion.id, by="self")
    message = post(companion, "place_given_up")
    assert postbox.recipients == [host.email]
    assert "The place of Фарзона is given back, as you asked." in text_of(message)
    assert "These places stay: Манижа." in text_of(message)
    assert entries_of(message, "CANCEL") == []


@pytest.mark.parametrize("kind", ["registration_confirmed", "ticket_again", "reminder"])
def test_the_tickets_of_companions_still_go_to_a_host_who_cancelled(db, post: Post, postbox: Postbox, kind):
    host, companion = party(db)
    registrations.cancel(db, registration_id=host.id, by="self")
    message = post(host, kind, KEYS.get(kind, ""))
    assert postbox.recipients == [host.email]
    assert "Фарзона" in text_of(message)
    assert f"ticket-{companion.short_code}.png" in files(message)
    assert f"ticket-{host.short_code}.png" not in files(message)
    assert entries_of(message) == []


def test_a_host_who_cancels_hears_which_places_stay(db, post: Post):
    host, _ = party(db)
    registrations.cancel(db, registration_id=host.id, by="self")
    assert "These places stay: Фарзона." in text_of(post(host, "place_given_up"))


def test_a_change_says_what_changed_and_the_calendar_follows(db, tell, post: Post):
    event = event_for(db, "event_changed")
    registration = make_registration(db, event, language="en")
    [before] = entries_of(post(registration))
    starts = event.starts_local.replace(hour=19, minute=30)
    events.move(db, event=event, starts=starts, ends=starts + timedelta(hours=1))
    message = post(registration, "event_changed", "1:time")
    assert message["Subject"] == "Changed: An evening of talks"
    assert "The time has changed." in text_of(message)
    assert "19:30–20:30" in text_of(message)
    assert "Your ticket stays valid." in text_of(message)
    [after] = entries_of(message)
    assert after["UID"] == before["UID"]
    assert (after["SEQUENCE"], after.start) == (before["SEQUENCE"] + 1, event.starts_at)


def test_of_changes_that_follow_each_other_the_last_speaks_for_all(db, mailing, post: Post):
    registration = moved(db, event_for(db, "event_changed"), language="en")
    events.announce_change(db, event=registration.event, changed=("place",))
    assert prepare(db, promise(db, registration, "event_changed", "1:time"), mailing) == Skipped(
        "changed again meanwhile"
    )
    message = post(registration, "event_changed", "2:place")
    assert "The place has changed. The time has changed." in text_of(message)
    db.execute(update(Promise).where(Promise.key == "2:place").values(outcome="sent"))
    events.announce_change(db, event=registration.event, changed=("programme",))
    again = text_of(post(registration, "event_changed", "3:programme"))
    assert "The event has changed." in again
    assert "The time has changed." not in again


def test_who_waits_learns_of_a_change_without_a_calendar(db, post: Post):
    registration = waiting(db, event_for(db, "event_changed"), language="en")
    events.announce_change(db, event=registration.event, changed=("place",))
    message = post(registration, "event_changed", "1:place")
    assert "What you signed up for stays as it is." in text_of(message)
    assert entries_of(message) == []


def test_a_reminder_brings_the_ticket_once_more_and_the_way_out(db, tell):
    event = event_for(db, "reminder", bring={"en": "A laptop & a pen"})
    message = tell("reminder", event)
    assert message["Subject"].startswith("Reminder: An evening of talks, ")
    assert message["Subject"].endswith("18:00–20:00")
    for words in (text_of(message), page_of(message)):
        assert "National Library" in words
        assert "I cannot come" in words
    assert "Please bring: A laptop & a pen" in text_of(message)
    [code] = [name for name in files(message) if name.startswith("ticket-")]
    assert code.endswith(".png")
    assert "/en/r/" in links_of(message)[0]


@pytest.mark.parametrize(
    ("key", "before", "words"),
    [
        ("2d", timedelta(days=2), "The event is in two days."),
        ("2d", timedelta(days=1), "The event is tomorrow."),
        ("3h", timedelta(hours=3), "The event is today."),
    ],
)
def test_a_reminder_counts_the_days_when_it_goes_out(db, mailing, key, before, words):
    registration = make_registration(db, event_for(db, "reminder"), language="en")
    with time_machine.travel(STARTS - before, tick=False):
        mail = prepare(db, promise(db, registration, "reminder", key), mailing)
    assert isinstance(mail, Mail)
    assert words in mail.text


def test_thanks_bring_the_recap(tell):
    message = tell("thanks")
    assert message["Subject"] == "Thank you for coming: An evening of talks"
    assert RECAP["en"] in text_of(message).replace("\r", "")
    assert "<p" in page_of(message)
    assert "The &lt;slides&gt; are on the page." in page_of(message)


# What is not true any more -------------------------------------------------------------------------------------------


def confirm(db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() + timedelta(hours=1)
    registrations.confirm(db, registration=registration)


def run_out(_db: Session, registration: Registration) -> None:
    registration.deadline = clock.now() - timedelta(seconds=1)


def give_up(db: Session, registration: Registration) -> None:
    registrations.cancel(db, registration_id=registration.id, by="self")


def call_off(db: Session, registration: Registration) -> None:
    events.cancel(db, event=registration.event, because=BECAUSE)


def refuse_news(db: Session, registration: Registration) -> None:
    mailings.unsubscribe(db, registration=registration)


def start(db: Session, registration: Registration) -> None:
    zone_start = clock.now().replace(tzinfo=None) + timedelta(hours=4)
    events.move(db, event=registration.event, starts=zone_start, ends=zone_start + timedelta(hours=9))


def forgo_reminders(_db: Session, registration: Registration) -> None:
    registration.event.reminders = False


def take_recap_back(_db: Session, registration: Registration) -> None:
    registration.event.recap = {}


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [
        ("please_confirm", confirm),
        ("please_confirm", run_out),
        ("please_confirm", call_off),
        ("joined_waiting_list", give_up),
        ("joined_waiting_list", start),
        ("joined_waiting_list", call_off),
        ("seat_offered", confirm),
        ("seat_offered", run_out),
        ("seat_offered", call_off),
        ("offer_lapsed", call_off),
        ("event_full", call_off),
        ("event_changed", give_up),
        ("event_changed", call_off),
        ("reminder", give_up),
        ("reminder", call_off),
        ("reminder", start),
        ("reminder", forgo_reminders),
        ("reminder", refuse_news),
        ("thanks", refuse_news),
        ("thanks", take_recap_back),
    ],
)
def test_what_is_not_true_any_more_is_not_mailed(db, mailing, kind, meanwhile):
    registration = STORIES[kind](db, event_for(db, kind))
    owed = promise(db, registration, kind, KEYS.get(kind, ""))
    meanwhile(db, registration)
    db.flush()
    assert isinstance(prepare(db, owed, mailing), Skipped)


def test_a_refused_organization_still_sends_tickets_and_changes(db, tell, post: Post):
    registration = moved(db, event_for(db, "event_changed"))
    refuse_news(db, registration)
    assert post(registration, "event_changed", "1:time")
    assert post(registration, "ticket_again")


def test_the_early_reminder_is_void_once_the_late_one_is_due(db, mailing):
    registration = make_registration(db, event_for(db, "reminder"))
    with time_machine.travel(STARTS - timedelta(hours=3), tick=False):
        assert prepare(db, promise(db, registration, "reminder", "2d"), mailing) == Skipped("too late")
        assert isinstance(prepare(db, promise(db, registration, "reminder", "3h"), mailing), Mail)


def test_a_place_that_merely_lapsed_is_not_called_cancelled(db, mailing):
    registration = lapsed(db, event_for(db, "place_taken_back"))
    owed = promise(db, registration, "place_taken_back")
    assert prepare(db, owed, mailing) == Skipped("not cancelled by the organizer")
