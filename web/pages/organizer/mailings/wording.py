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
    "everybody": (deferred("Everybody"), deferred("Who has a place, waits for one, or is offered one.")),
    "confirmed": (deferred("Who has a place"), deferred("Everybody whose registration is confirmed.")),
    "waiting": (deferred("Who waits"), deferred("Everybody on the waiting list.")),
    "came": (deferred("Who came"), deferred("Parties of whom somebody was let in.")),
    "did_not_come": (deferred("Who did not come"), deferred("Parties with a place, of whom nobody was let in.")),
}
"""Each audience, and whom it takes in."""

STATES: Mapping[str, str] = {
    "sent": deferred("Sent"),
    "skipped": deferred("Skipped"),
    "failed": deferred("Failed"),
    "open": deferred("Still to go"),
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
    return gettext("%(why)s: %(count)s", why=delivery_faults.skipped(why), count=format_number(count))


def sentence(progress: Progress) -> str:
    """How far a mailing is, in one sentence."""
    if not progress.enqueued:
        return gettext("There was nobody to write to.")
    if progress.open:
        return ngettext(
            "%(done)s of %(all)s mail is done, %(open)s still to go.",
            "%(done)s of %(all)s mails are done, %(open)s still to go.",
            progress.enqueued,
            done=format_number(progress.done),
            all=format_number(progress.enqueued),
            open=format_number(progress.open),
        )
    return ngettext(
        "Done: %(sent)s of %(all)s mail was sent.",
        "Done: %(sent)s of %(all)s mails were sent.",
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
        "%(language)s: this goes out as it is written: %(braces)s. Only %(mark)s becomes the person's name, and not "
        "within an address of a page.",
        language=LANGUAGE_NAMES[code],
        braces=" ".join(braces),
        mark=letter.NAME_IN[code],
    )
