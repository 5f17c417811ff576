"""The form of a mailing, and of the time at which it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import clock
from shared.clock import AmbiguousTime, NoSuchTime
from shared.database import Texts
from shared.i18n import UnfitText, deferred, gettext, has_unknown, read_line, read_lines
from shared.mailings.audiences import UnknownReason
from shared.models import Audience, Mailing
from web.forms import FormError
from web.forms.moments import read_wall, read_which

SUBJECT_LIMIT, BODY_LIMIT = 150, 10_000
MOMENT = ("at", "which")
"""The fields of the time: the wall time, and which occurrence if the clock shows it twice."""

UNKNOWN: Mapping[str, str] = {
    UnknownReason.TOO_EARLY: deferred("mailing.attendance_early_error"),
    UnknownReason.CANCELLED: deferred("mailing.attendance_cancelled_error"),
    UnknownReason.NOT_SCANNED: deferred("mailing.attendance_unknown_error"),
}
"""The reasons why a mailing cannot go to those who came, or to no-shows."""
SENTENCES = {
    **UNKNOWN,
    "audience": deferred("mailing.audience_missing_error"),
    "subject_missing": deferred("mailing.subject_missing_error"),
    "subject_long": deferred("mailing.subject_long_error"),
    "body_missing": deferred("mailing.text_missing_error"),
    "body_long": deferred("mailing.text_long_error"),
    "sign": deferred("common.sign_unknown_error"),
    "moment_missing": deferred("mailing.time_missing_error"),
    "moment": deferred("common.moment_error"),
    "moment_past": deferred("mailing.time_past_error"),
    "moment_jumped": deferred("common.moment_jumped_error"),
    "moment_twice": deferred("mailing.time_twice_error"),
}


@dataclass(frozen=True, slots=True)
class MailingForm:
    """The audience and the texts: in the event's first language, and in those others that are complete."""

    audience: Audience
    subject: Texts
    body: Texts


def subject_field(language: str) -> str:
    """Return the field of the subject in a language."""
    return f"subject.{language}"


def body_field(language: str) -> str:
    """Return the field of the text in a language."""
    return f"body.{language}"


def read_mailing(form: Mapping[str, str], languages: Sequence[str]) -> MailingForm:
    """Return a mailing in an event's languages. Raises FormError."""
    errors: dict[str, str] = {}
    if form.get("audience") not in list(Audience):
        errors["audience"] = _say("audience")
    subjects = {code: _text(form, subject_field(code), "subject", errors) for code in languages}
    bodies = {code: _text(form, body_field(code), "body", errors) for code in languages}
    for code in languages:
        if code == languages[0] or subjects[code] or bodies[code]:
            errors |= _missing(subject_field(code), subjects[code], "subject", errors)
            errors |= _missing(body_field(code), bodies[code], "body", errors)
    if errors:
        raise FormError(errors, whole(form, languages))
    written = [code for code in languages if subjects[code]]
    return MailingForm(Audience(form["audience"]), _some(subjects, written), _some(bodies, written))


def typed(audience: str, subject: Texts, body: Texts) -> dict[str, str]:
    """Return a mailing as values of the form's fields."""
    texts = {subject_field(code): text for code, text in subject.items()}
    return {"audience": audience, **texts, **{body_field(code): text for code, text in body.items()}}


def written(mailing: Mailing, languages: Sequence[str]) -> dict[str, str]:
    """Return a stored mailing as values of the form of an event in these languages."""
    return whole(typed(mailing.audience, mailing.subject, mailing.body), languages)


def whole(form: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    """Return all submitted values."""
    fields = [name(code) for code in languages for name in (subject_field, body_field)]
    return {field: form.get(field, "") for field in ("audience", *fields)}


def read_moment(form: Mapping[str, str], zone: str) -> datetime:
    """Return when to send, by the wall clock of the event's zone. Raises FormError; it asks for `which` if that clock
    shows the time twice.
    """
    text = form.get("at", "").strip()
    try:
        moment = clock.instant(read_wall(text), zone, second=read_which(form.get("which", "")))
    except NoSuchTime:
        raise _fault("at", "moment_jumped", form) from None
    except AmbiguousTime:
        raise _fault("which", "moment_twice", form) from None
    except (ValueError, OverflowError):
        raise _fault("at", "moment" if text else "moment_missing", form) from None
    if moment <= clock.now():
        raise _fault("at", "moment_past", form)
    return moment


def _fault(field: str, reason: str, form: Mapping[str, str]) -> FormError:
    return FormError({field: _say(reason)}, {name: form.get(name, "") for name in MOMENT})


def _text(form: Mapping[str, str], field: str, kind: str, errors: dict[str, str]) -> str:
    """Return the value of a field; if it is not valid, add a sentence to `errors`."""
    read, limit = _READ[kind]
    try:
        text = read(form.get(field, ""), limit)
    except UnfitText as unfit:
        errors[field] = _say(f"{kind}_long" if unfit.reason == "long" else "sign")
        return ""
    if has_unknown(text):
        errors[field] = _say("sign")
    return text


def _missing(field: str, text: str, kind: str, errors: Mapping[str, str]) -> dict[str, str]:
    return {} if text or field in errors else {field: _say(f"{kind}_missing")}


_READ = {"subject": (read_line, SUBJECT_LIMIT), "body": (read_lines, BODY_LIMIT)}


def _say(reason: str) -> str:
    return gettext(SENTENCES[reason])


def _some(texts: Texts, languages: Sequence[str]) -> Texts:
    return {code: texts[code] for code in languages}
