"""The report, for organizers and for partners."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from shared import clock, tokens
from shared.models import Event
from tests.conftest import Statements
from tests.factories import FIGURES, SECRET, make_event, make_report, moment
from tests.support.form_filling import form_in
from tests.support.pdf_text import words_of
from tests.support.report_page import address, link_of, sign_in


@pytest.fixture
def event(db: Session) -> Event:
    return make_event(db, starts_at=clock.now() - timedelta(days=3), capacity=50)


def test_a_viewer_sees_figures_doors_and_their_provenance(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "Of 40 registered attendees, 31 came (78%). With walk-ins: 36 people in total." in page
    assert "9 (22%)" in page
    assert "72% of 50" in page
    assert "North door" in page
    assert "Манижа" in page
    assert "Most arrivals from 17:55: 14 people in 5 minutes." in page
    assert "17:58" in page, "the median, in local time"
    assert "Version 1, compiled" in page
    assert "scans: 40" in page
    assert "Refused: ticket for another event" in page
    assert "<svg" in page
    assert "<table>" in page


@pytest.mark.parametrize("language", ["en", "ru", "tg"])
def test_an_event_without_attendees_has_a_report_too(
    client: FlaskClient, db: Session, event: Event, language: str
) -> None:
    nothing = {"registered": 0, "attended": 0, "people": 0, "no_show_rate": None, "capacity_use": None, "doors": []}
    nothing |= {"arrivals": {"first": None, "median": None, "peak": None, "last": None, "bins": [], "inside": []}}
    make_report(db, event, figures=nothing)
    sign_in(client, db, event)
    client.set_cookie("language", language)
    assert client.get(address(event)).status_code == 200


def test_a_report_of_an_older_rule_is_shown_without_newer_figures(
    client: FlaskClient, db: Session, event: Event
) -> None:
    report = make_report(db, event)
    report.figures = {name: value for name, value in report.figures.items() if name not in {"phones", "returning"}}
    db.flush()
    sign_in(client, db, event)
    assert client.get(address(event)).status_code == 200


def test_two_doors_of_the_same_name_are_separate(client: FlaskClient, db: Session, event: Event) -> None:
    doors = [{"id": number, **door} for number, door in enumerate(FIGURES["doors"])]
    paces = [{"id": number, "door": {"en": "North door"}, "seconds_between": 4.5 + number} for number in range(2)]
    make_report(db, event, figures={"doors": doors, "paces": paces})
    sign_in(client, db, event)
    assert re.findall(r"\bNorth door (\d+)\b", words_of(client.get(f"{address(event)}.pdf").data)) == ["20", "16"]
    rows = list(csv.reader(io.StringIO(client.get(f"{address(event)}.csv").data.decode("utf-8-sig"))))
    figures = {key: (label, value) for table, key, label, value in rows if table == "doors"}
    assert figures["0.admitted"] == ("North door · Checked in", "20")
    assert figures["1.seconds_between"] == ("North door · Seconds between scans", "5.5")


def test_versions_are_listed_with_their_changes(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    make_report(db, event, version=2, figures={"people": 38}, changes={"people": [36, 38], "phones.all": [2, 3]})
    sign_in(client, db, event)
    newest, first = client.get(address(event)).text, client.get(f"{address(event)}?version=1").text
    assert "Total attendance: 36, now 38" in newest
    assert "Version 2, compiled" in newest
    assert "Version 1, compiled" in first
    assert client.get(f"{address(event)}?version=9").status_code == 404


def test_changes_are_in_words_and_local_time(client: FlaskClient, db: Session, event: Event) -> None:
    north, tea = {"en": "North door"}, {"en": "Tea?"}
    changed: dict[str, tuple[list[Any], str]] = {
        "no_show_rate": ([0.25, 0.225], "No-show rate: 25%, now 22%"),
        "walk_ins.unconfirmed": ([None, 1], "Walk-ins: without a confirmed seat: –, now 1"),
        "refused.not_open": ([0, 1], "Refused: doors not open yet: 0, now 1"),
        "arrivals.first": (
            ["2026-10-07T12:40:00+00:00", "2026-10-07T12:31:00+00:00"],
            "First arrival: 17:40, now 17:31",
        ),
        "arrivals.last": (
            ["2026-10-07T18:50:00+00:00", "2026-10-07T19:10:00+00:00"],
            "Last arrival: Wednesday 7 October, 23:50, now Thursday 8 October, 00:10",
        ),
        "arrivals.peak.at": (["2026-10-07T17:55", "2026-10-07T18:00"], "Busiest 5 minutes: 17:55, now 18:00"),
        "arrivals.peak.count": ([14, 15], "People in the busiest 5 minutes: 14, now 15"),
        "sessions.2.people": ([1_040, 1_041, {"en": "Day two"}], "Day two · Total attendance: 1,040, now 1,041"),
        "doors.North door.admitted": ([40, 41, north], "North door · Checked in: 40, now 41"),
        "doors.North door.refused.cancelled": ([0, 1, north], "North door · Refused: registration cancelled: 0, now 1"),
        "doors.North door.seconds_between": ([None, 4.5, north], "North door · Seconds between scans: –, now 4.5"),
        "doors.12.admitted": ([1, 2, {"en": "Door no. 2"}], "Door no. 2 · Checked in: 1, now 2"),
        "doors.Door no. 2.refused.not_open": (
            [0, 1, {"en": "Door no. 2"}],
            "Door no. 2 · Refused: doors not open yet: 0, now 1",
        ),
        "breakdowns.language.ru": ([None, 5, "ru"], "Language · Русский: –, now 5"),
        "breakdowns.ticket_type.Hall": ([30, 31, {"en": "Hall"}], "Ticket type · Hall: 30, now 31"),
        "breakdowns.questions.tea.yes": ([20, 21, tea, "yes"], "Tea? · yes: 20, now 21"),
        "provenance.rule": ([1, 3], "Counting rule: 1, now 3"),
        "note": (["", "Two doors"], "Note: –, now Two doors"),
    }
    sessions = [{"id": number, "title": {}, "attended": 1, "people": 1} for number in (1, 2)]
    changes = {name: values for name, (values, _) in changed.items()} | {"of_a_later_rule": [1, 2]}
    make_report(db, event)
    make_report(db, event, version=2, figures={"sessions": sessions}, changes=changes)
    sign_in(client, db, event)
    page = client.get(address(event)).text
    lines = [words for _, words in changed.values()]
    assert [line for line in lines if f"<li>{line}</li>" not in page] == []
    assert "18 figures changed" in page


def test_changes_of_the_only_session_are_not_listed_beside_those_of_the_event(
    client: FlaskClient, db: Session, event: Event
) -> None:
    make_report(db, event)
    make_report(db, event, version=2, changes={"sessions.1.people": [36, 37, {"en": "Evening"}], "people": [36, 37]})
    sign_in(client, db, event)
    assert "1 figure changed" in client.get(address(event)).text


def test_the_pages_of_versions_keep_the_selected_version(client: FlaskClient, db: Session, event: Event) -> None:
    for version in range(1, 23):
        make_report(db, event, version=version, compiled_at=moment(1, version), changes={"people": [version, 99]})
    sign_in(client, db, event)
    first, last = client.get(f"{address(event)}?version=4").text, client.get(f"{address(event)}?version=4&page=3").text
    assert [f">Version {number}<" in first for number in (22, 13, 12)] == [True, True, False]
    assert 'rel="next" href="?version=4&amp;page=2#versions"' in first
    assert [f">Version {number}<" in last for number in (3, 2, 1)] == [False, True, True]
    assert 'start="2"' in last
    assert 'rel="prev" href="?version=4&amp;page=2#versions"' in last
    assert 'rel="next"' not in last
    assert "Version 4, compiled" in last


def test_without_a_report_the_headcount_replaces_not_recorded(client: FlaskClient, db: Session, event: Event) -> None:
    sign_in(client, db, event)
    assert "Attendance not recorded" in client.get(address(event)).text
    event.headcount = 180
    db.flush()
    page = client.get(address(event)).text
    assert "<strong>180</strong> people (headcount)" in page


def test_before_the_event_it_says_that_the_report_is_compiled_after_it(client: FlaskClient, db: Session) -> None:
    upcoming = make_event(db)
    sign_in(client, db, upcoming)
    assert "compiled automatically after the event" in client.get(address(upcoming)).text


def test_a_partner_sees_it_without_sign_in_and_without_names(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    client.delete_cookie("sign_in")
    answer = client.get(link)
    assert answer.status_code == 200
    assert "36" in answer.text
    assert "North door" in answer.text
    for name in ("Манижа", "Сорбон"):
        assert name not in answer.text
    assert 'name="robots" content="noindex"' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("has_headcount", [True, False])
@pytest.mark.parametrize("private", [True, False])
def test_the_title_of_a_private_event_is_in_no_browser_tab_of_a_partner(
    client: FlaskClient, db: Session, private: bool, has_headcount: bool
) -> None:
    headcount = 22 if has_headcount else None
    event = make_event(db, starts_at=clock.now() - timedelta(days=3), private=private, headcount=headcount)
    if not has_headcount:
        make_report(db, event)
    sign_in(client, db, event, "organizer")
    title = client.get(link_of(client, event)).text.split("<title>")[1].split("</title>")[0]
    assert any(topic in title for topic in event.title.values()) is not private
    assert any(name in title for name in event.organization.name.values()) is private


def test_a_link_is_valid_for_later_versions(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    make_report(db, event, version=2, figures={"people": 77})
    assert link_of(client, event) == link
    assert "77" in client.get(link).text


def test_a_revoked_link_does_not_exist(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    link = link_of(client, event)
    page = client.get(address(event)).text.split('id="share"')[1]
    # In two steps, since it cannot be undone.
    hint = page.index("The current link will show nothing.")
    assert page.index('<details class="act-twice">') < hint < page.index('type="submit"')
    answer = client.post(f"{address(event)}/link")
    assert "The old link no longer works." in client.get(answer.headers["Location"]).text
    assert client.get(link).status_code == 404
    assert client.get(link_of(client, event)).status_code == 200


def test_viewers_share_nothing(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "viewer")
    assert link_of(client, event) == ""


@pytest.mark.parametrize("token", ["nonsense", "1.1.x", "9999.1.x"])
def test_a_forged_link_does_not_exist(client: FlaskClient, token: str) -> None:
    assert client.get(f"/reports/{token}").status_code == 404


def test_a_token_of_another_purpose_opens_no_report(client: FlaskClient, db: Session, event: Event) -> None:
    report = make_report(db, event)
    token = tokens.make(SECRET, "registration", id=report.id, version=1)
    assert client.get(f"/reports/{token}").status_code == 404


def test_a_report_takes_as_many_statements_for_three_versions_as_for_one(
    client: FlaskClient, db: Session, event: Event, statements: Statements
) -> None:
    sign_in(client, db, event)
    path, counts = address(event), []
    for versions in ([1], [2, 3]):
        for version in versions:
            make_report(db, event, version=version, compiled_at=moment(18, version))
        db.expire_all()
        with statements() as executed:
            client.get(path)
        counts.append(len(executed))
    assert counts[0] == counts[1] <= 8, "\n".join(executed)


def save(client: FlaskClient, event: Event, **typed: str) -> Any:
    form = form_in(client.get(address(event)).text, address(event))
    return client.post(address(event), data={**form, **typed})


def test_an_organizer_saves_a_headcount_and_a_note(client: FlaskClient, db: Session, event: Event) -> None:
    sign_in(client, db, event, "organizer")
    assert "Saved." not in client.get(address(event)).text
    answer = save(client, event, headcount="22")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert '<p class="said" role="status">Saved.</p>' in page
    assert "<strong>22</strong> people (headcount)" in page
    make_report(db, event)
    answer = save(client, event, headcount="23", note="Two doors")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Saved." in page
    assert "Version 2, compiled" in page
    assert "Two doors" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        *((text, "Enter a whole number") for text in ("-1", "2.5", "many", "٣")),
        *((text, "too large. Enter at most 1,000,000.") for text in ("1000001", "99999999999", "9" * 5000)),
    ],
    ids=lambda text: text[:12],
)
def test_an_impossible_headcount_is_an_error_at_its_field(
    client: FlaskClient, db: Session, event: Event, wrong: str, sentence: str
) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    answer = client.post(address(event), data={"headcount": wrong, "note": "unsaved"})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "unsaved" in answer.text
    assert event.headcount is None


def test_a_note_that_is_too_long_is_an_error_at_its_field(client: FlaskClient, db: Session, event: Event) -> None:
    make_report(db, event)
    sign_in(client, db, event, "organizer")
    answer = client.post(address(event), data={"note": "x" * 1001})
    assert answer.status_code == 422
    assert "This is too long. Use at most 1,000 characters." in answer.text


def test_people_inside_are_a_chart_with_a_table(client: FlaskClient, db: Session, event: Event) -> None:
    inside = [["2026-10-07T17:50", 9], ["2026-10-07T18:00", 23], ["2026-10-07T20:00", 0]]
    make_report(db, event, figures={"arrivals": {**FIGURES["arrivals"], "inside": inside}})
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "Most people inside: 23, from 18:00. Seats: 50." in page
    assert page.count("<svg") == 2
    assert page.count(">Seats: 50</text>") == 1, "a line at the seats there are"
    assert words_of(client.get(f"{address(event)}.pdf").data).count("Seats: 50") == 2
    make_report(db, event, version=2, figures={"arrivals": {**FIGURES["arrivals"], "inside": inside}, "capacity": None})
    assert "Seats: " not in client.get(address(event)).text


def test_moments_of_several_days_have_their_day(client: FlaskClient, db: Session, event: Event) -> None:
    bins = [["2026-10-07T18:00", 3], ["2026-10-08T09:30", 5], ["2026-10-08T09:35", 1]]
    moments = {"first": "2026-10-07T13:01:00+00:00", "median": "2026-10-08T04:31:00+00:00", "last": None}
    peak = {"at": "2026-10-08T09:30", "count": 5}
    make_report(db, event, figures={"arrivals": {**moments, "peak": peak, "bins": bins, "inside": bins}})
    sign_in(client, db, event)
    page = client.get(address(event)).text
    assert "<dd>7 October, 18:01</dd>" in page
    assert "<dd>8 October, 09:31</dd>" in page
    assert "Most arrivals from 8 October, 09:30: 5 people in 5 minutes." in page
    assert "Most people inside: 5, from 8 October, 09:30." in page
