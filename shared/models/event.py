"""Events, their sessions and their ticket types."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SQLColumnExpression,
    UniqueConstraint,
    exists,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from shared import i18n
from shared.database import Base, Choice, Created, Id, Texts, Wall, choice_check, texts_check
from shared.models.organization import Organization, Series
from shared.models.people import Partner, Speaker
from shared.models.question import Question
from shared.models.ticket_key import TicketKey

TEXTS = (
    "title",
    "summary",
    "description",
    "recap",
    "city",
    "venue",
    "address",
    "time_note",
    "bring",
    "accessibility",
    "cancelled_because",
)
"""Checked by a trigger when they are written: a CHECK would be evaluated for each seat, with the row locked."""
SEATS = "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)"
TIMES = (
    "(starts_local IS NULL) = (starts_at IS NULL) AND (ends_local IS NULL) = (ends_at IS NULL) AND ends_at >= starts_at"
)


class EventState(StrEnum):
    """The states of an event. Visitors see each but a draft."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Precision(StrEnum):
    """How exactly an event's time is known. About: its month."""

    MINUTE = "minute"
    DAY = "day"
    ABOUT = "about"
    UNKNOWN = "unknown"


class AskedContacts(StrEnum):
    """The contacts that a registration form requires. Either: any of the two."""

    EITHER = "either"
    EMAIL = "email"
    PHONE = "phone"
    BOTH = "both"


class ClosedReason(StrEnum):
    """Why no one gets a seat of an event, not even from an organizer."""

    DRAFT = "draft"
    CANCELLED = "cancelled"
    OVER = "over"
    DOORS_CLOSED = "doors_closed"


class CountsSeats:
    """A limit of seats, how many are taken, and how many people wait for one. The row is locked to change them."""

    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(server_default="0")
    waiting: Mapped[int] = mapped_column(server_default="0")

    @property
    def free(self) -> int | None:
        """Return the seats that no one has, also while people wait for them. None: no limit."""
        return None if self.capacity is None else self.capacity - self.taken

    def fits(self, number: int) -> bool:
        """Return whether so many seats are free."""
        return self.free is None or number <= self.free


