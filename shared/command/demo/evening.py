"""`turnout demo evening`: plays a busy evening through the door API, and checks its report."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared import clock, links
from shared.command.arguments import WrongInput
from shared.command.demo import phones, story
from shared.command.demo.load import EMAIL, EVENING, SLUG, add_evening, wall_now
from shared.command.demo.phones import Phone, UnexpectedAnswer
from shared.command.demo.story import OFFLINE, OFFLINE_FROM, VOLUNTEERS, Arrival, Story
from shared.command.installation import data_option, find_settings
from shared.command.processes import CannotStart
from shared.command.transaction import transaction
from shared.config import Settings
from shared.database import lock_row
from shared.door.passes import pairing_secret
from shared.events import announcements
from shared.models import Account, Event, EventState, Organization, Report, Scan
from shared.reports import reports
from shared.reports.reports import latest

ARRIVALS = 300
PLAYED = Story(capacity=ARRIVALS + 60, people=ARRIVALS, absent=0, walk_ins=12, conflicts=1)
ONLINE_AGAIN = 0.8
TELLS_EVERY = 5
"""Seconds between two lines of progress."""
NAMES = {
    "people": "people",
    "no_shows": "no-shows",
    "walk_ins": "walk-ins",
    "main": "at the main door",
    "side": "at the side door",
    "conflicts": "tickets used twice",
    "refused": "refused",
}

Echo = Callable[[str], object]


@dataclass(frozen=True)
class Stage:
    """An event that is on, its passes, and its arrivals; `absent` counts registrations that do not come."""

    event_id: int
    secrets: Sequence[str]
    arrivals: Sequence[Arrival]
    absent: int


@dataclass
class Played:
    """The progress of the evening: the door of each person's first admission, and the refusals."""

    door_of: dict[str, str] = field(default_factory=dict)
    walk_ins: int = 0
    conflicts: int = 0
    refused: int = 0

    def add(self, arrival: Arrival) -> None:
        """Count a scan."""
        self.refused += arrival.reason is not None
        self.walk_ins += arrival.walk_in is not None
        self.conflicts += arrival.person in self.door_of
        if arrival.person:
            self.door_of.setdefault(arrival.person, "main" if arrival.phone < 2 else "side")

    def counts(self, *, absent: int) -> dict[str, int]:
        """Return the figures that the report must show."""
        doors = Counter(self.door_of.values())
        return {
            "people": len(self.door_of),
            "no_shows": absent,
            "walk_ins": self.walk_ins,
            "main": doors["main"],
            "side": doors["side"],
            "conflicts": self.conflicts,
            "refused": self.refused,
        }


@click.command()
@click.option("--seconds", default=120, show_default=True, type=click.IntRange(1, 3600), help="How long it lasts.")
@data_option
@click.pass_obj
def evening(data_before: Path | None, seconds: int, data: Path | None) -> None:
    """Play an evening of 300 arrivals at two doors, and show its report."""
    settings = find_settings(data or data_before)
    if not settings.is_local:
        raise WrongInput(f"an evening is played on a machine of one's own only, not at {settings.base_url}")
    try:
        play(settings, seconds=seconds, echo=click.echo)
    except OSError as error:
        raise WrongInput(f"{settings.base_url} does not answer a phone: {error}") from None
    except UnexpectedAnswer as error:
        raise click.ClickException(str(error)) from None


def play(settings: Settings, *, seconds: float, echo: Echo) -> dict[str, int]:
    """Play an evening and return the figures of its report.

    Raises click.ClickException where these are not what was played, OSError, UnexpectedAnswer.
    """
    echo("  Preparing an evening.")
    with transaction(settings) as db:
        stage = prepare(db, settings)
    try:
        echo(f"  Watch it: {links.absolute(settings.base_url, links.live(stage.event_id))}")
        played = _scan_arrivals(settings, stage, seconds, echo)
    except BaseException:
        _break_off(settings, stage.event_id)
        raise
    with transaction(settings) as db:
        reported = _close_doors(db, stage.event_id)
    echo("  The doors are closed.\n")
    counted = played.counts(absent=stage.absent)
    for line in _table(counted, reported):
        echo(line)
    echo(f"\n  Report: {links.absolute(settings.base_url, links.event_report(stage.event_id))}")
    if counted != reported:
        raise click.ClickException("the report differs from what was played")
    return reported


