"""The doctor's conversation with the email server, on a real one that refuses in each way."""

import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest

from shared.command.certificate import certificate_for
from shared.command.doctor import email_server
from shared.command.doctor.email_server import answers
from shared.command.home import free_port
from shared.config import Settings
from tests.support.doctor import faults, make_installation
from tests.support.email_server import Postbox, open_postbox

EVERYWHERE = "0.0.0.0"
"""An address of this machine that does not count as its own, as another machine's does not."""


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return a server's TLS context, with a certificate that this process trusts."""
    certificate_for(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


def said(settings: Settings, address: str) -> list[str]:
    """Return what the doctor says about the email server at an address."""
    return faults(answers, make_installation(settings, SMTP_URL=address))


def test_a_good_server_has_no_fault_and_gets_no_email(settings: Settings, tls: ssl.SSLContext) -> None:
    with open_postbox(tls) as box:
        box.password = "secret"
        assert said(settings, f"smtp://ann:secret@127.0.0.1:{box.port}?starttls=1") == []
        assert (box.logins, box.accepted) == (["ann:secret"], [])
    with open_postbox(tls, from_the_start=True) as box:
        assert said(settings, f"smtps://127.0.0.1:{box.port}") == []


def test_a_server_that_is_away_is_a_fault(settings: Settings) -> None:
    assert said(settings, f"smtp://127.0.0.1:{free_port()}") == [
        "the email server 127.0.0.1 does not answer (Connection refused): "
        "correct host and port in SMTP_URL, or ask the provider if the port is blocked"
    ]


def test_a_server_that_says_nothing_is_a_fault(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_server, "PATIENCE", 0.1)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        [fault] = said(settings, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
    assert fault.startswith("the email server 127.0.0.1 does not answer (Connection unexpectedly closed: timed out): ")


def test_a_password_that_smtp_cannot_send_is_a_fault(settings: Settings, tls: ssl.SSLContext) -> None:
    with open_postbox(tls) as box:
        [fault] = said(settings, f"smtp://ann:%D0%BF@127.0.0.1:{box.port}?starttls=1")
    assert fault.endswith("): write host, user and password in ASCII")


def test_a_wrong_password_is_a_fault(settings: Settings, tls: ssl.SSLContext) -> None:
    with open_postbox(tls) as box:
        box.password = "secret"
        assert said(settings, f"smtp://ann:wrong@127.0.0.1:{box.port}?starttls=1") == [
            "the email server 127.0.0.1 refuses the login (535 5.7.8 Authentication credentials invalid): "
            "correct user and password in SMTP_URL"
        ]


def _at_sender(box: Postbox) -> None:
    box.at_sender = "553-5.7.1 not\r\n553 yours"


def _at_recipient(box: Postbox) -> None:
    box.refuse("553 5.7.1 not yours")


@pytest.mark.parametrize("refuse", [_at_sender, _at_recipient])
def test_a_sender_that_is_refused_is_a_fault(settings: Settings, refuse) -> None:
    with open_postbox() as box:
        refuse(box)
        assert said(settings, box.url) == [
            "the email server 127.0.0.1 refuses emails from turnout@example.org (553 5.7.1 not yours): "
            "let MAIL_FROM name an address that it sends for, and SMTP_URL a user who may"
        ]


@pytest.mark.parametrize("answer", ["450 4.7.1 later", "550 5.1.1 no such user"])
def test_a_pause_and_a_sender_without_a_mailbox_are_no_fault(settings: Settings, answer: str) -> None:
    with open_postbox() as box:
        box.refuse(answer)
        assert said(settings, box.url) == []


def test_emails_and_passwords_in_plain_text_are_faults(settings: Settings, tls: ssl.SSLContext) -> None:
    with open_postbox(tls) as box:
        assert said(settings, f"smtp://{EVERYWHERE}:{box.port}") == [
            f"emails cross the network to {EVERYWHERE} unencrypted: add ?starttls=1 to SMTP_URL"
        ]
    with open_postbox() as box:
        assert said(settings, f"smtp://ann:secret@{EVERYWHERE}:{box.port}") == [
            f"the password for {EVERYWHERE} crosses the network unencrypted: use an email server with TLS"
        ]
        assert said(settings, f"smtp://{EVERYWHERE}:{box.port}") == []


def test_tls_that_is_not_offered_not_trusted_or_not_spoken_is_a_fault(
    settings: Settings, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_postbox() as box:
        [not_offered] = said(settings, f"{box.url}?starttls=1")
        [not_spoken] = said(settings, box.url.replace("smtp:", "smtps:"))
    monkeypatch.delenv("SSL_CERT_FILE")
    with open_postbox(tls, from_the_start=True) as box:
        [not_trusted] = said(settings, f"smtps://127.0.0.1:{box.port}")
    assert not_offered.startswith("the email server 127.0.0.1 lacks what SMTP_URL asks for (STARTTLS extension not")
    assert not_spoken.startswith("the email server 127.0.0.1 does not speak TLS as SMTP_URL says (")
    assert not_trusted.startswith("the email server 127.0.0.1 has a certificate that is not trusted (self-signed cert")
