"""The forms of the event editor, as tables of fields: a form for each section, and for each type of row."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.config import LANGUAGES
from shared.events.drafts import Sketch
from shared.events.editing import Timing
from shared.events.slugs import SLUG_LIMIT
from shared.i18n import deferred, gettext
from shared.models import AskedContacts, Event, Precision
from web.forms import FormError, questions
from web.forms.fields import SENTENCES as FIELD_SENTENCES
from web.forms.fields import Field, Setting, Wall, read

TITLE, LINE, STORY = 200, 300, 10_000

SENTENCES = {
    **FIELD_SENTENCES,
    **questions.SENTENCES,
    "before_start": deferred("event.end_before_start_error"),
    "opens_later": deferred("event.start_before_opening_error"),
    "opens_too_late": deferred("event.opens_after_start_error"),
    "closes_too_soon": deferred("event.closes_before_opening_error"),
    "time_missing": deferred("event.time_missing_error"),
    "day_needed": deferred("event.day_needed_error"),
    "time_given": deferred("event.time_given_error"),
    "part_jumped": deferred("event.session_skipped_hour_error"),
    "end_jumped": deferred("event.end_skipped_hour_error"),
    "under_taken": deferred("event.capacity_below_taken_error"),
    "same_room": deferred("programme.same_room_error"),
    "parts_meet": deferred("event.sessions_meet_error"),
    "sessions_missing": deferred("ticket_type.sessions_missing_error"),
    "key_taken": deferred("question.duplicate_error"),
    "slug": deferred("event.address_form_error"),
    "slug_taken": deferred("event.address_taken_error"),
    "first_language": deferred("event.first_language_error"),
    "series_taken": deferred("series.name_taken_error"),
    "series_many": deferred("series.limit_error"),
    "channel_taken": deferred("share.link_name_taken_error"),
    "picture_bytes": deferred("event.picture_size_error"),
    "picture_pixels": deferred("event.picture_pixels_error"),
    "picture_format": deferred("event.picture_format_error"),
    "picture_missing": deferred("event.picture_missing_error"),
}
"""The sentence at a field, by the reason of the Invalid."""

PRECISIONS: Mapping[str, str] = {
    Precision.MINUTE: deferred("event.precision_minute"),
    Precision.DAY: deferred("event.precision_day"),
    Precision.ABOUT: deferred("event.precision_month"),
    Precision.UNKNOWN: deferred("event.precision_unknown"),
}
CONTACT_DETAILS: Mapping[str, str] = {
    AskedContacts.EITHER: deferred("event.contact_either"),
    AskedContacts.EMAIL: deferred("event.contact_email"),
    AskedContacts.PHONE: deferred("event.contact_phone"),
    AskedContacts.BOTH: deferred("event.contact_both"),
}
SPOKEN_LANGUAGES = {
    "tg": deferred("event.language_tajik"),
    "ru": deferred("event.language_russian"),
    "en": deferred("event.language_english"),
    "uz": deferred("event.language_uzbek"),
    "fa": deferred("event.language_persian"),
    "sgh": deferred("event.language_shughni"),
    "ky": deferred("event.language_kyrgyz"),
}

TEXTS = (
    Field(name="title", label=deferred("event.title_label"), kind="texts", limit=TITLE, needed=True),
    Field(name="summary", label=deferred("event.summary_label"), kind="texts", limit=LINE),
    Field(name="description", label=deferred("event.description_label"), kind="long_texts", limit=STORY),
    Field(name="bring", label=deferred("event.bring_label"), kind="long_texts", limit=LINE * 3),
    Field(name="accessibility", label=deferred("event.accessibility_label"), kind="long_texts", limit=LINE * 3),
    Field(name="spoken", label=deferred("event.spoken_languages_label"), kind="ticks", choices=SPOKEN_LANGUAGES),
    Field(
        name="contact",
        label=deferred("event.contact_label"),
        hint=deferred("event.contact_hint"),
    ),
)
SPAN = (
    Field(name="starts_local", label=deferred("event.starts_label"), kind="wall"),
    Field(name="ends_local", label=deferred("event.ends_label"), kind="wall"),
)
WALL_FIELDS = tuple(field.name for field in SPAN)
TIME = (
    Field(name="known", label=deferred("event.precision_label"), kind="choice", choices=PRECISIONS),
    *SPAN,
    Field(name="zone", label=deferred("common.time_zone"), kind="zone"),
    Field(name="time_note", label=deferred("event.time_note_label"), kind="texts", limit=LINE),
)
PLACE = (
    Field(name="venue", label=deferred("event.venue_name_label"), kind="texts"),
    Field(name="address", label=deferred("event.street_label"), kind="texts"),
    Field(name="city", label=deferred("event.city_label"), kind="texts"),
    Field(
        name="map_link",
        label=deferred("event.map_link_label"),
        kind="link",
        limit=1000,
        hint=deferred("event.map_link_hint"),
    ),
)
CAPACITY = Field(
    name="capacity", label=deferred("event.capacity_label"), kind="number", hint=deferred("event.capacity_hint")
)
REGISTRATION = (
    CAPACITY,
    Field(
        name="opens_at",
        label=deferred("event.opens_label"),
        kind="moment",
        hint=deferred("event.opens_hint"),
    ),
    Field(
        name="closes_at",
        label=deferred("event.closes_label"),
        kind="moment",
        hint=deferred("event.closes_hint"),
    ),
    Field(
        name="waiting_list",
        label=deferred("common.waiting_list"),
        kind="tick",
        hint=deferred("event.waiting_list_hint"),
    ),
    Field(name="asks", label=deferred("event.contact_details_label"), kind="choice", choices=CONTACT_DETAILS),
    Field(
        name="confirm_by_mail",
        label=deferred("event.confirm_by_email_label"),
        kind="tick",
        hint=deferred("event.confirm_by_email_hint"),
    ),
    Field(
        name="private",
        label=deferred("event.private_label"),
        kind="tick",
        hint=deferred("event.private_hint"),
    ),
    Field(
        name="reminders",
        label=deferred("event.reminders_label"),
        kind="tick",
        hint=deferred("event.reminders_hint"),
    ),
)
RECAP = (
    Field(
        name="recap",
        label=deferred("event.recap_label"),
        kind="long_texts",
        limit=STORY,
        hint=deferred("event.recap_hint"),
    ),
)
NOTIFY = Field(
    name="tell",
    label=deferred("editor.notify_time_venue_label"),
    kind="choice",
    choices={
        "everybody": deferred("editor.notify_registered"),
        "nobody": deferred("editor.notify_no_one"),
    },
)
NOTIFY_OF_SESSION = Field(
    name="tell",
    label=deferred("editor.notify_time_room_label"),
    kind="choice",
    choices={
        "everybody": deferred("editor.notify_session"),
        "nobody": NOTIFY.choices["nobody"],
    },
)
CANCELLATION_REASON = Field(
    name="because",
    label=deferred("event.cancellation_reason_label"),
    kind="long_texts",
    limit=LINE * 3,
    hint=deferred("event.cancellation_reason_hint"),
)

SESSION = (
    Field(name="title", label=deferred("programme.session_title_label"), kind="texts", limit=TITLE),
    *SPAN,
    Field(name="place", label=deferred("programme.room_label"), kind="texts", limit=LINE),
)
NAME = Field(name="name", label=deferred("programme.name_label"), kind="texts", needed=True)
SPEAKER = (
    NAME,
    Field(name="about", label=deferred("programme.speaker_about_label"), kind="texts", limit=LINE),
)
PARTNER = (
    NAME,
    Field(
        name="role",
        label=deferred("programme.partner_role_label"),
        kind="texts",
        hint=deferred("programme.partner_role_hint"),
    ),
    Field(name="link", label=deferred("programme.partner_website_label"), kind="link", limit=1000),
)
TICKET_TYPE = (
    Field(name="title", label=deferred("ticket_type.name_label"), kind="texts", needed=True),
    Field(
        name="capacity",
        label=deferred("ticket_type.capacity_label"),
        kind="number",
        hint=deferred("event.capacity_hint"),
    ),
    Field(name="opens_at", label=deferred("ticket_type.opens_label"), kind="moment"),
    Field(name="closes_at", label=deferred("ticket_type.closes_label"), kind="moment"),
)
NEW_EVENT = (
    Field(name="title", label=deferred("event.title_label"), limit=TITLE, needed=True),
    Field(name="starts_local", label=deferred("event.starts_label"), kind="wall", needed=True),
    Field(name="ends_local", label=deferred("event.ends_label"), kind="wall", needed=True),
    Field(name="venue", label=deferred("event.new_venue_label"), limit=TITLE),
    CAPACITY,
)
COPY = (
    Field(name="title", label=deferred("event.title_label"), kind="texts", limit=TITLE, needed=True),
    Field(name="starts_local", label=deferred("event.starts_label"), kind="wall", needed=True),
)
SLUG = Field(name="slug", label=deferred("event.address_label"), limit=SLUG_LIMIT, needed=True)
LANGUAGES_OF_TEXTS = (
    Field(
        name="languages",
        label=deferred("event.languages_label"),
        kind="ticks",
        hint=deferred("event.languages_hint"),
        choices=dict.fromkeys(LANGUAGES, ""),
    ),
    Field(
        name="first", label=deferred("event.first_language_label"), kind="choice", choices=dict.fromkeys(LANGUAGES, "")
    ),
)
CHANNEL = (Field(name="name", label=deferred("share.link_name_label"), limit=60, needed=True),)

SECTIONS: Mapping[str, Sequence[Field]] = {
    "texts": TEXTS,
    "time": (*TIME, *PLACE),
    "registration": REGISTRATION,
    "recap": RECAP,
}
"""The fields of each section that is a single form."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def say(reason: str, **values: object) -> str:
    """Return the sentence for a reason, in the current language."""
    return gettext(SENTENCES[reason], **values)


