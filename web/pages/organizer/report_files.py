"""A report as files: one page as PDF, and its figures as CSV and XLSX. No file contains a person's name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.events import pictures
from shared.i18n import city_of, format_moment, format_number, gettext, language
from shared.models import Event, EventState, Report
from shared.papers import report as papers
from shared.papers import spreadsheet, tables
from shared.papers.report import ChartPaper, PartnersPaper, ReportPaper
from web.pages import wording
from web.pages.organizer import figures, report_tables
from web.pages.wording import said


def pdf(db: Session, event: Event, report: Report) -> bytes:
    """Return the page for partners, in the current language, with the event's photograph and their logos."""
    return papers.pdf(_with_pictures(db, event, report_paper(event, report)))


def headcount_pdf(db: Session, event: Event) -> bytes:
    """Return the same page of an event whose only figure is a headcount, which it says."""
    return papers.pdf(_with_pictures(db, event, headcount_paper(event)))


def csv(db: Session, event: Event, report: Report) -> bytes:
    """Return every figure as CSV, one to a line."""
    return b"".join(spreadsheet.csv_chunks(report_tables.COLUMNS, report_tables.lines(event, report)))


def xlsx(db: Session, event: Event, report: Report) -> bytes:
    """Return every figure as a workbook."""
    return tables.xlsx_of(list(report_tables.sheets(event, report)))


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
