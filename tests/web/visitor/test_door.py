"""The scanner's page, its workers, its manifest and its speed test."""

import base64
import io
import re
from hashlib import sha256

import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from shared import tickets
from web.visitor.door import STEPS


def test_the_page_loads_the_scanner_and_its_files(client: FlaskClient) -> None:
    answer = client.get("/door/")
    assert '<div id="door">' in answer.text
    assert "/static/built/door.js" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_service_worker_is_a_script_for_everything_below_door(client: FlaskClient) -> None:
    with client.get("/door/sw.js") as answer:
        assert answer.mimetype == "text/javascript"
        assert answer.headers["Cache-Control"] == "no-cache"


def test_the_manifest_makes_it_an_app_with_icons_that_exist(client: FlaskClient) -> None:
    answer = client.get("/door/app.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    body = answer.get_json(force=True)
    assert body["scope"] == body["start_url"] == "/door/"
    for icon in body["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.status_code == 200


def test_the_service_worker_caches_each_served_file_by_its_content(client: FlaskClient) -> None:
    with client.get("/door/sw.js") as answer:
        stored = dict(re.findall(r'"(/(?:static|door)/[^"?]+)":"([^"]{44})"', answer.text))
    assert {"/static/built/door.js", "/static/built/zxing_reader.wasm", "/door/reader.js"} <= stored.keys()
    for path, sum_ in stored.items():
        with client.get(path) as file:
            assert base64.b64encode(sha256(file.data).digest()).decode() == sum_, path


def test_the_reader_and_its_wasm_are_cached_for_a_year_by_their_content(client: FlaskClient) -> None:
    with client.get("/static/built/door.js") as script:
        addresses = re.findall(r'"(/[a-z/_]+\.(?:js|wasm)\?v=[0-9a-f]{12})"', script.text)
    assert {address.partition("?")[0] for address in addresses} == {
        "/door/reader.js",
        "/static/built/zxing_reader.wasm",
    }
    for address in addresses:
        with client.get(address) as file:
            assert sha256(file.data).hexdigest()[:12] == address[-12:]
            assert "max-age=31536000" in file.headers["Cache-Control"]
    with client.get("/door/reader.js") as unversioned:
        assert unversioned.headers["Cache-Control"] == "no-cache"


def test_the_speed_test_shows_a_sample_ticket_and_a_row_for_each_step(client: FlaskClient) -> None:
    answer = client.get("/door/bench")
    assert answer.status_code == 200
    assert 'content="noindex"' in answer.text
    picture, text = re.findall(r'src="data:image/png;base64,([^"]+)" data-text="([^"]+)"', answer.text)[0]
    assert zxingcpp.read_barcodes(Image.open(io.BytesIO(base64.b64decode(picture))))[0].text == text
    assert tickets.read(text) is not None
    assert re.findall(r'data-row="(\w+)"', answer.text) == list(STEPS)


def test_each_speed_test_signs_with_another_key(client: FlaskClient) -> None:
    assert client.get("/door/bench").text != client.get("/door/bench").text
