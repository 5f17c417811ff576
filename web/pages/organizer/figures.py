"""A report's figures for readers: labels, formatted numbers, a sentence for each chart. No database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared.i18n import format_moment, format_percent, format_time, gettext, ngettext
from shared.models import Event, Report
from shared.papers.charts import arrivals_svg, curve_svg
from shared.reports.differences import door_key
from shared.scans import RefusalReason
from web.pages.organizer import breakdowns
from web.pages.organizer import figure_labels as labels
from web.pages.organizer.breakdowns import Rows
from web.pages.organizer.figure_labels import number
from web.pages.wording import said

Figures = Mapping[str, Any]
Clock = Callable[[datetime], str]

FIVE_MINUTES = timedelta(minutes=5)


@dataclass(frozen=True)
class Sheet:
    """The content of a report's page, as a partner reads it."""

    summary: str
    headline: Rows
    arrivals: Rows
    chart: Markup
    chart_sentence: str
    bins: Sequence[tuple[str, int]]
    curve: Markup
    curve_sentence: str
    inside: Sequence[tuple[str, int]]
    seats: tuple[int, str] | None
    note: str
    sessions: Sequence[tuple[str, str, str]]
    registrations: Rows
    at_the_doors: Rows
    all_doors: "DoorRow"
    breakdowns: Sequence[tuple[str, Rows]]


@dataclass(frozen=True)
class DoorRow:
    """The figures of a door, or of a volunteer at it."""

    door: str
    volunteer: str
    admitted: int
    scans: int
    refused: Mapping[RefusalReason, int]
    conflicts: int
    seconds_between: float | None


@dataclass(frozen=True)
class SilentPhone:
    """A phone that may still have unsent scans: its door, its volunteer, and its last contact in the event's zone."""

    door: str
    volunteer: str
    seen_at: datetime


def sheet(event: Event, report: Report) -> Sheet:
    """Return a report's page in the current language."""
    figures = report.figures
    show = _clock(figures["arrivals"])
    bins = _bins(figures["arrivals"]["bins"], show)
    chart_sentence = _arrivals_sentence(figures["arrivals"], show)
    chart = arrivals_svg(bins, title=gettext("figure.arrivals_chart_title"), description=chart_sentence)
    inside = _inside(figures["arrivals"].get("inside", []), show)
    seats = _seats(figures["capacity"])
    curve_sentence = _inside_sentence(inside, seats)
    nothing = gettext("common.no_arrivals")
    curve = curve_svg(
        inside, title=gettext("figure.inside_chart_title"), description=curve_sentence, nothing=nothing, limit=seats
    )
    return Sheet(
        summary=_summary(figures),
        headline=list(_headline(figures)),
        arrivals=list(_arrivals(event, figures["arrivals"], show)),
        chart=Markup(chart),  # noqa: S704 - the chart escapes its words itself
        chart_sentence=chart_sentence,
        bins=bins,
        curve=Markup(curve),  # noqa: S704 - as above
        curve_sentence=curve_sentence,
        inside=inside,
        seats=seats,
        note=figures.get("note", ""),
        sessions=_sessions(event, figures["sessions"]) if _is_scanned(figures) else (),
        registrations=list(_registrations(figures)),
        at_the_doors=list(_at_the_doors(figures)),
        all_doors=all_doors(doors(event, report), report),
        breakdowns=list(breakdowns.of_report(event, figures)),
    )


def doors(event: Event, report: Report, *, with_names: bool = True) -> list[DoorRow]:
    """Return the figures of each door, by volunteer where names may be shown."""
    rows: dict[tuple[str, str], DoorRow] = {}
    paces = {door_key(pace): pace["seconds_between"] for pace in report.figures.get("paces", [])}
    for door in report.figures["doors"]:
        volunteer = door["volunteer"] if with_names else ""
        key = (door_key(door), volunteer)
        before = rows.get(key, DoorRow("", "", 0, 0, {}, 0, None))
        rows[key] = DoorRow(
            said(door["door"], event),
            volunteer,
            before.admitted + door["admitted"],
            before.scans + door["scans"],
            dict(Counter(before.refused) + Counter(labels.by_reason(door["refused"]))),
            before.conflicts + door["conflicts"],
            door["seconds_between"] if with_names else paces.get(door_key(door)),
        )
    return list(rows.values())


