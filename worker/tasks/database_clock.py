"""The clock of a tick: the database's, since by a wrong one links would end and reminders begin too soon."""

from contextlib import suppress

from celery.signals import task_prerun
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shared import clock
from worker.app import sessions


@task_prerun.connect
def follow(**_: object) -> None:
    """Go by the database's clock from now on; while it is away the last difference counts."""
    with suppress(SQLAlchemyError), sessions().begin() as db:
        clock.follow(db.execute(select(func.clock_timestamp())).scalar_one())
