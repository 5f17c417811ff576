"""Text and the scanner's program are gzipped for browsers that accept it; everything else is not."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.factories import make_event

PACKED = {"Accept-Encoding": "gzip, br"}
SCANNER = Path(__file__).parents[2] / "web/static/built/door.js"


def test_a_gzipped_page_is_the_same(client: FlaskClient, db: Session) -> None:
    address = f"/tg/e/{make_event(db).slug}"
    plain, packed = client.get(address), client.get(address, headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert len(packed.data) < len(plain.data) / 2
    assert "<html" in gzip.decompress(packed.data).decode()
    assert int(packed.headers["Content-Length"]) == len(packed.data)


def test_a_cached_gzipped_page_is_304(client: FlaskClient, db: Session) -> None:
    address = f"/tg/e/{make_event(db).slug}"
    tag = client.get(address, headers=PACKED).headers["ETag"]
    assert client.get(address, headers={**PACKED, "If-None-Match": tag}).status_code == 304


def test_the_scanner_is_gzipped(client: FlaskClient) -> None:
    with client.get("/static/built/door.js", headers=PACKED) as answer:
        assert gzip.decompress(answer.data) == SCANNER.read_bytes()
        assert len(answer.data) < 62_500
        tag = answer.headers["ETag"]
    with client.get("/static/built/door.js", headers={**PACKED, "If-None-Match": tag}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("path", ["/static/built/fonts/noto-sans-latin.woff2", "/healthz"])
def test_small_and_compressed_files_are_not_gzipped(client: FlaskClient, path: str) -> None:
    with client.get(path, headers=PACKED) as answer:
        assert "Content-Encoding" not in answer.headers
