"""Emails to organizers about their accounts: links to sign in and to choose a password, notices, invitations."""

from collections.abc import Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from shared import clock, i18n, links, tokens
from shared.config import Settings
from shared.i18n import deferred
from shared.models import Account, Invitation, OutboxMessage, Role
from shared.outbox.outcomes import SkipReason
from worker import budget, emails
from worker.email_message import Prepared, Skipped

MAY: Mapping[Role, str] = {
    Role.OWNER: deferred("invitation.owner_may"),
    Role.ORGANIZER: deferred("invitation.organizer_may"),
    Role.VIEWER: deferred("invitation.viewer_may"),
}

NOTICES = {
    "account.password_changed": deferred("account_email.password_changed"),
    "account.password_reset": deferred("account_email.password_reset"),
    "account.second_factor_on": deferred("account_email.two_step_on"),
    "account.second_factor_off": deferred("account_email.two_step_off"),
    "account.second_factor_removed": deferred("account_email.two_step_removed"),
    "account.recovery_codes_renewed": deferred("account_email.recovery_codes_renewed"),
    "account.recovery_code_used": deferred("account_email.recovery_code_used"),
    "account.wrong_codes": deferred("account_email.wrong_codes"),
}
"""The texts of each act that shared/accounts/sign_ins.py records."""


def sign_in_link(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Compose the email with a link that signs in once."""
    return _link(db, message, settings, "sign_in_link")


def password_reset(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Compose the email with a link to choose a new password."""
    return _link(db, message, settings, "reset")


def _link(db: Session, message: OutboxMessage, settings: Settings, purpose: str) -> Prepared:
    account = db.get(Account, message.subject)
    if account is None:
        return Skipped(SkipReason.NO_ACCOUNT)
    if account.is_demo and not settings.is_local:
        return Skipped(SkipReason.DEMO_SIGN_IN)
    version, end = map(int, message.key.split("."))
    if version != account.version:
        return Skipped(SkipReason.LINK_USED)
    if end <= clock.now().timestamp():
        return Skipped(SkipReason.TOO_LATE)
    if delayed := budget.spend(db, message, account.email, settings):
        return delayed
    token = tokens.make(settings.secrets[0], purpose, id=account.id, version=version, end=end)
    path = (links.sign_in_link if purpose == "sign_in_link" else links.password_reset)(token)
    link = links.absolute(settings.base_url, path)
    return emails.compose_for_account(
        message.kind, to=account.email, name=account.name, language=account.language, link=link
    )


def account_notice(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Compose the notice of a change in an account's sign-in, with a link to a new password in case of a stranger."""
    account, action = db.get(Account, message.subject), message.key.partition(" ")[0]
    if account is None:
        return Skipped(SkipReason.NO_ACCOUNT)
    if account.is_demo:
        return Skipped(SkipReason.DEMO_NOTICE)
    link = links.absolute(settings.base_url, links.ask_reset())
    with i18n.use_language(account.language):
        happened = i18n.gettext(NOTICES[action])
    to, name, language = account.email, account.name, account.language
    return emails.compose_for_account(message.kind, to=to, name=name, language=language, link=link, happened=happened)


def invitation(db: Session, message: OutboxMessage, settings: Settings) -> Prepared:
    """Compose the invitation, in the language that was chosen for it."""
    invitation_row = db.get(Invitation, message.subject)
    if (
        invitation_row is None
        or invitation_row.accepted_at
        or invitation_row.withdrawn_at
        or invitation_row.expires_at <= clock.now()
    ):
        return Skipped(SkipReason.INVITATION_CLOSED)
    if message.key != str(invitation_row.version):
        return Skipped(SkipReason.INVITED_AGAIN)
    token = tokens.make(settings.secrets[0], "invitation", id=invitation_row.id, version=invitation_row.version)
    with i18n.use_language(invitation_row.language):
        organization = i18n.text_in(
            invitation_row.organization.name, (invitation_row.language, *invitation_row.organization.languages)
        )
        # The day before the one on which it ends, so that the last day named is a whole one.
        last = (invitation_row.expires_at - timedelta(days=1)).astimezone(ZoneInfo(invitation_row.organization.zone))
        words = {
            "role": invitation_row.role,
            "may": i18n.gettext(MAY[invitation_row.role]),
            "day": i18n.format_day(last),
        }
    return emails.compose_for_account(
        message.kind,
        to=invitation_row.email,
        name="",
        language=invitation_row.language,
        link=links.absolute(settings.base_url, links.invitation(token)),
        sender=str(organization),
        organization=str(organization),
        **words,
    )
