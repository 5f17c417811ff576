"""The form of a mailing, as an organizer fills it in and sends it."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.models import Event, Mailing
from web.forms.mailings import written
from web.pages import edit_conflicts

FIELDS = {
    "audience": "confirmed",
    "subject.tg": "Хабар",
    "body.tg": "Салом, {ном}.\n\nhttps://example.org/a.",
    "subject.ru": "Новость",
    "body.ru": "Здравствуйте, {имя}.",
}


def base(event: Event, one: Mailing | None = None) -> str:
    """Return the address of an event's mailings, or of one of them."""
    return f"/organize/events/{event.id}/mailings/" + (f"{one.id}/" if one else "")


def act(organizer: FlaskClient, event: Event, one: Mailing, name: str, **typed: str) -> TestResponse:
    """Return the form of a browser that shows the mailing as it is."""
    carried = {edit_conflicts.FIELD: edit_conflicts.stamp(written(one, event.languages))}
    return organizer.post(base(event, one) + name, data={**carried, **typed})
