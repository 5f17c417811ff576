"""What an event still needs before it is published, and what would make it better."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared import clock
from shared.database import Texts
from shared.i18n import deferred, gettext
from shared.models import Event
from shared.operations import addresses, drafts, timetable
from shared.operations.programme import KINDS
from web.forms import events as forms
from web.pages.organizer.editor.page import TITLES
from web.templating import LANGUAGE_NAMES

NEEDS = {
    "title": ("texts", deferred("editor.missing_title")),
    "time": ("time", deferred("editor.missing_time")),
    "place": ("time", deferred("editor.missing_venue")),
}
TEXTS = {
    "title": deferred("editor.text_title"),
    "summary": deferred("editor.text_summary"),
    "description": deferred("editor.text_description"),
    "bring": deferred("editor.text_bring"),
    "accessibility": deferred("editor.text_accessibility"),
}
WRITTEN = frozenset(("texts", "long_texts"))
"""The kinds of field that have a text in each language."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list, and the part of the editor where it is mended."""

    part: str
    sentence: str
    is_needed: bool = False


def of_event(event: Event) -> list[Item]:
    """Everything that is missing, what is needed first."""
    needed = [Item(part, gettext(words), True) for part, words in (NEEDS[word] for word in drafts.missing(event))]
    return [*needed, *_advice(event)]


def gaps(event: Event, code: str) -> list[str]:
    """The texts that are written in another language of the event and not in this one."""
    return [name for name in TEXTS if getattr(event, name) and not getattr(event, name).get(code)]


def has_telling_address(event: Event) -> bool:
    """Whether a private event stands under words, which may tell its topic to who sees the address."""
    return event.private and not addresses.is_wordless(event.slug)


def _advice(event: Event) -> Iterator[Item]:
    for code in event.languages:
        missing = ", ".join(gettext(TEXTS[name]) for name in gaps(event, code))
        if missing:
            sentence = gettext("editor.text_gaps", language=LANGUAGE_NAMES[code], texts=missing)
            yield Item("texts", sentence)
    for part, title in TITLES.items():
        missing = ", ".join(LANGUAGE_NAMES[code] for code in event.languages if _has_gaps(event, part, code))
        if missing:
            sentence = gettext("editor.part_gaps", part=gettext(title), languages=missing)
            yield Item(part, sentence)
    for part, is_missing, sentence in _facts(event):
        if is_missing:
            yield Item(part, gettext(sentence))


def _has_gaps(event: Event, part: str, code: str) -> bool:
    return any(any(text.values()) and not text.get(code) for text in _texts(event, part))


def _texts(event: Event, part: str) -> Iterator[Texts]:
    """Every text of a part but "texts", whose own are named one by one."""
    if part in KINDS:
        names = [field.name for field in forms.row_fields(part, event) if field.kind in WRITTEN]
        yield from (getattr(row, name) for row in getattr(event, part) for name in names)
    elif part != "texts":
        yield from (getattr(event, field.name) for field in forms.PARTS.get(part, ()) if field.kind in WRITTEN)
    if part == "questions":
        yield from (option["label"] for question in event.questions for option in question.options)


def _facts(event: Event) -> Iterator[tuple[str, bool, str]]:
    yield "time", event.is_over(clock.now()), deferred("editor.advice_over")
    yield "texts", not event.summary, deferred("editor.advice_summary")
    yield "texts", not event.description, deferred("editor.advice_description")
    yield "texts", not event.contact, deferred("event.contact_label")
    yield "speakers", not event.speakers, deferred("editor.advice_speakers")
    yield (
        "registration",
        event.seats_left(event.ticket_types) is None,
        deferred("editor.advice_capacity"),
    )
    meeting = timetable.room_conflicts(event)
    yield "sessions", bool(meeting), deferred("editor.advice_same_room")
    yield (
        "sessions",
        len(timetable.overlapping(event)) > len(meeting),
        deferred("editor.advice_overlap"),
    )
    is_draft, is_telling = event.state == "draft", has_telling_address(event)
    yield (
        "#address-slug",
        is_telling and is_draft,
        deferred("editor.advice_draft_address"),
    )
    yield (
        "copy",
        is_telling and not is_draft,
        deferred("editor.advice_public_address"),
    )
    yield "sessions", _is_outside(event), deferred("editor.advice_outside")


def _is_outside(event: Event) -> bool:
    if not (event.starts_at and event.ends_at):
        return False
    return any(
        (part.starts_at and part.starts_at < event.starts_at) or (part.ends_at and part.ends_at > event.ends_at)
        for part in event.sessions
    )
