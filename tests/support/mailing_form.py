"""The form of a mailing, as an organizer fills it in and sends it."""

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.models import Event, Mailing
from web.organizer import edit_conflicts
from web.organizer.mailings.form import written

FIELDS = {
    "audience": "confirmed",
    "subject.tg": "Хабар",
    "body.tg": "Салом, {ном}.\n\nhttps://example.org/a.",
    "subject.ru": "Новость",
    "body.ru": "Здравствуйте, {имя}.",
}


def base(event: Event, mailing: Mailing | None = None) -> str:
    """Return the address of an event's mailings, or of one mailing."""
    return f"/organize/events/{event.id}/mailings/" + (f"{mailing.id}/" if mailing else "")


def act(organizer: FlaskClient, event: Event, mailing: Mailing, name: str, **typed: str) -> TestResponse:
    """Send the form of an action, as a browser that shows the mailing as it is."""
    carried = {edit_conflicts.FIELD: edit_conflicts.stamp(written(mailing, event.languages))}
    return organizer.post(base(event, mailing) + name, data={**carried, **typed})
