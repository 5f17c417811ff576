"""A picture is kept once and shown for ever."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared import links
from shared.errors import Invalid
from shared.models import Picture, Speaker
from shared.operations import pictures
from tests.factories import make_event


def portrait() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (400, 400), "teal").save(content, "PNG")
    return content.getvalue()


def test_the_same_picture_is_kept_once(db: Session) -> None:
    assert pictures.keep(db, content=portrait()) == pictures.keep(db, content=portrait())
    assert db.scalar(select(func.count()).select_from(Picture)) == 1


def test_what_is_no_picture_is_refused_at_its_field(db: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        pictures.keep(db, content=b"<svg onload='alert(1)'>")
    assert (refusal.value.field, refusal.value.reason) == ("picture", "picture_format")


def test_a_speakers_picture_is_on_the_page(db: Session, client: FlaskClient) -> None:
    sha256 = pictures.keep(db, content=portrait())
    event = make_event(db, speakers=[Speaker(name={"en": "Zarina"}, picture=sha256), Speaker(name={"en": "Daler"})])
    page = client.get(links.event("en", event.slug)).text
    assert page.count(f'src="{links.picture(sha256)}"') == 1
    answer = client.get(links.picture(sha256))
    assert (answer.mimetype, answer.status_code) == ("image/webp", 200)
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("sha256", ["0" * 64, "nothing"])
def test_an_unknown_picture_is_404(client: FlaskClient, sha256: str) -> None:
    assert client.get(links.picture(sha256)).status_code == 404