def prepare(db: Session, settings: Settings) -> Stage:
    """Add an event that begins now, with ticket holders and a pass for each of two doors.

    Raises WrongInput where the demo is not loaded.
    """
    if db.scalars(select(Organization.id).where(Organization.slug == SLUG)).first() is None:
        raise WrongInput("the demo is not loaded: run `turnout demo` first")
    slug = f"played-evening-{clock.milliseconds(clock.now())}"
    facts = EVENING | {"slug": slug, "title": EVENING["played"]}
    event = add_evening(db, facts, starts=wall_now(), capacity=PLAYED.capacity, settings=settings)
    random, organizer = Random(slug), _organizer(db)  # noqa: S311 - nothing is kept secret by it
    story.register(db, event=event, people=PLAYED.people, random=random, by=organizer)
    tickets = story.choose_attendees(db, event=event, absent=0, random=random)
    comers = tickets[: ARRIVALS - PLAYED.walk_ins]
    passes = story.make_doors(db, event=event, second=EVENING["second_door"], by=organizer)
    secrets = [pairing_secret(door_pass, settings.secrets[0]) for door_pass in passes]
    arrivals = story.script(random, persons=comers, story=PLAYED)
    # Anyone who registered now would be missing from the play.
    event.closes_at = clock.now()
    return Stage(event.id, secrets, arrivals, absent=len(tickets) - len(comers))


def _scan_arrivals(settings: Settings, stage: Stage, seconds: float, echo: Echo) -> Played:
    """Scan each arrival at its moment; one phone loses the network in the middle and synchronizes later."""
    main, side = stage.secrets
    paired = [
        phones.pair(settings.base_url, secret, volunteer=name)
        for secret, name in zip((main, main, side, side), VOLUNTEERS, strict=True)
    ]
    played, started, reported_at = Played(), time.monotonic(), 0.0
    for arrival in stage.arrivals:
        _wait_until(started + arrival.moment * seconds)
        phone = paired[arrival.phone]
        _set_network(paired[OFFLINE], arrival.moment, echo)
        phone.scan(arrival)
        played.add(arrival)
        if time.monotonic() - reported_at >= TELLS_EVERY:
            reported_at = time.monotonic()
            echo(_progress(reported_at - started, played, paired))
    _set_network(paired[OFFLINE], 1, echo)
    echo(_progress(time.monotonic() - started, played, paired))
    return played


def _set_network(phone: Phone, moment: float, echo: Echo) -> None:
    """Disconnect a phone from the network in the middle of the evening, and reconnect it."""
    is_online = not OFFLINE_FROM <= moment < ONLINE_AGAIN
    if phone.is_online and not is_online:
        echo("        a phone at the side door loses the network.")
    if is_online and not phone.is_online:
        echo(f"        its network is back: it sends {len(phone.scans)} scans.")
        phone.synchronize()
    phone.is_online = is_online


def _wait_until(moment: float) -> None:
    time.sleep(max(0, moment - time.monotonic()))


def _progress(passed: float, played: Played, paired: Sequence[Phone]) -> str:
    minutes, seconds = divmod(int(passed), 60)
    stored = sum(len(phone.scans) for phone in paired)
    offline = f", the phone without network has {stored} more scans" if stored else ""
    return f"  {minutes}:{seconds:02}  {len(played.door_of):>3} of {ARRIVALS} checked in{offline}"


def _close_doors(db: Session, event_id: int) -> dict[str, int]:
    """Close the doors, and read the report that this compiles."""
    event = db.get_one(Event, event_id)
    reports.close_doors(db, event=event, by=_organizer(db))
    report = latest(db, event_id=event_id)
    assert report is not None  # people were scanned
    return _shown(report)


def _break_off(settings: Settings, event_id: int) -> None:
    """End an interrupted evening, so that it does not stay on for hours: cancel it where no one has come."""
    # If the database is gone too, the interruption itself is the error to report.
    with suppress(CannotStart), transaction(settings) as db:
        event = lock_row(db, Event, event_id)
        if event.state != EventState.PUBLISHED:
            return
        if db.scalars(select(Scan.id).where(Scan.event_id == event_id).limit(1)).first():
            _close_doors(db, event_id)
        else:
            announcements.cancel(db, event=event, because={}, by=_organizer(db))
            story.note_sent(db, event, at=clock.now())


def _organizer(db: Session) -> Account:
    return db.scalars(select(Account).where(Account.email == EMAIL)).one()


def _shown(report: Report) -> dict[str, int]:
    figures = report.figures
    main = min(row["id"] for row in figures["doors"])
    doors = Counter[str]()
    for row in figures["doors"]:
        doors["main" if row["id"] == main else "side"] += row["admitted"]
    return {
        "people": figures["people"],
        "no_shows": figures["no_shows"],
        "walk_ins": figures["walk_ins"]["all"],
        "main": doors["main"],
        "side": doors["side"],
        "conflicts": figures["conflicts"],
        "refused": sum(figures["refused"].values()),
    }


def _table(played: Mapping[str, int], reported: Mapping[str, int]) -> list[str]:
    rows = [f"  {name:<20}{played[key]:>8}{reported[key]:>8}" for key, name in NAMES.items()]
    return [f"  {'':<20}{'played':>8}{'report':>8}", *rows]
