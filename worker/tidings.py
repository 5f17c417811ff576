"""What is mailed to people who organize: a link to sign in, one to choose another password, an invitation."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import clock, i18n, links, tokens
from shared.config import Settings
from shared.i18n import deferred
from shared.models import Account, Invitation, Promise
from worker import budget, mails
from worker.mail import Prepared, Skipped

MAY = {
    "owner": deferred("As an owner you may do everything, and say who else may."),
    "organizer": deferred("As an organizer you may make events and change them."),
    "viewer": deferred("As a viewer you may see the events and their figures, and change nothing."),
}


def sign_in_link(db: Session, promise: Promise, settings: Settings) -> Prepared:
    """The link that signs in once."""
    return _link(db, promise, settings, "sign_in_link")


def password_reset(db: Session, promise: Promise, settings: Settings) -> Prepared:
    """The link under which another password is chosen."""
    return _link(db, promise, settings, "reset")


def _link(db: Session, promise: Promise, settings: Settings, purpose: str) -> Prepared:
    account = db.get(Account, promise.subject)
    if account is None:
        return Skipped("there is no such account any more")
    version, end = map(int, promise.key.split("."))
    if version != account.version:
        return Skipped("another link was used meanwhile")
    if end <= clock.now().timestamp():
        return Skipped("too late")
    if delayed := budget.spend(db, promise, account.email, settings):
        return delayed
    token = tokens.make(settings.secrets[0], purpose, id=account.id, version=version, end=end)
    path = (links.sign_in_link if purpose == "sign_in_link" else links.password_reset)(token)
    link = links.absolute(settings.base_url, path)
    return mails.about_account(promise.kind, to=account.email, name=account.name, language=account.language, link=link)


def invitation(db: Session, promise: Promise, settings: Settings) -> Prepared:
    """The invitation, in the language that was chosen for it."""
    asked = db.get(Invitation, promise.subject)
    if asked is None or asked.accepted_at or asked.withdrawn_at or asked.expires_at <= clock.now():
        return Skipped("not open any more")
    if promise.key != str(asked.version):
        return Skipped("sent again meanwhile")
    token = tokens.make(settings.secrets[0], "invitation", id=asked.id, version=asked.version)
    with i18n.use_language(asked.language):
        organization = i18n.text_in(asked.organization.name, (asked.language, *asked.organization.languages))
        # The day before the one on which it ends, so that the last day said is a whole one.
        last = (asked.expires_at - timedelta(days=1)).astimezone(ZoneInfo(asked.organization.zone))
        words = {"role": asked.role, "may": i18n.gettext(MAY[asked.role]), "day": i18n.format_day(last)}
    return mails.about_account(
        "invitation",
        to=asked.email,
        name="",
        language=asked.language,
        link=links.absolute(settings.base_url, links.invitation(token)),
        sender=str(organization),
        organization=str(organization),
        **words,
    )
