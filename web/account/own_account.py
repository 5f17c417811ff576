"""The account's page: name and language, password, sign-ins, organizations, and activity."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import accounts, sign_ins
from shared.audit import activity
from shared.errors import DomainError
from shared.i18n import deferred
from shared.models import Membership
from web.access import SIGNED_IN, Member
from web.account.form import ROLE_NAMES, read_profile
from web.account.steps import OWN_PASSWORD_LIMITS, note_wrong, typed_again
from web.forms.typed import Typed
from web.organizer.audit import texts as audit_lines
from web.organizer.routes import OrganizerRoutes, done

BROWSERS = (
    ("YaBrowser", "Yandex Browser"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""The first match counts: almost all claim to be Chrome and Safari as well."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def name_of(user_agent: str) -> str:
    """Return browser and system, as far as they are known: "Firefox, Android"; empty if neither is."""
    names = (next((name for token, name in table if token in user_agent), "") for table in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in names if name)


MOST_SIGN_INS = 50
LATEST_ACTIONS = 5
"""Entries of the activity on the account's page; all of them have a page of their own."""
MESSAGES = {
    "saved": deferred("account.saved"),
    "password": deferred("account.password_changed"),
    "revoked": deferred("account.browser_signed_out"),
    "others": deferred("account.others_signed_out"),
}
pages = OrganizerRoutes("account_own", __name__, url_prefix="/account", results=MESSAGES)


@pages.get("/", access=SIGNED_IN)
def show(db: Session, by: Member) -> ResponseReturnValue:
    """Show the account."""
    return _page(db, by)


def again(db: Session, by: Member, error: DomainError) -> ResponseReturnValue:
    """Show the page with the error at its field."""
    note_wrong(error, by.account)
    return _page(db, by, request.path.rpartition("/")[2], typed_again(error))


@pages.post("/profile", access=SIGNED_IN, refused=again)
def change_profile(db: Session, by: Member) -> ResponseReturnValue:
    """Change name and language."""
    profile = read_profile(request.form)
    accounts.change_profile(db, account=by.account, name=profile.name, language=profile.language)
    return done("/account/", "saved")


@pages.post("/password", access=SIGNED_IN, refused=again, limits=OWN_PASSWORD_LIMITS)
def change_password(db: Session, by: Member) -> ResponseReturnValue:
    """Change the password."""
    old, new = (request.form.get(name, "") for name in ("old", "password"))
    accounts.change_password(db, account=by.account, old=old, new=new, sign_in_id=by.sign_in_id)
    return done("/account/", "password")


@pages.post("/sign-ins/<int:sign_in_id>/revoke", access=SIGNED_IN)
def revoke(db: Session, by: Member, sign_in_id: int) -> ResponseReturnValue:
    """Revoke a sign-in."""
    sign_ins.revoke(db, account=by.account, sign_in_id=sign_in_id)
    return done("/account/", "revoked", "sign-ins")


@pages.post("/sign-ins/revoke-others", access=SIGNED_IN)
def revoke_others(db: Session, by: Member) -> ResponseReturnValue:
    """Revoke all sign-ins but this one."""
    sign_ins.revoke_others(db, account=by.account, but=by.sign_in_id)
    return done("/account/", "others", "sign-ins")


@pages.get("/history", access=SIGNED_IN)
def history(db: Session, by: Member) -> ResponseReturnValue:
    """Show the account's activity, to its owner only; `?before=` is the last entry of the previous page."""
    actions = activity.of_account(db, account_id=by.account.id, limit=audit_lines.PAGE + 1, before=audit_lines.before())
    zone = _zone(accounts.memberships(db, account_id=by.account.id))
    return render_template("account/history.html", by=by, **audit_lines.page_of(db, actions, zone))


def _zone(memberships: Sequence[Membership]) -> str:
    """Return the zone of the account's organization, since an account has none."""
    return memberships[0].organization.zone if memberships else "UTC"


def _page(db: Session, by: Member, at: str = "", typed: Typed | None = None) -> str:
    own = Typed({"name": by.account.name, "language": by.account.language})
    memberships = accounts.memberships(db, account_id=by.account.id)
    zone = _zone(memberships)
    actions = activity.of_account(db, account_id=by.account.id, limit=LATEST_ACTIONS)
    return render_template(
        "account/own.html",
        by=by,
        profile=typed if typed and at == "profile" else own,
        password=typed if typed and at == "password" else Typed(),
        sign_ins=sign_ins.of_account(db, account_id=by.account.id, now=clock.now(), limit=MOST_SIGN_INS),
        memberships=memberships,
        zone=zone,
        lines=audit_lines.of_acts(db, actions, zone),
        browser=name_of,
        role_names=ROLE_NAMES,
    )
