"""Every action of the audit in words, for the history of an event, an organization, a person and one's own account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy.orm import Session

from shared import links
from shared.audit import activity
from shared.audit.activity import Act, Names
from shared.i18n import Text, deferred, format_moment, gettext, language, ngettext, text_in
from web.account.form import ROLE_NAMES
from web.organizer.doors.texts import SCAN_ANSWERS
from web.organizer.events import form as forms
from web.organizer.mailings.texts import AUDIENCES
from web.organizer.people.form import read_id
from web.templating import LANGUAGE_NAMES

Describe = Callable[[Any, str], str]

ACTS: Mapping[str, str] = {
    "event.created": deferred("activity.event_created"),
    "event.copied": deferred("activity.event_copied"),
    "event.edited": deferred("activity.event_edited"),
    "event.change_announced": deferred("activity.change_announced"),
    "event.published": deferred("activity.event_published"),
    "event.cancelled": deferred("activity.event_cancelled"),
    "event.draft_deleted": deferred("activity.event_draft_deleted"),
    "event.doors_closed": deferred("activity.event_doors_closed"),
    "event.doors_reopened": deferred("activity.event_doors_reopened"),
    "event.screen_link_renewed": deferred("activity.screen_link_replaced"),
    "sessions.added": deferred("activity.session_added"),
    "sessions.edited": deferred("activity.session_edited"),
    "sessions.removed": deferred("activity.session_removed"),
    "sessions.moved": deferred("activity.sessions_reordered"),
    "ticket_types.added": deferred("activity.ticket_type_added"),
    "ticket_types.edited": deferred("activity.ticket_type_edited"),
    "ticket_types.removed": deferred("activity.ticket_type_removed"),
    "ticket_types.moved": deferred("activity.ticket_types_reordered"),
    "speakers.added": deferred("activity.speaker_added"),
    "speakers.edited": deferred("activity.speaker_edited"),
    "speakers.removed": deferred("activity.speaker_removed"),
    "speakers.moved": deferred("activity.speakers_reordered"),
    "partners.added": deferred("activity.partner_added"),
    "partners.edited": deferred("activity.partner_edited"),
    "partners.removed": deferred("activity.partner_removed"),
    "partners.moved": deferred("activity.partners_reordered"),
    "questions.added": deferred("activity.question_added"),
    "questions.edited": deferred("activity.question_edited"),
    "questions.removed": deferred("activity.question_removed"),
    "questions.moved": deferred("activity.questions_reordered"),
    "picture.changed": deferred("activity.picture_changed"),
    "channel.added": deferred("activity.short_link_created"),
    "channel.renamed": deferred("activity.short_link_renamed"),
    "channel.removed": deferred("activity.short_link_removed"),
    "report.edited": deferred("activity.headcount_saved"),
    "report.link_renewed": deferred("activity.report_link_replaced"),
    "registration.added": deferred("activity.registration_added"),
    "registration.imported": deferred("activity.registration_imported"),
    "registration.edited": deferred("activity.registration_edited"),
    "registration.confirmed": deferred("activity.registration_confirmed"),
    "registration.cancelled": deferred("activity.registration_cancelled"),
    "registration.moved": deferred("activity.ticket_type_changed"),
    "registration.promoted": deferred("activity.seat_given"),
    "registration.email_resent": deferred("activity.registration_resent"),
    "registration.checked_in": deferred("activity.checked_in"),
    "registration.check_in_undone": deferred("activity.check_in_undone"),
    "people.imported": deferred("activity.people_imported"),
    "people.exported": deferred("activity.people_exported"),
    "people.sign_in_sheet_created": deferred("activity.sheet_created"),
    "mailing.created": deferred("activity.mailing_created"),
    "mailing.edited": deferred("activity.mailing_edited"),
    "mailing.scheduled": deferred("activity.mailing_scheduled"),
    "mailing.unscheduled": deferred("activity.mailing_unscheduled"),
    "mailing.sent": deferred("activity.mailing_sent"),
    "mailing.deleted": deferred("activity.mailing_deleted"),
    "mailing.tested": deferred("activity.mailing_tested"),
    "mailing.started": deferred("activity.mailing_started"),
    "mailing.stopped": deferred("activity.mailing_stopped"),
    "email.resent": deferred("activity.emails_resent"),
    "door.added": deferred("activity.door_added"),
    "door.renamed": deferred("activity.door_renamed"),
    "door.closed": deferred("activity.door_closed"),
    "door.reopened": deferred("activity.door_reopened"),
    "door.rules_edited": deferred("activity.door_rules_changed"),
    "door_pass.created": deferred("activity.door_pass_created"),
    "door_pass.renewed": deferred("activity.door_pass_replaced"),
    "door_pass.revoked": deferred("activity.door_pass_revoked"),
    "phone.revoked": deferred("activity.phone_revoked"),
    "phone.revoked_and_pass_renewed": deferred("activity.phone_revoked_and_replaced"),
    "phone.allowed": deferred("activity.phone_allowed"),
    "quarantine.accepted": deferred("activity.quarantine_accepted"),
    "quarantine.deleted": deferred("activity.quarantine_deleted"),
    "conflict.settled": deferred("activity.conflict_settled"),
    "conflict.reopened": deferred("activity.conflict_reopened"),
    "walk_in.merged": deferred("activity.walk_in_merged"),
    "walk_in.separated": deferred("activity.walk_in_separated"),
    "scan_file.imported": deferred("activity.phone_file_imported"),
    "paper_list.checked_in": deferred("activity.paper_check_ins_added"),
    "member.invited": deferred("activity.member_invited"),
    "member.invitation_resent": deferred("activity.invitation_resent"),
    "member.invitation_revoked": deferred("activity.invitation_revoked"),
    "member.joined": deferred("activity.invitation_accepted"),
    "member.role_changed": deferred("activity.role_changed"),
    "member.removed": deferred("activity.member_removed"),
    "series.added": deferred("activity.series_created"),
    "series.renamed": deferred("activity.series_renamed"),
    "returning_attendees.enabled": deferred("activity.returning_turned_on"),
    "returning_attendees.deleted": deferred("activity.returning_turned_off"),
    "account.edited": deferred("activity.account_edited"),
    "account.password_changed": deferred("activity.password_changed"),
    "account.password_reset": deferred("activity.password_reset"),
    "account.second_factor_on": deferred("activity.two_step_turned_on"),
    "account.second_factor_off": deferred("activity.two_step_turned_off"),
    "account.second_factor_removed": deferred("activity.two_step_removed"),
    "account.recovery_codes_renewed": deferred("activity.recovery_codes_replaced"),
    "account.recovery_code_used": deferred("activity.recovery_code_used"),
    "account.wrong_codes": deferred("activity.wrong_codes"),
    "account.signed_out": deferred("activity.browsers_signed_out"),
}
"""A sentence for every action that the code writes, or once wrote, since old rows of the audit stay.

