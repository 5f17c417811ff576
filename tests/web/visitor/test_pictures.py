"""A picture is stored once and served for ever, as large as a page needs it."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import links
from shared.errors import Invalid
from shared.events import pictures
from shared.models import Picture, Speaker
from tests.factories import make_event, make_picture


def portrait() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(content, "PNG")
    return content.getvalue()


def test_the_same_picture_is_stored_once(db: Session) -> None:
    assert pictures.store(db, content=portrait()) == pictures.store(db, content=portrait())
    assert db.scalar(select(func.count()).select_from(Picture)) == 1


def test_a_file_that_is_not_a_picture_is_refused_at_its_field(db: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        pictures.store(db, content=b"<svg onload='alert(1)'>")
    assert (refusal.value.field, refusal.value.reason) == ("picture", "picture_format")


def test_a_speakers_picture_is_on_the_page(db: Session, client: FlaskClient) -> None:
    sha256 = pictures.store(db, content=portrait())
    event = make_event(db, speakers=[Speaker(name={"en": "Zarina"}, picture=sha256), Speaker(name={"en": "Daler"})])
    page = client.get(links.event("en", event.slug)).text
    assert page.count(f'src="{links.picture(sha256, "tile")}"') == 1
    answer = client.get(links.picture(sha256))
    assert (answer.mimetype, answer.status_code) == ("image/webp", 200)
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("size", "shape", "most"), [("wide", (576, 288), 30_000), ("tile", (256, 256), 8_000), ("logo", (168, 112), 40_000)]
)
def test_a_page_is_sent_no_larger_picture_than_it_shows(
    db: Session, client: FlaskClient, size: str, shape: tuple[int, int], most: int
) -> None:
    answer = client.get(links.picture(make_picture(db, noisy=True), size))
    image = Image.open(io.BytesIO(answer.data))
    assert (image.format, answer.mimetype) == ("WEBP", "image/webp")
    assert len(answer.data) <= most
    assert image.width <= shape[0] * 2
    assert image.width / image.height == pytest.approx(shape[0] / shape[1], rel=0.02)
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("size", ["", "wide"])
@pytest.mark.parametrize("sha256", ["0" * 64, "nothing"])
def test_an_unknown_picture_is_404(client: FlaskClient, sha256: str, size: str) -> None:
    assert client.get(links.picture(sha256, size)).status_code == 404


def test_a_size_that_no_page_asks_for_is_404(client: FlaskClient, db: Session) -> None:
    assert client.get(links.picture(make_picture(db), "huge")).status_code == 404
