"""The first account of an installation, and its organization."""

from sqlalchemy import select

from shared import tokens
from shared.command.demo.load import EMAIL as DEMO
from shared.command.demo.load import PASSWORD as PRINTED
from shared.command.demo.load import load
from shared.models import Membership, Organization
from tests.conftest import Committed
from tests.factories import SECRET, make_account
from web.current import resources

EMAIL, PASSWORD = "manizha@example.org", "a good password"
FIRST = {"name": "Зарина", "email": EMAIL, "password": PASSWORD, "organization": "Пешрафт", "zone": "Asia/Dushanbe"}


def test_the_first_visit_makes_an_account_that_owns_its_organization(committed: Committed) -> None:
    client = committed.client()
    assert client.get("/account/first").status_code == 200
    code = tokens.first_code(SECRET)
    for wrong in ({"code": "AAAAA-AAAAA"}, {"zone": "Nowhere/Nothing"}, {"organization": ""}, {"email": "nonsense"}):
        answer = client.post("/account/first", data={**FIRST, "code": code, **wrong})
        assert (answer.status_code, "is-wrong" in answer.text, PASSWORD in answer.text) == (422, True, False)
    assert client.post("/account/first", data={**FIRST, "code": code}).status_code == 303
    assert client.get("/organize/").status_code == 200
    with committed.sessions.begin() as db:
        assert db.scalars(select(Organization)).one().zone == "Asia/Dushanbe"
        assert db.scalars(select(Membership)).one().role == "owner"
    assert client.get("/account/first").status_code == 404
    assert client.post("/account/first", data={**FIRST, "code": code}).status_code == 404


MAKE_OWN = '<a href="/account/first">Create your own organization</a>'


def test_the_demo_organizer_is_offered_to_create_an_organization_once(committed: Committed) -> None:
    load(committed.settings)
    client = committed.client()
    client.post("/account/sign-in", data={"email": DEMO, "password": PRINTED})
    assert MAKE_OWN in client.get("/organize/").text
    form = {**FIRST, "organization": "Дониш", "code": tokens.first_code(SECRET)}
    assert client.post("/account/first", data={**form, "code": ""}).status_code == 422
    assert client.post("/account/first", data=form).status_code == 303
    own = client.get("/organize/").text
    assert "Дониш" in own
    assert "iTalk" not in own
    client.post("/account/sign-in", data={"email": DEMO, "password": PRINTED})
    again = client.get("/organize/").text
    assert "iTalk" in again
    assert MAKE_OWN not in again
    assert client.post("/account/first", data=form).status_code == 404


def test_a_new_local_installation_says_that_there_is_no_organization_yet(committed: Committed) -> None:
    local, public = committed.client(), committed.client(base_url="https://turnout.example")
    assert MAKE_OWN in local.get("/en/").text
    assert MAKE_OWN not in local.get("/en/?q=italk").text
    assert MAKE_OWN not in public.get("/en/", base_url="https://turnout.example").text
    with committed.sessions.begin() as db:
        make_account(db)
    with local.application.app_context():
        resources().forget()
    assert MAKE_OWN not in local.get("/en/").text
