"""The figures of a report as tables: a long one for programs, and a sheet for each subject for people. None names a
person.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.i18n import gettext
from shared.models import Event, Report
from shared.papers.spreadsheet import Cell
from shared.papers.tables import Table
from web.pages import wording
from web.pages.organizer import breakdowns, figures
from web.pages.organizer import figure_labels as labels
from web.pages.wording import said

LINE = ("table", "key", "label", "value")
"""The columns of the long table; docs/figures.md says what stands in them."""
OF_PARTS = ("sessions", "doors", "breakdowns")
"""What there is a table of its own for."""
Line = tuple[str, str, str, Cell]


def lines(event: Event, report: Report) -> Iterator[Line]:
    """The long table: where a figure stands, by keys that no language changes, what it is called, and what it is."""
    yield from (("figures", key, label, value) for key, label, value in _single(event, report))
    for name, start, people in _five_minutes(report.figures):
        yield name, start.isoformat(timespec="seconds"), gettext("common.people_column"), people
    for name, value, whose in labels.every(report.figures):
        table, _, key = name.partition(".")
        if table in OF_PARTS:
            yield table, key, labels.label(name, event, whose), value


def sheets(event: Event, report: Report) -> Iterator[Table]:
    """A workbook: numbers as numbers, times as times on the clock of the event's hall."""
    given = report.figures
    figure, people = (
        (gettext("report.figure_column"), gettext("report.value_column")),
        (gettext("report.from_column"), gettext("common.people_column")),
    )
    yield Table(gettext("report.figures_sheet"), figure, [(label, value) for _, label, value in _single(event, report)])
    titles = {"arrivals": gettext("figure.arrivals_chart_title"), "inside": gettext("figure.inside_chart_title")}
    for key, title in titles.items():
        yield Table(title, people, [(start, count) for name, start, count in _five_minutes(given) if name == key])
    parts = [(said(one["title"], event) or str(one["id"]), one["attended"], one["people"]) for one in given["sessions"]]
    heads = (gettext("report.session_column"), gettext("figure.attended"), gettext("figure.people_total"))
    yield Table(gettext("report.sessions_title"), heads, parts)
    yield _doors(event, report)
    rows = [
        (title, breakdowns.group(event, value), count)
        for title, groups in breakdowns.titled(event, given)
        for value, count in groups
    ]
    yield Table(gettext("report.breakdown_sheet"), (gettext("question.question_column"), *figure), rows)


def _single(event: Event, report: Report) -> Iterator[tuple[str, str, Cell]]:
    """Every figure of which there is one: key, label and value."""
    zone = report.figures["provenance"]["zone"]
    yield "event.title", gettext("common.event"), said(event.title, event)
    yield "event.when", gettext("common.when"), wording.when(event, year=True)
    starts, ends = _span(event)
    yield "event.starts_at", gettext("event.starts_label"), starts
    yield "event.ends_at", gettext("event.ends_label"), ends
    if event.state == "cancelled":
        yield "event.state", gettext("common.event"), gettext("common.event_cancelled")
    for name, value, _ in labels.every(report.figures):
        if name.partition(".")[0] not in OF_PARTS:
            is_moment = name in labels.MOMENTS and value
            yield name, labels.label(name, event), labels.moment(value, zone) if is_moment else value
    yield "provenance.version", gettext("report.version_label"), report.version
    yield (
        "provenance.compiled_at",
        gettext("report.compiled_label"),
        labels.moment(report.compiled_at.isoformat(), zone),
    )


def _span(event: Event) -> tuple[Cell, Cell]:
    """From when to when an event is: moments, days in ISO 8601 where no time is known, nothing where no day is."""
    if event.starts_at is None or event.ends_at is None:
        return None, None
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.known == "day":
        return starts.date().isoformat(), ends.date().isoformat()
    return (starts, ends) if event.known == "minute" else (None, None)


def _five_minutes(given: Mapping[str, Any]) -> Iterator[tuple[str, datetime, int]]:
    """Arrivals and people inside: which of them, from when on, and how many."""
    zone = given["provenance"]["zone"]
    for table, name in (("arrivals", "bins"), ("inside", "inside")):
        for start, people in given["arrivals"].get(name, []):
            yield table, labels.moment(start, zone), people


def _doors(event: Event, report: Report) -> Table:
    """What each door saw, with a column for each reason for which anybody was refused."""
    doors = figures.doors(event, report, with_names=False)
    doors += [figures.all_doors(doors, report)] if len(doors) > 1 else []
    reasons = sorted({reason for one in doors for reason in one.refused})
    columns: Sequence[str] = [gettext(name) for name in labels.AT_A_DOOR.values()]
    rows = [
        (
            *(one.door, one.admitted, one.scans, one.conflicts, one.seconds_between, sum(one.refused.values())),
            *(one.refused.get(reason, 0) for reason in reasons),
        )
        for one in doors
    ]
    head = (gettext("common.door_label"), *columns, gettext("figure.refused"), *map(labels.refused, reasons))
    return Table(gettext("common.doors"), head, rows)
