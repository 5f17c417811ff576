"""The Celery app: a doorbell that rings once a second. All work is listed in the database.

    python -m worker CONCURRENCY
    python -m worker.scheduler

So the broker may lose everything: a tick is acknowledged before it runs, has no result, and the next one replaces it.
"""

from functools import cache
from typing import Any

import structlog
from celery import Celery
from celery.app.task import Task
from celery.signals import task_postrun, task_prerun
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from shared.database import make_engine, make_sessions
from worker.configuration import configuration, settings

Sessions = sessionmaker[Session]

SUBJECTS = ("attendance", "mailings", "outbox", "retention", "waiting_list")

app = Celery("turnout", include=[f"worker.tasks.{subject}" for subject in SUBJECTS])


@cache
def engine() -> Engine:
    """Return the engine of this process.

    Only tasks call this, so each child makes its own after the fork.
    """
    return make_engine(settings())


@cache
def sessions() -> Sessions:
    """Return the database sessions of this process."""
    return make_sessions(engine())


@cache
def at_once() -> Sessions:
    """Return sessions on AUTOCOMMIT, for a single statement: a transaction costs two more round trips."""
    return make_sessions(engine().execution_options(isolation_level="AUTOCOMMIT"))


app.add_defaults(configuration)


@task_prerun.connect
def _name_task(task_id: str, task: Task[Any, Any], **_: object) -> None:
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def _forget_task(**_: object) -> None:
    structlog.contextvars.clear_contextvars()
