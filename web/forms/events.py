"""The forms of an event's editor, as tables of fields: one form for each part, one for each kind of row."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shared.config import LANGUAGES
from shared.i18n import deferred, gettext
from shared.models import Event
from shared.operations.addresses import SLUG_LIMIT
from shared.operations.drafts import Sketch
from shared.operations.editing import Timing
from web.forms import FormError, questions
from web.forms.fields import SENTENCES as FIELD_SENTENCES
from web.forms.fields import Field, Setting, Wall, read

TITLE, LINE, STORY = 200, 300, 10_000

SENTENCES = {
    **FIELD_SENTENCES,
    **questions.SENTENCES,
    "before_start": deferred("This is not after the start."),
    "opens_later": deferred("Registration opens only after that. Let it open earlier first."),
    "opens_too_late": deferred("The event has started by then: registration opens before that."),
    "closes_too_soon": deferred("Registration is not open yet at this moment: it closes after it opens."),
    "time_missing": deferred("Please write day and time, or choose that the time is not known."),
    "day_needed": deferred(
        "The event is published and still to come: without a day it would count as over. Choose that only the month is"
        " known and write a later day, or cancel the event."
    ),
    "time_given": deferred("A time is written below. Empty it, or choose how well it is known."),
    "part_jumped": deferred("A part of the programme would fall into an hour that the clock leaves out."),
    "end_jumped": deferred("The end would fall into an hour that the clock leaves out. Please choose another start."),
    "under_taken": deferred("This is fewer than are taken already: %(taken)s."),
    "same_room": deferred("Another part is on in the same room at that time. Name two rooms, or change the time."),
    "parts_meet": deferred(
        "Two parts of the programme would be on in the same room at the same time. Change them in the programme first."
    ),
    "sessions_missing": deferred("Please tick at least one part of the programme."),
    "key_taken": deferred("This event has this question already."),
    "slug": deferred("Please use only a to z, 0 to 9 and hyphens, at most %(most)s."),
    "slug_taken": deferred("Another event has this address. Please choose another one."),
    "first_language": deferred("The first language must be one of those that are ticked."),
    "series_taken": deferred("There is a series with this name already. Please choose it, or another name."),
    "series_many": deferred("These are as many series as there can be. Please choose one of them."),
    "channel_taken": deferred("There is a link with this name already."),
    "picture_bytes": deferred("This picture is too large: at most 10 megabytes."),
    "picture_pixels": deferred("This picture has too many pixels: at most 50 million."),
    "picture_format": deferred("This is not a picture that can be read: JPEG, PNG, WebP or GIF."),
    "picture_missing": deferred("Please choose a picture."),
}
"""What a rule says at a field, by the reason of the Invalid."""

KNOWN = {
    "minute": deferred("to the minute"),
    "day": deferred("to the day"),
    "about": deferred("only the month"),
    "unknown": deferred("not known"),
}
ASKS = {
    "either": deferred("an email address or a phone number, one is enough"),
    "email": deferred("an email address"),
    "phone": deferred("a phone number"),
    "both": deferred("both"),
}
SPOKEN = {
    "tg": deferred("Tajik"),
    "ru": deferred("Russian"),
    "en": deferred("English"),
    "uz": deferred("Uzbek"),
    "fa": deferred("Persian"),
    "sgh": deferred("Shughni"),
    "ky": deferred("Kyrgyz"),
}

TEXTS = (
    Field(name="title", label=deferred("Title"), kind="texts", limit=TITLE, needed=True),
    Field(name="summary", label=deferred("In one sentence"), kind="texts", limit=LINE),
    Field(name="description", label=deferred("Description"), kind="long_texts", limit=STORY),
    Field(name="bring", label=deferred("What to bring"), kind="long_texts", limit=LINE * 3),
    Field(name="accessibility", label=deferred("Accessibility"), kind="long_texts", limit=LINE * 3),
    Field(name="spoken", label=deferred("Languages spoken at the event"), kind="ticks", choices=SPOKEN),
    Field(
        name="contact",
        label=deferred("Whom to ask"),
        hint=deferred(
            "An email address, a phone number or a link. It is in every email; replies go to the email address."
        ),
    ),
)
SPAN = (
    Field(name="starts_local", label=deferred("Starts"), kind="wall"),
    Field(name="ends_local", label=deferred("Ends"), kind="wall"),
)
WALLS = tuple(one.name for one in SPAN)
TIME = (
    Field(name="known", label=deferred("How well the time is known"), kind="choice", choices=KNOWN),
    *SPAN,
    Field(name="zone", label=deferred("Time zone"), kind="zone"),
    Field(name="time_note", label=deferred("A note about the time"), kind="texts", limit=LINE),
)
PLACE = (
    Field(name="venue", label=deferred("Hall or building"), kind="texts"),
    Field(name="address", label=deferred("Street"), kind="texts"),
    Field(name="city", label=deferred("City"), kind="texts"),
    Field(
        name="map_link",
        label=deferred("Link to a map"),
        kind="link",
        limit=1000,
        hint=deferred("It is shown only if it begins with https."),
    ),
)
CAPACITY = Field(name="capacity", label=deferred("Seats in all"), kind="number", hint=deferred("Left empty: no limit."))
REGISTRATION = (
    CAPACITY,
    Field(
        name="opens_at",
        label=deferred("Registration opens"),
        kind="moment",
        hint=deferred("Left empty: as soon as it is published."),
    ),
    Field(
        name="closes_at",
        label=deferred("Registration closes"),
        kind="moment",
        hint=deferred("Left empty: at the end of the event."),
    ),
    Field(
        name="waiting_list",
        label=deferred("Waiting list"),
        kind="tick",
        hint=deferred("Once all seats are taken, people can wait for one."),
    ),
    Field(name="asks", label=deferred("What is asked for"), kind="choice", choices=ASKS),
    Field(
        name="confirm_by_mail",
        label=deferred("Confirm by mail"),
        kind="tick",
        hint=deferred("A place counts once the link in a mail was opened. Nobody learns who is registered."),
    ),
    Field(
        name="private",
        label=deferred("Private"),
        kind="tick",
        hint=deferred(
            "Shown in no list; neutral words in emails and calendars; initials at the door. The title is removed from"
            " the address of a draft."
        ),
    ),
    Field(
        name="reminders",
        label=deferred("Reminders"),
        kind="tick",
        hint=deferred("A mail two days before and three hours before."),
    ),
)
RECAP = (
    Field(
        name="recap",
        label=deferred("How it was"),
        kind="long_texts",
        limit=STORY,
        hint=deferred("Shown once the event is over. Whoever came gets a mail with thanks and a link to it."),
    ),
)
TELL = Field(
    name="tell",
    label=deferred("Who learns of a new time or place"),
    kind="choice",
    choices={
        "everybody": deferred("Everybody who has a place or waits for one gets a mail, and calendars change"),
        "nobody": deferred("Nobody: it is only a small correction"),
    },
)
TELL_OF_PART = Field(
    name="tell",
    label=deferred("Who learns of a new time or room"),
    kind="choice",
    choices={
        "everybody": deferred(
            "Everybody who has a place in this part or waits for one gets a mail, and calendars change"
        ),
        "nobody": TELL.choices["nobody"],
    },
)
WHY = Field(
    name="because",
    label=deferred("Why it is cancelled"),
    kind="long_texts",
    limit=LINE * 3,
    hint=deferred("It stands in the mail and on the page."),
)

SESSION = (
    Field(name="title", label=deferred("Title of the part"), kind="texts", limit=TITLE),
    *SPAN,
    Field(name="place", label=deferred("Room"), kind="texts", limit=LINE),
)
NAMED = Field(name="name", label=deferred("Name"), kind="texts", needed=True)
SPEAKER = (
    NAMED,
    Field(name="about", label=deferred("Who it is"), kind="texts", limit=LINE),
)
PARTNER = (
    NAMED,
    Field(name="role", label=deferred("As what"), kind="texts", hint=deferred("For example: supported by.")),
    Field(name="link", label=deferred("Website"), kind="link", limit=1000),
)
TICKET_TYPE = (
    Field(name="title", label=deferred("Name of the kind of ticket"), kind="texts", needed=True),
    Field(name="capacity", label=deferred("Seats of this kind"), kind="number", hint=deferred("Left empty: no limit.")),
    Field(name="opens_at", label=deferred("Opens"), kind="moment"),
    Field(name="closes_at", label=deferred("Closes"), kind="moment"),
)
NEW_EVENT = (
    Field(name="title", label=deferred("Title"), limit=TITLE, needed=True),
    Field(name="starts_local", label=deferred("Starts"), kind="wall", needed=True),
    Field(name="ends_local", label=deferred("Ends"), kind="wall", needed=True),
    Field(name="venue", label=deferred("Where"), limit=TITLE),
    CAPACITY,
)
COPY = (
    Field(name="title", label=deferred("Title"), kind="texts", limit=TITLE, needed=True),
    Field(name="starts_local", label=deferred("Starts"), kind="wall", needed=True),
)
SLUG = Field(name="slug", label=deferred("Address"), limit=SLUG_LIMIT, needed=True)
LANGUAGES_OF_TEXTS = (
    Field(
        name="languages",
        label=deferred("Languages of the texts"),
        kind="ticks",
        hint=deferred("What is not translated is shown in the first language."),
        choices=dict.fromkeys(LANGUAGES, ""),
    ),
    Field(name="first", label=deferred("The first language"), kind="choice", choices=dict.fromkeys(LANGUAGES, "")),
)
CHANNEL = (Field(name="name", label=deferred("Where you give it out"), limit=60, needed=True),)

PARTS: Mapping[str, Sequence[Field]] = {
    "texts": TEXTS,
    "time": (*TIME, *PLACE),
    "registration": REGISTRATION,
    "recap": RECAP,
}
"""The fields of each part that is one form."""
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def say(reason: str, **values: object) -> str:
    """The sentence for a fault, in the current language."""
    return gettext(SENTENCES[reason], **values)


def setting(event: Event) -> Setting:
    """What reading a form of this event depends on."""
    return Setting(event.languages, event.zone)


def row_fields(kind: str, event: Event) -> tuple[Field, ...]:
    """The fields of a row; those that choose among other rows of the event know these."""
    return ROW_FIELDS[kind](event)


def read_timing(values: Mapping[str, Any]) -> Timing:
    """When the event is, out of a form's values."""
    starts, ends = (values[name] or Wall(None) for name in WALLS)  # type: ignore[arg-type]  # an empty field: no time
    return Timing(values["known"], values["zone"], starts.time, ends.time, starts.second, ends.second)


