"""Mailings in words: audiences, states, progress, and reasons why an email was skipped."""

from collections.abc import Mapping

from shared.i18n import deferred, format_number, gettext, ngettext
from shared.mailings.audiences import EmailState, Progress, UnknownReason
from shared.models import Audience, Event, Mailing
from shared.outbox.outcomes import SkipReason
from shared.papers import letter
from web.forms.mailings import UNKNOWN
from web.pages.organizer import delivery_faults
from web.templating import LANGUAGE_NAMES

AUDIENCES: Mapping[Audience, tuple[str, str]] = {
    Audience.EVERYBODY: (deferred("mailing.audience_everyone"), deferred("mailing.audience_everyone_hint")),
    Audience.CONFIRMED: (deferred("mailing.audience_confirmed"), deferred("mailing.audience_confirmed_hint")),
    Audience.WAITING: (deferred("mailing.audience_waiting"), deferred("mailing.audience_waiting_hint")),
    Audience.CAME: (deferred("people.came_audience"), deferred("mailing.audience_came_hint")),
    Audience.DID_NOT_COME: (deferred("mailing.audience_no_shows"), deferred("mailing.audience_no_shows_hint")),
}
"""Each audience with its name and a hint about the attendees in it."""

STATES: Mapping[EmailState, str] = {
    EmailState.SENT: deferred("mailing.state_sent"),
    EmailState.SKIPPED: deferred("mailing.state_skipped"),
    EmailState.FAILED: deferred("mailing.state_failed"),
    EmailState.OPEN: deferred("mailing.state_queued"),
}


def audience(name: Audience) -> str:
    """Return the name of an audience."""
    return gettext(AUDIENCES[name][0])


def audience_hint(name: Audience) -> str:
    """Return the hint about the attendees in an audience."""
    return gettext(AUDIENCES[name][1])


def unknown(reason: UnknownReason) -> str:
    """Return the sentence why the audience of those who came, or did not, is not yet known."""
    return gettext(UNKNOWN[reason])


def state(name: EmailState) -> str:
    """Return the state of one recipient's email."""
    return gettext(STATES[name])


def skipped(reason: SkipReason | None, count: int) -> str:
    """Return how many emails were skipped for a reason."""
    return gettext("mailing.skipped_reason", why=delivery_faults.skipped(reason), count=format_number(count))


def sentence(progress: Progress) -> str:
    """Return the progress of a mailing in one sentence."""
    if not progress.enqueued:
        return gettext("mailing.progress_none")
    if progress.open:
        return ngettext(
            "mailing.progress_running",
            progress.enqueued,
            done=format_number(progress.done),
            all=format_number(progress.enqueued),
            open=format_number(progress.open),
        )
    return ngettext(
        "mailing.progress_finished",
        progress.enqueued,
        sent=format_number(progress.sent),
        all=format_number(progress.enqueued),
    )


def gaps(mailing: Mailing, event: Event) -> list[str]:
    """Return the languages of the event in which the mailing has no text."""
    return [code for code in event.languages if code not in mailing.body]


def strays(mailing: Mailing) -> list[str]:
    """Return a warning for each language whose text has braces that are no mark, and so would be sent as typed."""
    texts = {code: f"{mailing.subject[code]}\n{body}" for code, body in mailing.body.items()}
    return [_stray(code, braces) for code, text in texts.items() if (braces := letter.strays(text))]


def _stray(code: str, braces: list[str]) -> str:
    return gettext(
        "mailing.stray_braces",
        language=LANGUAGE_NAMES[code],
        braces=" ".join(braces),
        mark=letter.NAME_IN[code],
    )
