"""Every kind of message is known wherever it must be: a member that lacks anything is named."""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from shared.outbox.kinds import KINDS, About, Kind, MessageKind
from web.organizer.people import texts as people_wording
from web.organizer.status import texts as status_wording
from worker.deliveries import DELIVERIES
from worker.emails import TEMPLATES

FILES = ("subject.txt", "body.txt", "body.html")
LAYOUTS = "layouts"


@dataclass(frozen=True)
class Tables:
    """The rows of the kinds, the kinds that each other table has, and the folder of the templates."""

    rows: Mapping[MessageKind, Kind]
    deliveries: Collection[str]
    type_labels: Collection[str]
    history_labels: Collection[str]
    templates: Path


TABLES = Tables(KINDS, DELIVERIES, status_wording.EMAIL_TYPES, people_wording.EMAILS, TEMPLATES)


def faults(tables: Tables) -> Iterator[str]:
    for kind in MessageKind:
        if kind not in tables.deliveries:
            yield f"{kind} has no delivery"
        row = tables.rows.get(kind)
        if row is None:
            yield f"{kind} has no row, so no priority"
            continue
        if row.about != About.ACCOUNT and kind not in tables.type_labels:
            yield f"{kind} has no label on the system status page"
        if (row.about == About.REGISTRATION) != (kind in tables.history_labels):
            yield f"{kind} is about a registration or has a label in its history, not both"
        yield from (
            f"{kind} has no template {file}"
            for file in FILES
            if not (tables.templates / row.email.template / file).is_file()
        )
    used = {row.email.template for row in KINDS.values()}
    folders = {path.name for path in tables.templates.iterdir() if path.is_dir() and path.name != LAYOUTS}
    yield from (f"no kind has the templates {name}" for name in folders - used)


def test_every_kind_is_known_wherever_it_must_be():
    assert list(faults(TABLES)) == []


def all_but(kinds: Collection[str], kind: MessageKind) -> set[str]:
    return set(kinds) - {kind}


BREACHES: dict[str, Callable[[MessageKind], Tables]] = {
    "has no row": lambda kind: replace(TABLES, rows={each: row for each, row in KINDS.items() if each != kind}),
    "has no delivery": lambda kind: replace(TABLES, deliveries=all_but(DELIVERIES, kind)),
    "has no label on the system status page": lambda kind: replace(
        TABLES, type_labels=all_but(TABLES.type_labels, kind)
    ),
    "has a label in its history, not both": lambda kind: replace(
        TABLES, history_labels=all_but(TABLES.history_labels, kind)
    ),
}


@pytest.mark.parametrize("lack", BREACHES)
def test_a_kind_that_lacks_something_is_named(lack):
    [fault] = faults(BREACHES[lack](MessageKind.THANKS))
    assert fault.startswith("thanks")
    assert lack in fault


@pytest.mark.parametrize("file", FILES)
def test_a_kind_that_lacks_a_template_is_named(file, tmp_path: Path):
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (templates / "thanks" / file).unlink()
    assert list(faults(replace(TABLES, templates=templates))) == [f"thanks has no template {file}"]


def test_templates_of_no_kind_are_named(tmp_path: Path):
    templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    (templates / "forgotten").mkdir()
    assert list(faults(replace(TABLES, templates=templates))) == ["no kind has the templates forgotten"]
