"""A report's figures as they are read: labels, numbers in words, one sentence for each chart. No database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared.i18n import deferred, format_number, format_percent, format_time, gettext, ngettext
from shared.models import Event, Report
from shared.papers.charts import arrivals_svg, curve_svg
from web.pages.organizer import breakdowns
from web.pages.organizer.breakdowns import Rows
from web.pages.wording import said

Figures = Mapping[str, Any]

REASONS: Mapping[str, str] = {
    "not_a_ticket": deferred("not a ticket"),
    "cancelled": deferred("cancelled"),
    "waiting": deferred("on the waiting list"),
    "other_event": deferred("ticket of another event"),
    "other_session": deferred("ticket of another session"),
    "not_open": deferred("doors not open yet"),
    "already_in": deferred("already in"),
    "unlisted": deferred("ticket not in the list"),
    "other": deferred("other reasons"),
}
WALK_INS: Mapping[str, str] = {
    "at_door": deferred("registered at the door"),
    "waiting": deferred("from the waiting list"),
    "cancelled": deferred("had cancelled"),
    "unlisted": deferred("ticket not in the list"),
}
LABELS: Mapping[str, str] = {
    "people": deferred("People in all"),
    "registered": deferred("Registered"),
    "attended": deferred("Registered people who came"),
    "walk_ins.all": deferred("Walk-ins"),
    "no_shows": deferred("Did not come"),
    "no_show_rate": deferred("Share of those who did not come"),
    "capacity": deferred("Seats in all"),
    "capacity_use": deferred("Share of seats used"),
    "headcount": deferred("Counted by hand"),
    "cancelled.all": deferred("Cancelled before the start"),
    "cancelled.late": deferred("Cancelled in the last 24 hours"),
    "waitlisted": deferred("Joined the waiting list"),
    "promoted": deferred("Got a seat from the waiting list"),
    "returning": deferred("Had been at an earlier event"),
    "conflicts": deferred("Conflicts"),
    "doubtful": deferred("Scans from a phone whose clock jumped"),
    "phones.all": deferred("Phones"),
    "phones.silent": deferred("Phones not heard from since before the end"),
    "phones.offline_share": deferred("Share of scans made without a network"),
    "mail.accepted": deferred("Mails accepted by the mail server"),
    "mail.failed": deferred("Mails that failed"),
    "mail.undeliverable": deferred("Mails refused for good by the mail server"),
    "provenance.scans": deferred("Scans"),
}
"""Every single number of a report, by where it stands."""
MOMENTS: Mapping[str, str] = {
    "first": deferred("First"),
    "median": deferred("Half had come by"),
    "last": deferred("Last"),
}
SHARES = {"no_show_rate", "capacity_use", "phones.offline_share"}
FIVE_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True)
class Sheet:
    """What stands on the one page that a partner reads."""

    summary: str
    headline: Rows
    arrivals: Rows
    chart: Markup
    chart_said: str
    bins: Sequence[tuple[str, int]]
    curve: Markup
    curve_said: str
    inside: Sequence[tuple[str, int]]
    note: str
    parts: Sequence[tuple[str, str, str]]
    registrations: Rows
    at_the_doors: Rows
    breakdowns: Sequence[tuple[str, Rows]]


@dataclass(frozen=True)
class DoorRow:
    """What one door saw, or one volunteer at it."""

    door: str
    volunteer: str
    admitted: int
    scans: int
    refused: int
    conflicts: int
    seconds_between: float | None


@dataclass(frozen=True)
class SilentPhone:
    """A phone that may still hold scans: where, with whom, and when it was last heard from, in the event's time."""

    door: str
    volunteer: str
    seen_at: datetime


