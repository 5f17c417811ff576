"""Writing to many: the form, the preview, the test, when it goes out, how far it is, and whom to call."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, i18n
from shared.config import Settings
from shared.models import Account, Audit, Event, Mailing, Promise
from shared.operations import mailings
from shared.queries import mailings as queries
from tests.conftest import Statements
from tests.factories import make_event, make_picture, make_registration
from tests.web.filled import form_in
from web.forms.mailings import written
from web.pages import seen
from worker.mails import to_writer

FIELDS = {
    "audience": "confirmed",
    "subject.tg": "Хабар",
    "body.tg": "Салом, {ном}.\n\nhttps://example.org/a.",
    "subject.ru": "Новость",
    "body.ru": "Здравствуйте, {имя}.",
}


def base(event: Event, one: Mailing | None = None) -> str:
    return f"/organize/events/{event.id}/mailings/" + (f"{one.id}/" if one else "")


def act(organizer: FlaskClient, event: Event, one: Mailing, name: str, **typed: str) -> Any:
    """What a browser sends that shows the mailing as it is."""
    carried = {seen.FIELD: seen.stamp(written(one, event.languages))}
    return organizer.post(base(event, one) + name, data={**carried, **typed})


@pytest.fixture
def draft(db: Session, event: Event, account: Account) -> Mailing:
    """What somebody wrote to those who have a place, in two of three languages."""
    texts = {"subject": {"tg": "Хабар", "ru": "Новость"}, "body": {"tg": FIELDS["body.tg"], "ru": FIELDS["body.ru"]}}
    return mailings.write(db, event=event, by=account, audience="confirmed", **texts)


Begin = Callable[[], Mailing]


@pytest.fixture
def begin(db: Session, event: Event, draft: Mailing, account: Account) -> Begin:
    """Sends the draft, and draws up its audience."""

    def send() -> Mailing:
        mailings.send(db, mailing=draft, by=account)
        mailings.begin(db, mailing_id=draft.id, now=clock.now())
        return draft

    return send


def test_the_form_tells_how_many_each_audience_is_and_greets_by_name(
    organizer: FlaskClient, db: Session, event: Event
) -> None:
    make_registration(db, event)
    page = organizer.get(f"{base(event)}new?to=did_not_come").text
    assert re.search(r'value="did_not_come" required checked', page)
    assert "Who has a place · 1 mail" in " ".join(page.split())
    assert "Салом, {ном}." in page


def test_what_is_written_becomes_a_draft_and_an_act(organizer: FlaskClient, db: Session, event: Event) -> None:
    answer = organizer.post(base(event), data=FIELDS)
    one = db.scalars(select(Mailing)).one()
    assert answer.headers["Location"] == f"{base(event, one)}?said=kept"
    assert (one.subject, one.due_at) == ({"tg": "Хабар", "ru": "Новость"}, None)
    assert one.body["tg"] == FIELDS["body.tg"]
    assert db.scalars(select(Audit.action)).all() == ["mailing.written"]
    page = organizer.get(base(event, one)).text
    assert "There is no text in English: who reads it gets the mail in Тоҷикӣ." in page


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"audience": "all"}, "audience", "Please choose whom to write to."),
        ({"subject.tg": " "}, "subject.tg", "Please write a subject."),
        ({"body.tg": ""}, "body.tg", "Please write the text."),
        ({"body.ru": ""}, "body.ru", "Please write the text."),
        ({"subject.en": "News"}, "body.en", "Please write the text."),
        ({"subject.tg": "о" * 151}, "subject.tg", "at most 150 characters"),
        ({"body.tg": "о" * 10_001}, "body.tg", "at most 10,000 characters"),
        ({"body.tg": "\ue000"}, "body.tg", "One of these signs is not known here."),
    ],
)
def test_a_fault_is_said_at_its_field_and_nothing_is_lost_or_saved(
    organizer: FlaskClient, db: Session, event: Event, changed: dict[str, str], field: str, sentence: str
) -> None:
    answer = organizer.post(base(event), data={**FIELDS, **changed})
    assert answer.status_code == 422
    assert f'href="#mailing-{field}"' in answer.text
    assert f'id="mailing-{field}"' in answer.text
    assert sentence in answer.text
    assert "Здравствуйте" in answer.text or "body.ru" in changed
    assert db.scalars(select(Mailing)).all() == []


def test_the_preview_is_the_mail_itself(
    organizer: FlaskClient, event: Event, account: Account, draft: Mailing, settings: Settings
) -> None:
    for language in event.languages:
        answer = organizer.get(f"{base(event, draft)}preview/{language}")
        shown = re.sub(r"data:image/png;base64,[^\"]+", "cid:cover.png", answer.text)
        mailed = to_writer(draft, account, language, settings).html
        link = re.search(r'class="button" href="([^"]+)"', mailed)
        assert link is not None
        # A test can be refused by nobody; the mail says how, and the preview shows it.
        footer = re.compile(r"<br><a href=\"[^\"]+\"[^>]*>[^<]+</a>\s*(?=</p>\s*</div>)")
        assert footer.search(shown) is not None
        assert re.sub(r"\s+", "", footer.sub("", shown)) == re.sub(r"\s+", "", mailed)
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "script" not in answer.text
    assert organizer.get(f"{base(event, draft)}preview/de").status_code == 404


def test_the_preview_has_the_photograph_that_the_mail_has(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    event.picture = make_picture(db)
    db.flush()
    assert 'src="data:image/jpeg;base64,' in organizer.get(f"{base(event, draft)}preview/tg").text
    event.private = True
    db.flush()
    neutral = organizer.get(f"{base(event, draft)}preview/tg").text
    assert 'src="data:image/png;base64,' in neutral
    assert "image/jpeg" not in neutral


def test_a_text_is_only_text_and_its_addresses_are_links(organizer: FlaskClient, db: Session, event: Event) -> None:
    body = 'One <b>&amp;\ntwo\n\n(see https://example.org/a?b=1&c=2). javascript:alert(1) <img src=x onerror="x">'
    organizer.post(base(event), data={"audience": "confirmed", "subject.tg": "<i>", "body.tg": body})
    page = organizer.get(f"{base(event, db.scalars(select(Mailing)).one())}preview/tg").text
    assert "One &lt;b&gt;&amp;amp;<br>\ntwo</p>" in page
    assert '(see <a href="https://example.org/a?b=1&amp;c=2"' in page
    assert ">https://example.org/a?b=1&amp;c=2</a>)." in page
    assert "<b>" not in page
    assert "<img src=x" not in page
    assert page.count("<a ") == 3


def test_a_test_goes_to_who_asks_for_it(
    organizer: FlaskClient, db: Session, event: Event, account: Account, draft: Mailing
) -> None:
    answer = organizer.post(f"{base(event, draft)}test", data={"language": "ru"})
    assert answer.headers["Location"].endswith("?said=tested&in=ru")
    owed = db.scalars(select(Promise).where(Promise.kind == "mailing_test")).one()
    assert (owed.subject, owed.key.split()[:2]) == (draft.id, [str(account.id), "ru"])
    assert organizer.post(f"{base(event, draft)}test", data={"language": "de"}).status_code == 404


def test_the_confirmation_names_how_many_mails_go_out(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    for _ in range(2):
        make_registration(db, event)
    make_registration(db, event, email=None, phone="+992918123456")
    mailings.unsubscribe(db, registration=make_registration(db, event))
    page = " ".join(organizer.get(base(event, draft)).text.split())
    assert "It goes to 2 addresses, and cannot be called back." in page
    assert "Send 2 mails</button>" in page
    assert "1 more gave no address." in page
    assert "1 more wants no news, and gets none." in page
    assert act(organizer, event, draft, "send").status_code == 303
    db.refresh(draft)
    assert draft.due_at is not None
    assert "It begins in a few seconds." in organizer.get(base(event, draft)).text


def test_nothing_is_sent_to_nobody(organizer: FlaskClient, db: Session, event: Event, draft: Mailing) -> None:
    answer = act(organizer, event, draft, "send")
    assert answer.status_code == 409
    assert "Nobody can be reached. Nothing is sent." in answer.text
    db.refresh(draft)
    assert draft.due_at is None


def shift(event: Event, distance: timedelta) -> None:
    for name in ("starts_local", "ends_local", "starts_at", "ends_at"):
        setattr(event, name, getattr(event, name) + distance)


@pytest.fixture
def to_the_absent(db: Session, event: Event, draft: Mailing) -> Mailing:
    """What is meant for those who did not come to an event that begins in three days."""
    shift(event, timedelta(days=3))
    draft.audience = "did_not_come"
    make_registration(db, event)
    db.flush()
    return draft


def test_before_the_start_nobody_has_stayed_away(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    page = organizer.get(base(event, to_the_absent)).text
    assert "The event has not begun, so nobody has stayed away from it yet." in page
    assert "/send" not in page
    assert "Who did not come · " not in " ".join(organizer.get(f"{base(event)}new").text.split())
    answer = act(organizer, event, to_the_absent, "send")
    assert answer.status_code == 409
    assert "The event has not begun, so nobody has stayed away from it yet. Nothing is sent." in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.due_at is None
    shift(event, timedelta(days=-3))
    db.flush()
    assert act(organizer, event, to_the_absent, "send").status_code == 303


def test_of_an_event_whose_time_is_not_known_nobody_has_stayed_away(event: Event) -> None:
    absent, now = "did_not_come", clock.now()
    assert not queries.is_too_early(event, absent, now)
    event.starts_at = None
    assert [queries.is_too_early(event, name, now) for name in (absent, "came", "confirmed")] == [True, False, False]


def test_a_time_before_the_start_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    early, late = (f"{clock.now() + timedelta(days=days):%Y-%m-%dT%H:%M}" for days in (2, 4))
    answer = act(organizer, event, to_the_absent, "schedule", at=early)
    assert answer.status_code == 422
    assert "The event has not begun by then" in answer.text.split('id="schedule-at-error">')[1].split("</p>")[0]
    assert f'value="{early}"' in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.due_at is None
    assert act(organizer, event, to_the_absent, "schedule", at=late).status_code == 303


def test_what_is_planned_for_before_the_start_is_not_turned_to_those_who_stayed_away(
    organizer: FlaskClient, db: Session, event: Event, to_the_absent: Mailing
) -> None:
    to_the_absent.audience = "confirmed"
    to_the_absent.due_at = clock.now() + timedelta(days=1)
    db.flush()
    edit = f"{base(event, to_the_absent)}edit"
    shown = form_in(organizer.get(edit).text, edit)
    answer = organizer.post(edit, data={**shown, "audience": "did_not_come"})
    assert answer.status_code == 422
    assert "The event has not begun by then" in answer.text
    db.refresh(to_the_absent)
    assert to_the_absent.audience == "confirmed"


def test_a_mailing_whose_event_was_put_off_is_a_draft_again_when_its_hour_comes(
    db: Session, event: Event, to_the_absent: Mailing
) -> None:
    to_the_absent.due_at = clock.now() - timedelta(seconds=1)
    db.flush()
    assert mailings.begin(db, mailing_id=to_the_absent.id, now=clock.now()) is None
    db.flush()
    db.refresh(to_the_absent)
    assert (to_the_absent.due_at, to_the_absent.started_at) == (None, None)
    assert db.scalars(select(Promise)).all() == []
    assert db.scalars(select(Audit.action)).all()[-1] == "mailing.unscheduled"


def test_of_those_who_came_it_says_that_there_are_none_yet(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    draft.audience = "came"
    make_registration(db, event)
    db.flush()
    assert "Nobody was let in so far." in organizer.get(base(event, draft)).text


def test_it_is_planned_moved_and_taken_back_by_the_events_clock(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    year = clock.now().year + 1
    for hour in (18, 20):
        act(organizer, event, draft, "schedule", at=f"{year}-05-05T{hour}:30")
        db.refresh(draft)
        assert draft.due_at is not None
        assert (draft.due_at.hour, draft.due_at.minute) == (hour - 5, 30)
    assert f"{year}, 20:30, Dushanbe" in organizer.get(base(event, draft)).text
    organizer.post(f"{base(event, draft)}unschedule")
    db.refresh(draft)
    assert draft.due_at is None


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("", "Please choose day and time."),
        ("tomorrow", "Please write day and time"),
        ("2001-01-01T10:00", "This time is over."),
        ("2031-03-30T02:30", "The clock is set forward over this time."),
        ("2031-10-26T02:30", "shows this time twice"),
        ("9999-12-31T23:59", "Please write day and time"),
    ],
)
def test_a_time_that_cannot_be_is_refused_at_its_field(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing, at: str, sentence: str
) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    answer = act(organizer, event, draft, "schedule", at=at)
    if at.startswith("9999"):
        assert answer.status_code in {303, 422}
        return
    assert answer.status_code == 422
    assert sentence in answer.text
    db.refresh(draft)
    assert draft.due_at is None


def test_of_a_time_that_exists_twice_one_is_chosen(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    event.zone = "Europe/Berlin"
    db.flush()
    for which, hour in (("first", 0), ("second", 1)):
        act(organizer, event, draft, "schedule", at="2031-10-26T02:30", which=which)
        db.refresh(draft)
        assert draft.due_at is not None
        assert draft.due_at.hour == hour


def test_what_has_begun_is_neither_changed_nor_sent_again(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    make_registration(db, event)
    one = begin()
    assert organizer.get(f"{base(event, one)}edit").status_code == 303
    assert organizer.post(f"{base(event, one)}edit", data=FIELDS).status_code == 409
    for act, data in (("send", {}), ("schedule", {"at": "2031-05-05T10:00"}), ("unschedule", {}), ("delete", {})):
        answer = organizer.post(f"{base(event, one)}{act}", data=data)
        assert answer.status_code == 409, act
        assert "It has changed meanwhile. This is how it is now." in answer.text
    assert len(db.scalars(select(Promise).where(Promise.kind == "mailing")).all()) == 1


def test_a_draft_is_deleted(organizer: FlaskClient, db: Session, event: Event, draft: Mailing) -> None:
    assert act(organizer, event, draft, "delete").headers["Location"] == f"{base(event)}?said=deleted"
    assert db.scalars(select(Mailing)).all() == []
    assert "It is deleted." in organizer.get(f"{base(event)}?said=deleted").text


def settle(db: Session, outcomes: dict[int, dict[str, Any]]) -> None:
    for subject, values in outcomes.items():
        promise = db.scalars(select(Promise).where(Promise.subject == subject, Promise.kind == "mailing")).one()
        for name, value in values.items():
            setattr(promise, name, value)
    db.flush()


def test_progress_counts_every_promise_once_and_says_why(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    people = [make_registration(db, event) for _ in range(5)]
    one, now = begin(), clock.now()
    settle(
        db,
        {
            people[0].id: {"finished_at": now, "outcome": "sent"},
            people[1].id: {"finished_at": now, "outcome": "skipped: wants no news"},
            people[2].id: {"dead_at": now, "outcome": "SMTPRecipientsRefused: {'x': (550, b'no such user')}"},
            people[3].id: {"outcome": "TimeoutError: late"},
        },
    )
    told = organizer.get(f"{base(event, one)}progress.json").get_json()
    assert (told["promised"], told["sent"], told["failed"], told["open"]) == (5, 1, 1, 2)
    assert told["skipped"] == {"wants no news": 1}
    html = " ".join(told["html"].split())
    assert "3 of 5 mails are done, 2 still to go." in html
    assert '<progress class="bar" max="5" value="3"' in html
    assert "want no news: 1" in html
    assert "1 failed so far and is tried again" in html
    everybody = organizer.get(f"{base(event, one)}people").text
    assert all(person.name in everybody for person in people)
    failed = organizer.get(f"{base(event, one)}people?state=failed").text
    assert people[2].name in failed
    assert people[0].name not in failed
    assert "does not accept this address" in failed


def test_what_is_stopped_is_skipped_at_once_and_stays_so(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    sent, left = make_registration(db, event), make_registration(db, event)
    one = begin()
    settle(db, {sent.id: {"finished_at": clock.now(), "outcome": "sent"}})
    assert organizer.post(f"{base(event, one)}stop").status_code == 303
    db.expire_all()
    outcomes = dict(db.execute(select(Promise.subject, Promise.outcome).where(Promise.kind == "mailing")).all())
    assert outcomes == {sent.id: "sent", left.id: "skipped: stopped"}
    assert organizer.post(f"{base(event, one)}stop").status_code == 409
    assert "stopped before: 1" in organizer.get(base(event, one)).text


def test_whom_no_mail_reaches_is_a_list_to_call_and_text_to_paste(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin
) -> None:
    mailed, silent = make_registration(db, event), make_registration(db, event, email=None, phone="+992918123456")
    refused = make_registration(db, event, phone="+992918000000")
    mailings.unsubscribe(db, registration=refused)
    bounced = make_registration(db, event, phone="+992918777777", language="ru", name="Мария")
    one = begin()
    page = organizer.get(f"{base(event, one)}calls").text
    assert 'href="tel:+992918123456"' in page
    assert f"Салом, {silent.name}." in page
    assert f"/tg/e/{event.slug}" in page
    assert mailed.name not in page.replace(silent.name, "")
    assert "+992918000000" not in page
    assert "+992918777777" not in page
    settle(db, {bounced.id: {"dead_at": clock.now(), "outcome": "SMTPRecipientsRefused: x"}})
    page = organizer.get(f"{base(event, one)}calls").text
    assert "+992918777777" in page
    assert "Здравствуйте, Мария." in page


def test_the_inbox_of_a_private_events_guest_shows_a_neutral_subject(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    event.private = True
    db.flush()
    page = organizer.get(f"{base(event, draft)}?in=ru").text
    with i18n.use_language("ru"):
        assert i18n.gettext("A message about your registration") in page


def test_a_mailing_of_another_event_is_not_there(organizer: FlaskClient, db: Session, event: Event) -> None:
    other = make_event(db, organization=event.organization)
    foreign = Mailing(event_id=other.id, audience="confirmed", subject={"tg": "Х"}, body={"tg": "Х"})
    db.add(foreign)
    db.flush()
    for path in ("", "edit", "people", "calls", "progress.json", "preview/tg"):
        assert organizer.get(base(event, foreign) + path).status_code == 404, path
    for path in ("test", "send", "schedule", "unschedule", "delete", "stop", "edit"):
        assert organizer.post(base(event, foreign) + path, data={"language": "tg"}).status_code == 404, path


def test_long_lists_are_turned(organizer: FlaskClient, db: Session, event: Event, begin: Begin) -> None:
    event.capacity = 60
    for _ in range(52):
        make_registration(db, event)
    one = begin()
    for number, count in ((1, 50), (2, 2)):
        page = organizer.get(f"{base(event, one)}people?page={number}").text
        assert page.count('<li class="line') == count
    for number in range(21):
        db.add(Mailing(event_id=event.id, audience="came", subject={"tg": f"Номаи {number}"}, body={"tg": "Х"}))
    db.flush()
    assert organizer.get(f"{base(event)}?page=2").text.count('<li class="line') == 2


def test_a_page_costs_the_same_for_any_number_of_people(
    organizer: FlaskClient, db: Session, event: Event, begin: Begin, statements: Statements
) -> None:
    make_registration(db, event)
    one = begin()
    counts: dict[str, list[int]] = {}
    for more in (0, 9):
        for _ in range(more):
            person = make_registration(db, event)
            db.add(Promise(kind="mailing", subject=person.id, key=str(one.id)))
        for path in ("", "people", "calls", "progress.json"):
            db.flush()
            db.expire_all()
            with statements() as seen:
                organizer.get(base(event, one) + path)
            counts.setdefault(path, []).append(len(seen))
    assert all(few == many <= 10 for few, many in counts.values()), counts


def test_a_draft_in_the_past_year_can_still_be_read(organizer: FlaskClient, db: Session, event: Event) -> None:
    one = Mailing(event_id=event.id, audience="came", subject={"en": "Old"}, body={"en": "Text"}, account_id=None)
    one.due_at = one.started_at = one.stopped_at = clock.now() - timedelta(days=400)
    db.add(one)
    db.flush()
    assert "Old" in organizer.get(base(event)).text
    assert "There was nobody to write to." in organizer.get(base(event, one)).text
