"""The story of a sample evening: registrations, arrivals, and the scans of the phones at two doors.

Everything happens through the use cases that visitors, phones and organizers use, each at its own moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from shared import clock
from shared.command.demo.crowd import draw_name, pool
from shared.database import Texts
from shared.door import attendance, doors, passes
from shared.door.batches import Batch, ScanClaim, WalkIn
from shared.events import channels
from shared.mailings import mailings
from shared.models import Account, Audience, CancelledBy, Device, Door, DoorPass, Event, Registration, RegistrationState
from shared.outbox.kinds import OF_REGISTRATIONS
from shared.registrations import self_service, waiting_list
from shared.registrations.new_registration import NewRegistration
from shared.reports import reports
from shared.scans import ScanKind

BUILD = "demo"
"""The version reported by simulated phones. An event that has one of them has its story."""
VOLUNTEERS = ("Мадина", "Фаррух", "Нигина", "Сино")
"""One for each phone: two at the main door, two at the side door."""
WEIGHTS = (35, 25, 25, 15)
OFFLINE = len(VOLUNTEERS) - 1
"""The phone that loses the network in the middle of an evening."""
OFFLINE_FROM = 0.5
CHANNELS = ("Telegram", "Instagram", "Facebook")
REFUSALS = ("not_a_ticket", "other_event", "cancelled")
BEFORE, AFTER = timedelta(minutes=40), timedelta(minutes=35)
"""The time of the first arrival before the start, and of the last after it."""

# The database stamps rows with its own clock, which cannot be set: rows with the stamp of this very transaction, now(),
# get that of the story.
REGISTERED = text("""
    UPDATE registration SET created_at = least(confirmed_at, waited_at)
    WHERE event_id = :event AND created_at = now()
""")
# No sample's email may reach anyone, and a newcomer's own ticket should be the first in the mailbox. The worker
# finishes messages for people without an address while the event is on: it issues their tickets, to be handed out.
EMAILED = text("""
    UPDATE outbox SET created_at = moment, due_at = moment, finished_at = moment + interval '2 seconds', attempts = 1,
                      outcome = CASE WHEN email IS NULL THEN 'skipped: no address' ELSE 'sent' END
    FROM (SELECT registration.id, email, coalesce(CAST(:at AS timestamptz), registration.created_at) AS moment,
                 email IS NULL AND ends_at > now() AS is_left
          FROM registration JOIN event ON event.id = event_id WHERE event_id = :event) AS person
    WHERE subject = person.id AND kind = ANY(:kinds) AND outbox.created_at = now() AND NOT is_left
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The story of one evening.

    `people` register, of whom a share of `absent` stays away, and `cancel` of those with a seat cancel; with `writes`
    the organizer emails everyone. `headcount` is None where no one counted.
    """

    capacity: int
    people: int
    absent: float
    walk_ins: int = 0
    conflicts: int = 0
    late_phone: bool = False
    cancel: int = 0
    headcount: int | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A scan at `moment`, 0 to 1 of the time of arrivals. A refused one has a reason and no person."""

    moment: float
    phone: int
    person: str | None
    walk_in: WalkIn | None = None
    reason: str | None = None

    def scan(self, number: UUID, *, session: int, at: datetime) -> ScanClaim:
        """Return the scan as a phone stores it."""
        kind, stamp = ScanKind.REFUSED if self.reason else ScanKind.IN, clock.milliseconds(at)
        return ScanClaim(id=number, session=session, kind=kind, at=stamp, person=self.person, reason=self.reason)


def fill_story(db: Session, *, event: Event, story: Story, texts: dict[str, Texts], by: Account) -> None:
    """Fill an evening with its story, as far as it has come by now: up to the report, if it is over."""
    random = Random(event.slug)  # noqa: S311 - nothing is kept secret by it
    now = clock.now()
    register(db, event=event, people=story.people, random=random, by=by)
    if story.writes:
        _write(db, event, texts, by)
    _cancel(db, event, story.cancel, random)
    comers = choose_attendees(db, event=event, absent=story.absent, random=random)
    hall = _Hall(db, event, _open_doors(db, event, texts["second_door"], random, by), random)
    arrivals = script(random, persons=comers, story=story)
    late_arrivals = [
        arrival
        for arrival in arrivals
        if story.late_phone and arrival.phone == OFFLINE and arrival.moment >= OFFLINE_FROM
    ]
    for arrival in arrivals:
        if arrival not in late_arrivals and hall.moment(arrival) <= now:
            hall.record(arrival)
    if event.ends_at and event.ends_at <= now:
        _end(hall, story, by)
        _synchronize_late(hall, late_arrivals, at=event.ends_at + timedelta(hours=13))
    db.execute(REGISTERED, {"event": event.id})


