"""The rules of docs/architecture.md hold here; each is also shown to catch a breach that is planted."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import make_settings
from tests.support.architecture import (
    ROOT,
    RULES,
    Rule,
    acts_are_recorded_in_the_rooms,
    addresses_of_organizers_stand_in_one_table,
    environment_and_time_are_read_in_one_place,
    every_domain_error_has_an_answer,
    every_tick_is_a_task_with_a_name,
    imports_run_one_way,
    no_import_is_hidden_in_a_function,
    no_test_imports_from_a_test,
    transactions_begin_in_one_place,
    undeclared,
    words_of_an_enum_are_its_members,
)
from web.app import create_app

ORDERLY = {
    "shared/errors.py": "class DomainError(Exception): ...\nclass Full(DomainError): ...",
    "shared/models/event.py": "from shared.database import Base",
    "shared/models/registration.py": "class State(StrEnum):\n  WAITING = 'waiting'\nclass Row:\n  state: Mapped[State]",
    "shared/registrations/seats.py": "row.state == State.WAITING\nrow.state == 'shut'\nrow.word == 'waiting'",
    "web/forms/events.py": "Field(state='waiting')",
    "web/organizer/audit/texts.py": "from shared.audit import activity",
    "web/errors.py": "ANSWERS: dict = {DomainError: 409, Full: 409}",
    "web/routes.py": "import flask\nsessions.begin()",
    "worker/schedule.py": "PERIODS = {'outbox.deliver': 1}",
    "worker/tasks/outbox.py": "@app.task(name='outbox.deliver')\ndef deliver(): ...",
}
BREACHES: tuple[tuple[Rule, str, str], ...] = (
    (imports_run_one_way, "shared/door/live.py", "from shared.reports import reports"),
    (imports_run_one_way, "shared/door/live.py", "from shared import reports"),
    (imports_run_one_way, "shared/models/event.py", "import flask"),
    (imports_run_one_way, "shared/papers/ticket.py", "from shared.models import Registration"),
    (imports_run_one_way, "shared/helpers.py", "from shared.database import Base"),
    (imports_run_one_way, "shared/events/events.py", "from shared.command import demo"),
    (imports_run_one_way, "shared/clock.py", "from . import config"),
    (imports_run_one_way, "web/visitor/events.py", "def late():\n    import celery"),
    (imports_run_one_way, "web/visitor/events.py", "from worker.tasks import outbox"),
    (imports_run_one_way, "web/visitor/events.py", "from shared.command import demo"),
    (imports_run_one_way, "worker/tasks/mail.py", "from web import errors"),
    (transactions_begin_in_one_place, "web/visitor/events.py", "db.commit()"),
    (transactions_begin_in_one_place, "web/routes.py", "db.commit()"),
    (transactions_begin_in_one_place, "shared/events/events.py", "with sessions.begin() as db: ..."),
    (environment_and_time_are_read_in_one_place, "web/app.py", "import os\nos.environ['HOME']"),
    (environment_and_time_are_read_in_one_place, "web/app.py", "from os import environ"),
    (environment_and_time_are_read_in_one_place, "web/app.py", "import datetime\ndatetime.datetime.now()"),
    (environment_and_time_are_read_in_one_place, "shared/models/event.py", "Column(default=datetime.utcnow)"),
    (environment_and_time_are_read_in_one_place, "worker/mailer.py", "from time import time"),
    (environment_and_time_are_read_in_one_place, "shared/command/up.py", "date.today()"),
    (every_domain_error_has_an_answer, "web/errors.py", "ANSWERS = {DomainError: 409}"),
    (every_tick_is_a_task_with_a_name, "worker/tasks/news.py", "@app.task\ndef news(): ..."),
    (every_tick_is_a_task_with_a_name, "worker/schedule.py", "PERIODS = {'outbox.misspelt': 1}"),
    (no_import_is_hidden_in_a_function, "shared/clock.py", "def now():\n    from datetime import datetime"),
    *(
        (words_of_an_enum_are_its_members, "shared/door/live.py", text)
        for text in (
            "row.state == 'waiting'",
            "'waiting' != row.state",
            "state in {'waiting', ''}",
            "rows.state.in_(('waiting', 'shut'))",
            "match row.state:\n    case 'waiting': ...",
            "row.state = 'waiting'",
            "row.other, row.state = 1, 'waiting'",
            "Row(state='waiting')",
            "update(values={'state': 'waiting'})",
        )
    ),
    (acts_are_recorded_in_the_rooms, "web/organizer/doors/page.py", "from shared.audit import audit"),
    (acts_are_recorded_in_the_rooms, "web/organizer/doors/page.py", "from shared.audit.audit import note"),
    (acts_are_recorded_in_the_rooms, "worker/tasks/outbox.py", "import shared.audit.audit"),
    (addresses_of_organizers_stand_in_one_table, "web/organizer/head.html", '<a href="/organize/health">'),
    (addresses_of_organizers_stand_in_one_table, "worker/emails.py", 'LINK = "/organize/"'),
    (no_test_imports_from_a_test, "tests/web/test_app.py", "from tests.web.test_errors import page_of"),
    (no_test_imports_from_a_test, "tests/support/scans.py", "from tests.web import test_errors"),
)


def test_every_route_declares_who_may_use_it() -> None:
    app = create_app(make_settings("postgresql://nowhere/nothing", "unix:///nowhere"))
    assert undeclared(app) == []
    app.add_url_rule("/open", view_func=lambda: "anybody")
    assert undeclared(app) == ["/open"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps(rule: Rule) -> None:
    assert rule(ROOT) == []


def build(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_an_orderly_house_passes(rule: Rule, tmp_path: Path) -> None:
    assert rule(build(tmp_path, ORDERLY)) == []


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES, ids=lambda value: getattr(value, "__name__", None))
def test_a_breach_is_caught(rule: Rule, path: str, text: str, tmp_path: Path) -> None:
    assert rule(build(tmp_path, {**ORDERLY, path: text}))
