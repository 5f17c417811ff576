"""The series of an event as forms choose it: one of its organization's, a new one, or none."""

from collections.abc import Sequence

from flask import request
from sqlalchemy.orm import Session

from shared.i18n import language, normalize, text_in
from shared.models import Account, Event, Organization, Series
from shared.operations import series as operations
from shared.queries import series as queries
from web.forms import fields
from web.forms import series as forms
from web.forms.fields import Setting


def titles(listed: Sequence[Series], organizations: Sequence[Organization] = ()) -> dict[str, str]:
    """What each series is called in the choice; where it is among several organizations, with whose it is."""
    spoken = (language(),)
    owners = {one.id: text_in(one.name, spoken) for one in organizations} if len(organizations) > 1 else {}
    parts = ((one.id, text_in(one.title, spoken), owners.get(one.organization_id)) for one in listed)
    return {str(number): " · ".join(str(part) for part in named if part) for number, *named in parts}


def shown(event: Event) -> dict[str, str]:
    """What the form shows of an event."""
    return {"series_id": str(event.series_id or ""), "series_title": ""}


def is_of(event: Event, language: str) -> bool:
    """Whether an event is of the series that was chosen or, in this language, named."""
    named = normalize(request.form.get("series_title", "")[: forms.LONGEST])
    if named:
        return event.series is not None and event.series.title.get(language) == named
    return str(event.series_id or "") == request.form.get("series_id", "")


def read(db: Session, *, organization_id: int, by: Account, language: str) -> Series | None:
    """What was chosen; a new one is begun with its name in this language. Raises FormError for another
    organization's, and Invalid.
    """
    listed = queries.of_organization(db, organization_id=organization_id)
    values = fields.read(forms.fields_of(listed), request.form, Setting())
    if values["series_title"]:
        title = {language: values["series_title"]}
        return operations.add(db, organization_id=organization_id, by=by, title=title)
    return next((one for one in listed if str(one.id) == values["series_id"]), None)
