"""Those who came, by ticket type, language, source and what they answered: groups in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.i18n import format_number, gettext
from shared.models import Event
from web.pages.organizer.people.wording import SOURCES
from web.pages.wording import said
from web.templating import LANGUAGE_NAMES

Rows = Sequence[tuple[str, str]]


def of_report(event: Event, figures: Mapping[str, Any]) -> Iterator[tuple[str, Rows]]:
    """A title and its groups, for each breakdown that tells more than the totals do."""
    given = figures.get("breakdowns", {})
    titles = {"ticket_type": gettext("Ticket type"), "language": gettext("Language"), "source": gettext("Heard from")}
    found = [(title, given.get(name, [])) for name, title in titles.items()]
    found += [(said(one["label"], event), one["groups"]) for one in given.get("questions", [])]
    for title, groups in found:
        if len(groups) > 1:
            yield title, [(group(event, value), format_number(count)) for value, count in groups]


def group(event: Event, value: Any) -> str:
    """What a group is called."""
    if isinstance(value, Mapping):
        return said(value, event)
    words = {
        "other": gettext("others"),
        "not_stated": gettext("not stated"),
        "yes": gettext("yes"),
        "no": gettext("no"),
        **LANGUAGE_NAMES,
        **{word: gettext(name) for word, name in SOURCES.items()},
    }
    return words.get(str(value), str(value))