def all_doors(rows: Sequence[DoorRow], report: Report) -> DoorRow:
    """Return the total of several doors. A conflict counts at the door of each of its phones, but only once here."""
    refused = sum((Counter(row.refused) for row in rows), Counter[RefusalReason]())
    return DoorRow(
        gettext("figure.all_doors"),
        "",
        sum(row.admitted for row in rows),
        sum(row.scans for row in rows),
        dict(refused),
        report.figures["conflicts"],
        None,
    )


def silent_phones(event: Event, report: Report) -> list[SilentPhone]:
    """Return the phones whose last contact was before the end; reports of older rules have only their number."""
    zone = ZoneInfo(event.zone)
    return [
        SilentPhone(
            said(phone["door"], event), phone["volunteer"], datetime.fromisoformat(phone["seen_at"]).astimezone(zone)
        )
        for phone in report.figures.get("phones", {}).get("not_heard", [])
    ]


def changes(event: Event, figures: Figures, changed: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return the differences from the version before: label, before, now. An event's only session has none of its
    own: they would repeat the event's.
    """
    has_several = len(figures["sessions"]) > 1
    names = [name for name in changed if labels.is_known(name) and (has_several or not name.startswith("sessions."))]
    rows = []
    for name in labels.in_order(names):
        before, now, *subject = changed[name]
        words = labels.in_words(name, before, now, figures["provenance"]["zone"])
        rows.append((labels.label(name, event, subject), *words))
    return rows


def _is_scanned(figures: Figures) -> bool:
    """Return whether anyone was checked in; else attendance is not known, for which reports up to rule 4 say 0."""
    return bool(figures["people"])


def _summary(figures: Figures) -> str:
    if not _is_scanned(figures):
        return _unscanned(figures)
    if not figures["registered"]:
        return ngettext("figure.people_sentence", figures["people"], **_people(figures))
    attended = gettext(
        "figure.attended_sentence",
        registered=number(figures["registered"]),
        attended=number(figures["attended"]),
        share=format_percent(figures["attended"] / figures["registered"]),
    )
    total = ngettext(
        "figure.with_walk_ins_sentence",
        figures["people"],
        **_people(figures),
    )
    return f"{attended} {total}" if figures["walk_ins"]["all"] else attended


def _unscanned(figures: Figures) -> str:
    registered = number(figures["registered"])
    if figures["headcount"] is None:
        return ngettext("figure.not_scanned_sentence", figures["registered"], registered=registered)
    return ngettext(
        "figure.headcount_sentence",
        figures["headcount"],
        people=number(figures["headcount"]),
        registered=registered,
    )


def _people(figures: Figures) -> dict[str, str]:
    return {"people": number(figures["people"])}


def _headline(figures: Figures) -> Iterator[tuple[str, str]]:
    if _is_scanned(figures):
        yield from _attendance(figures)
    else:
        yield gettext("figure.registered"), number(figures["registered"])
    if figures["headcount"] is not None:
        yield gettext("figure.headcount"), number(figures["headcount"])


def _attendance(figures: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("figure.people_total"), number(figures["people"])
    yield gettext("figure.registered"), number(figures["registered"])
    yield gettext("figure.attended"), number(figures["attended"])
    yield gettext("figure.walk_ins"), number(figures["walk_ins"]["all"])
    if figures["no_show_rate"] is not None:
        yield gettext("figure.no_shows"), _with(figures["no_shows"], format_percent(figures["no_show_rate"]))
    if figures["capacity_use"] is not None:
        use = format_percent(figures["capacity_use"])
        yield (
            gettext("figure.seats_used"),
            gettext("figure.seats_used_value", use=use, capacity=number(figures["capacity"])),
        )


def _clock(arrivals: Figures) -> Clock:
    """Return the format of moments: the time, with the day where people came on several days."""
    days = {datetime.fromisoformat(start).date() for start, _ in arrivals["bins"]}
    return partial(format_moment, weekday=False, year=False) if len(days) > 1 else format_time


def _arrivals(event: Event, arrivals: Figures, show: Clock) -> Iterator[tuple[str, str]]:
    for name in ("first", "median", "last"):
        if arrivals[name]:
            yield gettext(labels.LABELS[f"arrivals.{name}"]), show(labels.moment(arrivals[name], event.zone))
    if arrivals["peak"]:
        yield gettext("figure.busiest"), _peak(arrivals["peak"], show)


def _peak(peak: Figures, show: Clock) -> str:
    start = show(datetime.fromisoformat(peak["at"]))
    count = peak["count"]
    return ngettext("figure.busiest_value", count, start=start)


def _arrivals_sentence(arrivals: Figures, show: Clock) -> str:
    peak = arrivals["peak"]
    if not peak:
        return gettext("figure.no_arrivals")
    return ngettext(
        "figure.busiest_sentence",
        peak["count"],
        start=show(datetime.fromisoformat(peak["at"])),
        people=number(peak["count"]),
        minutes=5,
    )


def _bins(bins: Sequence[Sequence[Any]], show: Clock) -> list[tuple[str, int]]:
    return [(show(datetime.fromisoformat(start)), count) for start, count in bins]


def _inside(changes: Sequence[Sequence[Any]], show: Clock) -> list[tuple[str, int]]:
    """Return the people inside every 5 minutes, from those in which the number changed; nights are left out."""
    points: list[tuple[str, int]] = []
    moments = [(datetime.fromisoformat(start), count) for start, count in changes]
    for position, (start, count) in enumerate(moments, 1):
        end = moments[position][0] if position < len(moments) else start + FIVE_MINUTES
        steps = (end - start) // FIVE_MINUTES if end.date() == start.date() else 1
        points += [(show(start + FIVE_MINUTES * step), count) for step in range(steps)]
    return points


def _seats(capacity: int | None) -> tuple[int, str] | None:
    """Return the number of seats, and the same in words."""
    return (capacity, gettext("figure.seats_line", capacity=number(capacity))) if capacity else None


def _inside_sentence(points: Sequence[tuple[str, int]], seats: tuple[int, str] | None) -> str:
    if not any(count for _, count in points):
        return gettext("figure.no_arrivals")
    start, most = max(points, key=lambda point: point[1])
    sentence = ngettext("figure.most_inside_sentence", most, people=number(most), start=start)
    return f"{sentence} {seats[1]}." if seats else sentence


def _sessions(event: Event, sessions: Sequence[Figures]) -> list[tuple[str, str, str]]:
    """Return a row for each session, where there are several."""
    if len(sessions) < 2:
        return []
    return [
        (said(session["title"], event), number(session["attended"]), number(session["people"])) for session in sessions
    ]


def _registrations(figures: Figures) -> Iterator[tuple[str, str]]:
    cancelled = figures["cancelled"]
    late = gettext("figure.cancelled_late_share", late=number(cancelled["late"]))
    yield gettext("figure.cancelled"), _with(cancelled["all"], late if cancelled["late"] else "")
    if figures["waitlisted"]:
        promoted = gettext("figure.promoted_share", promoted=number(figures["promoted"]))
        yield gettext("figure.waitlisted"), _with(figures["waitlisted"], promoted)
    for group in labels.WALK_INS:
        if figures["walk_ins"].get(group):
            yield labels.walk_ins(group), number(figures["walk_ins"][group])
    if figures.get("returning") is not None:
        yield gettext("figure.returning"), number(figures["returning"])
    emails = figures["mail"]
    yield gettext("figure.emails_accepted"), number(emails["accepted"])
    if emails["failed"]:
        yield gettext("figure.emails_failed"), number(emails["failed"])
    if emails.get("undeliverable"):
        yield gettext("figure.emails_refused"), number(emails["undeliverable"])


def _at_the_doors(figures: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("figure.used_twice_long"), number(figures["conflicts"])
    for reason, count in labels.by_reason(figures["refused"]).items():
        yield labels.refused(reason), number(count)
    if figures["doubtful"]:
        yield gettext("figure.clock_jumped"), number(figures["doubtful"])
    phones = figures.get("phones", {})
    if phones.get("offline_share"):
        yield gettext("figure.scanned_offline"), format_percent(phones["offline_share"])
    if phones.get("silent"):
        yield gettext("figure.phones_silent"), number(phones["silent"])


def _with(count: int, detail: str) -> str:
    return f"{number(count)} ({detail})" if detail else number(count)
