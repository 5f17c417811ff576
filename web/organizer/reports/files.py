"""A report as files: one page as PDF, and its figures as CSV and XLSX. No file contains a person's name."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.events import pictures
from shared.i18n import city_of, format_moment, format_number, gettext, language
from shared.models import Event, EventState, Precision, Report
from shared.papers import report as papers
from shared.papers import spreadsheet, tables
from shared.papers.report import ChartPaper, PartnersPaper, ReportPaper
from shared.papers.spreadsheet import Cell
from shared.papers.tables import Table
from web import wording
from web.organizer.reports import breakdowns, figures
from web.organizer.reports import figure_labels as labels
from web.wording import said


def pdf(db: Session, event: Event, report: Report) -> bytes:
    """Return the page for partners, in the current language, with the event's photograph and their logos."""
    return papers.pdf(_with_pictures(db, event, report_paper(event, report)))


def headcount_pdf(db: Session, event: Event) -> bytes:
    """Return the same page of an event whose only figure is a headcount, which it says."""
    return papers.pdf(_with_pictures(db, event, headcount_paper(event)))


def csv(db: Session, event: Event, report: Report) -> bytes:
    """Return every figure as CSV, one to a line."""
    return b"".join(spreadsheet.csv_chunks(COLUMNS, lines(event, report)))


def xlsx(db: Session, event: Event, report: Report) -> bytes:
    """Return every figure as a workbook."""
    return tables.xlsx_of(list(sheets(event, report)))


FORMATS: Mapping[str, tuple[str, Callable[[Session, Event, Report], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "csv": (spreadsheet.CSV_TYPE, csv),
    "xlsx": (spreadsheet.XLSX_TYPE, xlsx),
}
"""The media type and the writer of each file, by its extension."""


def report_paper(event: Event, report: Report) -> ReportPaper:
    """Return the content of the page for partners."""
    sheet = figures.sheet(event, report)
    charts = [ChartPaper(gettext("figure.arrivals_chart_title"), sheet.chart_sentence, sheet.bins)]
    if len(set(sheet.inside)) > 1:
        charts.append(ChartPaper(gettext("figure.inside_chart_title"), sheet.curve_sentence, sheet.inside, sheet.seats))
    sessions = [(title, f"{attended} / {people}") for title, attended, people in sheet.sessions]
    doors = [(row.door, format_number(row.admitted)) for row in figures.doors(event, report, with_names=False)]
    sections = [
        (gettext("report.arrivals_title"), sheet.arrivals),
        (gettext("report.registrations_title"), sheet.registrations),
        (gettext("report.sessions_title"), sessions),
        (gettext("common.doors"), doors),
        *sheet.breakdowns,
        (gettext("report.at_the_doors_title"), sheet.at_the_doors),
    ]
    is_cancelled = event.state == EventState.CANCELLED
    return replace(
        _heading(event),
        summary=f"{gettext('common.event_cancelled')} {sheet.summary}" if is_cancelled else sheet.summary,
        note=sheet.note,
        headline=sheet.headline,
        charts=charts,
        provenance=provenance(event, report),
        sections=[(title, rows) for title, rows in sections if rows],
    )


def headcount_paper(event: Event) -> ReportPaper:
    """Return the content of the page where there is no report: the headcount, named as one."""
    headline = [(gettext("figure.headcount"), format_number(event.headcount or 0))]
    return replace(_heading(event), summary=headcount_sentence(), headline=headline)


def headcount_sentence() -> str:
    """Return the sentence that a number is a headcount."""
    return gettext("report.headcount_sentence")


def _heading(event: Event) -> ReportPaper:
    """Return a page with the event's title, time and venue, and no figures yet."""
    return ReportPaper(
        title=said(event.title, event),
        when=wording.when(event, year=True),
        venue=wording.where(event),
        organization=said(event.organization.name, event),
        slug=event.slug,
        language=language(),
        summary="",
        note="",
        headline=(),
        charts=(),
        provenance="",
    )


def _with_pictures(db: Session, event: Event, paper: ReportPaper) -> ReportPaper:
    """Return the page with the event's photograph and its partners."""
    logos = pictures.contents(db, hashes=[partner.picture for partner in event.partners if partner.picture])
    return replace(paper, photograph=pictures.photograph(db, event=event), partners=_partners(event, logos))


def _partners(event: Event, logos: Mapping[str, bytes]) -> PartnersPaper | None:
    """Return all partners by name under their role, and the logos of those that have one."""
    if not event.partners:
        return None
    roles = [
        f"{role}: {names}" if role else names
        for role, partners in wording.partners_by_role(event)
        for names in [", ".join(said(partner.name, event) for partner in partners)]
    ]
    pictured = [logos[partner.picture] for partner in event.partners if partner.picture]
    return PartnersPaper(gettext("common.partners"), " · ".join(roles), pictured)


def provenance(event: Event, report: Report) -> str:
    """Return the sentence that says where the figures come from."""
    return gettext(
        "report.provenance",
        version=report.version,
        moment=format_moment(report.compiled_at.astimezone(ZoneInfo(event.zone)), year=True),
        scans=format_number(report.scans),
        rule=report.figures["provenance"]["rule"],
        city=city_of(event.zone),
    )


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
