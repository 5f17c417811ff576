"""What each program loads: a library costs megabytes in each process, used or not."""

import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from shared.config import Settings
from tests.support.processes import environment
from worker.app import SUBJECTS

ROOT = Path(__file__).parents[1]
TASKS = [f"worker.tasks.{subject}" for subject in SUBJECTS]
LIST = "import sys; from importlib import import_module; list(map(import_module, sys.argv[1:])); print(*sys.modules)"


@pytest.mark.parametrize(
    ("modules", "unwanted"),
    [
        (["web.wsgi"], {"celery", "kombu", "worker", "alembic"}),
        (["worker.__main__", *TASKS], {"flask", "werkzeug", "web", "xlsxwriter", "alembic", "celery.bin"}),
        (["worker.scheduler"], {"sqlalchemy", "shared.models", "worker.tasks", "PIL", "babel", "celery.bin"}),
    ],
    ids=["web", "worker", "scheduler"],
)
def test_a_program_loads_nothing_of_the_others(settings: Settings, modules: list[str], unwanted: Collection[str]):
    loaded = subprocess.run(
        [sys.executable, "-c", LIST, *modules],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    assert unwanted.isdisjoint(loaded.stdout.split())
    assert set(modules) <= set(loaded.stdout.split())
