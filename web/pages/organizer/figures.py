"""A report's figures as they are read: labels, numbers in words, one sentence for each chart. No database."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared.i18n import format_moment, format_percent, format_time, gettext, ngettext
from shared.models import Event, RefusalReason, Report
from shared.papers.charts import arrivals_svg, curve_svg
from shared.queries.report_differences import door_key
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
    seats: tuple[int, str] | None
    note: str
    parts: Sequence[tuple[str, str, str]]
    registrations: Rows
    at_the_doors: Rows
    all_doors: "DoorRow"
    breakdowns: Sequence[tuple[str, Rows]]


@dataclass(frozen=True)
class DoorRow:
    """What one door saw, or one volunteer at it."""

    door: str
    volunteer: str
    admitted: int
    scans: int
    refused: Mapping[RefusalReason, int]
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
    show = _clock(given["arrivals"])
    bins = _bins(given["arrivals"]["bins"], show)
    chart_said = _arrivals_sentence(given["arrivals"], show)
    chart = arrivals_svg(bins, title=gettext("figure.arrivals_chart_title"), description=chart_said)
    inside = _inside(given["arrivals"].get("inside", []), show)
    seats = _seats(given["capacity"])
    curve_said = _inside_sentence(inside, seats)
    nothing = gettext("common.no_arrivals")
    curve = curve_svg(
        inside, title=gettext("figure.inside_chart_title"), description=curve_said, nothing=nothing, limit=seats
    )
    return Sheet(
        summary=_summary(given),
        headline=list(_headline(given)),
        arrivals=list(_arrivals(event, given["arrivals"], show)),
        chart=Markup(chart),  # noqa: S704 - the chart escapes its words itself
        chart_said=chart_said,
        bins=bins,
        curve=Markup(curve),  # noqa: S704 - as above
        curve_said=curve_said,
        inside=inside,
        seats=seats,
        note=given.get("note", ""),
        parts=_parts(event, given["sessions"]) if _is_scanned(given) else (),
        registrations=list(_registrations(given)),
        at_the_doors=list(_at_the_doors(given)),
        all_doors=all_doors(doors(event, report), report),
        breakdowns=list(breakdowns.of_report(event, given)),
    )


def doors(event: Event, report: Report, *, with_names: bool = True) -> list[DoorRow]:
    """What each door saw, by volunteer where names may be shown."""
    rows: dict[tuple[str, str], DoorRow] = {}
    paces = {door_key(one): one["seconds_between"] for one in report.figures.get("paces", [])}
    for one in report.figures["doors"]:
        volunteer = one["volunteer"] if with_names else ""
        key = (door_key(one), volunteer)
        before = rows.get(key, DoorRow("", "", 0, 0, {}, 0, None))
        rows[key] = DoorRow(
            said(one["door"], event),
            volunteer,
            before.admitted + one["admitted"],
            before.scans + one["scans"],
            dict(Counter(before.refused) + Counter(labels.by_reason(one["refused"]))),
            before.conflicts + one["conflicts"],
            one["seconds_between"] if with_names else paces.get(door_key(one)),
        )
    return list(rows.values())


def all_doors(rows: Sequence[DoorRow], report: Report) -> DoorRow:
    """The line below several doors. A conflict stands at the door of each of its phones, and counts once here."""
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
    """Phones not heard from since before the end; reports of older rules only count them."""
    zone = ZoneInfo(event.zone)
    return [
        SilentPhone(said(one["door"], event), one["volunteer"], datetime.fromisoformat(one["seen_at"]).astimezone(zone))
        for one in report.figures.get("phones", {}).get("not_heard", [])
    ]


def changes(event: Event, given: Figures, changed: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """What differs from the version before: label, before, now. The only part of an event is not told apart from it."""
    several = len(given["sessions"]) > 1
    names = [name for name in changed if labels.is_known(name) and (several or not name.startswith("sessions."))]
    rows = []
    for name in labels.in_order(names):
        before, now, *whose = changed[name]
        words = labels.in_words(name, before, now, given["provenance"]["zone"])
        rows.append((labels.label(name, event, whose), *words))
    return rows


def _is_scanned(given: Figures) -> bool:
    """Whether anybody was scanned in, else who came is not known; reports up to rule 4 said 0 people then."""
    return bool(given["people"])


def _summary(given: Figures) -> str:
    if not _is_scanned(given):
        return _unscanned(given)
    if not given["registered"]:
        return ngettext("figure.people_sentence", given["people"], **_people(given))
    attended = gettext(
        "figure.attended_sentence",
        registered=number(given["registered"]),
        attended=number(given["attended"]),
        share=format_percent(given["attended"] / given["registered"]),
    )
    total = ngettext(
        "figure.with_walk_ins_sentence",
        given["people"],
        **_people(given),
    )
    return f"{attended} {total}" if given["walk_ins"]["all"] else attended


def _unscanned(given: Figures) -> str:
    registered = number(given["registered"])
    if given["headcount"] is None:
        return ngettext(
            "figure.not_scanned_sentence",
            given["registered"],
            registered=registered,
        )
    return ngettext(
        "figure.headcount_sentence",
        given["headcount"],
        people=number(given["headcount"]),
        registered=registered,
    )


def _people(given: Figures) -> dict[str, str]:
    return {"people": number(given["people"])}


def _headline(given: Figures) -> Iterator[tuple[str, str]]:
    if _is_scanned(given):
        yield from _who_came(given)
    else:
        yield gettext("figure.registered"), number(given["registered"])
    if given["headcount"] is not None:
        yield gettext("figure.headcount"), number(given["headcount"])


def _who_came(given: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("figure.people_total"), number(given["people"])
    yield gettext("figure.registered"), number(given["registered"])
    yield gettext("figure.attended"), number(given["attended"])
    yield gettext("figure.walk_ins"), number(given["walk_ins"]["all"])
    if given["no_show_rate"] is not None:
        yield gettext("figure.no_shows"), _with(given["no_shows"], format_percent(given["no_show_rate"]))
    if given["capacity_use"] is not None:
        use = format_percent(given["capacity_use"])
        yield (
            gettext("figure.seats_used"),
            gettext("figure.seats_used_value", use=use, capacity=number(given["capacity"])),
        )


def _clock(arrivals: Figures) -> Clock:
    """How moments are told: by the clock, where people came on several days with the day."""
    days = {datetime.fromisoformat(start).date() for start, _ in arrivals["bins"]}
    return partial(format_moment, weekday=False, year=False) if len(days) > 1 else format_time


def _arrivals(event: Event, given: Figures, show: Clock) -> Iterator[tuple[str, str]]:
    for name in ("first", "median", "last"):
        if given[name]:
            yield gettext(labels.LABELS[f"arrivals.{name}"]), show(labels.moment(given[name], event.zone))
    if given["peak"]:
        yield gettext("figure.busiest"), _peak(given["peak"], show)


def _peak(peak: Figures, show: Clock) -> str:
    start = show(datetime.fromisoformat(peak["at"]))
    count = peak["count"]
    return ngettext("figure.busiest_value", count, start=start)


def _arrivals_sentence(given: Figures, show: Clock) -> str:
    peak = given["peak"]
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
    """People inside every 5 minutes, from the ones in which that changed; a night in between is left out."""
    points: list[tuple[str, int]] = []
    moments = [(datetime.fromisoformat(start), count) for start, count in changes]
    for place, (start, count) in enumerate(moments):
        later = moments[place + 1][0] if place + 1 < len(moments) else start + FIVE_MINUTES
        steps = (later - start) // FIVE_MINUTES if later.date() == start.date() else 1
        points += [(show(start + FIVE_MINUTES * step), count) for step in range(steps)]
    return points


def _seats(capacity: int | None) -> tuple[int, str] | None:
    """How many people there is room for, and in words."""
    return (capacity, gettext("figure.seats_line", capacity=number(capacity))) if capacity else None


def _inside_sentence(points: Sequence[tuple[str, int]], seats: tuple[int, str] | None) -> str:
    if not any(count for _, count in points):
        return gettext("figure.no_arrivals")
    start, most = max(points, key=lambda one: one[1])
    said = ngettext(
        "figure.most_inside_sentence",
        most,
        people=number(most),
        start=start,
    )
    return f"{said} {seats[1]}." if seats else said


def _parts(event: Event, sessions: Sequence[Figures]) -> list[tuple[str, str, str]]:
    """Session by session, where there are several."""
    if len(sessions) < 2:
        return []
    return [(said(one["title"], event), number(one["attended"]), number(one["people"])) for one in sessions]


def _registrations(given: Figures) -> Iterator[tuple[str, str]]:
    cancelled = given["cancelled"]
    late = gettext("figure.cancelled_late_share", late=number(cancelled["late"]))
    yield gettext("figure.cancelled"), _with(cancelled["all"], late if cancelled["late"] else "")
    if given["waitlisted"]:
        promoted = gettext("figure.promoted_share", promoted=number(given["promoted"]))
        yield gettext("figure.waitlisted"), _with(given["waitlisted"], promoted)
    for kind in labels.WALK_INS:
        if given["walk_ins"].get(kind):
            yield labels.walk_ins(kind), number(given["walk_ins"][kind])
    if given.get("returning") is not None:
        yield gettext("figure.returning"), number(given["returning"])
    mail = given["mail"]
    yield gettext("figure.emails_accepted"), number(mail["accepted"])
    if mail["failed"]:
        yield gettext("figure.emails_failed"), number(mail["failed"])
    if mail.get("undeliverable"):
        yield gettext("figure.emails_refused"), number(mail["undeliverable"])


def _at_the_doors(given: Figures) -> Iterator[tuple[str, str]]:
    yield gettext("figure.used_twice_long"), number(given["conflicts"])
    for reason, count in labels.by_reason(given["refused"]).items():
        yield labels.refused(reason), number(count)
    if given["doubtful"]:
        yield gettext("figure.clock_jumped"), number(given["doubtful"])
    phones = given.get("phones", {})
    if phones.get("offline_share"):
        yield gettext("figure.scanned_offline"), format_percent(phones["offline_share"])
    if phones.get("silent"):
        yield gettext("figure.phones_silent"), number(phones["silent"])


def _with(count: int, words: str) -> str:
    return f"{number(count)} ({words})" if words else number(count)
