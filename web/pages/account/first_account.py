"""One's own organization, while nobody has an account but the demo: with the code that was printed at the start."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from shared.errors import Conflicting, DomainError, Missing
from shared.i18n import language
from shared.operations import accounts as operations
from shared.queries import accounts
from web.access import VISITOR, Visitor
from web.current import settings
from web.forms.account import read_first
from web.pages.account.steps import FIRST_LIMIT, ORGANIZE, start, typed_again
from web.pages.form import Typed
from web.pages.organizer import no_store
from web.routes import Routes

pages = Routes("account_first", __name__, url_prefix="/account")
pages.after_request(no_store)

ZONE = "Asia/Dushanbe"


@pages.get("/first", access=VISITOR)
def ask(db: Session, by: Visitor) -> ResponseReturnValue:
    """The form; there is no such page once there is an account besides the demo's. Raises Missing."""
    return _page(db, Typed({"zone": ZONE}))


def ask_again(db: Session, by: Visitor, error: DomainError) -> ResponseReturnValue:
    """The form with the fault at its field."""
    if isinstance(error, Conflicting):
        raise Missing
    return _page(db, typed_again(error))


@pages.post("/first", access=VISITOR, refused=ask_again, limits=(FIRST_LIMIT,))
def make(db: Session, by: Visitor) -> ResponseReturnValue:
    """Make the first account and its organization, and sign this browser in."""
    operations.require_first(db, code=request.form.get("code", ""), secrets=settings().secrets)
    given = read_first(request.form)
    spoken, named = language(), (given.organization,)
    owner = operations.create(
        db, email=given.email, name=given.name, password=given.password, language=spoken, organization=named
    )
    made = operations.add_organization(db, name=given.organization, zone=given.zone, language=spoken)
    operations.join(db, organization=made, account=owner, role="owner")
    return start(db, owner, ORGANIZE)


def _page(db: Session, typed: Typed) -> str:
    if accounts.is_there_any(db):
        raise Missing
    return render_template("account/first.html", typed=typed)
