"""The forms of the doors page: valid values, and the errors of the rest."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared import clock
from shared.door.doors import Rules
from shared.i18n import use_language
from shared.models import Event, EventSession
from shared.tickets import short_code
from web.forms import FormError
from web.organizer.doors.form import (
    read_name,
    read_note,
    read_paper,
    read_pass,
    read_rules,
    refuse_large,
    refuse_unknown,
    typed_rules,
)

CODE = short_code("0123456789abcdef")


def refusal(call: Any) -> dict[str, str]:
    with pytest.raises(FormError) as caught:
        call()
    return caught.value.errors


def event(*sessions: int, zone: str = "Asia/Dushanbe") -> Event:
    return Event(zone=zone, sessions=[EventSession(id=number) for number in sessions])


def test_only_the_first_language_of_a_name_is_required() -> None:
    assert read_name({"name.ru": " Север\u200b\n "}, ["ru", "tg"]) == {"ru": "Север"}
    assert list(refusal(lambda: read_name({"name.tg": "Шимол"}, ["ru", "tg"]))) == ["name.ru"]
    assert list(refusal(lambda: read_name({"name.ru": "x", "name.tg": "y" * 61}, ["ru", "tg"]))) == ["name.tg"]


def test_submitted_values_are_repeated() -> None:
    with pytest.raises(FormError) as caught:
        read_name({"name.ru": "", "name.tg": "Шимол", "evil": "x"}, ["ru", "tg"])
    assert caught.value.values == {"name.ru": "", "name.tg": "Шимол"}


def test_rules_are_read_back_as_they_are_shown() -> None:
    stored: dict[str, Any] = {"doors_open_minutes": None, "held_minutes": 0, "admit_unlisted": False}
    stored |= {"walk_ins": True, "reentry": False, "initials": True}
    assert read_rules(typed_rules(Event(**stored))) == Rules(**stored)


def test_all_errors_in_rules_are_reported_at_once() -> None:
    assert list(refusal(lambda: read_rules({"opens": "١٢", "held": "1.5"}))) == ["opens", "held", "unlisted"]


@pytest.mark.parametrize("typed", ["", " "])
def test_a_pass_without_an_end_has_none(typed: str) -> None:
    assert read_pass({"phones": " 5 ", "expires": typed}, [], event(1)).expires_at is None


def test_an_ambiguous_time_is_the_later_one() -> None:
    year = clock.now().year + 1
    last_sunday = max(day for day in range(25, 32) if datetime(year, 10, day).weekday() == 6)
    typed = {"phones": "5", "expires": f"{year}-10-{last_sunday}T02:30"}
    door_pass = read_pass(typed, [], event(1, zone="Europe/Berlin"))
    assert door_pass.expires_at == datetime(year, 10, last_sunday, 1, 30, tzinfo=UTC)


def test_a_pass_for_every_session_is_a_pass_for_all() -> None:
    assert read_pass({"phones": "5"}, ["1", "2"], event(1, 2)).sessions == ()
    assert read_pass({"phones": "5"}, ["2"], event(1, 2)).sessions == (2,)
    assert list(refusal(lambda: read_pass({"phones": "5"}, ["3"], event(1, 2)))) == ["sessions"]


def test_a_pass_does_not_end_in_the_past() -> None:
    past = (clock.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert list(refusal(lambda: read_pass({"phones": "5", "expires": past}, [], event(1)))) == ["expires"]


def test_a_note_keeps_its_lines() -> None:
    assert read_note({"note": " one \r\n\r\n\r\n\u202etwo "}) == "one\n\ntwo"


def test_short_codes_are_read_with_their_lines() -> None:
    typed = f"\n{CODE[:4]}-{CODE[4:].lower()}\n\n{CODE}"
    assert read_paper({"door": "3", "codes": typed}, ["0123456789abcdef"]).codes == {CODE: 2}


def test_lines_without_a_code_are_named() -> None:
    wrong = CODE[:-1] + ("2" if CODE[-1] != "2" else "3")
    with use_language("en"):
        message = refusal(lambda: read_paper({"door": "3", "codes": f"{CODE}\n{wrong}\n{CODE}X"}, []))["codes"]
    assert [line.split(":")[0] for line in message.splitlines()] == [f"Line 2, {wrong}", f"Line 3, {CODE}X"]


def test_more_codes_than_a_list_can_hold_are_refused() -> None:
    assert list(refusal(lambda: read_paper({"door": "3", "codes": f"{CODE}\n" * 2001}, []))) == ["codes"]
    assert list(refusal(lambda: read_paper({"door": "3"}, ["0123456789abcdef"] * 2001))) == ["codes"]


def test_codes_of_no_ticket_are_named() -> None:
    assert "Line 7" in refusal(lambda: refuse_unknown({}, {CODE: 7}, set()))["codes"]
    refuse_unknown({}, {CODE: 7}, {CODE})


def test_an_upload_is_at_most_ten_megabytes() -> None:
    for length in (None, 0, 10 * 1024 * 1024):
        refuse_large(length)
    assert list(refusal(lambda: refuse_large(10 * 1024 * 1024 + 1))) == ["files"]
