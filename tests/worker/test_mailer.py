"""The mailer, against a mail server on a real socket."""

import contextlib
import email
import email.policy
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.header import decode_header, make_header
from uuid import UUID, uuid4

import pytest

from shared.command.certificate import certificate_for
from shared.config import Settings
from tests.support.email_server import Postbox, open_postbox
from worker.email_message import Email, File, mailbox
from worker.mailer import Mailer, message_id_of

MESSAGE = UUID("4c7b7d55-9f6a-4a35-9f9d-0f2d5e5a1c11")


def make_mail(**overrides: object) -> Email:
    fields: dict[str, object] = {
        "to": "sharif@example.org",
        "name": "Шариф Раҳимзода",
        "sender": "Пешрафт",
        "language": "tg",
        "subject": "Чиптаи Шумо",
        "text": "Салом.\n.\nнуқта",
        "html": "<p>Салом.</p>",
    }
    return Email(**{**fields, **overrides})  # type: ignore[arg-type]  # each has its own type


def test_an_email_arrives_unchanged(mailing: Settings, postbox: Postbox):
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(), message_id=MESSAGE)
    [message] = postbox.accepted
    assert message["To"] == "Шариф Раҳимзода <sharif@example.org>"
    assert message["From"] == "Пешрафт <turnout@example.org>"
    assert message["Subject"] == "Чиптаи Шумо"
    assert message["Message-ID"] == f"<{MESSAGE}@turnout.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.tzinfo is not None
    assert message.get_body(("plain",)).get_content() == "Салом.\n.\nнуқта"
    assert message.get_body(("html",)).get_content() == "<p>Салом.</p>"
    assert postbox.recipients == ["sharif@example.org"]
    assert [part.defects for part in message.walk() if part.defects] == []


def test_no_line_of_a_text_ends_its_part(mailing: Settings, postbox: Postbox):
    text = "--=_mixed\n--=_alternative--\n--=_related"
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(text=text, html=f"<pre>{text}</pre>"), message_id=MESSAGE)
    [message] = postbox.accepted
    assert message.get_body(("plain",)).get_content() == text
    assert message.get_body(("html",)).get_content() == f"<pre>{text}</pre>"


def test_pictures_are_shown_and_files_are_attached(mailing: Settings, postbox: Postbox):
    picture, calendar = (
        File("qr.png", "image/png", b"\x89PNG"),
        File("event.ics", "text/calendar; method=PUBLISH", b"BEGIN"),
    )
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(inline=(picture,), attachments=(calendar,)), message_id=MESSAGE)
    [message] = postbox.accepted
    parts = {part.get_filename(): part for part in message.walk() if part.get_filename()}
    assert parts["qr.png"]["Content-ID"] == "<qr.png@turnout>"
    assert parts["qr.png"].get_content() == b"\x89PNG"
    assert parts["event.ics"].get_content_disposition() == "attachment"
    assert parts["event.ics"].get_param("method") == "PUBLISH"


def test_a_name_cannot_become_a_header_or_an_address(mailing: Settings, postbox: Postbox):
    wicked = make_mail(name='A" <evil@example.org>\r\nBcc: all@example.org', subject="Hi\r\nBcc: all@example.org")
    with Mailer(mailing) as mailer:
        mailer.send(wicked, message_id=MESSAGE)
    [message] = postbox.accepted
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["sharif@example.org"]
    assert postbox.recipients == ["sharif@example.org"]


def test_a_long_name_stays_whole(mailing: Settings, postbox: Postbox):
    name = "Абдураҳмони Ҷаҳонгирзодаи Хуҷандӣ " * 4
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(name=name, subject=name), message_id=MESSAGE)
    # By the older parser: the newer one of Python 3.11 puts spaces between the parts of one name.
    message = email.message_from_bytes(postbox.contents[0])
    assert str(make_header(decode_header(message["To"]))) == f"{name.strip()} <sharif@example.org>"
    assert str(make_header(decode_header(message["Subject"]))) == name.strip()
    assert max(map(len, postbox.contents[0].splitlines())) <= 78


def test_a_domain_in_cyrillic_is_written_in_ascii(mailing: Settings, postbox: Postbox):
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(to="sharif@пример.рф"), message_id=MESSAGE)
    assert postbox.recipients == ["sharif@xn--e1afmkfd.xn--p1ai"]


def test_an_address_in_cyrillic_is_sent_as_it_is(mailing: Settings, postbox: Postbox):
    with Mailer(mailing) as mailer:
        mailer.send(make_mail(to="шариф@пример.рф"), message_id=MESSAGE)
    assert postbox.recipients == ["шариф@пример.рф"]


