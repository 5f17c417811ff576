"""The mailbox of a local installation."""

import os
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.conftest import Committed

HTML = """<html><head><title>Ticket</title></head><p>Your <b>ticket</b></p><script>alert(1)</script>
<img src="cid:ticket-1.png"><img src="cid:ticket-2.png">"""


def put(folder: Path, name: str, subject: str, *, age: int = 0) -> None:
    message = EmailMessage()
    message["To"], message["From"], message["Subject"] = "guest@example.org", "turnout@example.org", subject
    message["Date"] = "Wed, 07 Oct 2026 13:00:00 +0000"
    message.set_content("Your ticket\n")
    message.add_alternative(HTML, subtype="html")
    body = message.get_body(("html",))
    assert isinstance(body, EmailMessage)
    body.add_related(b"\x89PNG", maintype="image", subtype="png", cid="<ticket-1.png>")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="ticket.pdf")
    path = folder / f"{name}.eml"
    path.write_bytes(bytes(message))
    os.utime(path, (1_760_000_000 - age, 1_760_000_000 - age))


@pytest.fixture
def mailbox(committed: Committed, tmp_path: Path) -> FlaskClient:
    put(tmp_path, "older", "Билет", age=60)
    put(tmp_path, "newer", "Чипта")
    return committed.client(turnout_mailbox=tmp_path)


def test_emails_are_listed_the_newest_first(mailbox: FlaskClient) -> None:
    listed = mailbox.get("/mailbox.json").get_json()
    assert [email["id"] for email in listed] == ["newer", "older"]
    assert listed[0] == {
        "id": "newer",
        "to": "guest@example.org",
        "subject": "Чипта",
        "at": "2026-10-07T13:00:00+00:00",
        "eml": "/mailbox/newer.eml",
    }
    page = mailbox.get("/mailbox/").text
    assert page.index("Чипта") < page.index("Билет")


def test_the_list_is_bounded(mailbox: FlaskClient) -> None:
    assert [email["id"] for email in mailbox.get("/mailbox.json?limit=1&offset=1").get_json()] == ["older"]
    for odd in ("limit=-5", "limit=x", "offset=-1", "limit=99999999"):
        assert mailbox.get(f"/mailbox.json?{odd}").status_code == 200


def test_an_email_can_be_read_and_downloaded_as_it_was_sent(mailbox: FlaskClient, tmp_path: Path) -> None:
    page = mailbox.get("/mailbox/newer/").text
    assert "Your ticket" in page
    assert "ticket.pdf" in page
    assert mailbox.get("/mailbox/newer.eml").data == (tmp_path / "newer.eml").read_bytes()


def test_the_html_of_an_email_runs_no_script(mailbox: FlaskClient) -> None:
    answer = mailbox.get("/mailbox/newer/html")
    assert "<b>ticket</b>" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy


def test_an_emails_pictures_are_inline_and_its_links_open_outside_the_frame(mailbox: FlaskClient) -> None:
    content = mailbox.get("/mailbox/newer/html")
    assert '<img src="data:image/png;base64,iVBORw==">' in content.text
    assert '<img src="cid:ticket-2.png">' in content.text
    assert '<head><base target="_blank">' in content.text
    page = mailbox.get("/mailbox/newer/").text
    for text in (content.headers["Content-Security-Policy"], page):
        assert "allow-popups allow-popups-to-escape-sandbox" in text


def test_an_email_that_is_deleted_meanwhile_is_not_listed_and_not_found(
    mailbox: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: [*whole(self, pattern), self / "dropped.eml"])
    assert [email["id"] for email in mailbox.get("/mailbox.json").get_json()] == ["newer", "older"]
    assert mailbox.get("/mailbox/").status_code == 200
    monkeypatch.setattr(Path, "is_file", lambda self: True)
    (tmp_path / "newer.eml").unlink()
    for form in (".eml", "/", "/html"):
        assert mailbox.get(f"/mailbox/newer{form}").status_code == 404


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fetc%2fpasswd", "../secret", ".."])
def test_only_emails_in_the_folder_are_shown(mailbox: FlaskClient, tmp_path: Path, name: str) -> None:
    put(tmp_path.parent, "secret", "not yours")
    for form in (".eml", "/", "/html"):
        assert mailbox.get(f"/mailbox/{name}{form}").status_code == 404


def test_there_is_no_mailbox_without_a_folder_or_on_a_public_address(committed: Committed, tmp_path: Path) -> None:
    public = committed.client(turnout_mailbox=tmp_path, base_url="https://turnout.example")
    for client in (committed.client(), public):
        assert client.get("/mailbox/").status_code == 404
        assert client.get("/mailbox.json").status_code == 404
