"""The words of a person's page."""

from shared.models import RegistrationState
from web.organizer.people import texts as wording


def test_every_state_of_a_registration_has_its_label() -> None:
    assert wording.STATES.keys() == set(RegistrationState)