def setting(event: Event) -> Setting:
    """Return the setting in which forms of this event are read."""
    return Setting(event.languages, event.zone)


def row_fields(kind: str, event: Event) -> tuple[Field, ...]:
    """Return the fields of a row; those that choose among other rows of the event list them."""
    return ROW_FIELDS[kind](event)


def read_timing(values: Mapping[str, Any]) -> Timing:
    """Return the times of an event from a form's values."""
    starts, ends = (values[name] or Wall(None) for name in WALL_FIELDS)  # type: ignore[arg-type]  # an empty field: no time
    return Timing(Precision(values["known"]), values["zone"], starts.time, ends.time, starts.second, ends.second)


def read_session(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a session's values with plain wall times, and which occurrence of a repeated time they are."""
    walls: dict[str, Wall | None] = {name: values[f"{name}_local"] for name in ("starts", "ends")}
    bare = {f"{name}_local": wall.time if wall else None for name, wall in walls.items()}
    return {**values, **bare, "seconds": {name: wall.second if wall else None for name, wall in walls.items()}}


def read_languages(form: Mapping[str, str], event: Event) -> list[str]:
    """Return the languages of the texts, the chosen first one first. Raises FormError."""
    chosen, first = read(LANGUAGES_OF_TEXTS, form, Setting()).values()
    if first not in chosen:
        raise FormError({"languages": say("first_language")}, {})
    ordered = dict.fromkeys((first, *event.languages, *chosen))
    return [code for code in ordered if code in chosen]


def read_slug(form: Mapping[str, str]) -> str:
    """Return the address of an event. Raises FormError."""
    slug = form.get("slug", "").strip().lower()
    if not _SLUG.fullmatch(slug) or len(slug) > SLUG_LIMIT:
        raise FormError({"slug": say("slug", most=SLUG_LIMIT)}, {"slug": form.get("slug", "")})
    return slug


def read_sketch(form: Mapping[str, str], language: str) -> Sketch:
    """Return the values with which a new event starts. Raises FormError."""
    values = read(NEW_EVENT, form, Setting())
    return Sketch(
        language=language,
        title=values["title"],
        starts=values["starts_local"].time,
        ends=values["ends_local"].time,
        starts_second=values["starts_local"].second,
        ends_second=values["ends_local"].second,
        venue=values["venue"] or "",
        capacity=values["capacity"],
    )


def _ticket_type_fields(event: Event) -> tuple[Field, ...]:
    sessions = {str(session.id): str(number) for number, session in enumerate(event.sessions, 1)}
    return (
        *TICKET_TYPE,
        Field(name="sessions", label=deferred("ticket_type.sessions_label"), kind="ticks", choices=sessions),
    )


ROW_FIELDS: Mapping[str, Callable[[Event], tuple[Field, ...]]] = {
    "sessions": lambda event: SESSION,
    "speakers": lambda event: SPEAKER,
    "partners": lambda event: PARTNER,
    "ticket_types": _ticket_type_fields,
    "questions": questions.fields_of,
}
