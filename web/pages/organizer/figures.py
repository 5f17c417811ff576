"""A report's figures as they are read: labels, numbers in words, one sentence for each chart. No database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from shared.i18n import deferred, format_number, format_percent, format_time, gettext, ngettext
from shared.models import Event, Report
from shared.papers.charts import arrivals_svg
from web.pages.wording import said
from web.templating import LANGUAGE_NAMES

Figures = Mapping[str, Any]
Rows = Sequence[tuple[str, str]]

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
CHANGES: Mapping[str, str] = {
    "registered": deferred("Registered"),
    "attended": deferred("Registered people who came"),
    "people": deferred("People in all"),
    "walk_ins.all": deferred("Walk-ins"),
    "no_shows": deferred("Did not come"),
    "cancelled.all": deferred("Cancelled before the start"),
    "conflicts": deferred("Conflicts"),
    "headcount": deferred("Headcount"),
    "provenance.scans": deferred("Scans"),
}


@dataclass(frozen=True)
class Sheet:
    """What stands on the one page that a partner reads."""

    summary: str
    headline: Rows
    arrivals: Rows
    chart: Markup
    chart_said: str
    bins: Sequence[tuple[str, int]]
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


def sheet(event: Event, report: Report) -> Sheet:
    """A report in the words of the current language."""
    given = report.figures
    bins = _bins(given["arrivals"]["bins"])
    chart_said = _arrivals_sentence(given)
    chart = arrivals_svg(bins, title=gettext("Arrivals per 5 minutes"), description=chart_said)
    return Sheet(
        summary=_summary(given),
        headline=list(_headline(given)),
        arrivals=list(_arrivals(event, given["arrivals"])),
        chart=Markup(chart),  # noqa: S704 - the chart escapes its words itself
        chart_said=chart_said,
        bins=bins,
        parts=_parts(event, given["sessions"]),
        registrations=list(_registrations(given)),
        at_the_doors=list(_at_the_doors(given)),
        breakdowns=list(_breakdowns(event, given.get("breakdowns", {}))),
    )


def doors(event: Event, report: Report, *, with_names: bool = True) -> list[DoorRow]:
    """What each door saw, by volunteer where names may be shown."""
    rows: dict[tuple[str, str], DoorRow] = {}
    for one in report.figures["doors"]:
        key = (said(one["door"], event), one["volunteer"] if with_names else "")
        before = rows.get(key, DoorRow(*key, 0, 0, 0, 0))
        rows[key] = DoorRow(
            *key,
            before.admitted + one["admitted"],
            before.scans + one["scans"],
            before.refused + sum(one["refused"].values()),
            before.conflicts + one["conflicts"],
        )
    return list(rows.values())


def changes(report: Report) -> list[tuple[str, str, str]]:
    """What differs from the version before: label, before, now."""
    known = ((CHANGES[name], *values) for name, values in report.changes.items() if name in CHANGES)
    return [(gettext(label), _number(before), _number(now)) for label, before, now in known]


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
    labels = {"first": gettext("First"), "median": gettext("Half had come by"), "last": gettext("Last")}
    for name, label in labels.items():
        if given[name]:
            yield label, format_time(datetime.fromisoformat(given[name]).astimezone(zone))
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
    failed = gettext("%(failed)s failed", failed=_number(mail["failed"]))
    yield gettext("Mails accepted by the mail server"), _with(mail["accepted"], failed if mail["failed"] else "")


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


def _breakdowns(event: Event, given: Figures) -> Iterator[tuple[str, Rows]]:
    titles = {"ticket_type": gettext("Ticket type"), "language": gettext("Language"), "source": gettext("Heard from")}
    for name, title in titles.items():
        groups = given.get(name, [])
        # One group alone tells nothing that the totals do not.
        if len(groups) > 1:
            yield title, [(_group(event, value), _number(count)) for value, count in groups]


def _group(event: Event, value: Any) -> str:
    if isinstance(value, dict):
        return said(value, event)
    words = {"other": gettext("others"), "not_stated": gettext("not stated"), **LANGUAGE_NAMES}
    return words.get(str(value), str(value))


def _with(count: int, words: str) -> str:
    return f"{_number(count)} ({words})" if words else _number(count)


def _number(value: float | None) -> str:
    return "–" if value is None else format_number(value)
