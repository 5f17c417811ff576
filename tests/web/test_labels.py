"""Each member of an enum that pages show has its label, in every table of labels."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import pytest

from shared.mailings.audiences import EmailState, UnknownReason
from shared.models import (
    AskedContacts,
    Audience,
    CancelledBy,
    ClosedReason,
    EventState,
    FailureReason,
    Precision,
    QuestionKind,
    RegistrationState,
    Role,
)
from shared.registrations.imports import RowResult
from shared.registrations.people_export import TicketEmail
from shared.reports.figures import WalkInReason
from web.account import form as account_forms
from web.forms.registration import REQUIRED_CONTACTS
from web.organizer import delivery_faults
from web.organizer.events import editor
from web.organizer.events import form as event_forms
from web.organizer.events import questions as question_forms
from web.organizer.mailings import form as mailing_forms
from web.organizer.mailings import texts as mailing_wording
from web.organizer.people import imports, workbook
from web.organizer.people import texts as people_wording
from web.organizer.reports import figure_labels, live
from web.visitor import my_tickets
from worker import account_emails

LABELS: Mapping[str, tuple[type[StrEnum], Mapping[Any, object]]] = {
    "status of a registration": (RegistrationState, people_wording.STATES),
    "status of an own ticket": (RegistrationState, my_tickets.STATES),
    "who cancelled, in the history": (CancelledBy, people_wording.CANCELLED_BY),
    "who cancelled, in a file": (CancelledBy, workbook.WORDS["cancelled_by"]),
    "why no one gets a seat": (ClosedReason, people_wording.CLOSED),
    "how exactly a time is known": (Precision, event_forms.PRECISIONS),
    "contacts": (AskedContacts, event_forms.CONTACT_DETAILS),
    "audiences": (Audience, mailing_wording.AUDIENCES),
    "state of an email": (EmailState, mailing_wording.STATES),
    "why attendance is unknown": (UnknownReason, mailing_forms.UNKNOWN),
    "types of questions": (QuestionKind, question_forms.KINDS),
    "why an email was not sent": (FailureReason, delivery_faults.FAULTS),
    "rows of an imported list": (RowResult, imports.RESULTS),
    "why a walk-in was not expected": (WalkInReason, figure_labels.WALK_INS),
    "email of a ticket, in a file": (TicketEmail, workbook.WORDS["mail_status"]),
    "roles": (Role, account_forms.ROLE_NAMES),
    "what a role may": (Role, account_forms.ROLE_SENTENCES),
    "what a role may, in the invitation": (Role, account_emails.MAY),
    "required contacts": (AskedContacts, REQUIRED_CONTACTS),
}


REASONS: Mapping[str, tuple[set[StrEnum], Mapping[Any, object]]] = {
    "closing or opening registration": (set(ClosedReason), editor.REFUSALS),
    "publishing": (set(EventState) - {EventState.DRAFT}, editor.REFUSALS),
    "closing or reopening the doors": (set(EventState) - {EventState.PUBLISHED}, live.REFUSALS),
}
"""What the state of an event refuses: the reasons, and their sentences among others."""


@pytest.mark.parametrize("table", LABELS)
def test_a_table_of_labels_has_each_member_and_no_other_word(table: str) -> None:
    members, labels = LABELS[table]
    assert labels.keys() == set(members)


@pytest.mark.parametrize("act", REASONS)
def test_each_refusal_by_the_state_of_an_event_has_its_sentence(act: str) -> None:
    reasons, sentences = REASONS[act]
    assert reasons <= sentences.keys()