def sheet(event: Event, report: Report) -> Sheet:
    """A report in the words of the current language."""
    given = report.figures
    bins = _bins(given["arrivals"]["bins"])
    chart_said = _arrivals_sentence(given)
    chart = arrivals_svg(bins, title=gettext("Arrivals per 5 minutes"), description=chart_said)
    inside = _inside(given["arrivals"].get("inside", []))
    curve_said = _inside_sentence(inside)
    nothing = gettext("No arrivals recorded.")
    curve = curve_svg(inside, title=gettext("People inside"), description=curve_said, nothing=nothing)
    return Sheet(
        summary=_summary(given),
        headline=list(_headline(given)),
        arrivals=list(_arrivals(event, given["arrivals"])),
        chart=Markup(chart),  # noqa: S704 - the chart escapes its words itself
        chart_said=chart_said,
        bins=bins,
        curve=Markup(curve),  # noqa: S704 - as above
        curve_said=curve_said,
        inside=inside,
        note=given.get("note", ""),
        parts=_parts(event, given["sessions"]),
        registrations=list(_registrations(given)),
        at_the_doors=list(_at_the_doors(given)),
        breakdowns=list(breakdowns.of_report(event, given)),
    )


def doors(event: Event, report: Report, *, with_names: bool = True) -> list[DoorRow]:
    """What each door saw, by volunteer where names may be shown."""
    rows: dict[tuple[str, str], DoorRow] = {}
    for one in report.figures["doors"]:
        key = (said(one["door"], event), one["volunteer"] if with_names else "")
        before = rows.get(key, DoorRow(*key, 0, 0, 0, 0, None))
        rows[key] = DoorRow(
            *key,
            before.admitted + one["admitted"],
            before.scans + one["scans"],
            before.refused + sum(one["refused"].values()),
            before.conflicts + one["conflicts"],
            one["seconds_between"] if with_names else None,
        )
    return list(rows.values())


def silent_phones(event: Event, report: Report) -> list[SilentPhone]:
    """Phones not heard from since before the end; reports of older rules only count them."""
    zone = ZoneInfo(event.zone)
    return [
        SilentPhone(said(one["door"], event), one["volunteer"], datetime.fromisoformat(one["seen_at"]).astimezone(zone))
        for one in report.figures.get("phones", {}).get("not_heard", [])
    ]


def changes(report: Report) -> list[tuple[str, str, str]]:
    """What differs from the version before: label, before, now."""
    known = [(name, *report.changes[name]) for name in LABELS if name in report.changes]
    numbers = [(gettext(LABELS[name]), _changed(name, before), _changed(name, now)) for name, before, now in known]
    if "note" in report.changes:
        before, now = (one or "–" for one in report.changes["note"])
        numbers.append((gettext("Note"), before, now))
    return numbers


def _summary(given: Figures) -> str:
    if not given["registered"]:
        return ngettext("%(people)s person came.", "%(people)s people came.", given["people"], **_people(given))
    attended = gettext(
        "Of %(registered)s registered people %(attended)s came, which is %(share)s.",
        registered=_number(given["registered"]),
        attended=_number(given["attended"]),
        share=format_percent(given["attended"] / given["registered"]),
    )
    total = ngettext(
        "With walk-ins it was %(people)s person.",
        "With walk-ins it was %(people)s people.",
        given["people"],
        **_people(given),
    )
    return f"{attended} {total}" if given["walk_ins"]["all"] else attended


def _people(given: Figures) -> dict[str, str]:
    return {"people": _number(given["people"])}


