"""A report to keep and to send: one page as PDF, and its figures as CSV and XLSX. No file holds a person's name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared.i18n import city_of, format_moment, format_number, gettext, language
from shared.models import Event, Report
from shared.papers import report as papers
from shared.papers import spreadsheet, tables
from shared.papers.report import ChartPaper, PartnersPaper, ReportPaper
from shared.queries import pictures
from web.pages import wording
from web.pages.organizer import figures, report_tables
from web.pages.wording import said


def pdf(db: Session, event: Event, report: Report) -> bytes:
    """The page for partners, in the current language, with the event's photograph and their logos."""
    return papers.pdf(_dressed(db, event, report_paper(event, report)))


def headcount_pdf(db: Session, event: Event) -> bytes:
    """The same page of an event whose only figure was counted by hand, which it says."""
    return papers.pdf(_dressed(db, event, headcount_paper(event)))


def csv(db: Session, event: Event, report: Report) -> bytes:
    """Every figure, one to a line."""
    return b"".join(spreadsheet.csv_chunks(report_tables.LINE, report_tables.lines(event, report)))


def xlsx(db: Session, event: Event, report: Report) -> bytes:
    """Every figure, as a workbook."""
    return tables.xlsx_of(list(report_tables.sheets(event, report)))


FORMS: Mapping[str, tuple[str, Callable[[Session, Event, Report], bytes]]] = {
    "pdf": ("application/pdf", pdf),
    "csv": (spreadsheet.CSV_TYPE, csv),
    "xlsx": (spreadsheet.XLSX_TYPE, xlsx),
}
"""How a file ends, what it is, and what writes it."""


def report_paper(event: Event, report: Report) -> ReportPaper:
    """What the partner's page says."""
    sheet = figures.sheet(event, report)
    charts = [ChartPaper(gettext("figure.arrivals_chart_title"), sheet.chart_said, sheet.bins)]
    if len(set(sheet.inside)) > 1:
        charts.append(ChartPaper(gettext("figure.inside_chart_title"), sheet.curve_said, sheet.inside, sheet.seats))
    parts = [(title, f"{attended} / {people}") for title, attended, people in sheet.parts]
    doors = [(one.door, format_number(one.admitted)) for one in figures.doors(event, report, with_names=False)]
    named = [
        (gettext("report.arrivals_title"), sheet.arrivals),
        (gettext("report.registrations_title"), sheet.registrations),
        (gettext("report.sessions_title"), parts),
        (gettext("common.doors"), doors),
        *sheet.breakdowns,
        (gettext("report.at_the_doors_title"), sheet.at_the_doors),
    ]
    is_cancelled = event.state == "cancelled"
    return replace(
        _headed(event),
        summary=f"{gettext('common.event_cancelled')} {sheet.summary}" if is_cancelled else sheet.summary,
        note=sheet.note,
        headline=sheet.headline,
        charts=charts,
        provenance=provenance(event, report),
        sections=[(title, rows) for title, rows in named if rows],
    )


def headcount_paper(event: Event) -> ReportPaper:
    """What it says where there is no report: how many there were, and that somebody counted them."""
    counted = [(gettext("figure.headcount"), format_number(event.headcount or 0))]
    return replace(_headed(event), summary=by_hand(), headline=counted)


def by_hand() -> str:
    """That a number is a headcount, in one sentence."""
    return gettext("report.headcount_sentence")


def _headed(event: Event) -> ReportPaper:
    """A page that says what, when and where, and nothing yet of who came."""
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


def _dressed(db: Session, event: Event, paper: ReportPaper) -> ReportPaper:
    """The page with the event's photograph and its partners."""
    logos = pictures.contents(db, hashes=[one.picture for one in event.partners if one.picture])
    return replace(paper, photograph=pictures.photograph(db, event=event), partners=_partners(event, logos))


def _partners(event: Event, logos: Mapping[str, bytes]) -> PartnersPaper | None:
    """Everybody by name, under what they did, and the logos that there are."""
    if not event.partners:
        return None
    roles = [
        f"{role}: {names}" if role else names
        for role, partners in wording.partners_by_role(event)
        for names in [", ".join(said(one.name, event) for one in partners)]
    ]
    shown = [logos[one.picture] for one in event.partners if one.picture]
    return PartnersPaper(gettext("common.partners"), " · ".join(roles), shown)


def provenance(event: Event, report: Report) -> str:
    """Where the figures come from, in one sentence."""
    return gettext(
        "report.provenance",
        version=report.version,
        moment=format_moment(report.compiled_at.astimezone(ZoneInfo(event.zone)), year=True),
        scans=format_number(report.scans),
        rule=report.figures["provenance"]["rule"],
        city=city_of(event.zone),
    )
