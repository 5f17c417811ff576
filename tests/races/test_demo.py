"""The demo is removed while it is in use."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from shared.command.demo.command import clear
from shared.command.demo.load import load
from shared.command.processes import wait_until
from shared.models import Event, Organization, Registration
from shared.registrations import self_service
from shared.registrations.new_registration import NewRegistration
from tests.conftest import Committed
from tests.support.threads import is_waited


def test_a_registration_during_removal_of_the_demo_is_removed_too(committed: Committed) -> None:
    load(committed.settings)
    with ThreadPoolExecutor() as pool:
        with committed.sessions.begin() as db:
            slug = db.scalars(select(Event.slug).where(Event.slug.startswith("italk-20"))).one()
            someone = NewRegistration(name="Мадина", language="tg", email="madina@example.org")
            self_service.register(db, slug=slug, new_registration=someone)
            removing = pool.submit(clear, committed.settings)
            assert wait_until(lambda: is_waited(committed), lambda: True, 60)
        removing.result()
    with committed.sessions.begin() as db:
        for table in (Registration, Event, Organization):
            assert db.scalar(select(func.count()).select_from(table)) == 0, table
