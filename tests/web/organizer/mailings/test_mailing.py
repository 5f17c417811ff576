"""Mailings: the form, the preview, the test, and sending."""

import re
from base64 import b64encode
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, i18n
from shared.config import Settings
from shared.mailings import mailings
from shared.models import Account, Audit, Event, Mailing, OutboxMessage
from tests.factories import make_event, make_picture, make_registration
from tests.support.mailing_form import FIELDS, act, base
from worker.emails import compose_test


def test_the_form_counts_each_audience_and_greets_by_name(organizer: FlaskClient, db: Session, event: Event) -> None:
    make_registration(db, event)
    page = organizer.get(f"{base(event)}new?to=did_not_come").text
    assert re.search(r'value="did_not_come" checked', page)
    assert "People with a seat · 1 email" in " ".join(page.split())
    assert "Салом, {ном}." in page


def test_a_new_mailing_is_a_draft_and_is_in_the_audit(organizer: FlaskClient, db: Session, event: Event) -> None:
    answer = organizer.post(base(event), data=FIELDS)
    mailing = db.scalars(select(Mailing)).one()
    assert answer.headers["Location"] == f"{base(event, mailing)}?said=kept"
    assert (mailing.subject, mailing.due_at) == ({"tg": "Хабар", "ru": "Новость"}, None)
    assert mailing.body["tg"] == FIELDS["body.tg"]
    assert db.scalars(select(Audit.action)).all() == ["mailing.created"]
    page = organizer.get(base(event, mailing)).text
    assert "There is no text in English. People who chose this language get the email in Тоҷикӣ." in page


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"audience": "all"}, "audience", "Choose the recipients."),
        ({"subject.tg": " "}, "subject.tg", "Enter a subject."),
        ({"body.tg": ""}, "body.tg", "Enter the text."),
        ({"body.ru": ""}, "body.ru", "Enter the text."),
        ({"subject.en": "News"}, "body.en", "Enter the text."),
        ({"subject.tg": "о" * 151}, "subject.tg", "at most 150 characters"),
        ({"body.tg": "о" * 10_001}, "body.tg", "at most 10,000 characters"),
        ({"body.tg": "\ue000"}, "body.tg", "One of the characters cannot be used here."),
    ],
)
def test_an_error_is_shown_at_its_field_and_nothing_is_lost_or_saved(
    organizer: FlaskClient, db: Session, event: Event, changed: dict[str, str], field: str, sentence: str
) -> None:
    answer = organizer.post(base(event), data={**FIELDS, **changed})
    assert answer.status_code == 422
    assert f'href="#mailing-{field}"' in answer.text
    assert f'id="mailing-{field}"' in answer.text
    assert sentence in answer.text
    assert "Здравствуйте" in answer.text or "body.ru" in changed
    assert db.scalars(select(Mailing)).all() == []


def test_a_long_text_is_not_cut_because_its_subject_is_missing(organizer: FlaskClient, event: Event) -> None:
    answer = organizer.post(base(event), data={**FIELDS, "subject.tg": "", "body.tg": "о" * 9_999 + "н"})
    assert "о" * 9_999 + "н" in answer.text


def test_the_preview_is_the_email_itself(
    organizer: FlaskClient, event: Event, account: Account, draft: Mailing, settings: Settings
) -> None:
    for language in event.languages:
        answer = organizer.get(f"{base(event, draft)}preview/{language}")
        email = compose_test(draft, account, language, settings)
        preview = answer.text.replace(
            f"data:image/png;base64,{b64encode(email.inline[0].content).decode()}", "cid:cover.png@turnout"
        )
        html = email.html
        link = re.search(r'class="button" href="([^"]+)"', html)
        assert link is not None
        # A test has no link to unsubscribe; the mailing has one, and the preview shows it.
        footer = re.compile(r"<br><a href=\"[^\"]+\"[^>]*>[^<]+</a>\s*(?=</p>\s*</div>)")
        assert footer.search(preview) is not None
        assert re.sub(r"\s+", "", footer.sub("", preview)) == re.sub(r"\s+", "", html)
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "script" not in answer.text
    assert organizer.get(f"{base(event, draft)}preview/de").status_code == 404


