"""People at an event by ticket type, language, source and answer: groups in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.i18n import deferred, format_number, gettext
from shared.models import Event
from web.organizer.people.texts import SOURCES
from web.templating import LANGUAGE_NAMES
from web.wording import said

Rows = Sequence[tuple[str, str]]
Groups = Sequence[tuple[Any, int]]

TITLES: Mapping[str, str] = {
    "ticket_type": deferred("common.ticket_type"),
    "language": deferred("common.language_label"),
    "source": deferred("figure.heard_from_title"),
}


def of_report(event: Event, figures: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """Return title and groups of each breakdown with more than one group; a single group repeats the total."""
    for title, groups in titled(event, figures):
        if len(groups) > 1:
            yield title, [(group(event, value), format_number(count)) for value, count in groups]


def titled(event: Event, figures: Mapping[str, Any]) -> Iterator[tuple[str, Groups]]:
    """Return title and groups of every breakdown."""
    breakdowns = figures.get("breakdowns", {})
    yield from ((gettext(title), breakdowns.get(name, [])) for name, title in TITLES.items())
    yield from ((said(question["label"], event), question["groups"]) for question in breakdowns.get("questions", []))


def group(event: Event, value: Any) -> str:
    """Return a group's label."""
    if isinstance(value, Mapping):
        return said(value, event)
    words = {
        "other": gettext("figure.group_others"),
        "not_stated": gettext("figure.group_not_stated"),
        "yes": gettext("common.yes_value"),
        "no": gettext("common.no_value"),
        **LANGUAGE_NAMES,
        **{word: gettext(name) for word, name in SOURCES.items()},
    }
    return words.get(str(value), str(value))
