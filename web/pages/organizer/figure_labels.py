"""What each figure of a report is called, and its value in words. No database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.i18n import deferred, format_moment, format_number, format_percent, format_time, gettext
from shared.models import Event, RefusalReason
from shared.queries import report_differences
from web.pages.organizer import breakdowns
from web.pages.wording import said

Whose = Sequence[Any]

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
    "at_door": deferred("figure.walk_ins_at_door"),
    "waiting": deferred("figure.walk_ins_waiting"),
    "cancelled": deferred("figure.walk_ins_cancelled"),
    "unconfirmed": deferred("figure.walk_ins_unconfirmed"),
    "unlisted": deferred("figure.ticket_not_on_list"),
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
"""Figures by where they stand, in the order in which they are read."""
AT_A_DOOR: Mapping[str, str] = {
    "admitted": deferred("figure.checked_in"),
    "scans": deferred("figure.scans"),
    "conflicts": deferred("figure.used_twice_at_each_door"),
    "seconds_between": deferred("figure.seconds_between"),
}
SHARES = {"no_show_rate", "capacity_use", "phones.offline_share"}
MOMENTS = {"arrivals.first", "arrivals.median", "arrivals.peak.at", "arrivals.last"}
_PLACES = {name: place for place, name in enumerate(LABELS)}
_ORDER = (*dict.fromkeys(name.partition(".")[0] for name in LABELS), "refused", "sessions", "doors", "breakdowns")


def in_order(names: Iterator[str] | Sequence[str]) -> list[str]:
    """Names of figures as they are read: totals first, then parts, doors and groups."""
    return sorted(names, key=lambda name: (_ORDER.index(name.partition(".")[0]), _PLACES.get(name, len(_PLACES)), name))


def is_known(name: str) -> bool:
    """Whether a figure has a name here; what a later rule adds has none."""
    return name in LABELS or name.partition(".")[0] in _BY_PREFIX


def every(given: Mapping[str, Any]) -> list[tuple[str, Any, Whose]]:
    """A report's figures in order: name, value, and whose."""
    found = report_differences.figures_by_name(given)
    return [(name, *found[name]) for name in in_order([name for name in found if is_known(name)])]


def label(name: str, event: Event, whose: Whose = ()) -> str:
    """What a figure is called, and whose it is."""
    if name in LABELS:
        return gettext(LABELS[name])
    top, _, rest = name.partition(".")
    return _BY_PREFIX[top](rest, event, whose)


def refused(reason: str) -> str:
    """What the number of those is called who were refused for a reason."""
    return gettext("figure.refused_reason", reason=gettext(REASONS[RefusalReason(reason)]))


def by_reason(counts: Mapping[str, int]) -> dict[RefusalReason, int]:
    """How many were refused for each reason, the most frequent first. Reasons without a name are one: the others."""
    known = Counter[RefusalReason]()
    for reason, count in counts.items():
        known[RefusalReason(reason)] += count
    return dict(known.most_common())


def walk_ins(kind: str) -> str:
    """What a sort of walk-ins is called."""
    return gettext("figure.walk_ins_kind", kind=gettext(WALK_INS.get(kind, WALK_INS["unlisted"])))


def moment(value: str, zone: str) -> datetime:
    """A moment of a report in its own zone: some are kept in UTC, five minutes as they were on the hall's clock."""
    kept = datetime.fromisoformat(value)
    return kept.astimezone(ZoneInfo(zone)) if kept.tzinfo else kept.replace(tzinfo=ZoneInfo(zone))


def in_words(name: str, before: Any, now: Any, zone: str) -> tuple[str, str]:
    """A figure in two versions. A moment is told with its day where the days differ."""
    if name not in MOMENTS or not before or not now:
        return _word(name, before, zone), _word(name, now, zone)
    was, is_now = moment(before, zone), moment(now, zone)
    show = format_time if was.date() == is_now.date() else format_moment
    return show(was), show(is_now)


def number(value: float | None) -> str:
    """A number, or a dash for what is not known."""
    return "–" if value is None else format_number(value)


def _word(name: str, value: Any, zone: str) -> str:
    if name in MOMENTS and value:
        return format_time(moment(value, zone))
    if value is None or isinstance(value, str):
        return value or "–"
    return format_percent(value) if name in SHARES else format_number(value)


def _walk_ins(kind: str, _event: Event, _whose: Whose) -> str:
    return walk_ins(kind)


def _refused(reason: str, _event: Event, _whose: Whose) -> str:
    return refused(reason)


def _session(name: str, event: Event, whose: Whose) -> str:
    session, _, figure = name.partition(".")
    return _of(said(whose[0], event) or session, gettext(LABELS[figure]))


def _door(name: str, event: Event, whose: Whose) -> str:
    # In reports up to rule 3 a door's name comes first, which may have points in it; later its id.
    called = f"{report_differences.word(whose[0])}."
    figure = name.removeprefix(called) if name.startswith(called) else name.partition(".")[2]
    top, _, reason = figure.partition(".")
    return _of(said(whose[0], event), refused(reason) if top == "refused" else gettext(AT_A_DOOR[figure]))


def _group(name: str, event: Event, whose: Whose) -> str:
    title = breakdowns.TITLES.get(name.partition(".")[0])
    return _of(gettext(title) if title else said(whose[0], event), breakdowns.group(event, whose[-1]))


def _of(whose: str, figure: str) -> str:
    return f"{whose} · {figure}"


_BY_PREFIX: Mapping[str, Callable[[str, Event, Whose], str]] = {
    "walk_ins": _walk_ins,
    "refused": _refused,
    "sessions": _session,
    "doors": _door,
    "breakdowns": _group,
}
"""Figures that there are several of: what each is called, by the rest of its name."""
