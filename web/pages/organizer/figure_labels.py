"""The labels of a report's figures, and their values in words. No database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.i18n import deferred, format_moment, format_number, format_percent, format_time, gettext
from shared.models import Event
from shared.reports import differences
from shared.reports.figures import WalkInReason
from shared.scans import RefusalReason
from web.pages.organizer import breakdowns
from web.pages.wording import said

Subject = Sequence[Any]
"""The titles that a figure of several belongs to: a session's, a door's, a question's and an answer's."""

REASONS: Mapping[RefusalReason, str] = {
    RefusalReason.NOT_A_TICKET: deferred("figure.refused_not_a_ticket"),
    RefusalReason.CANCELLED: deferred("figure.refused_cancelled"),
    RefusalReason.WAITING: deferred("figure.refused_waiting"),
    RefusalReason.OTHER_EVENT: deferred("figure.refused_other_event"),
    RefusalReason.OTHER_SESSION: deferred("figure.refused_other_session"),
    RefusalReason.NOT_OPEN: deferred("figure.refused_not_open"),
    RefusalReason.ALREADY_IN: deferred("figure.refused_already_in"),
    RefusalReason.UNLISTED: deferred("figure.ticket_not_on_list"),
    RefusalReason.NOT_INSIDE: deferred("figure.refused_not_inside"),
    RefusalReason.EXPIRED: deferred("figure.refused_pass_expired"),
    RefusalReason.OTHER: deferred("figure.refused_other"),
}
WALK_INS: Mapping[str, str] = {
    WalkInReason.AT_DOOR: deferred("figure.walk_ins_at_door"),
    WalkInReason.WAITING: deferred("figure.walk_ins_waiting"),
    WalkInReason.CANCELLED: deferred("figure.walk_ins_cancelled"),
    WalkInReason.UNCONFIRMED: deferred("figure.walk_ins_unconfirmed"),
    WalkInReason.UNLISTED: deferred("figure.ticket_not_on_list"),
}
LABELS: Mapping[str, str] = {
    "people": deferred("figure.people_total"),
    "registered": deferred("figure.registered"),
    "attended": deferred("figure.attended"),
    "walk_ins.all": deferred("figure.walk_ins"),
    "no_shows": deferred("figure.no_shows"),
    "no_show_rate": deferred("figure.no_show_rate"),
    "capacity": deferred("event.capacity_label"),
    "capacity_use": deferred("figure.seats_used_share"),
    "headcount": deferred("figure.headcount"),
    "cancelled.all": deferred("figure.cancelled"),
    "cancelled.late": deferred("figure.cancelled_late"),
    "waitlisted": deferred("figure.waitlisted"),
    "promoted": deferred("figure.promoted"),
    "arrivals.first": deferred("figure.first_arrival"),
    "arrivals.median": deferred("figure.half_arrived"),
    "arrivals.peak.at": deferred("figure.busiest"),
    "arrivals.peak.count": deferred("figure.busiest_people"),
    "arrivals.last": deferred("figure.last_arrival"),
    "returning": deferred("figure.returning"),
    "conflicts": deferred("figure.used_twice"),
    "doubtful": deferred("figure.clock_jumped"),
    "phones.all": deferred("figure.phones"),
    "phones.silent": deferred("figure.phones_silent"),
    "phones.offline_share": deferred("figure.offline_share"),
    "mail.accepted": deferred("figure.emails_accepted"),
    "mail.failed": deferred("figure.emails_failed"),
    "mail.undeliverable": deferred("figure.emails_refused"),
    "note": deferred("figure.note"),
    "provenance.scans": deferred("figure.scans"),
    "provenance.rule": deferred("figure.counting_rule"),
    "provenance.zone": deferred("common.time_zone"),
}
"""Figures by their names, in reading order."""
AT_A_DOOR: Mapping[str, str] = {
    "admitted": deferred("figure.checked_in"),
    "scans": deferred("figure.scans"),
    "conflicts": deferred("figure.used_twice_at_each_door"),
    "seconds_between": deferred("figure.seconds_between"),
}
SHARES = {"no_show_rate", "capacity_use", "phones.offline_share"}
MOMENTS = {"arrivals.first", "arrivals.median", "arrivals.peak.at", "arrivals.last"}
_POSITIONS = {name: position for position, name in enumerate(LABELS)}
_ORDER = (*dict.fromkeys(name.partition(".")[0] for name in LABELS), "refused", "sessions", "doors", "breakdowns")


def in_order(names: Iterator[str] | Sequence[str]) -> list[str]:
    """Return names of figures in reading order: totals first, then sessions, doors and groups."""
    last = len(_POSITIONS)
    return sorted(names, key=lambda name: (_ORDER.index(name.partition(".")[0]), _POSITIONS.get(name, last), name))


def is_known(name: str) -> bool:
    """Return whether a figure has a label here; a figure that a later rule adds has none."""
    return name in LABELS or name.partition(".")[0] in _BY_PREFIX


def known(figures: Mapping[str, Any]) -> list[tuple[str, Any, Subject]]:
    """Return a report's figures with a label, in reading order: name, value and subject."""
    values = differences.figures_by_name(figures)
    return [(name, *values[name]) for name in in_order([name for name in values if is_known(name)])]


