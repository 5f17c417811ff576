"""Every act in words: one table for an event's history, an organization's, a person's story and one's own account."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.i18n import deferred, format_moment, gettext, language, ngettext, text_in
from shared.queries.audit import Act, Names
from web.forms import events as forms
from web.forms.account import ROLE_NAMES
from web.pages.organizer.doors.messages import ANSWERS
from web.pages.organizer.mailings.wording import AUDIENCES
from web.templating import LANGUAGE_NAMES

Say = Callable[[Any, str], str]

ACTS: Mapping[str, str] = {
    "event.created": deferred("Event created"),
    "event.copied": deferred("Event made from another one"),
    "event.edited": deferred("Event changed"),
    "event.change_announced": deferred("Everybody who has a place or waits for one told of a change"),
    "event.published": deferred("Event published"),
    "event.cancelled": deferred("Event cancelled"),
    "event.draft_deleted": deferred("Draft of an event deleted"),
    "event.doors_closed": deferred("Doors closed"),
    "event.doors_reopened": deferred("Doors opened again"),
    "event.screen_link_renewed": deferred("New link of the projector's view"),
    "sessions.added": deferred("Part of the programme added"),
    "sessions.edited": deferred("Part of the programme changed"),
    "sessions.removed": deferred("Part of the programme removed"),
    "sessions.moved": deferred("Order of the programme changed"),
    "ticket_types.added": deferred("Kind of ticket added"),
    "ticket_types.edited": deferred("Kind of ticket changed"),
    "ticket_types.removed": deferred("Kind of ticket removed"),
    "ticket_types.moved": deferred("Order of the kinds of ticket changed"),
    "speakers.added": deferred("Speaker added"),
    "speakers.edited": deferred("Speaker changed"),
    "speakers.removed": deferred("Speaker removed"),
    "speakers.moved": deferred("Order of the speakers changed"),
    "partners.added": deferred("Partner added"),
    "partners.edited": deferred("Partner changed"),
    "partners.removed": deferred("Partner removed"),
    "partners.moved": deferred("Order of the partners changed"),
    "questions.added": deferred("Question added"),
    "questions.edited": deferred("Question changed"),
    "questions.removed": deferred("Question removed"),
    "questions.moved": deferred("Order of the questions changed"),
    "picture.changed": deferred("Picture of a speaker or partner changed"),
    "channel.added": deferred("Short link made"),
    "channel.renamed": deferred("Short link renamed"),
    "channel.removed": deferred("Short link removed"),
    "report.edited": deferred("Headcount and note written down"),
    "report.link_renewed": deferred("New link of the report; earlier ones are good no more"),
    "registration.added": deferred("Added by hand"),
    "registration.imported": deferred("Added from a list"),
    "registration.edited": deferred("Corrected"),
    "registration.confirmed": deferred("Seat confirmed by an organizer"),
    "registration.cancelled": deferred("Place cancelled"),
    "registration.moved": deferred("Moved to another kind of ticket"),
    "registration.promoted": deferred("Given a seat"),
    "registration.email_resent": deferred("Sent again"),
    "registration.checked_in": deferred("Let in by hand"),
    "registration.check_in_undone": deferred("Scan taken back"),
    "people.imported": deferred("List of people taken in"),
    "people.exported": deferred("List of people saved as a file"),
    "people.sign_in_sheet_created": deferred("Sign-in sheet made"),
    "mailing.created": deferred("Mailing written"),
    "mailing.edited": deferred("Mailing changed"),
    "mailing.scheduled": deferred("Mailing scheduled"),
    "mailing.unscheduled": deferred("Mailing made a draft again"),
    "mailing.sent": deferred("Mailing sent off"),
    "mailing.deleted": deferred("Mailing deleted"),
    "mailing.tested": deferred("Mailing sent as a test"),
    "mailing.started": deferred("Mailing on its way"),
    "mailing.stopped": deferred("Mailing stopped"),
    "email.resent": deferred("Failed mails sent again"),
    "door.added": deferred("Door added"),
    "door.renamed": deferred("Door renamed"),
    "door.closed": deferred("Door closed"),
    "door.reopened": deferred("Door opened again"),
    "door.rules_edited": deferred("Rules of the doors changed"),
    "door_pass.created": deferred("Code for phones made"),
    "door_pass.renewed": deferred("New link for phones; the earlier one is good no more"),
    "door_pass.revoked": deferred("Door pass ended"),
    "phone.revoked": deferred("Phone revoked"),
    "phone.revoked_and_pass_renewed": deferred("Phone revoked, and a new link made for its door"),
    "phone.allowed": deferred("Revoked phone allowed to pair again"),
    "quarantine.accepted": deferred("Scans of an untrusted phone accepted"),
    "quarantine.deleted": deferred("Scans of an untrusted phone deleted"),
    "conflict.settled": deferred("Conflict settled by a note"),
    "conflict.reopened": deferred("Conflict opened again"),
    "walk_in.merged": deferred("Walk-in and registration made one person"),
    "walk_in.separated": deferred("Walk-in and registration made two people again"),
    "scan_file.imported": deferred("File of a phone taken in"),
    "paper_list.checked_in": deferred("People ticked on paper let in"),
    "member.invited": deferred("Invitation sent"),
    "member.invitation_resent": deferred("Invitation sent again"),
    "member.invitation_revoked": deferred("Invitation taken back"),
    "member.joined": deferred("Invitation accepted"),
    "member.role_changed": deferred("Role changed"),
    "member.removed": deferred("Member removed"),
    "series.added": deferred("Series begun"),
    "series.renamed": deferred("Series renamed"),
    "returning_attendees.enabled": deferred("Recognition of people who come again begun"),
    "returning_attendees.deleted": deferred("Recognition of people who come again ended, its marks erased"),
    "account.edited": deferred("Account changed"),
    "account.password_changed": deferred("Password changed; all other browsers signed out"),
    "account.password_reset": deferred("Password chosen anew by a mailed link; all browsers signed out"),
    "account.second_factor_on": deferred("Second step at sign-in turned on"),
    "account.second_factor_off": deferred("Second step at sign-in turned off"),
    "account.second_factor_removed": deferred("Second step turned off by whoever runs this installation"),
    "account.recovery_codes_renewed": deferred("New recovery codes made; earlier ones are good no more"),
    "account.recovery_code_used": deferred("Recovery code used"),
    "account.wrong_codes": deferred("Many wrong codes entered"),
    "account.signed_out": deferred("Other browsers signed out"),
}
"""A sentence for every action that the code writes, or once wrote: the audit keeps what it was told.

