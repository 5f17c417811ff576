"""The words of a person's page."""

from shared.models import RegistrationState
from web.pages.organizer.people import wording


def test_every_state_of_a_registration_has_its_label() -> None:
    assert wording.STATES.keys() == set(RegistrationState)
