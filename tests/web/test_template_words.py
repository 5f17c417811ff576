"""Templates compare states as text: each word that they name is a member of the enum."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import pytest

from shared.events.availability import OpenState
from shared.mailings.audiences import EmailState, UnknownReason
from shared.models import (
    AskedContacts,
    CancelledBy,
    ClosedReason,
    EventState,
    Precision,
    QuestionKind,
    RegistrationState,
    Role,
)
from shared.registrations.imports import RowResult

ROOT = Path(__file__).parents[2]
ENUMS: Mapping[str, tuple[type[StrEnum], ...]] = {
    "asks": (AskedContacts,),
    "availability.state": (OpenState, ClosedReason),
    "email_state": (EmailState,),
    "event.asks": (AskedContacts,),
    "event.known": (Precision,),
    "event.state": (EventState,),
    "membership.role": (Role,),
    "person.state": (RegistrationState,),
    "question.kind": (QuestionKind,),
    "registration.cancelled_by": (CancelledBy,),
    "registration.event.state": (EventState,),
    "registration.state": (RegistrationState,),
    "result": (RowResult,),
    "role": (Role,),
    "state": (EmailState,),
    "unknown": (UnknownReason,),
    "unknown[name]": (UnknownReason,),
    "wanted.state": (RegistrationState,),
}
"""What templates compare with words, each with its enums."""
OF_NO_ENUM = {"field.kind", "status.kind"}
"""Words of forms and of styles."""
FIELDS = {re.split(r"[.\[]", name.removesuffix("[name]"))[-1] for name in ENUMS}
COMPARISON = re.compile(r"""([\w.]+(?:\[\w+\])?) (?:==|!=|(?:not )?in) (["'][^"']*["']|\(["'][^)]*\))""")


def comparisons(text: str) -> Iterator[tuple[str, str]]:
    """Return what a template compares, each with a word."""
    for name, words in COMPARISON.findall(text):
        yield from ((name, word) for word in re.findall(r"\w[\w-]*", words))


def faults(text: str) -> list[str]:
    """List comparisons of a state, a kind and the like with a word that is no member of its enum."""
    compared = [(name, word) for name, word in comparisons(text) if name.split(".")[-1] in FIELDS | {"unknown[name]"}]
    return [
        f"{name} == {word}"
        for name, word in compared
        if name not in OF_NO_ENUM
        if word not in [member for enum in ENUMS.get(name, ()) for member in enum]
    ]


@pytest.mark.parametrize("folder", ["web/templates", "worker/templates"])
def test_each_word_that_a_template_compares_is_a_member_of_its_enum(folder: str) -> None:
    templates = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    assert {str(path): wrong for path in templates if (wrong := faults(path.read_text(encoding="utf-8")))} == {}


def test_everything_that_has_an_enum_is_compared_somewhere() -> None:
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("w*/templates/**/*.*")]
    assert ENUMS.keys() <= {name for text in texts for name, _ in comparisons(text)}


@pytest.mark.parametrize(
    "text",
    [
        '{% if registration.state == "waitng" %}',
        "{% if event.state != 'over' %}",
        '{% if registration.state in ("confirmed", "ofered") %}',
        '{% if other.state == "confirmed" %}',
    ],
)
def test_a_wrong_word_is_noticed(text: str) -> None:
    assert len(faults(text)) == 1
