"""Tables, one file per subject: columns, constraints and small rules as properties; nothing here reads or writes.

May import database, clock, config, errors.
"""

from shared.models.account import Account, Invitation, Membership, RecoveryCode, Role, SignIn
from shared.models.attendance import Admission, Report, Scan, Settlement, Visit
from shared.models.audit import Audit
from shared.models.door import Device, Door, DoorPass, DoorPassSession, Epoch, Quarantined, Shift
from shared.models.event import (
    AskedContacts,
    ClosedReason,
    Event,
    EventSession,
    EventState,
    Precision,
    TicketType,
    TicketTypeSession,
)
from shared.models.mailing import Audience, Channel, Mailing
from shared.models.organization import Organization, Series
from shared.models.outbox import EmailBudget, FailureReason, Heartbeat, OutboxMessage
from shared.models.people import Partner, Picture, Speaker
from shared.models.question import Question, QuestionKind
from shared.models.registration import CancelledBy, ConsentWording, Registration, RegistrationState, Unsubscription
from shared.models.ticket_key import TicketKey

__all__ = [
    "Account",
    "Admission",
    "AskedContacts",
    "Audience",
    "Audit",
    "CancelledBy",
    "Channel",
    "ClosedReason",
    "ConsentWording",
    "Device",
    "Door",
    "DoorPass",
    "DoorPassSession",
    "EmailBudget",
    "Epoch",
    "Event",
    "EventSession",
    "EventState",
    "FailureReason",
    "Heartbeat",
    "Invitation",
    "Mailing",
    "Membership",
    "Organization",
    "OutboxMessage",
    "Partner",
    "Picture",
    "Precision",
    "Quarantined",
    "Question",
    "QuestionKind",
    "RecoveryCode",
    "Registration",
    "RegistrationState",
    "Report",
    "Role",
    "Scan",
    "Series",
    "Settlement",
    "Shift",
    "SignIn",
    "Speaker",
    "TicketKey",
    "TicketType",
    "TicketTypeSession",
    "Unsubscription",
    "Visit",
]
