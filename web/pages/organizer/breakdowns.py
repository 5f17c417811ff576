"""Those who came, by ticket type, language, source and what they answered: groups in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.i18n import deferred, format_number, gettext
from shared.models import Event
from web.pages.organizer.people.wording import SOURCES
from web.pages.wording import said
from web.templating import LANGUAGE_NAMES

Rows = Sequence[tuple[str, str]]
Groups = Sequence[tuple[Any, int]]

TITLES: Mapping[str, str] = {
    "ticket_type": deferred("common.ticket_type"),
    "language": deferred("common.language_label"),
    "source": deferred("figure.heard_from_title"),
}


def of_report(event: Event, figures: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """A title and its groups, for each breakdown that tells more than the totals do."""
    for title, groups in titled(event, figures):
        if len(groups) > 1:
            yield title, [(group(event, value), format_number(count)) for value, count in groups]


def titled(event: Event, figures: Mapping[str, Any]) -> Iterator[tuple[str, Groups]]:
    """Every breakdown: what it is called, and its groups."""
    given = figures.get("breakdowns", {})
    yield from ((gettext(title), given.get(name, [])) for name, title in TITLES.items())
    yield from ((said(one["label"], event), one["groups"]) for one in given.get("questions", []))


def group(event: Event, value: Any) -> str:
    """What a group is called."""
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
