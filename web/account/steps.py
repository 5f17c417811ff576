"""The steps to a signed-in browser, and the functions that all pages about accounts share."""

import hmac
import re
import secrets

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug import Response

from shared import clock, contacts, links, tokens
from shared.accounts import sign_ins
from shared.errors import DomainError, Invalid, Unidentified
from shared.models import Account
from web.access import may_sign_in, network, sign_in_cookie
from web.account.form import faults, without_secrets
from web.current import resources, settings
from web.forms.typed import Typed
from web.limits import Limit
from web.security_events import SecurityEvent, note

ORGANIZE = links.organizer("my_events")
KNOWN_BROWSER_SECONDS = 15_552_000
"""Half a year from the last sign-in on."""
_LOCAL_ADDRESS = re.compile(r"/[A-Za-z][!-\[\]-~]*")
"""A slash, a letter, and then the characters of an address: a second slash, a backslash or a tab at the start would
lead to another site.
"""


def destination() -> str:
    """Return the next page: one of ours, never another site."""
    address = request.values.get("next", "")
    return address if _LOCAL_ADDRESS.fullmatch(address) else ORGANIZE


def enter(db: Session, account: Account, to: str) -> ResponseReturnValue:
    """Sign this browser in; if the account has a second factor, ask for it first, without a sign-in yet."""
    if account.totp_since is None:
        return start(db, account, to)
    return ask_code(account, to)


def start(db: Session, account: Account, to: str) -> Response:
    """Sign this browser in and redirect."""
    token = sign_ins.start(db, account=account, browser=request.headers.get("User-Agent", ""))
    response = redirect(to, 303)
    with_cookie(response, sign_in_cookie(), token, int(sign_ins.SIGNED_IN_FOR.total_seconds()))
    return with_cookie(response, known_browser_cookie(), _known(account), KNOWN_BROWSER_SECONDS)


def known_browser_cookie() -> str:
    """Return the cookie's name: over https one that no other host or path can set."""
    return sign_in_cookie().replace("sign_in", "known_browser")


def _known(account: Account) -> str:
    # Each browser has its own number, and so its own count; the address names the account, since looking the account up
    # would cost a statement before the limits are checked.
    number = secrets.randbelow(2**31) + 1
    return tokens.make(settings().secrets[0], "known_browser", id=_number(account.email), version=number)


def ask_code(account: Account, to: str, typed: Typed | None = None) -> str:
    """Return the page that asks for the second factor; its form names, signed, the account that passed the first step,
    and until when that is valid.
    """
    end = int((clock.now() + sign_ins.SECOND_FACTOR_FOR).timestamp())
    token = tokens.make(settings().secrets[0], "second_factor", id=account.id, version=account.version, end=end)
    return render_template("account/code.html", next=to, pending=token, typed=typed or Typed())


def pending(db: Session) -> Account:
    """Return the account that passed the first step. Raises Unidentified if that was too long ago, or the password
    changed.
    """
    subject = passed_first_step()
    account = db.get(Account, subject.id) if subject else None
    if subject is None or account is None or account.version != subject.version or not may_sign_in(account):
        raise Unidentified("second_factor")
    return account


def passed_first_step() -> tokens.Subject | None:
    """Return the account that the form names."""
    token = request.form.get("pending", "")
    return tokens.verify_until(settings().secrets, "second_factor", token, now=clock.now())


def with_cookie(response: Response, name: str, value: str, seconds: int) -> Response:
    """Set a cookie for this site, out of reach of scripts."""
    secure = settings().base_url.startswith("https:")
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax")
    return response


def typed_again(error: DomainError) -> Typed:
    """Return the submitted values, with a sentence at each error. Raises an error that is not about a field."""
    if not isinstance(error, Invalid):
        raise error
    return Typed(without_secrets(request.form), faults(error))


def note_wrong(error: DomainError, account: Account) -> None:
    """Log a wrong password or code of a browser that is signed in or passed the first step."""
    if error.reason == "password_wrong":
        note(SecurityEvent.WRONG_PASSWORD, account_id=account.id)
    if error.reason in {"code_wrong", "codes_used_up", "recovery_wrong"}:
        note(SecurityEvent.WRONG_CODE, account_id=account.id)


def typed_email() -> str:
    """Return the submitted address."""
    return request.form.get("email", "")


def typed_account() -> str:
    """Return the account that a submitted address names, however it is spelt."""
    return contacts.contact_key_of(typed_email())


def _number(account: str) -> int:
    """Return a number for an address that does not reveal the address."""
    mac = hmac.digest(settings().secrets[0], b"turnout known browser " + account.encode(), "sha256")
    return int.from_bytes(mac[:7], "big")


def known_browser() -> int | None:
    """Return the number of this browser, if it has signed in to the submitted account before; it cannot be forged."""
    subject = tokens.verify(settings().secrets, "known_browser", request.cookies.get(known_browser_cookie(), ""))
    return subject.version if subject and subject.id == _number(typed_account()) else None


def by_network_and_account() -> str:
    """Return a key for the account of a submitted address, from one network."""
    return f"{network()}:{typed_account()}"


def by_account_from_elsewhere() -> str | None:
    """Return a key for the account of a submitted address, for all browsers that never signed in to it together."""
    return None if known_browser() else typed_account()


def by_known_browser() -> str | None:
    """Return a key for a browser that has signed in to the account before: no stranger's guesses lock it out."""
    number = known_browser()
    return f"{number}:{typed_account()}" if number else None


def by_first_step() -> str:
    """Return a key for the account that passed the first step, from any network; a forged first step counts for its
    network.
    """
    subject = passed_first_step()
    return f"account {subject.id}" if subject else network()


def by_sign_in() -> str:
    """Return a key for a signed-in browser, or one that claims to be."""
    return tokens.digest(request.cookies.get(sign_in_cookie(), "")).hex()


ACCOUNT_LIMITS = (
    Limit("sign_in", 10, 60, by_network_and_account),
    Limit("sign_in_account", 30, 3600, by_account_from_elsewhere),
    Limit("sign_in_known", 30, 3600, by_known_browser),
)
"""Wrong passwords of one account: the right one resets the count. At most 720 a day, and never for longer than an hour;
a person who is at the limit because strangers guess signs in by an emailed link, or from a known browser.
"""
SIGN_IN_LIMITS = (*ACCOUNT_LIMITS, Limit("sign_in_network", 200, 600, network))
CODE_LIMIT = Limit("code", 10, 300, by_first_step)
"""Codes in a row. Wrong ones count for good, with the account: shared/accounts/second_factors.py."""
EMAIL_LIMITS = (Limit("account_mail", 5, 900, typed_account), Limit("account_mail_network", 60, 900, network))
LINK_LIMIT = Limit("account_link", 60, 60, network)
"""For actions that need only a token from an email."""
FIRST_ACCOUNT_LIMIT = Limit("first", 10, 600, network)
OWN_PASSWORD_LIMITS = (Limit("own_password", 10, 600, by_sign_in), Limit("own_password_day", 50, 86_400, by_sign_in))
"""For forms in which a signed-in browser is asked for the password or a code again."""


def forget_wrong_passwords() -> None:
    """Reset the counts of an account, since its password was right."""
    for limit in ACCOUNT_LIMITS:
        if key := limit.key():
            resources().limiter.forget(limit, key)