Who acted stands beside it, so none has a person for its subject.
"""

GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "event": (
        deferred("Event"),
        ("event", "sessions", "ticket_types", "speakers", "partners", "questions", "picture", "channel", "report"),
    ),
    "people": (deferred("People"), ("registration", "people")),
    "mails": (deferred("Mails"), ("mailing", "email")),
    "doors": (
        deferred("Doors"),
        ("door", "door_pass", "phone", "quarantine", "conflict", "walk_in", "scan_file", "paper_list"),
    ),
    "organization": (deferred("Organization"), ("member", "series", "returning_attendees")),
}
"""What a history can be narrowed down to: a word for it, and the subjects of the actions."""

FIELDS: Mapping[str, str] = {
    **{field.name: field.label for fields in forms.PARTS.values() for field in fields},
    "slug": forms.SLUG.label,
    "series": deferred("Series"),
    "languages": deferred("Languages of the texts"),
    "picture": deferred("Cover"),
    "time": deferred("time"),
    "place": deferred("place"),
    "programme": deferred("programme"),
    "headcount": deferred("headcount"),
    "note": deferred("note"),
    "name": deferred("name"),
    "email": deferred("email"),
    "phone": deferred("phone"),
    "language": deferred("language"),
    "answers": deferred("answers"),
}
"""Fields by the names that stand in the audit."""


def what(action: str) -> str:
    """What was done; an action that has no sentence is shown as it was written."""
    return gettext(ACTS[action]) if action in ACTS else action


def who(act: Act) -> str:
    """Who acted."""
    if act.account_id is None:
        return gettext("the service")
    return act.name or gettext("an account that is gone")


def more(act: Act, names: Names, zone: str) -> str:
    """The details in words: what the ids are of, then the rest; those that only machines read are left out."""
    # A database that keeps them as JSONB gives them back in an order of its own.
    told = [_name(act, key, value, names) for key, value in act.details.items() if key not in DETAILS]
    told += [say(act.details[key], zone) for key, say in DETAILS.items() if act.details.get(key)]
    return ", ".join(text for text in told if text)


def local(moment: datetime, zone: str) -> str:
    """Day and time by the clock of a zone, short enough for the head of a line."""
    wall = moment.astimezone(ZoneInfo(zone))
    return format_moment(wall, weekday=False)


def _name(act: Act, key: str, value: Any, names: Names) -> str:
    subject = act.action.partition(".")[0] if key == "id" else key
    name = names.get((subject, int(value))) if str(value).isdecimal() else None
    return name if isinstance(name, str) else str(text_in(name, (language(), *(act.languages or ()))) or "")


PERSONAL: Mapping[str, str] = {
    "names": deferred("names"),
    "contact": deferred("emails and phones"),
    "answers": deferred("answers"),
}
"""The personal columns of a file that was saved."""


def _fields(value: Sequence[str]) -> str:
    return ", ".join(gettext(FIELDS[name]) for name in value if name in FIELDS)


def _people(value: int, _zone: str) -> str:
    return ngettext("%(num)s person", "%(num)s people", value)


def _mails(value: int, _zone: str) -> str:
    return ngettext("%(num)s mail", "%(num)s mails", value)


def _role(value: str) -> str:
    return gettext(ROLE_NAMES.get(value, ""))


def _timeless(say: Callable[[int], str]) -> Say:
    return lambda value, _zone: say(value)


DETAILS: Mapping[str, Say] = {
    "fields": lambda value, _: _fields(value),
    "format": lambda value, _: str(value).upper(),
    "personal": lambda value, _: gettext(
        "with %(fields)s", fields=", ".join(gettext(PERSONAL[name]) for name in value)
    ),
    "count": _people,
    "places": _people,
    "rows": lambda value, _: ngettext("of %(num)s row", "of %(num)s rows", value),
    "audience": lambda value, _: gettext(AUDIENCES[value][0]) if value in AUDIENCES else "",
    "mails": _mails,
    "language": lambda value, _: LANGUAGE_NAMES.get(value, ""),
    "due_at": lambda value, zone: local(datetime.fromisoformat(value), zone),
    "scans": lambda value, _: ngettext("%(num)s scan", "%(num)s scans", value),
    "walk_ins": lambda value, _: ngettext("%(num)s walk-in", "%(num)s walk-ins", value),
    "browsers": lambda value, _: ngettext("%(num)s browser", "%(num)s browsers", value),
    "role": lambda value, _: _role(value),
    "before": lambda value, _: gettext("before: %(role)s", role=_role(value)),
    "report_version": lambda value, _: gettext("report, version %(version)s", version=value),
    **{name: _timeless(say) for name, say in ANSWERS.items()},
}
"""How a detail is told, by its key and in this order; ids are told by name. Times are those of the zone."""
