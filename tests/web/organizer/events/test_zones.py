"""The time zone of an event: an unusable value is refused at its field, and nothing typed beside it is lost."""

import pytest

from shared.models import Event
from tests.support.editor import Save


@pytest.mark.parametrize(
    "zone", ["Europe", "America/Indiana", "x" * 100_000, "🕰" * 50, "localtime", "Factory", "../UTC", "Душанбе"]
)
def test_an_unknown_zone_is_refused_at_its_field(save: Save, zone: str) -> None:
    answer = save("time", zone=zone, starts_local="2038-05-01T18:30", ends_local="2038-05-01T20:00")
    assert answer.status_code == 422
    assert "Enter a time zone, for example Asia/Dushanbe." in answer.text
    assert 'value="2038-05-01T18:30"' in answer.text


def test_a_zone_is_saved_without_surrounding_blanks(save: Save, event: Event) -> None:
    assert save("time", zone=" Asia/Tashkent ").status_code == 303
    assert event.zone == "Asia/Tashkent"
