"""What stands on pages of organizers, and a counted link made there."""

import re
from io import BytesIO

import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from resvg_py import svg_to_bytes
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from shared.models import (
    Channel,
    Event,
)


def read(svg: str) -> str:
    png = bytes(svg_to_bytes(svg_string=svg, width=490, height=490))
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(png)).convert("L"))
    return code.text


def message_of(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.text
    page = client.get(answer.location).text
    return page.split('<p class="said" role="status">')[1].split("</p>")[0]


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row" class="word"><a href="[^"]*/people/(\d+)/"', page)]


def channel(organizer: FlaskClient, db: Session, event: Event, name: str = "Telegram") -> Channel:
    """Create a short link as an organizer does, and return it."""
    answer = organizer.post(f"/organize/events/{event.id}/share/", data={"name": name})
    assert answer.status_code == 303
    return db.scalars(select(Channel).where(Channel.name == name)).one()
