"""Mailings in words: for whom, how far, and why somebody got none."""

from collections.abc import Mapping

from shared.i18n import deferred, format_number, gettext, ngettext
from shared.models import Event, Mailing
from shared.papers import letter
from shared.queries.mailings import Progress
from web.forms.mailings import UNKNOWN
from web.pages.organizer import delivery_faults
from web.templating import LANGUAGE_NAMES

AUDIENCES: Mapping[str, tuple[str, str]] = {
    "everybody": (deferred("mailing.audience_everyone"), deferred("mailing.audience_everyone_hint")),
    "confirmed": (deferred("mailing.audience_confirmed"), deferred("mailing.audience_confirmed_hint")),
    "waiting": (deferred("mailing.audience_waiting"), deferred("mailing.audience_waiting_hint")),
    "came": (deferred("people.came_audience"), deferred("mailing.audience_came_hint")),
    "did_not_come": (deferred("mailing.audience_no_shows"), deferred("mailing.audience_no_shows_hint")),
}
"""Each audience, and whom it takes in."""

STATES: Mapping[str, str] = {
    "sent": deferred("mailing.state_sent"),
    "skipped": deferred("mailing.state_skipped"),
    "failed": deferred("mailing.state_failed"),
    "open": deferred("mailing.state_queued"),
}


def audience(name: str) -> str:
    """For whom a mailing is."""
    return gettext(AUDIENCES[name][0])


def explained(name: str) -> str:
    """Whom an audience takes in."""
    return gettext(AUDIENCES[name][1])


def unknown(why: str) -> str:
    """Why nothing can go to those who came, or who did not."""
    return gettext(UNKNOWN[why])


def state(name: str) -> str:
    """What became of one person's mail."""
    return gettext(STATES[name])


def skipped(why: str, count: int) -> str:
    """How many were skipped, and why."""
    return gettext("mailing.skipped_reason", why=delivery_faults.skipped(why), count=format_number(count))


def sentence(progress: Progress) -> str:
    """How far a mailing is, in one sentence."""
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
    """The languages of the event that the mailing is not written in."""
    return [code for code in event.languages if code not in mailing.body]


def strays(mailing: Mailing) -> list[str]:
    """For each of its languages in which a brace is no mark, that it goes out as it stands: most are a slip."""
    texts = {code: f"{mailing.subject[code]}\n{body}" for code, body in mailing.body.items()}
    return [_stray(code, braces) for code, text in texts.items() if (braces := letter.strays(text))]


def _stray(code: str, braces: list[str]) -> str:
    return gettext(
        "mailing.stray_braces",
        language=LANGUAGE_NAMES[code],
        braces=" ".join(braces),
        mark=letter.NAME_IN[code],
    )
