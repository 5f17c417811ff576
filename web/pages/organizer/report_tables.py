"""The figures of a report as tables: one long table for programs, and a sheet per subject for people. No table contains
a person's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.i18n import gettext
from shared.models import Event, EventState, Precision, Report
from shared.papers.spreadsheet import Cell
from shared.papers.tables import Table
from web.pages import wording
from web.pages.organizer import breakdowns, figures
from web.pages.organizer import figure_labels as labels
from web.pages.wording import said

COLUMNS = ("table", "key", "label", "value")
"""The columns of the long table; docs/figures.md describes them."""
OWN_TABLES = ("sessions", "doors", "breakdowns")
"""Figures with a table of their own."""
Line = tuple[str, str, str, Cell]


def lines(event: Event, report: Report) -> Iterator[Line]:
    """Return the long table: each figure's table and key, the same in every language, its label and its value."""
    yield from (("figures", key, label, value) for key, label, value in _single(event, report))
    for name, start, people in _five_minutes(report.figures):
        yield name, start.isoformat(timespec="seconds"), gettext("common.people_column"), people
    for name, value, subject in labels.known(report.figures):
        table, _, key = name.partition(".")
        if table in OWN_TABLES:
            yield table, key, labels.label(name, event, subject), value


def sheets(event: Event, report: Report) -> Iterator[Table]:
    """Return the sheets of the workbook: numbers as numbers, times as times on the event's clock."""
    values = report.figures
    figure = (gettext("report.figure_column"), gettext("report.value_column"))
    people = (gettext("report.from_column"), gettext("common.people_column"))
    yield Table(gettext("report.figures_sheet"), figure, [(label, value) for _, label, value in _single(event, report)])
    titles = {"arrivals": gettext("figure.arrivals_chart_title"), "inside": gettext("figure.inside_chart_title")}
    for key, title in titles.items():
        yield Table(title, people, [(start, count) for name, start, count in _five_minutes(values) if name == key])
    sessions = [
        (said(session["title"], event) or str(session["id"]), session["attended"], session["people"])
        for session in values["sessions"]
    ]
    headings = (gettext("report.session_column"), gettext("figure.attended"), gettext("figure.people_total"))
    yield Table(gettext("report.sessions_title"), headings, sessions)
    yield _doors(event, report)
    rows = [
        (title, breakdowns.group(event, value), count)
        for title, groups in breakdowns.titled(event, values)
        for value, count in groups
    ]
    yield Table(gettext("report.breakdown_sheet"), (gettext("question.question_column"), *figure), rows)


def _single(event: Event, report: Report) -> Iterator[tuple[str, str, Cell]]:
    """Return every single figure: key, label and value."""
    zone = report.figures["provenance"]["zone"]
    yield "event.title", gettext("common.event"), said(event.title, event)
    yield "event.when", gettext("common.when"), wording.when(event, year=True)
    starts, ends = _span(event)
    yield "event.starts_at", gettext("event.starts_label"), starts
    yield "event.ends_at", gettext("event.ends_label"), ends
    if event.state == EventState.CANCELLED:
        yield "event.state", gettext("common.event"), gettext("common.event_cancelled")
    for name, value, _ in labels.known(report.figures):
        if name.partition(".")[0] not in OWN_TABLES:
            is_moment = name in labels.MOMENTS and value
            yield name, labels.label(name, event), labels.moment(value, zone) if is_moment else value
    yield "provenance.version", gettext("report.version_label"), report.version
    yield (
        "provenance.compiled_at",
        gettext("report.compiled_label"),
        labels.moment(report.compiled_at.isoformat(), zone),
    )


def _span(event: Event) -> tuple[Cell, Cell]:
    """Return start and end of an event: moments; days in ISO 8601 where the time is not known; None where the day is
    not.
    """
    if event.starts_at is None or event.ends_at is None:
        return None, None
    zone = ZoneInfo(event.zone)
    starts, ends = event.starts_at.astimezone(zone), event.ends_at.astimezone(zone)
    if event.known == Precision.DAY:
        return starts.date().isoformat(), ends.date().isoformat()
    return (starts, ends) if event.known == Precision.MINUTE else (None, None)


def _five_minutes(values: Mapping[str, Any]) -> Iterator[tuple[str, datetime, int]]:
    """Return arrivals and people inside per 5 minutes: the name of the figure, the start and the number."""
    zone = values["provenance"]["zone"]
    for table, name in (("arrivals", "bins"), ("inside", "inside")):
        for start, people in values["arrivals"].get(name, []):
            yield table, labels.moment(start, zone), people


def _doors(event: Event, report: Report) -> Table:
    """Return the figures of each door, with a column for each reason for a refusal."""
    doors = figures.doors(event, report, with_names=False)
    doors += [figures.all_doors(doors, report)] if len(doors) > 1 else []
    reasons = sorted({reason for door in doors for reason in door.refused})
    columns: Sequence[str] = [gettext(name) for name in labels.AT_A_DOOR.values()]
    rows = [
        (
            *(door.door, door.admitted, door.scans, door.conflicts, door.seconds_between, sum(door.refused.values())),
            *(door.refused.get(reason, 0) for reason in reasons),
        )
        for door in doors
    ]
    headings = (gettext("common.door_label"), *columns, gettext("figure.refused"), *map(labels.refused, reasons))
    return Table(gettext("common.doors"), headings, rows)
