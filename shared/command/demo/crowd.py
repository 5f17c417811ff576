"""Made-up people with believable names. Their addresses end in .example, where no email arrives (RFC 2606)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

POOL = 520
"""The number of people in all sample evenings: few enough that many return."""
PARTS = Path(__file__).with_name("people.json")
SPELLINGS = {"tg": 0, "ru": 1, "en": 2}
LANGUAGES = (("tg", "ru", "en"), (55, 35, 10))
PHONES = 0.15
"""The share of people with a number and no address; its prefix is one that no network of the country has."""


@dataclass(frozen=True, slots=True)
class Person:
    """An attendee of sample evenings, with an address or a number."""

    name: str
    language: str
    email: str | None = None
    phone: str | None = None


@cache
def pool() -> Sequence[Person]:
    """Return the attendees of sample evenings; the same at every call."""
    random = Random("turnout")  # noqa: S311 - nothing is kept secret by it
    return [_person(random, number) for number in range(POOL)]


def draw_name(random: Random, language: str) -> str:
    """Return a name in the spelling of a language."""
    return _name(*_draw(random), language)


def _person(random: Random, number: int) -> Person:
    first_names, family = _draw(random)
    (language,) = random.choices(*LANGUAGES)
    name = _name(first_names, family, language)
    if random.random() < PHONES:
        return Person(name, language, phone=f"+992600{number:06}")
    mailbox = _name(first_names, family, "en").lower().replace(" ", ".")
    return Person(name, language, email=f"{mailbox}{number}@guests.example")


def _draw(random: Random) -> tuple[Sequence[str], Sequence[str]]:
    """Return a given name and a family name, each in every spelling."""
    names = _parts()
    group = random.choice(("women", "men"))
    first_names, family = random.choice(names[group]), random.choice(names["families"])
    if group == "women":
        family = [
            spelling + end if spelling.endswith(("в", "v")) else spelling
            for spelling, end in zip(family, "ааa", strict=True)
        ]
    return first_names, family


def _name(first_names: Sequence[str], family: Sequence[str], language: str) -> str:
    return f"{first_names[SPELLINGS[language]]} {family[SPELLINGS[language]]}"


@cache
def _parts() -> dict[str, list[list[str]]]:
    names: dict[str, list[list[str]]] = json.loads(PARTS.read_text(encoding="utf-8"))
    return names
