"""What is wrong with the emails is noticed: lost ones, second attempts, and missing attachments."""

from pathlib import Path

import pytest

from bench import emails
from shared import clock
from shared.database import make_sessions
from shared.models import OutboxMessage
from tests.conftest import Committed

WHOLE = b"\n".join(b"Content-Type: " + part for part in emails.PARTS)


def queue(committed: Committed, *, attempts: int = 1) -> None:
    """Leave two emails that were sent and one that no one has begun."""
    with make_sessions(committed.engine).begin() as db:
        sent = {"outcome": "sent", "finished_at": clock.now(), "attempts": attempts}
        db.add_all(OutboxMessage(kind="registration_confirmed", subject=number, **sent) for number in (1, 2))
        db.add(OutboxMessage(kind="registration_confirmed", subject=3))


@pytest.mark.parametrize(
    ("arrived", "attempts", "faults"),
    [
        ([WHOLE, WHOLE], 1, []),
        ([WHOLE], 1, ["2 were sent, 1 arrived"]),
        ([WHOLE, WHOLE], 2, ["2 were not sent at the first attempt"]),
        ([WHOLE, WHOLE.replace(b"pdf", b"")], 1, ["an email without application/pdf"]),
    ],
)
def test_each_email_is_sent_once_with_its_attachments_and_the_rest_is_forgotten(
    committed: Committed, tmp_path: Path, arrived: list[bytes], attempts: int, faults: list[str]
) -> None:
    queue(committed, attempts=attempts)
    for number, content in enumerate(arrived):
        (tmp_path / f"{number}.eml").write_bytes(content)
    assert emails.empty_queue(committed.engine, tmp_path) == faults
    with make_sessions(committed.engine).begin() as db:
        assert {message.subject for message in db.query(OutboxMessage)} == {1, 2}
