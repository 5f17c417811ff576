"""The ways into a browser's sign-in, and what all pages about accounts share."""

import hmac
import re
import secrets

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from shared import clock, contacts, tokens
from shared.errors import DomainError, Invalid, Unidentified
from shared.models import Account
from shared.operations import sign_ins
from web.access import may_sign_in, network, sign_in_cookie
from web.current import resources, settings
from web.forms.account import faults, shown_again
from web.limits import Limit
from web.pages.form import Typed
from web.security_events import SecurityEvent, note

ORGANIZE = "/organize/"
KNOWN_SECONDS = 15_552_000
"""Half a year, from the last sign-in on."""
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
    response = redirect(to, 303)
    with_cookie(response, sign_in_cookie(), token, int(sign_ins.SIGNED_IN_FOR.total_seconds()))
    return with_cookie(response, known_browser_cookie(), _known(account), KNOWN_SECONDS)


def known_browser_cookie() -> str:
    """Its name: over https one that no other host or path can set."""
    return sign_in_cookie().replace("sign_in", "known_browser")


def _known(account: Account) -> str:
    # A number of its own, so that each browser has its own count; the account is named by its address, since whose an
    # address is would cost a statement before the limits are looked at.
    number = secrets.randbelow(2**31) + 1
    return tokens.make(settings().secrets[0], "known_browser", id=_number(account.email), version=number)


def ask_code(account: Account, to: str, typed: Typed | None = None) -> str:
    """The page that asks for the second factor; its form says, signed, who passed the first step and until when."""
    end = int((clock.now() + sign_ins.SECOND_FACTOR_FOR).timestamp())
    made = tokens.make(settings().secrets[0], "second_factor", id=account.id, version=account.version, end=end)
    return render_template("account/code.html", next=to, pending=made, typed=typed or Typed())


def pending(db: Session) -> Account:
    """Who passed the first step. Raises Unidentified when that was too long ago, or the password changed meanwhile."""
    subject = passed_first_step()
    account = db.get(Account, subject.id) if subject else None
    if subject is None or account is None or account.version != subject.version or not may_sign_in(account):
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


def note_wrong(error: DomainError, account: Account) -> None:
    """Note a wrong password or code of a browser that is signed in, or half."""
    if error.reason == "password_wrong":
        note(SecurityEvent.WRONG_PASSWORD, account_id=account.id)
    if error.reason in {"code_wrong", "codes_used_up", "recovery_wrong"}:
        note(SecurityEvent.WRONG_CODE, account_id=account.id)


def typed_email() -> str:
    """The address that was typed."""
    return request.form.get("email", "")


def typed_account() -> str:
    """The account that a typed address names, however it is spelt."""
    return contacts.contact_key_of(typed_email())


def _number(account: str) -> int:
    """A number for an address that tells nobody else which one it is."""
    mac = hmac.digest(settings().secrets[0], b"turnout known browser " + account.encode(), "sha256")
    return int.from_bytes(mac[:7], "big")


def known_browser() -> int | None:
    """The number of this browser, if it has signed in to the account that is typed before; nobody else can make one."""
    subject = tokens.verify(settings().secrets, "known_browser", request.cookies.get(known_browser_cookie(), ""))
    return subject.version if subject and subject.id == _number(typed_account()) else None


def by_network_and_account() -> str:
    """Counts for the account of a typed address, from one network."""
    return f"{network()}:{typed_account()}"


def by_account_from_elsewhere() -> str | None:
    """Counts for the account of a typed address, from all browsers that never signed in to it together."""
    return None if known_browser() else typed_account()


def by_known_browser() -> str | None:
    """Counts for a browser that has signed in to the account before: no stranger's guesses lock it out."""
    number = known_browser()
    return f"{number}:{typed_account()}" if number else None


def by_first_step() -> str:
    """Counts for who passed the first step, whatever the network; a made-up first step counts for its network."""
    subject = passed_first_step()
    return f"account {subject.id}" if subject else network()


def by_sign_in() -> str:
    """Counts for one signed-in browser, or what claims to be one."""
    return tokens.digest(request.cookies.get(sign_in_cookie(), "")).hex()


OF_ACCOUNT = (
    Limit("sign_in", 10, 60, by_network_and_account),
    Limit("sign_in_account", 30, 3600, by_account_from_elsewhere),
    Limit("sign_in_known", 30, 3600, by_known_browser),
)
"""Wrong passwords of one account: the right one begins the count anew. At most 720 a day, and never for longer than an
hour; who is at the limit because strangers guess comes in by an emailed link, or from a browser that was here before.
"""
SIGN_IN_LIMITS = (*OF_ACCOUNT, Limit("sign_in_network", 200, 600, network))
CODE_LIMIT = Limit("code", 10, 300, by_first_step)
"""In a hurry. Those that are wrong count for good, with the account: shared/operations/second_factors.py."""
MAIL_LIMITS = (Limit("account_mail", 5, 900, typed_account), Limit("account_mail_network", 60, 900, network))
LINK_LIMIT = Limit("account_link", 60, 60, network)
"""For what a mailed token alone can do."""
FIRST_LIMIT = Limit("first", 10, 600, network)
OWN_PASSWORD_LIMITS = (Limit("own_password", 10, 600, by_sign_in), Limit("own_password_day", 50, 86_400, by_sign_in))
"""Where a signed-in browser is asked for the password or a code again."""


def forget_wrong_passwords() -> None:
    """Begin the counts of an account anew, since its password was right."""
    for limit in OF_ACCOUNT:
        if key := limit.key():
            resources().limiter.forget(limit, key)
