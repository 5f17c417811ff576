"""The words of a person's page."""

from shared.models import CancelledBy, RegistrationState
from web.pages.organizer.people import wording, workbook


def test_every_state_of_a_registration_has_its_label() -> None:
    assert wording.STATES.keys() == set(RegistrationState)


def test_everyone_who_cancels_a_registration_has_its_label() -> None:
    assert wording.CANCELLED_BY.keys() == set(CancelledBy)
    assert workbook.WORDS["cancelled_by"].keys() == set(CancelledBy)
