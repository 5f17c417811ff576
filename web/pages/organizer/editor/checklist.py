"""The checklist of an event: items required before it is published, and advice to improve it."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared import clock
from shared.database import Texts
from shared.events import drafts, slugs, timetable
from shared.events.programme import KINDS
from shared.i18n import deferred, gettext
from shared.models import Event, EventState
from web.forms import events as forms
from web.pages.organizer.editor.page import TITLES
from web.templating import LANGUAGE_NAMES

REQUIRED = {
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
TRANSLATED = frozenset(("texts", "long_texts"))
"""The kinds of field that hold a text in each language."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the checklist, and the section of the editor where it is fixed."""

    section: str
    sentence: str
    is_required: bool = False


def of_event(event: Event) -> list[Item]:
    """Return the missing items and the advice, required items first."""
    missing = [REQUIRED[name] for name in drafts.missing(event)]
    required = [Item(section, gettext(sentence), True) for section, sentence in missing]
    return [*required, *_advice(event)]


def gaps(event: Event, code: str) -> list[str]:
    """Return the texts that the event has in another of its languages and not in this one."""
    return [name for name in TEXTS if getattr(event, name) and not getattr(event, name).get(code)]


def has_revealing_address(event: Event) -> bool:
    """Return whether the address of a private event has words in it, which can reveal its topic to a reader."""
    return event.private and not slugs.is_wordless(event.slug)


def _advice(event: Event) -> Iterator[Item]:
    for code in event.languages:
        missing = ", ".join(gettext(TEXTS[name]) for name in gaps(event, code))
        if missing:
            sentence = gettext("editor.text_gaps", language=LANGUAGE_NAMES[code], texts=missing)
            yield Item("texts", sentence)
    for section, title in TITLES.items():
        missing = ", ".join(LANGUAGE_NAMES[code] for code in event.languages if _has_gaps(event, section, code))
        if missing:
            sentence = gettext("editor.part_gaps", part=gettext(title), languages=missing)
            yield Item(section, sentence)
    for section, applies, sentence in _advice_of_sections(event):
        if applies:
            yield Item(section, gettext(sentence))


def _has_gaps(event: Event, section: str, code: str) -> bool:
    return any(any(text.values()) and not text.get(code) for text in _texts(event, section))


def _texts(event: Event, section: str) -> Iterator[Texts]:
    """Yield every text of a section; none of "texts", since its gaps are named one by one."""
    if section in KINDS:
        names = [field.name for field in forms.row_fields(section, event) if field.kind in TRANSLATED]
        yield from (getattr(row, name) for row in getattr(event, section) for name in names)
    elif section != "texts":
        yield from (getattr(event, field.name) for field in forms.SECTIONS.get(section, ()) if field.kind in TRANSLATED)
    if section == "questions":
        yield from (option["label"] for question in event.questions for option in question.options)


def _advice_of_sections(event: Event) -> Iterator[tuple[str, bool, str]]:
    """Yield each piece of advice: its section, whether it applies to the event, and its sentence."""
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
    same_room = timetable.room_conflicts(event)
    yield "sessions", bool(same_room), deferred("editor.advice_same_room")
    yield (
        "sessions",
        len(timetable.overlapping(event)) > len(same_room),
        deferred("editor.advice_overlap"),
    )
    is_draft, is_revealing = event.state == EventState.DRAFT, has_revealing_address(event)
    yield (
        "#address-slug",
        is_revealing and is_draft,
        deferred("editor.advice_draft_address"),
    )
    yield (
        "copy",
        is_revealing and not is_draft,
        deferred("editor.advice_public_address"),
    )
    yield "sessions", _is_outside(event), deferred("editor.advice_outside")


def _is_outside(event: Event) -> bool:
    if not (event.starts_at and event.ends_at):
        return False
    return any(
        (session.starts_at and session.starts_at < event.starts_at)
        or (session.ends_at and session.ends_at > event.ends_at)
        for session in event.sessions
    )
