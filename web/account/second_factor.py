"""Two-step verification: setting it up, the recovery codes, and turning it off."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from shared.accounts import one_time_codes, second_factors
from shared.errors import Conflicting, DomainError
from shared.models import Account
from shared.papers import qr
from web.access import SIGNED_IN, Member
from web.account.steps import OWN_PASSWORD_LIMITS, note_wrong, typed_again
from web.current import resources, settings
from web.forms.typed import Typed
from web.organizer.routes import OrganizerRoutes

pages = OrganizerRoutes("account_second_factor", __name__, url_prefix="/account/second-factor")

HERE = "/account/second-factor/"


@pages.get("/", access=SIGNED_IN)
def show(db: Session, by: Member) -> ResponseReturnValue:
    """Show whether it is on, and how to set it up."""
    return _page(db, by)


def again(db: Session, by: Member, error: DomainError) -> ResponseReturnValue:
    """Show the page with the error at its field; if the state changed meanwhile, the page as it is now."""
    if isinstance(error, Conflicting):
        return redirect(HERE, 303)
    note_wrong(error, by.account)
    return _page(db, by, request.path.rpartition("/")[2], typed_again(error))


@pages.post("/start", access=SIGNED_IN, refused=again, limits=OWN_PASSWORD_LIMITS)
def start(db: Session, by: Member) -> ResponseReturnValue:
    """Draw a secret for an app."""
    password = request.form.get("password", "")
    second_factors.start(db, account=by.account, password=password, secrets=settings().secrets)
    return redirect(HERE, 303)


@pages.post("/confirm", access=SIGNED_IN, refused=again, limits=OWN_PASSWORD_LIMITS)
def confirm(db: Session, by: Member) -> ResponseReturnValue:
    """Turn it on; the only page that shows the recovery codes."""
    code = request.form.get("code", "")
    codes = second_factors.confirm(db, account=by.account, code=code, secrets=settings().secrets)
    return render_template("account/recovery_codes.html", by=by, codes=codes, is_first=True)


@pages.post("/codes", access=SIGNED_IN, refused=again, limits=OWN_PASSWORD_LIMITS)
def renew(db: Session, by: Member) -> ResponseReturnValue:
    """Replace the recovery codes, and show them."""
    codes = second_factors.renew(db, account=by.account, **_credentials())
    return render_template("account/recovery_codes.html", by=by, codes=codes, is_first=False)


@pages.post("/stop", access=SIGNED_IN, refused=again, limits=OWN_PASSWORD_LIMITS)
def stop(db: Session, by: Member) -> ResponseReturnValue:
    """Turn it off, or cancel setting it up."""
    second_factors.stop(db, account=by.account, **_credentials())
    return redirect(HERE, 303)


def _credentials() -> dict[str, Any]:
    """Return the password and code that authorize a change of the second factor."""
    typed = {name: request.form.get(name, "") for name in ("password", "code")}
    return {**typed, "secrets": settings().secrets, "is_limited": resources().limiter.on}


def _page(db: Session, by: Member, here: str = "", typed: Typed | None = None) -> str:
    account = by.account
    secret = None if account.totp_since else second_factors.secret_of(account, secrets=settings().secrets)
    return render_template(
        "account/second_factor.html",
        by=by,
        here=here,
        typed=typed or Typed(),
        untyped=Typed(),
        secret=secret,
        picture=_picture(account, secret) if secret else "",
        codes_left=second_factors.recovery_codes_left(db, account_id=account.id) if account.totp_since else 0,
    )


def _picture(account: Account, secret: str) -> Markup:
    """Return the QR code for an app. Our own SVG, made of numbers."""
    return Markup(qr.svg(one_time_codes.address(secret, email=account.email)))  # noqa: S704 - see above
