"""The ways into a browser's sign-in, and what all pages about accounts share."""

import re

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from shared import clock, tokens
from shared.errors import DomainError, Invalid, Unidentified
from shared.models import Account
from shared.operations import sign_ins
from web.access import network, sign_in_cookie
from web.current import settings
from web.forms.account import faults, shown_again
from web.limits import Limit
from web.pages.form import Typed

ORGANIZE = "/organize/"
_OURS = re.compile(r"/[A-Za-z][!-\[\]-~]*")
"""A slash, a letter, and then what an address is made of: a second slash, a backslash or a tab at the start would lead
to another site.
"""


def destination() -> str:
    """Where to go afterwards: a page of ours, never another site."""
    wanted = request.values.get("next", "")
    return wanted if _OURS.fullmatch(wanted) else ORGANIZE


def enter(db: Session, account: Account, to: str) -> ResponseReturnValue:
    """Sign this browser in; where the account has a second factor, ask for it first, and make no sign-in yet."""
    if account.totp_since is None:
        return start(db, account, to)
    return ask_code(account, to)


def start(db: Session, account: Account, to: str) -> Response:
    """Sign this browser in and lead on."""
    token = sign_ins.start(db, account=account, browser=request.headers.get("User-Agent", ""))
    return with_cookie(redirect(to, 303), sign_in_cookie(), token, int(sign_ins.SIGNED_IN_FOR.total_seconds()))


def ask_code(account: Account, to: str, typed: Typed | None = None) -> str:
    """The page that asks for the second factor; its form says, signed, who passed the first step and until when."""
    end = int((clock.now() + sign_ins.SECOND_STEP_FOR).timestamp())
    made = tokens.make(settings().secrets[0], "second_factor", id=account.id, version=account.version, end=end)
    return render_template("account/code.html", next=to, pending=made, typed=typed or Typed())


def pending(db: Session) -> Account:
    """Who passed the first step. Raises Unidentified when that was too long ago, or the password changed meanwhile."""
    subject = passed_first_step()
    account = db.get(Account, subject.id) if subject else None
    if subject is None or account is None or account.version != subject.version:
        raise Unidentified("second_factor")
    return account


def passed_first_step() -> tokens.Subject | None:
    """What the form says of the first step."""
    token = request.form.get("pending", "")
    return tokens.verify_until(settings().secrets, "second_factor", token, now=clock.now())


def with_cookie(response: Response, name: str, value: str, seconds: int) -> Response:
    """Set a cookie for this site, out of reach of scripts."""
    secure = settings().base_url.startswith("https:")
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")
    return response


def typed_again(error: DomainError) -> Typed:
    """What was typed, with a sentence at what is wrong. Raises what is not about a field."""
    if not isinstance(error, Invalid):
        raise error
    return Typed(shown_again(request.form), faults(error))


def by_address() -> str:
    """Counts for an address that was typed."""
    return request.form.get("email", "").strip().casefold()[:200]


def by_network_and_address() -> str:
    """Counts for an address that was typed, from one network."""
    return f"{network()}:{by_address()}"


def by_first_step() -> str:
    """Counts for who passed the first step, whatever the network; a made-up first step counts for its network."""
    subject = passed_first_step()
    return f"account {subject.id}" if subject else network()


SIGN_IN_LIMIT = Limit("sign_in", 10, 60, by_network_and_address)
CODE_LIMIT = Limit("code", 10, 300, by_first_step)
MAIL_LIMIT = Limit("account_mail", 5, 900, by_address)
LINK_LIMIT = Limit("account_link", 60, 60, network)
"""For what a mailed token alone can do."""
FIRST_LIMIT = Limit("first", 10, 600, network)
