"""An email in a language that is written from right to left."""

from pathlib import Path

from tests.support.received_email import page_of
from tests.support.strange_languages import MIRRORED, strange
from tests.worker.conftest import Tell

__all__ = ["strange"]


KINDS = ("registration_confirmed", "event_cancelled", "mailing")
"""With a ticket, without one, and what an organizer wrote; all have one frame."""


def test_an_email_says_its_direction(strange: Path, tell: Tell) -> None:
    for kind in KINDS:
        page = page_of(tell(kind, language=MIRRORED.code))
        assert f'<html lang="{MIRRORED.code}" dir="rtl">' in page, kind
        assert '<div class="sheet" dir="rtl"' in page, kind
