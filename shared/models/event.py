"""Events, the sessions they consist of, and the kinds of seat that they offer."""

from collections.abc import Sequence
from datetime import datetime, timedelta

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
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from shared import i18n
from shared.database import Base, Created, Id, Texts, Wall, choice_check, texts_check
from shared.models.organization import Organization, Series
from shared.models.people import Partner, Speaker
from shared.models.question import Question
from shared.models.ticket_key import TicketKey

STATES = ("draft", "published", "cancelled")
KNOWN = ("minute", "day", "about", "unknown")
ASKS = ("either", "email", "phone", "both")
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
SEATS = "taken >= 0 AND waiting >= 0 AND (capacity IS NULL OR taken <= capacity)"
TIMES = (
    "(starts_local IS NULL) = (starts_at IS NULL) AND (ends_local IS NULL) = (ends_at IS NULL) AND ends_at >= starts_at"
)


class Event(Base):
    """A title, a place, a time, seats. The wall time and the zone are the truth, the instants follow from them.

    `known` says how well the time is known: to the minute, to the day, about (the month) or not at all.
    """

    __tablename__ = "event"
    __table_args__ = (
        *map(texts_check, TEXTS),
        choice_check("state", STATES),
        choice_check("known", KNOWN),
        choice_check("asks", ASKS),
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
    state: Mapped[str] = mapped_column(server_default="draft")
    languages: Mapped[list[str]]
    """The languages of the event's texts, the first one first: what is not translated is shown in it."""
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
    """Whom to ask: an address, a number or a link."""
    cancelled_because: Mapped[Texts] = mapped_column(server_default="{}")
    search_key: Mapped[str] = mapped_column(server_default="")
    """Title, city and speakers in every language, as search_key() folds them."""

    zone: Mapped[str]
    known: Mapped[str] = mapped_column(server_default="minute")
    starts_local: Mapped[Wall | None]
    ends_local: Mapped[Wall | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    time_note: Mapped[Texts] = mapped_column(server_default="{}")

    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    asks: Mapped[str] = mapped_column(server_default="either")
    private: Mapped[bool] = mapped_column(server_default=false())
    confirm_by_mail: Mapped[bool] = mapped_column(server_default=false())
    waiting_list: Mapped[bool] = mapped_column(server_default=true())
    """Whether people may wait for a seat once all are taken."""
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(server_default="0")
    waiting: Mapped[int] = mapped_column(server_default="0")

    admit_unlisted: Mapped[bool] = mapped_column(server_default=true())
    """Whether a door admits a genuine ticket that is not in its list yet."""
    # Without evaluates_none() a None is left out of the INSERT, and the database's default takes its place.
    doors_open_minutes: Mapped[int | None] = mapped_column(BigInteger().evaluates_none(), server_default="120")
    """How long before a session its doors let people in; None: at any time."""
    reentry: Mapped[bool] = mapped_column(server_default=false())
    """Whether people are scanned out too, and come in again."""
    walk_ins: Mapped[bool] = mapped_column(server_default=true())
    """Whether somebody without a registration may come in while there is room."""
    initials: Mapped[bool] = mapped_column(server_default=false())
    """Whether doors show initials instead of names; those of a private event always do."""
    held_minutes: Mapped[int] = mapped_column(server_default="15")
    """How long after the start an unarrived place is kept from walk-ins."""
    grace_minutes: Mapped[int] = mapped_column(server_default="120")
    """How long after the end the attendance is compiled."""
    doors_closed_at: Mapped[datetime | None]
    headcount: Mapped[int | None]
    reminders: Mapped[bool] = mapped_column(server_default=true())
    """Whether people are reminded two days and three hours before."""
    retention_days: Mapped[int | None]
    """Set by events of before; no page asks for it, since nothing erases names and contacts yet."""
    picture: Mapped[str | None] = mapped_column(ForeignKey("picture.sha256"))
    """A photograph in place of the woven cover."""
    version: Mapped[int] = mapped_column(server_default="1")
    """Of its texts and settings: raised by each edit, so that two people who edit at once find out."""
    screen_version: Mapped[int] = mapped_column(server_default="1")
    """Of the link of the projector's view; raising it withdraws the links given out before."""
    headcount_version: Mapped[int] = mapped_column(server_default="1")
    """The same of the link to a count by hand."""
    sequence: Mapped[int] = mapped_column(server_default="0")
    """The calendar's SEQUENCE (RFC 5546), raised with each change that an attendee must learn."""
    changed_silently: Mapped[bool] = mapped_column(server_default=false())
    """Whether its time, place or programme changed without an email since everyone with a seat was last told of one."""
    updated_at: Mapped[Created]
    created_at: Mapped[Created]

    people: Mapped[int | None] = query_expression()
    """How many came, by the latest report; there for queries that ask for it, else None."""

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
        """Whether it is history without a date: it took place, and nobody wrote down when. A draft without a date is
        only not finished.
        """
        return self.ends_at is None and self.state != "draft"

    def is_over(self, now: datetime) -> bool:
        """Whether the event has ended, on a day that is known or not."""
        return self.is_undated or (self.ends_at is not None and self.ends_at <= now)

    def title_of(self, part: "EventSession") -> Texts:
        """What a part is called: by its title, the only one as the event, else by its number among the parts."""
        if part.title or len(self.sessions) == 1:
            return part.title or self.title
        return i18n.in_every_language(i18n.deferred("common.session_number"), number=self.sessions.index(part) + 1)

    def compiles_at(self) -> datetime | None:
        """When its attendance is due: when the doors were closed, else the end and the grace."""
        return self.doors_closed_at or (self.ends_at and self.ends_at + timedelta(minutes=self.grace_minutes))

    def barred(self, now: datetime) -> str | None:
        """Why nobody gets a seat, from its organizers neither: "draft", "cancelled", "over" or "doors_closed"; whoever
        got one then could not come, and would be missing in its report. None while people can.
        """
        if self.state != "published":
            return self.state
        if self.is_over(now):
            return "over"
        return "doors_closed" if self.doors_closed_at else None

    def is_open(self, now: datetime) -> bool:
        """Whether people may register, as far as the event decides: inside its window, and nothing bars it."""
        return self.barred(now) is None and _is_within(self, now)

    def may_wait(self, now: datetime) -> bool:
        """Whether people may wait for a seat: seats that are freed after the start are given at the door."""
        return self.waiting_list and (self.starts_at is None or now < self.starts_at)

    def doors_open_at(self, part: "Event | EventSession") -> datetime | None:
        """From when on the doors let people in to a part, or to the event; None: at any time."""
        if part.starts_at is None or self.doors_open_minutes is None:
            return None
        return part.starts_at - timedelta(minutes=self.doors_open_minutes)

    def may_close_doors(self, now: datetime) -> bool:
        """Whether one may say that nobody comes any more: people could come, at least to one of its parts."""
        if self.state != "published":
            return False
        # Of an event that is on the parts need not be read.
        return self._lets_in_to(self, now) or any(self._lets_in_to(part, now) for part in self.sessions)

    def _lets_in_to(self, part: "Event | EventSession", now: datetime) -> bool:
        opens_at = self.doors_open_at(part)
        return opens_at is None or opens_at <= now

    @property
    def hides_names(self) -> bool:
        """Whether a door shows no more of a name than its initials."""
        return self.private or self.initials

    @property
    def needs_mail(self) -> bool:
        """Whether a sign-up is confirmed by mail, and nobody else learns of it."""
        return self.private or self.confirm_by_mail

    def seats_left(self, kinds: Sequence["TicketType"]) -> int | None:
        """Seats of these ticket types that a newcomer could have, at most the event's own. None: no limit."""
        limits = [None if self.capacity is None else self.capacity - self.taken]
        of_types = [ticket_type.seats_left for ticket_type in kinds]
        if of_types and None not in of_types:
            limits.append(sum(left for left in of_types if left is not None))
        return min((left for left in limits if left is not None), default=None)


class EventSession(Base):
    """A part of an event attended on its own: a day, a room. Every event has at least one."""

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
    """Its entry in calendars is the ticket's own, without a number: the event was made with no other part."""


class TicketType(Base):
    """A kind of seat with its own capacity, admitting to some or all sessions."""

    __tablename__ = "ticket_type"
    __table_args__ = (
        texts_check("title"),
        CheckConstraint(SEATS, name="seats"),
        UniqueConstraint("event_id", "id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    title: Mapped[Texts]
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(server_default="0")
    waiting: Mapped[int] = mapped_column(server_default="0")
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(server_default="0")

    sessions: Mapped[list[EventSession]] = relationship(
        secondary="ticket_type_session", order_by=(EventSession.position, EventSession.id), viewonly=True
    )

    def parts_of(self, event: Event) -> list[EventSession]:
        """The sessions of its event that it admits to: where it names none, each."""
        return self.sessions or event.sessions

    def is_open(self, now: datetime) -> bool:
        """Whether its own window, inside the event's, is open."""
        return _is_within(self, now)

    @property
    def seats_left(self) -> int | None:
        """Seats of this type that a newcomer could have: none while people wait for one. None: no limit of its own."""
        if self.waiting:
            return 0
        return None if self.capacity is None else self.capacity - self.taken


class TicketTypeSession(Base):
    """Which sessions a ticket type admits to; both of the same event. One without a row admits to each."""

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
        """Whether a ticket type admits to a session of its event."""
        named = exists().where(cls.ticket_type_id == ticket_type_id)
        return or_(~named, named.where(cls.session_id == session_id))


def _is_within(window: Event | TicketType, now: datetime) -> bool:
    return (window.opens_at is None or window.opens_at <= now) and (window.closes_at is None or now < window.closes_at)