def label(name: str, event: Event, subject: Subject = ()) -> str:
    """Return a figure's label, with its subject."""
    if name in LABELS:
        return gettext(LABELS[name])
    top, _, rest = name.partition(".")
    return _BY_PREFIX[top](rest, event, subject)


def refused(reason: str) -> str:
    """Return the label of the number of people refused for a reason."""
    return gettext("figure.refused_reason", reason=gettext(REASONS[RefusalReason(reason)]))


def by_reason(counts: Mapping[str, int]) -> dict[RefusalReason, int]:
    """Return the number of refusals by reason, the most frequent first. All unknown reasons count as OTHER."""
    by_known_reason = Counter[RefusalReason]()
    for reason, count in counts.items():
        by_known_reason[RefusalReason(reason)] += count
    return dict(by_known_reason.most_common())


def walk_ins(group: str) -> str:
    """Return the label of a group of walk-ins."""
    return gettext("figure.walk_ins_kind", kind=gettext(WALK_INS.get(group, WALK_INS[WalkInReason.UNLISTED])))


def moment(value: str, zone: str) -> datetime:
    """Return a moment of a report in its zone: some are stored in UTC, the starts of 5 minutes in local time."""
    stored = datetime.fromisoformat(value)
    return stored.astimezone(ZoneInfo(zone)) if stored.tzinfo else stored.replace(tzinfo=ZoneInfo(zone))


def in_words(name: str, before: Any, now: Any, zone: str) -> tuple[str, str]:
    """Return a figure of two versions in words; two moments on different days have their day."""
    if name not in MOMENTS or not before or not now:
        return _in_words(name, before, zone), _in_words(name, now, zone)
    moments = moment(before, zone), moment(now, zone)
    show = format_time if moments[0].date() == moments[1].date() else format_moment
    return show(moments[0]), show(moments[1])


def number(value: float | None) -> str:
    """Return a number, or a dash where it is not known."""
    return "–" if value is None else format_number(value)


def _in_words(name: str, value: Any, zone: str) -> str:
    if name in MOMENTS and value:
        return format_time(moment(value, zone))
    if value is None or isinstance(value, str):
        return value or "–"
    return format_percent(value) if name in SHARES else format_number(value)


def _walk_ins(group: str, _event: Event, _subject: Subject) -> str:
    return walk_ins(group)


def _refused(reason: str, _event: Event, _subject: Subject) -> str:
    return refused(reason)


def _session(name: str, event: Event, subject: Subject) -> str:
    session, _, figure = name.partition(".")
    return _of(said(subject[0], event) or session, gettext(LABELS[figure]))


def _door(name: str, event: Event, subject: Subject) -> str:
    # In reports up to rule 3 a figure's name begins with the door's name, which may contain points; later with its id.
    prefix = f"{differences.word(subject[0])}."
    figure = name.removeprefix(prefix) if name.startswith(prefix) else name.partition(".")[2]
    top, _, reason = figure.partition(".")
    return _of(said(subject[0], event), refused(reason) if top == "refused" else gettext(AT_A_DOOR[figure]))


def _group(name: str, event: Event, subject: Subject) -> str:
    title = breakdowns.TITLES.get(name.partition(".")[0])
    return _of(gettext(title) if title else said(subject[0], event), breakdowns.group(event, subject[-1]))


def _of(subject: str, figure: str) -> str:
    return f"{subject} · {figure}"


_BY_PREFIX: Mapping[str, Callable[[str, Event, Subject], str]] = {
    "walk_ins": _walk_ins,
    "refused": _refused,
    "sessions": _session,
    "doors": _door,
    "breakdowns": _group,
}
"""The labels of figures of several, by the first word of their names."""