def test_emails_of_one_tick_share_a_connection(mailing: Settings, postbox: Postbox):
    with Mailer(mailing) as mailer:
        for _ in range(3):
            mailer.send(make_mail(), message_id=uuid4())
    assert len(postbox.accepted) == 3
    assert postbox.connections == 1


def test_a_connection_that_was_lost_is_made_again(mailing: Settings):
    with open_postbox() as first:
        mailer = Mailer(mailing.model_copy(update={"smtp_url": first.url}))
        mailer.send(make_mail(), message_id=MESSAGE)
    with open_postbox(port=first.port) as second, mailer:
        mailer.send(make_mail(), message_id=MESSAGE)
        assert len(second.accepted) == 1


def test_a_refusal_does_not_affect_the_next_email(mailing: Settings, postbox: Postbox):
    with Mailer(mailing) as mailer:
        postbox.refuse("451 4.3.0 later")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            mailer.send(make_mail(), message_id=MESSAGE)
        postbox.refuse(None)
        mailer.send(make_mail(), message_id=MESSAGE)
    assert len(postbox.accepted) == 1


@pytest.fixture
def certificate(tmp_path, monkeypatch) -> ssl.SSLContext:
    """Return a server's TLS context, with a certificate that this process trusts."""
    certificate_for(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


@pytest.mark.parametrize(
    ("from_the_start", "url"),
    [(False, "smtp://door:p%40ss@127.0.0.1:{}?starttls=1"), (True, "smtps://door:p%40ss@127.0.0.1:{}")],
    ids=["starttls", "smtps"],
)
def test_it_encrypts_and_logs_in_as_the_address_says(mailing: Settings, certificate, from_the_start, url):
    with open_postbox(certificate, from_the_start=from_the_start) as box:
        settings = mailing.model_copy(update={"smtp_url": url.format(box.port)})
        with Mailer(settings) as mailer:
            mailer.send(make_mail(), message_id=MESSAGE)
        assert box.logins == ["door:p@ss"]
        assert len(box.accepted) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(mailing: Settings, certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with open_postbox(certificate, from_the_start=True) as box:
        settings = mailing.model_copy(update={"smtp_url": f"smtps://127.0.0.1:{box.port}"})
        with Mailer(settings) as mailer, pytest.raises(ssl.SSLCertVerificationError):
            mailer.send(make_mail(), message_id=MESSAGE)


@contextlib.contextmanager
def dripping() -> Iterator[tuple[int, threading.Event]]:
    """Run a server that says one more letter of its greeting whenever a client might give up; return its port and
    whether the client gave up first.
    """
    over, gave_up = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                for _ in range(1000):
                    if over.wait(0.05):
                        return
                    client.sendall(b"2")
                gave_up.set()

        thread = threading.Thread(target=drip)
        thread.start()
        yield server.getsockname()[1], gave_up
        over.set()
        thread.join(5)


def test_a_server_that_never_finishes_is_cut_off(mailing: Settings):
    with dripping() as (port, gave_up):
        mailer = Mailer(mailing.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{port}"}), deadline=0.3)
        with pytest.raises((smtplib.SMTPException, OSError)):
            mailer.send(make_mail(), message_id=MESSAGE)
        assert not gave_up.is_set()


def test_no_server_is_an_error_of_the_network(mailing: Settings):
    with pytest.raises(OSError, match="refused"):
        Mailer(mailing.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})).send(make_mail(), message_id=MESSAGE)


def test_a_message_id_is_the_same_for_each_attempt():
    assert message_id_of(MESSAGE, "https://turnout.example:8443") == f"<{MESSAGE}@turnout.example>"


@pytest.mark.parametrize(
    "name", ["A" * 120, "Ҷ" * 120, "Ann <evil@evil.example>, B", "Ann; B: C (x) [y]", "Эй, <evil@evil.example>"]
)
def test_whatever_a_name_holds_there_is_one_recipient(name: str):
    header = mailbox(name, "sharif@example.org", "To")
    [recipient] = email.message_from_string(f"To: {header}\n\n", policy=email.policy.default)["To"].addresses
    assert recipient.addr_spec == "sharif@example.org"
    # Python's newer parser puts spaces between the parts of one name.
    assert recipient.display_name.replace(" ", "") == name.replace(" ", "")
    assert max(map(len, header.splitlines())) <= 130
