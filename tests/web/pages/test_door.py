"""The scanner's page, its service worker and its manifest."""

from flask.testing import FlaskClient


def test_the_page_holds_the_scanners_place_and_its_files(client: FlaskClient) -> None:
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
    told = answer.get_json(force=True)
    assert told["scope"] == told["start_url"] == "/door/"
    for icon in told["icons"]:
        with client.get(icon["src"]) as picture:
            assert picture.status_code == 200