The actor stands beside it, so no sentence has a person as its subject.
"""

GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "event": (
        deferred("common.event"),
        ("event", "sessions", "ticket_types", "speakers", "partners", "questions", "picture", "channel", "report"),
    ),
    "people": (deferred("common.attendees"), ("registration", "people")),
    "mails": (deferred("activity.group_emails"), ("mailing", "email")),
    "doors": (
        deferred("common.doors"),
        ("door", "door_pass", "phone", "quarantine", "conflict", "walk_in", "scan_file", "paper_list"),
    ),
    "organization": (deferred("activity.group_organization"), ("member", "series", "returning_attendees")),
}
"""The filters of a history: the name of each, and the subjects of its actions."""

FIELDS: Mapping[str, str] = {
    **{field.name: field.label for fields in forms.SECTIONS.values() for field in fields},
    "slug": forms.SLUG.label,
    "series": deferred("series.series_label"),
    "languages": deferred("event.languages_label"),
    "picture": deferred("common.cover"),
    "time": deferred("activity.field_time"),
    "place": deferred("activity.field_venue"),
    "programme": deferred("activity.field_programme"),
    "headcount": deferred("activity.field_headcount"),
    "note": deferred("activity.field_note"),
    "name": deferred("common.field_name"),
    "email": deferred("common.field_email"),
    "phone": deferred("common.field_phone"),
    "language": deferred("common.field_language"),
    "answers": deferred("activity.field_answers"),
}
"""The label of each field, by its name in the audit."""


def action(name: str) -> str:
    """Return the sentence of an action; an action without one by its name as it stands."""
    return gettext(ACTS[name]) if name in ACTS else name


def actor(act: Act) -> str:
    """Return the name of the actor."""
    if act.account_id is None:
        return gettext("activity.by_system")
    return act.name or gettext("activity.by_deleted_account")


def details(act: Act, names: Names, zone: str) -> str:
    """Return the details in words: ids by name first, then the rest. Details that only machines read are left out."""
    # In the order of DETAILS: JSONB does not preserve the order of its keys.
    texts = [_name(act, key, value, names) for key, value in act.details.items() if key not in DETAILS]
    texts += [describe(act.details[key], zone) for key, describe in DETAILS.items() if act.details.get(key)]
    return ", ".join(text for text in texts if text)


def local(moment: datetime, zone: str) -> str:
    """Return day and time by the clock of a zone, short enough for the head of a line."""
    local_time = moment.astimezone(ZoneInfo(zone))
    return format_moment(local_time, weekday=False)


def _name(act: Act, key: str, value: Any, names: Names) -> str:
    subject = act.action.partition(".")[0] if key == "id" else key
    name = names.get((subject, int(value))) if str(value).isdecimal() else None
    return name if isinstance(name, str) else str(text_in(name, (language(), *(act.languages or ()))) or "")


PERSONAL: Mapping[str, str] = {
    "names": deferred("activity.columns_names"),
    "contact": deferred("activity.columns_contact"),
    "answers": deferred("activity.field_answers"),
}
"""The groups of personal columns of an exported file."""


def _fields(value: Sequence[str]) -> str:
    return ", ".join(gettext(FIELDS[name]) for name in value if name in FIELDS)


def _people(value: int, _zone: str) -> str:
    return ngettext("activity.people_count", value)


def _emails(value: int, _zone: str) -> str:
    return ngettext("mailing.email_count", value)


def _role(value: str) -> str:
    return gettext(ROLE_NAMES.get(value, ""))


def _timeless(describe: Callable[[int], str]) -> Describe:
    return lambda value, _zone: describe(value)


DETAILS: Mapping[str, Describe] = {
    "fields": lambda value, _: _fields(value),
    "format": lambda value, _: str(value).upper(),
    "personal": lambda value, _: gettext(
        "activity.with_columns", fields=", ".join(gettext(PERSONAL[name]) for name in value)
    ),
    "count": _people,
    "places": _people,
    "rows": lambda value, _: ngettext("activity.of_rows", value),
    "audience": lambda value, _: gettext(AUDIENCES[value][0]) if value in AUDIENCES else "",
    "mails": _emails,
    "language": lambda value, _: LANGUAGE_NAMES.get(value, ""),
    "due_at": lambda value, zone: local(datetime.fromisoformat(value), zone),
    "scans": lambda value, _: ngettext("common.scan_count", value),
    "walk_ins": lambda value, _: ngettext("common.walk_in_count", value),
    "browsers": lambda value, _: ngettext("activity.browser_count", value),
    "role": lambda value, _: _role(value),
    "before": lambda value, _: gettext("activity.role_before", role=_role(value)),
    "report_version": lambda value, _: gettext("activity.report_version", version=value),
    **{name: _timeless(describe) for name, describe in SCAN_ANSWERS.items()},
}
"""The words of each detail, by its key and in this order; ids are shown by name. Times are those of the zone."""


PAGE = 50
SYSTEM = 0
"""The id of the actor where the worker acted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One act as a reader sees it. `person` and `event` are links where their addresses are not empty."""

    at: datetime
    when: str
    actor: str
    actor_id: int
    action: str
    details: str
    person: str
    person_address: str
    event: Text | None
    event_address: str


def of_acts(db: Session, acts: Sequence[Act], zone: str) -> list[Line]:
    """Return acts as lines; ids in them are shown by the names that they have now."""
    names = activity.names(db, acts)
    return [_line(act, details(act, names, zone), zone) for act in acts]


def page_of(db: Session, acts: Sequence[Act], zone: str) -> dict[str, Any]:
    """Return the context of one page of a list, from up to PAGE + 1 acts."""
    page = acts[:PAGE]
    return {
        "lines": of_acts(db, page, zone),
        "next": page[-1].id if len(acts) > PAGE else None,
        "is_first": "before" not in request.args,
        "zone": zone,
    }


def before() -> int | None:
    """Return the id of the last act of the page before, or None on the first page."""
    return read_id(request.args.get("before", ""))


def _line(act: Act, details: str, zone: str) -> Line:
    event = links.organizer("event", event_id=act.event_id) if act.title else ""
    return Line(
        at=act.at,
        when=local(act.at, zone),
        actor=actor(act),
        actor_id=act.account_id or SYSTEM,
        action=action(act.action),
        details=details,
        person=_person(act),
        person_address=_person_address(act) if act.person and act.people == 1 else "",
        event=text_in(act.title, (language(), *(act.languages or ()))),
        event_address=event,
    )


def _person_address(act: Act) -> str:
    return links.organizer("person", event_id=act.event_id, person_id=act.registration_id)


def _person(act: Act) -> str:
    if act.people > 1:
        return ngettext("activity.people_count", act.people)
    gone = gettext("activity.person_gone") if act.registration_id else ""
    return act.person or gone
