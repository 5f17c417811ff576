"""Attendees in groups too large to identify anyone. Pure: values in, JSON out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from shared.models import Event, Question
from shared.reports.ledger import COUNTABLE, Attendee, Ledger

SMALLEST_GROUP = 5
NOT_STATED = "not_stated"


def of(event: Event, ledger: Ledger, attended: set[str]) -> dict[str, Any]:
    """Return the registered attendees by ticket type, language, source, and countable answer."""
    people = [attendee for attendee in ledger.registrations if attendee.ticket_id in attended]
    titles = {ticket_type.id: ticket_type.title for ticket_type in event.ticket_types}
    return {
        "ticket_type": grouped([attendee.ticket_type_id for attendee in people], titles),
        "language": grouped([attendee.language for attendee in people]),
        "source": grouped(
            [ledger.channels.get(attendee.source or "", attendee.source) or NOT_STATED for attendee in people]
        ),
        "questions": [_answers(attendee, people) for attendee in event.questions if attendee.kind in COUNTABLE],
    }


def _answers(question: Question, people: Sequence[Attendee]) -> dict[str, Any]:
    """Count an option's text, "yes" or "no" among attendees. Each of several answers counts. Guests were not asked."""
    respondents = [
        attendee
        for attendee in people
        if not attendee.host_id and question.ticket_type_id in {None, attendee.ticket_type_id}
    ]
    labels = {option["key"]: option["label"] for option in question.options}
    answers = [word for attendee in respondents for word in _words(attendee.answers.get(question.key))]
    return {"key": question.key, "label": question.label, "asked": len(respondents), "groups": grouped(answers, labels)}


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
    groups_by_size = sorted(counts.items(), key=lambda group: (-group[1], str(group[0])))
    merged = 0
    while groups_by_size and (groups_by_size[-1][1] < SMALLEST_GROUP or 0 < merged < SMALLEST_GROUP):
        merged += groups_by_size.pop()[1]
    visible = [*groups_by_size, (NOT_STATED, unstated)] if unstated else groups_by_size
    groups = [
        [(titles or {}).get(value, value), count] for value, count in sorted(visible, key=lambda group: -group[1])
    ]
    return [*groups, ["other", merged]] if merged else groups
