"""The properties of all emails."""

import email
import email.policy
from email.message import EmailMessage
from itertools import combinations

import pytest

from shared import i18n, tokens
from shared.config import LANGUAGES, Settings
from shared.events import announcements
from shared.models import OutboxMessage
from shared.outbox import outbox
from shared.outbox.kinds import MessageKind
from tests.factories import make_account
from tests.support.email_server import Postbox
from tests.support.email_stories import KEYS, RECAP, STORIES, event_for, every_kind
from tests.support.received_email import entries_of, files, links_of, page_of, text_of
from tests.worker.conftest import enqueued_message
from worker.deliveries import prepare
from worker.email_message import Skipped

WICKED = 'Шариф" <x@y>\r\nBcc: all@example.org <b>{{ 7 * 7 }}'
NEWS = {"reminder", "thanks", "mailing"}
TO_ORGANIZERS = {"sign_in_link", "password_reset", "account_notice", "invitation", "mailing_test"}
"""About no registration: tests/worker/test_account_emails.py and test_trial.py."""


def test_every_kind_has_its_story():
    assert set(STORIES) == set(MessageKind) - TO_ORGANIZERS


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
def test_it_is_in_the_persons_language_and_no_line_of_it_in_another(tell, kind):
    letters = {language: tell(kind, language=language) for language in LANGUAGES}
    assert [letter["Content-Language"] for letter in letters.values()] == list(LANGUAGES)
    assert len({letter["Subject"] for letter in letters.values()}) == len(LANGUAGES)
    for lines, other_lines in combinations(map(lines_of, letters.values()), 2):
        assert lines & other_lines <= {"-- ", "Шариф", "Пешрафт", "National Library", *RECAP["en"].splitlines()}


def lines_of(message: EmailMessage) -> set[str]:
    return set(text_of(message).splitlines()) - {""}


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
def test_it_says_whom_to_ask_and_a_reply_goes_there(tell, db, kind):
    message = tell(kind, event_for(db, kind, contact="zarina@example.org"))
    assert message["Reply-To"] == "Peshraft <zarina@example.org>"
    assert "Questions: zarina@example.org" in text_of(message).splitlines()
    assert page_of(message).count('href="mailto:zarina@example.org"') == 1


@every_kind
def test_a_contact_number_can_be_called_and_is_no_reply_address(tell, db, kind):
    message = tell(kind, event_for(db, kind, contact="+992 93 123-45-67"))
    assert message["Reply-To"] is None
    assert "Questions: +992 93 123-45-67" in text_of(message).splitlines()
    assert 'href="tel:+992931234567"' in page_of(message)


@every_kind
def test_without_anyone_to_ask_it_says_nothing_of_it(tell, kind):
    message = tell(kind)
    assert message["Reply-To"] is None
    assert "Questions" not in text_of(message) + page_of(message)


@every_kind
def test_a_private_event_is_not_named_where_others_look(tell, db, kind):
    message = tell(kind, event_for(db, kind, private=True, confirm_by_mail=True))
    assert "talks" not in message["Subject"]
    assert message["Subject"].strip()
    assert [entry["SUMMARY"] for entry in entries_of(message, method_of(message))] in ([], ["Peshraft"])
    assert [name for name in files(message) if "evening" in name or "talks" in name] == []


@every_kind
def test_the_subject_of_a_private_event_reveals_nothing_on_a_lock_screen(tell, db, kind):
    words = {"en": "Violence at home", "ru": "Насилие дома", "tg": "Зӯроварӣ дар хона"}
    telling = dict.fromkeys(("title", "venue", "summary", "cancelled_because"), words)
    for language in LANGUAGES:
        event = event_for(db, kind, private=True, confirm_by_mail=True, **telling)
        subject = tell(kind, event, language=language)["Subject"]
        assert subject.strip()
        assert not [text for text in words.values() if text in subject]


@pytest.mark.parametrize("kind", ["mailing", "event_cancelled", "place_given_up", "place_taken_back"])
def test_of_a_cancelled_event_it_says_so_among_the_facts(db, post, kind):
    event = event_for(db, kind)
    if kind != "event_cancelled":
        announcements.cancel(db, event=event, because={}, by=make_account(db))
    registration = STORIES[kind](db, event, language="en")
    message = post(registration, kind, KEYS.get(kind, ""))
    assert "Cancelled: An evening of talks" in text_of(message).splitlines()
    assert ">Cancelled: An evening of talks</" in page_of(message)


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
    pictures = {
        f"cid:{part['Content-ID'][1:-1]}" for part in message.walk() if part.get_content_disposition() == "inline"
    }
    assert {f"cid:{name}@turnout" for name in files(message) if name.endswith(".png")} == pictures
    assert all(source in page_of(message) for source in pictures)
    assert "url(" not in page_of(message)
    assert "prefers-color-scheme: dark" in page_of(message)


@every_kind
def test_without_an_address_it_is_skipped(db, mailing, kind):
    registration = STORIES[kind](db, event_for(db, kind), email=None, phone="+992900000001")
    assert prepare(db, enqueued_message(db, registration, kind, KEYS.get(kind, "")), mailing) == Skipped("no address")


@every_kind
def test_a_registration_that_was_erased_is_skipped(db, mailing, kind):
    outbox.enqueue(db, kind, subject=999_999, key=KEYS.get(kind, ""))
    owed = db.query(OutboxMessage).filter_by(subject=999_999, kind=kind).one()
    assert prepare(db, owed, mailing) == Skipped("there is no such registration any more")
