"""An organizer's list of people, in Russian: imported, corrected, some cancelled, exported."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from shared import clock
from shared.events import events
from shared.models import Event, OutboxMessage, Registration, TicketType
from tests.journeys.conftest import Installation
from tests.support import accessibility as obstacles

LIST = "ФИО;Почта;Телефон\r\n{}\r\nБез контакта;;\r\nМадина;M@EXAMPLE.ORG;\r\n"
GUESTS = ("Мадина Намунаева;m@example.org;", "Шариф Каримов;;90 123 45 67", "Нигина Рахимова;n@example.org;")


@pytest.fixture
def event_id(installation: Installation) -> int:
    """Add an event in a week with two ticket types; return its id."""
    with installation.sessions.begin() as db:
        like = db.scalars(select(Event).order_by(Event.id)).first()
        assert like is not None
        start = (clock.now() + timedelta(days=7)).replace(tzinfo=None, microsecond=0)
        values = {name: getattr(like, name) for name in ("organization_id", "languages", "title", "zone", "venue")}
        event = Event(
            **values,
            slug=f"people-{uuid4().hex}",
            state="published",
            capacity=30,
            starts_local=start,
            ends_local=start + timedelta(hours=3),
        )
        events.add(db, event, secret=installation.secrets[0])
        db.add(TicketType(event_id=event.id, title={"ru": "Докладчики"}, capacity=2, position=1))
        return event.id


@pytest.fixture
def organizer(installation: Installation, visitor: Browser) -> Iterator[Page]:
    """Sign an organizer in on a phone; return the page."""
    context = visitor.new_context(viewport={"width": 360, "height": 640}, locale="ru")
    page = context.new_page()
    installation.sign_in(page)
    yield page
    context.close()


def test_a_list_comes_in_is_mended_and_goes_out(
    installation: Installation, organizer: Page, event_id: int, tmp_path: Path
) -> None:
    page = organizer
    file = tmp_path / "guests.csv"
    file.write_bytes(LIST.format("\r\n".join(GUESTS)).encode("cp1251"))
    page.goto(installation.address(f"/organize/events/{event_id}/people/"))
    expect(page.get_by_text("Пока никто не зарегистрирован.")).to_be_visible()

    _bring(page, file)
    letter = installation.letter("m@example.org").get_body(("plain",))
    assert letter is not None
    assert "Мадина" in letter.get_content()
    installation.up.until(lambda: _is_written_down(installation, event_id))
    _correct(page)
    _cancel(page)
    page.goto(installation.address(f"/organize/events/{event_id}/people/export?state=confirmed"))
    assert _saved_names(page) == ["Нигина Рахимова", "Шариф Каримов"]


def _bring(page: Page, file: Path) -> None:
    page.get_by_role("link", name="Добавить из файла").click()
    obstacles.assert_none(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Проверить файл").click()
    expect(page.get_by_text("Нужен адрес электронной почты или номер телефона")).to_be_visible()
    obstacles.assert_none(page)
    page.get_by_role("button", name="Зарегистрировать новых участников: 3").click()
    expect(page.get_by_role("status")).to_contain_text("Из файла зарегистрировано 3 человека.")
    obstacles.assert_none(page)


def _is_written_down(installation: Installation, event_id: int) -> bool:
    """Return whether the worker has recorded that each email was sent, which it does afterwards."""
    with installation.sessions.begin() as db:
        ids = select(Registration.id).where(Registration.event_id == event_id)
        return all(db.scalars(select(OutboxMessage.outcome).where(OutboxMessage.subject.in_(ids))))


def _correct(page: Page) -> None:
    page.get_by_label("Поиск").fill("nam")
    page.get_by_role("button", name="Показать").click()
    page.get_by_role("link", name="Мадина Намунаева").click()
    expect(page.locator(".story")).to_contain_text("принято почтовым сервером")
    obstacles.assert_none(page)
    page.get_by_role("link", name="Изменить данные").click()
    obstacles.assert_none(page)
    page.get_by_label("Имя").fill("Мадина Нурова")
    page.get_by_role("button", name="Сохранить").click()
    expect(page.locator(".story")).to_contain_text("Регистрация изменена")


def _cancel(page: Page) -> None:
    page.get_by_role("button", name="Отменить регистрацию").click()
    expect(page.get_by_role("heading", name="Отменить регистрацию 1 человека?")).to_be_visible()
    obstacles.assert_none(page)
    page.get_by_role("button", name="Отменить 1 регистрацию").click()
    expect(page.get_by_role("status")).to_have_text("Отменена 1 регистрация.")


def _saved_names(page: Page) -> list[object]:
    """Return the names in the file that the page exports."""
    obstacles.assert_none(page)
    expect(page.get_by_text("В файле будет 2 человека.")).to_be_visible()
    page.get_by_label("Имена участников и тех, кто отмечал их на входе").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Сохранить файл").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    expect(page.get_by_role("status")).to_have_text("Файл получен целиком: 0,0 МБ.")
    sheet = load_workbook(BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet is not None
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
