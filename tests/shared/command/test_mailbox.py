"""The mail server that delivers to a folder."""

import smtplib
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from shared.command.home import free_port
from shared.command.mailbox import MESSAGE_BYTES, Folder
from shared.command.plan import listens
from shared.command.processes import Process, halt, spawn, wait_until


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Run a mailbox in a process of its own, which delivers to tmp_path / "mail"; return its port."""
    port = free_port()
    command = (
        sys.executable,
        "-m",
        "shared.command.mailbox",
        "--port",
        str(port),
        "--directory",
        str(tmp_path / "mail"),
    )
    part = Process("mailbox", command, tmp_path)
    with (tmp_path / "log").open("wb") as log:
        process = spawn(part, log)
    assert wait_until(lambda: listens(port), lambda: process.poll() is None, 60)
    yield port
    halt(process, part.stop)
    assert process.returncode == 0, (tmp_path / "log").read_text()


def _message(text: str) -> EmailMessage:
    message = EmailMessage()
    message["To"] = "Ҷаҳонгир <jahongir@example.org>"
    message["From"] = "turnout@example.org"
    message["Subject"] = "Чипта"
    message.set_content(text)
    return message


def test_an_email_arrives_as_a_file_that_only_we_can_read(port: int, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(_message("Марҳамат"))
    (stored,) = (tmp_path / "mail").iterdir()
    assert stored.suffix == ".eml"
    assert stored.stat().st_mode & 0o077 == 0
    assert b"example.org" in stored.read_bytes()


def test_an_email_that_is_too_large_is_refused_and_not_stored(port: int, tmp_path: Path) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server, pytest.raises(smtplib.SMTPResponseException) as refusal:
        server.send_message(_message("x" * MESSAGE_BYTES))
    assert refusal.value.smtp_code == 552
    assert list((tmp_path / "mail").iterdir()) == []


def test_the_folder_keeps_the_newest_in_order_and_knows_them_after_a_restart(tmp_path: Path) -> None:
    before = Folder(tmp_path, limit=3)
    stored = [before.store(str(number).encode()) for number in range(3)]
    after = Folder(tmp_path, limit=3)
    stored.append(after.store(b"3"))
    assert sorted(tmp_path.iterdir()) == stored[1:]
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["1", "2", "3"]
