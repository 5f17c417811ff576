"""The first account and its organization, while there is no account but the demo's: with the code printed
at the start.
"""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.accounts import accounts
from shared.errors import Conflicting, DomainError, Missing
from shared.i18n import language
from shared.models import Role
from web.access import VISITOR, Visitor
from web.current import settings
from web.forms.account import read_first_account
from web.pages.account.steps import FIRST_ACCOUNT_LIMIT, ORGANIZE, start, typed_again
from web.pages.form import Typed
from web.pages.organizer import no_store
from web.routes import Routes

pages = Routes("account_first", __name__, url_prefix="/account")
pages.after_request(no_store)

ZONE = "Asia/Dushanbe"


@pages.get("/first", access=VISITOR)
def ask(db: Session, by: Visitor) -> ResponseReturnValue:
    """Show the form; 404 once there is an account besides the demo's. Raises Missing."""
    return _page(db, Typed({"zone": ZONE}))


def ask_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """Show the form with the error at its field."""
    if isinstance(error, Conflicting):
        raise Missing
    return _page(db, typed_again(error))


@pages.post("/first", access=VISITOR, refused=ask_again, limits=(FIRST_ACCOUNT_LIMIT,))
def make(db: Session, by: Visitor) -> ResponseReturnValue:
    """Create the first account and its organization, and sign this browser in."""
    accounts.require_first(db, code=request.form.get("code", ""), secrets=settings().secrets)
    form = read_first_account(request.form)
    organization_names = (form.organization,)
    owner = accounts.create(
        db,
        email=form.email,
        name=form.name,
        password=form.password,
        language=language(),
        organization=organization_names,
    )
    organization = accounts.add_organization(db, name=form.organization, zone=form.zone, language=language())
    accounts.join(db, organization=organization, account=owner, role=Role.OWNER)
    return start(db, owner, ORGANIZE)


def _page(db: Session, typed: Typed) -> str:
    if accounts.is_there_any(db):
        raise Missing
    return render_template("account/first_account.html", typed=typed)
