"""The demo's facts about real people are on record, and its invented people are no one's namesakes."""

import json
from typing import Any

import phonenumbers

from shared.command.demo.crowd import pool
from shared.command.demo.load import EVENING, EVENINGS, NAME, read
from shared.config import LANGUAGES

SPEAKERS = {
    "italk-when-hard-work-matters": {
        "Nigor Abduakhadova",
        "Pulat Shozimov",
        "Daler Gufronov",
        "Sherali Dzhurabayev",
        "Firuz Saidkhodzhayev",
        "Sokhib Yakubov",
        "Firuza Nasirova",
    },
    "italk-two-heads": {
        "Махинахон Сулаймонова",
        "Абдулло Курбонов",
        "Чахонгир Забиров",
        "Рустам Рахматулло",
        "Абдурахмон Рашидов",
        "Зухуршо Рахматуллоев",
    },
    "open-discussions-2017": {"Munira Inoyatova", "Aziza Salikhova", "Bakhrom Hamrokulov"},
    "workshops-media-and-debate": set(),
}
FAMILIES = {name.split()[1] for names in SPEAKERS.values() for name in names}
FAMILIES_ELSEWHERE = {
    "Якубов",
    "Насиров",
    "Гафронов",
    "Шозимов",
    "Салихов",
    "Хамрокулов",
    "Иноятов",
    "Kurbonov",
    "Rashidov",
}
PAST: list[dict[str, Any]] = read("past.json")
INVENTED = [*read("coming.json"), *EVENINGS, EVENING]


def test_each_real_event_names_its_own_speakers_and_no_one_else() -> None:
    named = {
        event["slug"]: {text for speaker in event.get("speakers", []) for text in speaker["name"].values()}
        for event in PAST
    }
    assert named == SPEAKERS


def test_partners_are_named_as_on_record_at_one_italk_and_nowhere_else() -> None:
    partners = {
        event["slug"]: [(partner["name"]["en"], partner["role"]["en"]) for partner in event["partners"]]
        for event in PAST
        if "partners" in event
    }
    assert partners == {
        "italk-when-hard-work-matters": [("Peshraft", "in conjunction with"), ("55 Group", "supported by")]
    }
    assert dict.fromkeys(LANGUAGES, "iTalk") == NAME
    assert "eshraft" not in json.dumps([*PAST[1:], *INVENTED])


def test_no_topic_is_invented_and_each_language_has_a_summary_of_its_own() -> None:
    text = json.dumps([{**event, "earlier": ""} for event in PAST], ensure_ascii=False)
    assert not [words for words in ("violence", "domestic", "learned to", "Vahdat", "share their") if words in text]
    assert "summary" not in PAST[2]
    for event in PAST:
        summaries = event.get("summary", {})
        assert set(summaries) in (set(), set(event["languages"]))
        assert len(set(summaries.values())) == len(summaries)


def test_only_what_was_counted_is_a_headcount() -> None:
    assert {event["slug"]: event["headcount"] for event in PAST if "headcount" in event} == {
        "open-discussions-2017": 22
    }


def test_invented_events_stand_at_no_real_venue_and_say_that_they_are_samples() -> None:
    real = {text for event in PAST for text in event.get("venue", {}).values()}
    for event in INVENTED:
        assert not real & set(event.get("venue", {}).values())
    marked = {"en": "A sample", "ru": "Образец", "tg": "Намуна"}
    assert {code: EVENING["summary"][code].partition(":")[0] for code in LANGUAGES} == marked


def test_made_up_people_share_no_family_name_with_a_speaker_and_no_address_is_anyones() -> None:
    families = {person.name.split()[1] for person in pool()}
    assert not families & FAMILIES
    assert not {family.removesuffix("а") for family in families} & FAMILIES_ELSEWHERE
    for person in pool():
        assert (person.email or "@guests.example").endswith("@guests.example")
    assert len({person.email or person.phone for person in pool()}) == len(pool())


def test_a_made_up_number_is_one_that_a_form_takes_and_no_network_has() -> None:
    numbers = [phonenumbers.parse(person.phone) for person in pool() if person.phone]
    assert len(numbers) > 40
    assert all(map(phonenumbers.is_possible_number, numbers))
    assert not any(map(phonenumbers.is_valid_number, numbers))