class Event(CountsSeats, Base):
    """A title, a venue, a time, seats. Wall time and zone are the truth; the instants follow from them.

    `known` is the precision of the time.
    """

    __tablename__ = "event"
    __table_args__ = (
        choice_check("state", EventState),
        choice_check("known", Precision),
        choice_check("asks", AskedContacts),
        CheckConstraint(SEATS, name="seats"),
        CheckConstraint(TIMES, name="times"),
        CheckConstraint("(known = 'unknown') = (starts_at IS NULL)", name="known_time"),
        CheckConstraint("title <> '{}' AND cardinality(languages) > 0", name="title_given"),
        CheckConstraint("headcount >= 0", name="headcount"),
        CheckConstraint("grace_minutes >= 0 AND held_minutes >= 0 AND retention_days > 0", name="spans"),
        CheckConstraint("doors_open_minutes >= 0", name="doors_open"),
        ForeignKeyConstraint(["organization_id", "series_id"], ["series.organization_id", "series.id"]),
        Index(None, "organization_id", "starts_at"),
    )

    id: Mapped[Id]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    series_id: Mapped[int | None]
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[EventState] = mapped_column(Choice(EventState), server_default=EventState.DRAFT)
    languages: Mapped[list[str]]
    """The languages of the event's texts, the main one first: an untranslated text is shown in it."""
    title: Mapped[Texts]
    summary: Mapped[Texts] = mapped_column(server_default="{}")
    description: Mapped[Texts] = mapped_column(server_default="{}")
    recap: Mapped[Texts] = mapped_column(server_default="{}")
    city: Mapped[Texts] = mapped_column(server_default="{}")
    venue: Mapped[Texts] = mapped_column(server_default="{}")
    address: Mapped[Texts] = mapped_column(server_default="{}")
    map_link: Mapped[str | None]
    bring: Mapped[Texts] = mapped_column(server_default="{}")
    accessibility: Mapped[Texts] = mapped_column(server_default="{}")
    spoken: Mapped[list[str]] = mapped_column(server_default="{}")
    """The languages spoken at the event, as codes; not those of its texts."""
    contact: Mapped[str | None]
    """Contact for questions: an address, a number or a link."""
    cancelled_because: Mapped[Texts] = mapped_column(server_default="{}")
    search_key: Mapped[str] = mapped_column(server_default="")
    """Title, city and speakers in every language, as search_key() folds them."""

    zone: Mapped[str]
    known: Mapped[Precision] = mapped_column(Choice(Precision), server_default=Precision.MINUTE)
    starts_local: Mapped[Wall | None]
    ends_local: Mapped[Wall | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    time_note: Mapped[Texts] = mapped_column(server_default="{}")

    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    asks: Mapped[AskedContacts] = mapped_column(Choice(AskedContacts), server_default=AskedContacts.EITHER)
    private: Mapped[bool] = mapped_column(server_default=false())
    confirm_by_mail: Mapped[bool] = mapped_column(server_default=false())
    waiting_list: Mapped[bool] = mapped_column(server_default=true())
    """Whether people can join a waiting list once all seats are taken."""

    admit_unlisted: Mapped[bool] = mapped_column(server_default=true())
    """Whether a door accepts a genuine ticket that is not in its list yet."""
    # Without evaluates_none() a None is left out of the INSERT, and the database's default replaces it.
    doors_open_minutes: Mapped[int | None] = mapped_column(BigInteger().evaluates_none(), server_default="120")
    """Minutes before a session from which tickets are accepted; None: at any time."""
    reentry: Mapped[bool] = mapped_column(server_default=false())
    """Whether people are scanned out too, and can enter again."""
    walk_ins: Mapped[bool] = mapped_column(server_default=true())
    """Whether people without a registration may enter while seats are free."""
    initials: Mapped[bool] = mapped_column(server_default=false())
    """Whether doors show initials instead of names; those of a private event always do."""
    held_minutes: Mapped[int] = mapped_column(server_default="15")
    """Minutes after the start for which the seats of absent attendees are closed to walk-ins."""
    grace_minutes: Mapped[int] = mapped_column(server_default="120")
    """Minutes after the end at which the report is compiled."""
    doors_closed_at: Mapped[datetime | None]
    headcount: Mapped[int | None]
    reminders: Mapped[bool] = mapped_column(server_default=true())
    """Whether attendees get reminders two days and three hours before."""
    retention_days: Mapped[int | None]
    """Set by older versions; no page asks for it, since nothing deletes names and contacts yet."""
    picture: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256"))
    """A photograph instead of the woven cover."""
    version: Mapped[int] = mapped_column(server_default="1")
    """Version of its texts and settings: raised by each edit, so that two simultaneous edits are noticed."""
    screen_version: Mapped[int] = mapped_column(server_default="1")
    """Version of the link to the projector's view; raising it revokes earlier links."""
    headcount_version: Mapped[int] = mapped_column(server_default="1")
    """The same for the link to the headcount."""
    sequence: Mapped[int] = mapped_column(server_default="0")
    """The calendar's SEQUENCE (RFC 5546), raised with each change that attendees must learn of."""
    changed_silently: Mapped[bool] = mapped_column(server_default=false())
    """Whether its time, venue or programme changed without an email since the last email about a change to everyone
    with a seat.
    """
    updated_at: Mapped[Created]
    created_at: Mapped[Created]

    people: Mapped[int | None] = query_expression()
    """Attendance by the latest report; set by queries that load it, else None."""

    organization: Mapped[Organization] = relationship()
    series: Mapped[Series | None] = relationship(primaryjoin="foreign(Event.series_id) == Series.id")
    sessions: Mapped[list["EventSession"]] = relationship(order_by="(EventSession.position, EventSession.id)")
    ticket_types: Mapped[list["TicketType"]] = relationship(order_by="(TicketType.position, TicketType.id)")
    speakers: Mapped[list[Speaker]] = relationship(order_by=(Speaker.position, Speaker.id))
    partners: Mapped[list[Partner]] = relationship(order_by=(Partner.position, Partner.id))
    keys: Mapped[list[TicketKey]] = relationship(order_by=TicketKey.number)
    questions: Mapped[list[Question]] = relationship(order_by=(Question.position, Question.id))

    @property
    def is_undated(self) -> bool:
        """Return whether it is a past event without a recorded date. A draft without a date is only unfinished."""
        return self.ends_at is None and self.state != EventState.DRAFT

    def is_over(self, now: datetime) -> bool:
        """Return whether the event has ended, on a known day or not."""
        return self.is_undated or (self.ends_at is not None and self.ends_at <= now)

    def title_of(self, session: "EventSession") -> Texts:
        """Return the title of a session: its own, the event's for the only one, else its number among them."""
        if session.title or len(self.sessions) == 1:
            return session.title or self.title
        return i18n.in_every_language(i18n.deferred("common.session_number"), number=self.sessions.index(session) + 1)

    def compiles_at(self) -> datetime | None:
        """Return when its report is due: when the doors were closed, else the end plus the grace."""
        return self.doors_closed_at or (self.ends_at and self.ends_at + timedelta(minutes=self.grace_minutes))

    def closed_reason(self, now: datetime) -> ClosedReason | None:
        """Return why no one gets a seat, not even from an organizer; None while seats can be had.

        A seat given then could not be used, and would be missing in the report.
        """
        if self.state != EventState.PUBLISHED:
            return ClosedReason(self.state)
        if self.is_over(now):
            return ClosedReason.OVER
        return ClosedReason.DOORS_CLOSED if self.doors_closed_at else None

    def is_open(self, now: datetime) -> bool:
        """Return whether people may register, as far as the event decides: inside its window, and not closed."""
        return self.closed_reason(now) is None and _is_within(self, now)

    def may_wait(self, now: datetime) -> bool:
        """Return whether people may wait for a seat: seats freed after the start go to people at the door."""
        return self.waiting_list and (self.starts_at is None or now < self.starts_at)

    def doors_open_at(self, session: "Event | EventSession") -> datetime | None:
        """Return when the doors open for a session, or for the event; None: at any time."""
        if session.starts_at is None or self.doors_open_minutes is None:
            return None
        return session.starts_at - timedelta(minutes=self.doors_open_minutes)

    def may_close_doors(self, now: datetime) -> bool:
        """Return whether its doors may be closed: attendees could enter, at least to one of its sessions."""
        if self.state != EventState.PUBLISHED:
            return False
        # While the event itself is on, its sessions need not be read.
        return self._admits_to(self, now) or any(self._admits_to(session, now) for session in self.sessions)

    def _admits_to(self, session: "Event | EventSession", now: datetime) -> bool:
        opens_at = self.doors_open_at(session)
        return opens_at is None or opens_at <= now

    @property
    def hides_names(self) -> bool:
        """Return whether a door shows only the initials of a name."""
        return self.private or self.initials

    @property
    def confirms_by_email(self) -> bool:
        """Return whether a registration is confirmed by email, and no one else learns of it."""
        return self.private or self.confirm_by_mail

    def seats_left(self, ticket_types: Sequence["TicketType"]) -> int | None:
        """Return the seats of these ticket types that a new attendee could have, at most the event's own.

        None: no limit.
        """
        limits = [self.free]
        of_types = [ticket_type.seats_left for ticket_type in ticket_types]
        if of_types and None not in of_types:
            limits.append(sum(left for left in of_types if left is not None))
        return min((left for left in limits if left is not None), default=None)


class EventSession(Base):
    """A part of an event attended on its own: a day, a talk, a room. Every event has at least one."""

    __tablename__ = "event_session"
    __table_args__ = (
        texts_check("title"),
        texts_check("place"),
        CheckConstraint(TIMES, name="times"),
        UniqueConstraint("event_id", "id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[Texts] = mapped_column(server_default="{}")
    place: Mapped[Texts] = mapped_column(server_default="{}")
    starts_local: Mapped[Wall | None]
    ends_local: Mapped[Wall | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(server_default="0")
    plain_uid: Mapped[bool] = mapped_column(server_default=false())
    """Its calendar entry has the ticket's own UID, without a number: the event was made with only this session."""


class TicketType(CountsSeats, Base):
    """A type of ticket with its own capacity, admitting to some or all sessions."""

    __tablename__ = "ticket_type"
    __table_args__ = (
        texts_check("title"),
        CheckConstraint(SEATS, name="seats"),
        UniqueConstraint("event_id", "id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[Texts]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(server_default="0")

    sessions: Mapped[list[EventSession]] = relationship(
        secondary="ticket_type_session", order_by=(EventSession.position, EventSession.id), viewonly=True
    )

    def is_open(self, now: datetime) -> bool:
        """Return whether its own window, inside the event's, is open."""
        return _is_within(self, now)

    @property
    def seats_left(self) -> int | None:
        """Return the seats of this type that a new attendee could have: none while others wait for one.

        None: no own limit.
        """
        return 0 if self.waiting else self.free


class TicketTypeSession(Base):
    """A session to which a ticket type admits; both belong to one event."""

    __tablename__ = "ticket_type_session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["event_id", "ticket_type_id"], ["ticket_type.event_id", "ticket_type.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["event_id", "session_id"], ["event_session.event_id", "event_session.id"], ondelete="CASCADE"
        ),
    )

    ticket_type_id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int]

    @classmethod
    def admits(cls, ticket_type_id: SQLColumnExpression[int], session_id: int) -> ColumnElement[bool]:
        """Return whether a ticket type admits to a session, as SQL."""
        return exists().where(cls.ticket_type_id == ticket_type_id, cls.session_id == session_id)


def _is_within(window: Event | TicketType, now: datetime) -> bool:
    return (window.opens_at is None or window.opens_at <= now) and (window.closes_at is None or now < window.closes_at)