def _headline(given: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("People in all"), _number(given["people"])
    yield gettext("Registered"), _number(given["registered"])
    yield gettext("Registered people who came"), _number(given["attended"])
    yield gettext("Walk-ins"), _number(given["walk_ins"]["all"])
    if given["no_show_rate"] is not None:
        yield gettext("Did not come"), _with(given["no_shows"], format_percent(given["no_show_rate"]))
    if given["capacity_use"] is not None:
        use = format_percent(given["capacity_use"])
        yield gettext("Seats used"), gettext("%(use)s of %(capacity)s", use=use, capacity=_number(given["capacity"]))
    if given["headcount"] is not None:
        yield gettext("Counted by hand"), _number(given["headcount"])


def _arrivals(event: Event, given: Figures) -> Iterator[tuple[str, str]]:
    zone = ZoneInfo(event.zone)
    for name, label in MOMENTS.items():
        if given[name]:
            yield gettext(label), format_time(datetime.fromisoformat(given[name]).astimezone(zone))
    if given["peak"]:
        yield gettext("Busiest 5 minutes"), _peak(given["peak"])


def _peak(peak: Figures) -> str:
    start = format_time(datetime.fromisoformat(peak["at"]))
    count = peak["count"]
    return ngettext("%(start)s, %(n)s person", "%(start)s, %(n)s people", count, start=start)


def _arrivals_sentence(given: Figures) -> str:
    peak = given["arrivals"]["peak"]
    if not peak:
        return gettext("No arrivals were recorded.")
    return ngettext(
        "Most came from %(start)s on: %(people)s person in %(minutes)s minutes.",
        "Most came from %(start)s on: %(people)s people in %(minutes)s minutes.",
        peak["count"],
        start=format_time(datetime.fromisoformat(peak["at"])),
        people=_number(peak["count"]),
        minutes=5,
    )


def _bins(bins: Sequence[Sequence[Any]]) -> list[tuple[str, int]]:
    return [(format_time(datetime.fromisoformat(start)), count) for start, count in bins]


def _inside(changes: Sequence[Sequence[Any]]) -> list[tuple[str, int]]:
    """People inside every 5 minutes, from the ones in which that changed; a night in between is left out."""
    points: list[tuple[str, int]] = []
    moments = [(datetime.fromisoformat(start), count) for start, count in changes]
    for place, (start, count) in enumerate(moments):
        later = moments[place + 1][0] if place + 1 < len(moments) else start + FIVE_MINUTES
        steps = (later - start) // FIVE_MINUTES if later.date() == start.date() else 1
        points += [(format_time(start + FIVE_MINUTES * step), count) for step in range(steps)]
    return points


def _inside_sentence(points: Sequence[tuple[str, int]]) -> str:
    if not any(count for _, count in points):
        return gettext("No arrivals were recorded.")
    start, most = max(points, key=lambda one: one[1])
    return ngettext(
        "At most %(people)s person was inside, from %(start)s on.",
        "At most %(people)s people were inside, from %(start)s on.",
        most,
        people=_number(most),
        start=start,
    )


def _parts(event: Event, sessions: Sequence[Figures]) -> list[tuple[str, str, str]]:
    """Session by session, where there are several."""
    if len(sessions) < 2:
        return []
    return [(said(one["title"], event), _number(one["attended"]), _number(one["people"])) for one in sessions]


def _registrations(given: Figures) -> Iterator[tuple[str, str]]:
    cancelled = given["cancelled"]
    late = gettext("%(late)s of them in the last 24 hours", late=_number(cancelled["late"]))
    yield gettext("Cancelled before the start"), _with(cancelled["all"], late if cancelled["late"] else "")
    if given["waitlisted"]:
        promoted = gettext("%(promoted)s of them got a seat", promoted=_number(given["promoted"]))
        yield gettext("Joined the waiting list"), _with(given["waitlisted"], promoted)
    for kind, label in WALK_INS.items():
        if given["walk_ins"].get(kind):
            yield gettext("Walk-ins: %(kind)s", kind=gettext(label)), _number(given["walk_ins"][kind])
    if given.get("returning") is not None:
        yield gettext("Had been at an earlier event"), _number(given["returning"])
    mail = given["mail"]
    yield gettext("Mails accepted by the mail server"), _number(mail["accepted"])
    if mail["failed"]:
        yield gettext("Mails that failed"), _number(mail["failed"])
    if mail.get("undeliverable"):
        yield gettext("Mails refused for good by the mail server"), _number(mail["undeliverable"])


def _at_the_doors(given: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("Conflicts: one ticket on two phones"), _number(given["conflicts"])
    for reason, count in given["refused"].items():
        word = gettext(REASONS.get(reason, REASONS["other"]))
        yield gettext("Refused: %(reason)s", reason=word), _number(count)
    if given["doubtful"]:
        yield gettext("Scans from a phone whose clock jumped"), _number(given["doubtful"])
    phones = given.get("phones", {})
    if phones.get("offline_share"):
        yield gettext("Scanned without a network"), format_percent(phones["offline_share"])
    if phones.get("silent"):
        yield gettext("Phones not heard from since before the end"), _number(phones["silent"])


def _with(count: int, words: str) -> str:
    return f"{_number(count)} ({words})" if words else _number(count)


def _changed(name: str, value: float | None) -> str:
    return format_percent(value) if name in SHARES and value is not None else _number(value)


def _number(value: float | None) -> str:
    return "–" if value is None else format_number(value)