def register(db: Session, *, event: Event, people: int, random: Random, by: Account) -> None:
    """Register so many groups in the three weeks before, each at a moment of its own."""
    starts, sources = _start(event), [*_channels(db, event, by), None]
    moments = sorted(starts - timedelta(days=random.triangular(1.1, 21, 3)) for _ in range(people))
    for moment, person in zip(moments, random.sample(pool(), people), strict=True):
        guests = (draw_name(random, person.language),) if random.random() < 0.08 else ()
        new_registration = NewRegistration(
            name=person.name,
            language=person.language,
            email=person.email,
            phone=person.phone,
            companions=guests,
            source=random.choice(sources),
            wait=True,
        )
        with clock.at(moment):
            self_service.register(db, slug=event.slug, new_registration=new_registration)
    db.execute(REGISTERED, {"event": event.id})
    note_sent(db, event)


def choose_attendees(db: Session, *, event: Event, absent: float, random: Random) -> Sequence[str]:
    """Return the tickets of those who come, in any order, a share of `absent` left out."""
    confirmed = Registration.event_id == event.id, Registration.state == RegistrationState.CONFIRMED
    tickets = db.scalars(select(Registration.ticket_id).where(*confirmed).order_by(Registration.id)).all()
    return random.sample(tickets, round(len(tickets) * (1 - absent)))


def script(random: Random, *, persons: Sequence[str], story: Story) -> list[Arrival]:
    """Return all arrivals in order, each with its phone; of each conflict the second scan is made by the phone that
    loses the network.
    """
    arrivals = [Arrival(_moment(random), _phone(random), person) for person in persons]
    arrivals += [_walk_in(random) for _ in range(story.walk_ins)]
    arrivals += [Arrival(_moment(random), 0, None, reason=reason) for reason in REFUSALS]
    return sorted([*arrivals, *_conflicts(arrivals, story.conflicts)], key=lambda arrival: arrival.moment)


def make_doors(db: Session, *, event: Event, second: Texts, by: Account) -> list[DoorPass]:
    """Open a second door, and make a pass for each."""
    first = db.scalars(select(Door).where(Door.event_id == event.id).order_by(Door.id)).first()
    assert first is not None  # every event has one
    event_doors = first, doors.add(db, event=event, name=second, by=by)
    door_passes = [passes.create(db, door=door, by=by) for door in event_doors]
    for door_pass in door_passes:
        door_pass.created_at = clock.now()
    db.flush()
    return door_passes


def note_sent(db: Session, event: Event, *, at: datetime | None = None) -> None:
    """Mark the emails of this transaction as sent at a moment, or at the time of each registration."""
    db.execute(EMAILED, {"event": event.id, "at": at, "kinds": list(OF_REGISTRATIONS)})


def _moment(random: Random) -> float:
    return random.triangular(0, 1, 0.5)


def _phone(random: Random) -> int:
    return random.choices(range(len(WEIGHTS)), WEIGHTS)[0]


def _walk_in(random: Random) -> Arrival:
    number, language = _uuid(random), random.choice(("tg", "ru"))
    walk_in = WalkIn(id=number, name=draw_name(random, language), language=language)
    return Arrival(_moment(random), random.randrange(OFFLINE), str(number), walk_in)


def _conflicts(arrivals: Iterable[Arrival], count: int) -> Iterator[Arrival]:
    """Yield people of the main door whose ticket is scanned again, at the side door while its phone is offline."""
    middle = OFFLINE_FROM + 0.1
    candidates = [
        arrival
        for arrival in arrivals
        if arrival.phone < 2 and arrival.person and not arrival.walk_in and arrival.moment >= OFFLINE_FROM
    ]
    for arrival in sorted(candidates, key=lambda arrival: abs(arrival.moment - middle))[:count]:
        yield Arrival(min(arrival.moment + 0.03, 1), OFFLINE, arrival.person)


def _uuid(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)


def _start(event: Event) -> datetime:
    assert event.starts_at is not None  # a sample evening has a time
    return event.starts_at


def _channels(db: Session, event: Event, by: Account) -> list[str]:
    """Create the organizer's short links and return their codes."""
    with clock.at(event.created_at):
        created = [channels.add(db, event=event, by=by, name=name) for name in CHANNELS]
    for channel in created:
        channel.created_at = event.created_at
    return [channel.code for channel in created]


