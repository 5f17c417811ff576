"""Attendees in groups too large to identify anyone. Pure: values in, JSON out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from shared.models import Event, Question
from shared.queries.ledger import COUNTABLE, Attendee, Ledger

SMALLEST_GROUP = 5
NOT_STATED = "not_stated"


def of(event: Event, ledger: Ledger, attended: set[str]) -> dict[str, Any]:
    """Return the registered attendees by ticket type, language, source, and countable answer."""
    people = [one for one in ledger.registrations if one.ticket_id in attended]
    titles = {kind.id: kind.title for kind in event.ticket_types}
    return {
        "ticket_type": grouped([one.ticket_type_id for one in people], titles),
        "language": grouped([one.language for one in people]),
        "source": grouped([ledger.channels.get(one.source or "", one.source) or NOT_STATED for one in people]),
        "questions": [_answers(one, people) for one in event.questions if one.kind in COUNTABLE],
    }


def _answers(question: Question, people: Sequence[Attendee]) -> dict[str, Any]:
    """Count an option's text, "yes" or "no" among attendees. Each of several answers counts. Guests were not asked."""
    asked = [one for one in people if not one.host_id and question.ticket_type_id in {None, one.ticket_type_id}]
    labels = {option["key"]: option["label"] for option in question.options}
    given = [word for one in asked for word in _words(one.answers.get(question.key))]
    return {"key": question.key, "label": question.label, "asked": len(asked), "groups": grouped(given, labels)}


def _words(answer: Any) -> list[str]:
    if answer in (None, "", []):
        return [NOT_STATED]
    if isinstance(answer, bool):
        return ["yes" if answer else "no"]
    return [str(word) for word in answer] if isinstance(answer, list) else [str(answer)]


def grouped(values: Sequence[Any], titles: Mapping[Any, Any] | None = None) -> list[list[Any]]:
    """Return groups, the largest first; those under five become "other", but "not stated" always appears.

    If "other" itself would be under five, the smallest of the rest join it: a group alone in it would be identified.
    """
    counts = Counter(values)
    unstated = counts.pop(NOT_STATED, 0)
    named = sorted(counts.items(), key=lambda one: (-one[1], str(one[0])))
    merged = 0
    while named and (named[-1][1] < SMALLEST_GROUP or 0 < merged < SMALLEST_GROUP):
        merged += named.pop()[1]
    shown = [*named, (NOT_STATED, unstated)] if unstated else named
    groups = [[(titles or {}).get(value, value), count] for value, count in sorted(shown, key=lambda one: -one[1])]
    return [*groups, ["other", merged]] if merged else groups