def read_session(values: Mapping[str, Any]) -> dict[str, Any]:
    """A session's values with its wall times bare, and which of two they are."""
    walls: dict[str, Wall | None] = {name: values[f"{name}_local"] for name in ("starts", "ends")}
    bare = {f"{name}_local": wall.time if wall else None for name, wall in walls.items()}
    return {**values, **bare, "seconds": {name: wall.second if wall else None for name, wall in walls.items()}}


def read_languages(form: Mapping[str, str], event: Event) -> list[str]:
    """The languages of the texts, the chosen first one first. Raises FormError."""
    chosen, first = read(LANGUAGES_OF_TEXTS, form, Setting()).values()
    if first not in chosen:
        raise FormError({"languages": say("first_language")}, {})
    ordered = dict.fromkeys((first, *event.languages, *chosen))
    return [code for code in ordered if code in chosen]


def read_slug(form: Mapping[str, str]) -> str:
    """The address of an event. Raises FormError."""
    slug = form.get("slug", "").strip().lower()
    if not _SLUG.fullmatch(slug) or len(slug) > SLUG_LIMIT:
        raise FormError({"slug": say("slug", most=SLUG_LIMIT)}, {"slug": form.get("slug", "")})
    return slug


def read_sketch(form: Mapping[str, str], language: str) -> Sketch:
    """The little that a new event starts with. Raises FormError."""
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
    parts = {str(part.id): str(number) for number, part in enumerate(event.sessions, 1)}
    return (*TICKET_TYPE, Field(name="sessions", label=deferred("Admits to"), kind="ticks", choices=parts))


ROW_FIELDS: Mapping[str, Callable[[Event], tuple[Field, ...]]] = {
    "sessions": lambda event: SESSION,
    "speakers": lambda event: SPEAKER,
    "partners": lambda event: PARTNER,
    "ticket_types": _ticket_type_fields,
    "questions": questions.fields_of,
}