def test_the_preview_has_the_photograph_of_the_email(
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


def test_the_preview_says_that_the_event_is_cancelled(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    for state, is_said in (("published", False), ("cancelled", True)):
        event.state = state
        db.flush()
        page = organizer.get(f"{base(event, draft)}preview/ru").text
        assert ("Отменено: Вечер выступлений" in page) is is_said


def test_unknown_braces_are_warned_of_before_sending(organizer: FlaskClient, db: Session, event: Event) -> None:
    right = {"subject.tg": "{ НОМ }, хабар", "body.tg": "Салом, {Name}. {ном}", "body.ru": "{Имя }, здравствуйте."}
    page = organizer.post(base(event), data={**FIELDS, **right}, follow_redirects=True).text
    assert "is sent exactly as written" not in page
    wrong = {"subject.ru": "Новость для {им}", "body.ru": "{имя}, {фамилия}, {фамилия}, {<b>}"}
    page = organizer.post(base(event), data={**FIELDS, **right, **wrong}, follow_redirects=True).text
    assert "Русский: this is sent exactly as written: {им} {фамилия} {&lt;b&gt;}. Only {имя} is replaced" in page
    assert page.count("is sent exactly as written") == 1


def test_a_test_is_sent_to_the_organizer_who_asks_for_it(
    organizer: FlaskClient, db: Session, event: Event, account: Account, draft: Mailing
) -> None:
    answer = organizer.post(f"{base(event, draft)}test", data={"language": "ru"})
    assert answer.headers["Location"].endswith("?said=tested&in=ru")
    owed = db.scalars(select(OutboxMessage).where(OutboxMessage.kind == "mailing_test")).one()
    assert (owed.subject, owed.key.split()[:2]) == (draft.id, [str(account.id), "ru"])
    assert organizer.post(f"{base(event, draft)}test", data={"language": "de"}).status_code == 404


def test_the_confirmation_counts_the_emails(organizer: FlaskClient, db: Session, event: Event, draft: Mailing) -> None:
    for _ in range(2):
        make_registration(db, event)
    make_registration(db, event, email=None, phone="+992918123456")
    mailings.unsubscribe(db, registration=make_registration(db, event))
    page = " ".join(organizer.get(base(event, draft)).text.split())
    assert "This sends 2 emails and cannot be undone." in page
    assert "Send 2 emails</button>" in page
    assert "1 more person gave no email address." in page
    assert "1 more person has unsubscribed and will not get this email." in page
    assert act(organizer, event, draft, "send").status_code == 303
    db.refresh(draft)
    assert draft.due_at is not None
    assert "Sending starts in a few seconds." in organizer.get(base(event, draft)).text


def test_a_mailing_without_recipients_is_not_sent(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    answer = act(organizer, event, draft, "send")
    assert answer.status_code == 409
    assert "No recipient can be reached by email. Nothing has been sent." in answer.text
    db.refresh(draft)
    assert draft.due_at is None


def test_a_draft_is_deleted(organizer: FlaskClient, db: Session, event: Event, draft: Mailing) -> None:
    assert act(organizer, event, draft, "delete").headers["Location"] == f"{base(event)}?said=deleted"
    assert db.scalars(select(Mailing)).all() == []
    assert "Mailing deleted." in organizer.get(f"{base(event)}?said=deleted").text


def test_the_inbox_of_a_private_events_guest_shows_a_neutral_subject(
    organizer: FlaskClient, db: Session, event: Event, draft: Mailing
) -> None:
    event.private = True
    db.flush()
    page = organizer.get(f"{base(event, draft)}?in=ru").text
    with i18n.use_language("ru"):
        assert i18n.gettext("email.mailing_subject_private") in page


def test_a_mailing_of_another_event_is_not_found(organizer: FlaskClient, db: Session, event: Event) -> None:
    foreign_event = make_event(db, organization=event.organization)
    foreign_mailing = Mailing(event_id=foreign_event.id, audience="confirmed", subject={"tg": "Х"}, body={"tg": "Х"})
    db.add(foreign_mailing)
    db.flush()
    for path in ("", "edit", "people", "calls", "progress.json", "preview/tg"):
        assert organizer.get(base(event, foreign_mailing) + path).status_code == 404, path
    for path in ("test", "send", "schedule", "unschedule", "delete", "stop", "edit"):
        assert organizer.post(base(event, foreign_mailing) + path, data={"language": "tg"}).status_code == 404, path


def test_a_draft_in_the_past_year_can_still_be_read(organizer: FlaskClient, db: Session, event: Event) -> None:
    mailing = Mailing(event_id=event.id, audience="came", subject={"en": "Old"}, body={"en": "Text"}, account_id=None)
    mailing.due_at = mailing.started_at = mailing.stopped_at = clock.now() - timedelta(days=400)
    db.add(mailing)
    db.flush()
    assert "Old" in organizer.get(base(event)).text
    assert "There was no one to send to." in organizer.get(base(event, mailing)).text