def _cancel(db: Session, event: Event, count: int, random: Random) -> None:
    """Cancel on the last day; attendees on the waiting list take the seats, except the first, whose offer lapses."""
    conditions = Registration.event_id == event.id, Registration.host_id.is_(None)
    seated = db.scalars(
        select(Registration.id).where(*conditions, Registration.state == RegistrationState.CONFIRMED)
    ).all()
    offered = (
        select(Registration)
        .where(*conditions, Registration.state == RegistrationState.OFFERED)
        .order_by(Registration.id)
    )
    moment, lapses = _start(event) - timedelta(hours=23), 0
    for registration_id in random.sample(seated, count):
        moment += timedelta(minutes=50)
        with clock.at(moment):
            self_service.cancel(db, registration_id=registration_id, by=CancelledBy.SELF)
        for registration in db.scalars(offered).all():
            lapses = lapses or registration.id
            if registration.id != lapses:
                with clock.at(moment + timedelta(minutes=20)):
                    self_service.confirm(db, registration=registration)
        note_sent(db, event, at=moment)
    with clock.at(_start(event) - timedelta(minutes=110)):
        waiting_list.lapse(db, event_id=event.id, now=clock.now())
        note_sent(db, event, at=clock.now())


def _write(db: Session, event: Event, texts: dict[str, Texts], by: Account) -> None:
    """Email everyone who has a seat, on the day before."""
    with clock.at(_start(event) - timedelta(hours=25)):
        mailing = mailings.write(
            db, event=event, by=by, audience=Audience.CONFIRMED, subject=texts["subject"], body=texts["body"]
        )
        mailing.created_at = clock.now()
        mailings.send(db, mailing=mailing, by=by)
        mailings.begin(db, mailing_id=mailing.id, now=clock.now())
        note_sent(db, event, at=clock.now())


def _open_doors(db: Session, event: Event, second: Texts, random: Random, by: Account) -> list[Device]:
    """Pair the phones of both doors, an hour before the start."""
    with clock.at(_start(event) - timedelta(hours=1)):
        main, side = make_doors(db, event=event, second=second, by=by)
        assignments = zip((main, main, side, side), VOLUNTEERS, strict=True)
        return [
            passes.pair(db, pass_id=door_pass.id, version=door_pass.version, phone=_uuid(random), volunteer=name)[0]
            for door_pass, name in assignments
        ]


@dataclass(frozen=True, slots=True)
class _Hall:
    """An event with its phones, while people arrive."""

    db: Session
    event: Event
    phones: Sequence[Device]
    random: Random

    def moment(self, arrival: Arrival) -> datetime:
        """Return the time of an arrival."""
        return _start(self.event) - BEFORE + arrival.moment * (BEFORE + AFTER)

    def record(self, arrival: Arrival, *, received: datetime | None = None) -> None:
        """Record a scan at once, or when the phone is online again."""
        at = self.moment(arrival)
        scan = arrival.scan(_uuid(self.random), session=self.event.sessions[0].id, at=at)
        walk_ins = [arrival.walk_in] if arrival.walk_in else []
        with clock.at(received or at + timedelta(seconds=1)):
            self.receive(arrival.phone, Batch(scans=[scan], walk_ins=walk_ins))

    def receive(self, phone: int, batch: Batch) -> None:
        """Record a phone's batch of scans now."""
        standing = replace(batch, waiting=0, clock_offset=0, version=BUILD)
        attendance.record(self.db, device=self.phones[phone], batch=standing)


def _end(hall: _Hall, story: Story, by: Account) -> None:
    """Close the doors, which compiles the report; a late phone has not been heard from again by then."""
    db, event = hall.db, hall.event
    assert event.ends_at is not None  # a sample evening has a time
    with clock.at(event.ends_at + timedelta(minutes=5)):
        for phone in range(len(VOLUNTEERS) - story.late_phone):
            hall.receive(phone, Batch(scans=[]))
        # Statements changed phones behind the backs of their objects.
        db.expire_all()
        if story.headcount is not None:
            reports.edit(db, event=event, headcount=story.headcount, note="", by=by)
        reports.close_doors(db, event=event, by=by)


def _synchronize_late(hall: _Hall, late: Sequence[Arrival], *, at: datetime) -> None:
    """Record the scans that a phone stored until the next morning, and compile the report again."""
    for arrival in late:
        hall.record(arrival, received=at)
    hall.db.expire_all()
    reports.compile_report(hall.db, event_id=hall.event.id, now=at)
